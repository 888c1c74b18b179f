//! A key of one organization, at every route of the router: nothing of another organization and nothing of the installation is there for it
//! (SEC-6). The routes are read from the router, so that a new one cannot be forgotten.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{events_of, text};
use crate::app_api::{Api, data};
use crate::audit::routes::{declared, filled};
use crate::custom_schemas::{X, x};
use crate::event_log::Streamed;
use crate::support::{Directory, Kind, Service};
use crate::webhooks::receiver::Receiver;
use crate::webhooks::{deliveries, endpoint, id, on_each, until};

/// Something of everything that an organization can have.
struct Belongings {
    directory: Directory,
    organization: String,
    external_id: String,
    user: String,
    group: String,
    token: String,
    role: String,
    mapping: String,
    link: String,
    endpoint: String,
    delivery: String,
    request: String,
    known_user: String,
    conflict: String,
}

impl Belongings {
    async fn of(api: &Api, url: &str) -> Self {
        let service = &api.service;
        let directory = service.directory(Kind::okta()).await;
        let organization = directory.organization_id.to_string();
        let external_id = format!("customer-{organization}");
        let target = format!("/organizations/{organization}");
        api.send("PUT", &target, json!({"external_id": external_id})).await.expect(200);
        let hook = json!({"endpoint_url": url, "organization_id": organization, "events": ["dsync.user.created"]});
        let hook = api.send("POST", "/webhook_endpoints", hook).await.expect(201).json();
        let user = directory.user("ada@corp.example").await;
        let group = directory.group("Everybody", &[&user]).await;
        let (known_user, conflict) = account_in_question(api, &directory).await;
        let made =
            |target: String, body: Value| async move { id(&api.send("POST", &target, body).await.expect(201).json()) };
        let d = directory.id;
        let role = made("/roles".to_owned(), json!({"organization_id": organization, "name": "Admin"})).await;
        let rule = json!({"directory_id": d, "condition": {"path": "title", "value": "Boss"}, "role": "admin"});
        let schema = api.send("PUT", &format!("/directories/{d}/schemas/{X}"), x()).await;
        assert!(schema.status < 300, "{}", schema.body);
        let endpoint = id(&hook);
        let delivery = until("a delivery", async || deliveries(api, &endpoint, "").await.pop()).await;
        let requests = api.found(&format!("/directories/{d}/requests")).await;
        let token = made(format!("/directories/{d}/tokens"), json!({})).await;
        let mapping = made("/role_mappings".to_owned(), rule).await;
        let link = json!({"organization": organization, "intent": "dsync"});
        let link = made("/portal/generate_link".to_owned(), link).await;
        let (request, delivery) = (id(&data(&requests)[0]), id(&delivery));
        Belongings {
            directory,
            organization,
            external_id,
            user,
            group,
            token,
            role,
            mapping,
            link,
            endpoint,
            delivery,
            request,
            known_user,
            conflict,
        }
    }

    /// The ids that stand in the path of a route, in their order.
    fn ids(&self, route: &str) -> Vec<String> {
        let directory = self.directory.id.to_string();
        let path = route.split_once(' ').unwrap().1;
        let first = match path.split('/').nth(1).unwrap() {
            "organizations" if path.contains("{external_id}") => &self.external_id,
            "organizations" | "authorization" => &self.organization,
            "directories" => &directory,
            "directory_users" => &self.user,
            "directory_groups" => &self.group,
            "roles" => &self.role,
            "role_mappings" => &self.mapping,
            "webhook_endpoints" => &self.endpoint,
            unknown => panic!("whose ids are those of {unknown}?"),
        };
        let mut ids = vec![first.clone()];
        for (parameter, of) in [
            ("{token_id}", self.token.as_str()),
            ("{urn}", X),
            ("{request}", &self.request),
            ("{delivery_id}", &self.delivery),
            ("{known_id}", &self.known_user),
            ("{conflict_id}", &self.conflict),
        ] {
            ids.extend(path.contains(parameter).then(|| of.to_owned()));
        }
        ids
    }
}

/// An account that the application has already, and the question whether somebody is its owner.
async fn account_in_question(api: &Api, directory: &Directory) -> (String, String) {
    let d = directory.id;
    let asking = json!({"settings": {"known_users": "ask"}});
    api.send("PATCH", &format!("/directories/{d}"), asking).await.expect(200);
    let account = json!({"id": "account", "username": "bob@corp.example"});
    api.send("POST", &format!("/directories/{d}/known_users"), account).await.expect(200);
    directory.user("bob@corp.example").await;
    let queue = api.found(&format!("/directories/{d}/conflicts")).await;
    ("account".to_owned(), id(&data(&queue)[0]))
}

/// A body that would do, so that a refusal is about whose the thing is.
fn body(route: &str) -> Value {
    match route {
        "PUT /organizations/{id}" | "PATCH /organizations/{id}" | "PATCH /directories/{id}" => json!({"name": "Mine"}),
        "PUT /directories/{id}/schemas/{urn}" => x(),
        "POST /directories/{id}/known_users" => json!({"id": "mine", "username": "mine@corp.example"}),
        "PUT /directories/{id}/catalogue" => json!({"roles": {"values": [{"value": "mine"}]}}),
        _ => json!({}),
    }
}

/// What a route without an id in its path answers to a key of somebody else.
#[derive(Clone, Copy, PartialEq)]
enum Answered {
    With(u16),
    /// A list, of which nothing is the other's.
    WithNone,
    /// A list of the caller's own.
    WithOwn,
}

/// Every way to name the other where the path has no id: route, query, body, and what comes of it.
fn named(other: &Belongings) -> Vec<(&'static str, String, Value, Answered)> {
    use Answered::{With, WithNone, WithOwn};
    let (o, d) = (&other.organization, other.directory.id);
    let (user, group) = (&other.user, &other.group);
    let get = |route, query: String, answered| (route, query, Value::Null, answered);
    let rule = json!({"directory_id": d, "condition": {"path": "title", "value": "Boss"}, "role": "admin"});
    let check = json!({"organization": o, "user": user});
    let mut rows = vec![
        get("GET /organizations", "limit=100".into(), WithOwn),
        get("GET /directories", "limit=100".into(), WithOwn),
        get("GET /directories", format!("organization_id={o}"), WithNone),
        get("GET /roles", format!("organization_id={o}"), With(404)),
        get("GET /roles", "limit=100".into(), WithOwn),
        get("GET /authorization/roles", format!("organization_id={o}"), With(404)),
        get("GET /role_mappings", format!("directory={d}"), With(404)),
        get("GET /access_checks", format!("organization={o}&user={user}"), With(404)),
        get("GET /access_checks", format!("organization={}&username=ada@corp.example", other.external_id), With(404)),
        get("GET /directory_users", format!("directory={d}"), With(404)),
        get("GET /directory_users", format!("group={group}"), With(404)),
        get("GET /directory_groups", format!("directory={d}"), With(404)),
        get("GET /directory_groups", format!("user={user}"), With(404)),
        get("GET /audit_events/verification", String::new(), With(403)),
        get("GET /portal/links", format!("organization={o}"), WithNone),
        get("GET /portal/links", "limit=100".into(), WithOwn),
        get("GET /webhook_endpoints", "limit=100".into(), WithOwn),
        ("POST /organizations", String::new(), json!({"name": "Mine"}), With(403)),
        (
            "POST /directories",
            String::new(),
            json!({"organization_id": o, "name": "Mine", "type": "okta scim v2.0"}),
            With(404),
        ),
        ("POST /roles", String::new(), json!({"organization_id": o, "name": "Mine"}), With(404)),
        ("POST /roles", String::new(), json!({"name": "Everybody's"}), With(403)),
        ("POST /role_mappings", String::new(), rule, With(404)),
        ("POST /role_mappings/preview", String::new(), json!({"directory_id": d}), With(404)),
        ("POST /access_checks", String::new(), json!({"checks": [check]}), With(404)),
        ("POST /portal/generate_link", String::new(), json!({"organization": o, "intent": "dsync"}), With(404)),
        ("POST /portal/revoke_link", String::new(), json!({"id": other.link}), With(404)),
        (
            "POST /webhook_endpoints",
            String::new(),
            json!({"endpoint_url": "https://app.example.com/", "organization_id": o}),
            With(404),
        ),
        ("POST /webhook_endpoints", String::new(), json!({"endpoint_url": "https://app.example.com/"}), With(403)),
    ];
    for route in ["GET /events", "GET /audit_events"] {
        rows.push(get(route, "limit=100".into(), WithOwn));
        rows.push(get(route, format!("organization_id={o}"), WithNone));
        rows.push(get(route, format!("directory={d}"), WithNone));
    }
    rows.push(get("GET /audit_events", format!("target={user}"), WithNone));
    rows
}

/// Whether something tells of the other.
fn tells_of(text: &str, other: &Belongings) -> bool {
    [&other.organization, &other.directory.id.to_string(), &other.user, &other.external_id]
        .iter()
        .any(|id| text.contains(id.as_str()))
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_06_a_key_of_one_organization_finds_nothing_of_another_at_any_route() {
    on_each(async |service: Arc<Service>| {
        let all = Api::of(&service).await;
        let receiver = Receiver::start().await;
        let own = Belongings::of(&all, &receiver.url()).await;
        let other = Belongings::of(&all, &receiver.url()).await;
        let key = Api::with(&service, &[], Some(own.directory.organization_id)).await;
        let before = events_of(&service, &other.organization).await.len();
        let (in_path, without): (BTreeSet<String>, BTreeSet<String>) =
            declared().into_iter().partition(|route| route.contains('{'));
        for route in &in_path {
            let at = |whose: &Belongings| {
                let ids = whose.ids(route);
                filled(route, &ids.iter().map(String::as_str).collect::<Vec<_>>())
            };
            let (method, target) = at(&other);
            let refused = key.send(&method, &target, body(route)).await;
            assert!(matches!(refused.status, 403 | 404), "{route}: {} {}", refused.status, refused.body);
            if method == "GET" && !route.ends_with("/catalogue") && !route.ends_with("/snapshot") {
                // The ids are such that there is something to find.
                for (api, whose) in [(&all, &other), (&key, &own)] {
                    let (_, target) = at(whose);
                    assert_eq!(api.request("GET", &target).send().await.status, 200, "{route}");
                }
            }
        }
        let rows = named(&other);
        let mut asked: BTreeSet<String> = rows.iter().map(|(route, ..)| (*route).to_owned()).collect();
        asked.extend(["GET /events/stream", "GET /audit_events/export"].map(str::to_owned));
        assert_eq!(asked, without, "every route is asked: those not here are asked in the next test");
        for (route, query, body, answered) in rows {
            let (method, path) = route.split_once(' ').unwrap();
            let answer = match method {
                "GET" => key.request(method, &format!("{path}?{query}")).send().await,
                _ => key.send(method, path, body.clone()).await,
            };
            let what = format!("{route} {query} {body}: {} {}", answer.status, answer.body);
            match answered {
                Answered::With(status) => assert_eq!(answer.status, status, "{what}"),
                Answered::WithNone => assert!(answer.status == 404 || data(&answer.json()).is_empty(), "{what}"),
                Answered::WithOwn => {
                    assert!(!data(&answer.json()).is_empty() && !tells_of(&answer.body, &other), "{what}");
                }
            }
        }
        let after = events_of(&service, &other.organization).await.len();
        assert_eq!(before, after, "nothing happened to the other");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_06_a_key_of_one_organization_streams_and_exports_its_own_events_alone() {
    on_each(async |service: Arc<Service>| {
        let all = Api::of(&service).await;
        let receiver = Receiver::start().await;
        let own = Belongings::of(&all, &receiver.url()).await;
        let other = Belongings::of(&all, &receiver.url()).await;
        let key = Api::with(&service, &[], Some(own.directory.organization_id)).await;
        let listed: Vec<String> = key.all("/events?order=asc").await.iter().map(id).collect();
        assert!(listed.len() > 5);
        let mut stream = Streamed::found(&key, "/events/stream", "").await;
        for wanted in &listed {
            let (streamed, _, event) = stream.event().await.unwrap();
            assert_eq!(streamed, *wanted, "{event}");
            assert!(!tells_of(&event.to_string(), &other), "{event}");
        }
        for format in ["ndjson", "csv"] {
            let target = format!("/audit_events/export?format={format}");
            let lines = Streamed::found(&key, &target, "").await.lines().await;
            assert_eq!(lines.len(), listed.len() + usize::from(format == "csv"), "{lines:?}");
            assert!(!lines.iter().any(|line| tells_of(line, &other)), "{lines:?}");
        }
        // The last event of the log is the other's: the cursor of a snapshot must be one that the key can use.
        let target = format!("/directories/{}/snapshot", own.directory.id);
        let lines = Streamed::found(&key, &target, "").await.lines().await;
        let begin: Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!(text(&begin, "cursor"), *listed.last().unwrap());
        let missed = key.found(&format!("/events?after={}", text(&begin, "cursor"))).await;
        assert!(data(&missed).is_empty(), "{missed}");
        let foreign = all.found(&format!("/events?limit=1&order=desc&directory={}", other.directory.id)).await;
        let foreign = id(&data(&foreign)[0]);
        key.refused(&format!("/events?after={foreign}"), 422, "cursor_unknown").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_06_what_is_everybodys_is_not_changed_with_the_key_of_one_organization() {
    on_each(async |service: Arc<Service>| {
        let all = Api::of(&service).await;
        let receiver = Receiver::start().await;
        let own = Belongings::of(&all, &receiver.url()).await;
        let other = Belongings::of(&all, &receiver.url()).await;
        let key = Api::with(&service, &[], Some(own.directory.organization_id)).await;
        // The default set is read where it counts, and set by others.
        let role = all.send("POST", "/roles", json!({"name": "Default one"})).await.expect(201).json();
        let target = format!("/roles/{}", id(&role));
        key.send("PATCH", &target, json!({"name": "Mine"})).await.expect(403);
        key.request("DELETE", &target).send().await.expect(403);
        all.found(&target).await;
        // An endpoint of everybody is there for nobody, and when it becomes one's own nothing of others is left in it.
        let hook = id(&endpoint(&all, &receiver.url(), json!(["dsync.group.created"])).await);
        let target = format!("/webhook_endpoints/{hook}");
        other.directory.group("Theirs", &[]).await;
        own.directory.group("Ours", &[]).await;
        until("both deliveries", async || (deliveries(&all, &hook, "&state=delivered").await.len() == 2).then_some(()))
            .await;
        for route in declared().iter().filter(|route| route.contains(" /webhook_endpoints/{id}")) {
            let (method, path) = filled(route, &[&hook, &own.delivery]);
            assert_eq!(key.send(&method, &path, json!({})).await.status, 404, "{route}");
        }
        all.send("PATCH", &target, json!({"organization_id": own.organization})).await.expect(200);
        let left = deliveries(&key, &hook, "").await;
        let of_own = key.found("/events?limit=100&events=dsync.group.created&order=desc").await;
        assert_eq!(left.len(), 1);
        assert_eq!(left[0]["event_id"], data(&of_own)[0]["id"]);
        key.send("PATCH", &target, json!({"organization_id": null})).await.expect(403);
        key.send("PATCH", &target, json!({"organization_id": other.organization})).await.expect(404);
    })
    .await;
}
