//! Lists of users: in the order of creation for identity providers, by keyset for applications.

use super::{FURTHER, UserRow};
use crate::batch::Kind;
use crate::error::Result;
use crate::filter_sql::{self, Plan};
use crate::ids::{GroupId, UserId};
use crate::listing::Conditions;
use crate::paging::{Cursor, Indexed, Page, Slice};
use crate::scope::DirectoryScope;
use crate::tx::Tx;
use crate::{blocks, key, listing};

/// Which users a list of the application's API holds.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// Only members of this group.
    pub group: Option<GroupId>,
    /// Only the one with this `externalId` or, if it has none, this `userName`.
    pub idp_id: Option<String>,
    /// Only those with this e-mail address.
    pub email: Option<String>,
    /// Only the one with this `userName`.
    pub user_name: Option<String>,
    /// Only active or only inactive ones.
    pub active: Option<bool>,
    /// Only those changed after this instant (Unix microseconds).
    pub updated_after: Option<i64>,
}

/// `count` users from the `start_index`-th on (counted from 1), in the order of creation, and how many there are in all. Costs the
/// same at every depth.
///
/// # Errors
/// When the database fails.
pub fn page(tx: &mut Tx<'_>, scope: &DirectoryScope, start_index: i64, count: i64) -> Result<Page<UserRow>> {
    let (seq, offset) = blocks::begin(tx, scope, Kind::User, start_index)?;
    let rows = tx.query(
        select!(
            ", (SELECT s.users_active + s.users_inactive FROM directory_stats s WHERE s.directory_id = $1) \
             FROM scim_user u WHERE u.directory_id = $1 AND u.seq >= $2 ORDER BY u.seq LIMIT $3 OFFSET $4"
        ),
        &[&scope.directory_id, &seq, &count.max(0), &offset],
        |row| Ok((UserRow::read(row)?, row.get(FURTHER)?)),
    )?;
    // While a job writes, its own rows are not in the counts yet; and beyond the end there is no row to tell them.
    let counted = rows.first().map(|(_, total)| *total).filter(|_| !tx.is_writing());
    let total = counted.map_or_else(|| total(tx, scope), Ok)?;
    Ok(Page { total, items: rows.into_iter().map(|(row, _)| row).collect() })
}

/// `count` users from the `start_index`-th on (counted from 1) in this order, and how many there are in all. The index is walked up to
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
) -> Result<Page<UserRow>> {
    let direction = if descending { "DESC" } else { "ASC" };
    let order = match by {
        Indexed::Name => format!("u.user_name_key {direction}"),
        Indexed::Id => format!("u.id {direction}"),
    };
    let select = select!("FROM scim_user u WHERE u.directory_id = $1");
    let items = tx.query(
        &format!("{select} ORDER BY {order} LIMIT $2 OFFSET $3"),
        &[&scope.directory_id, &count.max(0), &(start_index.max(1) - 1)],
        UserRow::read,
    )?;
    Ok(Page { total: total(tx, scope)?, items })
}

/// At most `limit` users whose number is above `seq`, in the order of creation; start with -1.
///
/// # Errors
/// When the database fails.
pub fn after(tx: &mut Tx<'_>, scope: &DirectoryScope, seq: i64, limit: i64) -> Result<Vec<UserRow>> {
    tx.query(
        select!("FROM scim_user u WHERE u.directory_id = $1 AND u.seq > $2 ORDER BY u.seq LIMIT $3"),
        &[&scope.directory_id, &seq, &limit.max(0)],
        UserRow::read,
    )
}

/// How many users the directory has.
///
/// # Errors
/// When the database fails.
pub fn total(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<i64> {
    Ok(crate::stats::counts(tx, scope)?.users())
}

/// A part of the list for the application's API.
///
/// # Errors
/// When the database fails.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    cursor: &Cursor<UserId>,
    filter: &UserFilter,
) -> Result<Slice<UserRow>> {
    let mut conditions = Conditions::default();
    let directory = conditions.bind(scope.directory_id);
    conditions.and(&format!("u.directory_id = {directory}"));
    // What narrows most leads, and finds the users by their ids.
    let mut sets = Vec::new();
    if let Some(idp_id) = &filter.idp_id {
        let external_id = conditions.bind(key::exact(idp_id));
        let user_name = conditions.bind(key::user_name(idp_id));
        sets.push(format!(
            "SELECT id FROM scim_user WHERE directory_id = {directory} AND external_id_key = {external_id} UNION SELECT id \
             FROM scim_user WHERE directory_id = {directory} AND user_name_key = {user_name} AND external_id_key IS NULL"
        ));
    }
    if let Some(email) = &filter.email {
        let email = conditions.bind(key::caseless(email.trim()));
        sets.push(format!(
            "SELECT id FROM scim_user WHERE directory_id = {directory} AND email_key = {email} \
             UNION SELECT user_id FROM user_email WHERE directory_id = {directory} AND email_key = {email}"
        ));
    }
    let mut table = "scim_user u";
    let mut id = "u.id";
    if let Some(group) = filter.group {
        let group = conditions.bind(group);
        if sets.is_empty() {
            // The members lead in their order, so that every page of a large group costs the same.
            table = "membership m JOIN scim_user u ON u.directory_id = m.directory_id AND u.id = m.user_id";
            id = "m.user_id";
            conditions.and(&format!("m.directory_id = {directory} AND m.group_id = {group}"));
        } else {
            sets.push(format!(
                "SELECT user_id FROM membership WHERE directory_id = {directory} AND group_id = {group}"
            ));
        }
    }
    let select = listing::led_by(&sets, select!("FROM "), table, "u.id", &mut conditions);
    if let Some(user_name) = &filter.user_name {
        let user_name = conditions.bind(key::user_name(user_name));
        conditions.and(&format!("u.user_name_key = {user_name}"));
    }
    if let Some(active) = filter.active {
        let active = conditions.bind(active);
        conditions.and(&format!("u.active = {active}"));
    }
    if let Some(instant) = filter.updated_after {
        let instant = conditions.bind(instant);
        conditions.and(&format!("u.updated_at > {instant}"));
    }
    listing::slice(tx, &select, id, conditions, cursor, UserRow::read)
}

/// At most `limit` users that pass the plan's condition and whose number is above `seq`, in the order of creation; start with -1.
/// The plan's [`residual`](Plan::residual) is still to be evaluated on them.
///
/// # Errors
/// When the database fails.
pub fn matching(tx: &mut Tx<'_>, scope: &DirectoryScope, plan: &Plan, seq: i64, limit: i64) -> Result<Vec<UserRow>> {
    filter_sql::users(tx, scope, plan, seq, limit)
}

/// How many users pass the plan's condition.
///
/// # Errors
/// When the database fails.
pub fn count_matching(tx: &mut Tx<'_>, scope: &DirectoryScope, plan: &Plan) -> Result<i64> {
    filter_sql::count(tx, scope, plan)
}
