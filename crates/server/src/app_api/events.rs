//! `/events`.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use doorward_store::ids::EventId;
use doorward_store::paging::Order;
use tokio::time::{Instant, timeout_at};

use super::auth::Caller;
use super::page::{List, cursor};
use super::parameters::Parameters;
use super::reply::Failure;
use crate::app::App;
use crate::service::events::{self, EventFilter, EventObject, Place};

/// The longest a caller may wait for an event, in seconds.
const LONGEST_WAIT: i64 = 30;

/// How often the log is looked at while waiting, for events that another node committed.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// `GET /events`; `events`, `after`, `before`, `limit`, `order`, `range_start`, `range_end`, `organization_id`,
/// `directory`, `wait`.
pub async fn list(
    State(app): State<App>,
    Caller(by): Caller,
    parameters: Parameters,
) -> Result<Json<List<EventObject>>, Failure> {
    let cursor = cursor::<EventId>(&parameters, Order::Ascending)?;
    let mut place = Place { after: None, before: None, limit: cursor.limit, order: cursor.order };
    if let Some(id) = cursor.after {
        place.after = Some(events::position_of(app.store(), &by, "after", id).await?);
    }
    if let Some(id) = cursor.before {
        place.before = Some(events::position_of(app.store(), &by, "before", id).await?);
    }
    let filter = EventFilter {
        types: parameters.list("events")?,
        organization_id: parameters.id("organization_id")?,
        directory_id: parameters.id("directory")?,
        range_start: parameters.instant("range_start")?,
        range_end: parameters.instant("range_end")?,
    };
    let wait = parameters.number("wait", 0, LONGEST_WAIT)?.unwrap_or(0).unsigned_abs();
    let deadline = Instant::now() + Duration::from_secs(wait);
    // Taken before the first look, so that an event between the look and the wait wakes it.
    let mut wakeup = app.store().event_wakeup();
    let slice = loop {
        let slice = events::list(app.store(), &by, place, filter.clone()).await?;
        if !slice.items.is_empty() || Instant::now() >= deadline {
            break slice;
        }
        // Whether it was woken, timed out or has nobody to wake it any more: it looks again.
        let _ = timeout_at(deadline.min(Instant::now() + LOOK_AGAIN), wakeup.changed()).await;
    };
    Ok(Json(List::new(slice, |row| row.id, EventObject::new)?))
}
