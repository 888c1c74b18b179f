//! `/directories/{id}/requests` and `/directories/{id}/diagnoses`: what the identity provider asked, and what is wrong.

use axum::Json;
use axum::extract::{Path, State};
use doorward_store::ids::DirectoryId;
use doorward_store::paging::Order;
use doorward_store::request_log::RequestFilter;
use serde::Serialize;
use serde_json::Value;

use super::auth::Caller;
use super::page::{List, cursor};
use super::parameters::Parameters;
use super::reply::Failure;
use crate::app::App;
use crate::service::requests::{self, Found, Wanted};

/// A part of the log.
#[derive(Debug, Serialize)]
pub struct Requests {
    #[serde(flatten)]
    list: List<Value>,
    /// How many requests this node has not recorded since it began, of all directories.
    not_recorded: u64,
}

/// `GET /directories/{id}/requests`; filters `failed`, `diagnosis`, `status`, `subject`, `method`, `range_start`, `range_end`.
pub async fn list(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Json<Requests>, Failure> {
    let filter = RequestFilter {
        failed: failed(&parameters)?,
        code: parameters.text("diagnosis").map(str::to_ascii_uppercase),
        status: parameters.number("status", 100, 599)?,
        subject_id: parameters.text("subject").map(str::to_owned),
        method: parameters.text("method").map(str::to_ascii_uppercase),
        range_start: parameters.instant("range_start")?,
        range_end: parameters.instant("range_end")?,
    };
    let cursor = cursor(&parameters, Order::Descending)?;
    let id = directory(&id)?;
    requests::flush(&app).await;
    let slice = requests::list(app.store(), &by, id, cursor, filter).await?;
    let list = List::new(slice, |found| found.id, |found: Found| Ok::<_, Failure>(found.object))?;
    Ok(Json(Requests { list, not_recorded: app.request_log().lost() }))
}

/// `GET /directories/{id}/requests/{request}`, by the id in the log or by the one that the answer carried.
pub async fn get(
    State(app): State<App>,
    Caller(by): Caller,
    Path((id, request)): Path<(String, String)>,
) -> Result<Json<Value>, Failure> {
    let id = directory(&id)?;
    requests::flush(&app).await;
    Ok(Json(requests::get(app.store(), &by, id, Wanted::read(&request)).await?))
}

/// `GET /directories/{id}/diagnoses`: the current problems, equal ones together, the worst first.
pub async fn diagnoses(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<Json<List<Value>>, Failure> {
    let id = directory(&id)?;
    requests::flush(&app).await;
    Ok(Json(List::whole(requests::diagnoses(app.store(), &by, id, app.public_url()).await?)))
}

fn failed(parameters: &Parameters) -> Result<Option<bool>, Failure> {
    match parameters.text("failed") {
        None => Ok(None),
        Some("true" | "1") => Ok(Some(true)),
        Some("false" | "0") => Ok(Some(false)),
        Some(_) => Err(Failure::Parameter { field: "failed", message: "must be true or false".to_owned() }),
    }
}

fn directory(id: &str) -> Result<DirectoryId, Failure> {
    id.parse().map_err(|_| Failure::not_found("Directory"))
}
