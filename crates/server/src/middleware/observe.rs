//! What is around every request: a request id, the deadlines, a net for panics, one line in the access log.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderValue, Method, StatusCode, header};
use http_body::Body as _;

use super::request_id::{self, RequestId, RequestIds};
use super::unread_body::Unread;
use super::{panic, paths, slow_body};
use crate::app_api;
use crate::config::Limits;
use crate::scim_api;
use crate::service::tolerated::Tolerated;

/// What [`observe`] needs to know.
#[derive(Clone)]
pub struct Observer {
    ids: RequestIds,
    limits: Limits,
}

impl Observer {
    /// For one router.
    pub fn new(ids: RequestIds, limits: Limits) -> Self {
        Observer { ids, limits }
    }
}

/// Runs a request under an id and within its time; tells the access log of method, route, status, time and sizes, and
/// of nothing that a caller wrote (SEC-23).
pub async fn observe(State(observer): State<Observer>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = observer.ids.next();
    let line = AccessLine::begin(&request, id);
    request.extensions_mut().insert(id);
    let (body_timeout, request_timeout) = times(&observer.limits, &request);
    let (head, body) = request.into_parts();
    let (body, unread) = Unread::watch(&head.headers, slow_body::limit(body, body_timeout));
    let request = Request::from_parts(head, body);
    let answer = panic::catch(tokio::time::timeout(request_timeout, next.run(request))).await;
    let mut response = match answer {
        Some(Ok(response)) => response,
        Some(Err(_)) => late(&line.path),
        None => failure(&line.path, StatusCode::INTERNAL_SERVER_ERROR, "an internal error occurred"),
    };
    if let Some(value) = id.header_value() {
        response.headers_mut().insert(request_id::HEADER, value);
    }
    line.end(&response, started);
    if let Some(unread) = unread {
        unread.discard().await;
    }
    response
}

/// How long an import may take, whose handler looks to it that the next part comes soon.
const IMPORT: Duration = Duration::from_secs(60 * 60);

/// How long the body and the whole of a request may take.
fn times(limits: &Limits, request: &Request) -> (Duration, Duration) {
    if request.method() == Method::POST && request.uri().path().trim_end_matches('/').ends_with("/known_users") {
        return (IMPORT, IMPORT);
    }
    (limits.body_timeout, limits.request_timeout)
}

/// The answer of a request whose time is up. An integer, because Okta waits five minutes for any other form (idp-wire 2.13).
fn late(path: &str) -> Response {
    let mut response = failure(path, StatusCode::SERVICE_UNAVAILABLE, "the answer took too long; try again");
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

/// An answer from outside the handlers, in the form of the surface that the path belongs to.
pub fn failure(path: &str, status: StatusCode, detail: &str) -> Response {
    if paths::is_scim(path) {
        scim_api::reply::error_for_path(path, status.as_u16(), detail)
    } else {
        app_api::reply::plain(status, app_api::reply::code_of(status), detail)
    }
}

/// One line of the access log.
struct AccessLine {
    id: RequestId,
    method: Method,
    path: String,
    request_bytes: Option<u64>,
}

impl AccessLine {
    fn begin(request: &Request, id: RequestId) -> Self {
        let request_bytes = request
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.parse().ok());
        AccessLine { id, method: request.method().clone(), path: request.uri().path().to_owned(), request_bytes }
    }

    fn end(&self, response: &Response<Body>, started: Instant) {
        tracing::info!(
            target: "doorward::access",
            id = %self.id,
            method = method_name(&self.method),
            route = %paths::template(&self.path),
            status = response.status().as_u16(),
            ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            request_bytes = self.request_bytes,
            response_bytes = response.body().size_hint().exact(),
            tolerated = response.extensions().get::<Tolerated>().map(Tolerated::names).filter(|names| !names.is_empty()),
            "request"
        );
    }
}

/// The method's name; one that HTTP does not define is the caller's text and stays out of the log.
fn method_name(method: &Method) -> &str {
    match *method {
        Method::GET | Method::POST | Method::PUT | Method::PATCH | Method::DELETE | Method::HEAD | Method::OPTIONS => {
            method.as_str()
        }
        _ => "{}",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_7644_3_12_04_who_waited_too_long_is_told_when_to_come_back() {
        for path in ["/scim/v2/Users", "/events"] {
            let response = late(path);
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(response.headers()[header::RETRY_AFTER], "5");
        }
    }
}
