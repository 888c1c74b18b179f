//! Rows 91 to 104: OneLogin, JumpCloud, Ping, CyberArk, Rippling, authentik, Keycloak plug-ins.

use serde_json::{Value, json};

use crate::answers::{encoded, error, group, list, list0, user};
use crate::support::{GROUP, Kind, PATCH_OP, USER, okta_user, with_directory, with_json};

#[tokio::test]
async fn av_091_onelogin_adds_a_member_with_an_empty_user_agent() {
    with_directory(Kind::of("onelogin scim v2.0"), async |onelogin| {
        let ada = onelogin.user("ada").await;
        let id = onelogin.group("Eng", &[]).await;
        let body =
            json!({"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "members", "value": [{"value": ada}]}]});
        let request = onelogin.v2("PATCH", &format!("/Groups/{id}")).without("User-Agent").header("User-Agent", "");
        with_json(request, body).send().await.expect_one_of(&[200, 204]);
        assert_eq!(onelogin.members(&id).await, [ada]);
    })
    .await;
}

#[tokio::test]
async fn av_092_jumpcloud_renames_a_group() {
    with_directory(Kind::of("jump cloud scim v2.0"), async |jumpcloud| {
        let ada = jumpcloud.user("ada").await;
        let id = jumpcloud.group("Eng", &[&ada]).await;
        let operations = json!([{"op": "replace", "value": {"displayName": "Engineers"}}]);
        jumpcloud.operations(&format!("/Groups/{id}"), operations).await.expect_one_of(&[200, 204]);
        assert_eq!(group(jumpcloud.get(&format!("/Groups/{id}")).await, 200)["displayName"], "Engineers");
        assert_eq!(jumpcloud.members(&id).await, [ada]);
    })
    .await;
}

#[tokio::test]
async fn av_093_jumpcloud_tests_the_activation() {
    with_directory(Kind::of("jump cloud scim v2.0"), async |jumpcloud| {
        list0(jumpcloud.get(&format!("/Users?filter={}", encoded("userName eq \"test@b.example\""))).await);
        let created = user(jumpcloud.post("/Users", okta_user("test@b.example")).await, 201);
        let person = format!("/Users/{}", created["id"].as_str().unwrap());
        let mut changed = created.clone();
        changed["name"]["givenName"] = json!("Changed");
        user(jumpcloud.put(&person, changed).await, 200);
        let body = json!({"schemas": [GROUP], "displayName": "Test group"});
        let team = format!("/Groups/{}", group(jumpcloud.post("/Groups", body).await, 201)["id"].as_str().unwrap());
        let operations = json!([{"op": "add", "path": "members", "value": [{"value": created["id"]}]}]);
        jumpcloud.operations(&team, operations).await.expect_one_of(&[200, 204]);
        let operations = json!([{"op": "replace", "value": {"active": false}}]);
        jumpcloud.operations(&person, operations).await.expect_one_of(&[200, 204]);
        for path in [team, person] {
            jumpcloud.delete(&path).await.expect(204);
            error(jumpcloud.get(&path).await, 404, None);
        }
    })
    .await;
}

#[tokio::test]
async fn av_094_ping_matches_by_other_names() {
    with_directory(Kind::of("pingfederate scim v2.0"), async |ping| {
        let filters = ["username Eq \"a@b.example\"", "emails eq \"a@b.example\"", "email Co \"@b.example\""];
        for filter in filters {
            list0(ping.get(&format!("/Users?filter={}", encoded(filter))).await);
        }
        ping.user("a@b.example").await;
        for filter in filters {
            assert_eq!(list(ping.get(&format!("/Users?filter={}", encoded(filter))).await).len(), 1, "{filter}");
        }
    })
    .await;
}

#[tokio::test]
async fn av_095_cyberark_probes() {
    with_directory(Kind::of("cyberark scim v2.0"), async |cyberark| {
        cyberark.user("a").await;
        cyberark.user("b").await;
        assert_eq!(list(cyberark.get("/Users?count=1").await).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn av_096_cyberark_discovers_single_resources() {
    with_directory(Kind::of("cyberark scim v2.0"), async |cyberark| {
        for name in ["User", "Group"] {
            let kind = cyberark.get(&format!("/ResourceTypes/{name}")).await.expect(200).json();
            assert_eq!((&kind["name"], kind.get("Resources")), (&json!(name), None));
        }
        for path in [
            format!("/Schemas/{USER}"),
            format!("/Schemas/{}", encoded(USER)),
            format!("/Schemas/{}", USER.to_uppercase()),
        ] {
            let schema = cyberark.get(&path).await.expect(200).json();
            assert_eq!((&schema["id"], schema.get("Resources")), (&json!(USER), None));
        }
    })
    .await;
}

#[tokio::test]
async fn av_097_rippling_tests_the_connection() {
    with_directory(Kind::of("rippling scim v2.0"), async |rippling| {
        let config = rippling.get("/ServiceProviderConfig").await.expect(200).json();
        assert_eq!(config["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"]));
    })
    .await;
}

#[tokio::test]
async fn av_098_authentik_reads_what_the_service_can() {
    with_directory(Kind::of("generic scim v2.0"), async |authentik| {
        let config = authentik.get("/ServiceProviderConfig").await.expect(200).json();
        assert_eq!((&config["patch"]["supported"], &config["filter"]["supported"]), (&json!(true), &json!(true)));
        assert!(config["bulk"]["maxOperations"].as_i64().unwrap() >= 100, "authentik sizes its PATCH by it: {config}");
        assert_eq!(config["filter"]["maxResults"], 1000);
        for feature in ["changePassword", "sort", "etag", "bulk"] {
            assert!(config[feature]["supported"].is_boolean(), "{feature}: {config}");
        }
        let schemes = config["authenticationSchemes"].as_array().unwrap();
        assert!(schemes.iter().any(|scheme| scheme["type"] == "oauthbearertoken"), "{config}");
    })
    .await;
}

#[tokio::test]
async fn av_099_authentik_pages_without_a_count() {
    with_directory(Kind::of("generic scim v2.0"), async |authentik| {
        for n in 0..102 {
            authentik.group(&format!("g{n}"), &[]).await;
        }
        let first = list(authentik.get("/Groups").await);
        let answer = authentik.get(&format!("/Groups?startIndex={}", first.len() + 1)).await;
        assert_eq!(answer.json()["totalResults"], 102);
        assert_eq!(first.len() + list(answer).len(), 102, "never fewer than totalResults promises");
    })
    .await;
}

#[tokio::test]
async fn av_100_authentik_replaces_the_whole_group() {
    with_directory(Kind::of("generic scim v2.0"), async |authentik| {
        let ada = authentik.user("ada").await;
        let id = authentik.group("Eng", &[&ada]).await;
        let whole = json!({"schemas": [GROUP], "id": id, "externalId": "g-uid", "displayName": "Engineers"});
        let operations = json!([{"op": "replace", "value": whole}]);
        authentik.operations(&format!("/Groups/{id}"), operations).await.expect_one_of(&[200, 204]);
        let read = group(authentik.get(&format!("/Groups/{id}")).await, 200);
        assert_eq!((&read["displayName"], &read["externalId"]), (&json!("Engineers"), &json!("g-uid")));
        assert_eq!(authentik.members(&id).await, [ada], "members untouched");
    })
    .await;
}

#[tokio::test]
async fn av_101_authentik_removes_members_one_operation_each() {
    with_directory(Kind::of("generic scim v2.0"), async |authentik| {
        let (ada, alan, grace) =
            (authentik.user("ada").await, authentik.user("alan").await, authentik.user("grace").await);
        let id = authentik.group("Eng", &[&ada, &alan, &grace]).await;
        let remove = |id: &str| json!({"op": "remove", "path": "members", "value": [{"value": id}]});
        let operations: Vec<Value> = vec![remove(&ada), remove(&grace)];
        authentik.operations(&format!("/Groups/{id}"), json!(operations)).await.expect_one_of(&[200, 204]);
        assert_eq!(authentik.members(&id).await, [alan]);
    })
    .await;
}

#[tokio::test]
async fn av_102_authentik_updates_and_deletes_a_user() {
    with_directory(Kind::of("generic scim v2.0"), async |authentik| {
        let path = format!("/Users/{}", authentik.user("ada@b.example").await);
        let mut body = okta_user("ada@b.example");
        body["displayName"] = json!("Ada L.");
        assert_eq!(user(authentik.put(&path, body).await, 200)["displayName"], "Ada L.");
        authentik.delete(&path).await.expect(204);
        error(authentik.put(&path, okta_user("ada@b.example")).await, 404, None);
    })
    .await;
}

#[tokio::test]
async fn av_103_keycloak_plug_ins_bring_an_id_and_a_double_slash() {
    with_directory(Kind::of("generic scim v2.0"), async |keycloak| {
        let mut body = okta_user("ada@b.example");
        body["id"] = json!("f0b1c2d3-0000-4000-8000-000000000001");
        let created = user(keycloak.post("//Users", body).await, 201);
        assert_ne!(created["id"], "f0b1c2d3-0000-4000-8000-000000000001", "the id is the server's");
        error(keycloak.get("/Users/f0b1c2d3-0000-4000-8000-000000000001").await, 404, None);
    })
    .await;
}

#[tokio::test]
async fn av_104_keycloak_plug_ins_write_operators_in_capitals() {
    with_directory(Kind::of("generic scim v2.0"), async |keycloak| {
        let path = format!("/Groups?filter={}", encoded("displayName EQ \"Team\""));
        list0(keycloak.get(&path).await);
        keycloak.group("team", &[]).await;
        assert_eq!(list(keycloak.get(&path).await).len(), 1);
    })
    .await;
}
