//! The first day of an operator, in a real browser: with JavaScript, and without.

use serde_json::json;

use crate::browser::Browser;
use crate::support::{EMAIL, PASSWORD, Portal, client};

async fn first_day(scripts: bool) {
    let portal = Portal::sqlite().await;
    let code = portal.code().await;
    let browser = Browser::start_with(&portal, scripts).await;
    browser.shape(1280, false).await;
    browser.go("/admin").await;
    assert_eq!(browser.path().await, "/admin/begin");
    for (field, text) in [
        ("code", code.as_str()),
        ("name", "Olivia"),
        ("email", EMAIL),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ] {
        browser.fill(&format!("#{field}"), text).await;
    }
    browser.click("main form button").await;
    assert_eq!(browser.text("h1").await, "Home");
    assert!(browser.text(".steps").await.contains("Create an organization"));
    browser.click(".steps a").await;
    browser.fill("#name", "Acme Corporation").await;
    browser.fill("#external_id", "cust_4711").await;
    browser.click("main form button").await;
    assert_eq!(browser.text("h1").await, "Acme Corporation");
    assert!(browser.text(".banner").await.contains("Add its directory next"));
    browser.click(".title a").await;
    browser.fill("#name", "Acme Okta").await;
    browser.fill("#label", "acme").await;
    browser.click("main form > button").await;
    assert_eq!(browser.text("#endpoint").await, portal.url("/scim/acme/v2"));
    assert_eq!(browser.has("button.copy:not([hidden])").await, scripts, "a button that could do nothing is not shown");
    browser.click(".make form button").await;
    let secret = browser.text("#fresh-secret").await;
    assert!(secret.starts_with("dw_") && secret.len() == 52, "{secret}");
    let directory = browser.path().await.replace("/tokens", "");
    // The token works, and is on no page any more: not by reloading, not by going on and back.
    let users = client().build().unwrap().post(portal.url("/scim/acme/v2/Users")).bearer_auth(&secret);
    let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada@acme.example", "displayName": "Ada"});
    let answer = users.header("Content-Type", "application/scim+json").body(body.to_string()).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    browser.click(".once a").await;
    assert_eq!(browser.path().await, directory);
    let shown = |text: String| text.contains(&secret);
    assert!(!shown(browser.text("body").await));
    browser.back().await;
    assert!(!shown(browser.text("body").await), "sec_51: the way back does not show it again");
    browser.go(&directory).await;
    assert!(browser.text(".subtitle").await.contains("Active"));
    assert_eq!(browser.text(".rows tbody tr").await.matches("Revoke").count(), 1, "going back made no second token");
    browser.click(&format!("a[href='{directory}/users']")).await;
    browser.click(".rows tbody a").await;
    assert_eq!(browser.text("h1").await, "Ada");
    browser.go("/admin/events").await;
    let events = browser.text(".events").await;
    for said in ["User created", "Directory connected", "Token created", "Organization created", "Operator signed in"] {
        assert!(events.contains(said), "{said}");
    }
    browser.go(&directory).await;
    browser.click("a[href$='/disable']").await;
    browser.click("button.destroy").await;
    assert!(browser.text(".subtitle").await.contains("Switched off"));
    browser.click(".title form button").await;
    assert!(browser.text(".subtitle").await.contains("Active"));
    browser.go("/admin/account").await;
    browser.click("form[action='/admin/sign-out'] button").await;
    // Only on the page that it leads to: what is opened before that page has come would be overtaken by it.
    browser.text("#password").await;
    browser.go("/admin").await;
    assert_eq!(browser.path().await, "/admin/sign-in");
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_51_an_operator_s_first_day() {
    first_day(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_s_first_day_without_javascript() {
    first_day(false).await;
}
