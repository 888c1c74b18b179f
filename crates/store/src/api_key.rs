//! API keys: the credentials of the application. Another table, another prefix and another scope than SCIM tokens (SEC-17).

use crate::error::Result;
use crate::ids::ApiKeyId;
use crate::scope::{ApplicationScope, Authority};
use crate::secret::{Secret, SecretHash};
use crate::token::Authentication;
use crate::tx::Tx;

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
    let _ = (tx, by, name, expires_at);
    crate::unwritten()
}

/// Whom an API key lets in.
///
/// # Errors
/// When the database fails.
pub fn authenticate(tx: &mut Tx<'_>, hash: &SecretHash) -> Result<Authentication<ApplicationScope>> {
    let _ = (tx, hash);
    crate::unwritten()
}

/// All API keys, oldest first, revoked and expired ones too.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, by: &impl Authority) -> Result<Vec<ApiKeyRow>> {
    let _ = (tx, by);
    crate::unwritten()
}

/// Ends an API key at once. The row when it was live, `None` when there is none or it was revoked before.
///
/// # Errors
/// When the database fails.
pub fn revoke(tx: &mut Tx<'_>, by: &impl Authority, id: &ApiKeyId) -> Result<Option<ApiKeyRow>> {
    let _ = (tx, by, id);
    crate::unwritten()
}

/// Notes that the scope's key is in use, at most once a minute. Whether something was written.
///
/// # Errors
/// When the database fails.
pub fn touch_last_used(tx: &mut Tx<'_>, scope: &ApplicationScope) -> Result<bool> {
    let _ = (tx, scope);
    crate::unwritten()
}
