//! `/directory_users`.

use axum::Json;
use axum::extract::{Path, State};
use doorward_store::ids::GroupId;
use doorward_store::paging::Order;
use doorward_store::user::UserFilter;
use serde_json::Value;

use super::auth::Caller;
use super::page::{List, cursor};
use super::parameters::Parameters;
use super::reply::Failure;
use crate::app::App;
use crate::service::directory_reads::{self, Within};

/// `GET /directory_users`; `directory` or `group` is required, further filters `idp_id`, `email`, `username`, `state`,
/// `updated_after`.
pub async fn list(
    State(app): State<App>,
    Caller(by): Caller,
    parameters: Parameters,
) -> Result<Json<List<Value>>, Failure> {
    let within = within(&parameters)?;
    let active = match parameters.text("state") {
        None => None,
        Some("active") => Some(true),
        Some("inactive") => Some(false),
        Some(_) => return Err(Failure::Parameter { field: "state", message: "must be active or inactive".to_owned() }),
    };
    let filter = UserFilter {
        group: None,
        idp_id: parameters.text("idp_id").map(str::to_owned),
        email: parameters.text("email").map(str::to_owned),
        user_name: parameters.text("username").map(str::to_owned),
        active,
        updated_after: parameters.instant("updated_after")?,
    };
    let cursor = cursor(&parameters, Order::Descending)?;
    let slice = directory_reads::users(app.store(), &by, within, cursor, filter).await?;
    Ok(Json(List::new(slice, |user| user.id, |user| Ok::<_, Failure>(user.object))?))
}

/// `GET /directory_users/{id}`.
pub async fn get(State(app): State<App>, Caller(by): Caller, Path(id): Path<String>) -> Result<Json<Value>, Failure> {
    let id = id.parse().map_err(|_| Failure::not_found("User"))?;
    Ok(Json(directory_reads::user(app.store(), &by, id).await?))
}

/// An id that names nothing this caller can see is answered alike, whatever it looks like.
fn within(parameters: &Parameters) -> Result<Within<GroupId>, Failure> {
    let directory = parameters.text("directory").map(str::parse).transpose();
    let directory = directory.map_err(|_| Failure::not_found("Directory"))?;
    let group = parameters.text("group").map(str::parse).transpose().map_err(|_| Failure::not_found("Group"))?;
    Within::new(directory, group).ok_or_else(|| Failure::Parameter {
        field: "directory",
        message: "is required, unless group is given: the id of the directory or of the group whose users are wanted"
            .to_owned(),
    })
}
