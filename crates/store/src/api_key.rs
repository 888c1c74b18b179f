//! API keys: the credentials of the application. Another table, another prefix and another scope than SCIM tokens (SEC-17).

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::ids::{ApiKeyId, OrganizationId};
use crate::origin::{Actor, Origin};
use crate::scope::{ApplicationScope, Authority};
use crate::secret::{Secret, SecretHash};
use crate::token::{Authentication, Refusal, USE_NOTED_EVERY};
use crate::tx::Tx;
use crate::value::Row;

/// One thing that an API key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyScope {
    /// Read organizations, directories, their users and groups, and everything else but the events.
    Read,
    /// Make, change and remove.
    Write,
    /// Read the event log.
    Events,
    /// Ask whether a person may enter.
    AccessCheck,
}

impl KeyScope {
    /// All of them.
    pub const ALL: [KeyScope; 4] = [Self::Read, Self::Write, Self::Events, Self::AccessCheck];

    /// The word under which it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Events => "events",
            Self::AccessCheck => "access-check",
        }
    }
}

/// There is no such right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of read, write, events, access-check")]
pub struct UnknownScope;

impl FromStr for KeyScope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text).ok_or(UnknownScope)
    }
}

/// What an API key may do: any of [`KeyScope`], at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyScopes(u8);

impl KeyScopes {
    /// These; all of them when none is named.
    pub fn of(scopes: &[KeyScope]) -> Self {
        let scopes = if scopes.is_empty() { &KeyScope::ALL } else { scopes };
        Self(scopes.iter().fold(0, |bits, scope| bits | (1 << *scope as u8)))
    }

    /// Whether this one is among them.
    pub fn allow(self, scope: KeyScope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }

    /// Those that are among them, always in the same order.
    pub fn list(self) -> impl Iterator<Item = KeyScope> {
        KeyScope::ALL.into_iter().filter(move |scope| self.allow(*scope))
    }

    fn from_stored(text: &str) -> Result<Self> {
        let scopes: Result<Vec<KeyScope>, UnknownScope> = text.split(' ').map(str::parse).collect();
        scopes.map(|scopes| Self::of(&scopes)).map_err(|_| Error::Corrupt("the scopes of an API key".into()))
    }
}

impl Default for KeyScopes {
    /// Everything.
    fn default() -> Self {
        Self::of(&[])
    }
}

impl fmt::Display for KeyScopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.list().map(KeyScope::as_str).collect();
        f.write_str(&words.join(" "))
    }
}

/// What an API key is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyTerms {
    /// Until when, in Unix microseconds; `None`: until it is revoked.
    pub expires_at: Option<i64>,
    /// What it may do.
    pub scopes: KeyScopes,
    /// The one organization that it is for; `None`: all of them.
    pub organization_id: Option<OrganizationId>,
}

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
    /// What it may do.
    pub scopes: KeyScopes,
    /// The one organization that it is for; `None`: all of them.
    pub organization_id: Option<OrganizationId>,
}

const SELECT: &str = "SELECT id, name, prefix, last_four, created_at, expires_at, revoked_at, last_used_at, scopes, organization_id \
     FROM api_key";

fn read(row: &Row<'_>) -> Result<ApiKeyRow> {
    let scopes: String = row.get(8)?;
    Ok(ApiKeyRow {
        id: row.get(0)?,
        name: row.get(1)?,
        prefix: row.get(2)?,
        last_four: row.get(3)?,
        created_at: row.get(4)?,
        expires_at: row.get(5)?,
        revoked_at: row.get(6)?,
        last_used_at: row.get(7)?,
        scopes: KeyScopes::from_stored(&scopes)?,
        organization_id: row.get(9)?,
    })
}

/// Makes an API key (`sk_` and 32 random bytes) that may do everything. The key is returned this once.
///
/// # Errors
/// When the database fails.
pub fn create(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    name: &str,
    expires_at: Option<i64>,
) -> Result<(ApiKeyRow, Secret)> {
    create_with(tx, by, name, KeyTerms { expires_at, ..KeyTerms::default() })
}

/// Makes an API key on these terms. The key is returned this once.
///
/// # Errors
/// When the database fails.
pub fn create_with(tx: &mut Tx<'_>, by: &impl Authority, name: &str, terms: KeyTerms) -> Result<(ApiKeyRow, Secret)> {
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
        expires_at: terms.expires_at,
        revoked_at: None,
        last_used_at: None,
        scopes: terms.scopes,
        organization_id: terms.organization_id,
    };
    tx.execute(
        "INSERT INTO api_key (id, name, hash, prefix, last_four, created_at, expires_at, scopes, organization_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            &row.id,
            &row.name,
            &secret.hash().to_hex(),
            &row.prefix,
            &row.last_four,
            &row.created_at,
            &row.expires_at,
            &row.scopes.to_string(),
            &row.organization_id,
        ],
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
            scopes: key.scopes,
            organization_id: key.organization_id,
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
