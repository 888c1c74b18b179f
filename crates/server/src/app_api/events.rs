//! `/events`.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use doorward_store::ids::EventId;
use doorward_store::paging::Order;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use super::auth::Caller;
use super::page::{List, cursor};
use super::parameters::Parameters;
use super::reply::Failure;
use crate::app::App;
use crate::service::events::{self, EventFilter, EventObject, Place};

/// The longest a caller may wait for an event, in seconds.
pub(super) const LONGEST_WAIT: i64 = 30;

/// How often the log is looked at while waiting, for events that another node committed.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// How long the log is left alone after a commit that brought nothing of what is waited for: others' changes wake everybody.
pub(super) const PAUSE: Duration = Duration::from_millis(50);

/// `GET /events`; `events`, `after`, `before`, `limit`, `order`, `range_start`, `range_end`, `organization_id`,
/// `directory`, `wait`.
pub async fn list(
    State(app): State<App>,
    Caller(by): Caller,
    parameters: Parameters,
) -> Result<Json<List<EventObject>>, Failure> {
    let cursor = cursor::<EventId>(&parameters, Order::Ascending)?;
    let mut place = Place { after: None, before: None, limit: cursor.limit, order: cursor.order };
    if let Some(id) = cursor.after {
        place.after = Some(events::position_of(app.store(), &by, "after", id).await?);
    }
    if let Some(id) = cursor.before {
        place.before = Some(events::position_of(app.store(), &by, "before", id).await?);
    }
    let filter = filter(&parameters)?;
    let wait = parameters.number("wait", 0, LONGEST_WAIT)?.unwrap_or(0).unsigned_abs();
    let deadline = Instant::now() + Duration::from_secs(wait);
    // Taken before the first look, so that an event between the look and the wait wakes it.
    let mut wakeup = app.store().event_wakeup();
    let mut pause = Duration::ZERO;
    let slice = loop {
        let slice = events::list(app.store(), &by, place, filter.clone()).await?;
        if !slice.items.is_empty() || Instant::now() >= deadline || app.ending().is_cancelled() {
            break slice;
        }
        let again = deadline.min(Instant::now() + LOOK_AGAIN);
        pause = if woken(&mut wakeup, pause, again, app.ending()).await { PAUSE } else { Duration::ZERO };
    };
    Ok(Json(List::new(slice, |row| row.id, EventObject::new)?))
}

/// The filters that all ways to read the log have.
pub(super) fn filter(parameters: &Parameters) -> Result<EventFilter, Failure> {
    Ok(EventFilter {
        types: parameters.list("events")?,
        organization_id: parameters.id("organization_id")?,
        directory_id: parameters.id("directory")?,
        range_start: parameters.instant("range_start")?,
        range_end: parameters.instant("range_end")?,
        ..EventFilter::default()
    })
}

/// Waits until something was committed, though not less than `pause`; or until `again`, or until the service ends, which a reader who only
/// waits must not hold up. Whether it was a commit.
pub(super) async fn woken(
    wakeup: &mut watch::Receiver<i64>,
    pause: Duration,
    again: Instant,
    ending: &CancellationToken,
) -> bool {
    let commit = async {
        sleep(pause).await;
        // Without a sender there is nobody to wake it any more, which is no reason to look at once.
        if wakeup.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        committed = timeout_at(again, commit) => committed.is_ok(),
        () = ending.cancelled() => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(1)
    }

    #[tokio::test]
    async fn a_waiting_reader_is_woken_by_a_commit_and_by_the_end_of_the_service() {
        let (commits, mut wakeup) = watch::channel(0);
        let ending = CancellationToken::new();
        let started = Instant::now();
        commits.send_replace(1);
        assert!(woken(&mut wakeup, Duration::ZERO, soon(), &ending).await, "a commit between the look and the wait");
        commits.send_replace(2);
        assert!(woken(&mut wakeup, PAUSE, soon(), &ending).await);
        assert!(started.elapsed() >= PAUSE, "not more often than that");
        ending.cancel();
        let again = soon();
        assert!(!woken(&mut wakeup, Duration::ZERO, again, &ending).await);
        assert!(Instant::now() < again);
    }

    #[tokio::test]
    async fn a_waiting_reader_whom_nobody_can_wake_does_not_spin() {
        let (commits, mut wakeup) = watch::channel(0);
        drop(commits);
        let again = soon();
        assert!(!woken(&mut wakeup, Duration::ZERO, again, &CancellationToken::new()).await);
        assert!(Instant::now() >= again);
    }
}
