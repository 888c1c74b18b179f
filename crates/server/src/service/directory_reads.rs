//! Users and groups as applications read them: with the groups of a user, and with the position of the last event, so
//! that a reader knows where in the log to go on.

use std::collections::{BTreeSet, HashMap};

use doorward_store::directory;
use doorward_store::group::{self, GroupFilter, GroupRow};
use doorward_store::ids::{DirectoryId, GroupId, UserId};
use doorward_store::paging::{Cursor, Slice};
use doorward_store::scope::{Authority, DirectoryScope};
use doorward_store::user::{self, UserFilter, UserRow};
use doorward_store::{Store, Tx, event};
use serde_json::{Value, json};

use super::error::{Error, Result};
use super::{directories, view};

/// Where a list looks: in a directory, or at the other end of a membership.
#[derive(Debug, Clone, Copy)]
pub struct Within<I> {
    directory: Option<DirectoryId>,
    other: Option<I>,
}

impl<I> Within<I> {
    /// `None` when neither is given.
    pub fn new(directory: Option<DirectoryId>, other: Option<I>) -> Option<Self> {
        (directory.is_some() || other.is_some()).then_some(Within { directory, other })
    }
}

/// An object of a list, with the id that cursors point at.
#[derive(Debug)]
pub struct Listed<I> {
    /// Its id.
    pub id: I,
    /// As applications see it.
    pub object: Value,
}

/// A part of the list of users, of a directory or of a group.
///
/// # Errors
/// [`Error::NotFound`] for the directory or the group.
pub async fn users<A>(
    store: &Store,
    by: &A,
    within: Within<GroupId>,
    cursor: Cursor<UserId>,
    filter: UserFilter,
) -> Result<Slice<Listed<UserId>>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .snapshot(move |tx| {
            let scope = match within.other {
                Some(id) => same(within.directory, group::find(tx, &by, &id)?.map(|found| found.0), Error::no_group)?,
                None => opened(tx, &by, within.directory)?,
            };
            let slice = user::list(tx, &scope, &cursor, &UserFilter { group: within.other, ..filter })?;
            let objects = user_objects(tx, &scope, &slice.items)?;
            let items = slice.items.iter().zip(objects).map(|(row, object)| Listed { id: row.id, object }).collect();
            Ok(Slice { items, more_before: slice.more_before, more_after: slice.more_after })
        })
        .await
}

/// A part of the list of groups, of a directory or of a user.
///
/// # Errors
/// [`Error::NotFound`] for the directory or the user.
pub async fn groups<A>(
    store: &Store,
    by: &A,
    within: Within<UserId>,
    cursor: Cursor<GroupId>,
    filter: GroupFilter,
) -> Result<Slice<Listed<GroupId>>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .snapshot(move |tx| {
            let scope = match within.other {
                Some(id) => same(within.directory, user::find(tx, &by, &id)?.map(|found| found.0), Error::no_user)?,
                None => opened(tx, &by, within.directory)?,
            };
            let slice = group::list(tx, &scope, &cursor, &GroupFilter { user: within.other, ..filter })?;
            let objects = group_objects(tx, &scope, &slice.items)?;
            let items = slice.items.iter().zip(objects).map(|(row, object)| Listed { id: row.id, object }).collect();
            Ok(Slice { items, more_before: slice.more_before, more_after: slice.more_after })
        })
        .await
}

/// One user.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn user<A>(store: &Store, by: &A, id: UserId) -> Result<Value>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .snapshot(move |tx| {
            let (scope, row) = user::find(tx, &by, &id)?.ok_or_else(Error::no_user)?;
            user_objects(tx, &scope, &[row])?.pop().ok_or_else(Error::no_user)
        })
        .await
}

/// One group.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn group<A>(store: &Store, by: &A, id: GroupId) -> Result<Value>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .snapshot(move |tx| {
            let (scope, row) = group::find(tx, &by, &id)?.ok_or_else(Error::no_group)?;
            group_objects(tx, &scope, &[row])?.pop().ok_or_else(Error::no_group)
        })
        .await
}

fn opened(tx: &mut Tx<'_>, by: &impl Authority, id: Option<DirectoryId>) -> Result<DirectoryScope> {
    let id = id.ok_or_else(directories::none)?;
    directory::scope(tx, by, &id)?.ok_or_else(directories::none)
}

/// The scope in which something was found, unless another directory was asked for.
fn same(wanted: Option<DirectoryId>, found: Option<DirectoryScope>, none: fn() -> Error) -> Result<DirectoryScope> {
    found.filter(|scope| wanted.is_none_or(|id| id == scope.directory_id())).ok_or_else(none)
}

fn user_objects(tx: &mut Tx<'_>, scope: &DirectoryScope, rows: &[UserRow]) -> Result<Vec<Value>> {
    let memberships = user::groups_of_page(tx, scope, rows)?;
    let subjects: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
    let positions = event::last_positions(tx, scope, &subjects)?;
    // A page of colleagues shares most of its groups: each is read once.
    let shared: BTreeSet<GroupId> = memberships.values().flatten().map(|reference| reference.id).collect();
    let mut known: HashMap<GroupId, Value> = HashMap::new();
    for group in group::get_many(tx, scope, &Vec::from_iter(shared))? {
        known.insert(group.id, view::directory_group(scope, &group, None)?);
    }
    let mut objects = Vec::with_capacity(rows.len());
    for row in rows {
        let references = memberships.get(&row.id).map(Vec::as_slice).unwrap_or_default();
        let groups: Vec<&Value> = references.iter().filter_map(|reference| known.get(&reference.id)).collect();
        let mut object = view::directory_user(scope, row, positions.get(&row.id.to_string()).copied())?;
        if let Some(fields) = object.as_object_mut() {
            fields.insert("groups".to_owned(), json!(groups));
        }
        objects.push(object);
    }
    Ok(objects)
}

fn group_objects(tx: &mut Tx<'_>, scope: &DirectoryScope, rows: &[GroupRow]) -> Result<Vec<Value>> {
    let subjects: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
    let positions = event::last_positions(tx, scope, &subjects)?;
    let sequence = |row: &GroupRow| positions.get(&row.id.to_string()).copied();
    rows.iter().map(|row| view::directory_group(scope, row, sequence(row))).collect()
}
