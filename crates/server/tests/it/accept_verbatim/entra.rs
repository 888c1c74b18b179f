//! Rows 61 to 78: Microsoft Entra ID, users.

use serde_json::{Value, json};

use crate::answers::{encoded, error, list, list0, user};
use crate::support::{Directory, ENTERPRISE, Kind, USER, with_directory, with_json};

/// The body of Entra's POST (idp-wire 4.3).
fn person(user_name: &str) -> Value {
    json!({"schemas": [USER, ENTERPRISE], "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef", "userName": user_name,
        "active": true, "emails": [{"primary": true, "type": "work", "value": user_name}],
        "meta": {"resourceType": "User"}, "name": {"formatted": "Ada Lovelace", "familyName": "Lovelace", "givenName": "Ada"},
        "roles": [], "title": null, "department": null, "manager": null})
}

async fn created(entra: &Directory, body: Value) -> String {
    let path = user(entra.post("/Users", body).await, 201)["id"].as_str().unwrap().to_owned();
    format!("/Users/{path}")
}

/// Applies operations, which must succeed, and reads the user.
async fn after(entra: &Directory, path: &str, operations: Value) -> Value {
    entra.operations(path, operations).await.expect_one_of(&[200, 204]);
    user(entra.get(path).await, 200)
}

#[tokio::test]
async fn av_061_entra_tests_the_connection() {
    with_directory(Kind::entra(), async |entra| {
        let filter = encoded("userName eq \"5c7c3f3e-6ff5-4c3f-9f35-0c7f0f2a1b9d\"");
        list0(entra.get(&format!("/Users?filter={filter}")).await);
    })
    .await;
}

#[tokio::test]
async fn av_062_entra_matches_by_external_id_with_and_without_quotes() {
    with_directory(Kind::entra(), async |entra| {
        for filter in ["externalId eq \"jyoung\"", "externalId eq jyoung"] {
            list0(entra.get(&format!("/Users?filter={}", encoded(filter))).await);
        }
        created(&entra, json!({"schemas": [USER], "userName": "jy", "externalId": "jyoung"})).await;
        for filter in ["externalId eq \"jyoung\"", "externalId eq jyoung"] {
            assert_eq!(list(entra.get(&format!("/Users?filter={}", encoded(filter))).await).len(), 1, "{filter}");
        }
    })
    .await;
}

#[tokio::test]
async fn av_063_entra_matches_by_work_email() {
    with_directory(Kind::entra(), async |entra| {
        let path = format!("/Users?filter={}", encoded("emails[type eq \"work\"].value eq \"a@b.example\""));
        list0(entra.get(&path).await);
        created(&entra, person("a@b.example")).await;
        let home = json!({"schemas": [USER], "userName": "b", "emails": [{"type": "home", "value": "a@b.example"}]});
        created(&entra, home).await;
        let found = list(entra.get(&path).await);
        assert_eq!((found.len(), &found[0]["userName"]), (1, &json!("a@b.example")));
    })
    .await;
}

#[tokio::test]
async fn av_064_entra_appends_its_feature_flag() {
    with_directory(Kind::entra(), async |entra| {
        let path = format!("/Users?aadOptscim062020&filter={}", encoded("userName eq \"a\""));
        list0(entra.get(&path).await);
        let request = with_json(entra.v2("POST", "/Users?AzureAdScimPatch062020"), person("a"));
        user(request.send().await, 201);
        assert_eq!(list(entra.get(&path).await).len(), 1);
        let joined = format!("/?aadOptscim062020/Users?filter={}", encoded("userName eq \"a\""));
        assert_eq!(list(entra.get(&joined).await).len(), 1, "the flag may stand before the path");
    })
    .await;
}

#[tokio::test]
async fn av_065_entra_creates_a_user() {
    with_directory(Kind::entra(), async |entra| {
        let body = person("ada@corp.example");
        let read = user(entra.post("/Users", body.clone()).await, 201);
        assert_eq!(read["name"], body["name"]);
        assert_eq!(read["emails"], body["emails"]);
        for absent in ["roles", "title", "department", "manager"] {
            assert!(read.get(absent).is_none(), "{absent}: {read}");
        }
    })
    .await;
}

#[tokio::test]
async fn av_066_entra_creates_a_user_with_active_as_text() {
    with_directory(Kind::entra(), async |entra| {
        let mut body = person("ada@corp.example");
        body["active"] = json!("True");
        assert_eq!(user(entra.post("/Users", body).await, 201)["active"], true);
    })
    .await;
}

#[tokio::test]
async fn av_067_av_068_entra_disables_a_user_in_both_forms() {
    with_directory(Kind::entra(), async |entra| {
        let path = created(&entra, person("ada@corp.example")).await;
        for (off, on) in [(json!("False"), json!("True")), (json!(false), json!(true))] {
            let read = after(&entra, &path, json!([{"op": "Replace", "path": "active", "value": off}])).await;
            assert_eq!(read["active"], false, "a boolean in answers");
            let read = after(&entra, &path, json!([{"op": "replace", "path": "active", "value": on}])).await;
            assert_eq!(read["active"], true);
        }
    })
    .await;
}

#[tokio::test]
async fn av_069_entra_sets_an_email_of_a_type_that_is_not_there() {
    with_directory(Kind::entra(), async |entra| {
        for (n, op) in ["Add", "Replace"].into_iter().enumerate() {
            let path = created(&entra, json!({"schemas": [USER], "userName": format!("u{n}")})).await;
            let operations = json!([{"op": op, "path": "emails[type eq \"work\"].value", "value": "a@b.example"}]);
            let read = after(&entra, &path, operations.clone()).await;
            assert_eq!(read["emails"], json!([{"type": "work", "value": "a@b.example"}]), "{op}");
            let again = after(&entra, &path, operations).await;
            assert_eq!(again["emails"], read["emails"], "{op} on an element that is there");
        }
    })
    .await;
}

#[tokio::test]
async fn av_070_entra_changes_several_attributes() {
    with_directory(Kind::entra(), async |entra| {
        let path = created(&entra, person("ada@corp.example")).await;
        let operations = json!([
            {"op": "Replace", "path": "displayName", "value": "Ada L."},
            {"op": "Replace", "path": "name.givenName", "value": "Augusta"},
            {"op": "Replace", "path": "externalId", "value": "x-1"},
            {"op": "Add", "path": format!("{ENTERPRISE}:employeeNumber"), "value": "7"}]);
        let read = after(&entra, &path, operations).await;
        assert_eq!((&read["displayName"], &read["externalId"]), (&json!("Ada L."), &json!("x-1")));
        assert_eq!((&read["name"]["givenName"], &read["name"]["familyName"]), (&json!("Augusta"), &json!("Lovelace")));
        assert_eq!(read[ENTERPRISE], json!({"employeeNumber": "7"}));
        assert_eq!(read["schemas"], json!([USER, ENTERPRISE]));
    })
    .await;
}

#[tokio::test]
async fn av_071_entra_changes_several_attributes_with_the_flag() {
    with_directory(Kind::entra(), async |entra| {
        let path = created(&entra, person("old@corp.example")).await;
        let department = format!("{ENTERPRISE}:department");
        let operations = json!([
            {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "ada@corp.example"},
            {"op": "replace", "value": {"displayName": "Ada L.", "name.givenName": "Augusta", "name.familyName": "King",
                (department.clone()): "R&D"}}]);
        let read = after(&entra, &path, operations).await;
        assert_eq!(read["emails"][0]["value"], "ada@corp.example");
        assert_eq!((&read["name"]["givenName"], &read["name"]["familyName"]), (&json!("Augusta"), &json!("King")));
        assert_eq!(read[ENTERPRISE], json!({"department": "R&D"}));
        assert!(read.get("name.givenName").is_none() && read.get(&department).is_none(), "{read}");
    })
    .await;
}

#[tokio::test]
async fn av_072_av_073_entra_sets_a_manager_as_text_and_as_array() {
    with_directory(Kind::entra(), async |entra| {
        let mut boss = person("boss@corp.example");
        boss["displayName"] = json!("The Boss");
        let boss = created(&entra, boss).await.rsplit('/').next().unwrap().to_owned();
        let path = created(&entra, person("ada@corp.example")).await;
        for operations in [
            json!([{"op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": boss}]),
            json!([{"op": "Add", "path": "manager", "value": [{"$ref": format!("../Users/{boss}"), "value": boss}]}]),
        ] {
            let read = after(&entra, &path, operations).await;
            assert_eq!(read[ENTERPRISE]["manager"]["value"], json!(boss));
            assert_eq!(read[ENTERPRISE]["manager"]["displayName"], "The Boss");
            assert!(read.get("manager").is_none(), "{read}");
            let read = after(&entra, &path, json!([{"op": "Remove", "path": format!("{ENTERPRISE}:manager")}])).await;
            assert!(read.get(ENTERPRISE).is_none(), "{read}");
        }
    })
    .await;
}

#[tokio::test]
async fn av_074_entra_clears_manager_and_title() {
    with_directory(Kind::entra(), async |entra| {
        let manager = format!("{ENTERPRISE}:manager");
        let path = created(&entra, person("ada@corp.example")).await;
        for value in [json!(""), Value::Null] {
            let set = json!([{"op": "Add", "path": manager, "value": "m-1"}, {"op": "Add", "path": "title", "value": "Countess"}]);
            let read = after(&entra, &path, set).await;
            assert_eq!((&read["title"], &read[ENTERPRISE]["manager"]["value"]), (&json!("Countess"), &json!("m-1")));
            let clear = json!([{"op": "Replace", "path": manager, "value": value}, {"op": "Replace", "path": "title", "value": value}]);
            let read = after(&entra, &path, clear).await;
            assert!(read.get("title").is_none() && read.get(ENTERPRISE).is_none(), "{value}: {read}");
        }
        after(&entra, &path, json!([{"op": "Add", "path": "title", "value": "Countess"}])).await;
        let read = after(&entra, &path, json!([{"op": "Remove", "path": "title"}])).await;
        assert!(read.get("title").is_none(), "{read}");
    })
    .await;
}

#[tokio::test]
async fn av_075_entra_adds_roles_as_json_in_text() {
    with_directory(Kind::entra(), async |entra| {
        let path = created(&entra, person("ada@corp.example")).await;
        let text = "{\"id\":\"18d14569-c3bd-439b-9a66-3a2aee01d14f\",\"value\":\"Admin\",\"displayName\":\"Admin\"}";
        let read = after(&entra, &path, json!([{"op": "Add", "path": "roles", "value": [{"value": text}]}])).await;
        assert_eq!(read["roles"], json!([{"value": text}]), "kept as sent");
    })
    .await;
}

#[tokio::test]
async fn av_076_entra_replaces_the_primary_role() {
    with_directory(Kind::entra(), async |entra| {
        let operations = json!([{"op": "Replace", "path": "roles[primary eq \"True\"].value", "value": "Admin"}]);
        let path = created(&entra, person("ada@corp.example")).await;
        let read = after(&entra, &path, operations.clone()).await;
        assert_eq!(read["roles"], json!([{"primary": true, "value": "Admin"}]), "created");
        let mut body = person("alan@corp.example");
        body["roles"] = json!([{"primary": true, "value": "Viewer", "display": "v"}, {"value": "Other"}]);
        let path = created(&entra, body).await;
        let read = after(&entra, &path, operations).await;
        assert_eq!(
            read["roles"],
            json!([{"primary": true, "value": "Admin", "display": "v"}, {"value": "Other"}]),
            "matched"
        );
    })
    .await;
}

#[tokio::test]
async fn av_077_entra_renames_a_user() {
    with_directory(Kind::entra(), async |entra| {
        let path = created(&entra, person("ada@corp.example")).await;
        created(&entra, person("taken@corp.example")).await;
        let rename = |name: &str| json!([{"op": "Replace", "path": "userName", "value": name}]);
        assert_eq!(after(&entra, &path, rename("king@corp.example")).await["userName"], "king@corp.example");
        error(entra.operations(&path, rename("TAKEN@corp.example")).await, 409, Some("uniqueness"));
        assert_eq!(user(entra.get(&path).await, 200)["userName"], "king@corp.example");
    })
    .await;
}

#[tokio::test]
async fn av_078_entra_deletes_a_user() {
    with_directory(Kind::entra(), async |entra| {
        let path = created(&entra, person("ada@corp.example")).await;
        entra.delete(&path).await.expect(204);
        error(entra.get(&path).await, 404, None);
        list0(entra.get(&format!("/Users?filter={}", encoded("userName eq \"ada@corp.example\""))).await);
        error(entra.delete(&path).await, 404, None);
        created(&entra, person("ada@corp.example")).await;
    })
    .await;
}
