//! Every route that changes something leaves a record with the request's id, and none when it was refused (SEC-54). The table must have
//! every such route: it is compared with the source of the router.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::app_api::{Api, data};
use crate::custom_schemas::{X, x};
use crate::support::{Directory, GROUP, Kind, PATCH_OP, okta_user, with_directory, with_json};
use crate::wire::Request;

/// Routes of the application's API that change something, as `METHOD path`; each with what is sent to it. In this order, so that what is
/// deleted was there.
fn application(api: &Api, directory: &Directory) -> Vec<(&'static str, Request)> {
    let send = |method: &str, path: String, body: Value| {
        api.request(method, &path).header("Content-Type", "application/json").body(body.to_string())
    };
    let schema = format!("/directories/{}/schemas/{X}", directory.id);
    let catalogue = format!("/directories/{}/catalogue", directory.id);
    let roles = json!({"roles": {"values": [{"value": "admin"}]}});
    vec![
        ("PUT /directories/{id}/schemas/{urn}", send("PUT", schema.clone(), x())),
        ("DELETE /directories/{id}/schemas/{urn}", send("DELETE", schema, json!({}))),
        ("PUT /directories/{id}/catalogue", send("PUT", catalogue.clone(), roles)),
        ("DELETE /directories/{id}/catalogue", send("DELETE", catalogue, json!({}))),
    ]
}

/// As [`application`], for the accounts that the application has already: two people wait in the queue, and one is linked.
async fn known_users(api: &Api, directory: &Directory) -> Vec<(&'static str, Request)> {
    let of = |rest: &str| format!("/directories/{}{rest}", directory.id);
    let send = |method: &str, path: String, body: Value| with_json(api.request(method, &path), body);
    let load =
        |name: &str| send("POST", of("/known_users"), json!({"id": name, "username": format!("{name}@known.example")}));
    let policy = |policy: &str| send("PATCH", of(""), json!({"settings": {"known_users": policy}})).send();
    policy("link_username").await.expect(200);
    for name in ["ann", "ben", "cat"] {
        load(name).send().await.expect(200);
    }
    let linked = directory.user("cat@known.example").await;
    policy("ask").await.expect(200);
    let mut conflicts = Vec::new();
    for name in ["ann", "ben"] {
        let id = directory.user(&format!("{name}@known.example")).await;
        let queue = api.found(&of("/conflicts?limit=100")).await;
        let asked = data(&queue).iter().find(|conflict| conflict["directory_user_id"] == id).unwrap();
        conflicts.push(of(&format!("/conflicts/{}", asked["id"].as_str().unwrap())));
    }
    vec![
        ("POST /directories/{id}/known_users", load("dan")),
        (
            "POST /directories/{id}/conflicts/{conflict_id}/accept",
            send("POST", format!("{}/accept", conflicts[0]), json!({})),
        ),
        (
            "POST /directories/{id}/conflicts/{conflict_id}/refuse",
            send("POST", format!("{}/refuse", conflicts[1]), json!({})),
        ),
        ("POST /directory_users/{id}/unlink", send("POST", format!("/directory_users/{linked}/unlink"), json!({}))),
        ("DELETE /directories/{id}/known_users/{known_id}", send("DELETE", of("/known_users/dan"), json!({}))),
    ]
}

/// Routes that need no body and look at none.
fn reads_no_body(route: &str) -> bool {
    route.starts_with("DELETE") || route.ends_with("/refuse") || route.ends_with("/unlink")
}

/// Requests of an identity provider that change something, one for each pair of method and endpoint.
async fn scim(directory: &Directory) -> Vec<(&'static str, Request)> {
    let (ada, bob) = (directory.user("ada@corp.example").await, directory.user("bob@corp.example").await);
    let group = directory.group("Engineering", &[&ada]).await;
    let gone = directory.group("Gone", &[]).await;
    let patch = |path: &str, value: &str| json!({"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": path, "value": value}]});
    let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{"method": "POST", "path": "/Users", "bulkId": "1", "data": okta_user("dan@corp.example")}]});
    let send = |method: &str, path: String, body: Value| with_json(directory.v2(method, &path), body);
    vec![
        ("POST /Users", send("POST", "/Users".into(), okta_user("eve@corp.example"))),
        ("PUT /Users/{id}", send("PUT", format!("/Users/{ada}"), okta_user("ada2@corp.example"))),
        ("PATCH /Users/{id}", send("PATCH", format!("/Users/{ada}"), patch("title", "Countess"))),
        ("DELETE /Users/{id}", directory.v2("DELETE", &format!("/Users/{bob}"))),
        ("POST /Groups", send("POST", "/Groups".into(), json!({"schemas": [GROUP], "displayName": "New"}))),
        (
            "PUT /Groups/{id}",
            send("PUT", format!("/Groups/{group}"), json!({"schemas": [GROUP], "displayName": "Renamed"})),
        ),
        ("PATCH /Groups/{id}", send("PATCH", format!("/Groups/{group}"), patch("displayName", "Again"))),
        ("DELETE /Groups/{id}", directory.v2("DELETE", &format!("/Groups/{gone}"))),
        ("POST /Bulk", send("POST", "/Bulk".into(), bulk)),
    ]
}

/// The routes of the application's API that do not only read, from the source of the router.
fn declared() -> BTreeSet<String> {
    let source = include_str!("../../../src/router.rs");
    let mut found = BTreeSet::new();
    for route in source.split(".route(").skip(1) {
        let path = route.split('"').nth(1).unwrap();
        let methods = route.split("\n        .").next().unwrap();
        for method in ["post", "put", "patch", "delete"] {
            if methods.contains(&format!("{method}(")) {
                found.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    found
}

async fn records(api: &Api, request: &str) -> Vec<Value> {
    data(&api.found(&format!("/audit_events?request_id={request}&limit=100")).await).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_54_every_mutating_route_leaves_a_record_and_a_refused_one_none() {
    with_directory(Kind::okta(), async |directory: Directory| {
        let api = Api::of(&directory.service).await;
        let mut application = application(&api, &directory);
        application.extend(known_users(&api, &directory).await);
        let listed: BTreeSet<String> = application.iter().map(|(route, _)| (*route).to_owned()).collect();
        assert_eq!(
            listed,
            declared(),
            "a route that changes something is missing in the table above, or is there no more"
        );
        let scim = scim(&directory).await;
        for (route, request) in application.into_iter().chain(scim) {
            let kind = if route.contains("/directories/") || route.contains("/directory_users/") {
                "api_key"
            } else {
                "scim_auto_sync"
            };
            let mut broken = vec![("without a credential", request.clone().without("Authorization"))];
            if !reads_no_body(route) {
                broken.push(("with a broken body", request.clone().body("{")));
            }
            for (how, refused) in broken {
                let answer = refused.send().await;
                assert!((400..500).contains(&answer.status), "{route} {how}: {}", answer.status);
                let left = records(&api, answer.header("x-request-id").unwrap()).await;
                assert!(left.is_empty(), "{route} {how} left {left:?}");
            }
            let answer = request.send().await;
            assert!((200..300).contains(&answer.status), "{route}: {} {}", answer.status, answer.body);
            let left = records(&api, answer.header("x-request-id").unwrap()).await;
            assert!(!left.is_empty(), "{route} left no record");
            assert!(left.iter().all(|record| record["actor"]["type"] == kind), "{route}: {left:?}");
        }
    })
    .await;
}
