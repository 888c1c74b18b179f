//! `/organizations`.

use axum::Json;
use axum::extract::{Path, State};
use doorward_store::organization::OrganizationFilter;
use doorward_store::paging::Order;
use serde_json::Value;

use super::auth::Caller;
use super::page::{List, cursor};
use super::parameters::Parameters;
use super::reply::Failure;
use crate::app::App;
use crate::service::organizations;

/// `GET /organizations`; filters `domains`, `search`.
pub async fn list(
    State(app): State<App>,
    Caller(by): Caller,
    parameters: Parameters,
) -> Result<Json<List<Value>>, Failure> {
    let filter = OrganizationFilter {
        domains: parameters.list("domains")?.iter().map(|domain| domain.to_ascii_lowercase()).collect(),
        search: parameters.text("search").map(str::to_owned),
    };
    let slice = organizations::list(app.store(), &by, cursor(&parameters, Order::Descending)?, filter).await?;
    let object = |row| Ok::<_, Failure>(organizations::object(&row));
    Ok(Json(List::new(slice, |row| row.id, object)?))
}

/// `GET /organizations/{id}`.
pub async fn get(State(app): State<App>, Caller(by): Caller, Path(id): Path<String>) -> Result<Json<Value>, Failure> {
    let id = id.parse().map_err(|_| Failure::not_found("Organization"))?;
    let row = organizations::get(app.store(), &by, id).await?;
    Ok(Json(organizations::object(&row)))
}

/// `GET /organizations/external_id/{external_id}`.
pub async fn get_by_external_id(
    State(app): State<App>,
    Caller(by): Caller,
    Path(external_id): Path<String>,
) -> Result<Json<Value>, Failure> {
    let row = organizations::get_by_external_id(app.store(), &by, external_id).await?;
    Ok(Json(organizations::object(&row)))
}
