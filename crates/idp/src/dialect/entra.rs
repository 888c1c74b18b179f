//! Microsoft Entra ID, with and without `aadOptscim062020` in the tenant URL. All updates are PATCH; managers and members
//! follow in later steps of the cycle.

use serde_json::{Value, json};

use super::profile::{addresses, object, put};
use super::{
    Activation, Chance, Family, FindGroup, GroupSubject, Import, Link, Manner, Membership, Probe, Rename, Spaces,
    Subject, USER_NAME, Update, Version, urn,
};
use crate::client::{Headers, Object, TokenForm};
use crate::people::{IdStyle, Person};

/// Custom extensions of Entra live under this shape of URN, which is not listed in `schemas`.
const CUSTOM: &str = "urn:ietf:params:scim:schemas:extension:WorkatoRole:2.0:User";

const HEADERS: Headers = Headers {
    accept: "application/scim+json",
    content_type: "application/scim+json; charset=utf-8",
    user_agent: None,
    charset_and_encoding: false,
    content_type_on_delete: false,
};

/// `name.formatted` as Entra's default mapping joins it.
fn formatted(person: &Person) -> String {
    format!("{} {}", person.given_name, person.family_name)
}

/// The body of a create. What differs between tenants (nulls, `active` as text) is varied by person.
fn create(subject: &Subject) -> Object {
    let person = subject.person;
    // "True" as text is documented for apps without the flag.
    let active = if subject.chance.one_in(8, "active as text") {
        json!(title_case(subject.active))
    } else {
        json!(subject.active)
    };
    let mut body = object(json!({
        "schemas": [urn::USER, urn::ENTERPRISE],
        "externalId": person.idp_id,
        "userName": person.user_name,
        "active": active,
        "emails": [{"primary": true, "type": "work", "value": person.email}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": formatted(person), "familyName": person.family_name, "givenName": person.given_name},
        "roles": [],
    }));
    rest(&mut body, subject);
    if subject.chance.one_in(8, "nulls") {
        // Microsoft's own example has them, `department` and `manager` outside their extension among them.
        for name in ["title", "addresses", "phoneNumbers", "preferredLanguage", "department", "manager"] {
            if !body.contains_key(name) {
                body.insert(name.to_owned(), Value::Null);
            }
        }
    }
    body
}

/// What is mapped, for the verdict.
fn profile(subject: &Subject) -> Object {
    let person = subject.person;
    let mut body = object(json!({
        "externalId": person.idp_id,
        "userName": person.user_name,
        "active": subject.active,
        "emails": [{"primary": true, "type": "work", "value": person.email}],
        "name": {"formatted": formatted(person), "familyName": person.family_name, "givenName": person.given_name},
    }));
    rest(&mut body, subject);
    if let Some(id) = subject.manager.as_ref().and_then(|manager| manager.id) {
        let extension = body.entry(urn::ENTERPRISE).or_insert_with(|| json!({}));
        extension["manager"] = json!({"value": id});
    }
    body
}

fn rest(body: &mut Object, subject: &Subject) {
    let person = subject.person;
    put(body, "displayName", Some(person.display_name.as_str()));
    put(body, "preferredLanguage", Some(person.locale.as_str()));
    put(body, "title", person.title.as_deref());
    put(body, "addresses", addresses(person));
    let phones = [(&person.work_phone, "work"), (&person.mobile_phone, "mobile")];
    let phones: Vec<_> = phones
        .into_iter()
        .filter_map(|(number, kind)| number.as_ref().map(|number| json!({"type": kind, "value": number})))
        .collect();
    put(body, "phoneNumbers", (!phones.is_empty()).then_some(phones));
    let mut extension = Object::new();
    put(&mut extension, "employeeNumber", person.employee_number.as_deref());
    put(&mut extension, "department", person.department.as_deref());
    if !extension.is_empty() {
        body.insert(urn::ENTERPRISE.to_owned(), Value::Object(extension));
    }
    if let Some(role) = &person.role {
        body.insert(CUSTOM.to_owned(), json!({"workato_role": role}));
    }
}

/// The mapped attributes as Entra addresses them, with their values; the order is that of the mapping table.
fn attributes(person: &Person) -> Vec<(String, Option<String>)> {
    let some = |value: &str| Some(value.to_owned());
    let address = person.address.as_ref();
    let mut list = vec![
        ("userName".to_owned(), some(&person.user_name)),
        ("externalId".to_owned(), some(&person.idp_id)),
        ("displayName".to_owned(), some(&person.display_name)),
        ("title".to_owned(), person.title.clone()),
        ("emails[type eq \"work\"].value".to_owned(), some(&person.email)),
        ("preferredLanguage".to_owned(), some(&person.locale)),
        ("name.givenName".to_owned(), some(&person.given_name)),
        ("name.familyName".to_owned(), some(&person.family_name)),
        ("name.formatted".to_owned(), Some(formatted(person))),
        ("phoneNumbers[type eq \"work\"].value".to_owned(), person.work_phone.clone()),
        ("phoneNumbers[type eq \"mobile\"].value".to_owned(), person.mobile_phone.clone()),
        (format!("{}:employeeNumber", urn::ENTERPRISE), person.employee_number.clone()),
        (format!("{}:department", urn::ENTERPRISE), person.department.clone()),
        (format!("{CUSTOM}:workato_role"), person.role.clone()),
    ];
    let parts = [
        ("streetAddress", address.map(|a| a.street.clone())),
        ("locality", address.map(|a| a.locality.clone())),
        ("region", address.map(|a| a.region.clone())),
        ("postalCode", address.map(|a| a.postal_code.clone())),
        ("country", address.map(|a| a.country.clone())),
    ];
    list.extend(parts.map(|(name, value)| (format!("addresses[type eq \"work\"].{name}"), value)));
    list
}

/// The values of the mapped attributes that an account found at the server has, as Entra reads them for comparison.
pub(crate) fn observed(resource: &Object, person: &Person) -> Vec<(String, Option<String>)> {
    attributes(person).into_iter().map(|(path, _)| (path.clone(), read(resource, &path))).collect()
}

/// The values that were last sent.
pub(crate) fn sent(person: &Person) -> Vec<(String, Option<String>)> {
    attributes(person)
}

fn read(resource: &Object, path: &str) -> Option<String> {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    if let Some((list, rest)) = path.split_once("[type eq \"") {
        let (kind, name) = rest.split_once("\"].")?;
        let element = resource.get(list)?.as_array()?.iter().find(|element| element["type"] == kind)?;
        return text(element.get(name)?);
    }
    if path.starts_with("urn:") {
        let (urn, name) = path.rsplit_once(':')?;
        return text(resource.get(urn)?.get(name)?);
    }
    match path.split_once('.') {
        Some((parent, name)) => text(resource.get(parent)?.get(name)?),
        None => text(resource.get(path)?),
    }
}

/// The PATCH for what differs between the values `before` and a person as they are now; `None` when nothing does.
///
/// Without the flag there is one operation per attribute, each with a path; with it, what has no filter in its path goes
/// into path-less operations whose value has dotted and URN-qualified keys. Clearing is done by `""`, null or Remove.
pub(crate) fn changes(
    before: &[(String, Option<String>)],
    after: &Person,
    flagged: bool,
    chance: Chance,
) -> Option<Object> {
    let known = |path: &str| before.iter().find(|(p, _)| p == path).and_then(|(_, value)| value.as_deref());
    let mut operations = Vec::new();
    let (mut added, mut replaced) = (Object::new(), Object::new());
    for (path, value) in attributes(after) {
        let had = known(&path);
        if had == value.as_deref() {
            continue;
        }
        let Some(value) = value else {
            operations.push(cleared(&path, flagged, chance));
            continue;
        };
        // Add and Replace are interchangeable in Entra: Replace comes also for what is not there yet.
        let add = had.is_none() && !chance.one_in(4, &path);
        match (flagged && !path.contains('['), add) {
            (true, true) => _ = added.insert(path, json!(value)),
            (true, false) => _ = replaced.insert(path, json!(value)),
            (false, add) => operations.push(json!({"op": verb(add, flagged), "path": path, "value": value})),
        }
    }
    for (op, values) in [("add", added), ("replace", replaced)] {
        if !values.is_empty() {
            operations.push(json!({"op": op, "value": values}));
        }
    }
    (!operations.is_empty()).then(|| message(&operations))
}

fn cleared(path: &str, flagged: bool, chance: Chance) -> Value {
    match chance.of(3, path) {
        0 => json!({"op": verb(false, flagged), "path": path, "value": ""}),
        1 => json!({"op": verb(false, flagged), "path": path, "value": null}),
        _ => json!({"op": if flagged { "remove" } else { "Remove" }, "path": path}),
    }
}

fn verb(add: bool, flagged: bool) -> &'static str {
    match (add, flagged) {
        (true, true) => "add",
        (true, false) => "Add",
        (false, true) => "replace",
        (false, false) => "Replace",
    }
}

fn message(operations: &[Value]) -> Object {
    object(json!({"schemas": [urn::PATCH], "Operations": operations}))
}

/// The PATCH that sets the reference to a manager (`location` is the manager's URL), or clears it.
pub(crate) fn manager_patch(manager: Option<(&str, &str)>, fresh: bool, flagged: bool, chance: Chance) -> Object {
    let path = format!("{}:manager", urn::ENTERPRISE);
    let operation = match manager {
        // An array for a single complex attribute, and the unqualified name: Microsoft's own example.
        Some((id, location)) if chance.one_in(4, "manager as array") => {
            json!({"op": verb(fresh, flagged), "path": "manager", "value": [{"$ref": location, "value": id}]})
        }
        Some((id, _)) => json!({"op": verb(fresh, flagged), "path": path, "value": id}),
        None => cleared(&path, flagged, chance),
    };
    message(&[operation])
}

/// `True` and `False`, as Entra writes booleans as text.
pub(crate) fn title_case(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

fn group(subject: &GroupSubject) -> Object {
    object(json!({
        "schemas": [urn::GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        "externalId": subject.idp_id,
        "displayName": subject.name,
        "meta": {"resourceType": "Group"},
    }))
}

const MAPPED: &[&str] = &[
    "title",
    "addresses",
    "phoneNumbers",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User|employeeNumber",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User|department",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User|manager",
    "urn:ietf:params:scim:schemas:extension:WorkatoRole:2.0:User|workato_role",
];

const fn manner(flagged: bool) -> Manner {
    Manner {
        name: if flagged { "entra-flag" } else { "entra" },
        title: if flagged {
            "Microsoft Entra ID with aadOptscim062020 in the tenant URL"
        } else {
            "Microsoft Entra ID, default"
        },
        family: Family::Entra,
        version: Version::V2,
        headers: HEADERS,
        token: TokenForm::Bearer,
        flag: if flagged { Some("aadOptscim062020") } else { None },
        ids: IdStyle::Guid,
        spaces: Spaces::Plus,
        probe: Probe::NobodyThere,
        find_user: &[USER_NAME],
        find_suffix: "",
        create_user: create,
        profile,
        mapped: MAPPED,
        link: Link::Update,
        update: Update::Operations(flagged),
        activation: if flagged { Activation::PatchPath } else { Activation::PatchText },
        erases: true,
        find_group: FindGroup::FilterExcluding,
        create_group: group,
        rename: Rename::Path(if flagged { "replace" } else { "Replace" }),
        membership: Membership::Entra(flagged),
        deletes_groups: true,
        import: Import::Never,
        cycles: true,
    }
}

pub(super) static MANNER: Manner = manner(false);
pub(super) static FLAGGED: Manner = manner(true);
