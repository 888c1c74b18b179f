//! SEC-14: kill -9 while a directory is removed. Afterwards everybody's end was announced exactly once, and nothing is left.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use doorward_testkit::{TestDatabase, databases};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::running::{Running, text};

const PEOPLE: usize = 600;

#[tokio::test(flavor = "multi_thread")]
async fn sec_14_kill_9_during_a_removal_leaves_every_end_announced_once() {
    for database in databases() {
        let name = database.name();
        assert!(survive(database).await > 0, "{name}: it was never killed in the middle");
    }
}

async fn survive(database: TestDatabase) -> usize {
    let mut running = Running::start(database);
    let directory = running.directory("ending", "okta scim v2.0");
    let mut people = Vec::new();
    for n in 0..PEOPLE {
        people.push(directory.create_user(&format!("p{n}@x.example")).await);
    }
    directory.create_group("Everybody", &people).await;
    running.cli(&["directory", "delete", "ending", "--grace-days", "0"]);
    let mut random = StdRng::seed_from_u64(14);
    let (mut kills, mut left) = (0, PEOPLE as i64);
    let deadline = Instant::now() + Duration::from_secs(240);
    while let Some(now) = people_left(&running, &directory.id).await {
        assert!(Instant::now() < deadline, "{now} people are left");
        if now < left {
            left = now;
            tokio::time::sleep(Duration::from_millis(random.random_range(0..30))).await;
            running.server.kill();
            running.server.restart().unwrap();
            kills += 1;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let status = directory.get("/Users").await.0;
    assert_eq!(status, 401, "no live token");
    check(&running, &directory.id, &people).await;
    kills
}

/// How many people the directory has; `None` when it is gone.
async fn people_left(running: &Running, id: &str) -> Option<i64> {
    let request =
        running.client.get(format!("{}/directories/{id}", running.server.url())).bearer_auth(&running.api_key);
    let (status, body) = crate::running::read(request.send().await.unwrap()).await;
    match status {
        404 => None,
        _ => Some(body["metadata"]["users"]["active"].as_i64().unwrap()),
    }
}

async fn check(running: &Running, id: &str, people: &[String]) {
    let events = running.all(&format!("/events?directory={id}")).await;
    let of = |name: &str| events.iter().filter(|event| event["event"] == name).collect::<Vec<_>>();
    let gone: Vec<String> = of("dsync.user.deleted").iter().map(|event| text(&event["data"], "id")).collect();
    assert_eq!(gone.len(), people.len(), "each once");
    assert_eq!(gone.iter().collect::<BTreeSet<_>>(), people.iter().collect::<BTreeSet<_>>());
    assert_eq!(of("dsync.group.user_removed").len(), people.len());
    assert_eq!((of("dsync.group.deleted").len(), of("dsync.deleted").len()), (1, 1));
    assert_eq!(text(events.last().unwrap(), "event"), "dsync.deleted");
}
