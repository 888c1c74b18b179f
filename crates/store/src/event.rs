//! The event log. Positions are gap-free and equal the order of commits, on both databases and across nodes (REL-7).

use std::collections::HashMap;

use crate::error::Result;
use crate::ids::{DirectoryId, EventId, Id, LOW_BITS, OrganizationId, uuid_v7};
use crate::paging::Order;
use crate::scope::{Authority, DirectoryScope};
use crate::tx::Tx;

/// A stored event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Its place in the log, from 1, without gaps.
    pub position: i64,
    /// Its id.
    pub id: EventId,
    /// For example `dsync.user.created`.
    pub event_type: String,
    /// Whose event it is.
    pub organization_id: OrganizationId,
    /// The directory, when there is one.
    pub directory_id: Option<DirectoryId>,
    /// The object that changed: its id with prefix.
    pub subject_id: Option<String>,
    /// The `data` of the event as JSON text.
    pub data: String,
    /// Unix microseconds.
    pub created_at: i64,
}

/// Which events a list holds.
#[derive(Debug, Clone, Default)]
pub struct EventQuery {
    /// Only events with a higher position.
    pub after: Option<i64>,
    /// Only events with a lower position.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: i64,
    /// Oldest or newest first.
    pub order: Order,
    /// Only these types; empty: all.
    pub types: Vec<String>,
    /// Only events of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Only events of this directory.
    pub directory_id: Option<DirectoryId>,
    /// Only events of this instant or later (Unix microseconds).
    pub range_start: Option<i64>,
    /// Only events before this instant (Unix microseconds).
    pub range_end: Option<i64>,
}

/// The position that an event's id carries; whether there is such an event is another question.
pub fn position_of(id: &EventId) -> i64 {
    (id.bits() as u64 & LOW_BITS).cast_signed()
}

/// The id of the event at `position`, minted at `micros`.
pub(crate) fn id_at(position: i64, micros: i64) -> EventId {
    EventId::from_bits(uuid_v7(micros, position.unsigned_abs()))
}

/// Events, in the wanted order.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, by: &impl Authority, query: &EventQuery) -> Result<Vec<EventRow>> {
    let _ = (tx, by, query);
    crate::unwritten()
}

/// The last events' positions of these objects (ids with prefix) of the directory; objects without events are missing.
///
/// # Errors
/// When the database fails.
pub fn last_positions(tx: &mut Tx<'_>, scope: &DirectoryScope, subject_ids: &[String]) -> Result<HashMap<String, i64>> {
    let _ = (tx, scope, subject_ids);
    crate::unwritten()
}

/// The position of the object's last event, 0 when it has none.
///
/// # Errors
/// When the database fails.
pub fn last_position(tx: &mut Tx<'_>, scope: &DirectoryScope, subject_id: &str) -> Result<i64> {
    let _ = (tx, scope, subject_id);
    crate::unwritten()
}

/// The position of the last event of all, 0 when there is none.
///
/// # Errors
/// When the database fails.
pub fn head(tx: &mut Tx<'_>, by: &impl Authority) -> Result<i64> {
    let _ = (tx, by);
    crate::unwritten()
}
