//! Organizations: the customers of the application.

use std::collections::BTreeMap;

use doorward_store::ids::OrganizationId;
use doorward_store::organization::{self, DomainRow, OrganizationFilter, OrganizationRow, OrganizationValues};
use doorward_store::paging::{Cursor, Slice};
use doorward_store::scope::Authority;
use doorward_store::{Conflict, Lane, NewEvent, Store, Tx};
use serde_json::{Value, json};

use super::directories::checked_name;
use super::error::{Error, Result, require_all};
use super::{api_keys, domain, instant, portal_links, view};

/// What somebody is told who has one organization's key.
const NOT_ONE: &str = "it cannot make or remove one";

/// What of an organization is to be set; what is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Its name for people.
    pub name: Option<String>,
    /// The application's own id of the customer; `Some(None)` takes it away.
    pub external_id: Option<Option<String>>,
    /// The application's notes, all of them.
    pub metadata: Option<BTreeMap<String, String>>,
    /// The domains it claims, all of them. One without a state keeps the one it has; a new one is `pending`.
    pub domains: Option<Vec<(String, Option<DomainState>)>>,
}

/// How far the claim of a domain is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DomainState {
    /// Claimed, not proved.
    Pending,
    /// The application answers for it. No other organization can claim the domain, nor one above or below it.
    Verified,
    /// Could not be proved.
    Failed,
}

impl DomainState {
    /// The stored word, which is also the word of the application's API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Verified => "verified",
            Self::Failed => "failed",
        }
    }
}

/// The most domains of an organization.
const MOST_DOMAINS: usize = 100;

/// The most notes of an organization, the longest name and the longest value of one in characters.
const NOTES: (usize, usize, usize) = (50, 40, 600);

impl Wanted {
    /// What an organization is made of that was made of `old` before, if it was.
    fn onto(&self, old: Option<&OrganizationRow>) -> Result<OrganizationValues> {
        let name = match (&self.name, old) {
            (Some(name), _) => checked_name(name)?,
            (None, Some(old)) => old.name.clone(),
            (None, None) => return Err(invalid("name", "is required".to_owned())),
        };
        let external_id = match &self.external_id {
            Some(wanted) => wanted.as_deref().map(checked_external_id).transpose()?,
            None => old.and_then(|old| old.external_id.clone()),
        };
        let metadata = match &self.metadata {
            Some(metadata) => checked_metadata(metadata)?,
            None => old.map(|old| old.metadata.clone()).unwrap_or_default(),
        };
        let known = old.map(|old| old.domains.as_slice()).unwrap_or_default();
        let domains = match &self.domains {
            Some(domains) => checked_domains(domains, known)?,
            None => known.iter().map(|domain| (domain.domain.clone(), domain.state.clone())).collect(),
        };
        Ok(OrganizationValues { name, external_id, metadata, domains })
    }
}

fn invalid(field: &str, message: String) -> Error {
    Error::Invalid { field: field.to_owned(), message }
}

fn checked_external_id(text: &str) -> Result<String> {
    if text.is_empty() || text.chars().count() > 128 || text.chars().any(char::is_control) {
        return Err(invalid("external_id", "must have 1 to 128 characters".to_owned()));
    }
    Ok(text.to_owned())
}

fn checked_metadata(metadata: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>> {
    let (most, name, value) = NOTES;
    if metadata.len() > most {
        return Err(invalid("metadata", format!("must have at most {most} keys")));
    }
    for (key, text) in metadata {
        if key.is_empty() || key.chars().count() > name || text.chars().count() > value {
            return Err(invalid(
                "metadata",
                format!("must have keys of 1 to {name} and values of at most {value} characters"),
            ));
        }
        if key.contains('\0') || text.contains('\0') {
            return Err(invalid("metadata", "must not hold the character NUL".to_owned()));
        }
    }
    Ok(metadata.clone())
}

/// In the order given, each once; the last state said of a domain counts.
fn checked_domains(wanted: &[(String, Option<DomainState>)], known: &[DomainRow]) -> Result<Vec<(String, String)>> {
    if wanted.len() > MOST_DOMAINS {
        return Err(invalid("domains", format!("must be at most {MOST_DOMAINS}")));
    }
    let mut domains: Vec<(String, String)> = Vec::with_capacity(wanted.len());
    for (text, state) in wanted {
        let domain = domain::check(text)?;
        let before = known.iter().find(|known| known.domain == domain).map(|known| known.state.clone());
        let state = match state {
            Some(state) => state.as_str().to_owned(),
            None => before.unwrap_or_else(|| DomainState::Pending.as_str().to_owned()),
        };
        match domains.iter_mut().find(|(listed, _)| *listed == domain) {
            Some(listed) => listed.1 = state,
            None => domains.push((domain, state)),
        }
    }
    Ok(domains)
}

/// Makes an organization of all that is wanted and announces it.
///
/// # Errors
/// [`Error::Invalid`] for a value that cannot be used, [`Error::Conflict`] when the external id or a domain belongs to another one,
/// [`Error::Forbidden`] for a key of one organization.
pub async fn create_with<A>(store: &Store, by: &A, wanted: Wanted) -> Result<OrganizationRow>
where
    A: Authority + Clone + Send + 'static,
{
    require_all(by, NOT_ONE)?;
    let values = wanted.onto(None)?;
    let by = by.clone();
    store
        .write(Lane::Any, move |tx| {
            let row = organization::create(tx, &by, &values).map_err(taken)?;
            announce(tx, &by, "organization.created", &row)?;
            Ok(row)
        })
        .await
}

/// Changes an organization. When nothing changes, nothing is written and nothing announced.
///
/// # Errors
/// As [`create_with`], and [`Error::NotFound`].
pub async fn update<A>(store: &Store, by: &A, id: OrganizationId, wanted: Wanted) -> Result<OrganizationRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(Lane::Any, move |tx| {
            let old = organization::get(tx, &by, &id)?.ok_or_else(none)?;
            let values = wanted.onto(Some(&old))?;
            if values == Wanted::default().onto(Some(&old))? {
                return Ok(old);
            }
            let row = organization::update(tx, &by, &id, &values).map_err(taken)?.ok_or_else(none)?;
            let (before, mut data) = (object(&old), object(&row));
            if let (Some(before), Some(members)) = (before.as_object(), data.as_object_mut()) {
                let previous = view::previous_attributes(before, members);
                members.insert("previous_attributes".to_owned(), Value::Object(previous));
            }
            emit(tx, &by, "organization.updated", &row, data)?;
            Ok(row)
        })
        .await
}

/// Removes an organization that has no directories any more. Its API keys and setup links end with it.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::State`] while it has directories; [`Error::Forbidden`] for a key of one organization.
pub async fn delete<A>(store: &Store, by: &A, id: OrganizationId) -> Result<()>
where
    A: Authority + Clone + Send + 'static,
{
    get(store, by, id).await?;
    require_all(by, NOT_ONE)?;
    let by = by.clone();
    store
        .write(Lane::Any, move |tx| {
            api_keys::end_of_organization(tx, &by, id)?;
            portal_links::end_of_organization(tx, &by, id)?;
            let gone = organization::delete(tx, &by, &id).map_err(|error| match error {
                doorward_store::Error::Conflict(Conflict::Reference) => Error::State(
                    "this organization has directories; delete them first (DELETE /directories/{id}) and wait until they are gone"
                        .to_owned(),
                ),
                other => other.into(),
            })?;
            announce(tx, &by, "organization.deleted", &gone.ok_or_else(none)?)
        })
        .await
}

/// Makes an organization and announces it.
///
/// # Errors
/// [`Error::Invalid`] for a name that cannot be used, [`Error::Conflict`] when the external id is taken.
pub async fn create<A>(store: &Store, by: &A, name: &str, external_id: Option<String>) -> Result<OrganizationRow>
where
    A: Authority + Clone + Send + 'static,
{
    let wanted = Wanted { name: Some(name.to_owned()), external_id: external_id.map(Some), ..Wanted::default() };
    create_with(store, by, wanted).await
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
    emit(tx, by, event_type, row, object(row))
}

fn emit(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    event_type: &'static str,
    row: &OrganizationRow,
    data: Value,
) -> Result<()> {
    let event = NewEvent {
        event_type,
        organization_id: Some(row.id),
        directory_id: None,
        subject_id: Some(row.id.to_string()),
        data,
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
            Error::Conflict { what: "an organization", attribute: "domain (or one above or below it)" }
        }
        other => other.into(),
    }
}
