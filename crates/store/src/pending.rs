//! Members that a group names and nobody knows yet. They are never counted or shown as members; they join when they arrive.

use std::collections::HashSet;

use crate::error::Result;
use crate::ids::GroupId;
use crate::key;
use crate::many::{numbered, portions};
use crate::scope::DirectoryScope;
use crate::stats::Counts;
use crate::tx::Tx;
use crate::value::{Param, Row};

/// A member in waiting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingMember {
    /// The group that waits for it.
    pub group_id: GroupId,
    /// The `value` as sent.
    pub value: String,
    /// The `display` as sent.
    pub display: Option<String>,
}

const COLUMNS: &str = "group_id, value, display";

fn read(row: &Row<'_>) -> Result<PendingMember> {
    Ok(PendingMember { group_id: row.get(0)?, value: row.get(1)?, display: row.get(2)? })
}

fn count(tx: &mut Tx<'_>, scope: &DirectoryScope, change: i64) -> Result<()> {
    if change != 0 {
        tx.batch()?.count(&scope.directory_id, Counts { pending: change, ..Counts::default() });
    }
    Ok(())
}

/// Keeps members in waiting; the values that were not waiting before.
///
/// # Errors
/// When the database fails.
pub fn add(tx: &mut Tx<'_>, scope: &DirectoryScope, members: &[PendingMember]) -> Result<Vec<String>> {
    let mut added = Vec::new();
    let rows: Vec<_> = members
        .iter()
        .map(|member| {
            let display = member.display.as_deref().map(key::without_nul);
            (&member.group_id, key::exact(&member.value), key::user_name(&member.value), display)
        })
        .collect();
    for portion in portions(&rows) {
        let values: Vec<String> = (0..portion.len()).map(|row| format!("($1, {})", numbered(row * 4 + 2, 4))).collect();
        let sql = format!(
            "INSERT INTO pending_member (directory_id, group_id, value, value_key, display) VALUES {} \
             ON CONFLICT (directory_id, group_id, value) DO NOTHING RETURNING value",
            values.join(", ")
        );
        let mut params: Vec<&dyn Param> = vec![&scope.directory_id];
        for (group, value, value_key, display) in portion {
            params.extend([*group as &dyn Param, value, value_key, display]);
        }
        added.extend(tx.query(&sql, &params, |row| row.get::<String>(0))?);
    }
    count(tx, scope, added.len() as i64)?;
    Ok(added)
}

/// Takes out and returns those who waited for the user or group that has just come: its `id`, its `externalId` or its folded
/// `userName` equals the value they wait for. Costs nothing while the directory has no pending members.
///
/// # Errors
/// When the database fails.
pub fn take(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    id: &str,
    external_id: Option<&str>,
    user_name: Option<&str>,
) -> Result<Vec<PendingMember>> {
    if crate::stats::counts(tx, scope)?.pending == 0 {
        return Ok(Vec::new());
    }
    let exact: Vec<String> = [Some(id), external_id].into_iter().flatten().map(key::exact).collect();
    let user_name = user_name.map(key::user_name);
    // One index serves all three: the folded value. Whether an exact key was meant is seen in the row.
    let mut keys: Vec<String> = [Some(id), external_id].into_iter().flatten().map(key::user_name).collect();
    keys.extend(user_name.clone());
    let sql = format!(
        "SELECT {COLUMNS}, value_key FROM pending_member WHERE directory_id = $1 AND value_key IN ({}) \
         ORDER BY group_id, value",
        numbered(2, keys.len())
    );
    let mut params: Vec<&dyn Param> = vec![&scope.directory_id];
    params.extend(keys.iter().map(|key| key as &dyn Param));
    let found = tx.query(&sql, &params, |row| Ok((read(row)?, row.get::<String>(3)?)))?;
    let mut taken = Vec::new();
    for (member, value_key) in found {
        if exact.contains(&member.value) || user_name.as_ref() == Some(&value_key) {
            tx.execute(
                "DELETE FROM pending_member WHERE directory_id = $1 AND group_id = $2 AND value = $3",
                &[&scope.directory_id, &member.group_id, &member.value],
            )?;
            taken.push(member);
        }
    }
    count(tx, scope, -(taken.len() as i64))?;
    Ok(taken)
}

/// Stops waiting for these values in this group; those that were waiting.
///
/// # Errors
/// When the database fails.
pub fn remove(tx: &mut Tx<'_>, scope: &DirectoryScope, group: &GroupId, values: &[String]) -> Result<Vec<String>> {
    if crate::stats::counts(tx, scope)?.pending == 0 {
        return Ok(Vec::new());
    }
    let keys: Vec<String> = values.iter().map(|value| key::exact(value)).collect();
    let mut removed: HashSet<String> = HashSet::new();
    for portion in portions(&keys) {
        let sql = format!(
            "DELETE FROM pending_member WHERE directory_id = $1 AND group_id = $2 AND value IN ({}) RETURNING value",
            numbered(3, portion.len())
        );
        let mut params: Vec<&dyn Param> = vec![&scope.directory_id, group];
        params.extend(portion.iter().map(|value| value as &dyn Param));
        removed.extend(tx.query(&sql, &params, |row| row.get::<String>(0))?);
    }
    count(tx, scope, -(removed.len() as i64))?;
    Ok(values.iter().zip(&keys).filter(|(_, key)| removed.remove(*key)).map(|(value, _)| value.clone()).collect())
}

/// Stops waiting for anybody in this group; those that were waiting.
///
/// # Errors
/// When the database fails.
pub fn clear(tx: &mut Tx<'_>, scope: &DirectoryScope, group: &GroupId) -> Result<Vec<String>> {
    let sql = "DELETE FROM pending_member WHERE directory_id = $1 AND group_id = $2 RETURNING value";
    let removed: Vec<String> = tx.query(sql, &[&scope.directory_id, group], |row| row.get(0))?;
    count(tx, scope, -(removed.len() as i64))?;
    Ok(removed)
}

/// At most `limit` members in waiting of this group, by value.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, scope: &DirectoryScope, group: &GroupId, limit: i64) -> Result<Vec<PendingMember>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM pending_member WHERE directory_id = $1 AND group_id = $2 ORDER BY value LIMIT $3"
    );
    tx.query(&sql, &[&scope.directory_id, group, &limit.max(0)], read)
}
