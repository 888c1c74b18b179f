//! Users: the SCIM document and the folded keys by which it is found.

use std::collections::HashMap;

use crate::batch::Kind;
use crate::error::{Conflict, Error, Result};
use crate::filter_sql::Plan;
use crate::ids::{DirectoryId, GroupId, Id, UserId};
use crate::listing::Conditions;
use crate::many::{numbered, portions};
use crate::paging::{Cursor, Slice};
use crate::scope::{ApplicationScope, DirectoryScope};
use crate::stats::Counts;
use crate::tx::Tx;
use crate::value::{Param, Row};
use crate::{blocks, change, directory, filter_sql, key, listing};

/// A stored user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// Its id.
    pub id: UserId,
    /// Its number in the directory: the order of creation, never reused.
    pub seq: i64,
    /// `userName` as sent.
    pub user_name: String,
    /// `externalId` as sent.
    pub external_id: Option<String>,
    /// The name shown beside memberships; may be empty.
    pub display_name: String,
    /// `active`.
    pub active: bool,
    /// The SCIM document in canonical 2.0 form (`Resource::to_stored`).
    pub doc: String,
    /// Counts the changes of the representation, from 1 (SEC-40).
    pub version: i64,
    /// Unix microseconds.
    pub created_at: i64,
    /// Unix microseconds.
    pub updated_at: i64,
}

/// What a user is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserValues {
    /// `userName` as sent.
    pub user_name: String,
    /// `externalId` as sent.
    pub external_id: Option<String>,
    /// The name shown beside memberships.
    pub display_name: String,
    /// `active`.
    pub active: bool,
    /// The values of `emails` as sent, the primary one first. Folded here.
    pub emails: Vec<String>,
    /// The SCIM document in canonical 2.0 form (`Resource::to_stored`).
    pub doc: String,
}

/// A group as the `groups` of a user show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRef {
    /// The group.
    pub id: GroupId,
    /// Its `displayName`.
    pub display: String,
}

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

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT u.id, u.seq, u.user_name, u.external_id, u.display_name, u.active, u.version, u.created_at, u.updated_at, u.doc ",
            $rest
        )
    };
}

pub(crate) const SELECT: &str = select!("FROM scim_user u");

impl UserRow {
    pub(crate) fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            seq: row.get(1)?,
            user_name: row.get(2)?,
            external_id: row.get(3)?,
            display_name: row.get(4)?,
            active: row.get(5)?,
            version: row.get(6)?,
            created_at: row.get(7)?,
            updated_at: row.get(8)?,
            doc: row.get(9)?,
        })
    }
}

/// The folded keys of the addresses, in order, each once.
fn email_keys(values: &UserValues) -> Vec<String> {
    let mut keys: Vec<String> = Vec::with_capacity(values.emails.len());
    for key in values.emails.iter().map(|email| key::caseless(email.trim())) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

fn write_more_emails(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &UserId, keys: &[String]) -> Result<()> {
    for key in keys {
        tx.execute(
            "INSERT INTO user_email (directory_id, user_id, email_key) VALUES ($1, $2, $3)",
            &[&scope.directory_id, id, key],
        )?;
    }
    Ok(())
}

fn state_count(active: bool, change: i64) -> Counts {
    if active {
        Counts { users_active: change, ..Counts::default() }
    } else {
        Counts { users_inactive: change, ..Counts::default() }
    }
}

/// Writes a new user.
///
/// # Errors
/// [`Conflict::UserName`](crate::Conflict::UserName) when the directory has a user with this `userName`; nothing was written then.
pub fn insert(tx: &mut Tx<'_>, scope: &DirectoryScope, values: &UserValues) -> Result<UserRow> {
    let seq = tx.next_seq(&scope.directory_id, Kind::User)?;
    let emails = email_keys(values);
    let row = UserRow {
        id: tx.mint(),
        seq,
        user_name: key::without_nul(&values.user_name),
        external_id: values.external_id.as_deref().map(key::without_nul),
        display_name: key::without_nul(&values.display_name),
        active: values.active,
        doc: values.doc.clone(),
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    let written = tx.execute(
        "INSERT INTO scim_user (directory_id, id, seq, user_name, user_name_key, external_id, external_id_key, display_name, \
         email_key, active, version, created_at, updated_at, doc) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $11, $12) \
         ON CONFLICT (directory_id, user_name_key) DO NOTHING",
        &[
            &scope.directory_id,
            &row.id,
            &row.seq,
            &row.user_name,
            &key::user_name(&values.user_name),
            &row.external_id,
            &values.external_id.as_deref().map(key::exact),
            &row.display_name,
            &emails.first(),
            &row.active,
            &row.created_at,
            &row.doc,
        ],
    )?;
    if written == 0 {
        return Err(Error::Conflict(Conflict::UserName));
    }
    write_more_emails(tx, scope, &row.id, emails.get(1..).unwrap_or_default())?;
    let batch = tx.batch()?;
    batch.added(&scope.directory_id, Kind::User, seq);
    batch.count(&scope.directory_id, state_count(row.active, 1));
    Ok(row)
}

/// The user with this id.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &UserId) -> Result<Option<UserRow>> {
    tx.query_one(
        select!("FROM scim_user u WHERE u.directory_id = $1 AND u.id = $2"),
        &[&scope.directory_id, id],
        UserRow::read,
    )
}

/// The user with this id, locked until the job ends. For jobs that write.
///
/// # Errors
/// When the database fails.
pub fn get_for_update(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &UserId) -> Result<Option<UserRow>> {
    let sql = format!("{}{}", select!("FROM scim_user u WHERE u.directory_id = $1 AND u.id = $2"), tx.lock_suffix());
    tx.query_one(&sql, &[&scope.directory_id, id], UserRow::read)
}

/// The user with this `userName`, without regard to case (folded here).
///
/// # Errors
/// When the database fails.
pub fn by_user_name(tx: &mut Tx<'_>, scope: &DirectoryScope, user_name: &str) -> Result<Option<UserRow>> {
    tx.query_one(
        select!("FROM scim_user u WHERE u.directory_id = $1 AND u.user_name_key = $2"),
        &[&scope.directory_id, &key::user_name(user_name)],
        UserRow::read,
    )
}

/// The users with this `externalId` (RFC 7643 section 3.1: the client may give one twice), at most 100.
///
/// # Errors
/// When the database fails.
pub fn by_external_id(tx: &mut Tx<'_>, scope: &DirectoryScope, external_id: &str) -> Result<Vec<UserRow>> {
    tx.query(
        select!("FROM scim_user u WHERE u.directory_id = $1 AND u.external_id_key = $2 ORDER BY u.seq + 0 LIMIT 100"),
        &[&scope.directory_id, &key::exact(external_id)],
        UserRow::read,
    )
}

/// The user with this id, whatever its directory, and the directory's scope. For the application's API only.
///
/// # Errors
/// When the database fails.
pub fn find(tx: &mut Tx<'_>, by: &ApplicationScope, id: &UserId) -> Result<Option<(DirectoryScope, UserRow)>> {
    let directory: Option<DirectoryId> =
        tx.query_one("SELECT directory_id FROM scim_user WHERE id = $1", &[id], |row| row.get(0))?;
    let Some(directory) = directory else { return Ok(None) };
    let Some(scope) = directory::scope(tx, by, &directory)? else { return Ok(None) };
    Ok(get(tx, &scope, id)?.map(|row| (scope, row)))
}

/// The user and the groups it is in, in one statement.
///
/// # Errors
/// When the database fails.
pub fn with_groups(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &UserId) -> Result<Option<(UserRow, Vec<GroupRef>)>> {
    // Each group is `<characters of the name>:<id><name>`, so that no name can be taken for the end of another.
    tx.query_one(
        select!(
            ", (SELECT string_agg(CAST(length(g.display_name) AS TEXT) || ':' || g.id || g.display_name, '') \
             FROM membership m JOIN scim_group g ON g.directory_id = m.directory_id AND g.id = m.group_id \
             WHERE m.directory_id = $1 AND m.user_id = $2) \
             FROM scim_user u WHERE u.directory_id = $1 AND u.id = $2"
        ),
        &[&scope.directory_id, id],
        |row| {
            let groups: Option<String> = row.get(10)?;
            Ok((UserRow::read(row)?, spelled_groups(groups.as_deref().unwrap_or_default())?))
        },
    )
}

fn spelled_groups(mut text: &str) -> Result<Vec<GroupRef>> {
    let mut groups = Vec::new();
    while !text.is_empty() {
        let (group, rest) =
            spelled_group(text).ok_or_else(|| Error::Corrupt("the groups of a user cannot be read".into()))?;
        groups.push(group);
        text = rest;
    }
    groups.sort_by_key(|group| group.id);
    Ok(groups)
}

fn spelled_group(text: &str) -> Option<(GroupRef, &str)> {
    let (length, rest) = text.split_once(':')?;
    let (id, rest) = rest.split_at_checked(26)?;
    let length: usize = length.parse().ok()?;
    let end = rest.char_indices().nth(length).map_or(rest.len(), |(end, _)| end);
    let (display, rest) = rest.split_at_checked(end)?;
    Some((GroupRef { id: GroupId::from_code(id).ok()?, display: display.to_owned() }, rest))
}

/// The users with these ids, in any order; missing ones are left out.
///
/// # Errors
/// When the database fails.
pub fn get_many(tx: &mut Tx<'_>, scope: &DirectoryScope, ids: &[UserId]) -> Result<Vec<UserRow>> {
    let mut rows = Vec::with_capacity(ids.len());
    for portion in portions(ids) {
        let condition = numbered(2, portion.len());
        let sql = format!("{}({condition})", select!("FROM scim_user u WHERE u.directory_id = $1 AND u.id IN "));
        let mut params: Vec<&dyn Param> = vec![&scope.directory_id];
        params.extend(portion.iter().map(|id| id as &dyn Param));
        rows.extend(tx.query(&sql, &params, UserRow::read)?);
    }
    Ok(rows)
}

/// The groups of these users; users without groups are missing in the map.
///
/// # Errors
/// When the database fails.
pub fn groups_of(tx: &mut Tx<'_>, scope: &DirectoryScope, ids: &[UserId]) -> Result<HashMap<UserId, Vec<GroupRef>>> {
    let mut groups: HashMap<UserId, Vec<GroupRef>> = HashMap::new();
    for portion in portions(ids) {
        // Materialized: a PostgreSQL that has not analysed the tables yet would else go through all groups.
        let sql = format!(
            "WITH mine AS MATERIALIZED ( \
                 SELECT user_id, group_id FROM membership WHERE directory_id = $1 AND user_id IN ({})) \
             SELECT mine.user_id, g.id, g.display_name \
             FROM mine JOIN scim_group g ON g.directory_id = $1 AND g.id = mine.group_id",
            numbered(2, portion.len())
        );
        let mut params: Vec<&dyn Param> = vec![&scope.directory_id];
        params.extend(portion.iter().map(|id| id as &dyn Param));
        let rows = tx.query(&sql, &params, |row| {
            Ok((row.get::<UserId>(0)?, GroupRef { id: row.get(1)?, display: row.get(2)? }))
        })?;
        for (user, group) in rows {
            groups.entry(user).or_default().push(group);
        }
    }
    groups.values_mut().for_each(|groups| groups.sort_by_key(|group| group.id));
    Ok(groups)
}

/// Writes new values over `current`; the row as it is then, with the next version.
///
/// # Errors
/// [`Conflict::UserName`](crate::Conflict::UserName) when another user has the new `userName`; nothing was written then.
pub fn update(tx: &mut Tx<'_>, scope: &DirectoryScope, current: &UserRow, values: &UserValues) -> Result<UserRow> {
    let user_name_key = key::user_name(&values.user_name);
    if user_name_key != key::user_name(&current.user_name) {
        let taken = tx.query_one(
            "SELECT 1 FROM scim_user WHERE directory_id = $1 AND user_name_key = $2",
            &[&scope.directory_id, &user_name_key],
            |_| Ok(()),
        )?;
        if taken.is_some() {
            return Err(Error::Conflict(Conflict::UserName));
        }
    }
    let row = UserRow {
        user_name: key::without_nul(&values.user_name),
        external_id: values.external_id.as_deref().map(key::without_nul),
        display_name: key::without_nul(&values.display_name),
        active: values.active,
        doc: values.doc.clone(),
        version: current.version + 1,
        updated_at: change::instant(tx.now(), current.updated_at),
        ..*current
    };
    let emails = email_keys(values);
    let more_before: Option<i64> = tx.query_one(
        "UPDATE scim_user SET user_name = $4, user_name_key = $5, external_id = $6, external_id_key = $7, display_name = $8, \
         email_key = $9, active = $10, version = version + 1, updated_at = $11, doc = $12 \
         WHERE directory_id = $1 AND id = $2 AND version = $3 \
         RETURNING (SELECT COUNT(*) FROM user_email e WHERE e.directory_id = $1 AND e.user_id = $2)",
        &[
            &scope.directory_id,
            &row.id,
            &current.version,
            &row.user_name,
            &user_name_key,
            &row.external_id,
            &values.external_id.as_deref().map(key::exact),
            &row.display_name,
            &emails.first(),
            &row.active,
            &row.updated_at,
            &row.doc,
        ],
        |row| row.get(0),
    )?;
    // `current` was not read in this job under the lock of its directory.
    let more_before = more_before.ok_or(Error::Conflict(Conflict::Other))?;
    if more_before > 0 {
        let whose: [&dyn Param; 2] = [&scope.directory_id, &row.id];
        tx.execute("DELETE FROM user_email WHERE directory_id = $1 AND user_id = $2", &whose)?;
    }
    write_more_emails(tx, scope, &row.id, emails.get(1..).unwrap_or_default())?;
    if current.active != row.active {
        let batch = tx.batch()?;
        batch.count(&scope.directory_id, state_count(current.active, -1));
        batch.count(&scope.directory_id, state_count(row.active, 1));
    }
    Ok(row)
}

/// Removes a user with its memberships and leaves a tombstone; the groups it was taken out of (their `members_count` and version
/// are kept right).
///
/// # Errors
/// When the database fails.
pub fn delete(tx: &mut Tx<'_>, scope: &DirectoryScope, row: &UserRow) -> Result<Vec<GroupId>> {
    let ended = tx.query(
        "DELETE FROM membership WHERE directory_id = $1 AND user_id = $2 RETURNING group_id",
        &[&scope.directory_id, &row.id],
        |row| row.get(0),
    )?;
    change::lose_member(tx, scope, &ended)?;
    let removed: Option<(i64, bool)> = tx.query_one(
        "DELETE FROM scim_user WHERE directory_id = $1 AND id = $2 RETURNING seq, active",
        &[&scope.directory_id, &row.id],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    if let Some((seq, active)) = removed {
        change::bury(tx, scope, &row.id, "user")?;
        let batch = tx.batch()?;
        batch.removed(&scope.directory_id, Kind::User, seq);
        batch.count(&scope.directory_id, state_count(active, -1));
    }
    Ok(ended)
}

/// Whether a user with this id was deleted.
///
/// # Errors
/// When the database fails.
pub fn is_deleted(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &UserId) -> Result<bool> {
    change::is_buried(tx, scope, id)
}

/// `count` users from the `start_index`-th on (counted from 1), in the order of creation. Costs the same at every depth.
///
/// # Errors
/// When the database fails.
pub fn page(tx: &mut Tx<'_>, scope: &DirectoryScope, start_index: i64, count: i64) -> Result<Vec<UserRow>> {
    let (seq, offset) = blocks::begin(tx, scope, Kind::User, start_index)?;
    tx.query(
        select!("FROM scim_user u WHERE u.directory_id = $1 AND u.seq >= $2 ORDER BY u.seq LIMIT $3 OFFSET $4"),
        &[&scope.directory_id, &seq, &count.max(0), &offset],
        UserRow::read,
    )
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
    let mut id_column = "u.id";
    let mut select = select!("FROM scim_user u");
    conditions.and(&format!("u.directory_id = {directory}"));
    if let Some(group) = filter.group {
        // The members lead: a small group of a large directory is found at once.
        select = select!("FROM membership m JOIN scim_user u ON u.directory_id = m.directory_id AND u.id = m.user_id");
        id_column = "m.user_id";
        let group = conditions.bind(group);
        conditions.and(&format!("m.directory_id = {directory} AND m.group_id = {group}"));
    }
    if let Some(idp_id) = &filter.idp_id {
        let external_id = conditions.bind(key::exact(idp_id));
        let user_name = conditions.bind(key::user_name(idp_id));
        conditions.and(&format!(
            "(u.external_id_key = {external_id} OR (u.external_id_key IS NULL AND u.user_name_key = {user_name}))"
        ));
    }
    if let Some(email) = &filter.email {
        let email = conditions.bind(key::caseless(email.trim()));
        conditions.and(&format!(
            "(u.email_key = {email} OR u.id IN \
             (SELECT e.user_id FROM user_email e WHERE e.directory_id = {directory} AND e.email_key = {email}))"
        ));
    }
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
    listing::slice(tx, select, id_column, conditions, cursor, UserRow::read)
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
