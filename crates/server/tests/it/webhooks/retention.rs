//! Retention and webhooks: what is still to be sent is kept, though not for ever.

use std::sync::Arc;
use std::time::Duration;

use doorward_server::service::retention::{self, HELD};
use doorward_store::Clock;
use doorward_store::scope::SystemScope;
use serde_json::json;

use super::receiver::Receiver;
use super::{deliveries, endpoint, id, on_each_with_clock, scene, until};
use crate::event_log::sealed;
use crate::support::Service;

const MONTH: Duration = Duration::from_secs(30 * 86_400);
const DAY: i64 = 86_400_000_000;

async fn purge(service: &Service) -> Option<i64> {
    sealed(service).await;
    retention::purge(service.app.store(), &SystemScope::job("test"), MONTH, None).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn rel_16_events_that_a_webhook_waits_for_outlive_their_time_but_not_for_ever() {
    on_each_with_clock(async |service: Arc<Service>, clock: Clock| {
        let (idp, api) = scene(&service).await;
        let receiver = Receiver::start().await;
        receiver.status(500);
        let hook = id(&endpoint(&api, &receiver.url(), json!([])).await);
        let hook_made = api.found("/events?order=desc&limit=1").await["data"][0]["sequence"].as_i64().unwrap();
        // Nobody waits for what was there before the endpoint.
        let is_kept = |purged: Option<i64>| purged.is_none_or(|position| position < hook_made);
        idp.user("ada@corp.example").await;
        until("a failed attempt", async || deliveries(&api, &hook, "&state=retrying").await.pop()).await;
        sealed(&service).await;
        clock.advance(31 * DAY);
        assert!(is_kept(purge(&service).await), "the endpoint has still to be sent them");
        let disabled = json!({"status": "disabled"});
        api.send("PATCH", &format!("/webhook_endpoints/{hook}"), disabled).await.expect(200);
        assert!(is_kept(purge(&service).await), "one that was switched off may be switched on again");
        clock.advance(i64::try_from(HELD.as_micros()).unwrap());
        assert!(!is_kept(purge(&service).await), "it is not waited for without end");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rel_14_rel_16_a_parked_event_outlives_its_time_and_its_delivery_goes_with_it() {
    on_each_with_clock(async |service: Arc<Service>, clock: Clock| {
        let (idp, api) = scene(&service).await;
        let receiver = Receiver::start().await;
        let hook = id(&endpoint(&api, &receiver.url(), json!([])).await);
        idp.user("ada@corp.example").await;
        let head = idp.head().await;
        let newest = async || deliveries(&api, &hook, "&state=delivered").await.into_iter().next();
        let all_sent = async || newest().await.filter(|last| last["sequence"].as_i64() >= Some(head));
        let last = until("the last delivery", all_sent).await;
        service.raw("UPDATE webhook_delivery SET state = 'parked' WHERE position = (SELECT MAX(position) FROM webhook_delivery)");
        sealed(&service).await;
        clock.advance(31 * DAY);
        assert!(purge(&service).await.is_none_or(|position| position < last["sequence"].as_i64().unwrap()));
        assert_eq!(deliveries(&api, &hook, "&state=parked").await.len(), 1, "it can still be sent");
        clock.advance(i64::try_from(HELD.as_micros()).unwrap());
        assert!(purge(&service).await >= last["sequence"].as_i64());
        assert!(deliveries(&api, &hook, "&state=parked").await.is_empty(), "nothing is promised that is gone");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rel_16_events_that_every_webhook_has_got_go_when_their_time_is_up() {
    on_each_with_clock(async |service: Arc<Service>, clock: Clock| {
        let (idp, api) = scene(&service).await;
        let receiver = Receiver::start().await;
        let hook = id(&endpoint(&api, &receiver.url(), json!([])).await);
        idp.user("ada@corp.example").await;
        let head = idp.head().await;
        let all_sent = async || {
            let newest = deliveries(&api, &hook, "&state=delivered").await.into_iter().next()?;
            (newest["sequence"].as_i64()? >= head).then_some(())
        };
        until("the last delivery", all_sent).await;
        sealed(&service).await;
        clock.advance(31 * DAY);
        assert_eq!(purge(&service).await, Some(head));
    })
    .await;
}
