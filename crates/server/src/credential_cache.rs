//! Credentials that were accepted a moment ago, so that a busy directory does not read the database for each request.
//!
//! Only successes are kept, and only for [`LIFETIME`]: a revocation from another process shows within a second
//! (SEC-20), and a stranger's guesses never take up room.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use doorward_store::SecretHash;

/// How long an accepted credential is taken without asking the database again.
pub const LIFETIME: Duration = Duration::from_millis(500);

/// How many credentials are remembered; above it the cache is emptied, which costs one database read each.
const CAPACITY: usize = 10_000;

/// SHA-256 of a credential → what it opens.
#[derive(Debug)]
pub struct CredentialCache<T> {
    entries: Mutex<HashMap<SecretHash, Entry<T>>>,
}

#[derive(Debug)]
struct Entry<T> {
    value: T,
    /// Unix microseconds of the app's clock, so that a test that moves the clock past an expiry sees it.
    accepted_at: i64,
    /// The machine's own measure, so that a clock that stands still does not keep an entry for ever.
    kept_since: Instant,
}

impl<T> Default for CredentialCache<T> {
    fn default() -> Self {
        CredentialCache { entries: Mutex::new(HashMap::new()) }
    }
}

impl<T: Clone> CredentialCache<T> {
    /// What the credential with this hash opens, when it was accepted less than [`LIFETIME`] ago. `now` is in Unix
    /// microseconds.
    pub fn get(&self, hash: &SecretHash, now: i64) -> Option<T> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(hash)?;
        let aged = now.saturating_sub(entry.accepted_at).unsigned_abs();
        let fresh = u128::from(aged) < LIFETIME.as_micros() && entry.kept_since.elapsed() < LIFETIME;
        fresh.then(|| entry.value.clone())
    }

    /// Remembers an accepted credential. `now` is in Unix microseconds.
    pub fn put(&self, hash: SecretHash, now: i64, value: T) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= CAPACITY {
            entries.clear();
        }
        entries.insert(hash, Entry { value, accepted_at: now, kept_since: Instant::now() });
    }

    /// Forgets everything, for a change of credentials made in this process.
    pub fn forget_all(&self) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_20_an_accepted_credential_is_forgotten_after_half_a_second_of_either_clock() {
        let (known, other) = (SecretHash::of("known"), SecretHash::of("other"));
        let cache = CredentialCache::default();
        cache.put(known, 1_000_000, "scope");
        assert_eq!(cache.get(&known, 1_000_000), Some("scope"));
        assert_eq!(cache.get(&known, 1_499_999), Some("scope"));
        assert_eq!(cache.get(&known, 1_500_000), None, "the app's clock moved on");
        assert_eq!(cache.get(&other, 1_000_000), None, "another credential");
        std::thread::sleep(LIFETIME);
        assert_eq!(cache.get(&known, 1_000_000), None, "a standing clock keeps nothing");
    }

    #[test]
    fn the_cache_is_bounded() {
        let cache = CredentialCache::default();
        for n in 0..=CAPACITY {
            cache.put(SecretHash::of(&n.to_string()), 0, n);
        }
        assert_eq!(cache.entries.lock().unwrap().len(), 1);
    }
}
