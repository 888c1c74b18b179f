//! One user or group with everything that a person looks for beside it, for the pages of the portal.

use doorward_store::group::{self, GroupRow};
use doorward_store::ids::{DirectoryId, GroupId, UserId};
use doorward_store::membership::{self, Member};
use doorward_store::pending::{self, PendingMember};
use doorward_store::scope::{Authority, DirectoryScope};
use doorward_store::user::{self, GroupRef, UserRow};
use doorward_store::{Store, directory};
use serde_json::{Map, Value};

use super::error::{Error, Result};
use super::view;

/// Members of a group that a page shows.
pub const MEMBERS: i64 = 200;

/// A user: as stored, as applications see it, and its groups.
#[derive(Debug)]
pub struct User {
    /// The directory.
    pub directory_id: DirectoryId,
    /// What is stored.
    pub row: UserRow,
    /// As applications see it, without the document.
    pub object: Map<String, Value>,
    /// The SCIM document.
    pub document: Value,
    /// The groups that it is in.
    pub groups: Vec<GroupRef>,
}

/// A group: as stored, and its members.
#[derive(Debug)]
pub struct Group {
    /// The directory.
    pub directory_id: DirectoryId,
    /// What is stored.
    pub row: GroupRow,
    /// The SCIM document.
    pub document: Value,
    /// The first [`MEMBERS`] members.
    pub members: Vec<Member>,
    /// The first [`MEMBERS`] members that have been named and are not there yet.
    pub pending: Vec<PendingMember>,
}

/// The user with this id.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn user<A>(store: &Store, by: &A, id: UserId) -> Result<User>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .snapshot(move |tx| {
            let (scope, row) = user::find(tx, &by, &id)?.ok_or_else(Error::no_user)?;
            let groups = user::groups_of(tx, &scope, &[id])?.remove(&id).unwrap_or_default();
            let mut object = view::user_object(&scope, &row)?;
            let document = object.remove("raw_attributes").unwrap_or(Value::Null);
            Ok(User { directory_id: scope.directory_id(), row, object, document, groups })
        })
        .await
}

/// The group with this id.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn group<A>(store: &Store, by: &A, id: GroupId) -> Result<Group>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .snapshot(move |tx| {
            let (scope, row) = group::find(tx, &by, &id)?.ok_or_else(Error::no_group)?;
            let members = membership::members(tx, &scope, &id, None, MEMBERS)?;
            let pending = pending::list(tx, &scope, &id, MEMBERS)?;
            let document = document(&scope, &row)?;
            Ok(Group { directory_id: scope.directory_id(), row, document, members, pending })
        })
        .await
}

fn document(scope: &DirectoryScope, row: &GroupRow) -> Result<Value> {
    let mut object = view::group_object(scope, row)?;
    Ok(object.remove("raw_attributes").unwrap_or(Value::Null))
}

/// How many directories there are in each word of [`super::directories::object`]'s `status`, in the order in which they need attention.
///
/// # Errors
/// When the database fails.
pub async fn tally<A>(store: &Store, by: &A) -> Result<Vec<(&'static str, i64)>>
where
    A: Authority + Clone + Send + 'static,
{
    use doorward_store::directory::State;
    let by = by.clone();
    let rows = store.read(move |tx| Ok::<_, Error>(directory::tally(tx, &by)?)).await?;
    let word = |state: State, peopled: bool| match (state, peopled) {
        (State::Linked, true) => "active",
        (State::Linked, false) => "connected",
        (State::Validating, _) => "waiting",
        (State::Unlinked, _) => "disabled",
        (State::Deleting, _) => "deleting",
    };
    let words = ["active", "connected", "waiting", "disabled", "deleting"];
    let count = |wanted: &str| rows.iter().filter(|row| word(row.0, row.1) == wanted).map(|row| row.2).sum();
    Ok(words.into_iter().map(|word| (word, count(word))).filter(|(_, count)| *count > 0).collect())
}
