//! The request log: what identity providers asked of a directory and how they were answered.
//!
//! Rows are written in batches after the answers. What may be kept of a request is decided before: nothing here removes a secret.

mod purge;
mod write;

use std::net::IpAddr;

use crate::error::{Error, Result};
use crate::ids::{DirectoryId, Id, RequestLogId, TokenId, uuid_v7};
use crate::key::without_nul;
use crate::listing::{self, Conditions};
use crate::paging::{Cursor, Slice};
use crate::scope::DirectoryScope;
use crate::tx::Tx;
use crate::value::Row;

pub use purge::{crowded, purge_before, purge_beyond, with_requests};
pub use write::add;

/// A request to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestValues {
    /// The directory that it belongs to.
    pub directory_id: DirectoryId,
    /// The id that its answer carries (`x-request-id`).
    pub request_id: String,
    /// When it came, in Unix microseconds.
    pub started_at: i64,
    /// The method.
    pub method: String,
    /// The path as sent.
    pub path: String,
    /// The query as it may be kept.
    pub query: Option<String>,
    /// The version of SCIM: `2.0` or `1.1`.
    pub version: String,
    /// The status of the answer; `None` when there was none.
    pub status: Option<i64>,
    /// The keyword of the refusal.
    pub scim_type: Option<String>,
    /// How long the answer took, in microseconds.
    pub latency: i64,
    /// `User-Agent`.
    pub user_agent: Option<String>,
    /// Where it came from.
    pub address: Option<IpAddr>,
    /// In which form the credential came, for example `bearer` or `bare-token`.
    pub credential: String,
    /// The credential, when it was accepted.
    pub token_id: Option<TokenId>,
    /// Names of tolerances with commas between them.
    pub tolerated: String,
    /// The user or group that it was about: id with prefix.
    pub subject_id: Option<String>,
    /// Codes of diagnoses, for example `D03`.
    pub codes: Vec<String>,
    /// The events that it caused lie after this position,
    pub events_after: Option<i64>,
    /// and not after this one.
    pub events_until: Option<i64>,
    /// Size of its body.
    pub request_bytes: Option<i64>,
    /// Size of the answer's body.
    pub response_bytes: Option<i64>,
    /// What else was noted of it, as JSON.
    pub facts: String,
    /// The diagnoses with their parameters, as JSON.
    pub diagnoses: String,
    /// The headers that may be kept, as JSON.
    pub headers: String,
    /// The body as it may be kept.
    pub request_body: Option<String>,
    /// The answer's body as it may be kept.
    pub response_body: Option<String>,
}

impl RequestValues {
    /// A request of which nothing is known but where it belongs and when it came (Unix microseconds).
    pub fn of(directory_id: DirectoryId, started_at: i64) -> Self {
        Self {
            directory_id,
            started_at,
            request_id: String::new(),
            method: String::new(),
            path: String::new(),
            query: None,
            version: "2.0".to_owned(),
            status: None,
            scim_type: None,
            latency: 0,
            user_agent: None,
            address: None,
            credential: String::new(),
            token_id: None,
            tolerated: String::new(),
            subject_id: None,
            codes: Vec::new(),
            events_after: None,
            events_until: None,
            request_bytes: None,
            response_bytes: None,
            facts: "{}".to_owned(),
            diagnoses: "[]".to_owned(),
            headers: "[]".to_owned(),
            request_body: None,
            response_body: None,
        }
    }

    /// Whether it was answered with 400 or more, or not at all.
    pub fn failed(&self) -> bool {
        self.status.is_none_or(|status| status >= 400)
    }
}

/// A recorded request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    /// Its id.
    pub id: RequestLogId,
    /// What was recorded; headers and bodies only where one request is read.
    pub values: RequestValues,
}

/// Which requests a list holds.
#[derive(Debug, Clone, Default)]
pub struct RequestFilter {
    /// Only those that failed, or only those that did not.
    pub failed: Option<bool>,
    /// Only those with this diagnosis.
    pub code: Option<String>,
    /// Only those with this status.
    pub status: Option<i64>,
    /// Only those about this user or group (id with prefix).
    pub subject_id: Option<String>,
    /// Only those with this method.
    pub method: Option<String>,
    /// Only those of this instant or later (Unix microseconds).
    pub range_start: Option<i64>,
    /// Only those before this instant (Unix microseconds).
    pub range_end: Option<i64>,
}

/// How one request is named.
#[derive(Debug, Clone, Copy)]
pub enum Named<'a> {
    /// By its id in the log.
    Id(RequestLogId),
    /// By the id that its answer carried.
    Request(&'a str),
}

const LEAN: &str = "id, request_id, started_at, method, path, query, version, status, scim_type, latency, user_agent, address, credential, \
     token_id, tolerated, subject_id, codes, events_after, events_until, request_bytes, response_bytes, facts, diagnoses";

fn read(row: &Row<'_>, directory_id: DirectoryId) -> Result<RequestRow> {
    let (address, codes): (Option<String>, String) = (row.get(11)?, row.get(16)?);
    let address = address.map(|text| text.parse()).transpose();
    let values = RequestValues {
        directory_id,
        request_id: row.get(1)?,
        started_at: row.get(2)?,
        method: row.get(3)?,
        path: row.get(4)?,
        query: row.get(5)?,
        version: row.get(6)?,
        status: row.get(7)?,
        scim_type: row.get(8)?,
        latency: row.get(9)?,
        user_agent: row.get(10)?,
        address: address.map_err(|_| Error::Corrupt("the address of a request".into()))?,
        credential: row.get(12)?,
        token_id: row.get(13)?,
        tolerated: row.get(14)?,
        subject_id: row.get(15)?,
        codes: codes.split(',').filter(|code| !code.is_empty()).map(str::to_owned).collect(),
        events_after: row.get(17)?,
        events_until: row.get(18)?,
        request_bytes: row.get(19)?,
        response_bytes: row.get(20)?,
        facts: row.get(21)?,
        diagnoses: row.get(22)?,
        ..RequestValues::of(directory_id, 0)
    };
    Ok(RequestRow { id: row.get(0)?, values })
}

/// The smallest id of a request that came at `micros` or later.
fn first_id(micros: i64) -> RequestLogId {
    RequestLogId::from_bits(uuid_v7(micros, 0))
}

/// A part of the log, in the order in which the requests came.
///
/// # Errors
/// When the database fails.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    cursor: &Cursor<RequestLogId>,
    filter: &RequestFilter,
) -> Result<Slice<RequestRow>> {
    let mut conditions = Conditions::default();
    let directory = conditions.bind(scope.directory_id);
    conditions.and(&format!("directory_id = {directory}"));
    let times = [(filter.range_start, "id >="), (filter.range_end, "id <")];
    for (time, comparison) in times {
        if let Some(time) = time {
            let id = conditions.bind(first_id(time));
            conditions.and(&format!("{comparison} {id}"));
        }
    }
    match filter.failed {
        Some(true) => conditions.and("(status IS NULL OR status >= 400)"),
        Some(false) => conditions.and("status < 400"),
        None => {}
    }
    if let Some(code) = &filter.code {
        let code = conditions.bind(format!(",{},", without_nul(code)));
        conditions.and(&format!("replace(codes, {code}, '') <> codes"));
    }
    if let Some(status) = filter.status {
        let status = conditions.bind(status);
        conditions.and(&format!("status = {status}"));
    }
    for (wanted, column) in [(&filter.subject_id, "subject_id"), (&filter.method, "method")] {
        if let Some(wanted) = wanted {
            let wanted = conditions.bind(without_nul(wanted));
            conditions.and(&format!("{column} = {wanted}"));
        }
    }
    let own = scope.directory_id;
    let select = format!("SELECT {LEAN} FROM request_log");
    listing::slice(tx, &select, "id", conditions, cursor, |row| read(row, own))
}

/// One request with all that was kept of it.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, scope: &DirectoryScope, named: Named<'_>) -> Result<Option<RequestRow>> {
    let own = scope.directory_id;
    let select =
        format!("SELECT {LEAN}, headers, request_body, response_body FROM request_log WHERE directory_id = $1");
    let whole = |row: &Row<'_>| {
        let mut found = read(row, own)?;
        found.values.headers = row.get(23)?;
        found.values.request_body = row.get(24)?;
        found.values.response_body = row.get(25)?;
        Ok(found)
    };
    match named {
        Named::Id(id) => tx.query_one(&format!("{select} AND id = $2"), &[&own, &id], whole),
        Named::Request(id) => tx.query_one(&format!("{select} AND request_id = $2"), &[&own, &without_nul(id)], whole),
    }
}

/// When a user or group of the directory was deleted (Unix microseconds), by its id with prefix; `None` when it never was.
///
/// # Errors
/// When the database fails.
pub fn deleted_at(tx: &mut Tx<'_>, scope: &DirectoryScope, subject_id: &str) -> Result<Option<i64>> {
    let code = subject_id.rsplit('_').next().unwrap_or_default();
    tx.query_one(
        "SELECT deleted_at FROM tombstone WHERE directory_id = $1 AND id = $2",
        &[&scope.directory_id, &without_nul(code)],
        |row| row.get(0),
    )
}

/// The requests since an instant (Unix microseconds), newest first, at most so many.
///
/// # Errors
/// When the database fails.
pub fn recent(tx: &mut Tx<'_>, scope: &DirectoryScope, since: i64, limit: i64) -> Result<Vec<RequestRow>> {
    let own = scope.directory_id;
    tx.query(
        &format!("SELECT {LEAN} FROM request_log WHERE directory_id = $1 AND id >= $2 ORDER BY id DESC LIMIT $3"),
        &[&own, &first_id(since), &limit],
        |row| read(row, own),
    )
}
