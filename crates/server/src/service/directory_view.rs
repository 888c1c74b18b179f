//! A directory as others are told of it: in the API, and in its events.

use doorward_scim::version::Version;
use doorward_store::directory::{DirectoryRow, State};
use doorward_store::organization::{DomainRow, OrganizationRow};
use doorward_store::{NewEvent, Origin, Tx};
use serde_json::{Map, Value, json};

use super::error::Result;
use super::tokens::{self, Created};
use super::{directory_status, instant, view};

/// Announces that a directory is gone, with everything in it.
pub(super) fn announce_end(tx: &mut Tx<'_>, origin: &Origin, row: &DirectoryRow) -> Result<()> {
    let gone = DirectoryRow { state: State::Deleting, ..row.clone() };
    emit(tx, origin, "dsync.deleted", &gone, event_data(&gone))
}

/// Announces that a directory changed; the old values of what changed go along.
pub(super) fn announce_change(tx: &mut Tx<'_>, origin: &Origin, old: &DirectoryRow, new: &DirectoryRow) -> Result<()> {
    let (before, mut data) = (changed_data(old), changed_data(new));
    let previous = view::previous_attributes(&before, &data);
    data.insert("previous_attributes".to_owned(), Value::Object(previous));
    emit(tx, origin, "dsync.updated", new, data)
}

/// The directory with everything that can be changed of it.
fn changed_data(row: &DirectoryRow) -> Map<String, Value> {
    let mut data = event_data(row);
    data.insert("label".to_owned(), json!(row.label));
    data.insert("domain".to_owned(), json!(row.domain));
    data.insert("settings".to_owned(), settings_object(row));
    data.insert("delete_at".to_owned(), json!(row.delete_at.map(instant::text)));
    data
}

fn settings_object(row: &DirectoryRow) -> Value {
    let settings = &row.settings;
    json!({
        "profile": settings.profile,
        "groups": settings.groups,
        "known_users": settings.known_users,
        "auth": row.auth.as_str(),
    })
}

/// A directory just made, with what its identity provider is given: `token`, or `username` and `password`.
pub fn created_object(row: &DirectoryRow, created: Option<&Created>, public_url: &str) -> Value {
    let mut object = object(row, public_url);
    if let Some(created) = created {
        tokens::put_secret(&mut object, created);
    }
    object
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
        "settings": settings_object(row),
        "metadata": {
            "users": { "active": row.counts.users_active, "inactive": row.counts.users_inactive },
            "groups": row.counts.groups,
        },
        "delete_at": row.delete_at.map(instant::text),
        "created_at": instant::text(row.created_at),
        "updated_at": instant::text(row.updated_at),
    })
}

/// The directory as its events tell of it, whose words for the state differ from those of the API.
pub(super) fn event_data(row: &DirectoryRow) -> Map<String, Value> {
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

/// Announces what has become of a directory, with the domains of its organization.
pub(super) fn announce(
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

/// Emits an event about a directory.
pub(super) fn emit(
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
