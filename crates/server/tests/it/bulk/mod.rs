//! Bulk requests (`p_7644_3_7_…`, `h060_…` to `h068_…`, `v029_…`).

mod limits;
mod operations;
mod order;
mod references;

use serde_json::{Value, json};

use crate::support::{Directory, ERROR, GROUP, PATCH_OP, USER};
use crate::wire::Answer;

const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/// A request that makes a user.
fn new_user(bulk_id: &str, user_name: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": {"schemas": [USER], "userName": user_name}})
}

/// A request that makes a group.
fn new_group(bulk_id: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|value| json!({"value": value})).collect();
    let data = json!({"schemas": [GROUP], "displayName": bulk_id, "members": members});
    json!({"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data})
}

/// A request that adds a member.
fn add_member(path: &str, member: &str) -> Value {
    let operations = json!([{"op": "add", "path": "members", "value": [{"value": member}]}]);
    json!({"method": "PATCH", "path": path, "data": {"schemas": [PATCH_OP], "Operations": operations}})
}

fn message(operations: Value) -> Value {
    json!({"schemas": [BULK_REQUEST], "Operations": operations})
}

/// The results of a bulk request that was carried out, each of the right shape.
async fn bulk(idp: &Directory, operations: Value) -> Vec<Value> {
    results(idp.post("/Bulk", message(operations)).await, idp)
}

#[track_caller]
fn results(answer: Answer, idp: &Directory) -> Vec<Value> {
    let answer = answer.expect(200);
    assert_eq!(answer.header("content-type"), Some("application/scim+json"));
    let body = answer.json();
    assert_eq!(body["schemas"], json!([BULK_RESPONSE]));
    let results = body["Operations"].as_array().expect("Operations is an array").clone();
    results.iter().for_each(|result| check(result, idp));
    results
}

/// P-7644-3.7-08, P-7644-3.7.3-01, P-7644-3.7.3-02.
#[track_caller]
fn check(result: &Value, idp: &Directory) {
    let (method, status) = (result["method"].as_str(), result["status"].as_str().expect("status is a string"));
    let (succeeded, deleted) = (status.starts_with('2'), method == Some("DELETE"));
    assert_eq!(result.get("version").is_some(), succeeded && !deleted, "{result}");
    assert_eq!(result.get("response").is_some(), !succeeded, "{result}");
    if succeeded {
        assert_eq!(
            status,
            match method {
                Some("POST") => "201",
                Some("DELETE") => "204",
                _ => "200",
            }
        );
        assert!(result["location"].as_str().unwrap().starts_with(&idp.base("v2")), "{result}");
    } else {
        assert_eq!(result["response"]["schemas"], json!([ERROR]));
        assert_eq!(result["response"]["status"], result["status"]);
        assert!(result["response"]["detail"].as_str().is_some_and(|detail| detail.len() > 10), "{result}");
        assert!(method != Some("POST") || result.get("location").is_none(), "{result}");
    }
}

/// Status and keyword of each result.
fn outcomes(results: &[Value]) -> Vec<(String, Option<String>)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    results.iter().map(|result| (text(&result["status"]).unwrap(), text(&result["response"]["scimType"]))).collect()
}

fn statuses(results: &[Value]) -> Vec<&str> {
    results.iter().map(|result| result["status"].as_str().unwrap()).collect()
}

/// The id at the end of a location.
fn id(result: &Value) -> String {
    result["location"].as_str().unwrap_or_else(|| panic!("{result}")).rsplit('/').next().unwrap().to_owned()
}
