//! A SCIM server in memory, just good enough for what the dialects send. It is no model of Doorward: it lets tests of the
//! simulator run alone, and does wrong on demand.

mod filter;
mod patch;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode};
use serde_json::{Map, Value, json};

pub type Object = Map<String, Value>;
pub const TOKEN: &str = "t0k-en";
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// What the server does wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Adds the members of a group but for the last.
    LosesMember,
    /// Answers deactivations and forgets them.
    StaysActive,
    /// Keeps the old title.
    KeepsTitle,
    /// Sends `startIndex` as text.
    TextPaging,
    /// Answers POST with 201 and no body.
    EmptyCreate,
    /// Answers the first request of each kind with 429.
    Throttles,
    /// Answers 404 as a proxy page.
    PlainErrors,
    /// Caps pages at 50.
    ShortPages,
    /// Gives a returning person another account.
    ForgetsLeavers,
}

struct State {
    v1: bool,
    fault: Fault,
    next: u64,
    throttled: u32,
    /// `Users` and `Groups` by sequence number, so that lists have a stable order.
    resources: BTreeMap<&'static str, BTreeMap<u64, Object>>,
}

/// A running server; its URL is the SCIM base URL.
pub struct Fake {
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl Fake {
    pub async fn start(v1: bool, fault: Fault) -> Self {
        let resources = BTreeMap::from([("Users", BTreeMap::new()), ("Groups", BTreeMap::new())]);
        let state = Arc::new(Mutex::new(State { v1, fault, next: 0, throttled: 0, resources }));
        let shared = Arc::clone(&state);
        let router = axum::Router::new().fallback(move |request: Request<Body>| {
            let state = Arc::clone(&shared);
            async move {
                let (parts, body) = request.into_parts();
                let body = to_bytes(body, usize::MAX).await.unwrap();
                let authorized =
                    parts.headers.get("authorization").is_some_and(|v| v.to_str().unwrap().ends_with(TOKEN));
                let mut state = state.lock().unwrap();
                let query = parts.uri.query().unwrap_or_default();
                let (status, answer) = match authorized {
                    true => state.answer(parts.method.as_str(), parts.uri.path(), query, &body),
                    false => state.error(401, "The credential is not valid."),
                };
                state.reply(status, answer)
            }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url: format!("http://{address}/scim/{}", if v1 { "v1" } else { "v2" }), state }
    }

    /// Everything of one kind, in the order of creation.
    pub fn all(&self, kind: &'static str) -> Vec<Object> {
        self.state.lock().unwrap().resources[kind].values().cloned().collect()
    }

    /// Changes something behind the provider's back.
    pub fn tamper(&self, kind: &'static str, change: impl Fn(&mut Object)) {
        self.state.lock().unwrap().resources.get_mut(kind).unwrap().values_mut().for_each(change);
    }

    /// Puts a resource there before the provider comes; returns its id.
    pub fn preload(&self, kind: &'static str, body: &Value) -> String {
        let mut state = self.state.lock().unwrap();
        let (_, created) = state.create(kind, body.as_object().unwrap().clone());
        created.unwrap()["id"].as_str().unwrap().to_owned()
    }
}

type Answer = (u16, Option<Value>);

impl State {
    fn reply(&mut self, status: u16, body: Option<Value>) -> Response<Body> {
        let kind = if self.v1 { "application/json" } else { "application/scim+json" };
        let mut builder =
            Response::builder().status(StatusCode::from_u16(status).unwrap()).header("content-type", kind);
        if status == 401 {
            builder = builder.header("www-authenticate", "Bearer");
        }
        if status == 429 {
            builder = builder.header("retry-after", "0");
        }
        let text = match body {
            Some(_) if status == 404 && self.fault == Fault::PlainErrors => "<html>not here</html>".to_owned(),
            Some(body) => body.to_string(),
            None => String::new(),
        };
        builder.body(Body::from(text)).unwrap()
    }

    fn error(&self, status: u16, detail: &str) -> Answer {
        let body = if self.v1 {
            json!({"Errors": [{"description": detail, "code": status.to_string()}]})
        } else {
            json!({"schemas": [ERROR], "detail": detail, "status": status.to_string()})
        };
        (status, Some(body))
    }

    fn answer(&mut self, method: &str, path: &str, query: &str, body: &[u8]) -> Answer {
        if self.fault == Fault::Throttles && self.throttled < 3 {
            self.throttled += 1;
            return self.error(429, "Too many requests.");
        }
        let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).skip(2).collect();
        let parsed = || serde_json::from_slice::<Object>(body).unwrap_or_else(|e| panic!("{e} in {method} {path}"));
        let kind = match parts.first().copied() {
            Some("Users") => "Users",
            Some("Groups") => "Groups",
            Some("ServiceProviderConfig" | "ServiceProviderConfigs") => {
                return (200, Some(json!({"patch": {"supported": true}, "bulk": {"maxOperations": 7}})));
            }
            Some("Schemas" | "ResourceTypes") if parts.len() == 2 => return (200, Some(json!({"id": parts[1]}))),
            _ => return self.error(404, "There is no such endpoint."),
        };
        match (method, parts.get(1).copied()) {
            ("GET", None) => self.list(kind, query),
            ("POST", None) => self.create(kind, parsed()),
            ("GET", Some(id)) => match self.find(kind, id) {
                Some(number) => (200, Some(self.show(kind, number, query))),
                None => self.error(404, "There is no such resource."),
            },
            ("PUT" | "PATCH" | "DELETE", Some(id)) => match self.find(kind, id) {
                Some(number) => self.write(method, kind, number, body.is_empty().then(Map::new).unwrap_or_else(parsed)),
                None => self.error(404, "There is no such resource."),
            },
            _ => self.error(405, "This method is not available here."),
        }
    }

    fn find(&self, kind: &str, id: &str) -> Option<u64> {
        self.resources[kind].iter().find(|(_, resource)| resource["id"] == id).map(|(number, _)| *number)
    }

    fn show(&self, kind: &str, number: u64, query: &str) -> Value {
        let mut shown = self.resources[kind][&number].clone();
        if query.contains("excludedAttributes=members") {
            shown.remove("members");
        } else if kind == "Groups" {
            shown.entry("members").or_insert_with(|| json!([]));
        }
        shown.insert("meta".to_owned(), json!({"resourceType": kind.trim_end_matches('s'), "version": "W/\"1\""}));
        Value::Object(shown)
    }

    fn list(&self, kind: &str, query: &str) -> Answer {
        let parameters = filter::parameters(query);
        let number = |name: &str, default: usize| parameters.get(name).map_or(default, |v| v.parse().unwrap());
        let (start, mut count) = (number("startIndex", 1), number("count", 100));
        if self.fault == Fault::ShortPages {
            count = count.min(50);
        }
        let forgotten = |resource: &Object| {
            self.fault == Fault::ForgetsLeavers
                && resource.get("active") == Some(&json!(false))
                && query.contains("filter")
        };
        let matching: Vec<_> = self.resources[kind]
            .iter()
            .filter(|(_, r)| parameters.get("filter").is_none_or(|f| filter::matches(f, r)) && !forgotten(r))
            .map(|(number, _)| *number)
            .collect();
        let page: Vec<_> =
            matching.iter().skip(start - 1).take(count).map(|number| self.show(kind, *number, query)).collect();
        let schema = if self.v1 { "urn:scim:schemas:core:1.0" } else { LIST };
        let start = if self.fault == Fault::TextPaging { json!(start.to_string()) } else { json!(start) };
        let body = json!({
            "schemas": [schema], "totalResults": matching.len(), "startIndex": start, "itemsPerPage": page.len(),
            "Resources": page,
        });
        (200, Some(body))
    }

    fn taken(&self, kind: &str, body: &Object, but: Option<u64>) -> bool {
        let key = |resource: &Object| resource.get("userName").and_then(Value::as_str).map(str::to_lowercase);
        key(body).is_some() && self.resources[kind].iter().any(|(n, r)| Some(*n) != but && key(r) == key(body))
    }

    fn create(&mut self, kind: &'static str, body: Object) -> Answer {
        if self.taken(kind, &body, None) {
            return self.error(409, "A user with this userName already exists.");
        }
        if kind == "Groups" {
            let same = |r: &Object| r.get("displayName") == body.get("displayName");
            if body.contains_key("externalId") && self.resources[kind].values().any(same) {
                return self.error(409, "A group with this displayName already exists.");
            }
        }
        self.next += 1;
        let mut stored = self.clean(body);
        stored.insert("id".to_owned(), json!(format!("{}-{:04}", kind.to_lowercase(), self.next)));
        self.resources.get_mut(kind).unwrap().insert(self.next, stored);
        if self.fault == Fault::EmptyCreate {
            return (201, None);
        }
        (201, Some(self.show(kind, self.next, "")))
    }

    /// Drops what is never stored and reads booleans that came as text.
    fn clean(&self, mut body: Object) -> Object {
        for name in ["password", "groups", "meta"] {
            body.remove(name);
        }
        body.retain(|_, value| !value.is_null());
        if let Some(Value::String(text)) = body.get("active") {
            let active = text.eq_ignore_ascii_case("true");
            body.insert("active".to_owned(), json!(active));
        }
        body
    }

    fn write(&mut self, method: &str, kind: &'static str, number: u64, body: Object) -> Answer {
        let before = self.resources[kind][&number].clone();
        if method == "DELETE" {
            self.resources.get_mut(kind).unwrap().remove(&number);
            for group in self.resources.get_mut("Groups").unwrap().values_mut() {
                patch::remove_member(group, before["id"].as_str().unwrap());
            }
            return (204, None);
        }
        let mut after = match (method, self.v1) {
            ("PUT", _) => {
                let mut body = self.clean(body);
                body.insert("id".to_owned(), before["id"].clone());
                for kept in ["active", "members"] {
                    if let (None, Some(value)) = (body.get(kept), before.get(kept)) {
                        body.insert(kept.to_owned(), value.clone());
                    }
                }
                body
            }
            (_, true) => patch::merge(before.clone(), &body),
            (_, false) => patch::apply(before.clone(), &body),
        };
        after = self.clean(after);
        self.sabotage(&before, &mut after);
        if self.taken(kind, &after, Some(number)) {
            return self.error(409, "A user with this userName already exists.");
        }
        self.resources.get_mut(kind).unwrap().insert(number, after);
        (200, Some(self.show(kind, number, "")))
    }

    fn sabotage(&self, before: &Object, after: &mut Object) {
        match self.fault {
            Fault::LosesMember => {
                if let Some(Value::Array(members)) = after.get_mut("members") {
                    members.pop();
                }
            }
            Fault::StaysActive if before.contains_key("active") => _ = after.insert("active".to_owned(), json!(true)),
            Fault::KeepsTitle => {
                if let Some(title) = before.get("title") {
                    after.insert("title".to_owned(), title.clone());
                }
            }
            _ => {}
        }
    }
}
