//! The event log as applications read it, and how they wait for what comes next.

use std::sync::Arc;
use std::time::{Duration, Instant};

use doorward_store::Options;
use serde_json::json;

use crate::app_api::{Api, data, has};
use crate::support::{Directory, Kind, Service, okta_user, with_directory};

#[tokio::test]
async fn sk_12_events_come_in_order_with_the_envelope_of_the_sdks() {
    with_directory(Kind::okta(), async |directory: Directory| {
        let api = Api::of(&directory.service).await;
        let ada = directory.user("ada@corp.example").await;
        directory.group("Engineering", &[&ada]).await;
        let target = format!("/events?directory={}", directory.id);
        let all = api.all(&target).await;
        let types: Vec<&str> = all.iter().map(|event| event["event"].as_str().unwrap()).collect();
        let want =
            ["dsync.created", "dsync.token.created", "dsync.activated", "dsync.user.created", "dsync.group.created"];
        assert_eq!(types[..5], want);
        assert_eq!(types[5], "dsync.group.user_added");
        let positions: Vec<i64> = all.iter().map(|event| event["sequence"].as_i64().unwrap()).collect();
        assert!(positions.is_sorted(), "{positions:?}");
        for event in &all {
            assert_eq!((&event["object"], &event["context"]), (&json!("event"), &json!({})));
            assert!(event["id"].as_str().unwrap().starts_with("event_") && event["data"].is_object(), "{event}");
            assert_eq!(event["created_at"].as_str().unwrap().len(), 24);
        }
        let activated = &all[2]["data"];
        has(activated, &["external_key", "domains", "type", "name", "organization_id"]);
        assert_eq!(activated["state"], "active");
        for only in
            ["events=dsync.user.created,dsync.user.deleted", "events=dsync.user.created&events=dsync.user.deleted"]
        {
            assert_eq!(data(&api.found(&format!("{target}&{only}")).await), [all[3].clone()]);
        }
        let newest = api.found(&format!("{target}&order=desc&limit=1")).await;
        assert_eq!(data(&newest), [all[all.len() - 1].clone()]);
        let of_organization = api.all(&format!("/events?organization_id={}", directory.organization_id)).await;
        assert_eq!(of_organization[0]["event"], "organization.created");
        assert!(data(&api.found(&format!("{target}&range_end=2020-01-01T00:00:00Z")).await).is_empty());
        assert_eq!(api.all(&format!("{target}&range_start=2020-01-01T00:00:00Z")).await, all);
        api.refused(&format!("{target}&after=event_1"), 422, "unprocessable_entity").await;
    })
    .await;
}

#[tokio::test]
async fn a_reader_who_waits_is_woken_by_the_next_event() {
    with_directory(Kind::okta(), async |directory: Directory| {
        let api = Api::of(&directory.service).await;
        directory.user("ada@corp.example").await;
        let target = format!("/events?directory={}", directory.id);
        let last = api.all(&target).await.last().unwrap()["id"].as_str().unwrap().to_owned();
        let started = Instant::now();
        let nothing = api.found(&format!("{target}&after={last}&wait=1")).await;
        assert!(data(&nothing).is_empty() && started.elapsed().as_millis() >= 1000);
        let target = format!("{target}&after={last}&wait=20");
        let started = Instant::now();
        let (woken, _) = tokio::join!(api.found(&target), async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            directory.user("bob@corp.example").await;
        });
        assert_eq!(data(&woken)[0]["event"], "dsync.user.created");
        assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    })
    .await;
}

#[tokio::test]
async fn a_reader_who_waits_for_something_else_goes_on_waiting() {
    with_directory(Kind::okta(), async |directory: Directory| {
        let api = Api::of(&directory.service).await;
        let target = format!("/events?directory={}&events=dsync.user.deleted&wait=2", directory.id);
        let started = Instant::now();
        let (answer, ()) = tokio::join!(api.found(&target), async {
            for n in 0..10 {
                directory.user(&format!("user{n}@corp.example")).await;
            }
        });
        assert!(data(&answer).is_empty(), "{answer}");
        assert!(started.elapsed() >= Duration::from_secs(2), "{:?}", started.elapsed());
    })
    .await;
}

#[tokio::test]
async fn a_reader_who_waits_does_not_hold_up_the_end_of_the_service() {
    for database in doorward_testkit::databases() {
        let service = Service::start(database, Options::default());
        let api = Api::of(&Arc::clone(&service)).await;
        let started = Instant::now();
        let (answer, ()) = tokio::join!(api.found("/events?events=none.such&wait=25"), async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            service.end();
        });
        assert!(data(&answer).is_empty(), "{answer}");
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_54_every_event_says_who_caused_it_and_with_which_request() {
    with_directory(Kind::okta(), async |idp: Directory| {
        let answer = idp.post("/Users", okta_user("ada@example.com")).await.expect(201);
        let created = idp.events_after(0).await.pop().expect("an event");
        assert_eq!(created.origin.actor, "scim_auto_sync");
        assert!(created.origin.actor_id.expect("a credential").starts_with("token_"));
        assert_eq!(created.origin.request_id.as_deref(), answer.header("x-request-id"));
        assert_eq!(created.origin.address.map(|address| address.is_loopback()), Some(true));
    })
    .await;
}
