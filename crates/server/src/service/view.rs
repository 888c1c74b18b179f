//! The objects that applications see: `directory_user` and `directory_group`, in reads and in events alike.
//!
//! Only stored facts go in, nothing computed from other rows, so that the last event of an object always equals what a
//! read shows (invariant I-4). The one thing an event cannot hold is its own position; `sequence` is therefore in reads
//! and in the event's envelope.

use doorward_scim::resource::Resource;
use doorward_scim::schema;
use doorward_store::group::GroupRow;
use doorward_store::scope::DirectoryScope;
use doorward_store::user::UserRow;
use serde_json::{Map, Value, json};

use super::error::{Error, Result};
use super::{instant, known_users, roles};

/// A `directory_user` as a read shows it, without its groups. `sequence` is the position of its last event.
///
/// # Errors
/// [`Error::Internal`] when the stored document is damaged.
pub fn directory_user(scope: &DirectoryScope, row: &UserRow, sequence: Option<i64>) -> Result<Value> {
    let mut object = user_object(scope, row)?;
    put_sequence(&mut object, sequence);
    Ok(Value::Object(object))
}

/// A `directory_group` as a read shows it. `sequence` is the position of its last event.
///
/// # Errors
/// [`Error::Internal`] when the stored document is damaged.
pub fn directory_group(scope: &DirectoryScope, row: &GroupRow, sequence: Option<i64>) -> Result<Value> {
    let mut object = group_object(scope, row)?;
    put_sequence(&mut object, sequence);
    Ok(Value::Object(object))
}

/// A `directory_user` as an event shows it.
///
/// # Errors
/// [`Error::Internal`] when the stored document is damaged.
pub fn user_object(scope: &DirectoryScope, row: &UserRow) -> Result<Map<String, Value>> {
    let resource = stored(&row.doc)?;
    let text = |path: &str| resource.text(path).map_or(Value::Null, Value::from);
    let emails = emails(&resource, &row.user_name);
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("object", json!("directory_user"));
    put("id", json!(row.id));
    put("directory_id", json!(scope.directory_id()));
    put("organization_id", json!(scope.organization_id()));
    put("idp_id", json!(row.external_id.as_deref().unwrap_or(&row.user_name)));
    put("email", main_email(&emails));
    put("emails", Value::Array(emails));
    put("first_name", text("name.givenName"));
    put("last_name", text("name.familyName"));
    put("name", full_name(&resource));
    put("username", json!(row.user_name));
    put("job_title", text("title"));
    put("state", json!(if row.active { "active" } else { "inactive" }));
    put("custom_attributes", Value::Object(custom_attributes(&resource)));
    for (name, value) in roles::shown(row.roles.as_deref())? {
        put(name, value);
    }
    put("known_user_id", known_users::shown(row));
    put("access_version", json!(row.access_version));
    put("scim_version", json!(row.version));
    put("created_at", json!(instant::text(row.created_at)));
    put("updated_at", json!(instant::text(row.updated_at)));
    put("raw_attributes", Value::Object(resource.into_object()));
    Ok(object)
}

/// A `directory_group` as an event shows it.
///
/// # Errors
/// [`Error::Internal`] when the stored document is damaged.
pub fn group_object(scope: &DirectoryScope, row: &GroupRow) -> Result<Map<String, Value>> {
    let resource = stored(&row.doc)?;
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("object", json!("directory_group"));
    put("id", json!(row.id));
    put("idp_id", json!(row.external_id.as_deref().unwrap_or(&row.display_name)));
    put("directory_id", json!(scope.directory_id()));
    put("organization_id", json!(scope.organization_id()));
    put("name", json!(row.display_name));
    put("members_count", json!(row.members_count));
    put("created_at", json!(instant::text(row.created_at)));
    put("updated_at", json!(instant::text(row.updated_at)));
    put("raw_attributes", Value::Object(resource.into_object()));
    Ok(object)
}

/// The old values of exactly the top-level keys that differ: laid over the new object they give the old one back.
pub fn previous_attributes(old: &Map<String, Value>, new: &Map<String, Value>) -> Map<String, Value> {
    old.iter()
        .filter(|(name, value)| new.get(*name) != Some(value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn put_sequence(object: &mut Map<String, Value>, sequence: Option<i64>) {
    if let Some(sequence) = sequence {
        object.insert("sequence".to_owned(), json!(sequence));
    }
}

fn stored(doc: &str) -> Result<Resource> {
    Resource::from_stored(doc).map_err(|error| Error::Internal(format!("a stored document is damaged: {error}")))
}

/// The e-mail addresses; when the identity provider sends none, a `userName` that is one (WT-7).
fn emails(resource: &Resource, user_name: &str) -> Vec<Value> {
    let listed = resource.get("emails").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let with_value = listed.iter().filter_map(|email| {
        let value = email.get("value")?.as_str()?;
        let primary = email.get("primary").and_then(Value::as_bool).unwrap_or(false);
        Some(json!({"primary": primary, "type": email.get("type"), "value": value}))
    });
    let mut emails: Vec<Value> = with_value.collect();
    if emails.is_empty() && is_email(user_name) {
        emails.push(json!({"primary": true, "type": null, "value": user_name}));
    }
    emails
}

/// The primary address, else the one of work, else the first.
fn main_email(emails: &[Value]) -> Value {
    let primary = emails.iter().find(|email| email["primary"] == true);
    let work =
        || emails.iter().find(|email| email["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("work")));
    primary.or_else(work).or(emails.first()).map_or(Value::Null, |email| email["value"].clone())
}

/// One `@` with something on both sides, a dot in the domain and no space: enough to take a user name for an address.
fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        let clean = |part: &str| !part.is_empty() && !part.contains(['@', ' ', '\t']);
        clean(local) && clean(domain) && domain.trim_matches('.').contains('.')
    })
}

fn full_name(resource: &Resource) -> Value {
    let joined = || {
        let parts = [resource.text("name.givenName"), resource.text("name.familyName")];
        let joined = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        (!joined.is_empty()).then_some(joined)
    };
    let given = resource.text("displayName").or_else(|| resource.text("name.formatted")).map(str::to_owned);
    given.or_else(joined).map_or(Value::Null, Value::from)
}

/// What stands in extensions of the customer's own: these have no other place in the object.
fn custom_attributes(resource: &Resource) -> Map<String, Value> {
    let mut custom = Map::new();
    for (urn, attributes) in resource.as_object() {
        if urn == schema::ENTERPRISE || !urn.contains(':') {
            continue;
        }
        for (name, value) in attributes.as_object().into_iter().flatten() {
            // Two extensions may use one name; the first one sent keeps it, and raw_attributes has both.
            custom.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    custom
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(body: &Value) -> Resource {
        Resource::from_stored(&body.to_string()).unwrap()
    }

    #[test]
    fn wt_07_an_email_is_derived_from_user_name_only_when_none_is_sent() {
        let none = resource(&json!({"schemas": [schema::USER], "userName": "ada@corp.example"}));
        assert_eq!(main_email(&emails(&none, "ada@corp.example")), json!("ada@corp.example"));
        for other in ["ada", "ada@corp", "ada lovelace@corp.example", "@corp.example", "a@b@c.example", "ada@.", "ada@"]
        {
            assert_eq!(main_email(&emails(&none, other)), Value::Null, "{other}");
        }
        let some = resource(&json!({"schemas": [schema::USER], "emails": [
            {"value": "home@x.example", "type": "home"}, {"value": "work@x.example", "type": "Work"}]}));
        assert_eq!(main_email(&emails(&some, "ada@corp.example")), json!("work@x.example"));
        let primary = resource(&json!({"schemas": [schema::USER], "emails": [
            {"value": "work@x.example", "type": "work"}, {"value": "home@x.example", "primary": true}]}));
        assert_eq!(main_email(&emails(&primary, "ada@corp.example")), json!("home@x.example"));
    }

    #[test]
    fn previous_attributes_laid_over_the_new_object_give_the_old_one() {
        let old = json!({"a": 1, "b": {"c": 1}, "d": null});
        let new = json!({"a": 1, "b": {"c": 2}, "d": "x"});
        let (old, new) = (old.as_object().unwrap(), new.as_object().unwrap());
        let previous = previous_attributes(old, new);
        assert_eq!(Value::Object(previous.clone()), json!({"b": {"c": 1}, "d": null}));
        let mut back = new.clone();
        back.extend(previous);
        assert_eq!(&back, old);
    }

    #[test]
    fn wt_15_custom_extensions_are_found_under_custom_attributes() {
        let both = resource(
            &json!({"schemas": [], "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole": {"workato_role": "Admin"},
            (schema::ENTERPRISE): {"department": "R&D"}, "nickName": "x"}),
        );
        assert_eq!(Value::Object(custom_attributes(&both)), json!({"workato_role": "Admin"}));
    }
}
