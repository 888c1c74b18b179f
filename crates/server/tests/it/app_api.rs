//! The application's API: objects, lists, errors and credentials, as the SDKs of applications expect them.

use std::collections::HashSet;
use std::sync::Arc;

use doorward_server::service::api_keys::{self, Lifetime};
use doorward_server::service::organizations;
use doorward_store::api_key::{KeyScope, KeyScopes};
use doorward_store::ids::OrganizationId;
use doorward_store::scope::OperatorScope;
use serde_json::{Value, json};

use crate::support::{Directory, Kind, Service, USER, on_each_database, with_directory};
use crate::wire::{Answer, Request};

/// An application with a key of its own.
pub struct Api {
    pub service: Arc<Service>,
    pub id: doorward_store::ids::ApiKeyId,
    pub key: String,
}

impl Api {
    pub async fn of(service: &Arc<Service>) -> Self {
        let operator = OperatorScope::local();
        let made = api_keys::create(service.app.store(), &operator, "test", Lifetime::Unlimited).await;
        let (row, key) = made.unwrap();
        Api { service: Arc::clone(service), id: row.id, key: key.expose().to_owned() }
    }

    /// With a key that may do only so much.
    pub async fn with(service: &Arc<Service>, scopes: &[KeyScope], only: Option<OrganizationId>) -> Self {
        let (operator, scopes) = (OperatorScope::local(), KeyScopes::of(scopes));
        let store = service.app.store();
        let made = api_keys::create_with(store, &operator, "test", Lifetime::Unlimited, scopes, only).await;
        let (row, key) = made.unwrap();
        Api { service: Arc::clone(service), id: row.id, key: key.expose().to_owned() }
    }

    pub fn request(&self, method: &str, target: &str) -> Request {
        Request::new(self.service.address, method, target).header("Authorization", &format!("Bearer {}", self.key))
    }

    async fn get(&self, target: &str) -> Answer {
        let answer = self.request("GET", target).send().await;
        assert_eq!(answer.header("content-type"), Some("application/json"), "{target}");
        assert!(answer.header("x-request-id").is_some_and(|id| id.starts_with("req_")), "{target}");
        answer
    }

    pub async fn found(&self, target: &str) -> Value {
        self.get(target).await.expect(200).json()
    }

    /// Checks the form of an error.
    pub async fn refused(&self, target: &str, status: u16, code: &str) -> Value {
        let body = self.get(target).await.expect(status).json();
        assert_eq!(body["code"], code, "{target}: {body}");
        assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{target}: {body}");
        body
    }

    /// All objects of a list, page by page.
    pub async fn all(&self, target: &str) -> Vec<Value> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.found(&format!("{target}&limit=3{after}")).await;
            assert_eq!(page["object"], "list");
            let data = page["data"].as_array().unwrap();
            assert!(data.len() <= 3);
            all.extend(data.iter().cloned());
            match page["list_metadata"]["after"].as_str() {
                Some(id) => after = format!("&after={id}"),
                None => return all,
            }
        }
    }
}

fn ids(list: &[Value]) -> Vec<String> {
    list.iter().map(|object| object["id"].as_str().unwrap().to_owned()).collect()
}

/// The objects of a page.
pub fn data(list: &Value) -> &[Value] {
    list["data"].as_array().unwrap()
}

/// The SDKs raise when one of these is missing.
pub fn has(object: &Value, keys: &[&str]) {
    for key in keys {
        assert!(object.get(key).is_some(), "no {key} in {object}");
    }
    for instant in ["created_at", "updated_at"] {
        let text = object[instant].as_str().unwrap_or_else(|| panic!("no {instant} in {object}"));
        assert!(text.len() == 24 && text.ends_with('Z'), "{text}");
    }
}

#[tokio::test]
async fn sec_17_a_credential_of_one_boundary_is_refused_at_the_other() {
    with_directory(Kind::okta(), async |directory: Directory| {
        let api = Api::of(&directory.service).await;
        let scim_token = format!("Bearer {}", directory.secret);
        let target = "/directories";
        let refusals = [
            Request::new(directory.service.address, "GET", target),
            Request::new(directory.service.address, "GET", target).header("Authorization", &scim_token),
            Request::new(directory.service.address, "GET", target).header("Authorization", "Bearer sk_nobody"),
            Request::new(directory.service.address, "GET", target).header("Authorization", &api.key),
            Request::new(directory.service.address, "GET", &format!("{target}?api_key={}", api.key)),
            api.request("GET", target).header("Authorization", &format!("Bearer {}", api.key)),
        ];
        let mut bodies = HashSet::new();
        for refusal in refusals {
            let answer = refusal.send().await.expect(401);
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            assert_eq!(answer.json()["code"], "unauthorized");
            bodies.insert(answer.body);
        }
        assert_eq!(bodies.len(), 1, "refusals are told apart: {bodies:?}");
        let with_key = directory.v2("GET", "/Users").without("Authorization");
        with_key.header("Authorization", &format!("Bearer {}", api.key)).send().await.expect(401);
    })
    .await;
}

#[tokio::test]
async fn sec_20_a_revoked_api_key_is_refused_within_a_second() {
    on_each_database(async |service: Arc<Service>| {
        let api = Api::of(&service).await;
        api.found("/directories").await;
        api_keys::revoke(service.app.store(), &OperatorScope::local(), api.id).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(900)).await;
        api.refused("/directories", 401, "unauthorized").await;
    })
    .await;
}

#[tokio::test]
async fn organizations_are_listed_and_found_by_either_id() {
    on_each_database(async |service: Arc<Service>| {
        let api = Api::of(&service).await;
        let own = format!("customer {}/ä", api.id);
        let operator = OperatorScope::local();
        let made = organizations::create(service.app.store(), &operator, "Zürich Ünlimited", Some(own.clone())).await;
        let id = made.unwrap().id.to_string();
        let organization = api.found(&format!("/organizations/{id}")).await;
        has(&organization, &["id", "name", "domains", "metadata", "external_id"]);
        assert_eq!(organization["object"], "organization");
        assert_eq!(organization["external_id"], json!(own));
        assert_eq!(organization["domains"], json!([]));
        let encoded = own.replace(' ', "%20").replace('/', "%2F").replace('ä', "%C3%A4");
        assert_eq!(api.found(&format!("/organizations/external_id/{encoded}")).await, organization);
        let found = api.all("/organizations?search=z%C3%9CRICH").await;
        assert!(ids(&found).contains(&id), "caseless search");
        assert!(data(&api.found("/organizations?search=no-such-name").await).is_empty());
        api.refused("/organizations/org_01AAAAAAAAAAAAAAAAAAAAAAAA", 404, "entity_not_found").await;
        api.refused("/organizations/nonsense", 404, "entity_not_found").await;
        api.refused("/organizations/external_id/nobody", 404, "entity_not_found").await;
    })
    .await;
}

#[tokio::test]
async fn wo_3_a_directory_shows_its_endpoint_and_never_its_token() {
    with_directory(Kind::okta(), async |directory: Directory| {
        let api = Api::of(&directory.service).await;
        let hostile = api.request("GET", &format!("/directories/{}", directory.id));
        let hostile = hostile.header("X-Forwarded-Host", "evil.example").header("Forwarded", "host=evil.example");
        let shown = hostile.send().await.expect(200);
        assert!(!shown.body.contains(&directory.secret) && !shown.body.contains("evil.example"), "{}", shown.body);
        let object = shown.json();
        has(&object, &["external_key", "domain", "label", "settings", "status"]);
        assert_eq!(object["object"], "directory");
        assert_eq!(object["id"], json!(directory.id));
        assert_eq!(object["organization_id"], json!(directory.organization_id));
        assert_eq!(object["type"], "okta scim v2.0");
        assert_eq!(object["state"], "validating");
        assert_eq!(object["endpoint"], json!(directory.base("v2")));
        assert_eq!(object["metadata"], json!({"users": {"active": 0, "inactive": 0}, "groups": 0}));
        directory.user("ada@corp.example").await;
        let gone = directory.user("bob@corp.example").await;
        let off = json!([{"op": "replace", "path": "active", "value": false}]);
        directory.operations(&format!("/Users/{gone}"), off).await.expect(200);
        directory.group("Engineering", &[]).await;
        let object = api.found(&format!("/directories/{}", directory.id)).await;
        assert_eq!(object["metadata"], json!({"users": {"active": 1, "inactive": 1}, "groups": 1}));
        assert_eq!((&object["state"], &object["status"]), (&json!("linked"), &json!("active")));
        let own = api.all(&format!("/directories?organization_id={}", directory.organization_id)).await;
        assert_eq!(own, [object]);
        api.refused(&format!("/directories/{}", directory.organization_id), 404, "entity_not_found").await;
    })
    .await;
}

#[tokio::test]
async fn a_directory_user_has_every_field_that_the_sdks_want() {
    with_directory(Kind::okta(), async |directory: Directory| {
        let api = Api::of(&directory.service).await;
        let ada = directory.user("ada@corp.example").await;
        let group = directory.group("Engineering", &[&ada]).await;
        let user = api.found(&format!("/directory_users/{ada}")).await;
        has(&user, &["idp_id", "emails", "job_title", "custom_attributes", "raw_attributes", "role", "roles"]);
        assert_eq!(user["object"], "directory_user");
        assert_eq!(user["directory_id"], json!(directory.id));
        assert_eq!(user["organization_id"], json!(directory.organization_id));
        assert_eq!(user["email"], "ada@corp.example");
        assert_eq!((&user["first_name"], &user["last_name"]), (&json!("Ada"), &json!("Lovelace")));
        assert_eq!((&user["username"], &user["state"]), (&json!("ada@corp.example"), &json!("active")));
        assert_eq!(user["raw_attributes"]["schemas"], json!([USER]));
        assert!(user["raw_attributes"].get("password").is_none());
        assert_eq!(ids(user["groups"].as_array().unwrap()), [group.as_str()]);
        has(&user["groups"][0], &["idp_id", "directory_id", "organization_id", "name", "raw_attributes"]);
        let listed = api.found(&format!("/directory_users?directory={}", directory.id)).await;
        assert_eq!(data(&listed), std::slice::from_ref(&user));
        let last = api.found(&format!("/events?directory={}&events=dsync.user.created", directory.id)).await;
        assert_eq!(user["sequence"], data(&last)[0]["sequence"], "the position of its last event");
        let group_object = api.found(&format!("/directory_groups/{group}")).await;
        has(&group_object, &["idp_id", "directory_id", "organization_id", "name", "raw_attributes", "members_count"]);
        assert_eq!(group_object["members_count"], 1);
        let of_user = api.found(&format!("/directory_groups?user={ada}")).await;
        assert_eq!(data(&of_user), [group_object]);
        for unknown in ["directory_user_01AAAAAAAAAAAAAAAAAAAAAAAA", "1", &group] {
            api.refused(&format!("/directory_users/{unknown}"), 404, "entity_not_found").await;
        }
        api.refused(&format!("/directory_groups/{ada}"), 404, "entity_not_found").await;
    })
    .await;
}

#[tokio::test]
async fn lists_go_both_ways_and_every_object_comes_once() {
    with_directory(Kind::okta(), async |directory: Directory| {
        let api = Api::of(&directory.service).await;
        let mut made = Vec::new();
        for n in 0..8 {
            made.push(directory.user(&format!("user{n}@corp.example")).await);
        }
        let target = format!("/directory_users?directory={}", directory.id);
        assert_eq!(ids(&api.all(&format!("{target}&order=asc")).await), made);
        let newest_first: Vec<String> = made.iter().rev().cloned().collect();
        assert_eq!(ids(&api.all(&target).await), newest_first, "newest first by default");
        let first = api.found(&format!("{target}&limit=3&order=asc")).await;
        assert_eq!(first["list_metadata"], json!({"before": null, "after": made[2]}));
        let middle = api.found(&format!("{target}&limit=3&order=asc&after={}", made[2])).await;
        assert_eq!(middle["list_metadata"], json!({"before": made[3], "after": made[5]}));
        let back = api.found(&format!("{target}&limit=3&order=asc&before={}", made[3])).await;
        assert_eq!(ids(data(&back)), made[..3], "back to the first page");
        assert_eq!(data(&api.found(&target).await).len(), 8, "ten by default");
        for (wrong, field) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=x", "limit"),
            ("order=up", "order"),
            ("after=1", "after"),
        ] {
            let body = api.refused(&format!("{target}&{wrong}"), 422, "unprocessable_entity").await;
            assert_eq!(body["errors"][0]["field"], field, "{body}");
        }
        api.refused(&format!("{target}&x=%FF"), 400, "invalid_request").await;
        api.found(&format!("{target}&unknown=1&limit=")).await;
    })
    .await;
}

#[tokio::test]
async fn wt_31_users_are_found_by_what_an_application_knows() {
    with_directory(Kind::okta(), async |directory: Directory| {
        let api = Api::of(&directory.service).await;
        let ada = directory.user("ada@corp.example").await;
        let bob = directory.user("bob@corp.example").await;
        let group = directory.group("Engineering", &[&bob]).await;
        let off = json!([{"op": "replace", "path": "active", "value": false}]);
        directory.operations(&format!("/Users/{bob}"), off).await.expect(200);
        let target = format!("/directory_users?directory={}", directory.id);
        for (filter, want) in [
            ("&email=ADA%40corp.example", &ada),
            ("&username=ada%40corp.example", &ada),
            ("&idp_id=00uada%40corp.example", &ada),
            ("&state=active", &ada),
            ("&state=inactive", &bob),
            (&format!("&group={group}"), &bob),
        ] {
            assert_eq!(
                &ids(data(&api.found(&format!("{target}{filter}")).await)),
                std::slice::from_ref(want),
                "{filter}"
            );
        }
        let changed = api.found(&format!("/directory_users/{bob}")).await["created_at"].as_str().unwrap().to_owned();
        let later = api.found(&format!("{target}&updated_after={changed}")).await;
        assert_eq!(ids(data(&later)), [bob.as_str()]);
        let members = api.found(&format!("/directory_users?group={group}")).await;
        assert_eq!(ids(data(&members)), [bob]);
        for (list, other) in [("/directory_users", "group"), ("/directory_groups", "user")] {
            let body = api.refused(list, 422, "unprocessable_entity").await;
            assert_eq!(body["errors"][0]["field"], "directory");
            let told = body["errors"][0]["message"].as_str().unwrap();
            assert!(told.starts_with(&format!("is required, unless {other} is given: the id of ")), "{told}");
            assert_eq!(body["message"], format!("directory {told}"));
        }
        api.refused(&format!("{target}&state=gone"), 422, "unprocessable_entity").await;
        api.refused(&format!("{target}&updated_after=noon"), 422, "unprocessable_entity").await;
        api.refused("/directory_users?directory=directory_01AAAAAAAAAAAAAAAAAAAAAAAA", 404, "entity_not_found").await;
        api.refused("/directory_users?group=nonsense", 404, "entity_not_found").await;
    })
    .await;
}

#[tokio::test]
async fn a_group_of_another_directory_is_not_found_in_this_one() {
    on_each_database(async |service: Arc<Service>| {
        let api = Api::of(&service).await;
        let (one, other) = (service.directory(Kind::okta()).await, service.directory(Kind::okta()).await);
        let group = one.group("Engineering", &[]).await;
        let target = format!("/directory_users?directory={}&group={group}", other.id);
        api.refused(&target, 404, "entity_not_found").await;
        api.found(&format!("/directory_users?directory={}&group={group}", one.id)).await;
    })
    .await;
}

#[tokio::test]
async fn a_list_is_asked_for_in_one_direction_and_by_a_bounded_number_of_values() {
    with_directory(Kind::okta(), async |directory: Directory| {
        let api = Api::of(&directory.service).await;
        let user = directory.user("ada@corp.example").await;
        let group = directory.group("Engineering", &[]).await;
        let event = api.found("/events?limit=1").await["data"][0]["id"].as_str().unwrap().to_owned();
        let (id, organization) = (directory.id.to_string(), directory.organization_id.to_string());
        for (list, at) in [
            ("/organizations?".to_owned(), &organization),
            ("/directories?".to_owned(), &id),
            (format!("/directory_users?directory={id}&"), &user),
            (format!("/directory_groups?directory={id}&"), &group),
            ("/events?".to_owned(), &event),
        ] {
            let both = format!("{list}after={at}&before={at}");
            let body = api.refused(&both, 422, "unprocessable_entity").await;
            assert_eq!(body["message"], "before cannot be given together with after");
            assert_eq!(body["errors"][0]["field"], "before");
            api.found(&format!("{list}after={at}&before=")).await;
            api.found(&format!("{list}before={at}")).await;
        }
        let types = |count| vec!["dsync.activated"; count].join(",");
        api.found(&format!("/events?events={}", types(200))).await;
        let body = api.refused(&format!("/events?events={}", types(201)), 422, "unprocessable_entity").await;
        assert_eq!(body["message"], "events must have at most 200 values");
        let repeated = vec!["events=dsync.activated"; 201].join("&");
        api.refused(&format!("/events?{repeated}"), 400, "invalid_request").await;
    })
    .await;
}

#[tokio::test]
async fn unknown_paths_and_methods_answer_in_the_form_of_their_surface() {
    with_directory(Kind::okta(), async |directory: Directory| {
        let api = Api::of(&directory.service).await;
        for path in ["/", "/nonsense", "/directories/a/b", "/scimitar", "/directories/"] {
            api.refused(path, 404, "not_found").await;
        }
        let answer = api.request("POST", "/directory_users").body("{}").send().await.expect(405);
        assert_eq!(answer.json()["code"], "method_not_allowed");
        assert!(answer.header("allow").is_some_and(|allow| allow.contains("GET")));
        for path in ["/scim/v3/Users", "/scim/v2/Nonsense", "/scim/a/b/c/d"] {
            let answer = directory.raw("GET", path).send().await;
            assert!((400..500).contains(&answer.status), "{path}: {}", answer.status);
            assert!(answer.json().get("schemas").is_some(), "{path}: {}", answer.body);
        }
        let mended = directory.raw("GET", &format!("//scim//{}/v2///Users/?count=1", directory.label)).send().await;
        mended.expect(200);
    })
    .await;
}

#[tokio::test]
async fn every_answer_has_a_request_id_of_our_own() {
    on_each_database(async |service: Arc<Service>| {
        let mut seen = HashSet::new();
        for path in ["/healthz", "/readyz", "/directories", "/scim/v2/Users", "/nonsense"] {
            let request = Request::new(service.address, "GET", path).header("X-Request-Id", "chosen-by-the-client");
            let answer = request.send().await;
            let id = answer.header("x-request-id").unwrap().to_owned();
            assert!(id.starts_with("req_") && seen.insert(id), "{path}");
        }
        for (path, word) in [("/healthz", "ok"), ("/readyz", "ready")] {
            let answer = Request::new(service.address, "GET", path).send().await.expect(200);
            assert_eq!(answer.json(), json!({"status": word}));
        }
    })
    .await;
}
