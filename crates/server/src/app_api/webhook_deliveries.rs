//! `/webhook_endpoints/{id}/deliveries`, and what has events sent once more.

use axum::Json;
use axum::extract::{Path, State};
use doorward_store::ids::EventId;
use doorward_store::paging::Order;
use doorward_store::webhook::delivery;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::Input;
use super::page::{List, cursor};
use super::parameters::Parameters;
use super::reply::Failure;
use super::webhook_endpoints::endpoint;
use crate::app::App;
use crate::service::{deliveries, webhooks};

/// `GET /webhook_endpoints/{id}/deliveries`; filter `state`.
pub async fn list(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Json<List<Value>>, Failure> {
    let id = endpoint(&id)?;
    let state = parameters.text("state").map(|text| {
        let found = delivery::State::ALL.into_iter().find(|state| state.as_str() == text);
        found.ok_or_else(|| Failure::wrong("state", "must be delivered, retrying, parked or pending"))
    });
    let cursor = cursor(&parameters, Order::Descending)?;
    let slice = deliveries::list(app.store(), &by, id, state.transpose()?, cursor).await?;
    Ok(Json(List::new(slice, |row| row.id, |row| Ok::<_, Failure>(deliveries::object(id, &row)))?))
}

/// `POST /webhook_endpoints/{id}/deliveries/{delivery_id}/retry`.
pub async fn retry(
    State(app): State<App>,
    Caller(by): Caller,
    Path((id, delivery)): Path<(String, String)>,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let (id, delivery) = (endpoint(&id)?, delivery.parse().map_err(|_| Failure::not_found("Delivery"))?);
    let row = deliveries::retry(app.store(), &by, id, delivery).await?;
    Ok((StatusCode::ACCEPTED, Json(deliveries::object(id, &row))))
}

/// `POST /webhook_endpoints/{id}/retry_parked`.
pub async fn retry_parked(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let count = deliveries::retry_parked(app.store(), &by, endpoint(&id)?).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "object": "webhook_retry", "deliveries": count }))))
}

/// `POST /webhook_endpoints/{id}/test`.
pub async fn test(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let row = deliveries::test(app.store(), &by, endpoint(&id)?).await?;
    Ok((StatusCode::ACCEPTED, Json(webhooks::object(&row))))
}

/// Which part of the log is to be sent once more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookReplayInput {
    /// The id of an event: what comes after it; from the beginning of the log when it is left out.
    #[schema(value_type = Option<String>)]
    after: Option<EventId>,
    /// The id of an event: up to it, itself included; up to the last one that was sent when it is left out.
    #[schema(value_type = Option<String>)]
    until: Option<EventId>,
}

/// `POST /webhook_endpoints/{id}/replay`.
pub async fn replay(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Input(input): Input<WebhookReplayInput>,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let replay = deliveries::replay(app.store(), &by, endpoint(&id)?, input.after, input.until).await?;
    Ok((StatusCode::ACCEPTED, Json(deliveries::replay_object(&replay))))
}
