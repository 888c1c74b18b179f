//! Lists of groups: in the order of creation or of a name for identity providers, by keyset for applications.

use super::GroupRow;
use crate::batch::Kind;
use crate::error::Result;
use crate::filter_sql::{self, Plan};
use crate::ids::{GroupId, UserId};
use crate::listing::{self, Conditions};
use crate::paging::{Cursor, Indexed, Page, Slice};
use crate::scope::DirectoryScope;
use crate::tx::Tx;
use crate::{blocks, key};

/// Which groups a list of the application's API holds.
#[derive(Debug, Clone, Default)]
pub struct GroupFilter {
    /// Only those this user is in.
    pub user: Option<UserId>,
    /// Only the one with this `externalId` or, if it has none, this `displayName`.
    pub idp_id: Option<String>,
    /// Only those changed after this instant (Unix microseconds).
    pub updated_after: Option<i64>,
}

/// `count` groups from the `start_index`-th on (counted from 1), in the order of creation, and how many there are in all. Costs the
/// same at every depth.
///
/// # Errors
/// When the database fails.
pub fn page(tx: &mut Tx<'_>, scope: &DirectoryScope, start_index: i64, count: i64) -> Result<Page<GroupRow>> {
    let (seq, offset) = blocks::begin(tx, scope, Kind::Group, start_index)?;
    let rows = tx.query(
        select!(
            ", (SELECT s.groups_total FROM directory_stats s WHERE s.directory_id = $1) \
             FROM scim_group g WHERE g.directory_id = $1 AND g.seq >= $2 ORDER BY g.seq LIMIT $3 OFFSET $4"
        ),
        &[&scope.directory_id, &seq, &count.max(0), &offset],
        |row| Ok((GroupRow::read(row)?, row.get(9)?)),
    )?;
    // While a job writes, its own rows are not in the counts yet; and beyond the end there is no row to tell them.
    let counted = rows.first().map(|(_, total)| *total).filter(|_| !tx.is_writing());
    let total = counted.map_or_else(|| total(tx, scope), Ok)?;
    Ok(Page { total, items: rows.into_iter().map(|(row, _)| row).collect() })
}

/// `count` groups from the `start_index`-th on (counted from 1) in this order, and how many there are in all. The index is walked up to
/// the page.
///
/// # Errors
/// When the database fails.
pub fn page_by(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    (by, descending): (Indexed, bool),
    start_index: i64,
    count: i64,
) -> Result<Page<GroupRow>> {
    let direction = if descending { "DESC" } else { "ASC" };
    let order = match by {
        Indexed::Name => format!("g.display_name_key {direction}, g.id"),
        Indexed::Id => format!("g.id {direction}"),
    };
    let select = select!("FROM scim_group g WHERE g.directory_id = $1");
    let items = tx.query(
        &format!("{select} ORDER BY {order} LIMIT $2 OFFSET $3"),
        &[&scope.directory_id, &count.max(0), &(start_index.max(1) - 1)],
        GroupRow::read,
    )?;
    Ok(Page { total: total(tx, scope)?, items })
}

/// At most `limit` groups whose number is above `seq`, in the order of creation; start with -1.
///
/// # Errors
/// When the database fails.
pub fn after(tx: &mut Tx<'_>, scope: &DirectoryScope, seq: i64, limit: i64) -> Result<Vec<GroupRow>> {
    tx.query(
        select!("FROM scim_group g WHERE g.directory_id = $1 AND g.seq > $2 ORDER BY g.seq LIMIT $3"),
        &[&scope.directory_id, &seq, &limit.max(0)],
        GroupRow::read,
    )
}

/// How many groups the directory has.
///
/// # Errors
/// When the database fails.
pub fn total(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<i64> {
    Ok(crate::stats::counts(tx, scope)?.groups)
}

/// A part of the list for the application's API.
///
/// # Errors
/// When the database fails.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    cursor: &Cursor<GroupId>,
    filter: &GroupFilter,
) -> Result<Slice<GroupRow>> {
    let mut conditions = Conditions::default();
    let directory = conditions.bind(scope.directory_id);
    conditions.and(&format!("g.directory_id = {directory}"));
    let mut sets = Vec::new();
    if let Some(idp_id) = &filter.idp_id {
        let external_id = conditions.bind(key::exact(idp_id));
        let display_name = conditions.bind(key::caseless(idp_id));
        sets.push(format!(
            "SELECT id FROM scim_group WHERE directory_id = {directory} AND external_id_key = {external_id} UNION SELECT id \
             FROM scim_group WHERE directory_id = {directory} AND display_name_key = {display_name} AND external_id_key IS NULL"
        ));
    }
    if let Some(user) = filter.user {
        // A person's groups are few: they are a set, in no order.
        let user = conditions.bind(user);
        sets.push(format!("SELECT group_id FROM membership WHERE directory_id = {directory} AND user_id = {user}"));
    }
    let select = listing::led_by(&sets, select!("FROM "), "scim_group g", "g.id", &mut conditions);
    if let Some(instant) = filter.updated_after {
        let instant = conditions.bind(instant);
        conditions.and(&format!("g.updated_at > {instant}"));
    }
    listing::slice(tx, &select, "g.id", conditions, cursor, GroupRow::read)
}

/// At most `limit` groups that pass the plan's condition and whose number is above `seq`, in the order of creation; start with -1.
/// The plan's [`residual`](Plan::residual) is still to be evaluated on them.
///
/// # Errors
/// When the database fails.
pub fn matching(tx: &mut Tx<'_>, scope: &DirectoryScope, plan: &Plan, seq: i64, limit: i64) -> Result<Vec<GroupRow>> {
    filter_sql::groups(tx, scope, plan, seq, limit)
}

/// How many groups pass the plan's condition.
///
/// # Errors
/// When the database fails.
pub fn count_matching(tx: &mut Tx<'_>, scope: &DirectoryScope, plan: &Plan) -> Result<i64> {
    filter_sql::count(tx, scope, plan)
}
