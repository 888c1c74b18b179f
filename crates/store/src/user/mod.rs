//! Users: the SCIM document and the folded keys by which it is found.

use crate::ahead::KnownUser;
use crate::error::{Error, Result};
use crate::ids::{DirectoryId, GroupId, Id, UserId};
use crate::known_user::KnownUserId;
use crate::scope::{Authority, DirectoryScope};
use crate::tx::Tx;
use crate::value::Row;
use crate::{change as rules, directory, key, many};

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
    /// Which roles the rules have given it, as JSON (`role_mapping::Outcome`); `None` when there are none.
    pub roles: Option<String>,
    /// Rises with every change of `active` or of the roles, from 1.
    pub access_version: i64,
    /// The account of the application that is this person's; `None` when none is linked.
    pub known_user_id: Option<KnownUserId>,
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

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT u.id, u.seq, u.user_name, u.external_id, u.display_name, u.active, u.version, u.created_at, u.updated_at, u.doc, \
             u.roles, u.access_version, u.known_user_id ",
            $rest
        )
    };
}

/// Where the columns of a statement begin that come after those of a row.
pub(crate) const FURTHER: usize = 13;

mod change;
mod groups;
mod list;

pub(crate) use change::set_known_user;
pub use change::{delete, insert, set_roles, update};
pub use groups::{groups_of, groups_of_page};
pub use list::{UserFilter, after, count_matching, list, matching, page, page_by, total};

/// The columns of a row, of a table that is called `t`.
pub(crate) const COLUMNS: &str = "t.id, t.seq, t.user_name, t.external_id, t.display_name, t.active, t.version, t.created_at, t.updated_at, t.doc, \
     t.roles, t.access_version, t.known_user_id";

/// Many users with all that [`KnownUser`] holds, as part of a [`many::wanted`] statement.
pub(crate) const SELECT_AHEAD: &str = select!(
    ", (SELECT string_agg(CAST(length(g.display_name) AS TEXT) || ':' || g.id || g.display_name, '') \
     FROM membership m LEFT JOIN scim_group g ON g.directory_id = m.directory_id AND g.id = m.group_id \
     WHERE m.directory_id = $1 AND m.user_id = u.id), \
     (SELECT string_agg(CAST(length(e.email_key) AS TEXT) || ':' || e.email_key, '' ORDER BY e.email_key) FROM user_email e \
     WHERE e.directory_id = $1 AND e.user_id = u.id) \
     FROM wanted w LEFT JOIN scim_user u ON u.directory_id = $1 AND u.id = w.key WHERE COALESCE(u.id, '') <> ''"
);

/// The addresses of a user after the first, as the statements show them: each after its length, in order.
pub(crate) fn spelled_emails(keys: &[String]) -> String {
    let mut keys: Vec<&String> = keys.iter().collect();
    keys.sort_unstable();
    keys.iter().map(|key| format!("{}:{key}", key.chars().count())).collect()
}

impl KnownUser {
    /// Reads a row of [`SELECT_AHEAD`].
    pub(crate) fn read(row: &Row<'_>) -> Result<Self> {
        let groups: Option<String> = row.get(FURTHER)?;
        let more_emails: Option<String> = row.get(FURTHER + 1)?;
        Ok(Self {
            row: UserRow::read(row)?,
            groups: Some(spelled_groups(groups.as_deref().unwrap_or_default())?),
            more_emails: more_emails.unwrap_or_default(),
        })
    }
}

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
            roles: row.get(10)?,
            access_version: row.get(11)?,
            known_user_id: row.get::<Option<String>>(12)?.map(KnownUserId::stored),
        })
    }
}

/// The user with this id.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &UserId) -> Result<Option<UserRow>> {
    if let Some(known) = known(tx, scope, id) {
        return Ok(known.map(|user| user.row));
    }
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
    // What is known is locked with its directory.
    if let Some(known) = known(tx, scope, id) {
        return Ok(known.map(|user| user.row));
    }
    let sql = format!("{}{}", select!("FROM scim_user u WHERE u.directory_id = $1 AND u.id = $2"), tx.lock_suffix());
    tx.query_one(&sql, &[&scope.directory_id, id], UserRow::read)
}

/// The user as the batch knows it, `Some(None)` when it is known that there is none.
fn known(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &UserId) -> Option<Option<KnownUser>> {
    Some(tx.ahead()?.user(&scope.directory_id, id)?.cloned())
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
pub fn find(tx: &mut Tx<'_>, by: &impl Authority, id: &UserId) -> Result<Option<(DirectoryScope, UserRow)>> {
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
             FROM membership m LEFT JOIN scim_group g ON g.directory_id = m.directory_id AND g.id = m.group_id \
             WHERE m.directory_id = $1 AND m.user_id = $2) \
             FROM scim_user u WHERE u.directory_id = $1 AND u.id = $2"
        ),
        &[&scope.directory_id, id],
        |row| {
            let groups: Option<String> = row.get(FURTHER)?;
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

fn distinct(ids: &[UserId]) -> Vec<UserId> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The users with these ids, each once and in any order; missing ones are left out.
///
/// # Errors
/// When the database fails.
pub fn get_many(tx: &mut Tx<'_>, scope: &DirectoryScope, ids: &[UserId]) -> Result<Vec<UserRow>> {
    let ids = distinct(ids);
    if let Some(known) = tx.ahead().and_then(|ahead| ahead.users(&scope.directory_id, &ids)) {
        return Ok(known.into_iter().map(|user| user.row.clone()).collect());
    }
    let mut rows = Vec::with_capacity(ids.len());
    for (wanted, params) in many::wanted(&[&scope.directory_id], &ids) {
        let select = select!(
            "FROM wanted w LEFT JOIN scim_user u ON u.directory_id = $1 AND u.id = w.key WHERE COALESCE(u.id, '') <> ''"
        );
        rows.extend(tx.query(&format!("{wanted} {select}"), &params, UserRow::read)?);
    }
    Ok(rows)
}

/// The `access_version` of a user who was deleted; `None` when there was none with this id.
///
/// # Errors
/// When the database fails.
pub fn buried_access_version(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &UserId) -> Result<Option<i64>> {
    let version: Option<Option<i64>> = tx.query_one(
        "SELECT access_version FROM tombstone WHERE directory_id = $1 AND id = $2 AND kind = 'user'",
        &[&scope.directory_id, id],
        |row| row.get(0),
    )?;
    Ok(version.map(Option::unwrap_or_default))
}

/// Whether a user with this id was deleted.
///
/// # Errors
/// When the database fails.
pub fn is_deleted(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &UserId) -> Result<bool> {
    rules::is_buried(tx, scope, id)
}
