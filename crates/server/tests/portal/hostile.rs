//! A directory full of payloads (SEC-47): in a real browser nothing runs, and no rule of the policy is even touched.

use doorward_server::service::roles::catalogue::{self, NewRole};
use doorward_server::service::roles::mappings;
use doorward_store::role_mapping::{Condition, Rule};
use doorward_store::scope::OperatorScope;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::support::{Acme, Portal, Visitor};

const PARTS: [&str; 20] = [
    "<script>window.hit=1</script>",
    "\"><script>window.hit=1</script>",
    "'><img src=x onerror=window.hit=1>",
    "<img src=x onerror=window.hit=1>",
    "<svg onload=window.hit=1>",
    "<svg/onload=window.hit=1>",
    "</title><script>window.hit=1</script>",
    "</pre></code><iframe srcdoc='<script>parent.hit=1</script>'>",
    "<a href=javascript:window.hit=1>x</a>",
    "javascript:window.hit=1",
    "data:text/html,<script>parent.hit=1</script>",
    "{{constructor.constructor('window.hit=1')()}}",
    "<style>body{display:none}</style>",
    "<base href=https://evil.example/>",
    "<form action=https://evil.example/><button>x</button></form>",
    "<meta http-equiv=refresh content=0;url=javascript:window.hit=1>",
    "<details open ontoggle=window.hit=1>",
    "&lt;script&gt;window.hit=1&lt;/script&gt;",
    "\u{202e}gnp.tpircs<script>window.hit=1</script>",
    "<object data=javascript:window.hit=1></object><embed src=x>",
];

/// 500 payloads: twenty, each in twenty-five dresses.
fn payloads() -> Vec<String> {
    let dress = |number: usize, part: &str| match number % 5 {
        0 => part.to_owned(),
        1 => part.to_uppercase().replace("WINDOW.HIT", "window.hit").replace("PARENT.HIT", "parent.hit"),
        2 => format!("\" autofocus onfocus=window.hit=1 x=\"{part}"),
        3 => format!("\u{200b}' {part} --> {part}"),
        _ => part.replace('<', "<\u{0009}").replace('=', " = "),
    };
    (0..25).flat_map(|number| PARTS.iter().map(move |part| format!("{} {number}", dress(number, part)))).collect()
}

/// `userName` may hold no invisible characters.
fn seen(payload: &str) -> String {
    payload.replace(['\u{202e}', '\u{200b}', '\t'], "")
}

async fn provision(acme: &Acme, payloads: &[String]) {
    for (number, payload) in payloads.iter().enumerate() {
        let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": format!("{}{number}", seen(payload)),
            "displayName": payload, "title": payload, "nickName": payload, "externalId": seen(payload),
            "name": {"givenName": payload, "familyName": payload, "formatted": payload},
            "emails": [{"value": payload, "type": payload, "primary": true}],
            "photos": [{"value": "https://evil.example/photo.png", "type": "photo"}]});
        let user = acme.send("/Users", &body).await;
        if number % 20 == 0 {
            acme.group(payload, &[user["id"].as_str().unwrap().to_owned()]).await;
        }
    }
}

/// What went wrong on a page, as the browser itself saw it.
async fn looked(browser: &Browser, path: &str) -> Value {
    browser.go(path).await;
    browser.script("return { hit: window.hit ?? null, broken: window.broken, forms: [...document.forms].every(form => new URL(form.getAttribute('action'), location.href).origin === location.origin), frames: document.querySelectorAll('iframe, object, embed, base').length }").await
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_47_five_hundred_payloads_do_nothing() {
    let portal = Portal::sqlite().await;
    let acme = portal.acme().await;
    let payloads = payloads();
    assert_eq!(payloads.len(), 500);
    provision(&acme, &payloads).await;
    let operator = portal.operator().await;
    for payload in &payloads[..20] {
        let name = payload.replace(char::is_control, " ");
        operator
            .post("/admin/organizations", &[("name", &name), ("external_id", &name)])
            .await
            .expect(StatusCode::SEE_OTHER);
        let made = operator
            .get("/admin/api-keys")
            .await
            .body
            .split("name=\"made\" value=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .to_owned();
        operator.post("/admin/api-keys", &[("name", &name), ("made", &made)]).await.expect(StatusCode::OK);
        crate::webhooks::make(&operator, "http://127.0.0.1:9/<script>window.hit=1</script>", &name).await;
        let fields = [("type", "okta scim v2.0"), ("name", name.as_str())];
        operator
            .post(&format!("/admin/organizations/{}/directories", acme.organization), &fields)
            .await
            .expect(StatusCode::SEE_OTHER);
    }
    let product = "\"><script>window.hit=1</script>";
    operator.post("/admin/settings", &[("product_name", product)]).await.expect(StatusCode::SEE_OTHER);
    let rules = roles(&portal, &acme, &payloads).await;
    let administrator = crate::setup::administrator(&portal, acme.organization).await;
    let browser = Browser::start(&portal).await;
    // Before any page runs: whatever the policy stops, and whatever opens a dialog, is remembered.
    browser.before_each_page("window.broken = []; addEventListener('securitypolicyviolation', event => broken.push(event.violatedDirective + ' ' + event.blockedURI)); alert = confirm = prompt = () => { window.hit = 'dialog' };").await;
    browser.sign_in(&operator).await;
    browser.sign_in(&administrator).await;
    let mut pages = vec![
        "/admin/roles".to_owned(),
        rules,
        format!("/admin/organizations/{}/roles", acme.organization),
        format!("/admin/directories/{}/roles", acme.directory),
        format!("/setup/directories/{}/roles", acme.directory),
        format!("/setup/directories/{}/attributes", acme.directory),
        "/admin".to_owned(),
        "/admin/organizations".to_owned(),
        "/admin/api-keys".to_owned(),
        "/admin/webhooks".to_owned(),
        "/admin/settings".to_owned(),
        "/admin/audit?actor=operator".to_owned(),
        "/admin/audit?action=dsync.user.created".to_owned(),
        crate::setup::link(&portal, acme.organization).await,
        format!("/admin/organizations/{}", acme.organization),
        format!("/admin/directories/{}", acme.directory),
        format!("/admin/directories/{}/groups", acme.directory),
    ];
    let lists = pages.len();
    pages.extend(all_pages(&operator, &format!("/admin/directories/{}/users", acme.directory)).await);
    pages.extend(all_pages(&operator, "/admin/events").await);
    let users = links(&operator, &pages, "/admin/users/").await;
    assert!(users.len() >= 500, "{}", users.len());
    // The customer's pages of the same directory.
    let setup = format!("/setup/directories/{}", acme.directory);
    let mut theirs = all_pages(&administrator, &format!("{setup}/users")).await;
    theirs.extend(all_pages(&administrator, &format!("{setup}/groups")).await);
    theirs.extend(all_pages(&administrator, &format!("{setup}/activity")).await.into_iter().take(12));
    let people = links(&administrator, &theirs, &format!("{setup}/users/")).await;
    assert!(people.len() >= 500, "{}", people.len());
    pages.extend(theirs);
    pages.extend(people.into_iter().step_by(11));
    for end in ["", "/feed", "/diagnostics", "/tokens", "/guide/okta-catalog/person", "/guide/okta-catalog/group"] {
        pages.push(format!("{setup}{end}"));
    }
    // Of the details one of each payload is enough: a page has every attribute of its user.
    pages.extend(users.into_iter().step_by(9));
    pages.extend(links(&operator, &pages[..lists], "/admin/groups/").await);
    pages.extend(links(&operator, &pages[..lists], "/admin/audit/event_").await);
    pages.extend(links(&operator, &pages[..lists], "/admin/webhooks/we_").await);
    for page in &pages {
        let found = looked(&browser, page).await;
        assert_eq!(found, json!({"hit": null, "broken": [], "forms": true, "frames": 0}), "{page}");
    }
    browser.end().await;
}

/// Roles and rules of these names; the page of one role.
async fn roles(portal: &Portal, acme: &Acme, payloads: &[String]) -> String {
    let (store, by) = (portal.app.store(), OperatorScope::local());
    let mut last = String::new();
    for (number, payload) in payloads[..20].iter().enumerate() {
        let name = payload.replace(char::is_control, " ");
        let (slug, description) = (Some(format!("role-{number}")), Some(name.clone()));
        let new = NewRole { organization_id: None, slug, name, description, priority: 0, is_default: number == 0 };
        last = format!("/admin/roles/{}", catalogue::create(store, &by, new).await.unwrap().id);
        let condition = match number % 3 {
            0 => Condition::GroupName { group_name: payload.clone() },
            1 => Condition::Attribute { path: "title".to_owned(), value: payload.clone() },
            _ => Condition::AttributeRole { path: "nickName".to_owned() },
        };
        let role = (number % 3 != 2).then(|| format!("role-{number}"));
        let rule = Rule { condition, role, environment: String::new() };
        mappings::create(store, &by, acme.directory, rule, None).await.unwrap();
    }
    last
}

/// A list's pages, following its links.
async fn all_pages(visitor: &Visitor, first: &str) -> Vec<String> {
    let mut pages = vec![first.to_owned()];
    while let Some(next) = {
        let body = visitor.get(pages.last().unwrap()).await.expect(StatusCode::OK).body;
        body.split("rel=\"next\" href=\"").nth(1).map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&"))
    } {
        pages.push(next);
    }
    pages
}

async fn links(visitor: &Visitor, pages: &[String], to: &str) -> Vec<String> {
    let mut found = Vec::new();
    for page in pages {
        let body = visitor.get(page).await.body;
        let links = body.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        found.extend(links.filter(|link| link.starts_with(to)));
    }
    found.sort();
    found.dedup();
    found
}
