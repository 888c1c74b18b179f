//! Finding the resources that a filter matches.
//!
//! The store answers as much of the filter as its indexes can (`userName eq`, `externalId eq`, an e-mail address, a
//! group's name, a member). Candidates come in the order of creation; what is left of the filter is evaluated on each,
//! in the very form that the client would be shown.

use doorward_scim::attr::same_name;
use doorward_scim::filter::{CompareOp, Filter};
use doorward_store::Tx;
use doorward_store::filter_sql::{self, Plan};
use doorward_store::scope::DirectoryScope;

use super::error::Result;
use super::list::{Found, Position, Wanted};
use super::listed::{Deadline, Form, Listed, PORTION, Test, is_last, scan};

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

/// The plan for a filter, or for everything.
pub(super) fn plan<R: Listed>(filter: Option<&Filter>) -> Plan {
    filter.map_or_else(|| Plan::all(R::KIND), |filter| filter_sql::plan(filter, R::KIND))
}

/// The part of a list in the order of creation.
pub(super) fn find<R: Listed>(tx: &mut Tx<'_>, scope: &DirectoryScope, wanted: &Wanted) -> Result<Found<R>> {
    if let (None, Position::Index(start_index)) = (&wanted.filter, wanted.position) {
        let page = R::page(tx, scope, start_index, wanted.count)?;
        return Ok(Found { total: page.total, items: page.items, next: None });
    }
    let plan = plan::<R>(wanted.filter.as_ref());
    let test = Test::new::<R>(scope, &plan);
    if test.is_needed() {
        return filtered(tx, scope, (&plan, &test), wanted);
    }
    match wanted.position {
        Position::Index(_) => exact(tx, scope, &plan, wanted),
        Position::After(seq) => following(tx, scope, &plan, seq, wanted.count),
    }
}

/// A page of candidates that are all matches. Nearly always there is one or none, and then they need not be counted.
fn exact<R: Listed>(tx: &mut Tx<'_>, scope: &DirectoryScope, plan: &Plan, wanted: &Wanted) -> Result<Found<R>> {
    let mut rows = R::matching(tx, scope, plan, -1, PORTION)?;
    let mut window = Window::new(wanted);
    let total = if is_last(&rows) { None } else { Some(R::count_matching(tx, scope, plan)?) };
    loop {
        let (last, after) = (is_last(&rows), rows.last().map_or(i64::MAX, R::seq));
        rows.into_iter().for_each(|row| window.pass(row));
        if last || window.is_full() {
            break;
        }
        rows = R::matching(tx, scope, plan, after, PORTION)?;
    }
    let mut found = window.found();
    found.total = total.unwrap_or(found.total);
    Ok(found)
}

/// The candidates behind a cursor, which are all matches.
fn following<R: Listed>(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    plan: &Plan,
    seq: i64,
    count: i64,
) -> Result<Found<R>> {
    let total = R::count_matching(tx, scope, plan)?;
    // One more than wanted tells whether there are more.
    let mut items = R::matching(tx, scope, plan, seq, count.saturating_add(1))?;
    let more = i64::try_from(items.len()).unwrap_or(i64::MAX) > count;
    items.truncate(usize::try_from(count).unwrap_or(usize::MAX));
    let next = items.last().filter(|_| more).map(|last| Position::After(last.seq()));
    Ok(Found { total, items, next })
}

/// The candidates that pass the test. All have to be looked at, because the total must be true.
fn filtered<R: Listed>(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    (plan, test): (&Plan, &Test<'_>),
    wanted: &Wanted,
) -> Result<Found<R>> {
    let mut window = Window::new(wanted);
    let needed = test.needed();
    let form = Form { base: &wanted.base, needed: &needed, deadline: Deadline::begin() };
    scan(tx, scope, (plan, test), form, &mut |row: R, _| {
        window.pass(row);
        Ok(())
    })?;
    Ok(window.found())
}

/// The part of a row of matches that a page shows.
struct Window<R> {
    position: Position,
    count: i64,
    total: i64,
    items: Vec<R>,
    /// Whether matches follow the page.
    more: bool,
}

impl<R: Listed> Window<R> {
    fn new(wanted: &Wanted) -> Self {
        Window { position: wanted.position, count: wanted.count, total: 0, items: Vec::new(), more: false }
    }

    fn is_full(&self) -> bool {
        i64::try_from(self.items.len()).unwrap_or(i64::MAX) >= self.count
    }

    fn pass(&mut self, row: R) {
        self.total += 1;
        let begun = match self.position {
            Position::Index(start_index) => self.total >= start_index,
            Position::After(seq) => row.seq() > seq,
        };
        match begun {
            true if self.is_full() => self.more = true,
            true => self.items.push(row),
            false => {}
        }
    }

    fn found(self) -> Found<R> {
        let next = self.items.last().filter(|_| self.more).map(|last| Position::After(last.seq()));
        Found { total: self.total, items: self.items, next }
    }
}
