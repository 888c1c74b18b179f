//! Declaring by the application's API, and what was received without being declared.

use serde_json::{Value, json};

use super::{WORKATO, X, u1, workato, x};
use crate::answers::{error, user};
use crate::app_api::{Api, data};
use crate::support::{Directory, Kind, USER, with_directory};
use crate::wire::Answer;

impl Api {
    pub async fn send(&self, method: &str, target: &str, body: Value) -> Answer {
        self.request(method, target).header("Content-Type", "application/json").body(body.to_string()).send().await
    }
}

fn schema(idp: &Directory, urn: &str) -> String {
    format!("/directories/{}/schemas/{urn}", idp.id)
}

#[tokio::test]
async fn schemas_are_declared_read_and_removed_by_the_api_and_count_at_once() {
    with_directory(Kind::okta(), async |idp| {
        let api = Api::of(&idp.service).await;
        let wrong = json!({"schemas": [USER, X], "userName": "ada", X: {"badge": "x"}});
        let ada = user(idp.post("/Users", wrong.clone()).await, 201);
        assert_eq!(ada[X]["badge"], "x", "undeclared, anything goes");
        let path = format!("/Users/{}", ada["id"].as_str().unwrap());

        let put = api.send("PUT", &schema(&idp, X), x()).await.expect(200).json();
        assert_eq!((&put["object"], &put["id"]), (&json!("directory_schema"), &json!(X)));
        assert_eq!((&put["directory_id"], &put["attributes"][0]["caseExact"]), (&json!(idp.id), &json!(false)));
        assert_eq!(api.found(&schema(&idp, &X.to_uppercase())).await, put);
        assert_eq!(data(&api.found(&format!("/directories/{}/schemas", idp.id)).await), std::slice::from_ref(&put));
        assert_eq!(api.send("PUT", &schema(&idp, X), put.clone()).await.expect(200).json(), put, "an echo is fine");

        error(idp.put(&path, wrong.clone()).await, 400, Some("invalidValue"));
        assert_eq!(idp.get(&path).await.json()[X]["badge"], "x", "what is stored stays");
        let off = json!([{"op": "replace", "path": "active", "value": false}]);
        assert_eq!(user(idp.operations(&path, off).await, 200)["active"], false, "and stands in nobody's way");

        api.send("DELETE", &schema(&idp, X), json!({})).await.expect(204);
        api.refused(&schema(&idp, X), 404, "entity_not_found").await;
        assert_eq!(api.send("DELETE", &schema(&idp, X), json!({})).await.status, 404);
        assert_eq!(idp.get(&path).await.json()[X]["badge"], "x");
        user(idp.put(&path, wrong).await, 200);
    })
    .await;
}

#[tokio::test]
async fn s_7643_2_1_02_s_7643_2_3_01_a_wrong_declaration_is_refused_with_its_place() {
    with_directory(Kind::okta(), async |idp| {
        let api = Api::of(&idp.service).await;
        let refused = async |urn: &str, body: Value, status: u16| {
            let answer = api.send("PUT", &schema(&idp, urn), body).await.expect(status).json();
            answer["errors"][0]["field"].as_str().unwrap_or_default().to_owned()
        };
        let with = |attribute: Value| json!({"resource_type": "User", "attributes": [attribute]});
        for (body, field) in [
            (with(json!({"name": "9x"})), "attributes[0].name"),
            (with(json!({"name": "a", "type": "uuid"})), "attributes[0].type"),
            (json!({"attributes": [{"name": "a"}]}), "resource_type"),
            (json!({"resource_type": "User", "attributes": [{"name": "a"}], "colour": "red"}), "colour"),
            (json!({"id": WORKATO, "resource_type": "User", "attributes": [{"name": "a"}]}), "id"),
        ] {
            assert_eq!(refused(X, body, 422).await, field);
        }
        assert_eq!(refused(USER, with(json!({"name": "a"})), 422).await, "id");
        let broken = api.request("PUT", &schema(&idp, X)).body("{\"a\":1,\"a\":2}".to_owned()).send().await;
        assert_eq!(broken.expect(400).json()["code"], "invalid_json");
        let large = api.request("PUT", &schema(&idp, X)).body(" ".repeat(300 << 10)).send().await;
        assert_eq!(large.status, 413);
        let elsewhere = api.send("PUT", &format!("/directories/directory_{}/schemas/{X}", "0".repeat(26)), x()).await;
        assert_eq!(elsewhere.status, 404);
        let nobody = crate::wire::Request::new(idp.service.address, "PUT", &schema(&idp, X)).body("{}".to_owned());
        assert_eq!(nobody.send().await.status, 401);
        for n in 0..20 {
            let urn = format!("urn:example:scim:schemas:n:1.0:N{n}");
            api.send("PUT", &schema(&idp, &urn), with(json!({"name": "a"}))).await.expect(200);
        }
        assert_eq!(refused(X, with(json!({"name": "a"})), 422).await, "id", "twenty are enough");
    })
    .await;
}

#[tokio::test]
async fn wt_15_wt_19_what_is_received_and_not_declared_is_listed() {
    with_directory(Kind::okta(), async |idp| {
        let api = Api::of(&idp.service).await;
        let list = format!("/directories/{}/received_attributes", idp.id);
        let names = async || -> Vec<(String, String, String)> {
            let found = api.found(&list).await;
            let text = |object: &Value, key: &str| object[key].as_str().unwrap_or_default().to_owned();
            let mut names: Vec<_> = data(&found)
                .iter()
                .map(|name| (text(name, "urn"), text(name, "attribute"), text(name, "declared_in")))
                .collect();
            names.sort();
            names
        };
        let own = |urn: &str, name: &str, meant: &str| (urn.to_owned(), name.to_owned(), meant.to_owned());
        assert_eq!(names().await, []);
        let mut body = u1();
        body["workato_role"] = json!("Admin");
        let ada = user(idp.post("/Users", body.clone()).await, 201);
        let path = format!("/Users/{}", ada["id"].as_str().unwrap());
        let of_x = ["badge", "hireDate", "score", "tags"].map(|name| own(X, name, ""));
        let mut expected = vec![own("", "workato_role", "")];
        expected.extend(of_x);
        assert_eq!(names().await, expected);
        idp.put(&path, body.clone()).await.expect(200);
        let set =
            json!([{"op": "add", "value": {"BADGE": 1}}, {"op": "add", "path": format!("{X}:hat"), "value": "y"}]);
        user(idp.operations(&path, set).await, 200);
        idp.send_v1("POST", "/Users", json!({"userName": "bob", WORKATO: {"workato_role": "x"}})).await.expect(201);
        assert_eq!(names().await.len(), expected.len() + 3);

        api.send("PUT", &schema(&idp, X), x()).await.expect(200);
        api.send("PUT", &schema(&idp, WORKATO), workato(false)).await.expect(200);
        assert_eq!(
            names().await,
            [own("", "BADGE", X), own("", "workato_role", WORKATO), own(X, "hat", "")],
            "what is declared now is not missing any more, and what stands in the wrong place is told its place"
        );
        // A hundred names are kept.
        let many: serde_json::Map<String, Value> = (0..150).map(|n| (format!("n{n}"), json!(n))).collect();
        let cleo = json!({"schemas": [USER], "userName": "cleo", "urn:example:scim:schemas:many:1.0:User": many});
        user(idp.post("/Users", cleo).await, 201);
        let all = api.found(&list).await;
        assert_eq!(data(&all).len() + expected.len() + 3 - 3, 100);
        assert_eq!(
            (&data(&all)[0]["object"], &data(&all)[0]["resource_type"]),
            (&json!("received_attribute"), &json!("User"))
        );
    })
    .await;
}
