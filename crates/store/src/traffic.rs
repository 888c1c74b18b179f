//! What the request log says of a directory's connection in sum, beside every directory that is shown.

use crate::error::Result;
use crate::ids::DirectoryId;
use crate::tx::Tx;
use crate::value::Row;

/// An hour in microseconds.
const HOUR: i64 = 3_600_000_000;

/// What is known of a connection. Times are Unix microseconds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Traffic {
    /// The time at which this was read.
    pub now: i64,
    /// When the last of the live credentials ends; `None` when there is none.
    pub credential_until: Option<i64>,
    /// When the first credential was made.
    pub credential_since: Option<i64>,
    /// The first request in the log.
    pub first_at: Option<i64>,
    /// The last request of all.
    pub last_at: Option<i64>,
    /// The last request whose credential was accepted.
    pub accepted_at: Option<i64>,
    /// The last request whose credential was refused.
    pub refused_at: Option<i64>,
    /// Requests of this hour of the clock and the one before it.
    pub requests: i64,
    /// Those of them that were answered with 400 or more although their credential was accepted.
    pub failures: i64,
    /// Those of them whose credential was refused.
    pub refused: i64,
}

/// The columns that [`Traffic::read`] reads, of a directory `d` that is joined with `join!`.
macro_rules! columns {
    () => {
        "(SELECT MAX(COALESCE(c.expires_at, 9223372036854775807)) FROM credential c WHERE c.directory_id = d.id AND c.revoked_at IS NULL), \
         (SELECT MIN(c.created_at) FROM credential c WHERE c.directory_id = d.id), t.first_at, t.last_at, t.accepted_at, t.refused_at, \
         t.hour, t.requests, t.failures, t.refused, t.before_requests, t.before_failures, t.before_refused"
    };
}

macro_rules! join {
    () => {
        "LEFT JOIN request_traffic t ON t.directory_id = d.id"
    };
}

pub(crate) use {columns, join};

impl Traffic {
    /// Reads the columns from `first` on.
    pub(crate) fn read(row: &Row<'_>, first: usize, now: i64) -> Result<Self> {
        let number = |place: usize| Ok::<i64, crate::Error>(row.get::<Option<i64>>(first + place)?.unwrap_or_default());
        let until: Option<i64> = row.get(first)?;
        let hours = now / HOUR - number(6)?;
        // What was counted long ago is not of this hour, nor of the one before.
        let counted = |place: usize| {
            Ok::<i64, crate::Error>(match hours {
                ..=0 => number(place)? + number(place + 3)?,
                1 => number(place)?,
                _ => 0,
            })
        };
        Ok(Self {
            now,
            credential_until: until.filter(|until| *until > now),
            credential_since: row.get(first + 1)?,
            first_at: row.get(first + 2)?,
            last_at: row.get(first + 3)?,
            accepted_at: row.get(first + 4)?,
            refused_at: row.get(first + 5)?,
            requests: counted(7)?,
            failures: counted(8)?,
            refused: counted(9)?,
        })
    }
}

/// What a batch of requests adds to a directory.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Added {
    pub(crate) kept: i64,
    pub(crate) first_at: i64,
    pub(crate) last_at: i64,
    pub(crate) accepted_at: Option<i64>,
    pub(crate) refused_at: Option<i64>,
    pub(crate) failures: i64,
    pub(crate) refused: i64,
}

/// Adds to the sums. In the order of directories, so that two nodes do not wait for each other in a circle.
pub(crate) fn add(tx: &mut Tx<'_>, directory: &DirectoryId, added: &Added) -> Result<()> {
    let hour = tx.now() / HOUR;
    let sql = format!(
        "INSERT INTO request_traffic (directory_id, kept, first_at, last_at, accepted_at, refused_at, hour, requests, failures, refused, \
         before_requests, before_failures, before_refused) VALUES ($1, $2, $3, $4, $5, $6, $7, $2, $8, $9, 0, 0, 0) \
         ON CONFLICT (directory_id) DO UPDATE SET kept = request_traffic.kept + excluded.kept, \
         last_at = {}, accepted_at = {}, refused_at = {}, {}, {}, {}, \
         hour = CASE WHEN excluded.hour > request_traffic.hour THEN excluded.hour ELSE request_traffic.hour END",
        later("last_at"),
        later("accepted_at"),
        later("refused_at"),
        moved("requests"),
        moved("failures"),
        moved("refused"),
    );
    let Added { kept, first_at, last_at, accepted_at, refused_at, failures, refused } = added;
    tx.execute_soon(
        &sql,
        &[directory, kept, first_at, last_at, accepted_at, refused_at, &hour, failures, refused],
        Some(1),
    )
}

/// So many rows less.
pub(crate) fn removed(tx: &mut Tx<'_>, directory: &DirectoryId, rows: u64) -> Result<()> {
    let rows = i64::try_from(rows).unwrap_or(i64::MAX);
    tx.execute("UPDATE request_traffic SET kept = kept - $2 WHERE directory_id = $1", &[directory, &rows]).map(drop)
}

/// The later of two times, either of which may be missing.
fn later(column: &str) -> String {
    format!(
        "CASE WHEN COALESCE(excluded.{column}, 0) > COALESCE(request_traffic.{column}, 0) THEN excluded.{column} \
         ELSE request_traffic.{column} END"
    )
}

/// The count of the hour, which becomes that of the hour before when a new one has begun.
fn moved(column: &str) -> String {
    format!(
        "before_{column} = CASE WHEN excluded.hour <= request_traffic.hour THEN request_traffic.before_{column} \
         WHEN excluded.hour = request_traffic.hour + 1 THEN request_traffic.{column} ELSE 0 END, \
         {column} = CASE WHEN excluded.hour > request_traffic.hour THEN excluded.{column} \
         ELSE request_traffic.{column} + excluded.{column} END"
    )
}
