//! `/directories/{id}/catalogue`: the roles and entitlements that a directory offers.

use axum::Json;
use axum::extract::{Path, State};
use doorward_scim::schema::Catalogue;
use doorward_store::ids::DirectoryId;
use http::StatusCode;
use serde_json::Value;

use super::auth::Caller;
use super::body::Body;
use super::reply::Failure;
use crate::app::App;
use crate::service::{self, catalogue};

/// `GET /directories/{id}/catalogue`.
pub async fn get(State(app): State<App>, Caller(by): Caller, Path(id): Path<String>) -> Result<Json<Value>, Failure> {
    let id = directory(&id)?;
    Ok(Json(catalogue::object(id, &catalogue::get(app.store(), &by, id).await?)))
}

/// `PUT /directories/{id}/catalogue`: sets both lists; the one that is left out is off.
pub async fn put(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Body(document): Body,
) -> Result<Json<Value>, Failure> {
    let id = directory(&id)?;
    let wanted = Catalogue::from_document(&document).map_err(service::Error::from)?;
    let set = catalogue::set(app.store(), &by, id, wanted).await?;
    app.forget_scopes();
    Ok(Json(catalogue::object(id, &set)))
}

/// `DELETE /directories/{id}/catalogue`: switches both lists off.
pub async fn delete(State(app): State<App>, Caller(by): Caller, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    catalogue::set(app.store(), &by, directory(&id)?, Catalogue::default()).await?;
    app.forget_scopes();
    Ok(StatusCode::NO_CONTENT)
}

fn directory(id: &str) -> Result<DirectoryId, Failure> {
    id.parse().map_err(|_| Failure::not_found("Directory"))
}
