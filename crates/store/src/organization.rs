//! Organizations (customers of the application) and the domains they claim.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::ids::{DomainId, OrganizationId};
use crate::paging::{Cursor, Slice};
use crate::scope::Authority;
use crate::tx::Tx;

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

/// Writes a new organization.
///
/// # Errors
/// [`Conflict::ExternalId`](crate::Conflict::ExternalId) or [`Conflict::Domain`](crate::Conflict::Domain) when taken.
pub fn create(tx: &mut Tx<'_>, by: &impl Authority, values: &OrganizationValues) -> Result<OrganizationRow> {
    let _ = (tx, by, values);
    crate::unwritten()
}

/// The organization with this id.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, by: &impl Authority, id: &OrganizationId) -> Result<Option<OrganizationRow>> {
    let _ = (tx, by, id);
    crate::unwritten()
}

/// The organization with this external id.
///
/// # Errors
/// When the database fails.
pub fn by_external_id(tx: &mut Tx<'_>, by: &impl Authority, external_id: &str) -> Result<Option<OrganizationRow>> {
    let _ = (tx, by, external_id);
    crate::unwritten()
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
    let _ = (tx, by, cursor, filter);
    crate::unwritten()
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
    let _ = (tx, by, id, values);
    crate::unwritten()
}

/// Removes an organization that has no directory any more; the removed row, or `None` when there was none.
///
/// # Errors
/// [`Conflict::Reference`](crate::Conflict::Reference) while it has directories.
pub fn delete(tx: &mut Tx<'_>, by: &impl Authority, id: &OrganizationId) -> Result<Option<OrganizationRow>> {
    let _ = (tx, by, id);
    crate::unwritten()
}
