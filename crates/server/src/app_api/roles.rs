//! `/roles`: the catalogue. The SDKs ask for it under `/authorization/organizations/{id}/roles` and `/organizations/{id}/roles`.

use axum::Json;
use axum::extract::{Path, State};
use doorward_store::ids::{OrganizationId, RoleId};
use doorward_store::role::RoleRow;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::{Input, given, whole};
use super::page::List;
use super::parameters::Parameters;
use super::reply::Failure;
use crate::app::App;
use crate::service::roles::catalogue::{self, NewRole};

/// `GET /roles`; `organization_id`: the roles that count for it. Without it the default set. All of them: there are at most 200.
pub async fn list(
    State(app): State<App>,
    Caller(by): Caller,
    parameters: Parameters,
) -> Result<Json<List<Value>>, Failure> {
    let organization = parameters.id("organization_id")?;
    Ok(Json(all(&catalogue::list(app.store(), &by, organization).await?)))
}

/// `GET /organizations/{id}/roles`, `GET /authorization/organizations/{id}/roles`.
pub async fn of_organization(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<Json<List<Value>>, Failure> {
    let organization: OrganizationId = id.parse().map_err(|_| Failure::not_found("Organization"))?;
    Ok(Json(all(&catalogue::list(app.store(), &by, Some(organization)).await?)))
}

fn all(rows: &[RoleRow]) -> List<Value> {
    List::whole(rows.iter().map(|row| Value::Object(catalogue::object(row))).collect())
}

/// What a role is made of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleInput {
    /// Whose it is to be; of the default set when it is left out.
    #[schema(value_type = Option<String>)]
    organization_id: Option<OrganizationId>,
    /// How programs name it; made of the name when it is left out.
    slug: Option<String>,
    /// How people name it.
    #[schema(max_length = 200)]
    name: String,
    /// What it is for.
    #[schema(max_length = 1000)]
    description: Option<String>,
    /// Its place in the catalogue, higher ones first; 0 unless said otherwise.
    #[serde(default, deserialize_with = "whole::<0, _>")]
    #[schema(minimum = 0, maximum = 2147483647)]
    priority: Option<i64>,
    /// Whether people have it whom no rule gives another one.
    default: Option<bool>,
}

/// `POST /roles`.
pub async fn create(
    State(app): State<App>,
    Caller(by): Caller,
    Input(input): Input<RoleInput>,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let new = NewRole {
        organization_id: input.organization_id,
        slug: input.slug,
        name: input.name,
        description: input.description,
        priority: input.priority.unwrap_or(0),
        is_default: input.default.unwrap_or(false),
    };
    let row = catalogue::create(app.store(), &by, new).await?;
    Ok((StatusCode::CREATED, Json(Value::Object(catalogue::object(&row)))))
}

/// `GET /roles/{id}`.
pub async fn get(State(app): State<App>, Caller(by): Caller, Path(id): Path<String>) -> Result<Json<Value>, Failure> {
    Ok(Json(Value::Object(catalogue::object(&catalogue::get(app.store(), &by, role(&id)?).await?))))
}

/// What of a role is to be changed; what is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleChange {
    /// How people name it.
    #[schema(max_length = 200)]
    name: Option<String>,
    /// What it is for; `null` takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(max_length = 1000)]
    description: Option<Option<String>>,
    /// Its place in the catalogue, higher ones first.
    #[serde(default, deserialize_with = "whole::<0, _>")]
    #[schema(minimum = 0, maximum = 2147483647)]
    priority: Option<i64>,
    /// Whether people have it whom no rule gives another one.
    default: Option<bool>,
}

/// `PATCH /roles/{id}`: what is absent stays.
pub async fn update(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Input(input): Input<RoleChange>,
) -> Result<Json<Value>, Failure> {
    let change = catalogue::RoleChange {
        name: input.name,
        description: input.description,
        priority: input.priority,
        is_default: input.default,
    };
    let row = catalogue::update(app.store(), &by, role(&id)?, change).await?;
    Ok(Json(Value::Object(catalogue::object(&row))))
}

/// `DELETE /roles/{id}`: refused while rules give it.
pub async fn delete(State(app): State<App>, Caller(by): Caller, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    catalogue::delete(app.store(), &by, role(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn role(id: &str) -> Result<RoleId, Failure> {
    id.parse().map_err(|_| Failure::not_found("Role"))
}
