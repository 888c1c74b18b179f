//! The seals over the event log: made as it grows, and compared with it when somebody asks (SEC-54).

use std::fmt;
use std::str::FromStr;

use doorward_store::scope::{Authority, SystemScope};
use doorward_store::seal::{self, BLOCK, GENESIS, Record, SealRow};
use doorward_store::{Lane, Store, Tx, event, lease};

use super::error::{Error, Result};

/// Blocks that are verified in one transaction.
const BLOCKS: i64 = 16;

/// The lease under which one node seals.
pub const LEASE: &str = "event_seal";

/// Seals all that is not sealed yet. How many seals were made. With a fence only as long as the lease is held.
///
/// # Errors
/// [`Error::Internal`] when the log has a hole, or the database fails.
pub async fn seal_rest(store: &Store, by: &SystemScope, fence: Option<i64>) -> Result<usize> {
    let mut made = 0;
    loop {
        let reader = by.clone();
        // Read and hashed outside the writer, which others wait for.
        let (last, records) = store.snapshot(move |tx| unsealed(tx, &reader)).await?;
        let (position, hash) = last;
        if records.iter().zip(position + 1..).any(|(record, position)| record.position != position) {
            return Err(Error::Internal(format!("the event log has a hole behind position {position}")));
        }
        let Some(seal) = SealRow::over(&hash, &records, store.clock().now()) else { return Ok(made) };
        let writer = by.clone();
        let written = store.write(Lane::Any, move |tx| {
            let held = match fence {
                Some(fence) => lease::is_held(tx, &writer, LEASE, fence)?,
                None => true,
            };
            Ok::<_, Error>(held && seal::add(tx, &writer, &seal)?)
        });
        if !written.await? {
            return Ok(made);
        }
        made += 1;
    }
}

/// Where the chain ends, and the next records.
fn unsealed(tx: &mut Tx<'_>, by: &SystemScope) -> Result<((i64, String), Vec<Record>)> {
    let end = match seal::last(tx, by)? {
        Some(last) => (last.last_position, last.hash),
        None => (seal::purged(tx, by)?.position, GENESIS.to_owned()),
    };
    let records = seal::records(tx, by, end.0, BLOCK)?;
    Ok((end, records))
}

/// The end of the chain. Kept where nobody who can write to the database can write, it shows later that nothing before it was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The hash, in hexadecimal digits.
    pub hash: String,
    /// The position of the last event that it covers.
    pub position: i64,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.hash, self.position)
    }
}

impl FromStr for Head {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        const SHAPE: &str = "must look like HASH@POSITION: 64 hexadecimal digits and a number";
        let (hash, position) = text.trim().split_once('@').ok_or(SHAPE)?;
        let is_hash = hash.len() == GENESIS.len() && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let position = position.parse().ok().filter(|position| *position > 0 && is_hash).ok_or(SHAPE)?;
        Ok(Head { hash: hash.to_ascii_lowercase(), position })
    }
}

/// What is wrong at a place of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The position of the record.
    pub position: i64,
    /// `altered`, `removed`, `seal_altered` (the chain of seals is broken there), `head_missing` (a head that was kept is not in the
    /// log), or `head_purged` (what it covers was removed when its time was up, so that it proves nothing any more).
    pub problem: &'static str,
}

/// The outcome of a comparison of the log with its seals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// The position behind which the log begins: what lies before was removed when its time was up.
    pub begins_after: i64,
    /// The records that were compared with a seal.
    pub verified: i64,
    /// The records at the end that no seal covers yet.
    pub unsealed: i64,
    /// The end of the chain; `None` when nothing is sealed.
    pub head: Option<Head>,
    /// What is wrong, at most one finding a block.
    pub findings: Vec<Finding>,
}

/// Compares the whole log with its seals, and with a head that was kept elsewhere.
///
/// # Errors
/// When the database fails.
pub async fn verify<A>(store: &Store, by: &A, kept: Option<Head>) -> Result<Verification>
where
    A: Authority + Clone + Send + 'static,
{
    let mut walk = Walk::default();
    loop {
        let by = by.clone();
        // One moment for each step: what retention removes meanwhile goes together with its seals.
        let (next, done) = store
            .snapshot(move |tx| {
                let done = walk.step(tx, &by)?;
                Ok::<_, Error>((walk, done))
            })
            .await?;
        walk = next;
        if done {
            break;
        }
    }
    let mut found = walk.found;
    if let Some(kept) = kept
        && let Some(problem) = missing(store, by, &kept).await?
    {
        found.findings.push(Finding { position: kept.position, problem });
    }
    Ok(found)
}

/// Why the log does not hold a head that was kept; `None` when it does.
///
/// # Errors
/// When the database fails.
pub async fn missing<A>(store: &Store, by: &A, kept: &Head) -> Result<Option<&'static str>>
where
    A: Authority + Clone + Send + 'static,
{
    let (by, kept) = (by.clone(), kept.clone());
    let look = store.snapshot(move |tx| {
        let seal = seal::ending_at(tx, &by, kept.position)?;
        let purged = seal::purged(tx, &by)?.position;
        Ok::<_, Error>(match seal {
            Some(seal) if seal.hash == kept.hash => None,
            None if kept.position < purged => Some("head_purged"),
            // The last block that was removed is what the next one begins with.
            None if kept.position == purged => match seal::list(tx, &by, purged, 1)?.first() {
                Some(first) if first.previous_hash == kept.hash => None,
                _ => Some("head_missing"),
            },
            _ => Some("head_missing"),
        })
    });
    look.await
}

/// The end of the chain, without looking at what it covers.
///
/// # Errors
/// When the database fails.
pub async fn head<A>(store: &Store, by: &A) -> Result<Verification>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    let look = store.snapshot(move |tx| {
        let last = seal::last(tx, &by)?;
        let begins_after = seal::purged(tx, &by)?.position;
        let sealed = last.as_ref().map_or(begins_after, |seal| seal.last_position);
        let unsealed = event::head(tx, &by)? - sealed;
        let head = last.map(|seal| Head { hash: seal.hash, position: seal.last_position });
        Ok(Verification { begins_after, unsealed, head, ..Verification::default() })
    });
    look.await
}

#[derive(Default)]
struct Walk {
    found: Verification,
    position: i64,
    hash: Option<String>,
    begun: bool,
}

impl Walk {
    /// Compares some blocks. Whether that was the end.
    fn step(&mut self, tx: &mut Tx<'_>, by: &impl Authority) -> Result<bool> {
        let purged = seal::purged(tx, by)?.position;
        if purged > self.position || !self.begun {
            (self.position, self.hash, self.begun) = (purged.max(self.position), None, true);
            self.found.begins_after = purged;
        }
        let seals = seal::list(tx, by, self.position, BLOCKS)?;
        for seal in &seals {
            self.block(tx, by, seal)?;
        }
        if !seals.is_empty() {
            return Ok(false);
        }
        self.rest(tx, by)?;
        Ok(true)
    }

    fn block(&mut self, tx: &mut Tx<'_>, by: &impl Authority, seal: &SealRow) -> Result<()> {
        let size = (seal.last_position - seal.first_position + 1).clamp(0, BLOCK);
        let mut records = seal::records(tx, by, seal.first_position - 1, size)?;
        records.retain(|record| record.position <= seal.last_position);
        let follows = seal.first_position == self.position + 1
            && self.hash.as_ref().is_none_or(|hash| *hash == seal.previous_hash);
        if let Some((position, fault)) = seal.fault(&records) {
            self.find(position, fault.as_str());
        } else if !follows {
            self.find(self.position + 1, "seal_altered");
        }
        self.found.verified += records.len() as i64;
        self.found.head = Some(Head { hash: seal.hash.clone(), position: seal.last_position });
        (self.position, self.hash) = (seal.last_position, Some(seal.hash.clone()));
        Ok(())
    }

    /// What no seal covers yet must at least be there.
    fn rest(&mut self, tx: &mut Tx<'_>, by: &impl Authority) -> Result<()> {
        let head = event::head(tx, by)?;
        while self.position < head {
            let records = seal::records(tx, by, self.position, BLOCK)?;
            for record in &records {
                if record.position != self.position + 1 {
                    break;
                }
                (self.position, self.found.unsealed) = (record.position, self.found.unsealed + 1);
            }
            if records.last().is_none_or(|last| last.position != self.position) {
                self.find(self.position + 1, "removed");
                return Ok(());
            }
        }
        Ok(())
    }

    fn find(&mut self, position: i64, problem: &'static str) {
        self.found.findings.push(Finding { position, problem });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_is_written() {
        let head = Head { hash: GENESIS.to_owned(), position: 7 };
        assert_eq!(head.to_string().parse(), Ok(head));
        for wrong in ["", "@1", "abc@1", &format!("{GENESIS}@0"), &format!("{GENESIS}@x"), GENESIS] {
            assert!(wrong.parse::<Head>().is_err(), "{wrong}");
        }
    }
}
