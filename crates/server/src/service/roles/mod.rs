//! Roles: the catalogue, the rules that give them, and the recomputation in the transaction of whatever changes them.
//!
//! A person's roles are kept in the person's row. A directory without rules has none, and nothing here costs it anything.

pub mod catalogue;
mod evaluate;
pub mod mappings;
pub mod preview;
pub mod publish;
pub mod recompute;
pub mod settings;
pub mod unknown;
pub mod why;

use std::collections::BTreeSet;
use std::sync::Arc;

use doorward_scim::resource::Resource;
use doorward_scim::{Error as ScimError, Object};
use doorward_store::Tx;
use doorward_store::directory::UnknownRoles;
use doorward_store::group::GroupRow;
use doorward_store::ids::UserId;
use doorward_store::membership::{self, MemberId};
use doorward_store::role_mapping::{self, Condition, Given, Outcome, Policy};
use doorward_store::scope::DirectoryScope;
use doorward_store::user::{self, GroupRef, UserRow};
use serde_json::{Map, Value, json};

use super::announce;
use super::error::{Error, Result};

pub use evaluate::evaluate;

/// People who are looked at together.
const PORTION: i64 = 500;

/// The rules of the directory at this point of the transaction; `None` when it has none.
pub(super) fn policy(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<Option<Arc<Policy>>> {
    Ok(role_mapping::policy(tx, scope)?)
}

/// Refuses a role that does not exist, where the directory wants that (WT-16). Only what this request brings is looked at: a
/// value that was there before it is not the fault of whoever changes something else.
///
/// # Errors
/// `invalidValue`, naming the attribute and what is allowed.
pub(super) fn refuse_unknown(policy: &Policy, before: Option<&Resource>, after: &Resource) -> Result<()> {
    if policy.settings.unknown_values != UnknownRoles::Reject {
        return Ok(());
    }
    let before = before.map(Resource::as_object);
    let Some((path, value)) = evaluate::new_unknown_values(policy, before, after.as_object()).into_iter().next() else {
        return Ok(());
    };
    let allowed: Vec<&str> = policy.roles.iter().map(|role| role.name.as_str()).collect();
    let detail = format!("{path}: `{value}` is not one of the roles; allowed are {}", allowed.join(", "));
    Err(ScimError::invalid_value(detail).into())
}

/// Gives a user the roles that are due, `resource` being what the row holds. The row as it is then; nothing is announced.
pub(super) fn settle(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    policy: &Policy,
    row: UserRow,
    resource: &Object,
) -> Result<UserRow> {
    let groups = match names_groups(policy) {
        true => user::groups_of(tx, scope, &[row.id])?.remove(&row.id).unwrap_or_default(),
        false => Vec::new(),
    };
    settle_with(tx, scope, policy, row, resource, &groups)
}

/// As [`settle`], for a user who was made a moment ago and is in no group.
pub(super) fn settle_new(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    policy: &Policy,
    row: UserRow,
    resource: &Object,
) -> Result<UserRow> {
    settle_with(tx, scope, policy, row, resource, &[])
}

fn settle_with(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    policy: &Policy,
    row: UserRow,
    resource: &Object,
    groups: &[GroupRef],
) -> Result<UserRow> {
    let before = Outcome::from_stored(row.roles.as_deref())?;
    let after = evaluate(policy, resource, groups, &before, tx.now());
    if after == before {
        return Ok(row);
    }
    if after.unknown != before.unknown {
        role_mapping::note_unknown(tx, scope, &row.id, &after.unknown)?;
    }
    let risen = !changed_environments(&before, &after).is_empty();
    Ok(user::set_roles(tx, scope, &row, after.to_stored()?, risen)?)
}

/// Whether somebody's groups make a difference.
fn names_groups(policy: &Policy) -> bool {
    let is_group = |condition: &Condition| evaluate::path_of(condition).is_empty();
    policy.mappings.iter().any(|mapping| is_group(&mapping.rule.condition))
}

/// Whether a rule is about this group.
fn names(policy: &Policy, group: &GroupRow) -> bool {
    policy.mappings.iter().any(|mapping| match &mapping.rule.condition {
        Condition::GroupId { group_id } => *group_id == group.id,
        Condition::GroupName { group_name } => evaluate::same(group_name, &group.display_name),
        Condition::Attribute { .. } | Condition::AttributeRole { .. } => false,
    })
}

/// Memberships of these users in a group have begun or ended, and were announced. The rows must be as they are.
pub(super) fn members_changed(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    group: &GroupRow,
    users: &[UserRow],
) -> Result<()> {
    match policy(tx, scope)?.filter(|policy| names(policy, group)) {
        Some(policy) => again(tx, scope, &policy, users.to_vec()).map(drop),
        None => Ok(()),
    }
}

/// A user has come into these groups at once, which was announced. The row must be as it is.
pub(super) fn joined(tx: &mut Tx<'_>, scope: &DirectoryScope, groups: &[GroupRow], row: &UserRow) -> Result<()> {
    if groups.is_empty() {
        return Ok(());
    }
    match policy(tx, scope)?.filter(|policy| groups.iter().any(|group| names(policy, group))) {
        Some(policy) => again(tx, scope, &policy, vec![row.clone()]).map(drop),
        None => Ok(()),
    }
}

/// A group has another name.
pub(super) fn group_renamed(tx: &mut Tx<'_>, scope: &DirectoryScope, old: &GroupRow, new: &GroupRow) -> Result<()> {
    if old.display_name == new.display_name {
        return Ok(());
    }
    let Some(policy) = policy(tx, scope)?.filter(|policy| names(policy, old) || names(policy, new)) else {
        return Ok(());
    };
    if new.members_count > recompute::AT_ONCE {
        return Ok(role_mapping::begin_recompute(tx, scope)?);
    }
    let members = membership::members(tx, scope, &new.id, None, i64::MAX)?;
    let users = members.iter().filter_map(|member| match member.id {
        MemberId::User(id) => Some(id),
        MemberId::Group(_) => None,
    });
    let users: Vec<UserId> = users.collect();
    let rows = user::get_many(tx, scope, &users)?;
    again(tx, scope, &policy, rows).map(drop)
}

/// Looks at these users again and announces what is different. How many have other roles now.
fn again(tx: &mut Tx<'_>, scope: &DirectoryScope, policy: &Policy, rows: Vec<UserRow>) -> Result<i64> {
    let mut changed = 0;
    let mut groups = match names_groups(policy) {
        true => user::groups_of(tx, scope, &rows.iter().map(|row| row.id).collect::<Vec<_>>())?,
        false => Default::default(),
    };
    for old in rows {
        let groups = groups.remove(&old.id).unwrap_or_default();
        let new = settle_with(tx, scope, policy, old.clone(), person(&old)?.as_object(), &groups)?;
        if new.access_version != old.access_version {
            announce::user_updated(tx, scope, &old, &new)?;
            announce_changes(tx, scope, &old, &new)?;
            changed += 1;
        }
    }
    Ok(changed)
}

fn person(row: &UserRow) -> Result<Resource> {
    Resource::from_stored(&row.doc).map_err(|error| Error::Internal(format!("a stored document is damaged: {error}")))
}

/// Tells of each environment in which the roles differ, and only of those (WT-18).
pub(super) fn announce_changes(tx: &mut Tx<'_>, scope: &DirectoryScope, old: &UserRow, new: &UserRow) -> Result<()> {
    if old.roles == new.roles {
        return Ok(());
    }
    let (before, after) = (outcome(old)?, outcome(new)?);
    for environment in changed_environments(&before, &after) {
        let previous = before.roles.get(environment).map(Vec::as_slice).unwrap_or_default();
        announce::role_changed(tx, scope, new, environment, (first(previous), all(previous)))?;
    }
    Ok(())
}

/// What the rules have given a user.
pub(super) fn outcome(row: &UserRow) -> Result<Outcome> {
    Ok(Outcome::from_stored(row.roles.as_deref())?)
}

fn changed_environments<'a>(before: &'a Outcome, after: &'a Outcome) -> BTreeSet<&'a str> {
    let slugs = |outcome: &'a Outcome, environment: &str| -> Vec<&'a str> {
        outcome.roles.get(environment).into_iter().flatten().map(|given| given.slug.as_str()).collect()
    };
    let environments = before.roles.keys().chain(after.roles.keys()).map(String::as_str);
    environments.filter(|environment| slugs(before, environment) != slugs(after, environment)).collect()
}

/// The role that is shown where one alone can be: `{slug}` or null.
fn first(given: &[Given]) -> Value {
    given.first().map_or(Value::Null, |given| json!({ "slug": given.slug }))
}

fn all(given: &[Given]) -> Value {
    given.iter().map(|given| json!({ "slug": given.slug })).collect()
}

/// `role`, `roles` and `environment_roles` as every object of a user shows them.
pub(super) fn shown(roles: Option<&str>) -> Result<[(&'static str, Value); 3]> {
    let outcome = Outcome::from_stored(roles)?;
    let usual = outcome.roles.get("").map(Vec::as_slice).unwrap_or_default();
    let others = outcome.roles.iter().filter(|(environment, _)| !environment.is_empty());
    let environments: Map<String, Value> = others
        .map(|(environment, given)| {
            let slug = given.first().map(|given| given.slug.as_str());
            (environment.clone(), json!({ "slug": slug, "roles": all(given) }))
        })
        .collect();
    Ok([("role", first(usual)), ("roles", all(usual)), ("environment_roles", Value::Object(environments))])
}
