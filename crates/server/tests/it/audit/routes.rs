//! Every route that changes something leaves a record with the request's id, and none when it was refused (SEC-54). The table must have
//! every such route: it is compared with the source of the router.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::app_api::{Api, data};
use crate::custom_schemas::{X, x};
use crate::support::{Directory, GROUP, Kind, PATCH_OP, Service, okta_user, with_json};
use crate::webhooks::receiver::Receiver;
use crate::webhooks::{deliveries, endpoint, id, on_each, until};
use crate::wire::Request;

/// Routes that are asked with a body and change nothing.
const READING: [&str; 2] = ["POST /access_checks", "POST /role_mappings/preview"];

/// Requests in the order in which they can be sent: what is deleted was there.
struct Table<'a> {
    api: &'a Api,
    rows: Vec<(&'static str, Request)>,
}

impl Table<'_> {
    /// With a body.
    fn add(&mut self, route: &'static str, ids: &[&str], body: Value) {
        let (method, path) = filled(route, ids);
        let request = self.api.request(&method, &path).header("Content-Type", "application/json");
        self.rows.push((route, request.body(body.to_string())));
    }

    /// Without a body: nothing has to be said.
    fn bare(&mut self, route: &'static str, ids: &[&str]) {
        let (method, path) = filled(route, ids);
        self.rows.push((route, self.api.request(&method, &path)));
    }
}

/// The method, and the path with ids in place of its parameters.
pub fn filled(route: &str, ids: &[&str]) -> (String, String) {
    let (method, path) = route.split_once(' ').unwrap();
    let mut ids = ids.iter();
    let parts = path.split('/').map(|part| if part.starts_with('{') { *ids.next().unwrap() } else { part });
    (method.to_owned(), parts.collect::<Vec<_>>().join("/"))
}

/// Organizations, their directories, and links.
async fn connections(table: &mut Table<'_>, directory: &Directory) {
    let (api, service) = (table.api, &directory.service);
    let owner = directory.organization_id.to_string();
    let (gone, d) = (service.organization().await.to_string(), directory.id.to_string());
    let doomed = service.directory_of(directory.organization_id, Kind::okta()).await.id.to_string();
    table.add("POST /organizations", &[], json!({"name": "New"}));
    table.add("PUT /organizations/{id}", &[&owner], json!({"name": "Put"}));
    table.add("PATCH /organizations/{id}", &[&owner], json!({"name": "Patched"}));
    table.bare("DELETE /organizations/{id}", &[&gone]);
    table.add("POST /directories", &[], json!({"organization_id": owner, "name": "New", "type": "okta scim v2.0"}));
    table.add("PATCH /directories/{id}", &[&d], json!({"name": "Patched"}));
    table.bare("POST /directories/{id}/disable", &[&d]);
    table.bare("POST /directories/{id}/enable", &[&d]);
    table.bare("DELETE /directories/{id}", &[&doomed]);
    table.bare("POST /directories/{id}/restore", &[&doomed]);
    let token = api.send("POST", &format!("/directories/{d}/tokens"), json!({})).await.expect(201).json();
    table.bare("DELETE /directories/{id}/tokens/{token_id}", &[&d, &id(&token)]);
    table.bare("POST /directories/{id}/tokens", &[&d]);
    table.add("PUT /directories/{id}/schemas/{urn}", &[&d, X], x());
    table.bare("DELETE /directories/{id}/schemas/{urn}", &[&d, X]);
    let catalogue = json!({"roles": {"values": [{"value": "admin"}]}});
    table.add("PUT /directories/{id}/catalogue", &[&d], catalogue);
    table.bare("DELETE /directories/{id}/catalogue", &[&d]);
    let link = json!({"organization": owner, "intent": "dsync"});
    let made = api.send("POST", "/portal/generate_link", link.clone()).await.expect(201).json();
    table.add("POST /portal/revoke_link", &[], json!({"id": made["id"]}));
    table.add("POST /portal/generate_link", &[], link);
}

/// Roles and their rules.
async fn roles(table: &mut Table<'_>, directory: &Directory) {
    let (api, owner, d) = (table.api, directory.organization_id, directory.id.to_string());
    let role = |name: &str| json!({"organization_id": owner, "name": name});
    let kept = api.send("POST", "/roles", role("Kept")).await.expect(201).json();
    let gone = api.send("POST", "/roles", role("Gone")).await.expect(201).json();
    let rule = json!({"directory_id": d, "condition": {"path": "title", "value": "Boss"}, "role": kept["slug"]});
    let mapping = api.send("POST", "/role_mappings", rule.clone()).await.expect(201).json();
    table.add("POST /roles", &[], role("New"));
    table.add("PATCH /roles/{id}", &[&id(&kept)], json!({"name": "Renamed"}));
    table.bare("DELETE /roles/{id}", &[&id(&gone)]);
    table.add("POST /role_mappings", &[], rule);
    table.add("PATCH /role_mappings/{id}", &[&id(&mapping)], json!({"environment": "staging"}));
    table.bare("DELETE /role_mappings/{id}", &[&id(&mapping)]);
    table.add("PATCH /directories/{id}/role_settings", &[&d], json!({"mode": "multiple"}));
    table.add("POST /role_mappings/preview", &[], json!({"directory_id": d}));
    let check = json!({"organization": owner, "user": "nobody"});
    table.add("POST /access_checks", &[], json!({"checks": [check]}));
}

/// Accounts that the application has already: two people wait in the queue, and one is linked.
async fn known_users(table: &mut Table<'_>, directory: &Directory) {
    let (api, d) = (table.api, directory.id.to_string());
    let account = |name: &str| json!({"id": name, "username": format!("{name}@known.example")});
    let load = async |name: &str| api.send("POST", &format!("/directories/{d}/known_users"), account(name)).await;
    let policy = async |policy: &str| {
        let body = json!({"settings": {"known_users": policy}});
        api.send("PATCH", &format!("/directories/{d}"), body).await.expect(200);
    };
    policy("link_username").await;
    for name in ["ann", "ben", "cat"] {
        load(name).await.expect(200);
    }
    let linked = directory.user("cat@known.example").await;
    policy("ask").await;
    let mut conflicts = Vec::new();
    for name in ["ann", "ben"] {
        let user = directory.user(&format!("{name}@known.example")).await;
        let queue = api.found(&format!("/directories/{d}/conflicts?limit=100")).await;
        conflicts.push(id(data(&queue).iter().find(|conflict| conflict["directory_user_id"] == user).unwrap()));
    }
    table.add("POST /directories/{id}/known_users", &[&d], account("dan"));
    table.bare("POST /directories/{id}/conflicts/{conflict_id}/accept", &[&d, &conflicts[0]]);
    table.bare("POST /directories/{id}/conflicts/{conflict_id}/refuse", &[&d, &conflicts[1]]);
    table.bare("POST /directory_users/{id}/unlink", &[&linked]);
    table.bare("DELETE /directories/{id}/known_users/{known_id}", &[&d, "dan"]);
}

/// Webhooks; an endpoint with deliveries, some of which are parked.
async fn webhooks(table: &mut Table<'_>, directory: &Directory) {
    let (api, receiver) = (table.api, Receiver::start().await);
    let url = receiver.url();
    let used = id(&endpoint(api, &url, json!(["dsync.user.created"])).await);
    let gone = id(&endpoint(api, &url, json!(["dsync.user.deleted"])).await);
    directory.user("webhook@corp.example").await;
    let delivery = until("a delivery", async || deliveries(api, &used, "&state=delivered").await.pop()).await;
    let delivery = id(&delivery);
    directory.service.raw("UPDATE webhook_delivery SET state = 'parked'");
    table.bare("POST /webhook_endpoints/{id}/retry_parked", &[&used]);
    table.bare("POST /webhook_endpoints/{id}/deliveries/{delivery_id}/retry", &[&used, &delivery]);
    table.bare("POST /webhook_endpoints/{id}/replay", &[&used]);
    table.bare("POST /webhook_endpoints/{id}/rotate_secret", &[&used]);
    table.bare("POST /webhook_endpoints/{id}/test", &[&used]);
    table.add("POST /webhook_endpoints", &[], json!({"endpoint_url": url, "events": ["dsync.user.deleted"]}));
    table.add("PATCH /webhook_endpoints/{id}", &[&used], json!({"status": "disabled"}));
    table.bare("DELETE /webhook_endpoints/{id}", &[&gone]);
}

/// Requests of an identity provider that change something, one for each pair of method and endpoint.
async fn scim(directory: &Directory) -> Vec<(&'static str, Request)> {
    let (ada, bob) = (directory.user("ada@corp.example").await, directory.user("bob@corp.example").await);
    let group = directory.group("Engineering", &[&ada]).await;
    let gone = directory.group("Gone", &[]).await;
    let patch = |path: &str, value: &str| json!({"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": path, "value": value}]});
    let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{"method": "POST", "path": "/Users", "bulkId": "1", "data": okta_user("dan@corp.example")}]});
    let send = |method: &str, path: String, body: Value| with_json(directory.v2(method, &path), body);
    vec![
        ("POST /Users", send("POST", "/Users".into(), okta_user("eve@corp.example"))),
        ("PUT /Users/{id}", send("PUT", format!("/Users/{ada}"), okta_user("ada2@corp.example"))),
        ("PATCH /Users/{id}", send("PATCH", format!("/Users/{ada}"), patch("title", "Countess"))),
        ("DELETE /Users/{id}", directory.v2("DELETE", &format!("/Users/{bob}"))),
        ("POST /Groups", send("POST", "/Groups".into(), json!({"schemas": [GROUP], "displayName": "New"}))),
        (
            "PUT /Groups/{id}",
            send("PUT", format!("/Groups/{group}"), json!({"schemas": [GROUP], "displayName": "Renamed"})),
        ),
        ("PATCH /Groups/{id}", send("PATCH", format!("/Groups/{group}"), patch("displayName", "Again"))),
        ("DELETE /Groups/{id}", directory.v2("DELETE", &format!("/Groups/{gone}"))),
        ("POST /Bulk", send("POST", "/Bulk".into(), bulk)),
    ]
}

/// Every route of the application's API, as `METHOD path`, from the source of the router.
pub fn declared() -> BTreeSet<String> {
    let source = include_str!("../../../src/router.rs");
    let (_, application) = source.split_once("fn application(").unwrap();
    let mut found = BTreeSet::new();
    for route in application.split(".route(").skip(1) {
        let path = route.split('"').nth(1).unwrap();
        let handlers = route.split("\n        .").next().unwrap().split('"').nth(2).unwrap();
        for method in ["get", "post", "put", "patch", "delete"] {
            if [" ", ".", "\n"].iter().any(|before| handlers.contains(&format!("{before}{method}("))) {
                found.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    found
}

async fn records(api: &Api, request: &str) -> Vec<Value> {
    data(&api.found(&format!("/audit_events?request_id={request}&limit=100")).await).to_vec()
}

/// Sends the request as it must be refused, then as it is, and looks for its records.
async fn assert_recorded(api: &Api, route: &str, request: Request, actor: &str) {
    let mut broken = vec![("without a credential", request.clone().without("Authorization"))];
    // Who needs no body has no use for one, whatever it is.
    if request.has_body() {
        broken.push(("with a broken body", request.clone().body("{")));
    }
    for (how, refused) in broken {
        let answer = refused.send().await;
        assert!((400..500).contains(&answer.status), "{route} {how}: {}", answer.status);
        let left = records(api, answer.header("x-request-id").unwrap()).await;
        assert!(left.is_empty(), "{route} {how} left {left:?}");
    }
    let answer = request.send().await;
    assert!((200..300).contains(&answer.status), "{route}: {} {}", answer.status, answer.body);
    let left = records(api, answer.header("x-request-id").unwrap()).await;
    assert_eq!(left.is_empty(), READING.contains(&route), "{route} left {left:?}: {}", answer.body);
    assert!(left.iter().all(|record| record["actor"]["type"] == actor), "{route}: {left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_54_every_mutating_route_leaves_a_record_and_a_refused_one_none() {
    on_each(async |service: std::sync::Arc<Service>| {
        let directory = service.directory(Kind::okta()).await;
        let api = Api::of(&service).await;
        let mut table = Table { api: &api, rows: Vec::new() };
        connections(&mut table, &directory).await;
        roles(&mut table, &directory).await;
        webhooks(&mut table, &directory).await;
        known_users(&mut table, &directory).await;
        let listed: BTreeSet<String> = table.rows.iter().map(|(route, _)| (*route).to_owned()).collect();
        let mutating = declared().into_iter().filter(|route| !route.starts_with("GET ")).collect::<BTreeSet<_>>();
        assert_eq!(
            listed, mutating,
            "a route that changes something is missing in the tables above, or is there no more"
        );
        for (route, request) in scim(&directory).await {
            assert_recorded(&api, route, request, "scim_auto_sync").await;
        }
        for (route, request) in table.rows {
            assert_recorded(&api, route, request, "api_key").await;
        }
    })
    .await;
}
