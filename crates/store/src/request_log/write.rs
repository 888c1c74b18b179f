//! Writing requests, many at once.

use std::collections::BTreeMap;

use super::{LEAN, RequestValues};
use crate::error::Result;
use crate::ids::{DirectoryId, Id as _, RequestLogId, uuid_v7};
use crate::key::without_nul;
use crate::many::{self, numbered, portions};
use crate::scope::SystemScope;
use crate::traffic::{self, Added};
use crate::tx::Tx;
use crate::value::Param;

/// Writes requests, and adds them to the sums of their directories. Those of directories that are gone are left out. How many were
/// written.
///
/// # Errors
/// When the database fails.
pub fn add(tx: &mut Tx<'_>, by: &SystemScope, requests: &[RequestValues]) -> Result<usize> {
    let _ = by;
    let mut added: BTreeMap<DirectoryId, Added> = BTreeMap::new();
    for request in requests {
        count(added.entry(request.directory_id).or_default(), request);
    }
    let directories: Vec<DirectoryId> = added.keys().copied().collect();
    let mut live: Vec<DirectoryId> = Vec::new();
    for (wanted, params) in many::wanted(&[], &directories) {
        let sql = format!(
            "{wanted} SELECT d.id FROM wanted w LEFT JOIN directory d ON d.id = w.key WHERE COALESCE(d.id, '') <> ''"
        );
        live.extend(tx.query(&sql, &params, |row| row.get::<DirectoryId>(0))?);
    }
    let rows: Vec<Stored<'_>> =
        requests.iter().filter(|request| live.contains(&request.directory_id)).map(|row| Stored::of(tx, row)).collect();
    for portion in portions(&rows) {
        insert(tx, portion)?;
    }
    for (directory, added) in added.iter().filter(|(directory, _)| live.contains(directory)) {
        traffic::add(tx, directory, added)?;
    }
    Ok(rows.len())
}

fn count(added: &mut Added, request: &RequestValues) {
    let at = request.started_at;
    added.kept += 1;
    added.first_at = if added.first_at == 0 { at } else { added.first_at.min(at) };
    added.last_at = added.last_at.max(at);
    if request.token_id.is_some() {
        added.accepted_at = added.accepted_at.max(Some(at));
        added.failures += i64::from(request.failed());
    } else {
        added.refused_at = added.refused_at.max(Some(at));
        added.refused += 1;
    }
}

/// A row in the form in which the databases take it.
struct Stored<'a> {
    id: RequestLogId,
    address: Option<String>,
    codes: String,
    texts: [String; 3],
    optional: [Option<String>; 4],
    values: &'a RequestValues,
}

impl<'a> Stored<'a> {
    fn of(tx: &Tx<'_>, values: &'a RequestValues) -> Self {
        let mut low = [0; 8];
        tx.random(&mut low);
        let text = |text: &Option<String>| text.as_deref().map(without_nul);
        Stored {
            id: RequestLogId::from_bits(uuid_v7(values.started_at, u64::from_le_bytes(low))),
            address: values.address.map(|address| address.to_string()),
            codes: if values.codes.is_empty() { String::new() } else { format!(",{},", values.codes.join(",")) },
            texts: [without_nul(&values.path), without_nul(&values.facts), without_nul(&values.diagnoses)],
            optional: [
                text(&values.query),
                text(&values.user_agent),
                text(&values.request_body),
                text(&values.response_body),
            ],
            values,
        }
    }

    fn params(&self) -> [&dyn Param; WIDTH] {
        let ([path, facts, diagnoses], [query, user_agent, request_body, response_body]) =
            (&self.texts, &self.optional);
        let v = self.values;
        [
            &v.directory_id,
            &self.id,
            &v.request_id,
            &v.started_at,
            &v.method,
            path,
            query,
            &v.version,
            &v.status,
            &v.scim_type,
            &v.latency,
            user_agent,
            &self.address,
            &v.credential,
            &v.token_id,
            &v.tolerated,
            &v.subject_id,
            &self.codes,
            &v.events_after,
            &v.events_until,
            &v.request_bytes,
            &v.response_bytes,
            facts,
            diagnoses,
            &v.headers,
            request_body,
            response_body,
        ]
    }
}

/// Columns of the table.
const WIDTH: usize = 27;

fn insert(tx: &mut Tx<'_>, rows: &[Stored<'_>]) -> Result<()> {
    let values: Vec<String> = (0..rows.len()).map(|row| format!("({})", numbered(row * WIDTH + 1, WIDTH))).collect();
    let sql = format!(
        "INSERT INTO request_log (directory_id, {LEAN}, headers, request_body, response_body) VALUES {}",
        values.join(", ")
    );
    let params: Vec<&dyn Param> = rows.iter().flat_map(Stored::params).collect();
    tx.execute_soon(&sql, &params, Some(rows.len() as u64))
}
