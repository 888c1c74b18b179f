//! Retention, and what becomes of the places that readers kept (REL-16).

use std::sync::Arc;
use std::time::Duration;

use doorward_server::service::{retention, sealing};
use doorward_store::scope::{OperatorScope, SystemScope};
use doorward_store::{Clock, Options};
use serde_json::{Value, json};

use super::snapshot::{loaded, taken};
use super::{Streamed, sealed};
use crate::app_api::{Api, data};
use crate::history::stored;
use crate::support::{Kind, Service};

const DAY: i64 = 86_400_000_000;

async fn at(clock: &Clock, test: impl AsyncFn(Arc<Service>)) {
    for database in doorward_testkit::databases() {
        let options = Options { clock: clock.clone(), ..Options::default() };
        test(Service::start(database, options)).await;
    }
}

/// Removes what is older than thirty days.
async fn purge(service: &Service) -> Option<i64> {
    sealed(service).await;
    let month = Duration::from_secs(30 * 86_400);
    retention::purge(service.app.store(), &SystemScope::job("test"), month, None).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn rel_16_a_purged_a_foreign_and_a_future_cursor_are_refused_and_told_where_to_go_on() {
    let clock = Clock::fixed(1_795_000_000_000_000);
    at(&clock, async |service: Arc<Service>| {
        let directory = service.directory(Kind::okta()).await;
        let api = Api::of(&service).await;
        for n in 0..5 {
            directory.user(&format!("old{n}@corp.example")).await;
        }
        assert_eq!(purge(&service).await, None, "nothing is old enough");
        let all = api.all("/events?order=asc").await;
        let id = |event: &Value| event["id"].as_str().unwrap().to_owned();
        let (first, edge) = (id(&all[0]), id(&all[all.len() - 1]));
        let head = all.len() as i64;
        clock.advance(31 * DAY);
        // One that came after, which stays.
        directory.user("new@corp.example").await;
        sealed(&service).await;
        assert_eq!(purge(&service).await, Some(head));
        let left = api.all("/events?order=asc").await;
        assert_eq!(left[0]["sequence"], json!(head + 1), "positions go on");
        assert_eq!(left.last().unwrap()["event"], "events.purged");
        assert_eq!(left.last().unwrap()["data"]["last_sequence"], json!(head));

        for parameter in ["after", "before"] {
            for target in ["/events?", "/audit_events?"] {
                let refused = api.refused(&format!("{target}{parameter}={first}"), 422, "cursor_purged").await;
                assert_eq!(refused["earliest"], json!(edge));
                assert_eq!(refused["errors"][0]["field"], parameter);
            }
        }
        let from_edge = api.all(&format!("/events?order=asc&after={edge}")).await;
        assert_eq!(from_edge.len(), left.len(), "nothing is missing behind the last that was removed");
        let stream = Streamed::open(&api, "/events/stream", &format!("Last-Event-ID: {first}\r\n")).await;
        assert!(stream.head.starts_with("http/1.1 422"), "{}", stream.head);
        let mut stream = Streamed::found(&api, "/events/stream", "").await;
        assert_eq!(stream.event().await.unwrap().2, left[0], "a stream without a place begins where the log begins");

        // Another log's event at a place that this one has, and at one that it has not.
        let last = id(left.last().unwrap());
        let foreign = last.replacen("event_0", "event_1", 1);
        api.refused(&format!("/events?after={foreign}"), 422, "cursor_unknown").await;
        api.refused("/events?after=event_01ARZ3NDEKTSV4RRFFQ69G5FAV", 422, "cursor_ahead").await;
        assert!(data(&api.found(&format!("/events?after={last}")).await).is_empty());
        clock.advance(-31 * DAY);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rel_09_after_a_purge_the_state_is_snapshot_and_log_and_the_chain_holds() {
    let clock = Clock::fixed(1_795_000_000_000_000);
    at(&clock, async |service: Arc<Service>| {
        let directory = service.directory(Kind::okta()).await;
        let api = Api::of(&service).await;
        let ada = directory.user("ada@corp.example").await;
        let group = directory.group("Engineering", &[&ada]).await;
        sealed(&service).await;
        let operator = OperatorScope::local();
        let kept = sealing::head(service.app.store(), &operator).await.unwrap().head.unwrap();
        clock.advance(31 * DAY);
        directory.user("bob@corp.example").await;
        assert_eq!(purge(&service).await, Some(kept.position));
        let (mut state, sequence) = loaded(&taken(&api, &directory.id.to_string()).await);
        assert!(state.users[&ada].get("sequence").is_none(), "its last event is gone");
        let off = json!([{"op": "replace", "path": "active", "value": false}]);
        directory.operations(&format!("/Users/{ada}"), off).await.expect(200);
        directory.delete(&format!("/Groups/{group}")).await.expect(204);
        for event in directory.events_after(sequence).await {
            let data = serde_json::from_str(&event.data).unwrap();
            state.apply(event.position, &event.event_type, &data).unwrap();
        }
        let shown = stored(&directory).await;
        let without = |users: &std::collections::BTreeMap<String, Value>| users.keys().cloned().collect::<Vec<_>>();
        assert_eq!(state.users[&ada], shown.users[&ada]);
        assert_eq!((without(&state.users), &state.groups), (without(&shown.users), &shown.groups));
        assert_eq!(state.memberships, shown.memberships);
        sealed(&service).await;
        let verified = sealing::verify(service.app.store(), &operator, Some(kept.clone())).await.unwrap();
        assert_eq!(
            (verified.begins_after, verified.findings),
            (kept.position, vec![]),
            "the kept head is what it begins with"
        );
        clock.advance(-31 * DAY);
    })
    .await;
}
