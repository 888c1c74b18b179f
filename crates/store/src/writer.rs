//! Group commit: a thread takes all waiting jobs, runs them in one transaction, and answers after COMMIT.
//!
//! A failing job is undone alone. On SQLite a savepoint costs next to nothing, so every job has one. On PostgreSQL it costs a round trip
//! each, so the first attempt goes without; when a job fails after it has written, the batch is undone and run again with savepoints.
//! A round trip also costs more than most statements do: what the jobs will look at is read when the transaction begins, and changes
//! whose outcome is known beforehand are sent without waiting. When one of them fails all the same, the batch is run again as well.
//!
//! Jobs are run in the order of their directories, whose rows PostgreSQL locks in that order before the first job: two nodes never wait
//! for each other in a circle, and a directory's changes are serial across nodes.

use std::time::Duration;

use crossbeam_channel::Receiver;
use tokio::sync::watch;

use crate::Lane;
use crate::ahead::{self, Hints};
use crate::batch::{Batch, LAST_POSITION};
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::error::Error;
use crate::growth::{self, Growth};
use crate::ids::DirectoryId;
use crate::job::WriteJob;
use crate::link::{Failed, Fault, Link, Target};
use crate::tx::Tx;

/// The most jobs in one transaction.
const LARGEST_BATCH: usize = 256;
/// How often a batch is run before its callers are told to come back.
const ATTEMPTS: u32 = 5;

/// What the thread needs besides its jobs.
pub(crate) struct Writer {
    pub(crate) target: Target,
    pub(crate) link: Option<Link>,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    pub(crate) wakeup: watch::Sender<i64>,
    pub(crate) growth: Growth,
}

/// Why an attempt came to nothing.
enum Setback {
    /// A job failed after it had written, and had no savepoint.
    NeedsSavepoints,
    /// Run it again: a deadlock, or a connection lost before COMMIT.
    Again(Error),
    /// All callers get this error.
    Final(Error),
}

type Jobs = Vec<Box<dyn WriteJob>>;

/// For each job the error that replaces its own answer, and the number of events.
type Committed = (Vec<Option<Error>>, usize);

impl Writer {
    /// Works until all senders are gone and the last job is answered.
    pub(crate) fn run(mut self, jobs: &Receiver<Box<dyn WriteJob>>) {
        while let Ok(first) = jobs.recv() {
            let mut batch = vec![first];
            batch.extend(jobs.try_iter().take(LARGEST_BATCH - 1));
            batch.retain(|job| !job.is_abandoned());
            if !batch.is_empty() {
                self.commit(batch);
            }
        }
    }

    fn commit(&mut self, mut jobs: Jobs) {
        // Stable: the jobs of one directory keep their order. `Any` comes last.
        jobs.sort_by_key(|job| job.lane());
        let mut savepoints = matches!(self.target, Target::Sqlite(_));
        let mut failure = Error::Busy;
        for attempt in 0..ATTEMPTS {
            match self.attempt(&mut jobs, savepoints) {
                Ok((errors, changes)) => {
                    jobs.into_iter().zip(errors).for_each(|(job, error)| job.answer(error));
                    self.analyze_when_grown(changes);
                    return;
                }
                Err(Setback::NeedsSavepoints) => savepoints = true,
                Err(Setback::Again(error)) => {
                    failure = error;
                    std::thread::sleep(Duration::from_millis(10 << attempt));
                }
                Err(Setback::Final(error)) => {
                    failure = error;
                    break;
                }
            }
        }
        tracing::warn!(error = %failure, jobs = jobs.len(), "a batch of changes was not committed");
        jobs.into_iter().for_each(|job| job.answer(Some(failure.clone())));
    }

    /// SQLite's planner goes by numbers that are written by hand, in the first migration.
    fn analyze_when_grown(&mut self, changes: usize) {
        let Some(Link::Postgres(connection)) = &mut self.link else { return };
        let Some(written) = self.growth.grown_by(changes) else { return };
        if let Err(failed) = growth::analyze(connection, written) {
            tracing::warn!(error = %failed.error, "the tables could not be analysed; queries may be slow until PostgreSQL does it");
        }
    }

    /// Runs all jobs in one transaction.
    fn attempt(&mut self, jobs: &mut Jobs, savepoints: bool) -> Result<Committed, Setback> {
        let mut link = match self.link.take() {
            Some(link) => link,
            None => self.target.connect_writer().map_err(Setback::Again)?,
        };
        let outcome = self.transact(&mut link, jobs, savepoints);
        // A connection whose transaction could not be ended is not used again.
        let usable = match &outcome {
            Ok(_) => true,
            Err((_, fault)) => *fault != Some(Fault::Lost) && ended(&mut link),
        };
        if usable {
            self.link = Some(link);
        }
        outcome.map_err(|(setback, _)| setback)
    }

    fn transact(
        &self,
        link: &mut Link,
        jobs: &mut Jobs,
        savepoints: bool,
    ) -> Result<Committed, (Setback, Option<Fault>)> {
        let mut batch = begin(link, jobs, savepoints).map_err(before_commit)?;
        let mut errors = Vec::with_capacity(jobs.len());
        let mut wrote = false;
        let alone = jobs.len() == 1;
        for job in jobs.iter_mut() {
            if savepoints {
                link.control("SAVEPOINT job").map_err(before_commit)?;
            }
            let mut tx = Tx::new(link, &self.clock, &self.entropy, Some(&mut batch));
            let succeeded = job.run(&mut tx);
            let (job_wrote, fault) = tx.outcome();
            match fault {
                Some(fault @ (Fault::Lost | Fault::Retry)) => {
                    let error = Error::Unavailable("the connection or the transaction was lost".into());
                    return Err((Setback::Again(error), Some(fault)));
                }
                None if succeeded => {
                    wrote |= job_wrote;
                    batch.keep_job();
                    errors.push(None);
                    if savepoints {
                        link.control("RELEASE SAVEPOINT job").map_err(before_commit)?;
                    }
                    continue;
                }
                _ => (),
            }
            batch.drop_job();
            // A job that went on after a failed statement has an answer that is not true.
            let ignored = || Error::Database("a job went on after a failed statement".into());
            errors.push(succeeded.then(ignored));
            if savepoints {
                undo(link)?;
            } else if alone && !(fault.is_some() && link.has_later()) {
                // Nothing else is in the transaction: it ends here. (What was not waited for may be what failed.)
            } else if job_wrote || fault.is_some() {
                return Err((Setback::NeedsSavepoints, None));
            }
        }
        let changes = self.finish(link, batch, wrote, savepoints)?;
        Ok((errors, changes))
    }

    fn finish(
        &self,
        link: &mut Link,
        mut batch: Batch,
        wrote: bool,
        savepoints: bool,
    ) -> Result<usize, (Setback, Option<Fault>)> {
        if !wrote {
            link.abandon();
            return link.control("ROLLBACK").map(|()| 0).map_err(before_commit);
        }
        let changes = batch.events();
        let last = close(link, &mut batch).map_err(|failed| match failed.fault {
            // Who waited in vain for a lock is not made to wait again.
            Fault::Statement if !savepoints && !matches!(failed.error, Error::Busy) => {
                (Setback::NeedsSavepoints, Some(Fault::Statement))
            }
            _ => before_commit(failed),
        })?;
        let last = link.commit(last).map_err(|failed| match failed.fault {
            Fault::Retry => (Setback::Again(failed.error), Some(Fault::Retry)),
            Fault::Lost => {
                let error = Error::Unavailable("the connection was lost at COMMIT; the outcome is not known".into());
                (Setback::Final(error), Some(Fault::Lost))
            }
            // What was not waited for has failed, and COMMIT has undone the batch.
            Fault::Statement if !savepoints && !matches!(failed.error, Error::Busy) => {
                (Setback::NeedsSavepoints, Some(Fault::Statement))
            }
            Fault::Statement => (Setback::Final(failed.error), Some(Fault::Statement)),
        })?;
        if let Some(last) = last {
            self.wakeup.send_if_modified(|position| {
                let newer = last > *position;
                *position = last.max(*position);
                newer
            });
        }
        Ok(changes)
    }
}

/// Writes what the jobs have left for the end. What is to be read last of all, when there is something.
fn close(link: &mut Link, batch: &mut Batch) -> Result<Option<&'static str>, Failed> {
    let flushed = batch.flush(link);
    if flushed.is_err() || link.expects_rows() {
        // A wrong number of rows would not keep PostgreSQL from committing. And who fails at the end fails because of what came before.
        link.settle()?;
    }
    Ok(flushed?.then_some(LAST_POSITION))
}

fn before_commit(failed: Failed) -> (Setback, Option<Fault>) {
    let fault = Some(failed.fault);
    match failed.fault {
        Fault::Lost | Fault::Retry => (Setback::Again(failed.error), fault),
        Fault::Statement => (Setback::Final(failed.error), fault),
    }
}

/// Begins the transaction. PostgreSQL locks the directories of the batch in the same round trip, and reads what the jobs will look at.
fn begin(link: &mut Link, jobs: &Jobs, savepoints: bool) -> Result<Batch, Failed> {
    let mut batch = Batch::default();
    let connection = match link {
        Link::Sqlite(_) => {
            // IMMEDIATE: a transaction that upgrades later fails at once when another process has written meanwhile.
            link.control("BEGIN IMMEDIATE")?;
            return Ok(batch);
        }
        Link::Postgres(connection) => connection,
    };
    batch.hurries = !savepoints;
    let mut hints: Vec<(DirectoryId, Hints)> = Vec::new();
    for job in jobs {
        let Lane::Directory(directory) = job.lane() else { continue };
        // When jobs are undone one by one, what they had made known would be undone with them: nothing is known then.
        let wanted = if savepoints { Hints::default() } else { job.hints().clone() };
        match hints.last_mut() {
            Some((last, hints)) if *last == directory => hints.extend(&wanted),
            _ => hints.push((directory, wanted)),
        }
    }
    let (bases, ahead) = ahead::begin(connection, &hints)?;
    if !savepoints {
        batch.ahead = ahead;
    }
    for ((directory, _), base) in hints.iter().zip(bases) {
        batch.set_base(*directory, base);
    }
    Ok(batch)
}

/// Undoes the job that has just failed.
fn undo(link: &mut Link) -> Result<(), (Setback, Option<Fault>)> {
    if let Link::Sqlite(connection) = link
        && connection.is_autocommit()
    {
        // A full disk or a failing one ends the whole transaction.
        let error = Error::Unavailable("the database gave up the transaction".into());
        return Err((Setback::Final(error), Some(Fault::Statement)));
    }
    link.control("ROLLBACK TO SAVEPOINT job").map_err(before_commit)?;
    link.control("RELEASE SAVEPOINT job").map_err(before_commit)
}

/// Ends what is left of a transaction; whether the connection can be used again.
fn ended(link: &mut Link) -> bool {
    match link {
        Link::Sqlite(connection) => connection.is_autocommit() || link.control("ROLLBACK").is_ok(),
        Link::Postgres(connection) => {
            connection.abandon();
            link.control("ROLLBACK").is_ok()
        }
    }
}
