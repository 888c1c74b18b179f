//! The event log as applications read it.

use doorward_store::Store;
use doorward_store::event::{self, EventQuery, EventRow};
use doorward_store::ids::{DirectoryId, EventId, OrganizationId};
use doorward_store::paging::{Order, Slice};
use doorward_store::scope::Authority;
use serde::Serialize;
use serde_json::value::RawValue;

use super::error::{Error, Result};
use super::{event_cursor, instant};

pub use super::event_cursor::{CursorFault, beginning, position_of};

/// Which events are wanted.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Only these types; empty: all.
    pub types: Vec<String>,
    /// Only those of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Only those of this directory.
    pub directory_id: Option<DirectoryId>,
    /// Only those of this instant or later, in Unix microseconds.
    pub range_start: Option<i64>,
    /// Only those before this instant, in Unix microseconds.
    pub range_end: Option<i64>,
    /// Only what this kind of actor did: a word of [`Actor::kind`](doorward_store::Actor::kind).
    pub actor: Option<String>,
    /// Only what this credential or job did.
    pub actor_id: Option<String>,
    /// Only what was done to this object: its id.
    pub subject_id: Option<String>,
    /// Only what was done with this request.
    pub request_id: Option<String>,
}

/// Where in the log to read, by position.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Events that follow this position in the wanted order.
    pub after: Option<i64>,
    /// Events that come right before this position in the wanted order; counts only without `after`.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: i64,
    /// Oldest or newest first.
    pub order: Order,
}

/// A part of the log, in the wanted order.
///
/// # Errors
/// [`Error::Cursor`] when events right behind `after` were removed, or the database fails.
pub async fn list<A>(store: &Store, by: &A, place: Place, filter: EventFilter) -> Result<Slice<EventRow>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .read(move |tx| {
            // Backwards from `before`: read the other way round, then turn over.
            let backwards = place.after.is_none() && place.before.is_some();
            let order = if backwards { reversed(place.order) } else { place.order };
            let start = place.after.or(place.before);
            let mut query = EventQuery {
                limit: place.limit + 1,
                order,
                types: filter.types.clone(),
                organization_id: filter.organization_id,
                directory_id: filter.directory_id,
                range_start: filter.range_start,
                range_end: filter.range_end,
                actor: filter.actor.clone(),
                actor_id: filter.actor_id.clone(),
                subject_id: filter.subject_id.clone(),
                request_id: filter.request_id.clone(),
                ..EventQuery::default()
            };
            match order {
                Order::Ascending => query.after = start,
                Order::Descending => query.before = start,
            }
            let mut items = event::list(tx, &by, &query)?;
            if let Some(after) = query.after {
                event_cursor::check_gap(tx, &by, after, items.first().map(|row| row.position))?;
            }
            let more = i64::try_from(items.len()).unwrap_or(i64::MAX) > place.limit;
            if more {
                items.pop();
            }
            if backwards {
                items.reverse();
            }
            let (more_before, more_after) = if backwards { (more, true) } else { (start.is_some(), more) };
            Ok(Slice { items, more_before, more_after })
        })
        .await
}

/// The event with this id.
///
/// # Errors
/// [`Error::NotFound`] also for one that was removed when its time was up.
pub async fn get<A>(store: &Store, by: &A, id: EventId) -> Result<EventRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    let position = event::position_of(&id);
    let query = EventQuery { after: Some(position - 1), limit: 1, order: Order::Ascending, ..EventQuery::default() };
    let found = store.read(move |tx| Ok::<_, Error>(event::list(tx, &by, &query)?)).await?;
    found.into_iter().find(|row| row.id == id).ok_or(Error::NotFound { what: "Event" })
}

/// The position of the last event of all, 0 when there is none.
///
/// # Errors
/// When the database fails.
pub async fn head<A>(store: &Store, by: &A) -> Result<i64>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.read(move |tx| Ok(event::head(tx, &by)?)).await
}

fn reversed(order: Order) -> Order {
    match order {
        Order::Ascending => Order::Descending,
        Order::Descending => Order::Ascending,
    }
}

/// The envelope of an event (app-api: Events). Its `data` are the bytes that were stored with the change.
#[derive(Debug, Serialize)]
pub struct EventObject {
    object: &'static str,
    id: EventId,
    event: String,
    data: Box<RawValue>,
    created_at: String,
    context: Context,
    sequence: i64,
}

/// Nothing yet; the SDKs want an object.
#[derive(Debug, Serialize)]
struct Context {}

impl EventObject {
    /// The envelope around a stored event.
    ///
    /// # Errors
    /// [`Error::Internal`] when the stored data are no JSON.
    pub fn new(row: EventRow) -> Result<Self> {
        let data = RawValue::from_string(row.data)
            .map_err(|error| Error::Internal(format!("event {} has damaged data: {error}", row.position)))?;
        Ok(EventObject {
            object: "event",
            id: row.id,
            event: row.event_type,
            data,
            created_at: instant::text(row.created_at),
            context: Context {},
            sequence: row.position,
        })
    }

    /// Its id, which is also the cursor to continue from.
    pub fn id(&self) -> EventId {
        self.id
    }

    /// The type, for example `dsync.user.created`.
    pub fn event_type(&self) -> &str {
        &self.event
    }

    /// The place in the log, from 1.
    pub fn sequence(&self) -> i64 {
        self.sequence
    }

    /// When it happened, as the envelope says it.
    pub fn created_at(&self) -> &str {
        &self.created_at
    }

    /// The data as JSON text.
    pub fn data(&self) -> &str {
        self.data.get()
    }
}
