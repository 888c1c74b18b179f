//! WorkOS (SCIM 1.1), Workstream (Basic authentication) and Scalekit (groups).

use serde_json::{Value, json};

use crate::answers::{error, group, list, list_v1, resource_v1};
use crate::support::{CORE_V1, Directory, ENTERPRISE, GROUP, Kind, USER, on_each_database, types, with_directory};

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
