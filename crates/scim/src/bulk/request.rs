//! The message that a client sends.

use std::collections::HashSet;
use std::fmt;

use serde_json::Value;

use super::Method;
use super::path::Target;
use crate::attr::{excerpt, same_name};
use crate::json::kind_of;
use crate::quirks::{Leniency, Quirk};
use crate::schema::{BULK_REQUEST, CORE_V1};
use crate::version::Version;
use crate::{Error, Object};

/// A bulk request, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// After how many errors the rest is left undone.
    pub fail_on_errors: Option<u64>,
    /// The operations, in the order of the message.
    pub operations: Vec<Operation>,
}

/// One operation. What is wrong with it, if anything, is told in its result and nowhere else.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    pub(super) method: Option<Method>,
    pub(super) bulk_id: Option<String>,
    pub(super) target: Option<Target>,
    pub(super) content: Result<Content, Error>,
}

/// What an operation that can be read asks for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Content {
    pub(super) method: Method,
    pub(super) target: Target,
    /// An entity tag, as `If-Match` has it.
    pub(super) version: Option<String>,
    /// Empty for DELETE.
    pub(super) data: Object,
}

/// Why a whole bulk request is refused, with nothing done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestError {
    /// The message cannot be read.
    Message(Error),
    /// It has more operations than the limit: HTTP status 413 (RFC 7644 section 3.7.4).
    TooManyOperations {
        /// How many it has.
        operations: usize,
        /// How many it may have.
        limit: usize,
    },
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(error) => error.fmt(f),
            Self::TooManyOperations { operations, limit } => {
                write!(f, "the bulk request has {operations} operations; maxOperations is {limit}")
            }
        }
    }
}

impl std::error::Error for RequestError {}

impl From<Error> for RequestError {
    fn from(error: Error) -> Self {
        Self::Message(error)
    }
}

impl Request {
    /// Reads the message of either version (RFC 7644 section 3.7; SCIM 1.1 protocol section 3.5). The operations are
    /// counted before any of them is looked at.
    ///
    /// # Errors
    /// [`RequestError::TooManyOperations`]; `invalidSyntax` for a message of another shape, one without operations, and
    /// one in which a bulkId occurs twice; `invalidValue` for a `failOnErrors` below 1.
    pub fn read(
        message: Object,
        version: Version,
        max_operations: usize,
        leniency: &mut Leniency,
    ) -> Result<Self, RequestError> {
        let (mut schemas, mut operations, mut fail_on_errors) = (None, None, None);
        for (key, value) in message {
            if same_name(&key, "schemas") {
                schemas = Some(value);
            } else if same_name(&key, "Operations") {
                operations = Some(value);
            } else if same_name(&key, "failOnErrors") {
                fail_on_errors = Some(value);
            } else if !leniency.allow(Quirk::ExtraOperationKey) {
                let key = excerpt(&key);
                return Err(Error::invalid_syntax(format!("`{key}` has no place in a bulk request")).into());
            }
        }
        check_schemas(schemas.as_ref(), version, leniency)?;
        let operations = match operations {
            Some(Value::Array(operations)) if !operations.is_empty() => operations,
            _ => return Err(Error::invalid_syntax("a bulk request needs `Operations`, an array of operations").into()),
        };
        if operations.len() > max_operations {
            return Err(RequestError::TooManyOperations { operations: operations.len(), limit: max_operations });
        }
        let fail_on_errors = read_fail_on_errors(fail_on_errors)?;
        let operations: Vec<Operation> =
            operations.into_iter().map(|operation| Operation::read(operation, leniency)).collect();
        check_bulk_ids(&operations)?;
        Ok(Self { fail_on_errors, operations })
    }
}

fn check_schemas(schemas: Option<&Value>, version: Version, leniency: &mut Leniency) -> Result<(), Error> {
    let urn = match version {
        Version::V1 => CORE_V1,
        Version::V2 => BULK_REQUEST,
    };
    let listed = match schemas {
        // In 1.1 a request that uses core attributes alone may leave them out (core schema 1.1 section 5.2).
        None => version == Version::V1 || leniency.allow(Quirk::MissingSchemas),
        Some(Value::Array(uris)) => uris.iter().filter_map(Value::as_str).any(|uri| same_name(uri, urn)),
        Some(Value::String(uri)) => same_name(uri, urn) && leniency.allow(Quirk::SchemasAsText),
        Some(_) => false,
    };
    if listed { Ok(()) } else { Err(Error::invalid_syntax(format!("a bulk request needs `schemas` with {urn}"))) }
}

fn read_fail_on_errors(value: Option<Value>) -> Result<Option<u64>, Error> {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(None) };
    match (value.as_u64(), value.as_i64()) {
        (Some(errors @ 1..), _) => Ok(Some(errors)),
        (None, None) => Err(Error::invalid_syntax("failOnErrors must be an integer")),
        _ => Err(Error::invalid_value("failOnErrors must be 1 or more; leave it out to have every operation tried")),
    }
}

/// Two operations under one name: which of them a reference means could not be known (P-7644-3.7.2-03).
fn check_bulk_ids(operations: &[Operation]) -> Result<(), Error> {
    let mut seen = HashSet::with_capacity(operations.len());
    match operations.iter().filter_map(|operation| operation.bulk_id.as_deref()).find(|name| !seen.insert(*name)) {
        None => Ok(()),
        Some(twice) => Err(Error::invalid_syntax(format!("the bulkId `{}` occurs twice", excerpt(twice)))),
    }
}

impl Operation {
    fn read(operation: Value, leniency: &mut Leniency) -> Self {
        let object = match operation {
            Value::Object(object) => object,
            other => {
                let error = Error::invalid_syntax(format!("an operation is an object, not {}", kind_of(&other)));
                return Self { method: None, bulk_id: None, target: None, content: Err(error) };
            }
        };
        let mut members = Members::default();
        let extra = members.sort(object, leniency);
        // Each is read whatever the others are, because the result names as much of the operation as there is.
        let (method, bulk_id) = (members.method(), members.bulk_id());
        let target = text(members.path.take(), "path").and_then(|path| match path {
            Some(path) => Target::parse(&path),
            None => Err(Error::invalid_syntax("an operation needs a path such as /Users")),
        });
        let read = Self {
            method: method.as_ref().ok().copied(),
            bulk_id: bulk_id.as_ref().ok().cloned().flatten(),
            target: target.as_ref().ok().cloned(),
            content: Err(Error::invalid_syntax("not read")),
        };
        let content = extra.and(method).and_then(|method| members.content(method, bulk_id?.is_some(), target?));
        Self { content, ..read }
    }
}

/// The members of an operation.
#[derive(Default)]
struct Members {
    method: Option<Value>,
    bulk_id: Option<Value>,
    path: Option<Value>,
    version: Option<Value>,
    data: Option<Value>,
}

impl Members {
    fn sort(&mut self, operation: Object, leniency: &mut Leniency) -> Result<(), Error> {
        let mut extra = Ok(());
        for (key, value) in operation {
            let place = match key.to_ascii_lowercase().as_str() {
                "method" => &mut self.method,
                "bulkid" => &mut self.bulk_id,
                "path" => &mut self.path,
                "version" => &mut self.version,
                "data" => &mut self.data,
                _ if leniency.allow(Quirk::ExtraOperationKey) => continue,
                _ => {
                    let key = excerpt(&key);
                    extra = Err(Error::invalid_syntax(format!("`{key}` has no place in a bulk operation")));
                    continue;
                }
            };
            *place = Some(value).filter(|value| !value.is_null());
        }
        extra
    }

    fn method(&mut self) -> Result<Method, Error> {
        let usage = "use POST, PUT, PATCH or DELETE";
        let Some(name) = text(self.method.take(), "method")? else {
            return Err(Error::invalid_syntax(format!("an operation needs a method; {usage}")));
        };
        Method::from_name(&name).ok_or_else(|| {
            Error::invalid_syntax(format!("the method `{}` is not possible in a bulk request; {usage}", excerpt(&name)))
        })
    }

    fn bulk_id(&mut self) -> Result<Option<String>, Error> {
        match text(self.bulk_id.take(), "bulkId")? {
            Some(empty) if empty.is_empty() => Err(Error::invalid_syntax("bulkId must not be empty")),
            bulk_id => Ok(bulk_id),
        }
    }

    fn content(self, method: Method, has_bulk_id: bool, target: Target) -> Result<Content, Error> {
        match (method, &target.resource) {
            (Method::Post, _) if !has_bulk_id => {
                return Err(Error::invalid_syntax("a POST operation needs a bulkId"));
            }
            (Method::Post, Some(_)) => {
                let endpoint = target.kind.endpoint();
                return Err(Error::invalid_syntax(format!(
                    "the path of a POST operation is /{endpoint}, without an id"
                )));
            }
            (Method::Put | Method::Patch | Method::Delete, None) => {
                let (name, endpoint) = (method.name(), target.kind.endpoint());
                return Err(Error::invalid_syntax(format!("the path of a {name} operation is /{endpoint}/ and an id")));
            }
            _ => {}
        }
        let version = text(self.version, "version")?;
        let data = match self.data {
            _ if method == Method::Delete => Object::new(),
            Some(Value::Object(data)) => data,
            Some(other) => return Err(Error::invalid_syntax(format!("data is an object, not {}", kind_of(&other)))),
            None => return Err(Error::invalid_syntax(format!("a {} operation needs data", method.name()))),
        };
        Ok(Content { method, target, version, data })
    }
}

fn text(member: Option<Value>, name: &str) -> Result<Option<String>, Error> {
    match member {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(Error::invalid_syntax(format!("{name} is a string, not {}", kind_of(&other)))),
    }
}
