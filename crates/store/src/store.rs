//! The face of the crate to asynchronous code: jobs go in, answers come out.

use std::hash::{Hash, Hasher};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Sender, TrySendError};
use tokio::sync::watch;

use crate::ahead::Hints;
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::error::{Error, Result};
use crate::growth::Growth;
use crate::ids::DirectoryId;
use crate::job::{ReadJob, WriteJob, reading, writing};
use crate::link::Target;
use crate::migrate::{self, MIGRATIONS};
use crate::reader::Reader;
use crate::tx::Tx;
use crate::writer::Writer;

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

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

/// The state of a database's tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Which database it is.
    pub database: Database,
    /// The version of the database software.
    pub server_version: String,
    /// The migrations that it has had, by number.
    pub applied: Vec<i64>,
    /// The migrations that it lacks, by number.
    pub missing: Vec<i64>,
}

/// An open database. Clones share it.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    database: Database,
    clock: Clock,
    entropy: Entropy,
    wakeup: watch::Sender<i64>,
    queues: RwLock<Option<Queues>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

struct Queues {
    writers: Vec<Sender<Box<dyn WriteJob>>>,
    readers: Sender<ReadJob>,
}

impl Store {
    /// Opens `sqlite:PATH` or `postgres://…` and brings its tables up to date. Blocks for as long as that takes.
    ///
    /// # Errors
    /// [`Error::Url`], [`Error::Unavailable`], or [`Error::Migration`] when another version of the program made the database.
    pub fn open(url: &str, options: Options) -> Result<Self> {
        let target = Target::parse(url)?;
        // On a thread of its own: the PostgreSQL driver brings a runtime, which must not start inside the caller's.
        apart(move || Self::open_target(&target, &options))
    }

    fn open_target(target: &Target, options: &Options) -> Result<Self> {
        let mut first = target.connect_writer()?;
        migrate::run(&mut first, &options.clock, MIGRATIONS)?;
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let (database, readers, writers) = match target {
            Target::Sqlite(_) => (Database::Sqlite, cores.clamp(2, 8), 1),
            Target::Postgres(_) => (Database::Postgres, (2 * cores).clamp(4, 16), (2 * cores).clamp(2, 8)),
        };
        let readers = if options.readers == 0 { readers } else { options.readers };
        let writers = if options.writers == 0 || database == Database::Sqlite { writers } else { options.writers };
        let (wakeup, _) = watch::channel(0);
        let mut threads = Vec::new();
        let mut write_queues = Vec::new();
        let mut link = Some(first);
        for number in 0..writers {
            let (sender, jobs) = crossbeam_channel::bounded(options.queue);
            let writer = Writer {
                target: target.clone(),
                // The others connect when they get their first job.
                link: link.take(),
                clock: options.clock.clone(),
                entropy: options.entropy.clone(),
                wakeup: wakeup.clone(),
                growth: Growth::new(),
            };
            threads.push(thread(format!("store-write-{number}"), move || writer.run(&jobs))?);
            write_queues.push(sender);
        }
        let (read_queue, jobs) = crossbeam_channel::bounded(options.queue);
        let losses = Arc::new(AtomicU64::new(0));
        for number in 0..readers {
            let reader = Reader {
                losses: Arc::clone(&losses),
                target: target.clone(),
                link: None,
                clock: options.clock.clone(),
                entropy: options.entropy.clone(),
            };
            let jobs = jobs.clone();
            threads.push(thread(format!("store-read-{number}"), move || reader.run(&jobs))?);
        }
        Ok(Self(Arc::new(Inner {
            database,
            clock: options.clock.clone(),
            entropy: options.entropy.clone(),
            wakeup,
            queues: RwLock::new(Some(Queues { writers: write_queues, readers: read_queue })),
            threads: Mutex::new(threads),
        })))
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
        self.send_read(false, job).await
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
        self.send_read(true, job).await
    }

    async fn send_read<T, E, F>(&self, one_moment: bool, job: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (job, answer) = reading(one_moment, job);
        self.with_queues(|queues| queues.readers.try_send(job).map_err(|error| refused(&error)))?;
        answer.await.unwrap_or_else(|_| Err(E::from(Error::Closed)))
    }

    /// Runs a job that writes, in one transaction with other waiting jobs, and answers after COMMIT. When the job returns an error or
    /// panics, its own changes are undone and no others.
    ///
    /// A job must be repeatable: when the batch fails (a deadlock, a lost connection), or another job of it fails after writing, it
    /// is undone and run again. So it changes nothing but the database, and takes nothing out of what it captured.
    /// A job whose caller has gone before it was begun is not run.
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
        self.write_with(lane, Hints::default(), job).await
    }

    /// As [`Store::write`], for a job that knows beforehand what it will look at: on PostgreSQL that is read for all jobs of the batch
    /// together. Hints that are wrong or missing cost time and nothing else.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn write_with<T, E, F>(&self, lane: Lane, hints: Hints, job: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (job, answer) = writing(lane, hints, job);
        self.with_queues(|queues| {
            let number = match lane {
                Lane::Directory(id) => {
                    let mut hasher = std::hash::DefaultHasher::new();
                    id.hash(&mut hasher);
                    (hasher.finish() % queues.writers.len().max(1) as u64) as usize
                }
                Lane::Any => 0,
            };
            queues.writers.get(number).ok_or(Error::Closed)?.try_send(job).map_err(|error| refused(&error))
        })?;
        answer.await.unwrap_or_else(|_| Err(E::from(Error::Closed)))
    }

    fn with_queues<E: From<Error>>(&self, send: impl FnOnce(&Queues) -> Result<()>) -> Result<(), E> {
        let queues = self.0.queues.read().unwrap_or_else(PoisonError::into_inner);
        queues.as_ref().ok_or(Error::Closed).and_then(send).map_err(E::from)
    }

    /// Shows the position of the last event that this process committed; changes wake whoever waits for it. Other nodes' events do not.
    pub fn event_wakeup(&self) -> watch::Receiver<i64> {
        self.0.wakeup.subscribe()
    }

    /// The position of the last event that this process committed, 0 before the first.
    pub fn committed(&self) -> i64 {
        *self.0.wakeup.borrow()
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// When there is none.
    pub async fn ping(&self) -> Result<()> {
        self.read(|tx| tx.query("SELECT 1", &[], |_| Ok(())).map(drop)).await
    }

    /// Writes and commits a row that means nothing, and tells how long that took.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn probe_write(&self) -> Result<Duration> {
        let begun = std::time::Instant::now();
        self.write(Lane::Any, |tx| {
            tx.execute("UPDATE counter SET value = value + 1 WHERE name = 'probe'", &[]).map(drop)
        })
        .await
        .map(|()| begun.elapsed())
    }

    /// Which database it is.
    pub fn database(&self) -> Database {
        self.0.database
    }

    /// The source of time that the store was opened with.
    pub fn clock(&self) -> Clock {
        self.0.clock.clone()
    }

    /// The source of chance that the store was opened with.
    pub fn entropy(&self) -> Entropy {
        self.0.entropy.clone()
    }

    /// Takes no new jobs, ends the waiting ones and closes the connections.
    pub async fn close(&self) {
        self.0.queues.write().unwrap_or_else(PoisonError::into_inner).take();
        let threads = std::mem::take(&mut *self.0.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let joined = tokio::task::spawn_blocking(move || threads.into_iter().for_each(|thread| drop(thread.join())));
        // It only fails when the runtime is shutting down.
        let _ = joined.await;
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("database", &self.0.database).finish_non_exhaustive()
    }
}

fn refused<T>(error: &TrySendError<T>) -> Error {
    match error {
        TrySendError::Full(_) => Error::Busy,
        TrySendError::Disconnected(_) => Error::Closed,
    }
}

fn thread(name: String, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name).spawn(work).map_err(|error| Error::Unavailable(error.to_string()))
}

/// Runs `work` on a thread of its own and waits for it.
fn apart<T: Send>(work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    std::thread::scope(|scope| scope.spawn(work).join().unwrap_or(Err(Error::Panicked)))
}

/// Looks at a database without changing it. A SQLite file that is not there is reported as [`Error::Unavailable`].
///
/// # Errors
/// [`Error::Url`] or [`Error::Unavailable`].
pub fn inspect(url: &str) -> Result<Condition> {
    let target = Target::parse(url)?;
    apart(move || {
        let mut link = target.connect_reader()?;
        let database = match target {
            Target::Sqlite(_) => Database::Sqlite,
            Target::Postgres(_) => Database::Postgres,
        };
        let version = match target {
            Target::Sqlite(_) => "SELECT sqlite_version()",
            Target::Postgres(_) => "SELECT current_setting('server_version')",
        };
        let server_version =
            link.query(version, &[], |row| row.get(0)).map_err(|failed| failed.error)?.pop().unwrap_or_default();
        // A database without the table is a new one.
        let applied: Vec<i64> = match migrate::applied(&mut link) {
            Ok(applied) => applied.into_iter().map(|(number, _)| number).collect(),
            Err(Error::Database(_)) => Vec::new(),
            Err(error) => return Err(error),
        };
        let missing = MIGRATIONS.iter().map(|migration| migration.number).filter(|number| !applied.contains(number));
        Ok(Condition { database, server_version, missing: missing.collect(), applied })
    })
}
