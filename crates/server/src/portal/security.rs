//! What protects the pages: response headers, and the proof that a form was sent from one of them (SEC-47, SEC-48).

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use doorward_store::Secret;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use sha2::{Digest as _, Sha256};

use crate::app::App;

/// Nothing but our own style sheet, script and images; no inline script or style; forms that lead nowhere else; no frames.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=()"),
];

/// Puts the headers on every answer of the portal. What is not marked as an asset is not kept anywhere (SEC-51).
pub async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// What a form must carry besides the cookie: it is made of the cookie's secret, which no other site can read, and does not give it away.
pub fn form_token(secret: &Secret) -> String {
    let digest: [u8; 32] = Sha256::digest(format!("form {}", secret.expose()).as_bytes()).into();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a browser says that the form was sent from one of our own pages. Those of today say it in `Sec-Fetch-Site`; they leave that out over
/// plain http to another machine, and older ones always: then `Origin` must be ours. Who says neither is no browser that we know.
pub fn is_from_here(app: &App, headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin";
    }
    let Some(origin) = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok()) else { return false };
    if origin_of(app.public_url()) == Some(origin) {
        return true;
    }
    // Somebody on the server's own machine may use another name for it than the public one. A browser never lets a page choose `Host`.
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.is_some_and(|host| origin.split_once("://").is_some_and(|(_, of_origin)| of_origin == host))
}

/// Scheme and host of a URL.
fn origin_of(url: &str) -> Option<&str> {
    let begin = url.find("://")? + 3;
    let end = url.get(begin..)?.find('/').map_or(url.len(), |slash| begin + slash);
    url.get(..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_48_an_origin_is_scheme_and_host() {
        assert_eq!(origin_of("https://a.example/sub"), Some("https://a.example"));
        assert_eq!(origin_of("http://127.0.0.1:8080"), Some("http://127.0.0.1:8080"));
        assert_eq!(origin_of("nonsense"), None);
    }

    #[test]
    fn sec_48_a_form_s_token_is_of_one_secret() {
        let token = form_token(&Secret::new("dws_a"));
        assert_ne!(token, form_token(&Secret::new("dws_b")));
        assert_eq!(token.len(), 64);
        assert!(!token.contains("dws_a"));
    }
}
