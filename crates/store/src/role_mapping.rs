//! The rules that give people of a directory roles, and what came of them.
//!
//! Which rules count is decided under the lock of the directory's row, by its stamp: a node that remembers older ones reads
//! them again in the transaction. Nothing here decides who has which role; `service` does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::ids::{DirectoryId, GroupId, RoleMappingId, UserId};
use crate::role::{self, RoleRow};
use crate::scope::{Authority, DirectoryScope};
use crate::settings::{RoleSettings, Settings};
use crate::tx::Tx;
use crate::value::Row;
use crate::{directory, key};

/// What must be true of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Condition {
    /// To be directly in this group.
    GroupId {
        /// The group.
        group_id: GroupId,
    },
    /// To be directly in a group of this name, in any letter case.
    GroupName {
        /// The `displayName`.
        group_name: String,
    },
    /// To have this value there, in any letter case.
    Attribute {
        /// Where, as `title`, `name.givenName` or `urn:…:User:department`.
        path: String,
        /// The value.
        value: String,
    },
    /// To have the slug or the name of a role there: the value is the role.
    AttributeRole {
        /// Where.
        path: String,
    },
}

/// A rule: who gets what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// What must be true.
    pub condition: Condition,
    /// The slug of the role; `None` when the value is the role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// In which environment of the application; empty for the usual one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub environment: String,
}

/// A stored rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingRow {
    /// Its id.
    pub id: RoleMappingId,
    /// The directory that it counts in.
    pub directory_id: DirectoryId,
    /// Its place in the order of rules, from 1.
    pub place: i64,
    /// What it says.
    pub rule: Rule,
    /// Unix microseconds.
    pub created_at: i64,
    /// Unix microseconds.
    pub updated_at: i64,
}

/// All that decides about the roles in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// One role or all that match, and what becomes of unknown values.
    pub settings: RoleSettings,
    /// The roles there are.
    pub roles: Vec<RoleRow>,
    /// The rules, in order.
    pub mappings: Vec<MappingRow>,
}

/// A role that somebody has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// The role.
    pub slug: String,
    /// The rule that gave it; `None` for the default role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping: Option<RoleMappingId>,
    /// Since when the person has it (Unix microseconds).
    pub since: i64,
}

/// What the rules have given a person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Outcome {
    /// By environment, the usual one being empty; the first of each is the one that counts where one alone can be shown.
    pub roles: BTreeMap<String, Vec<Given>>,
    /// Path and value where a rule expected the name of a role and found none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<(String, String)>,
}

impl Outcome {
    /// Reads what [`to_stored`](Self::to_stored) wrote.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it is damaged.
    pub fn from_stored(text: Option<&str>) -> Result<Self> {
        let read = |text| serde_json::from_str(text).map_err(|_| Error::Corrupt("the roles of a user".into()));
        text.map(read).transpose().map(Option::unwrap_or_default)
    }

    /// The JSON of the row; nothing when there is nothing.
    ///
    /// # Errors
    /// Never, in practice.
    pub fn to_stored(&self) -> Result<Option<String>> {
        if self.roles.is_empty() && self.unknown.is_empty() {
            return Ok(None);
        }
        serde_json::to_string(self).map(Some).map_err(|error| Error::Database(error.to_string()))
    }
}

/// The rules that a scope was used with last.
#[derive(Debug, Default)]
pub(crate) struct Remembered(Mutex<Option<(i64, Arc<Policy>)>>);

impl Remembered {
    fn get(&self, stamp: i64) -> Option<Arc<Policy>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|(of, _)| *of == stamp).map(|(_, policy)| Arc::clone(policy))
    }

    fn put(&self, stamp: i64, policy: &Arc<Policy>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((stamp, Arc::clone(policy)));
    }
}

/// What decides about roles in the directory at this point of the transaction; `None` when it has no rules, which costs nothing.
/// For jobs that write.
///
/// # Errors
/// When the database fails.
pub fn policy(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<Option<Arc<Policy>>> {
    let stamp = tx.rules_stamp(&scope.directory_id)?;
    if stamp == 0 {
        return Ok(None);
    }
    if let Some(policy) = scope.rules.get(stamp) {
        return Ok(Some(policy));
    }
    let policy = Arc::new(load(tx, scope)?);
    scope.rules.put(stamp, &policy);
    Ok(Some(policy))
}

/// What decides about roles in the directory, rules or none, read anew. For jobs of any kind.
///
/// # Errors
/// When the database fails.
pub fn load(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<Policy> {
    let sql = "SELECT settings FROM directory WHERE id = $1";
    let settings: Option<String> = tx.query_one(sql, &[&scope.directory_id], |row| row.get(0))?;
    let settings = settings.as_deref().map(Settings::from_stored).transpose()?.unwrap_or_default();
    Ok(Policy { settings: settings.roles, roles: role::effective(tx, scope)?, mappings: list(tx, scope)? })
}

/// What decides about roles in the directory has changed: every node notices. Without rules there is nothing to notice.
///
/// # Errors
/// When the database fails.
pub fn changed(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<()> {
    // The lock of the row comes first, as with every change of a directory.
    tx.rules_stamp(&scope.directory_id)?;
    let mut random = [0; 8];
    tx.random(&mut random);
    let stamp = if list(tx, scope)?.is_empty() { 0 } else { (i64::from_le_bytes(random) & i64::MAX) | 1 };
    tx.execute("UPDATE directory_stats SET rules_stamp = $2 WHERE directory_id = $1", &[&scope.directory_id, &stamp])?;
    tx.batch()?.reread(&scope.directory_id);
    Ok(())
}

const SELECT: &str = "SELECT id, directory_id, place, rule, created_at, updated_at FROM role_mapping";

fn read(row: &Row<'_>) -> Result<MappingRow> {
    let rule: String = row.get(3)?;
    Ok(MappingRow {
        id: row.get(0)?,
        directory_id: row.get(1)?,
        place: row.get(2)?,
        rule: serde_json::from_str(&rule).map_err(|_| Error::Corrupt("a rule for roles".into()))?,
        created_at: row.get(4)?,
        updated_at: row.get(5)?,
    })
}

fn stored(rule: &Rule) -> Result<String> {
    serde_json::to_string(rule).map_err(|error| Error::Database(error.to_string()))
}

/// The rules of the directory, in order.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<Vec<MappingRow>> {
    tx.query(&format!("{SELECT} WHERE directory_id = $1 ORDER BY place, id"), &[&scope.directory_id], read)
}

/// The rule with this id, and its directory.
///
/// # Errors
/// When the database fails.
pub fn find(tx: &mut Tx<'_>, by: &impl Authority, id: &RoleMappingId) -> Result<Option<(DirectoryScope, MappingRow)>> {
    let found = tx.query_one(&format!("{SELECT} WHERE id = $1"), &[id], read)?;
    let Some(row) = found else { return Ok(None) };
    Ok(directory::scope(tx, by, &row.directory_id)?.map(|scope| (scope, row)))
}

/// Writes a new rule.
///
/// # Errors
/// When the database fails.
pub fn create(tx: &mut Tx<'_>, scope: &DirectoryScope, place: i64, rule: &Rule) -> Result<MappingRow> {
    let now = tx.now();
    let row = MappingRow {
        id: tx.mint(),
        directory_id: scope.directory_id,
        place,
        rule: rule.clone(),
        created_at: now,
        updated_at: now,
    };
    tx.execute(
        "INSERT INTO role_mapping (directory_id, id, place, rule, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)",
        &[&scope.directory_id, &row.id, &place, &stored(rule)?, &now],
    )?;
    Ok(row)
}

/// Writes another rule over `current`; the row as it is then.
///
/// # Errors
/// When the database fails.
pub fn update(tx: &mut Tx<'_>, scope: &DirectoryScope, current: &MappingRow, rule: &Rule) -> Result<MappingRow> {
    let updated_at = crate::change::instant(tx.now(), current.updated_at);
    tx.execute(
        "UPDATE role_mapping SET rule = $3, updated_at = $4 WHERE directory_id = $1 AND id = $2",
        &[&scope.directory_id, &current.id, &stored(rule)?, &updated_at],
    )?;
    Ok(MappingRow { rule: rule.clone(), updated_at, ..current.clone() })
}

/// Puts the rules into this order, from place 1 on.
///
/// # Errors
/// When the database fails.
pub fn order(tx: &mut Tx<'_>, scope: &DirectoryScope, ids: &[RoleMappingId]) -> Result<()> {
    for (index, id) in ids.iter().enumerate() {
        tx.execute(
            "UPDATE role_mapping SET place = $3 WHERE directory_id = $1 AND id = $2 AND place <> $3",
            &[&scope.directory_id, id, &(index as i64 + 1)],
        )?;
    }
    Ok(())
}

/// Removes a rule.
///
/// # Errors
/// When the database fails.
pub fn delete(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &RoleMappingId) -> Result<()> {
    tx.execute("DELETE FROM role_mapping WHERE directory_id = $1 AND id = $2", &[&scope.directory_id, id])?;
    Ok(())
}

/// Notes which unknown values a person has now, in place of those that were noted.
///
/// # Errors
/// When the database fails.
pub fn note_unknown(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    user: &UserId,
    unknown: &[(String, String)],
) -> Result<()> {
    let now = tx.now();
    tx.execute_soon(
        "DELETE FROM unknown_role_value WHERE directory_id = $1 AND user_id = $2",
        &[&scope.directory_id, user],
        None,
    )?;
    for (path, value) in unknown {
        tx.execute_soon(
            "INSERT INTO unknown_role_value (directory_id, user_id, path, value, seen_at) VALUES ($1, $2, $3, $4, $5)",
            &[&scope.directory_id, user, path, &key::without_nul(value), &now],
            None,
        )?;
    }
    Ok(())
}

/// A value that is the name of no role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownValue {
    /// Where it stands.
    pub path: String,
    /// The value.
    pub value: String,
    /// How many people have it.
    pub people: i64,
    /// When it came last (Unix microseconds).
    pub last_seen_at: i64,
}

/// At most `limit` unknown values of the directory, those that most people have in front.
///
/// # Errors
/// When the database fails.
pub fn unknown_values(tx: &mut Tx<'_>, scope: &DirectoryScope, limit: i64) -> Result<Vec<UnknownValue>> {
    tx.query(
        "SELECT path, value, COUNT(*) AS people, MAX(seen_at) FROM unknown_role_value WHERE directory_id = $1 \
         GROUP BY path, value ORDER BY people DESC, path, value LIMIT $2",
        &[&scope.directory_id, &limit.max(0)],
        |row| {
            Ok(UnknownValue { path: row.get(0)?, value: row.get(1)?, people: row.get(2)?, last_seen_at: row.get(3)? })
        },
    )
}

/// How far the people of a directory have been looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recompute {
    /// Everybody up to this number (`UserRow::seq`) is done.
    pub after_seq: i64,
    /// How many people were looked at.
    pub looked_at: i64,
    /// How many of them have other roles now.
    pub changed: i64,
    /// Unix microseconds.
    pub started_at: i64,
}

/// Begins to look at everybody again, from the first person on.
///
/// # Errors
/// When the database fails.
pub fn begin_recompute(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<()> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO role_recompute (directory_id, after_seq, looked_at, changed, started_at) VALUES ($1, -1, 0, 0, $2) \
         ON CONFLICT (directory_id) DO UPDATE SET after_seq = -1, looked_at = 0, changed = 0, started_at = excluded.started_at",
        &[&scope.directory_id, &now],
    )?;
    Ok(())
}

/// How far it has come; `None` when everybody is done.
///
/// # Errors
/// When the database fails.
pub fn recompute(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<Option<Recompute>> {
    tx.query_one(
        "SELECT after_seq, looked_at, changed, started_at FROM role_recompute WHERE directory_id = $1",
        &[&scope.directory_id],
        |row| {
            Ok(Recompute {
                after_seq: row.get(0)?,
                looked_at: row.get(1)?,
                changed: row.get(2)?,
                started_at: row.get(3)?,
            })
        },
    )
}

/// Notes how far it has come; `None`: everybody is done.
///
/// # Errors
/// When the database fails.
pub fn set_recompute(tx: &mut Tx<'_>, scope: &DirectoryScope, state: Option<&Recompute>) -> Result<()> {
    match state {
        None => tx.execute("DELETE FROM role_recompute WHERE directory_id = $1", &[&scope.directory_id])?,
        Some(state) => tx.execute(
            "UPDATE role_recompute SET after_seq = $2, looked_at = $3, changed = $4 WHERE directory_id = $1",
            &[&scope.directory_id, &state.after_seq, &state.looked_at, &state.changed],
        )?,
    };
    Ok(())
}

/// A directory whose people are to be looked at again.
///
/// # Errors
/// When the database fails.
pub fn next_recompute(tx: &mut Tx<'_>, by: &impl Authority) -> Result<Option<DirectoryId>> {
    let _ = by;
    let sql = "SELECT directory_id FROM role_recompute ORDER BY started_at, directory_id LIMIT 1";
    tx.query_one(sql, &[], |row| row.get(0))
}

/// How often the directory was switched off or on, or its deletion begun or taken back: part of everybody's version.
///
/// # Errors
/// When the database fails.
pub fn access_epoch(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<i64> {
    let sql = "SELECT access_epoch FROM directory WHERE id = $1";
    Ok(tx.query_one(sql, &[&scope.directory_id], |row| row.get(0))?.unwrap_or_default())
}
