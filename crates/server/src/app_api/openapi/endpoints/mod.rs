//! Every path of the application's API with what it takes and gives.

mod directories;
mod events;
mod known_users;
mod organizations;
mod people;
mod requests;
mod roles;
mod webhooks;

use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What an endpoint answers with.
#[derive(Debug, Clone, Copy)]
pub(super) enum Gives {
    /// 204.
    Nothing,
    /// This status and an object of this name.
    One(u16, &'static str),
    /// A list of objects of this name.
    List(&'static str),
    /// The same with more members, which have these types.
    ListWith(&'static str, &'static [(&'static str, &'static str)]),
    /// As long as there is something, in this media type; each part is an object of this name.
    Stream(&'static str, &'static str),
}

/// One method of one path.
#[derive(Debug, Clone, Copy)]
pub(super) struct Endpoint {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    /// Names and descriptions of parameters in the query.
    pub(super) query: &'static [(&'static str, &'static str)],
    pub(super) body: Option<fn() -> Map<String, Value>>,
    pub(super) body_name: Option<&'static str>,
    /// Whether it can be left out.
    pub(super) body_is_optional: bool,
    pub(super) gives: Gives,
}

impl Endpoint {
    const fn new(
        method: &'static str,
        path: &'static str,
        id: &'static str,
        summary: &'static str,
        gives: Gives,
    ) -> Self {
        Endpoint { method, path, id, summary, query: &[], body: None, body_name: None, body_is_optional: false, gives }
    }

    const fn query(self, query: &'static [(&'static str, &'static str)]) -> Self {
        Endpoint { query, ..self }
    }

    /// The body is read by a type, whose name this is.
    const fn body(self, name: &'static str, body: fn() -> Map<String, Value>) -> Self {
        Endpoint { body: Some(body), body_name: Some(name), ..self }
    }

    /// The body is a document of its own form, described under this name.
    const fn document(self, name: &'static str) -> Self {
        Endpoint { body_name: Some(name), ..self }
    }

    /// Nothing has to be said in the body.
    const fn optional(self) -> Self {
        Endpoint { body_is_optional: true, ..self }
    }
}

/// The schema of a type and of those inside it, by name.
fn of<T: ToSchema>() -> Map<String, Value> {
    let mut inner = Vec::new();
    T::schemas(&mut inner);
    inner.push((T::name().into_owned(), T::schema()));
    inner.into_iter().filter_map(|(name, schema)| Some((name, serde_json::to_value(schema).ok()?))).collect()
}

const PAGE: [(&str, &str); 4] = [
    ("limit", "1 to 100; 10 when it is left out"),
    ("after", "an id: what comes after it"),
    ("before", "an id: what comes before it"),
    ("order", "asc or desc"),
];

/// All of them.
pub(super) fn all() -> impl Iterator<Item = &'static Endpoint> {
    let all = [
        organizations::ENDPOINTS,
        directories::ENDPOINTS,
        people::ENDPOINTS,
        known_users::ENDPOINTS,
        roles::ENDPOINTS,
        requests::ENDPOINTS,
        events::ENDPOINTS,
        webhooks::ENDPOINTS,
    ];
    all.into_iter().flatten()
}
