//! `/directory_groups`.

use axum::Json;
use axum::extract::{Path, State};
use doorward_store::group::GroupFilter;
use doorward_store::ids::UserId;
use doorward_store::paging::Order;
use serde_json::Value;

use super::auth::Caller;
use super::page::{List, cursor};
use super::parameters::Parameters;
use super::reply::Failure;
use crate::app::App;
use crate::service::directory_reads::{self, Within};

/// `GET /directory_groups`; `directory` or `user` is required, further filters `idp_id`, `updated_after`.
pub async fn list(
    State(app): State<App>,
    Caller(by): Caller,
    parameters: Parameters,
) -> Result<Json<List<Value>>, Failure> {
    let within = within(&parameters)?;
    let filter = GroupFilter {
        user: None,
        idp_id: parameters.text("idp_id").map(str::to_owned),
        updated_after: parameters.instant("updated_after")?,
    };
    let cursor = cursor(&parameters, Order::Descending)?;
    let slice = directory_reads::groups(app.store(), &by, within, cursor, filter).await?;
    Ok(Json(List::new(slice, |group| group.id, |group| Ok::<_, Failure>(group.object))?))
}

/// `GET /directory_groups/{id}`.
pub async fn get(State(app): State<App>, Caller(by): Caller, Path(id): Path<String>) -> Result<Json<Value>, Failure> {
    let id = id.parse().map_err(|_| Failure::not_found("Group"))?;
    Ok(Json(directory_reads::group(app.store(), &by, id).await?))
}

/// An id that names nothing this caller can see is answered alike, whatever it looks like.
fn within(parameters: &Parameters) -> Result<Within<UserId>, Failure> {
    let directory = parameters.text("directory").map(str::parse).transpose();
    let directory = directory.map_err(|_| Failure::not_found("Directory"))?;
    let user = parameters.text("user").map(str::parse).transpose().map_err(|_| Failure::not_found("User"))?;
    Within::new(directory, user).ok_or_else(|| Failure::Parameter {
        field: "directory",
        message: "is required, unless user is given: the id of the directory or of the user whose groups are wanted"
            .to_owned(),
    })
}
