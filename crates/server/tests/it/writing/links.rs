//! Setup links: made, listed, opened once, revoked (SEC-49).

use std::sync::Arc;

use doorward_server::service::portal_links::{self, LONGEST_LIFETIME};
use doorward_store::{Actor, Origin, SecretHash};
use serde_json::{Value, json};

use super::{events_of, organization, text};
use crate::app_api::{Api, data};
use crate::support::{Service, on_each_database, types};

/// The secret of a link.
fn secret(made: &Value) -> SecretHash {
    SecretHash::of(text(made, "link").rsplit('/').next().unwrap())
}

async fn link(api: &Api, organization: &str) -> Value {
    let body = json!({"organization": organization, "intent": "dsync"});
    api.send("POST", "/portal/generate_link", body).await.expect(201).json()
}

async fn redeem(service: &Arc<Service>, made: &Value) -> Option<SecretHash> {
    let request =
        Origin { actor: Actor::System("test"), request_id: None, address: Some("192.0.2.7".parse().unwrap()) };
    let opened = portal_links::redeem(service.app.store(), secret(made), request).await.unwrap();
    opened.map(|(_, session)| session.hash())
}

#[tokio::test]
async fn sec_49_a_link_is_made_looked_at_opened_once_and_listed() {
    on_each_database(async |service: Arc<Service>| {
        let api = Api::of(&service).await;
        let owner = organization(&api, "Acme").await;
        let body = json!({"organization": owner, "intent": "dsync", "return_url": "https://app.example/back",
            "success_url": "https://app.example/done", "it_contact_emails": ["it@acme.example"], "expires_in": LONGEST_LIFETIME});
        let made = api.send("POST", "/portal/generate_link", body).await.expect(201).json();
        let address = text(&made, "link");
        assert!(address.starts_with(&format!("http://{}/setup/plink_", service.address)), "{address}");
        assert_eq!(address.rsplit('/').next().unwrap().len(), "plink_".len() + 43 + 6, "32 random bytes and a check");
        let store = service.app.store();
        for _ in 0..3 {
            assert!(portal_links::look(store, secret(&made)).await.unwrap().is_some(), "looking does not use it up");
        }
        let listed = api.found(&format!("/portal/links?organization={owner}")).await;
        assert_eq!((data(&listed).len(), &data(&listed)[0]["status"]), (1, &json!("active")));
        assert!(!listed.to_string().contains("plink_"), "the secret is shown once");
        let session = redeem(&service, &made).await.expect("it is fresh");
        assert!(redeem(&service, &made).await.is_none(), "once");
        assert!(portal_links::look(store, secret(&made)).await.unwrap().is_none(), "nothing to see any more");
        let scope = portal_links::session(store, session).await.unwrap().expect("a session");
        assert_eq!(scope.intent(), "dsync");
        let listed = api.found(&format!("/portal/links?organization={owner}")).await;
        assert_eq!((&data(&listed)[0]["status"], &data(&listed)[0]["opened_from"]), (&json!("opened"), &json!("192.0.2.7")));
        portal_links::complete(store, &scope).await.unwrap();
        portal_links::complete(store, &scope).await.unwrap();
        let listed = api.found(&format!("/portal/links?organization={owner}")).await;
        assert_eq!(data(&listed)[0]["status"], "completed");
        let events = events_of(&service, &owner).await;
        let wanted = ["organization.created", "portal.link.created", "portal.link.opened", "portal.link.completed"];
        assert_eq!(types(&events), wanted);
        assert!(!format!("{events:?}").contains("plink_"));
    })
    .await;
}

#[tokio::test]
async fn sec_49_a_session_reaches_its_own_organization_and_no_other() {
    on_each_database(async |service: Arc<Service>| {
        let api = Api::of(&service).await;
        let (own, other) = (organization(&api, "Own").await, organization(&api, "Other").await);
        let session = redeem(&service, &link(&api, &own).await).await.unwrap();
        let store = service.app.store();
        let scope = portal_links::session(store, session).await.unwrap().unwrap();
        use doorward_server::service::organizations::get;
        assert!(get(store, &scope, own.parse().unwrap()).await.is_ok());
        assert!(get(store, &scope, other.parse().unwrap()).await.is_err());
        let guess = SecretHash::of("psess_nobody");
        assert!(portal_links::session(store, guess).await.unwrap().is_none());
        let link_as_session = secret(&link(&api, &own).await);
        assert!(portal_links::session(store, link_as_session).await.unwrap().is_none(), "a link is no session");
    })
    .await;
}

#[tokio::test]
async fn sec_49_a_revoked_or_replaced_link_opens_nothing_and_ends_its_session() {
    on_each_database(async |service: Arc<Service>| {
        let (api, store) = (Api::of(&service).await, service.app.store());
        let owner = organization(&api, "Acme").await;
        let first = link(&api, &owner).await;
        let second = link(&api, &owner).await;
        assert!(redeem(&service, &first).await.is_none(), "the newer one took its place");
        let session = redeem(&service, &second).await.unwrap();
        let third = link(&api, &owner).await;
        assert!(portal_links::session(store, session).await.unwrap().is_some(), "whoever is at work is left alone");
        let revoke = |body: Value| api.send("POST", "/portal/revoke_link", body);
        revoke(json!({"id": text(&second, "id")})).await.expect(204);
        assert!(portal_links::session(store, session).await.unwrap().is_none());
        revoke(json!({"id": text(&third, "id")})).await.expect(204);
        revoke(json!({"id": text(&third, "id")})).await.expect(204);
        assert!(redeem(&service, &third).await.is_none());
        let for_person = json!({"organization": owner, "intent": "dsync", "external_user_id": "u1"});
        let made = api.send("POST", "/portal/generate_link", for_person).await.expect(201).json();
        let anothers = link(&api, &owner).await;
        revoke(json!({"organization": owner, "external_user_id": "u1"})).await.expect(204);
        assert!(redeem(&service, &made).await.is_none());
        assert!(redeem(&service, &anothers).await.is_some(), "that of another person");
        revoke(json!({"organization": owner})).await.expect(422);
        revoke(json!({"id": "portal_link_01AAAAAAAAAAAAAAAAAAAAAAAA"})).await.expect(404);
    })
    .await;
}

#[tokio::test]
async fn sec_49_a_link_ends_with_its_time() {
    use doorward_store::{Clock, Options};
    for database in doorward_testkit::databases() {
        let clock = Clock::fixed(1_800_000_000_000_000);
        let options = Options { clock: clock.clone(), ..Options::default() };
        let service = Service::start(database, options);
        let api = Api::of(&service).await;
        let owner = organization(&api, "Acme").await;
        let (late, made) = (link(&api, &owner).await, async || link(&api, &organization(&api, "B").await).await);
        clock.advance(299_999_999);
        assert!(portal_links::look(service.app.store(), secret(&late)).await.unwrap().is_some());
        clock.advance(1);
        assert!(portal_links::look(service.app.store(), secret(&late)).await.unwrap().is_none());
        assert!(redeem(&service, &late).await.is_none());
        let listed = api.found(&format!("/portal/links?organization={owner}")).await;
        assert_eq!(data(&listed)[0]["status"], "expired");
        let store = service.app.store();
        let session = redeem(&service, &made().await).await.unwrap();
        for _ in 0..8 {
            assert!(portal_links::session(store, session).await.unwrap().is_some());
            clock.advance(3_599_000_000);
        }
        clock.advance(8_000_000);
        assert!(portal_links::session(store, session).await.unwrap().is_none(), "eight hours are the most");
        let session = redeem(&service, &made().await).await.unwrap();
        clock.advance(3_600_000_000);
        assert!(portal_links::session(store, session).await.unwrap().is_none(), "an hour without use");
    }
}

#[tokio::test]
async fn sec_49_what_cannot_be_set_up_is_refused_by_name_and_looking_uses_no_link_up() {
    on_each_database(async |service: Arc<Service>| {
        let api = Api::of(&service).await;
        let owner = organization(&api, "Acme").await;
        for (more, field, words) in [
            (json!({"intent": "sso"}), "intent", "not offered"),
            (json!({"intent": "log_streams"}), "intent", "not offered"),
            (json!({"intent": "party"}), "intent", "not known"),
            (json!({"return_url": "javascript:alert(1)"}), "return_url", "https"),
            (json!({"success_url": "/done"}), "success_url", "https"),
            (json!({"it_contact_emails": ["nobody"]}), "it_contact_emails", "addresses"),
            (json!({"expires_in": 0}), "expires_in", "between"),
            (json!({"expires_in": LONGEST_LIFETIME + 1}), "expires_in", "between"),
        ] {
            let mut body = json!({"organization": owner, "intent": "dsync"});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let answer = api.send("POST", "/portal/generate_link", body).await.expect(422).json();
            assert_eq!(answer["errors"][0]["field"], field, "{answer}");
            assert!(text(&answer, "message").contains(words), "{answer}");
        }
        let made = link(&api, &owner).await;
        let path = text(&made, "link").replace(&format!("http://{}", service.address), "");
        crate::wire::Request::new(service.address, "GET", &path).send().await.expect(200);
        assert!(redeem(&service, &made).await.is_some(), "a scanner of mail has not used it up");
    })
    .await;
}
