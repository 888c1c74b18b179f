//! The rules of a directory: in order, the first that matches counts.

use doorward_scim::attr::AttrPath;
use doorward_store::ids::{DirectoryId, RoleMappingId};
use doorward_store::role;
use doorward_store::role_mapping::{self, Condition, MappingRow, Rule};
use doorward_store::scope::{Authority, DirectoryScope};
use doorward_store::{Lane, NewEvent, Store, Tx, directory, group};
use serde_json::{Map, Value, json};

use super::super::error::{Error, Result};
use super::super::schema::user_type;
use super::super::{directories, instant, view};
use super::recompute::{self, AT_ONCE};

/// The most rules of a directory: every change of a person goes through all of them.
pub(super) const MOST: usize = 100;

/// The rules of a directory, in order.
///
/// # Errors
/// [`Error::NotFound`] for the directory.
pub async fn list<A>(store: &Store, by: &A, id: DirectoryId) -> Result<Vec<MappingRow>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .read(move |tx| {
            let scope = directory::scope(tx, &by, &id)?.ok_or_else(directories::none)?;
            Ok(role_mapping::list(tx, &scope)?)
        })
        .await
}

/// One rule.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get<A>(store: &Store, by: &A, id: RoleMappingId) -> Result<MappingRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.read(move |tx| Ok(role_mapping::find(tx, &by, &id)?.ok_or_else(none)?.1)).await
}

/// Makes a rule at this place of the order, or at its end, and gives people what is due by it.
///
/// # Errors
/// [`Error::NotFound`] for the directory, [`Error::Invalid`] for a rule that cannot be.
pub async fn create<A>(store: &Store, by: &A, id: DirectoryId, rule: Rule, position: Option<i64>) -> Result<MappingRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(Lane::Directory(id), move |tx| {
            let scope = directory::scope(tx, &by, &id)?.ok_or_else(directories::none)?;
            check(tx, &scope, &rule)?;
            let rules = role_mapping::list(tx, &scope)?;
            if rules.len() >= MOST {
                let message = format!("has {MOST} rules already, which is the most");
                return Err(Error::Invalid { field: "directory_id".to_owned(), message });
            }
            let last = i64::try_from(rules.len()).unwrap_or(i64::MAX) + 1;
            let row = role_mapping::create(tx, &scope, last, &rule)?;
            let row = move_to(tx, &scope, row, &rules, position.unwrap_or(last))?;
            announce(tx, &scope, "role_mapping.created", &row, object(&row))?;
            recompute::rules_changed(tx, &scope, &mut AT_ONCE.clone())?;
            Ok(row)
        })
        .await
}

/// Changes a rule, its place or both. Nothing happens when it is like that already.
///
/// # Errors
/// As [`create`], and [`Error::NotFound`] for the rule.
pub async fn update<A>(
    store: &Store,
    by: &A,
    id: RoleMappingId,
    position: Option<i64>,
    edit: impl Fn(&mut Rule) + Send + 'static,
) -> Result<MappingRow>
where
    A: Authority + Clone + Send + 'static,
{
    let lane = Lane::Directory(get(store, by, id).await?.directory_id);
    let by = by.clone();
    store
        .write(lane, move |tx| {
            let (scope, current) = role_mapping::find(tx, &by, &id)?.ok_or_else(none)?;
            let mut rule = current.rule.clone();
            edit(&mut rule);
            check(tx, &scope, &rule)?;
            let mut row = current.clone();
            if rule != current.rule {
                row = role_mapping::update(tx, &scope, &current, &rule)?;
            }
            let others: Vec<MappingRow> =
                role_mapping::list(tx, &scope)?.into_iter().filter(|other| other.id != id).collect();
            let row = move_to(tx, &scope, row, &others, position.unwrap_or(current.place))?;
            if row == current {
                return Ok(row);
            }
            let mut data = object(&row);
            let previous = view::previous_attributes(&object(&current), &data);
            data.insert("previous_attributes".to_owned(), Value::Object(previous));
            announce(tx, &scope, "role_mapping.updated", &row, data)?;
            recompute::rules_changed(tx, &scope, &mut AT_ONCE.clone())?;
            Ok(row)
        })
        .await
}

/// Removes a rule, and takes from people what they had by it.
///
/// # Errors
/// [`Error::NotFound`] for the rule.
pub async fn delete<A>(store: &Store, by: &A, id: RoleMappingId) -> Result<()>
where
    A: Authority + Clone + Send + 'static,
{
    let lane = Lane::Directory(get(store, by, id).await?.directory_id);
    let by = by.clone();
    store
        .write(lane, move |tx| {
            let (scope, row) = role_mapping::find(tx, &by, &id)?.ok_or_else(none)?;
            role_mapping::delete(tx, &scope, &id)?;
            let left: Vec<RoleMappingId> = role_mapping::list(tx, &scope)?.iter().map(|row| row.id).collect();
            role_mapping::order(tx, &scope, &left)?;
            announce(tx, &scope, "role_mapping.deleted", &row, object(&row))?;
            recompute::rules_changed(tx, &scope, &mut AT_ONCE.clone())
        })
        .await
}

/// Puts a rule among the others, which are in order. The row with its new place.
fn move_to(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    row: MappingRow,
    others: &[MappingRow],
    position: i64,
) -> Result<MappingRow> {
    let mut order: Vec<RoleMappingId> = others.iter().map(|other| other.id).collect();
    let index = usize::try_from(position - 1).unwrap_or(0).min(order.len());
    order.insert(index, row.id);
    role_mapping::order(tx, scope, &order)?;
    Ok(MappingRow { place: i64::try_from(index).unwrap_or(0) + 1, ..row })
}

/// What is wrong with each of these rules: the field, and the text for a person; `None` for a rule that can be.
///
/// # Errors
/// [`Error::NotFound`] for the directory.
pub async fn problems<A>(
    store: &Store,
    by: &A,
    id: DirectoryId,
    rules: Vec<Rule>,
) -> Result<Vec<Option<(String, String)>>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .snapshot(move |tx| {
            let scope = directory::scope(tx, &by, &id)?.ok_or_else(directories::none)?;
            let mut found = Vec::with_capacity(rules.len());
            for rule in &rules {
                match check(tx, &scope, rule) {
                    Ok(()) => found.push(None),
                    Err(Error::Invalid { field, message }) => found.push(Some((field, message))),
                    Err(error) => return Err(error),
                }
            }
            Ok(found)
        })
        .await
}

/// Refuses a rule that could never do what it says.
pub(super) fn check(tx: &mut Tx<'_>, scope: &DirectoryScope, rule: &Rule) -> Result<()> {
    let wrong = |field: &str, message: String| Err(Error::Invalid { field: field.to_owned(), message });
    match &rule.condition {
        Condition::GroupId { group_id } => {
            if group::get(tx, scope, group_id)?.is_none() {
                return wrong("group_id", "is no group of this directory".to_owned());
            }
        }
        Condition::GroupName { group_name } if !is_text(group_name) => {
            return wrong("group_name", "must have 1 to 500 characters".to_owned());
        }
        Condition::Attribute { value, .. } if !is_text(value) => {
            return wrong("value", "must have 1 to 500 characters".to_owned());
        }
        Condition::Attribute { path, .. } | Condition::AttributeRole { path } => {
            let parsed = AttrPath::parse(path, user_type(scope));
            let usable = parsed.as_ref().is_ok_and(|parsed| !parsed.is_root()) && is_text(path);
            if !usable {
                let message =
                    "must be the path of an attribute, such as title, name.givenName or urn:…:User:department";
                return wrong("path", message.to_owned());
            }
        }
        Condition::GroupName { .. } => (),
    }
    let roles = role::effective(tx, scope)?;
    let by_value = matches!(rule.condition, Condition::AttributeRole { .. });
    match &rule.role {
        None if !by_value => return wrong("role", "is required: the slug of the role that the rule gives".to_owned()),
        Some(_) if by_value => return wrong("role", "cannot be given when the value is the role".to_owned()),
        Some(slug) if !roles.iter().any(|role| role.slug == *slug) => {
            let known: Vec<&str> = roles.iter().map(|role| role.slug.as_str()).collect();
            return wrong("role", format!("is no role of this organization; there are {}", known.join(", ")));
        }
        _ => (),
    }
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if rule.environment.len() > 64 || !rule.environment.chars().all(fits) {
        return wrong(
            "environment",
            "must have at most 64 lower-case letters, digits, hyphens or underscores".to_owned(),
        );
    }
    Ok(())
}

fn is_text(text: &str) -> bool {
    let length = text.chars().count();
    (1..=500).contains(&length) && !text.contains('\0')
}

/// The rule as applications see it.
pub fn object(row: &MappingRow) -> Map<String, Value> {
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("object", json!("role_mapping"));
    put("id", json!(row.id));
    put("directory_id", json!(row.directory_id));
    put("position", json!(row.place));
    put("condition", json!(row.rule.condition));
    put("role", json!(row.rule.role));
    put("environment", json!((!row.rule.environment.is_empty()).then_some(&row.rule.environment)));
    put("created_at", json!(instant::text(row.created_at)));
    put("updated_at", json!(instant::text(row.updated_at)));
    object
}

pub(super) fn announce(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    event_type: &'static str,
    row: &MappingRow,
    data: Map<String, Value>,
) -> Result<()> {
    let event = NewEvent {
        event_type,
        organization_id: Some(scope.organization_id()),
        directory_id: Some(scope.directory_id()),
        subject_id: Some(row.id.to_string()),
        data: Value::Object(data),
    };
    Ok(tx.emit(scope.origin(), event)?)
}

fn none() -> Error {
    Error::NotFound { what: "Role mapping" }
}
