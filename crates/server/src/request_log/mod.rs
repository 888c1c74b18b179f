//! Requests on their way into the log: a bounded queue between answering and writing.
//!
//! An identity provider never waits for the log. Requests are put into memory when they are answered and written in batches by a task
//! ([`crate::jobs`]); what has not been written when the process is killed is lost. When more come than are written, the oldest go,
//! those without anything to tell before the others, and are counted.

pub mod captured;
mod queue;
pub mod redact;
pub mod traffic;

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, MutexGuard};

pub use captured::{Captured, Owner, Presented};
use queue::Queue;
use traffic::Traffic;

use crate::bad_credentials::{Counters, Outcome, Rate};

/// The most requests that are written at once.
pub const BATCH: usize = 256;

/// How many refused credentials of one directory, or of one network where the URL names none, are taken into the log: enough for an
/// administrator who tries, too few to fill a disk.
const REFUSED: Rate = Rate { at_once: 30, every: Duration::from_secs(10) };

/// The requests that wait to be written.
#[derive(Debug)]
pub struct RequestLog {
    queue: std::sync::Mutex<Queue>,
    refused: Counters,
    since: Instant,
    turn: Mutex<()>,
    lost: AtomicU64,
    floor: AtomicI64,
    traffic: Traffic,
}

impl Default for RequestLog {
    fn default() -> Self {
        RequestLog {
            queue: std::sync::Mutex::new(Queue::default()),
            refused: Counters::new(REFUSED),
            since: Instant::now(),
            turn: Mutex::new(()),
            lost: AtomicU64::new(0),
            floor: AtomicI64::new(0),
            traffic: Traffic::default(),
        }
    }
}

impl RequestLog {
    /// Takes a request. Never waits.
    pub fn put(&self, captured: Captured) {
        let failed = captured.status.is_none_or(|status| status >= 400);
        self.traffic.count(captured.started_at, failed);
        if let Owner::Unknown { label, .. } = &captured.owner {
            let (since, status) = (self.since.elapsed(), captured.status);
            // By status, so that the first 429 is seen behind all the failures that led to it.
            let outcome = match label {
                Some(label) => self.refused.count(("label", label.as_str(), status), since),
                None => self.refused.count(("address", captured.address, status), since),
            };
            if outcome != Outcome::Within {
                self.add_lost(1);
                return;
            }
        }
        let dropped = self.queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).put(captured);
        self.add_lost(dropped);
    }

    /// The oldest requests that wait, at most [`BATCH`].
    pub(crate) fn take(&self) -> Vec<Captured> {
        self.queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take(BATCH)
    }

    /// One writes at a time, so that who waits for the turn finds written what was taken before.
    pub(crate) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// How many requests came lately.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// How many requests this process did not record: too many came, or the database did not take them.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    pub(crate) fn add_lost(&self, count: usize) {
        self.lost.fetch_add(count as u64, Ordering::Relaxed);
    }

    /// The event log's last position when the process began, until it has committed one itself.
    pub(crate) fn floor(&self) -> i64 {
        self.floor.load(Ordering::Relaxed)
    }

    pub(crate) fn set_floor(&self, position: i64) {
        self.floor.store(position, Ordering::Relaxed);
    }
}
