//! Forms: the only way in which something changes in the portal.

use std::collections::HashMap;

use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::response::Response;
use bytes::Bytes;
use http::{StatusCode, header};
use http_body_util::{BodyExt as _, Limited};

use super::gate::{Gate, Operator, Visitor};
use super::page::View;
use super::security::is_from_here;
use crate::app::App;
use crate::service::Error;

/// The largest form with a file, in bytes: a logo. What is in it is measured more exactly by who takes it.
const LARGEST_FILE: usize = 160 * 1024;

/// The largest form, in bytes: a hundred rules with long paths fit in.
const LARGEST: usize = 256 * 1024;

/// The fields of a form that was sent from one of our pages.
#[derive(Debug, Default, Clone)]
pub struct Fields(HashMap<String, String>);

impl Fields {
    /// What was filled in, without the spaces around it; empty when the form has no such field.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.trim())
    }

    /// As it was sent, for passwords.
    pub fn exact(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// What was filled in, unless that is nothing.
    pub fn some(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|value| !value.is_empty()).map(str::to_owned)
    }

    /// Fields with a value already in them.
    pub fn with(name: &str, value: &str) -> Self {
        Fields(HashMap::from([(name.to_owned(), value.to_owned())]))
    }

    /// Fields as they are filled in already.
    pub fn of<const COUNT: usize>(fields: [(&str, String); COUNT]) -> Self {
        Fields(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

/// What is wrong with what was filled in: the field, and the text beside it.
#[derive(Debug, Default, Clone)]
pub struct Problem(Option<(String, String)>);

impl Problem {
    /// Turns what the service says of a field into the language of the page. Other errors are no problem of the form and come back.
    ///
    /// # Errors
    /// The error, when it is about no field.
    pub fn of(view: &View, error: Error) -> Result<Self, Error> {
        let (key, field) = match &error {
            Error::Invalid { field, .. } => (format!("invalid.{field}"), field.clone()),
            Error::Conflict { attribute, .. } => (format!("taken.{attribute}"), (*attribute).to_owned()),
            _ => return Err(error),
        };
        if !view.text.has(&key) {
            return Err(error);
        }
        Ok(Problem(Some((field, view.text.t(&key).to_owned()))))
    }

    /// A problem that the page itself found.
    pub fn new(view: &View, field: &str, key: &str) -> Self {
        Problem(Some((field.to_owned(), view.text.t(key).to_owned())))
    }

    /// A problem that the page itself found, in words that hold something of what was filled in.
    pub fn said(field: &str, text: String) -> Self {
        Problem(Some((field.to_owned(), text)))
    }

    /// The text beside the field; empty when it is good.
    pub fn at(&self, field: &str) -> &str {
        self.0.as_ref().filter(|(name, _)| name == field).map_or("", |(_, text)| text)
    }

    /// Whether there is one.
    pub fn is_some(&self) -> bool {
        self.0.is_some()
    }
}

/// A form that somebody sent who was let in.
pub struct Posted<G = Operator> {
    /// Who.
    pub who: G,
    /// What was filled in.
    pub fields: Fields,
}

impl<G: Gate> FromRequest<App> for Posted<G> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut head, body) = request.into_parts();
        let who = G::from_request_parts(&mut head, app).await?;
        let fields = fields(app, &head.headers, body, who.view()).await?;
        Ok(Posted { who, fields })
    }
}

/// A form with a file, that somebody sent who is signed in.
pub struct PostedFile {
    /// Who.
    pub who: Operator,
    /// The file; empty when none was chosen.
    pub bytes: Bytes,
}

impl FromRequest<App> for PostedFile {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut head, body) = request.into_parts();
        let who = Operator::from_request_parts(&mut head, app).await?;
        let view = &who.view;
        if !is_from_here(app, &head.headers) {
            return Err(view.problem(StatusCode::FORBIDDEN, "foreign"));
        }
        let limited = Request::from_parts(head, axum::body::Body::new(Limited::new(body, LARGEST_FILE)));
        let form = Multipart::from_request(limited, app).await;
        let mut form = form.map_err(|_| view.problem(StatusCode::FORBIDDEN, "foreign"))?;
        let too_large = || view.problem(StatusCode::PAYLOAD_TOO_LARGE, "unusable");
        let (mut token, mut bytes) = (String::new(), Bytes::new());
        while let Some(field) = form.next_field().await.map_err(|_| too_large())? {
            let is_token = field.name() == Some("form_token");
            let found = field.bytes().await.map_err(|_| too_large())?;
            if is_token {
                token = String::from_utf8_lossy(&found).into_owned();
            } else {
                bytes = found;
            }
        }
        if token.is_empty() || token != view.page("", None).form_token() {
            return Err(view.problem(StatusCode::FORBIDDEN, "old_form"));
        }
        Ok(PostedFile { who, bytes })
    }
}

/// A form that anybody sent.
pub struct VisitorPosted {
    /// From where.
    pub visitor: Visitor,
    /// What was filled in.
    pub fields: Fields,
}

impl FromRequest<App> for VisitorPosted {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut head, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut head, app).await?;
        let fields = fields(app, &head.headers, body, &visitor.view).await?;
        Ok(VisitorPosted { visitor, fields })
    }
}

async fn fields(app: &App, headers: &http::HeaderMap, body: axum::body::Body, view: &View) -> Result<Fields, Response> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_form = kind.split(';').next().is_some_and(|kind| kind.trim() == "application/x-www-form-urlencoded");
    if !is_from_here(app, headers) || !is_form {
        return Err(view.problem(StatusCode::FORBIDDEN, "foreign"));
    }
    let Ok(body) = Limited::new(body, LARGEST).collect().await else {
        return Err(view.problem(StatusCode::PAYLOAD_TOO_LARGE, "unusable"));
    };
    let body = body.to_bytes();
    let fields: HashMap<String, String> =
        form_urlencoded::parse(&body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    // The token is a hash that its owner can read on the page; comparing it takes no care about time that a network would not hide.
    let token = fields.get("form_token").map(String::as_str).unwrap_or_default();
    if token.is_empty() || token != view.page("", None).form_token() {
        return Err(view.problem(StatusCode::FORBIDDEN, "old_form"));
    }
    Ok(Fields(fields))
}
