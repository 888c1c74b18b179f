//! A running service of its own for each test, somebody who visits its portal, and an identity provider's requests.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use doorward_server::config::Limits;
use doorward_server::service::directories::{self, NewDirectory};
use doorward_server::service::tokens::{self, Lifetime, NewToken};
use doorward_server::service::{api_keys, directory_type, operators, organizations};
use doorward_server::{App, Config};
use doorward_store::directory::{AuthMode, Settings};
use doorward_store::event::{self, EventQuery, EventRow};
use doorward_store::ids::{DirectoryId, OrganizationId};
use doorward_store::scope::OperatorScope;
use doorward_store::{Options, Store};
use doorward_testkit::TestDatabase;
use reqwest::header::{HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

pub const PASSWORD: &str = "correct horse battery staple";
pub const EMAIL: &str = "olivia@vendor.example";

/// What an HTTP client is made from.
pub fn client() -> reqwest::ClientBuilder {
    // It fails when another test was first, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().timeout(std::time::Duration::from_secs(120))
}

/// A service on a free loopback port.
pub struct Portal {
    pub app: App,
    pub address: SocketAddr,
    shutdown: CancellationToken,
    _database: TestDatabase,
}

impl Portal {
    pub async fn start(database: TestDatabase, options: Options) -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let url = database.url().to_owned();
        let store = tokio::task::spawn_blocking(move || Store::open(&url, options)).await.unwrap().unwrap();
        let local = Config::local(address, database.url());
        let config = Config { limits: Limits::default(), webhooks: crate::webhooks::settings(), ..local };
        let app = App::new(store, config);
        let shutdown = CancellationToken::new();
        let (served, stop) = (app.clone(), shutdown.clone());
        tokio::spawn(async move { doorward_server::serve(served, listener, stop).await.unwrap() });
        Arc::new(Portal { app, address, shutdown, _database: database })
    }

    /// One on SQLite.
    pub async fn sqlite() -> Arc<Self> {
        let database = doorward_testkit::databases().into_iter().find(|database| database.name() == "sqlite").unwrap();
        Portal::start(database, Options::default()).await
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Somebody who is not signed in.
    pub fn visitor(&self) -> Visitor {
        let client = client().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Visitor {
            client,
            base: self.url(""),
            cookies: RefCell::default(),
            token: RefCell::default(),
            headers: HeaderMap::new(),
        }
    }

    /// A one-time code, as the command line makes one.
    pub async fn code(&self) -> String {
        let code = operators::create_code(self.app.store(), &OperatorScope::local(), None).await.unwrap();
        code.expose().to_owned()
    }

    /// Somebody with a new account, signed in.
    pub async fn operator(&self) -> Visitor {
        self.operator_named("Olivia Operator", EMAIL).await
    }

    pub async fn operator_named(&self, name: &str, email: &str) -> Visitor {
        let visitor = self.visitor();
        visitor.get("/admin/begin").await.expect(StatusCode::OK);
        let code = self.code().await;
        let fields = [
            ("code", code.as_str()),
            ("name", name),
            ("email", email),
            ("password", PASSWORD),
            ("password_again", PASSWORD),
        ];
        visitor.post("/admin/begin", &fields).await.expect(StatusCode::SEE_OTHER);
        // The token of the forms is now another one.
        visitor.get("/admin/account").await.expect(StatusCode::OK);
        visitor
    }

    /// All events.
    pub async fn events(&self) -> Vec<EventRow> {
        let query =
            EventQuery { limit: 100_000, order: doorward_store::paging::Order::Ascending, ..EventQuery::default() };
        self.app.store().read(move |tx| event::list(tx, &OperatorScope::local(), &query)).await.unwrap()
    }

    /// A customer with a directory, people and groups, sent by SCIM as identity providers do.
    pub async fn acme(&self) -> Acme {
        let (store, by) = (self.app.store(), OperatorScope::local());
        let organization =
            organizations::create(store, &by, "Acme Corporation", Some("cust_4711".into())).await.unwrap();
        let new = NewDirectory {
            organization_id: organization.id,
            name: "Acme Okta".to_owned(),
            directory_type: directory_type::parse("okta scim v2.0").unwrap(),
            label: Some("acme-okta".to_owned()),
            auth: AuthMode::Bearer,
            settings: Settings::default(),
        };
        let directory = directories::create(store, &by, new).await.unwrap();
        let new = NewToken { name: "Okta".into(), lifetime: Lifetime::Days(365), supplied: None, read_only: false };
        let token = tokens::create(store, &by, directory.id, new).await.unwrap().secret.unwrap();
        api_keys::create(store, &by, "production", Lifetime::Unlimited).await.unwrap();
        let acme = Acme {
            organization: organization.id,
            directory: directory.id,
            base: self.url("/scim/acme-okta/v2"),
            token: token.expose().to_owned(),
            client: client().build().unwrap(),
        };
        let mut ids = Vec::new();
        for (given, family, active) in PEOPLE {
            ids.push(acme.user(given, family, *active).await);
        }
        acme.group("Engineering", &ids[..4]).await;
        acme.group("Everyone", &ids).await;
        acme.group("Contractors", &["00u-not-sent-yet".to_owned()]).await;
        acme
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

const PEOPLE: &[(&str, &str, bool)] = &[
    ("Ada", "Lovelace", true),
    ("Grace", "Hopper", true),
    ("Katherine", "Johnson", true),
    ("Margaret", "Hamilton", true),
    ("Dorothy", "Vaughan", false),
    ("Jean", "Bartik", true),
];

/// A customer's directory, seen by its identity provider.
pub struct Acme {
    pub organization: OrganizationId,
    pub directory: DirectoryId,
    pub base: String,
    pub token: String,
    client: reqwest::Client,
}

impl Acme {
    pub async fn send(&self, path: &str, body: &Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.base)).bearer_auth(&self.token);
        let answer =
            request.header("Content-Type", "application/scim+json").body(body.to_string()).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    pub async fn user(&self, given: &str, family: &str, active: bool) -> String {
        let email = format!("{}@acme.example", given.to_lowercase());
        let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": email, "active": active,
            "name": {"givenName": given, "familyName": family}, "displayName": format!("{given} {family}"),
            "title": "Engineer", "externalId": format!("00u{given}"),
            "emails": [{"value": email, "primary": true, "type": "work"}]});
        self.send("/Users", &body).await["id"].as_str().unwrap().to_owned()
    }

    pub async fn group(&self, name: &str, members: &[String]) -> String {
        let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
        let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name, "members": members});
        self.send("/Groups", &body).await["id"].as_str().unwrap().to_owned()
    }

    /// Makes a mistake that identity providers make; the id under which the request is found.
    pub async fn refused(&self, portal: &Portal) -> String {
        let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada@acme.example"});
        let request = self.client.post(format!("{}/Users", self.base)).bearer_auth(&self.token);
        let answer =
            request.header("Content-Type", "application/scim+json").body(body.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 409);
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        doorward_server::service::requests::flush(&portal.app).await;
        id
    }

    /// The id of the first user or group that a list has.
    pub async fn first(&self, path: &str) -> String {
        let request = self.client.get(format!("{}{path}", self.base)).bearer_auth(&self.token);
        let list: Value = request.send().await.unwrap().json().await.unwrap();
        list["Resources"][0]["id"].as_str().unwrap().to_owned()
    }
}

/// Somebody with a browser that keeps cookies and sends forms, and nothing more.
pub struct Visitor {
    client: reqwest::Client,
    base: String,
    pub cookies: RefCell<BTreeMap<String, String>>,
    /// The token of the form seen last.
    pub token: RefCell<String>,
    pub headers: HeaderMap,
}

/// An answer.
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Page {
    #[track_caller]
    pub fn expect(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    pub fn location(&self) -> &str {
        self.headers.get(LOCATION).map_or("", |location| location.to_str().unwrap())
    }
}

impl Visitor {
    pub async fn get(&self, path: &str) -> Page {
        self.send(self.request(Method::GET, path)).await
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let cookies: Vec<String> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.client
            .request(method, format!("{}{path}", self.base))
            .header("Cookie", cookies.join("; "))
            .header("User-Agent", "Mozilla/5.0 (test)")
            .headers(self.headers.clone())
    }

    /// Sends a form from one of the portal's pages.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.token.borrow().clone();
        let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("form_token", token.as_str())]).collect();
        self.send(form(self.request(Method::POST, path).header("Sec-Fetch-Site", "same-origin"), &fields)).await
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Page {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        for cookie in headers.get_all(SET_COOKIE) {
            let text = cookie.to_str().unwrap();
            let (name, value) = text.split(';').next().unwrap().split_once('=').unwrap();
            if text.contains("Max-Age=0") {
                self.cookies.borrow_mut().remove(name);
            } else {
                self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
            }
        }
        let body = answer.text().await.unwrap();
        if let Some(rest) = body.split("name=\"form_token\" value=\"").nth(1) {
            *self.token.borrow_mut() = rest.split('"').next().unwrap().to_owned();
        }
        Page { status, headers, body }
    }
}

/// Puts a form into a request.
pub fn form(request: reqwest::RequestBuilder, fields: &[(&str, &str)]) -> reqwest::RequestBuilder {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    request.header("Content-Type", "application/x-www-form-urlencoded").body(body)
}

/// Runs a test on each kind of database.
pub async fn on_each_database(test: impl AsyncFn(Arc<Portal>)) {
    for database in doorward_testkit::databases() {
        eprintln!("on {}", database.name());
        test(Portal::start(database, Options::default()).await).await;
    }
}
