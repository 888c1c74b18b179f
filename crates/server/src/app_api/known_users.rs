//! `/directories/{id}/known_users` and `/directories/{id}/conflicts`: the accounts that the application has already.

use std::time::Duration;

use axum::Json;
use axum::body::Body as Stream;
use axum::extract::{Path, State};
use doorward_store::ids::{DirectoryId, IdentityConflictId};
use doorward_store::known_user::{KnownUserFilter, KnownUserId, LinkState};
use doorward_store::paging::Order;
use http::StatusCode;
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::Input;
use super::directories::directory;
use super::page::{List, cursor};
use super::parameters::Parameters;
use super::reply::Failure;
use crate::app::App;
use crate::service::known_users::import::Import;
use crate::service::known_users::{accounts, conflicts};

/// How long the next part of an import may take.
const NEXT_PART: Duration = Duration::from_secs(30);

/// `POST /directories/{id}/known_users`: NDJSON of any length, a line for each account.
pub async fn load(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
    mut body: Stream,
) -> Result<Json<Value>, Failure> {
    let id = directory(&id)?;
    let mut import = Import::begin(app.store(), &by, id).await?;
    let stopped = Failure::Malformed("The body ended early. What came before was taken in; send the whole again.");
    loop {
        let Ok(next) = tokio::time::timeout(NEXT_PART, body.frame()).await else { return Err(stopped) };
        let Some(frame) = next else { break };
        let Ok(frame) = frame else { return Err(stopped) };
        if let Some(bytes) = frame.data_ref() {
            import.push(bytes).await?;
        }
    }
    let report = import.finish().await?;
    match report.errors.first() {
        Some(first) if report.is_useless() => {
            Err(Failure::Field { field: format!("line {}", first.line), message: first.message.clone() })
        }
        _ => Ok(Json(report.object(id))),
    }
}

/// `GET /directories/{id}/known_users`, in the order of their ids; filters `state` (`linked`, `unlinked`, `conflict`) and `search`.
pub async fn list(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Json<List<Value>>, Failure> {
    let state = match parameters.text("state") {
        None => None,
        Some("linked") => Some(LinkState::Linked),
        Some("unlinked") => Some(LinkState::Unlinked),
        Some("conflict") => Some(LinkState::Conflict),
        Some(_) => {
            let message = "must be linked, unlinked or conflict".to_owned();
            return Err(Failure::Parameter { field: "state", message });
        }
    };
    let filter = KnownUserFilter { state, search: parameters.text("search").map(str::to_owned) };
    let cursor = cursor(&parameters, Order::Ascending)?;
    let slice = accounts::list(app.store(), &by, directory(&id)?, cursor, filter).await?;
    Ok(Json(List::new(slice, |shown| shown.id.clone(), |shown| Ok::<_, Failure>(shown.object))?))
}

/// `DELETE /directories/{id}/known_users/{known_id}`, with the application's own id.
pub async fn delete(
    State(app): State<App>,
    Caller(by): Caller,
    Path((id, known)): Path<(String, String)>,
) -> Result<StatusCode, Failure> {
    let known: KnownUserId = known.parse().map_err(|_| Failure::not_found("Known user"))?;
    accounts::delete(app.store(), &by, directory(&id)?, known).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /directories/{id}/conflicts`.
pub async fn list_conflicts(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Json<List<Value>>, Failure> {
    let cursor = cursor(&parameters, Order::Descending)?;
    let slice = conflicts::list(app.store(), &by, directory(&id)?, cursor).await?;
    Ok(Json(List::new(slice, |shown| shown.id, |shown| Ok::<_, Failure>(shown.object))?))
}

/// Which account it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptInput {
    /// The application's own id of the account; may be left out when one alone fits.
    known_user_id: Option<String>,
}

/// `POST /directories/{id}/conflicts/{conflict}/accept`: the account is the person's. The person as it is then.
pub async fn accept(
    State(app): State<App>,
    Caller(by): Caller,
    Path(path): Path<(String, String)>,
    Input(input): Input<AcceptInput>,
) -> Result<Json<Value>, Failure> {
    let (id, conflict) = named(&path)?;
    let wrong = |_| Failure::Field { field: "known_user_id".to_owned(), message: "is no id".to_owned() };
    let choice = input.known_user_id.as_deref().map(str::parse).transpose().map_err(wrong)?;
    Ok(Json(conflicts::accept(app.store(), &by, id, conflict, choice).await?))
}

/// `POST /directories/{id}/conflicts/{conflict}/refuse`: the person is another one. The person as it is then.
pub async fn refuse(
    State(app): State<App>,
    Caller(by): Caller,
    Path(path): Path<(String, String)>,
) -> Result<Json<Value>, Failure> {
    let (id, conflict) = named(&path)?;
    Ok(Json(conflicts::refuse(app.store(), &by, id, conflict).await?))
}

fn named((id, conflict): &(String, String)) -> Result<(DirectoryId, IdentityConflictId), Failure> {
    Ok((directory(id)?, conflict.parse().map_err(|_| Failure::not_found("Conflict"))?))
}

/// `POST /directory_users/{id}/unlink`: the account is not this person's. The person as it is then.
pub async fn unlink(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failure> {
    let id = id.parse().map_err(|_| Failure::not_found("User"))?;
    Ok(Json(accounts::unlink(app.store(), &by, id).await?))
}
