//! Seals over the event log: a hash chain that shows which record was altered, removed or put elsewhere (SEC-54), and the removal of
//! what is older than it must be kept, which follows the seals.
//!
//! `hash_n = SHA-256(hash_(n-1) ‖ bytes_n)`, where the bytes are those of the record with its origin, each field with its length before
//! it. A seal stands for a block of records: the last hash, and the first eight bytes of each.

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::event::id_at;
use crate::ids::EventId;
use crate::scope::{Authority, SystemScope};
use crate::tx::Tx;
use crate::value::Row;

/// The most records of a block.
pub const BLOCK: i64 = 256;

/// What the chain of a new log begins with.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Hexadecimal digits that a seal keeps of each record's hash.
const LINK: usize = 16;

/// A record as it is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its place in the log.
    pub position: i64,
    /// Unix microseconds.
    pub created_at: i64,
    bytes: Vec<u8>,
}

/// A seal over a block of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealRow {
    /// The block's first record.
    pub first_position: i64,
    /// The block's last record.
    pub last_position: i64,
    /// The hash at the end of the block before, in hexadecimal digits; [`GENESIS`] before the first.
    pub previous_hash: String,
    /// The hash at the end of this block.
    pub hash: String,
    /// The beginnings of the records' hashes, one after the other.
    pub links: String,
    /// When the newest of its records happened, in Unix microseconds.
    pub newest_at: i64,
    /// When it was made, in Unix microseconds.
    pub sealed_at: i64,
}

impl SealRow {
    /// The seal over these records, which follow the block that ended with `previous_hash`; `None` when there are none.
    pub fn over(previous_hash: &str, records: &[Record], sealed_at: i64) -> Option<Self> {
        let (first, last) = (records.first()?, records.last()?);
        let (mut hash, mut links) = (previous_hash.to_owned(), String::with_capacity(records.len() * LINK));
        for record in records {
            hash = next(&hash, record);
            links.push_str(hash.get(..LINK)?);
        }
        Some(Self {
            first_position: first.position,
            last_position: last.position,
            previous_hash: previous_hash.to_owned(),
            hash,
            links,
            newest_at: records.iter().map(|record| record.created_at).max()?,
            sealed_at,
        })
    }

    /// The first record of the block that is not as it was sealed, and whether it is gone. `records` are those that the log has now in the
    /// place of the block.
    pub fn fault(&self, records: &[Record]) -> Option<(i64, Fault)> {
        let mut hash = self.previous_hash.clone();
        let mut records = records.iter();
        for (index, position) in (self.first_position..=self.last_position).enumerate() {
            let record = match records.next() {
                Some(record) if record.position == position => record,
                _ => return Some((position, Fault::Removed)),
            };
            hash = next(&hash, record);
            if self.links.get(index * LINK..(index + 1) * LINK) != hash.get(..LINK) {
                return Some((position, Fault::Altered));
            }
        }
        (hash != self.hash).then_some((self.last_position, Fault::Altered))
    }
}

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is not what was sealed: its content was changed, or another record was put in its place.
    Altered,
    /// It is gone.
    Removed,
}

impl Fault {
    /// The word that people and programs are shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Altered => "altered",
            Self::Removed => "removed",
        }
    }
}

fn next(previous: &str, record: &Record) -> String {
    let mut digest = Sha256::new();
    digest.update(previous.as_bytes());
    digest.update(&record.bytes);
    let digest: [u8; 32] = digest.finalize().into();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Columns as they are stored, not as they are understood: what is no address any more must be found as an altered record.
fn read_record(row: &Row<'_>) -> Result<Record> {
    let (position, created_at): (i64, i64) = (row.get(0)?, row.get(1)?);
    let mut bytes = Vec::with_capacity(1024);
    bytes.extend(position.to_be_bytes());
    bytes.extend(created_at.to_be_bytes());
    for column in 2..=10 {
        match row.get::<Option<String>>(column)? {
            None => bytes.push(0),
            Some(text) => {
                bytes.push(1);
                bytes.extend((text.len() as u64).to_be_bytes());
                bytes.extend(text.as_bytes());
            }
        }
    }
    Ok(Record { position, created_at, bytes })
}

/// Records after a position, in their order.
///
/// # Errors
/// When the database fails.
pub fn records(tx: &mut Tx<'_>, by: &impl Authority, after: i64, limit: i64) -> Result<Vec<Record>> {
    let _ = by;
    tx.query(
        "SELECT position, created_at, event_type, organization_id, directory_id, subject_id, data, actor, actor_id, request_id, address \
         FROM event WHERE position > $1 ORDER BY position LIMIT $2",
        &[&after, &limit.max(0)],
        read_record,
    )
}

/// Always asked for by position, also where any would do: so both planners begin at the end that is meant.
const SELECT: &str =
    "SELECT first_position, last_position, previous_hash, hash, links, newest_at, sealed_at FROM event_seal";

fn read(row: &Row<'_>) -> Result<SealRow> {
    Ok(SealRow {
        first_position: row.get(0)?,
        last_position: row.get(1)?,
        previous_hash: row.get(2)?,
        hash: row.get(3)?,
        links: row.get(4)?,
        newest_at: row.get(5)?,
        sealed_at: row.get(6)?,
    })
}

/// The last seal.
///
/// # Errors
/// When the database fails.
pub fn last(tx: &mut Tx<'_>, by: &impl Authority) -> Result<Option<SealRow>> {
    let _ = by;
    tx.query_one(&format!("{SELECT} WHERE last_position > 0 ORDER BY last_position DESC LIMIT 1"), &[], read)
}

/// Seals whose blocks end after a position, in their order.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, by: &impl Authority, after: i64, limit: i64) -> Result<Vec<SealRow>> {
    let _ = by;
    let sql = format!("{SELECT} WHERE last_position > $1 ORDER BY last_position LIMIT $2");
    tx.query(&sql, &[&after, &limit.max(0)], read)
}

/// The seal whose block ends with a position.
///
/// # Errors
/// When the database fails.
pub fn ending_at(tx: &mut Tx<'_>, by: &impl Authority, position: i64) -> Result<Option<SealRow>> {
    let _ = by;
    tx.query_one(&format!("{SELECT} WHERE last_position = $1"), &[&position], read)
}

/// Writes a seal, unless its block does not follow the last one any more. Whether it was written. This is the one change that writes no
/// event: each would need a seal, which would need an event.
///
/// # Errors
/// When the database fails.
pub fn add(tx: &mut Tx<'_>, by: &SystemScope, seal: &SealRow) -> Result<bool> {
    let before = match last(tx, by)? {
        Some(last) => (last.last_position, last.hash),
        None => (purged(tx, by)?.position, seal.previous_hash.clone()),
    };
    if before != (seal.first_position - 1, seal.previous_hash.clone()) {
        return Ok(false);
    }
    let written = tx.execute(
        "INSERT INTO event_seal (first_position, last_position, previous_hash, hash, links, newest_at, sealed_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (last_position) DO NOTHING",
        &[
            &seal.first_position,
            &seal.last_position,
            &seal.previous_hash,
            &seal.hash,
            &seal.links,
            &seal.newest_at,
            &seal.sealed_at,
        ],
    )?;
    Ok(written > 0)
}

/// The end of what was removed of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purged {
    /// The position of the last event that was removed; 0 when the log is whole.
    pub position: i64,
    /// Its id, from which a reader may continue; `None` when the log is whole.
    pub id: Option<EventId>,
}

/// What was removed of the log.
///
/// # Errors
/// When the database fails.
pub fn purged(tx: &mut Tx<'_>, by: &impl Authority) -> Result<Purged> {
    let _ = by;
    let found: Vec<i64> = tx.query(
        "SELECT value FROM counter WHERE name IN ('event_purged', 'event_purged_at') ORDER BY name",
        &[],
        |row| row.get(0),
    )?;
    match found.as_slice() {
        [0, _] => Ok(Purged::default()),
        [position, at] => Ok(Purged { position: *position, id: Some(id_at(*position, *at)) }),
        _ => Err(Error::Corrupt("the counters of the event log".into())),
    }
}

/// Removes the oldest events that happened before an instant (Unix microseconds), in whole blocks and at most so many of those. The
/// position from which the log was removed on, and up to which; `None` when nothing is as old. What is not sealed stays.
///
/// # Errors
/// When the database fails.
pub fn purge(tx: &mut Tx<'_>, by: &SystemScope, before: i64, blocks: i64) -> Result<Option<(i64, Purged)>> {
    let oldest = tx.query(
        &format!("{SELECT} WHERE last_position > 0 ORDER BY last_position LIMIT $1"),
        &[&blocks.max(0)],
        read,
    )?;
    let Some(last) = oldest.iter().take_while(|seal| seal.newest_at < before).last() else { return Ok(None) };
    let last_position = last.last_position;
    let created_at: Option<i64> =
        tx.query_one("SELECT created_at FROM event WHERE position = $1", &[&last_position], |row| row.get(0))?;
    // Somebody has removed it by hand: that is for the verification to tell, and nothing is covered up here.
    let Some(created_at) = created_at else { return Ok(None) };
    let first_position = purged(tx, by)?.position + 1;
    tx.execute("DELETE FROM event WHERE position >= $1 AND position <= $2", &[&first_position, &last_position])?;
    tx.execute("DELETE FROM event_seal WHERE last_position <= $1", &[&last_position])?;
    tx.execute("UPDATE counter SET value = $1 WHERE name = 'event_purged'", &[&last_position])?;
    tx.execute("UPDATE counter SET value = $1 WHERE name = 'event_purged_at'", &[&created_at])?;
    Ok(Some((first_position, Purged { position: last_position, id: Some(id_at(last_position, created_at)) })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(position: i64, text: &str) -> Record {
        Record { position, created_at: position, bytes: text.as_bytes().to_vec() }
    }

    #[test]
    fn sec_54_a_seal_names_the_record_that_is_not_as_it_was() {
        let records: Vec<Record> = (1..=5).map(|n| record(n, &format!("record {n}"))).collect();
        let seal = SealRow::over(GENESIS, &records, 9).unwrap();
        assert_eq!(seal.fault(&records), None);
        for place in 0..5 {
            let position = place as i64 + 1;
            let mut altered = records.clone();
            altered[place].bytes.push(b'!');
            assert_eq!(seal.fault(&altered), Some((position, Fault::Altered)));
            let mut removed = records.clone();
            removed.remove(place);
            assert_eq!(seal.fault(&removed), Some((position, Fault::Removed)));
        }
        let mut swapped = records.clone();
        swapped[1].bytes = records[2].bytes.clone();
        swapped[2].bytes = records[1].bytes.clone();
        assert_eq!(seal.fault(&swapped), Some((2, Fault::Altered)));
        let other = SealRow { hash: GENESIS.into(), ..seal };
        assert_eq!(other.fault(&records), Some((5, Fault::Altered)));
    }
}
