//! One request's panic ends that request and nothing else (I-11).

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// Runs a future; `None` when it panicked.
///
/// Nothing that a handler shares with others is left half changed by a panic: state lives in the database, whose
/// transaction is rolled back, and the caches' locks are taken over when poisoned.
pub async fn catch<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(Poll::Ready(output)) => Poll::Ready(Some(output)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(payload) => {
            // The payload may quote the value that was not expected, which may be a person's: only its kind is told.
            tracing::error!(payload = kind_of(payload.as_ref()), "a request handler panicked");
            Poll::Ready(None)
        }
    })
    .await
}

fn kind_of(payload: &(dyn Any + Send)) -> &'static str {
    if payload.is::<&'static str>() || payload.is::<String>() { "message" } else { "value" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_caught_and_a_value_passes() {
        assert_eq!(catch(async { 7 }).await, Some(7));
        let caught = catch(async {
            tokio::task::yield_now().await;
            panic!("on purpose");
        })
        .await;
        assert_eq!(caught, None::<()>);
    }
}
