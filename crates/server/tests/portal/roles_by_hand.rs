//! Roles and rules in a real browser: by hand, with JavaScript and without, and every state as a picture.

use doorward_store::role_mapping;
use doorward_store::scope::{OperatorScope, SystemScope};
use doorward_store::{Error, Lane, directory, lease};

use crate::browser::Browser;
use crate::roles::{rules_of, scene};
use crate::screens::Judge;
use crate::support::Portal;

/// From the first role to a person who has it for a reason, and back, as somebody does it by hand.
async fn by_hand(scripts: bool) {
    let portal = Portal::sqlite().await;
    let acme = portal.acme().await;
    let operator = portal.operator().await;
    let browser = Browser::start_with(&portal, scripts).await;
    browser.sign_in(&operator).await;
    browser.shape(1280, false).await;
    browser.go("/admin/roles").await;
    browser.fill("#name", "Admin").await;
    browser.click(".role-form > button").await;
    browser.until_text(".banner", "The role is there").await;
    browser.fill("#name", "Member").await;
    browser.click("input[name='default']").await;
    browser.click(".role-form > button").await;
    browser.until_text(".rows", "Default").await;
    browser.go(&format!("/admin/directories/{}", acme.directory)).await;
    browser.click(".tally a[href$='/roles']").await;
    browser.until_text("h1", "Role rules").await;
    // What does not belong to a kind of rule is not asked for, also without scripts.
    let visible = async |id: &str| browser.displayed(&format!("#{id}")).await;
    assert!(visible("group").await && !visible("path").await);
    browser.click("input[value='attribute_role']").await;
    assert!(visible("path").await && !visible("group").await && !visible("role").await);
    browser.click("input[value='group_name']").await;
    browser.fill("#group", "Engineering").await;
    browser.click("button[value='put']").await;
    browser.until_text(".rule-rows", "is in the group Engineering").await;
    browser.until_text(".big-line", "6 people would have other roles").await;
    assert!(browser.text("#main").await.contains("Ada Lovelace"));
    browser.click("button[value='publish']").await;
    browser.until_text(".banner", "published").await;
    browser.go(&format!("/admin/directories/{}/users?search=ada@acme.example", acme.directory)).await;
    browser.click(".rows tbody a").await;
    let why = browser.until_text("section[aria-labelledby='roles']", "Admin").await;
    assert!(why.contains("is in the group Engineering"), "{why}");
    // Taking the only administrators away is asked about.
    browser.go(&rules_of(&acme)).await;
    browser.click("button[value='remove-0']").await;
    browser.until_text(".empty", "There are no rules").await;
    browser.click("button[value='publish']").await;
    browser.until_text("#sure-problem", "Confirm this first").await;
    browser.click("#sure").await;
    browser.click("button[value='publish']").await;
    browser.until_text(".banner", "published").await;
    browser.go("/admin/roles").await;
    browser.click("a.danger").await;
    browser.click("button.destroy").await;
    browser.until_text(".banner", "deleted").await;
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_and_rules_by_hand() {
    by_hand(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_and_rules_by_hand_without_javascript() {
    by_hand(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_maps_roles_and_sees_what_arrives_without_javascript() {
    let portal = Portal::sqlite().await;
    let acme = portal.acme().await;
    scene(&portal, &acme).await;
    let administrator = crate::setup::administrator(&portal, acme.organization).await;
    let browser = Browser::start_with(&portal, false).await;
    browser.sign_in(&administrator).await;
    browser.shape(360, false).await;
    browser.go(&format!("/setup/directories/{}", acme.directory)).await;
    browser.click("a[href$='/attributes']").await;
    let page = browser.until_text("#main", "job_title").await;
    for said in ["title", "Engineer", "department", "R&D", "userType", "a role rule reads it"] {
        assert!(page.contains(said), "{said}");
    }
    browser.click(".tabs a[href$='/roles']").await;
    browser.until_text("#main", "Auditer").await;
    browser.click("button[value='edit-2']").await;
    browser.until_text(".rule-form legend", "Change rule").await;
    browser.fill("#value", "Engineer").await;
    browser.fill("#people", "jean@acme.example").await;
    browser.click("button[value='put']").await;
    let shown = browser.until_text("section[aria-labelledby='preview']", "Jean Bartik").await;
    assert!(shown.contains("Member") && shown.contains("Auditor"), "{shown}");
    browser.click("button[value='publish']").await;
    browser.until_text(".banner", "published").await;
    assert!(browser.text(".rule-rows").await.contains("Engineer"));
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn how_far_a_change_has_come_is_shown_until_it_is_done() {
    let portal = Portal::sqlite().await;
    let acme = portal.acme().await;
    scene(&portal, &acme).await;
    let (operator, id) = (portal.operator().await, acme.directory);
    // Another node has the job, and has just begun.
    let fence = portal.app.store().write(Lane::Any, move |tx| {
        let scope = directory::scope(tx, &OperatorScope::local(), &id)?.unwrap();
        role_mapping::begin_recompute(tx, &scope)?;
        lease::take(tx, &SystemScope::job("test"), "role_recompute", "another node", 600_000_000)
    });
    let fence = fence.await.unwrap().expect("nobody had it");
    let browser = Browser::start(&portal).await;
    browser.sign_in(&operator).await;
    browser.go(&rules_of(&acme)).await;
    assert!(browser.text("#progress").await.contains("0 / 7"), "{}", browser.text("#progress").await);
    let give_back = move |tx: &mut doorward_store::Tx<'_>| {
        lease::release(tx, &SystemScope::job("test"), "role_recompute", fence)?;
        Ok::<_, Error>(())
    };
    portal.app.store().write(Lane::Any, give_back).await.unwrap();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while browser.has("#progress").await {
        assert!(std::time::Instant::now() < end, "the page notices by itself that it is done");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    browser.end().await;
}

/// What only a form leads to: the preview, what is asked, a rule that is being changed, a field with something wrong in it.
#[tokio::test(flavor = "multi_thread")]
async fn every_state_of_the_rules_is_accessible_and_fits() {
    let portal = Portal::sqlite().await;
    let acme = portal.acme().await;
    scene(&portal, &acme).await;
    let operator = portal.operator().await;
    let browser = Browser::start(&portal).await;
    browser.sign_in(&operator).await;
    browser.sign_in(&crate::setup::administrator(&portal, acme.organization).await).await;
    let judge = Judge::new();
    let mut complaints = Vec::new();
    for (width, dark) in [(1280, false), (1280, true), (360, false), (360, true)] {
        browser.shape(width, dark).await;
        let shape = format!("{width}-{}", if dark { "dark" } else { "light" });
        browser.go(&format!("/setup/directories/{}/roles", acme.directory)).await;
        browser.click("button[value='edit-2']").await;
        browser.fill("#people", "ada@acme.example\njean@acme.example").await;
        complaints.extend(judge.look(&browser, &format!("setup-roles-edit-{shape}")).await);
        browser.fill("#value", "Engineer").await;
        browser.click("button[value='put']").await;
        complaints.extend(judge.look(&browser, &format!("setup-roles-preview-{shape}")).await);
        browser.go(&rules_of(&acme)).await;
        browser.click("button[value='remove-0']").await;
        browser.click("button[value='publish']").await;
        complaints.extend(judge.look(&browser, &format!("directory-roles-sure-{shape}")).await);
        browser.click("input[value='attribute']").await;
        browser.fill("#path", "no path").await;
        browser.fill("#value", "x").await;
        browser.click("button[value='put']").await;
        complaints.extend(judge.look(&browser, &format!("directory-roles-wrong-{shape}")).await);
    }
    browser.end().await;
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
