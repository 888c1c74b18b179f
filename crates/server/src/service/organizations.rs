//! Organizations: the customers of the application.

use std::collections::BTreeMap;

use doorward_store::ids::OrganizationId;
use doorward_store::organization::{self, DomainRow, OrganizationFilter, OrganizationRow, OrganizationValues};
use doorward_store::paging::{Cursor, Slice};
use doorward_store::scope::Authority;
use doorward_store::{Conflict, Lane, NewEvent, Store, Tx};
use serde_json::{Value, json};

use super::directories::checked_name;
use super::error::{Error, Result};
use super::instant;

/// Makes an organization and announces it.
///
/// # Errors
/// [`Error::Invalid`] for a name that cannot be used, [`Error::Conflict`] when the external id is taken.
pub async fn create<A>(store: &Store, by: &A, name: &str, external_id: Option<String>) -> Result<OrganizationRow>
where
    A: Authority + Clone + Send + 'static,
{
    let values =
        OrganizationValues { name: checked_name(name)?, external_id, metadata: BTreeMap::new(), domains: Vec::new() };
    let by = by.clone();
    store
        .write(Lane::Any, move |tx| {
            let row = organization::create(tx, &by, &values).map_err(taken)?;
            announce(tx, &by, "organization.created", &row)?;
            Ok(row)
        })
        .await
}

/// The organization with this id.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn get<A>(store: &Store, by: &A, id: OrganizationId) -> Result<OrganizationRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.read(move |tx| organization::get(tx, &by, &id)?.ok_or_else(none)).await
}

/// The organization that the application knows by this id of its own.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn get_by_external_id<A>(store: &Store, by: &A, external_id: String) -> Result<OrganizationRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.read(move |tx| organization::by_external_id(tx, &by, &external_id)?.ok_or_else(none)).await
}

/// A part of the list of organizations.
///
/// # Errors
/// When the database fails.
pub async fn list<A>(
    store: &Store,
    by: &A,
    cursor: Cursor<OrganizationId>,
    filter: OrganizationFilter,
) -> Result<Slice<OrganizationRow>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.read(move |tx| Ok(organization::list(tx, &by, &cursor, &filter)?)).await
}

/// The organization as applications see it (app-api: Objects).
pub fn object(row: &OrganizationRow) -> Value {
    json!({
        "object": "organization",
        "id": row.id,
        "name": row.name,
        "allow_profiles_outside_organization": false,
        "domains": row.domains.iter().map(|domain| domain_object(row, domain)).collect::<Vec<_>>(),
        "metadata": row.metadata,
        "external_id": row.external_id,
        "created_at": instant::text(row.created_at),
        "updated_at": instant::text(row.updated_at),
    })
}

/// A domain of an organization as applications see it.
fn domain_object(organization: &OrganizationRow, domain: &DomainRow) -> Value {
    json!({
        "object": "organization_domain",
        "id": domain.id,
        "organization_id": organization.id,
        "domain": domain.domain,
        "state": domain.state,
        "verification_strategy": "manual",
        "verification_token": null,
        "created_at": instant::text(organization.created_at),
        "updated_at": instant::text(organization.updated_at),
    })
}

fn announce(tx: &mut Tx<'_>, by: &impl Authority, event_type: &'static str, row: &OrganizationRow) -> Result<()> {
    let event = NewEvent {
        event_type,
        organization_id: Some(row.id),
        directory_id: None,
        subject_id: Some(row.id.to_string()),
        data: object(row),
    };
    Ok(tx.emit(by.origin(), event)?)
}

fn none() -> Error {
    Error::NotFound { what: "Organization" }
}

fn taken(error: doorward_store::Error) -> Error {
    match error {
        doorward_store::Error::Conflict(Conflict::ExternalId) => {
            Error::Conflict { what: "an organization", attribute: "external_id" }
        }
        doorward_store::Error::Conflict(Conflict::Domain) => {
            Error::Conflict { what: "an organization", attribute: "domains" }
        }
        other => other.into(),
    }
}
