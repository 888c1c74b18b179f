//! REL-1: kill -9 under concurrent writes loses no acknowledged write and splits no change from its event.
//!
//! Eight writers create people, change them and add them to groups; each remembers what was acknowledged. The process is
//! killed at a random moment and started again; what was acknowledged must be there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use doorward_testkit::{TestDatabase, databases};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;

use crate::running::{Directory, Running, patch, read, text, user};

const ROUNDS: u64 = 50;
const WRITERS: u64 = 8;

/// One person as far as the client knows. `attempted` is a change that was sent but not answered: it may have happened.
#[derive(Default)]
struct Known {
    title: Option<String>,
    attempted: Option<String>,
    member: bool,
}

type History = Arc<Mutex<HashMap<String, Known>>>;

#[tokio::test(flavor = "multi_thread")]
async fn rel_01_kill_9_loses_no_acknowledged_write() {
    for database in databases() {
        let (name, acknowledged) = survive(database).await;
        println!("{name}: {ROUNDS} kills, {acknowledged} acknowledged people, none lost");
    }
}

async fn survive(database: TestDatabase) -> (&'static str, usize) {
    let name = database.name();
    let mut running = Running::start(database);
    let directory = running.directory("crash", "okta scim v2.0");
    let group = directory.create_group("Everybody", &[]).await;
    let history = History::default();
    let mut random = StdRng::seed_from_u64(1);
    for round in 0..ROUNDS {
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            writers.spawn(write_until_it_fails(directory.clone(), group.clone(), history.clone(), round, writer));
        }
        tokio::time::sleep(Duration::from_millis(random.random_range(20..250))).await;
        running.server.kill();
        writers.join_all().await;
        running.server.restart().unwrap();
        check(&directory, &group, &history, round, name).await;
    }
    crate::replay::assert_log_rebuilds_state(&running, &directory.id).await;
    let count = history.lock().unwrap().len();
    assert!(count > ROUNDS as usize * 4, "too few writes to mean anything: {count}");
    (name, count)
}

/// Ends with the first request that gets no answer.
async fn write_until_it_fails(directory: Directory, group: String, history: History, round: u64, writer: u64) {
    for number in 0.. {
        let name = format!("p{round}-{writer}-{number}@x.example");
        let Some((201, created)) = attempt(&directory, Method::POST, "/Users", user(&name)).await else { return };
        let id = text(&created, "id");
        history.lock().unwrap().insert(id.clone(), Known::default());

        let title = format!("Title {number}");
        history.lock().unwrap().get_mut(&id).unwrap().attempted = Some(title.clone());
        let change = patch(json!({"op": "replace", "path": "title", "value": title}));
        let Some((200, _)) = attempt(&directory, Method::PATCH, &format!("/Users/{id}"), change).await else { return };
        history.lock().unwrap().get_mut(&id).unwrap().title = Some(title);

        let join = patch(json!({"op": "add", "path": "members", "value": [{"value": id}]}));
        let excluded = format!("/Groups/{group}?excludedAttributes=members");
        let Some((200, _)) = attempt(&directory, Method::PATCH, &excluded, join).await else { return };
        history.lock().unwrap().get_mut(&id).unwrap().member = true;
    }
}

/// `None` when the connection broke; any answer that came must be whole.
async fn attempt(
    directory: &Directory,
    method: Method,
    path: &str,
    body: serde_json::Value,
) -> Option<(u16, serde_json::Value)> {
    let request = directory.request(method, path).header("content-type", "application/scim+json");
    let response = request.body(body.to_string()).send().await.ok()?;
    let status = response.status().as_u16();
    let body = response.text().await.ok()?;
    assert!(status < 500, "a server fault: {status} {body}");
    Some((status, serde_json::from_str(&body).ok()?))
}

async fn check(directory: &Directory, group: &str, history: &History, round: u64, database: &str) {
    let prefix = format!("p{round}-");
    let (status, body) = read(directory.request(Method::GET, &format!("/Groups/{group}")).send().await.unwrap()).await;
    assert_eq!(status, 200, "{body}");
    let members: Vec<_> = body["members"].as_array().into_iter().flatten().map(|m| text(m, "value")).collect();
    let mut found = HashMap::new();
    let mut start = 1;
    loop {
        let query = format!("/Users?count=1000&startIndex={start}&attributes=userName,title");
        let (_, page) = directory.get(&query).await;
        for user in page["Resources"].as_array().unwrap() {
            found.insert(text(user, "id"), user["title"].as_str().map(str::to_owned));
        }
        start += 1000;
        if page["totalResults"].as_i64().unwrap() < start {
            break;
        }
    }
    for (id, known) in history.lock().unwrap().iter() {
        let Some(title) = found.get(id) else {
            panic!("{database} round {round} {prefix}: acknowledged user {id} is lost")
        };
        let possible = *title == known.title || *title == known.attempted;
        assert!(possible, "{database} round {round}: {id} has {title:?}, acknowledged {:?}", known.title);
        assert!(!known.member || members.contains(id), "{database} round {round}: membership of {id} is lost");
    }
}
