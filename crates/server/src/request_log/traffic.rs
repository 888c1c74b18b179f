//! How many requests identity providers made lately, and how many were refused: of this node, since it began, for a day.

use std::sync::{Mutex, PoisonError};

/// The length of an interval in microseconds: a quarter of an hour.
pub const INTERVAL: i64 = 15 * 60 * 1_000_000;

/// Intervals of a day.
pub const DAY: usize = 96;

/// What came in one interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Interval {
    /// When it begins (Unix microseconds).
    pub begins: i64,
    /// The requests.
    pub requests: u64,
    /// Those that were answered with 400 or more, or not at all.
    pub failures: u64,
}

/// The intervals of the last day, each in its place of a ring.
#[derive(Debug)]
pub struct Traffic(Mutex<[Interval; DAY]>);

impl Default for Traffic {
    fn default() -> Self {
        Traffic(Mutex::new([Interval::default(); DAY]))
    }
}

impl Traffic {
    /// Counts a request that came at `now` (Unix microseconds).
    pub fn count(&self, now: i64, failed: bool) {
        let begins = now - now.rem_euclid(INTERVAL);
        let mut ring = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(place) = ring.get_mut(place(begins)) else { return };
        if place.begins < begins {
            *place = Interval { begins, ..Interval::default() };
        }
        // One that began a day ago and ends now has no place any more.
        if place.begins == begins {
            place.requests += 1;
            place.failures += u64::from(failed);
        }
    }

    /// The last day, oldest first, with the intervals in which nothing came.
    pub fn last_day(&self, now: i64) -> Vec<Interval> {
        let ring = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let present = now - now.rem_euclid(INTERVAL);
        let all = (0..DAY).rev().filter_map(|ago| i64::try_from(ago).ok()).map(|ago| present - ago * INTERVAL);
        let found = |begins: i64| ring.get(place(begins)).copied().filter(|interval| interval.begins == begins);
        all.map(|begins| found(begins).unwrap_or(Interval { begins, ..Interval::default() })).collect()
    }
}

fn place(begins: i64) -> usize {
    usize::try_from(begins.div_euclid(INTERVAL)).unwrap_or_default() % DAY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_counted_in_quarters_of_an_hour_and_then_forgotten() {
        let traffic = Traffic::default();
        let now = 1_800_000_000_000_000;
        traffic.count(now, false);
        traffic.count(now + 1, true);
        traffic.count(now + INTERVAL, false);
        let day = traffic.last_day(now + INTERVAL);
        assert_eq!(day.len(), DAY);
        assert_eq!((day[DAY - 2].requests, day[DAY - 2].failures, day[DAY - 1].requests), (2, 1, 1));
        assert_eq!(day.iter().map(|interval| interval.requests).sum::<u64>(), 3);
        assert!(day.windows(2).all(|two| two[1].begins - two[0].begins == INTERVAL));
        let next = now + 96 * INTERVAL;
        traffic.count(next, false);
        traffic.count(now, false);
        let day = traffic.last_day(next);
        assert_eq!(day.iter().map(|interval| interval.requests).sum::<u64>(), 2, "the first interval is forgotten");
    }
}
