//! The HTTP limits: the same axum as Doorward's, with nothing behind it. Runs as its own process, like Doorward.

use std::net::SocketAddr;

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::http::Endpoint;
use crate::load::{Caller, Expect};

const TOKEN: &str = "dw_0000000000000000000000000000000000000000000";
const JSON: [(header::HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/scim+json")];

/// Serves until it is killed.
pub fn serve(listen: SocketAddr) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let app = Router::new().route("/hello", get(hello)).route("/parse", post(parse));
        axum::serve(tokio::net::TcpListener::bind(listen).await?, app).await?;
        Ok(())
    })
}

async fn hello(headers: HeaderMap) -> Response {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if bearer.and_then(|text| text.strip_prefix("Bearer ")) != Some(TOKEN) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    const BODY: [u8; 1300] = [b'x'; 1300];
    (JSON, BODY.as_slice()).into_response()
}

async fn parse(body: Bytes) -> Response {
    let tree = serde_json::from_slice::<serde_json::Value>(&body);
    match tree.and_then(|tree| serde_json::to_vec(&tree)) {
        Ok(text) => (JSON, text).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// Asks for the fixed body.
pub struct Hello(pub Endpoint);

impl Caller for Hello {
    fn ask(&mut self, request: &mut Vec<u8>) -> Option<Expect> {
        self.0.request(request, "GET", format_args!("/hello"), b"");
        Some(Expect::status(&[200]))
    }
}

/// Sends a document and gets it back.
pub struct Parse(pub Endpoint, pub String);

impl Caller for Parse {
    fn ask(&mut self, request: &mut Vec<u8>) -> Option<Expect> {
        self.0.request(request, "POST", format_args!("/parse"), self.1.as_bytes());
        Some(Expect::status(&[200]))
    }
}

/// The limit server as its callers address it.
pub fn endpoint(address: SocketAddr) -> Endpoint {
    Endpoint::new(address, "", TOKEN)
}
