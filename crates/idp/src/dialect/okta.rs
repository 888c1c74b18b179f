//! What all kinds of Okta app have in common: headers, user bodies of both versions, and the merge of the profile into what
//! the server returned.

use serde_json::{Value, json};

use super::profile::{addresses, enterprise, extend, name, object, phones, put};
use super::{Chance, GroupSubject, Manner, Subject, Version, urn};
use crate::client::{Headers, Object};

/// The page that Okta asks for with every filter; the parameters are constant.
pub(super) const PAGE: &str = "&startIndex=1&count=100";

pub(super) const HEADERS: Headers = Headers {
    accept: "application/scim+json",
    content_type: "application/scim+json; charset=utf-8",
    user_agent: Some("Okta SCIM Client 1.0.0"),
    charset_and_encoding: true,
    content_type_on_delete: true,
};

pub(super) const HEADERS_V1: Headers =
    Headers { accept: "application/json", content_type: "application/json; charset=utf-8", ..HEADERS };

/// The mappings of the SCIM app (profile editor), as paths.
pub(super) const MAPPED: &[&str] = &[
    "name.middleName",
    "name.honorificPrefix",
    "nickName",
    "title",
    "userType",
    "timezone",
    "phoneNumbers",
    "addresses",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User|employeeNumber",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User|costCenter",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User|organization",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User|division",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User|department",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User|manager",
    "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole|workato_role",
];

/// The same with the URNs of SCIM 1.1.
pub(super) const MAPPED_V1: &[&str] = &[
    "name.middleName",
    "name.honorificPrefix",
    "nickName",
    "title",
    "userType",
    "timezone",
    "phoneNumbers",
    "addresses",
    "urn:scim:schemas:extension:enterprise:1.0|employeeNumber",
    "urn:scim:schemas:extension:enterprise:1.0|costCenter",
    "urn:scim:schemas:extension:enterprise:1.0|organization",
    "urn:scim:schemas:extension:enterprise:1.0|division",
    "urn:scim:schemas:extension:enterprise:1.0|department",
    "urn:scim:schemas:extension:enterprise:1.0|manager",
    "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole|workato_role",
];

pub(super) fn create(subject: &Subject) -> Object {
    user(subject, Version::V2, true)
}

pub(super) fn profile(subject: &Subject) -> Object {
    user(subject, Version::V2, false)
}

pub(super) fn create_v1(subject: &Subject) -> Object {
    user(subject, Version::V1, true)
}

pub(super) fn profile_v1(subject: &Subject) -> Object {
    user(subject, Version::V1, false)
}

/// The body in the order in which Okta writes it; what is not mapped is absent. `fresh` adds what only a create has.
fn user(subject: &Subject, version: Version, fresh: bool) -> Object {
    let person = subject.person;
    let (core, enterprise_urn) = match version {
        Version::V1 => (urn::CORE_V1, urn::ENTERPRISE_V1),
        Version::V2 => (urn::USER, urn::ENTERPRISE),
    };
    // 1.1 apps send the locale with an underscore.
    let locale = if version == Version::V1 { person.locale.replace('-', "_") } else { person.locale.clone() };
    let mut emails = vec![json!({"primary": true, "value": person.email, "type": "work"})];
    emails.extend(person.home_email.as_ref().map(|home| json!({"primary": false, "value": home, "type": "home"})));
    let mut body = object(json!({
        "schemas": [core],
        "userName": person.user_name,
        "name": name(person),
        "emails": emails,
        "displayName": person.display_name,
        "locale": locale,
    }));
    put(&mut body, "nickName", person.nick_name.as_deref());
    put(&mut body, "title", person.title.as_deref());
    put(&mut body, "userType", person.user_type.as_deref());
    put(&mut body, "timezone", person.timezone.as_deref());
    put(&mut body, "phoneNumbers", phones(person));
    put(&mut body, "addresses", addresses(person));
    body.insert("externalId".to_owned(), json!(person.idp_id));
    if fresh {
        body.insert("groups".to_owned(), json!([]));
        // Always present, random and meaningless unless password synchronisation is on.
        body.insert("password".to_owned(), json!(subject.chance.password()));
    }
    body.insert("active".to_owned(), json!(subject.active));
    let mut extension = enterprise(person);
    put(&mut extension, "manager", manager(subject, version));
    extend(&mut body, enterprise_urn, extension);
    let mut custom = Object::new();
    put(&mut custom, "workato_role", person.role.as_deref());
    extend(&mut body, urn::WORKATO, custom);
    body
}

/// Okta's managerId is free text of its own directory, not an id of the server.
fn manager(subject: &Subject, version: Version) -> Option<Value> {
    let manager = subject.manager.as_ref()?.person;
    let key = if version == Version::V1 { "managerId" } else { "value" };
    Some(json!({key: manager.idp_id, "displayName": manager.display_name}))
}

/// The server's own representation with the provider's mapped values laid over it: the body of Okta's PUT. Everything else
/// goes back as it came, `id`, `meta`, `groups` and unknown members included.
pub(crate) fn merge(mut server: Object, profile: &Object, manner: &Manner, chance: Chance) -> Object {
    for path in manner.mapped {
        if member(profile, path).is_none() {
            clear(&mut server, path, chance);
        }
    }
    for (key, value) in profile {
        match (server.get_mut(key), value) {
            (Some(Value::Array(have)), Value::Array(wanted)) if key == "schemas" => {
                for urn in wanted {
                    if !have.contains(urn) {
                        have.push(urn.clone());
                    }
                }
            }
            // name.formatted and other members that Okta does not map keep the value of the server.
            (Some(Value::Object(have)), Value::Object(wanted)) => {
                have.extend(wanted.iter().map(|(k, v)| (k.clone(), v.clone())));
            }
            _ => _ = server.insert(key.clone(), value.clone()),
        }
    }
    server
}

/// The member at `name`, `name.sub` or `urn|name`.
pub(crate) fn member<'a>(body: &'a Object, path: &str) -> Option<&'a Value> {
    match split(path) {
        Some((parent, name)) => body.get(parent)?.as_object()?.get(name),
        None => body.get(path),
    }
}

/// Parent and name of a path; a URN contains dots of its own, so that `|` divides it from its attribute.
pub(crate) fn split(path: &str) -> Option<(&str, &str)> {
    path.split_once('|').or_else(|| path.split_once('.').filter(|_| !path.starts_with("urn:")))
}

/// What was cleared in Okta arrives as "", as null, or not at all; none of the three is documented to be the only one.
fn clear(server: &mut Object, path: &str, chance: Chance) {
    let (parent, name) = match split(path) {
        Some((parent, name)) => (server.get_mut(parent).and_then(Value::as_object_mut), name),
        None => (Some(server), path),
    };
    let Some(parent) = parent else { return };
    if let Some(value) = parent.get_mut(name) {
        match chance.of(3, path) {
            0 if value.is_string() => *value = json!(""),
            1 => *value = Value::Null,
            _ => _ = parent.remove(name),
        }
    }
}

/// Names what was cleared since `before` in a path-less PATCH, in which an attribute that is left out stays as it is.
pub(crate) fn name_cleared(body: &mut Object, before: &Object, manner: &Manner, chance: Chance) {
    for path in manner.mapped {
        let Some(old) = member(before, path).filter(|_| member(body, path).is_none()) else { continue };
        let empty = if old.is_string() && chance.one_in(2, path) { json!("") } else { Value::Null };
        match split(path) {
            Some((parent, name)) => body.entry(parent).or_insert_with(|| json!({}))[name] = empty,
            None => _ = body.insert((*path).to_owned(), empty),
        }
    }
}

/// Okta's group body; pushed groups have no externalId.
pub(super) fn group(subject: &GroupSubject) -> Object {
    object(json!({"schemas": [urn::GROUP], "displayName": subject.name, "members": []}))
}

/// The 1.1 group body: the name only, and the description where the Okta group has one, which cannot be switched off.
pub(super) fn group_v1(subject: &GroupSubject) -> Object {
    const DESCRIPTION: &str = "urn:okta:custom:group:1.0";
    if subject.chance.one_in(3, "description") {
        let description = format!("Everyone who belongs to {}", subject.name);
        return object(json!({
            "schemas": [urn::CORE_V1, DESCRIPTION],
            "displayName": subject.name,
            DESCRIPTION: {"description": description},
        }));
    }
    object(json!({"schemas": [urn::CORE_V1], "displayName": subject.name}))
}
