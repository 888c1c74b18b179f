//! Webhook endpoints: addresses of the application that events are sent to.
//!
//! [`lane`] says what is to be sent, [`progress`] keeps how far that has come, which [`standing`] tells, [`delivery`] what became of each
//! event. Secrets are stored as the caller sealed them (SEC-24).

pub mod delivery;
pub mod lane;
pub mod progress;
pub mod standing;

use crate::error::{Conflict, Error, Result};
use crate::ids::{EndpointId, OrganizationId};
use crate::key::without_nul;
use crate::listing::{Conditions, slice};
use crate::paging::{Cursor, Slice};
use crate::scope::Authority;
use crate::tx::Tx;
use crate::value::Row;

/// Why an endpoint gets no events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disabled {
    /// Somebody asked for it.
    Requested,
    /// Nothing was accepted for days.
    Failing,
    /// The receiver answered 410.
    Gone,
}

impl Disabled {
    /// The stored word, which is also that of the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Failing => "failing",
            Self::Gone => "gone",
        }
    }

    fn from_stored(text: &str) -> Result<Self> {
        [Self::Requested, Self::Failing, Self::Gone]
            .into_iter()
            .find(|reason| reason.as_str() == text)
            .ok_or_else(|| Error::Corrupt("why a webhook endpoint is disabled".into()))
    }
}

/// The secret before the present one, and until when it counts (Unix microseconds).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviousSecret {
    /// As it was sealed.
    pub sealed: String,
    /// Unix microseconds.
    pub until: i64,
}

/// A stored endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointRow {
    /// Its id.
    pub id: EndpointId,
    /// Where events are sent.
    pub url: String,
    /// For people; may be empty.
    pub description: String,
    /// Only events of this organization; `None`: of all.
    pub organization_id: Option<OrganizationId>,
    /// Only these types; empty: all.
    pub events: Vec<String>,
    /// Why nothing is sent; `None`: it is enabled.
    pub disabled: Option<Disabled>,
    /// Since when nothing was accepted any more (Unix microseconds); `None`: the last attempt went well, or there was none.
    pub failing_since: Option<i64>,
    /// The secret with which deliveries are signed, as it was sealed.
    pub secret: String,
    /// Its last four characters, to recognise it by.
    pub secret_last_four: String,
    /// The secret before it, while that still counts.
    pub previous: Option<PreviousSecret>,
    /// Up to this position the log was looked through.
    pub scanned: i64,
    /// Rises with every change that is not of progress.
    pub revision: i64,
    /// When a test was sent last (Unix microseconds).
    pub tested_at: Option<i64>,
    /// Unix microseconds.
    pub created_at: i64,
    /// Unix microseconds.
    pub updated_at: i64,
}

const SELECT: &str = "SELECT id, url, description, organization_id, events, disabled_reason, failing_since, secret, secret_last_four, \
     previous_secret, previous_until, scanned, revision, tested_at, created_at, updated_at FROM webhook_endpoint";

fn read(row: &Row<'_>) -> Result<EndpointRow> {
    let previous = row.get::<Option<String>>(9)?.zip(row.get::<Option<i64>>(10)?);
    let events: String = row.get(4)?;
    Ok(EndpointRow {
        id: row.get(0)?,
        url: row.get(1)?,
        description: row.get(2)?,
        organization_id: row.get(3)?,
        events: serde_json::from_str(&events)
            .map_err(|_| Error::Corrupt("the event types of a webhook endpoint".into()))?,
        disabled: row.get::<Option<String>>(5)?.as_deref().map(Disabled::from_stored).transpose()?,
        failing_since: row.get(6)?,
        secret: row.get(7)?,
        secret_last_four: row.get(8)?,
        previous: previous.map(|(sealed, until)| PreviousSecret { sealed, until }),
        scanned: row.get(11)?,
        revision: row.get(12)?,
        tested_at: row.get(13)?,
        created_at: row.get(14)?,
        updated_at: row.get(15)?,
    })
}

fn status(row: &EndpointRow) -> &'static str {
    if row.disabled.is_some() { "disabled" } else { "enabled" }
}

fn stored_events(row: &EndpointRow) -> Result<String> {
    let events: Vec<String> = row.events.iter().map(|name| without_nul(name)).collect();
    serde_json::to_string(&events).map_err(|error| Error::Database(error.to_string()))
}

/// Stores a new endpoint, which the scope must be able to see.
///
/// # Errors
/// [`Conflict::Reference`] when it could not, or the database fails.
pub fn create(tx: &mut Tx<'_>, by: &impl Authority, row: &EndpointRow) -> Result<()> {
    require(by, row)?;
    tx.execute(
        "INSERT INTO webhook_endpoint (id, url, description, organization_id, events, status, secret, secret_last_four, scanned, \
         revision, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        &[
            &row.id,
            &without_nul(&row.url),
            &without_nul(&row.description),
            &row.organization_id,
            &stored_events(row)?,
            &status(row),
            &row.secret,
            &row.secret_last_four,
            &row.scanned,
            &row.revision,
            &row.created_at,
            &row.updated_at,
        ],
    )?;
    Ok(())
}

/// Whether an endpoint of this organization, or of all, exists for the scope: one that gets everybody's events is not one organization's.
pub(crate) fn is_seen(by: &impl Authority, organization: Option<&OrganizationId>) -> bool {
    organization.map_or(by.organization_id().is_none(), |organization| by.sees(organization))
}

/// The endpoint with this id.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, by: &impl Authority, id: &EndpointId) -> Result<Option<EndpointRow>> {
    let found = tx.query_one(&format!("{SELECT} WHERE id = $1"), &[id], read)?;
    Ok(found.filter(|row| is_seen(by, row.organization_id.as_ref())))
}

/// The endpoint with this id, locked until the job's transaction ends.
///
/// # Errors
/// When the database fails.
pub fn lock(tx: &mut Tx<'_>, by: &impl Authority, id: &EndpointId) -> Result<Option<EndpointRow>> {
    let sql = format!("{SELECT} WHERE id = $1{}", tx.lock_suffix());
    let found = tx.query_one(&sql, &[id], read)?;
    Ok(found.filter(|row| is_seen(by, row.organization_id.as_ref())))
}

/// A part of the list of endpoints.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, by: &impl Authority, cursor: &Cursor<EndpointId>) -> Result<Slice<EndpointRow>> {
    let mut conditions = Conditions::default();
    if let Some(own) = by.organization_id() {
        let own = conditions.bind(own);
        conditions.and(&format!("organization_id = {own}"));
    }
    slice(tx, SELECT, "id", conditions, cursor, read)
}

/// Ids and revisions of all enabled endpoints.
///
/// # Errors
/// When the database fails.
pub fn enabled(tx: &mut Tx<'_>, by: &impl Authority) -> Result<Vec<(EndpointId, i64)>> {
    let _ = by;
    tx.query("SELECT id, revision FROM webhook_endpoint WHERE status = 'enabled' ORDER BY id", &[], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

/// Writes everything but `id`, `scanned` and `created_at`, with the next revision, which is returned with the time of the change.
///
/// # Errors
/// [`Conflict::Reference`] when the scope could not see it then, or the database fails.
pub fn update(tx: &mut Tx<'_>, by: &impl Authority, row: &EndpointRow) -> Result<EndpointRow> {
    require(by, row)?;
    let row = EndpointRow { revision: row.revision + 1, updated_at: tx.now(), ..row.clone() };
    let previous = row.previous.as_ref();
    tx.execute(
        "UPDATE webhook_endpoint SET url = $2, description = $3, organization_id = $4, events = $5, status = $6, disabled_reason = $7, \
         failing_since = $8, secret = $9, secret_last_four = $10, previous_secret = $11, previous_until = $12, revision = $13, \
         tested_at = $14, updated_at = $15 WHERE id = $1",
        &[
            &row.id,
            &without_nul(&row.url),
            &without_nul(&row.description),
            &row.organization_id,
            &stored_events(&row)?,
            &status(&row),
            &row.disabled.map(Disabled::as_str),
            &row.failing_since,
            &row.secret,
            &row.secret_last_four,
            &previous.map(|secret| secret.sealed.clone()),
            &previous.map(|secret| secret.until),
            &row.revision,
            &row.tested_at,
            &row.updated_at,
        ],
    )?;
    Ok(row)
}

/// What one organization's scope writes is that organization's.
fn require(by: &impl Authority, row: &EndpointRow) -> Result<()> {
    if is_seen(by, row.organization_id.as_ref()) { Ok(()) } else { Err(Error::Conflict(Conflict::Reference)) }
}

/// Deletes an endpoint, with its lanes and the record of its deliveries.
///
/// # Errors
/// When the database fails.
pub fn delete(tx: &mut Tx<'_>, by: &impl Authority, id: &EndpointId) -> Result<()> {
    if get(tx, by, id)?.is_none() {
        return Ok(());
    }
    tx.execute("DELETE FROM webhook_endpoint WHERE id = $1", &[id]).map(drop)
}
