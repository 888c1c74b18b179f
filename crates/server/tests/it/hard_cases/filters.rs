//! F001 to F094, and the filters on groups: the fixtures are made once, when their clock says so, and only read.

use doorward_store::{Clock, Options};
use serde_json::{Value, json};

use super::data::{self, cases, in_profile};
use super::report;
use super::scene::Scene;
use super::steps::{encoded, ensure, listed, refusal, same_set};
use crate::support::Service;

/// 2011-05-13T04:42:34Z, when U1 and U3 were last changed.
const THEN: i64 = 1_305_261_754_000_000;
/// From then to 2011-05-14T00:00:00Z, when U2 was.
const A_DAY: i64 = 69_446_000_000;

#[tokio::test]
async fn f001_to_f094_over_http() {
    run(data::FILTERS, "/Users", 94).await;
}

#[tokio::test]
async fn section_16_1_filters_on_groups_over_http() {
    run(data::GROUP_FILTERS, "/Groups", 13).await;
}

async fn run(file: &str, endpoint: &str, count: usize) {
    let cases = cases(file);
    assert_eq!(cases.len(), count);
    let mut wrong = Vec::new();
    for database in doorward_testkit::databases() {
        let clock = Clock::fixed(THEN);
        let service = Service::start(database, Options { clock: clock.clone(), ..Options::default() });
        for strict in [false, true] {
            let scene = Scene::timed(&service, strict, async || clock.advance(A_DAY)).await;
            for case in &cases {
                if let Err(reason) = ask(&scene, endpoint, &in_profile(case, strict)).await {
                    wrong.push(format!("{} on {}, strict {strict}: {reason}", case["id"], service.database()));
                }
            }
            clock.advance(-A_DAY);
        }
    }
    report(&wrong);
}

/// GET and `.search` give the same answer.
async fn ask(scene: &Scene, endpoint: &str, case: &Value) -> Result<(), String> {
    let nested = case["parentheses"].as_u64().map_or(0, |count| usize::try_from(count).unwrap());
    let filter = scene.variables.text(case["filter"].as_str().unwrap());
    let filter = format!("{}{filter}{}", "(".repeat(nested), ")".repeat(nested));
    let by_get = scene.directory.get(&format!("{endpoint}?filter={}", encoded(&filter))).await;
    let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": filter});
    let by_search = scene.directory.post(&format!("{endpoint}/.search"), body).await;
    for answer in [by_get, by_search] {
        if let Some(keyword) = case["error"].as_str() {
            ensure(answer.status == 400, || format!("{filter:.90}: {} {}", answer.status, answer.body))?;
            refusal(&answer, Some(keyword))?;
        } else {
            ensure(answer.status == 200, || format!("{filter:.90}: {} {}", answer.status, answer.body))?;
            same_set(listed(&answer.json()), scene.ids(&case["finds"]))
                .map_err(|found| format!("{filter}: {found}"))?;
        }
    }
    Ok(())
}
