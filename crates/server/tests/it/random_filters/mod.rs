//! Random filters on random people, over HTTP, on each database: what SQL finds is what a second evaluator finds in the same
//! people as GET shows them (SEC-27). A long run: `DOORWARD_RANDOM_CASES=100000 cargo test -p doorward-server --test it
//! random_filters`.

#[path = "../../../../scim/tests/filter/evaluator.rs"]
pub mod evaluator;
#[path = "../../../../scim/tests/filter/model.rs"]
pub mod model;

use proptest::prelude::any;
use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::hard_cases::encoded;
use crate::support::{Directory, Kind, USER, with_directory};
use model::{Term, X};

const PEOPLE: usize = 40;
/// Names that fold to different keys.
const NAMES: &[&str] = &["A", "ab", "B", "SS", "e\u{301}", "a b", "%", "\"", "\\", "ǅ", "😀"];

/// Fresh random values on each call.
pub fn random<T: std::fmt::Debug>(runner: &mut TestRunner, strategy: &impl Strategy<Value = T>) -> T {
    strategy.new_tree(runner).unwrap().current()
}

/// Whether a filter asks for the extension that the model has and the directory has not.
pub fn asks_for_x(term: &Term) -> bool {
    match term {
        Term::And(terms) | Term::Or(terms) => terms.iter().any(asks_for_x),
        Term::Not(term) => asks_for_x(term),
        Term::Compare(named, ..) | Term::Present(named) | Term::Null(named, _) | Term::Values(named, _) => {
            named.1 == Some(X)
        }
    }
}

/// A person of the model as a client may send it.
fn body(mut person: Value, number: usize) -> Value {
    let object = person.as_object_mut().unwrap();
    object.shift_remove(X);
    object.shift_remove("meta");
    object.insert("schemas".to_owned(), json!([USER]));
    let name = NAMES.get(number).map_or_else(|| format!("u{number}"), |&name| name.to_owned());
    object.insert("userName".to_owned(), json!(name));
    let mut primary = false;
    for email in object.get_mut("emails").and_then(Value::as_array_mut).into_iter().flatten() {
        if primary && email["primary"] == true {
            email["primary"] = json!(false);
        }
        primary |= email["primary"] == true;
        email.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    }
    person
}

/// The people of a new directory, as GET shows them.
pub async fn people(directory: &Directory, runner: &mut TestRunner) -> Vec<Value> {
    let strategy = model::resources();
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        let person = body(Value::Object(random(runner, &strategy)), number);
        let id = directory.post("/Users", person).await.expect(201).json()["id"].as_str().unwrap().to_owned();
        people.push(directory.get(&format!("/Users/{id}")).await.expect(200).json());
    }
    people
}

pub fn ids<'a>(people: impl Iterator<Item = &'a Value>) -> Vec<String> {
    let mut ids: Vec<String> = people.map(|person| person["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn sec_27_random_filters_find_what_the_reference_finds() {
    let asked = std::env::var("DOORWARD_RANDOM_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(300);
    with_directory(Kind::okta(), async |directory| {
        let mut runner = TestRunner::default();
        let people = people(&directory, &mut runner).await;
        let filters = (model::filters(), proptest::collection::vec(any::<u8>(), 1..24))
            .prop_filter("the directory has no such extension", |(term, _)| !asks_for_x(term));
        for _ in 0..asked {
            let (term, choices) = random(&mut runner, &filters);
            let filter = model::write(&term, &choices);
            let wanted = ids(people.iter().filter(|person| evaluator::expected(&term, person, false)));
            let list =
                directory.get(&format!("/Users?count=1000&filter={}", encoded(&filter))).await.expect(200).json();
            let found = ids(list["Resources"].as_array().into_iter().flatten());
            assert_eq!(found, wanted, "{filter} on {people:#?}");
            assert_eq!(list["totalResults"], wanted.len(), "{filter}");
        }
    })
    .await;
}
