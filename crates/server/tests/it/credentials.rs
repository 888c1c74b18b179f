//! Credentials: what opens a directory, what does not, and when it ends.

use serde_json::json;

use crate::answers::{error, list};
use crate::support::{Kind, okta_user, on_each_database, types, with_json};
use crate::wire::{Answer, Request};

/// What a caller can tell apart, without what differs from request to request.
pub fn seen(answer: &Answer, asked: &[&str]) -> (u16, Vec<(String, String)>, String) {
    let varying = ["date", "x-request-id"];
    let headers = answer.headers.iter().filter(|(name, _)| !varying.contains(&name.as_str())).cloned().collect();
    let body = asked.iter().fold(answer.body.clone(), |body, id| body.replace(id, "ID"));
    (answer.status, headers, body)
}

#[tokio::test]
async fn sec_07_sec_18_wb_08_h052_every_bad_credential_gets_one_answer() {
    on_each_database(async |service| {
        let idp = service.directory(Kind::okta()).await;
        let other = service.directory(Kind::okta()).await;
        let with = |authorization: &str| {
            idp.v2("GET", "/Users").without("Authorization").header("Authorization", authorization)
        };
        let expected = seen(&with("Bearer dw_unknown").send().await.expect(401), &[]);
        let long = format!("Bearer {}", "x".repeat(5000));
        for authorization in [
            "Bearer",
            "Bearer ",
            "Basic",
            "Basic dTpw",
            "Bearer a, Bearer b",
            &long,
            &other.authorization,
            &idp.authorization.to_uppercase(),
            &format!("{}x", idp.authorization),
            &format!("Basic {}", idp.secret),
            "Negotiate abc",
        ] {
            let answer = with(authorization).send().await;
            assert_eq!(seen(&answer, &[]), expected, "{authorization}");
            error(answer, 401, None);
        }
        for target in [
            format!("/scim/v2/Users/{}", "x"),
            "/scim/v2/nope".to_owned(),
            "/scim/v9/Users".to_owned(),
            "/scim".to_owned(),
        ] {
            let answer =
                Request::new(service.address, "GET", &target).header("Authorization", "Bearer dw_unknown").send().await;
            assert_eq!(seen(&answer, &[]), expected, "{target}");
        }
        let none = idp.v2("GET", &format!("/Users?access_token={}", idp.secret)).without("Authorization").send().await;
        assert!(
            none.headers
                .iter()
                .any(|(name, value)| name == "www-authenticate" && value == "Bearer realm=\"Doorward SCIM\"")
        );
        assert_eq!((none.status, &none.body), (401, &expected.2), "H055, A-6750-3-01");
        let two = idp.v2("GET", "/Users").header("Authorization", &idp.authorization).send().await;
        assert!(two.header("www-authenticate").unwrap().contains("invalid_request"), "H056");
        error(two, 400, Some("invalidSyntax"));
        list(idp.get("/Users").await);
    })
    .await;
}

#[tokio::test]
async fn wb_09_no_call_works_without_a_credential() {
    on_each_database(async |service| {
        let label = service.directory(Kind::okta()).await.label;
        for base in [
            "/scim/v2".to_owned(),
            "/scim/v1".to_owned(),
            format!("/scim/{label}/v2"),
            format!("/scim/{label}/v1"),
            "/scim/nobody/v2".to_owned(),
        ] {
            for path in [
                "",
                "/Users",
                "/Users/u",
                "/Groups",
                "/Groups/g",
                "/Schemas",
                "/ResourceTypes",
                "/ServiceProviderConfig",
                "/ServiceProviderConfigs",
                "/Bulk",
                "/Me",
                "/.search",
                "/Users/.search",
                "/Roles",
                "/nope",
            ] {
                for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"] {
                    let answer = Request::new(service.address, method, &format!("{base}{path}")).send().await;
                    assert_eq!(answer.status, 401, "{method} {base}{path}: {}", answer.body);
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn sec_16_wt_37_a_disabled_directory_refuses_after_authentication() {
    on_each_database(async |service| {
        use doorward_server::service::directories;
        use doorward_store::scope::OperatorScope;
        let idp = service.directory(Kind::okta()).await;
        let id = idp.user("ada").await;
        directories::disable(service.app.store(), &OperatorScope::local(), idp.id).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(600)).await;
        for (method, path) in [
            ("GET", "/Users".to_owned()),
            ("POST", "/Users".to_owned()),
            ("PUT", format!("/Users/{id}")),
            ("PATCH", format!("/Users/{id}")),
            ("DELETE", format!("/Users/{id}")),
            ("GET", "/Schemas".to_owned()),
            ("GET", "/nope".to_owned()),
        ] {
            let answer = with_json(idp.v2(method, &path), okta_user("x")).send().await;
            assert!(error(answer, 403, None)["detail"].as_str().unwrap().contains("disabled"));
            let bad = with_json(
                idp.v2(method, &path).without("Authorization").header("Authorization", "Bearer x"),
                okta_user("x"),
            );
            error(bad.send().await, 401, None);
        }
        directories::enable(service.app.store(), &OperatorScope::local(), idp.id).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(600)).await;
        assert_eq!(list(idp.get("/Users").await).len(), 1, "nothing was lost");
    })
    .await;
}

#[tokio::test]
async fn wt_37_enabling_links_a_directory_that_was_heard_from_and_others_wait_again() {
    on_each_database(async |service| {
        use doorward_server::service::directories::{disable, enable};
        use doorward_store::directory::State;
        use doorward_store::scope::OperatorScope;
        let (store, operator) = (service.app.store(), OperatorScope::local());
        let idp = service.directory(Kind::okta()).await;
        let (row, events) = idp.events_of(async { enable(store, &operator, idp.id).await.unwrap() }).await;
        assert_eq!((row.state, events.len()), (State::Validating, 0), "it is on, and waits");
        disable(store, &operator, idp.id).await.unwrap();
        let (row, events) = idp.events_of(async { enable(store, &operator, idp.id).await.unwrap() }).await;
        assert_eq!((row.state, types(&events)), (State::Validating, vec!["dsync.updated"]), "never heard from");
        assert_eq!(events[0].1["previous_attributes"]["state"], "inactive");
        let (answer, events) = idp.events_of(async { idp.get("/Users").await }).await;
        list(answer);
        assert_eq!(types(&events), ["dsync.activated"], "the first request activates it");
        disable(store, &operator, idp.id).await.unwrap();
        let (row, events) = idp.events_of(async { enable(store, &operator, idp.id).await.unwrap() }).await;
        assert_eq!((row.state, types(&events)), (State::Linked, vec!["dsync.activated"]), "heard from before");
        assert_eq!(events[0].1["state"], "active");
        let (row, events) = idp.events_of(async { enable(store, &operator, idp.id).await.unwrap() }).await;
        assert_eq!((row.state, events.len()), (State::Linked, 0), "once is enough");
    })
    .await;
}

#[tokio::test]
async fn sec_20_a_revoked_or_expired_credential_ends_within_a_second() {
    on_each_database(async |service| {
        use doorward_server::service::tokens;
        use doorward_store::scope::OperatorScope;
        let mut idp = service.directory(Kind::okta()).await;
        let first = idp.clone();
        list(first.get("/Users").await);
        let operator = OperatorScope::local();
        let rows = tokens::list(service.app.store(), &operator, idp.id).await.unwrap();
        assert!(rows[0].last_used_at.is_some(), "its use was noted");
        idp.use_new_credential().await;
        list(idp.get("/Users").await);
        list(first.get("/Users").await);
        tokens::revoke(service.app.store(), &operator, idp.id, rows[0].id).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(600)).await;
        error(first.get("/Users").await, 401, None);
        list(idp.get("/Users").await);
    })
    .await;
}

#[tokio::test]
async fn p_7644_2_03_a_credential_for_reading_alone_changes_nothing() {
    for kind in [Kind::okta(), Kind::basic()] {
        on_each_database(async |service| {
            let mut idp = service.directory(kind.clone()).await;
            let id = idp.user("ada").await;
            let team = idp.group("Team", &[&id]).await;
            idp.use_credential(true).await;
            let before = idp.head().await;
            assert_eq!(list(idp.get("/Users").await).len(), 1);
            assert_eq!(list(idp.get("/").await).len(), 2);
            idp.v2("HEAD", &format!("/Users/{id}")).send().await.expect(200);
            idp.v2("OPTIONS", "/Users").send().await.expect(204);
            let search = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]});
            assert_eq!(list(idp.post("/Groups/.search", search).await).len(), 1);
            for (method, path) in [
                ("POST", "/Users".to_owned()),
                ("PUT", format!("/Users/{id}")),
                ("PATCH", format!("/Groups/{team}")),
                ("DELETE", format!("/Users/{id}")),
                ("POST", "/Bulk".to_owned()),
            ] {
                error(with_json(idp.v2(method, &path), okta_user("other")).send().await, 403, None);
            }
            let disguised = idp.v1("POST", &format!("/Users/{id}")).header("X-HTTP-Method-Override", "DELETE");
            disguised.send().await.expect(403);
            let config = idp.get("/ServiceProviderConfig").await.expect(200).json();
            for (feature, offered) in [("patch", false), ("bulk", false), ("filter", true), ("sort", true)] {
                assert_eq!(config[feature]["supported"], offered, "{feature}");
            }
            assert_eq!(idp.head().await, before);
        })
        .await;
    }
}
