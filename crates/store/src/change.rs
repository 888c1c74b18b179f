//! Rules that all changes of resources share.

use crate::error::Result;
use crate::ids::{GroupId, Id};
use crate::many::{numbered, portions};
use crate::scope::DirectoryScope;
use crate::tx::Tx;
use crate::value::Param;

/// The time of a change: now, but later than the last one by at least the millisecond that is shown (RFC 7643 section 3.1,
/// `meta.lastModified`).
pub(crate) fn instant(now: i64, before: i64) -> i64 {
    now.max(before + 1000)
}

/// Leaves a tombstone, so that a deleted id can be told from one that never was.
/// `access_version` is what an application is told of a deleted user from then on.
pub(crate) fn bury<I: Id + Param>(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    id: &I,
    kind: &str,
    access_version: Option<i64>,
) -> Result<()> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO tombstone (directory_id, id, kind, deleted_at, access_version) VALUES ($1, $2, $3, $4, $5)",
        &[&scope.directory_id, id, &kind, &now, &access_version],
    )?;
    Ok(())
}

/// Whether there is a tombstone.
pub(crate) fn is_buried<I: Id + Param>(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &I) -> Result<bool> {
    let found = tx.query_one(
        "SELECT 1 FROM tombstone WHERE directory_id = $1 AND id = $2",
        &[&scope.directory_id, id],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Each of these groups has lost one member.
pub(crate) fn lose_member(tx: &mut Tx<'_>, scope: &DirectoryScope, groups: &[GroupId]) -> Result<()> {
    let now = tx.now();
    for portion in portions(groups) {
        let sql = format!(
            "UPDATE scim_group SET members_count = members_count - 1, version = version + 1, \
             updated_at = CASE WHEN updated_at + 1000 > CAST($2 AS BIGINT) THEN updated_at + 1000 ELSE CAST($2 AS BIGINT) END \
             WHERE directory_id = $1 AND id IN ({})",
            numbered(3, portion.len())
        );
        let mut params: Vec<&dyn Param> = vec![&scope.directory_id, &now];
        params.extend(portion.iter().map(|group| group as &dyn Param));
        tx.execute(&sql, &params)?;
    }
    Ok(())
}
