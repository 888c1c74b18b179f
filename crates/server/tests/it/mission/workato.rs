//! Workato: lifecycle, and custom attributes in a namespace of their own.

use serde_json::json;

use crate::answers::{encoded, error, list, user};
use crate::support::{Kind, USER, okta_user, types, with_directory};

const WORKATO: &str = "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole";

#[tokio::test]
async fn wt_05_wt_14_wt_33_wt_34_wt_35_ws_03_ws_04_ws_05_deactivation_keeps_everything() {
    with_directory(Kind::okta(), async |idp| {
        let mut body = okta_user("ada@corp.example");
        body[WORKATO] = json!({"workato_role": "Admin"});
        let before = user(idp.post("/Users", body).await, 201);
        let id = before["id"].as_str().unwrap();
        let path = format!("/Users/{id}");
        let team = idp.group("Team", &[id]).await;
        for by_put in [true, false] {
            let set = async |active: bool| {
                if by_put {
                    let mut echo = idp.get(&path).await.json();
                    echo["active"] = json!(active);
                    idp.put(&path, echo).await.expect(200)
                } else {
                    idp.operations(&path, json!([{"op": "replace", "value": {"active": active}}])).await.expect(200)
                }
            };
            let (_, events) = idp.events_of(set(false)).await;
            assert_eq!((types(&events), &events[0].1["state"]), (vec!["dsync.user.updated"], &json!("inactive")));
            let read = user(idp.get(&path).await, 200);
            assert_eq!(
                (&read["active"], &read["groups"][0]["value"]),
                (&json!(false), &json!(team)),
                "the record remains"
            );
            assert_eq!(idp.members(&team).await, [id.to_owned()], "so do memberships");
            let (_, events) = idp.events_of(set(true)).await;
            assert_eq!((types(&events), &events[0].1["state"]), (vec!["dsync.user.updated"], &json!("active")));
            let mut back = user(idp.get(&path).await, 200);
            let mut expected = before.clone();
            for object in [&mut back, &mut expected] {
                object.as_object_mut().unwrap().remove("meta");
                object.as_object_mut().unwrap().remove("groups");
            }
            assert_eq!(back, expected, "same id, same attributes");
        }
    })
    .await;
}

#[tokio::test]
async fn wt_07_user_name_carries_the_email() {
    with_directory(Kind::okta(), async |idp| {
        let body = json!({"schemas": [USER], "userName": "ada@corp.example"});
        let (answer, events) = idp.events_of(idp.post("/Users", body)).await;
        assert!(user(answer, 201).get("emails").is_none(), "the SCIM document stays as it was sent");
        let data = &events.iter().find(|(kind, _)| kind == "dsync.user.created").unwrap().1;
        assert_eq!(data["email"], "ada@corp.example");
        assert_eq!(data["emails"], json!([{"primary": true, "type": null, "value": "ada@corp.example"}]));
    })
    .await;
}

#[tokio::test]
async fn wt_09_three_shapes_of_the_header() {
    with_directory(Kind::okta(), async |idp| {
        let token = &idp.secret;
        for shape in [
            format!("Bearer {token}"),
            token.clone(),
            format!("Bearer Bearer {token}"),
            format!("bearer {token}"),
            format!("BEARER   {token} "),
        ] {
            list(idp.v2("GET", "/Users").without("Authorization").header("Authorization", &shape).send().await);
        }
    })
    .await;
}

#[tokio::test]
async fn wt_15_wt_22_custom_attributes_in_a_namespace_of_their_own() {
    with_directory(Kind::okta(), async |idp| {
        let mut body = okta_user("ada");
        body["schemas"] = json!([USER, WORKATO]);
        body[WORKATO] = json!({"workato_role": "<No access>", "workato_role_test": "Analyst"});
        let created = user(idp.post("/Users", body.clone()).await, 201);
        let path = format!("/Users/{}", created["id"].as_str().unwrap());
        assert_eq!((&created[WORKATO], &created["schemas"]), (&body[WORKATO], &json!([USER, WORKATO])));
        let by_path = json!([{"op": "replace", "path": format!("{WORKATO}:workato_role"), "value": "Operator"}]);
        let (answer, events) = idp.events_of(idp.operations(&path, by_path)).await;
        assert_eq!(user(answer, 200)[WORKATO], json!({"workato_role": "Operator", "workato_role_test": "Analyst"}));
        assert_eq!(events[0].1["custom_attributes"]["workato_role"], "Operator");
        assert_eq!(events[0].1["previous_attributes"]["custom_attributes"]["workato_role"], "<No access>");
        let without_path = json!([{"op": "replace", "value": {(WORKATO): {"workato_role": "Admin"}}}]);
        assert_eq!(user(idp.operations(&path, without_path).await, 200)[WORKATO]["workato_role"], "Admin");
        let qualified = json!([{"op": "replace", "value": {(format!("{WORKATO}:workato_role")): "Custom \u{e9}"}}]);
        assert_eq!(user(idp.operations(&path, qualified).await, 200)[WORKATO]["workato_role"], "Custom \u{e9}");
        body[WORKATO] = json!({"workato_role": "Admin"});
        let put = user(idp.put(&path, body).await, 200);
        assert_eq!(put[WORKATO], json!({"workato_role": "Admin"}));
        let found =
            idp.get(&format!("/Users?filter={}", encoded(&format!("{WORKATO}:workato_role eq \"admin\"")))).await;
        assert_eq!(found.json()["totalResults"], 1, "{}", found.body);
    })
    .await;
}

#[tokio::test]
async fn wt_21_provisioning_again_tells_nothing_new() {
    with_directory(Kind::okta(), async |idp| {
        let path = format!("/Users/{}", idp.user("ada@corp.example").await);
        let (_, events) = idp
            .events_of(async {
                list(idp.get(&format!("/Users?filter={}", encoded("userName eq \"ada@corp.example\""))).await);
                idp.put(&path, okta_user("ada@corp.example")).await.expect(200);
                error(idp.post("/Users", okta_user("ada@corp.example")).await, 409, Some("uniqueness"));
            })
            .await;
        assert_eq!(events, []);
    })
    .await;
}
