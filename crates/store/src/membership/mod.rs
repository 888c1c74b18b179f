//! Memberships: one row each, so that a change to one member costs the same in a group of ten and of a million.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::str::FromStr;

use crate::change;
use crate::error::Result;
use crate::group::GroupRow;
use crate::ids::{GroupId, Id, IdError, UserId};
use crate::many;
use crate::scope::DirectoryScope;
use crate::tx::Tx;
use crate::value::{Param, Row};

mod resolve;
mod rows;

pub use resolve::{resolve, resolve_names};
use rows::{GROUPS, USERS, delete, delete_users, insert_groups, insert_users, select};

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

fn users_of(members: &[MemberId]) -> Vec<UserId> {
    members
        .iter()
        .filter_map(|member| match member {
            MemberId::User(id) => Some(*id),
            MemberId::Group(_) => None,
        })
        .collect()
}

fn groups_in(members: &[MemberId]) -> Vec<GroupId> {
    members
        .iter()
        .filter_map(|member| match member {
            MemberId::User(_) => None,
            MemberId::Group(id) => Some(*id),
        })
        .collect()
}

/// The members that the statement really touched, in the order given.
fn in_order(members: &[MemberId], mut touched: HashSet<MemberId>) -> Vec<MemberId> {
    members.iter().filter(|member| touched.remove(member)).copied().collect()
}

fn user(row: &Row<'_>) -> Result<MemberId> {
    row.get(0).map(MemberId::User)
}

fn nested(row: &Row<'_>) -> Result<MemberId> {
    row.get(0).map(MemberId::Group)
}

/// Carries on what is kept about a group whose members have changed.
fn count(tx: &mut Tx<'_>, scope: &DirectoryScope, group: &mut GroupRow, change: i64) -> Result<()> {
    if change == 0 {
        return Ok(());
    }
    let updated_at = change::instant(tx.now(), group.updated_at);
    // It fails when the row was not read in this job under the lock of its directory.
    tx.execute_soon(
        "UPDATE scim_group SET members_count = members_count + $4, version = version + 1, updated_at = $5 \
         WHERE directory_id = $1 AND id = $2 AND version = $3",
        &[&scope.directory_id, &group.id, &group.version, &change, &updated_at],
        Some(1),
    )?;
    group.members_count += change;
    group.version += 1;
    group.updated_at = updated_at;
    if let Some(ahead) = tx.ahead() {
        ahead.group_changed(&scope.directory_id, group);
    }
    Ok(())
}

/// Adds members; those really added, in the order given. `group` must come from `group::get_for_update` of the same job; its
/// `members_count`, `version` and `updated_at` are carried on, here and in the database, when something changed.
/// Who is not in the directory is not added ([`resolve`] tells), nor is a group to itself. Groups may contain each other: nothing here
/// follows more than one step.
///
/// # Errors
/// When the database fails.
pub fn add(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    group: &mut GroupRow,
    members: &[MemberId],
) -> Result<Vec<MemberId>> {
    let added = insert(tx, scope, &group.id, members)?;
    count(tx, scope, group, added.len() as i64)?;
    Ok(in_order(members, added))
}

/// As [`add`], for a group that this job has just made: its members belong to its first version.
///
/// # Errors
/// When the database fails.
pub fn add_first(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    group: &mut GroupRow,
    members: &[MemberId],
) -> Result<Vec<MemberId>> {
    let added = insert(tx, scope, &group.id, members)?;
    if !added.is_empty() {
        group.members_count += added.len() as i64;
        tx.execute(
            "UPDATE scim_group SET members_count = $3 WHERE directory_id = $1 AND id = $2",
            &[&scope.directory_id, &group.id, &group.members_count],
        )?;
    }
    Ok(in_order(members, added))
}

fn insert(tx: &mut Tx<'_>, scope: &DirectoryScope, group: &GroupId, members: &[MemberId]) -> Result<HashSet<MemberId>> {
    let mut added = insert_users(tx, scope, group, &users_of(members))?;
    let children: Vec<GroupId> = groups_in(members).into_iter().filter(|child| child != group).collect();
    added.extend(insert_groups(tx, scope, group, &children)?);
    Ok(added)
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
    let mut removed = delete_users(tx, scope, &group.id, &users_of(members))?;
    removed.extend(delete(tx, scope, &group.id, GROUPS, &groups_in(members), nested)?);
    count(tx, scope, group, -(removed.len() as i64))?;
    Ok(in_order(members, removed))
}

/// Takes all members out; those that were members. `group` as in [`add`].
///
/// # Errors
/// When the database fails.
pub fn clear(tx: &mut Tx<'_>, scope: &DirectoryScope, group: &mut GroupRow) -> Result<Vec<MemberId>> {
    let whose: [&dyn Param; 2] = [&scope.directory_id, &group.id];
    let users = "DELETE FROM membership WHERE directory_id = $1 AND group_id = $2 RETURNING user_id";
    let mut removed = tx.query(users, &whose, user)?;
    let groups = "DELETE FROM nested_group WHERE directory_id = $1 AND group_id = $2 RETURNING child_id";
    removed.extend(tx.query(groups, &whose, nested)?);
    removed.sort();
    count(tx, scope, group, -(removed.len() as i64))?;
    Ok(removed)
}

/// At most `$3` members of the group in the order of [`members`], for [`Member::read`].
pub(crate) const FIRST_MEMBERS: &str = "SELECT * FROM (SELECT 0 AS nested, m.user_id AS id, m.display FROM membership m \
     WHERE m.directory_id = $1 AND m.group_id = $2 ORDER BY m.user_id LIMIT $3) AS users \
     UNION ALL SELECT * FROM (SELECT 1, n.child_id, g.display_name FROM nested_group n \
     LEFT JOIN scim_group g ON g.directory_id = n.directory_id AND g.id = n.child_id \
     WHERE n.directory_id = $1 AND n.group_id = $2 ORDER BY n.child_id LIMIT $3) AS groups ORDER BY nested, id LIMIT $3";

impl Member {
    pub(crate) fn read(row: &Row<'_>) -> Result<Self> {
        let id = match row.get::<i32>(0)? {
            0 => MemberId::User(row.get(1)?),
            _ => MemberId::Group(row.get(1)?),
        };
        Ok(Self { id, display: row.get(2)? })
    }
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
    if after.is_none()
        && let Some(known) = tx.ahead().and_then(|ahead| ahead.members_of(&scope.directory_id, group))
    {
        return Ok(known.iter().take(usize::try_from(limit.max(0)).unwrap_or(usize::MAX)).cloned().collect());
    }
    let mut found = Vec::new();
    let from_user = match after {
        None => Some(""),
        Some(MemberId::User(id)) => Some(id.code()),
        Some(MemberId::Group(_)) => None,
    };
    if let Some(from) = from_user {
        found = tx.query(
            "SELECT m.user_id, m.display FROM membership m \
             WHERE m.directory_id = $1 AND m.group_id = $2 AND m.user_id > $3 ORDER BY m.user_id LIMIT $4",
            &[&scope.directory_id, group, &from, &limit.max(0)],
            |row| Ok(Member { id: user(row)?, display: row.get(1)? }),
        )?;
    }
    let left = limit.max(0).saturating_sub(found.len() as i64);
    if left > 0 {
        let from = match after {
            Some(MemberId::Group(id)) => id.code(),
            _ => "",
        };
        found.extend(tx.query(
            "SELECT n.child_id, g.display_name \
             FROM nested_group n JOIN scim_group g ON g.directory_id = n.directory_id AND g.id = n.child_id \
             WHERE n.directory_id = $1 AND n.group_id = $2 AND n.child_id > $3 ORDER BY n.child_id LIMIT $4",
            &[&scope.directory_id, group, &from, &left],
            |row| Ok(Member { id: nested(row)?, display: row.get(1)? }),
        )?);
    }
    Ok(found)
}

/// All members of these groups, each group given once, for the pages of a list; groups without members are missing in the map.
///
/// # Errors
/// When the database fails.
pub fn members_of(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    groups: &[GroupId],
) -> Result<HashMap<GroupId, Vec<Member>>> {
    let mut found: HashMap<GroupId, Vec<Member>> = HashMap::new();
    for (wanted, params) in many::wanted(&[&scope.directory_id], groups) {
        let users = format!(
            "{wanted} SELECT m.user_id, m.display, m.group_id FROM wanted w \
             LEFT JOIN membership m ON m.directory_id = $1 AND m.group_id = w.key WHERE COALESCE(m.user_id, '') <> ''"
        );
        let mut rows = tx.query(&users, &params, |row| {
            Ok((row.get::<GroupId>(2)?, Member { id: user(row)?, display: row.get(1)? }))
        })?;
        let groups = format!(
            "{wanted} SELECT n.child_id, g.display_name, n.group_id \
             FROM wanted w LEFT JOIN nested_group n ON n.directory_id = $1 AND n.group_id = w.key \
             LEFT JOIN scim_group g ON g.directory_id = $1 AND g.id = n.child_id WHERE COALESCE(g.id, '') <> ''"
        );
        rows.extend(tx.query(&groups, &params, |row| {
            Ok((row.get::<GroupId>(2)?, Member { id: nested(row)?, display: row.get(1)? }))
        })?);
        for (group, member) in rows {
            found.entry(group).or_default().push(member);
        }
    }
    found.values_mut().for_each(|members| members.sort_by_key(|member| member.id));
    Ok(found)
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
    let mut found = select(tx, scope, group, USERS, &users_of(members), user)?;
    found.extend(select(tx, scope, group, GROUPS, &groups_in(members), nested)?);
    Ok(in_order(members, found))
}

/// Pairs of group and user of the directory after a pair, in the order of their ids; from the first one when there is none.
///
/// # Errors
/// When the database fails.
pub fn pairs(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    after: Option<(GroupId, UserId)>,
    limit: i64,
) -> Result<Vec<(GroupId, UserId)>> {
    let (group, user) = after.unwrap_or((GroupId::from_bits(0), UserId::from_bits(0)));
    tx.query(
        "SELECT group_id, user_id FROM membership WHERE directory_id = $1 AND (group_id, user_id) > ($2, $3) \
         ORDER BY group_id, user_id LIMIT $4",
        &[&scope.directory_id, &group, &user, &limit.max(0)],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// The groups that have this member.
///
/// # Errors
/// When the database fails.
pub fn groups_of_member(tx: &mut Tx<'_>, scope: &DirectoryScope, member: &MemberId) -> Result<Vec<GroupId>> {
    let (sql, id): (&str, &dyn Param) = match member {
        MemberId::User(id) => {
            ("SELECT group_id FROM membership WHERE directory_id = $1 AND user_id = $2 ORDER BY group_id", id)
        }
        MemberId::Group(id) => {
            ("SELECT group_id FROM nested_group WHERE directory_id = $1 AND child_id = $2 ORDER BY group_id", id)
        }
    };
    tx.query(sql, &[&scope.directory_id, id], |row| row.get(0))
}
