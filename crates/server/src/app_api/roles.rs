//! `/roles`: the catalogue. The SDKs ask for it under `/authorization/organizations/{id}/roles` and `/organizations/{id}/roles`.

use axum::Json;
use axum::extract::{Path, State};
use doorward_store::ids::{OrganizationId, RoleId};
use doorward_store::role::RoleRow;
use http::StatusCode;
use serde_json::Value;

use super::auth::Caller;
use super::body::Body;
use super::form::Form;
use super::page::List;
use super::parameters::Parameters;
use super::reply::Failure;
use crate::app::App;
use crate::service::roles::catalogue::{self, NewRole, RoleChange};

/// `GET /roles`; `organization_id`: the roles that count for it. Without it the default set. All of them: there are at most 200.
pub async fn list(
    State(app): State<App>,
    Caller(by): Caller,
    parameters: Parameters,
) -> Result<Json<List<Value>>, Failure> {
    let organization = parameters.id("organization_id")?;
    Ok(Json(whole(&catalogue::list(app.store(), &by, organization).await?)))
}

/// `GET /organizations/{id}/roles`, `GET /authorization/organizations/{id}/roles`.
pub async fn of_organization(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<Json<List<Value>>, Failure> {
    let organization: OrganizationId = id.parse().map_err(|_| Failure::not_found("Organization"))?;
    Ok(Json(whole(&catalogue::list(app.store(), &by, Some(organization)).await?)))
}

fn whole(rows: &[RoleRow]) -> List<Value> {
    List::whole(rows.iter().map(|row| Value::Object(catalogue::object(row))).collect())
}

/// `POST /roles`.
pub async fn create(
    State(app): State<App>,
    Caller(by): Caller,
    Body(body): Body,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let mut form = Form::new(body);
    let new = NewRole {
        organization_id: form.id("organization_id")?,
        slug: form.text("slug")?,
        name: form.required("name")?,
        description: form.text("description")?,
        priority: form.number("priority", 0)?.unwrap_or(0),
        is_default: form.boolean("default")?.unwrap_or(false),
    };
    form.end()?;
    let row = catalogue::create(app.store(), &by, new).await?;
    Ok((StatusCode::CREATED, Json(Value::Object(catalogue::object(&row)))))
}

/// `GET /roles/{id}`.
pub async fn get(State(app): State<App>, Caller(by): Caller, Path(id): Path<String>) -> Result<Json<Value>, Failure> {
    Ok(Json(Value::Object(catalogue::object(&catalogue::get(app.store(), &by, role(&id)?).await?))))
}

/// `PATCH /roles/{id}`: what is absent stays.
pub async fn update(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Json<Value>, Failure> {
    let mut form = Form::new(body);
    let change = RoleChange {
        name: form.text("name")?,
        description: form.nullable("description")?,
        priority: form.number("priority", 0)?,
        is_default: form.boolean("default")?,
    };
    form.end()?;
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
