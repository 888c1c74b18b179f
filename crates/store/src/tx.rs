//! A job's view of the database: one SQL text, two drivers.

use crate::ahead::Ahead;
use crate::batch::{Batch, Kind};
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::error::{Error, Result};
use crate::ids::{DirectoryId, Id, OrganizationId, uuid_v7};
use crate::link::{Failed, Fault, Link};
use crate::origin::Origin;
use crate::stats::Counts;
use crate::value::{Param, Row};

/// What a job works with. Given to the closures of [`Store::read`](crate::Store::read) and [`Store::write`](crate::Store::write).
pub struct Tx<'a> {
    link: &'a mut Link,
    clock: &'a Clock,
    entropy: &'a Entropy,
    now: i64,
    batch: Option<&'a mut Batch>,
    wrote: bool,
    fault: Option<Fault>,
}

/// An event to be written with the change it tells of.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// For example `dsync.user.created`.
    pub event_type: &'static str,
    /// Whose event it is; `None` for what concerns the whole installation.
    pub organization_id: Option<OrganizationId>,
    /// The directory, when there is one.
    pub directory_id: Option<DirectoryId>,
    /// The object that changed: its id with prefix.
    pub subject_id: Option<String>,
    /// The `data` of the event.
    pub data: serde_json::Value,
}

impl<'a> Tx<'a> {
    pub(crate) fn new(
        link: &'a mut Link,
        clock: &'a Clock,
        entropy: &'a Entropy,
        batch: Option<&'a mut Batch>,
    ) -> Self {
        Self { link, clock, entropy, now: clock.now(), batch, wrote: false, fault: None }
    }

    /// The time of this job in Unix microseconds; it stands still while the job runs.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// A new id.
    pub fn mint<I: Id>(&self) -> I {
        let mut low = [0; 8];
        self.entropy.fill(&mut low);
        // Not `now`: ids that one job mints keep the order in which it minted them.
        I::from_bits(uuid_v7(self.clock.now(), u64::from_le_bytes(low)))
    }

    /// Fills `bytes` with random ones.
    pub fn random(&self, bytes: &mut [u8]) {
        self.entropy.fill(bytes);
    }

    /// Writes an event in the same transaction as the change, with who caused it. It gets its position just before the commit.
    ///
    /// # Errors
    /// When the job only reads.
    pub fn emit(&mut self, origin: &Origin, event: NewEvent) -> Result<()> {
        let now = self.now;
        self.batch()?.emit(origin, event, now);
        self.wrote = true;
        Ok(())
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[&dyn Param]) -> Result<u64> {
        self.forget();
        self.change(sql, params)
    }

    fn change(&mut self, sql: &str, params: &[&dyn Param]) -> Result<u64> {
        let outcome = self.link.execute(sql, params);
        let rows = self.noted(outcome)?;
        self.wrote |= rows > 0;
        Ok(rows)
    }

    /// Runs a statement that must change `rows` rows if that is given, perhaps without waiting for it. What is known of the batch's
    /// rows stays known: the caller keeps it right.
    ///
    /// # Errors
    /// [`Conflict::Other`](crate::Conflict::Other) when it changed another number of rows. When it was not waited for, that and all
    /// other failures undo the batch, which is run again statement by statement.
    pub(crate) fn execute_soon(&mut self, sql: &str, params: &[&dyn Param], rows: Option<u64>) -> Result<()> {
        if let Link::Postgres(connection) = &mut self.link
            && self.batch.as_ref().is_some_and(|batch| batch.hurries)
        {
            let outcome = connection.execute_later(sql, params, rows);
            self.wrote = true;
            return self.noted(outcome);
        }
        let changed = self.change(sql, params)?;
        if rows.is_some_and(|rows| rows != changed) {
            return Err(Error::Conflict(crate::Conflict::Other));
        }
        Ok(())
    }

    /// What is known of rows without asking for them; nothing in jobs that only read, and on SQLite.
    pub(crate) fn ahead(&mut self) -> Option<&mut Ahead> {
        self.batch.as_mut().map(|batch| &mut batch.ahead)
    }

    /// Several statements of PostgreSQL at once, for tests.
    #[cfg(test)]
    pub(crate) fn simple(&mut self, sql: &str) -> Result<()> {
        match &mut self.link {
            Link::Postgres(connection) => connection.simple(sql).map(drop).map_err(|failed| failed.error),
            Link::Sqlite(_) => Err(Error::Database("for PostgreSQL only".into())),
        }
    }

    fn forget(&mut self) {
        if let Some(ahead) = self.ahead() {
            ahead.forget();
        }
    }

    pub(crate) fn query<T>(
        &mut self,
        sql: &str,
        params: &[&dyn Param],
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let outcome = self.link.query(sql, params, read);
        let rows = self.noted(outcome)?;
        let reads = sql.starts_with("SELECT") || (sql.starts_with("WITH") && !sql.contains(" INSERT INTO "));
        if !reads {
            self.forget();
            self.wrote |= !rows.is_empty();
        }
        Ok(rows)
    }

    pub(crate) fn query_one<T>(
        &mut self,
        sql: &str,
        params: &[&dyn Param],
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.query(sql, params, read)?.into_iter().next())
    }

    /// What to write behind a `SELECT` whose rows are about to be changed. SQLite has one writer and needs nothing.
    pub(crate) fn lock_suffix(&self) -> &'static str {
        match self.link {
            Link::Sqlite(_) => "",
            Link::Postgres(_) => " FOR UPDATE",
        }
    }

    /// Whether changes of this job may be waiting that the tables do not show yet.
    pub(crate) fn is_writing(&self) -> bool {
        self.batch.is_some()
    }

    /// The counts of a directory, `None` when it is gone. Kept for the batch, with the changes that wait.
    pub(crate) fn counts(&mut self, directory: &DirectoryId) -> Result<Option<Counts>> {
        if !self.load_base(directory)? {
            return Ok(None);
        }
        match &self.batch {
            Some(batch) => Ok(batch.counts(directory)),
            None => Ok(None),
        }
    }

    /// Which rules for roles a directory has as of this batch: 0 for none.
    pub(crate) fn rules_stamp(&mut self, directory: &DirectoryId) -> Result<i64> {
        self.load_base(directory)?;
        Ok(self.batch.as_ref().map_or(0, |batch| batch.rules_stamp(directory)))
    }

    /// What becomes of people whose account the application has as of this batch: 0 for nothing.
    pub(crate) fn known_policy(&mut self, directory: &DirectoryId) -> Result<i64> {
        self.load_base(directory)?;
        Ok(self.batch.as_ref().map_or(0, |batch| batch.known_policy(directory)))
    }

    /// The changes of counts that wait for the end of the batch.
    pub(crate) fn waiting(&self, directory: &DirectoryId) -> Counts {
        self.batch.as_ref().map(|batch| batch.waiting(directory)).unwrap_or_default()
    }

    /// The number of the next user or group of the directory.
    ///
    /// # Errors
    /// [`Conflict::Reference`](crate::Conflict::Reference) when the directory is gone.
    pub(crate) fn next_seq(&mut self, directory: &DirectoryId, kind: Kind) -> Result<i64> {
        self.load_base(directory)?;
        let gone = Error::Conflict(crate::Conflict::Reference);
        self.batch()?.next_seq(directory, kind).ok_or(gone)
    }

    /// The changes of this job that are written at the end of the batch.
    pub(crate) fn batch(&mut self) -> Result<&mut Batch> {
        match &mut self.batch {
            Some(batch) => Ok(batch),
            None => Err(Error::Database("a job that only reads tried to write".into())),
        }
    }

    fn load_base(&mut self, directory: &DirectoryId) -> Result<bool> {
        let Some(batch) = &self.batch else { return Ok(false) };
        if !batch.has_base(directory) {
            let sql = format!("{}{}", crate::batch::SELECT_BASE, self.lock_suffix());
            let base = self.query_one(&sql, &[directory], crate::batch::Base::read)?;
            self.batch()?.set_base(*directory, base);
        }
        Ok(true)
    }

    fn noted<T>(&mut self, outcome: Result<T, Failed>) -> Result<T> {
        outcome.map_err(|failed| {
            // The first is kept: it makes every later statement fail as well.
            if self.fault.is_none() {
                self.fault = Some(failed.fault);
            }
            failed.error
        })
    }

    /// Whether the job changed anything, and what went wrong with its statements.
    pub(crate) fn outcome(&self) -> (bool, Option<Fault>) {
        (self.wrote, self.fault)
    }
}
