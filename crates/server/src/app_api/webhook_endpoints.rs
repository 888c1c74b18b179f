//! `/webhook_endpoints`.

use axum::Json;
use axum::extract::{Path, State};
use doorward_store::ids::{EndpointId, OrganizationId};
use doorward_store::paging::Order;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::{Input, given};
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

/// What a webhook endpoint is made of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookEndpointInput {
    /// Where events are sent.
    endpoint_url: String,
    /// For people: one line.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, max_length = 500)]
    description: Option<String>,
    /// Whose events it gets; those of all organizations when it is left out.
    #[schema(value_type = Option<String>)]
    organization_id: Option<OrganizationId>,
    /// The types of events that it gets; all when there are none.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, max_items = 100)]
    events: Option<Vec<String>>,
}

/// `POST /webhook_endpoints`. The answer shows the secret.
pub async fn create(
    State(app): State<App>,
    Caller(by): Caller,
    Input(input): Input<WebhookEndpointInput>,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let new = NewEndpoint {
        url: input.endpoint_url,
        description: input.description.unwrap_or_default(),
        organization_id: input.organization_id,
        events: input.events.unwrap_or_default(),
    };
    let (row, secret) = webhooks::create(app.store(), &by, &app.webhook_rules().await?, new).await?;
    Ok((StatusCode::CREATED, Json(webhooks::object_with(&row, &secret))))
}

/// `GET /webhook_endpoints/{id}`.
pub async fn get(State(app): State<App>, Caller(by): Caller, Path(id): Path<String>) -> Result<Json<Value>, Failure> {
    Ok(Json(webhooks::object(&webhooks::get(app.store(), &by, endpoint(&id)?).await?)))
}

/// What of a webhook endpoint is to be changed; what is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookEndpointChange {
    /// Where events are sent.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    endpoint_url: Option<String>,
    /// For people: one line.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, max_length = 500)]
    description: Option<String>,
    /// Whose events it gets; `null`: those of all organizations.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    organization_id: Option<Option<OrganizationId>>,
    /// The types of events that it gets; all when there are none.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, max_items = 100)]
    events: Option<Vec<String>>,
    /// Whether events are sent. `enabled` also makes everything that waits for another attempt due at once.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    status: Option<EndpointStatusInput>,
}

/// Whether events are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EndpointStatusInput {
    /// They are.
    Enabled,
    /// They are not.
    Disabled,
}

/// `PATCH /webhook_endpoints/{id}`: what `POST` takes, and `status`.
pub async fn update(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Input(input): Input<WebhookEndpointChange>,
) -> Result<Json<Value>, Failure> {
    let changes = Changes {
        url: input.endpoint_url,
        description: input.description,
        organization_id: input.organization_id,
        events: input.events,
        enabled: input.status.map(|status| status == EndpointStatusInput::Enabled),
    };
    let row = webhooks::update(app.store(), &by, &app.webhook_rules().await?, endpoint(&id)?, changes).await?;
    Ok(Json(webhooks::object(&row)))
}

/// `DELETE /webhook_endpoints/{id}`.
pub async fn delete(State(app): State<App>, Caller(by): Caller, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    webhooks::delete(app.store(), &by, endpoint(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How a secret is replaced.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookRotation {
    /// How many seconds the secret before counts, 0 to 604,800; 86,400 unless said otherwise.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 0, maximum = 604800)]
    overlap_seconds: Option<i64>,
}

/// `POST /webhook_endpoints/{id}/rotate_secret`. The answer shows the secret.
pub async fn rotate(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Input(input): Input<WebhookRotation>,
) -> Result<Json<Value>, Failure> {
    let overlap = input.overlap_seconds.unwrap_or(webhooks::OVERLAP);
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
