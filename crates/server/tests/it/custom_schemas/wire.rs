//! Declared schemas on the wire: the rows of the hard cases that speak of the extension X, and Workato's.

use serde_json::{Value, json};

use super::{WORKATO, X, declare, u1, u2, workato, x};
use crate::answers::{encoded, error, list, user};
use crate::support::{Directory, Kind, USER, types, with_directory};

async fn fixtures(idp: &Directory) -> (String, String) {
    declare(idp, x()).await;
    let id = async |body: Value| user(idp.post("/Users", body).await, 201)["id"].as_str().unwrap().to_owned();
    (format!("/Users/{}", id(u1()).await), format!("/Users/{}", id(u2()).await))
}

async fn on_both_profiles(test: impl AsyncFn(Directory, bool)) {
    with_directory(Kind::okta(), async |idp| test(idp, true).await).await;
    with_directory(Kind::strict(), async |idp| test(idp, false).await).await;
}

#[tokio::test]
async fn f050_to_f091_declared_attributes_are_filtered_by_their_type() {
    on_both_profiles(async |idp, tolerant| {
        fixtures(&idp).await;
        let names = async |filter: &str| -> Vec<String> {
            let found = list(idp.get(&format!("/Users?filter={}", encoded(filter))).await);
            found.iter().map(|user| user["userName"].as_str().unwrap().to_owned()).collect()
        };
        for filter in [
            "badge ge 42",
            "badge eq 4.2e1",
            "score eq 1.50",
            "tags eq \"RED\"",
            "tags[value eq \"red\"]",
            "hireDate lt \"2020-01-01T00:00:00.001Z\"",
            "hireDate eq \"2020-01-01T01:00:00+01:00\"",
            "BADGE pr",
        ] {
            assert_eq!(names(&format!("{X}:{filter}")).await, ["bjensen@example.com"], "{filter}");
        }
        assert_eq!(names(&format!("{X}:badge gt 42")).await, [""; 0]);
        for filter in ["cert gt \"AA==\"", "badge eq 042", "badge gt \"41\""] {
            let filter = encoded(&format!("{X}:{filter}"));
            error(idp.get(&format!("/Users?filter={filter}")).await, 400, Some("invalidFilter"));
        }
        // Without its URN the name is one of the tolerances.
        if tolerant {
            assert_eq!(names("badge eq 42").await, ["bjensen@example.com"]);
        } else {
            error(idp.get("/Users?filter=badge%20eq%2042").await, 400, Some("invalidFilter"));
        }
        let sorted = async |order: &str| -> Vec<Value> {
            let found = list(idp.get(&format!("/Users?sortBy={X}:badge&sortOrder={order}")).await);
            found.iter().map(|user| user["userName"].clone()).collect()
        };
        assert_eq!(sorted("ascending").await, [json!("bjensen@example.com"), json!("JSmith")]);
        assert_eq!(sorted("descending").await, [json!("JSmith"), json!("bjensen@example.com")]);
        let shown = list(idp.get(&format!("/Users?attributes={X}:score&count=1")).await);
        assert_eq!(shown[0][X], json!({"score": 1.5}));
        assert_eq!(shown[0].get("userName"), None);
    })
    .await;
}

#[tokio::test]
async fn p033_to_p101_declared_attributes_are_patched_by_their_rules() {
    on_both_profiles(async |idp, tolerant| {
        let (u1, u2) = fixtures(&idp).await;
        let one = async |path: &str, op: &str, attribute: &str, value: Value| {
            let mut operation = json!({"op": op, "path": format!("{X}:{attribute}"), "value": value});
            if operation["value"].is_null() {
                operation.as_object_mut().unwrap().remove("value");
            }
            idp.operations(path, json!([operation])).await
        };
        let before = user(idp.get(&u1).await, 200);
        for (op, attribute, value, scim_type) in [
            ("add", "hireDate", json!("2021-01-01T00:00:00Z"), "mutability"),
            ("remove", "hireDate", Value::Null, "mutability"),
            ("replace", "badge", json!("43"), "invalidValue"),
            ("replace", "badge", json!(43.0), "invalidValue"),
            ("replace", "score", json!("1"), "invalidValue"),
            ("replace", "cert", json!("@@@"), "invalidValue"),
        ] {
            error(one(&u1, op, attribute, value).await, 400, Some(scim_type));
        }
        error(one(&u2, "replace", "hireDate", json!("2020-01-01")).await, 400, Some("invalidValue"));
        one(&u1, "replace", "hireDate", json!("2020-01-01T01:00:00+01:00")).await.expect(200);
        assert_eq!(user(idp.get(&u1).await, 200), before, "P035: the same instant is no change");
        one(&u2, "add", "hireDate", json!("2021-01-01T00:00:00Z")).await.expect(200);
        one(&u1, "add", "tags", json!(["green", "red"])).await.expect(200);
        assert_eq!(idp.get(&u1).await.json()[X]["tags"], json!(["red", "blue", "green"]), "P036");
        one(&u1, "remove", "tags[value eq \"red\"]", Value::Null).await.expect(200);
        assert_eq!(idp.get(&u1).await.json()[X]["tags"], json!(["blue", "green"]), "P100");
        one(&u1, "remove", "tags[value pr]", Value::Null).await.expect(200);
        assert_eq!(idp.get(&u1).await.json()[X].get("tags"), None, "P101");
        let unknown = one(&u1, "add", "shoeSize", json!(1)).await;
        error(unknown, 400, Some("invalidPath"));
        let unqualified = idp.operations(&u1, json!([{"op": "replace", "path": "badge", "value": 7}])).await;
        if tolerant {
            assert_eq!(user(unqualified, 200)[X]["badge"], 7);
        } else {
            error(unqualified, 400, Some("invalidPath"));
        }
        // PUT: the same immutable value passes, another one does not (S-7643-7-04).
        let mut body = idp.get(&u1).await.json();
        idp.put(&u1, body.clone()).await.expect(200);
        body[X]["hireDate"] = json!("2022-01-01T00:00:00Z");
        error(idp.put(&u1, body).await, 400, Some("mutability"));
    })
    .await;
}

#[tokio::test]
async fn s_7643_2_3_4_01_s_7643_2_3_5_01_s_7643_2_3_6_01_values_are_refused_by_type_when_they_come() {
    on_both_profiles(async |idp, tolerant| {
        declare(&idp, x()).await;
        let post = async |name: &str, extension: Value| {
            idp.post("/Users", json!({"schemas": [USER, X], "userName": name, X: extension})).await
        };
        for (index, wrong) in [
            json!({"badge": 42.5}),
            json!({"badge": "42"}),
            json!({"hireDate": "2008-01-23"}),
            json!({"cert": "Q U I"}),
            json!({"score": "high"}),
            json!({"tags": [{"value": "red"}]}),
            json!([1]),
        ]
        .into_iter()
        .enumerate()
        {
            error(post(&format!("wrong{index}"), wrong).await, 400, Some("invalidValue"));
        }
        let good = json!({"BADGE": 1, "cert": "QUI", "hireDate": "2008-01-23T04:56:22.123456+05:30", "score": 1.50});
        let shown = user(post("good", good).await, 201);
        assert_eq!(
            shown[X],
            json!({"badge": 1, "cert": "QUI", "hireDate": "2008-01-23T04:56:22.123456+05:30", "score": 1.5})
        );
        assert_eq!(shown["schemas"], json!([USER, X]));
        let unknown = post("more", json!({"badge": 1, "hat": "x"})).await;
        if tolerant {
            assert_eq!(user(unknown, 201)[X]["hat"], "x");
        } else {
            error(unknown, 400, Some("invalidSyntax"));
        }
        let unlisted = idp.post("/Users", json!({"schemas": [USER], "userName": "u", X: {"badge": 1}})).await;
        if tolerant {
            assert_eq!(user(unlisted, 201)["schemas"], json!([USER, X]));
        } else {
            error(unlisted, 400, Some("invalidSyntax"));
        }
    })
    .await;
}

#[tokio::test]
async fn s_7643_6_03_s_7643_7_04_s_7643_7_05_required_read_only_and_hidden_attributes() {
    with_directory(Kind::okta(), async |idp| {
        let urn = "urn:example:scim:schemas:rules:1.0:User";
        declare(
            &idp,
            json!({"id": urn, "resource_type": "User", "required": true, "attributes": [
            {"name": "must", "required": true}, {"name": "fixed", "mutability": "readOnly"},
            {"name": "secret", "mutability": "writeOnly"}, {"name": "hidden", "returned": "never"},
            {"name": "asked", "returned": "request"}, {"name": "there", "returned": "always"}]}),
        )
        .await;
        let post = async |extension: Value| {
            idp.post("/Users", json!({"schemas": [USER, urn], "userName": "ada", urn: extension})).await
        };
        error(idp.post("/Users", json!({"schemas": [USER], "userName": "ada"})).await, 400, Some("invalidValue"));
        error(post(json!({"there": "x"})).await, 400, Some("invalidValue"));
        let all = json!({"must": "a", "fixed": "b", "secret": "c", "hidden": "d", "asked": "e", "there": "f"});
        let shown = user(post(all).await, 201);
        assert_eq!(shown[urn], json!({"must": "a", "there": "f"}));
        let path = format!("/Users/{}", shown["id"].as_str().unwrap());
        let asked = idp.get(&format!("{path}?attributes={urn}:asked,{urn}:hidden")).await.expect(200).json();
        assert_eq!(asked[urn], json!({"asked": "e", "there": "f"}));
        let without = idp.get(&format!("{path}?excludedAttributes={urn}")).await.expect(200).json();
        assert_eq!(without[urn], json!({"there": "f"}));
        let patch = async |op: &str, name: &str, value: Value| {
            idp.operations(&path, json!([{"op": op, "path": format!("{urn}:{name}"), "value": value}])).await
        };
        error(patch("replace", "fixed", json!("x")).await, 400, Some("mutability"));
        error(patch("remove", "must", Value::Null).await, 400, Some("mutability"));
        error(idp.get(&format!("/Users?filter={urn}:hidden%20pr")).await, 400, Some("invalidFilter"));
    })
    .await;
}

#[tokio::test]
async fn wt_15_wt_16_wt_18_workatos_roles_with_and_without_a_closed_list() {
    with_directory(Kind::okta(), async |idp| {
        declare(&idp, workato(false)).await;
        let body = json!({"schemas": [USER, WORKATO], "userName": "ada@corp.example",
            WORKATO: {"workato_role": "Admin", "workato_role_test": "A custom role"}});
        let ada = user(idp.post("/Users", body.clone()).await, 201);
        assert_eq!(ada[WORKATO], body[WORKATO], "an open list takes other values");
        let path = format!("/Users/{}", ada["id"].as_str().unwrap());
        let set = json!([{"op": "replace", "path": format!("{WORKATO}:workato_role_prod"), "value": "Operator"}]);
        let (answer, events) = idp.events_of(idp.operations(&path, set)).await;
        assert_eq!(user(answer, 200)[WORKATO]["workato_role_prod"], "Operator");
        assert_eq!(types(&events), ["dsync.user.updated"]);
        assert_eq!(events[0].1["previous_attributes"]["custom_attributes"], body[WORKATO]);
        assert_eq!(events[0].1["custom_attributes"]["workato_role_prod"], "Operator");
    })
    .await;
    with_directory(Kind::okta(), async |idp| {
        declare(&idp, workato(true)).await;
        let body = |role: &str| json!({"schemas": [USER, WORKATO], "userName": "ada", WORKATO: {"workato_role": role}});
        error(idp.post("/Users", body("Owner")).await, 400, Some("invalidValue"));
        let ada = user(idp.post("/Users", body("<No access>")).await, 201);
        let path = format!("/Users/{}", ada["id"].as_str().unwrap());
        error(idp.put(&path, body("Owner")).await, 400, Some("invalidValue"));
        let set = |role: &str| json!([{"op": "add", "value": {WORKATO: {"workato_role_test": role}}}]);
        error(idp.operations(&path, set("Owner")).await, 400, Some("invalidValue"));
        assert_eq!(user(idp.operations(&path, set("admin")).await, 200)[WORKATO]["workato_role_test"], "admin");
        // 1.1 writes and reads the same extension, under the same URN.
        let wrong = json!({"userName": "bob", WORKATO: {"workato_role": "Owner"}});
        idp.send_v1("POST", "/Users", wrong).await.expect(400);
        let bob = json!({"userName": "bob", WORKATO: {"workato_role": "Analyst"}});
        let bob = idp.send_v1("POST", "/Users", bob).await.expect(201).json();
        assert_eq!(bob[WORKATO], json!({"workato_role": "Analyst"}));
        let path = format!("/Users/{}", bob["id"].as_str().unwrap());
        let set = json!({WORKATO: {"workato_role": "Admin"}});
        idp.send_v1("PATCH", &path, set).await.expect(200);
        assert_eq!(idp.get_v1(&path).await.json()[WORKATO]["workato_role"], "Admin");
        let filter = encoded(&format!("{WORKATO}:workato_role eq \"admin\""));
        assert_eq!(idp.get_v1(&format!("/Users?filter={filter}")).await.json()["totalResults"], 1);
    })
    .await;
}

#[tokio::test]
async fn s_7643_6_01_s_7643_6_02_s_7643_7_01_both_versions_publish_what_is_declared() {
    on_both_profiles(async |idp, _| {
        let group = "urn:example:scim:schemas:team:1.0:Group";
        declare(&idp, workato(false)).await;
        declare(&idp, json!({"id": group, "resource_type": "Group", "attributes": [{"name": "floor", "type": "integer"}]}))
            .await;
        let types = idp.get("/ResourceTypes").await.expect(200).json();
        let extensions = |index: usize| types["Resources"][index]["schemaExtensions"].as_array().unwrap().clone();
        assert_eq!(extensions(0)[1], json!({"schema": WORKATO, "required": false}));
        assert_eq!(extensions(1), [json!({"schema": group, "required": false})]);
        let upper = WORKATO.to_uppercase();
        let schema = idp.get(&format!("/Schemas/{}", encoded(&upper))).await.expect(200).json();
        assert_eq!((&schema["id"], &schema["attributes"][0]["type"]), (&json!(WORKATO), &json!("string")));
        assert_eq!(idp.get(&format!("/Schemas/{group}")).await.expect(200).json()["attributes"][0]["name"], "floor");
        let v1 = idp.get_v1("/Schemas/User").await.expect(200).json();
        let attributes = v1["attributes"].as_array().unwrap();
        assert!(attributes.iter().any(|attribute| attribute["schema"] == WORKATO));
        let body = |floor: Value| json!({"schemas": [crate::support::GROUP, group], "displayName": "T", group: {"floor": floor}});
        error(idp.post("/Groups", body(json!("two"))).await, 400, Some("invalidValue"));
        let team = idp.post("/Groups", body(json!(2))).await.expect(201).json();
        assert_eq!(team[group], json!({"floor": 2}));
        let found = list(idp.get(&format!("/Groups?filter={}", encoded(&format!("{group}:floor eq 2")))).await);
        assert_eq!(found.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn s_7643_3_3_01_an_extension_attribute_called_user_name_is_another_one() {
    on_both_profiles(async |idp, _| {
        let attributes = json!([{"name": "userName"}, {"name": "active", "type": "boolean"}]);
        declare(&idp, json!({"id": X, "name": "Acme", "resource_type": "User", "attributes": attributes})).await;
        let body = json!({"schemas": [USER, X], "userName": "core", X: {"userName": "other", "active": false}});
        let id = user(idp.post("/Users", body).await, 201)["id"].as_str().unwrap().to_owned();
        let change = json!([{"op": "replace", "path": format!("{X}:userName"), "value": "third"}]);
        let changed = user(idp.operations(&format!("/Users/{id}"), change).await, 200);
        assert_eq!((&changed["userName"], &changed["active"]), (&json!("core"), &json!(true)));
        assert_eq!(changed[X], json!({"userName": "third", "active": false}));
        for (filter, found) in [
            ("userName eq \"third\"".to_owned(), 0),
            (format!("{X}:userName eq \"third\""), 1),
            ("active eq true".to_owned(), 1),
        ] {
            assert_eq!(list(idp.get(&format!("/Users?filter={}", encoded(&filter))).await).len(), found, "{filter}");
        }
    })
    .await;
}
