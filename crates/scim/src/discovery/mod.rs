//! What the service says about itself, made from the tables in [`schema`](crate::schema) so that it cannot disagree with
//! what the service does. SCIM 1.1 has forms of its own in [`v1`].
//!
//! Single documents (`/Schemas/{urn}`, `/ResourceTypes/{name}`) are found by their `id` in the lists given here, in any
//! letter case.

pub mod v1;

use serde_json::{Value, json};

use crate::Object;
use crate::schema::{
    Attribute, AttributeType, RESOURCE_TYPE, ResourceType, SCHEMA, SERVICE_PROVIDER_CONFIG, Schema,
    resource_type_schema, schema_schema, service_provider_config as config_schema,
};

/// What the service supports; published and obeyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Features {
    /// Whether /Bulk works.
    pub bulk: bool,
    /// Operations per bulk request; published even when bulk is off, because authentik sizes its PATCH requests by it.
    pub max_operations: i64,
    /// Bytes per request.
    pub max_payload_size: i64,
    /// Resources per list response.
    pub max_results: i64,
    /// Whether PATCH works.
    pub patch: bool,
    /// Whether sortBy works.
    pub sort: bool,
    /// How lists are paged through.
    pub pagination: Pagination,
}

/// What RFC 9865 section 4 publishes. Pages by `startIndex` are the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pagination {
    /// Whether `cursor` works.
    pub cursor: bool,
    /// Resources on a page when the client does not say how many.
    pub default_page_size: i64,
    /// How long a cursor is good for, in seconds.
    pub cursor_timeout: i64,
}

impl Default for Features {
    fn default() -> Self {
        let pagination = Pagination { cursor: false, default_page_size: 100, cursor_timeout: 3600 };
        Self {
            bulk: false,
            max_operations: 1000,
            max_payload_size: 1_048_576,
            max_results: 1000,
            patch: true,
            sort: false,
            pagination,
        }
    }
}

/// The ways to authenticate: type, name, description, specification. The first one is preferred.
const SCHEMES: [(&str, &str, &str, &str); 2] = [
    (
        "oauthbearertoken",
        "OAuth Bearer Token",
        "A token of this directory in the Authorization header",
        "https://www.rfc-editor.org/info/rfc6750",
    ),
    (
        "httpbasic",
        "HTTP Basic",
        "User name and password of this directory in the Authorization header",
        "https://www.rfc-editor.org/info/rfc7617",
    ),
];

/// The body of GET /ServiceProviderConfig. `base` is the absolute URL in front of it, without a slash at its end.
///
/// ```
/// use doorward_scim::discovery::{Features, service_provider_config};
///
/// let config = service_provider_config("https://x.example/scim/v2", &Features::default());
/// assert_eq!(config["patch"]["supported"], true);
/// assert_eq!(config["meta"]["location"], "https://x.example/scim/v2/ServiceProviderConfig");
/// ```
pub fn service_provider_config(base: &str, features: &Features) -> Object {
    let schemes: Vec<Value> = SCHEMES
        .iter()
        .enumerate()
        .map(|(index, (kind, name, description, specification))| {
            json!({
                "type": kind,
                "name": name,
                "description": description,
                "specUri": specification,
                "primary": index == 0,
            })
        })
        .collect();
    object(json!({
        "schemas": [SERVICE_PROVIDER_CONFIG],
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
        "pagination": {
            "cursor": features.pagination.cursor,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": features.pagination.default_page_size,
            "maxPageSize": features.max_results,
            "cursorTimeout": features.pagination.cursor_timeout,
        },
        "authenticationSchemes": schemes,
        "meta": {"resourceType": "ServiceProviderConfig", "location": format!("{base}/ServiceProviderConfig")},
    }))
}

/// The resources of GET /ResourceTypes; each has its name as `id`.
pub fn resource_types(types: &[ResourceType], base: &str) -> Vec<Object> {
    types.iter().map(|resource_type| described(resource_type, base)).collect()
}

fn described(resource_type: &ResourceType, base: &str) -> Object {
    let ResourceType { name, endpoint, description, schema, .. } = resource_type;
    let mut document = object(json!({
        "schemas": [RESOURCE_TYPE],
        "id": name,
        "name": name,
        "description": description,
        "endpoint": endpoint,
        "schema": schema.id,
    }));
    let extensions: Vec<Value> = resource_type
        .extensions
        .iter()
        .map(|extension| json!({"schema": extension.schema.id, "required": extension.required}))
        .collect();
    if !extensions.is_empty() {
        document.insert("schemaExtensions".to_owned(), Value::Array(extensions));
    }
    let location = format!("{base}/ResourceTypes/{name}");
    document.insert("meta".to_owned(), json!({"resourceType": "ResourceType", "location": location}));
    document
}

/// The resources of GET /Schemas; each has its URN as `id`. The schemas of the discovery documents themselves are at the
/// end of the list; a schema two types share is listed once.
pub fn schemas(types: &[ResourceType], base: &str) -> Vec<Object> {
    let mut documents: Vec<Object> = Vec::new();
    let of_types = types.iter().flat_map(|resource_type| {
        std::iter::once(&resource_type.schema).chain(resource_type.extensions.iter().map(|extension| &extension.schema))
    });
    let of_discovery = [config_schema(), resource_type_schema(), schema_schema()];
    for schema in of_types.chain(&of_discovery) {
        let id = Value::from(schema.id.as_str());
        if !documents.iter().any(|document| document.get("id") == Some(&id)) {
            documents.push(published(schema, base));
        }
    }
    documents
}

fn published(schema: &Schema, base: &str) -> Object {
    let attributes: Vec<Value> = listed(&schema.attributes).map(characteristics).collect();
    object(json!({
        "schemas": [SCHEMA],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": attributes,
        "meta": {"resourceType": "Schema", "location": format!("{base}/Schemas/{}", schema.id)},
    }))
}

/// Passwords are taken and dropped, so no client is invited to send one (SEC-12).
fn listed(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.name != "password")
}

/// All characteristics, defaults too (RFC 7643 section 2.2), so that no client has to know them.
fn characteristics(attribute: &Attribute) -> Value {
    let mut document = object(json!({
        "name": attribute.name,
        "type": attribute.attribute_type.name(),
        "multiValued": attribute.multi_valued,
        "description": attribute.description,
        "required": attribute.required,
        "caseExact": attribute.case_exact,
        "mutability": attribute.mutability.name(),
        "returned": attribute.returned.name(),
        "uniqueness": attribute.uniqueness.name(),
    }));
    if !attribute.canonical_values.is_empty() {
        document.insert("canonicalValues".to_owned(), json!(attribute.canonical_values));
    }
    if attribute.attribute_type == AttributeType::Reference {
        document.insert("referenceTypes".to_owned(), json!(attribute.reference_types));
    }
    if attribute.is_complex() {
        let parts = attribute.sub_attributes.iter().map(characteristics).collect();
        document.insert("subAttributes".to_owned(), Value::Array(parts));
    }
    Value::Object(document)
}

fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}
