//! The extensions that a directory declares for its users and groups.

use doorward_scim::attr::same_name;
use doorward_scim::schema::{Declaration, Invalid, check_together};
use doorward_store::directory::{self, DirectoryRow, Settings};
use doorward_store::ids::DirectoryId;
use doorward_store::scope::Authority;
use doorward_store::{Lane, Origin, Store, Tx};
use serde_json::{Map, Value, json};

use super::directories::{self, none};
use super::error::{Error, Result};
use super::instant;
use super::view::previous_attributes;

/// What the settings of one directory may take up. They are read with every credential.
const MOST_BYTES: usize = 256 << 10;

/// All extensions of a directory.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn list<A>(store: &Store, by: &A, id: DirectoryId) -> Result<Vec<Declaration>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.read(move |tx| Ok(directory::get(tx, &by, &id)?.ok_or_else(none)?.settings.schemas)).await
}

/// One extension, by its URN in any letter case.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn get<A>(store: &Store, by: &A, id: DirectoryId, urn: &str) -> Result<Declaration>
where
    A: Authority + Clone + Send + 'static,
{
    let schemas = list(store, by, id).await?;
    schemas.into_iter().find(|declaration| same_name(&declaration.schema.id, urn)).ok_or_else(no_schema)
}

/// Declares an extension, or declares it anew. What is stored already stays as it is.
///
/// # Errors
/// [`Error::NotFound`] for the directory, [`Error::Invalid`] when it cannot stand beside the others.
pub async fn put<A>(store: &Store, by: &A, id: DirectoryId, declaration: Declaration) -> Result<Declaration>
where
    A: Authority + Clone + Send + 'static,
{
    let declared = declaration.clone();
    change(store, by, id, move |settings| {
        settings.schemas.retain(|other| !same_name(&other.schema.id, &declared.schema.id));
        settings.schemas.push(declared.clone());
        settings.schemas.sort_by(|a, b| a.schema.id.cmp(&b.schema.id));
        Ok(check_together(&settings.schemas)?)
    })
    .await?;
    Ok(declaration)
}

/// Takes a declaration back. What people have in the extension stays with them, undeclared.
///
/// # Errors
/// [`Error::NotFound`] for the directory or the extension.
pub async fn remove<A>(store: &Store, by: &A, id: DirectoryId, urn: String) -> Result<()>
where
    A: Authority + Clone + Send + 'static,
{
    change(store, by, id, move |settings| {
        let before = settings.schemas.len();
        settings.schemas.retain(|declaration| !same_name(&declaration.schema.id, &urn));
        if settings.schemas.len() == before { Err(no_schema()) } else { Ok(()) }
    })
    .await?;
    Ok(())
}

/// Changes the settings of a directory.
pub(super) async fn change<A>(
    store: &Store,
    by: &A,
    id: DirectoryId,
    edit: impl Fn(&mut Settings) -> Result<()> + Send + 'static,
) -> Result<Settings>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(Lane::Directory(id), move |tx| {
            let row = directory::get(tx, &by, &id)?.ok_or_else(none)?;
            let mut settings = row.settings.clone();
            edit(&mut settings)?;
            if settings.stored_bytes() > MOST_BYTES {
                return Err(Error::Invalid {
                    field: "settings".to_owned(),
                    message: format!("of this directory would be larger than {MOST_BYTES} bytes with all its schemas and its catalogue"),
                });
            }
            if settings != row.settings {
                let changed = directory::set_settings(tx, &by, &id, &settings)?.ok_or_else(none)?;
                announce(tx, by.origin(), &row, &changed)?;
            }
            Ok(settings)
        })
        .await
}

/// `dsync.updated`, with the settings that changed and what they were.
fn announce(tx: &mut Tx<'_>, origin: &Origin, before: &DirectoryRow, after: &DirectoryRow) -> Result<()> {
    let (old, new) = (set_values(&before.settings), set_values(&after.settings));
    let mut data = directories::event_data(after);
    let mut previous = previous_attributes(&old, &new);
    data.extend(new.into_iter().filter(|(name, _)| previous.contains_key(name)));
    previous.insert("updated_at".to_owned(), json!(instant::text(before.updated_at)));
    data.insert("previous_attributes".to_owned(), Value::Object(previous));
    directories::emit(tx, origin, "dsync.updated", after, data)
}

/// What can be set of a directory, as its event tells it.
fn set_values(settings: &Settings) -> Map<String, Value> {
    let mut values = Map::new();
    values.insert("profile".to_owned(), json!(settings.profile));
    values.insert("groups".to_owned(), json!(settings.groups));
    let schemas = settings.schemas.iter().map(|declaration| Value::Object(declaration.to_document()));
    values.insert("schemas".to_owned(), schemas.collect());
    values.insert("catalogue".to_owned(), Value::Object(settings.catalogue.to_document()));
    values
}

/// An extension as applications see it: the document that declares it.
pub fn object(id: DirectoryId, declaration: &Declaration) -> Value {
    let mut object = json!({ "object": "directory_schema", "directory_id": id });
    if let Value::Object(members) = &mut object {
        members.extend(declaration.to_document());
    }
    object
}

fn no_schema() -> Error {
    Error::NotFound { what: "Schema" }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Error::Invalid { field: invalid.field, message: invalid.message }
    }
}
