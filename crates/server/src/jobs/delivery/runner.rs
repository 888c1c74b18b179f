//! One endpoint of one node: finds its events in the log, sends them lane by lane, and saves how far it has come.
//!
//! Within a lane one event is on its way at a time; the commit that says it is done runs while the next one is sent. Whoever sends holds
//! the endpoint's lease, breaks a request off when that ends, and saves under its fence (REL-31).

mod lease;
mod saving;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use doorward_store::ids::{DeliveryId, EndpointId};
use doorward_store::scope::SystemScope;
use doorward_store::webhook::delivery::{DeliveryRow, State};
use doorward_store::webhook::lane::{self, Lane, TEST_EVENT};
use doorward_store::webhook::progress::Saved;
use doorward_store::webhook::{self, Disabled, EndpointRow};
use doorward_store::{event::EventRow, ids::Id};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::lanes::{Lanes, MOST_UNSAVED};
use super::tail::Tail;
use crate::app::App;
use crate::service::error::{Error, Result};
use crate::webhooks::client::{Attempt, Outcome, Request, WebhookClient};
use crate::webhooks::sign::Secrets;
use crate::webhooks::{payload, retry};

/// Requests of one endpoint that are on their way at once.
const PARALLEL: usize = 8;

/// How long progress may wait to be saved.
const SAVE_WITHIN: Duration = Duration::from_millis(50);

/// Positions that the log may be looked through without saving where.
const UNSAVED_POSITIONS: i64 = 4096;

/// How often the clock is looked at while something waits for its time.
const TICK: Duration = Duration::from_millis(250);

/// Events of a lane that one read brings.
const PORTION: i64 = 64;

/// What a runner is given.
pub struct Runner {
    /// The service.
    pub app: App,
    /// Who acts.
    pub by: SystemScope,
    /// Whose events are sent.
    pub id: EndpointId,
    /// The fence of the lease.
    pub fence: i64,
    /// Until when nobody else sends.
    pub held_until: watch::Receiver<Instant>,
    /// The newest position of the log.
    pub heads: watch::Receiver<i64>,
    /// Rises when the endpoint was changed.
    pub revisions: watch::Receiver<i64>,
    /// Asks it to end.
    pub stop: CancellationToken,
    /// Sends.
    pub client: WebhookClient,
    /// Reads the log.
    pub tail: Arc<Tail>,
}

/// Why a runner goes on or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    Continue,
    End,
}

type Save = JoinHandle<Result<Saved>>;

struct Running {
    at: Runner,
    row: EndpointRow,
    secrets: Arc<Secrets>,
    url: Arc<str>,
    scanned_saved: i64,
    lanes: Lanes,
    sends: JoinSet<(Lane, Option<Attempt>)>,
    records: BTreeMap<DeliveryId, DeliveryRow>,
    disable: Option<Disabled>,
    unsaved_since: Option<Instant>,
    saving: Option<(Save, HashMap<Lane, u32>)>,
}

impl Runner {
    /// Sends until asked to end, until the endpoint is disabled or gone, or until the lease is lost.
    ///
    /// # Errors
    /// When the database fails. What was sent and not saved is sent again by whoever goes on.
    pub async fn run(self) -> Result<()> {
        let Some((row, secrets)) = self.load().await? else { return Ok(()) };
        let mut running = Running {
            scanned_saved: row.scanned,
            url: row.url.as_str().into(),
            row,
            secrets,
            lanes: Lanes::default(),
            sends: JoinSet::new(),
            records: BTreeMap::new(),
            disable: None,
            unsaved_since: None,
            saving: None,
            at: self,
        };
        running.load_lanes().await?;
        while running.step().await? == Course::Continue {}
        running.finish().await
    }

    /// The endpoint with its secrets; `None` when there is nothing to do for it.
    async fn load(&self) -> Result<Option<(EndpointRow, Arc<Secrets>)>> {
        let (by, id) = (self.by.clone(), self.id);
        let found = self.app.store().read(move |tx| Ok::<_, Error>(webhook::get(tx, &by, &id)?)).await?;
        let Some(row) = found.filter(|row| row.disabled.is_none()) else { return Ok(None) };
        let keyring = self.app.keyring().await?;
        let name = row.id.to_string();
        let previous = row
            .previous
            .as_ref()
            .map(|previous| keyring.open(&name, &previous.sealed).map(|secret| (secret, previous.until)));
        let secrets = Secrets { current: keyring.open(&name, &row.secret)?, previous: previous.transpose()? };
        Ok(Some((row, Arc::new(secrets))))
    }
}

impl Running {
    /// Does what can be done now, then waits for what comes next.
    async fn step(&mut self) -> Result<Course> {
        self.scan().await?;
        let due = self.lanes.list_due(self.now());
        self.send_ready().await?;
        self.save_if_due();
        let pause = self.pause(due);
        let saving = async {
            match &mut self.saving {
                Some((handle, _)) => handle.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.at.stop.cancelled() => return Ok(Course::End),
            Some(sent) = self.sends.join_next() => return self.sent(sent),
            saved = saving => return self.saved(saved),
            changed = self.at.revisions.changed() => {
                if changed.is_err() { return Ok(Course::End); }
                return self.refresh().await;
            }
            changed = self.at.held_until.changed() => if changed.is_err() { return Ok(Course::End); },
            changed = self.at.heads.changed() => if changed.is_err() { return Ok(Course::End); },
            () = tokio::time::sleep(pause.unwrap_or_default()), if pause.is_some() => (),
        }
        Ok(Course::Continue)
    }

    fn now(&self) -> i64 {
        self.at.app.clock().now()
    }

    /// Until when to wait at most; `None`: until something happens.
    fn pause(&self, due: Option<i64>) -> Option<Duration> {
        let save = match (self.unsaved_since, &self.saving) {
            (Some(since), None) => Some(SAVE_WITHIN.saturating_sub(since.elapsed())),
            _ => None,
        };
        // The clock is the application's: it may be moved under a sleeper.
        let tick = (due.is_some() || !self.sends.is_empty()).then(|| {
            let micros = due.map_or(i64::MAX, |due| due - self.now());
            TICK.min(Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
        });
        save.into_iter().chain(tick).min()
    }

    /// Looks through the log until enough is in memory.
    async fn scan(&mut self) -> Result<()> {
        let now = self.now();
        while self.row.scanned < *self.at.heads.borrow() && !self.lanes.is_full() {
            let events = self.at.tail.after(self.row.scanned).await?;
            let Some(last) = events.last() else { break };
            for event in events.iter().filter(|event| wants(&self.row, event)) {
                self.lanes.add(event, now);
                self.unsaved_since.get_or_insert_with(Instant::now);
            }
            self.row.scanned = last.position;
            if self.row.scanned - self.scanned_saved >= UNSAVED_POSITIONS {
                self.unsaved_since.get_or_insert_with(Instant::now);
            }
        }
        Ok(())
    }

    /// Starts what may be sent.
    async fn send_ready(&mut self) -> Result<()> {
        while self.sends.len() < PARALLEL && Instant::now() < *self.at.held_until.borrow() {
            let Some(lane) = self.lanes.next() else { break };
            self.fetch(lane).await?;
            let Some(state) = self.lanes.get(lane) else { continue };
            let Some(event) = state.queue.front() else { continue };
            let request = Request {
                url: Arc::clone(&self.url),
                id: event.id.to_string(),
                body: payload::body(event)?,
                secrets: Arc::clone(&self.secrets),
            };
            state.sending = Some(Instant::now());
            let (client, held_until) = (self.at.client.clone(), self.at.held_until.clone());
            self.sends.spawn(async move {
                // Before the first poll too: a process that was stopped in between may have lost the lease meanwhile.
                tokio::select! {
                    biased;
                    () = lease::end(held_until) => (lane, None),
                    attempt = client.send(&request) => (lane, Some(attempt)),
                }
            });
        }
        Ok(())
    }

    /// Reads a lane's next events from the log, when none is in memory: one when there is enough for others.
    async fn fetch(&mut self, lane: Lane) -> Result<()> {
        let Some(state) = self.lanes.get(lane) else { return Ok(()) };
        // What is retried is found by its state, which has to be saved first.
        let unsettled = lane == Lane::Retry && state.unsaved > 0;
        if !state.queue.is_empty() || !state.behind || unsettled {
            return Ok(());
        }
        let portion = if self.lanes.is_full() { 1 } else { PORTION };
        let Some(state) = self.lanes.get(lane) else { return Ok(()) };
        let (by, endpoint, range) = (self.at.by.clone(), self.row.clone(), (state.row.cursor, state.assigned));
        let read = move |tx: &mut doorward_store::Tx<'_>| {
            Ok::<_, Error>(lane::events(tx, &by, &endpoint, lane, range, portion)?)
        };
        let found = self.at.app.store().read(read).await?;
        let Some(state) = self.lanes.get(lane) else { return Ok(()) };
        state.behind = found.len() as i64 == portion;
        state.queue.extend(found.into_iter().map(Arc::new));
        if state.is_idle() {
            // There is nothing left of it: its row goes with the next save.
            self.unsaved_since.get_or_insert_with(Instant::now);
        }
        Ok(())
    }

    /// Notes how an attempt ended.
    fn sent(&mut self, sent: std::result::Result<(Lane, Option<Attempt>), tokio::task::JoinError>) -> Result<Course> {
        let (lane, attempt) = sent.map_err(|error| Error::Internal(format!("a delivery broke off: {error}")))?;
        let now = self.now();
        let Some(state) = self.lanes.get(lane) else { return Ok(Course::Continue) };
        state.sending = None;
        let (Some(attempt), Some(event)) = (attempt, state.queue.front().cloned()) else {
            return Ok(Course::Continue);
        };
        let accepted = attempt.outcome == Outcome::Accepted;
        let attempts = state.row.attempts + 1;
        let pause = match accepted {
            true => None,
            false => retry::schedule(attempts, chance(&self.at.app), attempt.retry_after),
        };
        state.dirty = true;
        match pause {
            Some(pause) => {
                state.row.attempts = attempts;
                state.row.next_attempt_at = now + i64::try_from(pause.as_micros()).unwrap_or(i64::MAX / 2);
                state.row.unreachable = attempt.outcome == Outcome::Unreachable;
                state.let_go();
            }
            None => {
                state.queue.pop_front();
                state.row.cursor = event.position;
                (state.row.attempts, state.row.next_attempt_at, state.row.unreachable) = (0, 0, false);
                state.unsaved += 1;
            }
        }
        let next_attempt_at = pause.map(|_| state.row.next_attempt_at);
        let due_save = state.unsaved >= MOST_UNSAVED / 2;
        self.record(&event, &attempt, attempts, next_attempt_at, now);
        self.judge(&attempt, now);
        self.lanes.list(lane, now);
        let since = *self.unsaved_since.get_or_insert_with(Instant::now);
        if due_save {
            self.unsaved_since = since.checked_sub(SAVE_WITHIN).or(Some(since));
        }
        Ok(Course::Continue)
    }

    fn record(&mut self, event: &EventRow, attempt: &Attempt, attempts: i64, next_attempt_at: Option<i64>, now: i64) {
        let state = match (attempt.outcome, next_attempt_at) {
            (Outcome::Accepted, _) => State::Delivered,
            (_, Some(_)) => State::Retrying,
            (_, None) => State::Parked,
        };
        if state == State::Parked {
            tracing::error!(endpoint = %self.row.id, event = %event.id, "a webhook delivery failed too often and is parked");
        } else if state == State::Retrying && attempts == 1 {
            let reason = attempt.error.as_deref().unwrap_or_default();
            tracing::warn!(endpoint = %self.row.id, event = %event.id, reason, "a webhook delivery failed and is tried again");
        }
        let row = DeliveryRow {
            id: DeliveryId::from_bits(event.id.bits()),
            event_type: event.event_type.clone(),
            state,
            attempts,
            response_status: attempt.status.map(i64::from),
            latency_ms: i64::try_from(attempt.latency.as_millis()).ok(),
            error: attempt.error.clone(),
            excerpt: attempt.excerpt.clone(),
            next_attempt_at,
            created_at: now,
            updated_at: now,
        };
        self.records.insert(row.id, row);
    }

    /// What an attempt says about the endpoint as a whole.
    fn judge(&mut self, attempt: &Attempt, now: i64) {
        match attempt.outcome {
            Outcome::Accepted => {
                if self.row.failing_since.take().is_some() {
                    self.lanes.reached(now);
                }
                return;
            }
            Outcome::Gone => self.disable = Some(Disabled::Gone),
            Outcome::Failed | Outcome::Unreachable => (),
        }
        let since = *self.row.failing_since.get_or_insert(now);
        let patience = i64::try_from(retry::PATIENCE.as_micros()).unwrap_or(i64::MAX);
        if now - since >= patience {
            self.disable = self.disable.or(Some(Disabled::Failing));
        }
    }

    /// Takes over what somebody has changed of the endpoint.
    async fn refresh(&mut self) -> Result<Course> {
        let Some((row, secrets)) = self.at.load().await? else { return Ok(Course::End) };
        // How far it has come and how it fares is known better here, unless somebody said that all is well.
        let failing_since =
            self.row.failing_since.filter(|_| row.failing_since.is_some() || self.unsaved_since.is_some());
        if row.organization_id != self.row.organization_id {
            self.lanes.read_again();
        }
        self.row = EndpointRow { scanned: self.row.scanned, failing_since, ..row };
        self.url = self.row.url.as_str().into();
        self.secrets = secrets;
        self.load_lanes().await?;
        Ok(Course::Continue)
    }

    async fn load_lanes(&mut self) -> Result<()> {
        let (by, id) = (self.at.by.clone(), self.row.id);
        let rows = self.at.app.store().read(move |tx| Ok::<_, Error>(lane::list(tx, &by, &id)?)).await?;
        self.lanes.load(rows, self.row.scanned);
        Ok(())
    }
}

/// Whether an endpoint is sent an event.
fn wants(row: &EndpointRow, event: &EventRow) -> bool {
    if event.event_type == TEST_EVENT {
        return event.subject_id.as_deref() == Some(row.id.to_string().as_str());
    }
    (row.events.is_empty() || row.events.contains(&event.event_type))
        && (row.organization_id.is_none() || row.organization_id == event.organization_id)
}

fn chance(app: &App) -> u32 {
    let mut random = [0; 4];
    app.entropy().fill(&mut random);
    u32::from_le_bytes(random)
}
