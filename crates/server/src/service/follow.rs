//! Following the event log from a place on: what server-sent events, and whoever else wants each event once, are made of.

use std::time::Duration;

use doorward_store::Store;
use doorward_store::event::EventRow;
use doorward_store::paging::Order;
use doorward_store::scope::Authority;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use super::error::Result;
use super::events::{self, EventFilter, Place};
use crate::App;

/// How many events are read at once: they are in memory until the reader has taken them.
const PAGE: i64 = 50;

/// How long the log is left alone after a commit, so that a busy installation is read in pages and not event by event.
const PAUSE: Duration = Duration::from_millis(20);

/// What came next.
#[derive(Debug)]
pub enum Step {
    /// Events, in their order.
    Events(Vec<EventRow>),
    /// Nothing, for as long as the follower had patience.
    Nothing,
    /// The service ends; what was not read yet is read after the restart.
    Ended,
}

/// Follows the log.
#[derive(Debug)]
pub struct Follower<A> {
    store: Store,
    by: A,
    filter: EventFilter,
    position: i64,
    log_end: watch::Receiver<i64>,
    ending: CancellationToken,
}

impl<A: Authority + Clone + Send + 'static> Follower<A> {
    /// Begins behind `position`; [`events::position_of`] has checked it.
    pub fn new(app: &App, by: A, filter: EventFilter, position: i64) -> Self {
        let (log_end, ending) = (app.log_end().subscribe(), app.ending().clone());
        Follower { store: app.store().clone(), by, filter, position, log_end, ending }
    }

    /// The next events, as soon as there are some.
    ///
    /// # Errors
    /// [`Error::Cursor`](super::Error::Cursor) when events were removed that were not read yet, or the database fails.
    pub async fn next(&mut self, patience: Duration) -> Result<Step> {
        let deadline = Instant::now() + patience;
        loop {
            if self.ending.is_cancelled() {
                return Ok(Step::Ended);
            }
            // Taken before the look, so that an event between the look and the wait wakes it; and what the look has not found up to
            // here need not be looked at again.
            let seen = *self.log_end.borrow_and_update();
            let place = Place { after: Some(self.position), before: None, limit: PAGE, order: Order::Ascending };
            let slice = events::list(&self.store, &self.by, place, self.filter.clone()).await?;
            let last = slice.items.last().map_or(self.position, |row| row.position);
            self.position = if slice.more_after { last } else { last.max(seen) };
            if !slice.items.is_empty() {
                return Ok(Step::Events(slice.items));
            }
            let woken = tokio::select! {
                woken = timeout_at(deadline, self.log_end.changed()) => woken,
                () = self.ending.cancelled() => return Ok(Step::Ended),
            };
            if woken.is_err() {
                return Ok(Step::Nothing);
            }
            sleep(PAUSE).await;
        }
    }
}
