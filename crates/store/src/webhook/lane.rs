//! Lanes: what an endpoint is sent in order. A directory is one, so that its events arrive in their order while others' do not wait.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::event::{self, EventRow};
use crate::ids::{DirectoryId, EndpointId, Id, OrganizationId, ReplayId};
use crate::listing::Conditions;
use crate::scope::{Authority, SystemScope};
use crate::tx::Tx;
use crate::webhook::EndpointRow;

/// The type of the event that tries an endpoint out. It goes to the endpoint that is its subject and to no other.
pub const TEST_EVENT: &str = "webhook.test";

/// One of the orders in which an endpoint is sent its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lane {
    /// The events of a directory.
    Directory(DirectoryId),
    /// The events of an organization that belong to none of its directories.
    Organization(OrganizationId),
    /// The events that belong to no organization.
    Installation,
    /// Test events.
    Test,
    /// Deliveries that are tried again because somebody asked.
    Retry,
    /// A part of the log once more, all of it in order.
    Replay(ReplayId),
}

impl Lane {
    /// The lane of an event.
    pub fn of(event: &EventRow) -> Self {
        match (event.directory_id, event.organization_id) {
            _ if event.event_type == TEST_EVENT => Self::Test,
            (Some(directory), _) => Self::Directory(directory),
            (None, Some(organization)) => Self::Organization(organization),
            (None, None) => Self::Installation,
        }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(id) => id.fmt(f),
            Self::Organization(id) => id.fmt(f),
            Self::Installation => f.write_str("-"),
            Self::Test => f.write_str("test"),
            Self::Retry => f.write_str("retry"),
            Self::Replay(id) => id.fmt(f),
        }
    }
}

impl FromStr for Lane {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let corrupt = || Error::Corrupt("the lane of a webhook endpoint".into());
        Ok(match text {
            "-" => Self::Installation,
            "test" => Self::Test,
            "retry" => Self::Retry,
            text if text.starts_with(DirectoryId::PREFIX) => Self::Directory(text.parse().map_err(|_| corrupt())?),
            text if text.starts_with(OrganizationId::PREFIX) => {
                Self::Organization(text.parse().map_err(|_| corrupt())?)
            }
            text => Self::Replay(text.parse().map_err(|_| corrupt())?),
        })
    }
}

/// How far a lane has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneRow {
    /// Which.
    pub lane: Lane,
    /// The position of the last event that is done.
    pub cursor: i64,
    /// The position of its last event; `None`: up to where the endpoint has looked through the log.
    pub until: Option<i64>,
    /// Failed attempts of the event that follows `cursor`.
    pub attempts: i64,
    /// When it is tried (again); Unix microseconds.
    pub next_attempt_at: i64,
    /// Whether the receiver could not even be reached the last time.
    pub unreachable: bool,
}

/// The lanes that have something to send.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, by: &impl Authority, endpoint: &EndpointId) -> Result<Vec<LaneRow>> {
    let _ = by;
    tx.query(
        "SELECT lane, cursor, until, attempts, next_attempt_at, unreachable FROM webhook_lane WHERE endpoint_id = $1 ORDER BY lane",
        &[endpoint],
        |row| {
            Ok(LaneRow {
                lane: row.get::<String>(0)?.parse()?,
                cursor: row.get(1)?,
                until: row.get(2)?,
                attempts: row.get(3)?,
                next_attempt_at: row.get(4)?,
                unreachable: row.get(5)?,
            })
        },
    )
}

/// The events of a lane between two positions (after `after`, up to and with `until`) that the endpoint wants, in their order.
///
/// # Errors
/// When the database fails.
pub fn events(
    tx: &mut Tx<'_>,
    by: &SystemScope,
    endpoint: &EndpointRow,
    lane: Lane,
    (after, until): (i64, i64),
    limit: i64,
) -> Result<Vec<EventRow>> {
    let _ = by;
    let mut conditions = Conditions::default();
    let mut table = "event e";
    match lane {
        Lane::Directory(directory) => {
            let owner = event::owner(tx, &directory)?;
            let directory = conditions.bind(directory);
            conditions.and(&format!("e.directory_id = {directory}"));
            if let Some(owner) = owner {
                let owner = conditions.bind(owner);
                conditions.and(&format!("e.organization_id = {owner}"));
            }
        }
        Lane::Organization(organization) => {
            let organization = conditions.bind(organization);
            conditions.and(&format!("e.organization_id = {organization} AND e.directory_id IS NULL"));
        }
        Lane::Installation => conditions.and("e.organization_id IS NULL AND e.directory_id IS NULL"),
        Lane::Test => {
            let subject = conditions.bind(endpoint.id.to_string());
            conditions.and(&format!("e.event_type = '{TEST_EVENT}' AND e.subject_id = {subject}"));
        }
        Lane::Retry => {
            table = "webhook_delivery d JOIN event e ON e.position = d.position";
            let endpoint = conditions.bind(endpoint.id);
            conditions.and(&format!("d.endpoint_id = {endpoint} AND d.state = 'pending'"));
        }
        Lane::Replay(_) => {
            if let Some(organization) = endpoint.organization_id {
                let organization = conditions.bind(organization);
                conditions.and(&format!("e.organization_id = {organization}"));
            }
        }
    }
    if !matches!(lane, Lane::Test | Lane::Retry) {
        conditions.and(&format!("e.event_type <> '{TEST_EVENT}'"));
        if !endpoint.events.is_empty() {
            let types = conditions.bind_all(endpoint.events.clone());
            conditions.and(&format!("e.event_type IN ({types})"));
        }
    }
    if lane != Lane::Retry {
        let (after, until) = (conditions.bind(after), conditions.bind(until));
        conditions.and(&format!("e.position > {after} AND e.position <= {until}"));
    }
    let limit = conditions.bind(limit);
    let sql = format!("SELECT {} FROM {table}{} ORDER BY e.position LIMIT {limit}", event::COLUMNS, conditions.text());
    tx.query(&sql, &conditions.params(), event::read)
}

/// The log after a position, for all endpoints.
///
/// # Errors
/// When the database fails.
pub fn log(tx: &mut Tx<'_>, by: &SystemScope, after: i64, limit: i64) -> Result<Vec<EventRow>> {
    let _ = by;
    let sql = format!("SELECT {} FROM event e WHERE e.position > $1 ORDER BY e.position LIMIT $2", event::COLUMNS);
    tx.query(&sql, &[&after, &limit], event::read)
}

/// Adds a lane, or makes one that is there due at once and forgets its failed attempts.
///
/// # Errors
/// When the database fails.
pub fn begin(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    endpoint: &EndpointId,
    lane: Lane,
    (after, until): (i64, Option<i64>),
) -> Result<()> {
    let _ = by;
    let now = tx.now();
    tx.execute(
        "INSERT INTO webhook_lane (endpoint_id, lane, cursor, until, attempts, next_attempt_at, unreachable) \
         VALUES ($1, $2, $3, $4, 0, $5, FALSE) ON CONFLICT (endpoint_id, lane) DO UPDATE SET attempts = 0, \
         next_attempt_at = excluded.next_attempt_at, unreachable = FALSE",
        &[endpoint, &lane.to_string(), &after, &until, &now],
    )
    .map(drop)
}

/// Makes every lane of an endpoint due at once.
///
/// # Errors
/// When the database fails.
pub fn hasten(tx: &mut Tx<'_>, by: &impl Authority, endpoint: &EndpointId) -> Result<()> {
    let _ = by;
    let now = tx.now();
    tx.execute("UPDATE webhook_lane SET next_attempt_at = $2 WHERE endpoint_id = $1", &[endpoint, &now]).map(drop)
}
