//! Judges answers as the provider would: what it refuses, what it merely dislikes, and what it does about it.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::client::{Answer, Message, Object};
use crate::dialect::Family;

/// What was wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    /// No answer at all; the reason in words.
    Silence(String),
    /// 429 until the provider gave up.
    Throttled {
        /// How often it asked.
        attempts: u32,
        /// The server said how many seconds to wait, as an integer.
        integer: bool,
    },
    /// 401 or 403 during work.
    Unauthorized {
        /// The status.
        status: u16,
    },
    /// Another status than the provider needs; `detail` is what an administrator would be shown.
    Status {
        /// What would have been right, such as "200 or 204".
        expected: &'static str,
        /// The status that came.
        status: u16,
        /// The server's explanation, if the body had one in the version's own form.
        detail: Option<String>,
    },
    /// An error whose body is not an error message of the protocol.
    ErrorBody(String),
    /// The body is not JSON.
    NotJson(String),
    /// 201 with an empty body.
    EmptyCreate,
    /// The resource has no `id`, or one that is not a string, or contains the reserved word `bulkId`.
    Id(String),
    /// The resource has another `id` than the one asked for.
    OtherId {
        /// The id that was asked for.
        expected: String,
        /// The id that came.
        found: String,
    },
    /// A member of the paging envelope is missing or not an integer.
    Paging(&'static str),
    /// `Resources` is missing or not an array.
    NoResources,
    /// One resource was asked for and a list came.
    ListForResource,
    /// `startIndex` of the answer is not the one asked for.
    StartIndex {
        /// What was asked for.
        asked: i64,
        /// What came.
        found: i64,
    },
    /// A filter that should find at most one resource found more.
    Ambiguous(usize),
    /// The resource found by a filter does not have the value asked for.
    WrongMatch(String),
    /// `password` was returned.
    Password,
    /// The media type is not the version's.
    MediaType(String),
    /// A group was read without its members although the provider writes back what it reads.
    NoMembers,
    /// The members were returned although the request excluded them.
    MembersNotExcluded,
    /// An import page is shorter than asked for although more was promised, or repeats an item.
    Page(String),
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silence(reason) => write!(f, "no answer: {reason}"),
            Self::Throttled { attempts, integer: true } => write!(f, "still 429 after {attempts} attempts"),
            Self::Throttled { .. } => f.write_str("429 without an integer Retry-After"),
            Self::Unauthorized { status } => write!(f, "the credential was refused with {status}"),
            Self::Status { expected, status, detail: Some(detail) } => {
                write!(f, "status {status} instead of {expected}: {detail}")
            }
            Self::Status { expected, status, detail: None } => write!(f, "status {status} instead of {expected}"),
            Self::ErrorBody(found) => write!(f, "the error's body is no SCIM error message: {found}"),
            Self::NotJson(found) => write!(f, "the body is not JSON: \"{found}\""),
            Self::EmptyCreate => f.write_str("the resource was created, but the body is empty"),
            Self::Id(found) => write!(f, "the resource's id cannot be used: {found}"),
            Self::OtherId { expected, found } => write!(f, "the resource has the id {found} instead of {expected}"),
            Self::Paging(member) => write!(f, "the list has no integer {member}"),
            Self::NoResources => f.write_str("the list has no array Resources"),
            Self::ListForResource => f.write_str("a list was returned where one resource was asked for"),
            Self::StartIndex { asked, found } => write!(f, "startIndex is {found}, but {asked} was asked for"),
            Self::Ambiguous(count) => write!(f, "{count} resources match where at most one may"),
            Self::WrongMatch(what) => write!(f, "the filter found something else: {what}"),
            Self::Password => f.write_str("the answer contains the password"),
            Self::MediaType(found) => write!(f, "the media type is \"{found}\""),
            Self::NoMembers => f.write_str("the group was returned without its members"),
            Self::MembersNotExcluded => {
                f.write_str("members were returned although excludedAttributes=members was sent")
            }
            Self::Page(what) => f.write_str(what),
        }
    }
}

impl Violation {
    /// What a provider of this family does about it.
    #[must_use]
    pub fn consequence(&self, family: Family) -> &'static str {
        match (family, self) {
            (Family::Okta, Self::EmptyCreate) => {
                "Okta marks the operation as failed: \"Create new user returned empty user.\""
            }
            (Family::Okta, Self::Paging(_)) => "Okta stops without a word before the next request",
            (Family::Okta, Self::Status { status: 409, .. }) => "Okta stops this job and shows the detail",
            (Family::Okta, Self::Status { status: 400..=499, .. }) => {
                "Okta fails the task, shows the detail and does not try again"
            }
            (Family::Okta, Self::Status { .. }) => "Okta fails the task; an administrator has to retry it by hand",
            (Family::Okta, Self::Throttled { integer: true, .. }) => "Okta gives up after ten attempts",
            (Family::Okta, Self::Throttled { .. }) => "Okta waits five minutes, then doubles the time",
            (Family::Okta, Self::ErrorBody(_) | Self::NotJson(_)) => {
                "Okta shows \"Bad Gateway … Invalid JSON: Unrecognized token\" and the cause stays hidden"
            }
            (Family::Okta, Self::Unauthorized { .. }) => {
                "Okta shows \"Error while verifying if user exists: Unauthorized\""
            }
            (Family::Okta, Self::Silence(_)) => "Okta closes the socket after 60 seconds and fails the operation",
            (Family::Okta, Self::NoMembers) => "Okta writes back what it read: all members are lost",
            (Family::Okta, Self::ListForResource) => "Okta sends the list back as the body of its PUT",
            (Family::Okta, Self::Page(_)) => "Okta goes on by the page size it asked for and loses people",
            (Family::Entra, Self::Unauthorized { .. }) => "Entra counts it towards quarantine of the job",
            (Family::Entra, Self::Status { status: 404, .. }) => "Entra takes a lookup that answers 404 for a failure",
            (Family::Entra, Self::Status { .. } | Self::Silence(_) | Self::Throttled { .. }) => {
                "Entra retries in later cycles, ever less often, and quarantines the job when errors persist"
            }
            (Family::Entra, Self::MediaType(_)) => "Entra asks for application/scim+json on every answer",
            (Family::Authentik, Self::Page(_)) => "authentik asks for the next page for ever",
            (_, Self::Ambiguous(_)) => "the provider cannot tell which account is meant and links none",
            (_, Self::Id(_) | Self::OtherId { .. }) => "the provider cannot link its record to the account",
            (_, Self::WrongMatch(_)) => "the provider links the wrong account",
            (_, Self::Password) => "a secret leaves the server",
            (_, Self::MediaType(_)) => "the provider may not read the answer",
            (_, Self::MembersNotExcluded) => "the provider reads more than it asked for; large groups time out",
            _ => "the provider reports a failed operation",
        }
    }
}

/// A violation, with the request that met it.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// Number of the exchange in the record; 0 when there was none.
    pub request: usize,
    /// What the request was for.
    pub message: Message,
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// HTTP status, 0 without an answer.
    pub status: u16,
    /// What was found, in words.
    pub found: String,
    /// What the provider does about it.
    pub consequence: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {}", self.message, self.method, self.path)?;
        if self.request > 0 {
            write!(f, ", request {}", self.request)?;
        }
        write!(f, "): {}; {}", self.found, self.consequence)
    }
}

/// A list as the provider reads it.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) total: i64,
    pub(crate) start: i64,
    pub(crate) resources: Vec<Object>,
}

/// Reads a list: 200, integer paging members, an array.
pub(crate) fn list(answer: Answer) -> Result<List, Violation> {
    let mut body = success(answer, &[200], "200")?.ok_or(Violation::NotJson(String::new()))?;
    let integer = |name| body.get(name).and_then(Value::as_i64).ok_or(Violation::Paging(name));
    let (total, start) = (integer("totalResults")?, integer("startIndex")?);
    integer("itemsPerPage")?;
    let Some(Value::Array(items)) = body.remove("Resources") else { return Err(Violation::NoResources) };
    let resources = items
        .into_iter()
        .map(|item| match item {
            Value::Object(object) => usable_id(&object).map(|_| object),
            other => Err(Violation::NotJson(other.to_string())),
        })
        .collect::<Result<_, _>>()?;
    Ok(List { total, start, resources })
}

/// Reads the answer to a POST: 201, a body, a usable id.
pub(crate) fn created(answer: Answer) -> Result<(String, Object), Violation> {
    let body = success(answer, &[201], "201")?.ok_or(Violation::EmptyCreate)?;
    if body.is_empty() {
        return Err(Violation::EmptyCreate);
    }
    Ok((usable_id(&body)?, body))
}

/// Reads one resource: 200, the id that was asked for, not a list.
pub(crate) fn resource(answer: Answer, id: &str) -> Result<Object, Violation> {
    let body = success(answer, &[200], "200")?.ok_or(Violation::NotJson(String::new()))?;
    if body.contains_key("Resources") || body.contains_key("totalResults") {
        return Err(Violation::ListForResource);
    }
    let found = usable_id(&body)?;
    if found == id { Ok(body) } else { Err(Violation::OtherId { expected: id.to_owned(), found }) }
}

/// Reads the answer to a PATCH: 204, or 200 with the resource, which need not be complete.
pub(crate) fn patched(answer: Answer, id: &str) -> Result<(), Violation> {
    match success(answer, &[200, 204], "200 or 204")? {
        Some(body) if body.contains_key("id") => {
            let found = usable_id(&body)?;
            if found == id { Ok(()) } else { Err(Violation::OtherId { expected: id.to_owned(), found }) }
        }
        _ => Ok(()),
    }
}

/// Reads the answer to a DELETE: 204; 1.1's own example is 200.
pub(crate) fn deleted(answer: Answer) -> Result<(), Violation> {
    success(answer, &[204, 200], "204").map(drop)
}

/// Reads any object, such as a ServiceProviderConfig.
pub(crate) fn object(answer: Answer) -> Result<Object, Violation> {
    success(answer, &[200], "200")?.ok_or(Violation::NotJson(String::new()))
}

/// The body of an answer with one of the wanted statuses; `None` when it is empty.
fn success(answer: Answer, wanted: &[u16], expected: &'static str) -> Result<Option<Object>, Violation> {
    if matches!(answer.status, 401 | 403) {
        return Err(Violation::Unauthorized { status: answer.status });
    }
    if !wanted.contains(&answer.status) {
        if (400..600).contains(&answer.status) && answer.json.is_none() {
            return Err(Violation::ErrorBody(if answer.empty { "nothing".to_owned() } else { answer.excerpt }));
        }
        let detail = answer.json.as_ref().and_then(detail);
        return Err(Violation::Status { expected, status: answer.status, detail });
    }
    match answer.json {
        Some(Value::Object(body)) if body.contains_key("password") => Err(Violation::Password),
        Some(Value::Object(body)) => Ok(Some(body)),
        Some(other) => Err(Violation::NotJson(other.to_string())),
        None if answer.empty => Ok(None),
        None => Err(Violation::NotJson(answer.excerpt)),
    }
}

/// `detail` of a 2.0 error, `description` of a 1.1 error.
fn detail(body: &Value) -> Option<String> {
    let text = body.get("detail").or_else(|| body.pointer("/Errors/0/description"))?;
    text.as_str().map(str::to_owned)
}

fn usable_id(resource: &Object) -> Result<String, Violation> {
    match resource.get("id") {
        Some(Value::String(id)) if id.is_empty() => Err(Violation::Id("it is empty".to_owned())),
        // RFC 7643, section 3.1 reserves the word.
        Some(Value::String(id)) if id.contains("bulkId") => Err(Violation::Id(format!("\"{id}\" contains bulkId"))),
        Some(Value::String(id)) => Ok(id.clone()),
        Some(other) => Err(Violation::Id(format!("it is {other} instead of a string"))),
        None => Err(Violation::Id("there is none".to_owned())),
    }
}
