//! What a body says that may matter to an administrator, noted before it is read: also of a body that is then refused.

use doorward_scim::Object;
use doorward_scim::attr::same_name;
use doorward_scim::resource::member;
use doorward_scim::schema::{CatalogueList, Extended, ResourceType};
use doorward_scim::version::Version;
use doorward_store::scope::DirectoryScope;
use serde_json::Value;

use super::facts::{Facts, Misplaced, Unlisted};
use crate::service::schema::{group_type, user_type};

/// The longest value that is noted, in characters.
const LONGEST: usize = 200;

/// The body of a POST or PUT.
pub fn resource(facts: &mut Facts, data: &Object, version: Version, of: Extended, scope: &DirectoryScope) {
    schemas(facts, data, version);
    let required = match of {
        Extended::User => "userName",
        Extended::Group => "displayName",
    };
    let given = member(data, required).is_some_and(|value| value.as_str().is_none_or(|text| !text.trim().is_empty()));
    if !given {
        facts.push_missing(required);
    }
    attributes(facts, data, of, scope);
}

/// The body of a PATCH.
pub fn patch(facts: &mut Facts, data: &Object, version: Version, of: Extended, scope: &DirectoryScope) {
    schemas(facts, data, version);
    let Some(Value::Array(operations)) = member(data, "Operations") else {
        // SCIM 1.1: a part of the resource, in which members that go carry an operation.
        return attributes(facts, data, of, scope);
    };
    for operation in operations.iter().filter_map(Value::as_object) {
        let removes = member(operation, "op").and_then(Value::as_str).is_some_and(|op| same_name(op, "remove"));
        let path = member(operation, "path").and_then(Value::as_str).filter(|path| !path.is_empty());
        match (path, member(operation, "value")) {
            (Some(path), _) if removes => facts.removes_members |= is_members(path),
            (Some(path), Some(value)) => attribute(facts, path, value, of, scope),
            (None, Some(Value::Object(value))) => attributes(facts, value, of, scope),
            _ => {}
        }
    }
}

/// The first path segment is `members`, with or without a filter.
fn is_members(path: &str) -> bool {
    path.get(..7).is_some_and(|beginning| same_name(beginning, "members"))
}

/// URIs of one version do not occur in the other, except by mistake.
fn schemas(facts: &mut Facts, data: &Object, version: Version) {
    let foreign = match version {
        Version::V2 => "urn:scim:schemas:",
        Version::V1 => "urn:ietf:params:scim:",
    };
    let Some(Value::Array(urns)) = member(data, "schemas") else { return };
    let found = urns.iter().filter_map(Value::as_str).find(|urn| urn.to_ascii_lowercase().starts_with(foreign));
    facts.foreign_schema = found.map(shortened).or_else(|| facts.foreign_schema.take());
}

fn attributes(facts: &mut Facts, data: &Object, of: Extended, scope: &DirectoryScope) {
    for (name, value) in data {
        attribute(facts, name, value, of, scope);
    }
}

fn attribute(facts: &mut Facts, name: &str, value: &Value, of: Extended, scope: &DirectoryScope) {
    let is = |wanted: &str| same_name(name, wanted);
    match of {
        Extended::User if is("userName") => facts.user_name = value.as_str().map(shortened),
        Extended::User if is("active") => facts.active = boolean(value).or(facts.active),
        Extended::User if is("roles") => listed(facts, CatalogueList::Roles, value, scope),
        Extended::User if is("entitlements") => listed(facts, CatalogueList::Entitlements, value, scope),
        Extended::Group if is_members(name) => members(facts, value),
        _ => place(facts, name, value, of, scope),
    }
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        Value::Array(items) => boolean(items.first()?),
        _ => None,
    }
}

fn members(facts: &mut Facts, value: &Value) {
    let leaves = |item: &&Value| item.get("operation").and_then(Value::as_str) == Some("delete");
    let count = match value {
        Value::Array(items) => {
            facts.removes_members |= items.iter().any(|item| leaves(&item));
            items.iter().filter(|item| !leaves(item)).count()
        }
        Value::Null => 0,
        _ => 1,
    };
    facts.members = Some(facts.members.unwrap_or_default() + count);
}

/// Values of a catalogue's list that the directory does not offer. Whether they are taken all the same is the list's affair.
fn listed(facts: &mut Facts, list: CatalogueList, value: &Value, scope: &DirectoryScope) {
    let Some(offer) = scope.settings().catalogue.list(list) else { return };
    let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    for item in items {
        let sent = item.as_str().or_else(|| item.get("value").and_then(Value::as_str));
        let Some(sent) = sent.filter(|sent| !offer.values.iter().any(|offered| same_name(&offered.value, sent))) else {
            continue;
        };
        let offered = offer.values.iter().take(10).map(|offered| offered.value.clone()).collect();
        let attribute = list.attribute().to_owned();
        facts.push_unlisted(Unlisted { attribute, value: shortened(sent), offered });
    }
}

/// An attribute that is declared in one extension and came under another URN, or under none (WT-19).
fn place(facts: &mut Facts, name: &str, value: &Value, of: Extended, scope: &DirectoryScope) {
    let resource_type = match of {
        Extended::User => user_type(scope),
        Extended::Group => group_type(scope),
    };
    if !name.contains(':') {
        misplaced(facts, None, name, resource_type);
        return;
    }
    // `urn:…:User` with an object, or `urn:…:User:attribute` with its value.
    match (value, name.rsplit_once(':')) {
        (Value::Object(object), _) if resource_type.extension(name).is_none() => {
            object.keys().for_each(|attribute| misplaced(facts, Some(name), attribute, resource_type));
        }
        (Value::Object(_), _) | (_, None) => {}
        (_, Some((urn, attribute))) if resource_type.extension(urn).is_none() => {
            misplaced(facts, Some(urn), attribute, resource_type);
        }
        _ => {}
    }
}

fn misplaced(facts: &mut Facts, urn: Option<&str>, attribute: &str, resource_type: &ResourceType) {
    // The core schema written out, and the enterprise extension under its name of SCIM 1.1, are no mistakes.
    let core = urn.is_some_and(|urn| {
        same_name(urn, &resource_type.schema.id) || urn.to_ascii_lowercase().starts_with("urn:scim:schemas:")
    });
    let Some((declared_in, _)) = resource_type.unqualified(attribute).filter(|_| !core) else { return };
    let declared_in = declared_in.to_owned();
    facts.push_misplaced(Misplaced { attribute: shortened(attribute), urn: urn.map(shortened), declared_in });
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_of_both_versions_are_counted() {
        let mut facts = Facts::default();
        members(&mut facts, &json!([{"value": "a"}, {"value": "b", "operation": "delete"}]));
        assert_eq!((facts.members, facts.removes_members), (Some(1), true));
        assert!(is_members("members[value eq \"x\"]") && is_members("Members") && !is_members("displayName"));
    }

    #[test]
    fn schemas_of_the_other_version_are_noted() {
        let body = json!({"schemas": ["urn:scim:schemas:core:1.0"]});
        let body = body.as_object().unwrap();
        let mut facts = Facts::default();
        schemas(&mut facts, body, Version::V1);
        assert_eq!(facts.foreign_schema, None);
        schemas(&mut facts, body, Version::V2);
        assert_eq!(facts.foreign_schema.as_deref(), Some("urn:scim:schemas:core:1.0"));
    }
}
