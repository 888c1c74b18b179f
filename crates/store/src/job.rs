//! A caller's closure on its way to a thread, and its answer on the way back.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use crate::Lane;
use crate::ahead::Hints;
use crate::error::{Error, Result};
use crate::tx::Tx;

/// A job that writes. It can be run again until it is answered.
pub(crate) trait WriteJob: Send {
    fn lane(&self) -> Lane;
    /// What it will look at.
    fn hints(&self) -> &Hints;
    /// Whether the caller has gone away.
    fn is_abandoned(&self) -> bool;
    /// Runs the closure and keeps its answer; whether it succeeded.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Gives the caller the kept answer, or `error` in its place.
    fn answer(self: Box<Self>, error: Option<Error>);
}

/// A job that only reads; it gets an error in place of the database when there is none.
pub(crate) struct ReadJob {
    /// Whether all of it sees one moment of the database.
    pub(crate) one_moment: bool,
    pub(crate) work: ReadWork,
}

/// The closure with its way back to the caller.
pub(crate) type ReadWork = Box<dyn FnOnce(Result<&mut Tx<'_>>) + Send>;

struct Writing<T, E, F> {
    lane: Lane,
    hints: Hints,
    job: F,
    kept: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> WriteJob for Writing<T, E, F>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn lane(&self) -> Lane {
        self.lane
    }

    fn hints(&self) -> &Hints {
        &self.hints
    }

    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let outcome = guarded(|| (self.job)(tx));
        let succeeded = outcome.is_ok();
        self.kept = Some(outcome);
        succeeded
    }

    fn answer(self: Box<Self>, error: Option<Error>) {
        let answer = match (error, self.kept) {
            (Some(error), _) => Err(E::from(error)),
            (None, Some(kept)) => kept,
            (None, None) => Err(E::from(Error::Closed)),
        };
        // Nobody may be waiting any more.
        let _ = self.reply.send(answer);
    }
}

pub(crate) fn writing<T, E, F>(lane: Lane, hints: Hints, job: F) -> (Box<dyn WriteJob>, oneshot::Receiver<Result<T, E>>)
where
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    (Box::new(Writing { lane, hints, job, kept: None, reply }), answer)
}

pub(crate) fn reading<T, E, F>(one_moment: bool, job: F) -> (ReadJob, oneshot::Receiver<Result<T, E>>)
where
    F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    let work = Box::new(move |tx: Result<&mut Tx<'_>>| {
        if reply.is_closed() {
            return;
        }
        let outcome = match tx {
            Ok(tx) => guarded(|| job(tx)),
            Err(error) => Err(E::from(error)),
        };
        let _ = reply.send(outcome);
    });
    (ReadJob { one_moment, work }, answer)
}

/// A job that panics fails alone. The panic's text is left to the panic hook: it may quote people's data (SEC-23).
fn guarded<T, E: From<Error>>(job: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(job)).unwrap_or_else(|_| {
        tracing::error!("a storage job panicked and was undone");
        Err(E::from(Error::Panicked))
    })
}
