//! Taking the oldest requests out.

use super::first_id;
use crate::error::Result;
use crate::ids::{DirectoryId, Id as _};
use crate::scope::SystemScope;
use crate::traffic;
use crate::tx::Tx;

/// Directories whose log has more than so many rows, at most `limit`.
///
/// # Errors
/// When the database fails.
pub fn crowded(tx: &mut Tx<'_>, by: &SystemScope, most: i64, limit: i64) -> Result<Vec<DirectoryId>> {
    let _ = by;
    tx.query(
        "SELECT d.directory_id FROM request_traffic d WHERE d.kept > $1 ORDER BY d.directory_id LIMIT $2",
        &[&most, &limit],
        |row| row.get(0),
    )
}

/// Directories that have had a request, in the order of their ids, those after one.
///
/// # Errors
/// When the database fails.
pub fn with_requests(
    tx: &mut Tx<'_>,
    by: &SystemScope,
    after: Option<DirectoryId>,
    limit: i64,
) -> Result<Vec<DirectoryId>> {
    let _ = by;
    let after = after.map(|id| id.code().to_owned()).unwrap_or_default();
    tx.query(
        "SELECT directory_id FROM request_traffic WHERE directory_id > $1 ORDER BY directory_id LIMIT $2",
        &[&after, &limit],
        |row| row.get(0),
    )
}

/// Removes the oldest of the requests that came before an instant (Unix microseconds), at most `limit`. How many.
///
/// # Errors
/// When the database fails.
pub fn purge_before(
    tx: &mut Tx<'_>,
    by: &SystemScope,
    directory: &DirectoryId,
    before: i64,
    limit: i64,
) -> Result<u64> {
    let _ = by;
    let removed = tx.execute(
        "DELETE FROM request_log WHERE directory_id = $1 AND id IN \
         (SELECT id FROM request_log WHERE directory_id = $1 AND id < $2 ORDER BY id LIMIT $3)",
        &[directory, &first_id(before), &limit],
    )?;
    traffic::removed(tx, directory, removed)?;
    Ok(removed)
}

/// Removes the oldest requests of a directory that has more than `most`, at most `limit`. How many.
///
/// # Errors
/// When the database fails.
pub fn purge_beyond(tx: &mut Tx<'_>, by: &SystemScope, directory: &DirectoryId, most: i64, limit: i64) -> Result<u64> {
    let _ = by;
    let kept = "SELECT kept FROM request_traffic WHERE directory_id = $1";
    let kept: i64 = tx.query_one(kept, &[directory], |row| row.get(0))?.unwrap_or_default();
    let surplus = (kept - most).clamp(0, limit);
    if surplus == 0 {
        return Ok(0);
    }
    let removed = tx.execute(
        "DELETE FROM request_log WHERE directory_id = $1 AND id IN \
         (SELECT id FROM request_log WHERE directory_id = $1 ORDER BY id LIMIT $2)",
        &[directory, &surplus],
    )?;
    traffic::removed(tx, directory, removed)?;
    Ok(removed)
}
