//! The customer's setup: the link, and whose organization it is.

use doorward_server::service::organizations;
use doorward_server::service::portal_links::{self, NewLink};
use doorward_store::ids::OrganizationId;
use doorward_store::scope::OperatorScope;
use reqwest::{Method, StatusCode};

use crate::security::{filled, setup_routes};
use crate::support::{Portal, Visitor, on_each_database};

/// A setup link, made as an application makes it.
pub async fn link(portal: &Portal, organization_id: OrganizationId) -> String {
    let new = NewLink {
        organization_id,
        intent: "dsync".into(),
        return_url: None,
        success_url: Some("https://app.example/done".into()),
        external_user_id: None,
        contacts: Vec::new(),
        lifetime: 300,
    };
    let (_, secret) = portal_links::create(portal.app.store(), &OperatorScope::local(), new).await.unwrap();
    format!("/setup/{}", secret.expose())
}

/// Somebody who has opened a link.
pub async fn administrator(portal: &Portal, organization: OrganizationId) -> Visitor {
    let (visitor, link) = (portal.visitor(), link(portal, organization).await);
    visitor.get(&link).await.expect(StatusCode::OK);
    let page = visitor.post(&link, &[]).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(page.location(), "/setup");
    visitor
}

/// A customer without a directory.
pub async fn umbrella(portal: &Portal) -> OrganizationId {
    organizations::create(portal.app.store(), &OperatorScope::local(), "Umbrella", None).await.unwrap().id
}

#[tokio::test]
async fn sec_49_a_link_is_not_used_up_by_looking_and_opens_once() {
    on_each_database(async |portal| {
        let link = link(&portal, umbrella(&portal).await).await;
        let before = portal.events().await.len();
        for _ in 0..3 {
            let scanner = portal.visitor();
            let page = scanner.get(&link).await.expect(StatusCode::OK);
            assert!(page.body.contains("Umbrella"));
            assert_eq!(page.headers["referrer-policy"], "no-referrer");
            assert_eq!(page.headers["cache-control"], "no-store");
            assert!(scanner.cookies.borrow().keys().all(|name| name != "doorward_local_setup"));
            scanner.send(scanner.request(reqwest::Method::HEAD, &link)).await.expect(StatusCode::OK);
        }
        assert_eq!(portal.events().await.len(), before);
        let (one, other) = (portal.visitor(), portal.visitor());
        one.get(&link).await.expect(StatusCode::OK);
        other.get(&link).await.expect(StatusCode::OK);
        one.post(&link, &[]).await.expect(StatusCode::SEE_OTHER);
        other.post(&link, &[]).await.expect(StatusCode::NOT_FOUND);
        let page = portal.visitor().get(&link).await.expect(StatusCode::NOT_FOUND);
        assert!(!page.body.contains("Umbrella"));
        one.get("/setup").await.expect(StatusCode::OK);
        let secret = link.trim_start_matches("/setup/");
        assert!(!portal.events().await.iter().any(|event| event.data.contains(secret)));
        // Revoked, the session ends with it.
        let id = portal.events().await.iter().rev().find_map(|event| event.subject_id.clone()).unwrap();
        portal_links::revoke(portal.app.store(), &OperatorScope::local(), id.parse().unwrap()).await.unwrap();
        one.get("/setup").await.expect(StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn sec_50_an_administrator_reaches_one_organization_and_nothing_else() {
    on_each_database(async |portal| {
        let acme = portal.acme().await;
        let organization = umbrella(&portal).await;
        let administrator = administrator(&portal, organization).await;
        let page = administrator.get("/setup").await.expect(StatusCode::OK);
        assert!(!page.body.contains("Acme"), "another customer's directory is not listed");
        let before = portal.events().await.len();
        let user = acme.first("/Users").await;
        let group = acme.first("/Groups").await;
        for (path, has_get, has_post) in setup_routes().into_iter().filter(|(path, ..)| path.contains("{id}")) {
            let own = |path: &str| path.replace("{user}", &user).replace("{group}", &group);
            let guided = own(&path).replace("{guide}", "okta-catalog").replace("{step}", "connect");
            let path = filled(&guided.replace("{id}", &acme.directory.to_string()));
            for method in [has_get.then_some(Method::GET), has_post.then_some(Method::POST)].into_iter().flatten() {
                let page = match method {
                    Method::GET => administrator.get(&path).await,
                    _ => administrator.post(&path, &[("made", "1"), ("name", "x")]).await,
                };
                assert_eq!(page.status, StatusCode::NOT_FOUND, "{method} {path}");
                assert!(!page.body.contains("Acme") && !page.body.contains("Ada"), "{method} {path}");
            }
        }
        assert_eq!(portal.events().await.len(), before);
        // Nor is an opened link a way into the operator's pages, or an operator's session one into the setup.
        assert_eq!(administrator.get("/admin").await.location(), "/admin/sign-in");
        let operator = portal.operator().await;
        operator.get("/setup").await.expect(StatusCode::NOT_FOUND);
        // Its own it makes, and what it does is told as its own.
        let page = administrator.post("/setup", &[("type", "okta scim v2.0")]).await.expect(StatusCode::SEE_OTHER);
        let own = page.location().trim_end_matches("/guide").to_owned();
        let fields = [("made", "0"), ("name", "Okta"), ("lifetime", "90")];
        let page = administrator.post(&format!("{own}/tokens"), &fields).await.expect(StatusCode::OK);
        assert!(page.body.contains("dw_"));
        let event =
            portal.events().await.into_iter().rev().find(|event| event.event_type == "dsync.token.created").unwrap();
        assert_eq!(event.origin.actor, "portal");
        assert_eq!(event.organization_id, Some(organization));
        for end in [format!("users/{user}"), format!("groups/{group}")] {
            let page = administrator.get(&format!("{own}/{end}")).await.expect(StatusCode::NOT_FOUND);
            assert!(!page.body.contains("Ada") && !page.body.contains("Engineering"), "{end}");
        }
        for end in ["activity", "activity/export", "diagnostics/report", "feed", "users"] {
            let page = administrator.get(&format!("{own}/{end}")).await.expect(StatusCode::OK);
            assert!(!page.body.contains("Acme") && !page.body.contains("ada@acme"), "{end}");
        }
        let session = administrator.cookies.borrow()["doorward_local_setup"].clone();
        let elsewhere = administrator
            .request(reqwest::Method::POST, &format!("{own}/disable"))
            .header("Sec-Fetch-Site", "cross-site");
        administrator
            .send(crate::support::form(elsewhere, &[("form_token", &session)]))
            .await
            .expect(StatusCode::FORBIDDEN);
    })
    .await;
}
