//! Answers that are written while they are sent, part by part: nobody is asked for the next before the client has taken the last.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, header};
use http_body::Frame;
use tokio::sync::mpsc;

/// Parts that may wait for the client.
const WAITING: usize = 2;

/// Where the parts go. An error cuts the answer off, so that the client sees that it is not whole.
pub type Sender = mpsc::Sender<io::Result<Bytes>>;

struct Parts(mpsc::Receiver<io::Result<Bytes>>);

impl http_body::Body for Parts {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0.poll_recv(cx).map(|part| part.map(|part| part.map(Frame::data)))
    }
}

/// An answer of this type, and where its parts go. It ends when the sender is dropped.
pub fn answer(content_type: &'static str) -> (Sender, Response) {
    let (sender, parts) = mpsc::channel(WAITING);
    let mut response = Response::new(Body::new(Parts(parts)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // nginx would keep the parts back until it has many of them.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    (sender, response)
}
