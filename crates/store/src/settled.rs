//! Which directories have come to rest after their first sync.

use crate::error::Result;
use crate::ids::{DirectoryId, OrganizationId};
use crate::scope::{Authority, SystemScope};
use crate::tx::Tx;

/// A directory with people in it whose first sync was not announced as at rest yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsettled {
    /// The directory.
    pub directory_id: DirectoryId,
    /// When its identity provider last changed something (Unix microseconds); 0 when no event tells.
    pub last_change_at: i64,
}

/// All directories that are in use, have people, and were not announced.
///
/// # Errors
/// When the database fails.
pub fn unsettled(tx: &mut Tx<'_>, by: &SystemScope) -> Result<Vec<Unsettled>> {
    let _ = by;
    let waiting: Vec<(DirectoryId, OrganizationId)> = tx.query(
        "SELECT d.id, d.organization_id FROM directory d JOIN directory_stats s ON s.directory_id = d.id \
         LEFT JOIN sync_settled r ON r.directory_id = d.id \
         WHERE r.directory_id IS NULL AND d.state = 'linked' AND s.users_active + s.users_inactive > 0 ORDER BY d.id",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let mut found = Vec::with_capacity(waiting.len());
    for (directory_id, organization_id) in waiting {
        let last_change_at = last_change(tx, &directory_id, &organization_id)?;
        found.push(Unsettled { directory_id, last_change_at });
    }
    Ok(found)
}

fn last_change(tx: &mut Tx<'_>, directory: &DirectoryId, organization: &OrganizationId) -> Result<i64> {
    let found = tx.query_one(
        "SELECT created_at FROM event WHERE organization_id = $1 AND directory_id = $2 AND actor = 'scim_auto_sync' \
         ORDER BY position DESC LIMIT 1",
        &[organization, directory],
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or_default())
}

/// Notes that a directory has come to rest. Whether that was news; not when its identity provider has changed something since
/// `last_change_at`.
///
/// # Errors
/// When the database fails.
pub fn settle(tx: &mut Tx<'_>, by: &SystemScope, found: &Unsettled) -> Result<bool> {
    if !unsettled(tx, by)?.contains(found) {
        return Ok(false);
    }
    let now = tx.now();
    let written = tx.execute(
        "INSERT INTO sync_settled (directory_id, settled_at) VALUES ($1, $2) ON CONFLICT (directory_id) DO NOTHING",
        &[&found.directory_id, &now],
    )?;
    Ok(written > 0)
}

/// The next sync of a directory counts as a first one again.
///
/// # Errors
/// When the database fails.
pub fn begin_again(tx: &mut Tx<'_>, by: &impl Authority, directory: &DirectoryId) -> Result<()> {
    let _ = by;
    tx.execute("DELETE FROM sync_settled WHERE directory_id = $1", &[directory])?;
    Ok(())
}
