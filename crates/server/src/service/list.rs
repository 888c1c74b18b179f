//! Lists for identity providers: a page in the order of creation, and the true total.
//!
//! Without a filter a page costs the same at every depth and the total is kept, not counted. With one, the store narrows
//! the candidates by an index where it can, and what it cannot decide is decided by `search`, on the
//! rendered resources.

use std::sync::Arc;

use doorward_scim::filter::Filter;
use doorward_store::scope::DirectoryScope;
use doorward_store::{Tx, group, membership, user};

use super::error::Result;
use super::groups::{GroupView, Members};
use super::schema::require_groups;
use super::search;
use super::users::{self, UserView};
use crate::App;

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// The first item wanted, counted from 1.
    pub start_index: i64,
    /// How many items at most.
    pub count: i64,
}

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Which resources; `None`: all.
    pub filter: Option<Filter>,
    /// Which part of them.
    pub page: Page,
    /// The SCIM base URL under which the client sees resources, because it may filter by `meta.location`.
    pub base: String,
}

/// A part of a list, and how many there are in all.
pub use doorward_store::paging::Page as Found;

/// Users, with their groups when they are wanted.
///
/// # Errors
/// [`Error::Scim`](super::Error::Scim) with `tooMany` when the filter would take too long to answer.
pub async fn users(app: &App, scope: &Arc<DirectoryScope>, wanted: Wanted, groups: bool) -> Result<Found<UserView>> {
    let scope = Arc::clone(scope);
    let finds_one = wanted.filter.as_ref().is_some_and(search::finds_one);
    let job = move |tx: &mut Tx<'_>| {
        let Page { start_index, count } = wanted.page;
        let found = match &wanted.filter {
            Some(filter) => search::users(tx, &scope, filter, &wanted)?,
            None => user::page(tx, &scope, start_index, count)?,
        };
        Ok(Found { total: found.total, items: users::views(tx, &scope, found.items, groups)? })
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
        let Page { start_index, count } = wanted.page;
        let found = match &wanted.filter {
            Some(filter) => search::groups(tx, &scope, filter, &wanted)?,
            None => group::page(tx, &scope, start_index, count)?,
        };
        Ok(Found { total: found.total, items: group_views(tx, &scope, found.items, members)? })
    };
    // As above: a group must not be shown with the members that it had a moment later.
    app.store().snapshot(job).await
}

/// Members that one page of groups shows in all. Groups that would go beyond it come without their members; each of them shows
/// all its members when it is read by itself (SEC-31).
const MEMBERS_IN_PAGE: i64 = 100_000;

/// The members of all groups of a page come in one go.
fn group_views(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    rows: Vec<group::GroupRow>,
    wanted: Members,
) -> Result<Vec<GroupView>> {
    if wanted == Members::Unwanted {
        return Ok(rows.into_iter().map(|row| GroupView { row, members: None }).collect());
    }
    let mut left = MEMBERS_IN_PAGE;
    let mut fits = |row: &group::GroupRow| {
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
