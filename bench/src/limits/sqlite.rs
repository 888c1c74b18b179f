//! The SQLite limits: one user row with three indexes and one event row, and a read by primary key, without any server.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use rusqlite::{Connection, OpenFlags, params};

use super::{document, next_random};
use crate::figures::Sample;

const ROWS: u64 = 20_000;
const SCHEMA: &str = "
    CREATE TABLE limit_user (
        directory TEXT NOT NULL, id TEXT NOT NULL, user_name TEXT NOT NULL, external_id TEXT NOT NULL,
        doc TEXT NOT NULL, PRIMARY KEY (directory, id)) WITHOUT ROWID;
    CREATE UNIQUE INDEX limit_user_name ON limit_user (directory, user_name);
    CREATE INDEX limit_user_external ON limit_user (directory, external_id);
    CREATE TABLE limit_event (position INTEGER PRIMARY KEY, type TEXT NOT NULL, data TEXT NOT NULL);";

/// A filled database in a file of its own.
pub struct SqliteLimit {
    path: PathBuf,
    writer: Connection,
    document: String,
    next: u64,
}

impl SqliteLimit {
    /// Makes and fills the file.
    pub fn new(directory: &Path) -> Result<Self> {
        let path = directory.join("limit.db");
        let writer = Connection::open(&path)?;
        writer.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")?;
        writer.execute_batch(SCHEMA)?;
        let mut limit = Self { path, writer, document: document(), next: 0 };
        limit.change(ROWS)?;
        Ok(limit)
    }

    /// Changes a second with `batch` changes a commit.
    pub fn changes(&mut self, batch: u64, duration: Duration) -> Result<Sample> {
        let start = Instant::now();
        let before = self.next;
        while start.elapsed() < duration {
            self.change(batch)?;
        }
        Ok(Sample::of_rate((self.next - before) as f64 / start.elapsed().as_secs_f64()))
    }

    /// Primary-key reads a second, one thread a core.
    pub fn reads(&self, duration: Duration) -> Result<Sample> {
        let threads = std::thread::available_parallelism()?.get();
        let start = Instant::now();
        let path = self.path.as_path();
        let total = std::thread::scope(|scope| {
            let readers: Vec<_> = (0..threads)
                .map(|seed| scope.spawn(move || read_until(path, seed as u64 + 1, start + duration)))
                .collect();
            readers.into_iter().try_fold(0, |total, reader| match reader.join() {
                Ok(count) => Ok(total + count?),
                Err(_) => bail!("a reader panicked"),
            })
        })?;
        Ok(Sample::of_rate(total as f64 / start.elapsed().as_secs_f64()))
    }

    fn change(&mut self, batch: u64) -> Result<()> {
        let transaction = self.writer.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        {
            let mut user = transaction.prepare_cached("INSERT INTO limit_user VALUES ('d', $1, $2, $3, $4)")?;
            let mut event =
                transaction.prepare_cached("INSERT INTO limit_event VALUES ($1, 'dsync.user.created', $2)")?;
            for number in self.next..self.next + batch {
                let name = format!("{:016x}@example.com", number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                user.execute(params![format!("{number:026}"), name, format!("00u{number}"), self.document])?;
                event.execute(params![number.cast_signed(), self.document])?;
            }
        }
        transaction.commit()?;
        self.next += batch;
        Ok(())
    }
}

fn read_until(path: &Path, mut seed: u64, deadline: Instant) -> Result<u64> {
    let reader = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut statement = reader.prepare("SELECT doc FROM limit_user WHERE directory = 'd' AND id = $1")?;
    let mut count = 0;
    while Instant::now() < deadline {
        let id = format!("{:026}", next_random(&mut seed) % ROWS);
        let _: String = statement.query_row([id], |row| row.get(0))?;
        count += 1;
    }
    Ok(count)
}
