//! A request body that is read by its handler and kept for the request log at the same time. Nothing is copied: the pieces are shared.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};

/// What was read of a body.
#[derive(Debug, Clone, Default)]
pub struct Kept(Arc<Mutex<Pieces>>);

#[derive(Debug, Default)]
struct Pieces {
    pieces: Vec<Bytes>,
    bytes: usize,
    ended: bool,
}

impl Kept {
    /// The body, when it was read to its end and was not too large.
    pub fn take(&self) -> Option<Bytes> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pieces = std::mem::take(&mut kept.pieces);
        match pieces.as_slice() {
            _ if !kept.ended => None,
            [] => None,
            [one] => Some(one.clone()),
            several => {
                let mut whole = BytesMut::with_capacity(kept.bytes);
                several.iter().for_each(|piece| whole.extend_from_slice(piece));
                Some(whole.freeze())
            }
        }
    }
}

/// A body of which up to `most` bytes are kept; 0: nothing is.
pub fn tee(body: Body, most: usize) -> (Body, Kept) {
    let kept = Kept::default();
    if most == 0 || body.is_end_stream() {
        return (body, kept);
    }
    (Body::new(Tee { body, most, kept: kept.clone() }), kept)
}

struct Tee {
    body: Body,
    most: usize,
    kept: Kept,
}

impl HttpBody for Tee {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        let mut kept = self.kept.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(data) = frame.data_ref() {
                    kept.bytes += data.len();
                    if kept.bytes <= self.most {
                        kept.pieces.push(data.clone());
                    } else {
                        kept.pieces = Vec::new();
                    }
                }
                kept.ended = self.body.is_end_stream() && kept.bytes <= self.most;
            }
            Poll::Ready(None) => kept.ended = kept.bytes <= self.most,
            Poll::Ready(Some(Err(_))) => kept.pieces = Vec::new(),
            Poll::Pending => {}
        }
        drop(kept);
        polled
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
    use http_body_util::{BodyExt as _, Limited};

    use super::*;

    #[tokio::test]
    async fn a_body_is_kept_whole_or_not_at_all() {
        let (body, kept) = tee(Body::from("12345678"), 8);
        body.collect().await.unwrap();
        assert_eq!(kept.take().as_deref(), Some(&b"12345678"[..]));
        let (body, kept) = tee(Body::from("123456789"), 8);
        assert_eq!(body.collect().await.unwrap().to_bytes().len(), 9, "the handler gets all of it");
        assert_eq!(kept.take(), None);
        let (body, kept) = tee(Body::from("12345678"), 8);
        assert!(Limited::new(body, 2).collect().await.is_err());
        let (body, unread) = tee(Body::from("12345678"), 8);
        drop(body);
        assert!(kept.take().is_none_or(|kept| kept.len() == 8) && unread.take().is_none());
    }
}
