//! The roles that an application knows: a set for each organization, and a default set for those that have none.

use doorward_store::directory::{self, DirectoryRow};
use doorward_store::ids::{OrganizationId, RoleId};
use doorward_store::role::{self, RoleRow, RoleValues};
use doorward_store::role_mapping;
use doorward_store::scope::{Authority, DirectoryScope};
use doorward_store::{Lane, NewEvent, Store, Tx, organization};
use serde_json::{Map, Value, json};

use super::super::directories::checked_name;
use super::super::error::{Error, Result, require_all};
use super::super::{instant, view};
use super::recompute::{self, AT_ONCE};

/// The most roles of a set: each is in the memory of every node that serves its directories.
pub const MOST: usize = 200;

/// Roles that are to be made.
#[derive(Debug, Clone)]
pub struct NewRole {
    /// Whose it is to be; `None`: of the default set.
    pub organization_id: Option<OrganizationId>,
    /// How programs name it; made of the name when it is not given.
    pub slug: Option<String>,
    /// How people name it.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its place in the catalogue: higher ones first.
    pub priority: i64,
    /// Whether people have it whom no rule gives another one.
    pub is_default: bool,
}

/// What is to be different about a role; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct RoleChange {
    /// How people name it.
    pub name: Option<String>,
    /// What it is for; the inner `None` takes the description away.
    pub description: Option<Option<String>>,
    /// Its place in the catalogue.
    pub priority: Option<i64>,
    /// Whether people have it whom no rule gives another one.
    pub is_default: Option<bool>,
}

/// The roles that count for an organization: its own, else the default set, which is also what `None` asks for; but in the scope of one
/// organization that one's.
///
/// # Errors
/// [`Error::NotFound`] for the organization.
pub async fn list<A>(store: &Store, by: &A, organization: Option<OrganizationId>) -> Result<Vec<RoleRow>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .read(move |tx| {
            let organization = organization.or(by.organization_id());
            known(tx, &by, organization)?;
            let own = role::list(tx, &by, organization.as_ref())?;
            if own.is_empty() && organization.is_some() { Ok(role::list(tx, &by, None)?) } else { Ok(own) }
        })
        .await
}

/// One role.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get<A>(store: &Store, by: &A, id: RoleId) -> Result<RoleRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.read(move |tx| role::get(tx, &by, &id)?.ok_or_else(none)).await
}

/// Makes a role. An organization's first one of its own brings the default set along as its own, so that nobody loses a role
/// because the default set counts no more.
///
/// # Errors
/// [`Error::Invalid`] for what cannot be used, [`Error::Conflict`] when the slug is taken, [`Error::NotFound`] for the organization.
pub async fn create<A>(store: &Store, by: &A, new: NewRole) -> Result<RoleRow>
where
    A: Authority + Clone + Send + 'static,
{
    let name = checked_name(&new.name)?;
    let slug = checked_slug(&new.slug.unwrap_or_else(|| slug_of(&name)))?;
    let description = checked_description(new.description)?;
    let values = RoleValues { slug, name, description, priority: new.priority, is_default: new.is_default };
    let (by, organization) = (by.clone(), new.organization_id);
    store
        .write(Lane::Any, move |tx| {
            known(tx, &by, organization)?;
            changeable(&by, organization)?;
            let mut set = role::list(tx, &by, organization.as_ref())?;
            if set.is_empty() && organization.is_some() {
                set = bring_along(tx, &by, organization, &values)?;
            }
            if set.iter().any(|row| row.slug == values.slug) {
                return Err(Error::Conflict { what: "a role", attribute: "slug" });
            }
            if set.len() >= MOST {
                return Err(Error::Invalid {
                    field: "slug".into(),
                    message: format!("would be role {} of at most {MOST}", set.len() + 1),
                });
            }
            yield_default(tx, &by, &set, values.is_default)?;
            let row = role::create(tx, &by, organization.as_ref(), &values)?;
            announce(tx, &by, "role.created", &row, object(&row))?;
            set_changed(tx, &by, organization.as_ref())?;
            Ok(row)
        })
        .await
}

/// Copies the default set, but for the role that is about to be made.
fn bring_along(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    organization: Option<OrganizationId>,
    but: &RoleValues,
) -> Result<Vec<RoleRow>> {
    let mut set = Vec::new();
    for row in role::list(tx, by, None)?.iter().filter(|row| row.slug != but.slug) {
        let copy = role::create(tx, by, organization.as_ref(), &values_of(row))?;
        announce(tx, by, "role.created", &copy, object(&copy))?;
        set.push(copy);
    }
    Ok(set)
}

/// Changes a role. Nothing happens when it is like that already.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`]; [`Error::Forbidden`] for the default set in the scope of one organization.
pub async fn update<A>(store: &Store, by: &A, id: RoleId, change: RoleChange) -> Result<RoleRow>
where
    A: Authority + Clone + Send + 'static,
{
    let name = change.name.as_deref().map(checked_name).transpose()?;
    let description = change.description.map(checked_description).transpose()?;
    let by = by.clone();
    store
        .write(Lane::Any, move |tx| {
            let current = role::get(tx, &by, &id)?.ok_or_else(none)?;
            changeable(&by, current.organization_id)?;
            let old = values_of(&current);
            let values = RoleValues {
                slug: old.slug.clone(),
                name: name.clone().unwrap_or_else(|| old.name.clone()),
                description: description.clone().unwrap_or_else(|| old.description.clone()),
                priority: change.priority.unwrap_or(old.priority),
                is_default: change.is_default.unwrap_or(old.is_default),
            };
            if values == old {
                return Ok(current);
            }
            let set = role::list(tx, &by, current.organization_id.as_ref())?;
            yield_default(tx, &by, &set, values.is_default && !current.is_default)?;
            let row = save(tx, &by, &current, &values)?;
            set_changed(tx, &by, row.organization_id.as_ref())?;
            Ok(row)
        })
        .await
}

/// Removes a role that no rule gives.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] while rules give it.
pub async fn delete<A>(store: &Store, by: &A, id: RoleId) -> Result<()>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(Lane::Any, move |tx| {
            let row = role::get(tx, &by, &id)?.ok_or_else(none)?;
            let organization = row.organization_id;
            changeable(&by, organization)?;
            for directory in role::directories_with_rules(tx, &by, organization.as_ref())? {
                let Some(scope) = directory::scope(tx, &by, &directory)? else { continue };
                refuse_used(tx, &scope, &row)?;
            }
            role::delete(tx, &by, &id)?;
            announce(tx, &by, "role.deleted", &row, object(&row))?;
            set_changed(tx, &by, organization.as_ref())
        })
        .await
}

/// The directories whose rules give a role, with how many rules do: as long as there are any, it cannot be removed.
///
/// # Errors
/// [`Error::NotFound`] for the role.
pub async fn uses<A>(store: &Store, by: &A, id: RoleId) -> Result<Vec<(DirectoryRow, usize)>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .snapshot(move |tx| {
            let row = role::get(tx, &by, &id)?.ok_or_else(none)?;
            let mut found = Vec::new();
            for directory in role::directories_with_rules(tx, &by, row.organization_id.as_ref())? {
                let Some(directory) = directory::get(tx, &by, &directory)? else { continue };
                let count = giving(tx, &directory::scope_of(&by, &directory), &row)?;
                if count > 0 {
                    found.push((directory, count));
                }
            }
            Ok(found)
        })
        .await
}

fn giving(tx: &mut Tx<'_>, scope: &DirectoryScope, row: &RoleRow) -> Result<usize> {
    let rules = role_mapping::list(tx, scope)?;
    Ok(rules.iter().filter(|mapping| mapping.rule.role.as_deref() == Some(&row.slug)).count())
}

fn refuse_used(tx: &mut Tx<'_>, scope: &DirectoryScope, row: &RoleRow) -> Result<()> {
    let using = giving(tx, scope, row)?;
    if using == 0 {
        return Ok(());
    }
    let message = format!("is given by {using} rules of the directory {}; change or remove those first", scope.label());
    Err(Error::Invalid { field: "slug".to_owned(), message })
}

/// One role of a set alone is the default.
fn yield_default(tx: &mut Tx<'_>, by: &impl Authority, set: &[RoleRow], taken: bool) -> Result<()> {
    for row in set.iter().filter(|row| row.is_default && taken) {
        save(tx, by, row, &RoleValues { is_default: false, ..values_of(row) })?;
    }
    Ok(())
}

fn save(tx: &mut Tx<'_>, by: &impl Authority, current: &RoleRow, values: &RoleValues) -> Result<RoleRow> {
    let row = role::update(tx, by, current, values)?;
    let mut data = object(&row);
    let previous = view::previous_attributes(&object(current), &data);
    data.insert("previous_attributes".to_owned(), Value::Object(previous));
    announce(tx, by, "role.updated", &row, data)?;
    Ok(row)
}

/// The directories for which a set counts look at their people again.
fn set_changed(tx: &mut Tx<'_>, by: &impl Authority, organization: Option<&OrganizationId>) -> Result<()> {
    let mut budget = AT_ONCE;
    for id in role::directories_with_rules(tx, by, organization)? {
        let Some(scope) = directory::scope(tx, by, &id)? else { continue };
        recompute::rules_changed(tx, &scope, &mut budget)?;
    }
    Ok(())
}

fn values_of(row: &RoleRow) -> RoleValues {
    RoleValues {
        slug: row.slug.clone(),
        name: row.name.clone(),
        description: row.description.clone(),
        priority: row.priority,
        is_default: row.is_default,
    }
}

/// The role as applications see it; the fields are those that the SDKs demand.
pub fn object(row: &RoleRow) -> Map<String, Value> {
    let own = if row.organization_id.is_some() { "OrganizationRole" } else { "EnvironmentRole" };
    let object = json!({
        "object": "role",
        "id": row.id,
        "organization_id": row.organization_id,
        "slug": row.slug,
        "name": row.name,
        "description": row.description,
        "type": own,
        "resource_type_slug": "organization",
        "permissions": [],
        "priority": row.priority,
        "default": row.is_default,
        "created_at": instant::text(row.created_at),
        "updated_at": instant::text(row.updated_at),
    });
    match object {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn announce(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    event_type: &'static str,
    row: &RoleRow,
    data: Map<String, Value>,
) -> Result<()> {
    let event = NewEvent {
        event_type,
        organization_id: row.organization_id,
        directory_id: None,
        subject_id: Some(row.id.to_string()),
        data: Value::Object(data),
    };
    Ok(tx.emit(by.origin(), event)?)
}

fn known(tx: &mut Tx<'_>, by: &impl Authority, organization: Option<OrganizationId>) -> Result<()> {
    let Some(id) = organization else { return Ok(()) };
    organization::get(tx, by, &id)?.map(drop).ok_or(Error::NotFound { what: "Organization" })
}

/// The default set counts for others too.
fn changeable(by: &impl Authority, organization: Option<OrganizationId>) -> Result<()> {
    match organization {
        Some(_) => Ok(()),
        None => require_all(by, "give organization_id: roles without it are of the default set, which others have too"),
    }
}

fn none() -> Error {
    Error::NotFound { what: "Role" }
}

/// Lower-case letters, digits, `-` and `_`: what SDKs and URLs take anywhere.
fn checked_slug(slug: &str) -> Result<String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if !slug.is_empty() && slug.len() <= 64 && slug.chars().all(fits) {
        return Ok(slug.to_owned());
    }
    let message = "must have 1 to 64 lower-case letters, digits, hyphens or underscores".to_owned();
    Err(Error::Invalid { field: "slug".to_owned(), message })
}

/// `<No access>` → `no-access`.
fn slug_of(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

fn checked_description(description: Option<String>) -> Result<Option<String>> {
    if description.as_ref().is_some_and(|text| text.chars().count() > 1000) {
        let message = "must have at most 1000 characters".to_owned();
        return Err(Error::Invalid { field: "description".to_owned(), message });
    }
    Ok(description)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wt_16_a_slug_is_made_of_the_name() {
        for (name, slug) in [("Admin", "admin"), ("<No access>", "no-access"), ("Ops & Dev 2", "ops-dev-2")] {
            assert_eq!(checked_slug(&slug_of(name)).unwrap(), slug);
        }
        for bad in ["", "Admin", "a b", "ä"] {
            assert!(checked_slug(bad).is_err(), "{bad}");
        }
    }
}
