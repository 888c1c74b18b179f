//! A provider at work against one SCIM base URL: single flows that a test can drive one by one, and that [`crate::run()`]
//! puts together. A session remembers the state it intended, whether or not the server did its part.

mod connection;
mod groups;
mod import;
mod members;
mod users;

use std::fmt;
use std::sync::atomic::AtomicUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use reqwest::Method;
use serde_json::{Value, json};

pub use import::Imported;

use crate::answer::{self, List, Problem, Violation};
use crate::client::{Answer, Client, Credential, Message, Object};
use crate::dialect::{Chance, Dialect, Family, Manager, Manner, Spaces, Subject, Version, profile, urn};
use crate::error::Error;
use crate::intended::Intended;
use crate::people::{Person, PersonKey};

/// A flow that did not reach its end. The problem is in [`Session::problems`] as well.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub Box<Problem>);

/// An identity provider at work. All methods take `&self`, so that flows of different people can run at the same time;
/// what is written to one person or group is the caller's to keep in order.
pub struct Session {
    client: Client,
    dialect: Dialect,
    manner: &'static Manner,
    seed: u64,
    batch: usize,
    /// Operations per PATCH that the server allows; authentik takes them from `bulk.maxOperations`, 0 is no limit.
    max_operations: AtomicUsize,
    intended: Mutex<Intended>,
    problems: Mutex<Vec<Problem>>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("dialect", &self.dialect).finish_non_exhaustive()
    }
}

/// What an attempt met, not yet in the record of problems.
struct Refusal {
    violation: Violation,
    problem: Box<Problem>,
}

impl Session {
    /// A session of a provider with the SCIM base URL and the credential its administrator typed.
    ///
    /// # Errors
    /// [`Error::Url`] when the URL cannot be used (Okta refuses an underscore in it and more than 1024 characters),
    /// [`Error::Credential`] when the credential cannot be sent.
    pub fn new(dialect: Dialect, url: &str, credential: &Credential, seed: u64) -> Result<Self, Error> {
        let manner = dialect.manner();
        if manner.family == Family::Okta && (url.contains('_') || url.len() > 1024) {
            let reason = "Okta takes no underscore in a base URL, and no more than 1024 characters".to_owned();
            return Err(Error::Url { url: url.to_owned(), reason });
        }
        let client = Client::new(url, manner.headers, credential, manner.flag)?;
        Ok(Self {
            client,
            dialect,
            manner,
            seed,
            batch: 100,
            max_operations: AtomicUsize::new(0),
            intended: Mutex::default(),
            problems: Mutex::default(),
        })
    }

    /// Sets how many changes of members go into one request, 100 to 1000 as in Okta's app setting; 100 at first.
    #[must_use]
    pub fn with_batch(mut self, batch: usize) -> Self {
        self.batch = batch.max(1);
        self
    }

    /// Replaces the client by one with other settings, such as [`Client::keeping_bodies`].
    #[must_use]
    pub fn with_client(mut self, change: impl FnOnce(Client) -> Client) -> Self {
        self.client = change(self.client);
        self
    }

    /// The provider.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The HTTP side, with the record of every exchange.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// A copy of the state that should be at the server now.
    #[must_use]
    pub fn intended(&self) -> Intended {
        self.state().clone()
    }

    /// Everything that the provider would complain of so far.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, Intended> {
        self.intended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn manner(&self) -> &'static Manner {
        self.manner
    }

    pub(crate) fn chance(&self, key: u32) -> Chance {
        Chance::new(self.seed, key)
    }

    /// Sends a request and reads the answer; what is wrong with it becomes a problem.
    async fn ask<T>(
        &self,
        message: Message,
        method: Method,
        path: &str,
        body: Option<&Object>,
        read: impl FnOnce(Answer) -> Result<T, Violation>,
    ) -> Result<T, Failure> {
        self.attempt(message, method, path, body, read).await.map_err(|refusal| self.complain(refusal))
    }

    /// Like [`Self::ask`], for a request whose refusal may be part of the flow.
    async fn attempt<T>(
        &self,
        message: Message,
        method: Method,
        path: &str,
        body: Option<&Object>,
        read: impl FnOnce(Answer) -> Result<T, Violation>,
    ) -> Result<T, Refusal> {
        let problem = |request, status, violation: &Violation| {
            Box::new(Problem {
                request,
                message,
                method: method.to_string(),
                path: path.to_owned(),
                status,
                found: violation.to_string(),
                consequence: violation.consequence(self.manner.family).to_owned(),
            })
        };
        let answer = match self.client.send(message, method.clone(), path, body).await {
            Ok(answer) => answer,
            Err(violation) => return Err(Refusal { problem: problem(0, 0, &violation), violation }),
        };
        let (number, status) = (answer.number, answer.status);
        if let Some(violation) = self.media_type(&answer) {
            self.note(*problem(number, status, &violation));
        }
        read(answer).map_err(|violation| Refusal { problem: problem(number, status, &violation), violation })
    }

    fn complain(&self, refusal: Refusal) -> Failure {
        self.note((*refusal.problem).clone());
        Failure(refusal.problem)
    }

    /// Records something wrong about the latest answer that no single read can see.
    fn object_to(&self, message: Message, path: &str, violation: &Violation) -> Failure {
        let problem = Problem {
            request: 0,
            message,
            method: "GET".to_owned(),
            path: path.to_owned(),
            status: 200,
            found: violation.to_string(),
            consequence: violation.consequence(self.manner.family).to_owned(),
        };
        self.note(problem.clone());
        Failure(Box::new(problem))
    }

    fn note(&self, problem: Problem) {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).push(problem);
    }

    /// Entra insists on `application/scim+json`; the others take JSON under either name.
    fn media_type(&self, answer: &Answer) -> Option<Violation> {
        if answer.empty {
            return None;
        }
        let kind = answer.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let strict = self.manner.family == Family::Entra;
        let fits = match self.manner.version {
            Version::V1 => kind == "application/json",
            Version::V2 => kind == "application/scim+json" || (!strict && kind == "application/json"),
        };
        (!fits).then(|| Violation::MediaType(answer.content_type.clone()))
    }

    /// GET of a list.
    async fn list(&self, message: Message, path: &str) -> Result<List, Failure> {
        self.ask(message, Method::GET, path, None, answer::list).await
    }

    /// `attribute op "value"`, encoded as the provider does it.
    fn filter(&self, attribute: &str, operator: &str, value: &str) -> String {
        let quoted = json!(value).to_string();
        self.encode(&format!("{attribute} {operator} {quoted}"))
    }

    /// Percent-encoding of a query value.
    fn encode(&self, text: &str) -> String {
        let mut encoded = String::with_capacity(text.len() * 2);
        for byte in text.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
                b' ' if self.manner.spaces == Spaces::Plus => encoded.push('+'),
                _ => encoded.push_str(&format!("%{byte:02X}")),
            }
        }
        encoded
    }

    /// A body made of a person with their manager, who is looked up in the intended state.
    fn with_subject<T>(&self, person: &Person, active: bool, make: impl FnOnce(&Subject) -> T) -> T {
        let state = self.state();
        let referred = state.users.get(&person.key).and_then(|user| user.referred);
        let manager = referred
            .and_then(|key| state.users.get(&key))
            .map(|user| Manager { id: user.id.as_deref().filter(|_| !user.erased), person: &user.person });
        make(&Subject { person, active, manager, chance: self.chance(person.key.0) })
    }

    /// What the provider is the master of, as it should be at the server.
    pub(crate) fn expected(&self, person: &Person, active: bool) -> Object {
        self.with_subject(person, active, self.manner.profile)
    }

    fn user_id(&self, key: PersonKey) -> Option<String> {
        self.state().user_id(key).map(str::to_owned)
    }
}

/// A PATCH of SCIM 2.0.
fn patch(operations: &[Value]) -> Object {
    profile::object(json!({"schemas": [urn::PATCH], "Operations": operations}))
}

/// An id as a path segment. Ids are the server's own; what is not plain in them is encoded.
fn segment(id: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b':' | b'@');
    id.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// One operation; a missing path or value is left out.
fn operation(op: &str, path: Option<&str>, value: Option<Value>) -> Value {
    let mut operation = Object::new();
    operation.insert("op".to_owned(), json!(op));
    profile::put(&mut operation, "path", path);
    profile::put(&mut operation, "value", value);
    Value::Object(operation)
}
