//! The queue of people whose account somebody has to decide about (WT-25). Nobody in it is linked.

use doorward_store::ids::{DirectoryId, IdentityConflictId};
use doorward_store::known_user::{self, ConflictRow, KnownUserId, KnownUserRow};
use doorward_store::paging::{Cursor, Slice};
use doorward_store::scope::{Authority, DirectoryScope};
use doorward_store::user::{self, UserRow};
use doorward_store::{Lane, NewEvent, Origin, Store, Tx, directory};
use serde_json::{Value, json};

use super::super::error::{Error, Result};
use super::super::{announce, directories, instant};
use super::accounts;
use super::decide::Reason;

/// A conflict as a list shows it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its id.
    pub id: IdentityConflictId,
    /// The object.
    pub object: Value,
}

/// Asks about a person who was announced. Nothing happens when the same is asked already.
pub(super) fn open(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    user: &UserRow,
    reason: Reason,
    ids: &[KnownUserId],
) -> Result<()> {
    let about = (&user.id, user.user_name.as_str());
    let Some(row) = known_user::open_conflict(tx, scope, about, reason.word(), ids)? else { return Ok(()) };
    let candidates = known_user::get_many(tx, scope, &row.candidates)?;
    emit(tx, scope.origin(), scope, "dsync.user.conflict", &row, object(scope, &row, candidates))
}

/// Nothing is asked any more, and somebody is told why.
pub(super) fn close(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    row: &ConflictRow,
    resolution: &str,
    known: Option<&KnownUserId>,
) -> Result<()> {
    known_user::close_conflict(tx, scope, &row.id)?;
    let data = json!({
        "object": "identity_conflict",
        "id": row.id,
        "directory_id": scope.directory_id(),
        "organization_id": scope.organization_id(),
        "directory_user_id": row.user_id,
        "resolution": resolution,
        "known_user_id": known,
        "previous_attributes": { "reason": row.reason, "candidates": row.candidates },
    });
    emit(tx, scope.origin(), scope, "dsync.user.conflict_resolved", row, data)
}

fn emit(
    tx: &mut Tx<'_>,
    origin: &Origin,
    scope: &DirectoryScope,
    event_type: &'static str,
    row: &ConflictRow,
    data: Value,
) -> Result<()> {
    let event = NewEvent {
        event_type,
        organization_id: Some(scope.organization_id()),
        directory_id: Some(scope.directory_id()),
        subject_id: Some(row.id.to_string()),
        data,
    };
    Ok(tx.emit(origin, event)?)
}

/// The conflict as applications see it.
fn object(scope: &DirectoryScope, row: &ConflictRow, mut candidates: Vec<KnownUserRow>) -> Value {
    candidates.sort_by(|one, other| one.values.id.cmp(&other.values.id));
    json!({
        "object": "identity_conflict",
        "id": row.id,
        "directory_id": scope.directory_id(),
        "organization_id": scope.organization_id(),
        "directory_user_id": row.user_id,
        "username": row.user_name,
        "code": "identity_conflict",
        "reason": row.reason,
        "message": Reason::sentence(&row.reason),
        "candidates": candidates.iter().map(|known| accounts::object(scope, known)).collect::<Vec<_>>(),
        "created_at": instant::text(row.created_at),
    })
}

/// A part of the queue of a directory.
///
/// # Errors
/// [`Error::NotFound`] for the directory.
pub async fn list<A>(store: &Store, by: &A, id: DirectoryId, cursor: Cursor<IdentityConflictId>) -> Result<Slice<Shown>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .snapshot(move |tx| {
            let scope = directory::scope(tx, &by, &id)?.ok_or_else(directories::none)?;
            let Slice { items, more_before, more_after } = known_user::conflicts(tx, &scope, &cursor)?;
            let mut shown = Vec::with_capacity(items.len());
            for row in items {
                let candidates = known_user::get_many(tx, &scope, &row.candidates)?;
                shown.push(Shown { id: row.id, object: object(&scope, &row, candidates) });
            }
            Ok(Slice { items: shown, more_before, more_after })
        })
        .await
}

/// Says that one of the accounts is the person's; `choice` may be left out when there is one alone. The person as it is then.
///
/// # Errors
/// [`Error::NotFound`] for the directory or the conflict; [`Error::Invalid`] when `choice` is missing or is none of the accounts;
/// [`Error::State`] when the account belongs to somebody else.
pub async fn accept<A>(
    store: &Store,
    by: &A,
    id: DirectoryId,
    conflict: IdentityConflictId,
    choice: Option<KnownUserId>,
) -> Result<Value>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(Lane::Directory(id), move |tx| {
            let (scope, row, old) = asked(tx, &by, &id, &conflict)?;
            let chosen = chosen(&row, choice.as_ref())?;
            let known = known_user::get(tx, &scope, &chosen)?.ok_or_else(accounts::none)?;
            if known.user_id.is_some() || old.known_user_id.is_some() {
                let message = "the account, or the person, is linked already; end that link first";
                return Err(Error::State(message.to_owned()));
            }
            let new = known_user::link(tx, &scope, &chosen, &old)?;
            announce::user_updated(tx, &scope, &old, &new)?;
            announce::user_linked(tx, &scope, &new, "accepted")?;
            close(tx, &scope, &row, "accepted", Some(&chosen))?;
            super::object(&scope, &new)
        })
        .await
}

fn chosen(row: &ConflictRow, choice: Option<&KnownUserId>) -> Result<KnownUserId> {
    let wrong = |message: &str| Error::Invalid { field: "known_user_id".to_owned(), message: message.to_owned() };
    match (choice, row.candidates.as_slice()) {
        (Some(choice), candidates) if candidates.contains(choice) => Ok(choice.clone()),
        (Some(_), _) => Err(wrong("is none of the accounts of this conflict")),
        (None, [only]) => Ok(only.clone()),
        (None, _) => Err(wrong("is required: more than one account fits")),
    }
}

/// Says that none of the accounts is the person's, who is another one then: no rule links them again. The person as it is then.
///
/// # Errors
/// [`Error::NotFound`] for the directory or the conflict.
pub async fn refuse<A>(store: &Store, by: &A, id: DirectoryId, conflict: IdentityConflictId) -> Result<Value>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(Lane::Directory(id), move |tx| {
            let (scope, row, user) = asked(tx, &by, &id, &conflict)?;
            for candidate in &row.candidates {
                known_user::keep_apart(tx, &scope, candidate, &user.id)?;
            }
            close(tx, &scope, &row, "refused", None)?;
            super::object(&scope, &user)
        })
        .await
}

/// The directory, the conflict and the person, locked.
fn asked(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    id: &DirectoryId,
    conflict: &IdentityConflictId,
) -> Result<(DirectoryScope, ConflictRow, UserRow)> {
    let scope = directory::scope(tx, by, id)?.ok_or_else(directories::none)?;
    // The lock of the directory's row comes first, as with every change.
    known_user::policy(tx, &scope)?;
    let row = known_user::conflict(tx, &scope, conflict)?.ok_or(Error::NotFound { what: "Conflict" })?;
    let user = user::get_for_update(tx, &scope, &row.user_id)?.ok_or_else(Error::no_user)?;
    Ok((scope, row, user))
}
