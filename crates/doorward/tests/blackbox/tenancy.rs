//! SEC-6 and SEC-7: with a credential of directory A, an id of directory B is an id that does not exist.

use doorward_testkit::databases;
use reqwest::Method;
use serde_json::{Value, json};

use crate::running::{Directory, Running, patch, read};

/// Every SCIM request that can name a resource. `{id}` stands for the id, `{base}` for the version's base.
fn requests() -> Vec<(Method, &'static str, Option<Value>)> {
    let user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "taken.over@x.example"});
    let group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Taken over"});
    let rename = patch(json!({"op": "replace", "value": {"displayName": "Taken over"}}));
    let members = patch(json!({"op": "replace", "path": "members", "value": []}));
    let deactivate = patch(json!({"op": "replace", "value": {"active": false}}));
    let v1 = json!({"schemas": ["urn:scim:schemas:core:1.0"], "displayName": "Taken over"});
    vec![
        (Method::GET, "/v2/Users/{id}", None),
        (Method::HEAD, "/v2/Users/{id}", None),
        (Method::PUT, "/v2/Users/{id}", Some(user.clone())),
        (Method::PATCH, "/v2/Users/{id}", Some(deactivate.clone())),
        (Method::DELETE, "/v2/Users/{id}", None),
        (Method::GET, "/v2/Groups/{id}", None),
        (Method::GET, "/v2/Groups/{id}?excludedAttributes=members", None),
        (Method::PUT, "/v2/Groups/{id}", Some(group.clone())),
        (Method::PATCH, "/v2/Groups/{id}", Some(rename)),
        (Method::PATCH, "/v2/Groups/{id}", Some(members)),
        (Method::DELETE, "/v2/Groups/{id}", None),
        (Method::GET, "/v2/Users?filter=id%20eq%20%22{id}%22", None),
        (Method::GET, "/v2/Groups?filter=id%20eq%20%22{id}%22", None),
        (Method::GET, "/v2/Groups?filter=members%20eq%20%22{id}%22", None),
        (Method::GET, "/v2/Groups?filter=members.value%20eq%20%22{id}%22", None),
        (Method::GET, "/v2/Users?filter=groups.value%20eq%20%22{id}%22", None),
        (Method::GET, "/v2/ResourceTypes/{id}", None),
        (Method::GET, "/v2/Schemas/{id}", None),
        (Method::GET, "/v1/Users/{id}", None),
        (Method::GET, "/v1/Users/{id}.json", None),
        (Method::PUT, "/v1/Users/{id}", Some(user)),
        (Method::PATCH, "/v1/Users/{id}", Some(v1.clone())),
        (Method::DELETE, "/v1/Users/{id}", None),
        (Method::GET, "/v1/Groups/{id}", None),
        (Method::PUT, "/v1/Groups/{id}", Some(group)),
        (Method::PATCH, "/v1/Groups/{id}", Some(v1)),
        (Method::DELETE, "/v1/Groups/{id}", None),
        (Method::GET, "/v1/Users?filter=id%20eq%20%22{id}%22", None),
    ]
}

/// Status, headers that could tell something, and body, with the id that was asked for made neutral.
async fn answer(
    directory: &Directory,
    base: &str,
    method: &Method,
    path: &str,
    id: &str,
    body: Option<&Value>,
) -> String {
    let url = format!("{base}{}", path.replace("{id}", id));
    let mut request = directory.client.request(method.clone(), url).bearer_auth(&directory.token);
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    let response = request.send().await.unwrap();
    let headers = ["content-type", "content-length", "etag", "location", "allow", "www-authenticate", "cache-control"]
        .map(|name| format!("{name}: {:?}", response.headers().get(name)));
    let (status, body) = (response.status(), response.text().await.unwrap());
    format!("{status}\n{}\n{body}", headers.join("\n")).replace(id, "{id}")
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_06_sec_07_an_id_of_another_directory_is_an_unknown_id() {
    for database in databases() {
        let running = Running::start(database);
        let (a, b) = (running.directory("tenant-a", "okta scim v2.0"), running.directory("tenant-b", "okta scim v2.0"));
        let own = a.create_user("own@x.example").await;
        a.create_group("Own", std::slice::from_ref(&own)).await;
        let mut ids = Vec::new();
        for number in 0..5 {
            ids.push(b.create_user(&format!("person{number}@b.example")).await);
        }
        ids.push(b.create_group("Secret", &ids.clone()).await);
        let gone = b.create_user("gone@b.example").await;
        assert_eq!(b.request(Method::DELETE, &format!("/Users/{gone}")).send().await.unwrap().status(), 204);
        ids.push(gone);
        let before = crate::replay::from_api(&running, &b.id).await;

        for base in [format!("{}/scim", running.server.url()), format!("{}/scim/tenant-a", running.server.url())] {
            for (method, path, body) in requests() {
                for id in &ids {
                    let unknown = unknown_like(id);
                    let foreign = answer(&a, &base, &method, path, id, body.as_ref()).await;
                    let nobody = answer(&a, &base, &method, path, &unknown, body.as_ref()).await;
                    assert_eq!(foreign, nobody, "{} {method} {path} with {id}", running.database.name());
                }
            }
        }
        assert_eq!(crate::replay::from_api(&running, &b.id).await, before, "directory B was touched");
        crate::replay::assert_log_rebuilds_state(&running, &b.id).await;
    }
}

/// An id of the same shape that nobody has.
fn unknown_like(id: &str) -> String {
    let (prefix, tail) = id.rsplit_once('_').unwrap();
    let (kept, last) = tail.split_at(tail.len() - 3);
    format!("{prefix}_{kept}{}", if last == "000" { "111" } else { "000" })
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_08_a_member_of_another_directory_is_never_joined() {
    for database in databases() {
        let running = Running::start(database);
        let (a, b) = (running.directory("tenant-a", "okta scim v2.0"), running.directory("tenant-b", "okta scim v2.0"));
        let (foreign, foreign_group) = (b.create_user("x@b.example").await, b.create_group("B", &[]).await);
        let group = a.create_group("A", &[]).await;
        for value in [&foreign, &foreign_group] {
            let reference = format!("{}/Users/{value}", b.v2);
            for member in
                [json!({"value": value}), json!({"value": value, "$ref": reference}), json!({"$ref": reference})]
            {
                let body = patch(json!({"op": "add", "path": "members", "value": [member]}));
                let (status, answer) = a.send(Method::PATCH, &format!("/Groups/{group}"), &body).await;
                assert_eq!(status, 200, "{answer}");
            }
        }
        let (_, read_back) = a.get(&format!("/Groups/{group}")).await;
        assert!(read_back["members"].as_array().is_none_or(Vec::is_empty), "{read_back}");
        let (_, user) = b.get(&format!("/Users/{foreign}")).await;
        assert!(user["groups"].as_array().is_none_or(Vec::is_empty), "{user}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_17_each_credential_opens_its_own_door_only() {
    for database in databases() {
        let running = Running::start(database);
        let (a, b) = (running.directory("tenant-a", "okta scim v2.0"), running.directory("tenant-b", "okta scim v2.0"));
        let get = |url: String, credential: String| {
            let client = running.client.clone();
            async move { read(client.get(url).bearer_auth(credential).send().await.unwrap()).await.0 }
        };
        let base = running.server.url();
        assert_eq!(get(format!("{base}/directories"), a.token.clone()).await, 401);
        assert_eq!(get(format!("{}/Users", a.v2), running.api_key.clone()).await, 401);
        assert_eq!(get(format!("{}/Users", b.v2), a.token.clone()).await, 401, "the label and the token must agree");
        assert_eq!(get(format!("{base}/scim/v2/Users"), a.token.clone()).await, 200);
    }
}
