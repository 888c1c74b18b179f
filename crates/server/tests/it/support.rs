//! A running service on each kind of database, and identity providers that talk to it.
//!
//! The services are shared by the tests that run at the same time: every test makes an organization and a directory of
//! its own, so that the tests prove on the way that tenants do not see each other.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use base64::Engine as _;
use doorward_server::config::Limits;
use doorward_server::service::directories::{self, NewDirectory};
use doorward_server::service::tokens::{self, Lifetime, NewToken};
use doorward_server::service::{directory_type, organizations};
use doorward_server::{App, Config};
use doorward_store::directory::{AuthMode, Settings, Strictness};
use doorward_store::event::{self, EventQuery, EventRow};
use doorward_store::ids::{DirectoryId, OrganizationId};
use doorward_store::paging::Order;
use doorward_store::scope::OperatorScope;
use doorward_store::{Options, Store};
use doorward_testkit::TestDatabase;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::wire::{Answer, Request};

pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
pub const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
pub const CORE_V1: &str = "urn:scim:schemas:core:1.0";

/// A service over one database. Its own runtime, because tests come and go with theirs.
pub struct Service {
    pub app: App,
    pub address: SocketAddr,
    runtime: Option<Runtime>,
    shutdown: CancellationToken,
    database: Arc<TestDatabase>,
}

impl Service {
    /// Starts the real router on a free loopback port.
    pub fn start(database: TestDatabase, options: Options) -> Arc<Self> {
        Self::start_within(database, options, Limits::default())
    }

    /// As [`Service::start`], with other limits.
    pub fn start_within(database: TestDatabase, options: Options, limits: Limits) -> Arc<Self> {
        Self::start_as(database, options, |config| Config { limits, ..config })
    }

    /// As [`Service::start`], with a configuration that `set` has changed.
    pub fn start_with(database: TestDatabase, options: Options, set: impl FnOnce(&mut Config)) -> Arc<Self> {
        Self::start_as(database, options, |mut config| {
            set(&mut config);
            config
        })
    }

    /// As [`Service::start`], with another configuration.
    pub fn start_as(database: TestDatabase, options: Options, configure: impl FnOnce(Config) -> Config) -> Arc<Self> {
        Self::start_on(Arc::new(database), options, configure)
    }

    /// Another node on the same database.
    pub fn node(&self) -> Arc<Self> {
        Self::start_on(Arc::clone(&self.database), Options::default(), |config| config)
    }

    /// As [`Service::start_as`], on a database that others use too.
    pub fn start_on(
        database: Arc<TestDatabase>,
        options: Options,
        configure: impl FnOnce(Config) -> Config,
    ) -> Arc<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let store = Store::open(database.url(), options).unwrap();
        let app = App::new(store, configure(Config::local(address, database.url())));
        let shutdown = CancellationToken::new();
        let (served, stop) = (app.clone(), shutdown.clone());
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            doorward_server::serve(served, listener, stop).await.unwrap();
        });
        Arc::new(Service { app, address, runtime: Some(runtime), shutdown, database })
    }

    /// `sqlite` or `postgres`.
    pub fn database(&self) -> &'static str {
        self.database.name()
    }

    /// Runs SQL behind the store's back.
    pub fn raw(&self, sql: &str) {
        let (url, sql) = (self.database.url().to_owned(), sql.to_owned());
        let run = move || match url.strip_prefix("sqlite:") {
            Some(path) => {
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
                connection.execute_batch(&sql).unwrap();
            }
            None => postgres::Client::connect(&url, postgres::NoTls).unwrap().batch_execute(&sql).unwrap(),
        };
        // The synchronous drivers must not run inside a runtime.
        std::thread::spawn(run).join().unwrap();
    }

    /// Everything that a SQLite database has on disk; nothing for PostgreSQL.
    pub fn bytes_on_disk(&self) -> Vec<u8> {
        let Some(path) = self.database.url().strip_prefix("sqlite:") else { return Vec::new() };
        let files = [path.to_owned(), format!("{path}-wal")];
        files.iter().flat_map(|file| std::fs::read(file).unwrap_or_default()).collect()
    }

    /// Asks it to end, as SIGTERM does.
    pub fn end(&self) {
        self.shutdown.cancel();
    }

    /// A new organization with one directory and a live credential.
    pub async fn directory(self: &Arc<Self>, kind: Kind) -> Directory {
        let organization = self.organization().await;
        self.directory_of(organization, kind).await
    }

    /// A new organization.
    pub async fn organization(&self) -> OrganizationId {
        let row = organizations::create(self.app.store(), &OperatorScope::local(), "Acme", None).await.unwrap();
        row.id
    }

    /// A new directory of an organization, with a live credential.
    pub async fn directory_of(self: &Arc<Self>, organization_id: OrganizationId, kind: Kind) -> Directory {
        let new = NewDirectory {
            organization_id,
            name: "Acme's people".to_owned(),
            directory_type: directory_type::parse(kind.directory_type).unwrap(),
            label: None,
            auth: kind.auth,
            settings: kind.settings,
        };
        let operator = OperatorScope::local();
        let row = directories::create(self.app.store(), &operator, new).await.unwrap();
        let mut directory = Directory {
            service: Arc::clone(self),
            id: row.id,
            organization_id,
            label: row.label,
            authorization: String::new(),
            secret: String::new(),
        };
        directory.use_new_credential().await;
        directory
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.shutdown.cancel();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// What kind of directory a test wants.
#[derive(Debug, Clone)]
pub struct Kind {
    pub directory_type: &'static str,
    pub auth: AuthMode,
    pub settings: Settings,
}

impl Kind {
    pub fn of(directory_type: &'static str) -> Self {
        Kind { directory_type, auth: AuthMode::Bearer, settings: Settings::default() }
    }

    pub fn okta() -> Self {
        Kind::of("okta scim v2.0")
    }

    pub fn entra() -> Self {
        Kind::of("azure scim v2.0")
    }

    pub fn strict() -> Self {
        let settings = Settings { profile: Strictness::Strict, ..Settings::default() };
        Kind { settings, ..Kind::of("generic scim v2.0") }
    }

    pub fn users_only() -> Self {
        Kind { settings: Settings { groups: false, ..Settings::default() }, ..Kind::okta() }
    }

    pub fn basic() -> Self {
        Kind { auth: AuthMode::Basic, ..Kind::okta() }
    }
}

/// A directory, seen by its identity provider.
#[derive(Clone)]
pub struct Directory {
    pub service: Arc<Service>,
    pub id: DirectoryId,
    pub organization_id: OrganizationId,
    pub label: String,
    /// The `Authorization` header of its requests.
    pub authorization: String,
    /// The bare token or password.
    pub secret: String,
}

impl Directory {
    /// Makes a credential and uses it from now on.
    pub async fn use_new_credential(&mut self) {
        self.use_credential(false).await;
    }

    /// Makes a credential of the kind, for reading alone or for everything, and uses it from now on.
    pub async fn use_credential(&mut self, read_only: bool) {
        let new = NewToken { name: "test".to_owned(), lifetime: Lifetime::Days(365), supplied: None, read_only };
        let operator = OperatorScope::local();
        let created = tokens::create(self.service.app.store(), &operator, self.id, new).await.unwrap();
        self.secret = created.secret.unwrap().expose().to_owned();
        self.authorization = match created.row.username {
            Some(username) => {
                let pair = format!("{username}:{}", self.secret);
                format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
            }
            None => format!("Bearer {}", self.secret),
        };
    }

    /// A request to a path below the host, as Okta would make it.
    pub fn raw(&self, method: &str, target: &str) -> Request {
        Request::new(self.service.address, method, target)
            .header("Accept", "application/scim+json")
            .header("User-Agent", "Okta SCIM Client 1.0.0")
            .header("Authorization", &self.authorization)
    }

    /// A 2.0 request; `path` follows the base URL.
    pub fn v2(&self, method: &str, path: &str) -> Request {
        self.raw(method, &format!("/scim/{}/v2{path}", self.label))
    }

    /// A 1.1 request; `path` follows the base URL.
    pub fn v1(&self, method: &str, path: &str) -> Request {
        self.raw(method, &format!("/scim/{}/v1{path}", self.label))
            .without("Accept")
            .header("Accept", "application/json")
    }

    /// The base URL that resources of this directory carry.
    pub fn base(&self, version: &str) -> String {
        format!("http://{}/scim/{}/{version}", self.service.address, self.label)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.v2("GET", path).send().await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        with_json(self.v2("POST", path), body).send().await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        with_json(self.v2("PUT", path), body).send().await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        with_json(self.v2("PATCH", path), body).send().await
    }

    /// A PATCH with these operations.
    pub async fn operations(&self, path: &str, operations: Value) -> Answer {
        self.patch(path, json!({"schemas": [PATCH_OP], "Operations": operations})).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.v2("DELETE", path).header("Content-Type", "application/scim+json; charset=utf-8").send().await
    }

    pub async fn get_v1(&self, path: &str) -> Answer {
        self.v1("GET", path).send().await
    }

    pub async fn send_v1(&self, method: &str, path: &str, body: Value) -> Answer {
        let request = self.v1(method, path).header("Content-Type", "application/json; charset=utf-8");
        request.body(body.to_string()).send().await
    }

    /// Creates a user as Okta does; its id.
    pub async fn user(&self, user_name: &str) -> String {
        let answer = self.post("/Users", okta_user(user_name)).await.expect(201);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// Creates a group with these members; its id.
    pub async fn group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
        let body = json!({"schemas": [GROUP], "displayName": name, "members": members});
        let answer = self.post("/Groups", body).await.expect(201);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// The directory's events after a position, in their order.
    pub async fn events_after(&self, position: i64) -> Vec<EventRow> {
        let query = EventQuery {
            after: Some(position),
            limit: 100_000,
            order: Order::Ascending,
            directory_id: Some(self.id),
            ..EventQuery::default()
        };
        let read = self.service.app.store().read(move |tx| event::list(tx, &OperatorScope::local(), &query));
        read.await.unwrap()
    }

    /// The position of the directory's last event.
    pub async fn head(&self) -> i64 {
        self.events_after(0).await.last().map_or(0, |event| event.position)
    }

    /// Runs something and gives the types and data of the events that came of it.
    pub async fn events_of<T>(&self, something: impl Future<Output = T>) -> (T, Vec<(String, Value)>) {
        let before = self.head().await;
        let outcome = something.await;
        let events = self.events_after(before).await;
        let told = events.into_iter().map(|event| (event.event_type, serde_json::from_str(&event.data).unwrap()));
        (outcome, told.collect())
    }

    /// The ids of a group's members, as GET shows them.
    pub async fn members(&self, group: &str) -> Vec<String> {
        member_ids(&self.get(&format!("/Groups/{group}")).await.expect(200).json())
    }
}

/// Adds a JSON body with the content type that Okta uses.
pub fn with_json(request: Request, body: Value) -> Request {
    request.header("Content-Type", "application/scim+json; charset=utf-8").body(body.to_string())
}

/// The `value`s of `members`; none when the attribute is absent.
pub fn member_ids(group: &Value) -> Vec<String> {
    let members = group["members"].as_array().map(Vec::as_slice).unwrap_or_default();
    members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
}

/// The body of Okta's POST (idp-wire 2.4).
pub fn okta_user(user_name: &str) -> Value {
    json!({"schemas": [USER], "userName": user_name, "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [{"primary": true, "value": user_name, "type": "work"}], "displayName": "Ada Lovelace",
        "locale": "en-US", "externalId": format!("00u{user_name}"), "groups": [], "password": "x7Kq02Lm", "active": true})
}

/// The types of some events.
pub fn types(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(event_type, _)| event_type.as_str()).collect()
}

/// Runs a test on a service over each kind of database.
pub async fn on_each_database(test: impl AsyncFn(Arc<Service>)) {
    for service in services() {
        eprintln!("on {}", service.database());
        test(service).await;
    }
}

/// Runs a test with a fresh directory on each kind of database.
pub async fn with_directory(kind: Kind, test: impl AsyncFn(Directory)) {
    on_each_database(async |service: Arc<Service>| test(service.directory(kind.clone()).await).await).await;
}

/// The services that the tests running now share; they end with the last of these tests.
fn services() -> Vec<Arc<Service>> {
    static SHARED: Mutex<Vec<Weak<Service>>> = Mutex::new(Vec::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    let running: Vec<Arc<Service>> = shared.iter().filter_map(Weak::upgrade).collect();
    if !running.is_empty() && running.len() == shared.len() {
        return running;
    }
    let databases = doorward_testkit::databases();
    let started: Vec<Arc<Service>> =
        databases.into_iter().map(|database| Service::start(database, Options::default())).collect();
    *shared = started.iter().map(Arc::downgrade).collect();
    started
}
