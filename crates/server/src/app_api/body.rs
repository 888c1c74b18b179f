//! Bodies: one JSON object of bounded size, and the typed input that is read from it.

use axum::body::Body as Stream;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use doorward_scim::{Object, json};
use http::{HeaderMap, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::reply::Failure;

/// The largest body, in bytes.
const MOST: usize = 256 << 10;

/// The object that a request carries. The last argument of a handler, so that nobody's body is read before the key is.
pub struct Body(pub Object);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        check_media_type(request.headers())?;
        let bytes = read(request.into_body()).await?;
        json::parse_object(&bytes).map(Body).map_err(|error| Failure::Syntax(error.to_string()))
    }
}

/// A body of known members. Those that `T` does not know are refused by their name, so that `T` has `deny_unknown_fields`. The last
/// argument of a handler.
pub struct Input<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Input<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let Body(object) = Body::from_request(request, state).await?;
        serde_path_to_error::deserialize(Value::Object(object)).map(Input).map_err(|error| wrong(&error))
    }
}

/// All bytes of a body.
///
/// # Errors
/// 413 when they are too many, 400 when they stop coming.
pub async fn read(body: Stream) -> Result<Bytes, Failure> {
    match Limited::new(body, MOST).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Failure::TooLarge),
        Err(_) => Err(Failure::Malformed("The body cannot be read.")),
    }
}

/// JSON, or nothing said about it.
fn check_media_type(headers: &HeaderMap) -> Result<(), Failure> {
    let Some(given) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let given = given.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = given == "application/json" || (given.starts_with("application/") && given.ends_with("+json"));
    if is_json { Ok(()) } else { Err(Failure::MediaType) }
}

/// What is wrong with which member.
fn wrong(error: &serde_path_to_error::Error<serde_json::Error>) -> Failure {
    let (path, text) = (error.path().to_string(), error.inner().to_string());
    let named = text.split('`').nth(1).unwrap_or_default().to_owned();
    let prefix = if path == "." { String::new() } else { format!("{path}.") };
    if text.starts_with("missing field") {
        return Failure::Field { field: format!("{prefix}{named}"), message: "is required".to_owned() };
    }
    if text.starts_with("unknown field") {
        let known = text.split_once("expected ").map_or("nothing", |(_, known)| known).replace('`', "");
        let field = if path == "." { named } else { path };
        return Failure::Field { field, message: format!("is not known here; known: {known}") };
    }
    let field = if path == "." { "body".to_owned() } else { path };
    Failure::Field { field, message: format!("cannot be used: {text}") }
}

/// For a member that may be `null`, which takes a value away, and may be left out, which leaves it as it is.
///
/// # Errors
/// Those of the value.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Example {
        #[expect(dead_code, reason = "only read")]
        name: String,
        #[serde(default)]
        #[expect(dead_code, reason = "only read")]
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only read")]
        number: u32,
    }

    #[test]
    fn the_member_that_is_wrong_is_named() {
        for (body, wanted, words) in [
            (json!({}), "name", "required"),
            (json!({"name": "x", "nmae": "y"}), "nmae", "not known here; known: name or inner"),
            (json!({"name": 1}), "name", "expected a string"),
            (json!({"name": "x", "inner": {"number": "1"}}), "inner.number", "expected u32"),
            (json!({"name": "x", "inner": {}}), "inner.number", "required"),
            (json!({"name": "x", "inner": {"number": 1, "more": 1}}), "inner.more", "not known"),
        ] {
            let error = serde_path_to_error::deserialize::<_, Example>(body.clone()).unwrap_err();
            let Failure::Field { field, message } = wrong(&error) else { panic!("{body}") };
            assert_eq!(field, wanted, "{body}: {message}");
            assert!(message.contains(words), "{body}: {message}");
        }
    }

    #[test]
    fn only_json_is_read() {
        let of = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, http::HeaderValue::from_static(text));
            check_media_type(&headers).is_ok()
        };
        assert!(check_media_type(&HeaderMap::new()).is_ok());
        assert!(of("application/json") && of("Application/JSON; charset=utf-8") && of("application/scim+json"));
        assert!(!of("text/plain") && !of("application/x-www-form-urlencoded") && !of(""));
    }
}
