//! What an answer leaves unread of its request.
//!
//! A refusal is often known before the body is read: too large, no credential, not JSON. hyper then closes the connection under a client
//! that is still sending, which loses the answer too, and the client reports a broken connection where the reason should stand. So the
//! rest is read and thrown away first, within bounds.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;

/// Most bytes that are thrown away: several times the largest body that is taken. Whoever sends more sees the connection close.
const MOST: u64 = 8 * 1024 * 1024;

/// Longest time spent on it, because the answer waits meanwhile.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where a body goes when its reader lets go of it.
#[derive(Clone, Default)]
pub struct Unread(Arc<Mutex<Option<Body>>>);

impl Unread {
    /// `body` for a handler, and what it will have left of it. `None` when there is nothing to leave: no body, or a client that waits for
    /// `100 Continue` and sends nothing when the answer comes instead (RFC 9110, section 10.1.1).
    pub fn watch(headers: &HeaderMap, body: Body) -> (Body, Option<Unread>) {
        if body.is_end_stream() || headers.contains_key(header::EXPECT) {
            return (body, None);
        }
        let unread = Unread::default();
        (Body::new(Watched { body, unread: unread.clone() }), Some(unread))
    }

    /// Reads the rest and throws it away. To be called when the handler has answered.
    pub async fn discard(self) {
        let Some(mut rest) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        if rest.is_end_stream() || rest.size_hint().lower() > MOST {
            return;
        }
        let read = async {
            let mut bytes = 0;
            while let Some(Ok(frame)) = rest.frame().await {
                bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
                if bytes > MOST {
                    break;
                }
            }
        };
        // Out of patience is the same as out of bytes: the connection closes.
        let _ = tokio::time::timeout(PATIENCE, read).await;
    }
}

struct Watched {
    body: Body,
    unread: Unread,
}

impl Drop for Watched {
    fn drop(&mut self) {
        let body = std::mem::take(&mut self.body);
        *self.unread.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use http::HeaderValue;

    use super::*;

    /// Pieces of 1 MiB, so many that nobody reads them all, each counted when it is taken.
    struct Pieces(Arc<AtomicUsize>);

    impl HttpBody for Pieces {
        type Data = Bytes;
        type Error = axum::Error;

        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Poll::Ready(Some(Ok(Frame::data(Bytes::from(vec![0; 1 << 20])))))
        }
    }

    #[tokio::test]
    async fn what_a_handler_left_is_read_up_to_a_bound() {
        let taken = Arc::new(AtomicUsize::new(0));
        let (body, unread) = Unread::watch(&HeaderMap::new(), Body::new(Pieces(Arc::clone(&taken))));
        drop(body);
        unread.expect("a body is watched").discard().await;
        assert_eq!(taken.load(Ordering::Relaxed) as u64, MOST / (1 << 20) + 1);
    }

    #[tokio::test]
    async fn who_waits_for_continue_is_not_asked_for_the_body() {
        let headers = HeaderMap::from_iter([(header::EXPECT, HeaderValue::from_static("100-continue"))]);
        assert!(Unread::watch(&headers, Body::from("{}")).1.is_none());
        assert!(Unread::watch(&HeaderMap::new(), Body::empty()).1.is_none());
    }
}
