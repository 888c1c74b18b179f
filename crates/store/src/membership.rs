//! Memberships: one row each, so that a change to one member costs the same in a group of ten and of a million.

use std::fmt;
use std::str::FromStr;

use crate::error::Result;
use crate::group::GroupRow;
use crate::ids::{GroupId, IdError, UserId};
use crate::scope::DirectoryScope;
use crate::tx::Tx;

/// A member of a group: a user, or a group nested in it. Its text is the SCIM `id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MemberId {
    /// A user.
    User(UserId),
    /// A nested group.
    Group(GroupId),
}

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => id.fmt(f),
            Self::Group(id) => id.fmt(f),
        }
    }
}

impl FromStr for MemberId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        text.parse().map(Self::User).or_else(|_| text.parse().map(Self::Group))
    }
}

/// A member with the name shown beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The member.
    pub id: MemberId,
    /// The `display_name` of the user, or the `displayName` of the group; may be empty.
    pub display: String,
}

/// Adds members; those really added, in the order given. `group` must come from `group::get_for_update` of the same job; its
/// `members_count`, `version` and `updated_at` are carried on, here and in the database, when something changed.
/// Every member must exist in the directory ([`resolve`] it first); a group is not added to itself.
///
/// # Errors
/// [`Conflict::Reference`](crate::Conflict::Reference) when a member does not exist in this directory.
pub fn add(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    group: &mut GroupRow,
    members: &[MemberId],
) -> Result<Vec<MemberId>> {
    let _ = (tx, scope, group, members);
    crate::unwritten()
}

/// Takes members out; those that really were members. `group` as in [`add`].
///
/// # Errors
/// When the database fails.
pub fn remove(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    group: &mut GroupRow,
    members: &[MemberId],
) -> Result<Vec<MemberId>> {
    let _ = (tx, scope, group, members);
    crate::unwritten()
}

/// Takes all members out; those that were members. `group` as in [`add`].
///
/// # Errors
/// When the database fails.
pub fn clear(tx: &mut Tx<'_>, scope: &DirectoryScope, group: &mut GroupRow) -> Result<Vec<MemberId>> {
    let _ = (tx, scope, group);
    crate::unwritten()
}

/// At most `limit` members of the group that come after `after`: users first, then groups, each in the order of their creation.
///
/// # Errors
/// When the database fails.
pub fn members(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    group: &GroupId,
    after: Option<&MemberId>,
    limit: i64,
) -> Result<Vec<Member>> {
    let _ = (tx, scope, group, after, limit);
    crate::unwritten()
}

/// Which of these are members of the group.
///
/// # Errors
/// When the database fails.
pub fn present(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    group: &GroupId,
    members: &[MemberId],
) -> Result<Vec<MemberId>> {
    let _ = (tx, scope, group, members);
    crate::unwritten()
}

/// The groups that have this member.
///
/// # Errors
/// When the database fails.
pub fn groups_of_member(tx: &mut Tx<'_>, scope: &DirectoryScope, member: &MemberId) -> Result<Vec<GroupId>> {
    let _ = (tx, scope, member);
    crate::unwritten()
}

/// Which of these exist in the directory, with their names: one answer for each, in the order given.
///
/// # Errors
/// When the database fails.
pub fn resolve(tx: &mut Tx<'_>, scope: &DirectoryScope, members: &[MemberId]) -> Result<Vec<Option<Member>>> {
    let _ = (tx, scope, members);
    crate::unwritten()
}

/// Whom these texts name that are no ids: the user or group whose `externalId` equals the text, else the user whose folded
/// `userName` equals the folded text. One answer for each, in the order given; a text that names more than one names none.
/// Only for members that identity providers name by their own key (they are kept pending otherwise).
///
/// # Errors
/// When the database fails.
pub fn resolve_names(tx: &mut Tx<'_>, scope: &DirectoryScope, names: &[String]) -> Result<Vec<Option<Member>>> {
    let _ = (tx, scope, names);
    crate::unwritten()
}
