//! Credentials of identity providers: bearer tokens and Basic passwords. Only their SHA-256 is stored (SEC-19).

use std::sync::Arc;

use crate::directory::{AuthMode, Settings, State};
use crate::error::{Conflict, Error, Result};
use crate::ids::{DirectoryId, Id, TokenId};
use crate::origin::{Actor, Origin};
use crate::scope::{Authority, DirectoryScope, OperatorScope, SystemScope};
use crate::secret::{Secret, SecretHash};
use crate::tx::Tx;
use crate::value::Row;

/// A credential as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// Its id.
    pub id: TokenId,
    /// `bearer` or `basic`.
    pub kind: String,
    /// Its name for people.
    pub name: String,
    /// The user name of Basic authentication.
    pub username: Option<String>,
    /// Whether it opens the directory for reading alone.
    pub read_only: bool,
    /// The first characters of the secret, to recognise it by.
    pub prefix: String,
    /// The last four characters of the secret, to recognise it by.
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

impl TokenRow {
    /// Whether it opens its directory at this time (Unix microseconds).
    pub fn is_live(&self, now: i64) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

/// Why a credential is refused. For the log of the operator only: all refusals get one and the same answer (SEC-7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such credential.
    Unknown,
    /// It was revoked.
    Revoked,
    /// It has expired.
    Expired,
}

/// The outcome of authentication.
#[derive(Debug, Clone)]
pub enum Authentication<S> {
    /// The credential is live; this is what it opens.
    Accepted(S),
    /// It is not.
    Refused(Refusal),
}

/// A use is noted at most this often (Unix microseconds).
pub(crate) const USE_NOTED_EVERY: i64 = 60_000_000;
/// The shortest secret that an operator may bring along, in bytes (SEC-18).
const SHORTEST: usize = 32;

/// What a credential is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Terms {
    /// Until when, in Unix microseconds; `None`: until it is revoked.
    pub expires_at: Option<i64>,
    /// For reading alone.
    pub read_only: bool,
}

impl Terms {
    /// For everything until this instant (Unix microseconds), or until it is revoked.
    pub fn until(expires_at: Option<i64>) -> Self {
        Self { expires_at, read_only: false }
    }
}

const SELECT: &str = "SELECT id, kind, name, username, prefix, last_four, created_at, expires_at, revoked_at, last_used_at, read_only \
     FROM credential WHERE directory_id = $1";

fn read(row: &Row<'_>) -> Result<TokenRow> {
    Ok(TokenRow {
        id: row.get(0)?,
        kind: row.get(1)?,
        name: row.get(2)?,
        username: row.get(3)?,
        prefix: row.get(4)?,
        last_four: row.get(5)?,
        created_at: row.get(6)?,
        expires_at: row.get(7)?,
        revoked_at: row.get(8)?,
        last_used_at: row.get(9)?,
        read_only: row.get(10)?,
    })
}

/// A credential to be written.
struct New<'a> {
    mode: AuthMode,
    name: &'a str,
    username: Option<String>,
    secret: Secret,
    terms: Terms,
}

fn write(tx: &mut Tx<'_>, scope: &DirectoryScope, id: TokenId, new: New<'_>) -> Result<(TokenRow, Secret)> {
    let row = TokenRow {
        id,
        kind: new.mode.as_str().to_owned(),
        name: crate::key::without_nul(new.name),
        username: new.username,
        read_only: new.terms.read_only,
        prefix: new.secret.beginning(),
        last_four: new.secret.last_four(),
        created_at: tx.now(),
        expires_at: new.terms.expires_at,
        revoked_at: None,
        last_used_at: None,
    };
    let written = tx.execute(
        "INSERT INTO credential (directory_id, id, kind, name, username, hash, prefix, last_four, created_at, expires_at, \
         read_only) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (hash) DO NOTHING",
        &[
            &scope.directory_id,
            &row.id,
            &row.kind,
            &row.name,
            &row.username,
            &new.secret.hash().to_hex(),
            &row.prefix,
            &row.last_four,
            &row.created_at,
            &row.expires_at,
            &row.read_only,
        ],
    )?;
    if written == 0 { Err(Error::Conflict(Conflict::Other)) } else { Ok((row, new.secret)) }
}

fn mint_secret(tx: &Tx<'_>) -> Secret {
    let mut random = [0; 32];
    tx.random(&mut random);
    Secret::mint("dw_", &random)
}

/// Takes a bearer token that the operator brings along, for example when moving from another installation.
///
/// # Errors
/// [`Error::Database`] when it is shorter than 32 bytes, [`Conflict::Other`] when it is in use.
pub fn import(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    scope: &DirectoryScope,
    name: &str,
    secret: &Secret,
    terms: Terms,
) -> Result<TokenRow> {
    let _ = by;
    if secret.expose().len() < SHORTEST {
        return Err(Error::Database("a token must have at least 32 characters".into()));
    }
    let id = tx.mint();
    let new = New { mode: AuthMode::Bearer, name, username: None, secret: secret.clone(), terms };
    Ok(write(tx, scope, id, new)?.0)
}

/// Makes a bearer token (`dw_` and 32 random bytes). The secret is returned this once.
///
/// # Errors
/// When the database fails.
pub fn create_bearer(tx: &mut Tx<'_>, scope: &DirectoryScope, name: &str, terms: Terms) -> Result<(TokenRow, Secret)> {
    let id = tx.mint();
    let secret = mint_secret(tx);
    write(tx, scope, id, New { mode: AuthMode::Bearer, name, username: None, secret, terms })
}

/// Makes a user name and a password for Basic authentication. The password is returned this once.
///
/// # Errors
/// When the database fails.
pub fn create_basic(tx: &mut Tx<'_>, scope: &DirectoryScope, name: &str, terms: Terms) -> Result<(TokenRow, Secret)> {
    let id: TokenId = tx.mint();
    let secret = mint_secret(tx);
    let tail: String = id.code().chars().skip(20).collect();
    let username = Some(format!("{}-{}", scope.label, tail.to_lowercase()));
    write(tx, scope, id, New { mode: AuthMode::Basic, name, username, secret, terms })
}

/// What is stored about a presented secret.
struct Found {
    kind: String,
    username: Option<String>,
    revoked_at: Option<i64>,
    scope: DirectoryScope,
}

fn find(tx: &mut Tx<'_>, hash: &SecretHash) -> Result<Option<Found>> {
    tx.query_one(
        "SELECT c.kind, c.username, c.revoked_at, c.id, c.last_used_at, c.expires_at, d.id, d.organization_id, d.label, d.name, \
         d.directory_type, d.state, d.auth, d.settings, c.read_only \
         FROM credential c JOIN directory d ON d.id = c.directory_id WHERE c.hash = $1",
        &[&hash.to_hex()],
        |row| {
            let (state, auth, settings): (String, String, String) = (row.get(11)?, row.get(12)?, row.get(13)?);
            let settings = Settings::from_stored(&settings)?;
            let token_id: TokenId = row.get(3)?;
            Ok(Found {
                kind: row.get(0)?,
                username: row.get(1)?,
                revoked_at: row.get(2)?,
                scope: DirectoryScope {
                    token_id: Some(token_id),
                    origin: Origin::of(Actor::Scim(token_id)),
                    token_last_used_at: row.get(4)?,
                    token_expires_at: row.get(5)?,
                    token_read_only: row.get(14)?,
                    directory_id: row.get(6)?,
                    organization_id: row.get(7)?,
                    label: row.get(8)?,
                    name: row.get(9)?,
                    directory_type: row.get(10)?,
                    state: State::from_stored(&state)?,
                    auth: AuthMode::from_stored(&auth)?,
                    types: settings.types(),
                    rules: Arc::default(),
                    settings: Arc::new(settings),
                },
            })
        },
    )
}

/// Judges a credential that was found, or was not.
fn judge(now: i64, found: Option<Found>) -> Authentication<DirectoryScope> {
    match found {
        None => Authentication::Refused(Refusal::Unknown),
        // The credentials of a directory that is being deleted end first (SEC-14).
        Some(found) if found.revoked_at.is_some() || found.scope.state == State::Deleting => {
            Authentication::Refused(Refusal::Revoked)
        }
        Some(found) if found.scope.token_expires_at.is_some_and(|end| end <= now) => {
            Authentication::Refused(Refusal::Expired)
        }
        Some(found) => Authentication::Accepted(found.scope),
    }
}

/// Whom a bearer token lets in.
///
/// # Errors
/// When the database fails.
pub fn authenticate_bearer(tx: &mut Tx<'_>, hash: &SecretHash) -> Result<Authentication<DirectoryScope>> {
    let found = find(tx, hash)?.filter(|found| found.kind == AuthMode::Bearer.as_str());
    Ok(judge(tx.now(), found))
}

/// Whom a user name and a password let in.
///
/// # Errors
/// When the database fails.
pub fn authenticate_basic(
    tx: &mut Tx<'_>,
    username: &str,
    password: &SecretHash,
) -> Result<Authentication<DirectoryScope>> {
    let found = find(tx, password)?
        .filter(|found| found.kind == AuthMode::Basic.as_str() && found.username.as_deref() == Some(username));
    Ok(judge(tx.now(), found))
}

/// All credentials of the directory, oldest first, revoked and expired ones too.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<Vec<TokenRow>> {
    tx.query(&format!("{SELECT} ORDER BY id"), &[&scope.directory_id], read)
}

/// A credential that will end by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiring {
    /// Its directory.
    pub directory_id: DirectoryId,
    /// The name of its directory.
    pub directory: String,
    /// Its own name.
    pub name: String,
    /// When it ends (Unix microseconds).
    pub expires_at: i64,
}

/// Credentials of all directories that can be used and end before `until` (Unix microseconds), the next first.
///
/// # Errors
/// When the database fails.
pub fn expiring(tx: &mut Tx<'_>, by: &OperatorScope, until: i64, limit: i64) -> Result<Vec<Expiring>> {
    let _ = by;
    let now = tx.now();
    tx.query(
        "SELECT c.directory_id, d.name, c.name, c.expires_at FROM credential c JOIN directory d ON d.id = c.directory_id \
         WHERE c.expires_at > $1 AND c.expires_at <= $2 AND c.revoked_at IS NULL ORDER BY c.expires_at LIMIT $3",
        &[&now, &until, &limit],
        |row| {
            Ok(Expiring { directory_id: row.get(0)?, directory: row.get(1)?, name: row.get(2)?, expires_at: row.get(3)? })
        },
    )
}

/// One credential of the directory.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &TokenId) -> Result<Option<TokenRow>> {
    tx.query_one(&format!("{SELECT} AND id = $2"), &[&scope.directory_id, id], read)
}

/// A credential that was presented, live or not, and the directory that it belongs to. For the request log: it opens nothing.
///
/// # Errors
/// When the database fails.
pub fn whose(tx: &mut Tx<'_>, by: &SystemScope, hash: &SecretHash) -> Result<Option<(DirectoryScope, TokenRow)>> {
    let Some(found) = find(tx, hash)? else { return Ok(None) };
    let Some(id) = found.scope.token_id else { return Ok(None) };
    let Some(row) = get(tx, &found.scope, &id)? else { return Ok(None) };
    Ok(Some((DirectoryScope { origin: by.origin().clone(), ..found.scope }, row)))
}

/// Ends a credential at once. The row when it was live, `None` when there is none or it was revoked before.
///
/// # Errors
/// When the database fails.
pub fn revoke(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &TokenId) -> Result<Option<TokenRow>> {
    let now = tx.now();
    let written = tx.execute(
        "UPDATE credential SET revoked_at = $3 WHERE directory_id = $1 AND id = $2 AND revoked_at IS NULL",
        &[&scope.directory_id, id, &now],
    )?;
    if written == 0 { Ok(None) } else { get(tx, scope, id) }
}

/// Notes that the scope's credential is in use, at most once a minute. Whether something was written.
///
/// # Errors
/// When the database fails.
pub fn touch_last_used(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<bool> {
    let Some(id) = scope.token_id else { return Ok(false) };
    let now = tx.now();
    let written = tx.execute(
        "UPDATE credential SET last_used_at = $3 \
         WHERE directory_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at <= $4)",
        &[&scope.directory_id, &id, &now, &(now - USE_NOTED_EVERY)],
    )?;
    Ok(written > 0)
}
