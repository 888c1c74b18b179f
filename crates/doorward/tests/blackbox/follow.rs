//! Several processes on one database, written to and followed at once: every reader ends with exactly the log (REL-7).

use std::time::Duration;

use doorward_testkit::databases;
use reqwest::Client;
use serde_json::Value;
use tokio::sync::watch;

use crate::running::{Directory, Running};

const WRITERS: usize = 8;
const PEOPLE: usize = 30;

/// Follows the stream of one node; leaves it after some events and comes back with the last id.
async fn follow(client: Client, url: String, key: String, end: watch::Receiver<Option<i64>>) -> Vec<i64> {
    let (mut seen, mut last) = (Vec::new(), String::new());
    loop {
        let request = client.get(format!("{url}/events/stream")).bearer_auth(&key).header("Last-Event-ID", &last);
        let mut response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let mut text = String::new();
        let goal = seen.len() + 90;
        while seen.len() < goal {
            if end.borrow().is_some_and(|end| seen.last() == Some(&end)) {
                return seen;
            }
            let Ok(Ok(Some(part))) = tokio::time::timeout(Duration::from_millis(500), response.chunk()).await else {
                break;
            };
            text.push_str(std::str::from_utf8(&part).unwrap());
            while let Some((frame, rest)) = text.split_once("\n\n") {
                let line = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name));
                if let (Some(id), Some(data)) = (line("id: "), line("data: ")) {
                    let event: Value = serde_json::from_str(data).unwrap();
                    seen.push(event["sequence"].as_i64().unwrap());
                    id.clone_into(&mut last);
                }
                text = rest.to_owned();
            }
        }
    }
}

/// Follows by asking one node again and again, which waits for what comes.
async fn poll(client: Client, url: String, key: String, end: watch::Receiver<Option<i64>>) -> Vec<i64> {
    let (mut seen, mut after) = (Vec::new(), String::new());
    while end.borrow().is_none_or(|end| seen.last() != Some(&end)) {
        let request = client.get(format!("{url}/events?limit=50&wait=1{after}")).bearer_auth(&key);
        let page: Value = request.send().await.unwrap().json().await.unwrap();
        for event in page["data"].as_array().unwrap() {
            seen.push(event["sequence"].as_i64().unwrap());
            after = format!("&after={}", event["id"].as_str().unwrap());
        }
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn rel_07_readers_on_three_processes_end_with_exactly_the_log() {
    for database in databases() {
        let more = if database.name() == "postgres" { 2 } else { 0 };
        let running = Running::start(database);
        let nodes: Vec<_> = (0..more).map(|_| running.node()).collect();
        let mut urls = vec![running.server.url()];
        urls.extend(nodes.iter().map(doorward_testkit::KillableServer::url));
        let directory = running.directory("follow", "okta scim v2.0");
        let (end, last) = watch::channel(None);
        let (client, key) = (&running.client, &running.api_key);
        let url = |number: usize| urls[number % urls.len()].clone();
        let readers = [
            tokio::spawn(follow(client.clone(), url(0), key.clone(), last.clone())),
            tokio::spawn(follow(client.clone(), url(1), key.clone(), last.clone())),
            tokio::spawn(poll(client.clone(), url(2), key.clone(), last.clone())),
            tokio::spawn(poll(client.clone(), url(0), key.clone(), last)),
        ];
        let mut writers = Vec::new();
        for number in 0..WRITERS {
            let v2 = directory.v2.replace(&running.server.url(), &url(number));
            let directory = Directory { v2, ..directory.clone() };
            writers.push(tokio::spawn(async move {
                for n in 0..PEOPLE {
                    let id = directory.create_user(&format!("w{number}-{n}@x.example")).await;
                    if n % 10 == 9 {
                        directory.create_group(&format!("w{number} {n}"), &[id]).await;
                    }
                }
            }));
        }
        for writer in writers {
            writer.await.unwrap();
        }
        let newest = running.api("/events?order=desc&limit=1").await;
        let head = newest["data"][0]["sequence"].as_i64().unwrap();
        end.send(Some(head)).unwrap();
        let want: Vec<i64> = (1..=head).collect();
        for (number, reader) in readers.into_iter().enumerate() {
            let seen = reader.await.unwrap();
            assert!(seen == want, "reader {number} of {}: {seen:?}", running.database.name());
        }
        crate::replay::assert_log_rebuilds_state(&running, &directory.id).await;
        assert_eq!(running.cli(&["audit", "verify"])["intact"], true);
    }
}
