//! Tells PostgreSQL's planner when the tables have grown.
//!
//! Until a table is analysed the planner takes a directory for a row or two, and then any index that begins with the directory is as
//! good as the right one; a connection keeps such a plan while the directory grows under it. PostgreSQL analyses by itself once a
//! minute, and a first import has written a hundred thousand people by then. So a writer analyses after its first hundred changes, and
//! each time it has written ten times as many, until PostgreSQL's own pace is enough.

use crate::link::Failed;
use crate::postgres::Connection;

/// Changes after which tables are analysed for the first time.
const FIRST: u64 = 100;

/// From here on PostgreSQL's own schedule follows the growth well enough.
const LAST: u64 = 100_000;

/// The tables that grow, and those that are joined to them.
const ANALYZE: &str = "ANALYZE (SKIP_LOCKED) directory, directory_stats, credential, scim_user, user_email, scim_group, membership, \
     nested_group, pending_member, tombstone, user_block, group_block, event";

/// Analyses the tables, unless PostgreSQL knows of more events than were written here: then it is an old database that it knows well.
pub(crate) fn analyze(connection: &mut Connection, written: u64) -> Result<(), Failed> {
    let known = connection.simple("SELECT CAST(reltuples AS BIGINT) FROM pg_class WHERE oid = to_regclass('event')")?;
    let known = known.first().and_then(|row| row.get(0)?.parse::<i64>().ok()).unwrap_or(-1);
    if u64::try_from(known).is_ok_and(|known| known >= written) {
        return Ok(());
    }
    connection.simple(ANALYZE).map(drop)
}

/// What one writer has written since it began.
#[derive(Debug)]
pub(crate) struct Growth {
    changes: u64,
    next: u64,
}

impl Growth {
    pub(crate) fn new() -> Self {
        Self { changes: 0, next: FIRST }
    }

    /// So many changes were committed. How many in all, when it is time to analyse.
    pub(crate) fn grown_by(&mut self, changes: usize) -> Option<u64> {
        self.changes += changes as u64;
        if self.changes < self.next || self.next > LAST {
            return None;
        }
        while self.next <= self.changes {
            self.next *= 10;
        }
        Some(self.changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_analysed_after_each_tenfold_growth() {
        let mut growth = Growth::new();
        let due: Vec<u64> = (1..=300_000_u64).filter(|_| growth.grown_by(1).is_some()).collect();
        assert_eq!(due, [100, 1_000, 10_000, 100_000]);
        let mut growth = Growth::new();
        assert_eq!(growth.grown_by(5_000), Some(5_000));
        assert_eq!(growth.grown_by(4_999), None);
        assert_eq!(growth.grown_by(1), Some(10_000));
    }
}
