//! Queries over all resource types at once (RFC 7644 sections 3.4.2.1 and 3.4.3).
//!
//! Users come before groups unless an order is asked for. Such a query is for finding few resources: one that finds very many is
//! refused, because the endpoints of the types page through any number.

use std::sync::Arc;

use doorward_scim::attr::same_name;
use doorward_scim::filter::{CompareOp, Filter, Literal};
use doorward_scim::sort::{SortBy, SortOrder};
use doorward_scim::{Error as ScimError, ErrorKind};
use doorward_store::Tx;
use doorward_store::group::GroupRow;
use doorward_store::scope::DirectoryScope;
use doorward_store::user::UserRow;

use super::error::Result;
use super::groups::{GroupView, Members};
use super::list::{Found, Position, group_views};
use super::listed::{Deadline, Form, Listed, Test, put_in_order, scan};
use super::search;
use super::sorted::Kept;
use super::users::{self, UserView};
use crate::App;

/// What is looked for among the resources of one type.
#[derive(Debug, Clone)]
pub struct OfType {
    /// Which of them; `None`: all.
    pub filter: Option<Filter>,
    /// By what they are ordered.
    pub sort: Option<SortBy>,
}

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Among users.
    pub users: OfType,
    /// Among groups; `None` when the directory takes none.
    pub groups: Option<OfType>,
    /// The direction of the order.
    pub order: SortOrder,
    /// The place of the first item, counted from 1.
    pub start_index: i64,
    /// How many items at most.
    pub count: i64,
    /// The most resources that the query may find.
    pub most: i64,
    /// The SCIM base URL under which the client sees resources.
    pub base: String,
    /// Whether users are shown with their groups.
    pub with_groups: bool,
    /// Which members groups are shown with.
    pub with_members: Members,
}

/// A resource of either type.
#[derive(Debug, Clone)]
pub enum View {
    /// A user.
    User(UserView),
    /// A group.
    Group(GroupView),
}

/// What is kept of a match: its type, its place in the order of creation (none when another order is asked for), its id.
type Entry = (u8, i64, String);

/// Users and groups.
///
/// # Errors
/// [`Error::Scim`](super::Error::Scim) with `tooMany` when there are more than [`Wanted::most`], or looking for them takes too long.
pub async fn everything(app: &App, scope: &Arc<DirectoryScope>, wanted: Wanted) -> Result<Found<View>> {
    let scope = Arc::clone(scope);
    app.store().snapshot(move |tx| find(tx, &scope, &wanted)).await
}

fn find(tx: &mut Tx<'_>, scope: &DirectoryScope, wanted: &Wanted) -> Result<Found<View>> {
    let mut kept = Kept::new(wanted.order, wanted.start_index, wanted.count);
    let deadline = Deadline::begin();
    let mut found = collect::<UserRow>(tx, scope, wanted, &wanted.users, deadline, &mut kept)?;
    if let Some(groups) = &wanted.groups {
        found += collect::<GroupRow>(tx, scope, wanted, groups, deadline, &mut kept)?;
    }
    if found > wanted.most {
        return Err(too_many(wanted.most));
    }
    let (total, entries) = kept.page();
    let items = load(tx, scope, wanted, &entries)?;
    let behind = wanted.start_index.saturating_add(i64::try_from(items.len()).unwrap_or(i64::MAX));
    let next = (!items.is_empty() && behind <= total).then_some(Position::Index(behind));
    Ok(Found { total, items, next })
}

/// Adds the matches of one type to those that are kept; how many they are.
fn collect<R: Listed>(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    wanted: &Wanted,
    of_type: &OfType,
    deadline: Deadline,
    kept: &mut Kept<Entry>,
) -> Result<i64> {
    let OfType { filter, sort } = of_type;
    if filter.as_ref().is_some_and(|filter| excludes(filter, &R::resource_type(scope).name)) {
        return Ok(0);
    }
    let plan = search::plan::<R>(filter.as_ref());
    let test = Test::new::<R>(scope, &plan);
    if !test.is_needed() && R::count_matching(tx, scope, &plan)? > wanted.most {
        return Err(too_many(wanted.most));
    }
    let needed = sort.as_ref().map(SortBy::needed).unwrap_or_default().and(&test.needed());
    let form = Form { base: &wanted.base, needed: &needed, deadline };
    let kind = R::KIND as u8;
    let mut found = 0;
    scan(tx, scope, (&plan, &test), form, &mut |row: R, resource| {
        found += 1;
        let (key, place) = match sort {
            Some(by) => (by.key(resource), 0),
            None => (None, row.seq()),
        };
        kept.add(key, (kind, place, row.id()))
    })?;
    Ok(found)
}

/// The resources of the page, in its order.
fn load(tx: &mut Tx<'_>, scope: &DirectoryScope, wanted: &Wanted, entries: &[Entry]) -> Result<Vec<View>> {
    let ids_of = |kind: u8| -> Vec<String> {
        entries.iter().filter(|entry| entry.0 == kind).map(|entry| entry.2.clone()).collect()
    };
    let users = UserRow::get_many(tx, scope, &ids_of(UserRow::KIND as u8))?;
    let groups = GroupRow::get_many(tx, scope, &ids_of(GroupRow::KIND as u8))?;
    let users = users::views(tx, scope, users, wanted.with_groups)?.into_iter().map(View::User);
    let groups = group_views(tx, scope, groups, wanted.with_members)?.into_iter().map(View::Group);
    let mut views: Vec<View> = users.chain(groups).collect();
    let ids: Vec<String> = entries.iter().map(|entry| entry.2.clone()).collect();
    put_in_order(&mut views, &ids, |view| match view {
        View::User(user) => user.row.id(),
        View::Group(group) => group.row.id(),
    });
    Ok(views)
}

/// Whether no resource of this type can match, which spares a walk through all of them.
fn excludes(filter: &Filter, type_name: &str) -> bool {
    match filter {
        Filter::And(parts) => parts.iter().any(|part| excludes(part, type_name)),
        Filter::Or(parts) => parts.iter().all(|part| excludes(part, type_name)),
        Filter::Compare { path, op: CompareOp::Eq, value: Literal::Text(text) } => {
            let is_type = same_name(&path.attribute, "meta")
                && path.sub.as_deref().is_some_and(|sub| same_name(sub, "resourceType"));
            is_type && text != type_name
        }
        _ => false,
    }
}

fn too_many(most: i64) -> super::Error {
    let detail = format!(
        "more than {most} resources match; narrow the query with a filter, or use /Users or /Groups, which page through any number"
    );
    ScimError::new(ErrorKind::TooMany, detail).into()
}
