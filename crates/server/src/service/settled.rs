//! The end of a first sync: the identity provider has sent people, and then nothing for a while.
//!
//! It is announced once for each directory, and once more after the directory was disabled and enabled again, because everything may have
//! changed meanwhile. Changes that come later, a full import among them, announce nothing: no protocol tells them from daily work.

use std::time::Duration;

use doorward_store::directory::{self, DirectoryRow};
use doorward_store::scope::{Authority as _, SystemScope};
use doorward_store::settled::{self, Unsettled};
use doorward_store::{Lane, NewEvent, Store};
use serde_json::json;

use super::directories::none;
use super::error::{Error, Result};
use super::instant;

/// Announces every directory whose first sync has been at rest for so long. How many were.
///
/// # Errors
/// When the database fails.
pub async fn announce(store: &Store, by: &SystemScope, quiet: Duration) -> Result<usize> {
    let mut announced = 0;
    for found in due(store, by, quiet).await? {
        let by = by.clone();
        let job = store.write(Lane::Directory(found.directory_id), move |tx| {
            if !settled::settle(tx, &by, &found)? {
                return Ok(false);
            }
            let row = directory::get(tx, &by, &found.directory_id)?.ok_or_else(none)?;
            tx.emit(by.origin(), event(&row, &found, quiet))?;
            Ok::<_, Error>(true)
        });
        announced += usize::from(job.await?);
    }
    Ok(announced)
}

/// Whether some first sync is to be announced, found out by reading alone.
///
/// # Errors
/// When the database fails.
pub async fn is_due(store: &Store, by: &SystemScope, quiet: Duration) -> Result<bool> {
    Ok(!due(store, by, quiet).await?.is_empty())
}

async fn due(store: &Store, by: &SystemScope, quiet: Duration) -> Result<Vec<Unsettled>> {
    let by = by.clone();
    let mut found = store.read(move |tx| Ok::<_, Error>(settled::unsettled(tx, &by)?)).await?;
    let micros = i64::try_from(quiet.as_micros()).unwrap_or(i64::MAX);
    let now = store.clock().now();
    found.retain(|found| found.last_change_at.saturating_add(micros) <= now);
    Ok(found)
}

fn event(row: &DirectoryRow, found: &Unsettled, quiet: Duration) -> NewEvent {
    let last_change_at = (found.last_change_at > 0).then(|| instant::text(found.last_change_at));
    NewEvent {
        event_type: "dsync.sync.settled",
        organization_id: Some(row.organization_id),
        directory_id: Some(row.id),
        subject_id: Some(row.id.to_string()),
        data: json!({
            "object": "directory_sync",
            "directory_id": row.id,
            "organization_id": row.organization_id,
            "users": { "active": row.counts.users_active, "inactive": row.counts.users_inactive },
            "groups": row.counts.groups,
            "members_pending": row.counts.pending,
            "last_change_at": last_change_at,
            "quiet_seconds": quiet.as_secs(),
        }),
    }
}
