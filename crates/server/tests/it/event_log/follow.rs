//! Writers and readers at once, on one node and on three: every reader ends with exactly the log (REL-7).

use std::sync::Arc;
use std::time::{Duration, Instant};

use doorward_server::service::replay::Replay;
use doorward_store::Options;
use serde_json::{Value, json};

use super::Streamed;
use super::snapshot::{loaded, taken};
use crate::app_api::{Api, data};
use crate::history::stored;
use crate::support::{Directory, Kind, Service};

const WRITERS: usize = 8;
const STEPS: usize = 25;

/// What one writer does: people, a group, memberships, changes and deletions.
async fn write(directory: Directory, writer: usize) {
    let mut people = Vec::new();
    for n in 0..STEPS {
        people.push(directory.user(&format!("w{writer}-u{n}@corp.example")).await);
        match n % 6 {
            2 => drop(directory.group(&format!("w{writer} g{n}"), &[&people[n / 2], &people[n]]).await),
            4 => {
                let title = json!([{"op": "replace", "path": "title", "value": format!("t{n}")}]);
                directory.operations(&format!("/Users/{}", people[n - 1]), title).await.expect(200);
            }
            5 => drop(directory.delete(&format!("/Users/{}", people[n])).await.expect(204)),
            _ => (),
        }
    }
}

/// Reads pages until the log has its last event; with `wait` as a long poll.
async fn poll(api: Api, last: tokio::sync::watch::Receiver<Option<String>>, wait: &str) -> Vec<Value> {
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let end = last.borrow().clone();
        if end.is_some() && seen.last().map(|event: &Value| event["id"].as_str().unwrap().to_owned()) == end {
            return seen;
        }
        let page = api.found(&format!("/events?order=asc&limit=20{after}{wait}")).await;
        if let Some(event) = data(&page).last() {
            after = format!("&after={}", event["id"].as_str().unwrap());
        }
        seen.extend(data(&page).iter().cloned());
    }
}

/// Reads the stream, leaves it now and then, and comes back with the last id.
async fn stream(api: Api, last: tokio::sync::watch::Receiver<Option<String>>) -> Vec<Value> {
    let (mut seen, mut header) = (Vec::new(), String::new());
    loop {
        let mut stream = Streamed::found(&api, "/events/stream", &header).await;
        for _ in 0..70 {
            let end = last.borrow().clone();
            if end.is_some() && seen.last().map(|event: &Value| event["id"].as_str().unwrap().to_owned()) == end {
                return seen;
            }
            let next = tokio::time::timeout(Duration::from_millis(300), stream.event()).await;
            let Ok(Some((id, _, event))) = next else { break };
            header = format!("Last-Event-ID: {id}\r\n");
            seen.push(event);
        }
    }
}

async fn follow(nodes: &[Arc<Service>]) {
    let started = Instant::now();
    let first = nodes[0].directory(Kind::okta()).await;
    let api = Api::of(&nodes[0]).await;
    let api_at =
        |number: usize| Api { service: Arc::clone(&nodes[number % nodes.len()]), id: api.id, key: api.key.clone() };
    let (end, last) = tokio::sync::watch::channel(None);
    let readers = [
        tokio::spawn(poll(api_at(0), last.clone(), "")),
        tokio::spawn(poll(api_at(1), last.clone(), "&wait=1")),
        tokio::spawn(stream(api_at(2), last.clone())),
        tokio::spawn(stream(api_at(0), last)),
    ];
    let mut writers = Vec::new();
    for number in 0..WRITERS {
        // One directory, written to on every node at once.
        let service = Arc::clone(&nodes[number % nodes.len()]);
        writers.push(tokio::spawn(write(Directory { service, ..first.clone() }, number)));
    }
    let id = first.id.to_string();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let early = taken(&api_at(1), &id).await;
    for writer in writers {
        writer.await.unwrap();
    }
    let log = api.all("/events?order=asc").await;
    for (place, event) in log.iter().enumerate() {
        assert_eq!(event["sequence"], json!(place + 1), "no gap and no step back");
    }
    end.send(log.last().map(|event| event["id"].as_str().unwrap().to_owned())).unwrap();
    for (number, reader) in readers.into_iter().enumerate() {
        let seen = reader.await.unwrap();
        assert!(seen == log, "reader {number} has {} of {} events, or others", seen.len(), log.len());
    }
    let (mut state, sequence) = loaded(&early);
    let mut whole = Replay::default();
    for event in &log {
        let (position, kind) = (event["sequence"].as_i64().unwrap(), event["event"].as_str().unwrap());
        whole.apply(position, kind, &event["data"]).unwrap();
        if position > sequence {
            state.apply(position, kind, &event["data"]).unwrap();
        }
    }
    assert!(sequence > 0 && sequence < log.len() as i64, "taken while it was written: {sequence} of {}", log.len());
    assert_eq!(state, whole, "snapshot and cursor");
    assert_eq!(whole, stored(&first).await);
    eprintln!("{} events, {} nodes, {:?}", log.len(), nodes.len(), started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn rel_07_readers_of_every_kind_end_with_exactly_the_log() {
    for database in doorward_testkit::databases() {
        let first = Service::start(database, Options::default());
        let nodes = match first.database() {
            "postgres" => vec![first.node(), first.node(), first],
            _ => vec![first],
        };
        follow(&nodes).await;
    }
}
