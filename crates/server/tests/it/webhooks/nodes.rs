//! Several nodes on one database: one sends, another takes over.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use doorward_store::Options;
use serde_json::json;

use super::receiver::{Received, Receiver};
use super::{endpoint, local, scene, until};
use crate::support::Service;

#[tokio::test]
async fn rel_31_two_nodes_send_each_event_once_and_one_takes_over_from_the_other() {
    for database in doorward_testkit::databases() {
        eprintln!("on {}", database.name());
        let database = Arc::new(database);
        let start = || Service::start_on(Arc::clone(&database), Options::default(), local);
        let (one, two) = (start(), start());
        let (directory, api) = scene(&one).await;
        let receivers = [Receiver::start().await, Receiver::start().await, Receiver::start().await];
        for receiver in &receivers {
            endpoint(&api, &receiver.url(), json!(["dsync.user.created"])).await;
        }
        let mut elsewhere = directory.clone();
        elsewhere.service = Arc::clone(&two);
        for number in 0..60 {
            let through = if number % 2 == 0 { &directory } else { &elsewhere };
            through.user(&format!("p{number}@example.com")).await;
        }
        for receiver in &receivers {
            until("all of them", async || (receiver.received().len() >= 60).then_some(())).await;
        }
        // The node that may hold the leases ends, in the middle of more events.
        for number in 60..90 {
            elsewhere.user(&format!("p{number}@example.com")).await;
            if number == 70 {
                one.end();
            }
        }
        for receiver in &receivers {
            until("the rest", async || (receiver.received().len() >= 90).then_some(())).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
            let received = receiver.received();
            assert!(received.is_sorted_by_key(Received::sequence), "order");
            let ids: HashSet<String> = received.iter().map(|got| got.header("webhook-id").to_owned()).collect();
            assert_eq!((received.len(), ids.len()), (90, 90), "each once");
        }
    }
}
