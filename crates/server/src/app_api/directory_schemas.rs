//! `/directories/{id}/schemas`, and `/directories/{id}/received_attributes` for what is missing there.

use axum::Json;
use axum::extract::{Path, State};
use doorward_scim::attr::same_name;
use doorward_scim::schema::Declaration;
use doorward_store::ids::DirectoryId;
use http::StatusCode;
use serde_json::Value;

use super::auth::Caller;
use super::body::Body;
use super::page::List;
use super::reply::Failure;
use crate::app::App;
use crate::service::{self, received, schemas};

/// `GET /directories/{id}/schemas`: all of them, there are few.
pub async fn list(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<Json<List<Value>>, Failure> {
    let id = directory(&id)?;
    let declarations = schemas::list(app.store(), &by, id).await?;
    Ok(Json(List::whole(declarations.iter().map(|declaration| schemas::object(id, declaration)).collect())))
}

/// `GET /directories/{id}/schemas/{urn}`.
pub async fn get(
    State(app): State<App>,
    Caller(by): Caller,
    Path((id, urn)): Path<(String, String)>,
) -> Result<Json<Value>, Failure> {
    let id = directory(&id)?;
    Ok(Json(schemas::object(id, &schemas::get(app.store(), &by, id, &urn).await?)))
}

/// `PUT /directories/{id}/schemas/{urn}`: declares the extension, or declares it anew.
pub async fn put(
    State(app): State<App>,
    Caller(by): Caller,
    Path((id, urn)): Path<(String, String)>,
    Body(mut document): Body,
) -> Result<Json<Value>, Failure> {
    let id = directory(&id)?;
    document.entry("id").or_insert_with(|| Value::from(urn.as_str()));
    let declaration = Declaration::from_document(&document).map_err(service::Error::from)?;
    if !same_name(&declaration.schema.id, &urn) {
        return Err(Failure::Parameter { field: "id", message: "is another URN than that of the path".to_owned() });
    }
    let declaration = schemas::put(app.store(), &by, id, declaration).await?;
    app.forget_scopes();
    Ok(Json(schemas::object(id, &declaration)))
}

/// `DELETE /directories/{id}/schemas/{urn}`.
pub async fn delete(
    State(app): State<App>,
    Caller(by): Caller,
    Path((id, urn)): Path<(String, String)>,
) -> Result<StatusCode, Failure> {
    schemas::remove(app.store(), &by, directory(&id)?, urn).await?;
    app.forget_scopes();
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /directories/{id}/received_attributes`: all of them, there are at most a hundred.
pub async fn list_received(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<Json<List<Value>>, Failure> {
    Ok(Json(List::whole(received::list(app.store(), &by, directory(&id)?).await?)))
}

fn directory(id: &str) -> Result<DirectoryId, Failure> {
    id.parse().map_err(|_| Failure::not_found("Directory"))
}
