//! Sends events to webhook endpoints by following the event log.
//!
//! This file decides which endpoints this node serves: it takes their leases, starts a runner for each, and prolongs the
//! leases while they run. An endpoint's events are sent by one node at a time; nothing of one endpoint waits for another.

mod lanes;
mod runner;
mod tail;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use doorward_store::ids::EndpointId;
use doorward_store::scope::SystemScope;
use doorward_store::webhook::{self, delivery, progress};
use doorward_store::{Lane, event, lease};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::service::error::{Error, Result};
use crate::service::webhooks;
use crate::webhooks::client::{SystemResolver, WebhookClient};
use runner::Runner;
use tail::Tail;

/// How often endpoints are looked at.
const LOOK: Duration = Duration::from_millis(250);

/// How long they are left alone when that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// How often the record of deliveries is shortened.
const TIDY: Duration = Duration::from_secs(600);

/// Delivered deliveries of an endpoint that are kept on record.
const KEPT: i64 = 10_000;

/// Serves endpoints until the service ends.
pub async fn run(app: App) {
    let mut post = Post::new(app);
    let ending = post.app.ending().clone();
    let mut wakeup = post.app.store().event_wakeup();
    loop {
        let pause = match post.look().await {
            Ok(()) => LOOK,
            Err(error) => {
                tracing::warn!(%error, "webhook endpoints could not be looked at; trying again");
                AFTER_FAILURE
            }
        };
        let next = tokio::time::sleep(pause);
        tokio::pin!(next);
        loop {
            tokio::select! {
                () = ending.cancelled() => return post.end().await,
                () = &mut next => break,
                // Who waits for events is told at once; other nodes' are found at the next look.
                changed = wakeup.changed() => {
                    if changed.is_err() { return post.end().await; }
                    let head = *wakeup.borrow_and_update();
                    post.tell(head);
                }
            }
        }
    }
}

struct Post {
    app: App,
    by: SystemScope,
    holder: String,
    client: Option<WebhookClient>,
    tail: Arc<Tail>,
    heads: watch::Sender<i64>,
    held_until: watch::Sender<Instant>,
    running: HashMap<EndpointId, Served>,
    /// Endpoints whose leases were asked for the last time, and when that was.
    asked: HashSet<EndpointId>,
    asked_at: Option<Instant>,
    tidied_at: Instant,
    is_resealed: bool,
}

/// An endpoint that this node serves.
struct Served {
    fence: i64,
    revision: watch::Sender<i64>,
    stop: CancellationToken,
    task: JoinHandle<Result<()>>,
}

impl Post {
    fn new(app: App) -> Self {
        let by = SystemScope::job("webhooks");
        let mut random = [0; 16];
        app.entropy().fill(&mut random);
        Self {
            holder: random.iter().map(|byte| format!("{byte:02x}")).collect(),
            client: None,
            tail: Arc::new(Tail::new(app.store().clone(), by.clone())),
            heads: watch::channel(0).0,
            held_until: watch::channel(Instant::now()).0,
            running: HashMap::new(),
            asked: HashSet::new(),
            asked_at: None,
            tidied_at: Instant::now(),
            is_resealed: false,
            by,
            app,
        }
    }

    fn tell(&self, head: i64) {
        self.heads.send_if_modified(|known| {
            let newer = head > *known;
            *known = head.max(*known);
            newer
        });
    }

    /// Starts and stops runners, and tells them what has changed.
    async fn look(&mut self) -> Result<()> {
        let by = self.by.clone();
        let none_served = self.running.is_empty();
        let (enabled, head) = self
            .app
            .store()
            .read(move |tx| {
                let enabled = webhook::enabled(tx, &by)?;
                let head = if enabled.is_empty() && none_served { 0 } else { event::head(tx, &by)? };
                Ok::<_, Error>((enabled, head))
            })
            .await?;
        self.tell(head);
        self.reap().await?;
        for (id, served) in &self.running {
            match enabled.iter().find(|(enabled, _)| enabled == id) {
                None => served.stop.cancel(),
                Some((_, revision)) => {
                    served.revision.send_if_modified(|known| std::mem::replace(known, *revision) != *revision);
                }
            }
        }
        if enabled.is_empty() && self.running.is_empty() {
            return Ok(());
        }
        self.hold(&enabled).await?;
        self.tidy().await
    }

    /// Takes leases of endpoints that nobody serves, and prolongs those of this node.
    async fn hold(&mut self, enabled: &[(EndpointId, i64)]) -> Result<()> {
        let lasting = self.app.config().webhooks.lease;
        let is_due = self.asked_at.is_none_or(|last| last.elapsed() >= lasting / 4);
        if !is_due && enabled.iter().all(|(id, _)| self.asked.contains(id)) {
            return Ok(());
        }
        let before = Instant::now();
        let (by, holder) = (self.by.clone(), self.holder.clone());
        // Who was told to stop may have a request on its way, and keeps its lease until that has ended.
        let stopping = self.running.keys().filter(|id| !enabled.iter().any(|(enabled, _)| enabled == *id));
        let ids: Vec<EndpointId> = enabled.iter().map(|(id, _)| id).chain(stopping).copied().collect();
        let micros = i64::try_from(lasting.as_micros()).unwrap_or(i64::MAX);
        let taken = self
            .app
            .store()
            .write(Lane::Any, move |tx| {
                let take =
                    |id: &EndpointId| Ok((*id, lease::take(tx, &by, &progress::lease_name(id), &holder, micros)?));
                ids.iter().map(take).collect::<Result<Vec<_>>>()
            })
            .await?;
        (self.asked, self.asked_at) = (taken.iter().map(|(id, _)| *id).collect(), Some(before));
        for (id, fence) in &taken {
            // It was lost in between: what runs stops, and the next look starts it anew.
            if let Some(served) = self.running.get(id).filter(|served| Some(served.fence) != *fence) {
                served.task.abort();
            }
        }
        // A fifth less than in the database: clocks of machines do not run equally fast.
        self.held_until.send_replace(before + lasting - lasting / 5);
        self.reseal(enabled).await;
        for ((id, fence), (_, revision)) in taken.into_iter().zip(enabled) {
            if let Some(fence) = fence.filter(|_| !self.running.contains_key(&id)) {
                self.start(id, fence, *revision)?;
            }
        }
        Ok(())
    }

    fn start(&mut self, id: EndpointId, fence: i64, revision: i64) -> Result<()> {
        let client = match &self.client {
            Some(client) => client.clone(),
            None => {
                let settings = &self.app.config().webhooks;
                let networks = settings.allow_networks.clone();
                let resolver: Arc<dyn reqwest::dns::Resolve> = Arc::new(SystemResolver);
                let made = WebhookClient::new(&resolver, networks, settings.keep_excerpts, self.app.clock());
                let client = made.map_err(|error| Error::Internal(format!("webhooks cannot be sent: {error}")))?;
                self.client.insert(client).clone()
            }
        };
        let (stop, revision) = (CancellationToken::new(), watch::channel(revision).0);
        let runner = Runner {
            app: self.app.clone(),
            by: self.by.clone(),
            id,
            fence,
            held_until: self.held_until.subscribe(),
            heads: self.heads.subscribe(),
            revisions: revision.subscribe(),
            stop: stop.clone(),
            client,
            tail: Arc::clone(&self.tail),
        };
        let task = tokio::spawn(runner.run());
        self.running.insert(id, Served { fence, revision, stop, task });
        Ok(())
    }

    /// Forgets runners that have ended, and gives their leases back.
    async fn reap(&mut self) -> Result<()> {
        let ended: Vec<EndpointId> =
            self.running.iter().filter(|(_, served)| served.task.is_finished()).map(|(id, _)| *id).collect();
        let mut released = Vec::new();
        for id in ended {
            let Some(served) = self.running.remove(&id) else { continue };
            match served.task.await {
                // It is started again when leases are prolonged, which gives what is wrong some time.
                Ok(Err(error)) => {
                    tracing::warn!(endpoint = %id, %error, "sending webhooks broke off; going on from what was saved");
                }
                Err(error) if error.is_panic() => tracing::error!(endpoint = %id, "sending webhooks broke off"),
                _ => {
                    released.push((id, served.fence));
                    // The next look takes it again, when there is still something to do.
                    self.asked.remove(&id);
                }
            }
        }
        self.release(released).await
    }

    async fn release(&self, leases: Vec<(EndpointId, i64)>) -> Result<()> {
        if leases.is_empty() {
            return Ok(());
        }
        let by = self.by.clone();
        self.app
            .store()
            .write(Lane::Any, move |tx| {
                for (id, fence) in &leases {
                    lease::release(tx, &by, &progress::lease_name(id), *fence)?;
                }
                Ok(())
            })
            .await
    }

    /// Seals secrets with the present key, once after a start.
    async fn reseal(&mut self, enabled: &[(EndpointId, i64)]) {
        if std::mem::replace(&mut self.is_resealed, true) {
            return;
        }
        let ids = enabled.iter().map(|(id, _)| *id).collect();
        let resealed = match self.app.keyring().await {
            Ok(keyring) => webhooks::reseal(self.app.store(), &self.by, keyring, ids).await,
            Err(error) => Err(error),
        };
        match resealed {
            Ok(0) => (),
            Ok(endpoints) => tracing::info!(endpoints, "sealed secrets of webhook endpoints with the present key"),
            Err(error) => tracing::error!(%error, "a secret of a webhook endpoint cannot be opened"),
        }
    }

    async fn tidy(&mut self) -> Result<()> {
        if self.tidied_at.elapsed() < TIDY {
            return Ok(());
        }
        self.tidied_at = Instant::now();
        let ids: Vec<EndpointId> = self.running.keys().copied().collect();
        for id in ids {
            let by = self.by.clone();
            let forget =
                move |tx: &mut doorward_store::Tx<'_>| Ok::<_, Error>(delivery::forget_delivered(tx, &by, &id, KEPT)?);
            self.app.store().write(Lane::Any, forget).await?;
        }
        Ok(())
    }

    /// Ends all runners and gives their leases back, so that another node need not wait.
    async fn end(mut self) {
        self.running.values().for_each(|served| served.stop.cancel());
        let mut released = Vec::new();
        for (id, served) in self.running.drain() {
            if let Ok(Err(error)) = served.task.await {
                tracing::warn!(endpoint = %id, %error, "what was sent last could not be saved; it is sent again");
            }
            released.push((id, served.fence));
        }
        if let Err(error) = self.release(released).await {
            tracing::warn!(%error, "leases could not be given back; they end by themselves");
        }
    }
}
