//! Where an endpoint stands, for people: up to which event everything is done, and what waits.

use crate::error::Result;
use crate::listing::Conditions;
use crate::scope::Authority;
use crate::tx::Tx;
use crate::webhook::EndpointRow;
use crate::webhook::delivery::State;
use crate::webhook::lane::{self, Lane, TEST_EVENT};

/// How far is counted: nobody waits for a page because a million events wait.
pub const MOST: i64 = 1_000;

/// Where an endpoint stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Up to this position every event is done.
    pub done: i64,
    /// The events behind it that the endpoint is to get, at most [`MOST`] of them counted. Some may have arrived already: those of other
    /// directories than the one that is held up.
    pub waiting: i64,
    /// When the first of them happened (Unix microseconds).
    pub waiting_since: Option<i64>,
    /// Deliveries that failed too often, at most [`MOST`] of them counted.
    pub parked: i64,
    /// When the next attempt is due (Unix microseconds), of what has failed before.
    pub next_attempt_at: Option<i64>,
    /// Whether a part of the log is being sent once more.
    pub replaying: bool,
}

/// Where an endpoint stands, which the scope must see.
///
/// # Errors
/// When the database fails.
pub fn of(tx: &mut Tx<'_>, by: &impl Authority, endpoint: &EndpointRow) -> Result<Standing> {
    let lanes = lane::list(tx, by, &endpoint.id)?;
    let in_order = lanes.iter().filter(|row| !matches!(row.lane, Lane::Retry | Lane::Replay(_)));
    let done = in_order.map(|row| row.cursor).fold(endpoint.scanned, i64::min);
    let (waiting, waiting_since) = waiting(tx, by, endpoint, done)?;
    Ok(Standing {
        done,
        waiting,
        waiting_since,
        parked: parked(tx, endpoint)?,
        next_attempt_at: lanes.iter().filter(|row| row.attempts > 0).map(|row| row.next_attempt_at).min(),
        replaying: lanes.iter().any(|row| matches!(row.lane, Lane::Replay(_))),
    })
}

fn waiting(tx: &mut Tx<'_>, by: &impl Authority, endpoint: &EndpointRow, done: i64) -> Result<(i64, Option<i64>)> {
    let mut conditions = Conditions::default();
    for organization in [by.organization_id(), endpoint.organization_id].into_iter().flatten() {
        let organization = conditions.bind(organization);
        conditions.and(&format!("organization_id = {organization}"));
    }
    let subject = conditions.bind(endpoint.id.to_string());
    let mut wanted = format!("event_type <> '{TEST_EVENT}'");
    if !endpoint.events.is_empty() {
        wanted = format!("event_type IN ({})", conditions.bind_all(endpoint.events.clone()));
    }
    conditions.and(&format!("({wanted} OR (event_type = '{TEST_EVENT}' AND subject_id = {subject}))"));
    let (done, most) = (conditions.bind(done), conditions.bind(MOST));
    conditions.and(&format!("position > {done}"));
    let sql = format!(
        "SELECT COUNT(*), MIN(few.created_at) FROM (SELECT created_at FROM event{} ORDER BY position LIMIT {most}) AS few",
        conditions.text()
    );
    let found = tx.query_one(&sql, &conditions.params(), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.unwrap_or((0, None)))
}

fn parked(tx: &mut Tx<'_>, endpoint: &EndpointRow) -> Result<i64> {
    let found = tx.query_one(
        "SELECT COUNT(*) FROM (SELECT id FROM webhook_delivery WHERE endpoint_id = $1 AND state = $2 ORDER BY id LIMIT $3) AS few",
        &[&endpoint.id, &State::Parked.as_str(), &MOST],
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or(0))
}
