//! Threads that read: each owns a connection and takes the next waiting job.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::error::{Error, Result};
use crate::job::ReadJob;
use crate::link::{Fault, Link, Target};
use crate::tx::Tx;

/// A connection that rested for so long is asked for a sign of life: the server may have gone, and firewalls cut silent ones.
const RESTED: Duration = Duration::from_secs(1);

/// What the thread needs besides its jobs.
pub(crate) struct Reader {
    pub(crate) target: Target,
    pub(crate) link: Option<Link>,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    /// How often any reader has lost its connection: then the others ask theirs for a sign of life too.
    pub(crate) losses: Arc<AtomicU64>,
}

impl Reader {
    /// Works until all senders are gone.
    pub(crate) fn run(mut self, jobs: &Receiver<ReadJob>) {
        let mut last_use = Instant::now();
        let mut losses_seen = 0;
        while let Ok(job) = jobs.recv() {
            let losses = self.losses.load(Ordering::Relaxed);
            self.check(last_use.elapsed() >= RESTED || losses != losses_seen);
            losses_seen = losses;
            self.serve(job);
            last_use = Instant::now();
        }
    }

    fn check(&mut self, ask: bool) {
        if let Some(Link::Postgres(connection)) = &mut self.link {
            let usable = connection.is_open() && (!ask || connection.is_alive());
            if !usable {
                self.link = None;
            }
        }
    }

    fn serve(&mut self, job: ReadJob) {
        let ReadJob { one_moment, work } = job;
        let mut link = match self.begun(one_moment) {
            Ok(link) => link,
            Err(error) => return work(Err(error)),
        };
        let mut tx = Tx::new(&mut link, &self.clock, &self.entropy, None);
        work(Ok(&mut tx));
        let (_, fault) = tx.outcome();
        let ended = match &mut link {
            Link::Sqlite(_) => link.control("ROLLBACK").is_ok(),
            Link::Postgres(connection) if one_moment => {
                let sent = connection.simple_later("ROLLBACK").is_ok();
                connection.push();
                sent
            }
            Link::Postgres(_) => true,
        };
        if fault == Some(Fault::Lost) {
            self.losses.fetch_add(1, Ordering::Relaxed);
        } else if ended {
            self.link = Some(link);
        }
    }

    /// The connection, in a transaction when the job wants one moment. On SQLite a transaction costs nothing, so every job has one.
    /// On PostgreSQL nobody waits for its beginning and its end; whether they have failed is seen by the next job.
    fn begun(&mut self, one_moment: bool) -> Result<Link> {
        let mut failure = Error::Busy;
        for _ in 0..2 {
            let mut link = match self.link.take() {
                Some(link) => link,
                None => self.target.connect_reader()?,
            };
            let begun = match &mut link {
                Link::Sqlite(_) => link.control("BEGIN"),
                Link::Postgres(connection) => connection.settle().and_then(|()| match one_moment {
                    true => connection.simple_later("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
                    false => Ok(()),
                }),
            };
            match begun {
                Ok(()) => return Ok(link),
                Err(failed) => failure = failed.error,
            }
        }
        Err(failure)
    }
}
