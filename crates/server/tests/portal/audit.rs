//! The audit log in the portal (O16).

use doorward_store::scope::SystemScope;
use reqwest::StatusCode;
use serde_json::Value;

use crate::browser::Browser;
use crate::support::{Portal, on_each_database};

#[tokio::test]
async fn sec_54_records_are_found_by_who_what_where_and_when_and_tell_before_and_after() {
    on_each_database(async |portal| {
        let (acme, operator) = (portal.acme().await, portal.operator().await);
        operator.post("/admin/organizations", &[("name", "Umbrella")]).await.expect(StatusCode::SEE_OTHER);
        operator
            .post(&format!("/admin/directories/{}/disable", acme.directory), &[])
            .await
            .expect(StatusCode::SEE_OTHER);
        let rows = async |query: &str| {
            let page = operator.get(&format!("/admin/audit?{query}")).await.expect(StatusCode::OK).body;
            page.matches("<th scope=\"row\"").count()
        };
        assert_eq!(rows("actor=operator&action=organization.created").await, 2);
        assert_eq!(rows("actor=api_key").await, 0);
        assert!(rows("actor=scim_auto_sync").await > 5, "what the identity provider did");
        assert_eq!(rows(&format!("organization={}&action=dsync.deactivated", acme.organization)).await, 1);
        assert_eq!(rows("from=2999-01-01").await, 0);
        assert_eq!(rows("until=1999-01-01").await, 0);
        assert_eq!(rows("from=1999-01-01&until=2999-01-01").await, 25);
        assert_eq!(rows("actor=%27%3B--").await, 0);
        let page = operator.get("/admin/audit?action=dsync.deactivated").await.body;
        let record = page.split("href=\"/admin/audit/event_").nth(1).unwrap().split('"').next().unwrap();
        let page = operator.get(&format!("/admin/audit/event_{record}")).await.expect(StatusCode::OK).body;
        for said in ["dsync.deactivated", "Olivia Operator", "127.0.0.1", "req_", "Acme Okta"] {
            assert!(page.contains(said), "{said}: {page}");
        }
        operator.get("/admin/audit/event_00000000000000000000000000").await.expect(StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn sec_53_an_export_holds_what_the_filters_let_through_and_no_formula() {
    let portal = Portal::sqlite().await;
    let operator = portal.operator().await;
    for name in ["=HYPERLINK(\"http://evil.example\")", "+1", "@SUM(A1)", "Plain"] {
        operator.post("/admin/organizations", &[("name", name)]).await.expect(StatusCode::SEE_OTHER);
    }
    let page = operator.get("/admin/audit?action=organization.created").await.expect(StatusCode::OK).body;
    let link =
        page.split("href=\"/admin/audit/export?").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
    let file = operator.get(&format!("/admin/audit/export?{link}")).await.expect(StatusCode::OK);
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    assert!(file.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert_eq!(file.body.lines().count(), 5, "{}", file.body);
    for cell in ["\"'=HYPERLINK(\"\"http://evil.example\"\")\"", ",'+1,", ",'@SUM(A1),", ",Plain,"] {
        assert!(file.body.contains(cell), "{cell}: {}", file.body);
    }
    let lines =
        operator.get("/admin/audit/export?format=ndjson&action=organization.created").await.expect(StatusCode::OK);
    let records: Vec<Value> = lines.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records.len(), 4);
    assert!(records.iter().all(|record| record["action"] == "organization.created"));
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_54_the_chain_is_compared_and_what_was_altered_is_named() {
    let portal = Portal::sqlite().await;
    let (_, operator) = (portal.acme().await, portal.operator().await);
    let by = SystemScope::job("test");
    doorward_server::service::sealing::seal_rest(portal.app.store(), &by, None).await.unwrap();
    let browser = Browser::start(&portal).await;
    browser.sign_in(&operator).await;
    browser.go("/admin/audit").await;
    browser.click(".title a").await;
    let head = browser.text("#head-now").await;
    browser.fill("#head", &head).await;
    browser.click("main form button").await;
    assert!(browser.text(".banner").await.contains("Every record is as it was written"));
    browser.fill("#head", "nonsense").await;
    browser.click("main form button").await;
    assert!(browser.text("#head-problem").await.contains("no end of a chain"));
    // A kept end that is not in the log, as when the whole chain was made anew.
    let other = format!("{}@{}", "0".repeat(64), head.split_once('@').unwrap().1);
    browser.fill("#head", &other).await;
    browser.click("main form button").await;
    assert!(browser.text(".banner").await.contains("not as it was written"));
    assert!(browser.text(".rows tbody").await.contains("is not in the log"));
    browser.end().await;
}
