//! Values that people have where a rule expects the name of a role, and that are none (D17).

use doorward_store::ids::DirectoryId;
use doorward_store::role_mapping;
use doorward_store::scope::Authority;
use doorward_store::{Store, directory, role};
use serde_json::{Value, json};

use super::super::error::Result;
use super::super::{directories, instant};
use super::evaluate::closest;

/// The most values of a list.
const MOST: i64 = 100;

/// What was received and is no role, those that most people have in front; at most a hundred.
///
/// # Errors
/// [`Error::NotFound`](super::super::Error::NotFound) for the directory.
pub async fn list<A>(store: &Store, by: &A, id: DirectoryId) -> Result<Vec<Value>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .snapshot(move |tx| {
            let scope = directory::scope(tx, &by, &id)?.ok_or_else(directories::none)?;
            let roles = role::effective(tx, &scope)?;
            let values = role_mapping::unknown_values(tx, &scope, MOST)?;
            let object = |value: &role_mapping::UnknownValue| {
                json!({
                    "object": "unknown_role_value",
                    "directory_id": id,
                    "path": value.path,
                    "value": value.value,
                    "people": value.people,
                    "last_seen_at": instant::text(value.last_seen_at),
                    "closest_role": closest(&roles, &value.value).map(|role| json!({"slug": role.slug, "name": role.name})),
                })
            };
            Ok(values.iter().map(object).collect())
        })
        .await
}
