//! Reading a request body: media type, size, JSON.

use axum::body::Body;
use doorward_scim::{Object, json};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::refusal::Refusal;
use crate::middleware::slow_body::BodyTooSlow;

/// What a body may be at most.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Its size in bytes.
    pub bytes: usize,
    /// The name under which the size is published.
    pub bytes_name: &'static str,
    /// How deep arrays and objects may be nested.
    pub depth: usize,
}

/// Reads a body of at most `limit` bytes as one JSON object.
///
/// # Errors
/// As [`object_within`].
pub async fn object(headers: &HeaderMap, body: Body, limit: usize) -> Result<Object, Refusal> {
    let depth = json::Limits::default().depth;
    object_within(headers, body, Bounds { bytes: limit, bytes_name: "the limit", depth }).await
}

/// Reads a body as one JSON object.
///
/// # Errors
/// 415 for a media type, charset or encoding that is not JSON in UTF-8; 413 when it is too large; 408 when it comes too
/// slowly; 400 `invalidSyntax` when it is not a JSON object.
pub async fn object_within(headers: &HeaderMap, body: Body, bounds: Bounds) -> Result<Object, Refusal> {
    check_media_type(headers)?;
    let limit = bounds.bytes;
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large(bounds));
    }
    let bytes = match Limited::new(body, limit).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) if is_length_limit(error.as_ref()) => return Err(too_large(bounds)),
        Err(error) if BodyTooSlow::caused(error.as_ref()) => {
            return Err(Refusal::new(408, "The request body was not received in time."));
        }
        Err(_) => return Err(Refusal::invalid_syntax("The request body could not be read to its end.")),
    };
    Ok(json::parse_object_within(&bytes, json::Limits { depth: bounds.depth })?)
}

fn is_length_limit(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<LengthLimitError>() || error.source().is_some_and(is_length_limit)
}

fn too_large(bounds: Bounds) -> Refusal {
    let Bounds { bytes, bytes_name, .. } = bounds;
    Refusal::new(413, format!("The request body is larger than {bytes_name} of {bytes} bytes."))
}

/// `application/scim+json` or `application/json`, any parameters, UTF-8; no header at all is read as JSON
/// (P-7644-3.8-04). Compressed bodies are refused, because their real size is not known beforehand (SEC-29).
fn check_media_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?").to_ascii_lowercase());
    if text(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(Refusal::new(
            415,
            "Compressed request bodies are not taken. Send the body without Content-Encoding.",
        ));
    }
    let Some(content_type) = text(CONTENT_TYPE) else { return Ok(()) };
    let mut parts = content_type.split(';').map(str::trim);
    if !matches!(parts.next(), Some("application/scim+json" | "application/json" | "")) {
        return Err(Refusal::new(415, "The Content-Type must be application/scim+json or application/json."));
    }
    let charset = parts.find_map(|parameter| parameter.strip_prefix("charset=").map(|value| value.trim_matches('"')));
    if charset.is_some_and(|charset| !matches!(charset, "utf-8" | "utf8")) {
        return Err(Refusal::new(415, "The charset of the body must be UTF-8."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    async fn read(content_type: Option<&'static str>, body: &'static [u8]) -> Result<Object, Refusal> {
        let mut headers = HeaderMap::new();
        if let Some(text) = content_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(text));
        }
        object(&headers, Body::from(body), 64).await
    }

    #[tokio::test]
    async fn p_7644_3_8_04_h058_h059_media_types() {
        let good = [
            None,
            Some("application/scim+json"),
            Some("application/json; charset=utf-8"),
            Some("Application/SCIM+JSON;charset=\"UTF-8\"; v=1"),
        ];
        for content_type in good {
            assert!(read(content_type, b"{}").await.is_ok(), "{content_type:?}");
        }
        for content_type in
            ["text/plain", "application/xml", "application/json; charset=iso-8859-1", "multipart/form-data"]
        {
            assert_eq!(read(Some(content_type), b"{}").await.unwrap_err().status, 415, "{content_type}");
        }
    }

    #[tokio::test]
    async fn sec_29_size_is_bounded_and_compression_refused() {
        let large: &'static [u8] = &[b' '; 65];
        let refusal = read(None, large).await.unwrap_err();
        assert_eq!(refusal.status, 413);
        assert!(refusal.detail.contains("64"), "{}", refusal.detail);
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        assert_eq!(object(&headers, Body::from("{}"), 64).await.unwrap_err().status, 415);
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("65"));
        assert_eq!(object(&headers, Body::from("{}"), 64).await.unwrap_err().status, 413);
    }

    #[tokio::test]
    async fn h012_what_is_no_json_object_is_invalid_syntax() {
        for body in ["", " ", "[]", "7", "null", "{", "{\"a\":1}{}", "{\"a\":1,\"A\":2}"] {
            let refusal = read(None, body.as_bytes()).await.unwrap_err();
            assert_eq!((refusal.status, refusal.scim_type), (400, Some("invalidSyntax")), "{body:?}");
        }
    }
}
