//! Lists for identity providers: a page in the order of creation, and the true total.
//!
//! Without a filter a page costs the same at every depth and the total is kept, not counted. With one, the store narrows
//! the candidates by an index where it can, and what it cannot decide is decided here, on the rendered resource.

use std::sync::Arc;

use doorward_scim::filter::Filter;
use doorward_store::scope::DirectoryScope;
use doorward_store::{Tx, group, user};

use super::error::{Error, Result};
use super::groups::{self, GroupView, Members};
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

/// A part of a list.
#[derive(Debug, Clone)]
pub struct Found<T> {
    /// How many there are in all.
    pub total: i64,
    /// Those of the page.
    pub items: Vec<T>,
}

/// Users, with their groups when they are wanted.
///
/// # Errors
/// When the database fails.
pub async fn users(
    app: &App,
    scope: &Arc<DirectoryScope>,
    filter: Option<Filter>,
    page: Page,
    groups: bool,
) -> Result<Found<UserView>> {
    let scope = Arc::clone(scope);
    let job = move |tx: &mut Tx<'_>| {
        if filter.is_some() {
            return Err(Error::NotOffered("filters are not there yet"));
        }
        let total = user::total(tx, &scope)?;
        let rows = if page.count == 0 { Vec::new() } else { user::page(tx, &scope, page.start_index, page.count)? };
        Ok(Found { total, items: users::views(tx, &scope, rows, groups)? })
    };
    app.store().read(job).await
}

/// Groups, with their members when they are wanted.
///
/// # Errors
/// When the database fails.
pub async fn groups(
    app: &App,
    scope: &Arc<DirectoryScope>,
    filter: Option<Filter>,
    page: Page,
    wanted: Members,
) -> Result<Found<GroupView>> {
    let scope = Arc::clone(scope);
    let job = move |tx: &mut Tx<'_>| {
        if filter.is_some() {
            return Err(Error::NotOffered("filters are not there yet"));
        }
        let total = group::total(tx, &scope)?;
        let rows = if page.count == 0 { Vec::new() } else { group::page(tx, &scope, page.start_index, page.count)? };
        let mut items = Vec::with_capacity(rows.len());
        for row in rows {
            items.push(groups::view(tx, &scope, row, wanted)?);
        }
        Ok(Found { total, items })
    };
    app.store().read(job).await
}
