//! `/Users` and `/Users/{id}`.

use axum::body::Body;
use axum::response::Response;
use doorward_scim::version::Version;
use http::StatusCode;

use super::call::Call;
use super::conditional;
use super::list::{self, Part};
use super::refusal::Refusal;
use crate::service::list as service_list;
use crate::service::provision;
use crate::service::schema::user_type;

/// `GET /Users`.
pub async fn list(call: &Call) -> Result<Response, Refusal> {
    let part = Part::read(call, "/Users").await?;
    let wanted = list::wanted(call, user_type(), &part)?;
    let projection = call.projection(user_type())?;
    let found = service_list::users(&call.app, &call.scope, wanted, projection.wants("groups")).await?;
    call.form.list(part.head(call, &found), &found.items, |user, text| call.write_user(user, &projection, text))
}

/// `POST /Users`.
pub async fn create(call: &Call, body: Body) -> Result<Response, Refusal> {
    let projection = call.projection(user_type())?;
    let incoming = call.incoming(body, user_type()).await?;
    let user = provision::create_user(&call.app, &call.scope, incoming, projection.wants("groups")).await?;
    call.user(StatusCode::CREATED, &user, &projection)
}

/// `GET /Users/{id}`.
pub async fn get(call: &Call, id: &str) -> Result<Response, Refusal> {
    let projection = call.projection(user_type())?;
    let user = provision::get_user(&call.app, &call.scope, id, projection.wants("groups")).await?;
    if conditional::is_held(&call.headers, user.row.version) {
        return Ok(call.form.not_modified(user.row.version));
    }
    call.user(StatusCode::OK, &user, &projection)
}

/// `PUT /Users/{id}`.
pub async fn replace(call: &Call, id: &str, body: Body) -> Result<Response, Refusal> {
    let projection = call.projection(user_type())?;
    let condition = conditional::precondition(&call.headers)?;
    let incoming = call.incoming(body, user_type()).await?;
    let groups = projection.wants("groups");
    let user = provision::replace_user(&call.app, &call.scope, id, incoming, condition, groups).await?;
    call.user(StatusCode::OK, &user, &projection)
}

/// `PATCH /Users/{id}`.
pub async fn patch(call: &Call, id: &str, body: Body) -> Result<Response, Refusal> {
    let projection = call.projection(user_type())?;
    let condition = conditional::precondition(&call.headers)?;
    let patch = call.patch(body, user_type()).await?;
    let bodyless = call.patch_without_body(&projection);
    let groups = !bodyless && projection.wants("groups");
    let user = provision::patch_user(&call.app, &call.scope, id, patch, &call.tolerated, condition, groups).await?;
    if bodyless {
        return Ok(call.form.no_content(StatusCode::NO_CONTENT, Some(user.row.version)));
    }
    call.user(StatusCode::OK, &user, &projection)
}

/// `DELETE /Users/{id}`.
pub async fn delete(call: &Call, id: &str) -> Result<Response, Refusal> {
    let condition = conditional::precondition(&call.headers)?;
    provision::delete_user(&call.app, &call.scope, id, condition).await?;
    Ok(call.form.no_content(deleted(call.version), None))
}

/// 1.1 answers 200 with an empty body, 2.0 answers 204 (D35).
pub fn deleted(version: Version) -> StatusCode {
    match version {
        Version::V1 => StatusCode::OK,
        Version::V2 => StatusCode::NO_CONTENT,
    }
}
