//! How far an endpoint has come, written by whoever holds its lease and by nobody else (REL-31).

use crate::error::Result;
use crate::ids::EndpointId;
use crate::lease;
use crate::many::portions;
use crate::scope::SystemScope;
use crate::tx::Tx;
use crate::value::Param;
use crate::webhook::delivery::{self, DeliveryRow, State};
use crate::webhook::lane::{Lane, LaneRow};

/// What has changed since it was written last.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// Up to this position the log was looked through.
    pub scanned: i64,
    /// Since when nothing was accepted any more (Unix microseconds).
    pub failing_since: Option<i64>,
    /// Lanes that have something to send.
    pub lanes: Vec<LaneRow>,
    /// Lanes that have nothing left.
    pub finished: Vec<Lane>,
    /// What became of deliveries, each of them once.
    pub deliveries: Vec<DeliveryRow>,
}

/// What came of writing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// It is written.
    Kept,
    /// Nothing was written: another node has the endpoint, or it is gone.
    Lost,
}

/// The name of the lease under which an endpoint's events are sent.
pub fn lease_name(endpoint: &EndpointId) -> String {
    format!("webhook {endpoint}")
}

/// Writes progress, if the lease is still held with this fence.
///
/// # Errors
/// When the database fails.
pub fn save(
    tx: &mut Tx<'_>,
    by: &SystemScope,
    endpoint: &EndpointId,
    fence: i64,
    progress: &Progress,
) -> Result<Saved> {
    if !lease::is_held(tx, by, &lease_name(endpoint), fence)? {
        return Ok(Saved::Lost);
    }
    // This row first: whoever changes an endpoint's lanes holds it.
    let written = tx.execute(
        "UPDATE webhook_endpoint SET scanned = $2, failing_since = $3 WHERE id = $1",
        &[endpoint, &progress.scanned, &progress.failing_since],
    )?;
    if written == 0 {
        return Ok(Saved::Lost);
    }
    delivery::record(tx, endpoint, &progress.deliveries)?;
    for portion in portions(&progress.lanes) {
        write_lanes(tx, endpoint, portion)?;
    }
    for lane in &progress.finished {
        finish(tx, endpoint, *lane)?;
    }
    Ok(Saved::Kept)
}

/// The position up to which no endpoint has anything left to send, also none that is disabled, and nothing parked; `None` without
/// endpoints.
///
/// # Errors
/// When the database fails.
pub fn done_up_to(tx: &mut Tx<'_>, by: &SystemScope) -> Result<Option<i64>> {
    let _ = by;
    let endpoints: Vec<(EndpointId, i64)> =
        tx.query("SELECT id, scanned FROM webhook_endpoint ORDER BY id", &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut done = None;
    for (endpoint, scanned) in endpoints {
        // The lane of retries has no place in the log; its deliveries have.
        let lanes: Option<i64> = tx
            .query_one(
                "SELECT MIN(cursor) FROM webhook_lane WHERE endpoint_id = $1 AND lane <> 'retry'",
                &[&endpoint],
                |row| row.get(0),
            )?
            .flatten();
        let mut own = lanes.map_or(scanned, |lanes| lanes.min(scanned));
        for state in [State::Pending, State::Parked] {
            let first: Option<i64> = tx.query_one(
                "SELECT position FROM webhook_delivery WHERE endpoint_id = $1 AND state = $2 ORDER BY id LIMIT 1",
                &[&endpoint, &state.as_str()],
                |row| row.get(0),
            )?;
            own = first.map_or(own, |position| own.min(position - 1));
        }
        done = Some(done.map_or(own, |done: i64| done.min(own)));
    }
    Ok(done)
}

fn write_lanes(tx: &mut Tx<'_>, endpoint: &EndpointId, lanes: &[LaneRow]) -> Result<()> {
    let names: Vec<String> = lanes.iter().map(|row| row.lane.to_string()).collect();
    let mut params: Vec<&dyn Param> = vec![endpoint];
    let mut values = Vec::with_capacity(lanes.len());
    for (row, name) in lanes.iter().zip(&names) {
        values.push(format!("($1, {})", crate::many::numbered(params.len() + 1, 6)));
        let all: [&dyn Param; 6] =
            [name, &row.cursor, &row.until, &row.attempts, &row.next_attempt_at, &row.unreachable];
        params.extend(all);
    }
    let sql = format!(
        "INSERT INTO webhook_lane (endpoint_id, lane, cursor, until, attempts, next_attempt_at, unreachable) VALUES {} \
         ON CONFLICT (endpoint_id, lane) DO UPDATE SET cursor = excluded.cursor, attempts = excluded.attempts, \
         next_attempt_at = excluded.next_attempt_at, unreachable = excluded.unreachable",
        values.join(", ")
    );
    tx.execute(&sql, &params).map(drop)
}

fn finish(tx: &mut Tx<'_>, endpoint: &EndpointId, lane: Lane) -> Result<()> {
    // Somebody may have asked for one more meanwhile.
    let unless = match lane {
        Lane::Retry => {
            " AND NOT EXISTS (SELECT 1 FROM webhook_delivery d WHERE d.endpoint_id = $1 AND d.state = 'pending')"
        }
        _ => "",
    };
    let sql = format!("DELETE FROM webhook_lane WHERE endpoint_id = $1 AND lane = $2{unless}");
    tx.execute(&sql, &[endpoint, &lane.to_string()]).map(drop)
}
