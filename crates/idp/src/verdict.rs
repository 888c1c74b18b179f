//! The verdict: reads what the server has, by SCIM and on request by the application's API, compares it with what the
//! provider intended, and names every difference in plain words.

mod application;
mod compare;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use serde_json::Value;

pub use application::Application;

use crate::answer::{self, Problem, Violation};
use crate::client::{Message, Object};
use crate::intended::{Intended, IntendedGroup, IntendedUser};
use crate::session::{Failure, Session};

/// Something that is not at the server as the provider intended it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    /// Where it was seen: `SCIM` or `application`.
    pub side: &'static str,
    /// The user or group, such as `user ada@corp.example`.
    pub subject: String,
    /// What differs.
    pub what: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.subject, self.side, self.what)
    }
}

/// How many items a page of the verdict has.
const PAGE: usize = 100;

/// Reads everything by SCIM and compares it with what the session intended.
///
/// # Errors
/// A [`Failure`] when the server cannot be read.
pub async fn compare(session: &Session) -> Result<Vec<Difference>, Failure> {
    let intended = session.intended();
    let users = read_all(session, "/Users").await?;
    let groups = read_all(session, "/Groups").await?;
    let mut findings = Findings::new("SCIM");
    let mut accounts: BTreeSet<&str> = intended.foreign.iter().map(String::as_str).collect();
    for user in intended.users.values() {
        accounts.extend(user.id.as_deref());
        check_user(session, user, &users, &mut findings);
    }
    for (id, user) in users.iter().filter(|(id, _)| !accounts.contains(id.as_str())) {
        findings.add(&subject("user", user, "userName"), format!("is there with id {id}, but nobody created it"));
    }
    let mut known: BTreeSet<&str> = intended.foreign.iter().map(String::as_str).collect();
    for group in intended.groups.values() {
        known.extend(group.id.as_deref());
        check_group(session, &intended, group, &groups, &mut findings).await?;
    }
    for (id, group) in groups.iter().filter(|(id, _)| !known.contains(id.as_str())) {
        findings.add(&subject("group", group, "displayName"), format!("is there with id {id}, but nobody created it"));
    }
    Ok(findings.list)
}

/// Notes everything that is at the server now as somebody else's, so that the verdict passes it over.
///
/// # Errors
/// A [`Failure`] when the server cannot be read.
pub async fn note_foreign(session: &Session) -> Result<usize, Failure> {
    let mut ids: Vec<String> = read_all(session, "/Users").await?.into_keys().collect();
    let groups = read_all(session, "/Groups").await?;
    ids.extend(groups.keys().cloned());
    let count = ids.len();
    let mut state = session.state();
    state.foreign.extend(ids);
    for (id, group) in groups {
        let members = group.get("members").map(compare::member_ids).unwrap_or_default();
        state.foreign_members.insert(id, members.into_iter().map(str::to_owned).collect());
    }
    Ok(count)
}

/// Differences as they are found on one side.
pub(crate) struct Findings {
    side: &'static str,
    pub(crate) list: Vec<Difference>,
}

impl Findings {
    pub(crate) fn new(side: &'static str) -> Self {
        Self { side, list: Vec::new() }
    }

    pub(crate) fn add(&mut self, subject: &str, what: impl Into<String>) {
        self.list.push(Difference { side: self.side, subject: subject.to_owned(), what: what.into() });
    }
}

fn check_user(session: &Session, user: &IntendedUser, users: &BTreeMap<String, Object>, findings: &mut Findings) {
    let name = format!("user {}", user.person.user_name);
    let found = user.id.as_ref().and_then(|id| users.get(id));
    match (&user.id, found, user.erased) {
        (Some(id), Some(_), true) => findings.add(&name, format!("was deleted but is still listed with id {id}")),
        (_, _, true) => {}
        (None, _, false) => findings.add(&name, "was never created"),
        (Some(id), None, false) => findings.add(&name, format!("is missing; its id was {id}")),
        (Some(_), Some(found), false) => {
            let expected = session.expected(&user.person, user.active);
            for what in compare::user(&expected, found, session.manner().mapped) {
                findings.add(&name, what);
            }
        }
    }
}

async fn check_group(
    session: &Session,
    intended: &Intended,
    group: &IntendedGroup,
    groups: &BTreeMap<String, Object>,
    findings: &mut Findings,
) -> Result<(), Failure> {
    let name = format!("group \"{}\"", group.name);
    let found = group.id.as_ref().and_then(|id| groups.get(id));
    let (id, found) = match (&group.id, found, group.erased) {
        (Some(id), Some(_), true) => {
            findings.add(&name, format!("was deleted but is still listed with id {id}"));
            return Ok(());
        }
        (_, _, true) => return Ok(()),
        (None, _, false) => {
            findings.add(&name, "was never created");
            return Ok(());
        }
        (Some(id), None, false) => {
            findings.add(&name, format!("is missing; its id was {id}"));
            return Ok(());
        }
        (Some(id), Some(found), false) => (id, found),
    };
    if found.get("displayName").and_then(Value::as_str) != Some(&group.name) {
        findings.add(&name, format!("is named {} at the server", found.get("displayName").unwrap_or(&Value::Null)));
    }
    let members = match found.get("members") {
        Some(members) => members.clone(),
        // RFC 7643, 2.5: an absent list and an empty one are the same; a list answer may leave members out altogether.
        None => read(session, &format!("/Groups/{id}"), |a| answer::resource(a, id))
            .await?
            .remove("members")
            .unwrap_or_default(),
    };
    for what in compare::members(group, &members, intended) {
        findings.add(&name, what);
    }
    Ok(())
}

fn subject(kind: &str, resource: &Object, attribute: &str) -> String {
    format!("{kind} {}", resource.get(attribute).and_then(Value::as_str).unwrap_or("without a name"))
}

/// All resources of an endpoint by their ids.
async fn read_all(session: &Session, endpoint: &str) -> Result<BTreeMap<String, Object>, Failure> {
    let mut all = BTreeMap::new();
    let mut start = 1;
    loop {
        let page = read(session, &format!("{endpoint}?startIndex={start}&count={PAGE}"), answer::list).await?;
        if page.resources.is_empty() {
            return Ok(all);
        }
        start += page.resources.len();
        for resource in page.resources {
            let id = resource.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
            all.insert(id, resource);
        }
        if start as i64 > page.total {
            return Ok(all);
        }
    }
}

async fn read<T>(
    session: &Session,
    path: &str,
    parse: impl FnOnce(crate::client::Answer) -> Result<T, Violation>,
) -> Result<T, Failure> {
    let failure = |request, status, violation: &Violation| {
        Failure(Box::new(Problem {
            request,
            message: Message::Verdict,
            method: "GET".to_owned(),
            path: path.to_owned(),
            status,
            found: violation.to_string(),
            consequence: "the verdict cannot be given".to_owned(),
        }))
    };
    let answer = session
        .client()
        .send(Message::Verdict, reqwest::Method::GET, path, None)
        .await
        .map_err(|violation| failure(0, 0, &violation))?;
    let (number, status) = (answer.number, answer.status);
    parse(answer).map_err(|violation| failure(number, status, &violation))
}
