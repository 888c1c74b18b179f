//! What a batch of jobs writes once, at its end: counts, blocks, and the events with their positions.
//!
//! Counts are read once per batch, under the lock of the directory's row, and every job's changes are kept apart until it has
//! succeeded. Positions are given out last, so that the counter's row is locked for the shortest time: from there to COMMIT.

use std::collections::{BTreeMap, BTreeSet};

use crate::ahead::Ahead;
use crate::error::Result;
use crate::ids::DirectoryId;
use crate::link::{Failed, Link};
use crate::origin::Origin;
use crate::stats::Counts;
use crate::tx::NewEvent;
use crate::value::{Param, Row};

/// Rows of users or groups that one block counts.
pub(crate) const BLOCK: i64 = 1024;

/// Which of the two kinds of resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Users.
    User,
    /// Groups.
    Group,
}

/// The row of `directory_stats`; PostgreSQL locks it.
pub(crate) const SELECT_BASE: &str = "SELECT directory_id, user_seq, group_seq, users_active, users_inactive, groups_total, members_pending, \
     rules_stamp, known_policy FROM directory_stats WHERE directory_id = $1";

/// A directory's numbers as they were when the batch came to it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Base {
    seqs: [i64; 2],
    counts: Counts,
    rules_stamp: i64,
    known_policy: i64,
}

impl Base {
    pub(crate) fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            seqs: [row.get(1)?, row.get(2)?],
            counts: Counts {
                users_active: row.get(3)?,
                users_inactive: row.get(4)?,
                groups: row.get(5)?,
                pending: row.get(6)?,
            },
            rules_stamp: row.get(7)?,
            known_policy: row.get(8)?,
        })
    }
}

#[derive(Debug, Default)]
struct Delta {
    seqs: [i64; 2],
    counts: Counts,
    blocks: [BTreeMap<i64, i64>; 2],
}

impl Delta {
    fn add(&mut self, other: &Self) {
        for kind in [Kind::User as usize, Kind::Group as usize] {
            self.seqs[kind] += other.seqs[kind];
            for (block, live) in &other.blocks[kind] {
                *self.blocks[kind].entry(*block).or_default() += live;
            }
        }
        self.counts = self.counts.plus(other.counts);
    }
}

#[derive(Debug)]
struct Event {
    event: NewEvent,
    data: String,
    created_at: i64,
    actor: &'static str,
    actor_id: Option<String>,
    request_id: Option<String>,
    address: Option<String>,
}

#[derive(Debug, Default)]
struct Changes {
    deltas: BTreeMap<DirectoryId, Delta>,
    gone: BTreeSet<DirectoryId>,
    /// Whose row this job has changed.
    reread: BTreeSet<DirectoryId>,
    events: Vec<Event>,
}

/// The state of a batch.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// Whether statements may be sent without waiting for them: not when a job that fails must be undone alone.
    pub(crate) hurries: bool,
    /// What was read before the jobs ran.
    pub(crate) ahead: Ahead,
    bases: BTreeMap<DirectoryId, Option<Base>>,
    done: Changes,
    job: Changes,
}

impl Batch {
    pub(crate) fn has_base(&self, directory: &DirectoryId) -> bool {
        self.bases.contains_key(directory)
    }

    pub(crate) fn set_base(&mut self, directory: DirectoryId, base: Option<Base>) {
        self.bases.insert(directory, base);
    }

    fn base(&self, directory: &DirectoryId) -> Option<&Base> {
        if self.done.gone.contains(directory) || self.job.gone.contains(directory) {
            return None;
        }
        self.bases.get(directory)?.as_ref()
    }

    pub(crate) fn counts(&self, directory: &DirectoryId) -> Option<Counts> {
        Some(self.base(directory)?.counts.plus(self.waiting(directory)))
    }

    /// Which rules the directory has for roles; 0 for none.
    pub(crate) fn rules_stamp(&self, directory: &DirectoryId) -> i64 {
        self.base(directory).map_or(0, |base| base.rules_stamp)
    }

    /// What becomes of people whose account the application has, as a number; 0: nothing.
    pub(crate) fn known_policy(&self, directory: &DirectoryId) -> i64 {
        self.base(directory).map_or(0, |base| base.known_policy)
    }

    /// What is not in the table yet.
    pub(crate) fn waiting(&self, directory: &DirectoryId) -> Counts {
        [&self.done, &self.job]
            .into_iter()
            .filter_map(|changes| changes.deltas.get(directory))
            .fold(Counts::default(), |counts, delta| counts.plus(delta.counts))
    }

    pub(crate) fn next_seq(&self, directory: &DirectoryId, kind: Kind) -> Option<i64> {
        let given: i64 = [&self.done, &self.job]
            .into_iter()
            .filter_map(|changes| changes.deltas.get(directory))
            .map(|delta| delta.seqs[kind as usize])
            .sum();
        Some(self.base(directory)?.seqs[kind as usize] + given)
    }

    /// A resource with the number `seq` was written.
    pub(crate) fn added(&mut self, directory: &DirectoryId, kind: Kind, seq: i64) {
        let delta = self.job.deltas.entry(*directory).or_default();
        delta.seqs[kind as usize] += 1;
        *delta.blocks[kind as usize].entry(seq / BLOCK).or_default() += 1;
    }

    /// A resource with the number `seq` was removed.
    pub(crate) fn removed(&mut self, directory: &DirectoryId, kind: Kind, seq: i64) {
        let delta = self.job.deltas.entry(*directory).or_default();
        *delta.blocks[kind as usize].entry(seq / BLOCK).or_default() -= 1;
    }

    pub(crate) fn count(&mut self, directory: &DirectoryId, change: Counts) {
        let delta = self.job.deltas.entry(*directory).or_default();
        delta.counts = delta.counts.plus(change);
    }

    /// The directory was removed with all that is counted of it.
    pub(crate) fn directory_gone(&mut self, directory: &DirectoryId) {
        self.job.deltas.remove(directory);
        self.job.gone.insert(*directory);
    }

    /// A directory was made, or something of its row was changed that is not counted: it is read again.
    pub(crate) fn reread(&mut self, directory: &DirectoryId) {
        self.bases.remove(directory);
        self.job.reread.insert(*directory);
    }

    pub(crate) fn emit(&mut self, origin: &Origin, mut event: NewEvent, created_at: i64) {
        // Only the text is kept: a batch may hold a great many events, each with a whole person.
        let data = std::mem::take(&mut event.data).to_string();
        self.job.events.push(Event {
            event,
            data,
            created_at,
            actor: origin.actor.kind(),
            actor_id: origin.actor.id(),
            request_id: origin.request_id.as_deref().map(str::to_owned),
            address: origin.address.map(|address| address.to_string()),
        });
    }

    /// The job has succeeded: its changes belong to the batch.
    pub(crate) fn keep_job(&mut self) {
        let job = std::mem::take(&mut self.job);
        for directory in job.gone {
            self.done.deltas.remove(&directory);
            self.done.gone.insert(directory);
        }
        for (directory, delta) in job.deltas {
            self.done.deltas.entry(directory).or_default().add(&delta);
        }
        self.done.events.extend(job.events);
    }

    /// The job was undone.
    pub(crate) fn drop_job(&mut self) {
        // What the job has written into those rows was undone with it.
        for directory in std::mem::take(&mut self.job).reread {
            self.bases.remove(&directory);
        }
    }

    /// How many events are kept.
    pub(crate) fn events(&self) -> usize {
        self.done.events.len()
    }

    /// Writes what is kept. Whether the batch has events.
    pub(crate) fn flush(&mut self, link: &mut Link) -> Result<bool, Failed> {
        for (directory, delta) in &self.done.deltas {
            delta.write(directory, link)?;
        }
        let events = std::mem::take(&mut self.done.events);
        if events.is_empty() {
            return Ok(false);
        }
        link.execute_soon(NUMBER_EVENTS, &[&(events.len() as i64)], None)?;
        insert_events(link, &events)?;
        Ok(true)
    }
}

/// The position of the log's last event.
pub(crate) const LAST_POSITION: &str = "SELECT value FROM counter WHERE name = 'event'";

const NUMBER_EVENTS: &str = "UPDATE counter SET value = value + $1 WHERE name = 'event'";
const ADD_COUNTS: &str = "UPDATE directory_stats SET user_seq = user_seq + $2, group_seq = group_seq + $3, \
     users_active = users_active + $4, users_inactive = users_inactive + $5, groups_total = groups_total + $6, \
     members_pending = members_pending + $7 WHERE directory_id = $1";
const ADD_BLOCK: [&str; 2] = [
    "INSERT INTO user_block (directory_id, block, live) VALUES ($1, $2, $3) \
     ON CONFLICT (directory_id, block) DO UPDATE SET live = user_block.live + excluded.live",
    "INSERT INTO group_block (directory_id, block, live) VALUES ($1, $2, $3) \
     ON CONFLICT (directory_id, block) DO UPDATE SET live = group_block.live + excluded.live",
];

impl Delta {
    fn write(&self, directory: &DirectoryId, link: &mut Link) -> Result<(), Failed> {
        let Counts { users_active, users_inactive, groups, pending } = self.counts;
        let [users, all_groups] = self.seqs;
        let numbers = [users, all_groups, users_active, users_inactive, groups, pending];
        if numbers.iter().any(|number| *number != 0) {
            let numbers = numbers.iter().map(|number| number as &dyn Param);
            let params: Vec<&dyn Param> = std::iter::once(directory as &dyn Param).chain(numbers).collect();
            link.execute_soon(ADD_COUNTS, &params, None)?;
        }
        for (sql, blocks) in ADD_BLOCK.into_iter().zip(&self.blocks) {
            for (block, live) in blocks.iter().filter(|(_, live)| **live != 0) {
                link.execute_soon(sql, &[directory, block, live], None)?;
            }
        }
        Ok(())
    }
}

/// Writes the events behind those whose number the counter has already. Positions are counted back from it, so that nobody has to wait
/// for it.
fn insert_events(link: &mut Link, events: &[Event]) -> Result<(), Failed> {
    let back: Vec<i64> = (0..events.len() as i64).rev().collect();
    let mut done = 0;
    while done < events.len() {
        let size = portion(events.len() - done);
        let rows: Vec<String> = (0..size).map(|row| event_row(row * COLUMNS)).collect();
        let sql = format!(
            "INSERT INTO event (position, event_type, organization_id, directory_id, subject_id, data, created_at, actor, actor_id, \
             request_id, address) SELECT counter.value - v.column1, v.column2, v.column3, v.column4, v.column5, v.column6, v.column7, \
             v.column8, v.column9, v.column10, v.column11 FROM (VALUES {}) AS v, counter WHERE counter.name = 'event'",
            rows.join(", ")
        );
        let mut params: Vec<&dyn Param> = Vec::with_capacity(size * COLUMNS);
        for (back, event) in back.iter().zip(events).skip(done).take(size) {
            let Event { event, data, created_at, actor, actor_id, request_id, address } = event;
            params.extend([
                back as &dyn Param,
                &event.event_type,
                &event.organization_id,
                &event.directory_id,
                &event.subject_id,
                data,
                created_at,
                actor,
                actor_id,
                request_id,
                address,
            ]);
        }
        link.execute_soon(&sql, &params, None)?;
        done += size;
    }
    Ok(())
}

/// Columns of an event.
const COLUMNS: usize = 11;

/// The parameters of one event, after so many of others.
fn event_row(n: usize) -> String {
    let column = |number: usize| match number {
        1 | 7 => format!("CAST(${} AS BIGINT)", n + number),
        _ => format!("${}", n + number),
    };
    format!("({})", (1..=COLUMNS).map(column).collect::<Vec<_>>().join(", "))
}

/// How many of `left` rows to write with the next statement: few sizes, so that few statements have to be prepared.
pub(crate) fn portion(left: usize) -> usize {
    match left {
        0..=8 => left,
        9..=127 => 1 << left.ilog2(),
        _ => 128,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Id;

    #[test]
    fn portions_cover_everything_with_few_sizes() {
        for total in 0..1000 {
            let mut left = total;
            while left > 0 {
                left -= portion(left);
            }
            assert!(portion(total) <= 128);
        }
    }

    #[test]
    fn changes_of_an_undone_job_are_forgotten() {
        let directory = DirectoryId::from_bits(9);
        let mut batch = Batch::default();
        batch.set_base(directory, Some(Base::default()));
        batch.added(&directory, Kind::User, 0);
        batch.drop_job();
        assert_eq!(batch.next_seq(&directory, Kind::User), Some(0));
        batch.added(&directory, Kind::User, 0);
        batch.keep_job();
        batch.added(&directory, Kind::User, 1);
        assert_eq!(batch.next_seq(&directory, Kind::User), Some(2));
        assert_eq!(batch.next_seq(&directory, Kind::Group), Some(0));
    }
}
