//! Organizations (customers of the application) and the domains they claim.

use std::collections::BTreeMap;

use crate::error::{Conflict, Error, Result};
use crate::ids::{DomainId, OrganizationId};
use crate::key;
use crate::listing::{self, Conditions};
use crate::many::{numbered, portions};
use crate::paging::{Cursor, Slice};
use crate::scope::{Authority, DirectoryScope};
use crate::tx::Tx;
use crate::value::{Param, Row};

/// An organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationRow {
    /// Its id.
    pub id: OrganizationId,
    /// Its name for people.
    pub name: String,
    /// The application's own id of the customer; unique.
    pub external_id: Option<String>,
    /// The application's notes.
    pub metadata: BTreeMap<String, String>,
    /// The domains it claims, oldest first.
    pub domains: Vec<DomainRow>,
    /// Unix microseconds.
    pub created_at: i64,
    /// Unix microseconds.
    pub updated_at: i64,
}

/// A domain that an organization claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainRow {
    /// Its id.
    pub id: DomainId,
    /// The domain in lower case.
    pub domain: String,
    /// `pending`, `verified` or `failed`.
    pub state: String,
}

/// What an organization is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganizationValues {
    /// Its name for people.
    pub name: String,
    /// The application's own id of the customer.
    pub external_id: Option<String>,
    /// The application's notes.
    pub metadata: BTreeMap<String, String>,
    /// Domains with their state (`pending`, `verified`, `failed`).
    pub domains: Vec<(String, String)>,
}

/// Which organizations a list holds.
#[derive(Debug, Clone, Default)]
pub struct OrganizationFilter {
    /// Only those that claim one of these domains; empty: all.
    pub domains: Vec<String>,
    /// Only those whose name holds this text, without regard to case.
    pub search: Option<String>,
}

const SELECT: &str = "SELECT o.id, o.name, o.external_id, o.metadata, o.created_at, o.updated_at FROM organization o";

fn read(row: &Row<'_>) -> Result<OrganizationRow> {
    let metadata: String = row.get(3)?;
    Ok(OrganizationRow {
        id: row.get(0)?,
        name: row.get(1)?,
        external_id: row.get(2)?,
        metadata: serde_json::from_str(&metadata).map_err(|_| Error::Corrupt("metadata of an organization".into()))?,
        domains: Vec::new(),
        created_at: row.get(4)?,
        updated_at: row.get(5)?,
    })
}

fn metadata_text(values: &OrganizationValues) -> Result<String> {
    serde_json::to_string(&values.metadata).map_err(|error| Error::Database(error.to_string()))
}

/// Domains are one without regard to case (RFC 4343).
fn stored_domain(domain: &str) -> String {
    key::without_nul(&domain.to_lowercase())
}

fn stored_external_id(values: &OrganizationValues) -> Option<String> {
    values.external_id.as_deref().map(key::without_nul)
}

/// Fills in the domains of these organizations.
fn with_domains(tx: &mut Tx<'_>, mut rows: Vec<OrganizationRow>) -> Result<Vec<OrganizationRow>> {
    let ids: Vec<OrganizationId> = rows.iter().map(|row| row.id).collect();
    for portion in portions(&ids) {
        let sql = format!(
            "SELECT organization_id, id, domain, state FROM organization_domain WHERE organization_id IN ({}) ORDER BY id",
            numbered(1, portion.len())
        );
        let params: Vec<&dyn Param> = portion.iter().map(|id| id as &dyn Param).collect();
        let domains = tx.query(&sql, &params, |row| {
            Ok((row.get::<OrganizationId>(0)?, DomainRow { id: row.get(1)?, domain: row.get(2)?, state: row.get(3)? }))
        })?;
        for (organization, domain) in domains {
            if let Some(row) = rows.iter_mut().find(|row| row.id == organization) {
                row.domains.push(domain);
            }
        }
    }
    Ok(rows)
}

fn one(tx: &mut Tx<'_>, condition: &str, param: &dyn Param) -> Result<Option<OrganizationRow>> {
    let rows = tx.query(&format!("{SELECT} WHERE {condition}"), &[param], read)?;
    Ok(with_domains(tx, rows)?.into_iter().next())
}

/// Refuses values that belong to another organization.
fn check_free(tx: &mut Tx<'_>, own: Option<&OrganizationId>, values: &OrganizationValues) -> Result<()> {
    let owner = |row: &Row<'_>| row.get::<OrganizationId>(0);
    if let Some(external_id) = stored_external_id(values) {
        let found = tx.query_one("SELECT id FROM organization WHERE external_id = $1", &[&external_id], owner)?;
        if found.is_some_and(|found| Some(&found) != own) {
            return Err(Error::Conflict(Conflict::ExternalId));
        }
    }
    for (domain, _) in &values.domains {
        let found = verified_around(tx, &stored_domain(domain))?;
        if found.iter().any(|found| Some(found) != own) {
            return Err(Error::Conflict(Conflict::Domain));
        }
    }
    Ok(())
}

/// Who has verified this domain, one above it or one below it: all of them are the same name to a stranger (SEC-4).
fn verified_around(tx: &mut Tx<'_>, domain: &str) -> Result<Vec<OrganizationId>> {
    let mut conditions = Conditions::default();
    let above = domain.char_indices().filter(|(_, character)| *character == '.');
    let above = above.filter_map(|(place, _)| domain.get(place + 1..)).filter(|above| above.contains('.'));
    let same_or_above = conditions.bind_all(std::iter::once(domain).chain(above).map(str::to_owned));
    let ending = conditions.bind(format!(".{domain}"));
    let length = conditions.bind(i64::try_from(domain.chars().count() + 1).unwrap_or(i64::MAX));
    let length = format!("CAST({length} AS BIGINT)");
    let sql = format!(
        "SELECT organization_id FROM organization_domain WHERE state = 'verified' AND (domain IN ({same_or_above}) \
         OR (length(domain) > {length} AND substr(domain, CAST(length(domain) - {length} + 1 AS INTEGER)) = {ending}))"
    );
    tx.query(&sql, &conditions.params(), |row| row.get(0))
}

fn write_domains(tx: &mut Tx<'_>, id: &OrganizationId, values: &OrganizationValues) -> Result<()> {
    let before = one(tx, "o.id = $1", id)?.map(|row| row.domains).unwrap_or_default();
    let wanted: BTreeMap<String, &str> =
        values.domains.iter().map(|(domain, state)| (stored_domain(domain), state.as_str())).collect();
    for domain in before.iter().filter(|domain| !wanted.contains_key(&domain.domain)) {
        tx.execute("DELETE FROM organization_domain WHERE organization_id = $1 AND id = $2", &[id, &domain.id])?;
    }
    // In the order given, so that the ids keep it.
    for (domain, _) in &values.domains {
        let domain = stored_domain(domain);
        let Some(state) = wanted.get(&domain) else { continue };
        if let Some(known) = before.iter().find(|known| known.domain == domain) {
            tx.execute(
                "UPDATE organization_domain SET state = $3 WHERE organization_id = $1 AND id = $2",
                &[id, &known.id, state],
            )?;
        } else {
            let domain_id: DomainId = tx.mint();
            tx.execute(
                "INSERT INTO organization_domain (organization_id, id, domain, state) SELECT $1, $2, $3, $4 \
                 WHERE NOT EXISTS (SELECT 1 FROM organization_domain WHERE organization_id = $1 AND domain = $3)",
                &[id, &domain_id, &domain, state],
            )?;
        }
    }
    Ok(())
}

/// Writes a new organization.
///
/// # Errors
/// [`Conflict::ExternalId`] or [`Conflict::Domain`] when taken.
pub fn create(tx: &mut Tx<'_>, by: &impl Authority, values: &OrganizationValues) -> Result<OrganizationRow> {
    let _ = by;
    check_free(tx, None, values)?;
    let id: OrganizationId = tx.mint();
    let now = tx.now();
    tx.execute(
        "INSERT INTO organization (id, name, name_key, external_id, metadata, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $6)",
        &[
            &id,
            &key::without_nul(&values.name),
            &key::caseless(&values.name),
            &stored_external_id(values),
            &metadata_text(values)?,
            &now,
        ],
    )?;
    write_domains(tx, &id, values)?;
    one(tx, "o.id = $1", &id)?.ok_or_else(|| Error::Corrupt("an organization vanished".into()))
}

/// The organization with this id.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, by: &impl Authority, id: &OrganizationId) -> Result<Option<OrganizationRow>> {
    Ok(one(tx, "o.id = $1", id)?.filter(|row| by.sees(&row.id)))
}

/// The organization with this external id.
///
/// # Errors
/// When the database fails.
pub fn by_external_id(tx: &mut Tx<'_>, by: &impl Authority, external_id: &str) -> Result<Option<OrganizationRow>> {
    Ok(one(tx, "o.external_id = $1", &key::without_nul(external_id))?.filter(|row| by.sees(&row.id)))
}

/// A part of the list of organizations.
///
/// # Errors
/// When the database fails.
pub fn list(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    cursor: &Cursor<OrganizationId>,
    filter: &OrganizationFilter,
) -> Result<Slice<OrganizationRow>> {
    let mut conditions = Conditions::default();
    if let Some(own) = by.organization_id() {
        let own = conditions.bind(own);
        conditions.and(&format!("o.id = {own}"));
    }
    if !filter.domains.is_empty() {
        let domains = conditions.bind_all(filter.domains.iter().map(|domain| stored_domain(domain)));
        conditions.and(&format!(
            "o.id IN (SELECT d.organization_id FROM organization_domain d WHERE d.domain IN ({domains}))"
        ));
    }
    if let Some(search) = filter.search.as_ref().filter(|search| !search.is_empty()) {
        // Both databases know `replace`; `LIKE` means another thing on each.
        let search = conditions.bind(key::caseless(search));
        conditions.and(&format!("replace(o.name_key, {search}, '') <> o.name_key"));
    }
    let Slice { items, more_before, more_after } = listing::slice(tx, SELECT, "o.id", conditions, cursor, read)?;
    Ok(Slice { items: with_domains(tx, items)?, more_before, more_after })
}

/// Writes new values; `None` when there is no such organization. Domains that stay keep their ids.
///
/// # Errors
/// As [`create`].
pub fn update(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    id: &OrganizationId,
    values: &OrganizationValues,
) -> Result<Option<OrganizationRow>> {
    if get(tx, by, id)?.is_none() {
        return Ok(None);
    }
    check_free(tx, Some(id), values)?;
    let now = tx.now();
    let written = tx.execute(
        "UPDATE organization SET name = $2, name_key = $3, external_id = $4, metadata = $5, updated_at = $6 WHERE id = $1",
        &[id, &key::without_nul(&values.name), &key::caseless(&values.name), &stored_external_id(values), &metadata_text(values)?, &now],
    )?;
    if written == 0 {
        return Ok(None);
    }
    write_domains(tx, id, values)?;
    one(tx, "o.id = $1", id)
}

/// Removes an organization that has no directory any more; the removed row, or `None` when there was none.
///
/// # Errors
/// [`Conflict::Reference`] while it has directories.
pub fn delete(tx: &mut Tx<'_>, by: &impl Authority, id: &OrganizationId) -> Result<Option<OrganizationRow>> {
    let Some(row) = get(tx, by, id)? else { return Ok(None) };
    let used = tx.query_one("SELECT 1 FROM directory WHERE organization_id = $1 LIMIT 1", &[id], |_| Ok(()))?;
    if used.is_some() {
        return Err(Error::Conflict(Conflict::Reference));
    }
    let now = tx.now();
    tx.execute("UPDATE api_key SET revoked_at = $2 WHERE organization_id = $1 AND revoked_at IS NULL", &[id, &now])?;
    tx.execute("DELETE FROM organization WHERE id = $1", &[id])?;
    Ok(Some(row))
}

/// The organization of the scope's directory.
///
/// # Errors
/// When the database fails.
pub fn own(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<Option<OrganizationRow>> {
    one(tx, "o.id = $1", &scope.organization_id)
}
