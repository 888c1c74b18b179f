//! `/webhook_endpoints`.

use axum::Json;
use axum::extract::{Path, State};
use doorward_scim::Object;
use doorward_store::ids::EndpointId;
use doorward_store::paging::Order;
use http::StatusCode;
use serde_json::Value;

use super::auth::Caller;
use super::body::Body;
use super::page::{List, cursor};
use super::parameters::Parameters;
use super::reply::Failure;
use crate::app::App;
use crate::service::webhooks::{self, Changes, NewEndpoint};

/// `GET /webhook_endpoints`.
pub async fn list(
    State(app): State<App>,
    Caller(by): Caller,
    parameters: Parameters,
) -> Result<Json<List<Value>>, Failure> {
    let slice = webhooks::list(app.store(), &by, cursor(&parameters, Order::Descending)?).await?;
    Ok(Json(List::new(slice, |row| row.id, |row| Ok::<_, Failure>(webhooks::object(&row)))?))
}

/// `POST /webhook_endpoints`: `endpoint_url`, `events`, `organization_id`, `description`. The answer shows the secret.
pub async fn create(
    State(app): State<App>,
    Caller(by): Caller,
    Body(mut body): Body,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let url = text(&mut body, "endpoint_url")?;
    let new = NewEndpoint {
        url: url.ok_or_else(|| wrong("endpoint_url", "is missing"))?,
        description: text(&mut body, "description")?.unwrap_or_default(),
        organization_id: nullable(&mut body, "organization_id")?.flatten(),
        events: types(&mut body)?.unwrap_or_default(),
    };
    known_only(&body)?;
    let (row, secret) = webhooks::create(app.store(), &by, &app.webhook_rules().await?, new).await?;
    Ok((StatusCode::CREATED, Json(webhooks::object_with(&row, &secret))))
}

/// `GET /webhook_endpoints/{id}`.
pub async fn get(State(app): State<App>, Caller(by): Caller, Path(id): Path<String>) -> Result<Json<Value>, Failure> {
    Ok(Json(webhooks::object(&webhooks::get(app.store(), &by, endpoint(&id)?).await?)))
}

/// `PATCH /webhook_endpoints/{id}`: what `POST` takes, and `status`.
pub async fn update(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Body(mut body): Body,
) -> Result<Json<Value>, Failure> {
    let enabled = match text(&mut body, "status")?.as_deref() {
        None => None,
        Some("enabled") => Some(true),
        Some("disabled") => Some(false),
        Some(_) => return Err(wrong("status", "must be enabled or disabled")),
    };
    let changes = Changes {
        url: text(&mut body, "endpoint_url")?,
        description: text(&mut body, "description")?,
        organization_id: nullable(&mut body, "organization_id")?,
        events: types(&mut body)?,
        enabled,
    };
    known_only(&body)?;
    let row = webhooks::update(app.store(), &by, &app.webhook_rules().await?, endpoint(&id)?, changes).await?;
    Ok(Json(webhooks::object(&row)))
}

/// `DELETE /webhook_endpoints/{id}`.
pub async fn delete(State(app): State<App>, Caller(by): Caller, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    webhooks::delete(app.store(), &by, endpoint(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /webhook_endpoints/{id}/rotate_secret`: `overlap_seconds`. The answer shows the secret.
pub async fn rotate(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Body(mut body): Body,
) -> Result<Json<Value>, Failure> {
    let overlap = match body.shift_remove("overlap_seconds") {
        None => webhooks::OVERLAP,
        Some(value) => value.as_i64().ok_or_else(|| wrong("overlap_seconds", "must be a number of seconds"))?,
    };
    known_only(&body)?;
    let rules = app.webhook_rules().await?;
    let (row, secret) = webhooks::rotate(app.store(), &by, &rules, endpoint(&id)?, overlap).await?;
    Ok(Json(webhooks::object_with(&row, &secret)))
}

/// The id in a path.
///
/// # Errors
/// 404 when it is no id of an endpoint.
pub fn endpoint(id: &str) -> Result<EndpointId, Failure> {
    id.parse().map_err(|_| Failure::not_found("Webhook endpoint"))
}

/// Takes a text out of a body.
///
/// # Errors
/// 422 when it is something else.
pub fn text(body: &mut Object, field: &'static str) -> Result<Option<String>, Failure> {
    match body.shift_remove(field) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong(field, "must be a string")),
    }
}

/// Takes an id out of a body; `Some(None)` when it is null.
///
/// # Errors
/// 422 when it is something else.
pub fn nullable<I: std::str::FromStr>(body: &mut Object, field: &'static str) -> Result<Option<Option<I>>, Failure> {
    match body.shift_remove(field) {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(None)),
        Some(Value::String(text)) => {
            text.parse().map(|id| Some(Some(id))).map_err(|_| wrong(field, "is not an id of the right kind"))
        }
        Some(_) => Err(wrong(field, "must be a string")),
    }
}

fn types(body: &mut Object) -> Result<Option<Vec<String>>, Failure> {
    let Some(value) = body.shift_remove("events") else { return Ok(None) };
    let names = value.as_array().and_then(|names| names.iter().map(|name| name.as_str().map(str::to_owned)).collect());
    names.map(Some).ok_or_else(|| wrong("events", "must be a list of names of event types"))
}

/// Refuses a body that holds something that nobody has taken out.
///
/// # Errors
/// 422 naming the field.
pub fn known_only(body: &Object) -> Result<(), Failure> {
    match body.keys().next() {
        None => Ok(()),
        Some(field) => Err(Failure::Service(crate::service::Error::Invalid {
            field: field.clone(),
            message: "is not known here".to_owned(),
        })),
    }
}

/// 422 about a field.
pub fn wrong(field: &'static str, message: &str) -> Failure {
    Failure::Parameter { field, message: message.to_owned() }
}
