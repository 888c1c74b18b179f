//! The rows of memberships: written, removed and looked for by their keys.

use std::collections::HashSet;

use super::{MemberId, nested, user};
use crate::error::Result;
use crate::ids::{GroupId, Id, UserId};
use crate::many::{self, numbered, portions};
use crate::scope::DirectoryScope;
use crate::tx::Tx;
use crate::value::{Param, Row};

/// Users and nested groups have a table each, so that every reference is a foreign key with the directory in it.
#[derive(Clone, Copy)]
pub(super) struct Table {
    name: &'static str,
    column: &'static str,
}

pub(super) const USERS: Table = Table { name: "membership", column: "user_id" };
pub(super) const GROUPS: Table = Table { name: "nested_group", column: "child_id" };

/// Writes the rows of those of these users that are in the directory and not in the group yet.
pub(super) fn insert_users(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    group: &GroupId,
    ids: &[UserId],
) -> Result<HashSet<MemberId>> {
    let known = tx.ahead().and_then(|ahead| {
        let users = ahead.users(&scope.directory_id, ids)?;
        let members = ahead.members(&scope.directory_id, group, ids)?;
        Some(users.iter().map(|user| user.row.id).filter(|id| !members.contains(id)).collect::<Vec<UserId>>())
    });
    let mut added = HashSet::with_capacity(ids.len());
    let ids = known.as_deref().unwrap_or(ids);
    for (chunk, (wanted, params)) in ids.chunks(many::MOST).zip(many::wanted(&[&scope.directory_id, group], ids)) {
        let sql = format!(
            "{wanted} INSERT INTO membership (directory_id, group_id, user_id, display) \
             SELECT u.directory_id, CAST($2 AS TEXT), u.id, u.display_name FROM wanted w \
             LEFT JOIN scim_user u ON u.directory_id = $1 AND u.id = w.key WHERE COALESCE(u.id, '') <> '' \
             ON CONFLICT (directory_id, group_id, user_id) DO NOTHING RETURNING user_id"
        );
        match &known {
            Some(_) => tx.execute_soon(&sql, &params, Some(chunk.len() as u64))?,
            None => added.extend(tx.query(&sql, &params, user)?),
        }
    }
    if let Some(joined) = known
        && let Some(ahead) = tx.ahead()
    {
        ahead.members_changed(&scope.directory_id, group, &joined, true);
        added.extend(joined.into_iter().map(MemberId::User));
    }
    Ok(added)
}

/// Writes the rows of those of these groups that are in the directory and not in the other group yet; one statement for very many,
/// because groups that contain each other have as many rows as there are pairs of them.
pub(super) fn insert_groups(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    group: &GroupId,
    children: &[GroupId],
) -> Result<HashSet<MemberId>> {
    let mut added = HashSet::with_capacity(children.len());
    for (wanted, params) in many::wanted(&[&scope.directory_id, group], children) {
        let sql = format!(
            "{wanted} INSERT INTO nested_group (directory_id, group_id, child_id) \
             SELECT g.directory_id, CAST($2 AS TEXT), g.id FROM wanted w \
             LEFT JOIN scim_group g ON g.directory_id = $1 AND g.id = w.key WHERE COALESCE(g.id, '') <> '' \
             ON CONFLICT (directory_id, group_id, child_id) DO NOTHING RETURNING child_id"
        );
        added.extend(tx.query(&sql, &params, nested)?);
    }
    Ok(added)
}

/// Removes the rows of these users; those that were there.
pub(super) fn delete_users(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    group: &GroupId,
    ids: &[UserId],
) -> Result<HashSet<MemberId>> {
    let members = tx.ahead().and_then(|ahead| ahead.members(&scope.directory_id, group, ids));
    let Some(members) = members else { return delete(tx, scope, group, USERS, ids, user) };
    let left: Vec<UserId> = members.into_iter().collect();
    for portion in portions(&left) {
        let (sql, params) = deletion(scope, group, USERS, portion);
        tx.execute_soon(&sql, &params, Some(portion.len() as u64))?;
    }
    if let Some(ahead) = tx.ahead() {
        ahead.members_changed(&scope.directory_id, group, &left, false);
    }
    Ok(left.into_iter().map(MemberId::User).collect())
}

fn deletion<'a, I: Id + Param>(
    scope: &'a DirectoryScope,
    group: &'a GroupId,
    Table { name, column }: Table,
    ids: &'a [I],
) -> (String, Vec<&'a dyn Param>) {
    let sql = format!(
        "DELETE FROM {name} WHERE directory_id = $1 AND group_id = $2 AND {column} IN ({}) RETURNING {column}",
        numbered(3, ids.len())
    );
    let mut params: Vec<&dyn Param> = vec![&scope.directory_id, group];
    params.extend(ids.iter().map(|id| id as &dyn Param));
    (sql, params)
}

/// Removes the rows of these members; those that were there.
pub(super) fn delete<I: Id + Param>(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    group: &GroupId,
    table: Table,
    ids: &[I],
    read: impl Fn(&Row<'_>) -> Result<MemberId>,
) -> Result<HashSet<MemberId>> {
    let mut removed = HashSet::with_capacity(ids.len());
    for portion in portions(ids) {
        let (sql, params) = deletion(scope, group, table, portion);
        removed.extend(tx.query(&sql, &params, &read)?);
    }
    Ok(removed)
}

/// Those of these members whose rows are there.
pub(super) fn select<I: Id + Param>(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    group: &GroupId,
    Table { name, column }: Table,
    ids: &[I],
    read: impl Fn(&Row<'_>) -> Result<MemberId>,
) -> Result<HashSet<MemberId>> {
    let mut found = HashSet::with_capacity(ids.len());
    for (wanted, params) in many::wanted(&[&scope.directory_id, group], ids) {
        let sql = format!(
            "{wanted} SELECT m.{column} FROM wanted w LEFT JOIN {name} m \
             ON m.directory_id = $1 AND m.group_id = $2 AND m.{column} = w.key WHERE COALESCE(m.{column}, '') <> ''"
        );
        found.extend(tx.query(&sql, &params, &read)?);
    }
    Ok(found)
}
