//! From the place of a resource in the list to its number, without walking the list.

use crate::batch::{BLOCK, Kind};
use crate::error::Result;
use crate::scope::DirectoryScope;
use crate::tx::Tx;

/// Where the page begins: from this number on, after so many rows.
pub(crate) fn begin(tx: &mut Tx<'_>, scope: &DirectoryScope, kind: Kind, start_index: i64) -> Result<(i64, i64)> {
    let skipped = start_index.max(1) - 1;
    // The first pages need no sums, and while a job writes, its own rows are not in the sums yet.
    if skipped < BLOCK || tx.is_writing() {
        return Ok((0, skipped));
    }
    let table = match kind {
        Kind::User => "user_block",
        Kind::Group => "group_block",
    };
    let sql = format!(
        "SELECT block, preceding FROM (SELECT block, CAST(SUM(live) OVER (ORDER BY block) AS BIGINT) - live AS preceding \
         FROM {table} WHERE directory_id = $1) AS sums WHERE preceding <= $2 ORDER BY block DESC LIMIT 1"
    );
    let found = tx.query_one(&sql, &[&scope.directory_id, &skipped], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (block, preceding): (i64, i64) = found.unwrap_or_default();
    Ok((block * BLOCK, skipped - preceding))
}
