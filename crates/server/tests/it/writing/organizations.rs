//! Organizations: made, changed and removed.

use std::sync::Arc;

use serde_json::json;

use super::{events_of, organization, text};
use crate::app_api::{Api, has};
use crate::support::{Service, on_each_database, types};

#[tokio::test]
async fn an_organization_is_made_changed_and_removed_and_every_step_is_an_event() {
    on_each_database(async |service: Arc<Service>| {
        let api = Api::of(&service).await;
        let own = format!("crm-{}", service.app.clock().now());
        let body = json!({"name": " Acme ", "external_id": own, "metadata": {"tier": "gold"},
            "domain_data": [{"domain": format!("{own}.Example."), "state": "pending"}]});
        let made = api.send("POST", "/organizations", body).await.expect(201).json();
        has(&made, &["id", "object", "name", "domains", "metadata", "external_id"]);
        assert_eq!((&made["name"], &made["metadata"]), (&json!("Acme"), &json!({"tier": "gold"})));
        assert_eq!(made["domains"][0]["domain"], format!("{own}.example"));
        let target = format!("/organizations/{}", text(&made, "id"));
        assert_eq!(api.found(&target).await, made);
        let renamed = api.send("PUT", &target, json!({"name": "Acme 2", "metadata": null})).await.expect(200).json();
        assert_eq!((&renamed["name"], &renamed["metadata"]), (&json!("Acme 2"), &json!({})));
        assert_eq!((&renamed["external_id"], &renamed["domains"][0]["id"]), (&json!(own), &made["domains"][0]["id"]));
        let same = api.send("PATCH", &target, json!({"name": "Acme 2"})).await.expect(200).json();
        assert_eq!(same, renamed, "nothing changed");
        api.send("PATCH", &target, json!({"external_id": null, "domains": []})).await.expect(200);
        api.request("DELETE", &target).send().await.expect(204);
        api.refused(&target, 404, "entity_not_found").await;
        api.request("DELETE", &target).send().await.expect(404);
        let events = events_of(&service, made["id"].as_str().unwrap()).await;
        let wanted = ["organization.created", "organization.updated", "organization.updated", "organization.deleted"];
        assert_eq!(types(&events), wanted);
        let previous = &events[1].1["previous_attributes"];
        assert_eq!((&previous["name"], &previous["metadata"]), (&json!("Acme"), &json!({"tier": "gold"})));
        assert!(previous.get("external_id").is_none(), "{previous}");
    })
    .await;
}

#[tokio::test]
async fn values_that_cannot_be_used_are_refused_by_name() {
    on_each_database(async |service: Arc<Service>| {
        let api = Api::of(&service).await;
        let many: serde_json::Map<_, _> = (0..51).map(|n| (format!("k{n}"), json!("v"))).collect();
        for (body, field) in [
            (json!({}), "name"),
            (json!({"name": ""}), "name"),
            (json!({"name": "x".repeat(201)}), "name"),
            (json!({"name": "x", "external_id": ""}), "external_id"),
            (json!({"name": "x", "metadata": many}), "metadata"),
            (json!({"name": "x", "metadata": {"k": "v".repeat(601)}}), "metadata"),
            (json!({"name": "x", "metadata": {"k": 1}}), "metadata.k"),
            (json!({"name": "x", "domain_data": [{"domain": "x.example"}]}), "domain_data[0].state"),
            (json!({"name": "x", "domain_data": [{"domain": "x.example", "state": "sure"}]}), "domain_data[0].state"),
            (json!({"name": "x", "domains": ["nodots"]}), "domains"),
            (json!({"name": "x", "domains": ["a.example"], "domain_data": []}), "domains"),
            (json!({"name": "x", "stripe_customer_id": "cus_1"}), "stripe_customer_id"),
        ] {
            let answer = api.send("POST", "/organizations", body.clone()).await.expect(422).json();
            assert_eq!(answer["errors"][0]["field"], field, "{body}: {answer}");
        }
        let own = format!("taken-{}", service.app.clock().now());
        let body = json!({"name": "x", "external_id": own});
        api.send("POST", "/organizations", body.clone()).await.expect(201);
        assert!(
            text(&api.send("POST", "/organizations", body).await.expect(409).json(), "message").contains("external_id")
        );
    })
    .await;
}

#[tokio::test]
async fn sec_04_a_domain_is_verified_for_one_organization_in_every_spelling() {
    on_each_database(async |service: Arc<Service>| {
        let api = Api::of(&service).await;
        let own = format!("bücher{}.example", service.app.clock().now());
        let verified = |domain: &str| json!({"name": "A", "domain_data": [{"domain": domain, "state": "verified"}]});
        let first = api.send("POST", "/organizations", verified(&own)).await.expect(201).json();
        let ascii = text(&first["domains"][0], "domain");
        assert!(ascii.starts_with("xn--") && ascii.is_ascii());
        let others = [
            own.clone(),
            own.to_uppercase(),
            format!("{own}."),
            ascii.clone(),
            ascii.to_uppercase(),
            format!("mail.{own}"),
            format!("a.b.{ascii}"),
        ];
        for spelling in &others {
            api.send("POST", "/organizations", verified(spelling)).await.expect(409);
            api.send("POST", "/organizations", json!({"name": "B", "domains": [spelling]})).await.expect(409);
        }
        api.send("POST", "/organizations", verified(&format!("not{ascii}"))).await.expect(201);
        for public in ["gmail.com", "Outlook.com.", "ｙahoo.com"] {
            api.send("POST", "/organizations", verified(public)).await.expect(422);
            api.send("POST", "/organizations", json!({"name": "B", "domains": [public]})).await.expect(422);
        }
        let target = format!("/organizations/{}", text(&first, "id"));
        api.send("PUT", &target, json!({"domains": [format!("sub.{own}"), own.to_uppercase()]})).await.expect(200);
        let kept = api.found(&target).await;
        let state = |n: usize| (text(&kept["domains"][n], "domain"), text(&kept["domains"][n], "state"));
        let states = [state(0), state(1)];
        assert!(states.contains(&(ascii.clone(), "verified".to_owned())), "it keeps the state: {states:?}");
        assert!(states.contains(&(format!("sub.{ascii}"), "pending".to_owned())), "{states:?}");
        let found = api.found(&format!("/organizations?domains={}", ascii.to_uppercase())).await;
        assert_eq!(found["data"].as_array().unwrap().len(), 1);
        // One below it is another's: the one above cannot be taken any more.
        let base = format!("group{}.example", service.app.clock().now());
        api.send("POST", "/organizations", verified(&format!("eu.{base}"))).await.expect(201);
        api.send("POST", "/organizations", verified(&base)).await.expect(409);
    })
    .await;
}

#[tokio::test]
async fn an_organization_with_directories_is_not_removed_and_says_what_to_do() {
    on_each_database(async |service: Arc<Service>| {
        let api = Api::of(&service).await;
        let id = organization(&api, "Busy").await;
        let body = json!({"organization_id": id, "name": "d", "type": "okta scim v2.0"});
        api.send("POST", "/directories", body).await.expect(201);
        let refused = api.request("DELETE", &format!("/organizations/{id}")).send().await.expect(409).json();
        assert!(text(&refused, "message").contains("DELETE /directories/{id}"), "{refused}");
        api.found(&format!("/organizations/{id}")).await;
    })
    .await;
}
