//! The people of whom somebody has to say which account is theirs.

use super::KnownUserId;
use crate::error::Result;
use crate::ids::{IdentityConflictId, UserId};
use crate::listing::{self, Conditions};
use crate::many;
use crate::paging::{Cursor, Slice};
use crate::scope::DirectoryScope;
use crate::tx::Tx;
use crate::value::{Param, Row};

/// A person and the accounts that may be theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictRow {
    /// Its id.
    pub id: IdentityConflictId,
    /// The person.
    pub user_id: UserId,
    /// The person's `userName`.
    pub user_name: String,
    /// Why nobody but a person can decide, in one word.
    pub reason: String,
    /// The accounts, in the order of their ids.
    pub candidates: Vec<KnownUserId>,
    /// Unix microseconds.
    pub created_at: i64,
}

const SELECT: &str = "SELECT q.id, q.user_id, u.user_name, q.reason, q.created_at FROM identity_conflict q \
     LEFT JOIN scim_user u ON u.directory_id = q.directory_id AND u.id = q.user_id";

fn read(row: &Row<'_>) -> Result<ConflictRow> {
    Ok(ConflictRow {
        id: row.get(0)?,
        user_id: row.get(1)?,
        user_name: row.get::<Option<String>>(2)?.unwrap_or_default(),
        reason: row.get(3)?,
        candidates: Vec::new(),
        created_at: row.get(4)?,
    })
}

fn with_candidates(tx: &mut Tx<'_>, scope: &DirectoryScope, mut rows: Vec<ConflictRow>) -> Result<Vec<ConflictRow>> {
    let ids: Vec<IdentityConflictId> = rows.iter().map(|row| row.id).collect();
    for (wanted, params) in many::wanted(&[&scope.directory_id], &ids) {
        let sql = format!(
            "{wanted} SELECT c.conflict_id, c.known_user_id FROM wanted w LEFT JOIN identity_conflict_candidate c \
             ON c.directory_id = $1 AND c.conflict_id = w.key WHERE COALESCE(c.known_user_id, '') <> '' ORDER BY 1, 2"
        );
        let pairs = tx.query(&sql, &params, |row| Ok((row.get::<IdentityConflictId>(0)?, row.get(1)?)))?;
        for (conflict, candidate) in pairs {
            if let Some(row) = rows.iter_mut().find(|row| row.id == conflict) {
                row.candidates.push(KnownUserId::stored(candidate));
            }
        }
    }
    Ok(rows)
}

fn one(tx: &mut Tx<'_>, scope: &DirectoryScope, column: &str, value: &dyn Param) -> Result<Option<ConflictRow>> {
    let sql = format!("{SELECT} WHERE q.directory_id = $1 AND q.{column} = $2");
    let rows = tx.query(&sql, &[&scope.directory_id, value], read)?;
    Ok(with_candidates(tx, scope, rows)?.into_iter().next())
}

/// The conflict with this id.
///
/// # Errors
/// When the database fails.
pub fn conflict(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &IdentityConflictId) -> Result<Option<ConflictRow>> {
    one(tx, scope, "id", id)
}

/// The conflict about this person; there is at most one.
///
/// # Errors
/// When the database fails.
pub fn conflict_of(tx: &mut Tx<'_>, scope: &DirectoryScope, user: &UserId) -> Result<Option<ConflictRow>> {
    one(tx, scope, "user_id", user)
}

/// A part of the list of conflicts.
///
/// # Errors
/// When the database fails.
pub fn conflicts(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    cursor: &Cursor<IdentityConflictId>,
) -> Result<Slice<ConflictRow>> {
    let mut conditions = Conditions::default();
    let directory = conditions.bind(scope.directory_id);
    conditions.and(&format!("q.directory_id = {directory}"));
    let Slice { items, more_before, more_after } = listing::slice(tx, SELECT, "q.id", conditions, cursor, read)?;
    Ok(Slice { items: with_candidates(tx, scope, items)?, more_before, more_after })
}

/// The conflicts that name this account, at most `limit`.
///
/// # Errors
/// When the database fails.
pub fn conflicts_naming(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    id: &KnownUserId,
    limit: i64,
) -> Result<Vec<ConflictRow>> {
    let sql = format!(
        "{SELECT} WHERE q.directory_id = $1 AND q.id IN (SELECT c.conflict_id FROM identity_conflict_candidate c \
         WHERE c.directory_id = $1 AND c.known_user_id = $2) ORDER BY q.id LIMIT $3"
    );
    let rows = tx.query(&sql, &[&scope.directory_id, &id.as_str(), &limit], read)?;
    with_candidates(tx, scope, rows)
}

/// Asks about a person, in place of what was asked before about the same one. `None` when the same is asked already.
///
/// # Errors
/// When the database fails.
pub fn open_conflict(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    (user_id, user_name): (&UserId, &str),
    reason: &str,
    candidates: &[KnownUserId],
) -> Result<Option<ConflictRow>> {
    let mut candidates = candidates.to_vec();
    candidates.sort_unstable();
    candidates.dedup();
    if let Some(before) = conflict_of(tx, scope, user_id)? {
        if before.reason == reason && before.candidates == candidates {
            return Ok(None);
        }
        close_conflict(tx, scope, &before.id)?;
    }
    let row = ConflictRow {
        id: tx.mint(),
        user_id: *user_id,
        user_name: user_name.to_owned(),
        reason: reason.to_owned(),
        candidates,
        created_at: tx.now(),
    };
    tx.execute_soon(
        "INSERT INTO identity_conflict (directory_id, id, user_id, reason, created_at) VALUES ($1, $2, $3, $4, $5)",
        &[&scope.directory_id, &row.id, &row.user_id, &row.reason, &row.created_at],
        None,
    )?;
    for candidate in &row.candidates {
        tx.execute_soon(
            "INSERT INTO identity_conflict_candidate (directory_id, conflict_id, known_user_id) VALUES ($1, $2, $3)",
            &[&scope.directory_id, &row.id, &candidate.as_str()],
            None,
        )?;
    }
    Ok(Some(row))
}

/// Takes an account out of the choice.
///
/// # Errors
/// When the database fails.
pub fn withdraw_candidate(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    conflict: &IdentityConflictId,
    id: &KnownUserId,
) -> Result<()> {
    tx.execute_soon(
        "DELETE FROM identity_conflict_candidate WHERE directory_id = $1 AND conflict_id = $2 AND known_user_id = $3",
        &[&scope.directory_id, conflict, &id.as_str()],
        None,
    )
}

/// Nothing is asked any more.
///
/// # Errors
/// When the database fails.
pub fn close_conflict(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &IdentityConflictId) -> Result<()> {
    tx.execute_soon(
        "DELETE FROM identity_conflict WHERE directory_id = $1 AND id = $2",
        &[&scope.directory_id, id],
        None,
    )
}
