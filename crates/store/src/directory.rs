//! Directories: one connection each of an organization with its identity provider.

use crate::directory_row::{SELECT, read};
use crate::error::{Conflict, Error, Result};
use crate::ids::{DirectoryId, OrganizationId};
use crate::key;
use crate::listing::{self, Conditions};
use crate::paging::{Cursor, Slice};
use crate::scope::{Authority, DirectoryScope};
use crate::tx::Tx;
use crate::value::Param;

pub use crate::directory_row::{AuthMode, DirectoryRow, DirectoryValues, State};
pub use crate::settings::{KnownUsersPolicy, RoleMode, RoleSettings, Settings, Strictness, UnknownRoles};

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

/// How many directories there are in each state, with people and without.
///
/// # Errors
/// When the database fails.
pub fn tally(tx: &mut Tx<'_>, by: &impl Authority) -> Result<Vec<(State, bool, i64)>> {
    let mut conditions = Conditions::default();
    if let Some(organization) = by.organization_id() {
        let organization = conditions.bind(organization);
        conditions.and(&format!("d.organization_id = {organization}"));
    }
    let sql = format!(
        "SELECT d.state, CASE WHEN s.users_active + s.users_inactive > 0 THEN 1 ELSE 0 END AS peopled, count(*) \
         FROM directory d JOIN directory_stats s ON s.directory_id = d.id{} GROUP BY d.state, peopled ORDER BY d.state, peopled",
        conditions.text()
    );
    tx.query(&sql, &conditions.params(), |row| {
        let (state, peopled, count): (String, i32, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok((State::from_stored(&state)?, peopled > 0, count))
    })
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
