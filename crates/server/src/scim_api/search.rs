//! `POST /Users/.search`, `POST /Groups/.search` and `POST /.search`: a query in a body (RFC 7644 section 3.4.3).

use axum::body::Body;
use axum::response::Response;
use doorward_scim::Object;
use doorward_scim::attr::same_name;
use doorward_scim::resource::member;
use doorward_scim::schema::SEARCH_REQUEST;
use serde_json::Value;

use super::call::Call;
use super::query::Query;
use super::refusal::Refusal;
use super::{body, groups, root, users};

/// `POST /Users/.search`.
pub async fn users(mut call: Call, body: Body) -> Result<Response, Refusal> {
    call.query = read(&call, body).await?;
    users::list(&call).await
}

/// `POST /Groups/.search`.
pub async fn groups(mut call: Call, body: Body) -> Result<Response, Refusal> {
    call.query = read(&call, body).await?;
    groups::list(&call).await
}

/// `POST /.search`.
pub async fn everything(mut call: Call, body: Body) -> Result<Response, Refusal> {
    call.query = read(&call, body).await?;
    root::list(&call).await
}

/// The parameters in the body. Those in the URL are ignored (P-7644-3.4.3-04).
async fn read(call: &Call, body: Body) -> Result<Query, Refusal> {
    let message = body::object(&call.headers, body, call.app.config().limits.user_body).await?;
    let is_search = |urn: &Value| urn.as_str().is_some_and(|urn| same_name(urn, SEARCH_REQUEST));
    if !member(&message, "schemas").and_then(Value::as_array).is_some_and(|urns| urns.iter().any(is_search)) {
        return Err(Refusal::invalid_syntax(format!("A search request needs `schemas` with {SEARCH_REQUEST}.")));
    }
    Ok(Query {
        filter: text(&message, "filter")?,
        attributes: names(&message, "attributes")?,
        excluded_attributes: names(&message, "excludedAttributes")?,
        start_index: integer(&message, "startIndex")?,
        count: integer(&message, "count")?,
        sort_by: text(&message, "sortBy")?,
        sort_order: text(&message, "sortOrder")?,
        cursor: text(&message, "cursor")?,
    })
}

fn text(message: &Object, name: &str) -> Result<Option<String>, Refusal> {
    match member(message, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Refusal::invalid_syntax(format!("{name} must be a string."))),
    }
}

/// A list of names; one string with commas is understood too (P-7644-3.4.3-03).
fn names(message: &Object, name: &str) -> Result<Option<String>, Refusal> {
    let Some(Value::Array(names)) = member(message, name) else { return text(message, name) };
    let names: Option<Vec<&str>> = names.iter().map(Value::as_str).collect();
    match names {
        Some(names) => Ok(Some(names.join(","))),
        None => Err(Refusal::invalid_syntax(format!("{name} must be a list of strings."))),
    }
}

fn integer(message: &Object, name: &str) -> Result<Option<String>, Refusal> {
    match member(message, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(Refusal::invalid_syntax(format!("{name} must be an integer."))),
    }
}
