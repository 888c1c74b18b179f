//! Requests that an application may send again: who answers a key first, and what the answer was.
//!
//! A key is an application's own; its hash is stored. The answers come here sealed: nobody can read one who does not know the key.

use crate::error::Result;
use crate::scope::{ApplicationScope, SystemScope};
use crate::tx::Tx;

/// How long an answer is kept, in microseconds: 24 hours.
pub const KEPT: i64 = 24 * 60 * 60 * 1_000_000;

/// How long the first request may take to answer, in microseconds. After that it is taken for dead, and the next one with its key is
/// the first: longer than any request may take.
const PATIENCE: i64 = 15 * 60 * 1_000_000;

/// What a request with a key is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is the first: it does its work and brings the answer with this number.
    First(i64),
    /// The first one is still at work.
    Running,
    /// The key was used for another request.
    Other,
    /// The first one's answer, sealed.
    Answered(String),
}

struct Stored {
    request_hash: String,
    created_at: i64,
    answer: Option<String>,
}

/// Whether this request is the first with its key in 24 hours.
///
/// # Errors
/// When the database fails.
pub fn claim(tx: &mut Tx<'_>, by: &ApplicationScope, key_hash: &str, request_hash: &str) -> Result<Claim> {
    let sql = format!(
        "SELECT request_hash, created_at, answer FROM idempotent_request WHERE api_key_id = $1 AND key_hash = $2{}",
        tx.lock_suffix()
    );
    let found = tx.query_one(&sql, &[&by.api_key_id, &key_hash], |row| {
        Ok(Stored { request_hash: row.get(0)?, created_at: row.get(1)?, answer: row.get(2)? })
    })?;
    let now = tx.now();
    if let Some(stored) = found.filter(|stored| stored.created_at > now - KEPT) {
        if stored.request_hash != request_hash {
            return Ok(Claim::Other);
        }
        match stored.answer {
            Some(answer) => return Ok(Claim::Answered(answer)),
            None if stored.created_at > now - PATIENCE => return Ok(Claim::Running),
            None => (),
        }
    }
    let mut random = [0; 8];
    tx.random(&mut random);
    let number = i64::from_le_bytes(random);
    // Two nodes may both have found nothing; the row of the first stays.
    let written = tx.execute(
        "INSERT INTO idempotent_request (api_key_id, key_hash, request_hash, claim, created_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (api_key_id, key_hash) DO UPDATE SET request_hash = excluded.request_hash, claim = excluded.claim, \
         created_at = excluded.created_at, answer = NULL \
         WHERE idempotent_request.created_at <= $6 OR (idempotent_request.answer IS NULL AND idempotent_request.created_at <= $7)",
        &[&by.api_key_id, &key_hash, &request_hash, &number, &now, &(now - KEPT), &(now - PATIENCE)],
    )?;
    Ok(if written == 0 { Claim::Running } else { Claim::First(number) })
}

/// Keeps the answer of the first request. Nothing happens when another one has taken its place meanwhile.
///
/// # Errors
/// When the database fails.
pub fn keep(tx: &mut Tx<'_>, by: &ApplicationScope, key_hash: &str, number: i64, answer: &str) -> Result<()> {
    tx.execute(
        "UPDATE idempotent_request SET answer = $4 WHERE api_key_id = $1 AND key_hash = $2 AND claim = $3",
        &[&by.api_key_id, &key_hash, &number, &answer],
    )?;
    Ok(())
}

/// Gives the key back: the first request did nothing that must not be done again.
///
/// # Errors
/// When the database fails.
pub fn release(tx: &mut Tx<'_>, by: &ApplicationScope, key_hash: &str, number: i64) -> Result<()> {
    tx.execute(
        "DELETE FROM idempotent_request WHERE api_key_id = $1 AND key_hash = $2 AND claim = $3",
        &[&by.api_key_id, &key_hash, &number],
    )?;
    Ok(())
}

/// Removes at most so many of those that are too old. How many.
///
/// # Errors
/// When the database fails.
pub fn purge(tx: &mut Tx<'_>, by: &SystemScope, limit: i64) -> Result<u64> {
    let _ = by;
    let before = tx.now() - KEPT;
    let old = tx.query(
        "SELECT api_key_id, key_hash FROM idempotent_request WHERE created_at <= $1 ORDER BY created_at LIMIT $2",
        &[&before, &limit],
        |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)),
    )?;
    let mut removed = 0;
    for (api_key, key_hash) in old {
        removed += tx.execute(
            "DELETE FROM idempotent_request WHERE api_key_id = $1 AND key_hash = $2 AND created_at <= $3",
            &[&api_key, &key_hash, &before],
        )?;
    }
    Ok(removed)
}
