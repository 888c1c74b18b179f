//! REL-8: kill -9 of the node that sends webhooks loses nothing, breaks no order, and repeats events only under the same id.
//!
//! Two directories are written to while the process is killed at random moments; a receiver writes down what comes. `DOORWARD_KILL_ROUNDS`
//! sets how often.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use doorward_testkit::{TestDatabase, databases};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::Method;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::running::{Directory, Running, user};

const ROUNDS: u64 = 50;

/// What came: the header `webhook-id` and the body.
type Received = Arc<Mutex<Vec<(String, Value)>>>;

#[tokio::test(flavor = "multi_thread")]
async fn rel_08_kill_9_of_the_sender_loses_nothing_and_keeps_the_order() {
    let rounds = std::env::var("DOORWARD_KILL_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS);
    let mut both = JoinSet::new();
    for database in databases() {
        both.spawn(survive(database, rounds));
    }
    both.join_all().await;
}

#[expect(clippy::print_stdout, reason = "the figures of the long run are recorded")]
async fn survive(database: TestDatabase, rounds: u64) {
    let name = database.name();
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("doorward.toml");
    std::fs::write(&config, "[webhooks]\nallow_networks = [\"127.0.0.0/8\"]\nlease_seconds = 1\n").unwrap();
    let mut running = Running::start_with(database, &["--config", config.to_str().unwrap()]);
    let directories = [running.directory("one", "okta scim v2.0"), running.directory("two", "okta scim v2.0")];
    let received = Received::default();
    let url = listen(Arc::clone(&received)).await;
    running.cli(&[
        "webhook",
        "create",
        &url,
        "--events",
        "dsync.user.created",
        "--webhook-allow-network",
        "127.0.0.0/8",
    ]);
    let mut random = StdRng::seed_from_u64(8);
    for round in 0..rounds {
        let known = received.lock().unwrap().len();
        let mut writers = JoinSet::new();
        for directory in &directories {
            writers.spawn(write_until_it_fails(directory.clone(), round));
        }
        wait_for(|| received.lock().unwrap().len() > known).await;
        tokio::time::sleep(Duration::from_millis(random.random_range(0..120))).await;
        running.server.kill();
        writers.join_all().await;
        running.server.restart().unwrap();
    }
    let log = running.all("/events?events=dsync.user.created").await;
    let wanted: HashSet<&str> = log.iter().map(|event| event["id"].as_str().unwrap()).collect();
    wait_for(|| {
        let received = received.lock().unwrap();
        let ids: HashSet<&str> = received.iter().map(|(id, _)| id.as_str()).collect();
        wanted.iter().all(|id| ids.contains(id))
    })
    .await;
    let received = received.lock().unwrap();
    let (mut last, mut first) = (HashMap::new(), HashMap::new());
    for (id, body) in received.iter() {
        assert_eq!(Some(id.as_str()), body["id"].as_str());
        assert!(wanted.contains(id.as_str()), "{name}: {id} is not in the log");
        if let Some(known) = first.insert(id.clone(), body.clone()) {
            assert_eq!(&known, body, "{name}: one id, one event");
            continue;
        }
        let sequence = body["sequence"].as_i64().unwrap();
        let before = last.insert(body["data"]["directory_id"].clone(), sequence).unwrap_or(0);
        assert!(before < sequence, "{name}: {sequence} came after {before}");
    }
    let repeated = received.len() - wanted.len();
    println!("{name}: {rounds} kills, {} events, none lost, {repeated} repeated", wanted.len());
    assert!(wanted.len() as u64 >= rounds, "too few events to mean anything");
}

/// Waits for a minute at most.
async fn wait_for(check: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !check() {
        assert!(Instant::now() < deadline, "waited in vain for webhooks");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Ends with the first request that gets no answer.
async fn write_until_it_fails(directory: Directory, round: u64) {
    for number in 0.. {
        let body = user(&format!("p{round}-{number}@x.example"));
        let request = directory.request(Method::POST, "/Users").header("content-type", "application/scim+json");
        if request.body(body.to_string()).send().await.is_err() {
            return;
        }
        // The sender is under test, not the writer.
        tokio::time::sleep(Duration::from_millis(4)).await;
    }
}

/// A receiver that accepts everything; its URL.
async fn listen(received: Received) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(receive(stream, Arc::clone(&received)));
        }
    });
    url
}

/// Reads one request after the other, until the sender is gone.
async fn receive(stream: TcpStream, received: Received) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let (mut id, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            match line.trim_end().split_once(": ") {
                Some(("webhook-id", value)) => id = value.to_owned(),
                Some(("content-length", value)) => length = value.parse().ok()?,
                None if line == "\r\n" => break,
                _ => (),
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.ok()?;
        received.lock().unwrap().push((id, serde_json::from_slice(&body).ok()?));
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.ok()?;
    }
}
