//! The envelopes of SCIM 2.0: lists and errors.

use serde_json::Value;

use crate::Object;
use crate::schema::{ERROR, LIST_RESPONSE};

/// A list of resources (RFC 7644 section 3.4.2). All four members are always present.
pub fn list_response(total: i64, start_index: i64, resources: Vec<Object>) -> Object {
    let mut list = Object::new();
    list.insert("schemas".to_owned(), Value::from(vec![LIST_RESPONSE]));
    list.insert("totalResults".to_owned(), Value::from(total));
    list.insert("startIndex".to_owned(), Value::from(start_index));
    list.insert("itemsPerPage".to_owned(), Value::from(resources.len()));
    list.insert("Resources".to_owned(), Value::from_iter(resources.into_iter().map(Value::Object)));
    list
}

/// An error body (RFC 7644 section 3.12): `status` is the HTTP status as a string.
pub fn error(status: u16, scim_type: Option<&str>, detail: &str) -> Object {
    let mut error = Object::new();
    error.insert("schemas".to_owned(), Value::from(vec![ERROR]));
    if let Some(scim_type) = scim_type {
        error.insert("scimType".to_owned(), Value::from(scim_type));
    }
    error.insert("detail".to_owned(), Value::from(detail));
    error.insert("status".to_owned(), Value::from(status.to_string()));
    error
}
