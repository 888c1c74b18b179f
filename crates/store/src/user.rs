//! Users: the SCIM document and the folded keys by which it is found.

use std::collections::HashMap;

use crate::error::Result;
use crate::ids::{GroupId, UserId};
use crate::paging::{Cursor, Slice};
use crate::scope::{ApplicationScope, DirectoryScope};
use crate::tx::Tx;

/// A stored user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// Its id.
    pub id: UserId,
    /// Its number in the directory: the order of creation, never reused.
    pub seq: i64,
    /// `userName` as sent.
    pub user_name: String,
    /// `externalId` as sent.
    pub external_id: Option<String>,
    /// The name shown beside memberships; may be empty.
    pub display_name: String,
    /// `active`.
    pub active: bool,
    /// The SCIM document in canonical 2.0 form (`Resource::to_stored`).
    pub doc: String,
    /// Counts the changes of the representation, from 1 (SEC-40).
    pub version: i64,
    /// Unix microseconds.
    pub created_at: i64,
    /// Unix microseconds.
    pub updated_at: i64,
}

/// What a user is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserValues {
    /// `userName` as sent.
    pub user_name: String,
    /// `externalId` as sent.
    pub external_id: Option<String>,
    /// The name shown beside memberships.
    pub display_name: String,
    /// `active`.
    pub active: bool,
    /// The values of `emails` as sent, the primary one first. Folded here.
    pub emails: Vec<String>,
    /// The SCIM document in canonical 2.0 form (`Resource::to_stored`).
    pub doc: String,
}

/// A group as the `groups` of a user show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRef {
    /// The group.
    pub id: GroupId,
    /// Its `displayName`.
    pub display: String,
}

/// Which users a list of the application's API holds.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// Only members of this group.
    pub group: Option<GroupId>,
    /// Only the one with this `externalId` or, if it has none, this `userName`.
    pub idp_id: Option<String>,
    /// Only those with this e-mail address.
    pub email: Option<String>,
    /// Only the one with this `userName`.
    pub user_name: Option<String>,
    /// Only active or only inactive ones.
    pub active: Option<bool>,
    /// Only those changed after this instant (Unix microseconds).
    pub updated_after: Option<i64>,
}

/// Writes a new user.
///
/// # Errors
/// [`Conflict::UserName`](crate::Conflict::UserName) when the directory has a user with this `userName`; nothing was written then.
pub fn insert(tx: &mut Tx<'_>, scope: &DirectoryScope, values: &UserValues) -> Result<UserRow> {
    let _ = (tx, scope, values);
    crate::unwritten()
}

/// The user with this id.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &UserId) -> Result<Option<UserRow>> {
    let _ = (tx, scope, id);
    crate::unwritten()
}

/// The user with this id, locked until the job ends. For jobs that write.
///
/// # Errors
/// When the database fails.
pub fn get_for_update(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &UserId) -> Result<Option<UserRow>> {
    let _ = (tx, scope, id);
    crate::unwritten()
}

/// The user with this `userName`, without regard to case (folded here).
///
/// # Errors
/// When the database fails.
pub fn by_user_name(tx: &mut Tx<'_>, scope: &DirectoryScope, user_name: &str) -> Result<Option<UserRow>> {
    let _ = (tx, scope, user_name);
    crate::unwritten()
}

/// The users with this `externalId` (RFC 7643 section 3.1: the client may give one twice), at most 100.
///
/// # Errors
/// When the database fails.
pub fn by_external_id(tx: &mut Tx<'_>, scope: &DirectoryScope, external_id: &str) -> Result<Vec<UserRow>> {
    let _ = (tx, scope, external_id);
    crate::unwritten()
}

/// The user with this id, whatever its directory, and the directory's scope. For the application's API only.
///
/// # Errors
/// When the database fails.
pub fn find(tx: &mut Tx<'_>, by: &ApplicationScope, id: &UserId) -> Result<Option<(DirectoryScope, UserRow)>> {
    let _ = (tx, by, id);
    crate::unwritten()
}

/// The user and the groups it is in, in one statement.
///
/// # Errors
/// When the database fails.
pub fn with_groups(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &UserId) -> Result<Option<(UserRow, Vec<GroupRef>)>> {
    let _ = (tx, scope, id);
    crate::unwritten()
}

/// The groups of these users; users without groups are missing in the map.
///
/// # Errors
/// When the database fails.
pub fn groups_of(tx: &mut Tx<'_>, scope: &DirectoryScope, ids: &[UserId]) -> Result<HashMap<UserId, Vec<GroupRef>>> {
    let _ = (tx, scope, ids);
    crate::unwritten()
}

/// Writes new values over `current`; the row as it is then, with the next version.
///
/// # Errors
/// [`Conflict::UserName`](crate::Conflict::UserName) when another user has the new `userName`; nothing was written then.
pub fn update(tx: &mut Tx<'_>, scope: &DirectoryScope, current: &UserRow, values: &UserValues) -> Result<UserRow> {
    let _ = (tx, scope, current, values);
    crate::unwritten()
}

/// Removes a user with its memberships and leaves a tombstone; the groups it was taken out of (their `members_count` and version
/// are kept right).
///
/// # Errors
/// When the database fails.
pub fn delete(tx: &mut Tx<'_>, scope: &DirectoryScope, row: &UserRow) -> Result<Vec<GroupId>> {
    let _ = (tx, scope, row);
    crate::unwritten()
}

/// Whether a user with this id was deleted.
///
/// # Errors
/// When the database fails.
pub fn is_deleted(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &UserId) -> Result<bool> {
    let _ = (tx, scope, id);
    crate::unwritten()
}

/// `count` users from the `start_index`-th on (counted from 1), in the order of creation. Costs the same at every depth.
///
/// # Errors
/// When the database fails.
pub fn page(tx: &mut Tx<'_>, scope: &DirectoryScope, start_index: i64, count: i64) -> Result<Vec<UserRow>> {
    let _ = (tx, scope, start_index, count);
    crate::unwritten()
}

/// At most `limit` users whose number is above `seq`, in the order of creation; start with -1.
///
/// # Errors
/// When the database fails.
pub fn after(tx: &mut Tx<'_>, scope: &DirectoryScope, seq: i64, limit: i64) -> Result<Vec<UserRow>> {
    let _ = (tx, scope, seq, limit);
    crate::unwritten()
}

/// How many users the directory has.
///
/// # Errors
/// When the database fails.
pub fn total(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<i64> {
    Ok(crate::stats::counts(tx, scope)?.users())
}

/// A part of the list for the application's API.
///
/// # Errors
/// When the database fails.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    cursor: &Cursor<UserId>,
    filter: &UserFilter,
) -> Result<Slice<UserRow>> {
    let _ = (tx, scope, cursor, filter);
    crate::unwritten()
}
