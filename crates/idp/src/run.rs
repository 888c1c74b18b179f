//! A whole life of a provider: test, first assignment, groups, a day of changes, import, verdict.

mod cycles;
mod immediate;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::client::{Credential, Message};
use crate::dialect::Dialect;
use crate::directory::Directory;
use crate::error::Error;
use crate::history::{Change, day};
use crate::progress::{Phase, Progress};
use crate::report::{Report, kinds};
use crate::session::{Failure, Session};
use crate::verdict::{self, Application};

/// What to play, and against what.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The provider.
    pub dialect: Dialect,
    /// The SCIM base URL as the administrator types it; Entra's feature flags may follow as a query.
    pub url: String,
    /// The credential, see [`Dialect::credential`].
    pub credential: Credential,
    /// People to assign at first.
    pub users: usize,
    /// Groups to push at first.
    pub groups: usize,
    /// Changes of the day that follows.
    pub changes: usize,
    /// Where all variation comes from.
    pub seed: u64,
    /// Requests at the same time, at least 1. Writes to one person or group keep their order.
    pub concurrency: usize,
    /// Changes of members in one request, 100 to 1000.
    pub batch: usize,
    /// The longest wait after a 429 before the request counts as failed.
    pub wait_limit: Duration,
    /// The application's API, if the verdict shall be given there, too.
    pub application: Option<Application>,
}

impl Plan {
    /// A plan with 100 people, 10 groups, 100 changes, seed 1, four requests at a time.
    #[must_use]
    pub fn new(dialect: Dialect, url: impl Into<String>, credential: Credential) -> Self {
        Self {
            dialect,
            url: url.into(),
            credential,
            users: 100,
            groups: 10,
            changes: 100,
            seed: 1,
            concurrency: 4,
            batch: 100,
            wait_limit: Duration::from_secs(60),
            application: None,
        }
    }
}

/// Plays the plan and gives the verdict. What the server does wrong is in the report; an account or group that was there
/// before and is not taken over is nobody's business here.
///
/// # Errors
/// [`Error::Url`] and [`Error::Credential`] before anything is sent, [`Error::Connection`] when the provider's test of the
/// connection fails or the server cannot be read for the verdict.
pub async fn run(plan: Plan, progress: &mut (dyn FnMut(Progress) + Send)) -> Result<Report, Error> {
    let session = Session::new(plan.dialect, &plan.url, &plan.credential, plan.seed)?
        .with_batch(plan.batch)
        .with_client(|client| client.with_wait_limit(plan.wait_limit));
    let (mut directory, changes) = imagine(&plan).await?;
    let mut stage = Stage { session: Arc::new(session), concurrency: plan.concurrency.max(1), progress };
    let begun = Instant::now();

    stage.tell(Phase::Connection, 0, 1);
    stage.session.test_connection().await.map_err(|failure| unusable(&failure))?;
    stage.tell(Phase::Connection, 1, 1);
    verdict::note_foreign(&stage.session).await.map_err(|failure| unusable(&failure))?;
    if plan.dialect.manner().cycles {
        cycles::play(&mut stage, &mut directory, &changes).await?;
    } else {
        immediate::begin(&mut stage, &directory).await?;
        immediate::live(&mut stage, &mut directory, &changes).await?;
    }
    stage.tell(Phase::Import, 0, 1);
    // What is wrong with it is among the session's problems.
    let _ = stage.session.import().await;
    stage.tell(Phase::Import, 1, 1);
    let duration = begun.elapsed();
    judge(&plan, stage, &changes, duration).await
}

/// The provider's directory and its day. A long one takes seconds to make, in which nobody else's requests shall wait.
async fn imagine(plan: &Plan) -> Result<(Directory, Vec<Change>), Error> {
    let Plan { dialect, seed, users, groups, changes, .. } = *plan;
    let made = tokio::task::spawn_blocking(move || {
        let directory = Directory::generate(seed, dialect.ids(), users, groups);
        let changes = day(&directory, seed, changes, dialect.customs());
        (directory, changes)
    });
    made.await.map_err(|error| Error::Stopped(error.to_string()))
}

async fn judge(plan: &Plan, mut stage: Stage<'_>, changes: &[Change], duration: Duration) -> Result<Report, Error> {
    let total = 1 + usize::from(plan.application.is_some());
    stage.tell(Phase::Verdict, 0, total);
    let session = Arc::clone(&stage.session);
    let mut differences = verdict::compare(&session).await.map_err(|failure| unusable(&failure))?;
    if let Some(application) = &plan.application {
        stage.tell(Phase::Verdict, 1, total);
        differences.extend(application.compare(&session).await?);
    }
    let exchanges = session.client().exchanges();
    stage.tell(Phase::Verdict, total, total);
    Ok(Report {
        dialect: plan.dialect,
        url: plan.url.clone(),
        seed: plan.seed,
        users: plan.users,
        groups: plan.groups,
        changes: changes.len(),
        requests: exchanges.iter().filter(|e| e.message != Message::Verdict).count(),
        retries: session.client().retries(),
        kinds: kinds(&exchanges),
        errors: session.problems(),
        differences,
        duration,
        intended: session.intended(),
    })
}

fn unusable(failure: &Failure) -> Error {
    Error::Connection(failure.to_string())
}

/// A session at work, watched.
struct Stage<'a> {
    session: Arc<Session>,
    concurrency: usize,
    progress: &'a mut (dyn FnMut(Progress) + Send),
}

impl Stage<'_> {
    fn tell(&mut self, phase: Phase, done: usize, total: usize) {
        (self.progress)(Progress { phase, done, total, requests: self.session.client().requests() });
    }

    /// Does something for each item, several at a time, and reports progress. A failure is among the session's problems
    /// already; the provider goes on with the next item.
    async fn each<T, F>(
        &mut self,
        mut place: Place,
        items: impl IntoIterator<Item = T>,
        act: impl Fn(Arc<Session>, T) -> F,
    ) -> Result<(), Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        let mut tasks = JoinSet::new();
        self.tell(place.phase, place.done, place.total);
        for item in items {
            if tasks.len() >= self.concurrency {
                join(tasks.join_next().await)?;
                self.step(&mut place);
            }
            tasks.spawn(act(Arc::clone(&self.session), item));
        }
        while let Some(result) = tasks.join_next().await {
            join(Some(result))?;
            self.step(&mut place);
        }
        Ok(())
    }

    fn step(&mut self, place: &mut Place) {
        place.done += usize::from(place.counts);
        self.tell(place.phase, place.done, place.total);
    }
}

/// Where in a run a batch of work stands.
#[derive(Clone, Copy)]
struct Place {
    phase: Phase,
    done: usize,
    total: usize,
    /// Each item is one step; otherwise only the number of requests moves.
    counts: bool,
}

impl Place {
    fn start(phase: Phase, total: usize) -> Self {
        Self { phase, done: 0, total, counts: true }
    }
}

fn join(result: Option<Result<Result<(), Failure>, tokio::task::JoinError>>) -> Result<(), Error> {
    match result {
        Some(Err(error)) => Err(Error::Stopped(error.to_string())),
        _ => Ok(()),
    }
}
