//! Answers: status, headers and bytes of the version that was asked.

use axum::body::Body;
use axum::response::Response;
use doorward_scim::Object;
use doorward_scim::version::Version;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, LOCATION, VARY};
use http::{HeaderValue, StatusCode};
use serde_json::Value;

use super::refusal::Refusal;
use super::route::Route;

/// How the answers to one request are written.
#[derive(Debug, Clone)]
pub struct Form {
    /// The version of envelopes and errors.
    pub version: Version,
    /// The media type.
    pub media_type: HeaderValue,
}

/// What stands around the items of a list.
#[derive(Debug)]
pub struct ListHead {
    /// How many items there are in all.
    pub total: i64,
    /// The place of the first item shown; none in a walk by cursors.
    pub start_index: Option<i64>,
    /// Where the next page begins (RFC 9865 section 2).
    pub next_cursor: Option<String>,
}

impl ListHead {
    /// Of a list that is shown whole.
    pub fn whole(items: usize) -> Self {
        let total = i64::try_from(items).unwrap_or(i64::MAX);
        ListHead { total, start_index: Some(1), next_cursor: None }
    }
}

/// How many resources a list has found, for the request log.
#[derive(Debug, Clone, Copy)]
pub struct Total(pub i64);

/// Room made for a list before its items are written, in bytes.
const MOST_RESERVED: usize = 1 << 20;

impl Form {
    /// A body that must not be kept by anyone on the way.
    pub fn json(&self, status: StatusCode, body: impl Into<Body>) -> Response {
        let mut response = Response::new(body.into());
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, self.media_type.clone());
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(VARY, HeaderValue::from_static("Authorization, Accept"));
        response
    }

    /// An object.
    pub fn object(&self, object: Object) -> Response {
        self.json(StatusCode::OK, Value::Object(object).to_string())
    }

    /// A list; `write` appends an item as JSON text.
    ///
    /// # Errors
    /// Those of `write`.
    pub fn list<T>(
        &self,
        head: ListHead,
        items: &[T],
        mut write: impl FnMut(&T, &mut String) -> Result<(), Refusal>,
    ) -> Result<Response, Refusal> {
        let mut envelope = self.version.list_body(head.total, head.start_index.unwrap_or(1), Vec::new());
        envelope.insert("itemsPerPage".to_owned(), Value::from(items.len()));
        if head.start_index.is_none() {
            envelope.shift_remove("startIndex");
        }
        if let Some(cursor) = head.next_cursor {
            envelope.insert("nextCursor".to_owned(), Value::from(cursor));
        }
        // The envelope ends with an empty list; the items go into it as they are, without being parsed again.
        envelope.shift_remove("Resources");
        let mut text = Value::Object(envelope).to_string();
        text.pop();
        text.push_str(",\"Resources\":[");
        for (place, item) in items.iter().enumerate() {
            if place > 0 {
                text.push(',');
            }
            let before = text.len();
            write(item, &mut text)?;
            if place == 0 {
                // People are about as long as the first of them; groups are not.
                text.reserve((text.len() - before + 1).saturating_mul(items.len()).min(MOST_RESERVED));
            }
        }
        text.push_str("]}");
        let mut response = self.json(StatusCode::OK, text);
        response.extensions_mut().insert(Total(head.total));
        Ok(response)
    }

    /// One resource with its validator; `location` goes into a header too.
    pub fn resource(&self, status: StatusCode, body: String, version: i64, location: &str) -> Response {
        let mut response = self.json(status, body);
        put_version(&mut response, version);
        if let Ok(location) = HeaderValue::from_str(location) {
            response.headers_mut().insert(LOCATION, location);
        }
        response
    }

    /// 304: the client holds this version already.
    pub fn not_modified(&self, version: i64) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        put_version(&mut response, version);
        response
    }

    /// An empty body, with the validator of what was changed.
    pub fn no_content(&self, status: StatusCode, version: Option<i64>) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(version) = version {
            put_version(&mut response, version);
        }
        response
    }

    /// A refusal as an error body.
    pub fn refusal(&self, refusal: Refusal) -> Response {
        let body = self.version.error_body(refusal.status, refusal.scim_type, &refusal.detail);
        let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = self.json(status, Value::Object(body).to_string());
        for (name, value) in refusal.headers {
            response.headers_mut().append(name, value);
        }
        response
    }
}

/// The tag is weak, because the same version is rendered with other bytes for other projections, and `groups` is not
/// part of it (D32). A single resource may be kept by its reader if he asks each time whether it is still right.
fn put_version(response: &mut Response, version: i64) {
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&format!("W/\"{version}\"")) {
        headers.insert(ETAG, tag);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
}

/// An error from outside the handlers (a deadline, a panic), in the form of the version that `path` names.
pub fn error_for_path(path: &str, status: u16, detail: &str) -> Response {
    let (route, _) = Route::parse(path.strip_prefix("/scim").unwrap_or(path), None);
    let form = Form { version: route.version, media_type: HeaderValue::from_static(route.version.content_type()) };
    form.refusal(Refusal::new(status, detail))
}
