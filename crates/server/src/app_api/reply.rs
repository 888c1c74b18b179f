//! Answers of the application's API: JSON, and one form for every error (app-api: Conventions).

use std::time::Duration;

use axum::Json;
use axum::response::{IntoResponse, Response};
use doorward_store::api_key::KeyScope;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::service;

/// Why a request was not answered with what it asked for.
#[derive(Debug)]
pub enum Failure {
    /// No API key, or not a live one; the cases are never told apart.
    Unauthorized,
    /// As [`Failure::Unauthorized`], after very many of those (SEC-22).
    TooManyBadKeys,
    /// The request cannot be read.
    Malformed(&'static str),
    /// The body is not the JSON that it should be; where, and what is wrong.
    Syntax(String),
    /// The body is too large.
    TooLarge,
    /// The body is something else than JSON.
    MediaType,
    /// A member of the body has a value that cannot be used.
    Field {
        /// Its name, with those of the objects around it.
        field: String,
        /// What is wrong, as a sentence for a person.
        message: String,
    },
    /// The API key may not do this.
    Lacks(KeyScope),
    /// The API key asks too often; how long to wait.
    TooOften(Duration),
    /// The first request with this `Idempotency-Key` is still at work.
    KeyInUse,
    /// The `Idempotency-Key` was used for another request.
    KeyReused,
    /// A parameter has a value that cannot be used, or members of the body do not go together.
    Parameter {
        /// Its name.
        field: &'static str,
        /// What is wrong, as a sentence for a person.
        message: String,
    },
    /// The service said no.
    Service(service::Error),
}

impl From<service::Error> for Failure {
    fn from(error: service::Error) -> Self {
        Failure::Service(error)
    }
}

impl Failure {
    /// Nothing has this id, as far as this caller can see.
    pub fn not_found(what: &'static str) -> Self {
        Failure::Service(service::Error::NotFound { what })
    }

    /// A parameter or a member of the body cannot be used; `message` ends the sentence that begins with its name.
    pub fn wrong(field: &'static str, message: &str) -> Self {
        Failure::Parameter { field, message: message.to_owned() }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Failure::Unauthorized => {
                let mut response = plain(StatusCode::UNAUTHORIZED, "unauthorized", "A valid API key is required.");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                response
            }
            Failure::TooManyBadKeys => {
                let message = "Too many requests came without a valid API key. Try again in a minute.";
                let mut response = plain(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message);
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
                response
            }
            Failure::Syntax(message) => plain(StatusCode::BAD_REQUEST, "invalid_json", &message),
            Failure::TooLarge => {
                plain(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", "The body has more than 256 KiB.")
            }
            Failure::MediaType => {
                let message = "The body must be JSON, with Content-Type: application/json.";
                plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message)
            }
            Failure::Field { field, message } => unprocessable(&field, &message),
            Failure::Lacks(scope) => {
                let message = format!("This API key lacks the scope {}.", scope.as_str());
                plain(StatusCode::FORBIDDEN, "insufficient_scope", &message)
            }
            Failure::TooOften(pause) => {
                let message = "This API key sends too many requests.";
                let seconds = HeaderValue::from(pause.as_secs() + u64::from(pause.subsec_nanos() > 0));
                retry(plain(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message), seconds)
            }
            Failure::KeyInUse => {
                let message = "The first request with this Idempotency-Key is still at work.";
                retry(plain(StatusCode::CONFLICT, "idempotency_key_in_use", message), HeaderValue::from_static("1"))
            }
            Failure::KeyReused => {
                let message = "This Idempotency-Key was used for another request.";
                plain(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", message)
            }
            Failure::Malformed(message) => plain(StatusCode::BAD_REQUEST, "invalid_request", message),
            Failure::Parameter { field, message } => unprocessable(field, &message),
            Failure::Service(error) => from_service(&error),
        }
    }
}

fn retry(mut response: Response, seconds: HeaderValue) -> Response {
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
    response
}

fn from_service(error: &service::Error) -> Response {
    use service::Error;
    match error {
        Error::NotFound { .. } => plain(StatusCode::NOT_FOUND, "entity_not_found", &error.to_string()),
        Error::Conflict { .. } => plain(StatusCode::CONFLICT, "conflict", &error.to_string()),
        Error::State(_) => plain(StatusCode::CONFLICT, "conflict", &error.to_string()),
        Error::Forbidden(_) => plain(StatusCode::FORBIDDEN, "forbidden", &error.to_string()),
        Error::Precondition => plain(StatusCode::PRECONDITION_FAILED, "precondition_failed", &error.to_string()),
        Error::Invalid { field, message } => unprocessable(field, message),
        Error::Cursor { field, fault, earliest } => {
            let body = json!({
                "message": error.to_string(),
                "code": fault.code(),
                "earliest": earliest,
                "errors": [{ "code": fault.code(), "message": fault.to_string(), "field": field }],
            });
            (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
        }
        Error::TooManyStreams => {
            let mut response = plain(StatusCode::TOO_MANY_REQUESTS, "too_many_streams", &error.to_string());
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            response
        }
        Error::Scim(_) => plain(StatusCode::UNPROCESSABLE_ENTITY, "invalid_value", &error.to_string()),
        Error::Disabled => plain(StatusCode::FORBIDDEN, "directory_disabled", &error.to_string()),
        Error::NotOffered(message) => plain(StatusCode::NOT_IMPLEMENTED, "not_offered", message),
        Error::TooOften(message) => {
            let mut response = plain(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            response
        }
        Error::Unavailable => {
            let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, "unavailable", &error.to_string());
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            response
        }
        Error::Internal(_) => {
            tracing::error!(%error, "a request of the application's API failed");
            plain(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "an internal error occurred")
        }
    }
}

/// 422, with the field that is to blame.
fn unprocessable(field: &str, message: &str) -> Response {
    let body = json!({
        "message": format!("{field} {message}"),
        "code": "unprocessable_entity",
        "errors": [{ "code": "invalid", "message": message, "field": field }],
    });
    (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
}

/// An error without a field.
pub fn plain(status: StatusCode, code: &str, message: &str) -> Response {
    let body: Value = json!({ "message": message, "code": code });
    (status, Json(body)).into_response()
}

/// The error code for a status that no handler gave.
pub fn code_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        StatusCode::SERVICE_UNAVAILABLE => "unavailable",
        _ => "internal_error",
    }
}

/// No route has this path.
pub async fn unknown_path() -> Response {
    plain(StatusCode::NOT_FOUND, code_of(StatusCode::NOT_FOUND), "There is nothing at this path.")
}

/// The path's route does not know this method.
pub async fn unknown_method() -> Response {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    plain(status, code_of(status), "This path does not know this method.")
}
