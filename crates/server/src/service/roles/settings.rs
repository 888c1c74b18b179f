//! How the rules of a directory are read: one role or all, and what becomes of unknown values.

use doorward_store::directory::{self, DirectoryRow, RoleSettings, Settings};
use doorward_store::ids::DirectoryId;
use doorward_store::scope::Authority;
use doorward_store::{Lane, NewEvent, Store, Tx};
use serde_json::{Value, json};

use super::super::directories;
use super::super::error::Result;
use super::recompute::{self, AT_ONCE};

/// The settings of a directory.
///
/// # Errors
/// [`Error::NotFound`](super::super::Error::NotFound) for the directory.
pub async fn get<A>(store: &Store, by: &A, id: DirectoryId) -> Result<RoleSettings>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.read(move |tx| Ok(directory::get(tx, &by, &id)?.ok_or_else(directories::none)?.settings.roles)).await
}

/// Changes the settings of a directory, and with them the roles of its people. Nothing happens when they are like that already.
///
/// # Errors
/// [`Error::NotFound`](super::super::Error::NotFound) for the directory.
pub async fn change<A>(
    store: &Store,
    by: &A,
    id: DirectoryId,
    edit: impl Fn(&mut RoleSettings) + Send + 'static,
) -> Result<RoleSettings>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(Lane::Directory(id), move |tx| {
            let row = directory::get(tx, &by, &id)?.ok_or_else(directories::none)?;
            let mut new = row.settings.roles;
            edit(&mut new);
            if put(tx, &by, &row, new)? {
                let scope = directory::scope_of(&by, &row);
                recompute::rules_changed(tx, &scope, &mut AT_ONCE.clone())?;
            }
            Ok(new)
        })
        .await
}

/// Writes other settings over those of the row and announces it, unless they are the same. Whether they differ. Whoever calls it looks at
/// the people again.
pub(super) fn put(tx: &mut Tx<'_>, by: &impl Authority, row: &DirectoryRow, new: RoleSettings) -> Result<bool> {
    let old = row.settings.roles;
    if old == new {
        return Ok(false);
    }
    let settings = Settings { roles: new, ..row.settings.clone() };
    directory::set_settings(tx, by, &row.id, &settings)?.ok_or_else(directories::none)?;
    let mut data = object(row.id, new);
    if let Some(fields) = data.as_object_mut() {
        let previous = object(row.id, old);
        let differs = |name: &&str| previous[*name] != fields[*name];
        let changed: Vec<&str> = ["mode", "unknown_values"].into_iter().filter(differs).collect();
        let previous: Value = changed.iter().map(|name| ((*name).to_owned(), previous[*name].clone())).collect();
        fields.insert("previous_attributes".to_owned(), previous);
    }
    let event = NewEvent {
        event_type: "dsync.role_settings.updated",
        organization_id: Some(row.organization_id),
        directory_id: Some(row.id),
        subject_id: None,
        data,
    };
    tx.emit(by.origin(), event)?;
    Ok(true)
}

/// The settings as applications see them.
pub fn object(id: DirectoryId, settings: RoleSettings) -> Value {
    json!({
        "object": "role_settings",
        "directory_id": id,
        "mode": settings.mode,
        "unknown_values": settings.unknown_values,
    })
}
