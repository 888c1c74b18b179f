//! Roles: the catalogue, the rules of a directory with their preview, for the operator and for the customer's administrator.

use doorward_server::service::roles::catalogue::{self, NewRole};
use doorward_server::service::roles::mappings;
use doorward_store::role_mapping::{Condition, Rule};
use doorward_store::scope::OperatorScope;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Acme, Page, Portal, Visitor, on_each_database};

async fn role(portal: &Portal, name: &str, is_default: bool) -> String {
    let new = NewRole {
        organization_id: None,
        slug: None,
        name: name.to_owned(),
        description: Some(format!("What {name} may do")),
        priority: 10,
        is_default,
    };
    catalogue::create(portal.app.store(), &OperatorScope::local(), new).await.unwrap().id.to_string()
}

async fn rule(portal: &Portal, acme: &Acme, condition: Condition, role: Option<&str>) {
    let rule = Rule { condition, role: role.map(str::to_owned), environment: String::new() };
    mappings::create(portal.app.store(), &OperatorScope::local(), acme.directory, rule, None).await.unwrap();
}

fn by_group(name: &str) -> Condition {
    Condition::GroupName { group_name: name.to_owned() }
}

/// Roles and rules of each kind, and somebody whose role is none; the id of a role that a rule gives, and of one that none gives.
pub async fn scene(portal: &Portal, acme: &Acme) -> (String, String) {
    let admin = role(portal, "Admin", false).await;
    role(portal, "Member", true).await;
    let free = role(portal, "Auditor", false).await;
    rule(portal, acme, by_group("Engineering"), Some("admin")).await;
    rule(portal, acme, Condition::AttributeRole { path: "userType".into() }, None).await;
    rule(portal, acme, Condition::Attribute { path: "title".into(), value: "Boss".into() }, Some("auditor")).await;
    let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"], "userName": "mary@acme.example",
        "name": {"givenName": "Mary", "familyName": "Jackson"}, "userType": "Auditer",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "R&D"}});
    acme.send("/Users", &body).await;
    (admin, free)
}

pub fn rules_of(acme: &Acme) -> String {
    format!("/admin/directories/{}/roles", acme.directory)
}

/// The fields of a form that a browser would send along with a button.
fn hidden(page: &Page) -> Vec<(String, String)> {
    let unescaped = |text: &str| {
        text.replace("&#34;", "\"")
            .replace("&#39;", "'")
            .replace("&#60;", "<")
            .replace("&#62;", ">")
            .replace("&#38;", "&")
    };
    let inputs = page.body.split("<input type=\"hidden\" name=\"").skip(1).filter_map(|rest| {
        let (name, rest) = rest.split_once("\" value=\"")?;
        Some((name.to_owned(), unescaped(rest.split('"').next()?)))
    });
    inputs.filter(|(name, _)| name != "form_token" && name != "here").collect()
}

/// Presses a button of the editor.
async fn press(visitor: &Visitor, address: &str, page: &Page, button: &str, filled: &[(&str, &str)]) -> Page {
    let carried = hidden(page);
    let mut fields = vec![("do", button), ("mode", "single"), ("unknown_values", "flag")];
    fields.extend(carried.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    fields.retain(|(name, _)| !filled.iter().any(|(other, _)| other == name));
    fields.extend(filled);
    visitor.post(address, &fields).await
}

async fn types(portal: &Portal, from: usize) -> Vec<String> {
    portal.events().await.into_iter().skip(from).map(|event| event.event_type).collect()
}

#[tokio::test]
async fn the_catalogue_of_roles_is_kept_and_says_what_is_wrong_beside_the_field() {
    on_each_database(async |portal| {
        let acme = portal.acme().await;
        let operator = portal.operator().await;
        let page = operator.get("/admin/roles").await.expect(StatusCode::OK);
        assert!(page.body.contains("No roles yet"));
        // Without roles there is nothing that rules could give.
        assert!(operator.get(&rules_of(&acme)).await.expect(StatusCode::OK).body.contains("No roles yet"));
        for (fields, beside) in [
            (vec![("name", "")], "name-problem"),
            (vec![("name", "Admin"), ("slug", "A B")], "slug-problem"),
            (vec![("name", "Admin"), ("priority", "high")], "priority-problem"),
        ] {
            let page = operator.post("/admin/roles", &fields).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
            assert!(page.body.contains(&format!("id=\"{beside}\"")), "{beside}");
        }
        let page = operator.post("/admin/roles", &[("name", "Admin"), ("default", "1")]).await;
        assert_eq!(page.expect(StatusCode::SEE_OTHER).location(), "/admin/roles?done=role_created");
        let page = operator.post("/admin/roles", &[("name", "Admin")]).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains("Another role has this key"));
        operator.post("/admin/roles", &[("name", "Auditor"), ("priority", "7")]).await.expect(StatusCode::SEE_OTHER);
        let page = operator.get("/admin/roles").await;
        let id = |name: &str| {
            page.body
                .split(&format!("unseen\" translate=\"no\"> {name}<"))
                .next()
                .unwrap()
                .rsplit("/admin/roles/")
                .next()
                .unwrap()
                .split('"')
                .next()
                .unwrap()
                .to_owned()
        };
        let (admin, auditor) = (id("Admin"), id("Auditor"));
        // Another default takes the place of the first.
        let fields = [("name", "Auditors"), ("description", "Look only"), ("priority", "8"), ("default", "1")];
        operator.post(&format!("/admin/roles/{auditor}"), &fields).await.expect(StatusCode::SEE_OTHER);
        let page = operator.get("/admin/roles").await;
        assert_eq!(page.body.matches(">Default<").count(), 1);
        assert!(page.body.contains("Look only"));
        let page = operator.post(&format!("/admin/roles/{auditor}"), &[("name", "x"), ("priority", "-1")]).await;
        assert!(page.expect(StatusCode::UNPROCESSABLE_ENTITY).body.contains("id=\"priority-problem\""));
        // A role that a rule gives stays, and the page says which rule.
        rule(&portal, &acme, by_group("Engineering"), Some("admin")).await;
        let address = format!("/admin/roles/{admin}/delete");
        for page in [operator.get(&address).await, operator.post(&address, &[]).await] {
            assert!(
                page.body.contains("This role cannot be deleted") && page.body.contains("Acme Okta"),
                "{}",
                page.body
            );
            assert!(page.body.contains(&rules_of(&acme)));
        }
        assert_eq!(operator.post(&address, &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        operator.post(&format!("/admin/roles/{auditor}/delete"), &[]).await.expect(StatusCode::SEE_OTHER);
        operator.get(&format!("/admin/roles/{auditor}")).await.expect(StatusCode::NOT_FOUND);
        // A first role of its own brings the default set along.
        let address = format!("/admin/organizations/{}/roles", acme.organization);
        assert!(operator.get(&address).await.body.contains("which others have too"));
        operator.post(&address, &[("name", "Owner")]).await.expect(StatusCode::SEE_OTHER);
        let page = operator.get(&address).await;
        assert!(page.body.contains("Owner") && page.body.contains("Admin") && page.body.contains("1 rule"));
        assert!(!operator.get("/admin/roles").await.body.contains("Owner"));
    })
    .await;
}

#[tokio::test]
async fn a_draft_is_looked_at_before_it_counts_and_counts_whole() {
    on_each_database(async |portal| {
        let acme = portal.acme().await;
        let operator = portal.operator().await;
        role(&portal, "Admin", false).await;
        role(&portal, "Member", true).await;
        let address = rules_of(&acme);
        let before = portal.events().await.len();
        let page = operator.get(&address).await.expect(StatusCode::OK);
        // What is wrong is said beside its field, and nothing is lost of what was filled in.
        for (fields, beside) in [
            (vec![("kind", "group_name"), ("group", ""), ("role", "admin")], "group-problem"),
            (vec![("kind", "group_name"), ("group", "Engineering"), ("role", "")], "role-problem"),
            (vec![("kind", "attribute"), ("path", "a b"), ("value", "x"), ("role", "admin")], "path-problem"),
            (vec![("kind", "attribute"), ("path", "title"), ("value", ""), ("role", "admin")], "value-problem"),
            (
                vec![("kind", "group_name"), ("group", "X"), ("role", "admin"), ("environment", "A B")],
                "environment-problem",
            ),
        ] {
            let page = press(&operator, &address, &page, "put", &fields).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
            assert!(page.body.contains(&format!("id=\"{beside}\"")), "{beside}");
            assert!(!page.body.contains("name=\"rule-0\""), "{beside}");
        }
        let engineering = [("kind", "group_name"), ("group", "Engineering"), ("role", "admin")];
        // Publishing at once shows first what it would do; the rule that was filled in is not forgotten.
        let page = press(&operator, &address, &page, "publish", &engineering).await.expect(StatusCode::OK);
        assert!(page.body.contains("The draft has changed since its effect was shown"));
        assert!(page.body.contains("6 people would have other roles"));
        assert_eq!(types(&portal, before).await, Vec::<String>::new(), "nothing counts yet");
        let named = [("people", "ada@acme.example\nnobody@acme.example")];
        let wrong = press(&operator, &address, &page, "preview", &named).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body.contains("Nobody in this directory has the user name nobody@acme.example"));
        let many = (0..21).map(|number| format!("{number}\n")).collect::<String>();
        let wrong = press(&operator, &address, &page, "preview", &[("people", &many)]).await;
        assert!(wrong.expect(StatusCode::UNPROCESSABLE_ENTITY).body.contains("at most 20 user names"));
        let page =
            press(&operator, &address, &page, "preview", &[("people", " ada@acme.example\nJEAN@acme.example ")]).await;
        let shown = page.body.split("Some people, before and after").nth(1).unwrap();
        assert!(shown.contains("Ada Lovelace") && shown.contains("Jean Bartik") && !shown.contains("Grace Hopper"));
        let other = operator.get(&address).await;
        let page = press(&operator, &address, &page, "publish", &[]).await.expect(StatusCode::SEE_OTHER);
        assert!(page.location().ends_with("done=rules_published"));
        let happened = types(&portal, before).await;
        assert_eq!(happened.iter().filter(|event| *event == "role_mapping.created").count(), 1);
        assert_eq!(happened.iter().filter(|event| *event == "dsync.user.role_changed").count(), 6);
        // Somebody else began earlier: the draft is kept, and what it would do now is shown before it can count.
        let everyone = [("kind", "group_name"), ("group", "Everyone"), ("role", "member")];
        let late = press(&operator, &address, &other, "put", &everyone).await.expect(StatusCode::OK);
        let late = press(&operator, &address, &late, "publish", &[("sure", "1")])
            .await
            .expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            late.body.contains("Meanwhile somebody else has published other rules") && late.body.contains("Everyone")
        );
        let refused = press(&operator, &address, &late, "publish", &[]).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("id=\"sure-problem\""), "nobody would be an admin any more: that is asked");
        let before = portal.events().await.len();
        press(&operator, &address, &late, "publish", &[("sure", "1")]).await.expect(StatusCode::SEE_OTHER);
        let happened = types(&portal, before).await;
        assert_eq!(happened[..2], ["role_mapping.deleted", "role_mapping.created"]);
        // What is no form of ours is refused in words.
        for fields in [vec![("rule-0", "{"), ("mode", "single"), ("unknown_values", "flag")], vec![("mode", "many")]] {
            operator.post(&address, &fields).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        }
    })
    .await;
}

#[tokio::test]
async fn rules_are_changed_moved_and_read_otherwise_in_one_transaction() {
    on_each_database(async |portal| {
        let acme = portal.acme().await;
        let operator = portal.operator().await;
        scene(&portal, &acme).await;
        let address = rules_of(&acme);
        let page = operator.get(&address).await.expect(StatusCode::OK);
        assert!(page.body.contains("Auditer"), "the unknown value is listed");
        // A rule that reads the attribute in the wrong namespace gives nobody anything: where it arrives is said (D18).
        let astray = [("kind", "attribute"), ("path", "department"), ("value", "R&D"), ("role", "auditor")];
        let said = press(&operator, &address, &page, "put", &astray).await.expect(StatusCode::OK);
        let said = said.body.split_once("None of the newest people has a value there").unwrap().1;
        assert!(said.contains("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department</code>"));
        let page = press(&operator, &address, &page, "up-2", &[]).await.expect(StatusCode::OK);
        let page = press(&operator, &address, &page, "edit-1", &[]).await.expect(StatusCode::OK);
        assert!(page.body.contains("Change rule"));
        let fields = [("kind", "attribute"), ("path", "title"), ("value", "Engineer"), ("role", "auditor")];
        let page = press(&operator, &address, &page, "put", &fields).await.expect(StatusCode::OK);
        let page = press(&operator, &address, &page, "up-1", &[]).await.expect(StatusCode::OK);
        let page = press(&operator, &address, &page, "remove-2", &[]).await.expect(StatusCode::OK);
        let all = [("mode", "multiple"), ("unknown_values", "reject")];
        let page = press(&operator, &address, &page, "preview", &all).await.expect(StatusCode::OK);
        let before = portal.events().await.len();
        press(&operator, &address, &page, "publish", &all).await.expect(StatusCode::SEE_OTHER);
        let happened = types(&portal, before).await;
        let told =
            ["dsync.role_settings.updated", "role_mapping.deleted", "role_mapping.updated", "role_mapping.updated"];
        assert_eq!(happened[..4], told);
        let rows = mappings::list(portal.app.store(), &OperatorScope::local(), acme.directory).await.unwrap();
        let conditions: Vec<Value> = rows.iter().map(|row| json!(row.rule.condition)).collect();
        let wanted = json!([{"type": "attribute", "path": "title", "value": "Engineer"},
            {"type": "group_name", "group_name": "Engineering"}]);
        assert_eq!(json!(conditions), wanted);
        assert_eq!(rows.iter().map(|row| row.place).collect::<Vec<_>>(), [1, 2]);
        let ada = acme.first("/Users?filter=userName%20eq%20%22ada@acme.example%22").await;
        let page = operator.get(&format!("/admin/users/{ada}")).await.expect(StatusCode::OK);
        let why = page.body.split_once("Roles, and why").unwrap().1;
        for said in ["Admin", "Engineering", "Auditor", "title", "Engineer", "is in the group"] {
            assert!(why.contains(said), "{said}");
        }
    })
    .await;
}

#[tokio::test]
async fn sec_50_an_administrator_gives_roles_in_its_own_directory_and_in_no_other() {
    on_each_database(async |portal| {
        let acme = portal.acme().await;
        scene(&portal, &acme).await;
        let stranger = acme.first("/Groups").await;
        let organization = crate::setup::umbrella(&portal).await;
        let administrator = crate::setup::administrator(&portal, organization).await;
        administrator.get("/setup").await.expect(StatusCode::OK);
        let made = administrator.post("/setup", &[("type", "okta scim v2.0")]).await.expect(StatusCode::SEE_OTHER);
        // To `/setup/directories/{id}` and what follows of it.
        let directory: Vec<&str> = made.location().split('/').take(4).collect();
        let own = format!("{}/roles", directory.join("/"));
        let other = format!("/setup/directories/{}", acme.directory);
        let before = portal.events().await.len();
        let page = administrator.get(&own).await.expect(StatusCode::OK);
        assert!(!page.body.contains("Engineering") && !page.body.contains("Auditer"), "nothing of another customer");
        administrator.get(&format!("{other}/attributes")).await.expect(StatusCode::NOT_FOUND);
        administrator.get(&format!("{other}/roles")).await.expect(StatusCode::NOT_FOUND);
        let fields = [("kind", "group_name"), ("group", "Engineering"), ("role", "admin")];
        for button in ["put", "preview", "publish"] {
            let page = press(&administrator, &format!("{other}/roles"), &page, button, &fields).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{button}");
        }
        // Nor by naming what is another's: a group by its id, or a person by the user name.
        let theirs = [("kind", "group_id"), ("group_id", stranger.as_str()), ("role", "admin")];
        let refused = press(&administrator, &own, &page, "put", &theirs).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("id=\"group-problem\"") && !refused.body.contains("Engineering"));
        let smuggled =
            json!({"id": null, "rule": {"condition": {"type": "group_id", "group_id": stranger}, "role": "admin"}});
        let smuggled = [("rule-0", smuggled.to_string())];
        let smuggled: Vec<(&str, &str)> = smuggled.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let shown = press(&administrator, &own, &page, "publish", &smuggled).await;
        assert!(!shown.body.contains("Engineering") && shown.status != StatusCode::SEE_OTHER, "{}", shown.status);
        let named = press(&administrator, &own, &page, "preview", &[("people", "ada@acme.example")]).await;
        assert!(named.expect(StatusCode::UNPROCESSABLE_ENTITY).body.contains("Nobody in this directory"));
        assert_eq!(portal.events().await.len(), before);
        // Its own counts, and is told of as its own.
        let page = press(&administrator, &own, &page, "put", &fields).await.expect(StatusCode::OK);
        press(&administrator, &own, &page, "publish", &[]).await.expect(StatusCode::SEE_OTHER);
        let event = portal.events().await.into_iter().nth(before).unwrap();
        assert_eq!((event.event_type.as_str(), event.origin.actor.as_str()), ("role_mapping.created", "portal"));
        assert_eq!(event.organization_id, Some(organization));
        // The catalogue is the operator's.
        assert_eq!(administrator.get("/admin/roles").await.location(), "/admin/sign-in");
    })
    .await;
}
