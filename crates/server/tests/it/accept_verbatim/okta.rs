//! Rows 1 to 22 and 36 to 40: Okta, SCIM 2.0, users, discovery and credentials.

use serde_json::{Value, json};

use crate::answers::{error, list, list0, user};
use crate::support::{ENTERPRISE, Kind, USER, okta_user, with_directory};

const WORKATO: &str = "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole";

#[tokio::test]
async fn av_001_okta_tests_the_connection() {
    with_directory(Kind::okta(), async |okta| {
        assert!(list(okta.get("/Users?startIndex=1&count=2").await).is_empty());
        for n in 0..3 {
            okta.user(&format!("a{n}@b.example")).await;
        }
        let answer = okta.get("/Users?startIndex=1&count=2").await;
        assert_eq!(answer.json()["totalResults"], 3);
        assert_eq!(answer.json()["startIndex"], 1);
        assert_eq!(list(answer).len(), 2);
    })
    .await;
}

#[tokio::test]
async fn av_002_okta_tests_the_connection_with_group_import() {
    with_directory(Kind::okta(), async |okta| list0(okta.get("/Groups?startIndex=1&count=100").await)).await;
}

#[tokio::test]
async fn av_003_okta_with_a_wrong_token() {
    with_directory(Kind::okta(), async |okta| {
        let request = okta.v2("GET", "/Users?startIndex=1&count=2").without("Authorization");
        let answer = request.header("Authorization", "Bearer wrong").send().await;
        assert!(answer.headers.iter().any(|(name, value)| name == "www-authenticate" && value.starts_with("Bearer")));
        error(answer, 401, None);
        list(okta.get("/Users?startIndex=1&count=2").await);
    })
    .await;
}

#[tokio::test]
async fn av_004_okta_matches_a_user() {
    with_directory(Kind::okta(), async |okta| {
        let path = "/Users?filter=userName%20eq%20%22a%40b.example%22&startIndex=1&count=100";
        list0(okta.get(path).await);
        let id = okta.user("A@b.example").await;
        okta.user("other@b.example").await;
        let found = list(okta.get(path).await);
        assert_eq!((found.len(), &found[0]["id"]), (1, &json!(id)));
        assert_eq!(found[0]["userName"], "A@b.example", "the letter case is kept");
    })
    .await;
}

#[tokio::test]
async fn av_005_okta_of_2018_writes_spaces_as_plus() {
    with_directory(Kind::okta(), async |okta| {
        let path = "/Users?filter=userName+eq+%22a%40b.example%22&startIndex=1&count=100";
        list0(okta.get(path).await);
        okta.user("a@b.example").await;
        assert_eq!(list(okta.get(path).await).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn av_006_okta_matches_by_external_id() {
    with_directory(Kind::okta(), async |okta| {
        let path = "/Users?filter=externalId%20eq%20%2200u1abc%22&startIndex=1&count=100";
        list0(okta.get(path).await);
        let body = json!({"schemas": [USER], "userName": "a@b.example", "externalId": "00u1abc"});
        okta.post("/Users", body).await.expect(201);
        assert_eq!(list(okta.get(path).await).len(), 1);
        list0(okta.get("/Users?filter=externalId%20eq%20%2200U1ABC%22").await);
    })
    .await;
}

#[tokio::test]
async fn av_007_okta_creates_a_user() {
    with_directory(Kind::okta(), async |okta| {
        let created = user(okta.post("/Users", okta_user("ada@corp.example")).await, 201);
        assert_eq!(created["userName"], "ada@corp.example");
        assert_eq!(created["active"], true);
        assert_eq!(created["externalId"], "00uada@corp.example");
        assert_eq!(created["name"], json!({"givenName": "Ada", "familyName": "Lovelace"}));
        assert_eq!(created["emails"], json!([{"primary": true, "value": "ada@corp.example", "type": "work"}]));
        assert_eq!(created["locale"], "en-US");
        let id = created["id"].as_str().unwrap();
        assert_eq!(user(okta.get(&format!("/Users/{id}")).await, 200), created);
    })
    .await;
}

#[tokio::test]
async fn av_008_okta_creates_a_user_with_the_enterprise_block() {
    with_directory(Kind::okta(), async |okta| {
        let mut body = okta_user("ada@corp.example");
        body["schemas"] = json!([USER, ENTERPRISE]);
        body[ENTERPRISE] = json!({"department": "R&D", "manager": {"value": "m-1"}});
        let created = user(okta.post("/Users", body).await, 201);
        assert_eq!(created["schemas"], json!([USER, ENTERPRISE]));
        assert_eq!(created[ENTERPRISE], json!({"department": "R&D", "manager": {"value": "m-1"}}));
    })
    .await;
}

#[tokio::test]
async fn av_009_okta_creates_a_user_with_a_namespace_of_its_own() {
    with_directory(Kind::okta(), async |okta| {
        let mut body = okta_user("ada@corp.example");
        body["schemas"] = json!([USER, WORKATO]);
        body[WORKATO] = json!({"workato_role": "Admin"});
        let created = user(okta.post("/Users", body).await, 201);
        assert_eq!(created["schemas"], json!([USER, WORKATO]));
        assert_eq!(created[WORKATO], json!({"workato_role": "Admin"}));
    })
    .await;
}

#[tokio::test]
async fn av_010_okta_creates_a_user_twice() {
    with_directory(Kind::okta(), async |okta| {
        okta.user("ada@corp.example").await;
        let refused = error(okta.post("/Users", okta_user("ADA@corp.example")).await, 409, Some("uniqueness"));
        assert!(refused["detail"].as_str().unwrap().contains("userName"), "{refused}");
    })
    .await;
}

#[tokio::test]
async fn av_011_okta_reads_before_it_updates() {
    with_directory(Kind::okta(), async |okta| {
        let id = okta.user("ada@corp.example").await;
        let read = user(okta.get(&format!("/Users/{id}")).await, 200);
        assert_eq!(read["id"], json!(id));
        assert!(read.get("Resources").is_none(), "a resource and no list");
    })
    .await;
}

#[tokio::test]
async fn av_012_okta_sends_the_whole_resource_back() {
    with_directory(Kind::okta(), async |okta| {
        let mut body = okta_user("ada@corp.example");
        body["name"]["formatted"] = json!("Ada Lovelace");
        body[WORKATO] = json!({"workato_role": "Admin"});
        let created = user(okta.post("/Users", body).await, 201);
        let path = format!("/Users/{}", created["id"].as_str().unwrap());
        let mut echo = created.clone();
        echo["groups"] = json!([]);
        echo["name"]["givenName"] = json!("Augusta");
        let changed = user(okta.put(&path, echo).await, 200);
        let mut expected = created;
        expected["name"]["givenName"] = json!("Augusta");
        expected["meta"] = changed["meta"].clone();
        assert_eq!(changed, expected, "formatted stays as it was, the extension too");
    })
    .await;
}

#[tokio::test]
async fn av_013_okta_puts_a_password() {
    with_directory(Kind::okta(), async |okta| {
        let id = okta.user("ada@corp.example").await;
        let mut body = okta_user("ada@corp.example");
        body["password"] = json!("dGhlIHBhc3N3b3Jk");
        let answer = okta.put(&format!("/Users/{id}"), body).await;
        assert!(!answer.body.contains("dGhlIHBhc3N3b3Jk"));
        user(answer, 200);
        assert!(!okta.get(&format!("/Users/{id}")).await.body.contains("dGhlIHBhc3N3b3Jk"));
    })
    .await;
}

#[tokio::test]
async fn av_014_av_015_okta_wizard_apps_deactivate_and_reactivate_by_put() {
    with_directory(Kind::okta(), async |okta| {
        let created = user(okta.post("/Users", okta_user("ada@corp.example")).await, 201);
        let path = format!("/Users/{}", created["id"].as_str().unwrap());
        for active in [false, true] {
            let mut echo = user(okta.get(&path).await, 200);
            echo["active"] = json!(active);
            let changed = user(okta.put(&path, echo).await, 200);
            assert_eq!((&changed["active"], &changed["id"]), (&json!(active), &created["id"]));
        }
    })
    .await;
}

#[tokio::test]
async fn av_016_av_017_av_019_okta_deactivates_and_reactivates_by_patch() {
    with_directory(Kind::okta(), async |okta| {
        let id = okta.user("ada@corp.example").await;
        let path = format!("/Users/{id}");
        for active in [false, true] {
            let operations = json!([{"op": "replace", "value": {"active": active}}]);
            let changed = user(okta.operations(&path, operations).await, 200);
            assert_eq!(changed["active"], active);
            let read = user(okta.get(&path).await, 200);
            assert_eq!((&read["active"], &read["id"]), (&json!(active), &json!(id)));
            let filter = "/Users?filter=userName%20eq%20%22ada%40corp.example%22";
            assert_eq!(list(okta.get(filter).await)[0]["active"], active, "an inactive user is still found");
        }
    })
    .await;
}

#[tokio::test]
async fn av_018_okta_pushes_a_password() {
    with_directory(Kind::okta(), async |okta| {
        let path = format!("/Users/{}", okta.user("ada@corp.example").await);
        let before = user(okta.get(&path).await, 200);
        let operations = json!([{"op": "replace", "value": {"password": "s3cret-canary"}}]);
        let answer = okta.operations(&path, operations).await.expect_one_of(&[200, 204]);
        assert!(!answer.body.contains("s3cret-canary"));
        assert_eq!(user(okta.get(&path).await, 200), before, "nothing was changed");
    })
    .await;
}

#[tokio::test]
async fn av_020_okta_imports_page_by_page() {
    with_directory(Kind::okta(), async |okta| {
        for n in 0..103 {
            let body = json!({"schemas": [USER], "userName": format!("u{n:03}@b.example")});
            okta.post("/Users", body).await.expect(201);
        }
        let first = okta.get("/Users?startIndex=1&count=100").await;
        let second = okta.get("/Users?startIndex=101&count=100").await;
        for (page, start) in [(&first, 1), (&second, 101)] {
            assert_eq!((&page.json()["totalResults"], &page.json()["startIndex"]), (&json!(103), &json!(start)));
        }
        let again = list(okta.get("/Users?startIndex=1&count=100").await);
        let (first, second) = (list(first), list(second));
        assert_eq!((first.len(), second.len()), (100, 3), "a page is full unless it is the last");
        assert_eq!(first, again, "the order is the same each time");
        let mut names: Vec<&str> = first.iter().chain(&second).map(|user| user["userName"].as_str().unwrap()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 103);
    })
    .await;
}

#[tokio::test]
async fn av_021_okta_imports_groups_with_their_members() {
    with_directory(Kind::okta(), async |okta| {
        let (ada, alan) = (okta.user("ada@b.example").await, okta.user("alan@b.example").await);
        okta.group("Engineering", &[&ada, &alan]).await;
        okta.group("Sales", &[]).await;
        let groups = list(okta.get("/Groups?startIndex=1&count=100").await);
        assert_eq!(groups.len(), 2);
        let mut members = crate::support::member_ids(&groups[0]);
        members.sort_unstable();
        let mut expected = vec![ada, alan];
        expected.sort_unstable();
        assert_eq!(members, expected);
    })
    .await;
}

#[tokio::test]
async fn av_022_okta_reads_a_user_who_is_not_there() {
    with_directory(Kind::okta(), async |okta| {
        error(okta.get("/Users/does-not-exist").await, 404, None);
    })
    .await;
}

#[tokio::test]
async fn av_036_okta_discovers_resource_types() {
    with_directory(Kind::okta(), async |okta| {
        let types = list(okta.get("/ResourceTypes").await);
        let named: Vec<(&str, &str)> =
            types.iter().map(|kind| (kind["name"].as_str().unwrap(), kind["endpoint"].as_str().unwrap())).collect();
        assert_eq!(named, [("User", "/Users"), ("Group", "/Groups")]);
        for kind in &types {
            assert!(kind["schema"].is_string() && kind["id"].is_string() && kind["description"].is_string(), "{kind}");
        }
        assert_eq!(types[0]["schemaExtensions"], json!([{"schema": ENTERPRISE, "required": false}]));
    })
    .await;
}

#[tokio::test]
async fn av_037_okta_discovers_schemas() {
    with_directory(Kind::okta(), async |okta| {
        let schemas = list(okta.get("/Schemas").await);
        assert!(schemas.iter().any(|schema| schema["id"] == USER));
    })
    .await;
}

#[tokio::test]
async fn av_038_okta_reads_roles() {
    with_directory(Kind::okta(), async |okta| {
        assert_eq!(list(okta.get("/Roles?startIndex=1&count=100").await), Vec::<Value>::new());
        assert_eq!(list(okta.get("/Entitlements?startIndex=1&count=100").await), Vec::<Value>::new());
    })
    .await;
}

#[tokio::test]
async fn av_039_okta_header_auth_sends_a_bare_token() {
    with_directory(Kind::okta(), async |okta| {
        let request = okta.v2("GET", "/Users?startIndex=1&count=2").without("Authorization");
        list(request.header("Authorization", &okta.secret).send().await);
    })
    .await;
}

#[tokio::test]
async fn av_040_okta_basic_auth() {
    with_directory(Kind::basic(), async |okta| {
        assert!(okta.authorization.starts_with("Basic "));
        list(okta.get("/Users?startIndex=1&count=2").await);
        let wrong =
            okta.v2("GET", "/Users").without("Authorization").header("Authorization", "Basic dTpw").send().await;
        error(wrong, 401, None);
    })
    .await;
}
