//! The OpenAPI 3.1 description of the application's API, and a page for people made of it.
//!
//! `endpoints` names every path with what it takes and gives; bodies come from the types that read them, so that they cannot differ.
//! The document is committed (`crates/server/openapi.json`), and tests compare it with the routes and with what is served. A new route
//! gets its line in `endpoints`; a new object its members in `objects`.

mod endpoints;
mod objects;
mod page;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde_json::{Map, Value, json};

use endpoints::{Endpoint, Gives};

/// `GET /openapi.json`: for everybody, without a key.
pub async fn get() -> Json<Value> {
    Json(document())
}

/// `GET /docs`: the same as a page. It holds no script and no style, and asks for nothing else.
pub async fn docs() -> Response {
    let mut response = page::render(&document()).into_response();
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The whole document. The same for every installation.
pub fn document() -> Value {
    let mut paths = Map::new();
    let mut schemas = objects::schemas();
    for endpoint in endpoints::all() {
        if let Some(body) = endpoint.body {
            schemas.extend(body());
        }
        let operations = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        if let Some(operations) = operations.as_object_mut() {
            operations.insert(endpoint.method.to_owned(), operation(endpoint));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Doorward",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What applications read and set. Unknown members of a body are a 422 that names them; POST honours Idempotency-Key.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "api_key": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "api_key": { "type": "http", "scheme": "bearer", "description": "An API key, sk_..." } },
            "schemas": schemas,
        },
    })
}

fn operation(endpoint: &Endpoint) -> Value {
    let in_path = endpoint.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path =
        in_path.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }));
    let in_query = endpoint.query.iter().map(|(name, description)| {
        json!({ "name": name, "in": "query", "required": false, "description": description, "schema": { "type": "string" } })
    });
    let mut parameters: Vec<Value> = in_path.chain(in_query).collect();
    if endpoint.method == "post" {
        parameters.push(json!({ "name": "Idempotency-Key", "in": "header", "required": false, "schema": { "type": "string", "maxLength": 255 },
            "description": "The same key and body again give the first answer again for 24 hours." }));
    }
    let (status, content) = match endpoint.gives {
        Gives::Nothing => (204, None),
        Gives::One(status, name) => (status, Some(reference(name))),
        Gives::List(name) => (200, Some(list_of(name, &[]))),
        Gives::ListWith(name, more) => (200, Some(list_of(name, more))),
        Gives::Stream(_, name) => (200, Some(reference(name))),
    };
    let media_type = match endpoint.gives {
        Gives::Stream(media_type, _) => media_type,
        _ => "application/json",
    };
    let mut success = json!({ "description": "Done." });
    if let (Some(content), Some(success)) = (content, success.as_object_mut()) {
        success.insert("content".to_owned(), json!({ media_type: { "schema": content } }));
    }
    let error = json!({ "description": "Refused; the body says why.", "content": { "application/json": { "schema": reference("Error") } } });
    let mut operation = json!({
        "summary": endpoint.summary,
        "operationId": endpoint.id,
        "tags": [endpoint.path.split('/').nth(1).unwrap_or_default()],
        "parameters": parameters,
        "responses": { status.to_string(): success, "4XX": error },
    });
    if let (Some(body), Some(members)) = (endpoint.body_name, operation.as_object_mut()) {
        let body = json!({ "required": !endpoint.body_is_optional, "content": { "application/json": { "schema": reference(body) } } });
        members.insert("requestBody".to_owned(), body);
    }
    operation
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn list_of(name: &str, more: &[(&str, &str)]) -> Value {
    let mut list = json!({
        "type": "object",
        "required": ["object", "data", "list_metadata"],
        "properties": {
            "object": { "const": "list" },
            "data": { "type": "array", "items": reference(name) },
            "list_metadata": { "type": "object", "properties": {
                "before": { "type": ["string", "null"] }, "after": { "type": ["string", "null"] } } },
        },
    });
    for (member, kind) in more {
        list["properties"][*member] = objects::property(kind);
    }
    list
}
