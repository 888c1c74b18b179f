//! How many answers without an end a node gives at once: event streams, exports and snapshots (I-9, SEC-29).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use doorward_store::ids::ApiKeyId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::Limits;
use crate::service::error::{Error, Result};

/// Snapshots that are read from the database at once. Each holds one of its connections.
const SNAPSHOTS: usize = 2;

/// The open streams of this node.
#[derive(Debug)]
pub struct Streams {
    open: Arc<Mutex<HashMap<ApiKeyId, usize>>>,
    snapshots: Arc<Semaphore>,
}

impl Default for Streams {
    fn default() -> Self {
        Streams { open: Arc::default(), snapshots: Arc::new(Semaphore::new(SNAPSHOTS)) }
    }
}

impl Streams {
    /// Takes a place for a stream; it is free again when the place is dropped.
    ///
    /// # Errors
    /// [`Error::TooManyStreams`] when this API key has all of its own, [`Error::Unavailable`] when the node has none left.
    pub fn open(&self, key: ApiKeyId, limits: &Limits) -> Result<Place> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.get(&key).is_some_and(|count| *count >= limits.streams_per_key) {
            return Err(Error::TooManyStreams);
        }
        if open.values().sum::<usize>() >= limits.streams {
            return Err(Error::Unavailable);
        }
        *open.entry(key).or_default() += 1;
        Ok(Place { open: Arc::clone(&self.open), key })
    }

    /// Takes a place for the reading of a snapshot.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when others are being read.
    pub fn snapshot(&self) -> Result<OwnedSemaphorePermit> {
        Arc::clone(&self.snapshots).try_acquire_owned().map_err(|_| Error::Unavailable)
    }
}

/// The place of one open stream.
#[derive(Debug)]
pub struct Place {
    open: Arc<Mutex<HashMap<ApiKeyId, usize>>>,
    key: ApiKeyId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use doorward_store::ids::Id as _;

    use super::*;

    #[test]
    fn sec_29_streams_are_bounded_for_each_key_and_for_the_node() {
        let limits = Limits { streams: 3, streams_per_key: 2, ..Limits::default() };
        let streams = Streams::default();
        let [one, other] = [1, 2].map(ApiKeyId::from_bits);
        let first = streams.open(one, &limits).unwrap();
        let second = streams.open(one, &limits).unwrap();
        assert!(matches!(streams.open(one, &limits), Err(Error::TooManyStreams)));
        let third = streams.open(other, &limits).unwrap();
        assert!(matches!(streams.open(other, &limits), Err(Error::Unavailable)));
        drop(first);
        drop(streams.open(other, &limits).unwrap());
        drop((second, third));
        assert!(streams.open.lock().unwrap().is_empty(), "nothing is kept of keys without streams");
    }
}
