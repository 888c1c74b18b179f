//! Receivers that fail: retries, parking, disabling, and how everything arrives in the end. The clock stands still and is moved.

use std::sync::Arc;
use std::time::Duration;

use axum::response::IntoResponse as _;
use doorward_server::webhooks::retry;
use doorward_store::Clock;
use http::StatusCode;
use serde_json::{Value, json};

use super::receiver::{Received, Receiver};
use super::{deliveries, endpoint, id, on_each_with_clock, scene, until};
use crate::app_api::{Api, data};
use crate::support::Service;

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 1440 * MINUTE;

/// Waits until so many attempts of the endpoint's newest delivery are on record.
async fn attempted(api: &Api, endpoint: &str, attempts: i64) -> Value {
    until("an attempt", async || {
        let newest =
            deliveries(api, endpoint, "").await.into_iter().find(|delivery| delivery["state"] != "delivered")?;
        (newest["attempts"] == attempts).then_some(newest)
    })
    .await
}

/// Moves the clock to when a delivery is due.
fn move_to(clock: &Clock, instant: &Value) {
    let due: jiff::Timestamp = instant.as_str().unwrap().parse().unwrap();
    clock.advance(due.as_microsecond() - clock.now() + 1000);
}

#[tokio::test]
async fn rel_12_rel_14_rel_15_a_poison_event_is_tried_by_the_schedule_then_parked_and_recovered() {
    on_each_with_clock(async |service: Arc<Service>, clock: Clock| {
        let (directory, api) = scene(&service).await;
        let receiver = Receiver::start().await;
        let is_poison = |got: &Received| got.json()["data"]["username"] == "poison@example.com";
        receiver
            .answer(move |got| if is_poison(got) { StatusCode::BAD_GATEWAY } else { StatusCode::OK }.into_response());
        let made = endpoint(&api, &receiver.url(), json!(["dsync.user.created"])).await;
        let id = id(&made);
        for name in ["first", "poison", "last"] {
            directory.user(&format!("{name}@example.com")).await;
        }
        for attempt in 1..retry::ATTEMPTS {
            let delivery = attempted(&api, &id, attempt).await;
            assert_eq!((&delivery["state"], &delivery["response_status"]), (&json!("retrying"), &json!(502)));
            let due: jiff::Timestamp = delivery["next_attempt_at"].as_str().unwrap().parse().unwrap();
            let pause = (due.as_microsecond() - clock.now()) as f64 / 1e6;
            let (least, most) = (0, u32::MAX);
            let planned = |chance| retry::schedule(attempt, chance, None).unwrap().as_secs_f64();
            assert!((planned(least) - 0.01..=planned(most) + 0.01).contains(&pause), "attempt {attempt}: {pause} s");
            move_to(&clock, &delivery["next_attempt_at"]);
        }
        let parked = attempted(&api, &id, retry::ATTEMPTS).await;
        assert_eq!((&parked["state"], &parked["next_attempt_at"]), (&json!("parked"), &Value::Null));
        until("the lane goes on", async || {
            receiver.received().iter().any(|got| got.json()["data"]["username"] == "last@example.com").then_some(())
        })
        .await;
        assert_eq!(receiver.received().iter().filter(|got| is_poison(got)).count() as i64, retry::ATTEMPTS);

        let times: std::collections::HashSet<String> = receiver
            .received()
            .iter()
            .filter(|got| is_poison(got))
            .map(|got| got.header("webhook-timestamp").to_owned())
            .collect();
        assert_eq!(times.len() as i64, retry::ATTEMPTS, "a fresh timestamp in every attempt");
        receiver.status(204);
        let answer = api.send("POST", &format!("/webhook_endpoints/{id}/retry_parked"), json!({})).await.expect(202);
        assert_eq!(answer.json()["deliveries"], 1);
        until("everything is delivered", async || {
            (deliveries(&api, &id, "&state=delivered").await.len() == 3).then_some(())
        })
        .await;
        let poison = receiver.received().pop().unwrap();
        assert!(is_poison(&poison));
        assert_eq!(poison.header("webhook-id"), parked["event_id"].as_str().unwrap(), "the same id in every attempt");
    })
    .await;
}

#[tokio::test]
async fn rel_13_a_receiver_that_is_down_for_three_days_loses_nothing() {
    on_each_with_clock(async |service: Arc<Service>, clock: Clock| {
        let (directory, api) = scene(&service).await;
        let (down, well) = (Receiver::start().await, Receiver::start().await);
        down.status(503);
        let made = endpoint(&api, &down.url(), json!(["dsync.user.created"])).await;
        endpoint(&api, &well.url(), json!(["dsync.user.created"])).await;
        for number in 0..300 {
            directory.user(&format!("p{number}@example.com")).await;
            if number % 60 == 0 {
                clock.advance(DAY / 2);
            }
        }
        until("the other endpoint", async || (well.received().len() == 300).then_some(())).await;
        assert!(well.received().is_sorted_by_key(Received::sequence));
        clock.advance(DAY / 2);
        let failing = api.found(&format!("/webhook_endpoints/{}", id(&made))).await;
        assert_eq!((&failing["status"], failing["failing_since"].is_string()), (&json!("enabled"), true));
        let before = down.received().len();
        let first = down.received()[0].sequence();
        assert!(down.received().iter().all(|got| got.sequence() == first), "only the first event is tried");
        down.status(200);
        clock.advance(DAY / 4);
        until("everything", async || (down.received().len() >= before + 300).then_some(())).await;
        let came: Vec<i64> = down.received()[before..].iter().map(Received::sequence).collect();
        let sent: Vec<i64> = well.received().iter().map(Received::sequence).collect();
        assert_eq!(came[came.len() - 300..], sent[..], "each once, in order");
        until("well again", async || {
            api.found(&format!("/webhook_endpoints/{}", id(&made))).await["failing_since"].is_null().then_some(())
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn rel_12_410_disables_and_an_enabled_endpoint_goes_on_where_it_was() {
    on_each_with_clock(async |service: Arc<Service>, _clock: Clock| {
        let (directory, api) = scene(&service).await;
        let (gone, watching) = (Receiver::start().await, Receiver::start().await);
        gone.status(410);
        let made = endpoint(&api, &gone.url(), json!(["dsync.user.created"])).await;
        endpoint(&api, &watching.url(), json!(["webhook_endpoint.disabled"])).await;
        directory.user("a@example.com").await;
        let target = format!("/webhook_endpoints/{}", id(&made));
        let notice = until("the notice", async || watching.received().pop()).await.json();
        assert_eq!((&notice["data"]["id"], &notice["data"]["disabled_reason"]), (&made["id"], &json!("gone")));
        assert!(!notice.to_string().contains("whsec_"));
        assert_eq!(api.found(&target).await["disabled_reason"], "gone");
        directory.user("b@example.com").await;
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(gone.received().len(), 1, "nothing is sent to who wants nothing");
        assert_eq!(api.send("POST", &format!("{target}/test"), json!({})).await.status, 422);
        gone.status(200);
        api.send("PATCH", &target, json!({"status": "enabled"})).await.expect(200);
        until("both", async || (gone.received().len() == 3).then_some(())).await;
        let names: Vec<_> = gone.received()[1..].iter().map(|got| got.json()["data"]["username"].clone()).collect();
        assert_eq!(names, ["a@example.com", "b@example.com"]);
    })
    .await;
}

#[tokio::test]
async fn rel_14_an_endpoint_that_fails_for_five_days_is_disabled_and_recovers_by_replay() {
    on_each_with_clock(async |service: Arc<Service>, clock: Clock| {
        let (directory, api) = scene(&service).await;
        let (down, watching) = (Receiver::start().await, Receiver::start().await);
        down.status(500);
        let made = endpoint(&api, &down.url(), json!(["dsync.user.created"])).await;
        endpoint(&api, &watching.url(), json!(["webhook_endpoint.disabled"])).await;
        let id = id(&made);
        for name in ["a", "b", "c"] {
            directory.user(&format!("{name}@example.com")).await;
        }
        attempted(&api, &id, 1).await;
        clock.advance(5 * DAY);
        let notice = until("the notice", async || watching.received().pop()).await.json();
        assert_eq!(notice["data"]["disabled_reason"], "failing");
        down.status(200);
        let target = format!("/webhook_endpoints/{id}");
        api.send("PATCH", &target, json!({"status": "enabled"})).await.expect(200);
        until("the backlog", async || (deliveries(&api, &id, "&state=delivered").await.len() == 3).then_some(())).await;
        let before = down.received().len();

        // And once more, from the first event on.
        let events = api.found(&format!("/events?events=dsync.user.created&directory={}", directory.id)).await;
        let first = data(&events)[0]["id"].clone();
        let replayed = api.send("POST", &format!("{target}/replay"), json!({"after": first})).await.expect(202).json();
        assert_eq!(replayed["object"], "webhook_replay");
        until("the replay", async || (down.received().len() >= before + 2).then_some(())).await;
        let names: Vec<_> =
            down.received()[before..].iter().map(|got| got.json()["data"]["username"].clone()).collect();
        assert_eq!(names, ["b@example.com", "c@example.com"]);
        let delivered = deliveries(&api, &id, "&state=delivered").await;
        let again = format!("{target}/deliveries/{}/retry", super::id(&delivered[2]));
        api.send("POST", &again, json!({})).await.expect(202);
        let last = until("the retry", async || down.received().get(before + 2).cloned()).await;
        assert_eq!(last.json()["data"]["username"], "a@example.com");
    })
    .await;
}

#[tokio::test]
async fn rel_12_retry_after_is_honoured() {
    on_each_with_clock(async |service: Arc<Service>, clock: Clock| {
        let (directory, api) = scene(&service).await;
        let receiver = Receiver::start().await;
        receiver.answer(|_| (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "600")]).into_response());
        let made = endpoint(&api, &receiver.url(), json!(["dsync.user.created"])).await;
        directory.user("a@example.com").await;
        attempted(&api, &id(&made), 1).await;
        clock.advance(9 * MINUTE);
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(receiver.received().len(), 1);
        receiver.status(200);
        clock.advance(2 * MINUTE);
        until("the second attempt", async || (receiver.received().len() == 2).then_some(())).await;
    })
    .await;
}
