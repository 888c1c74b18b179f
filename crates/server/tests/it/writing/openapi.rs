//! The description of the API is the API: its routes, its objects, and the committed file.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{organization, text};
use crate::app_api::{Api, data};
use crate::support::{Kind, Service, on_each_database};
use crate::wire::Request;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

#[test]
fn the_committed_description_is_the_current_one() {
    let current = serde_json::to_string_pretty(&doorward_server::app_api::openapi::document()).unwrap() + "\n";
    if std::env::var_os("DOORWARD_WRITE_OPENAPI").is_some() {
        std::fs::write(COMMITTED, &current).unwrap();
    }
    let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
    assert!(committed == current, "crates/server/openapi.json is stale; run this test with DOORWARD_WRITE_OPENAPI=1");
}

/// `method path` of every route of the application's API, read from the one screen where they stand.
fn routes() -> BTreeSet<String> {
    let router = include_str!("../../../src/router.rs");
    let (_, application) = router.split_once("fn application(").unwrap();
    let (application, _) = application.split_once(".layer(").unwrap();
    let mut routes = BTreeSet::new();
    for route in application.split(".route(").skip(1) {
        let path = route.split('"').nth(1).unwrap();
        for method in ["get", "post", "put", "patch", "delete"] {
            let handler = route.split('"').nth(2).unwrap();
            if [", ", ",", ".", " ", "\n"].iter().any(|before| handler.contains(&format!("{before}{method}("))) {
                routes.insert(format!("{method} {path}"));
            }
        }
    }
    routes
}

#[test]
fn every_route_is_described_and_every_description_is_a_route() {
    let document = doorward_server::app_api::openapi::document();
    let paths = document["paths"].as_object().unwrap().iter();
    let described: BTreeSet<String> = paths
        .flat_map(|(path, operations)| {
            operations.as_object().unwrap().keys().map(move |method| format!("{method} {path}"))
        })
        .collect();
    assert_eq!(described, routes());
    assert!(described.len() > 30, "{described:?}");
    let mut ids = BTreeSet::new();
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    assert!(operations.map(|operation| text(operation, "operationId")).all(|id| ids.insert(id)), "one id for each");
    check_references(&document, &document);
}

/// Nothing points into the void.
fn check_references(document: &Value, part: &Value) {
    match part {
        Value::Object(members) => {
            if let Some(path) = members.get("$ref").and_then(Value::as_str) {
                assert!(document.pointer(path.trim_start_matches('#')).is_some(), "{path}");
            }
            members.values().for_each(|member| check_references(document, member));
        }
        Value::Array(items) => items.iter().for_each(|item| check_references(document, item)),
        _ => (),
    }
}

/// The object has what its description demands and nothing that it does not name.
fn check(document: &Value, name: &str, object: &Value) {
    let schema = &document["components"]["schemas"][name];
    let known: BTreeSet<&str> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    let given: BTreeSet<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    assert!(given.is_subset(&known), "{name}: {:?} is not described", given.difference(&known));
    for required in schema["required"].as_array().unwrap() {
        assert!(given.contains(required.as_str().unwrap()), "{name}: no {required} in {object}");
    }
    for (member, value) in object.as_object().unwrap() {
        let property = &schema["properties"][member];
        let kinds = match &property["type"] {
            Value::String(kind) => vec![kind.as_str()],
            Value::Array(kinds) => kinds.iter().map(|kind| kind.as_str().unwrap()).collect(),
            _ => continue,
        };
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        assert!(kinds.contains(&kind), "{name}.{member} is {kind}, described as {kinds:?}");
    }
}

#[tokio::test]
async fn objects_are_as_they_are_described() {
    on_each_database(async |service: Arc<Service>| {
        let document = Request::new(service.address, "GET", "/openapi.json").send().await.expect(200).json();
        let api = Api::of(&service).await;
        let owner = organization(&api, "Acme").await;
        let (target, domain) = (format!("/organizations/{owner}"), owner.to_lowercase().replace('_', "-"));
        let made = api.send("PUT", &target, json!({"domains": [format!("{domain}.example")]}));
        let made = made.await.expect(200).json();
        check(&document, "Organization", &made);
        check(&document, "OrganizationDomain", &made["domains"][0]);
        let body = json!({"organization_id": owner, "name": "d", "type": "okta scim v2.0", "auth": "basic"});
        let directory = api.send("POST", "/directories", body).await.expect(201).json();
        check(&document, "Directory", &directory);
        let target = format!("/directories/{}", text(&directory, "id"));
        check(&document, "DeletionPreview", &api.found(&format!("{target}/deletion_preview")).await);
        check(
            &document,
            "DirectoryToken",
            &api.send("POST", &format!("{target}/tokens"), json!({})).await.expect(201).json(),
        );
        let link = json!({"organization": owner, "intent": "dsync"});
        check(&document, "PortalLink", &api.send("POST", "/portal/generate_link", link).await.expect(201).json());
        check(&document, "Error", &api.send("POST", "/organizations", json!({})).await.expect(422).json());
        let idp = service.directory(Kind::okta()).await;
        let ada = idp.user("ada").await;
        idp.group("Everybody", &[&ada]).await;
        check(&document, "DirectoryUser", &api.found(&format!("/directory_users/{ada}")).await);
        let groups = api.found(&format!("/directory_groups?directory={}", idp.id)).await;
        check(&document, "DirectoryGroup", &data(&groups)[0]);
        let events = api.found(&format!("/events?directory={}", idp.id)).await;
        check(&document, "Event", &data(&events)[0]);
    })
    .await;
}

#[tokio::test]
async fn the_page_for_people_needs_no_key_and_runs_nothing() {
    on_each_database(async |service: Arc<Service>| {
        let page = Request::new(service.address, "GET", "/docs").send().await.expect(200);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(page.header("content-security-policy").is_some_and(|policy| policy.starts_with("default-src 'none'")));
        for absent in ["<script", "<style", "style=", "onclick", "src=", "http://", "https://"] {
            assert!(!page.body.contains(absent), "{absent}");
        }
        for present in ["POST /directories</code>", "grace_days", "id=\"Organization\""] {
            assert!(page.body.contains(present), "{present}");
        }
    })
    .await;
}
