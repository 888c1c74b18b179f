//! The end of a directory: a time of grace in which it can be restored, then its removal in portions (SEC-14).

use crate::directory::{self, DirectoryRow};
use crate::error::Result;
use crate::ids::DirectoryId;
use crate::scope::{Authority, DirectoryScope, SystemScope};
use crate::tx::Tx;

/// Puts a directory into the state `deleting`; its removal may begin at `delete_at` (Unix microseconds). One that is being deleted gets
/// the new time. The row as it is then, `None` when there is no such directory.
///
/// # Errors
/// When the database fails.
pub fn schedule(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    id: &DirectoryId,
    delete_at: i64,
) -> Result<Option<DirectoryRow>> {
    if directory::get(tx, by, id)?.is_none() {
        return Ok(None);
    }
    let now = tx.now();
    tx.execute(
        "UPDATE directory SET state_before = CASE WHEN state = 'deleting' THEN state_before ELSE state END, \
         access_epoch = access_epoch + CASE WHEN state = 'deleting' THEN 0 ELSE 1 END, \
         state = 'deleting', delete_at = $2, updated_at = $3 WHERE id = $1",
        &[id, &delete_at, &now],
    )?;
    directory::get(tx, by, id)
}

/// Gives a directory back the state that it had before its deletion was asked for. Whether that was still possible: not when it is not
/// being deleted, or its removal has begun.
///
/// # Errors
/// When the database fails.
pub fn restore(tx: &mut Tx<'_>, by: &impl Authority, id: &DirectoryId) -> Result<bool> {
    if directory::get(tx, by, id)?.is_none() {
        return Ok(false);
    }
    let now = tx.now();
    let written = tx.execute(
        "UPDATE directory SET state = COALESCE(state_before, 'unlinked'), state_before = NULL, delete_at = NULL, updated_at = $2, \
         access_epoch = access_epoch + 1 WHERE id = $1 AND state = 'deleting' AND removal_began_at IS NULL",
        &[id, &now],
    )?;
    Ok(written > 0)
}

/// Directories whose time of grace is over, the longest overdue first.
///
/// # Errors
/// When the database fails.
pub fn due(tx: &mut Tx<'_>, by: &SystemScope, limit: i64) -> Result<Vec<DirectoryId>> {
    let _ = by;
    let now = tx.now();
    tx.query(
        "SELECT id FROM directory WHERE delete_at IS NOT NULL AND delete_at <= $1 ORDER BY delete_at, id LIMIT $2",
        &[&now, &limit],
        |row| row.get(0),
    )
}

/// Begins the removal, or goes on with it. False when the directory is gone, was restored, or has time left. From here to the end of the
/// transaction nobody can restore it.
///
/// # Errors
/// When the database fails.
pub fn begin(tx: &mut Tx<'_>, by: &impl Authority, id: &DirectoryId) -> Result<bool> {
    let _ = by;
    let now = tx.now();
    let written = tx.execute(
        "UPDATE directory SET removal_began_at = COALESCE(removal_began_at, $2) \
         WHERE id = $1 AND state = 'deleting' AND delete_at <= $2",
        &[id, &now],
    )?;
    Ok(written > 0)
}

/// Removes at most so many of the notes that deleted users and groups have left, and of the accounts that are known. Whether there may be more.
///
/// # Errors
/// When the database fails.
pub fn sweep(tx: &mut Tx<'_>, scope: &DirectoryScope, limit: i64) -> Result<bool> {
    let written = tx.execute(
        "DELETE FROM tombstone WHERE directory_id = $1 AND id IN \
         (SELECT t.id FROM tombstone t WHERE t.directory_id = $1 LIMIT $2)",
        &[&scope.directory_id, &limit],
    )?;
    let known = tx.execute(
        "DELETE FROM known_user WHERE directory_id = $1 AND id IN \
         (SELECT t.id FROM known_user t WHERE t.directory_id = $1 LIMIT $2)",
        &[&scope.directory_id, &limit],
    )?;
    Ok(written + known > 0)
}
