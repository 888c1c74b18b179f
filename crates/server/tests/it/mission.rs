//! The mission's checklist, as far as SCIM itself proves it: `wb_…` Workbench, `wt_…` Workato, `wo_…` WorkOS, `ws_…`
//! Workstream, `sk_…` Scalekit.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::answers::{encoded, error, group, list, list_v1, resource_v1, user};
use crate::support::{
    CORE_V1, Directory, ENTERPRISE, GROUP, Kind, USER, okta_user, on_each_database, types, with_directory, with_json,
};

const WORKATO: &str = "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole";

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
            "role": null, "roles": [], "scim_version": 1, "created_at": data["created_at"], "updated_at": data["created_at"],
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

#[tokio::test]
async fn wt_05_wt_14_wt_33_wt_34_wt_35_ws_03_ws_04_ws_05_deactivation_keeps_everything() {
    with_directory(Kind::okta(), async |idp| {
        let mut body = okta_user("ada@corp.example");
        body[WORKATO] = json!({"workato_role": "Admin"});
        let before = user(idp.post("/Users", body).await, 201);
        let id = before["id"].as_str().unwrap();
        let path = format!("/Users/{id}");
        let team = idp.group("Team", &[id]).await;
        for by_put in [true, false] {
            let set = async |active: bool| {
                if by_put {
                    let mut echo = idp.get(&path).await.json();
                    echo["active"] = json!(active);
                    idp.put(&path, echo).await.expect(200)
                } else {
                    idp.operations(&path, json!([{"op": "replace", "value": {"active": active}}])).await.expect(200)
                }
            };
            let (_, events) = idp.events_of(set(false)).await;
            assert_eq!((types(&events), &events[0].1["state"]), (vec!["dsync.user.updated"], &json!("inactive")));
            let read = user(idp.get(&path).await, 200);
            assert_eq!(
                (&read["active"], &read["groups"][0]["value"]),
                (&json!(false), &json!(team)),
                "the record remains"
            );
            assert_eq!(idp.members(&team).await, [id.to_owned()], "so do memberships");
            let (_, events) = idp.events_of(set(true)).await;
            assert_eq!((types(&events), &events[0].1["state"]), (vec!["dsync.user.updated"], &json!("active")));
            let mut back = user(idp.get(&path).await, 200);
            let mut expected = before.clone();
            for object in [&mut back, &mut expected] {
                object.as_object_mut().unwrap().remove("meta");
                object.as_object_mut().unwrap().remove("groups");
            }
            assert_eq!(back, expected, "same id, same attributes");
        }
    })
    .await;
}

#[tokio::test]
async fn wt_07_user_name_carries_the_email() {
    with_directory(Kind::okta(), async |idp| {
        let body = json!({"schemas": [USER], "userName": "ada@corp.example"});
        let (answer, events) = idp.events_of(idp.post("/Users", body)).await;
        assert!(user(answer, 201).get("emails").is_none(), "the SCIM document stays as it was sent");
        let data = &events.iter().find(|(kind, _)| kind == "dsync.user.created").unwrap().1;
        assert_eq!(data["email"], "ada@corp.example");
        assert_eq!(data["emails"], json!([{"primary": true, "type": null, "value": "ada@corp.example"}]));
    })
    .await;
}

#[tokio::test]
async fn wt_09_three_shapes_of_the_header() {
    with_directory(Kind::okta(), async |idp| {
        let token = &idp.secret;
        for shape in [
            format!("Bearer {token}"),
            token.clone(),
            format!("Bearer Bearer {token}"),
            format!("bearer {token}"),
            format!("BEARER   {token} "),
        ] {
            list(idp.v2("GET", "/Users").without("Authorization").header("Authorization", &shape).send().await);
        }
    })
    .await;
}

#[tokio::test]
async fn wt_15_wt_22_custom_attributes_in_a_namespace_of_their_own() {
    with_directory(Kind::okta(), async |idp| {
        let mut body = okta_user("ada");
        body["schemas"] = json!([USER, WORKATO]);
        body[WORKATO] = json!({"workato_role": "<No access>", "workato_role_test": "Analyst"});
        let created = user(idp.post("/Users", body.clone()).await, 201);
        let path = format!("/Users/{}", created["id"].as_str().unwrap());
        assert_eq!((&created[WORKATO], &created["schemas"]), (&body[WORKATO], &json!([USER, WORKATO])));
        let by_path = json!([{"op": "replace", "path": format!("{WORKATO}:workato_role"), "value": "Operator"}]);
        let (answer, events) = idp.events_of(idp.operations(&path, by_path)).await;
        assert_eq!(user(answer, 200)[WORKATO], json!({"workato_role": "Operator", "workato_role_test": "Analyst"}));
        assert_eq!(events[0].1["custom_attributes"]["workato_role"], "Operator");
        assert_eq!(events[0].1["previous_attributes"]["custom_attributes"]["workato_role"], "<No access>");
        let without_path = json!([{"op": "replace", "value": {(WORKATO): {"workato_role": "Admin"}}}]);
        assert_eq!(user(idp.operations(&path, without_path).await, 200)[WORKATO]["workato_role"], "Admin");
        let qualified = json!([{"op": "replace", "value": {(format!("{WORKATO}:workato_role")): "Custom \u{e9}"}}]);
        assert_eq!(user(idp.operations(&path, qualified).await, 200)[WORKATO]["workato_role"], "Custom \u{e9}");
        body[WORKATO] = json!({"workato_role": "Admin"});
        let put = user(idp.put(&path, body).await, 200);
        assert_eq!(put[WORKATO], json!({"workato_role": "Admin"}));
        let found =
            idp.get(&format!("/Users?filter={}", encoded(&format!("{WORKATO}:workato_role eq \"admin\"")))).await;
        assert_eq!(found.json()["totalResults"], 1, "{}", found.body);
    })
    .await;
}

#[tokio::test]
async fn wt_21_provisioning_again_tells_nothing_new() {
    with_directory(Kind::okta(), async |idp| {
        let path = format!("/Users/{}", idp.user("ada@corp.example").await);
        let (_, events) = idp
            .events_of(async {
                list(idp.get(&format!("/Users?filter={}", encoded("userName eq \"ada@corp.example\""))).await);
                idp.put(&path, okta_user("ada@corp.example")).await.expect(200);
                error(idp.post("/Users", okta_user("ada@corp.example")).await, 409, Some("uniqueness"));
            })
            .await;
        assert_eq!(events, []);
    })
    .await;
}

#[tokio::test]
async fn wo_01_wo_02_wo_10_wo_14_wo_17_scim_1_1_for_users_and_groups() {
    with_directory(Kind::of("okta scim v1.1"), async |idp| {
        list_v1(idp.get_v1("/Users?startIndex=1&count=2").await);
        idp.get_v1("/ServiceProviderConfigs").await.expect(200);
        let body = json!({"schemas": [CORE_V1], "userName": "ada", "active": true});
        let ada = resource_v1(idp.send_v1("POST", "/Users", body).await, 201)["id"].clone();
        let body = json!({"schemas": [CORE_V1], "displayName": "Team", "members": [{"value": ada}]});
        let team = resource_v1(idp.send_v1("POST", "/Groups", body).await, 201);
        assert_eq!(team["members"][0]["value"], ada);
        let body = json!({"schemas": [CORE_V1], "members": [{"value": ada, "operation": "delete"}]});
        let path = format!("/Groups/{}", team["id"].as_str().unwrap());
        idp.send_v1("PATCH", &path, body).await.expect_one_of(&[200, 204]);
        assert!(idp.members(team["id"].as_str().unwrap()).await.is_empty());
    })
    .await;
}

/// Every attribute that a person can have.
fn everything() -> Value {
    json!({"userName": "ada@corp.example", "externalId": "00u1", "displayName": "Ada", "nickName": "Countess", "title": "Analyst",
        "profileUrl": "https://corp.example/ada", "userType": "Employee", "preferredLanguage": "en", "locale": "en_US",
        "timezone": "Europe/London", "active": true,
        "name": {"formatted": "Ms. Ada Lovelace", "familyName": "Lovelace", "givenName": "Ada", "middleName": "King",
            "honorificPrefix": "Ms.", "honorificSuffix": "I"},
        "emails": [{"value": "ada@corp.example", "type": "work", "primary": true}, {"value": "ada@home.example", "type": "home"}],
        "phoneNumbers": [{"value": "555-1234", "type": "work"}, {"value": "tel:+44-1", "type": "mobile"}],
        "ims": [{"value": "ada", "type": "teams"}], "photos": [{"value": "https://corp.example/ada.png", "type": "photo"}],
        "addresses": [{"type": "work", "streetAddress": "1 Analytical St\nRoom 2", "locality": "London", "region": "LDN",
            "postalCode": "N1", "country": "GB", "formatted": "1 Analytical St", "primary": true}],
        "roles": [{"value": "admin"}], "entitlements": [{"value": "all"}]})
}

#[tokio::test]
async fn wo_11_wo_13_wo_16_sk_13_every_field_arrives_and_looks_the_same_in_both_versions() {
    on_each_database(async |service| {
        let one = service.directory(Kind::of("okta scim v1.1")).await;
        let two = service.directory_of(one.organization_id, Kind::okta()).await;
        let (mut v1, mut v2) = (everything(), everything());
        v1["schemas"] = json!([CORE_V1, "urn:scim:schemas:extension:enterprise:1.0", "urn:okta:app:1.0:user:custom"]);
        v1["urn:scim:schemas:extension:enterprise:1.0"] =
            json!({"department": "R&D", "employeeNumber": "7", "manager": {"managerId": "m-1"}});
        v1["urn:okta:app:1.0:user:custom"] = json!({"badge": "blue"});
        v2["schemas"] = json!([USER, ENTERPRISE, "urn:okta:app:1.0:user:custom"]);
        v2[ENTERPRISE] = json!({"department": "R&D", "employeeNumber": "7", "manager": {"value": "m-1"}});
        v2["urn:okta:app:1.0:user:custom"] = json!({"badge": "blue"});
        let created = async |idp: &Directory, answer: crate::wire::Answer| {
            let body = answer.expect(201).json();
            let events = idp.events_after(0).await;
            let event = events.iter().find(|event| event.event_type == "dsync.user.created").unwrap();
            (body, serde_json::from_str::<Value>(&event.data).unwrap())
        };
        let (shown_1, mut told_1) = created(&one, one.send_v1("POST", "/Users", v1.clone()).await).await;
        let (shown_2, mut told_2) = created(&two, two.post("/Users", v2.clone()).await).await;
        for (shown, sent) in [(&shown_1, &v1), (&shown_2, &v2)] {
            for (name, value) in sent.as_object().unwrap() {
                assert_eq!(&shown[name], value, "{name}");
            }
        }
        for told in [&mut told_1, &mut told_2] {
            for own in ["id", "directory_id", "created_at", "updated_at"] {
                told[own] = Value::Null;
            }
        }
        assert_eq!(told_1, told_2, "the application sees no difference");
    })
    .await;
}

#[tokio::test]
async fn ws_08_ws_14_basic_authentication() {
    on_each_database(async |service| {
        let idp = service.directory(Kind::basic()).await;
        list(idp.raw("GET", "/scim/v2/Users").send().await);
        let bearer =
            idp.v2("GET", "/Users").without("Authorization").header("Authorization", &format!("Bearer {}", idp.secret));
        error(bearer.send().await, 401, None);
        let token = service.directory(Kind::okta()).await;
        use base64::Engine as _;
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("user:{}", token.secret));
        let request =
            token.v2("GET", "/Users").without("Authorization").header("Authorization", &format!("Basic {pair}"));
        error(request.send().await, 401, None);
    })
    .await;
}

#[tokio::test]
async fn sk_08_the_token_of_one_directory_on_the_url_of_another() {
    on_each_database(async |service| {
        let (a, b) = (service.directory(Kind::okta()).await, service.directory(Kind::okta()).await);
        assert_ne!(a.base("v2"), b.base("v2"));
        for version in ["v2", "v1"] {
            let answer = a.raw("GET", &format!("/scim/{}/{version}/Users", b.label)).send().await;
            let unknown = a.raw("GET", &format!("/scim/nobody/{version}/Users")).send().await;
            assert_eq!((answer.status, answer.body), (401, unknown.body));
        }
    })
    .await;
}

#[tokio::test]
async fn sk_14_sk_15_groups_are_pushed_renamed_and_taken_back() {
    with_directory(Kind::okta(), async |idp| {
        let ada = idp.user("ada").await;
        let (created, events) = idp.events_of(idp.post("/Groups", json!({"schemas": [GROUP], "displayName": "Engineering", "members": [{"value": ada}]}))).await;
        let created = group(created, 201);
        assert_eq!(types(&events), ["dsync.group.created", "dsync.group.user_added"]);
        let data = &events[0].1;
        let expected = json!({"object": "directory_group", "id": created["id"], "idp_id": "Engineering", "directory_id": idp.id.to_string(),
            "organization_id": idp.organization_id.to_string(), "name": "Engineering", "members_count": 0,
            "created_at": data["created_at"], "updated_at": data["created_at"],
            "raw_attributes": {"schemas": [GROUP], "displayName": "Engineering"}});
        assert_eq!(data, &expected);
        let path = format!("/Groups/{}", created["id"].as_str().unwrap());
        let rename = json!([{"op": "replace", "value": {"id": created["id"], "displayName": "Engineers"}}]);
        let (_, events) = idp.events_of(idp.operations(&path, rename)).await;
        assert_eq!(types(&events), ["dsync.group.updated"]);
        assert_eq!(events[0].1["previous_attributes"]["name"], "Engineering");
        let (_, events) = idp.events_of(idp.delete(&path)).await;
        assert_eq!(types(&events), ["dsync.group.user_removed", "dsync.group.deleted"]);
    })
    .await;
}
