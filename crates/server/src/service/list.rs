//! Lists for identity providers: a page in the order of creation or in another one, and the true total.
//!
//! Without a filter a page costs the same at every depth and the total is kept, not counted. With one, the store narrows
//! the candidates by an index where it can, and what it cannot decide is decided by `search`, on the
//! rendered resources. `sorted` has the other orders.

use std::sync::Arc;

use doorward_scim::filter::Filter;
use doorward_scim::sort::{SortBy, SortOrder};
use doorward_store::group::GroupRow;
use doorward_store::scope::DirectoryScope;
use doorward_store::user::UserRow;
use doorward_store::{Tx, membership};

use super::error::Result;
use super::groups::{GroupView, Members};
use super::listed::Listed;
use super::schema::require_groups;
use super::users::{self, UserView};
use super::{search, sorted};
use crate::App;

/// Where a part of a list begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// At this place, counted from 1.
    Index(i64),
    /// Behind the resource with this number in the order of creation; -1 at the beginning. Nothing that comes or goes meanwhile
    /// makes a walk miss or repeat another resource.
    After(i64),
}

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Which resources; `None`: all.
    pub filter: Option<Filter>,
    /// In which order; `None`: that of creation.
    pub sort: Option<(SortBy, SortOrder)>,
    /// Where the part begins.
    pub position: Position,
    /// How many items at most.
    pub count: i64,
    /// The SCIM base URL under which the client sees resources, because it may filter by `meta.location`.
    pub base: String,
}

/// A part of a list.
#[derive(Debug, Clone)]
pub struct Found<T> {
    /// How many there are in all.
    pub total: i64,
    /// Those of the part.
    pub items: Vec<T>,
    /// Where the next part begins, when the walk has been by positions that allow to tell.
    pub next: Option<Position>,
}

/// Users, with their groups when they are wanted.
///
/// # Errors
/// [`Error::Scim`](super::Error::Scim) with `tooMany` when the list would take too long.
pub async fn users(app: &App, scope: &Arc<DirectoryScope>, wanted: Wanted, groups: bool) -> Result<Found<UserView>> {
    let scope = Arc::clone(scope);
    let finds_one = wanted.sort.is_none() && wanted.filter.as_ref().is_some_and(search::finds_one);
    let job = move |tx: &mut Tx<'_>| {
        let Found { total, items, next } = find::<UserRow>(tx, &scope, &wanted)?;
        Ok(Found { total, items: users::views(tx, &scope, items, groups)?, next })
    };
    if finds_one {
        // One statement has found the user and the total.
        return app.store().read(job).await;
    }
    // Total, page and groups are several statements: of one moment, so that they agree while others write.
    app.store().snapshot(job).await
}

/// Groups, with their members when they are wanted.
///
/// # Errors
/// As [`users()`], and [`Error::NotOffered`](super::Error::NotOffered) when the directory takes no groups.
pub async fn groups(
    app: &App,
    scope: &Arc<DirectoryScope>,
    wanted: Wanted,
    members: Members,
) -> Result<Found<GroupView>> {
    require_groups(scope)?;
    let scope = Arc::clone(scope);
    let job = move |tx: &mut Tx<'_>| {
        let Found { total, items, next } = find::<GroupRow>(tx, &scope, &wanted)?;
        Ok(Found { total, items: group_views(tx, &scope, items, members)?, next })
    };
    // As above: a group must not be shown with the members that it had a moment later.
    app.store().snapshot(job).await
}

fn find<R: Listed>(tx: &mut Tx<'_>, scope: &DirectoryScope, wanted: &Wanted) -> Result<Found<R>> {
    match &wanted.sort {
        Some((by, order)) => sorted::find(tx, scope, wanted, (by, *order)),
        None => search::find(tx, scope, wanted),
    }
}

/// Members that one page of groups shows in all. Groups that would go beyond it come without their members; each of them shows
/// all its members when it is read by itself (SEC-31).
const MEMBERS_IN_PAGE: i64 = 100_000;

/// The members of all groups of a page come in one go.
pub(super) fn group_views(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    rows: Vec<GroupRow>,
    wanted: Members,
) -> Result<Vec<GroupView>> {
    if wanted == Members::Unwanted {
        return Ok(rows.into_iter().map(|row| GroupView { row, members: None }).collect());
    }
    let mut left = MEMBERS_IN_PAGE;
    let mut fits = |row: &GroupRow| {
        let fits = row.members_count <= left;
        left -= if fits { row.members_count } else { 0 };
        fits
    };
    let shown: Vec<bool> = rows.iter().map(&mut fits).collect();
    let filled: Vec<_> = rows
        .iter()
        .zip(&shown)
        .filter(|(row, shown)| **shown && row.members_count > 0)
        .map(|(row, _)| row.id)
        .collect();
    let mut members = membership::members_of(tx, scope, &filled)?;
    let views = rows.into_iter().zip(shown).map(|(row, shown)| {
        let members = shown.then(|| members.remove(&row.id).unwrap_or_default());
        GroupView { row, members }
    });
    Ok(views.collect())
}
