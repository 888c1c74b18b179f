//! API keys: the credentials of the application. Another table, another prefix and another scope than SCIM tokens (SEC-17).

use crate::error::Result;
use crate::ids::ApiKeyId;
use crate::origin::{Actor, Origin};
use crate::scope::{ApplicationScope, Authority};
use crate::secret::{Secret, SecretHash};
use crate::token::{Authentication, Refusal, USE_NOTED_EVERY};
use crate::tx::Tx;
use crate::value::Row;

/// An API key as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRow {
    /// Its id.
    pub id: ApiKeyId,
    /// Its name for people.
    pub name: String,
    /// The first characters of the key, to recognise it by.
    pub prefix: String,
    /// The last four characters of the key, to recognise it by.
    pub last_four: String,
    /// Unix microseconds.
    pub created_at: i64,
    /// Unix microseconds; `None`: never.
    pub expires_at: Option<i64>,
    /// Unix microseconds; `None`: live.
    pub revoked_at: Option<i64>,
    /// Unix microseconds, kept to the minute; `None`: not used yet.
    pub last_used_at: Option<i64>,
}

const SELECT: &str =
    "SELECT id, name, prefix, last_four, created_at, expires_at, revoked_at, last_used_at FROM api_key";

fn read(row: &Row<'_>) -> Result<ApiKeyRow> {
    Ok(ApiKeyRow {
        id: row.get(0)?,
        name: row.get(1)?,
        prefix: row.get(2)?,
        last_four: row.get(3)?,
        created_at: row.get(4)?,
        expires_at: row.get(5)?,
        revoked_at: row.get(6)?,
        last_used_at: row.get(7)?,
    })
}

/// Makes an API key (`sk_` and 32 random bytes). The key is returned this once.
///
/// # Errors
/// When the database fails.
pub fn create(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    name: &str,
    expires_at: Option<i64>,
) -> Result<(ApiKeyRow, Secret)> {
    let _ = by;
    let mut random = [0; 32];
    tx.random(&mut random);
    let secret = Secret::mint("sk_", &random);
    let row = ApiKeyRow {
        id: tx.mint(),
        name: crate::key::without_nul(name),
        prefix: secret.beginning(),
        last_four: secret.last_four(),
        created_at: tx.now(),
        expires_at,
        revoked_at: None,
        last_used_at: None,
    };
    tx.execute(
        "INSERT INTO api_key (id, name, hash, prefix, last_four, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[&row.id, &row.name, &secret.hash().to_hex(), &row.prefix, &row.last_four, &row.created_at, &row.expires_at],
    )?;
    Ok((row, secret))
}

/// Whom an API key lets in.
///
/// # Errors
/// When the database fails.
pub fn authenticate(tx: &mut Tx<'_>, hash: &SecretHash) -> Result<Authentication<ApplicationScope>> {
    let found = tx.query_one(&format!("{SELECT} WHERE hash = $1"), &[&hash.to_hex()], read)?;
    let now = tx.now();
    Ok(match found {
        None => Authentication::Refused(Refusal::Unknown),
        Some(key) if key.revoked_at.is_some() => Authentication::Refused(Refusal::Revoked),
        Some(key) if key.expires_at.is_some_and(|end| end <= now) => Authentication::Refused(Refusal::Expired),
        Some(key) => Authentication::Accepted(ApplicationScope {
            api_key_id: key.id,
            last_used_at: key.last_used_at,
            expires_at: key.expires_at,
            origin: Origin::of(Actor::ApiKey(key.id)),
        }),
    })
}

/// Whether the scope's key would still be accepted.
///
/// # Errors
/// When the database fails.
pub fn is_live(tx: &mut Tx<'_>, scope: &ApplicationScope) -> Result<bool> {
    let key = tx.query_one(&format!("{SELECT} WHERE id = $1"), &[&scope.api_key_id], read)?;
    let now = tx.now();
    Ok(key.is_some_and(|key| key.revoked_at.is_none() && key.expires_at.is_none_or(|end| now < end)))
}

/// All API keys, oldest first, revoked and expired ones too.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, by: &impl Authority) -> Result<Vec<ApiKeyRow>> {
    let _ = by;
    tx.query(&format!("{SELECT} ORDER BY id"), &[], read)
}

/// Ends an API key at once. The row when it was live, `None` when there is none or it was revoked before.
///
/// # Errors
/// When the database fails.
pub fn revoke(tx: &mut Tx<'_>, by: &impl Authority, id: &ApiKeyId) -> Result<Option<ApiKeyRow>> {
    let _ = by;
    let now = tx.now();
    let written = tx.execute("UPDATE api_key SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL", &[id, &now])?;
    if written == 0 {
        return Ok(None);
    }
    tx.query_one(&format!("{SELECT} WHERE id = $1"), &[id], read)
}

/// Notes that the scope's key is in use, at most once a minute. Whether something was written.
///
/// # Errors
/// When the database fails.
pub fn touch_last_used(tx: &mut Tx<'_>, scope: &ApplicationScope) -> Result<bool> {
    let now = tx.now();
    let written = tx.execute(
        "UPDATE api_key SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)",
        &[&scope.api_key_id, &now, &(now - USE_NOTED_EVERY)],
    )?;
    Ok(written > 0)
}
