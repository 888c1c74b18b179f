//! Groups: the SCIM document without its members, and the keys by which it is found.

use std::collections::HashMap;

use crate::batch::Kind;
use crate::error::{Conflict, Error, Result};
use crate::ids::{DirectoryId, GroupId};
use crate::membership::MemberId;
use crate::scope::{Authority, DirectoryScope};
use crate::stats::Counts;
use crate::tx::Tx;
use crate::value::{Param, Row};
use crate::{change, directory, key, many};

/// A stored group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    /// Its id.
    pub id: GroupId,
    /// Its number in the directory: the order of creation, never reused.
    pub seq: i64,
    /// `displayName` as sent.
    pub display_name: String,
    /// `externalId` as sent.
    pub external_id: Option<String>,
    /// The SCIM document in canonical 2.0 form, without members (`Resource::to_stored`).
    pub doc: String,
    /// Counts the changes of the representation, memberships included, from 1 (SEC-40).
    pub version: i64,
    /// How many members it has; pending ones do not count.
    pub members_count: i64,
    /// Unix microseconds.
    pub created_at: i64,
    /// Unix microseconds.
    pub updated_at: i64,
}

/// What a group is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupValues {
    /// `displayName` as sent.
    pub display_name: String,
    /// `externalId` as sent.
    pub external_id: Option<String>,
    /// The SCIM document in canonical 2.0 form, without members (`Resource::to_stored`).
    pub doc: String,
}

/// What the removal of a group ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EndedMemberships {
    /// Its members.
    pub members: Vec<MemberId>,
    /// The groups it was itself a member of (their `members_count` and version are kept right).
    pub parents: Vec<GroupId>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT g.id, g.seq, g.display_name, g.external_id, g.version, g.members_count, g.created_at, g.updated_at, g.doc ",
            $rest
        )
    };
}

mod list;

pub use list::{GroupFilter, after, count_matching, list, matching, page, page_by, total};

/// The columns of a row, of a table that is called `t`.
pub(crate) const COLUMNS: &str =
    "t.id, t.seq, t.display_name, t.external_id, t.version, t.members_count, t.created_at, t.updated_at, t.doc";

/// Many groups, as part of a `many::wanted` statement.
pub(crate) const SELECT_AHEAD: &str = select!(
    "FROM wanted w LEFT JOIN scim_group g ON g.directory_id = $1 AND g.id = w.key WHERE COALESCE(g.id, '') <> ''"
);

impl GroupRow {
    pub(crate) fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            seq: row.get(1)?,
            display_name: row.get(2)?,
            external_id: row.get(3)?,
            version: row.get(4)?,
            members_count: row.get(5)?,
            created_at: row.get(6)?,
            updated_at: row.get(7)?,
            doc: row.get(8)?,
        })
    }
}

/// Writes a new group.
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, scope: &DirectoryScope, values: &GroupValues) -> Result<GroupRow> {
    let row = GroupRow {
        id: tx.mint(),
        seq: tx.next_seq(&scope.directory_id, Kind::Group)?,
        display_name: key::without_nul(&values.display_name),
        external_id: values.external_id.as_deref().map(key::without_nul),
        doc: values.doc.clone(),
        version: 1,
        members_count: 0,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    tx.execute(
        "INSERT INTO scim_group (directory_id, id, seq, display_name, display_name_key, external_id, external_id_key, version, \
         members_count, created_at, updated_at, doc) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, 0, $8, $8, $9)",
        &[
            &scope.directory_id,
            &row.id,
            &row.seq,
            &row.display_name,
            &key::caseless(&values.display_name),
            &row.external_id,
            &values.external_id.as_deref().map(key::exact),
            &row.created_at,
            &row.doc,
        ],
    )?;
    let batch = tx.batch()?;
    batch.added(&scope.directory_id, Kind::Group, row.seq);
    batch.count(&scope.directory_id, Counts { groups: 1, ..Counts::default() });
    Ok(row)
}

/// The group with this id.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &GroupId) -> Result<Option<GroupRow>> {
    if let Some(known) = known(tx, scope, id) {
        return Ok(known);
    }
    tx.query_one(
        select!("FROM scim_group g WHERE g.directory_id = $1 AND g.id = $2"),
        &[&scope.directory_id, id],
        GroupRow::read,
    )
}

/// The groups with these ids, each given once, in any order; missing ones are left out.
///
/// # Errors
/// When the database fails.
pub fn get_many(tx: &mut Tx<'_>, scope: &DirectoryScope, ids: &[GroupId]) -> Result<Vec<GroupRow>> {
    let mut rows = Vec::with_capacity(ids.len());
    for (wanted, params) in many::wanted(&[&scope.directory_id], ids) {
        rows.extend(tx.query(&format!("{wanted} {SELECT_AHEAD}"), &params, GroupRow::read)?);
    }
    Ok(rows)
}

/// The names of these groups, each given once; missing ones are left out.
pub(crate) fn names(tx: &mut Tx<'_>, scope: &DirectoryScope, ids: &[GroupId]) -> Result<HashMap<GroupId, String>> {
    let mut names = HashMap::with_capacity(ids.len());
    for (wanted, params) in many::wanted(&[&scope.directory_id], ids) {
        let sql = format!(
            "{wanted} SELECT g.id, g.display_name FROM wanted w \
             LEFT JOIN scim_group g ON g.directory_id = $1 AND g.id = w.key WHERE COALESCE(g.id, '') <> ''"
        );
        names.extend(tx.query(&sql, &params, |row| Ok((row.get::<GroupId>(0)?, row.get::<String>(1)?)))?);
    }
    Ok(names)
}

/// The group with this id, locked until the job ends. To be called before its members are changed.
///
/// # Errors
/// When the database fails.
pub fn get_for_update(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &GroupId) -> Result<Option<GroupRow>> {
    // What is known is locked with its directory.
    if let Some(known) = known(tx, scope, id) {
        return Ok(known);
    }
    let sql = format!("{}{}", select!("FROM scim_group g WHERE g.directory_id = $1 AND g.id = $2"), tx.lock_suffix());
    tx.query_one(&sql, &[&scope.directory_id, id], GroupRow::read)
}

/// The group as the batch knows it, `Some(None)` when it is known that there is none.
fn known(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &GroupId) -> Option<Option<GroupRow>> {
    Some(tx.ahead()?.group(&scope.directory_id, id)?.cloned())
}

/// The groups with this `displayName`, without regard to case (folded here), at most 100.
///
/// # Errors
/// When the database fails.
pub fn by_display_name(tx: &mut Tx<'_>, scope: &DirectoryScope, display_name: &str) -> Result<Vec<GroupRow>> {
    tx.query(
        select!("FROM scim_group g WHERE g.directory_id = $1 AND g.display_name_key = $2 ORDER BY g.seq + 0 LIMIT 100"),
        &[&scope.directory_id, &key::caseless(display_name)],
        GroupRow::read,
    )
}

/// The groups with this `externalId`, at most 100.
///
/// # Errors
/// When the database fails.
pub fn by_external_id(tx: &mut Tx<'_>, scope: &DirectoryScope, external_id: &str) -> Result<Vec<GroupRow>> {
    tx.query(
        select!("FROM scim_group g WHERE g.directory_id = $1 AND g.external_id_key = $2 ORDER BY g.seq + 0 LIMIT 100"),
        &[&scope.directory_id, &key::exact(external_id)],
        GroupRow::read,
    )
}

/// The group with this id, whatever its directory, and the directory's scope. For the application's API only.
///
/// # Errors
/// When the database fails.
pub fn find(tx: &mut Tx<'_>, by: &impl Authority, id: &GroupId) -> Result<Option<(DirectoryScope, GroupRow)>> {
    let directory: Option<DirectoryId> =
        tx.query_one("SELECT directory_id FROM scim_group WHERE id = $1", &[id], |row| row.get(0))?;
    let Some(directory) = directory else { return Ok(None) };
    let Some(scope) = directory::scope(tx, by, &directory)? else { return Ok(None) };
    Ok(get(tx, &scope, id)?.map(|row| (scope, row)))
}

/// Writes new values over `current`; the row as it is then, with the next version.
///
/// # Errors
/// When the database fails.
pub fn update(tx: &mut Tx<'_>, scope: &DirectoryScope, current: &GroupRow, values: &GroupValues) -> Result<GroupRow> {
    let row = GroupRow {
        display_name: key::without_nul(&values.display_name),
        external_id: values.external_id.as_deref().map(key::without_nul),
        doc: values.doc.clone(),
        version: current.version + 1,
        updated_at: change::instant(tx.now(), current.updated_at),
        ..*current
    };
    let written = tx.execute(
        "UPDATE scim_group SET display_name = $4, display_name_key = $5, external_id = $6, external_id_key = $7, \
         version = version + 1, updated_at = $8, doc = $9 WHERE directory_id = $1 AND id = $2 AND version = $3",
        &[
            &scope.directory_id,
            &row.id,
            &current.version,
            &row.display_name,
            &key::caseless(&values.display_name),
            &row.external_id,
            &values.external_id.as_deref().map(key::exact),
            &row.updated_at,
            &row.doc,
        ],
    )?;
    // `current` was not read in this job under the lock of its directory.
    if written == 0 { Err(Error::Conflict(Conflict::Other)) } else { Ok(row) }
}

/// Removes a group with its memberships and pending members and leaves a tombstone.
///
/// # Errors
/// When the database fails.
pub fn delete(tx: &mut Tx<'_>, scope: &DirectoryScope, row: &GroupRow) -> Result<EndedMemberships> {
    let whose: [&dyn Param; 2] = [&scope.directory_id, &row.id];
    let mut members: Vec<MemberId> = tx.query(
        "DELETE FROM membership WHERE directory_id = $1 AND group_id = $2 RETURNING user_id",
        &whose,
        |row| row.get(0).map(MemberId::User),
    )?;
    members.extend(tx.query(
        "DELETE FROM nested_group WHERE directory_id = $1 AND group_id = $2 RETURNING child_id",
        &whose,
        |row| row.get(0).map(MemberId::Group),
    )?);
    members.sort();
    let parents = tx.query(
        "DELETE FROM nested_group WHERE directory_id = $1 AND child_id = $2 RETURNING group_id",
        &whose,
        |row| row.get(0),
    )?;
    change::lose_member(tx, scope, &parents)?;
    let pending = tx.execute("DELETE FROM pending_member WHERE directory_id = $1 AND group_id = $2", &whose)?;
    let removed: Option<i64> =
        tx.query_one("DELETE FROM scim_group WHERE directory_id = $1 AND id = $2 RETURNING seq", &whose, |row| {
            row.get(0)
        })?;
    if let Some(seq) = removed {
        change::bury(tx, scope, &row.id, "group", None)?;
        let batch = tx.batch()?;
        batch.removed(&scope.directory_id, Kind::Group, seq);
        let change = Counts { groups: -1, pending: -(pending as i64), ..Counts::default() };
        batch.count(&scope.directory_id, change);
    }
    Ok(EndedMemberships { members, parents })
}

/// Whether a group with this id was deleted.
///
/// # Errors
/// When the database fails.
pub fn is_deleted(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &GroupId) -> Result<bool> {
    change::is_buried(tx, scope, id)
}
