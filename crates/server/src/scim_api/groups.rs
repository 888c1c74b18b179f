//! `/Groups` and `/Groups/{id}`.

use axum::body::Body;
use axum::response::Response;
use doorward_scim::project::Projection;
use http::StatusCode;

use super::call::Call;
use super::conditional;
use super::list::{self, Part};
use super::refusal::Refusal;
use super::users::deleted;
use crate::service::groups::{self, Members};
use crate::service::list as service_list;
use crate::service::schema::{group_type, require_groups};

/// A PATCH of a group with more members than this is answered 204: to write down all members after each delta would make
/// its cost grow with the group (P-7644-3.5.2-11, SEC-31).
const MEMBERS_IN_PATCH_ANSWER: i64 = 100;

/// `GET /Groups`.
pub async fn list(call: &Call) -> Result<Response, Refusal> {
    require_groups(&call.scope)?;
    let part = Part::read(call, "/Groups").await?;
    let search = list::wanted(call, group_type(), &part)?;
    let projection = call.projection(group_type())?;
    let found = service_list::groups(&call.app, &call.scope, search, wanted(&projection)).await?;
    call.form.list(part.head(call, &found), &found.items, |group, text| call.write_group(group, &projection, text))
}

/// `POST /Groups`.
pub async fn create(call: &Call, body: Body) -> Result<Response, Refusal> {
    require_groups(&call.scope)?;
    let projection = call.projection(group_type())?;
    let incoming = call.incoming(body, group_type()).await?;
    let group = groups::create_group(&call.app, &call.scope, incoming, wanted(&projection)).await?;
    call.group(StatusCode::CREATED, &group, &projection)
}

/// `GET /Groups/{id}`.
pub async fn get(call: &Call, id: &str) -> Result<Response, Refusal> {
    let projection = call.projection(group_type())?;
    let group = groups::get_group(&call.app, &call.scope, id, wanted(&projection)).await?;
    if conditional::is_held(&call.headers, group.row.version) {
        return Ok(call.form.not_modified(group.row.version));
    }
    call.group(StatusCode::OK, &group, &projection)
}

/// `PUT /Groups/{id}`.
pub async fn replace(call: &Call, id: &str, body: Body) -> Result<Response, Refusal> {
    require_groups(&call.scope)?;
    let projection = call.projection(group_type())?;
    let condition = conditional::precondition(&call.headers)?;
    let incoming = call.incoming(body, group_type()).await?;
    let wanted = wanted(&projection);
    let group = groups::replace_group(&call.app, &call.scope, id, incoming, condition, wanted).await?;
    call.group(StatusCode::OK, &group, &projection)
}

/// `PATCH /Groups/{id}`.
pub async fn patch(call: &Call, id: &str, body: Body) -> Result<Response, Refusal> {
    require_groups(&call.scope)?;
    let projection = call.projection(group_type())?;
    let condition = conditional::precondition(&call.headers)?;
    let patch = call.patch(body, group_type()).await?;
    let wanted = match wanted(&projection) {
        Members::All if call.patch_without_body(&projection) => Members::Unwanted,
        Members::All if projection.is_default() => Members::AtMost(MEMBERS_IN_PATCH_ANSWER),
        other => other,
    };
    let group = groups::patch_group(&call.app, &call.scope, id, patch, &call.tolerated, condition, wanted).await?;
    if projection.is_default() && group.members.is_none() {
        return Ok(call.form.no_content(StatusCode::NO_CONTENT, Some(group.row.version)));
    }
    call.group(StatusCode::OK, &group, &projection)
}

/// `DELETE /Groups/{id}`.
pub async fn delete(call: &Call, id: &str) -> Result<Response, Refusal> {
    let condition = conditional::precondition(&call.headers)?;
    groups::delete_group(&call.app, &call.scope, id, condition).await?;
    Ok(call.form.no_content(deleted(call.version), None))
}

/// Members are read only when they will be shown.
pub fn wanted(projection: &Projection) -> Members {
    if projection.wants("members") { Members::All } else { Members::Unwanted }
}
