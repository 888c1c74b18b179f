//! Compares one resource with what it should be, value by value.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::client::Object;
use crate::dialect::okta::member;
use crate::intended::{Intended, IntendedGroup};

/// Members of a body that say nothing about the account: the server's own, and what is never stored.
const PASSED_OVER: &[&str] = &["schemas", "id", "meta", "groups", "password", "company"];

/// The differences between a user's mapped values and the user at the server.
pub(super) fn user(expected: &Object, found: &Object, mapped: &[&str]) -> Vec<String> {
    let mut differences = Vec::new();
    for (name, value) in expected.iter().filter(|(name, _)| !PASSED_OVER.contains(&name.as_str())) {
        value_at(name, value, found.get(name), &mut differences);
    }
    for path in mapped.iter().filter(|path| member(expected, path).is_none_or(is_empty)) {
        if let Some(left) = member(found, path).filter(|value| !is_empty(value)) {
            differences.push(format!("{} should be empty but is {left}", shown(path)));
        }
    }
    differences.sort();
    differences.dedup();
    differences
}

fn value_at(path: &str, expected: &Value, found: Option<&Value>, differences: &mut Vec<String>) {
    match (expected, found) {
        // manager.displayName is read-only (RFC 7643, 4.3): the server may say something else or nothing.
        _ if path.ends_with("manager.displayName") => {}
        (expected, found) if is_empty(expected) && found.is_none_or(is_empty) => {}
        (Value::Object(expected), Some(Value::Object(found))) => {
            for (name, value) in expected {
                value_at(&format!("{path}.{name}"), value, found.get(name), differences);
            }
        }
        (Value::Array(expected), Some(Value::Array(found))) => elements(path, expected, found, differences),
        (expected, Some(found)) if expected == found => {}
        (expected, Some(found)) => differences.push(format!("{} is {found}, should be {expected}", shown(path))),
        (expected, None) => differences.push(format!("{} is missing, should be {expected}", shown(path))),
    }
}

/// Elements of a list belong together by `type`, else by `value`; the order says nothing (RFC 7643, 2.4).
fn elements(path: &str, expected: &[Value], found: &[Value], differences: &mut Vec<String>) {
    let found: Vec<_> = found.iter().filter(|element| !is_empty(element)).collect();
    for element in expected {
        let key = if element.get("type").is_some() { "type" } else { "value" };
        let label = element.get(key).cloned().unwrap_or_default();
        match found.iter().find(|other| other.get(key) == element.get(key)) {
            Some(other) => value_at(&format!("{path}[{key} {label}]"), element, Some(other), differences),
            None => differences.push(format!("{} lacks {element}", shown(path))),
        }
    }
    if found.len() > expected.len() {
        let list: Vec<_> = found.iter().map(ToString::to_string).collect();
        let (have, due) = (found.len(), expected.len());
        differences.push(format!("{} has {have} values instead of {due}: {}", shown(path), list.join(", ")));
    }
}

/// Unassigned values: null, "", [] and objects of which nothing is left but how they would be used.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.iter().all(is_empty),
        Value::Object(object) => object
            .iter()
            .all(|(name, value)| matches!(name.as_str(), "type" | "primary" | "display") || is_empty(value)),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A path for people: a URN and its attribute are divided by a colon.
fn shown(path: &str) -> String {
    path.replace('|', ":")
}

/// The ids in a list of members.
pub(super) fn member_ids(members: &Value) -> BTreeSet<&str> {
    members.as_array().into_iter().flatten().filter_map(|member| member["value"].as_str()).collect()
}

/// The differences between a group's intended members and those at the server.
pub(super) fn members(group: &IntendedGroup, found: &Value, intended: &Intended) -> Vec<String> {
    let found = member_ids(found);
    let due: BTreeSet<&str> = group.members.iter().filter_map(|key| intended.user_id(*key)).collect();
    let name = |id: &str| {
        let user = intended.users.values().find(|user| user.id.as_deref() == Some(id));
        user.map_or_else(|| id.to_owned(), |user| user.person.user_name.clone())
    };
    let mut differences: Vec<_> = due.difference(&found).map(|id| format!("lacks the member {}", name(id))).collect();
    let surplus = found.difference(&due).filter(|id| !group.inherited.contains(**id));
    differences.extend(surplus.map(|id| format!("has the member {} who should not be there", name(id))));
    differences
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::dialect::profile::object;

    fn differences(expected: Value, found: Value, mapped: &[&str]) -> Vec<String> {
        user(&object(expected), &object(found), mapped)
    }

    #[test]
    fn sk_19_what_the_server_adds_is_no_difference() {
        let expected = json!({"userName": "a", "name": {"givenName": "A"}, "emails": [{"type": "work", "value": "a@b"}], "title": ""});
        let found = json!({
            "userName": "a", "id": "1", "name": {"formatted": "x", "givenName": "A"},
            "emails": [{"type": "work", "value": "a@b", "primary": true}],
            "phoneNumbers": [{"type": "mobile"}],
        });
        assert_eq!(differences(expected, found, &["title", "phoneNumbers"]), [""; 0]);
    }

    #[test]
    fn sk_19_every_kind_of_difference_is_named() {
        let expected =
            json!({"active": false, "name": {"familyName": "B"}, "emails": [{"type": "work", "value": "a@b"}]});
        let found = json!({
            "active": true, "name": {"familyName": "b"}, "title": "CEO",
            "emails": [{"type": "home", "value": "a@b"}, {"type": "x", "value": "y"}],
        });
        assert_eq!(
            differences(expected, found, &["title"]),
            [
                "active is true, should be false",
                "emails has 2 values instead of 1: {\"type\":\"home\",\"value\":\"a@b\"}, {\"type\":\"x\",\"value\":\"y\"}",
                "emails lacks {\"type\":\"work\",\"value\":\"a@b\"}",
                "name.familyName is \"b\", should be \"B\"",
                "title should be empty but is \"CEO\"",
            ]
        );
    }
}
