//! What an answer must look like, by kind.

use serde_json::Value;

use crate::support::{CORE_V1, ERROR, GROUP, LIST, USER};
use crate::wire::Answer;

/// A filter as it stands in a URL, every reserved character encoded.
pub fn encoded(text: &str) -> String {
    let unreserved = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    text.bytes()
        .map(|byte| if unreserved(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// The items of a 2.0 list, whose envelope is checked.
#[track_caller]
pub fn list(answer: Answer) -> Vec<Value> {
    envelope(answer, LIST, "application/scim+json")
}

/// The items of a 1.1 list, whose envelope is checked.
#[track_caller]
pub fn list_v1(answer: Answer) -> Vec<Value> {
    envelope(answer, CORE_V1, "application/json")
}

#[track_caller]
fn envelope(answer: Answer, schema: &str, content_type: &str) -> Vec<Value> {
    let answer = answer.expect(200);
    assert_eq!(answer.header("content-type"), Some(content_type));
    let body = answer.json();
    assert_eq!(body["schemas"], serde_json::json!([schema]));
    for member in ["totalResults", "startIndex", "itemsPerPage"] {
        assert!(body[member].is_i64() || body[member].is_u64(), "{member} must be an integer: {body}");
    }
    let items = body["Resources"].as_array().expect("Resources is always an array").clone();
    assert_eq!(body["itemsPerPage"].as_u64(), Some(items.len() as u64));
    items
}

/// "List0": no match is an empty list, never 404.
#[track_caller]
pub fn list0(answer: Answer) {
    let total = answer.json()["totalResults"].clone();
    assert_eq!(list(answer), Vec::<Value>::new());
    assert_eq!(total, 0);
}

/// "User": the full resource, without a password.
#[track_caller]
pub fn user(answer: Answer, status: u16) -> Value {
    resource(answer, status, USER, "User")
}

/// "Group": the full resource.
#[track_caller]
pub fn group(answer: Answer, status: u16) -> Value {
    resource(answer, status, GROUP, "Group")
}

#[track_caller]
fn resource(answer: Answer, status: u16, schema: &str, resource_type: &str) -> Value {
    let answer = answer.expect(status);
    assert_eq!(answer.header("content-type"), Some("application/scim+json"));
    let body = answer.json();
    assert_eq!(body["schemas"][0], schema);
    assert_eq!(body["meta"]["resourceType"], resource_type);
    let id = body["id"].as_str().expect("id is a string");
    assert!(!id.is_empty() && !id.contains("bulkId"), "{id}");
    assert_eq!(answer.header("location"), body["meta"]["location"].as_str());
    assert!(body["meta"]["location"].as_str().unwrap().ends_with(&format!("/{resource_type}s/{id}")), "{body}");
    assert_eq!(answer.header("etag"), body["meta"]["version"].as_str());
    assert!(body.get("password").is_none(), "a password is never returned");
    body
}

/// A 1.1 user or group.
#[track_caller]
pub fn resource_v1(answer: Answer, status: u16) -> Value {
    let answer = answer.expect(status);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let body = answer.json();
    assert_eq!(body["schemas"][0], CORE_V1);
    assert!(body["id"].is_string(), "{body}");
    assert!(body["meta"].get("resourceType").is_none(), "1.1 has no resourceType: {body}");
    assert!(body["meta"]["location"].as_str().unwrap().contains("/v1/"), "{body}");
    assert!(body.get("password").is_none(), "a password is never returned");
    body
}

/// An error body of 2.0 with a sentence in it.
#[track_caller]
pub fn error(answer: Answer, status: u16, scim_type: Option<&str>) -> Value {
    let answer = answer.expect(status);
    assert_eq!(answer.header("content-type"), Some("application/scim+json"));
    let body = answer.json();
    assert_eq!(body["schemas"], serde_json::json!([ERROR]));
    assert_eq!(body["status"], status.to_string(), "status is a string");
    assert_eq!(body.get("scimType").and_then(Value::as_str), scim_type, "{body}");
    assert!(body["detail"].as_str().is_some_and(|detail| detail.len() > 10), "{body}");
    body
}

/// An error body of 1.1.
#[track_caller]
pub fn error_v1(answer: Answer, status: u16) {
    let answer = answer.expect(status);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let body = answer.json();
    assert_eq!(body["Errors"][0]["code"], status.to_string());
    assert!(body["Errors"][0]["description"].as_str().is_some_and(|text| text.len() > 10), "{body}");
    assert!(body.get("schemas").is_none() && body.get("scimType").is_none(), "{body}");
}

/// A group shows no members: the attribute is absent or empty.
#[track_caller]
pub fn no_members(group: &Value) {
    assert_eq!(crate::support::member_ids(group), Vec::<String>::new());
}
