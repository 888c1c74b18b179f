//! Members that a group names and nobody knows yet. They are never counted or shown as members; they join when they arrive.

use crate::error::Result;
use crate::ids::GroupId;
use crate::scope::DirectoryScope;
use crate::tx::Tx;

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

/// Keeps members in waiting; the values that were not waiting before.
///
/// # Errors
/// When the database fails.
pub fn add(tx: &mut Tx<'_>, scope: &DirectoryScope, members: &[PendingMember]) -> Result<Vec<String>> {
    let _ = (tx, scope, members);
    crate::unwritten()
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
    let _ = (tx, scope, id, external_id, user_name);
    crate::unwritten()
}

/// Stops waiting for these values in this group; those that were waiting.
///
/// # Errors
/// When the database fails.
pub fn remove(tx: &mut Tx<'_>, scope: &DirectoryScope, group: &GroupId, values: &[String]) -> Result<Vec<String>> {
    let _ = (tx, scope, group, values);
    crate::unwritten()
}

/// Stops waiting for anybody in this group; those that were waiting.
///
/// # Errors
/// When the database fails.
pub fn clear(tx: &mut Tx<'_>, scope: &DirectoryScope, group: &GroupId) -> Result<Vec<String>> {
    let _ = (tx, scope, group);
    crate::unwritten()
}

/// At most `limit` members in waiting of this group, by value.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, scope: &DirectoryScope, group: &GroupId, limit: i64) -> Result<Vec<PendingMember>> {
    let _ = (tx, scope, group, limit);
    crate::unwritten()
}
