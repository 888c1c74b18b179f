//! The discovery documents of SCIM 1.1 (core schema 1.1, sections 9 and 10).

use serde_json::{Value, json};

use super::{Features, SCHEMES, listed, object};
use crate::Object;
use crate::attr::same_name;
use crate::schema::{Attribute, AttributeType, CORE_V1, ENTERPRISE, ENTERPRISE_V1, ResourceType, common};

/// The body of GET /ServiceProviderConfigs. `base` is the absolute URL in front of it, without a slash at its end.
pub fn service_provider_configs(base: &str, features: &Features) -> Object {
    let schemes: Vec<Value> = SCHEMES
        .iter()
        .enumerate()
        .map(|(index, (kind, name, description, specification))| {
            json!({
                "type": kind,
                "name": name,
                "description": description,
                "specUrl": specification,
                "primary": index == 0,
            })
        })
        .collect();
    object(json!({
        "schemas": [CORE_V1],
        "patch": {"supported": features.patch},
        "bulk": {
            "supported": features.bulk,
            "maxOperations": features.max_operations,
            "maxPayloadSize": features.max_payload_size,
        },
        "filter": {"supported": true, "maxResults": features.max_results},
        "changePassword": {"supported": false},
        "sort": {"supported": features.sort},
        "etag": {"supported": true},
        // D34.
        "xmlDataFormat": {"supported": false},
        "authenticationSchemes": schemes,
        "meta": {"location": format!("{base}/ServiceProviderConfigs")},
    }))
}

/// The resources of GET /Schemas: one per resource type, its extensions' attributes among the others, each attribute with
/// the URN of its schema. `id` is `urn:scim:schemas:core:1.0:User`, `name` is `User`; clients ask by either.
pub fn schemas(types: &[ResourceType], base: &str) -> Vec<Object> {
    types.iter().map(|resource_type| schema(resource_type, base)).collect()
}

fn schema(resource_type: &ResourceType, base: &str) -> Object {
    let ResourceType { name, endpoint, description, .. } = resource_type;
    let common = common().iter().filter(|attribute| attribute.name != "schemas");
    let core = common.chain(listed(&resource_type.schema.attributes)).map(|attribute| member(attribute, CORE_V1));
    let extended = resource_type.extensions.iter().flat_map(|extension| {
        let urn = extension.schema.id.as_str();
        let urn = if same_name(urn, ENTERPRISE) { ENTERPRISE_V1 } else { urn };
        listed(&extension.schema.attributes).map(move |attribute| member(attribute, urn))
    });
    let attributes: Vec<Value> = core.chain(extended).collect();
    object(json!({
        "schemas": [CORE_V1],
        "id": format!("{CORE_V1}:{name}"),
        "name": name,
        "description": description,
        "schema": CORE_V1,
        "endpoint": endpoint,
        "attributes": attributes,
        "meta": {"location": format!("{base}/Schemas/{name}")},
    }))
}

fn member(attribute: &Attribute, schema: &str) -> Value {
    let mut document = characteristics(attribute, &attribute.name);
    document.insert("schema".to_owned(), Value::from(schema));
    if attribute.multi_valued {
        document.insert("multiValuedAttributeChildName".to_owned(), Value::from(child_name(&attribute.name)));
    }
    if attribute.is_complex() {
        let parts = attribute.sub_attributes.iter().filter(|sub| sub.name != "$ref").map(|sub| {
            // The manager's id has a name of its own in 1.1 (core schema 1.1 section 7).
            let name = if attribute.name == "manager" && sub.name == "value" { "managerId" } else { &sub.name };
            Value::Object(characteristics(sub, name))
        });
        document.insert("subAttributes".to_owned(), parts.collect());
    }
    Value::Object(document)
}

fn characteristics(attribute: &Attribute, name: &str) -> Object {
    let kind = match attribute.attribute_type {
        // 1.1 has no references.
        AttributeType::Reference => AttributeType::String.name(),
        other => other.name(),
    };
    let mut document = object(json!({
        "name": name,
        "type": kind,
        "multiValued": attribute.multi_valued,
        "description": attribute.description,
        "readOnly": attribute.is_read_only(),
        "required": attribute.required,
        "caseExact": attribute.case_exact,
    }));
    if !attribute.canonical_values.is_empty() {
        document.insert("canonicalValues".to_owned(), json!(attribute.canonical_values));
    }
    document
}

/// The name of one value of a list, for XML: `email` for `emails`.
fn child_name(name: &str) -> &str {
    match name {
        "addresses" => "address",
        other => other.strip_suffix('s').unwrap_or(other),
    }
}
