//! D08, D11 to D13, D16 to D22: what the request says.

use doorward_scim::schema::{Catalogue, Declaration};
use doorward_server::service::{catalogue, schemas};
use doorward_store::scope::OperatorScope;
use serde_json::{Value, json};

use super::{diagnosed, problem, recorded, words};
use crate::app_api::Api;
use crate::support::{CORE_V1, Directory, GROUP, Kind, USER, okta_user, with_directory, with_json};

#[tokio::test]
async fn d08_the_other_version_of_scim_is_sent_to_its_own_url() {
    with_directory(Kind::okta(), async |idp: Directory| {
        let api = Api::of(&idp.service).await;
        let older = idp.post("/Users", json!({"schemas": [CORE_V1], "userName": "ada@x.example"})).await;
        let said = diagnosed(&api, &idp, &older, "D08").await;
        assert!(words(&said).contains("SCIM 1.1") && words(&said).contains(&idp.base("v1")), "{said}");
        let newer = idp.send_v1("POST", "/Users", json!({"schemas": [USER], "userName": "bob@x.example"})).await;
        let said = diagnosed(&api, &idp, &newer, "D08").await;
        assert!(words(&said).contains(&idp.base("v2")), "{said}");
        let config = idp.get("/ServiceProviderConfigs").await.expect(404);
        diagnosed(&api, &idp, &config, "D08").await;
    })
    .await;
}

#[tokio::test]
async fn d11_a_user_name_that_is_no_address() {
    with_directory(Kind::okta(), async |idp: Directory| {
        let api = Api::of(&idp.service).await;
        let answer = idp.post("/Users", okta_user("ada")).await.expect(201);
        let said = diagnosed(&api, &idp, &answer, "D11").await;
        assert!(words(&said).contains("Application username format"), "{said}");
        let answer = idp.post("/Users", okta_user("ada@x.example")).await.expect(201);
        assert_eq!(recorded(&api, &idp, &answer).await["diagnoses"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn d12_a_duplicate_names_the_record_in_the_way() {
    with_directory(Kind::okta(), async |idp: Directory| {
        let api = Api::of(&idp.service).await;
        let id = idp.user("ada@x.example").await;
        let answer = idp.post("/Users", okta_user("ADA@x.example")).await.expect(409);
        let said = diagnosed(&api, &idp, &answer, "D12").await;
        assert!(words(&said).contains(&id) && words(&said).contains("00uada@x.example"), "{said}");
        let shown = recorded(&api, &idp, &answer).await;
        assert_eq!((&shown["scim_type"], &shown["status"]), (&json!("uniqueness"), &json!(409)));
        assert!(shown["request_body"].as_str().unwrap().contains("ADA@x.example"), "{shown}");
        assert!(shown["response_body"].as_str().unwrap().contains("uniqueness"), "{shown}");
    })
    .await;
}

#[tokio::test]
async fn d13_members_that_are_not_there_yet_and_a_group_without_any() {
    with_directory(Kind::okta(), async |idp: Directory| {
        let api = Api::of(&idp.service).await;
        let ada = idp.user("ada@x.example").await;
        let members = json!([{"value": ada}, {"value": "00unknown1"}, {"value": "00unknown2"}]);
        let group = json!({"schemas": [GROUP], "displayName": "Team", "members": members});
        let answer = idp.post("/Groups", group).await.expect(201);
        let said = diagnosed(&api, &idp, &answer, "D13").await;
        assert!(words(&said).contains("2 members") && said["severity"] == "warning", "{said}");
        let empty = json!({"schemas": [GROUP], "displayName": "Empty", "members": []});
        let answer = idp.post("/Groups", empty).await.expect(201);
        assert_eq!(diagnosed(&api, &idp, &answer, "D13").await["severity"], "note");
    })
    .await;
}

#[tokio::test]
async fn d16_habits_are_understood_and_named() {
    with_directory(Kind::entra(), async |idp: Directory| {
        let api = Api::of(&idp.service).await;
        let body = json!({"schemas": [USER], "userName": "ada@x.example", "active": "True"});
        let answer = idp.post("/Users", body).await.expect(201);
        let said = diagnosed(&api, &idp, &answer, "D16").await;
        assert!(words(&said).contains("boolean-as-text") && words(&said).contains("Entra ID sends active"), "{said}");
    })
    .await;
}

const OWN: &str = "urn:ietf:params:scim:schemas:extension:workato:2.0:User";

/// Declares `workato_role`, closed, in an extension of the directory.
async fn declare(idp: &Directory) {
    let document = json!({"id": OWN, "name": "Workato", "resource_type": "User", "attributes": [
        {"name": "workato_role", "type": "string", "canonicalValues": ["Admin", "Operator"], "closed": true},
    ]});
    let declaration = Declaration::from_document(document.as_object().unwrap()).unwrap();
    let store = idp.service.app.store();
    schemas::put(store, &OperatorScope::local(), idp.id, declaration).await.unwrap();
    // Scopes that were opened a moment ago do not know of it.
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
}

#[tokio::test]
async fn d17_a_value_that_is_not_in_its_list_with_the_closest_one() {
    with_directory(Kind::okta(), async |idp: Directory| {
        let api = Api::of(&idp.service).await;
        let offered = json!({"roles": {"values": ["Admin", "Member"]}});
        let offered = Catalogue::from_document(offered.as_object().unwrap()).unwrap();
        catalogue::set(idp.service.app.store(), &OperatorScope::local(), idp.id, offered).await.unwrap();
        declare(&idp).await;
        let with = |name: &str, key: &str, value: Value| {
            let mut body = okta_user(name);
            body[key] = value;
            body
        };
        let answer = idp.post("/Users", with("ada@x.example", "roles", json!([{"value": "Admn"}]))).await.expect(201);
        let said = diagnosed(&api, &idp, &answer, "D17").await;
        let parameters = &said["parameters"];
        assert_eq!((&parameters["value"], &parameters["closest"]), (&json!("Admn"), &json!("Admin")), "{said}");
        let answer = idp.post("/Users", with("bob@x.example", OWN, json!({"workato_role": "operater"}))).await;
        let said = diagnosed(&api, &idp, &answer.expect(400), "D17").await;
        assert!(said["severity"] == "error" && words(&said).contains("the closest is Operator"), "{said}");
    })
    .await;
}

#[tokio::test]
async fn d18_wt_19_an_attribute_under_another_namespace() {
    with_directory(Kind::okta(), async |idp: Directory| {
        let api = Api::of(&idp.service).await;
        declare(&idp).await;
        let wrong = "urn:okta:custom:user:1.0:workato_role";
        let mut body = okta_user("ada@x.example");
        body["urn:okta:custom:user:1.0"] = json!({"workato_role": "Admin"});
        let answer = idp.post("/Users", body).await.expect(201);
        let said = diagnosed(&api, &idp, &answer, "D18").await;
        assert!(words(&said).contains(OWN) && words(&said).contains("External namespace"), "{said}");
        assert_eq!(said["parameters"]["received"], "urn:okta:custom:user:1.0");
        let operations = json!([{"op": "replace", "path": wrong, "value": "Admin"}]);
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        let answer = idp.operations(&format!("/Users/{id}"), operations).await;
        diagnosed(&api, &idp, &answer, "D18").await;
    })
    .await;
}

#[tokio::test]
async fn d19_a_missing_attribute_and_how_many_people_lack_it() {
    with_directory(Kind::okta(), async |idp: Directory| {
        let api = Api::of(&idp.service).await;
        let answer = idp.post("/Users", json!({"schemas": [USER], "displayName": "Ada"})).await.expect(400);
        let said = diagnosed(&api, &idp, &answer, "D19").await;
        assert_eq!(said["parameters"]["attributes"], "userName");
        for name in ["a", "b"] {
            let path = format!("/Users/{}", idp.user(&format!("{name}@x.example")).await);
            idp.put(&path, json!({"schemas": [USER], "displayName": name})).await.expect(400);
        }
        let problem = problem(&api, &idp, "D19").await.unwrap();
        assert_eq!((&problem["count"], &problem["affected"]), (&json!(3), &json!(2)), "{problem}");
    })
    .await;
}

#[tokio::test]
async fn d21_what_cannot_be_read() {
    with_directory(Kind::okta(), async |idp: Directory| {
        let api = Api::of(&idp.service).await;
        let send = async |content_type: &str, body: Vec<u8>| {
            idp.v2("POST", "/Users").header("Content-Type", content_type).body(body).send().await
        };
        let answer = send("application/scim+json", b"{\"userName\": \"ada\",}".to_vec()).await.expect(400);
        let said = diagnosed(&api, &idp, &answer, "D21").await;
        assert!(words(&said).contains("line 1 column"), "{said}");
        let shown = recorded(&api, &idp, &answer).await;
        assert_eq!(shown["request_body"], "(not kept: 20 bytes that are not JSON)");
        let answer = send("text/xml", b"<x/>".to_vec()).await.expect(415);
        assert!(words(&diagnosed(&api, &idp, &answer, "D21").await).contains("text/xml"));
        let answer = send("application/scim+json", vec![b' '; 1024 * 1024 + 1]).await.expect(413);
        let said = diagnosed(&api, &idp, &answer, "D21").await;
        assert!(words(&said).contains("1048577 bytes"), "{said}");
        let answer = with_json(idp.v2("PATCH", &format!("/Users/{}", idp.user("a@x").await)), json!({"Operations": 7}));
        diagnosed(&api, &idp, &answer.send().await.expect(400), "D21").await;
    })
    .await;
}

#[tokio::test]
async fn d22_an_id_that_is_gone_and_one_that_never_was() {
    with_directory(Kind::okta(), async |idp: Directory| {
        let api = Api::of(&idp.service).await;
        let path = format!("/Users/{}", idp.user("ada@x.example").await);
        idp.delete(&path).await.expect(204);
        let said = diagnosed(&api, &idp, &idp.get(&path).await.expect(404), "D22").await;
        assert!(words(&said).contains("was deleted here at"), "{said}");
        let unknown = "/Groups/directory_group_00000000000000000000000000";
        let said = diagnosed(&api, &idp, &idp.get(unknown).await.expect(404), "D22").await;
        assert!(words(&said).contains("There is no group"), "{said}");
    })
    .await;
}
