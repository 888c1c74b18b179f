//! Directories: one connection each of an organization with its identity provider.

use std::sync::Arc;

use crate::error::{Conflict, Error, Result};
use crate::ids::{DirectoryId, OrganizationId};
use crate::key;
use crate::listing::{self, Conditions};
use crate::origin::Origin;
use crate::paging::{Cursor, Slice};
use crate::scope::{Authority, DirectoryScope};
use crate::stats::Counts;
use crate::traffic::{self, Traffic};
use crate::tx::Tx;
use crate::value::{Param, Row};

pub use crate::settings::{KnownUsersPolicy, RoleMode, RoleSettings, Settings, Strictness, UnknownRoles};

/// Whether a directory takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Made, but nothing has come from the identity provider yet.
    Validating,
    /// In use.
    Linked,
    /// Switched off by an administrator: SCIM requests are refused.
    Unlinked,
    /// Its deletion is under way.
    Deleting,
}

impl State {
    /// The stored word, which is also the word of the application's API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Validating => "validating",
            Self::Linked => "linked",
            Self::Unlinked => "unlinked",
            Self::Deleting => "deleting",
        }
    }

    pub(crate) fn from_stored(word: &str) -> Result<Self> {
        [Self::Validating, Self::Linked, Self::Unlinked, Self::Deleting]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or_else(|| Error::Corrupt("the state of a directory".into()))
    }
}

/// How an identity provider proves itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthMode {
    /// A bearer token (RFC 6750).
    Bearer,
    /// HTTP Basic (RFC 7617) with a password of our making.
    Basic,
}

impl AuthMode {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::Basic => "basic",
        }
    }

    pub(crate) fn from_stored(word: &str) -> Result<Self> {
        [Self::Bearer, Self::Basic]
            .into_iter()
            .find(|mode| mode.as_str() == word)
            .ok_or_else(|| Error::Corrupt("the authentication of a directory".into()))
    }
}

/// A directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryRow {
    /// Its id.
    pub id: DirectoryId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// Its part of the SCIM base URL; unique.
    pub label: String,
    /// Its name for people.
    pub name: String,
    /// The kind of identity provider, for example `okta scim v2.0`.
    pub directory_type: String,
    /// Whether it takes part.
    pub state: State,
    /// How the identity provider proves itself.
    pub auth: AuthMode,
    /// The domain shown with it.
    pub domain: Option<String>,
    /// A random key that stays with it (`external_key` of the application's API).
    pub external_key: String,
    /// Its settings.
    pub settings: Settings,
    /// When its identity provider first spoke, in Unix microseconds.
    pub first_contact_at: Option<i64>,
    /// When its removal begins, in Unix microseconds; `None`: it is not being deleted.
    pub delete_at: Option<i64>,
    /// When its removal began; it cannot be restored after that.
    pub removal_began_at: Option<i64>,
    /// How many users and groups it has.
    pub counts: Counts,
    /// What its request log and its credentials say of the connection.
    pub traffic: Traffic,
    /// Unix microseconds.
    pub created_at: i64,
    /// Unix microseconds.
    pub updated_at: i64,
}

/// What a directory is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryValues {
    /// Its part of the SCIM base URL: lower-case letters, digits, hyphens. Checked by the caller.
    pub label: String,
    /// Its name for people.
    pub name: String,
    /// The kind of identity provider.
    pub directory_type: String,
    /// How the identity provider proves itself.
    pub auth: AuthMode,
    /// The domain shown with it.
    pub domain: Option<String>,
    /// Its settings.
    pub settings: Settings,
}

/// Which directories a list holds.
#[derive(Debug, Clone, Default)]
pub struct DirectoryFilter {
    /// Only those of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Only those whose name holds this text, without regard to case.
    pub search: Option<String>,
    /// Only those with this domain.
    pub domain: Option<String>,
}

const SELECT: &str = concat!(
    "SELECT d.id, d.organization_id, d.label, d.name, d.directory_type, d.state, d.auth, d.domain, \
     d.external_key, d.settings, d.created_at, d.updated_at, s.users_active, s.users_inactive, s.groups_total, s.members_pending, \
     d.first_contact_at, d.delete_at, d.removal_began_at, ",
    traffic::columns!(),
    " FROM directory d JOIN directory_stats s ON s.directory_id = d.id ",
    traffic::join!()
);

fn read(row: &Row<'_>, now: i64) -> Result<DirectoryRow> {
    let (state, auth, settings): (String, String, String) = (row.get(5)?, row.get(6)?, row.get(9)?);
    Ok(DirectoryRow {
        id: row.get(0)?,
        organization_id: row.get(1)?,
        label: row.get(2)?,
        name: row.get(3)?,
        directory_type: row.get(4)?,
        state: State::from_stored(&state)?,
        auth: AuthMode::from_stored(&auth)?,
        domain: row.get(7)?,
        external_key: row.get(8)?,
        settings: Settings::from_stored(&settings)?,
        created_at: row.get(10)?,
        updated_at: row.get(11)?,
        counts: Counts {
            users_active: row.get(12)?,
            users_inactive: row.get(13)?,
            groups: row.get(14)?,
            pending: row.get(15)?,
        },
        first_contact_at: row.get(16)?,
        delete_at: row.get(17)?,
        removal_began_at: row.get(18)?,
        traffic: Traffic::read(row, 19, now)?,
    })
}

fn one(tx: &mut Tx<'_>, condition: &str, param: &dyn Param) -> Result<Option<DirectoryRow>> {
    let now = tx.now();
    let found = tx.query_one(&format!("{SELECT} WHERE {condition}"), &[param], |row| read(row, now))?;
    let Some(mut row) = found else { return Ok(None) };
    // What this job has changed already is not in the table yet.
    row.counts = row.counts.plus(tx.waiting(&row.id));
    Ok(Some(row))
}

fn stored_domain(domain: &str) -> String {
    key::without_nul(&domain.to_lowercase())
}

fn check_label(tx: &mut Tx<'_>, own: Option<&DirectoryId>, label: &str) -> Result<()> {
    let found = tx.query_one("SELECT id FROM directory WHERE label = $1", &[&key::without_nul(label)], |row| {
        row.get::<DirectoryId>(0)
    })?;
    if found.is_some_and(|found| Some(&found) != own) { Err(Error::Conflict(Conflict::Label)) } else { Ok(()) }
}

impl DirectoryRow {
    fn into_scope(self, origin: Origin) -> DirectoryScope {
        DirectoryScope {
            directory_id: self.id,
            organization_id: self.organization_id,
            label: self.label,
            name: self.name,
            directory_type: self.directory_type,
            state: self.state,
            auth: self.auth,
            types: self.settings.types(),
            settings: Arc::new(self.settings),
            token_id: None,
            token_last_used_at: None,
            token_expires_at: None,
            token_read_only: false,
            rules: Arc::default(),
            origin,
        }
    }
}

/// Writes a new directory (state `validating`); `None` when there is no such organization.
///
/// # Errors
/// [`Conflict::Label`] when the label is taken.
pub fn create(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    organization_id: &OrganizationId,
    values: &DirectoryValues,
) -> Result<Option<DirectoryRow>> {
    let known = tx.query_one("SELECT 1 FROM organization WHERE id = $1", &[organization_id], |_| Ok(()))?;
    if known.is_none() || !by.sees(organization_id) {
        return Ok(None);
    }
    check_label(tx, None, &values.label)?;
    let id: DirectoryId = tx.mint();
    let mut random = [0; 16];
    tx.random(&mut random);
    let external_key = crate::secret::base62(&random);
    let now = tx.now();
    tx.execute(
        "INSERT INTO directory (id, organization_id, label, name, name_key, directory_type, state, auth, domain, external_key, \
         settings, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, 'validating', $7, $8, $9, $10, $11, $11)",
        &[
            &id,
            organization_id,
            &key::without_nul(&values.label),
            &key::without_nul(&values.name),
            &key::caseless(&values.name),
            &key::without_nul(&values.directory_type),
            &values.auth.as_str(),
            &values.domain.as_deref().map(stored_domain),
            &external_key,
            &values.settings.to_stored()?,
            &now,
        ],
    )?;
    tx.execute(
        "INSERT INTO directory_stats (directory_id, user_seq, group_seq, users_active, users_inactive, groups_total, \
         members_pending) VALUES ($1, 0, 0, 0, 0, 0, 0)",
        &[&id],
    )?;
    tx.batch()?.reread(&id);
    one(tx, "d.id = $1", &id)
}

/// The directory with this id.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, by: &impl Authority, id: &DirectoryId) -> Result<Option<DirectoryRow>> {
    Ok(one(tx, "d.id = $1", id)?.filter(|row| by.sees(&row.organization_id)))
}

/// The directory with this label.
///
/// # Errors
/// When the database fails.
pub fn by_label(tx: &mut Tx<'_>, by: &impl Authority, label: &str) -> Result<Option<DirectoryRow>> {
    Ok(one(tx, "d.label = $1", &key::without_nul(label))?.filter(|row| by.sees(&row.organization_id)))
}

/// The own directory of a scope.
///
/// # Errors
/// When the database fails.
pub fn own(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<Option<DirectoryRow>> {
    one(tx, "d.id = $1", &scope.directory_id)
}

/// A part of the list of directories.
///
/// # Errors
/// When the database fails.
pub fn list(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    cursor: &Cursor<DirectoryId>,
    filter: &DirectoryFilter,
) -> Result<Slice<DirectoryRow>> {
    let mut conditions = Conditions::default();
    for organization in [filter.organization_id, by.organization_id()].into_iter().flatten() {
        let organization = conditions.bind(organization);
        conditions.and(&format!("d.organization_id = {organization}"));
    }
    if let Some(search) = filter.search.as_ref().filter(|search| !search.is_empty()) {
        let search = conditions.bind(key::caseless(search));
        conditions.and(&format!("replace(d.name_key, {search}, '') <> d.name_key"));
    }
    if let Some(domain) = &filter.domain {
        let domain = conditions.bind(stored_domain(domain));
        conditions.and(&format!("d.domain = {domain}"));
    }
    let now = tx.now();
    listing::slice(tx, SELECT, "d.id", conditions, cursor, |row| read(row, now))
}

/// Opens a directory for an application or the operator.
///
/// # Errors
/// When the database fails.
pub fn scope(tx: &mut Tx<'_>, by: &impl Authority, id: &DirectoryId) -> Result<Option<DirectoryScope>> {
    Ok(get(tx, by, id)?.map(|row| row.into_scope(by.origin().clone())))
}

/// Opens a directory that was read a moment ago.
pub fn scope_of(by: &impl Authority, row: &DirectoryRow) -> DirectoryScope {
    row.clone().into_scope(by.origin().clone())
}

/// Writes new values; `None` when there is no such directory.
///
/// # Errors
/// [`Conflict::Label`] when the label is taken.
pub fn update(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    id: &DirectoryId,
    values: &DirectoryValues,
) -> Result<Option<DirectoryRow>> {
    if get(tx, by, id)?.is_none() {
        return Ok(None);
    }
    check_label(tx, Some(id), &values.label)?;
    let now = tx.now();
    tx.execute(
        "UPDATE directory SET label = $2, name = $3, name_key = $4, directory_type = $5, auth = $6, domain = $7, settings = $8, \
         updated_at = $9 WHERE id = $1",
        &[
            id,
            &key::without_nul(&values.label),
            &key::without_nul(&values.name),
            &key::caseless(&values.name),
            &key::without_nul(&values.directory_type),
            &values.auth.as_str(),
            &values.domain.as_deref().map(stored_domain),
            &values.settings.to_stored()?,
            &now,
        ],
    )?;
    one(tx, "d.id = $1", id)
}

/// Writes new settings; the row as it is then, `None` when there is no such directory.
///
/// # Errors
/// When the database fails.
pub fn set_settings(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    id: &DirectoryId,
    settings: &Settings,
) -> Result<Option<DirectoryRow>> {
    if get(tx, by, id)?.is_none() {
        return Ok(None);
    }
    let now = tx.now();
    tx.execute(
        "UPDATE directory SET settings = $2, updated_at = $3 WHERE id = $1",
        &[id, &settings.to_stored()?, &now],
    )?;
    one(tx, "d.id = $1", id)
}

/// Sets the state; the row as it is then, `None` when there is no such directory.
///
/// # Errors
/// When the database fails.
pub fn set_state(tx: &mut Tx<'_>, by: &impl Authority, id: &DirectoryId, state: State) -> Result<Option<DirectoryRow>> {
    if get(tx, by, id)?.is_none() {
        return Ok(None);
    }
    let now = tx.now();
    tx.execute(
        "UPDATE directory SET state = $2, updated_at = $3, access_epoch = access_epoch + 1 WHERE id = $1 AND state <> $2",
        &[id, &state.as_str(), &now],
    )?;
    one(tx, "d.id = $1", id)
}

/// Marks the own directory as `linked` when it was `validating`: the identity provider has spoken. Whether that changed anything.
///
/// # Errors
/// When the database fails.
pub fn activate(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<bool> {
    let now = tx.now();
    let written = tx.execute(
        "UPDATE directory SET state = 'linked', updated_at = $2, first_contact_at = $2 WHERE id = $1 AND state = 'validating'",
        &[&scope.directory_id, &now],
    )?;
    Ok(written > 0)
}

/// Removes a directory with everything in it except its events; the removed row, `None` when there was none.
/// To announce users and groups, delete them first, in portions.
///
/// # Errors
/// When the database fails.
pub fn delete(tx: &mut Tx<'_>, by: &impl Authority, id: &DirectoryId) -> Result<Option<DirectoryRow>> {
    let Some(row) = get(tx, by, id)? else { return Ok(None) };
    // The rows that refer to others first; what hangs on the directory alone goes with it.
    for table in ["membership", "nested_group", "pending_member", "user_email", "scim_user", "scim_group"] {
        tx.execute(&format!("DELETE FROM {table} WHERE directory_id = $1"), &[id])?;
    }
    tx.execute("DELETE FROM directory WHERE id = $1", &[id])?;
    tx.batch()?.directory_gone(id);
    Ok(Some(row))
}
