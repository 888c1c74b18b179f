//! Posit Workbench: SCIM 2.0 with one base URL for all.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::answers::{encoded, error, list, user};
use crate::support::{ENTERPRISE, GROUP, Kind, USER, okta_user, on_each_database, types, with_directory, with_json};

#[tokio::test]
async fn wb_01_wt_06_one_base_url_for_all_tenants() {
    on_each_database(async |service| {
        let (a, b) = (service.directory(Kind::okta()).await, service.directory(Kind::okta()).await);
        for (idp, name) in [(&a, "ada"), (&b, "alan")] {
            let created = with_json(idp.raw("POST", "/scim/v2/Users"), okta_user(name)).send().await;
            let location = created.header("location").unwrap().to_owned();
            assert!(location.starts_with(&format!("http://{}/scim/v2/Users/", service.address)), "{location}");
            user(created, 201);
        }
        for (idp, name) in [(&a, "ada"), (&b, "alan")] {
            let found = list(idp.raw("GET", "/scim/v2/Users?startIndex=1&count=2").send().await);
            assert_eq!((found.len(), &found[0]["userName"]), (1, &json!(name)));
        }
        let of_b = list(b.get("/Users").await)[0]["id"].as_str().unwrap().to_owned();
        error(a.raw("GET", &format!("/scim/v2/Users/{of_b}")).send().await, 404, None);
    })
    .await;
}

#[tokio::test]
async fn wb_03_user_name_is_the_unique_identifier() {
    with_directory(Kind::okta(), async |idp| {
        idp.user("Ada@Corp.Example").await;
        error(idp.post("/Users", okta_user("ada@corp.example")).await, 409, Some("uniqueness"));
        for name in ["ada@corp.example", "ADA@CORP.EXAMPLE"] {
            let filter = encoded(&format!("userName eq \"{name}\""));
            assert_eq!(list(idp.get(&format!("/Users?filter={filter}")).await)[0]["userName"], "Ada@Corp.Example");
        }
    })
    .await;
}

#[tokio::test]
async fn wb_04_wt_08_wt_11_the_identity_provider_imports_all_users() {
    with_directory(Kind::okta(), async |idp| {
        const PEOPLE: usize = 1234;
        let posts = (0..PEOPLE).map(|n| {
            let idp = idp.clone();
            async move { idp.post("/Users", json!({"schemas": [USER], "userName": format!("u{n}")})).await.expect(201) }
        });
        let mut waiting: Vec<_> = Vec::new();
        for post in posts {
            waiting.push(tokio::spawn(post));
            if waiting.len() == 64 {
                for post in waiting.drain(..) {
                    post.await.unwrap();
                }
            }
        }
        for post in waiting {
            post.await.unwrap();
        }
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut start = 1;
        while start <= PEOPLE {
            let answer = idp.get(&format!("/Users?startIndex={start}&count=100")).await;
            assert_eq!(answer.json()["totalResults"], PEOPLE);
            for person in list(answer) {
                assert!(seen.insert(person["id"].as_str().unwrap().to_owned()), "no repeats");
            }
            start += 100;
        }
        assert_eq!(seen.len(), PEOPLE);
        let id = seen.first().unwrap();
        let before = user(idp.get(&format!("/Users/{id}")).await, 200);
        let changed = json!([{"op": "replace", "path": "title", "value": "Countess"}]);
        user(idp.operations(&format!("/Users/{id}"), changed).await, 200);
        let filter = encoded(&format!("id eq \"{id}\""));
        let after = list(idp.get(&format!("/Users?filter={filter}")).await)[0].clone();
        assert!(after["meta"]["lastModified"].as_str() > before["meta"]["lastModified"].as_str());
    })
    .await;
}

#[tokio::test]
async fn wb_05_wt_12_ws_01_push_new_users() {
    with_directory(Kind::okta(), async |idp| {
        let (answer, events) = idp.events_of(idp.post("/Users", okta_user("ada@corp.example"))).await;
        let created = user(answer, 201);
        let told: Vec<&(String, Value)> = events.iter().filter(|(kind, _)| kind.starts_with("dsync.user")).collect();
        assert_eq!(told.len(), 1);
        let (kind, data) = told[0];
        assert_eq!(kind, "dsync.user.created");
        let expected = json!({"object": "directory_user", "id": created["id"], "directory_id": idp.id.to_string(),
            "organization_id": idp.organization_id.to_string(), "idp_id": "00uada@corp.example", "email": "ada@corp.example",
            "emails": [{"primary": true, "type": "work", "value": "ada@corp.example"}], "first_name": "Ada", "last_name": "Lovelace",
            "name": "Ada Lovelace", "username": "ada@corp.example", "job_title": null, "state": "active", "custom_attributes": {},
            "role": null, "roles": [], "environment_roles": {}, "access_version": 1, "known_user_id": null, "scim_version": 1, "created_at": data["created_at"], "updated_at": data["created_at"],
            "raw_attributes": {"schemas": [USER], "userName": "ada@corp.example", "name": {"givenName": "Ada", "familyName": "Lovelace"},
                "emails": [{"primary": true, "value": "ada@corp.example", "type": "work"}], "displayName": "Ada Lovelace",
                "locale": "en-US", "externalId": "00uada@corp.example", "active": true}});
        assert_eq!(data, &expected);
        let at = data["created_at"].as_str().unwrap();
        assert!(at.len() == 24 && at.ends_with('Z'), "milliseconds and Z: {at}");
    })
    .await;
}

#[tokio::test]
async fn wb_06_wt_13_wt_30_push_profile_updates_by_put_and_by_patch() {
    with_directory(Kind::okta(), async |idp| {
        let path = format!("/Users/{}", idp.user("ada").await);
        let mut body = idp.get(&path).await.json();
        body["title"] = json!("Countess");
        let (_, by_put) = idp.events_of(idp.put(&path, body)).await;
        let operations = json!([{"op": "replace", "value": {"title": "Analyst"}}]);
        let (_, by_patch) = idp.events_of(idp.operations(&path, operations)).await;
        for (events, old, new) in [(by_put, Value::Null, "Countess"), (by_patch, json!("Countess"), "Analyst")] {
            assert_eq!(types(&events), ["dsync.user.updated"]);
            assert_eq!(
                (&events[0].1["job_title"], &events[0].1["previous_attributes"]["job_title"]),
                (&json!(new), &old)
            );
        }
        assert_eq!(user(idp.get(&path).await, 200)["title"], "Analyst");
    })
    .await;
}

#[tokio::test]
async fn wb_07_a_directory_for_users_only_says_so() {
    with_directory(Kind::users_only(), async |idp| {
        let named: Vec<Value> = list(idp.get("/ResourceTypes").await).iter().map(|kind| kind["name"].clone()).collect();
        assert_eq!(named, ["User"]);
        assert!(list(idp.get("/Schemas").await).iter().all(|schema| schema["id"] != GROUP));
        for (method, path) in [
            ("GET", "/Groups"),
            ("POST", "/Groups"),
            ("GET", "/Groups/g"),
            ("PUT", "/Groups/g"),
            ("PATCH", "/Groups/g"),
            ("DELETE", "/Groups/g"),
        ] {
            error(
                with_json(idp.v2(method, path), json!({"schemas": [GROUP], "displayName": "x"})).send().await,
                501,
                None,
            );
        }
        idp.user("ada").await;
        assert_eq!(list(idp.get("/Users").await).len(), 1, "user sync is unaffected");
    })
    .await;
}

#[tokio::test]
async fn wb_12_wt_10_ws_10_sk_10_the_test_of_the_connection_succeeds() {
    with_directory(Kind::okta(), async |idp| {
        let (_, events) = idp
            .events_of(async {
                list(idp.get("/Users?startIndex=1&count=2").await);
                list(idp.get("/Groups?startIndex=1&count=100").await);
            })
            .await;
        assert_eq!(types(&events), ["dsync.activated"], "SK-4: the first call ends the waiting");
        assert_eq!(idp.events_of(idp.get("/Users?startIndex=1&count=2")).await.1, []);
    })
    .await;
}

#[tokio::test]
async fn wb_14_schemas_tell_the_whole_user() {
    with_directory(Kind::okta(), async |idp| {
        let schemas = list(idp.get("/Schemas").await);
        let names = |urn: &str| -> BTreeSet<String> {
            let schema = schemas.iter().find(|schema| schema["id"] == urn).unwrap();
            schema["attributes"].as_array().unwrap().iter().map(|attribute| attribute["name"].as_str().unwrap().to_owned()).collect()
        };
        let of = |text: &str| text.split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
        let core = "userName name displayName nickName profileUrl title userType preferredLanguage locale timezone active emails \
            phoneNumbers ims photos addresses groups entitlements roles x509Certificates";
        assert!(names(USER).is_superset(&of(core)), "{:?}", of(core).difference(&names(USER)).collect::<Vec<_>>());
        assert_eq!(names(ENTERPRISE), of("employeeNumber costCenter organization division department manager"));
    })
    .await;
}

#[tokio::test]
async fn wb_15_the_token_allows_direct_management() {
    with_directory(Kind::okta(), async |idp| {
        let path = format!("/Users/{}", idp.user("ada").await);
        assert_eq!(list(idp.get("/Users").await).len(), 1);
        let read = user(idp.get(&path).await, 200);
        user(idp.put(&path, read).await, 200);
        user(idp.operations(&path, json!([{"op": "replace", "path": "title", "value": "x"}])).await, 200);
        idp.delete(&path).await.expect(204);
    })
    .await;
}
