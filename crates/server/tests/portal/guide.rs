//! The customer's guide in a real browser, while a simulated identity provider does its part over real HTTP: nobody ticks a step off.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use doorward_idp::{Credential, Dialect, Group, GroupKey, Person, Session};
use doorward_store::scope::OperatorScope;
use reqwest::StatusCode;
use serde_json::json;

use crate::browser::Browser;
use crate::setup::{administrator, link, umbrella};
use crate::support::{Portal, Visitor, client};

/// Waits until a script says yes; how long that took.
pub async fn until(browser: &Browser, script: &str) -> Duration {
    let begun = Instant::now();
    while browser.script(script).await != json!(true) {
        assert!(begun.elapsed() < Duration::from_secs(20), "{script} on {}", browser.path().await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    begun.elapsed()
}

/// A new directory of somebody who has opened a link: its address.
pub async fn fresh(visitor: &Visitor, kind: &str, auth: &str) -> String {
    visitor.get("/setup").await.expect(StatusCode::OK);
    let page = visitor.post("/setup", &[("type", kind), ("auth", auth)]).await.expect(StatusCode::SEE_OTHER);
    page.location().trim_end_matches("/guide").to_owned()
}

fn stand(step: usize, stand: &str) -> String {
    format!("return document.querySelectorAll('.stepper li')[{step}].className === '{stand}'")
}

struct Walk {
    kind: &'static str,
    guide: &'static str,
    basic: bool,
    dialect: Dialect,
    /// The places of the steps that connect, bring a person, a group and everybody else.
    steps: [usize; 4],
}

/// From the setup link to the end, without a click for what the identity provider does.
async fn walk(portal: &Arc<Portal>, way: &Walk) {
    let organization = umbrella(portal).await;
    let browser = Browser::start(portal).await;
    browser.shape(1280, false).await;
    browser.go(&link(portal, organization).await).await;
    assert!(browser.text("h1").await.contains("Umbrella"));
    browser.click("main form button").await;
    browser.click(&format!("input[value='{}']", way.kind)).await;
    if way.basic {
        browser.click("input[value='basic']").await;
    }
    browser.click("main form > button").await;
    if browser.has(".cards").await {
        browser.click(&format!("a[href*='/guide/{}/']", way.guide)).await;
    }
    let [connect, person, group, everyone] = way.steps;
    for _ in 0..connect {
        browser.click("a[rel=next]").await;
    }
    assert_eq!(browser.text("h1").await, "Connect and test");
    let endpoint = browser.text("#endpoint").await;
    assert!(endpoint.ends_with(if way.dialect.is_v1() { "/v1" } else { "/v2" }), "{endpoint}");
    browser.click("form[action*='/guide/'] button").await;
    let secret = browser.text("#fresh-secret").await;
    let credential = match way.basic {
        true => Credential::basic(browser.text("#fresh-username").await, secret.clone()),
        false => way.dialect.credential(&secret),
    };
    // A wrong secret is told of at once, in words, and forgotten when it was mended.
    let http = client().build().unwrap();
    http.get(format!("{endpoint}/Users?startIndex=1&count=2")).bearer_auth("dw_wrong").send().await.unwrap();
    until(&browser, "return document.querySelector('#part-now .finding') !== null").await;
    until(&browser, &stand(connect, "failed")).await;
    let idp = Session::new(way.dialect, &endpoint, &credential, 7).unwrap();
    idp.test_connection().await.unwrap();
    until(&browser, &stand(connect, "seen")).await;
    until(&browser, "return document.querySelector('#part-now .finding') === null").await;
    assert_eq!(browser.text("#fresh-secret").await, secret, "the secret stays until it was copied");
    for _ in connect..person {
        browser.click("a[rel=next]").await;
    }
    assert_eq!(browser.text("h1").await, "Assign one test person");
    until(&browser, &stand(person, "waiting")).await;
    let ada = Person::plain(1, "00u1", "Ada", "Lovelace", "ada@umbrella.example");
    idp.assign(&ada).await.unwrap();
    until(&browser, &stand(person, "seen")).await;
    let card = browser.text("#part-now .person").await;
    assert!(card.contains("Lovelace") && card.contains("ada@umbrella.example"), "{card}");
    for _ in person..group {
        browser.click("a[rel=next]").await;
    }
    assert_eq!(browser.text("h1").await, "Push a group");
    assert_eq!(browser.has(".callout").await, way.kind.starts_with("okta"), "the rule of the two groups is Okta's");
    let engineering = Group {
        key: GroupKey(1),
        idp_id: "00g1".to_owned(),
        name: "Engineering".to_owned(),
        members: BTreeSet::from([ada.key]),
    };
    idp.push_group(&engineering, &[ada.key]).await.unwrap();
    until(&browser, &stand(group, "seen")).await;
    until(&browser, "return document.querySelector('#part-now .person')?.textContent.includes('1 member') === true")
        .await;
    assert!(browser.text("#part-now .person").await.contains("Engineering"));
    browser.click("a[rel=next]").await;
    until(&browser, &stand(everyone, "waiting")).await;
    idp.assign(&Person::plain(2, "00u2", "Grace", "Hopper", "grace@umbrella.example")).await.unwrap();
    until(&browser, &stand(everyone, "seen")).await;
    finish(portal, &browser, &idp, &ada).await;
    browser.end().await;
}

/// The last page tells what was seen and what not, by itself; then the setup is over.
async fn finish(portal: &Arc<Portal>, browser: &Browser, idp: &Session, ada: &Person) {
    browser.click("a[rel=next]").await;
    assert_eq!(browser.text("h1").await, "What works");
    let seen = |count: usize| format!("return document.querySelectorAll('.checks .seen').length === {count}");
    until(browser, &seen(4)).await;
    idp.update(&Person { title: Some("Countess".to_owned()), ..ada.clone() }).await.unwrap();
    until(browser, &seen(5)).await;
    idp.deactivate(ada.key).await.unwrap();
    until(browser, &seen(6)).await;
    browser.click("form[action='/setup/finish'] button").await;
    assert_eq!(browser.text("h1").await, "The setup is finished");
    assert!(browser.has("a[href='https://app.example/done']").await);
    assert!(portal.events().await.iter().any(|event| event.event_type == "portal.link.completed"));
}

const OKTA: [usize; 4] = [1, 3, 4, 5];

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_connects_okta_and_the_steps_tick_themselves_off() {
    let way = Walk {
        kind: "okta scim v2.0",
        guide: "okta-catalog",
        basic: false,
        dialect: Dialect::OktaCatalog,
        steps: OKTA,
    };
    walk(&Portal::sqlite().await, &way).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_connects_okta_with_scim_1_1() {
    let way =
        Walk { kind: "okta scim v1.1", guide: "okta-catalog-1.1", basic: false, dialect: Dialect::OktaV1, steps: OKTA };
    walk(&Portal::sqlite().await, &way).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_connects_entra_id() {
    let way =
        Walk { kind: "azure scim v2.0", guide: "entra", basic: false, dialect: Dialect::Entra, steps: [1, 2, 3, 4] };
    walk(&Portal::sqlite().await, &way).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_connects_okta_with_user_name_and_password() {
    let way =
        Walk { kind: "okta scim v2.0", guide: "okta-basic", basic: true, dialect: Dialect::OktaCatalog, steps: OKTA };
    walk(&Portal::sqlite().await, &way).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_gets_through_without_javascript_and_switches_off_and_on() {
    let portal = Portal::sqlite().await;
    let organization = umbrella(&portal).await;
    let browser = Browser::start_with(&portal, false).await;
    browser.go(&link(&portal, organization).await).await;
    browser.click("main form button").await;
    // Entra offers no user name and password: that is said beside the choice, and nothing is made.
    browser.click("input[value='azure scim v2.0']").await;
    browser.click("input[value='basic']").await;
    browser.click("main form > button").await;
    assert!(browser.text("#auth-problem").await.contains("no fields for that"));
    browser.click("input[value='bearer']").await;
    browser.click("main form > button").await;
    browser.click("a[rel=next]").await;
    browser.click("form[action*='/guide/'] button").await;
    let (endpoint, secret) = (browser.text("#endpoint").await, browser.text("#fresh-secret").await);
    assert!(!browser.has("meta[http-equiv]").await, "a page with a secret does not go away by itself");
    let idp = Session::new(Dialect::Entra, &endpoint, &Dialect::Entra.credential(&secret), 7).unwrap();
    idp.test_connection().await.unwrap();
    browser.click("noscript a").await;
    assert!(browser.text("#part-now").await.contains("Connected"));
    assert!(!browser.text("body").await.contains(&secret), "sec_51: shown once");
    browser.click("a[rel=next]").await;
    assert!(browser.has("meta[http-equiv=refresh]").await, "it asks again by itself while it waits");
    idp.assign(&Person::plain(1, "1", "Ada", "Lovelace", "ada@umbrella.example")).await.unwrap();
    // No click: the page has asked again. It is gone for a moment then.
    let begun = Instant::now();
    while !browser.text("main").await.contains("Ada Lovelace") {
        assert!(begun.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(!browser.has("meta[http-equiv]").await, "what was seen need not be asked for again");
    browser.click(".tabs a").await;
    browser.click("a[href$='/disable']").await;
    browser.click("button.destroy").await;
    assert!(browser.text(".banner.warn .banner-text").await.contains("Customer's administrator"));
    assert_eq!(refusal(&endpoint, &secret).await.0, 403, "a truthful answer, and no fault of the server");
    assert!(refusal(&endpoint, &secret).await.1.contains("disabled"));
    browser.click("form[action$='/enable'] button").await;
    let begun = Instant::now();
    while refusal(&endpoint, &secret).await.0 != 200 {
        assert!(begun.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (store, by) = (portal.app.store(), OperatorScope::local());
    let first = doorward_store::paging::Cursor::first(5, doorward_store::paging::Order::Ascending);
    let found = doorward_server::service::directories::list(store, &by, first, Default::default());
    assert_eq!(found.await.unwrap().items[0].counts.users(), 1, "nobody was changed");
    browser.end().await;
}

async fn refusal(endpoint: &str, secret: &str) -> (u16, String) {
    let request = client().build().unwrap().get(format!("{endpoint}/Users")).bearer_auth(secret);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_replaced_without_an_interruption() {
    let portal = Portal::sqlite().await;
    let acme = portal.acme().await;
    let administrator = administrator(&portal, acme.organization).await;
    let browser = Browser::start(&portal).await;
    browser.shape(1280, false).await;
    browser.sign_in(&administrator).await;
    browser.go(&format!("/setup/directories/{}/tokens", acme.directory)).await;
    browser.click("a[href$='/rotate']").await;
    browser.click("form[action$='/rotate'] button").await;
    let secret = browser.text("#fresh-secret").await;
    assert!(browser.text(".rotation").await.contains("OAuth Bearer Token"), "the field at Okta");
    assert!(browser.text("#part-end").await.contains("sync would stop"));
    // The old one still works, and that is not taken for the new one.
    assert_eq!(refusal(&acme.base, &acme.token).await.0, 200);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(browser.has("#part-wait .waiting").await);
    assert_eq!(refusal(&acme.base, &secret).await.0, 200);
    until(&browser, "return document.querySelector('#part-wait .seen') !== null").await;
    assert_eq!(browser.text("#fresh-secret").await, secret);
    browser.click("#part-end a.button").await;
    assert!(browser.text("main").await.contains("another one already"));
    browser.click("button.destroy").await;
    assert!(browser.text(".banner.good").await.contains("revoked"));
    assert_eq!((refusal(&acme.base, &acme.token).await.0, refusal(&acme.base, &secret).await.0), (401, 200));
    // Of the one that is left is said what its end means.
    browser.click(".rows a.danger").await;
    assert!(browser.text("main").await.contains("Sync stops at once"));
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_live_page_goes_on_by_itself_and_can_be_paused() {
    let portal = Portal::sqlite().await;
    let acme = portal.acme().await;
    let administrator = administrator(&portal, acme.organization).await;
    let browser = Browser::start(&portal).await;
    browser.shape(1280, false).await;
    browser.sign_in(&administrator).await;
    browser.go(&format!("/setup/directories/{}/feed", acme.directory)).await;
    let first = "return document.querySelector('#part-feed li').textContent.includes('NAME') === true";
    let mut waits = Vec::new();
    for number in 0..30 {
        let name = format!("Person{number:02}");
        acme.user(&name, "Example", true).await;
        waits.push(until(&browser, &first.replace("NAME", &name)).await);
    }
    waits.sort();
    // Told and not asserted: how long it takes from the identity provider's answer to the page.
    eprintln!("from the request to the page: median {:?}, longest {:?}", waits[15], waits[29]);
    // What happens between the page and its stream is not missed, and neither is what was refused.
    acme.user("Barbara", "Liskov", true).await;
    until(&browser, &first.replace("NAME", "Barbara Liskov")).await;
    acme.refused(&portal).await;
    until(&browser, &first.replace("NAME", "D12")).await;
    browser.click("[data-pause]").await;
    acme.user("Frances", "Allen", true).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(!browser.text("#part-feed").await.contains("Frances Allen"));
    browser.click("[data-pause]").await;
    until(&browser, &first.replace("NAME", "Frances Allen")).await;
    browser.end().await;
}
