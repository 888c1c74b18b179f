//! The known accounts of a directory: shown, forgotten, and parted from a person.

use doorward_store::ids::{DirectoryId, UserId};
use doorward_store::known_user::{self, KnownUserFilter, KnownUserId, KnownUserRow};
use doorward_store::paging::{Cursor, Slice};
use doorward_store::scope::{ApplicationScope, Authority, DirectoryScope};
use doorward_store::user;
use doorward_store::{Lane, NewEvent, Store, Tx, directory};
use serde_json::{Value, json};

use super::super::error::{Error, Result};
use super::super::{directories, instant};
use super::conflicts;

/// The most conflicts that one account can be in.
const MOST_CONFLICTS: i64 = 1_000;

pub(super) fn none() -> Error {
    Error::NotFound { what: "Known user" }
}

/// The account as applications see it.
pub(super) fn object(scope: &DirectoryScope, row: &KnownUserRow) -> Value {
    let values = &row.values;
    json!({
        "object": "known_user",
        "id": values.id,
        "directory_id": scope.directory_id(),
        "organization_id": scope.organization_id(),
        "username": values.user_name,
        "email": values.email,
        "external_id": values.external_id,
        "name": values.name,
        "directory_user_id": row.user_id,
        "linked_at": row.linked_at.map(instant::text),
        "former_directory_user_id": row.former_user_id,
        "in_conflict": row.in_conflict,
        "created_at": instant::text(row.created_at),
        "updated_at": instant::text(row.updated_at),
    })
}

/// An account as a list shows it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The application's own id.
    pub id: KnownUserId,
    /// The object.
    pub object: Value,
}

/// A part of the list of accounts, in the order of their ids.
///
/// # Errors
/// [`Error::NotFound`] for the directory.
pub async fn list<A>(
    store: &Store,
    by: &A,
    id: DirectoryId,
    cursor: Cursor<String>,
    filter: KnownUserFilter,
) -> Result<Slice<Shown>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .read(move |tx| {
            let scope = directory::scope(tx, &by, &id)?.ok_or_else(directories::none)?;
            let Slice { items, more_before, more_after } = known_user::list(tx, &scope, &cursor, &filter)?;
            let items = items.iter().map(|row| Shown { id: row.values.id.clone(), object: object(&scope, row) });
            Ok(Slice { items: items.collect(), more_before, more_after })
        })
        .await
}

/// Forgets an account. The person who has it stays, without it; conflicts go on without it.
///
/// # Errors
/// [`Error::NotFound`] for the directory or the account.
pub async fn delete<A>(store: &Store, by: &A, id: DirectoryId, known: KnownUserId) -> Result<()>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(Lane::Directory(id), move |tx| {
            let row = directory::get(tx, &by, &id)?.ok_or_else(directories::none)?;
            let scope = directory::scope_of(&by, &row);
            known_user::policy(tx, &scope)?;
            let account = known_user::get(tx, &scope, &known)?.ok_or_else(none)?;
            if let Some(user) = account.user_id
                && let Some(user) = user::get_for_update(tx, &scope, &user)?
            {
                super::part(tx, &scope, &user, "known_user_deleted", false)?;
            }
            withdraw(tx, &scope, &known)?;
            known_user::delete(tx, &scope, &known)?;
            known_user::policy_changed(tx, &scope, row.settings.known_users)?;
            let event = NewEvent {
                event_type: "dsync.known_user.deleted",
                organization_id: Some(scope.organization_id()),
                directory_id: Some(id),
                subject_id: None,
                data: object(&scope, &account),
            };
            Ok(tx.emit(by.origin(), event)?)
        })
        .await
}

/// Takes the account out of all conflicts, and ends those in which nothing else is asked.
fn withdraw(tx: &mut Tx<'_>, scope: &DirectoryScope, known: &KnownUserId) -> Result<()> {
    for conflict in known_user::conflicts_naming(tx, scope, known, MOST_CONFLICTS)? {
        if conflict.candidates.len() <= 1 {
            conflicts::close(tx, scope, &conflict, "withdrawn", None)?;
        } else {
            known_user::withdraw_candidate(tx, scope, &conflict.id, known)?;
        }
    }
    Ok(())
}

/// Ends the link of a person; no rule makes it again. Nothing happens to a person without an account. The person as it is then.
///
/// # Errors
/// [`Error::NotFound`] for the person.
pub async fn unlink(store: &Store, by: &ApplicationScope, id: UserId) -> Result<Value> {
    let finder = by.clone();
    let found = store.read(move |tx| Ok::<_, Error>(user::find(tx, &finder, &id)?)).await?;
    let lane = found.ok_or_else(Error::no_user)?.0.directory_id();
    let by = by.clone();
    store
        .write(Lane::Directory(lane), move |tx| {
            let scope = directory::scope(tx, &by, &lane)?.ok_or_else(Error::no_user)?;
            known_user::policy(tx, &scope)?;
            let user = user::get_for_update(tx, &scope, &id)?.ok_or_else(Error::no_user)?;
            let user = super::part(tx, &scope, &user, "unlinked", true)?;
            super::object(&scope, &user)
        })
        .await
}
