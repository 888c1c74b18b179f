//! `/directories`.

use axum::Json;
use axum::extract::{Path, State};
use doorward_store::directory::DirectoryFilter;
use doorward_store::paging::Order;
use serde_json::Value;

use super::auth::Caller;
use super::page::{List, cursor};
use super::parameters::Parameters;
use super::reply::Failure;
use crate::app::App;
use crate::service::directories;

/// `GET /directories`; filters `organization_id`, `search`, `domain`.
pub async fn list(
    State(app): State<App>,
    Caller(by): Caller,
    parameters: Parameters,
) -> Result<Json<List<Value>>, Failure> {
    let filter = DirectoryFilter {
        organization_id: parameters.id("organization_id")?,
        search: parameters.text("search").map(str::to_owned),
        domain: parameters.text("domain").map(str::to_ascii_lowercase),
    };
    let slice = directories::list(app.store(), &by, cursor(&parameters, Order::Descending)?, filter).await?;
    let object = |row| Ok::<_, Failure>(directories::object(&row, app.public_url()));
    Ok(Json(List::new(slice, |row| row.id, object)?))
}

/// `GET /directories/{id}`.
pub async fn get(State(app): State<App>, Caller(by): Caller, Path(id): Path<String>) -> Result<Json<Value>, Failure> {
    let id = id.parse().map_err(|_| Failure::not_found("Directory"))?;
    let row = directories::get(app.store(), &by, id).await?;
    Ok(Json(directories::object(&row, app.public_url())))
}
