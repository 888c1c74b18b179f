//! Directories and their credentials: made, changed, switched off and on.

use std::sync::Arc;

use base64::Engine as _;
use serde_json::{Value, json};

use super::{events_of, organization, text};
use crate::app_api::{Api, has};
use crate::support::{Service, on_each_database, types};
use crate::wire::Request;

/// The status of a SCIM request with this `Authorization`.
async fn scim(service: &Arc<Service>, directory: &Value, authorization: &str) -> u16 {
    let path = format!("/scim/{}/v2/Users", text(directory, "label"));
    Request::new(service.address, "GET", &path).header("Authorization", authorization).send().await.status
}

fn basic(credential: &Value) -> String {
    let pair = format!("{}:{}", text(credential, "username"), text(credential, "password"));
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

#[tokio::test]
async fn wo_5_wo_6_making_a_directory_gives_endpoint_and_token_at_once() {
    on_each_database(async |service: Arc<Service>| {
        let api = Api::of(&service).await;
        let owner = organization(&api, "Acme").await;
        let label = format!("acme-{}", service.app.clock().now());
        let body = json!({"organization_id": owner, "name": "People", "type": "okta_scim_v1_1", "label": label});
        let made = api.send("POST", "/directories", body.clone()).await.expect(201).json();
        has(&made, &["external_key", "state", "domain", "metadata", "label"]);
        assert_eq!((&made["type"], &made["state"]), (&json!("okta scim v1.1"), &json!("validating")));
        assert_eq!(made["status"], "waiting");
        assert!(text(&made, "endpoint").ends_with(&format!("/scim/{label}/v2")), "WO-7: {made}");
        let target = format!("/directories/{}", text(&made, "id"));
        let shown = api.found(&target).await;
        assert!(shown.get("token").is_none(), "only in the first answer");
        assert_eq!(scim(&service, &made, &format!("Bearer {}", text(&made, "token"))).await, 200);
        assert_eq!(api.found(&target).await["status"], "connected");
        let taken = api.send("POST", "/directories", body).await.expect(409).json();
        assert!(text(&taken, "message").contains("label"));
        let bare = json!({"organization_id": owner, "name": "Later", "type": "azure scim v2.0", "create_token": false});
        let bare = api.send("POST", "/directories", bare).await.expect(201).json();
        assert_eq!((bare.get("token"), &bare["status"]), (None, &json!("no_token")));
        let events = events_of(&service, &owner).await;
        let wanted =
            ["organization.created", "dsync.created", "dsync.token.created", "dsync.activated", "dsync.created"];
        assert_eq!(types(&events), wanted);
    })
    .await;
}

#[tokio::test]
async fn ws_8_a_directory_for_basic_takes_user_name_and_password() {
    on_each_database(async |service: Arc<Service>| {
        let api = Api::of(&service).await;
        let owner = organization(&api, "Basic").await;
        let body = json!({"organization_id": owner, "name": "d", "type": "okta scim v2.0", "auth": "basic"});
        let made = api.send("POST", "/directories", body).await.expect(201).json();
        assert!(made.get("token").is_none());
        assert_eq!(scim(&service, &made, &basic(&made)).await, 200);
        assert_eq!(scim(&service, &made, &format!("Bearer {}", text(&made, "password"))).await, 401);
        let more = api.send("POST", &format!("/directories/{}/tokens", text(&made, "id")), json!({})).await;
        assert_eq!(scim(&service, &made, &basic(&more.expect(201).json())).await, 200);
    })
    .await;
}

#[tokio::test]
async fn wo_7_a_directory_is_changed_and_tells_the_old_values() {
    on_each_database(async |service: Arc<Service>| {
        let api = Api::of(&service).await;
        let owner = organization(&api, "Acme").await;
        let body = json!({"organization_id": owner, "name": "Old", "type": "okta scim v2.0"});
        let made = api.send("POST", "/directories", body).await.expect(201).json();
        let target = format!("/directories/{}", text(&made, "id"));
        let label = format!("new-{}", service.app.clock().now());
        let change = json!({"name": "New", "label": label, "type": "generic scim v2.0", "domain": "Acme.Example.",
            "settings": {"profile": "strict", "groups": false}});
        let changed = api.send("PATCH", &target, change.clone()).await.expect(200).json();
        assert_eq!((&changed["name"], &changed["domain"]), (&json!("New"), &json!("acme.example")));
        assert_eq!(
            changed["settings"],
            json!({"profile": "strict", "groups": false, "known_users": "off", "auth": "bearer"})
        );
        assert_eq!(api.send("PATCH", &target, change).await.expect(200).json(), changed);
        let authorization = format!("Bearer {}", text(&made, "token"));
        assert_eq!(scim(&service, &changed, &authorization).await, 200);
        assert_eq!(scim(&service, &made, &authorization).await, 401, "the old label");
        api.send("PATCH", &target, json!({"label": "a_b"})).await.expect(422);
        api.send("PATCH", &target, json!({"auth": "basic"})).await.expect(422);
        let events = events_of(&service, &owner).await;
        assert_eq!(types(&events)[3..], ["dsync.updated", "dsync.activated"]);
        let previous = &events[3].1["previous_attributes"];
        assert_eq!((&previous["name"], &previous["settings"]["groups"]), (&json!("Old"), &json!(true)));
        assert_eq!(previous["label"], made["label"]);
    })
    .await;
}

#[tokio::test]
async fn wt_37_ws_7_a_directory_is_switched_off_and_on_over_the_api() {
    on_each_database(async |service: Arc<Service>| {
        let api = Api::of(&service).await;
        let owner = organization(&api, "Acme").await;
        let body = json!({"organization_id": owner, "name": "d", "type": "okta scim v2.0"});
        let made = api.send("POST", "/directories", body).await.expect(201).json();
        let (target, authorization) =
            (format!("/directories/{}", text(&made, "id")), format!("Bearer {}", text(&made, "token")));
        assert_eq!(scim(&service, &made, &authorization).await, 200);
        let off = api.request("POST", &format!("{target}/disable")).send().await.expect(200).json();
        assert_eq!((&off["state"], &off["status"]), (&json!("unlinked"), &json!("disabled")));
        assert_eq!(scim(&service, &made, &authorization).await, 403, "at once in this process");
        let on = api.request("POST", &format!("{target}/enable")).send().await.expect(200).json();
        assert_eq!(on["state"], "linked");
        assert_eq!(scim(&service, &made, &authorization).await, 200);
        api.request("POST", "/directories/directory_01AAAAAAAAAAAAAAAAAAAAAAAA/disable").send().await.expect(404);
    })
    .await;
}

#[tokio::test]
async fn sec_20_two_live_tokens_at_most_and_revoking_frees_a_place_at_once() {
    on_each_database(async |service: Arc<Service>| {
        let api = Api::of(&service).await;
        let owner = organization(&api, "Acme").await;
        let body = json!({"organization_id": owner, "name": "d", "type": "okta scim v2.0"});
        let made = api.send("POST", "/directories", body).await.expect(201).json();
        let target = format!("/directories/{}/tokens", text(&made, "id"));
        let body = json!({"name": "next", "expires_in_days": 30, "read_only": true});
        let second = api.send("POST", &target, body).await.expect(201).json();
        has_token(&second, "next");
        assert_eq!((&second["read_only"], second["expires_at"].is_string()), (&json!(true), true));
        let refused = api.send("POST", &target, json!({})).await.expect(409).json();
        assert!(text(&refused, "message").contains("revoke one"), "{refused}");
        let authorization = format!("Bearer {}", text(&second, "token"));
        assert_eq!(scim(&service, &made, &authorization).await, 200);
        let listed = api.found(&target).await;
        assert_eq!(listed["data"].as_array().unwrap().len(), 2);
        assert!(!listed.to_string().contains(&text(&second, "token")), "never shown again");
        let one = format!("{target}/{}", text(&second, "id"));
        assert_eq!(api.found(&one).await["last_four"], second["last_four"]);
        api.request("DELETE", &one).send().await.expect(204);
        api.request("DELETE", &one).send().await.expect(204);
        assert_eq!(scim(&service, &made, &authorization).await, 401, "at once in this process");
        let forever = api.send("POST", &target, json!({"expires_in_days": null})).await.expect(201).json();
        assert_eq!(forever["expires_at"], json!(null));
        api.send("POST", &target, json!({"expires_in_days": 0})).await.expect(409);
        let events = events_of(&service, &owner).await;
        assert_eq!(types(&events).iter().filter(|name| **name == "dsync.token.revoked").count(), 1);
        assert!(!format!("{events:?}").contains(&text(&second, "token")));
    })
    .await;
}

fn has_token(object: &Value, name: &str) {
    assert_eq!((&object["object"], &object["name"]), (&json!("directory_token"), &json!(name)));
    assert!(text(object, "token").starts_with("dw_"));
}

#[tokio::test]
async fn sk_8_a_token_of_one_organization_opens_nothing_of_another() {
    on_each_database(async |service: Arc<Service>| {
        let api = Api::of(&service).await;
        let mut made = Vec::new();
        for name in ["A", "B"] {
            let owner = organization(&api, name).await;
            let body = json!({"organization_id": owner, "name": name, "type": "okta scim v2.0"});
            made.push(api.send("POST", "/directories", body).await.expect(201).json());
        }
        assert_ne!(made[0]["endpoint"], made[1]["endpoint"]);
        let authorization = format!("Bearer {}", text(&made[0], "token"));
        assert_eq!(scim(&service, &made[1], &authorization).await, 401);
        assert_eq!(scim(&service, &made[0], &authorization).await, 200);
        let foreign = format!("/directories/{}/tokens", text(&made[0], "id"));
        let of_b = api.found(&format!("/directories/{}/tokens", text(&made[1], "id"))).await;
        let crossed = format!("{foreign}/{}", text(&of_b["data"][0], "id"));
        api.request("DELETE", &crossed).send().await.expect(404);
    })
    .await;
}
