//! Bodies: one JSON object of bounded size, and the typed input that is read from it.

use axum::body::Body as Stream;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use doorward_scim::{Object, json};
use http::{HeaderMap, Method, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Error as _, IntoDeserializer, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, forward_to_deserialize_any};
use serde_json::Value;

use super::reply::Failure;

/// The largest body, in bytes.
const MOST: usize = 256 << 10;

/// The object that a request carries; a POST without a body says what an empty object says, as clients send none where nothing is needed.
/// The last argument of a handler, so that nobody's body is read before the key is.
pub struct Body(pub Object);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let (parts, stream) = request.into_parts();
        let bytes = read(stream).await?;
        // Not of a PUT: what sets everything must not set nothing because a body was lost.
        if bytes.is_empty() && parts.method == Method::POST {
            return Ok(Body(Object::default()));
        }
        check_media_type(&parts.headers)?;
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
        typed(Value::Object(object)).map(Input)
    }
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T, Failure> {
    serde_path_to_error::deserialize(Exact(value)).map_err(|error| wrong(&error))
}

/// A value that is read as what it is: a list is no object, and an object is none of some words, though the derived readers would take
/// a list for the members of a structure in their order, and `{"word": null}` for the word.
struct Exact(Value);

impl<'de> Deserializer<'de> for Exact {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::Object(members) => {
                MapDeserializer::new(members.into_iter().map(|(name, value)| (name, Exact(value))))
                    .deserialize_any(visitor)
            }
            Value::Array(items) => SeqDeserializer::new(items.into_iter().map(Exact)).deserialize_any(visitor),
            plain => plain.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::Array(_) => Err(Self::Error::invalid_type(Unexpected::Seq, &visitor)),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::Object(_) => Err(Self::Error::invalid_type(Unexpected::Map, &visitor)),
            plain => plain.deserialize_enum(name, words, visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, serde_json::Error> for Exact {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
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

/// For a member that may be left out, which leaves things as they are. As an `Option`, it may also be `null`, which takes a value away;
/// as anything else it may not.
///
/// # Errors
/// Those of the value.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// For a whole number from `LEAST` to 2,147,483,647 that may be `null` or left out.
///
/// # Errors
/// When it is something else.
pub fn whole<'de, const LEAST: i64, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let most = i64::from(i32::MAX);
    match Option::deserialize(deserializer)? {
        Some(number) if !(LEAST..=most).contains(&number) => Err(D::Error::invalid_value(
            Unexpected::Signed(number),
            &format!("a whole number from {LEAST} to {most}").as_str(),
        )),
        number => Ok(number),
    }
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
        #[serde(default)]
        #[expect(dead_code, reason = "only read")]
        word: Option<Word>,
        #[serde(default, deserialize_with = "given")]
        #[expect(dead_code, reason = "only read")]
        text: Option<String>,
        #[serde(default, deserialize_with = "whole::<1, _>")]
        #[expect(dead_code, reason = "only read")]
        place: Option<i64>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Word {
        One,
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
            (json!({"name": "x", "nmae": "y"}), "nmae", "not known here; known: one of name, inner, word"),
            (json!({"name": 1}), "name", "expected a string"),
            (json!({"name": "x", "inner": {"number": "1"}}), "inner.number", "expected u32"),
            (json!({"name": "x", "inner": {}}), "inner.number", "required"),
            (json!({"name": "x", "inner": {"number": 1, "more": 1}}), "inner.more", "not known"),
            (json!({"name": "x", "inner": [1]}), "inner", "invalid type: sequence"),
            (json!({"name": "x", "word": {"one": null}}), "word", "invalid type: map"),
            (json!({"name": "x", "word": "two"}), "word", "unknown variant `two`"),
            (json!({"name": "x", "text": null}), "text", "expected a string"),
            (json!({"name": "x", "place": 0}), "place", "from 1 to 2147483647"),
            (json!({"name": "x", "place": 2_147_483_648_u32}), "place", "from 1 to 2147483647"),
            (json!({"name": "x", "place": 1.0}), "place", "expected i64"),
        ] {
            let Err(Failure::Field { field, message }) = typed::<Example>(body.clone()) else { panic!("{body}") };
            assert_eq!(field, wanted, "{body}: {message}");
            assert!(message.contains(words), "{body}: {message}");
        }
        let whole = json!({"name": "x", "inner": {"number": 1}, "word": "one", "text": "", "place": 2_147_483_647});
        typed::<Example>(whole).unwrap();
        typed::<Example>(json!({"name": "x", "inner": null, "word": null, "place": null})).unwrap();
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
