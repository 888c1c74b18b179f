//! Logo and colour of the operator's product, as addresses of their own: a page holds neither style nor picture itself.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use crate::app::App;
use crate::service::appearance::{self, color::Color};

/// The address of the logo with this hash; empty without one.
pub fn logo_address(hash: &str) -> String {
    if hash.is_empty() { String::new() } else { format!("/assets/logo/{hash}") }
}

/// The address of the style sheet for this colour; empty without one.
pub fn style_address(accent: &str) -> String {
    accent.strip_prefix('#').map(|digits| format!("/assets/accent/{digits}")).unwrap_or_default()
}

/// `GET /assets/accent/{digits}`: made of the address alone.
pub async fn style(Path(digits): Path<String>) -> Response {
    match format!("#{digits}").parse::<Color>() {
        Ok(color) => kept("text/css; charset=utf-8", color.style().into_bytes()),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /assets/logo/{hash}`
pub async fn logo(State(app): State<App>, Path(hash): Path<String>) -> Response {
    match appearance::logo(app.store(), hash).await {
        Ok(bytes) => kept("image/png", bytes),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// What is under an address never changes.
fn kept(media_type: &'static str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    (headers, bytes).into_response()
}
