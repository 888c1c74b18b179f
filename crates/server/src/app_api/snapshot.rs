//! `/directories/{id}/snapshot`.

use axum::extract::{Path, State};
use axum::response::Response;

use super::auth::Caller;
use super::reply::Failure;
use crate::app::App;
use crate::service::snapshot::Snapshot;
use crate::streamed;

/// `GET /directories/{id}/snapshot`: the directory's state at one moment as lines of JSON, with the cursor to continue from.
pub async fn get(State(app): State<App>, Caller(by): Caller, Path(id): Path<String>) -> Result<Response, Failure> {
    let id = id.parse().map_err(|_| Failure::not_found("Directory"))?;
    let place = app.streams().open(by.api_key_id(), &app.config().limits)?;
    let reading = app.streams().snapshot()?;
    let mut snapshot = Snapshot::take(app.store(), &by, id, app.public_url(), reading).await?;
    let (sender, response) = streamed::answer("application/x-ndjson");
    tokio::spawn(async move {
        while let Some(part) = snapshot.next().await.transpose() {
            let broken = part.is_err();
            if sender.send(part).await.is_err() || broken {
                break;
            }
        }
        drop(place);
    });
    Ok(response)
}
