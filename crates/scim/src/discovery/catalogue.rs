//! Roles and entitlements that a directory offers: its lists at /Roles and /Entitlements, and what the other discovery
//! documents say of them (the IETF's draft on roles and entitlements, and Okta's reading of it).

use serde_json::{Value, json};

use super::{characteristics, object};
use crate::Object;
use crate::schema::{Attribute, Catalogue, CatalogueList, Offered, SERVICE_PROVIDER_CONFIG};

/// The member of /ServiceProviderConfig that says which lists there are; `None` when there is none (R-DRAFT-config-01).
pub fn roles_and_entitlements(catalogue: &Catalogue) -> Option<(&'static str, Value)> {
    if catalogue.is_empty() {
        return None;
    }
    let mut lists = Object::new();
    for list in CatalogueList::ALL {
        let offer = catalogue.list(list);
        let (on, kinds) = (offer.is_some(), offer.map(|offer| offer.kinds()).unwrap_or_default());
        let mut described = Object::new();
        described.insert("supported".to_owned(), json!(on));
        described.insert(format!("multiple{}Supported", plural(list)), json!(on));
        described.insert("primarySupported".to_owned(), json!(on));
        described.insert("typeSupported".to_owned(), json!(!kinds.is_empty()));
        described.insert("types".to_owned(), json!(kinds));
        lists.insert(list.attribute().to_owned(), Value::Object(described));
    }
    Some(("RolesAndEntitlements", Value::Object(lists)))
}

fn plural(list: CatalogueList) -> &'static str {
    match list {
        CatalogueList::Roles => "Roles",
        CatalogueList::Entitlements => "Entitlements",
    }
}

/// Puts that member into the schema of /ServiceProviderConfig, among the documents of /Schemas.
pub fn describe_config(documents: &mut [Object]) {
    let config = documents.iter_mut().find(|document| document.get("id") == Some(&json!(SERVICE_PROVIDER_CONFIG)));
    if let Some(Value::Array(attributes)) = config.and_then(|config| config.get_mut("attributes")) {
        attributes.push(characteristics(&config_attribute()));
    }
}

/// One level deeper than RFC 7643 section 2.3.8 lets attributes go, because the draft has it so.
fn config_attribute() -> Attribute {
    let lists = CatalogueList::ALL.map(|list| {
        let switch = |name: &str| Attribute::boolean(name).read_only();
        Attribute::complex(
            list.attribute(),
            [
                switch("supported").describe("Whether the values are listed"),
                switch(&format!("multiple{}Supported", plural(list))).describe("Whether a user can have several"),
                switch("primarySupported").describe("Whether one of them can be primary"),
                switch("typeSupported").describe("Whether the values have types"),
                Attribute::string("types").multi_valued().read_only().describe("The types there are"),
            ],
        )
        .read_only()
        .describe("What is offered of them")
    });
    Attribute::complex("RolesAndEntitlements", lists).read_only().describe("Which roles and entitlements are offered")
}

/// One value of a list as a resource. `urn` is the schema of its resource type.
pub fn offered(list: CatalogueList, urn: &str, value: &Offered, base: &str) -> Object {
    let id = &value.value;
    let mut document = object(json!({ "schemas": [urn], "id": id }));
    document.extend(value.to_object());
    document.insert("displayName".to_owned(), json!(value.display));
    // Okta takes an entitlement without a type for a broken one (idp-wire 2.12).
    if list == CatalogueList::Entitlements && value.kind.is_none() {
        document.insert("type".to_owned(), json!(list.type_name()));
    }
    let location = format!("{base}{}/{}", list.endpoint(), encoded(id));
    document.insert("meta".to_owned(), json!({"resourceType": list.type_name(), "location": location}));
    document
}

/// One segment of a path.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}
