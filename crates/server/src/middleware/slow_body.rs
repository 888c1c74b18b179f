//! A deadline for the body of a request, so that a client that trickles bytes holds nothing for long (SEC-30).

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::Sleep;

/// The body was not complete in time. It is the source of the error that reading the body gives; the answer is 408.
#[derive(Debug, thiserror::Error)]
#[error("the request body was not received in time")]
pub struct BodyTooSlow;

impl BodyTooSlow {
    /// Whether reading a body failed for this reason.
    pub fn caused(error: &(dyn std::error::Error + 'static)) -> bool {
        std::iter::successors(Some(error), |error| error.source()).any(<dyn std::error::Error>::is::<BodyTooSlow>)
    }
}

/// `body` with a deadline that starts when it is first waited for. An empty body is returned as it is.
pub fn limit(body: Body, limit: Duration) -> Body {
    if body.is_end_stream() {
        return body;
    }
    Body::new(Timed { body, limit, deadline: None })
}

struct Timed {
    body: Body,
    limit: Duration,
    /// Made only when the body is not already there, which spares most requests a timer.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl HttpBody for Timed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if frame.is_ready() {
            return frame;
        }
        let limit = self.limit;
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        match deadline.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Some(Err(axum::Error::new(BodyTooSlow)))),
            Poll::Pending => Poll::Pending,
        }
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
    use super::*;

    struct Silent;

    impl HttpBody for Silent {
        type Data = Bytes;
        type Error = axum::Error;

        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
            Poll::Pending
        }
    }

    #[tokio::test]
    async fn sec_30_a_body_that_never_comes_ends_with_its_reason() {
        let body = limit(Body::new(Silent), Duration::from_millis(20));
        let error = axum::body::to_bytes(body, 1024).await.unwrap_err();
        assert!(BodyTooSlow::caused(&error), "{error:?}");
    }

    #[tokio::test]
    async fn a_body_that_is_there_passes_unchanged() {
        let body = limit(Body::from("{}"), Duration::from_millis(1));
        assert_eq!(axum::body::to_bytes(body, 1024).await.unwrap(), "{}");
    }
}
