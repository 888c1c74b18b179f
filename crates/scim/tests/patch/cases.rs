//! The hard cases of section 16.2 (P001 to P132) and 16.4 (V001 to V017), asked of the library in both profiles. P133 to
//! P135 are the server's alone, and of some others the library knows only a part, which the data calls `library`.

use std::collections::BTreeSet;

use doorward_scim::quirks::Profile;
use doorward_scim::version::Version;
use doorward_scim::{Error, Object, json as reader};
use serde_json::{Value, json};

use crate::data::cases;
use crate::support::{Expected, Outcome, object, operations, run};

/// What a case or a part of it expects.
fn outcome(case: &Value) -> Option<Expected> {
    if case["unchanged"] == json!(true) {
        return Some(Expected::Same);
    }
    if let Some(changes) = case.get("changed") {
        return Some(Expected::Changed(without_what_is_computed(changes.clone())));
    }
    if let Some(members) = case["members"].as_array() {
        return Some(Expected::Members(members.iter().filter_map(Value::as_str).map(str::to_owned).collect()));
    }
    case["error"].as_str().map(|keyword| Expected::Fails(keyword.to_owned()))
}

/// The library stores who the manager is; under which name the manager is shown is the server's to say.
fn without_what_is_computed(mut changes: Value) -> Value {
    if let Some(manager) = changes.pointer_mut("/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/manager") {
        manager.as_object_mut().map(|manager| manager.shift_remove("displayName"));
    }
    changes
}

/// The messages of a case, as text: JSON that is read twice could not hold the same name twice.
fn messages(case: &Value) -> Vec<String> {
    if let Some(list) = case.get("operations") {
        return vec![Value::Object(operations(list.clone())).to_string()];
    }
    if let Some(text) = case["text"].as_str() {
        return vec![text.to_owned()];
    }
    if let Some(bodies) = case["bodies"].as_array() {
        return bodies.iter().map(Value::to_string).collect();
    }
    if let Some(partial) = case.get("patch") {
        let mut message: Object = object(partial.clone());
        message.insert("schemas".to_owned(), json!(["urn:scim:schemas:core:1.0"]));
        return vec![Value::Object(message).to_string()];
    }
    vec![case["body"].to_string()]
}

fn ask(case: &Value, message: &str, version: Version, profile: Profile) -> Result<Outcome, Error> {
    run(case["target"].as_str().expect("a target"), version, reader::parse_object(message.as_bytes())?, profile)
}

fn check(file: &str, version: Version) -> BTreeSet<String> {
    let mut wrong = Vec::new();
    let mut asked = BTreeSet::new();
    for case in cases(file).iter().filter(|case| case.get("steps").is_none()) {
        asked.insert(case["id"].as_str().expect("an id").to_owned());
        for profile in [Profile::Tolerant, Profile::Strict] {
            let strict = case.get("strict").filter(|_| profile == Profile::Strict);
            let decides = case.get("library").or(strict).unwrap_or(case);
            let expected = outcome(decides).unwrap_or_else(|| panic!("no outcome: {case}"));
            for message in messages(case) {
                let outcome = ask(case, &message, version, profile);
                if let Some(reason) = expected.contradicts(case["target"].as_str().expect("a target"), &outcome) {
                    wrong.push(format!("{} {profile:?}: {reason}", case["id"]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases fail\n{}", wrong.len(), wrong.join("\n"));
    asked
}

fn numbers(letter: char, last: usize) -> BTreeSet<String> {
    (1..=last).map(|number| format!("{letter}{number:03}")).collect()
}

#[test]
fn p001_to_p132_in_both_profiles() {
    let asked = check(include_str!("../../../testkit/data/hard_cases/patches.json"), Version::V2);
    assert_eq!(asked, numbers('P', 132));
}

#[test]
fn v001_to_v017_in_both_profiles() {
    let asked = check(include_str!("../../../testkit/data/hard_cases/scim_1_1.json"), Version::V1);
    assert_eq!(asked, numbers('V', 17));
}
