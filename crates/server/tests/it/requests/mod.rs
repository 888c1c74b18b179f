//! The request log: what is recorded, what never is, and what administrators are told.

mod credentials;
mod log;
mod patterns;
mod secrets;
mod traffic;
mod what_was_sent;

use std::sync::Arc;

use doorward_server::config::Limits;
use doorward_store::{Clock, Options};
use serde_json::Value;

use crate::app_api::{Api, data};
use crate::support::{Directory, Service};
use crate::wire::Answer;

/// What the log says of an answered request.
pub async fn recorded(api: &Api, directory: &Directory, answer: &Answer) -> Value {
    let id = answer.header("x-request-id").unwrap();
    api.found(&format!("/directories/{}/requests/{id}", directory.id)).await
}

/// The one diagnosis with this code of an answered request.
pub async fn diagnosed(api: &Api, directory: &Directory, answer: &Answer, code: &str) -> Value {
    let request = recorded(api, directory, answer).await;
    let found = request["diagnoses"].as_array().unwrap();
    let mut found = found.iter().filter(|diagnosis| diagnosis["code"] == code);
    let diagnosis = found.next().unwrap_or_else(|| panic!("no {code} in {request}")).clone();
    assert!(found.next().is_none(), "{code} twice in {request}");
    for part in ["message", "cause", "fix"] {
        assert!(diagnosis[part].as_str().is_some_and(|text| text.len() > 10 && !text.contains('{')), "{diagnosis}");
    }
    let list = api.found(&format!("/directories/{}/requests?diagnosis={code}&limit=100", directory.id)).await;
    assert!(data(&list).iter().any(|listed| listed["id"] == request["id"]), "{code} is not found by its code");
    diagnosis
}

/// The diagnosis of the directory with this code, if there is one.
pub async fn problem(api: &Api, directory: &Directory, code: &str) -> Option<Value> {
    let list = api.found(&format!("/directories/{}/diagnoses", directory.id)).await;
    data(&list).iter().find(|problem| problem["code"] == code).cloned()
}

/// The texts of a diagnosis in one.
pub fn words(diagnosis: &Value) -> String {
    ["message", "cause", "fix"].iter().map(|part| diagnosis[part].as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

/// Runs a test on a service of its own over each kind of database, whose clock stands until it is moved.
pub async fn at_noon(test: impl AsyncFn(Arc<Service>, Clock)) {
    for database in doorward_testkit::databases() {
        let clock = Clock::fixed(1_800_000_000_000_000);
        let options = Options { clock: clock.clone(), ..Options::default() };
        eprintln!("on {}", database.name());
        test(Service::start_within(database, options, Limits::default()), clock).await;
    }
}

/// A minute, in microseconds.
pub const MINUTE: i64 = 60_000_000;
