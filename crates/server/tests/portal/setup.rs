//! The customer's setup: the link, whose organization it is, and the way through it in a real browser.

use std::sync::Arc;
use std::time::{Duration, Instant};

use doorward_server::service::portal_links::{self, NewLink};
use doorward_server::service::{directories, organizations};
use doorward_store::ids::OrganizationId;
use doorward_store::scope::OperatorScope;
use reqwest::StatusCode;
use serde_json::json;

use crate::browser::Browser;
use crate::support::{Portal, Visitor, client, on_each_database};

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
        let other = format!("/setup/directories/{}", acme.directory);
        for path in ["", "/changes?after=0", "/disable", "/tokens/token_00000000000000000000000000/revoke"] {
            administrator.get(&format!("{other}{path}")).await.expect(StatusCode::NOT_FOUND);
        }
        for path in ["/tokens", "/disable", "/enable", "/tokens/token_00000000000000000000000000/revoke"] {
            administrator.post(&format!("{other}{path}"), &[("made", "1")]).await.expect(StatusCode::NOT_FOUND);
        }
        assert_eq!(portal.events().await.len(), before);
        // Nor is an opened link a way into the operator's pages, or an operator's session one into the setup.
        assert_eq!(administrator.get("/admin").await.location(), "/admin/sign-in");
        let operator = portal.operator().await;
        operator.get("/setup").await.expect(StatusCode::NOT_FOUND);
        // Its own it makes, and what it does is told as its own.
        let page = administrator.post("/setup", &[("type", "okta scim v2.0")]).await.expect(StatusCode::SEE_OTHER);
        let own = page.location().to_owned();
        let page = administrator.post(&format!("{own}/tokens"), &[("made", "0")]).await.expect(StatusCode::OK);
        assert!(page.body.contains("dw_"));
        let event =
            portal.events().await.into_iter().rev().find(|event| event.event_type == "dsync.token.created").unwrap();
        assert_eq!(event.origin.actor, "portal");
        assert_eq!(event.organization_id, Some(organization));
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

/// Waits until a script says yes; how long that took.
async fn until(browser: &Browser, script: &str) -> Duration {
    let begun = Instant::now();
    while browser.script(script).await != json!(true) {
        assert!(begun.elapsed() < Duration::from_secs(20), "{script}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    begun.elapsed()
}

async fn okta(portal: &Arc<Portal>, kind: &str, version: &str) {
    let organization = umbrella(portal).await;
    let link = link(portal, organization).await;
    let browser = Browser::start(portal).await;
    browser.shape(1280, false).await;
    browser.go(&link).await;
    assert!(browser.text("h1").await.contains("Umbrella"));
    browser.click("main form button").await;
    browser.click(&format!("input[value='{kind}']")).await;
    browser.click("main form > button").await;
    let endpoint = browser.text("#endpoint").await;
    assert!(endpoint.ends_with(version), "{endpoint}");
    browser.click("form[action$='/tokens'] button").await;
    let token = browser.text("#fresh-secret").await;
    let done = |count: usize| format!("return document.querySelectorAll('.steps .done').length === {count}");
    // From here on nobody clicks: what the identity provider does is seen.
    let http = client().build().unwrap();
    let media_type = if version == "/v1" { "application/json" } else { "application/scim+json" };
    let schema = |kind: &str| match version {
        "/v1" => json!(["urn:scim:schemas:core:1.0"]),
        _ => json!([format!("urn:ietf:params:scim:schemas:core:2.0:{kind}")]),
    };
    // A wrong token is told of at once, and forgotten when it was mended.
    http.get(format!("{endpoint}/Users?startIndex=1&count=2")).bearer_auth("dw_wrong").send().await.unwrap();
    until(&browser, "return document.querySelector('#live .finding') !== null").await;
    http.get(format!("{endpoint}/Users?startIndex=1&count=2")).bearer_auth(&token).send().await.unwrap();
    until(&browser, &done(1)).await;
    let body = json!({"schemas": schema("User"), "userName": "test.person@umbrella.example", "displayName": "Test Person", "active": true});
    let answer = http
        .post(format!("{endpoint}/Users"))
        .bearer_auth(&token)
        .header("Content-Type", media_type)
        .body(body.to_string());
    let user: serde_json::Value = answer.send().await.unwrap().json().await.unwrap();
    until(&browser, &done(2)).await;
    assert!(browser.text("#live").await.contains("Test Person"));
    let body = json!({"schemas": schema("Group"), "displayName": "Everyone", "members": [{"value": user["id"]}]});
    let answer = http
        .post(format!("{endpoint}/Groups"))
        .bearer_auth(&token)
        .header("Content-Type", media_type)
        .body(body.to_string());
    assert_eq!(answer.send().await.unwrap().status(), 201);
    until(&browser, &done(3)).await;
    assert_eq!(browser.text("#fresh-secret").await, token, "the secret stays until it was copied");
    browser.click("form[action='/setup/finish'] button").await;
    assert_eq!(browser.text("h1").await, "The setup is finished");
    assert!(browser.has("a[href='https://app.example/done']").await);
    assert!(portal.events().await.iter().any(|event| event.event_type == "portal.link.completed"));
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_connects_okta_and_the_steps_tick_themselves_off() {
    okta(&Portal::sqlite().await, "okta scim v2.0", "/v2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_connects_okta_with_scim_1_1() {
    okta(&Portal::sqlite().await, "okta scim v1.1", "/v1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_gets_through_without_javascript_and_switches_off_and_on() {
    let portal = Portal::sqlite().await;
    let organization = umbrella(&portal).await;
    let link = link(&portal, organization).await;
    let browser = Browser::start_with(&portal, false).await;
    browser.go(&link).await;
    browser.click("main form button").await;
    browser.click("input[value='azure scim v2.0']").await;
    browser.click("input[value='basic']").await;
    browser.click("main form > button").await;
    let endpoint = browser.text("#endpoint").await;
    browser.click("form[action$='/tokens'] button").await;
    let (name, password) = (browser.text("#fresh-username").await, browser.text("#fresh-secret").await);
    let answer = client()
        .build()
        .unwrap()
        .get(format!("{endpoint}/Users"))
        .basic_auth(name, Some(password))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    browser.click("noscript a").await;
    assert!(browser.text("#live").await.contains("Connected"));
    browser.click("a[href$='/disable']").await;
    browser.click("button.destroy").await;
    assert!(browser.text("#live").await.contains("Switched off"));
    browser.click("form[action$='/enable'] button").await;
    // Without JavaScript a click ends before the page that it leads to.
    let switched_on = async || {
        let first = doorward_store::paging::Cursor::first(5, doorward_store::paging::Order::Ascending);
        let found = directories::list(portal.app.store(), &OperatorScope::local(), first, Default::default()).await;
        found.unwrap().items[0].state == doorward_store::directory::State::Linked
    };
    for _ in 0..100 {
        if switched_on().await {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(switched_on().await);
    browser.end().await;
}
