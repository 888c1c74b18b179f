//! The 330 hard cases of the requirements (`crates/testkit/data/hard_cases`), asked of a running server over HTTP: on each
//! database, in each profile.

mod data;
mod filters;
mod patches;
mod scene;
mod steps;

use std::sync::Arc;

use serde_json::Value;
use tokio::task::JoinSet;

use crate::support::{Service, on_each_database};
use scene::Scene;
pub use steps::encoded;

/// How many cases run at once.
const AT_ONCE: usize = 12;

#[tokio::test]
async fn p001_to_p135_over_http() {
    let cases = data::cases(data::PATCHES);
    assert_eq!(cases.len(), 135);
    each_on_a_scene_of_its_own(cases, "v2").await;
}

#[tokio::test]
async fn h001_to_h071_over_http() {
    let cases = data::cases(data::REQUESTS);
    assert_eq!(cases.len(), 71);
    each_on_a_scene_of_its_own(cases, "v2").await;
}

#[tokio::test]
async fn v001_to_v030_over_http() {
    let cases = data::cases(data::SCIM_1_1);
    assert_eq!(cases.len(), 30);
    each_on_a_scene_of_its_own(cases, "v1").await;
}

/// Requirements that no numbered case covers.
#[tokio::test]
async fn further_requirements_over_http() {
    each_on_a_scene_of_its_own(data::cases(data::REQUIREMENTS), "v2").await;
}

/// Runs every case in both profiles and on both databases, some at once, and reports all that went wrong.
async fn each_on_a_scene_of_its_own(cases: Vec<Value>, version: &'static str) {
    on_each_database(async |service: Arc<Service>| {
        let mut wrong = Vec::new();
        let mut running = JoinSet::new();
        for (case, strict) in cases.iter().flat_map(|case| [(case, false), (case, true)]) {
            if running.len() == AT_ONCE {
                wrong.extend(running.join_next().await.and_then(outcome));
            }
            running.spawn(run(Arc::clone(&service), case.clone(), strict, version));
        }
        while let Some(ended) = running.join_next().await {
            wrong.extend(outcome(ended));
        }
        wrong.sort();
        report(&wrong);
    })
    .await;
}

async fn run(service: Arc<Service>, case: Value, strict: bool, version: &'static str) -> Result<(), String> {
    let mut scene = Scene::new(&service, strict).await;
    scene.version = if case["version"] == "v1" { "v1" } else { version };
    let outcome = match case.get("steps") {
        Some(steps) => steps::run(&mut scene, steps).await,
        None => patches::run(&mut scene, &case).await,
    };
    outcome.map_err(|reason| format!("{} on {}, strict {strict}: {reason}", case["id"], service.database()))
}

fn outcome(ended: Result<Result<(), String>, tokio::task::JoinError>) -> Option<String> {
    ended.map_err(|error| error.to_string()).flatten().err()
}

/// Fails with everything that went wrong.
fn report(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} went wrong\n{}", wrong.len(), wrong.join("\n"));
}
