//! The sessions of operators: from signing in until signing out, or until they end by themselves.
//!
//! A session is 32 random bytes in a cookie, of which only the hash is stored. It ends after an hour without use and after twelve hours
//! in any case (SEC-48).

use std::net::IpAddr;

use crate::error::Result;
use crate::ids::{OperatorId, OperatorSessionId};
use crate::operator::{self, Credentials, OperatorRow};
use crate::scope::OperatorScope;
use crate::secret::{Secret, SecretHash};
use crate::tx::Tx;
use crate::value::Row;

const MINUTE: i64 = 60 * 1_000_000;

/// How long a session lives without being used, in microseconds: an hour.
pub const IDLE: i64 = 60 * MINUTE;

/// How long a session lives at most, in microseconds: twelve hours.
pub const LONGEST: i64 = 12 * 60 * MINUTE;

/// Characters kept of what a browser says of itself.
const AGENT: usize = 200;

/// A session as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Its id.
    pub id: OperatorSessionId,
    /// Whose it is.
    pub operator_id: OperatorId,
    /// What the browser says it is.
    pub agent: String,
    /// Where it was opened from, when that is known.
    pub address: Option<String>,
    /// Unix microseconds.
    pub created_at: i64,
    /// Unix microseconds, kept to the minute.
    pub last_seen_at: i64,
    /// Unix microseconds.
    pub expires_at: i64,
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// What the person may do with it: everything.
    pub scope: OperatorScope,
    /// The person's account.
    pub operator: OperatorRow,
    /// The session.
    pub session: SessionRow,
}

const SELECT: &str =
    "SELECT id, operator_id, agent, address, created_at, last_seen_at, expires_at FROM operator_session";

fn read(row: &Row<'_>) -> Result<SessionRow> {
    Ok(SessionRow {
        id: row.get(0)?,
        operator_id: row.get(1)?,
        agent: row.get(2)?,
        address: row.get(3)?,
        created_at: row.get(4)?,
        last_seen_at: row.get(5)?,
        expires_at: row.get(6)?,
    })
}

/// Opens a session for whoever has just proved these credentials; `None` when they have changed meanwhile. The secret is for the cookie.
///
/// # Errors
/// When the database fails.
pub fn open(
    tx: &mut Tx<'_>,
    proved: &Credentials,
    agent: &str,
    address: Option<IpAddr>,
) -> Result<Option<(SignedIn, Secret)>> {
    let now = tx.now();
    let written = tx.execute(
        "UPDATE operator_account SET last_sign_in_at = $3 WHERE id = $1 AND password_hash = $2",
        &[&proved.id, &proved.password_hash, &now],
    )?;
    let Some(operator) = operator::find(tx, &proved.id)?.filter(|_| written > 0) else { return Ok(None) };
    // Those of everybody that have ended go on the way, so that the table stays small without a job of its own.
    tx.execute("DELETE FROM operator_session WHERE expires_at <= $1", &[&now])?;
    let mut random = [0; 32];
    tx.random(&mut random);
    let secret = Secret::mint("dws_", &random);
    let session = SessionRow {
        id: tx.mint(),
        operator_id: proved.id,
        agent: crate::key::without_nul(&agent.chars().take(AGENT).collect::<String>()),
        address: address.map(|address| address.to_string()),
        created_at: now,
        last_seen_at: now,
        expires_at: now + LONGEST,
    };
    tx.execute(
        "INSERT INTO operator_session (id, operator_id, hash, agent, address, created_at, last_seen_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7)",
        &[
            &session.id,
            &session.operator_id,
            &secret.hash().to_hex(),
            &session.agent,
            &session.address,
            &now,
            &session.expires_at,
        ],
    )?;
    let scope = OperatorScope::signed_in(session.operator_id, session.id);
    Ok(Some((SignedIn { scope, operator, session }, secret)))
}

/// Who is signed in with this session; `None` when there is none, or it has ended.
///
/// # Errors
/// When the database fails.
pub fn authenticate(tx: &mut Tx<'_>, hash: &SecretHash) -> Result<Option<SignedIn>> {
    let now = tx.now();
    let found = tx.query_one(&format!("{SELECT} WHERE hash = $1"), &[&hash.to_hex()], read)?;
    let Some(session) = found.filter(|session| session.expires_at > now && session.last_seen_at + IDLE > now) else {
        return Ok(None);
    };
    let Some(operator) = operator::find(tx, &session.operator_id)? else { return Ok(None) };
    let scope = OperatorScope::signed_in(session.operator_id, session.id);
    Ok(Some(SignedIn { scope, operator, session }))
}

/// Notes that the scope's session is in use, at most once a minute.
///
/// # Errors
/// When the database fails.
pub fn touch(tx: &mut Tx<'_>, scope: &OperatorScope) -> Result<()> {
    let now = tx.now();
    tx.execute(
        "UPDATE operator_session SET last_seen_at = $2 WHERE id = $1 AND last_seen_at <= $3",
        &[&scope.session_id(), &now, &(now - MINUTE)],
    )?;
    Ok(())
}

/// The live sessions of the scope's account, newest first.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, scope: &OperatorScope) -> Result<Vec<SessionRow>> {
    let now = tx.now();
    tx.query(
        &format!("{SELECT} WHERE operator_id = $1 AND expires_at > $2 AND last_seen_at > $3 ORDER BY id DESC"),
        &[&scope.operator_id(), &now, &(now - IDLE)],
        read,
    )
}

/// Ends a session of the scope's account. Whether there was one.
///
/// # Errors
/// When the database fails.
pub fn end(tx: &mut Tx<'_>, scope: &OperatorScope, id: &OperatorSessionId) -> Result<bool> {
    let ended =
        tx.execute("DELETE FROM operator_session WHERE id = $1 AND operator_id = $2", &[id, &scope.operator_id()])?;
    Ok(ended > 0)
}
