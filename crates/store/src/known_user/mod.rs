//! The accounts that the application has already, and which person of the directory each belongs to.
//!
//! An account is known by the application's own id. Nothing here decides who is whom; `service` does. Nothing here is ever read
//! across directories, but for the question whether one account is linked in another directory of the same organization.

mod conflict;
mod link;

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use crate::error::Result;
use crate::ids::{IdError, UserId};
use crate::listing::{self, Conditions};
use crate::paging::{Cursor, Slice};
use crate::scope::DirectoryScope;
use crate::settings::KnownUsersPolicy;
use crate::tx::Tx;
use crate::value::Row;
use crate::{key, many};

pub use conflict::{
    ConflictRow, close_conflict, conflict, conflict_of, conflicts, conflicts_naming, open_conflict, withdraw_candidate,
};
pub use link::{Candidate, candidates, depart, is_linked_elsewhere, keep_apart, link, people_like, unlink};

/// The longest id of an account, in bytes.
const LONGEST: usize = 200;

/// The application's own id of an account: 1 to 200 bytes on one line.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KnownUserId(String);

impl KnownUserId {
    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the tables hold was checked before.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }
}

impl FromStr for KnownUserId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let fits = !text.trim().is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(IdError) }
    }
}

impl fmt::Display for KnownUserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl serde::Serialize for KnownUserId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// What the application says of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownUserValues {
    /// Its own id of the account.
    pub id: KnownUserId,
    /// The name with which the person signs in. Folded here.
    pub user_name: Option<String>,
    /// The address. Folded here.
    pub email: Option<String>,
    /// What the identity provider calls the person, when the application knows it.
    pub external_id: Option<String>,
    /// The name for people.
    pub name: Option<String>,
}

/// A known account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownUserRow {
    /// What the application says of it.
    pub values: KnownUserValues,
    /// The person that it belongs to.
    pub user_id: Option<UserId>,
    /// Since when (Unix microseconds).
    pub linked_at: Option<i64>,
    /// The person that it belonged to, who was deleted by the identity provider.
    pub former_user_id: Option<UserId>,
    /// Whether a conflict names it.
    pub in_conflict: bool,
    /// Unix microseconds.
    pub created_at: i64,
    /// Unix microseconds.
    pub updated_at: i64,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT k.id, k.user_name, k.email, k.external_id, k.name, k.user_id, k.linked_at, k.former_user_id, \
             k.created_at, k.updated_at, EXISTS (SELECT 1 FROM identity_conflict_candidate c \
             WHERE c.directory_id = k.directory_id AND c.known_user_id = k.id) ",
            $rest
        )
    };
}
use select;

fn read(row: &Row<'_>) -> Result<KnownUserRow> {
    Ok(KnownUserRow {
        values: KnownUserValues {
            id: KnownUserId::stored(row.get(0)?),
            user_name: row.get(1)?,
            email: row.get(2)?,
            external_id: row.get(3)?,
            name: row.get(4)?,
        },
        user_id: row.get(5)?,
        linked_at: row.get(6)?,
        former_user_id: row.get(7)?,
        created_at: row.get(8)?,
        updated_at: row.get(9)?,
        in_conflict: row.get(10)?,
    })
}

/// What becomes of people whose account is known, at this point of the transaction; [`KnownUsersPolicy::Off`] also when nobody is
/// known, which costs nothing. For jobs that write.
///
/// # Errors
/// When the database fails.
pub fn policy(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<KnownUsersPolicy> {
    KnownUsersPolicy::from_number(tx.known_policy(&scope.directory_id)?)
}

/// The policy of the directory is this one, or there are known users now where there were none, or none any more: every node notices.
///
/// # Errors
/// When the database fails.
pub fn policy_changed(tx: &mut Tx<'_>, scope: &DirectoryScope, policy: KnownUsersPolicy) -> Result<()> {
    // The lock of the row comes first, as with every change of a directory.
    let before = tx.known_policy(&scope.directory_id)?;
    let anybody =
        tx.query_one("SELECT 1 FROM known_user WHERE directory_id = $1 LIMIT 1", &[&scope.directory_id], |_| Ok(()))?;
    let after = if anybody.is_some() { policy.number() } else { 0 };
    if before != after {
        tx.execute(
            "UPDATE directory_stats SET known_policy = $2 WHERE directory_id = $1",
            &[&scope.directory_id, &after],
        )?;
        tx.batch()?.reread(&scope.directory_id);
    }
    Ok(())
}

/// What became of accounts that were loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Loaded {
    /// Accounts that were not known.
    pub created: i64,
    /// Accounts of which something else was said before.
    pub updated: i64,
    /// Accounts of which the same was said.
    pub unchanged: i64,
}

/// Takes in what the application says of these accounts, at most a few hundred. The same again changes nothing, and a link stays.
///
/// # Errors
/// When the database fails.
pub fn load(tx: &mut Tx<'_>, scope: &DirectoryScope, all: &[KnownUserValues]) -> Result<Loaded> {
    let ids: Vec<KnownUserId> = all.iter().map(|values| values.id.clone()).collect();
    let known = get_many(tx, scope, &ids)?;
    let mut known: HashMap<KnownUserId, KnownUserValues> =
        known.into_iter().map(|row| (row.values.id.clone(), row.values)).collect();
    let mut loaded = Loaded::default();
    for values in all {
        let values = clean(values);
        match known.get(&values.id) {
            Some(before) if *before == values => {
                loaded.unchanged += 1;
                continue;
            }
            Some(_) => loaded.updated += 1,
            None => loaded.created += 1,
        }
        write(tx, scope, &values)?;
        known.insert(values.id.clone(), values);
    }
    Ok(loaded)
}

fn clean(values: &KnownUserValues) -> KnownUserValues {
    let text = |text: &Option<String>| text.as_deref().map(key::without_nul);
    KnownUserValues {
        id: values.id.clone(),
        user_name: text(&values.user_name),
        email: text(&values.email),
        external_id: text(&values.external_id),
        name: text(&values.name),
    }
}

fn write(tx: &mut Tx<'_>, scope: &DirectoryScope, values: &KnownUserValues) -> Result<()> {
    let now = tx.now();
    let searched =
        [Some(values.id.as_str()), values.user_name.as_deref(), values.email.as_deref(), values.name.as_deref()];
    // A line for each, so that no search finds the end of one and the beginning of the next.
    let searched: Vec<String> = searched.into_iter().flatten().map(key::caseless).collect();
    tx.execute_soon(
        "INSERT INTO known_user (directory_id, id, user_name, user_name_key, email, email_key, external_id, external_id_key, name, \
         search_key, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) \
         ON CONFLICT (directory_id, id) DO UPDATE SET user_name = excluded.user_name, user_name_key = excluded.user_name_key, \
         email = excluded.email, email_key = excluded.email_key, external_id = excluded.external_id, \
         external_id_key = excluded.external_id_key, name = excluded.name, search_key = excluded.search_key, \
         updated_at = excluded.updated_at",
        &[
            &scope.directory_id,
            &values.id.as_str(),
            &values.user_name,
            &values.user_name.as_deref().map(key::user_name),
            &values.email,
            &values.email.as_deref().map(email_key),
            &values.external_id,
            &values.external_id.as_deref().map(key::exact),
            &values.name,
            &searched.join("\n"),
            &now,
        ],
        None,
    )
}

fn email_key(text: &str) -> String {
    key::caseless(text.trim())
}

/// The account with this id.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &KnownUserId) -> Result<Option<KnownUserRow>> {
    tx.query_one(
        select!("FROM known_user k WHERE k.directory_id = $1 AND k.id = $2"),
        &[&scope.directory_id, &id.as_str()],
        read,
    )
}

/// The accounts with these ids, in any order; missing ones are left out.
///
/// # Errors
/// When the database fails.
pub fn get_many(tx: &mut Tx<'_>, scope: &DirectoryScope, ids: &[KnownUserId]) -> Result<Vec<KnownUserRow>> {
    let mut ids: Vec<&str> = ids.iter().map(KnownUserId::as_str).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut rows = Vec::with_capacity(ids.len());
    for (wanted, params) in many::wanted(&[&scope.directory_id], &ids) {
        let select = select!(
            "FROM wanted w LEFT JOIN known_user k ON k.directory_id = $1 AND k.id = w.key WHERE COALESCE(k.id, '') <> ''"
        );
        rows.extend(tx.query(&format!("{wanted} {select}"), &params, read)?);
    }
    Ok(rows)
}

/// Which of the known accounts a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// Those that belong to a person of the directory.
    Linked,
    /// Those that belong to nobody.
    Unlinked,
    /// Those that a conflict names.
    Conflict,
}

/// Which known accounts a list holds.
#[derive(Debug, Clone, Default)]
pub struct KnownUserFilter {
    /// Only those in this state.
    pub state: Option<LinkState>,
    /// Only those whose id, `userName`, address or name holds this text, without regard to case.
    pub search: Option<String>,
}

/// A part of the list of known accounts, in the order of their ids.
///
/// # Errors
/// When the database fails.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    cursor: &Cursor<String>,
    filter: &KnownUserFilter,
) -> Result<Slice<KnownUserRow>> {
    let mut conditions = Conditions::default();
    let directory = conditions.bind(scope.directory_id);
    conditions.and(&format!("k.directory_id = {directory}"));
    match filter.state {
        None => (),
        Some(LinkState::Linked) => conditions.and("k.user_id IS NOT NULL"),
        Some(LinkState::Unlinked) => conditions.and("k.user_id IS NULL"),
        Some(LinkState::Conflict) => conditions.and(&format!(
            "k.id IN (SELECT c.known_user_id FROM identity_conflict_candidate c WHERE c.directory_id = {directory})"
        )),
    }
    if let Some(search) = filter.search.as_ref().filter(|search| !search.is_empty()) {
        let search = conditions.bind(key::caseless(search));
        conditions.and(&format!("replace(k.search_key, {search}, '') <> k.search_key"));
    }
    listing::slice(tx, select!("FROM known_user k"), "k.id", conditions, cursor, read)
}

/// Forgets an account. Its link must have been ended.
///
/// # Errors
/// When the database fails.
pub fn delete(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &KnownUserId) -> Result<()> {
    tx.execute("DELETE FROM known_user WHERE directory_id = $1 AND id = $2", &[&scope.directory_id, &id.as_str()])?;
    Ok(())
}
