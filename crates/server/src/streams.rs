//! How many answers without an end a node gives at once: event streams, exports and snapshots (I-9, SEC-29).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use doorward_store::ids::{ApiKeyId, PortalLinkId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::Limits;
use crate::service::error::{Error, Result};

/// Snapshots that are read from the database at once. Each holds one of its connections.
const SNAPSHOTS: usize = 2;

/// Pages that one opened setup link may have open and listening at once.
const PAGES: usize = 8;

/// How many each one has.
type Open = Arc<Mutex<HashMap<String, usize>>>;

/// The open streams of this node.
#[derive(Debug)]
pub struct Streams {
    open: Open,
    /// Those of the portal's pages, apart, so that no customer takes an application's away.
    pages: Open,
    snapshots: Arc<Semaphore>,
}

impl Default for Streams {
    fn default() -> Self {
        Streams { open: Arc::default(), pages: Arc::default(), snapshots: Arc::new(Semaphore::new(SNAPSHOTS)) }
    }
}

impl Streams {
    /// Takes a place for a stream; it is free again when the place is dropped.
    ///
    /// # Errors
    /// [`Error::TooManyStreams`] when this API key has all of its own, [`Error::Unavailable`] when the node has none left.
    pub fn open(&self, key: ApiKeyId, limits: &Limits) -> Result<Place> {
        take(&self.open, key.to_string(), limits.streams_per_key, limits.streams)
    }

    /// Takes a place for a page that listens, of somebody who has opened this setup link.
    ///
    /// # Errors
    /// As [`Streams::open`].
    pub fn open_page(&self, link: PortalLinkId, limits: &Limits) -> Result<Place> {
        take(&self.pages, link.to_string(), PAGES, limits.streams)
    }

    /// Takes a place for the reading of a snapshot.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when others are being read.
    pub fn snapshot(&self) -> Result<OwnedSemaphorePermit> {
        Arc::clone(&self.snapshots).try_acquire_owned().map_err(|_| Error::Unavailable)
    }
}

fn take(all: &Open, key: String, most: usize, most_of_all: usize) -> Result<Place> {
    let mut open = all.lock().unwrap_or_else(PoisonError::into_inner);
    if open.get(&key).is_some_and(|count| *count >= most) {
        return Err(Error::TooManyStreams);
    }
    if open.values().sum::<usize>() >= most_of_all {
        return Err(Error::Unavailable);
    }
    *open.entry(key.clone()).or_default() += 1;
    drop(open);
    Ok(Place { open: Arc::clone(all), key })
}

/// The place of one open stream.
#[derive(Debug)]
pub struct Place {
    open: Open,
    key: String,
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

    #[test]
    fn sec_29_pages_that_listen_are_bounded_and_take_nothing_from_applications() {
        let limits = Limits { streams: 10, streams_per_key: 2, ..Limits::default() };
        let streams = Streams::default();
        let [one, other] = [1, 2].map(PortalLinkId::from_bits);
        let mut pages: Vec<Place> = (0..PAGES).map(|_| streams.open_page(one, &limits).unwrap()).collect();
        assert!(matches!(streams.open_page(one, &limits), Err(Error::TooManyStreams)));
        pages.extend((0..2).map(|_| streams.open_page(other, &limits).unwrap()));
        assert!(matches!(streams.open_page(other, &limits), Err(Error::Unavailable)));
        drop(streams.open(ApiKeyId::from_bits(1), &limits).unwrap());
        drop(pages);
        assert!(streams.pages.lock().unwrap().is_empty());
    }
}
