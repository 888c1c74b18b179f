//! What identity providers send although their directory declares it nowhere: kept with the person, and its name told to
//! the administrator, who has declared it wrongly or not at all (WT-19).

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use doorward_scim::patch::Patch;
use doorward_scim::received::{self, Received};
use doorward_scim::resource::Resource;
use doorward_scim::schema::{Extended, ResourceType};
use doorward_store::ids::DirectoryId;
use doorward_store::received::ReceivedRow;
use doorward_store::scope::{Authority, DirectoryScope};
use doorward_store::{Lane, Store, directory};
use serde_json::{Value, json};

use super::directories::none;
use super::error::Result;
use super::instant;
use super::schema::{group_type, user_type};
use crate::App;

/// Directories and names that are remembered; above either the memory starts anew, which costs a look into the table.
const MOST_REMEMBERED: usize = 1000;

/// Names that need not be told of again, by directory. Without it every change of a person would look into the table.
#[derive(Debug, Default)]
pub struct Known(Mutex<HashMap<DirectoryId, HashSet<String>>>);

impl Known {
    fn is_new(&self, directory: DirectoryId, resource_type: Extended, name: &Received) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&directory).is_none_or(|names| !names.contains(&key(resource_type, name)))
    }

    fn remember(&self, directory: DirectoryId, resource_type: Extended, names: &[Received]) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_REMEMBERED {
            known.clear();
        }
        let remembered = known.entry(directory).or_default();
        if remembered.len() >= MOST_REMEMBERED {
            remembered.clear();
        }
        remembered.extend(names.iter().map(|name| key(resource_type, name)));
    }
}

fn key(resource_type: Extended, name: &Received) -> String {
    let urn = name.urn.as_deref().unwrap_or_default();
    format!("{} {urn} {}", resource_type.name(), name.attribute).to_ascii_lowercase()
}

/// What a POST or PUT has brought beyond the schemas.
pub(super) fn of_resource(scope: &DirectoryScope, of: Extended, resource: &Resource) -> Vec<Received> {
    received::of_resource(resource, type_of(scope, of))
}

/// What a PATCH has brought beyond the schemas.
pub(super) fn of_patch(scope: &DirectoryScope, of: Extended, patch: &Patch) -> Vec<Received> {
    received::of_patch(patch, type_of(scope, of))
}

fn type_of(scope: &DirectoryScope, of: Extended) -> &ResourceType {
    match of {
        Extended::User => user_type(scope),
        Extended::Group => group_type(scope),
    }
}

/// Notes names that came with an accepted change. Nothing is written unless one of them is new, and the change does not
/// fail because of it.
pub(super) async fn note(app: &App, scope: &Arc<DirectoryScope>, of: Extended, mut names: Vec<Received>) {
    let directory = scope.directory_id();
    names.retain(|name| app.received().is_new(directory, of, name));
    if names.is_empty() {
        return;
    }
    let (scope, sent) = (Arc::clone(scope), names.clone());
    let job = move |tx: &mut doorward_store::Tx<'_>| -> Result<()> {
        doorward_store::received::add(tx, &scope, of, &sent)?;
        Ok(())
    };
    match app.store().write(Lane::Directory(directory), job).await {
        Ok(()) => app.received().remember(directory, of, &names),
        Err(error) => tracing::warn!(%error, "the names of undeclared attributes could not be noted"),
    }
}

/// What was received and is not declared now, as the API shows it.
///
/// # Errors
/// [`Error::NotFound`](super::Error::NotFound) for the directory, or the database fails.
pub async fn list<A>(store: &Store, by: &A, id: DirectoryId) -> Result<Vec<Value>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .read(move |tx| {
            let scope = directory::scope(tx, &by, &id)?.ok_or_else(none)?;
            let rows = doorward_store::received::list(tx, &scope)?;
            let undeclared = |row: &&ReceivedRow| !row.name.is_declared(type_of(&scope, row.resource_type));
            Ok(rows.iter().filter(undeclared).map(|row| object(&scope, row)).collect())
        })
        .await
}

fn object(scope: &DirectoryScope, row: &ReceivedRow) -> Value {
    let Received { urn, attribute } = &row.name;
    // Most often the right name under the wrong URN, or under none.
    let meant = type_of(scope, row.resource_type).unqualified(attribute).map(|(urn, _)| urn);
    json!({
        "object": "received_attribute",
        "directory_id": scope.directory_id(),
        "resource_type": row.resource_type.name(),
        "urn": urn,
        "attribute": attribute,
        "declared_in": meant,
        "first_received_at": instant::text(row.first_received_at),
    })
}
