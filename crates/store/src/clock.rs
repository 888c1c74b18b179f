//! The one source of time: Unix microseconds, so that tests can stand still and move on.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A source of time; clones share it.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// The time of the machine.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `micros` (Unix microseconds) until it is moved.
    pub fn fixed(micros: i64) -> Self {
        Self(Source::Fixed(Arc::new(AtomicI64::new(micros))))
    }

    /// Moves a fixed clock, and every clone of it, by `micros`. The clock of the machine is not moved.
    pub fn advance(&self, micros: i64) {
        if let Source::Fixed(now) = &self.0 {
            now.fetch_add(micros, Ordering::SeqCst);
        }
    }

    /// Unix microseconds.
    pub fn now(&self) -> i64 {
        match &self.0 {
            Source::System => system_now(),
            Source::Fixed(now) => now.load(Ordering::SeqCst),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine for the time")]
fn system_now() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}
