//! The end of events whose time is up.

use std::time::Duration;

use doorward_store::scope::{Authority as _, SystemScope};
use doorward_store::seal::{self, Expiry};
use doorward_store::webhook::{delivery, progress};
use doorward_store::{Lane, NewEvent, Store, Tx, lease};
use serde_json::json;

use super::error::{Error, Result};

/// Sealed blocks that are removed in one transaction: a few thousand events.
const BLOCKS: i64 = 16;

/// For how long after their time events are kept for webhooks that have not sent them yet. Long enough for an endpoint to be disabled
/// (after five days of failures) and mended; bounded, so that a forgotten one does not keep the log for ever.
pub const HELD: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// The lease under which one node removes.
pub const LEASE: &str = "event_retention";

/// Removes events that are older than `keep`, in portions, and writes an event about each; what a webhook has still to be sent, or is parked for one, it keeps for
/// [`HELD`] more. The position up to which events were removed;
/// `None` when none were. With a fence only as long as the lease is held.
///
/// # Errors
/// When the database fails.
pub async fn purge(store: &Store, by: &SystemScope, keep: Duration, fence: Option<i64>) -> Result<Option<i64>> {
    let mut purged = None;
    loop {
        let by = by.clone();
        let portion = store.write(Lane::Any, move |tx| {
            if let Some(fence) = fence
                && !lease::is_held(tx, &by, LEASE, fence)?
            {
                return Ok(None);
            }
            let expiry = expiry(tx, &by, keep)?;
            let Some((first, last)) = seal::purge(tx, &by, expiry, BLOCKS)? else { return Ok::<_, Error>(None) };
            delivery::forget_up_to(tx, &by, last.position)?;
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
    let by = by.clone();
    let look = store.read(move |tx| {
        let oldest = seal::list(tx, &by, 0, 1)?;
        let expiry = expiry(tx, &by, keep)?;
        Ok(oldest.first().is_some_and(|seal| seal.is_over(&expiry)))
    });
    look.await
}

fn expiry(tx: &mut Tx<'_>, by: &SystemScope, keep: Duration) -> Result<Expiry> {
    let micros = |time: Duration| i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
    let before = tx.now().saturating_sub(micros(keep));
    let awaited_after = progress::done_up_to(tx, by)?.unwrap_or(i64::MAX);
    Ok(Expiry { before, awaited_after, at_last: before.saturating_sub(micros(HELD)) })
}
