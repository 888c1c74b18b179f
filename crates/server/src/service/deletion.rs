//! The end of a directory, in two steps: asked for, with a time of grace in which it can be restored; then removed in portions that a
//! crash cannot tear (SEC-14).
//!
//! Its credentials open nothing from the first step on. Each portion is one transaction that removes some users or groups and announces
//! each of them, so that wherever the process dies, every object has its one event.

use doorward_store::directory::{self, DirectoryRow, State};
use doorward_store::ids::DirectoryId;
use doorward_store::scope::{Authority, DirectoryScope, SystemScope};
use doorward_store::{Lane, Store, Tx, deletion, group, lease, user};
use serde_json::{Value, json};

use super::directories::{self, announce_change, announce_end, none};
use super::error::{Error, Result};
use super::instant;
use super::precondition::Precondition;
use super::{groups, users};

/// How many days a directory can be restored unless the caller says otherwise.
pub const GRACE_DAYS: u32 = 7;

/// The longest time of grace, in days.
pub const LONGEST_GRACE_DAYS: u32 = 365;

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// Users or groups removed in one transaction. Others wait for it, and a user may be in a thousand groups.
const PORTION: i64 = 50;

/// Notes of deleted objects removed in one transaction.
const NOTES: i64 = 5_000;

/// The lease under which one node removes directories.
pub const LEASE: &str = "directory_deletion";

/// Asks for the deletion of a directory: its credentials end at once, its removal begins after so many days. Asking again sets the time
/// anew, as long as the removal has not begun.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] for the number of days.
pub async fn schedule<A>(store: &Store, by: &A, id: DirectoryId, grace_days: u32) -> Result<DirectoryRow>
where
    A: Authority + Clone + Send + 'static,
{
    if grace_days > LONGEST_GRACE_DAYS {
        let message = format!("must lie between 0 and {LONGEST_GRACE_DAYS} days");
        return Err(Error::Invalid { field: "grace_days".to_owned(), message });
    }
    let by = by.clone();
    store
        .write(Lane::Directory(id), move |tx| {
            let before = directory::get(tx, &by, &id)?.ok_or_else(none)?;
            if before.removal_began_at.is_some() {
                return Ok(before);
            }
            let delete_at = tx.now() + i64::from(grace_days) * DAY;
            let row = deletion::schedule(tx, &by, &id, delete_at)?.ok_or_else(none)?;
            announce_change(tx, by.origin(), &before, &row)?;
            Ok(row)
        })
        .await
}

/// Gives a directory back the state that it had before its deletion was asked for; its credentials work again.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::State`] when it is not being deleted, or its removal has begun.
pub async fn restore<A>(store: &Store, by: &A, id: DirectoryId) -> Result<DirectoryRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(Lane::Directory(id), move |tx| {
            let before = directory::get(tx, &by, &id)?.ok_or_else(none)?;
            if !deletion::restore(tx, &by, &id)? {
                return Err(Error::State(match before.state {
                    State::Deleting => {
                        "the removal of this directory has begun; it cannot be restored any more".to_owned()
                    }
                    _ => "this directory is not being deleted".to_owned(),
                }));
            }
            let row = directory::get(tx, &by, &id)?.ok_or_else(none)?;
            announce_change(tx, by.origin(), &before, &row)?;
            Ok(row)
        })
        .await
}

/// What the deletion of a directory would do. `grace_days`: how long it could be restored.
pub fn preview(row: &DirectoryRow, grace_days: u32) -> Value {
    let (people, groups) = (row.counts.users_active, row.counts.groups);
    json!({
        "object": "directory_deletion_preview",
        "directory_id": row.id,
        "name": row.name,
        "state": row.state.as_str(),
        "users": { "active": people, "inactive": row.counts.users_inactive },
        "groups": groups,
        "grace_days": grace_days,
        "delete_at": row.delete_at.map(instant::text),
        "message": format!(
            "{} {} will lose access, and {} {} will be removed.",
            thousands(people), if people == 1 { "user" } else { "users" },
            thousands(groups), if groups == 1 { "group" } else { "groups" }
        ),
    })
}

fn thousands(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The directories whose time of grace is over.
///
/// # Errors
/// When the database fails.
pub async fn due(store: &Store, by: &SystemScope) -> Result<Vec<DirectoryId>> {
    let by = by.clone();
    store.read(move |tx| Ok(deletion::due(tx, &by, 10)?)).await
}

/// How far a removal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There is more to remove.
    More,
    /// Nothing is left to do: the directory is gone, or was restored, or somebody else removes it.
    Done,
}

/// Removes a portion of a directory whose time of grace is over: users first, then groups, then the directory itself, which is announced
/// with `dsync.deleted`. Under a lease, `fence` is what it was taken with.
///
/// # Errors
/// When the database fails.
pub async fn remove_portion(store: &Store, by: &SystemScope, id: DirectoryId, fence: Option<i64>) -> Result<Progress> {
    let by = by.clone();
    store
        .write(Lane::Directory(id), move |tx| {
            if let Some(fence) = fence
                && !lease::is_held(tx, &by, LEASE, fence)?
            {
                return Ok(Progress::Done);
            }
            if !deletion::begin(tx, &by, &id)? {
                return Ok(Progress::Done);
            }
            let Some(scope) = directory::scope(tx, &by, &id)? else { return Ok(Progress::Done) };
            if remove_some(tx, &scope)? || deletion::sweep(tx, &scope, NOTES)? {
                return Ok(Progress::More);
            }
            if let Some(row) = directory::delete(tx, &by, &id)? {
                announce_end(tx, by.origin(), &row)?;
            }
            Ok(Progress::Done)
        })
        .await
}

/// Removes some users, or some groups when there are no users any more. Whether there were any.
fn remove_some(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<bool> {
    let people = user::after(tx, scope, -1, PORTION)?;
    for row in &people {
        users::delete(tx, scope, &row.id, &Precondition::None)?;
    }
    if !people.is_empty() {
        return Ok(true);
    }
    let found = group::after(tx, scope, -1, PORTION)?;
    for row in &found {
        groups::delete(tx, scope, &row.id, &Precondition::None)?;
    }
    Ok(!found.is_empty())
}

/// Removes a directory whose time of grace is over, to its end.
///
/// # Errors
/// When the database fails.
pub async fn remove(store: &Store, by: &SystemScope, id: DirectoryId) -> Result<()> {
    while remove_portion(store, by, id, None).await? == Progress::More {}
    Ok(())
}

/// Deletes a directory now, without a time of grace; its events stay. For the operator.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn delete_now<A>(store: &Store, by: &A, id: DirectoryId) -> Result<()>
where
    A: Authority + Clone + Send + 'static,
{
    schedule(store, by, id, 0).await?;
    remove(store, &SystemScope::job(LEASE), id).await?;
    match directories::get(store, by, id).await {
        Err(Error::NotFound { .. }) => Ok(()),
        Err(error) => Err(error),
        Ok(_) => Err(Error::State("the directory was restored meanwhile".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_for_people() {
        assert_eq!([0, 999, 4_213, 110_000, 1_234_567].map(thousands), ["0", "999", "4,213", "110,000", "1,234,567"]);
    }
}
