//! Doorward's one seam to SQLite and PostgreSQL.
//!
//! Jobs are plain synchronous closures over a [`Tx`]; [`Store`] runs them on threads of its own and answers writers after COMMIT.
//! One SQL text serves both databases. There is no HTTP here and no SCIM beyond keys and filters.

pub mod api_key;
pub mod clock;
pub mod directory;
pub mod entropy;
pub mod error;
pub mod event;
pub mod group;
pub mod ids;
pub mod membership;
pub mod organization;
pub mod paging;
pub mod pending;
pub mod scope;
pub mod secret;
pub mod stats;
pub mod token;
pub mod tx;
pub mod user;
pub mod value;

pub use clock::Clock;
pub use entropy::Entropy;
pub use error::{Conflict, Error, Result};
pub use secret::{Secret, SecretHash};
pub use tx::{NewEvent, Tx};

use ids::DirectoryId;

fn unwritten<T>() -> Result<T> {
    Err(Error::Database("not written yet".into()))
}

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// The source of time.
    pub clock: Clock,
    /// The source of chance.
    pub entropy: Entropy,
    /// Threads that read, each with a connection; 0: a number that suits the database.
    pub readers: usize,
    /// Threads that write to PostgreSQL, each with a connection; 0: a number that suits. SQLite has one always.
    pub writers: usize,
    /// How many jobs may wait for a thread before [`Error::Busy`].
    pub queue: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { clock: Clock::system(), entropy: Entropy::os(), readers: 0, writers: 0, queue: 4096 }
    }
}

/// Which writer a job belongs to: jobs of one directory run in the order in which they were handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lane {
    /// A job that changes this directory or what is in it.
    Directory(DirectoryId),
    /// A job that changes organizations or API keys, or makes a directory.
    Any,
}

/// An open database. Clones share it.
#[derive(Clone)]
pub struct Store;

impl Store {
    /// Opens `sqlite:PATH` or `postgres://…` and brings its tables up to date. Blocks for as long as that takes.
    ///
    /// # Errors
    /// [`Error::Url`], [`Error::Unavailable`], or [`Error::Migration`] when another version of the program made the database.
    pub fn open(url: &str, options: Options) -> Result<Self> {
        let _ = (url, options);
        unwritten()
    }

    /// Runs a job that only reads. On PostgreSQL each statement sees its own moment; see [`Store::snapshot`].
    ///
    /// # Errors
    /// What the job returns; [`Error::Busy`], [`Error::Closed`], [`Error::Panicked`].
    pub async fn read<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        drop(job);
        Err(E::from(Error::Closed))
    }

    /// Runs a job that only reads, all of it from one moment of the database.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn snapshot<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        drop(job);
        Err(E::from(Error::Closed))
    }

    /// Runs a job that writes, in one transaction with other waiting jobs, and answers after COMMIT. When the job returns an error or
    /// panics, its own changes are undone and no others.
    ///
    /// A job must be repeatable: when the batch fails (a deadlock, a lost connection), or another job of it fails after writing, it
    /// is undone and run again. So it changes nothing but the database, and takes nothing out of what it captured.
    ///
    /// # Errors
    /// What the job returns; [`Error::Busy`], [`Error::Closed`], [`Error::Panicked`], and [`Error::Unavailable`] also when the
    /// outcome of the COMMIT is not known.
    pub async fn write<T, E, F>(&self, lane: Lane, job: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let _ = lane;
        drop(job);
        Err(E::from(Error::Closed))
    }

    /// Shows the position of the last event that this process committed; changes wake whoever waits for it. Other nodes' events do not.
    pub fn event_wakeup(&self) -> tokio::sync::watch::Receiver<i64> {
        tokio::sync::watch::channel(0).1
    }

    /// The source of time that the store was opened with.
    pub fn clock(&self) -> Clock {
        Clock::system()
    }

    /// The source of chance that the store was opened with.
    pub fn entropy(&self) -> Entropy {
        Entropy::os()
    }

    /// Takes no new jobs, ends the waiting ones and closes the connections.
    pub async fn close(&self) {}
}
