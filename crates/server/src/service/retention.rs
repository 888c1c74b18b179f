//! The end of events whose time is up.

use std::time::Duration;

use doorward_store::scope::{Authority as _, SystemScope};
use doorward_store::{Lane, NewEvent, Store, lease, seal};
use serde_json::json;

use super::error::{Error, Result};

/// Sealed blocks that are removed in one transaction: a few thousand events.
const BLOCKS: i64 = 16;

/// The lease under which one node removes.
pub const LEASE: &str = "event_retention";

/// Removes events that are older than `keep`, in portions, and writes an event about each. The position up to which events were removed;
/// `None` when none were. With a fence only as long as the lease is held.
///
/// # Errors
/// When the database fails.
pub async fn purge(store: &Store, by: &SystemScope, keep: Duration, fence: Option<i64>) -> Result<Option<i64>> {
    let keep = i64::try_from(keep.as_micros()).unwrap_or(i64::MAX);
    let mut purged = None;
    loop {
        let by = by.clone();
        let portion = store.write(Lane::Any, move |tx| {
            if let Some(fence) = fence
                && !lease::is_held(tx, &by, LEASE, fence)?
            {
                return Ok(None);
            }
            let before = tx.now().saturating_sub(keep);
            let Some((first, last)) = seal::purge(tx, &by, before, BLOCKS)? else { return Ok::<_, Error>(None) };
            let data = json!({ "object": "event_range", "first_sequence": first, "last_sequence": last.position });
            let event = NewEvent {
                event_type: "events.purged",
                organization_id: None,
                directory_id: None,
                subject_id: None,
                data,
            };
            tx.emit(by.origin(), event)?;
            Ok(Some(last.position))
        });
        match portion.await? {
            Some(position) => purged = Some(position),
            None => return Ok(purged),
        }
    }
}

/// Whether something is old enough to be removed, found out by reading alone.
///
/// # Errors
/// When the database fails.
pub async fn is_due(store: &Store, by: &SystemScope, keep: Duration) -> Result<bool> {
    let (by, keep) = (by.clone(), i64::try_from(keep.as_micros()).unwrap_or(i64::MAX));
    let look = store.read(move |tx| {
        let oldest = seal::list(tx, &by, 0, 1)?;
        let before = tx.now().saturating_sub(keep);
        Ok(oldest.first().is_some_and(|seal| seal.newest_at < before))
    });
    look.await
}
