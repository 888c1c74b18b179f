//! Finding the resources that a filter matches.
//!
//! The store answers as much of the filter as its indexes can (`userName eq`, `externalId eq`, an e-mail address, a
//! group's name, a member). Candidates come in the order of creation; what is left of the filter is evaluated on each,
//! in the very form that the client would be shown.

use std::time::{Duration, Instant};

use doorward_scim::attr::same_name;
use doorward_scim::filter::{CompareOp, Filter, Matcher};
use doorward_scim::resource::Resource;
use doorward_scim::version::{GroupRef, Parts, v2};
use doorward_scim::{Error as ScimError, ErrorKind, Object};
use doorward_store::Tx;
use doorward_store::filter_sql::{self, Kind, Plan};
use doorward_store::group::{self, GroupRow};
use doorward_store::membership::{self, Member};
use doorward_store::scope::DirectoryScope;
use doorward_store::user::{self, UserRow};

use super::error::{Error, Result};
use super::list::{Found, Page, Wanted};
use super::members::member_refs;
use super::schema::{group_type, user_type};
use super::users::{self, UserView};

/// Candidates taken from the store at a time.
const PORTION: i64 = 500;

/// How long a filter without an index may look through a directory (SEC-28).
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the filter is the look-up that identity providers make before they create somebody: it finds one or very few.
pub(super) fn finds_one(filter: &Filter) -> bool {
    match filter {
        Filter::Compare { path, op: CompareOp::Eq, .. } => {
            let plain = path.urn.is_none() && path.sub.is_none();
            plain && ["userName", "externalId", "id"].iter().any(|name| same_name(&path.attribute, name))
        }
        _ => false,
    }
}

/// The users of a page that match.
pub(super) fn users(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    filter: &Filter,
    wanted: &Wanted,
) -> Result<Found<UserRow>> {
    let plan = filter_sql::plan(filter, Kind::User);
    let seq = |row: &UserRow| row.seq;
    let fetch = |tx: &mut Tx<'_>, after| Ok(user::matching(tx, scope, &plan, after, PORTION)?);
    let Some(rest) = plan.residual() else {
        return exact(tx, wanted.page, seq, fetch, |tx| Ok(user::count_matching(tx, scope, &plan)?));
    };
    let matcher = Matcher::new(rest, user_type());
    let groups = mentions(rest, "groups");
    scan(tx, wanted.page, seq, fetch, |tx, rows| {
        let mut kept = Vec::new();
        for user in users::views(tx, scope, rows, groups)? {
            if matcher.matches(&user_object(&user, &wanted.base)?) {
                kept.push(user.row);
            }
        }
        Ok(kept)
    })
}

/// The groups of a page that match.
pub(super) fn groups(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    filter: &Filter,
    wanted: &Wanted,
) -> Result<Found<GroupRow>> {
    let plan: Plan = filter_sql::plan(filter, Kind::Group);
    let seq = |row: &GroupRow| row.seq;
    let fetch = |tx: &mut Tx<'_>, after| Ok(group::matching(tx, scope, &plan, after, PORTION)?);
    let Some(rest) = plan.residual() else {
        return exact(tx, wanted.page, seq, fetch, |tx| Ok(group::count_matching(tx, scope, &plan)?));
    };
    let matcher = Matcher::new(rest, group_type());
    let members = mentions(rest, "members");
    let started = Instant::now();
    scan(tx, wanted.page, seq, fetch, |tx, rows| {
        let mut kept = Vec::new();
        for row in rows {
            still_patient(started)?;
            // One group's members at a time: they can be very many.
            let members = if members { membership::members(tx, scope, &row.id, None, i64::MAX)? } else { Vec::new() };
            if matcher.matches(&group_object(&row, &members, &wanted.base)?) {
                kept.push(row);
            }
        }
        Ok(kept)
    })
}

/// A page of candidates that are all matches. Nearly always there is one or none, and then they need not be counted.
fn exact<R>(
    tx: &mut Tx<'_>,
    page: Page,
    seq: impl Fn(&R) -> i64,
    mut fetch: impl FnMut(&mut Tx<'_>, i64) -> Result<Vec<R>>,
    count: impl FnOnce(&mut Tx<'_>) -> Result<i64>,
) -> Result<Found<R>> {
    let first = fetch(tx, -1)?;
    let mut window = Window::new(page);
    if is_last(&first) {
        window.pass(first);
        return Ok(window.found);
    }
    let total = count(tx)?;
    let mut rows = first;
    loop {
        let (last, after) = (is_last(&rows), rows.last().map_or(i64::MAX, &seq));
        window.pass(rows);
        if last || window.is_full() {
            break;
        }
        rows = fetch(tx, after)?;
    }
    Ok(Found { total, items: window.found.items })
}

/// A page of the candidates that `keep` lets through. All have to be looked at, because the total must be true.
fn scan<R>(
    tx: &mut Tx<'_>,
    page: Page,
    seq: impl Fn(&R) -> i64,
    mut fetch: impl FnMut(&mut Tx<'_>, i64) -> Result<Vec<R>>,
    mut keep: impl FnMut(&mut Tx<'_>, Vec<R>) -> Result<Vec<R>>,
) -> Result<Found<R>> {
    let started = Instant::now();
    let (mut window, mut after) = (Window::new(page), -1);
    loop {
        let rows = fetch(tx, after)?;
        let last = is_last(&rows);
        after = rows.last().map_or(i64::MAX, &seq);
        window.pass(keep(tx, rows)?);
        if last {
            return Ok(window.found);
        }
        still_patient(started)?;
    }
}

fn still_patient(started: Instant) -> Result<()> {
    if started.elapsed() <= PATIENCE {
        return Ok(());
    }
    let detail = "the filter has to look at too many resources; filter by userName, externalId or an e-mail address";
    Err(ScimError::new(ErrorKind::TooMany, detail).into())
}

fn is_last<R>(rows: &[R]) -> bool {
    i64::try_from(rows.len()).unwrap_or(i64::MAX) < PORTION
}

/// The part of a row of matches that a page shows.
struct Window<R> {
    page: Page,
    found: Found<R>,
}

impl<R> Window<R> {
    fn new(page: Page) -> Self {
        Window { page, found: Found { total: 0, items: Vec::new() } }
    }

    fn is_full(&self) -> bool {
        i64::try_from(self.found.items.len()).unwrap_or(i64::MAX) >= self.page.count
    }

    fn pass(&mut self, matches: Vec<R>) {
        for item in matches {
            self.found.total += 1;
            if self.found.total >= self.page.start_index && !self.is_full() {
                self.found.items.push(item);
            }
        }
    }
}

/// Whether a filter asks for an attribute that is not part of the stored document.
fn mentions(filter: &Filter, attribute: &str) -> bool {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().any(|part| mentions(part, attribute)),
        Filter::Not(inner) => mentions(inner, attribute),
        Filter::Compare { path, .. } | Filter::Present(path) | Filter::ValuePath { path, .. } => {
            same_name(&path.attribute, attribute)
        }
    }
}

fn user_object(user: &UserView, base: &str) -> Result<Object> {
    let groups: Vec<GroupRef> =
        user.groups.iter().map(|group| GroupRef { id: group.id.to_string(), display: group.display.clone() }).collect();
    let id = user.row.id.to_string();
    let parts = Parts {
        id: &id,
        created: user.row.created_at,
        last_modified: user.row.updated_at,
        version: user.row.version,
        location: &format!("{base}/Users/{id}"),
        groups: Some(&groups),
        members: None,
        base,
        manager_display: user.manager_display.as_deref(),
    };
    Ok(v2::render(&stored(&user.row.doc)?, &parts, user_type()))
}

fn group_object(row: &GroupRow, members: &[Member], base: &str) -> Result<Object> {
    let members = member_refs(members);
    let id = row.id.to_string();
    let parts = Parts {
        id: &id,
        created: row.created_at,
        last_modified: row.updated_at,
        version: row.version,
        location: &format!("{base}/Groups/{id}"),
        groups: None,
        members: Some(&members),
        base,
        manager_display: None,
    };
    Ok(v2::render(&stored(&row.doc)?, &parts, group_type()))
}

fn stored(doc: &str) -> Result<Resource> {
    Resource::from_stored(doc).map_err(|error| Error::Internal(format!("a stored document is damaged: {error}")))
}
