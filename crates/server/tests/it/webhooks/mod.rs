//! Webhooks: endpoints as applications set them, and what arrives at real receivers.

mod api;
mod delivery;
mod failures;
mod hostile;
mod nodes;
mod receiver;

use std::sync::Arc;
use std::time::Duration;

use doorward_server::Config;
use doorward_server::webhooks::WebhookSettings;
use doorward_server::webhooks::address::Networks;
use doorward_store::{Clock, Options};
use serde_json::{Value, json};

use crate::app_api::Api;
use crate::support::{Directory, Kind, Service};

/// Receivers of tests are on this machine.
pub fn local(config: Config) -> Config {
    let allow_networks = Networks::new(vec!["127.0.0.0/8".parse().unwrap()]);
    Config { webhooks: WebhookSettings { allow_networks, ..WebhookSettings::default() }, ..config }
}

/// As [`local`], with leases that outlive every test, for clocks that are moved by days.
pub fn local_for_ever(config: Config) -> Config {
    let config = local(config);
    let lease = Duration::from_secs(3650 * 86_400);
    Config { webhooks: WebhookSettings { lease, ..config.webhooks }, ..config }
}

/// A service of its own on each kind of database.
pub async fn on_each(test: impl AsyncFn(Arc<Service>)) {
    for database in doorward_testkit::databases() {
        eprintln!("on {}", database.name());
        test(Service::start_as(database, Options::default(), local)).await;
    }
}

/// As [`on_each`], with a clock that stands still until it is moved.
pub async fn on_each_with_clock(test: impl AsyncFn(Arc<Service>, Clock)) {
    for database in doorward_testkit::databases() {
        eprintln!("on {}", database.name());
        let clock = Clock::fixed(1_800_000_000_000_000);
        let options = Options { clock: clock.clone(), ..Options::default() };
        test(Service::start_as(database, options, local_for_ever), clock).await;
    }
}

/// Makes an endpoint for these types; the answer, with its secret.
pub async fn endpoint(api: &Api, url: &str, events: Value) -> Value {
    api.send("POST", "/webhook_endpoints", json!({"endpoint_url": url, "events": events})).await.expect(201).json()
}

/// A directory, an application, and nothing else.
pub async fn scene(service: &Arc<Service>) -> (Directory, Api) {
    (service.directory(Kind::okta()).await, Api::of(service).await)
}

/// Waits until it is so; fails after half a minute.
pub async fn until<T>(what: &str, check: impl AsyncFn() -> Option<T>) -> T {
    for _ in 0..1500 {
        if let Some(found) = check().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("waited in vain: {what}");
}

/// The deliveries of an endpoint, newest first.
pub async fn deliveries(api: &Api, id: &str, filter: &str) -> Vec<Value> {
    let list = api.found(&format!("/webhook_endpoints/{id}/deliveries?limit=100{filter}")).await;
    list["data"].as_array().unwrap().clone()
}

/// The `id` of an object.
pub fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}
