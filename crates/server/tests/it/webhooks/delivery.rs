//! What arrives: bodies, signatures, order, secrets that change.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::response::IntoResponse as _;
use doorward_store::Secret;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::StatusCode;
use serde_json::json;
use sha2::Sha256;
use standardwebhooks::Webhook;

use super::receiver::{Received, Receiver};
use super::{deliveries, endpoint, id, on_each, scene, until};
use crate::support::{Kind, Service};

/// As the Python SDK's `verify_header` does it.
fn verifies_as_workos(received: &Received, secret: &str) -> bool {
    let header = received.header("WorkOS-Signature");
    let parts: Vec<&str> = header.split(", ").collect();
    let [time, signature] = parts[..] else { panic!("{header}") };
    let (time, signature) = (&time[2..], &signature[3..]);
    assert!(time.parse::<i64>().unwrap() > 1_600_000_000_000, "milliseconds");
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{time}.{}", std::str::from_utf8(&received.body).unwrap()).as_bytes());
    let expected: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    expected == signature
}

fn verifies_as_standard(received: &Received, secret: &Secret) -> bool {
    Webhook::new(secret.expose()).unwrap().verify(&received.body, &received.headers).is_ok()
}

#[tokio::test]
async fn sec_44_sk_12_every_change_arrives_signed_in_both_schemes() {
    on_each(async |service: Arc<Service>| {
        let (directory, api) = scene(&service).await;
        let receiver = Receiver::start().await;
        let made = endpoint(&api, &receiver.url(), json!([])).await;
        let user = directory.user("ada@example.com").await;
        directory.group("Engineering", &[&user]).await;
        directory
            .operations(&format!("/Users/{user}"), json!([{"op": "replace", "path": "active", "value": false}]))
            .await;
        let of_directory = format!("/events?directory={}&limit=100", directory.id);
        let events = api.found(&of_directory).await["data"].as_array().unwrap().clone();
        let after_endpoint: Vec<_> = events
            .into_iter()
            .filter(|event| {
                event["event"].as_str().unwrap().starts_with("dsync.user")
                    || event["event"].as_str().unwrap().starts_with("dsync.group")
            })
            .collect();
        let last = after_endpoint.last().unwrap()["sequence"].as_i64().unwrap();
        until("the last event", async || receiver.received().iter().find(|got| got.sequence() == last).cloned()).await;

        let got: Vec<_> = receiver
            .received()
            .iter()
            .map(Received::json)
            .filter(|event| event["data"]["directory_id"] == json!(directory.id))
            .collect();
        assert_eq!(got, after_endpoint, "the envelope as the feed shows it, in its order");
        let secret = Secret::new(made["secret"].as_str().unwrap());
        for received in receiver.received() {
            assert!(verifies_as_standard(&received, &secret) && verifies_as_workos(&received, secret.expose()));
            assert_eq!(received.header("webhook-id"), received.json()["id"].as_str().unwrap());
            assert_eq!(received.header("content-type"), "application/json");
            assert!(received.header("user-agent").starts_with("Doorward/"));
            let mut changed = received.clone();
            changed.body = changed.body.iter().rev().copied().collect::<Vec<u8>>().into();
            assert!(!verifies_as_standard(&changed, &secret) && !verifies_as_workos(&changed, secret.expose()));
            let other = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
            assert!(!verifies_as_standard(&received, &other) && !verifies_as_workos(&received, other.expose()));
        }
        let recorded = until("the record", async || {
            let list = deliveries(&api, &id(&made), "&state=delivered").await;
            (list.len() == receiver.received().len()).then_some(list)
        })
        .await;
        assert!(recorded.iter().all(|delivery| delivery["attempts"] == 1 && delivery["response_status"] == 200));
    })
    .await;
}

#[tokio::test]
async fn only_what_an_endpoint_asked_for_arrives() {
    on_each(async |service: Arc<Service>| {
        let (directory, api) = scene(&service).await;
        let foreign = service.directory(Kind::okta()).await;
        let receiver = Receiver::start().await;
        let body = json!({"endpoint_url": receiver.url(), "events": ["dsync.user.created"],
            "organization_id": directory.organization_id});
        api.send("POST", "/webhook_endpoints", body).await.expect(201);
        foreign.user("eve@example.com").await;
        let user = directory.user("ada@example.com").await;
        directory.group("Engineering", &[&user]).await;
        directory.user("bob@example.com").await;
        until("both people", async || (receiver.received().len() >= 2).then_some(())).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        let names: Vec<_> = receiver.received().iter().map(|got| got.json()["data"]["username"].clone()).collect();
        assert_eq!(names, ["ada@example.com", "bob@example.com"]);
    })
    .await;
}

#[tokio::test]
async fn sec_46_what_is_too_large_is_sent_thin() {
    on_each(async |service: Arc<Service>| {
        let (directory, api) = scene(&service).await;
        let receiver = Receiver::start().await;
        endpoint(&api, &receiver.url(), json!(["dsync.user.created"])).await;
        let mut large = crate::support::okta_user("large@example.com");
        large["title"] = json!("x".repeat(300 * 1024));
        let user = directory.post("/Users", large).await.expect(201).json();
        let got = until("the event", async || receiver.received().pop()).await;
        assert!(got.body.len() < 1024);
        let thin = got.json()["data"].clone();
        assert_eq!(
            thin,
            json!({"object": "directory_user", "id": user["id"], "directory_id": directory.id, "truncated": true})
        );
    })
    .await;
}

#[tokio::test]
async fn events_of_a_directory_arrive_in_order_and_wait_for_no_other() {
    on_each(async |service: Arc<Service>| {
        let (slow, api) = scene(&service).await;
        let others = [service.directory(Kind::okta()).await, service.directory(Kind::okta()).await];
        let receiver = Receiver::start().await;
        let refused = slow.id.to_string();
        receiver.answer(move |got| {
            let foreign = got.json()["data"]["directory_id"] != json!(refused);
            if foreign { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR }.into_response()
        });
        endpoint(&api, &receiver.url(), json!(["dsync.user.created"])).await;
        for number in 0..40 {
            slow.user(&format!("s{number}@example.com")).await;
            for other in &others {
                other.user(&format!("o{number}@example.com")).await;
            }
        }
        let of = |directory: &crate::support::Directory| {
            let id = json!(directory.id);
            receiver
                .received()
                .into_iter()
                .filter(|got| got.json()["data"]["directory_id"] == id)
                .map(|got| got.sequence())
                .collect::<Vec<_>>()
        };
        until("the others", async || others.iter().all(|other| of(other).len() == 40).then_some(())).await;
        for other in &others {
            assert!(of(other).is_sorted());
        }
        let attempts = of(&slow);
        assert!(
            attempts.iter().all(|sequence| *sequence == attempts[0]),
            "only its first event is tried: {attempts:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn sec_45_sec_24_a_secret_is_rotated_under_load_without_a_failure() {
    on_each(async |service: Arc<Service>| {
        let (directory, api) = scene(&service).await;
        let receiver = Receiver::start().await;
        let made = endpoint(&api, &receiver.url(), json!(["dsync.user.created"])).await;
        let old = Secret::new(made["secret"].as_str().unwrap());
        let load = async {
            for number in 0..120 {
                directory.user(&format!("p{number}@example.com")).await;
            }
        };
        let rotate = async {
            until("some events", async || (receiver.received().len() > 20).then_some(())).await;
            let target = format!("/webhook_endpoints/{}/rotate_secret", id(&made));
            let rotated = api.send("POST", &target, json!({})).await.expect(200).json();
            Secret::new(rotated["secret"].as_str().unwrap())
        };
        let ((), new) = tokio::join!(load, rotate);
        // On a slow machine all of them may be on their way before the rotation is done.
        let mut sent = 120;
        while !receiver.received().iter().any(|got| verifies_as_standard(got, &new)) && sent < 1_000 {
            directory.user(&format!("p{sent}@example.com")).await;
            sent += 1;
        }
        until("everything", async || (receiver.received().len() == sent).then_some(())).await;
        let received = receiver.received();
        assert!(received.iter().all(|got| verifies_as_standard(got, &old) && verifies_as_workos(got, old.expose())));
        let switched =
            received.iter().position(|got| verifies_as_standard(got, &new)).expect("none with the new secret");
        assert!(received[switched..].iter().all(|got| verifies_as_standard(got, &new)));
        assert!(received.is_sorted_by_key(Received::sequence));
        let mut once = HashMap::new();
        received.iter().for_each(|got| *once.entry(got.sequence()).or_insert(0) += 1);
        assert!(once.values().all(|count| *count == 1));
    })
    .await;
}
