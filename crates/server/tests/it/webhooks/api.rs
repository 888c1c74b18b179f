//! Endpoints as the SDKs of applications make, read and change them.

use serde_json::{Value, json};

use super::receiver::Receiver;
use super::{endpoint, id, on_each, scene};
use crate::app_api::{Api, data, has};
use crate::support::Service;
use std::sync::Arc;

#[tokio::test]
async fn endpoints_have_the_fields_of_the_sdks_and_show_their_secret_once() {
    on_each(async |service: Arc<Service>| {
        let (_, api) = scene(&service).await;
        let made = endpoint(&api, "https://app.example.com/hooks", json!(["dsync.user.created"])).await;
        has(&made, &["object", "id", "endpoint_url", "secret", "status", "events", "organization_id", "description"]);
        let secret = made["secret"].as_str().unwrap().to_owned();
        assert!(secret.starts_with("whsec_") && secret.len() == 6 + 44, "{secret}");
        assert_eq!((&made["status"], &made["object"]), (&json!("enabled"), &json!("webhook_endpoint")));

        let target = format!("/webhook_endpoints/{}", id(&made));
        let masked = format!("whsec_…{}", &secret[secret.len() - 4..]);
        let read = api.found(&target).await;
        assert_eq!(read["secret"], masked.as_str());
        assert_eq!(data(&api.found("/webhook_endpoints?limit=5").await)[0], read);

        let changed = api.send("PATCH", &target, json!({"status": "disabled", "events": []})).await.expect(200).json();
        assert_eq!((&changed["status"], &changed["disabled_reason"]), (&json!("disabled"), &json!("requested")));
        assert_eq!(changed["events"], json!([]));
        let rotated = api.send("POST", &format!("{target}/rotate_secret"), json!({})).await.expect(200).json();
        assert!(rotated["secret"].as_str().unwrap().len() == 50 && rotated["secret"] != secret.as_str());
        assert!(rotated["previous_secret_expires_at"].is_string());
        assert_eq!(api.request("DELETE", &target).send().await.status, 204);
        api.refused(&target, 404, "entity_not_found").await;

        let told = api
            .found(
                "/events?limit=100&events=webhook_endpoint.created,webhook_endpoint.updated,webhook_endpoint.deleted",
            )
            .await;
        let kinds: Vec<&str> = data(&told).iter().map(|event| event["event"].as_str().unwrap()).collect();
        let updated = "webhook_endpoint.updated";
        assert_eq!(kinds, ["webhook_endpoint.created", updated, updated, "webhook_endpoint.deleted"]);
        assert_eq!(data(&told)[1]["data"]["previous_attributes"]["status"], "enabled");
        assert!(!told.to_string().contains("whsec_"), "a secret in the log: {told}");
    })
    .await;
}

#[tokio::test]
async fn sec_42_endpoints_are_refused_with_the_field_that_is_wrong() {
    on_each(async |service: Arc<Service>| {
        let api = Api::of(&service).await;
        let receiver = Receiver::start().await;
        let url = receiver.url();
        for (body, field) in [
            (json!({}), "endpoint_url"),
            (json!({"endpoint_url": 5}), "endpoint_url"),
            (json!({"endpoint_url": "http://192.168.1.1/"}), "endpoint_url"),
            (json!({"endpoint_url": "https://169.254.169.254/latest"}), "endpoint_url"),
            (json!({"endpoint_url": "https://[::ffff:10.0.0.1]/"}), "endpoint_url"),
            (json!({"endpoint_url": "https://user:pass@example.com"}), "endpoint_url"),
            (json!({"endpoint_url": url, "events": "dsync.user.created"}), "events"),
            (json!({"endpoint_url": url, "events": ["Not A Type"]}), "events"),
            (json!({"endpoint_url": url, "description": "two\nlines"}), "description"),
            (json!({"endpoint_url": url, "organization_id": "directory_1"}), "organization_id"),
            (json!({"endpoint_url": url, "colour": "blue"}), "colour"),
            (json!({"endpoint_url": null}), "endpoint_url"),
            (json!({"endpoint_url": url, "description": null}), "description"),
            (json!({"endpoint_url": url, "events": null}), "events"),
            (json!({"endpoint_url": url, "events": [5]}), "events[0]"),
        ] {
            let answer = api.send("POST", "/webhook_endpoints", body.clone()).await.expect(422).json();
            assert_eq!(answer["errors"][0]["field"], field, "{body}: {answer}");
        }
        let unknown = json!({"endpoint_url": url, "organization_id": "org_01AAAAAAAAAAAAAAAAAAAAAAAA"});
        assert_eq!(api.send("POST", "/webhook_endpoints", unknown).await.status, 404);
        let made = endpoint(&api, &url, json!([])).await;
        let target = format!("/webhook_endpoints/{}", id(&made));
        for (method, path, body, field) in [
            ("PATCH", "", json!({"status": "paused"}), "status"),
            ("PATCH", "", json!({"status": null}), "status"),
            ("PATCH", "", json!({"endpoint_url": null}), "endpoint_url"),
            ("PATCH", "", json!({"endpoint_url": "https://10.0.0.1/"}), "endpoint_url"),
            ("PATCH", "", json!({"organization_id": "directory_1"}), "organization_id"),
            ("PATCH", "", json!({"secret": "mine"}), "secret"),
            ("POST", "/rotate_secret", json!({"overlap_seconds": -1}), "overlap_seconds"),
            ("POST", "/rotate_secret", json!({"overlap_seconds": null}), "overlap_seconds"),
            ("POST", "/rotate_secret", json!({"overlap_seconds": 1.5}), "overlap_seconds"),
            ("POST", "/rotate_secret", json!({"overlap": 1}), "overlap"),
            ("POST", "/replay", json!({"after": "event_01AAAAAAAAAAAAAAAAAAAAAAAA"}), "after"),
            ("POST", "/replay", json!({"until": "org_1"}), "until"),
            ("POST", "/replay", json!({"from": null}), "from"),
        ] {
            let answer = api.send(method, &format!("{target}{path}"), body.clone()).await.expect(422).json();
            assert_eq!(answer["errors"][0]["field"], field, "{method} {path} {body}");
        }
        let absent = format!("{target}/deliveries/delivery_01AAAAAAAAAAAAAAAAAAAAAAAA/retry");
        assert_eq!(api.send("POST", &absent, json!({})).await.status, 404);
        assert_eq!(Value::Null, api.found(&target).await["failing_since"]);
    })
    .await;
}

#[tokio::test]
async fn sec_46_a_test_goes_to_its_endpoint_alone_and_not_too_often() {
    on_each(async |service: Arc<Service>| {
        let api = Api::of(&service).await;
        let (tried, other) = (Receiver::start().await, Receiver::start().await);
        let made = endpoint(&api, &tried.url(), json!(["dsync.user.created"])).await;
        endpoint(&api, &other.url(), json!([])).await;
        let target = format!("/webhook_endpoints/{}/test", id(&made));
        assert_eq!(api.send("POST", &target, json!({})).await.status, 202);
        let again = api.send("POST", &target, json!({})).await.expect(429);
        assert_eq!(again.header("retry-after"), Some("5"));
        let test = super::until("the test", async || tried.of_type("webhook.test").pop()).await;
        assert_eq!(test.json()["data"]["id"], made["id"]);
        // It follows the test in the log.
        service.organization().await;
        super::until("what follows", async || other.of_type("organization.created").pop()).await;
        assert!(other.of_type("webhook.test").is_empty());
    })
    .await;
}
