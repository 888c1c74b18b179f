//! How often an application may ask: a bucket for each API key, on each node for itself.
//!
//! Identity providers are never counted here: SCIM has credentials and limits of its own.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use doorward_store::ids::ApiKeyId;

/// How many seconds' worth of requests may come at once.
const BURST_SECONDS: u32 = 2;

/// Buckets kept; above it those that are full again are let go.
const MOST: usize = 10_000;

/// The buckets of all keys that asked lately.
#[derive(Debug)]
pub struct RateLimit {
    /// Requests in a second; 0: no limit.
    per_second: u32,
    since: Instant,
    /// When the bucket of a key is full again, since `since`.
    full_at: Mutex<HashMap<ApiKeyId, Duration>>,
}

impl RateLimit {
    /// So many requests in a second for each key; 0: no limit.
    pub fn new(per_second: u32) -> Self {
        RateLimit { per_second, since: Instant::now(), full_at: Mutex::default() }
    }

    /// Counts a request of this key.
    ///
    /// # Errors
    /// How long to wait, when it is one too many.
    pub fn count(&self, key: ApiKeyId) -> Result<(), Duration> {
        self.count_at(key, self.since.elapsed())
    }

    fn count_at(&self, key: ApiKeyId, now: Duration) -> Result<(), Duration> {
        let Some(each) = Duration::from_secs(1).checked_div(self.per_second) else { return Ok(()) };
        let most = each * self.per_second.saturating_mul(BURST_SECONDS);
        let mut buckets = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST {
            buckets.retain(|_, full_at| *full_at > now);
        }
        let full_at = buckets.entry(key).or_insert(now);
        let next = (*full_at).max(now) + each;
        if next > now + most {
            return Err(next - now - most);
        }
        *full_at = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use doorward_store::ids::Id as _;

    use super::*;

    #[test]
    fn a_bucket_holds_two_seconds_and_fills_again() {
        let (limit, start) = (RateLimit::new(10), Duration::from_secs(5));
        let (one, other) = (ApiKeyId::from_bits(1), ApiKeyId::from_bits(2));
        for _ in 0..20 {
            limit.count_at(one, start).unwrap();
        }
        assert_eq!(limit.count_at(one, start), Err(Duration::from_millis(100)));
        limit.count_at(other, start).unwrap();
        limit.count_at(one, start + Duration::from_millis(100)).unwrap();
        assert!(limit.count_at(one, start + Duration::from_millis(100)).is_err(), "a refusal fills nothing");
        let later = start + Duration::from_secs(60);
        for _ in 0..20 {
            limit.count_at(one, later).unwrap();
        }
        assert!(limit.count_at(one, later).is_err(), "a pause is not saved up");
    }

    #[test]
    fn nothing_is_counted_without_a_limit() {
        let limit = RateLimit::new(0);
        assert!((0..10_000).all(|_| limit.count(ApiKeyId::from_bits(1)).is_ok()));
    }
}
