//! `/events/stream`: the log as server-sent events (WHATWG HTML, section 9.2).

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use doorward_store::event::EventRow;
use doorward_store::ids::EventId;
use doorward_store::scope::ApplicationScope;
use http::HeaderMap;
use tokio::time::Instant;

use super::auth::Caller;
use super::events::filter;
use super::parameters::Parameters;
use super::reply::Failure;
use crate::app::App;
use crate::service::events::{self, EventObject};
use crate::service::follow::{Follower, Step};
use crate::service::{Error, api_keys};
use crate::streamed::{self, Sender};
use crate::streams::Place;

/// How often something is sent when nothing happens, so that proxies do not take the stream for dead.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// For how long a key that was live is taken to be so.
const KEY_LIVES: Duration = Duration::from_millis(800);

/// `GET /events/stream`; `after` or the header `Last-Event-ID`, and the filters of `/events`. Without a place it begins with the first event
/// that the log has.
pub async fn get(
    State(app): State<App>,
    Caller(by): Caller,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, Failure> {
    let filter = filter(&parameters)?;
    let position = match last_event_id(&headers)? {
        Some(id) => events::position_of(app.store(), &by, "Last-Event-ID", id).await?,
        None => match parameters.id("after")? {
            Some(id) => events::position_of(app.store(), &by, "after", id).await?,
            None => events::beginning(app.store(), &by).await?,
        },
    };
    let place = app.streams().open(by.api_key_id(), &app.config().limits)?;
    let (sender, response) = streamed::answer("text/event-stream");
    let follower = Follower::new(&app, by.clone(), filter, position);
    tokio::spawn(send(app, by, follower, sender, place));
    Ok(response)
}

/// Where the client was when its last stream ended; browsers and libraries send it by themselves.
fn last_event_id(headers: &HeaderMap) -> Result<Option<EventId>, Failure> {
    let Some(header) = headers.get("last-event-id").filter(|header| !header.is_empty()) else { return Ok(None) };
    let wrong = || Failure::Parameter { field: "Last-Event-ID", message: "is not the id of an event".to_owned() };
    header.to_str().ok().and_then(|text| text.parse().ok()).map(Some).ok_or_else(wrong)
}

/// Sends events until the client has gone, its key has ended, or the service ends. The client comes back with the last id.
async fn send(app: App, by: ApplicationScope, mut follower: Follower<ApplicationScope>, sender: Sender, place: Place) {
    let mut key_seen = Instant::now();
    let mut text = "retry: 1000\n\n".to_owned();
    loop {
        if sender.send(Ok(Bytes::from(text))).await.is_err() {
            break;
        }
        let step = tokio::select! {
            step = follower.next(HEARTBEAT) => step,
            () = sender.closed() => break,
        };
        if key_seen.elapsed() >= KEY_LIVES {
            if !matches!(api_keys::is_live(app.store(), &by).await, Ok(true)) {
                break;
            }
            key_seen = Instant::now();
        }
        match step.and_then(frames) {
            Ok(Some(frames)) => text = frames,
            Ok(None) => break,
            Err(error) => {
                // The client comes back, and is told then.
                tracing::warn!(%error, "an event stream ended early");
                break;
            }
        }
    }
    drop(place);
}

/// What a step is in the stream; `None` at its end.
fn frames(step: Step) -> Result<Option<String>, Error> {
    match step {
        Step::Events(rows) => rows.into_iter().map(frame).collect::<Result<String, Error>>().map(Some),
        Step::Nothing => Ok(Some(": nothing new\n\n".to_owned())),
        Step::Ended => Ok(None),
    }
}

/// One event. JSON as it is stored has no line breaks, so that its data are one line.
fn frame(row: EventRow) -> Result<String, Error> {
    let event = EventObject::new(row)?;
    let data = serde_json::to_string(&event).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(format!("id: {}\nevent: {}\ndata: {data}\n\n", event.id(), event.event_type()))
}
