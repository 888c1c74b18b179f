//! Bodies of bulk requests: every operation that is taken gets at most one turn and, unless errors end the job, one result; what it
//! refers to has been made before it or with it; and the response is JSON in either version.
#![no_main]

use std::collections::{HashMap, HashSet};

use doorward_scim::bulk::{self, Done, Failure, Kind, Method, Request, Run, Step, substitute};
use doorward_scim::json::{self, Limits};
use doorward_scim::version::Version;
use doorward_scim::{Error, Object};
use doorward_scim_fuzz::profiles;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// More than a body of this size can hold operations is never asked for.
const MOST: usize = 100;

/// What the test remembers of a run.
#[derive(Default)]
struct Played {
    /// The ids of what was made, by bulkId.
    ids: HashMap<String, String>,
    /// Who had a turn.
    turns: HashSet<usize>,
    errors: u64,
}

impl Played {
    fn turn(&mut self, index: usize) {
        assert!(self.turns.insert(index), "operation {index} has two turns");
    }

    /// Whether an operation succeeds: some do not, whatever the input.
    fn succeeds(index: usize) -> bool {
        index % 5 != 4
    }

    /// No reference to what is there already is left.
    fn check(&self, data: &Object) {
        data.values().for_each(|value| self.check_value(value));
    }

    fn check_value(&self, value: &Value) {
        match value {
            Value::String(text) => {
                let name = text.strip_prefix("bulkId:");
                assert!(name.is_none_or(|name| !self.ids.contains_key(name)), "{text} was not replaced");
            }
            Value::Array(elements) => elements.iter().for_each(|element| self.check_value(element)),
            Value::Object(object) => self.check(object),
            _ => {}
        }
    }
}

fn failure() -> Failure {
    Error::invalid_value("it fails").into()
}

fn play(run: &mut Run, names: &[Option<String>]) -> Played {
    let mut played = Played::default();
    while let Some(step) = run.next_step() {
        match step {
            Step::One(job) => {
                played.turn(job.index);
                played.check(&job.data);
                assert_eq!(job.id.is_empty(), job.method == Method::Post);
                if Played::succeeds(job.index) {
                    let id = if job.method == Method::Post { format!("id-{}", job.index) } else { job.id };
                    if let (Method::Post, Some(name)) = (job.method, &names[job.index]) {
                        played.ids.insert(name.clone(), id.clone());
                    }
                    run.done(job.index, Done { id, version: Some(1) });
                } else {
                    played.errors += 1;
                    run.failed(job.index, failure());
                }
            }
            Step::Circle(circle) => {
                let indexes: Vec<usize> = circle.iter().map(|one| one.index).collect();
                if indexes.iter().all(|index| Played::succeeds(*index)) {
                    let ids = circle.iter().map(|one| (one.bulk_id.clone(), format!("id-{}", one.index)));
                    played.ids.extend(ids);
                    for mut one in circle {
                        played.turn(one.index);
                        played.check(&one.first);
                        assert!(matches!(one.kind, Kind::User | Kind::Group));
                        substitute(&mut one.whole, &played.ids);
                        played.check(&one.whole);
                        run.done(one.index, Done { id: format!("id-{}", one.index), version: Some(2) });
                    }
                } else {
                    indexes.iter().for_each(|index| played.turn(*index));
                    played.errors += u64::try_from(indexes.len()).unwrap_or(u64::MAX);
                    run.circle_failed(&indexes, indexes[0], &failure());
                }
            }
        }
    }
    played
}

fn is_failure(result: &Value) -> bool {
    let status = result["status"].as_str().or_else(|| result["status"]["code"].as_str());
    status.expect("a result has a status") >= "400"
}

/// The bulkIds as they stand in the message.
fn bulk_ids(message: &Object) -> Vec<Option<String>> {
    let member = |object: &Object, name: &str| {
        object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
    };
    let operations = member(message, "Operations").unwrap_or_default();
    let operations = operations.as_array().map(Vec::as_slice).unwrap_or_default();
    let bulk_id = |operation: &Value| Some(member(operation.as_object()?, "bulkId")?.as_str()?.to_owned());
    operations.iter().map(bulk_id).collect()
}

fuzz_target!(|body: &[u8]| {
    for version in [Version::V1, Version::V2] {
        for mut leniency in profiles() {
            let Ok(message) = json::parse_object_within(body, Limits { depth: bulk::DEPTH }) else { return };
            let names = bulk_ids(&message);
            let Ok(request) = Request::read(message, version, MOST, &mut leniency) else { continue };
            let (count, end) = (request.operations.len(), request.fail_on_errors);
            assert!((1..=MOST).contains(&count));
            let mut run = Run::new(request);
            let played = play(&mut run, &names);
            assert!(run.next_step().is_none(), "a job that has ended stays so");
            let text = Value::Object(run.response(version, "https://x.example/scim/v2")).to_string();
            let response: Value = serde_json::from_str(&text).expect("a response is JSON");
            let results = response["Operations"].as_array().expect("a response has results");
            assert!(results.len() <= count && played.turns.len() <= results.len());
            let failed = results.iter().filter(|result| is_failure(result)).count() as u64;
            assert!(played.errors <= failed);
            match end {
                None => assert_eq!(results.len(), count, "an operation has no result"),
                Some(most) => assert!(results.len() == count || failed >= most, "the job ended too early"),
            }
        }
    }
});
