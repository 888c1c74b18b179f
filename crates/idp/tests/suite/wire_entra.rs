//! Golden tests of Entra's requests, with and without the flag.

use doorward_idp::{Dialect, GroupKey, Person, PersonKey, Session};
use serde_json::{Value, json};

use crate::desk::{Desk, ada, compact, group, person};
use crate::fake::{Fake, Fault, TOKEN};

#[tokio::test]
async fn row_61_to_65_entra_asks_for_nobody_and_creates() {
    let desk = Desk::new(Dialect::Entra).await;
    desk.session.test_connection().await.unwrap();
    let test = desk.lines(0).remove(0);
    assert!(test.starts_with("GET /Users?filter=userName+eq+%22") && test.len() == 33 + 36 + 3, "{test}");
    let mark = desk.mark();
    desk.session.assign(&Person { idp_id: "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef".into(), ..ada() }).await.unwrap();
    let mut body: Value = serde_json::from_str(&desk.bodies(mark)[0]).unwrap();
    let object = body.as_object_mut().unwrap();
    assert_eq!(object.shift_remove("displayName"), Some(json!("Ada Lovelace")));
    assert_eq!(object.shift_remove("preferredLanguage"), Some(json!("en-US")));
    let golden = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
 "externalId":"0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef","userName":"ada.lovelace@corp.example","active":true,
 "emails":[{"primary":true,"type":"work","value":"ada.lovelace@corp.example"}],
 "meta":{"resourceType":"User"},
 "name":{"formatted":"Ada Lovelace","familyName":"Lovelace","givenName":"Ada"},"roles":[]}"#;
    assert_eq!(body.to_string(), compact(golden));
}

#[tokio::test]
async fn row_65_and_66_some_tenants_of_entra_send_nulls_and_active_as_text() {
    let desk = Desk::new(Dialect::Entra).await;
    for key in 0..60 {
        desk.session.assign(&person(key)).await.unwrap();
    }
    let bodies = desk.bodies(0);
    assert!(
        bodies.iter().any(|b| b.contains(r#""active":"True""#))
            && bodies.iter().any(|b| b.contains(r#""active":true"#))
    );
    let nulls = r#""title":null,"addresses":null,"phoneNumbers":null,"department":null,"manager":null"#;
    assert!(bodies.iter().any(|b| b.contains(nulls)), "{bodies:?}");
}

async fn entra_patches(dialect: Dialect) -> Vec<Value> {
    let desk = Desk::staffed(dialect).await;
    let mark = desk.mark();
    let before = person(0);
    desk.session.deactivate(PersonKey(0)).await.unwrap();
    let after = Person {
        display_name: "Al T.".into(),
        family_name: "King".into(),
        department: Some("R&D".into()),
        mobile_phone: Some("+44 1".into()),
        ..before
    };
    desk.session.update(&after).await.unwrap();
    desk.session.change_members(GroupKey(0), &[PersonKey(1), PersonKey(2)], &[]).await.unwrap();
    desk.session.change_members(GroupKey(0), &[], &[PersonKey(0)]).await.unwrap();
    desk.session.rename_group(GroupKey(0), "Works").await.unwrap();
    assert!(desk.session.problems().is_empty());
    let bodies = desk.bodies(mark);
    assert!(
        bodies
            .iter()
            .all(|b| b.starts_with(r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":["#))
    );
    bodies.iter().map(|b| serde_json::from_str::<Value>(b).unwrap()["Operations"].take()).collect()
}

#[tokio::test]
async fn row_67_to_85_entra_by_default_writes_an_operation_per_attribute() {
    let patches = entra_patches(Dialect::Entra).await;
    assert_eq!(patches[0].to_string(), r#"[{"op":"Replace","path":"active","value":"False"}]"#);
    let paths: Vec<_> = patches[1].as_array().unwrap().iter().map(|o| o["path"].as_str().unwrap()).collect();
    let department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
    assert_eq!(
        paths,
        ["displayName", "name.familyName", "name.formatted", "phoneNumbers[type eq \"mobile\"].value", department]
    );
    assert!(patches[1].as_array().unwrap().iter().all(|o| o["op"] == "Replace" || o["op"] == "Add"));
    assert_eq!(
        patches[2].to_string(),
        r#"[{"op":"Add","path":"members","value":[{"$ref":null,"value":"users-0002"},{"$ref":null,"value":"users-0003"}]}]"#
    );
    assert_eq!(patches[3].to_string(), r#"[{"op":"Remove","path":"members","value":[{"value":"users-0001"}]}]"#);
    assert_eq!(patches[4].to_string(), r#"[{"op":"Replace","path":"displayName","value":"Works"}]"#);
}

#[tokio::test]
async fn row_68_to_85_entra_with_the_flag_writes_as_the_rfc_but_with_dotted_keys() {
    let patches = entra_patches(Dialect::EntraFlag).await;
    assert_eq!(patches[0].to_string(), r#"[{"op":"replace","path":"active","value":false}]"#);
    let text = patches[1].to_string();
    assert!(
        text.contains(r#""value":{"displayName":"Al T.","name.familyName":"King","name.formatted":"Alan King""#),
        "{text}"
    );
    assert!(
        text.contains(r#""urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"R&D""#),
        "{text}"
    );
    assert!(text.contains(r#""path":"phoneNumbers[type eq \"mobile\"].value","value":"+44 1""#), "{text}");
    assert_eq!(patches[3].to_string(), r#"[{"op":"remove","path":"members[value eq \"users-0001\"]"}]"#);
    assert_eq!(patches[4].to_string(), r#"[{"op":"replace","path":"displayName","value":"Works"}]"#);
}

#[tokio::test]
async fn row_64_the_flag_travels_in_every_url() {
    let desk = Desk::staffed(Dialect::EntraFlag).await;
    let lines = desk.lines(0);
    assert_eq!(lines[0], "GET /Users?aadOptscim062020&filter=userName+eq+%22alan0%40corp.example%22");
    assert_eq!(lines[1], "POST /Users?aadOptscim062020");
    // Or the administrator puts an older spelling into the URL.
    let fake = Fake::start(false, Fault::None).await;
    let url = format!("{}/?AzureAdScimPatch062020", fake.url);
    let session = Session::new(Dialect::Entra, &url, &Dialect::Entra.credential(TOKEN), 1).unwrap();
    session.assign(&ada()).await.unwrap();
    let paths: Vec<_> = session.client().exchanges().into_iter().map(|e| e.path).collect();
    assert_eq!(paths[1], "/Users?AzureAdScimPatch062020");
}

#[tokio::test]
async fn row_72_73_and_86_entra_checks_a_reference_before_it_writes_it() {
    let (mut texts, mut arrays) = (0, 0);
    let desk = Desk::new(Dialect::Entra).await;
    for key in 0..20 {
        desk.session.assign(&Person { manager: Some(PersonKey(key % 2)), ..person(key) }).await.unwrap();
    }
    for key in 2..20 {
        let mark = desk.mark();
        desk.session.refer(PersonKey(key)).await.unwrap();
        let lines = desk.lines(mark);
        let (user, manager) = (key + 1, key % 2 + 1);
        assert_eq!(
            lines[0],
            format!(
                "GET /Users?filter=id+eq+%22users-{user:04}%22+and+manager+eq+%22users-{manager:04}%22&attributes=id"
            )
        );
        let body: Value = serde_json::from_str(&desk.bodies(mark)[0]).unwrap();
        let operation = &body["Operations"][0];
        if operation["path"] == "manager" {
            arrays += 1;
            let location = format!("{}/Users/users-{manager:04}", desk.fake.url);
            assert_eq!(operation["value"], json!([{"$ref": location, "value": format!("users-{manager:04}")}]));
        } else {
            texts += 1;
            assert_eq!(operation["path"], "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager");
            assert_eq!(operation["value"], format!("users-{manager:04}"));
        }
        // Said once is enough.
        let mark = desk.mark();
        desk.session.refer(PersonKey(key)).await.unwrap();
        assert_eq!(desk.mark(), mark);
    }
    assert!(texts > 0 && arrays > 0);
}

#[tokio::test]
async fn row_79_to_81_entra_reads_groups_without_members_and_creates_them_empty() {
    let desk = Desk::new(Dialect::Entra).await;
    desk.session.push_group(&group("Engineering"), &[]).await.unwrap();
    desk.session.read_group_alone(GroupKey(0)).await.unwrap();
    assert_eq!(
        desk.lines(0),
        [
            "GET /Groups?excludedAttributes=members&filter=displayName+eq+%22Engineering%22",
            "POST /Groups",
            "GET /Groups/groups-0001?excludedAttributes=members"
        ]
    );
    let golden = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
 "externalId":"8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159","displayName":"Engineering","meta":{"resourceType":"Group"}}"#;
    assert_eq!(desk.bodies(0)[0], compact(golden));
}
