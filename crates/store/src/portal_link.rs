//! Setup links: a bearer capability with which a customer's administrator sets up one thing of one organization (SEC-49).
//!
//! The secret of a link is 32 random bytes, of which only the hash is stored. Looking at a link changes nothing, so that a scanner of
//! mail does not use it up; opening it works once and gives a session.

use crate::error::{Error, Result};
use crate::ids::{OrganizationId, PortalLinkId};
use crate::listing::{self, Conditions};
use crate::paging::{Cursor, Slice};
use crate::scope::{Authority, PortalScope};
use crate::secret::{Secret, SecretHash};
use crate::tx::Tx;
use crate::value::Row;

/// How long a session lives at most, in microseconds: 8 hours.
const SESSION: i64 = 8 * 60 * 60 * 1_000_000;

/// How long a session lives without being used, in microseconds: an hour.
const IDLE: i64 = 60 * 60 * 1_000_000;

/// A setup link as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalLinkRow {
    /// Its id.
    pub id: PortalLinkId,
    /// Whose administrator it is for.
    pub organization_id: OrganizationId,
    /// What can be set up with it.
    pub intent: String,
    /// Where its pages lead back to.
    pub return_url: Option<String>,
    /// Where its pages lead to when all is done.
    pub success_url: Option<String>,
    /// The application's own id of the person that it is for.
    pub external_user_id: Option<String>,
    /// The addresses of the people that it is for.
    pub contacts: Vec<String>,
    /// Unix microseconds.
    pub created_at: i64,
    /// Until when it can be opened, in Unix microseconds.
    pub expires_at: i64,
    /// When it was opened, in Unix microseconds.
    pub opened_at: Option<i64>,
    /// From where it was opened.
    pub opened_from: Option<String>,
    /// When the setup was finished, in Unix microseconds.
    pub completed_at: Option<i64>,
    /// When it was revoked, in Unix microseconds.
    pub revoked_at: Option<i64>,
}

impl PortalLinkRow {
    /// `revoked`, `completed`, `opened`, `expired` or `active` at this time (Unix microseconds).
    pub fn status(&self, now: i64) -> &'static str {
        if self.revoked_at.is_some() {
            "revoked"
        } else if self.completed_at.is_some() {
            "completed"
        } else if self.opened_at.is_some() {
            "opened"
        } else if self.expires_at <= now {
            "expired"
        } else {
            "active"
        }
    }
}

/// What a link is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PortalLinkValues {
    /// What can be set up with it.
    pub intent: String,
    /// Where its pages lead back to.
    pub return_url: Option<String>,
    /// Where its pages lead to when all is done.
    pub success_url: Option<String>,
    /// The application's own id of the person that it is for.
    pub external_user_id: Option<String>,
    /// The addresses of the people that it is for.
    pub contacts: Vec<String>,
    /// Until when it can be opened, in Unix microseconds.
    pub expires_at: i64,
}

const SELECT: &str = "SELECT l.id, l.organization_id, l.intent, l.return_url, l.success_url, l.external_user_id, l.contacts, \
     l.created_at, l.expires_at, l.opened_at, l.opened_from, l.completed_at, l.revoked_at FROM portal_link l";

fn read(row: &Row<'_>) -> Result<PortalLinkRow> {
    let contacts: String = row.get(6)?;
    Ok(PortalLinkRow {
        id: row.get(0)?,
        organization_id: row.get(1)?,
        intent: row.get(2)?,
        return_url: row.get(3)?,
        success_url: row.get(4)?,
        external_user_id: row.get(5)?,
        contacts: serde_json::from_str(&contacts).map_err(|_| Error::Corrupt("contacts of a setup link".into()))?,
        created_at: row.get(7)?,
        expires_at: row.get(8)?,
        opened_at: row.get(9)?,
        opened_from: row.get(10)?,
        completed_at: row.get(11)?,
        revoked_at: row.get(12)?,
    })
}

/// Makes a link (`plink_` and 32 random bytes). The secret is returned this once; `None` when there is no such organization.
///
/// # Errors
/// When the database fails.
pub fn create(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    organization_id: &OrganizationId,
    values: &PortalLinkValues,
) -> Result<Option<(PortalLinkRow, Secret)>> {
    let known = tx.query_one("SELECT 1 FROM organization WHERE id = $1", &[organization_id], |_| Ok(()))?;
    if known.is_none() || !by.sees(organization_id) {
        return Ok(None);
    }
    let secret = mint(tx, "plink_");
    let id: PortalLinkId = tx.mint();
    let contacts = serde_json::to_string(&values.contacts).map_err(|error| Error::Database(error.to_string()))?;
    let now = tx.now();
    tx.execute(
        "INSERT INTO portal_link (id, organization_id, intent, hash, return_url, success_url, external_user_id, contacts, \
         created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &[
            &id,
            organization_id,
            &values.intent,
            &secret.hash().to_hex(),
            &values.return_url,
            &values.success_url,
            &values.external_user_id,
            &contacts,
            &now,
            &values.expires_at,
        ],
    )?;
    Ok(get(tx, by, &id)?.map(|row| (row, secret)))
}

fn mint(tx: &Tx<'_>, prefix: &str) -> Secret {
    let mut random = [0; 32];
    tx.random(&mut random);
    Secret::mint(prefix, &random)
}

/// The link with this id.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, by: &impl Authority, id: &PortalLinkId) -> Result<Option<PortalLinkRow>> {
    let found = tx.query_one(&format!("{SELECT} WHERE l.id = $1"), &[id], read)?;
    Ok(found.filter(|row| by.sees(&row.organization_id)))
}

/// A part of the list of links, of one organization or of all.
///
/// # Errors
/// When the database fails.
pub fn list(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    cursor: &Cursor<PortalLinkId>,
    organization_id: Option<OrganizationId>,
) -> Result<Slice<PortalLinkRow>> {
    let mut conditions = Conditions::default();
    for organization in [organization_id, by.organization_id()].into_iter().flatten() {
        let organization = conditions.bind(organization);
        conditions.and(&format!("l.organization_id = {organization}"));
    }
    listing::slice(tx, SELECT, "l.id", conditions, cursor, read)
}

/// The links of this organization that were not opened yet and still could be.
///
/// # Errors
/// When the database fails.
pub fn open(tx: &mut Tx<'_>, by: &impl Authority, organization_id: &OrganizationId) -> Result<Vec<PortalLinkRow>> {
    if !by.sees(organization_id) {
        return Ok(Vec::new());
    }
    let now = tx.now();
    let sql = format!(
        "{SELECT} WHERE l.organization_id = $1 AND l.revoked_at IS NULL AND l.opened_at IS NULL AND l.expires_at > $2 \
         ORDER BY l.id"
    );
    tx.query(&sql, &[organization_id, &now], read)
}

/// The links of this organization that were made for this person and are not revoked.
///
/// # Errors
/// When the database fails.
pub fn of_person(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    organization_id: &OrganizationId,
    external_user_id: &str,
) -> Result<Vec<PortalLinkRow>> {
    if !by.sees(organization_id) {
        return Ok(Vec::new());
    }
    let sql = format!(
        "{SELECT} WHERE l.organization_id = $1 AND l.external_user_id = $2 AND l.revoked_at IS NULL ORDER BY l.id"
    );
    tx.query(&sql, &[organization_id, &external_user_id], read)
}

/// Ends a link and the session that was opened with it, at once. The row when it was not revoked before.
///
/// # Errors
/// When the database fails.
pub fn revoke(tx: &mut Tx<'_>, by: &impl Authority, id: &PortalLinkId) -> Result<Option<PortalLinkRow>> {
    if get(tx, by, id)?.is_none() {
        return Ok(None);
    }
    let now = tx.now();
    let sql = "UPDATE portal_link SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    if tx.execute(sql, &[id, &now])? == 0 {
        return Ok(None);
    }
    tx.execute("UPDATE portal_session SET revoked_at = $2 WHERE link_id = $1 AND revoked_at IS NULL", &[id, &now])?;
    get(tx, by, id)
}

/// The link that a secret is of, while it can still be opened. Changes nothing. Unknown, expired, opened and revoked ones are never told
/// apart.
///
/// # Errors
/// When the database fails.
pub fn look(tx: &mut Tx<'_>, hash: &SecretHash) -> Result<Option<PortalLinkRow>> {
    let found = tx.query_one(&format!("{SELECT} WHERE l.hash = $1"), &[&hash.to_hex()], read)?;
    let now = tx.now();
    Ok(found.filter(|row| row.status(now) == "active"))
}

/// The name of the organization that a link is for: its bearer may know that before opening it.
///
/// # Errors
/// When the database fails.
pub fn organization_name(tx: &mut Tx<'_>, seen: &PortalLinkRow) -> Result<String> {
    let sql = "SELECT name FROM organization WHERE id = $1";
    Ok(tx.query_one(sql, &[&seen.organization_id], |row| row.get(0))?.unwrap_or_default())
}

/// Opens a link: a session, whose secret (`psess_` and 32 random bytes) is returned this once. `None` when it cannot be opened any more;
/// of two who try at the same time, one is told so. `address` is where the request came from.
///
/// # Errors
/// When the database fails.
pub fn redeem(tx: &mut Tx<'_>, hash: &SecretHash, address: Option<&str>) -> Result<Option<(PortalLinkRow, Secret)>> {
    let now = tx.now();
    let opened = tx.execute(
        "UPDATE portal_link SET opened_at = $2, opened_from = $3 \
         WHERE hash = $1 AND opened_at IS NULL AND revoked_at IS NULL AND expires_at > $2",
        &[&hash.to_hex(), &now, &address],
    )?;
    if opened == 0 {
        return Ok(None);
    }
    let row = tx.query_one(&format!("{SELECT} WHERE l.hash = $1"), &[&hash.to_hex()], read)?;
    let row = row.ok_or_else(|| Error::Corrupt("a setup link vanished".into()))?;
    let secret = mint(tx, "psess_");
    tx.execute(
        "INSERT INTO portal_session (hash, link_id, created_at, last_used_at, expires_at) VALUES ($1, $2, $3, $3, $4)",
        &[&secret.hash().to_hex(), &row.id, &now, &(now + SESSION)],
    )?;
    Ok(Some((row, secret)))
}

/// What a session opens: one organization, for one intent. `None` when it is unknown, revoked, older than 8 hours or was not used for an
/// hour. The use is noted when `tx` writes.
///
/// # Errors
/// When the database fails.
pub fn session(tx: &mut Tx<'_>, hash: &SecretHash) -> Result<Option<PortalScope>> {
    let now = tx.now();
    let found = tx.query_one(
        "SELECT l.id, l.organization_id, l.intent FROM portal_session s JOIN portal_link l ON l.id = s.link_id \
         WHERE s.hash = $1 AND s.revoked_at IS NULL AND l.revoked_at IS NULL AND s.expires_at > $2 AND s.last_used_at > $3",
        &[&hash.to_hex(), &now, &(now - IDLE)],
        |row| Ok(PortalScope::of(row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    if found.is_some() && tx.is_writing() {
        tx.execute("UPDATE portal_session SET last_used_at = $2 WHERE hash = $1", &[&hash.to_hex(), &now])?;
    }
    Ok(found)
}

/// Notes that the setup is finished. The row when that was news.
///
/// # Errors
/// When the database fails.
pub fn complete(tx: &mut Tx<'_>, scope: &PortalScope) -> Result<Option<PortalLinkRow>> {
    let now = tx.now();
    let sql = "UPDATE portal_link SET completed_at = $2 WHERE id = $1 AND completed_at IS NULL AND revoked_at IS NULL";
    if tx.execute(sql, &[&scope.link_id(), &now])? == 0 {
        return Ok(None);
    }
    get(tx, scope, &scope.link_id())
}
