//! A job's view of the database: one SQL text, two drivers.

use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::error::{Error, Result};
use crate::ids::{DirectoryId, Id, OrganizationId, uuid_v7};
use crate::value::{Param, Row};

/// What a job works with. Given to the closures of [`Store::read`](crate::Store::read) and [`Store::write`](crate::Store::write).
pub struct Tx<'a> {
    pub(crate) clock: &'a Clock,
    pub(crate) entropy: &'a Entropy,
}

/// An event to be written with the change it tells of.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// For example `dsync.user.created`.
    pub event_type: &'static str,
    /// Whose event it is.
    pub organization_id: OrganizationId,
    /// The directory, when there is one.
    pub directory_id: Option<DirectoryId>,
    /// The object that changed: its id with prefix.
    pub subject_id: Option<String>,
    /// The `data` of the event.
    pub data: serde_json::Value,
}

impl Tx<'_> {
    /// The time of this job in Unix microseconds; it stands still while the job runs.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// A new id.
    pub fn mint<I: Id>(&self) -> I {
        let mut low = [0; 8];
        self.entropy.fill(&mut low);
        I::from_bits(uuid_v7(self.now(), u64::from_le_bytes(low)))
    }

    /// Writes an event in the same transaction as the change. It gets its position just before the commit.
    ///
    /// # Errors
    /// When the job only reads.
    pub fn emit(&mut self, event: NewEvent) -> Result<()> {
        drop(event);
        Err(Error::Database("not written yet".into()))
    }

    pub(crate) fn execute(&mut self, _sql: &str, _params: &[&dyn Param]) -> Result<u64> {
        Err(Error::Database("not written yet".into()))
    }

    pub(crate) fn query<T>(
        &mut self,
        _sql: &str,
        _params: &[&dyn Param],
        _read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        Err(Error::Database("not written yet".into()))
    }

    pub(crate) fn query_one<T>(
        &mut self,
        _sql: &str,
        _params: &[&dyn Param],
        _read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        Err(Error::Database("not written yet".into()))
    }
}
