//! Every screen, in light and dark, wide and narrow: as a picture, and as axe-core judges it (WCAG 2.2 A and AA).

use std::path::PathBuf;

use doorward_store::scope::SystemScope;
use serde_json::Value;

use crate::browser::Browser;
use crate::support::{Acme, Portal, Visitor};

/// Every page with its name: what is not among them is neither looked at nor judged.
pub async fn addresses(portal: &Portal, acme: &Acme, operator: &Visitor) -> Vec<(&'static str, String)> {
    let directory = format!("/admin/directories/{}", acme.directory);
    let organization = format!("/admin/organizations/{}", acme.organization);
    let setup = format!("/setup/directories/{}", acme.directory);
    let (user, group) = (acme.first("/Users").await, acme.first("/Groups").await);
    let (webhook, delivery) = crate::webhooks::scene(operator, acme).await;
    let events = portal.events().await;
    let made = events.iter().rev().find(|event| event.event_type == "webhook_endpoint.updated").unwrap().id;
    doorward_server::service::sealing::seal_rest(portal.app.store(), &SystemScope::job("test"), None).await.unwrap();
    operator.post("/admin/account/second-factor", &[]).await.expect(reqwest::StatusCode::SEE_OTHER);
    let (given, free) = crate::roles::scene(portal, acme).await;
    vec![
        ("sign-in", "/admin/sign-in".into()),
        ("begin", "/admin/begin".into()),
        ("home", "/admin".into()),
        ("organizations", "/admin/organizations".into()),
        ("organizations-nothing", "/admin/organizations?search=nothing".into()),
        ("organization-new", "/admin/organizations/new".into()),
        ("organization", organization.clone()),
        ("directory-new", format!("{organization}/directories/new")),
        ("directory", directory.clone()),
        ("directory-done", format!("{directory}?done=directory_created")),
        ("directory-disable", format!("{directory}/disable")),
        ("requests", format!("{directory}/requests")),
        ("request", format!("{directory}/requests/{}", acme.refused(portal).await)),
        ("users", format!("{directory}/users")),
        ("groups", format!("{directory}/groups")),
        ("user", format!("/admin/users/{user}")),
        ("group", format!("/admin/groups/{group}")),
        ("roles", "/admin/roles".into()),
        ("role", format!("/admin/roles/{free}")),
        ("role-delete", format!("/admin/roles/{free}/delete")),
        ("role-in-use", format!("/admin/roles/{given}/delete")),
        ("organization-roles", format!("{organization}/roles")),
        ("directory-roles", format!("{directory}/roles")),
        ("events", "/admin/events".into()),
        ("replay", format!("/admin/events/{made}/replay")),
        ("webhooks", "/admin/webhooks".into()),
        ("webhook-new", "/admin/webhooks/new".into()),
        ("webhook", webhook.clone()),
        ("webhook-edit", format!("{webhook}/edit")),
        ("webhook-disable", format!("{webhook}/disable")),
        ("webhook-delete", format!("{webhook}/delete")),
        ("deliveries", format!("{webhook}/deliveries")),
        ("delivery", delivery),
        ("audit", "/admin/audit".into()),
        ("audit-nothing", "/admin/audit?action=none".into()),
        ("audit-record", format!("/admin/audit/{made}")),
        ("audit-chain", "/admin/audit/chain".into()),
        ("api-keys", "/admin/api-keys".into()),
        ("settings", "/admin/settings".into()),
        ("second-factor", "/admin/account/second-factor".into()),
        ("account", "/admin/account".into()),
        ("failure", "/admin/no/such/page".into()),
        ("setup-landing", crate::setup::link(portal, acme.organization).await),
        ("setup", setup.clone()),
        ("setup-guides", format!("{setup}/guide")),
        ("setup-step-app", format!("{setup}/guide/okta-catalog/app")),
        ("setup-step-connect", format!("{setup}/guide/okta-catalog/connect")),
        ("setup-step-saml", format!("{setup}/guide/okta-saml/connect")),
        ("setup-step-person", format!("{setup}/guide/okta-catalog/person")),
        ("setup-step-group", format!("{setup}/guide/okta-catalog/group")),
        ("setup-step-everyone", format!("{setup}/guide/okta-oidc/everyone")),
        ("setup-done", format!("{setup}/guide/okta-catalog/done")),
        ("setup-feed", format!("{setup}/feed")),
        ("setup-feed-refused", format!("{setup}/feed?only=failed")),
        ("setup-users", format!("{setup}/users")),
        ("setup-users-nothing", format!("{setup}/users?search=nobody")),
        ("setup-user", format!("{setup}/users/{user}")),
        ("setup-groups", format!("{setup}/groups")),
        ("setup-group", format!("{setup}/groups/{group}")),
        ("setup-tokens", format!("{setup}/tokens")),
        ("setup-rotate", format!("{setup}/tokens/rotate")),
        ("setup-diagnostics", format!("{setup}/diagnostics")),
        ("setup-activity", format!("{setup}/activity")),
        ("setup-disable", format!("{setup}/disable")),
        ("setup-attributes", format!("/setup/directories/{}/attributes", acme.directory)),
        ("setup-roles", format!("/setup/directories/{}/roles", acme.directory)),
        ("setup-over", "/setup/plink_nothing".into()),
    ]
}

/// Pages of a directory from which nothing has been heard.
const WAITING: [(&str, &str); 8] = [
    ("setup-waiting", ""),
    ("setup-waiting-connect", "/guide/entra/connect"),
    ("setup-waiting-person", "/guide/entra/person"),
    ("setup-waiting-done", "/guide/entra/done"),
    ("setup-waiting-feed", "/feed"),
    ("setup-waiting-users", "/users"),
    ("setup-waiting-groups", "/groups"),
    ("setup-waiting-tokens", "/tokens"),
];

/// Where the pictures go: `screens/` in the folder of the build.
fn folder() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let target = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists()).unwrap();
    let folder = target.join("screens");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The text of axe-core, unless the tests were told to do without.
fn axe() -> Option<String> {
    let path = std::env::var("DOORWARD_TEST_AXE").unwrap_or_default();
    if path == "none" {
        eprintln!("skipped: axe-core (DOORWARD_TEST_AXE=none)");
        return None;
    }
    let advice = "DOORWARD_TEST_AXE must name axe.min.js of npm's axe-core, or be `none`; scripts/test fetches it";
    Some(std::fs::read_to_string(path).expect(advice))
}

async fn judge(browser: &Browser, axe: &str, screen: &str) -> Vec<String> {
    browser.script(axe).await;
    let tags = "['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']";
    let found = browser
        .script_later(&format!(
            "const done = arguments[0]; axe.run(document, {{runOnly: {tags}}}).then(found => done(found.violations.map(violation => \
             violation.id + ': ' + violation.nodes.map(node => node.html.slice(0, 160) + ' ' + (node.any[0]?.message ?? '')).join(' | '))))"
        ))
        .await;
    let found = found.as_array().unwrap().iter().filter_map(Value::as_str);
    found.map(|text| format!("{screen}: {text}")).collect()
}

/// Takes pictures of pages, and hears what axe-core says of them.
pub struct Judge {
    axe: Option<String>,
    folder: PathBuf,
}

impl Judge {
    pub fn new() -> Self {
        Judge { axe: axe(), folder: folder() }
    }

    /// What is wrong with the page that the browser shows.
    pub async fn look(&self, browser: &Browser, screen: &str) -> Vec<String> {
        let mut complaints = Vec::new();
        let wide = browser.script("return document.documentElement.scrollWidth - innerWidth").await;
        if wide.as_i64().unwrap() > 0 {
            complaints.push(format!("{screen}: {wide} pixels too wide"));
        }
        std::fs::write(self.folder.join(format!("{screen}.png")), browser.picture().await).unwrap();
        if let Some(axe) = &self.axe {
            complaints.extend(judge(browser, axe, screen).await);
        }
        complaints
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_is_accessible_and_fits_in_light_and_dark_wide_and_narrow() {
    let portal = Portal::sqlite().await;
    let acme = portal.acme().await;
    let operator = portal.operator().await;
    let (browser, judge) = (Browser::start(&portal).await, Judge::new());
    browser.sign_in(&operator).await;
    browser.sign_in(&crate::setup::administrator(&portal, acme.organization).await).await;
    let empty = crate::setup::administrator(&portal, crate::setup::umbrella(&portal).await).await;
    let mut complaints = Vec::new();
    let addresses = addresses(&portal, &acme, &operator).await;
    for (width, dark) in [(1280, false), (1280, true), (360, false), (360, true)] {
        browser.shape(width, dark).await;
        for (name, path) in &addresses {
            browser.go(path).await;
            let screen = format!("{name}-{width}-{}", if dark { "dark" } else { "light" });
            complaints.extend(judge.look(&browser, &screen).await);
        }
    }
    // The choice of a provider is there for an organization that has no directory yet; and what is shown before anything has come.
    browser.sign_in(&empty).await;
    for own in [None, Some("azure scim v2.0")] {
        let pages: Vec<(&str, String)> = match own {
            None => vec![("setup-choose", "/setup".to_owned())],
            Some(kind) => {
                let own = crate::guide::fresh(&empty, kind, "bearer").await;
                WAITING.iter().map(|(name, end)| (*name, format!("{own}{end}"))).collect()
            }
        };
        for (width, dark) in [(1280, false), (1280, true), (360, false), (360, true)] {
            browser.shape(width, dark).await;
            for (name, path) in &pages {
                browser.go(path).await;
                let screen = format!("{name}-{width}-{}", if dark { "dark" } else { "light" });
                complaints.extend(judge.look(&browser, &screen).await);
            }
        }
    }
    browser.end().await;
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
