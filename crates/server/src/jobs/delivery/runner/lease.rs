//! How long a request may be on its way.

use std::time::Instant;

use tokio::sync::watch;

/// When the lease is over and was not prolonged: a request that is still on its way then is broken off, because another node may send.
pub(super) async fn end(mut held_until: watch::Receiver<Instant>) {
    loop {
        let until = *held_until.borrow_and_update();
        tokio::select! {
            () = tokio::time::sleep_until(until.into()) => return,
            changed = held_until.changed() => if changed.is_err() {
                // Nobody prolongs it any more.
                return tokio::time::sleep_until(until.into()).await;
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn rel_31_a_request_is_given_up_when_the_lease_ends_and_not_before() {
        let first = Instant::now() + Duration::from_millis(50);
        let (held_until, reader) = watch::channel(first);
        let waiting = tokio::spawn(end(reader));
        let prolonged = first + Duration::from_millis(100);
        held_until.send_replace(prolonged);
        waiting.await.unwrap();
        assert!(Instant::now() >= prolonged, "it was prolonged");
        let (last, reader) = watch::channel(Instant::now() + Duration::from_millis(20));
        let until = *last.borrow();
        drop(last);
        end(reader).await;
        assert!(Instant::now() >= until, "nobody prolongs it any more, and it lasts to its end");
    }
}
