//! Golden tests of Okta's requests, byte for byte where the wire reference prints them.

use doorward_idp::{Dialect, GroupKey, Person, PersonKey, Session};
use serde_json::{Value, json};

use crate::desk::{Desk, ada, compact, group, masked, person};
use crate::fake::{Fake, Fault, TOKEN};

#[tokio::test]
async fn row_04_and_07_okta_matches_and_creates() {
    let desk = Desk::new(Dialect::OktaWizard).await;
    desk.session.assign(&ada()).await.unwrap();
    assert_eq!(
        desk.lines(0),
        ["GET /Users?filter=userName%20eq%20%22ada.lovelace%40corp.example%22&startIndex=1&count=100", "POST /Users"]
    );
    let golden = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
 "userName":"ada.lovelace@corp.example",
 "name":{"givenName":"Ada","familyName":"Lovelace"},
 "emails":[{"primary":true,"value":"ada.lovelace@corp.example","type":"work"}],
 "displayName":"Ada Lovelace","locale":"en-US","externalId":"00u1abcdEFGHijklm0x7",
 "groups":[],"password":"x7Kq02Lm","active":true}"#;
    assert_eq!(masked(&desk.bodies(0)[0]), compact(golden));
}

#[tokio::test]
async fn row_08_and_09_extensions_are_nested_under_their_urns_and_listed() {
    let desk = Desk::new(Dialect::OktaWizard).await;
    let boss = person(9);
    desk.session.assign(&boss).await.unwrap();
    let mark = desk.mark();
    let person =
        Person { department: Some("R&D".into()), manager: Some(boss.key), role: Some("Admin".into()), ..ada() };
    desk.session.assign(&person).await.unwrap();
    let body: Value = serde_json::from_str(&desk.bodies(mark)[0]).unwrap();
    assert_eq!(
        body["schemas"],
        json!([
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole"
        ])
    );
    assert_eq!(
        body["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        json!({"department": "R&D", "manager": {"value": "00u9", "displayName": "Alan Turing"}})
    );
    assert_eq!(body["urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole"], json!({"workato_role": "Admin"}));
}

#[tokio::test]
async fn row_11_to_15_the_wizard_puts_back_what_it_read() {
    let desk = Desk::new(Dialect::OktaWizard).await;
    desk.session.assign(&ada()).await.unwrap();
    desk.fake.tamper("Users", |user| {
        user.insert("x-server".into(), json!({"kept": true}));
        user["name"]["formatted"] = json!("Ada Lovelace");
    });
    let mark = desk.mark();
    desk.session.update(&Person { family_name: "King".into(), ..ada() }).await.unwrap();
    desk.session.deactivate(PersonKey(0)).await.unwrap();
    desk.session.reactivate(PersonKey(0)).await.unwrap();
    let user = "/Users/users-0001";
    let find = "GET /Users?filter=userName%20eq%20%22ada.lovelace%40corp.example%22&startIndex=1&count=100";
    let (get, put) = (format!("GET {user}"), format!("PUT {user}"));
    assert_eq!(desk.lines(mark), [&get, &put, &get, &put, find, &get, &put]);
    let bodies: Vec<Value> = desk.bodies(mark).iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    assert_eq!(bodies[0]["name"], json!({"givenName": "Ada", "familyName": "King", "formatted": "Ada Lovelace"}));
    assert_eq!(bodies[0]["x-server"], json!({"kept": true}));
    assert_eq!(bodies[0]["meta"], json!({"resourceType": "User", "version": "W/\"1\""}));
    assert_eq!(bodies[0]["id"], "users-0001");
    assert_eq!([&bodies[0]["active"], &bodies[1]["active"], &bodies[2]["active"]], [true, false, true]);
}

#[tokio::test]
async fn row_16_and_17_the_catalog_app_switches_active_by_a_pathless_replace() {
    let desk = Desk::staffed(Dialect::OktaCatalog).await;
    let mark = desk.mark();
    desk.session.deactivate(PersonKey(0)).await.unwrap();
    desk.session.reactivate(PersonKey(0)).await.unwrap();
    let golden = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
 "Operations":[{"op":"replace","value":{"active":false}}]}"#;
    assert_eq!(desk.bodies(mark), [compact(golden), compact(&golden.replace("false", "true"))]);
}

#[tokio::test]
async fn row_23_to_28_the_wizard_writes_whole_groups() {
    let desk = Desk::new(Dialect::OktaWizard).await;
    desk.session.assign(&ada()).await.unwrap();
    let mark = desk.mark();
    desk.session.push_group(&group("Engineering"), &[PersonKey(0)]).await.unwrap();
    desk.session.overwrite_members(GroupKey(0), &[]).await.unwrap();
    desk.session.delete_group(GroupKey(0)).await.unwrap();
    let item = "/Groups/groups-0002";
    assert_eq!(
        desk.lines(mark),
        [
            "GET /Groups?filter=displayName%20eq%20%22Engineering%22&startIndex=1&count=100".to_owned(),
            "POST /Groups".to_owned(),
            format!("GET {item}"),
            format!("PUT {item}"),
            format!("GET {item}"),
            format!("PUT {item}"),
            format!("DELETE {item}"),
        ]
    );
    let bodies = desk.bodies(mark);
    let created =
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Engineering","members":[]}"#;
    assert_eq!(bodies[0], created);
    let filled = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"groups-0002","displayName":"Engineering",
        "members":[{"value":"users-0001","display":"ada.lovelace@corp.example"}]}"#;
    // Some groups are written without their id; the order stays.
    let without = filled.replace(r#""id":"groups-0002","#, "");
    assert!(bodies[1] == compact(filled) || bodies[1] == compact(&without), "{}", bodies[1]);
    assert!(bodies[2].ends_with(r#""displayName":"Engineering","members":[]}"#), "{}", bodies[2]);
}

#[tokio::test]
async fn row_29_to_32_catalog_apps_send_deltas_and_the_name_again() {
    let desk = Desk::staffed(Dialect::OktaCatalog).await;
    desk.session.change_members(GroupKey(0), &[PersonKey(1)], &[]).await.unwrap();
    let mark = desk.mark();
    desk.session.change_members(GroupKey(0), &[PersonKey(2)], &[PersonKey(0), PersonKey(1)]).await.unwrap();
    let item = "/Groups/groups-0004";
    assert_eq!(desk.lines(mark), [format!("PATCH {item}"), format!("GET {item}"), format!("PATCH {item}")]);
    let delta = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
 "Operations":[
  {"op":"remove","path":"members[value eq \"users-0001\"]"},
  {"op":"remove","path":"members[value eq \"users-0002\"]"},
  {"op":"add","path":"members","value":[{"value":"users-0003","display":"alan2@corp.example"}]}]}"#;
    let name = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
 "Operations":[{"op":"replace","value":{"id":"groups-0004","displayName":"Engineering"}}]}"#;
    assert_eq!(desk.bodies(mark), [compact(delta), compact(name)]);

    let mark = desk.mark();
    desk.session.overwrite_members(GroupKey(0), &[]).await.unwrap();
    let empty = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
 "Operations":[{"op":"replace","path":"members","value":[]}]}"#;
    assert_eq!(desk.bodies(mark)[0], compact(empty));
}

#[tokio::test]
async fn row_33_published_apps_may_overwrite_without_a_path() {
    let desk = Desk::staffed(Dialect::OktaOin).await;
    let mark = desk.mark();
    desk.session.overwrite_members(GroupKey(0), &[PersonKey(1)]).await.unwrap();
    let golden = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
 "Operations":[{"op":"replace","value":{"members":[{"value":"users-0002","display":"alan1@corp.example"}]}}]}"#;
    assert_eq!(desk.bodies(mark)[0], compact(golden));
}

#[tokio::test]
async fn row_34_large_changes_are_split_into_batches() {
    for (batch, requests) in [(100, 3), (1000, 1)] {
        let fake = Fake::start(false, Fault::None).await;
        let dialect = Dialect::OktaCatalog;
        let session = Session::new(dialect, &fake.url, &dialect.credential(TOKEN), 1)
            .unwrap()
            .with_batch(batch)
            .with_client(doorward_idp::Client::keeping_bodies);
        for key in 0..250 {
            session.assign(&person(key)).await.unwrap();
        }
        session.push_group(&group("Engineering"), &[]).await.unwrap();
        let mark = session.client().requests();
        let everyone: Vec<_> = (0..250).map(PersonKey).collect();
        session.change_members(GroupKey(0), &everyone, &[]).await.unwrap();
        let patches = session.client().exchanges().split_off(mark);
        assert_eq!(
            patches.iter().filter(|e| e.body.as_deref().is_some_and(|b| b.contains("\"add\""))).count(),
            requests
        );
        assert!(doorward_idp::verdict::compare(&session).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn row_43_to_56_okta_speaks_1_1() {
    let desk = Desk::new(Dialect::OktaV1).await;
    desk.session.test_connection().await.unwrap();
    assert_eq!(desk.lines(0), ["GET /Users?startIndex=1&count=2", "GET /Groups?startIndex=1&count=100"]);
    let mark = desk.mark();
    desk.session.assign(&Person { department: Some("R&D".into()), ..ada() }).await.unwrap();
    let created = r#"{"schemas":["urn:scim:schemas:core:1.0","urn:scim:schemas:extension:enterprise:1.0"],
 "userName":"ada.lovelace@corp.example",
 "name":{"givenName":"Ada","familyName":"Lovelace"},
 "emails":[{"primary":true,"value":"ada.lovelace@corp.example","type":"work"}],
 "displayName":"Ada Lovelace","locale":"en_US","externalId":"00u1abcdEFGHijklm0x7",
 "groups":[],"password":"x7Kq02Lm","active":true,
 "urn:scim:schemas:extension:enterprise:1.0":{"department":"R&D"}}"#;
    assert_eq!(masked(&desk.bodies(mark)[0]), compact(created));

    let mark = desk.mark();
    desk.session.deactivate(PersonKey(0)).await.unwrap();
    desk.session.assign(&person(1)).await.unwrap();
    desk.session.push_group(&group("West"), &[]).await.unwrap();
    desk.session.rename_group(GroupKey(0), "New name").await.unwrap();
    desk.session.change_members(GroupKey(0), &[PersonKey(0)], &[]).await.unwrap();
    desk.session.change_members(GroupKey(0), &[PersonKey(1)], &[PersonKey(0)]).await.unwrap();
    desk.session.overwrite_members(GroupKey(0), &[PersonKey(1)]).await.unwrap();
    let bodies = desk.bodies(mark);
    assert_eq!(bodies[0], r#"{"schemas":["urn:scim:schemas:core:1.0"],"id":"users-0001","active":false}"#);
    let plain = r#"{"schemas":["urn:scim:schemas:core:1.0"],"displayName":"West"}"#;
    let described = r#"{"schemas":["urn:scim:schemas:core:1.0","urn:okta:custom:group:1.0"],"displayName":"West","urn:okta:custom:group:1.0":{"description":"Everyone who belongs to West"}}"#;
    assert!(bodies[2].replace(r#","members":[]"#, "") == plain || bodies[2] == described, "{}", bodies[2]);
    let name = r#"{"schemas":["urn:scim:schemas:core:1.0"],"id":"groups-0003","displayName":"New name"}"#;
    assert_eq!(bodies[3], name);
    assert_eq!(
        bodies[4],
        compact(
            r#"{"schemas":["urn:scim:schemas:core:1.0"],"members":[{"value":"users-0001","display":"ada.lovelace@corp.example"}]}"#
        )
    );
    assert_eq!(bodies[5], name);
    let delta = r#"{"schemas":["urn:scim:schemas:core:1.0"],
 "members":[{"value":"users-0002","display":"alan1@corp.example"},
            {"value":"users-0001","display":"ada.lovelace@corp.example","operation":"delete"}]}"#;
    assert_eq!(bodies[6], compact(delta));
    let whole = r#"{"schemas":["urn:scim:schemas:core:1.0"],"meta":{"attributes":["members"]},
 "members":[{"value":"users-0002","display":"alan1@corp.example"}]}"#;
    assert_eq!(bodies[8], compact(whole));
}

#[tokio::test]
async fn row_18_passwords_are_pushed_and_dropped() {
    for dialect in [Dialect::OktaWizard, Dialect::OktaCatalog, Dialect::OktaV1] {
        let desk = Desk::staffed(dialect).await;
        let mark = desk.mark();
        desk.session.push_password(PersonKey(0)).await.unwrap();
        let body = desk.bodies(mark).pop().unwrap();
        if dialect == Dialect::OktaCatalog {
            assert!(body.contains(r#""Operations":[{"op":"replace","value":{"password":""#), "{body}");
        }
        assert!(body.contains("password") && !desk.fake.all("Users")[0].contains_key("password"));
    }
}

#[tokio::test]
async fn row_20_an_import_asks_for_pages_of_100() {
    let desk = Desk::new(Dialect::OktaWizard).await;
    for key in 0..205 {
        desk.session.assign(&person(key)).await.unwrap();
    }
    desk.session.deactivate(PersonKey(7)).await.unwrap();
    let mark = desk.mark();
    let imported = desk.session.import().await.unwrap();
    assert_eq!((imported.users, imported.active, imported.groups), (205, 204, 0));
    assert_eq!(
        desk.lines(mark),
        [
            "GET /Users?startIndex=1&count=100",
            "GET /Users?startIndex=101&count=100",
            "GET /Users?startIndex=201&count=100",
            "GET /Groups?startIndex=1&count=100"
        ]
    );
}
