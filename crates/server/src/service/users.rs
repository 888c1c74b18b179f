//! Users as a request reads and changes them, inside one transaction.
//!
//! [`provision`](super::provision) puts these functions on the store's threads. Everything that decides about a change,
//! the version included, is looked at with the row locked (SEC-38, SEC-39, SEC-40).

use std::borrow::Cow;

use doorward_scim::resource::{self, Incoming, Resource};
use doorward_store::Tx;
use doorward_store::ids::UserId;
use doorward_store::membership::{self, MemberId};
use doorward_store::scope::DirectoryScope;
use doorward_store::user::{self, GroupRef, UserRow, UserValues};
use serde::Deserialize;
use serde_json::Value;

use super::error::{Error, Result};
use super::precondition::Precondition;
use super::schema::{stored, user_type};
use super::{announce, joining, known_users, roles};

/// A user with what is computed for it.
#[derive(Debug, Clone)]
pub struct UserView {
    /// The stored user.
    pub row: UserRow,
    /// The groups it is directly in; empty when they were not asked for.
    pub groups: Vec<GroupRef>,
    /// The name of its manager, when that one is a user of the directory (S-7643-4.3-01).
    pub manager_display: Option<String>,
}

/// The user with this id, and its groups when they are wanted.
pub(super) fn read(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &UserId, groups: bool) -> Result<UserView> {
    let (row, groups) = if groups {
        user::with_groups(tx, scope, id)?.ok_or_else(Error::no_user)?
    } else {
        (user::get(tx, scope, id)?.ok_or_else(Error::no_user)?, Vec::new())
    };
    view(tx, scope, row, groups)
}

/// Adds a user. `active` is true unless the request says otherwise (P-7644-3.3-02).
pub(super) fn create(tx: &mut Tx<'_>, scope: &DirectoryScope, resource: &Resource, groups: bool) -> Result<UserView> {
    let mut attributes = resource.as_object().clone();
    attributes.entry("active").or_insert(Value::Bool(true));
    let resource = Resource::from_attributes(attributes, user_type(scope));
    let policy = roles::policy(tx, scope)?;
    if let Some(policy) = &policy {
        roles::refuse_unknown(policy, None, &resource)?;
    }
    let mut row = user::insert(tx, scope, &values(&resource)?)?;
    if let Some(policy) = &policy {
        row = roles::settle_new(tx, scope, policy, row, resource.as_object())?;
    }
    let (row, told) = known_users::arrived(tx, scope, row, &resource)?;
    announce::user_created(tx, scope, &row)?;
    known_users::tell(tx, scope, &row, &told)?;
    let joined = joining::user_arrived(tx, scope, &row)?;
    let groups = if groups && joined { groups_of(tx, scope, &row)? } else { Vec::new() };
    view(tx, scope, row, groups)
}

/// Replaces a user by what a PUT says (RFC 7644 section 3.5.1).
pub(super) fn replace(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    id: &UserId,
    incoming: &Incoming,
    condition: &Precondition,
    groups: bool,
) -> Result<UserView> {
    change(tx, scope, id, condition, groups, |current| {
        Ok(resource::replace(current, incoming.resource.clone(), incoming.active_given, user_type(scope))?)
    })
}

/// Changes a user: `edit` says what becomes of the stored resource. When it stays the same, nothing is written and
/// nothing is announced (P-7644-3.5.1-09).
pub(super) fn change(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    id: &UserId,
    condition: &Precondition,
    groups: bool,
    edit: impl FnOnce(&Resource) -> Result<Resource>,
) -> Result<UserView> {
    let current = user::get_for_update(tx, scope, id)?.ok_or_else(Error::no_user)?;
    condition.check(current.version)?;
    let before = stored(scope, &current.doc, user_type(scope))?;
    let after = edit(&before)?;
    let row = if after == before { current } else { save(tx, scope, &current, (&before, &after))? };
    let groups = if groups { groups_of(tx, scope, &row)? } else { Vec::new() };
    view(tx, scope, row, groups)
}

fn save(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    current: &UserRow,
    (before, after): (&Resource, &Resource),
) -> Result<UserRow> {
    let policy = roles::policy(tx, scope)?;
    if let Some(policy) = &policy {
        roles::refuse_unknown(policy, Some(before), after)?;
    }
    let mut row = user::update(tx, scope, current, &values(after)?)?;
    if let Some(policy) = &policy {
        row = roles::settle(tx, scope, policy, row, after.as_object())?;
    }
    let (row, told) = known_users::changed(tx, scope, row, (before, after))?;
    announce::user_updated(tx, scope, current, &row)?;
    known_users::tell(tx, scope, &row, &told)?;
    roles::announce_changes(tx, scope, current, &row)?;
    if row.user_name != current.user_name || row.external_id != current.external_id {
        joining::user_arrived(tx, scope, &row)?;
    }
    Ok(row)
}

/// Removes a user. The ends of its memberships are announced first, then its own.
pub(super) fn delete(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &UserId, condition: &Precondition) -> Result<()> {
    let row = user::get_for_update(tx, scope, id)?.ok_or_else(Error::no_user)?;
    condition.check(row.version)?;
    known_users::leaving(tx, scope, &row)?;
    let mut left = user::delete(tx, scope, &row)?;
    left.sort_unstable();
    for id in &left {
        joining::announce_departure(tx, scope, id, &row)?;
    }
    announce::user_deleted(tx, scope, &row)
}

/// What the store keeps of a resource.
fn values(resource: &Resource) -> Result<UserValues> {
    // The reader and the PATCH engine both refuse a user without userName.
    let user_name = resource.text("userName").ok_or_else(|| Error::Internal("a user without userName".to_owned()))?;
    let display_name = resource.text("displayName").or_else(|| resource.text("name.formatted")).unwrap_or(user_name);
    Ok(UserValues {
        user_name: user_name.to_owned(),
        external_id: resource.text("externalId").map(str::to_owned),
        display_name: display_name.to_owned(),
        active: resource.active(),
        emails: emails(resource),
        doc: resource.to_stored(),
    })
}

/// The addresses, the primary one first.
pub(super) fn emails(resource: &Resource) -> Vec<String> {
    let listed = resource.get("emails").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let (primary, others): (Vec<&Value>, Vec<&Value>) = listed.iter().partition(|email| email["primary"] == true);
    let ordered = primary.into_iter().chain(others);
    ordered.filter_map(|email| email.get("value")?.as_str()).map(str::to_owned).collect()
}

fn groups_of(tx: &mut Tx<'_>, scope: &DirectoryScope, row: &UserRow) -> Result<Vec<GroupRef>> {
    Ok(user::groups_of(tx, scope, &[row.id])?.remove(&row.id).unwrap_or_default())
}

fn view(tx: &mut Tx<'_>, scope: &DirectoryScope, row: UserRow, groups: Vec<GroupRef>) -> Result<UserView> {
    let manager_display = match manager(&row) {
        Some(manager) => user::get(tx, scope, &manager)?.map(|manager| manager.display_name),
        None => None,
    };
    Ok(UserView { row, groups, manager_display })
}

/// The id of the user's manager, when it has the form of one. Managers of many users are looked up together, see
/// [`with_managers`].
fn manager(row: &UserRow) -> Option<UserId> {
    // Most users have none, and then the document need not be looked through.
    if !row.doc.contains("\"manager\"") {
        return None;
    }
    // A page has a hundred of them: all but the one value is skipped, not kept.
    let managed: Managed<'_> = serde_json::from_str(&row.doc).ok()?;
    managed.enterprise?.manager?.value?.parse().ok()
}

/// The part of a stored user that names its manager.
#[derive(Deserialize)]
struct Managed<'a> {
    // The enterprise extension, whose URN `ENTERPRISE` is; an attribute takes no constant.
    #[serde(borrow, rename = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")]
    enterprise: Option<Enterprise<'a>>,
}

#[derive(Deserialize)]
struct Enterprise<'a> {
    #[serde(borrow)]
    manager: Option<Manager<'a>>,
}

#[derive(Deserialize)]
struct Manager<'a> {
    #[serde(borrow)]
    value: Option<Cow<'a, str>>,
}

/// A view of a user of which nothing is asked that others know.
pub(super) fn bare(row: UserRow) -> UserView {
    UserView { row, groups: Vec::new(), manager_display: None }
}

/// Views of many users: their groups when wanted, and their managers' names, each in one statement.
pub(super) fn views(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    rows: Vec<UserRow>,
    groups: bool,
) -> Result<Vec<UserView>> {
    let mut groups = if groups { user::groups_of_page(tx, scope, &rows)? } else { Default::default() };
    let managers: Vec<Option<UserId>> = rows.iter().map(manager).collect();
    let known: Vec<MemberId> = managers.iter().flatten().copied().map(MemberId::User).collect();
    let names = if known.is_empty() { Vec::new() } else { membership::resolve(tx, scope, &known)? };
    let mut names = names.into_iter();
    let views = rows.into_iter().zip(managers).map(|(row, manager)| UserView {
        groups: groups.remove(&row.id).unwrap_or_default(),
        manager_display: manager.and_then(|_| names.next().flatten()).map(|manager| manager.display),
        row,
    });
    Ok(views.collect())
}

#[cfg(test)]
mod tests {
    use doorward_scim::schema::ENTERPRISE;
    use doorward_store::ids::Id as _;
    use serde_json::json;

    use super::*;

    #[test]
    fn s_7643_4_3_01_the_manager_is_found_without_keeping_the_document() {
        let user = UserId::from_bits(7);
        let id = user.to_string();
        let row = |doc: Value| UserRow {
            id: user,
            seq: 0,
            user_name: String::new(),
            external_id: None,
            display_name: String::new(),
            active: true,
            doc: doc.to_string(),
            roles: None,
            access_version: 1,
            known_user_id: None,
            version: 1,
            created_at: 0,
            updated_at: 0,
        };
        let managed =
            json!({"userName": "a", (ENTERPRISE): {"department": "x", "manager": {"displayName": "B", "value": id}}});
        assert_eq!(manager(&row(managed)).map(|id| id.to_string()), Some(id.clone()));
        for none in [
            json!({"userName": "\"manager\""}),
            json!({"manager": {"value": id}}),
            json!({(ENTERPRISE): {"manager": "somebody"}}),
            json!({(ENTERPRISE): {"manager": {"value": "an id of the provider's"}}}),
            json!({(ENTERPRISE): {"manager": {"displayName": "B"}}}),
        ] {
            assert_eq!(manager(&row(none.clone())), None, "{none}");
        }
    }
}
