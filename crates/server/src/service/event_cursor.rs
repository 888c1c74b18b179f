//! Places in the event log that readers bring back: whether one can be continued from without missing anything (REL-16, REL-30).

use std::fmt;

use doorward_store::event::{self, EventQuery};
use doorward_store::ids::EventId;
use doorward_store::paging::Order;
use doorward_store::scope::Authority;
use doorward_store::{Store, Tx, seal};

use super::error::{Error, Result};

/// Why a place cannot be continued from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CursorFault {
    /// Events behind it were removed when their time was up.
    Purged,
    /// The log has another event there: the cursor comes from another log, or the log from an older backup.
    Unknown,
    /// The log does not reach so far: likewise.
    Ahead,
}

impl CursorFault {
    /// The code for programs.
    pub fn code(self) -> &'static str {
        match self {
            CursorFault::Purged => "cursor_purged",
            CursorFault::Unknown => "cursor_unknown",
            CursorFault::Ahead => "cursor_ahead",
        }
    }
}

impl fmt::Display for CursorFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CursorFault::Purged => {
                "events that follow this one were removed when their time was up; take a snapshot and continue from its cursor, or \
                 continue from `earliest` and know that something is missing"
            }
            CursorFault::Unknown => {
                "this log has no event with this id, as after a restored backup or from another installation; take a snapshot and \
                 continue from its cursor"
            }
            CursorFault::Ahead => {
                "this log has no event that far on, as after a restored backup or from another installation; take a snapshot and \
                 continue from its cursor"
            }
        })
    }
}

/// The place of an event in the log, from its id. `field` names the parameter that carried it.
///
/// # Errors
/// [`Error::Cursor`] for an id that cannot be continued from: a reader must not take it for the end of the log and wait there for ever,
/// nor skip what was removed.
pub async fn position_of<A>(store: &Store, by: &A, field: &'static str, id: EventId) -> Result<i64>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.read(move |tx| check(tx, &by, field, id)).await
}

fn check(tx: &mut Tx<'_>, by: &impl Authority, field: &'static str, id: EventId) -> Result<i64> {
    let position = event::position_of(&id);
    let query = EventQuery { after: Some(position - 1), limit: 1, order: Order::Ascending, ..EventQuery::default() };
    if event::list(tx, by, &query)?.first().is_some_and(|row| row.id == id) {
        return Ok(position);
    }
    let purged = seal::purged(tx, by)?;
    if purged.id == Some(id) {
        return Ok(position);
    }
    let fault = if position > event::head(tx, by)? {
        CursorFault::Ahead
    } else if (1..=purged.position).contains(&position) {
        CursorFault::Purged
    } else {
        CursorFault::Unknown
    };
    Err(Error::Cursor { field, fault, earliest: purged.id })
}

/// Checks after a read that nothing was removed behind the place from which it continued. A purge only takes from the front, so what is
/// there after the read was there during it.
pub(super) fn check_gap(tx: &mut Tx<'_>, by: &impl Authority, after: i64, first: Option<i64>) -> Result<()> {
    if first == Some(after + 1) {
        return Ok(());
    }
    let purged = seal::purged(tx, by)?;
    if purged.position <= after {
        return Ok(());
    }
    Err(Error::Cursor { field: "after", fault: CursorFault::Purged, earliest: purged.id })
}

/// The place before the first event that the log still has.
///
/// # Errors
/// When the database fails.
pub async fn beginning<A>(store: &Store, by: &A) -> Result<i64>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.read(move |tx| Ok(seal::purged(tx, &by)?.position)).await
}
