//! The accounts of the people who run the installation, and the one-time codes with which they begin.
//!
//! Passwords come here hashed already. A code is 32 random bytes of which only the hash is stored; to redeem it is the proof that
//! somebody who can open the database, or an operator who is signed in, wanted the account.

use crate::error::{Error, Result};
use crate::ids::OperatorId;
use crate::key;
use crate::scope::OperatorScope;
use crate::secret::{Secret, SecretHash};
use crate::tx::Tx;
use crate::value::Row;

/// An operator's account as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorRow {
    /// Its id.
    pub id: OperatorId,
    /// The address with which its owner signs in.
    pub email: String,
    /// Its owner's name.
    pub name: String,
    /// Unix microseconds.
    pub created_at: i64,
    /// Unix microseconds; when the name or the password was last set.
    pub updated_at: i64,
    /// Unix microseconds; `None`: never.
    pub last_sign_in_at: Option<i64>,
}

/// What an account is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorValues {
    /// The address with which its owner signs in.
    pub email: String,
    /// Its owner's name.
    pub name: String,
    /// The password, hashed (PHC string).
    pub password_hash: String,
}

/// What a code is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeUse {
    /// To make an account.
    NewAccount,
    /// To give this account another password.
    NewPassword(OperatorId),
}

/// The stored proof that a password is compared with.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The account.
    pub id: OperatorId,
    /// The password, hashed (PHC string).
    pub password_hash: String,
}

const SELECT: &str = "SELECT id, email, name, created_at, updated_at, last_sign_in_at FROM operator_account";

fn read(row: &Row<'_>) -> Result<OperatorRow> {
    Ok(OperatorRow {
        id: row.get(0)?,
        email: row.get(1)?,
        name: row.get(2)?,
        created_at: row.get(3)?,
        updated_at: row.get(4)?,
        last_sign_in_at: row.get(5)?,
    })
}

/// Whether anybody has an account. Asked before anyone is signed in.
///
/// # Errors
/// When the database fails.
pub fn exist(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(tx.query_one("SELECT 1 FROM operator_account LIMIT 1", &[], |_| Ok(()))?.is_some())
}

/// All accounts, oldest first.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, by: &OperatorScope) -> Result<Vec<OperatorRow>> {
    let _ = by;
    tx.query(&format!("{SELECT} ORDER BY id"), &[], read)
}

/// The account with this id.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, by: &OperatorScope, id: &OperatorId) -> Result<Option<OperatorRow>> {
    let _ = by;
    find(tx, id)
}

pub(crate) fn find(tx: &mut Tx<'_>, id: &OperatorId) -> Result<Option<OperatorRow>> {
    tx.query_one(&format!("{SELECT} WHERE id = $1"), &[id], read)
}

/// What the password of the account with this address is compared with. Asked before anyone is signed in.
///
/// # Errors
/// When the database fails.
pub fn credentials(tx: &mut Tx<'_>, email: &str) -> Result<Option<Credentials>> {
    let sql = "SELECT id, password_hash FROM operator_account WHERE email_key = $1";
    tx.query_one(sql, &[&key::caseless(email)], |row| Ok(Credentials { id: row.get(0)?, password_hash: row.get(1)? }))
}

/// Makes a one-time code (`dwc_` and 32 random bytes), which is returned this once. Earlier codes for the same use end.
///
/// # Errors
/// When the database fails, or the account does not exist.
pub fn create_code(tx: &mut Tx<'_>, by: &OperatorScope, wanted: CodeUse, expires_at: i64) -> Result<Secret> {
    let _ = by;
    let mut random = [0; 32];
    tx.random(&mut random);
    let secret = Secret::mint("dwc_", &random);
    let operator = match wanted {
        CodeUse::NewAccount => None,
        CodeUse::NewPassword(id) => Some(id),
    };
    let now = tx.now();
    match operator {
        None => tx.execute("DELETE FROM operator_code WHERE operator_id IS NULL", &[])?,
        Some(id) => tx.execute("DELETE FROM operator_code WHERE operator_id = $1", &[&id])?,
    };
    tx.execute(
        "INSERT INTO operator_code (hash, operator_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        &[&secret.hash().to_hex(), &operator, &now, &expires_at],
    )?;
    Ok(secret)
}

/// What a code is good for; `None` when it is unknown, used or expired. Looking changes nothing.
///
/// # Errors
/// When the database fails.
pub fn look_at_code(tx: &mut Tx<'_>, hash: &SecretHash) -> Result<Option<CodeUse>> {
    let now = tx.now();
    let sql = "SELECT operator_id FROM operator_code WHERE hash = $1 AND expires_at > $2";
    let found: Option<Option<OperatorId>> = tx.query_one(sql, &[&hash.to_hex(), &now], |row| row.get(0))?;
    Ok(found.map(|operator| operator.map_or(CodeUse::NewAccount, CodeUse::NewPassword)))
}

/// Uses a code up: makes the account, or gives the account that the code names the new password and ends its sessions. `None` when the
/// code opens nothing.
///
/// # Errors
/// [`Conflict::Other`](crate::Conflict::Other) when another account has the address.
pub fn redeem_code(
    tx: &mut Tx<'_>,
    hash: &SecretHash,
    values: &OperatorValues,
) -> Result<Option<(CodeUse, OperatorRow)>> {
    let Some(wanted) = look_at_code(tx, hash)? else { return Ok(None) };
    // Of two at once, the row is there for one of them.
    if tx.execute("DELETE FROM operator_code WHERE hash = $1", &[&hash.to_hex()])? == 0 {
        return Ok(None);
    }
    let id = match wanted {
        CodeUse::NewAccount => insert(tx, values)?,
        CodeUse::NewPassword(id) => {
            set_password(tx, &id, &values.password_hash)?;
            id
        }
    };
    Ok(find(tx, &id)?.map(|row| (wanted, row)))
}

fn insert(tx: &mut Tx<'_>, values: &OperatorValues) -> Result<OperatorId> {
    if credentials(tx, &values.email)?.is_some() {
        return Err(Error::Conflict(crate::Conflict::Other));
    }
    let id: OperatorId = tx.mint();
    let now = tx.now();
    tx.execute(
        "INSERT INTO operator_account (id, email, email_key, name, password_hash, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $6)",
        &[
            &id,
            &key::without_nul(&values.email),
            &key::caseless(&values.email),
            &key::without_nul(&values.name),
            &values.password_hash,
            &now,
        ],
    )?;
    Ok(id)
}

fn set_password(tx: &mut Tx<'_>, id: &OperatorId, password_hash: &str) -> Result<()> {
    let now = tx.now();
    tx.execute(
        "UPDATE operator_account SET password_hash = $2, updated_at = $3 WHERE id = $1",
        &[id, &password_hash, &now],
    )?;
    // Whoever knew the old password may be signed in with it, or about to be.
    tx.execute("DELETE FROM operator_challenge WHERE operator_id = $1", &[id])?;
    tx.execute("DELETE FROM operator_session WHERE operator_id = $1", &[id])?;
    Ok(())
}
