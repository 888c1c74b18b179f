//! What applications see of people and from where it comes, with the values of a real person; and what arrives beside it.

use std::collections::BTreeMap;

use doorward_scim::schema;
use doorward_store::ids::DirectoryId;
use doorward_store::paging::{Cursor, Order};
use doorward_store::role_mapping::{self, Condition};
use doorward_store::scope::Authority;
use doorward_store::user::{self, UserFilter};
use doorward_store::{Store, directory};
use serde_json::{Map, Value};

use super::error::Result;
use super::{directories, view};

/// The newest people, who are looked at.
const PEOPLE: i64 = 50;

/// The most paths that are listed: an extension may have any number.
const MOST: usize = 200;

/// Fields of a user as applications see it, the SCIM path that each comes from, and the one that stands in when that has nothing.
const FIELDS: [(&str, &str, &str); 8] = [
    ("username", "userName", ""),
    ("email", "emails.value", "userName"),
    ("name", "displayName", "name"),
    ("first_name", "name.givenName", ""),
    ("last_name", "name.familyName", ""),
    ("job_title", "title", ""),
    ("idp_id", "externalId", "userName"),
    ("state", "active", ""),
];

/// What is part of other fields or says nothing of the person.
const TAKEN: [&str; 6] = ["emails.primary", "emails.type", "name.formatted", "schemas", "id", "meta"];

/// A field that applications see, or an attribute that arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The field as applications see it; empty for an attribute that has none of its own.
    pub field: String,
    /// The SCIM path.
    pub path: String,
    /// The path that stands in when there is nothing at the other one; mostly empty.
    pub otherwise: &'static str,
    /// A value that a real person has; empty: nobody has one.
    pub sample: String,
    /// How many of the people looked at have it.
    pub people: i64,
    /// Whether a rule for roles reads it.
    pub by_rule: bool,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Received {
    /// How many people were looked at: the newest ones.
    pub looked_at: i64,
    /// The fields that applications see.
    pub fields: Vec<Attribute>,
    /// What arrives beside them; applications find it in `raw_attributes`.
    pub others: Vec<Attribute>,
}

impl Received {
    /// Whether one of the people looked at has a value there; `None` when that cannot be said.
    pub fn has(&self, path: &str) -> Option<bool> {
        let is_cut = self.looked_at == 0 || self.others.len() >= MOST;
        let is_taken = TAKEN.iter().any(|taken| taken.eq_ignore_ascii_case(plain(path)));
        (!is_cut && !is_taken).then(|| self.received().any(|found| plain(found).eq_ignore_ascii_case(plain(path))))
    }

    /// A path at which values arrive and whose last name is the same: the same attribute in another namespace (D18).
    pub fn near(&self, path: &str) -> Option<&str> {
        let name = |path: &str| plain(path.rsplit(':').next().unwrap_or(path)).to_lowercase();
        self.received().find(|found| name(found) == name(path))
    }

    /// The paths at which values arrive.
    pub fn received(&self) -> impl Iterator<Item = &str> {
        let all = self.others.iter().chain(&self.fields);
        all.filter(|found| found.people > 0).map(|found| found.path.as_str())
    }
}

/// What of its people's attributes arrives in a directory.
///
/// # Errors
/// [`Error::NotFound`](super::Error::NotFound) for the directory.
pub async fn list<A>(store: &Store, by: &A, id: DirectoryId) -> Result<Received>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .snapshot(move |tx| {
            let scope = directory::scope(tx, &by, &id)?.ok_or_else(directories::none)?;
            let rules = role_mapping::list(tx, &scope)?;
            let newest = Cursor::first(PEOPLE, Order::Descending);
            let rows = user::list(tx, &scope, &newest, &UserFilter::default())?.items;
            let objects = rows.iter().map(|row| view::user_object(&scope, row)).collect::<Result<Vec<_>>>()?;
            let read = |path: &str| {
                rules.iter().any(|mapping| match &mapping.rule.condition {
                    Condition::Attribute { path: read, .. } | Condition::AttributeRole { path: read } => {
                        plain(read).eq_ignore_ascii_case(plain(path))
                    }
                    Condition::GroupId { .. } | Condition::GroupName { .. } => false,
                })
            };
            Ok(received(&objects, read))
        })
        .await
}

/// A path without what may be left out.
fn plain(path: &str) -> &str {
    let core = path.get(..schema::USER.len()).filter(|urn| urn.eq_ignore_ascii_case(schema::USER));
    let path = core.and_then(|_| path.get(schema::USER.len() + 1..)).unwrap_or(path);
    path.strip_suffix(".value").unwrap_or(path)
}

fn received(objects: &[Map<String, Value>], by_rule: impl Fn(&str) -> bool) -> Received {
    let field = |(field, path, otherwise): &(&str, &str, &'static str)| Attribute {
        otherwise,
        ..attribute(field, path, &by_rule)
    };
    let mut fields: Vec<Attribute> = FIELDS.iter().map(field).collect();
    let mut others: BTreeMap<String, Attribute> = BTreeMap::new();
    for object in objects {
        for field in &mut fields {
            note(field, object.get(&field.field).unwrap_or(&Value::Null));
        }
        let Some(document) = object.get("raw_attributes").and_then(Value::as_object) else { continue };
        for (path, value) in paths(document) {
            let taken = TAKEN.contains(&path.as_str()) || FIELDS.iter().any(|(_, known, _)| *known == path);
            if taken || (others.len() >= MOST && !others.contains_key(&path)) {
                continue;
            }
            note(others.entry(path.clone()).or_insert_with(|| attribute(&custom(&path), &path, &by_rule)), &value);
        }
    }
    let (custom, others) = others.into_values().partition(|attribute| !attribute.field.is_empty());
    fields.extend::<Vec<_>>(custom);
    Received { looked_at: i64::try_from(objects.len()).unwrap_or(PEOPLE), fields, others }
}

/// Extensions of the customer's own are what applications see as custom attributes.
fn custom(path: &str) -> String {
    match path.rsplit_once(':') {
        Some((urn, rest)) if urn != schema::ENTERPRISE => {
            format!("custom_attributes.{}", rest.split('.').next().unwrap_or(rest))
        }
        _ => String::new(),
    }
}

fn attribute(field: &str, path: &str, by_rule: &impl Fn(&str) -> bool) -> Attribute {
    let (field, path, by_rule) = (field.to_owned(), path.to_owned(), by_rule(path));
    Attribute { field, path, otherwise: "", sample: String::new(), people: 0, by_rule }
}

fn note(attribute: &mut Attribute, value: &Value) {
    let text = match value {
        Value::Null => return,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    attribute.people += 1;
    if attribute.sample.is_empty() {
        attribute.sample = text;
    }
}

/// The attributes of a document that have a value of their own, each once, with the first value.
fn paths(document: &Map<String, Value>) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for (name, value) in document {
        match value {
            Value::Object(inner) if name.contains(':') => {
                inner.iter().for_each(|(sub, value)| collect(&format!("{name}:{sub}"), value, &mut found));
            }
            _ if TAKEN.contains(&name.as_str()) => (),
            _ => collect(name, value, &mut found),
        }
    }
    found
}

fn collect(path: &str, value: &Value, found: &mut BTreeMap<String, Value>) {
    match value {
        Value::Null => (),
        Value::Array(items) => items.iter().for_each(|item| collect(path, item, found)),
        Value::Object(inner) => {
            let leaf = |value: &&Value| !value.is_object() && !value.is_array() && !value.is_null();
            for (sub, value) in inner {
                if leaf(&value) {
                    found.entry(format!("{path}.{sub}")).or_insert_with(|| value.clone());
                }
            }
        }
        value => drop(found.entry(path.to_owned()).or_insert_with(|| value.clone())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn wt_15_what_has_no_field_of_its_own_is_named_with_its_path_and_a_value() {
        let person = |department: Value| {
            let object = json!({"username": "ada@x.example", "email": "ada@x.example", "name": null, "first_name": "Ada",
                "last_name": null, "job_title": "Engineer", "idp_id": "00u1", "state": "active", "raw_attributes": {
                    "schemas": ["x"], "id": "1", "meta": {"version": "1"}, "userName": "ada@x.example", "title": "Engineer",
                    "nickName": "Ada", "emails": [{"value": "ada@x.example", "primary": true, "type": "work"}],
                    "phoneNumbers": [{"value": "1"}, {"value": "2"}],
                    (schema::ENTERPRISE): {"department": department, "manager": {"value": "7"}},
                    "urn:x:Own": {"floor": 3}}});
            object.as_object().unwrap().clone()
        };
        let found = received(&[person(json!("R&D")), person(Value::Null)], |path| plain(path) == "nickName");
        let has = |path: &str| {
            found.others.iter().find(|other| other.path == path).map(|other| (other.sample.as_str(), other.people))
        };
        assert_eq!(has(&format!("{}:department", schema::ENTERPRISE)), Some(("R&D", 1)));
        assert_eq!(has(&format!("{}:manager.value", schema::ENTERPRISE)), Some(("7", 2)));
        assert_eq!((has("phoneNumbers.value"), has("nickName")), (Some(("1", 2)), Some(("Ada", 2))));
        assert_eq!(found.others.len(), 4, "{:?}", found.others);
        assert!(found.others.iter().all(|other| other.by_rule == (other.path == "nickName")));
        let field = |name: &str| {
            found.fields.iter().find(|field| field.field == name).map(|field| (field.sample.as_str(), field.people))
        };
        assert_eq!((field("job_title"), field("last_name")), (Some(("Engineer", 2)), Some(("", 0))));
        assert_eq!(field("custom_attributes.floor"), Some(("3", 2)));
        assert_eq!(
            (plain("urn:ietf:params:scim:schemas:core:2.0:User:title"), plain("roles.value")),
            ("title", "roles")
        );
    }
}
