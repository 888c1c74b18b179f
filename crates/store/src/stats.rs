//! Counts that are kept, not counted.

use crate::error::Result;
use crate::scope::DirectoryScope;
use crate::tx::Tx;

/// How many users, groups and pending members a directory has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Users with `active: true`.
    pub users_active: i64,
    /// Users with `active: false`.
    pub users_inactive: i64,
    /// Groups.
    pub groups: i64,
    /// Members that groups name and nobody knows yet.
    pub pending: i64,
}

impl Counts {
    /// All users: the `totalResults` of the unfiltered list.
    pub fn users(&self) -> i64 {
        self.users_active + self.users_inactive
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            users_active: self.users_active + other.users_active,
            users_inactive: self.users_inactive + other.users_inactive,
            groups: self.groups + other.groups,
            pending: self.pending + other.pending,
        }
    }
}

/// The counts of the directory, with the changes of this job.
///
/// # Errors
/// When the database fails.
pub fn counts(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<Counts> {
    if tx.is_writing() {
        return Ok(tx.counts(&scope.directory_id)?.unwrap_or_default());
    }
    let base = tx.query_one(
        "SELECT users_active, users_inactive, groups_total, members_pending FROM directory_stats WHERE directory_id = $1",
        &[&scope.directory_id],
        |row| {
            Ok(Counts {
                users_active: row.get(0)?,
                users_inactive: row.get(1)?,
                groups: row.get(2)?,
                pending: row.get(3)?,
            })
        },
    )?;
    Ok(base.unwrap_or_default())
}
