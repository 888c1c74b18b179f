//! A running Doorward and the few requests that the tests here need.

use std::process::Command;

use doorward_testkit::{KillableServer, TestDatabase};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_doorward");

/// `doorward serve` on one database. The database outlives a kill of the process.
pub struct Running {
    pub server: KillableServer,
    pub database: TestDatabase,
    pub client: Client,
    pub organization: String,
    pub api_key: String,
}

/// One directory and the token that opens it.
#[derive(Clone)]
pub struct Directory {
    pub client: Client,
    pub id: String,
    pub v2: String,
    pub v1: String,
    pub token: String,
}

impl Running {
    /// Starts the server, makes an organization and an API key.
    pub fn start(database: TestDatabase) -> Self {
        Self::start_with(database, &[])
    }

    /// As [`Running::start`], with more arguments.
    pub fn start_with(database: TestDatabase, more: &[&str]) -> Self {
        let arguments = ["serve", "--listen", "{listen}", "--public-url", "http://{listen}", "--database"];
        let mut arguments: Vec<&str> = arguments.to_vec();
        arguments.push(database.url());
        arguments.extend(more);
        let server = KillableServer::start(BINARY, &arguments).unwrap();
        // The second test in this process finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().pool_max_idle_per_host(64).no_proxy().build().unwrap();
        let mut running = Running { server, database, client, organization: String::new(), api_key: String::new() };
        running.organization = text(&running.cli(&["org", "create", "Acme"]), "id");
        running.api_key = text(&running.cli(&["api-key", "create", "--name", "test"]), "key");
        running
    }

    /// Another process on the same database.
    pub fn node(&self) -> KillableServer {
        let database = self.database.url();
        let arguments = ["serve", "--listen", "{listen}", "--public-url", "http://{listen}", "--database", database];
        KillableServer::start(BINARY, &arguments).unwrap()
    }

    /// Runs one command on the same database and reads its JSON.
    pub fn cli(&self, arguments: &[&str]) -> Value {
        let output = Command::new(BINARY)
            .args(arguments)
            .args(["--json", "--database", self.database.url()])
            .env("DOORWARD_PUBLIC_URL", self.server.url())
            .output()
            .unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "doorward {arguments:?}: {out}{err}");
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("doorward {arguments:?}: {error}: {out}{err}"))
    }

    /// A directory of the given type with a label of its own.
    pub fn directory(&self, label: &str, kind: &str) -> Directory {
        let made = self.cli(&[
            "directory",
            "create",
            "--org",
            &self.organization,
            "--name",
            label,
            "--type",
            kind,
            "--label",
            label,
        ]);
        Directory {
            client: self.client.clone(),
            id: text(&made, "id"),
            v2: format!("{}/scim/{label}/v2", self.server.url()),
            v1: format!("{}/scim/{label}/v1", self.server.url()),
            token: text(&made, "token"),
        }
    }

    /// GET on the application's API.
    pub async fn api(&self, path: &str) -> Value {
        let request = self.client.get(format!("{}{path}", self.server.url())).bearer_auth(&self.api_key);
        let response = request.send().await.unwrap();
        let (status, body) = (response.status(), response.text().await.unwrap());
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// All pages of one list, oldest first.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let (mut items, mut after) = (Vec::new(), None::<String>);
        loop {
            let join = if path.contains('?') { '&' } else { '?' };
            let cursor = after.map(|id| format!("&after={id}")).unwrap_or_default();
            let page = self.api(&format!("{path}{join}limit=100&order=asc{cursor}")).await;
            items.extend(page["data"].as_array().unwrap().iter().cloned());
            match page["list_metadata"]["after"].as_str() {
                Some(id) => after = Some(id.to_owned()),
                None => return items,
            }
        }
    }
}

impl Directory {
    /// A request with the directory's token; `path` begins behind the SCIM 2.0 base.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.v2)).bearer_auth(&self.token)
    }

    /// Sends a SCIM 2.0 body.
    pub async fn send(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let request = self.request(method, path).header("content-type", "application/scim+json").body(body.to_string());
        read(request.send().await.unwrap()).await
    }

    /// GET.
    pub async fn get(&self, path: &str) -> (u16, Value) {
        read(self.request(Method::GET, path).send().await.unwrap()).await
    }

    /// POST /Users with nothing but the name; the id.
    pub async fn create_user(&self, user_name: &str) -> String {
        let (status, body) = self.send(Method::POST, "/Users", &user(user_name)).await;
        assert_eq!(status, 201, "{body}");
        text(&body, "id")
    }

    /// POST /Groups; the id.
    pub async fn create_group(&self, name: &str, members: &[String]) -> String {
        let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
        let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name, "members": members});
        let (status, body) = self.send(Method::POST, "/Groups", &body).await;
        assert_eq!(status, 201, "{body}");
        text(&body, "id")
    }
}

/// A minimal user body.
pub fn user(user_name: &str) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": user_name, "active": true})
}

/// A PATCH body with one operation.
pub fn patch(operation: Value) -> Value {
    let mut body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]});
    body["Operations"] = Value::Array(vec![operation]);
    body
}

/// Status and body; an empty body is null, a body that is not JSON fails the test.
pub async fn read(response: Response) -> (u16, Value) {
    let (status, body) = (response.status().as_u16(), response.text().await.unwrap());
    let value = if body.is_empty() { Value::Null } else { serde_json::from_str(&body).expect(&body) };
    (status, value)
}

/// A text member that must be there.
pub fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {value}")).to_owned()
}
