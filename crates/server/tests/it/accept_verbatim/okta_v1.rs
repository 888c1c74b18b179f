//! Rows 41 to 60: SCIM 1.1, as Okta and the specification have it.

use serde_json::{Value, json};

use crate::answers::{error_v1, list_v1, no_members, resource_v1};
use crate::support::{CORE_V1, Directory, Kind, member_ids, with_directory};

fn okta() -> Kind {
    Kind::of("okta scim v1.1")
}

fn person(user_name: &str) -> Value {
    json!({"schemas": [CORE_V1], "userName": user_name, "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [{"primary": true, "value": user_name, "type": "work"}], "displayName": "Ada Lovelace",
        "nickName": "Countess", "locale": "en_US", "externalId": "00u1", "groups": [], "password": "x7Kq02Lm", "active": true})
}

async fn user(okta: &Directory, user_name: &str) -> String {
    let created = resource_v1(okta.send_v1("POST", "/Users", person(user_name)).await, 201);
    created["id"].as_str().unwrap().to_owned()
}

async fn group(okta: &Directory, members: &[&str]) -> String {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
    let body = json!({"schemas": [CORE_V1], "displayName": "Engineering", "members": members});
    let created = resource_v1(okta.send_v1("POST", "/Groups", body).await, 201);
    created["id"].as_str().unwrap().to_owned()
}

async fn members(okta: &Directory, group: &str) -> Vec<String> {
    let mut members = member_ids(&resource_v1(okta.get_v1(&format!("/Groups/{group}")).await, 200));
    members.sort_unstable();
    members
}

#[tokio::test]
async fn av_041_okta_1_1_on_save_users() {
    with_directory(okta(), async |okta| {
        assert!(list_v1(okta.get_v1("/Users?startIndex=1&count=2").await).is_empty());
        user(&okta, "ada@corp.example").await;
        assert_eq!(list_v1(okta.get_v1("/Users?startIndex=1&count=2").await).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn av_042_okta_1_1_on_save_groups() {
    with_directory(okta(), async |okta| {
        assert!(list_v1(okta.get_v1("/Groups?startIndex=1&count=100").await).is_empty());
    })
    .await;
}

#[tokio::test]
async fn av_043_okta_1_1_matches_a_user() {
    with_directory(okta(), async |okta| {
        let path = "/Users?filter=userName%20eq%20%22a%22&startIndex=1&count=100";
        let none = okta.get_v1(path).await;
        assert_eq!(none.json()["totalResults"], 0);
        list_v1(none);
        user(&okta, "A").await;
        let one = okta.get_v1(path).await;
        assert_eq!(one.json()["totalResults"], 1);
        assert_eq!(list_v1(one)[0]["userName"], "A");
    })
    .await;
}

#[tokio::test]
async fn av_044_okta_1_1_creates_a_user() {
    with_directory(okta(), async |okta| {
        let created = resource_v1(okta.send_v1("POST", "/Users", person("ada@corp.example")).await, 201);
        assert_eq!(created["schemas"], json!([CORE_V1]));
        assert_eq!((&created["locale"], &created["active"]), (&json!("en_US"), &json!(true)));
    })
    .await;
}

#[tokio::test]
async fn av_045_okta_1_1_creates_a_user_twice() {
    with_directory(okta(), async |okta| {
        user(&okta, "ada@corp.example").await;
        error_v1(okta.send_v1("POST", "/Users", person("ada@corp.example")).await, 409);
    })
    .await;
}

#[tokio::test]
async fn av_046_okta_1_1_updates_a_user() {
    with_directory(okta(), async |okta| {
        let path = format!("/Users/{}", user(&okta, "ada@corp.example").await);
        let mut echo = resource_v1(okta.get_v1(&path).await, 200);
        assert!(echo["meta"]["version"].is_string());
        echo["name"]["givenName"] = json!("Augusta");
        echo["password"] = json!("x7Kq02Lm");
        let changed = resource_v1(okta.send_v1("PUT", &path, echo.clone()).await, 200);
        assert_eq!(changed["name"]["givenName"], "Augusta");
        assert_eq!(changed["id"], echo["id"]);
    })
    .await;
}

#[tokio::test]
async fn av_047_okta_1_1_deactivates_by_patch() {
    with_directory(okta(), async |okta| {
        let id = user(&okta, "ada@corp.example").await;
        let path = format!("/Users/{id}");
        let body = json!({"schemas": [CORE_V1], "id": id, "active": false});
        let changed = resource_v1(okta.send_v1("PATCH", &path, body).await, 200);
        assert_eq!((&changed["active"], &changed["nickName"]), (&json!(false), &json!("Countess")));
        assert_eq!(okta.get(&path).await.json()["active"], false, "2.0 shows the same");
    })
    .await;
}

#[tokio::test]
async fn av_048_okta_1_1_names_another_id_in_the_body() {
    with_directory(okta(), async |okta| {
        let (ada, alan) = (user(&okta, "ada").await, user(&okta, "alan").await);
        let body = json!({"schemas": [CORE_V1], "id": alan, "active": false});
        okta.send_v1("PATCH", &format!("/Users/{ada}"), body).await.expect_one_of(&[200, 204]);
        assert_eq!(okta.get_v1(&format!("/Users/{ada}")).await.json()["active"], false, "the path wins");
        assert_eq!(okta.get_v1(&format!("/Users/{alan}")).await.json()["active"], true);
    })
    .await;
}

#[tokio::test]
async fn av_049_okta_1_1_creates_a_group_by_name_alone() {
    with_directory(okta(), async |okta| {
        let body = json!({"schemas": [CORE_V1], "displayName": "Engineering"});
        let created = resource_v1(okta.send_v1("POST", "/Groups", body).await, 201);
        assert_eq!(created["displayName"], "Engineering");
        no_members(&created);
    })
    .await;
}

#[tokio::test]
async fn av_050_okta_1_1_creates_a_group_with_a_description() {
    with_directory(okta(), async |okta| {
        let body = json!({"schemas": [CORE_V1, "urn:okta:custom:group:1.0"], "displayName": "West",
            "urn:okta:custom:group:1.0": {"description": "All users west of the river"}});
        assert_eq!(resource_v1(okta.send_v1("POST", "/Groups", body).await, 201)["displayName"], "West");
    })
    .await;
}

#[tokio::test]
async fn av_051_okta_1_1_renames_a_group() {
    with_directory(okta(), async |okta| {
        let ada = user(&okta, "ada").await;
        let id = group(&okta, &[&ada]).await;
        let body = json!({"schemas": [CORE_V1], "id": id, "displayName": "New name"});
        okta.send_v1("PATCH", &format!("/Groups/{id}"), body).await.expect_one_of(&[200, 204]);
        assert_eq!(okta.get_v1(&format!("/Groups/{id}")).await.json()["displayName"], "New name");
        assert_eq!(members(&okta, &id).await, [ada]);
    })
    .await;
}

#[tokio::test]
async fn av_052_av_053_okta_1_1_adds_and_removes_members() {
    with_directory(okta(), async |okta| {
        let (ada, alan) = (user(&okta, "ada").await, user(&okta, "alan").await);
        let id = group(&okta, &[&ada]).await;
        let path = format!("/Groups/{id}");
        let body = json!({"schemas": [CORE_V1], "members": [{"value": alan, "display": "alan"}]});
        okta.send_v1("PATCH", &path, body).await.expect_one_of(&[200, 204]);
        let mut both = vec![ada.clone(), alan.clone()];
        both.sort_unstable();
        assert_eq!(members(&okta, &id).await, both);
        let body = json!({"schemas": [CORE_V1], "members": [{"value": ada, "display": "ada", "operation": "delete"}]});
        okta.send_v1("PATCH", &path, body).await.expect_one_of(&[200, 204]);
        assert_eq!(members(&okta, &id).await, [alan]);
    })
    .await;
}

#[tokio::test]
async fn av_054_okta_1_1_pushes_exactly_this_list() {
    with_directory(okta(), async |okta| {
        let (ada, alan) = (user(&okta, "ada").await, user(&okta, "alan").await);
        let id = group(&okta, &[&ada]).await;
        let body = json!({"schemas": [CORE_V1], "meta": {"attributes": ["members"]}, "members": [{"value": alan, "display": "alan"}]});
        okta.send_v1("PATCH", &format!("/Groups/{id}"), body).await.expect_one_of(&[200, 204]);
        assert_eq!(members(&okta, &id).await, [alan]);
        let body = json!({"schemas": [CORE_V1], "meta": {"attributes": ["members"]}});
        okta.send_v1("PATCH", &format!("/Groups/{id}"), body).await.expect_one_of(&[200, 204]);
        assert!(members(&okta, &id).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn av_055_okta_1_1_writes_the_whole_group() {
    with_directory(okta(), async |okta| {
        let (ada, alan) = (user(&okta, "ada").await, user(&okta, "alan").await);
        let id = group(&okta, &[&ada]).await;
        let body = json!({"schemas": [CORE_V1], "id": id, "displayName": "West", "members": [{"value": alan}]});
        let written = resource_v1(okta.send_v1("PUT", &format!("/Groups/{id}"), body).await, 200);
        assert_eq!((&written["displayName"], member_ids(&written)), (&json!("West"), vec![alan]));
    })
    .await;
}

#[tokio::test]
async fn av_056_okta_1_1_deletes_a_group() {
    with_directory(okta(), async |okta| {
        let id = group(&okta, &[]).await;
        let answer = okta.v1("DELETE", &format!("/Groups/{id}")).send().await.expect_one_of(&[200, 204]);
        assert_eq!(answer.body, "");
        error_v1(okta.get_v1(&format!("/Groups/{id}")).await, 404);
    })
    .await;
}

#[tokio::test]
async fn av_057_scim_1_1_service_configuration() {
    with_directory(okta(), async |okta| {
        let answer = okta.get_v1("/ServiceProviderConfigs").await.expect(200);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let config = answer.json();
        assert_eq!(config["schemas"], json!([CORE_V1]));
        assert_eq!(config["patch"]["supported"], true);
        assert_eq!(config["xmlDataFormat"]["supported"], false);
    })
    .await;
}

#[tokio::test]
async fn av_058_scim_1_1_removes_an_attribute() {
    with_directory(okta(), async |okta| {
        let path = format!("/Users/{}", user(&okta, "ada").await);
        let body = json!({"schemas": [CORE_V1], "meta": {"attributes": ["nickName"]}});
        okta.send_v1("PATCH", &path, body).await.expect_one_of(&[200, 204]);
        let read = resource_v1(okta.get_v1(&path).await, 200);
        assert!(read.get("nickName").is_none() && read["displayName"] == "Ada Lovelace", "{read}");
    })
    .await;
}

#[tokio::test]
async fn av_059_scim_1_1_filters_a_multi_valued_attribute() {
    with_directory(okta(), async |okta| {
        user(&okta, "ada@example.com").await;
        user(&okta, "alan@corp.example").await;
        let found = list_v1(okta.get_v1("/Users?filter=emails%20co%20%22example.com%22").await);
        assert_eq!((found.len(), &found[0]["userName"]), (1, &json!("ada@example.com")));
    })
    .await;
}

#[tokio::test]
async fn av_060_scim_1_1_suffix_form() {
    with_directory(okta(), async |okta| {
        let id = user(&okta, "ada").await;
        let read = resource_v1(okta.get_v1(&format!("/Users/{id}.json")).await, 200);
        assert_eq!(read["id"], json!(id));
    })
    .await;
}
