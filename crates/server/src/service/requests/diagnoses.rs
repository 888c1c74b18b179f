//! What is wrong with a directory's connection now: the diagnoses of its recent requests, equal ones together, and what only several
//! requests show.

use std::collections::{BTreeMap, BTreeSet};

use doorward_scim::version::Version;
use doorward_store::directory::{self, DirectoryRow, State};
use doorward_store::ids::{DirectoryId, UserId};
use doorward_store::membership::{self, MemberId};
use doorward_store::request_log::{self, RequestRow};
use doorward_store::scope::{Authority, DirectoryScope};
use doorward_store::{Store, Tx, user};
use serde_json::{Value, json};

use super::shown::{said, stored};
use crate::service::diagnose::facts::Facts;
use crate::service::diagnose::pattern::{self, Directory, Past};
use crate::service::diagnose::{Diagnosis, Severity};
use crate::service::directories::{endpoint, none};
use crate::service::directory_type;
use crate::service::error::Result;
use crate::service::instant;

/// How far back requests are looked at, in microseconds: seven days.
const RECENT: i64 = 7 * 86_400_000_000;

/// How many requests are looked at.
const MOST_REQUESTS: i64 = 2000;

/// How many different problems are told.
const MOST: usize = 100;

/// How many people are looked at for memberships that stayed behind.
const MOST_PEOPLE: usize = 50;

/// How long a person may be inactive before remaining memberships mean something, in microseconds: ten minutes.
const STALE: i64 = 600_000_000;

/// Equal diagnoses.
struct Group {
    diagnosis: Diagnosis,
    count: usize,
    first_at: i64,
    last_at: i64,
    last_request: Option<String>,
    affected: BTreeSet<String>,
}

/// The current problems of a directory, the worst first.
///
/// # Errors
/// [`Error::NotFound`](crate::service::Error::NotFound) for the directory, or the database fails.
pub async fn diagnoses<A>(store: &Store, by: &A, id: DirectoryId, public_url: &str) -> Result<Vec<Value>>
where
    A: Authority + Clone + Send + 'static,
{
    let (by, public_url) = (by.clone(), public_url.to_owned());
    store
        .read(move |tx| {
            let row = directory::get(tx, &by, &id)?.ok_or_else(none)?;
            let scope = directory::scope(tx, &by, &id)?.ok_or_else(none)?;
            let mut requests = request_log::recent(tx, &scope, tx.now() - RECENT, MOST_REQUESTS)?;
            requests.reverse();
            let past = requests.iter().map(past).collect::<Result<Vec<_>>>()?;
            let mut groups = grouped(&requests, &past)?;
            let stale_members = stale_members(tx, &scope, &past)?;
            let patterns = pattern::directory(&past, &about(&row, &public_url, stale_members));
            groups.extend(patterns.into_iter().map(|found| Group {
                diagnosis: found.diagnosis,
                count: 1,
                first_at: found.first_at,
                last_at: found.last_at,
                last_request: None,
                affected: BTreeSet::new(),
            }));
            groups.sort_by_key(|group| std::cmp::Reverse((group.diagnosis.severity, group.last_at)));
            groups.truncate(MOST);
            Ok(groups.iter().map(|group| object(&row, group)).collect())
        })
        .await
}

fn past(row: &RequestRow) -> Result<Past> {
    let values = &row.values;
    Ok(Past {
        at: values.started_at,
        method: values.method.clone(),
        path: values.path.clone(),
        accepted: values.token_id.is_some(),
        succeeded: !values.failed(),
        subject: values.subject_id.clone(),
        facts: stored::<Facts>(&values.facts)?,
    })
}

fn about(row: &DirectoryRow, public_url: &str, stale_members: usize) -> Directory {
    let version = if directory_type::speaks_v1(&row.directory_type) { Version::V1 } else { Version::V2 };
    Directory {
        now: row.traffic.now,
        directory_type: row.directory_type.clone(),
        url: endpoint(public_url, &row.label, version),
        enabled: matches!(row.state, State::Validating | State::Linked),
        credential_since: row.traffic.credential_since,
        first_at: row.traffic.first_at,
        accepted_at: row.traffic.accepted_at,
        users: row.counts.users(),
        stale_members,
    }
}

/// Equal diagnoses of requests together, without those that a later request has shown to be mended.
fn grouped(requests: &[RequestRow], past: &[Past]) -> Result<Vec<Group>> {
    let mut groups: BTreeMap<(String, String), Group> = BTreeMap::new();
    for (place, (request, seen)) in requests.iter().zip(past).enumerate() {
        for diagnosis in stored::<Vec<Diagnosis>>(&request.values.diagnoses)? {
            let later = past.get(place + 1..).unwrap_or_default();
            if diagnosis.severity == Severity::Error && is_mended(&diagnosis, seen, later) {
                continue;
            }
            let group = groups.entry(sameness(&diagnosis)).or_insert_with(|| Group {
                diagnosis: diagnosis.clone(),
                count: 0,
                first_at: seen.at,
                last_at: seen.at,
                last_request: None,
                affected: BTreeSet::new(),
            });
            group.count += 1;
            group.last_at = seen.at;
            group.diagnosis = diagnosis;
            group.last_request = Some(request.values.request_id.clone());
            let person = seen.facts.user_name.clone().or_else(|| seen.subject.clone());
            group.affected.extend(person.filter(|_| group.affected.len() < MOST));
        }
    }
    Ok(groups.into_values().collect())
}

/// What makes two diagnoses one: their key, and the thing that they speak of.
fn sameness(diagnosis: &Diagnosis) -> (String, String) {
    let about = ["name", "attribute", "value", "id", "attributes", "token"];
    let about: Vec<&str> =
        about.iter().filter_map(|name| diagnosis.parameters.get(*name)).map(String::as_str).collect();
    (diagnosis.key.clone(), about.join("\n"))
}

/// Whether a later request shows that it works now: any that was let in, where the credential or the URL was wrong; else one of the same
/// kind about the same person or group.
fn is_mended(diagnosis: &Diagnosis, seen: &Past, later: &[Past]) -> bool {
    let mut later = later.iter().filter(|request| request.succeeded);
    match diagnosis.code() {
        "D02" | "D04" | "D05" | "D06" | "D07" | "D08" => later.any(|request| request.accepted),
        _ => later.any(|request| {
            let same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
            let about = same(&request.subject, &seen.subject) || same(&request.facts.user_name, &seen.facts.user_name);
            about && request.method == seen.method
        }),
    }
}

/// People who were deactivated a while ago, still are, and still are members of groups.
fn stale_members(tx: &mut Tx<'_>, scope: &DirectoryScope, past: &[Past]) -> Result<usize> {
    let gone = past.iter().filter(|request| request.facts.active == Some(false) && request.succeeded);
    let gone: BTreeSet<UserId> = gone
        .filter(|request| request.at + STALE <= tx.now())
        .filter_map(|request| request.subject.as_deref()?.parse().ok())
        .collect();
    let mut stale = 0;
    for id in gone.into_iter().take(MOST_PEOPLE) {
        let inactive = user::get(tx, scope, &id)?.is_some_and(|row| !row.active);
        stale += usize::from(inactive && !membership::groups_of_member(tx, scope, &MemberId::User(id))?.is_empty());
    }
    Ok(stale)
}

fn object(row: &DirectoryRow, group: &Group) -> Value {
    let mut shown = json!({
        "object": "directory_diagnosis",
        "id": group.diagnosis.key,
        "directory_id": row.id,
        "count": group.count,
        "affected": group.affected.len(),
        "first_seen_at": instant::text(group.first_at),
        "last_seen_at": instant::text(group.last_at),
        "last_request_id": group.last_request,
    });
    if let (Value::Object(members), Value::Object(said)) = (&mut shown, said(&group.diagnosis, &row.directory_type)) {
        members.extend(said);
    }
    shown
}
