//! What an identity provider does with users: create, read, replace, patch, delete.
//!
//! Each function is one job of the store. A change, its events and whatever joins because of it are one transaction,
//! and the answer comes after its commit (I-2).

use std::sync::Arc;

use doorward_scim::patch::{self, Patch};
use doorward_scim::resource::Incoming;
use doorward_store::ids::UserId;
use doorward_store::scope::DirectoryScope;
use doorward_store::{Hints, Lane};

use super::error::{Error, Result};
use super::precondition::Precondition;
use super::schema::{leniency, user_type};
use super::tolerated::Tolerated;
use super::users::{self, UserView};
use crate::App;

/// Adds a user.
///
/// # Errors
/// [`Error::Conflict`] when the directory has a user with this `userName`, in any letter case.
pub async fn create_user(app: &App, scope: &Arc<DirectoryScope>, incoming: Incoming, groups: bool) -> Result<UserView> {
    let (lane, scope) = (Lane::Directory(scope.directory_id()), Arc::clone(scope));
    let user_names = incoming.resource.text("userName").map(str::to_owned).into_iter().collect();
    let hints = Hints { user_names, ..Hints::default() };
    app.store().write_with(lane, hints, move |tx| users::create(tx, &scope, &incoming.resource, groups)).await
}

/// Reads a user, with its groups when they are wanted.
///
/// # Errors
/// [`Error::NotFound`] for an id that is unknown, deleted, of another directory, or no id at all.
pub async fn get_user(app: &App, scope: &Arc<DirectoryScope>, id: &str, groups: bool) -> Result<UserView> {
    let id = user_id(id)?;
    let scope = Arc::clone(scope);
    app.store().read(move |tx| users::read(tx, &scope, &id, groups)).await
}

/// Replaces a user.
///
/// # Errors
/// As [`get_user`]; [`Error::Precondition`], [`Error::Conflict`], and [`Error::Scim`] when an immutable attribute would
/// change.
pub async fn replace_user(
    app: &App,
    scope: &Arc<DirectoryScope>,
    id: &str,
    incoming: Incoming,
    condition: Precondition,
    groups: bool,
) -> Result<UserView> {
    let id = user_id(id)?;
    let (lane, scope) = (Lane::Directory(scope.directory_id()), Arc::clone(scope));
    app.store()
        .write_with(lane, about(id), move |tx| users::replace(tx, &scope, &id, &incoming, &condition, groups))
        .await
}

/// Applies a patch to a user, all of it or nothing.
///
/// # Errors
/// As [`replace_user`], and [`Error::Scim`] for whatever the patch cannot do.
pub async fn patch_user(
    app: &App,
    scope: &Arc<DirectoryScope>,
    id: &str,
    patch: Patch,
    tolerated: &Tolerated,
    condition: Precondition,
    groups: bool,
) -> Result<UserView> {
    let mut lenient = leniency(scope);
    patch.refuse_other_id(id, &mut lenient)?;
    tolerated.note(&lenient);
    let id = user_id(id)?;
    let (lane, scope) = (Lane::Directory(scope.directory_id()), Arc::clone(scope));
    let tolerated = tolerated.clone();
    let job = move |tx: &mut doorward_store::Tx<'_>| {
        users::change(tx, &scope, &id, &condition, groups, |current| {
            let mut lenient = leniency(&scope);
            let after = patch::apply(current, &patch, user_type(), &mut lenient)?;
            tolerated.note(&lenient);
            Ok(after)
        })
    };
    app.store().write_with(lane, about(id), job).await
}

/// Removes a user: its id is never used again, its `userName` is free at once.
///
/// # Errors
/// As [`get_user`], and [`Error::Precondition`].
pub async fn delete_user(app: &App, scope: &Arc<DirectoryScope>, id: &str, condition: Precondition) -> Result<()> {
    let id = user_id(id)?;
    let (lane, scope) = (Lane::Directory(scope.directory_id()), Arc::clone(scope));
    app.store().write_with(lane, about(id), move |tx| users::delete(tx, &scope, &id, &condition)).await
}

fn about(id: UserId) -> Hints {
    Hints { users: vec![id], ..Hints::default() }
}

/// What is no id at all is an unknown id.
fn user_id(text: &str) -> Result<UserId> {
    text.parse().map_err(|_| Error::no_user())
}
