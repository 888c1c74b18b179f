//! Roles and entitlements that a directory offers.

use serde_json::{Value, json};

use crate::answers::{encoded, error, user};
use crate::app_api::Api;
use crate::support::{Directory, Kind, USER, with_directory};

const OKTA: &str = "urn:okta:scim:schemas:core:1.0:Role";
const DRAFT: &str = "urn:ietf:params:scim:schemas:core:2.0:Role";

fn offered(closed: bool) -> Value {
    json!({"roles": {"closed": closed, "values": [
        {"value": "admin", "display": "Administrator", "type": "System", "description": "May do everything"},
        {"value": "analyst", "type": "System"},
        {"value": "old/1", "supported": false}]}})
}

async fn set(idp: &Directory, api: &Api, catalogue: Value) -> Value {
    api.send("PUT", &format!("/directories/{}/catalogue", idp.id), catalogue).await.expect(200).json()
}

#[tokio::test]
async fn r_draft_config_01_nothing_is_said_while_nothing_is_offered() {
    with_directory(Kind::okta(), async |idp| {
        let check = async || {
            assert_eq!(idp.get("/ServiceProviderConfig").await.expect(200).json().get("RolesAndEntitlements"), None);
            for path in ["/Roles", "/Entitlements"] {
                let empty = idp.get(path).await.expect(200).json();
                assert_eq!((&empty["totalResults"], &empty["Resources"]), (&json!(0), &json!([])));
                error(idp.get(&format!("{path}/admin")).await, 404, None);
            }
            assert_eq!(idp.get("/ResourceTypes").await.json()["totalResults"], 2);
        };
        check().await;
        let api = Api::of(&idp.service).await;
        set(&idp, &api, offered(false)).await;
        assert_eq!(idp.get("/ResourceTypes").await.json()["totalResults"], 3);
        api.send("DELETE", &format!("/directories/{}/catalogue", idp.id), json!({})).await.expect(204);
        check().await;
    })
    .await;
}

#[tokio::test]
async fn r_draft_roles_01_r_draft_config_01_what_is_offered_is_listed_and_told() {
    for (kind, urn) in [(Kind::okta(), OKTA), (Kind::strict(), DRAFT)] {
        with_directory(kind, async |idp| {
            let api = Api::of(&idp.service).await;
            let set = set(&idp, &api, offered(false)).await;
            assert_eq!(set["object"], "directory_catalogue");
            assert_eq!(api.found(&format!("/directories/{}/catalogue", idp.id)).await, set);

            let config = idp.get("/ServiceProviderConfig").await.expect(200).json();
            assert_eq!(
                config["RolesAndEntitlements"],
                json!({"roles": {"supported": true, "multipleRolesSupported": true, "primarySupported": true,
                        "typeSupported": true, "types": ["System"]},
                    "entitlements": {"supported": false, "multipleEntitlementsSupported": false,
                        "primarySupported": false, "typeSupported": false, "types": []}})
            );
            let role_type = idp.get("/ResourceTypes/Role").await.expect(200).json();
            assert_eq!((&role_type["schema"], &role_type["endpoint"]), (&json!(urn), &json!("/Roles")));
            idp.get(&format!("/Schemas/{urn}")).await.expect(200);
            error(idp.get("/ResourceTypes/Entitlement").await, 404, None);

            let all = idp.get("/Roles").await.expect(200).json();
            assert_eq!(
                (&all["totalResults"], &all["itemsPerPage"], &all["startIndex"]),
                (&json!(3), &json!(3), &json!(1))
            );
            assert_eq!(
                all["Resources"][0],
                json!({"schemas": [urn], "id": "admin", "value": "admin", "display": "Administrator", "type": "System",
                    "description": "May do everything", "supported": true, "displayName": "Administrator",
                    "meta": {"resourceType": "Role", "location": format!("{}/Roles/admin", idp.base("v2"))}})
            );
            let ids = async |query: &str| -> Vec<Value> {
                let found = idp.get(&format!("/Roles?{query}")).await.expect(200).json();
                found["Resources"].as_array().unwrap().iter().map(|role| role["id"].clone()).collect()
            };
            assert_eq!(ids("startIndex=2&count=1").await, ["analyst"]);
            assert_eq!(ids("startIndex=9").await, [""; 0]);
            assert_eq!(ids("count=0").await, [""; 0]);
            assert_eq!(ids(&format!("filter={}", encoded("supported eq false"))).await, ["old/1"]);
            assert_eq!(
                ids(&format!("filter={}", encoded("value sw \"A\" and type eq \"system\""))).await,
                ["admin", "analyst"]
            );
            assert_eq!(ids("sortBy=value&sortOrder=descending").await, ["old/1", "analyst", "admin"]);
            let first = idp.get("/Roles?cursor&count=2").await.expect(200).json();
            let next = encoded(first["nextCursor"].as_str().unwrap());
            assert_eq!(ids(&format!("cursor={next}")).await, ["old/1"]);
            let slash = idp.get("/Roles/old%2F1").await.expect(200).json();
            assert!(slash["meta"]["location"].as_str().unwrap().ends_with("/Roles/old%2F1"));
            error(idp.get("/Roles/none").await, 404, None);
            for (method, path) in [("POST", "/Roles"), ("PUT", "/Roles/admin"), ("DELETE", "/Roles/admin")] {
                assert_eq!(idp.v2(method, path).send().await.status, 405, "{method} {path}");
            }
            let config = idp.get("/Schemas/urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig").await.json();
            let attributes = config["attributes"].as_array().unwrap();
            assert!(attributes.iter().any(|attribute| attribute["name"] == "RolesAndEntitlements"));
        })
        .await;
    }
}

#[tokio::test]
async fn r_draft_values_01_other_roles_are_taken_unless_the_list_is_closed() {
    with_directory(Kind::okta(), async |idp| {
        let api = Api::of(&idp.service).await;
        let body = |name: &str, role: &str| json!({"schemas": [USER], "userName": name, "roles": [{ "value": role }]});
        set(&idp, &api, offered(false)).await;
        let ada = user(idp.post("/Users", body("ada", "other")).await, 201);
        let path = format!("/Users/{}", ada["id"].as_str().unwrap());
        set(&idp, &api, offered(true)).await;
        error(idp.post("/Users", body("bob", "other")).await, 400, Some("invalidValue"));
        error(idp.post("/Users", body("bob", "old/1")).await, 400, Some("invalidValue"));
        error(idp.put(&path, body("ada", "other")).await, 400, Some("invalidValue"));
        user(idp.post("/Users", body("bob", "Admin")).await, 201);
        let off = json!([{"op": "replace", "path": "active", "value": false}]);
        assert_eq!(user(idp.operations(&path, off).await, 200)["roles"][0]["value"], "other", "kept as it was");
        let add = json!([{"op": "add", "path": "roles", "value": [{"value": "third"}]}]);
        error(idp.operations(&path, add).await, 400, Some("invalidValue"));
        let wrong = api.send("PUT", &format!("/directories/{}/catalogue", idp.id), json!({"rolls": {}})).await;
        assert_eq!(wrong.expect(422).json()["errors"][0]["field"], "rolls");
    })
    .await;
}
