//! What must never be in the log (SEC-12, SEC-23), and who may not see it (SEC-6).

use doorward_server::config::{Bodies, Requests};
use doorward_store::Options;
use serde_json::json;

use super::recorded;
use crate::app_api::{Api, data};
use crate::support::{Kind, PATCH_OP, Service, USER, on_each_database, with_json};

#[tokio::test]
async fn sec_12_sec_23_no_password_token_or_secret_is_ever_recorded() {
    for database in doorward_testkit::databases() {
        let requests = Requests { bodies: Bodies::All, ..Requests::default() };
        let service = Service::start_with(database, Options::default(), |config| config.requests = requests);
        let api = Api::of(&service).await;
        let idp = service.directory(Kind::okta()).await;
        let user = json!({"schemas": [USER], "userName": "ada@x.example", "password": "canary-password",
            "displayName": format!("pasted {}", idp.secret), "clientSecret": "canary-secret", "nickName": "kept"});
        let made = idp.post("/Users", user).await.expect(201);
        let path = format!("/Users/{}", made.json()["id"].as_str().unwrap());
        for operation in [
            json!({"op": "replace", "path": "password", "value": "canary-password"}),
            json!({"op": "add", "value": {"password": "canary-password", "urn:x:User": {"token": "canary-token"}}}),
        ] {
            idp.patch(&path, json!({"schemas": [PATCH_OP], "Operations": [operation]})).await;
        }
        let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
            {"method": "PUT", "path": path, "data": {"userName": "ada@x.example", "password": "canary-password"}},
        ]});
        idp.post("/Bulk", bulk).await.expect(200);
        let broken = idp.v2("POST", "/Users").header("Content-Type", "application/scim+json");
        broken.body("{\"password\": \"canary-password\", ").send().await.expect(400);
        for query in [
            "filter=password%20sw%20%22canary-password%22",
            "filter=%50assword%20sw%20%22canary-password%22",
            "access_token=canary-token",
            &format!("filter=userName%20eq%20%22{}%22", idp.secret),
        ] {
            idp.get(&format!("/Users?{query}")).await;
        }
        let search = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "filter": "password eq \"canary-password\""});
        idp.post("/Users/.search", search).await;
        let odd = idp.v2("GET", &format!("/Users/{}", idp.secret)).header("Cookie", "canary-cookie=1");
        odd.header("X-Api-Key", "canary-key").header("Proxy-Authorization", "canary-proxy").send().await;
        let agent = idp.v2("GET", "/Users").without("User-Agent").header("User-Agent", &format!("x {}", idp.secret));
        agent.send().await;
        let two = idp.v2("GET", "/Users").header("Authorization", "Bearer canary-second");
        two.send().await.expect(400);
        for header in ["Bearer dw_canaryunknown12345", "Basic Y2FuYXJ5OmNhbmFyeS1wYXNzd29yZA==", "canary-bare"] {
            let request = idp.v2("GET", "/Users").without("Authorization").header("Authorization", header);
            request.send().await.expect(401);
        }
        let list = api.all(&format!("/directories/{}/requests?order=asc", idp.id)).await;
        assert!(list.len() >= 15, "{}", list.len());
        let mut whole = String::new();
        for listed in &list {
            let id = listed["id"].as_str().unwrap();
            let detail = api.found(&format!("/directories/{}/requests/{id}", idp.id)).await;
            whole.push_str(&listed.to_string());
            // Events are the change itself, not the log of the request.
            let mut detail = detail;
            detail.as_object_mut().unwrap().remove("events");
            whole.push_str(&detail.to_string());
        }
        let at = |word: &str| {
            whole.find(word).map(|at| whole[at.saturating_sub(200)..].chars().take(300).collect::<String>())
        };
        for secret in ["canary", &idp.secret] {
            assert_eq!(at(secret), None, "{secret}");
        }
        assert!(whole.contains("kept") && whole.contains("Bearer (removed)"), "the bodies are there");
        // Nor on the disk, whatever the API shows of it. (What is no password was stored with the person.)
        let disk = service.bytes_on_disk();
        for secret in
            ["canary-password", "canary-cookie", "canary-key", "canary-proxy", "canary-second", "canaryunknown"]
        {
            assert!(!disk.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
        }
    }
}

#[tokio::test]
async fn bodies_are_kept_as_the_operator_wants() {
    for (bodies, success, failure) in
        [(Bodies::Off, false, false), (Bodies::Failed, false, true), (Bodies::All, true, true)]
    {
        let requests = Requests { bodies, ..Requests::default() };
        let database = doorward_testkit::TestDatabase::sqlite();
        let service = Service::start_with(database, Options::default(), |config| config.requests = requests);
        let api = Api::of(&service).await;
        let idp = service.directory(Kind::okta()).await;
        let photos: Vec<_> = (0..20)
            .map(|n| json!({"type": format!("t{n}"), "value": format!("https://x.example/{}", "é".repeat(480))}))
            .collect();
        let body = json!({"schemas": [USER], "userName": "ada@x.example", "photos": photos});
        for (status, kept) in [(201, success), (409, failure)] {
            let answer = with_json(idp.v2("POST", "/Users"), body.clone()).send().await.expect(status);
            let shown = recorded(&api, &idp, &answer).await;
            assert_eq!(shown["request_body"].is_string(), kept, "{bodies:?} {status}");
            assert_eq!(shown["response_body"].is_string(), kept, "{bodies:?} {status}");
            if kept {
                let text = shown["request_body"].as_str().unwrap();
                assert!(text.len() < 17_000 && text.ends_with("bytes)"), "cut and marked: {}", text.len());
            }
        }
    }
}

#[tokio::test]
async fn sec_06_no_directory_sees_a_request_of_another() {
    on_each_database(async |service| {
        let api = Api::of(&service).await;
        let (a, b) = (service.directory(Kind::okta()).await, service.directory(Kind::okta()).await);
        let answer = a.get("/Users?count=1").await.expect(200);
        b.get("/Users?count=2").await.expect(200);
        let own = recorded(&api, &a, &answer).await;
        for id in [answer.header("x-request-id").unwrap(), own["id"].as_str().unwrap()] {
            api.refused(&format!("/directories/{}/requests/{id}", b.id), 404, "entity_not_found").await;
        }
        for directory in [&a, &b] {
            let list = api.found(&format!("/directories/{}/requests", directory.id)).await;
            assert_eq!(data(&list).len(), 1);
            assert_eq!(data(&list)[0]["directory_id"], directory.id.to_string());
        }
        // The cursor of another directory's request leads nowhere but into the own list.
        let target = format!("/directories/{}/requests?after={}", b.id, own["id"].as_str().unwrap());
        assert!(data(&api.found(&target).await).iter().all(|found| found["directory_id"] == b.id.to_string()));
    })
    .await;
}
