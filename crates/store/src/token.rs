//! Credentials of identity providers: bearer tokens and Basic passwords. Only their SHA-256 is stored (SEC-19).

use crate::error::Result;
use crate::ids::TokenId;
use crate::scope::DirectoryScope;
use crate::secret::{Secret, SecretHash};
use crate::tx::Tx;

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

/// Makes a bearer token (`dw_` and 32 random bytes). The secret is returned this once.
/// `expires_at` in Unix microseconds; `None`: never.
///
/// # Errors
/// When the database fails.
pub fn create_bearer(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    name: &str,
    expires_at: Option<i64>,
) -> Result<(TokenRow, Secret)> {
    let _ = (tx, scope, name, expires_at);
    crate::unwritten()
}

/// Makes a user name and a password for Basic authentication. The password is returned this once.
///
/// # Errors
/// When the database fails.
pub fn create_basic(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    name: &str,
    expires_at: Option<i64>,
) -> Result<(TokenRow, Secret)> {
    let _ = (tx, scope, name, expires_at);
    crate::unwritten()
}

/// Whom a bearer token lets in.
///
/// # Errors
/// When the database fails.
pub fn authenticate_bearer(tx: &mut Tx<'_>, hash: &SecretHash) -> Result<Authentication<DirectoryScope>> {
    let _ = (tx, hash);
    crate::unwritten()
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
    let _ = (tx, username, password);
    crate::unwritten()
}

/// All credentials of the directory, oldest first, revoked and expired ones too.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<Vec<TokenRow>> {
    let _ = (tx, scope);
    crate::unwritten()
}

/// One credential of the directory.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &TokenId) -> Result<Option<TokenRow>> {
    let _ = (tx, scope, id);
    crate::unwritten()
}

/// Ends a credential at once. The row when it was live, `None` when there is none or it was revoked before.
///
/// # Errors
/// When the database fails.
pub fn revoke(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &TokenId) -> Result<Option<TokenRow>> {
    let _ = (tx, scope, id);
    crate::unwritten()
}

/// Notes that the scope's credential is in use, at most once a minute. Whether something was written.
///
/// # Errors
/// When the database fails.
pub fn touch_last_used(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<bool> {
    let _ = (tx, scope);
    crate::unwritten()
}
