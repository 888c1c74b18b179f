//! The message that comes back.

use serde_json::{Value, json};

use super::Method;
use super::request::Operation;
use super::run::{Done, Failure};
use crate::Object;
use crate::schema::{BULK_RESPONSE, CORE_V1};
use crate::version::Version;

/// The envelope around the results (RFC 7644 section 3.7; SCIM 1.1 protocol section 3.5).
pub(super) fn envelope(version: Version, results: Vec<Object>) -> Object {
    let urn = match version {
        Version::V1 => CORE_V1,
        Version::V2 => BULK_RESPONSE,
    };
    let mut message = Object::new();
    message.insert("schemas".to_owned(), json!([urn]));
    message.insert("Operations".to_owned(), Value::from_iter(results.into_iter().map(Value::Object)));
    message
}

/// The result of one operation. The location is there except for a POST that failed, and for a path that leads nowhere
/// (RFC 7644 section 3.7.3).
pub(super) fn result(version: Version, base: &str, operation: &Operation, outcome: &Result<Done, Failure>) -> Object {
    let mut result = Object::new();
    let mut put = |name: &str, value: Value| result.insert(name.to_owned(), value);
    if let Some(location) = location(base, operation, outcome) {
        put("location", Value::from(location));
    }
    if let Some(method) = operation.method {
        put("method", Value::from(method.name()));
    }
    if let Some(bulk_id) = &operation.bulk_id {
        put("bulkId", Value::from(bulk_id.as_str()));
    }
    if let Ok(Done { version: Some(number), .. }) = outcome {
        put("version", Value::from(format!("W/\"{number}\"")));
    }
    let code = match outcome {
        Ok(_) => succeeded(version, operation.method),
        Err(failure) => failure.status,
    };
    // D29: a string in 2.0, an object in 1.1.
    match (version, outcome) {
        (Version::V2, Ok(_)) => put("status", Value::from(code.to_string())),
        (Version::V2, Err(failure)) => {
            put("status", Value::from(code.to_string()));
            let body = version.error_body(code, failure.scim_type, &failure.detail);
            put("response", Value::Object(body))
        }
        (Version::V1, Ok(_)) => put("status", json!({"code": code.to_string()})),
        (Version::V1, Err(failure)) => put("status", json!({"code": code.to_string(), "description": failure.detail})),
    };
    result
}

fn location(base: &str, operation: &Operation, outcome: &Result<Done, Failure>) -> Option<String> {
    let target = operation.target.as_ref()?;
    let endpoint = target.kind.endpoint();
    match (outcome, &target.resource) {
        (Ok(done), _) => Some(format!("{base}/{endpoint}/{}", done.id)),
        (Err(_), Some(named)) if operation.method != Some(Method::Post) => {
            Some(format!("{base}/{endpoint}/{}", named.segment))
        }
        (Err(_), _) => None,
    }
}

/// The status of the single request.
fn succeeded(version: Version, method: Option<Method>) -> u16 {
    match (method, version) {
        (Some(Method::Post), _) => 201,
        // D35.
        (Some(Method::Delete), Version::V2) => 204,
        _ => 200,
    }
}
