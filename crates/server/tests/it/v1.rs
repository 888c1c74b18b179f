//! SCIM 1.1 where the service takes part (`v017`…`v030`).

use serde_json::{Value, json};

use crate::answers::{error, error_v1, list_v1, resource_v1, user};
use crate::support::{CORE_V1, ENTERPRISE, Kind, USER, with_directory, with_json};

const ENTERPRISE_V1: &str = "urn:scim:schemas:extension:enterprise:1.0";

fn okta() -> Kind {
    Kind::of("okta scim v1.1")
}

fn person() -> Value {
    json!({"schemas": [CORE_V1, ENTERPRISE_V1], "userName": "ada@corp.example", "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": ["ada@corp.example"], (ENTERPRISE_V1): {"department": "R&D", "manager": {"managerId": "m-1"}}})
}

#[tokio::test]
async fn v017_v025_v030_one_resource_in_two_versions() {
    with_directory(okta(), async |idp| {
        let one = resource_v1(idp.send_v1("POST", "/Users", person()).await, 201);
        assert_eq!(one["schemas"], json!([CORE_V1, ENTERPRISE_V1]));
        assert_eq!(one[ENTERPRISE_V1], json!({"department": "R&D", "manager": {"managerId": "m-1"}}));
        assert_eq!(one["emails"], json!([{"value": "ada@corp.example"}]), "V019: the short form");
        let path = format!("/Users/{}", one["id"].as_str().unwrap());
        let two = user(idp.get(&path).await, 200);
        assert_eq!(two[ENTERPRISE], json!({"department": "R&D", "manager": {"value": "m-1"}}));
        assert_eq!((&two["id"], &two["meta"]["version"]), (&one["id"], &one["meta"]["version"]));
        assert_ne!(two["meta"]["location"], one["meta"]["location"]);
        let off = json!([{"op": "replace", "path": "active", "value": false}]);
        user(idp.operations(&path, off).await, 200);
        let read = resource_v1(idp.get_v1(&path).await, 200);
        assert_eq!(read["active"], false);
        assert!(!idp.get_v1(&path).await.body.contains("urn:ietf"), "2.0 URNs never appear");
        assert_ne!(read["meta"]["version"], one["meta"]["version"]);
    })
    .await;
}

#[tokio::test]
async fn v020_v026_v028_deleting_and_errors() {
    with_directory(okta(), async |idp| {
        let one = resource_v1(idp.send_v1("POST", "/Users", person()).await, 201);
        let path = format!("/Users/{}", one["id"].as_str().unwrap());
        let answer = idp.v1("GET", &path).without("Accept").header("Accept", "application/xml").send().await;
        resource_v1(answer, 200);
        let gone = idp.v1("DELETE", &path).send().await.expect(200);
        assert_eq!(gone.body, "", "D35");
        error_v1(idp.get_v1(&path).await, 404);
        error_v1(idp.get_v1("/Users/nope").await, 404);
        error_v1(idp.send_v1("POST", "/Users", json!({"schemas": [CORE_V1]})).await, 400);
        error_v1(idp.get_v1("/Users?filter=userName%20xx%20%22a%22").await, 400);
        error_v1(idp.v1("GET", "/Users").without("Authorization").send().await, 401);
        let xml = idp.v1("POST", "/Users").header("Content-Type", "application/xml").body("<User/>");
        error_v1(xml.send().await, 415);
    })
    .await;
}

#[tokio::test]
async fn v021_v022_v1_api_3_12_01_method_override() {
    with_directory(okta(), async |idp| {
        let one = resource_v1(idp.send_v1("POST", "/Users", person()).await, 201);
        let path = format!("/Users/{}", one["id"].as_str().unwrap());
        let over = |path: &str, method: &str, body: Value| {
            with_json(idp.v1("POST", path).header("X-HTTP-Method-Override", method), body).send()
        };
        let body = json!({"schemas": [CORE_V1], "active": false});
        assert_eq!(resource_v1(over(&path, "patch", body).await, 200)["active"], false);
        let mut body = person();
        body["title"] = json!("Countess");
        assert_eq!(resource_v1(over(&path, "PUT", body).await, 200)["title"], "Countess");
        error_v1(over("/Users", "GET", json!({})).await, 400);
        let ignored = idp.v1("GET", &path).header("X-HTTP-Method-Override", "DELETE").send().await;
        resource_v1(ignored, 200);
        let two = with_json(
            idp.v2("POST", "/Users").header("X-HTTP-Method-Override", "PATCH"),
            json!({"schemas": [USER], "userName": "x"}),
        );
        error(two.send().await, 400, Some("invalidSyntax"));
        assert_eq!(over(&path, "DELETE", json!({})).await.expect(200).body, "");
        error_v1(idp.get_v1(&path).await, 404);
    })
    .await;
}

#[tokio::test]
async fn v023_v024_v1_api_3_7_01_filters_and_attributes() {
    with_directory(okta(), async |idp| {
        let one = resource_v1(idp.send_v1("POST", "/Users", person()).await, 201);
        for filter in ["emails%20eq%20%22ada%40corp.example%22", "userName%20ne%20%22a%22"] {
            assert_eq!(list_v1(idp.get_v1(&format!("/Users?filter={filter}")).await).len(), 1, "{filter}");
        }
        let part = idp.get_v1("/Users?attributes=userName&excludedAttributes=userName").await;
        let part = list_v1(part)[0].clone();
        assert_eq!(part["userName"], "ada@corp.example", "1.1 has no excludedAttributes");
        assert_eq!((&part["id"], &part["meta"]["version"]), (&one["id"], &one["meta"]["version"]));
        assert!(part.get("name").is_none(), "{part}");
    })
    .await;
    with_directory(Kind::strict(), async |idp| {
        error_v1(idp.get_v1("/Users?filter=userName%20ne%20%22a%22").await, 400);
    })
    .await;
}

#[tokio::test]
async fn v1_core_9_01_v1_core_10_01_discovery() {
    with_directory(okta(), async |idp| {
        let whole = list_v1(idp.get_v1("/Schemas").await);
        assert!(
            whole.iter().any(|schema| schema["name"] == "User") && whole.iter().any(|schema| schema["name"] == "Group")
        );
        for path in ["/Schemas/User", "/Schemas/urn:scim:schemas:core:1.0:User"] {
            assert_eq!(idp.get_v1(path).await.expect(200).json()["name"], "User", "{path}");
        }
        assert_eq!(
            idp.get_v1("/ServiceProviderConfig").await.json(),
            idp.get_v1("/ServiceProviderConfigs").await.json()
        );
    })
    .await;
}
