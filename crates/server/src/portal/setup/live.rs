//! What the pages listen to: the directory's events and requests, as server-sent events (WHATWG HTML, section 9.2). A message says that
//! there is news and not what: the page then asks for itself again.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use doorward_store::ids::{DirectoryId, EventId};
use doorward_store::scope::PortalScope;
use http::HeaderMap;
use tokio::time::Instant;

use super::frame::{Asked, asked, find, stamp};
use crate::app::App;
use crate::portal::gate::Administrator;
use crate::portal::page::Failure;
use crate::service::events::{self, EventFilter};
use crate::service::follow::{Follower, Step};
use crate::service::{Error, directories, portal_links, requests};
use crate::streamed::{self, Sender};
use crate::streams::Place;

/// How often is looked for refused requests, which make no event.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// How often something is sent when nothing happens, so that proxies do not take the stream for dead.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How long one answer lasts. The browser then comes back by itself, and has to show its session again.
const LONGEST: Duration = Duration::from_secs(600);

/// `GET /setup/directories/{id}/stream?after=&seen=`: begins behind the event that the page knows of, or, when the browser comes back,
/// behind the one that it heard of last (`Last-Event-ID`), so that nothing is missed between.
pub async fn get(
    State(app): State<App>,
    Path(given): Path<String>,
    headers: HeaderMap,
    query: Asked,
    who: Administrator,
) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let row = find(&app, &who, &given).await?;
    let heard = headers.get("last-event-id").and_then(|id| id.to_str().ok()).and_then(|id| id.parse().ok());
    let after: Option<EventId> = heard.or_else(|| asked(&query, "after").parse().ok());
    let position = match after {
        // An event that is gone meanwhile: the page asks for itself again in any case.
        Some(id) => match events::position_of(app.store(), &who.scope, "after", id).await {
            Ok(position) => position,
            Err(_) => events::head(app.store(), &who.scope).await.map_err(fail)?,
        },
        None => events::beginning(app.store(), &who.scope).await.map_err(fail)?,
    };
    let Ok(place) = app.streams().open_page(who.scope.link_id(), &app.config().limits) else {
        // The browser does not come back after this; the page asks from time to time instead.
        return Ok(http::StatusCode::NO_CONTENT.into_response());
    };
    let filter = EventFilter { directory_id: Some(row.id), ..EventFilter::default() };
    let follower = Follower::new(&app, who.scope.clone(), filter, position);
    let (sender, response) = streamed::answer("text/event-stream");
    tokio::spawn(send(Listening { app, scope: who.scope, id: row.id }, follower, asked(&query, "seen"), sender, place));
    Ok(response)
}

struct Listening {
    app: App,
    scope: PortalScope,
    id: DirectoryId,
}

impl Listening {
    /// How the connection stands now; `None` when the session is over or the directory gone.
    async fn look(&self) -> Option<String> {
        requests::flush(&self.app).await;
        let link = portal_links::own(self.app.store(), &self.scope).await.ok()?;
        let row = directories::get(self.app.store(), &self.scope, self.id).await.ok()?;
        link.revoked_at.is_none().then(|| stamp(&row))
    }
}

async fn send(
    listening: Listening,
    mut follower: Follower<PortalScope>,
    mut seen: String,
    sender: Sender,
    place: Place,
) {
    let (begun, mut sent) = (Instant::now(), Instant::now());
    let mut text = "retry: 1000\n\n".to_owned();
    while begun.elapsed() < LONGEST {
        if sent.elapsed() >= HEARTBEAT && text.is_empty() {
            ": nothing new\n\n".clone_into(&mut text);
        }
        if !text.is_empty() {
            if sender.send(Ok(Bytes::from(std::mem::take(&mut text)))).await.is_err() {
                break;
            }
            sent = Instant::now();
        }
        let step = tokio::select! {
            step = follower.next(LOOK_AGAIN) => step,
            () = sender.closed() => break,
        };
        let Some(now) = listening.look().await else { break };
        match step {
            Ok(Step::Events(rows)) => {
                let frames =
                    rows.iter().map(|row| format!("id: {}\nevent: news\ndata: {}\n\n", row.id, row.event_type));
                text = frames.collect();
            }
            Ok(Step::Nothing) if now != seen => "event: news\ndata: request\n\n".clone_into(&mut text),
            Ok(Step::Nothing) => {}
            Ok(Step::Ended) => break,
            Err(Error::Cursor { .. }) => break,
            Err(error) => {
                tracing::warn!(%error, "a page's stream ended early");
                break;
            }
        }
        seen = now;
    }
    drop(place);
}
