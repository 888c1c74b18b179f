//! What several providers write alike: pieces of a user body.

use serde_json::{Value, json};

use super::Chance;
use crate::client::Object;
use crate::people::Person;

/// A person as a body is made from them.
pub(crate) struct Subject<'a> {
    pub(crate) person: &'a Person,
    pub(crate) active: bool,
    pub(crate) manager: Option<Manager<'a>>,
    pub(crate) chance: Chance,
}

/// The person's manager.
pub(crate) struct Manager<'a> {
    /// The account's id at the server, when the provider knows it.
    pub(crate) id: Option<&'a str>,
    pub(crate) person: &'a Person,
}

/// The object of a `json!({…})`.
pub(crate) fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}

/// Adds a member if there is a value.
pub(crate) fn put(object: &mut Object, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object.insert(name.to_owned(), value.into());
    }
}

/// Adds an extension object under its URN, and the URN to `schemas`, unless it is empty.
pub(crate) fn extend(body: &mut Object, urn: &str, extension: Object) {
    if extension.is_empty() {
        return;
    }
    if let Some(Value::Array(schemas)) = body.get_mut("schemas") {
        schemas.push(json!(urn));
    }
    body.insert(urn.to_owned(), Value::Object(extension));
}

/// `givenName`, `familyName` and what else of a name is known.
pub(crate) fn name(person: &Person) -> Object {
    let mut name = object(json!({"givenName": person.given_name, "familyName": person.family_name}));
    put(&mut name, "middleName", person.middle_name.as_deref());
    put(&mut name, "honorificPrefix", person.honorific_prefix.as_deref());
    name
}

/// Telephone numbers with their types.
pub(crate) fn phones(person: &Person) -> Option<Value> {
    let typed = [(&person.work_phone, "work"), (&person.mobile_phone, "mobile")];
    let list: Vec<_> = typed
        .into_iter()
        .filter_map(|(number, kind)| number.as_ref().map(|number| json!({"value": number, "type": kind})))
        .collect();
    (!list.is_empty()).then_some(Value::Array(list))
}

/// The address at work.
pub(crate) fn addresses(person: &Person) -> Option<Value> {
    person.address.as_ref().map(|address| {
        json!([{
            "type": "work",
            "streetAddress": address.street,
            "locality": address.locality,
            "region": address.region,
            "postalCode": address.postal_code,
            "country": address.country,
        }])
    })
}

/// The enterprise extension without the manager.
pub(crate) fn enterprise(person: &Person) -> Object {
    let mut extension = Object::new();
    put(&mut extension, "employeeNumber", person.employee_number.as_deref());
    put(&mut extension, "costCenter", person.cost_center.as_deref());
    put(&mut extension, "organization", person.organization.as_deref());
    put(&mut extension, "division", person.division.as_deref());
    put(&mut extension, "department", person.department.as_deref());
    extension
}
