//! Groups: the SCIM document without its members, and the keys by which it is found.

use crate::error::Result;
use crate::ids::{GroupId, UserId};
use crate::membership::MemberId;
use crate::paging::{Cursor, Slice};
use crate::scope::{ApplicationScope, DirectoryScope};
use crate::tx::Tx;

/// A stored group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    /// Its id.
    pub id: GroupId,
    /// Its number in the directory: the order of creation, never reused.
    pub seq: i64,
    /// `displayName` as sent.
    pub display_name: String,
    /// `externalId` as sent.
    pub external_id: Option<String>,
    /// The SCIM document in canonical 2.0 form, without members (`Resource::to_stored`).
    pub doc: String,
    /// Counts the changes of the representation, memberships included, from 1 (SEC-40).
    pub version: i64,
    /// How many members it has; pending ones do not count.
    pub members_count: i64,
    /// Unix microseconds.
    pub created_at: i64,
    /// Unix microseconds.
    pub updated_at: i64,
}

/// What a group is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupValues {
    /// `displayName` as sent.
    pub display_name: String,
    /// `externalId` as sent.
    pub external_id: Option<String>,
    /// The SCIM document in canonical 2.0 form, without members (`Resource::to_stored`).
    pub doc: String,
}

/// Which groups a list of the application's API holds.
#[derive(Debug, Clone, Default)]
pub struct GroupFilter {
    /// Only those this user is in.
    pub user: Option<UserId>,
    /// Only the one with this `externalId` or, if it has none, this `displayName`.
    pub idp_id: Option<String>,
    /// Only those changed after this instant (Unix microseconds).
    pub updated_after: Option<i64>,
}

/// What the removal of a group ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EndedMemberships {
    /// Its members.
    pub members: Vec<MemberId>,
    /// The groups it was itself a member of (their `members_count` and version are kept right).
    pub parents: Vec<GroupId>,
}

/// Writes a new group.
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, scope: &DirectoryScope, values: &GroupValues) -> Result<GroupRow> {
    let _ = (tx, scope, values);
    crate::unwritten()
}

/// The group with this id.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &GroupId) -> Result<Option<GroupRow>> {
    let _ = (tx, scope, id);
    crate::unwritten()
}

/// The group with this id, locked until the job ends. To be called before its members are changed.
///
/// # Errors
/// When the database fails.
pub fn get_for_update(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &GroupId) -> Result<Option<GroupRow>> {
    let _ = (tx, scope, id);
    crate::unwritten()
}

/// The groups with this `displayName`, without regard to case (folded here), at most 100.
///
/// # Errors
/// When the database fails.
pub fn by_display_name(tx: &mut Tx<'_>, scope: &DirectoryScope, display_name: &str) -> Result<Vec<GroupRow>> {
    let _ = (tx, scope, display_name);
    crate::unwritten()
}

/// The groups with this `externalId`, at most 100.
///
/// # Errors
/// When the database fails.
pub fn by_external_id(tx: &mut Tx<'_>, scope: &DirectoryScope, external_id: &str) -> Result<Vec<GroupRow>> {
    let _ = (tx, scope, external_id);
    crate::unwritten()
}

/// The group with this id, whatever its directory, and the directory's scope. For the application's API only.
///
/// # Errors
/// When the database fails.
pub fn find(tx: &mut Tx<'_>, by: &ApplicationScope, id: &GroupId) -> Result<Option<(DirectoryScope, GroupRow)>> {
    let _ = (tx, by, id);
    crate::unwritten()
}

/// Writes new values over `current`; the row as it is then, with the next version.
///
/// # Errors
/// When the database fails.
pub fn update(tx: &mut Tx<'_>, scope: &DirectoryScope, current: &GroupRow, values: &GroupValues) -> Result<GroupRow> {
    let _ = (tx, scope, current, values);
    crate::unwritten()
}

/// Removes a group with its memberships and pending members and leaves a tombstone.
///
/// # Errors
/// When the database fails.
pub fn delete(tx: &mut Tx<'_>, scope: &DirectoryScope, row: &GroupRow) -> Result<EndedMemberships> {
    let _ = (tx, scope, row);
    crate::unwritten()
}

/// Whether a group with this id was deleted.
///
/// # Errors
/// When the database fails.
pub fn is_deleted(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &GroupId) -> Result<bool> {
    let _ = (tx, scope, id);
    crate::unwritten()
}

/// `count` groups from the `start_index`-th on (counted from 1), in the order of creation. Costs the same at every depth.
///
/// # Errors
/// When the database fails.
pub fn page(tx: &mut Tx<'_>, scope: &DirectoryScope, start_index: i64, count: i64) -> Result<Vec<GroupRow>> {
    let _ = (tx, scope, start_index, count);
    crate::unwritten()
}

/// At most `limit` groups whose number is above `seq`, in the order of creation; start with -1.
///
/// # Errors
/// When the database fails.
pub fn after(tx: &mut Tx<'_>, scope: &DirectoryScope, seq: i64, limit: i64) -> Result<Vec<GroupRow>> {
    let _ = (tx, scope, seq, limit);
    crate::unwritten()
}

/// How many groups the directory has.
///
/// # Errors
/// When the database fails.
pub fn total(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<i64> {
    Ok(crate::stats::counts(tx, scope)?.groups)
}

/// A part of the list for the application's API.
///
/// # Errors
/// When the database fails.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    cursor: &Cursor<GroupId>,
    filter: &GroupFilter,
) -> Result<Slice<GroupRow>> {
    let _ = (tx, scope, cursor, filter);
    crate::unwritten()
}
