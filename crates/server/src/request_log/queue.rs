//! The queue itself: bounded by number and by bytes.

use std::collections::VecDeque;

use super::captured::Captured;

/// Requests that may wait, of those with something to tell and of the others each.
const MOST: usize = 4096;

/// Bytes of bodies that may wait.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// What waits to be written. Two lines, so that a flood of successes does not push out the failures, nor the other way round.
#[derive(Debug, Default)]
pub(super) struct Queue {
    plain: VecDeque<Captured>,
    notable: VecDeque<Captured>,
    bytes: usize,
}

impl Queue {
    /// Adds a request. How many had to go for it.
    pub(super) fn put(&mut self, captured: Captured) -> usize {
        let mut dropped = 0;
        self.bytes += captured.bytes();
        let line = if captured.is_notable() { &mut self.notable } else { &mut self.plain };
        line.push_back(captured);
        while self.plain.len() > MOST || (self.bytes > MOST_BYTES && !self.plain.is_empty()) {
            dropped += usize::from(self.drop_oldest(false));
        }
        while self.notable.len() > MOST || (self.bytes > MOST_BYTES && self.notable.len() > 1) {
            dropped += usize::from(self.drop_oldest(true));
        }
        dropped
    }

    /// Takes the oldest, at most so many, notable ones first: they are what an administrator waits for.
    pub(super) fn take(&mut self, most: usize) -> Vec<Captured> {
        let notable = self.notable.len().min(most);
        let mut taken: Vec<Captured> = self.notable.drain(..notable).collect();
        let plain = self.plain.len().min(most - notable);
        taken.extend(self.plain.drain(..plain));
        self.bytes = self.bytes.saturating_sub(taken.iter().map(Captured::bytes).sum());
        taken.sort_by_key(|captured| captured.started_at);
        taken
    }

    fn drop_oldest(&mut self, notable: bool) -> bool {
        let line = if notable { &mut self.notable } else { &mut self.plain };
        let Some(oldest) = line.pop_front() else { return false };
        self.bytes = self.bytes.saturating_sub(oldest.bytes());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured(number: i64, status: u16, body: usize) -> Captured {
        let mut captured = Captured::of_test(number, status);
        captured.response_body = Some(vec![b'x'; body].into());
        captured
    }

    #[test]
    fn a_full_queue_drops_the_oldest_and_counts_it() {
        let mut queue = Queue::default();
        let dropped: usize = (0..10_000).map(|number| queue.put(captured(number, 200, 0))).sum();
        assert_eq!(dropped, 10_000 - MOST);
        let left = queue.take(usize::MAX);
        assert_eq!((left.len(), left[0].started_at), (MOST, 10_000 - MOST as i64));
    }

    #[test]
    fn a_flood_of_successes_does_not_push_out_a_failure_and_failures_are_written_first() {
        let mut queue = Queue::default();
        queue.put(captured(0, 409, 0));
        for number in 1..10_000 {
            queue.put(captured(number, 200, 0));
        }
        let first = queue.take(1);
        assert_eq!((first[0].started_at, first[0].status), (0, Some(409)));
    }

    #[test]
    fn bodies_that_wait_are_bounded_in_bytes() {
        let mut queue = Queue::default();
        let dropped: usize = (0..1000).map(|number| queue.put(captured(number, 400, 256 * 1024))).sum();
        assert!(queue.bytes <= MOST_BYTES && dropped >= 1000 - MOST_BYTES / (256 * 1024), "{dropped} {}", queue.bytes);
        while !queue.take(7).is_empty() {}
        assert_eq!(queue.bytes, 0);
    }
}
