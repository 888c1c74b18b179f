//! Looking at everybody again after a change of rules: at once in a small directory, in portions in a large one.

use doorward_store::ids::DirectoryId;
use doorward_store::lease;
use doorward_store::role_mapping::{self, Recompute};
use doorward_store::scope::{Authority, DirectoryScope, SystemScope};
use doorward_store::{Lane, Store, Tx, directory, stats, user};
use serde_json::{Value, json};

use super::super::error::Result;
use super::super::{directories, instant};
use super::{PORTION, again};

/// A directory of so many people is done in the transaction of the change.
pub const AT_ONCE: i64 = 2_000;

/// The lease under which one node does it.
pub const LEASE: &str = "role_recompute";

/// What decides about roles in the directory has changed. `budget` says how many people may be looked at in this transaction, and is
/// lowered.
pub(super) fn rules_changed(tx: &mut Tx<'_>, scope: &DirectoryScope, budget: &mut i64) -> Result<()> {
    role_mapping::changed(tx, scope)?;
    let people = stats::counts(tx, scope)?.users();
    if people > *budget {
        return Ok(role_mapping::begin_recompute(tx, scope)?);
    }
    *budget -= people;
    // One that is under way has nothing left to do.
    role_mapping::set_recompute(tx, scope, None)?;
    let mut state = Recompute { after_seq: -1, looked_at: 0, changed: 0, started_at: tx.now() };
    while !portion(tx, scope, &mut state)? {}
    Ok(())
}

/// Looks at the next people. Whether they were the last.
fn portion(tx: &mut Tx<'_>, scope: &DirectoryScope, state: &mut Recompute) -> Result<bool> {
    let policy = role_mapping::load(tx, scope)?;
    let rows = user::after(tx, scope, state.after_seq, PORTION)?;
    let count = i64::try_from(rows.len()).unwrap_or(PORTION);
    state.after_seq = rows.last().map_or(state.after_seq, |row| row.seq);
    state.looked_at += count;
    state.changed += again(tx, scope, &policy, rows)?;
    Ok(count < PORTION)
}

/// The directory that waits longest for it.
///
/// # Errors
/// When the database fails.
pub async fn next(store: &Store, by: &SystemScope) -> Result<Option<DirectoryId>> {
    let by = by.clone();
    store.read(move |tx| Ok(role_mapping::next_recompute(tx, &by)?)).await
}

/// Does one portion in a directory, if the lease is still held with this fence.
///
/// # Errors
/// When the database fails.
pub async fn step(store: &Store, by: &SystemScope, id: DirectoryId, fence: i64) -> Result<()> {
    let by = by.clone();
    store
        .write(Lane::Directory(id), move |tx| {
            if !lease::is_held(tx, &by, LEASE, fence)? {
                return Ok(());
            }
            let Some(scope) = directory::scope(tx, &by, &id)? else { return Ok(()) };
            let Some(mut state) = role_mapping::recompute(tx, &scope)? else { return Ok(()) };
            let done = portion(tx, &scope, &mut state)?;
            Ok(role_mapping::set_recompute(tx, &scope, (!done).then_some(&state))?)
        })
        .await
}

/// How far it has come in a directory, as applications see it; null when everybody has what is due.
///
/// # Errors
/// [`NotFound`](super::super::error::Error::NotFound) for the directory.
pub async fn progress<A>(store: &Store, by: &A, id: DirectoryId) -> Result<Value>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .snapshot(move |tx| {
            let scope = directory::scope(tx, &by, &id)?.ok_or_else(directories::none)?;
            let Some(state) = role_mapping::recompute(tx, &scope)? else { return Ok(Value::Null) };
            Ok(json!({
                "looked_at": state.looked_at,
                "total": stats::counts(tx, &scope)?.users(),
                "changed": state.changed,
                "started_at": instant::text(state.started_at),
            }))
        })
        .await
}
