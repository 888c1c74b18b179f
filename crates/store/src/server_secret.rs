//! Secrets that all nodes of an installation share and nobody is ever shown.

use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::tx::Tx;

/// The secret with this name: 32 random bytes as text, made when it is asked for the first time.
///
/// # Errors
/// When the database fails.
pub fn get_or_create(tx: &mut Tx<'_>, name: &str) -> Result<Secret> {
    let mut random = [0; 32];
    tx.random(&mut random);
    tx.execute(
        "INSERT INTO server_secret (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
        &[&name, &crate::secret::base62(&random)],
    )?;
    let found: Option<String> =
        tx.query_one("SELECT value FROM server_secret WHERE name = $1", &[&name], |row| row.get(0))?;
    found.map(Secret::new).ok_or_else(|| Error::Corrupt("a secret of the server is missing".into()))
}

/// The secret with this name; `None` when nobody has asked for it yet.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, name: &str) -> Result<Option<Secret>> {
    let found: Option<String> =
        tx.query_one("SELECT value FROM server_secret WHERE name = $1", &[&name], |row| row.get(0))?;
    Ok(found.map(Secret::new))
}
