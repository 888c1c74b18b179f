//! Directories: one connection each of an organization with its identity provider.

use doorward_scim::version::Version;
use doorward_store::directory::{self, AuthMode, DirectoryFilter, DirectoryRow, DirectoryValues, Settings, State};
use doorward_store::ids::{DirectoryId, OrganizationId};
use doorward_store::organization::{self, DomainRow, OrganizationRow};
use doorward_store::paging::{Cursor, Slice};
use doorward_store::scope::{Authority, DirectoryScope};
use doorward_store::{Conflict, Lane, NewEvent, Origin, Store, Tx};
use serde_json::{Map, Value, json};

use super::error::{Error, Result};
use super::{directory_status, instant, label};

/// What a directory is made from.
#[derive(Debug, Clone)]
pub struct NewDirectory {
    /// Whose it is to be.
    pub organization_id: OrganizationId,
    /// Its name for people.
    pub name: String,
    /// One of [`DIRECTORY_TYPES`](super::directory_type::DIRECTORY_TYPES).
    pub directory_type: &'static str,
    /// Its part of the SCIM base URL; one is made of the organization's name when there is none.
    pub label: Option<String>,
    /// How the identity provider will prove itself.
    pub auth: AuthMode,
    /// Its settings.
    pub settings: Settings,
}

/// Makes a directory. Its first credential is made apart from it, with [`super::tokens::create`].
///
/// # Errors
/// [`Error::Invalid`] for a name or label that cannot be used, [`Error::NotFound`] for the organization,
/// [`Error::Conflict`] when the label is taken.
pub async fn create<A>(store: &Store, by: &A, new: NewDirectory) -> Result<DirectoryRow>
where
    A: Authority + Clone + Send + 'static,
{
    let name = checked_name(&new.name)?;
    let chosen = new.label.as_deref().map(label::check).transpose()?;
    let by = by.clone();
    let entropy = store.entropy();
    store
        .write(Lane::Any, move |tx| {
            let owner = organization::get(tx, &by, &new.organization_id)?.ok_or_else(no_organization)?;
            let label = match &chosen {
                Some(label) => label.clone(),
                None => free_label(tx, &by, &owner, new.directory_type, &entropy)?,
            };
            let values = DirectoryValues {
                label,
                name: name.clone(),
                directory_type: new.directory_type.to_owned(),
                auth: new.auth,
                domain: None,
                settings: new.settings.clone(),
            };
            let row = directory::create(tx, &by, &owner.id, &values).map_err(taken)?.ok_or_else(no_organization)?;
            announce(tx, by.origin(), "dsync.created", &row, &owner)?;
            Ok(row)
        })
        .await
}

/// The plain proposal, or the proposal with four random characters when another directory has it.
fn free_label(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    owner: &OrganizationRow,
    directory_type: &str,
    entropy: &doorward_store::Entropy,
) -> Result<String> {
    let plain = label::propose(&owner.name, directory_type, None);
    if label::check(&plain).is_ok() && directory::by_label(tx, by, &plain)?.is_none() {
        return Ok(plain);
    }
    let mut random = [0; 4];
    entropy.fill(&mut random);
    Ok(label::propose(&owner.name, directory_type, Some(&format!("{:08x}", u32::from_be_bytes(random)))))
}

/// The directory with this id.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn get<A>(store: &Store, by: &A, id: DirectoryId) -> Result<DirectoryRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.read(move |tx| directory::get(tx, &by, &id)?.ok_or_else(none)).await
}

/// The directory with this label.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn get_by_label<A>(store: &Store, by: &A, label: String) -> Result<DirectoryRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.read(move |tx| directory::by_label(tx, &by, &label)?.ok_or_else(none)).await
}

/// A part of the list of directories.
///
/// # Errors
/// When the database fails.
pub async fn list<A>(
    store: &Store,
    by: &A,
    cursor: Cursor<DirectoryId>,
    filter: DirectoryFilter,
) -> Result<Slice<DirectoryRow>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.read(move |tx| Ok(directory::list(tx, &by, &cursor, &filter)?)).await
}

/// Switches a directory off: its credentials stay, its SCIM requests are refused (WT-37). Nothing changes when it is off.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn disable<A>(store: &Store, by: &A, id: DirectoryId) -> Result<DirectoryRow>
where
    A: Authority + Clone + Send + 'static,
{
    set_state(store, by, id, State::Unlinked, "dsync.deactivated").await
}

/// Switches a directory on again: it is `linked`, also when it was switched off before its identity provider first spoke, and
/// `dsync.activated` says so, because every change of the state has its event. The first request then announces nothing more. Nothing
/// changes when it is on, whether heard from or not.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn enable<A>(store: &Store, by: &A, id: DirectoryId) -> Result<DirectoryRow>
where
    A: Authority + Clone + Send + 'static,
{
    set_state(store, by, id, State::Linked, "dsync.activated").await
}

async fn set_state<A>(
    store: &Store,
    by: &A,
    id: DirectoryId,
    state: State,
    event_type: &'static str,
) -> Result<DirectoryRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(Lane::Directory(id), move |tx| {
            let current = directory::get(tx, &by, &id)?.ok_or_else(none)?;
            // One that waits for its identity provider is on; to make it `linked` here would tell of a request that never came.
            let on = matches!(current.state, State::Linked | State::Validating);
            if current.state == state || (state == State::Linked && on) {
                return Ok(current);
            }
            let row = directory::set_state(tx, &by, &id, state)?.ok_or_else(none)?;
            let owner = organization::get(tx, &by, &row.organization_id)?.ok_or_else(no_organization)?;
            announce(tx, by.origin(), event_type, &row, &owner)?;
            Ok(row)
        })
        .await
}

/// Notes that the identity provider has spoken: a waiting directory becomes active and says so. For the first accepted
/// request of a directory whose scope is still `validating`. Whether that changed anything.
///
/// # Errors
/// When the database fails.
pub fn activate(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<bool> {
    if !directory::activate(tx, scope)? {
        return Ok(false);
    }
    let row = directory::own(tx, scope)?.ok_or_else(none)?;
    let owner = organization::own(tx, scope)?.ok_or_else(no_organization)?;
    announce(tx, scope.origin(), "dsync.activated", &row, &owner)?;
    Ok(true)
}

/// Removes a directory with its users, groups and credentials, and announces that. Its events stay.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn delete<A>(store: &Store, by: &A, id: DirectoryId) -> Result<()>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(Lane::Directory(id), move |tx| {
            let row = directory::delete(tx, &by, &id)?.ok_or_else(none)?;
            let gone = DirectoryRow { state: State::Deleting, ..row };
            emit(tx, by.origin(), "dsync.deleted", &gone, event_data(&gone))
        })
        .await
}

/// The SCIM base URL of a directory: what its identity provider is given. `public_url` has no slash at its end.
pub fn endpoint(public_url: &str, label: &str, version: Version) -> String {
    format!("{public_url}/scim/{label}/{}", version.segment())
}

/// The directory as applications see it (app-api: Objects).
pub fn object(row: &DirectoryRow, public_url: &str) -> Value {
    json!({
        "object": "directory",
        "id": row.id,
        "organization_id": row.organization_id,
        "external_key": row.external_key,
        "type": row.directory_type,
        "state": row.state.as_str(),
        "status": directory_status::of(row).as_str(),
        "name": row.name,
        "domain": row.domain,
        "label": row.label,
        "endpoint": endpoint(public_url, &row.label, Version::V2),
        "endpoint_v1": endpoint(public_url, &row.label, Version::V1),
        "settings": {
            "profile": row.settings.profile,
            "groups": row.settings.groups,
            "auth": row.auth.as_str(),
        },
        "metadata": {
            "users": { "active": row.counts.users_active, "inactive": row.counts.users_inactive },
            "groups": row.counts.groups,
        },
        "created_at": instant::text(row.created_at),
        "updated_at": instant::text(row.updated_at),
    })
}

/// The directory as its events tell of it, whose words for the state differ from those of the API.
fn event_data(row: &DirectoryRow) -> Map<String, Value> {
    let state = match row.state {
        State::Linked => "active",
        State::Validating => "validating",
        State::Unlinked => "inactive",
        State::Deleting => "deleting",
    };
    let mut data = Map::new();
    let mut put = |name: &str, value: Value| data.insert(name.to_owned(), value);
    put("object", json!("directory"));
    put("id", json!(row.id));
    put("organization_id", json!(row.organization_id));
    put("type", json!(row.directory_type));
    put("state", json!(state));
    put("name", json!(row.name));
    put("created_at", json!(instant::text(row.created_at)));
    put("updated_at", json!(instant::text(row.updated_at)));
    data
}

fn announce(
    tx: &mut Tx<'_>,
    origin: &Origin,
    event_type: &'static str,
    row: &DirectoryRow,
    owner: &OrganizationRow,
) -> Result<()> {
    let domain =
        |domain: &DomainRow| json!({ "object": "organization_domain", "id": domain.id, "domain": domain.domain });
    let mut data = event_data(row);
    data.insert("external_key".to_owned(), json!(row.external_key));
    data.insert("domains".to_owned(), owner.domains.iter().map(domain).collect());
    emit(tx, origin, event_type, row, data)
}

fn emit(
    tx: &mut Tx<'_>,
    origin: &Origin,
    event_type: &'static str,
    row: &DirectoryRow,
    data: Map<String, Value>,
) -> Result<()> {
    let event = NewEvent {
        event_type,
        organization_id: Some(row.organization_id),
        directory_id: Some(row.id),
        subject_id: Some(row.id.to_string()),
        data: Value::Object(data),
    };
    Ok(tx.emit(origin, event)?)
}

/// A name for people: not blank, of a sane length, on one line.
pub(super) fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    let message = if name.is_empty() {
        "must not be empty"
    } else if name.chars().count() > 200 {
        "must have at most 200 characters"
    } else if name.chars().any(char::is_control) {
        "must be one line of text"
    } else {
        return Ok(name.to_owned());
    };
    Err(Error::Invalid { field: "name".to_owned(), message: message.to_owned() })
}

pub(super) fn none() -> Error {
    Error::NotFound { what: "Directory" }
}

fn no_organization() -> Error {
    Error::NotFound { what: "Organization" }
}

fn taken(error: doorward_store::Error) -> Error {
    match error {
        doorward_store::Error::Conflict(Conflict::Label) => Error::Conflict { what: "a directory", attribute: "label" },
        other => other.into(),
    }
}
