//! The second factor of an operator's account: a secret that its owner's device knows too (RFC 6238), recovery codes, and the challenge
//! between a right password and a right code. The secret comes here sealed, codes hashed.

use crate::error::Result;
use crate::ids::OperatorId;
use crate::operator::Credentials;
use crate::scope::{OperatorScope, SystemScope};
use crate::secret::{Secret, SecretHash};
use crate::tx::Tx;

/// Wrong codes in a row before the account waits.
const FAILURES: i64 = 5;

/// How long it waits then, in microseconds: five minutes.
const BLOCK: i64 = 5 * 60 * 1_000_000;

/// How long a code can be given after the password, in microseconds: five minutes.
const CHALLENGE: i64 = 5 * 60 * 1_000_000;

/// A second factor.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpRow {
    /// The secret, sealed.
    pub secret: String,
    /// When its owner gave the first code (Unix microseconds); `None`: it asks nothing of anybody yet.
    pub confirmed_at: Option<i64>,
    /// The interval of the code that was used last.
    pub last_step: i64,
    /// No code is looked at before this (Unix microseconds).
    pub blocked_until: i64,
}

/// The second factor of an account, also one that is not confirmed. Asked before anyone is signed in.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, operator: &OperatorId) -> Result<Option<TotpRow>> {
    let sql = "SELECT secret, confirmed_at, last_step, blocked_until FROM operator_totp WHERE operator_id = $1";
    tx.query_one(sql, &[operator], |row| {
        Ok(TotpRow {
            secret: row.get(0)?,
            confirmed_at: row.get(1)?,
            last_step: row.get(2)?,
            blocked_until: row.get(3)?,
        })
    })
}

/// Keeps a secret for whoever is signed in, until a code confirms it. One that is kept already stays; whether this one is new.
///
/// # Errors
/// When the database fails.
pub fn begin(tx: &mut Tx<'_>, by: &OperatorScope, sealed: &str) -> Result<bool> {
    let Some(own) = by.operator_id() else { return Ok(false) };
    let now = tx.now();
    let written = tx.execute(
        "INSERT INTO operator_totp (operator_id, secret, last_step, failures, blocked_until, created_at) \
         VALUES ($1, $2, 0, 0, 0, $3) ON CONFLICT (operator_id) DO NOTHING",
        &[&own, &sealed, &now],
    )?;
    Ok(written > 0)
}

/// Puts a secret into force, with recovery codes. Whether there was one that waited.
///
/// # Errors
/// When the database fails.
pub fn confirm(tx: &mut Tx<'_>, by: &OperatorScope, step: i64, codes: &[SecretHash]) -> Result<bool> {
    let Some(own) = by.operator_id() else { return Ok(false) };
    let now = tx.now();
    let written = tx.execute(
        "UPDATE operator_totp SET confirmed_at = $2, last_step = $3, failures = 0, blocked_until = 0 \
         WHERE operator_id = $1 AND confirmed_at IS NULL",
        &[&own, &now, &step],
    )?;
    if written == 0 {
        return Ok(false);
    }
    tx.execute("DELETE FROM operator_recovery_code WHERE operator_id = $1", &[&own])?;
    for code in codes {
        tx.execute("INSERT INTO operator_recovery_code (hash, operator_id) VALUES ($1, $2)", &[&code.to_hex(), &own])?;
    }
    Ok(true)
}

/// The secrets of all accounts, as they are sealed.
///
/// # Errors
/// When the database fails.
pub fn secrets(tx: &mut Tx<'_>, by: &SystemScope) -> Result<Vec<(OperatorId, String)>> {
    let _ = by;
    tx.query("SELECT operator_id, secret FROM operator_totp ORDER BY operator_id", &[], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

/// Keeps a secret that was sealed anew, unless another one has come meanwhile. Whether it is kept.
///
/// # Errors
/// When the database fails.
pub fn reseal(tx: &mut Tx<'_>, by: &SystemScope, operator: &OperatorId, old: &str, new: &str) -> Result<bool> {
    let _ = by;
    let sql = "UPDATE operator_totp SET secret = $3 WHERE operator_id = $1 AND secret = $2";
    Ok(tx.execute(sql, &[operator, &old, &new])? > 0)
}

/// Uses the code of an interval. Not one that was used, nor an older one (RFC 6238 section 5.2): of two at once, one is taken.
///
/// # Errors
/// When the database fails.
pub fn accept(tx: &mut Tx<'_>, operator: &OperatorId, step: i64) -> Result<bool> {
    let written = tx.execute(
        "UPDATE operator_totp SET last_step = $2, failures = 0, blocked_until = 0 WHERE operator_id = $1 AND last_step < $2",
        &[operator, &step],
    )?;
    Ok(written > 0)
}

/// Uses a recovery code up; whether there was one.
///
/// # Errors
/// When the database fails.
pub fn recover(tx: &mut Tx<'_>, operator: &OperatorId, code: &SecretHash) -> Result<bool> {
    let used = tx.execute(
        "DELETE FROM operator_recovery_code WHERE hash = $1 AND operator_id = $2",
        &[&code.to_hex(), operator],
    )?;
    if used > 0 {
        tx.execute("UPDATE operator_totp SET failures = 0, blocked_until = 0 WHERE operator_id = $1", &[operator])?;
    }
    Ok(used > 0)
}

/// Notes a wrong code. After some of them the account waits, whoever asks.
///
/// # Errors
/// When the database fails.
pub fn fail(tx: &mut Tx<'_>, operator: &OperatorId) -> Result<()> {
    let until = tx.now() + BLOCK;
    tx.execute(
        "UPDATE operator_totp SET failures = failures + 1, \
         blocked_until = CASE WHEN (failures + 1) % $2 = 0 THEN $3 ELSE blocked_until END WHERE operator_id = $1",
        &[operator, &FAILURES, &until],
    )
    .map(drop)
}

/// How many recovery codes whoever is signed in has left.
///
/// # Errors
/// When the database fails.
pub fn recovery_codes(tx: &mut Tx<'_>, by: &OperatorScope) -> Result<i64> {
    let Some(own) = by.operator_id() else { return Ok(0) };
    let sql = "SELECT COUNT(*) FROM operator_recovery_code WHERE operator_id = $1";
    Ok(tx.query_one(sql, &[&own], |row| row.get(0))?.unwrap_or(0))
}

/// Takes the second factor of an account away; whether there was one in force.
///
/// # Errors
/// When the database fails.
pub fn remove(tx: &mut Tx<'_>, operator: &OperatorId) -> Result<bool> {
    let was = get(tx, operator)?.is_some_and(|row| row.confirmed_at.is_some());
    for table in ["operator_totp", "operator_recovery_code", "operator_challenge"] {
        tx.execute(&format!("DELETE FROM {table} WHERE operator_id = $1"), &[operator])?;
    }
    Ok(was)
}

/// Asks somebody who has proved these credentials for a code too. The secret stands in the form that asks.
///
/// # Errors
/// When the database fails.
pub fn challenge(tx: &mut Tx<'_>, proved: &Credentials) -> Result<Secret> {
    let mut random = [0; 32];
    tx.random(&mut random);
    let secret = Secret::mint("dwf_", &random);
    let now = tx.now();
    tx.execute("DELETE FROM operator_challenge WHERE expires_at <= $1", &[&now])?;
    tx.execute(
        "INSERT INTO operator_challenge (hash, operator_id, password_hash, expires_at) VALUES ($1, $2, $3, $4)",
        &[&secret.hash().to_hex(), &proved.id, &proved.password_hash, &(now + CHALLENGE)],
    )?;
    Ok(secret)
}

/// Who was asked for a code, and with which credentials; `None` when the time for it is over.
///
/// # Errors
/// When the database fails.
pub fn challenged(tx: &mut Tx<'_>, secret: &SecretHash) -> Result<Option<Credentials>> {
    let now = tx.now();
    let sql = "SELECT operator_id, password_hash FROM operator_challenge WHERE hash = $1 AND expires_at > $2";
    tx.query_one(sql, &[&secret.to_hex(), &now], |row| Ok(Credentials { id: row.get(0)?, password_hash: row.get(1)? }))
}

/// Uses a challenge up; whether it was there. Of two at once, one finds it.
///
/// # Errors
/// When the database fails.
pub fn answer(tx: &mut Tx<'_>, secret: &SecretHash) -> Result<bool> {
    Ok(tx.execute("DELETE FROM operator_challenge WHERE hash = $1", &[&secret.to_hex()])? > 0)
}
