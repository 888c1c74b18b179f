//! What an API key may do, where, and how often.

use std::sync::Arc;

use doorward_server::config::Limits;
use doorward_store::Options;
use doorward_store::api_key::KeyScope;
use serde_json::{Value, json};

use super::{events_of, organization, text};
use crate::app_api::{Api, data};
use crate::support::{Kind, Service, on_each_database};

#[tokio::test]
async fn sec_21_a_key_does_what_its_scopes_say_and_is_told_which_one_it_lacks() {
    on_each_database(async |service: Arc<Service>| {
        let read = Api::with(&service, &[KeyScope::Read], None).await;
        let write = Api::with(&service, &[KeyScope::Write], None).await;
        let events = Api::with(&service, &[KeyScope::Events], None).await;
        let body = json!({"name": "x"});
        for (api, method, target, lacks) in [
            (&read, "GET", "/organizations", None),
            (&read, "POST", "/organizations", Some("write")),
            (&read, "GET", "/events", Some("events")),
            (&write, "POST", "/organizations", None),
            (&write, "GET", "/organizations", Some("read")),
            (&events, "GET", "/events", None),
            (&events, "GET", "/directories", Some("read")),
            (&events, "DELETE", "/directories/x", Some("write")),
        ] {
            let answer = api.send(method, target, body.clone()).await;
            match lacks {
                None => assert!(answer.status < 300, "{method} {target}: {}", answer.body),
                Some(scope) => {
                    let answer = answer.expect(403).json();
                    assert_eq!(answer["code"], "insufficient_scope");
                    assert!(text(&answer, "message").contains(scope), "{method} {target}: {answer}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn sec_06_sec_21_a_key_of_one_organization_finds_nothing_of_another() {
    on_each_database(async |service: Arc<Service>| {
        let (own, other) = (service.directory(Kind::okta()).await, service.directory(Kind::okta()).await);
        let (user, stranger) = (own.user("ada").await, other.user("bob").await);
        let group = other.group("Everybody", &[&stranger]).await;
        let api = Api::with(&service, &[], Some(own.organization_id)).await;
        api.found(&format!("/directory_users/{user}")).await;
        let link = json!({"organization": other.organization_id.to_string(), "intent": "dsync"});
        let directory =
            json!({"organization_id": other.organization_id.to_string(), "name": "x", "type": "okta scim v2.0"});
        for (method, target, body) in [
            ("GET", format!("/organizations/{}", other.organization_id), Value::Null),
            ("PUT", format!("/organizations/{}", other.organization_id), json!({"name": "mine"})),
            ("DELETE", format!("/organizations/{}", other.organization_id), Value::Null),
            ("GET", format!("/directories/{}", other.id), Value::Null),
            ("PATCH", format!("/directories/{}", other.id), json!({"name": "mine"})),
            ("DELETE", format!("/directories/{}", other.id), Value::Null),
            ("POST", format!("/directories/{}/disable", other.id), Value::Null),
            ("POST", format!("/directories/{}/restore", other.id), Value::Null),
            ("GET", format!("/directories/{}/deletion_preview", other.id), Value::Null),
            ("GET", format!("/directories/{}/tokens", other.id), Value::Null),
            ("POST", format!("/directories/{}/tokens", other.id), json!({})),
            ("GET", format!("/directories/{}/schemas", other.id), Value::Null),
            ("GET", format!("/directories/{}/catalogue", other.id), Value::Null),
            ("PUT", format!("/directories/{}/catalogue", other.id), json!({})),
            ("GET", format!("/directory_users?directory={}", other.id), Value::Null),
            ("GET", format!("/directory_users?group={group}"), Value::Null),
            ("GET", format!("/directory_groups?user={stranger}"), Value::Null),
            ("GET", format!("/directory_users/{stranger}"), Value::Null),
            ("GET", format!("/directory_groups/{group}"), Value::Null),
            ("POST", "/portal/generate_link".to_owned(), link),
            ("POST", "/directories".to_owned(), directory),
        ] {
            let answer = api.send(method, &target, body).await;
            assert_eq!(answer.status, 404, "{method} {target}: {}", answer.body);
        }
        let organizations = api.found("/organizations?limit=100").await;
        assert_eq!(data(&organizations).len(), 1);
        assert_eq!(data(&api.found("/directories?limit=100").await).len(), 1);
        let events = api.found(&format!("/events?limit=100&directory={}", other.id)).await;
        assert_eq!(data(&events).len(), 0);
        let events = api.found("/events?limit=100&order=desc").await;
        assert!(data(&events).len() > 3 && !events.to_string().contains(&other.organization_id.to_string()));
        api.send("POST", "/organizations", json!({"name": "one more"})).await.expect(403);
        assert_eq!(other.get("/Users").await.status, 200, "nothing happened to the other");
    })
    .await;
}

#[tokio::test]
async fn a_key_that_asks_too_often_is_told_when_to_come_back_and_scim_is_not_slowed() {
    for database in doorward_testkit::databases() {
        let limits = Limits { api_requests_per_second: 2, ..Limits::default() };
        let service = Service::start_within(database, Options::default(), limits);
        let (api, other) = (Api::of(&service).await, Api::of(&service).await);
        let idp = service.directory(Kind::okta()).await;
        let mut refused = None;
        for _ in 0..20 {
            let answer = api.request("GET", "/directories").send().await;
            if answer.status == 429 {
                refused = Some(answer);
                break;
            }
        }
        let refused = refused.expect("a burst of 4 was exceeded");
        assert_eq!(refused.header("retry-after"), Some("1"));
        assert_eq!(refused.json()["code"], "too_many_requests");
        other.found("/directories").await;
        for _ in 0..10 {
            idp.get("/Users").await.expect(200);
        }
        tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
        api.found("/directories").await;
    }
}

#[tokio::test]
async fn a_key_ends_with_its_organization() {
    on_each_database(async |service: Arc<Service>| {
        let api = Api::of(&service).await;
        let id = organization(&api, "Short").await;
        let own = Api::with(&service, &[], Some(id.parse().unwrap())).await;
        own.found(&format!("/organizations/{id}")).await;
        let link = json!({"organization": id, "intent": "dsync"});
        api.send("POST", "/portal/generate_link", link).await.expect(201);
        api.request("DELETE", &format!("/organizations/{id}")).send().await.expect(204);
        own.request("GET", &format!("/organizations/{id}")).send().await.expect(401);
        let told: Vec<String> = events_of(&service, &id).await.into_iter().map(|(name, _)| name).collect();
        assert!(
            told.ends_with(
                &["application_key.revoked", "portal.link.revoked", "organization.deleted"].map(str::to_owned)
            ),
            "{told:?}"
        );
    })
    .await;
}
