//! The customer's other pages, over HTTP: tokens, diagnostics and their report, people, activity and its table, the stream.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::guide::fresh;
use crate::setup::{administrator, umbrella};
use crate::support::{Portal, Visitor, client, on_each_database};

fn secret_on(body: &str) -> String {
    let rest = body.split(">dw_").nth(1).unwrap();
    format!("dw_{}", rest.split('<').next().unwrap())
}

#[tokio::test]
async fn sec_51_a_customer_s_token_is_shown_once_and_ends_when_it_is_said() {
    on_each_database(async |portal| {
        let customer = administrator(&portal, umbrella(&portal).await).await;
        let own = fresh(&customer, "okta scim v2.0", "bearer").await;
        customer.get(&format!("{own}/guide/okta-catalog/connect")).await.expect(StatusCode::OK);
        let step = format!("{own}/guide/okta-catalog/connect");
        let secret = secret_on(&customer.post(&step, &[("made", "0")]).await.expect(StatusCode::OK).body);
        let again = customer.post(&step, &[("made", "0")]).await.expect(StatusCode::SEE_OTHER);
        assert!(again.location().ends_with("done=token_exists"));
        let header = customer.post(&format!("{own}/guide/okta-header/connect"), &[("made", "1")]).await;
        assert!(header.expect(StatusCode::OK).body.contains(">Bearer dw_"), "Okta's Header Auth wants the word");
        // The one in use and its successor: a third is refused, beside the button.
        let fields = [("made", "2"), ("name", "third"), ("lifetime", "90")];
        let page = customer.post(&format!("{own}/tokens"), &fields).await.expect(StatusCode::CONFLICT);
        assert!(page.body.contains("id=\"token-problem\""));
        for end in ["", "/tokens", "/tokens/rotate", "/guide/okta-catalog/connect", "/activity", "/activity/export"] {
            let page = customer.get(&format!("{own}{end}")).await.expect(StatusCode::OK);
            assert!(!page.body.contains(&secret), "{end}");
        }
        // A lifetime is kept; one that does not exist is said beside its field.
        let page = customer.get(&format!("{own}/tokens")).await;
        let revoke =
            page.body.split("/revoke\"").next().unwrap().rsplit("href=\"").next().unwrap().to_owned() + "/revoke";
        assert!(customer.get(&revoke).await.expect(StatusCode::OK).body.contains("never been used"));
        customer.post(&revoke, &[]).await.expect(StatusCode::SEE_OTHER);
        let page = customer.get(&format!("{own}/tokens")).await;
        let last =
            page.body.split("/revoke\"").next().unwrap().rsplit("href=\"").next().unwrap().to_owned() + "/revoke";
        assert!(customer.get(&last).await.expect(StatusCode::OK).body.contains("Sync stops at once"));
        let page = customer.post(&format!("{own}/tokens"), &fields).await.expect(StatusCode::OK);
        assert!(page.body.contains("third"));
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_is_told_in_words_and_the_report_holds_no_secret() {
    on_each_database(async |portal| {
        let acme = portal.acme().await;
        acme.refused(&portal).await;
        let wrong =
            client().build().unwrap().get(format!("{}/Users?filter=title%20eq%20%22secret-title%22", acme.base));
        wrong.bearer_auth("dw_wrong_and_secret").send().await.unwrap();
        let customer = administrator(&portal, acme.organization).await;
        let own = format!("/setup/directories/{}", acme.directory);
        let page = customer.get(&format!("{own}/diagnostics")).await.expect(StatusCode::OK).body;
        assert!(page.contains("D12") && page.contains("D06"), "the conflict, and the unknown token");
        assert!(page.contains("<details>") && page.contains("409"));
        let text = customer.get(&format!("{own}/diagnostics/report")).await.expect(StatusCode::OK);
        assert_eq!(text.headers["content-disposition"], "attachment; filename=\"directory-report.txt\"");
        assert!(text.body.contains("D12") && text.body.contains("Last requests"));
        let report = customer.get(&format!("{own}/diagnostics/report?format=json")).await.expect(StatusCode::OK).body;
        let parsed: Value = serde_json::from_str(&report).unwrap();
        assert_eq!(parsed["directory"]["name"], "Acme Okta");
        assert!(parsed["requests"].as_array().unwrap().len() > 9);
        assert_eq!((&parsed["seen"][0]["what"], &parsed["seen"][0]["seen"]), (&json!("connected"), &json!(true)));
        for body in [&text.body, &report] {
            for secret in [acme.token.as_str(), "dw_wrong", "secret-title", "request_body", "127.0.0.1\""] {
                assert!(!body.contains(secret), "{secret}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn people_are_found_and_their_status_has_a_reason() {
    on_each_database(async |portal| {
        let acme = portal.acme().await;
        let customer = administrator(&portal, acme.organization).await;
        let own = format!("/setup/directories/{}", acme.directory);
        let body = async |end: &str| customer.get(&format!("{own}{end}")).await.expect(StatusCode::OK).body;
        let all = body("/users").await;
        assert!(all.contains("Ada Lovelace") && all.contains("Dorothy Vaughan"));
        let found = body("/users?search=GRACE%40acme.example").await;
        assert!(found.contains("Grace Hopper") && !found.contains("Ada Lovelace"));
        let inactive = body("/users?state=inactive").await;
        assert!(inactive.contains("Dorothy Vaughan") && !inactive.contains("Grace Hopper"));
        assert!(body("/users?search=nobody").await.contains("Nobody fits"));
        assert!(body("/groups?search=Engineering").await.contains(">Engineering<"));
        assert!(!body("/groups?search=Engineering").await.contains(">Everyone<"));
        let address = |list: &str, name: &str| {
            let before = list.split(&format!(">{name}<")).next().unwrap();
            before.rsplit("href=\"").next().unwrap().split('"').next().unwrap().trim_start_matches(&own).to_owned()
        };
        assert!(body(&address(&inactive, "Dorothy Vaughan")).await.contains("without access"));
        let grace = address(&found, "Grace Hopper");
        let page = body(&grace).await;
        assert!(page.contains("with access") && page.contains("Engineer") && page.contains(">Everyone<"));
        let id = grace.rsplit('/').next().unwrap().to_owned();
        for (active, said) in [(false, "has taken access away"), (true, "access again")] {
            let patch = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{"op": "replace", "path": "active", "value": active}]});
            let request = client().build().unwrap().patch(format!("{}/Users/{id}", acme.base)).bearer_auth(&acme.token);
            let request = request.header("Content-Type", "application/scim+json").body(patch.to_string());
            assert!(request.send().await.unwrap().status().is_success());
            assert!(body(&grace).await.contains(said), "{said}");
        }
        let contractors = address(&body("/groups").await, "Contractors");
        assert!(body(&contractors).await.contains("00u-not-sent-yet"), "whom the group waits for");
    })
    .await;
}

#[tokio::test]
async fn a_long_list_of_people_leads_on_and_back() {
    let portal = Portal::sqlite().await;
    let acme = portal.acme().await;
    for number in 0..24 {
        acme.user(&format!("Person{number:02}"), "Example", true).await;
    }
    let customer = administrator(&portal, acme.organization).await;
    let page = customer.get(&format!("/setup/directories/{}/users?state=active", acme.directory)).await;
    let first = page.expect(StatusCode::OK).body;
    let next = first.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
    assert!(next.contains("state=active"));
    let second = customer.get(&next).await.expect(StatusCode::OK).body;
    assert!(second.contains("Ada Lovelace") && second.contains("rel=\"prev\"") && !first.contains("Ada Lovelace"));
}

#[tokio::test]
async fn sec_53_the_activity_is_one_organization_s_and_its_table_holds_no_formula() {
    on_each_database(async |portal| {
        let acme = portal.acme().await;
        umbrella(&portal).await;
        acme.group("=HYPERLINK(\"https://evil.example\")", &[]).await;
        acme.group("+1", &[]).await;
        acme.group("@SUM(A1)", &[]).await;
        let customer = administrator(&portal, acme.organization).await;
        let own = format!("/setup/directories/{}/activity", acme.directory);
        let page = customer.get(&own).await.expect(StatusCode::OK).body;
        assert!(page.contains("Setup link opened") && page.contains("Customer&#39;s administrator"));
        assert!(page.contains("Group created") && page.contains("Identity provider"));
        assert!(!page.contains("Umbrella"));
        let only = customer.get(&format!("{own}?actor=portal")).await.expect(StatusCode::OK).body;
        assert!(only.contains("Setup link opened") && !only.contains("Group created"));
        let export = customer.get(&format!("{own}/export")).await.expect(StatusCode::OK);
        assert_eq!(export.headers["content-type"], "text/csv; charset=utf-8");
        assert!(export.body.contains("\"'=HYPERLINK(\"\"https://evil.example\"\")\""), "{}", export.body);
        assert!(export.body.contains(",'+1,") && export.body.contains(",'@SUM(A1),"));
        assert!(!export.body.contains("Umbrella") && !export.body.contains(&acme.token));
        for cell in export.body.lines().flat_map(|line| line.split(',')) {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t']), "{cell}");
        }
    })
    .await;
}

/// The stream of a directory's page, up to this text.
async fn heard(visitor: &Visitor, path: &str, last: Option<&str>, until: &str) -> String {
    let mut request = visitor.request(reqwest::Method::GET, path);
    if let Some(last) = last {
        request = request.header("Last-Event-ID", last);
    }
    let mut answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    assert_eq!(
        (&answer.headers()["cache-control"], &answer.headers()["referrer-policy"]),
        (&"no-store".parse().unwrap(), &"no-referrer".parse().unwrap())
    );
    let mut text = String::new();
    while !text.contains(until) {
        let part = tokio::time::timeout(std::time::Duration::from_secs(20), answer.chunk()).await;
        text.push_str(std::str::from_utf8(&part.expect(until).unwrap().expect("it goes on")).unwrap());
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_comes_back_is_told_what_it_missed() {
    on_each_database(async |portal| {
        let acme = portal.acme().await;
        let customer = administrator(&portal, acme.organization).await;
        let page =
            customer.get(&format!("/setup/directories/{}/feed", acme.directory)).await.expect(StatusCode::OK).body;
        let value =
            |name: &str| page.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned();
        let (stream, after, seen) = (value("data-live"), value("data-after"), value("data-seen"));
        // Between the page and its stream.
        acme.user("Barbara", "Liskov", true).await;
        let path = format!("{stream}?after={after}&seen={seen}");
        let text = heard(&customer, &path, None, "dsync.user.created").await;
        assert!(
            !text.contains("Barbara") && !text.contains("liskov"),
            "it says that there is news, and not what: {text}"
        );
        let last = text.split("id: ").nth(1).unwrap().lines().next().unwrap().to_owned();
        // While it was away.
        acme.group("Late", &[]).await;
        let text = heard(&customer, &path, Some(&last), "dsync.group.created").await;
        assert!(!text.contains("dsync.user.created"), "nothing twice: {text}");
        // A refused request makes no event, and is told all the same.
        let refused = acme.refused(&portal).await;
        assert!(refused.starts_with("req_"));
        let last = text.rsplit("id: ").next().unwrap().lines().next().unwrap().to_owned();
        heard(&customer, &format!("{stream}?seen={seen}"), Some(&last), "data: request").await;
    })
    .await;
}
