//! What holds for every request that changes something: bodies, and requests that are sent again.

use std::sync::Arc;

use serde_json::json;

use super::{events_of, organization, text};
use crate::app_api::{Api, data};
use crate::support::{Service, on_each_database, types};
use crate::wire::Answer;

async fn with_key(api: &Api, key: &str, target: &str, body: &str) -> Answer {
    let request = api.request("POST", target).header("Content-Type", "application/json");
    request.header("Idempotency-Key", key).body(body.to_owned()).send().await
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused_with_what_is_wrong() {
    on_each_database(async |service: Arc<Service>| {
        let api = Api::of(&service).await;
        let post = |media: &'static str, body: String| {
            api.request("POST", "/organizations").header("Content-Type", media).body(body).send()
        };
        let broken = post("application/json", "{\"name\": \"x\",\n  oops}".to_owned()).await.expect(400).json();
        assert!(text(&broken, "message").contains("line 2"), "{broken}");
        assert_eq!(broken["code"], "invalid_json");
        post("application/json", "[]".to_owned()).await.expect(400);
        let empty = post("application/json", String::new()).await.expect(422).json();
        assert_eq!(empty["errors"][0]["field"], "name", "no body says what an empty object says");
        let target = format!("/organizations/{}", organization(&api, "Acme").await);
        let put = api.request("PUT", &target).header("Content-Type", "application/json").body("");
        put.send().await.expect(400);
        post("application/json", "{\"name\":\"a\",\"name\":\"b\"}".to_owned()).await.expect(400);
        let large = post("application/json", format!("{{\"name\":\"{}\"}}", "x".repeat(300 << 10))).await.expect(413);
        assert_eq!(large.json()["code"], "payload_too_large");
        let media = post("text/plain", "{\"name\":\"x\"}".to_owned()).await.expect(415).json();
        assert_eq!(media["code"], "unsupported_media_type");
        let unknown = post("application/json", "{\"name\":\"x\",\"nmae\":1}".to_owned()).await.expect(422).json();
        assert_eq!(unknown["errors"][0]["field"], "nmae");
        api.request("PATCH", "/organizations").send().await.expect(405);
    })
    .await;
}

#[tokio::test]
async fn a_post_that_is_sent_again_is_done_once_and_answered_the_same() {
    on_each_database(async |service: Arc<Service>| {
        let api = Api::of(&service).await;
        let owner = organization(&api, "Acme").await;
        let body = json!({"organization_id": owner, "name": "d", "type": "okta scim v2.0"}).to_string();
        let first = with_key(&api, "k1", "/directories", &body).await.expect(201);
        assert_eq!(first.header("idempotent-replayed"), None);
        let again = with_key(&api, "k1", "/directories", &body).await.expect(201);
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(again.json(), first.json(), "with the token, which only this caller can open");
        assert_eq!(again.header("content-type"), first.header("content-type"));
        assert_eq!(data(&api.found(&format!("/directories?organization_id={owner}")).await).len(), 1);
        assert_eq!(
            types(&events_of(&service, &owner).await).iter().filter(|name| **name == "dsync.created").count(),
            1
        );
        let other = body.replace("\"d\"", "\"e\"");
        let refused = with_key(&api, "k1", "/directories", &other).await.expect(422).json();
        assert_eq!(refused["code"], "idempotency_key_reused");
        with_key(&api, "k1", "/organizations", &body).await.expect(422);
        let stranger = Api::of(&service).await;
        let anothers = with_key(&stranger, "k1", "/directories", &body).await.expect(201);
        assert_ne!(anothers.json()["id"], first.json()["id"], "a key belongs to one application");
        let refusal = with_key(&api, "k2", "/organizations", "{}").await.expect(422);
        let again = with_key(&api, "k2", "/organizations", "{}").await.expect(422);
        assert_eq!((again.header("idempotent-replayed"), again.json()), (Some("true"), refusal.json()));
        // An answer of yesterday would let somebody in who was put out.
        let check = json!({"checks": [{"organization": owner, "username": "ada"}]}).to_string();
        for _ in 0..2 {
            let answer = with_key(&api, "k4", "/access_checks", &check).await.expect(200);
            assert_eq!(answer.header("idempotent-replayed"), None);
        }
        for bad in ["", &"x".repeat(256)] {
            with_key(&api, bad, "/organizations", "{\"name\":\"x\"}").await.expect(400);
        }
        let wrong =
            crate::wire::Request::new(service.address, "POST", "/organizations").header("Idempotency-Key", "k3");
        wrong.body("{}".to_owned()).send().await.expect(401);
    })
    .await;
}

#[tokio::test]
async fn of_two_posts_at_the_same_time_one_is_done() {
    on_each_database(async |service: Arc<Service>| {
        let api = Api::of(&service).await;
        for round in 0..10 {
            let (name, key) = (format!("Twin {round} {}", service.app.clock().now()), format!("twin-{round}"));
            let body = json!({ "name": name }).to_string();
            let send = || with_key(&api, &key, "/organizations", &body);
            let (one, two, three) = tokio::join!(send(), send(), send());
            let mut ids = Vec::new();
            for answer in [one, two, three] {
                let answer = answer.expect_one_of(&[201, 409]);
                match answer.status {
                    201 => ids.push(text(&answer.json(), "id")),
                    _ => {
                        assert_eq!(answer.header("retry-after"), Some("1"));
                        assert_eq!(answer.json()["code"], "idempotency_key_in_use");
                    }
                }
            }
            ids.dedup();
            assert_eq!(ids.len(), 1);
            let found = api.found(&format!("/organizations?search={}", name.replace(' ', "%20"))).await;
            assert_eq!(data(&found).len(), 1);
        }
    })
    .await;
}

#[tokio::test]
async fn sec_19_an_answer_that_is_kept_cannot_be_read_from_the_database() {
    use doorward_store::{Clock, Options};
    for database in doorward_testkit::databases() {
        let path = database.url().strip_prefix("sqlite:").map(str::to_owned);
        let clock = Clock::fixed(1_800_000_000_000_000);
        let service = Service::start(database, Options { clock: clock.clone(), ..Options::default() });
        let api = Api::of(&service).await;
        let owner = organization(&api, "Canary").await;
        let body = json!({"organization_id": owner, "name": "d", "type": "okta scim v2.0"}).to_string();
        let made = with_key(&api, "canary-key", "/directories", &body).await.expect(201).json();
        let token = text(&made, "token");
        if let Some(path) = path {
            for end in ["", "-wal"] {
                let bytes = std::fs::read(format!("{path}{end}")).unwrap_or_default();
                for secret in [token.as_str(), "canary-key"] {
                    assert!(
                        !bytes.windows(secret.len()).any(|part| part == secret.as_bytes()),
                        "{secret} in {path}{end}"
                    );
                }
            }
        }
        clock.advance(24 * 3_600_000_000 - 1);
        assert_eq!(with_key(&api, "canary-key", "/directories", &body).await.expect(201).json()["token"], json!(token));
        clock.advance(1);
        let anew = with_key(&api, "canary-key", "/directories", &body).await.expect(201);
        assert_ne!(anew.json()["id"], made["id"], "after 24 hours the key is free");
    }
}
