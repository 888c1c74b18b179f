//! Why a person has a role: the rule, what of the person matched it, and since when.

use doorward_scim::Object;
use doorward_store::Store;
use doorward_store::ids::UserId;
use doorward_store::role_mapping::{self, Condition, Given, MappingRow};
use doorward_store::scope::Authority;
use doorward_store::user::{self, GroupRef};
use serde_json::{Value, json};

use super::super::error::{Error, Result};
use super::super::instant;
use super::{evaluate, mappings, outcome, person};

/// Each role of a user, those of the usual environment first.
///
/// # Errors
/// [`Error::NotFound`] for the user.
pub async fn list<A>(store: &Store, by: &A, id: UserId) -> Result<Vec<Value>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .snapshot(move |tx| {
            let (scope, row) = user::find(tx, &by, &id)?.ok_or_else(Error::no_user)?;
            let groups = user::groups_of(tx, &scope, &[id])?.remove(&id).unwrap_or_default();
            let policy = role_mapping::load(tx, &scope)?;
            let resource = person(&row)?;
            let mut reasons = Vec::new();
            for (environment, given) in outcome(&row)?.roles {
                for given in given {
                    let mapping = given.mapping.and_then(|id| policy.mappings.iter().find(|mapping| mapping.id == id));
                    reasons.push(object(id, &environment, &given, mapping, (resource.as_object(), &groups)));
                }
            }
            Ok(reasons)
        })
        .await
}

fn object(
    user: UserId,
    environment: &str,
    given: &Given,
    mapping: Option<&MappingRow>,
    (resource, groups): (&Object, &[GroupRef]),
) -> Value {
    let matched = mapping.map(|mapping| matched(&mapping.rule.condition, resource, groups));
    json!({
        "object": "role_reason",
        "user_id": user,
        "environment": (!environment.is_empty()).then_some(environment),
        "role": { "slug": given.slug },
        // Without a rule it is the default role.
        "default": given.mapping.is_none(),
        "role_mapping": mapping.map(mappings::object),
        "matched": matched,
        "since": instant::text(given.since),
    })
}

/// What of the person satisfies the condition.
fn matched(condition: &Condition, resource: &Object, groups: &[GroupRef]) -> Value {
    let is_meant = |group: &&GroupRef| match condition {
        Condition::GroupId { group_id } => group.id == *group_id,
        Condition::GroupName { group_name } => evaluate::same(&group.display, group_name),
        Condition::Attribute { .. } | Condition::AttributeRole { .. } => false,
    };
    match evaluate::path_of(condition) {
        "" => {
            json!({ "group": groups.iter().find(is_meant).map(|group| json!({"id": group.id, "name": group.display})) })
        }
        path => json!({ "path": path, "values": evaluate::values_at(resource, path) }),
    }
}
