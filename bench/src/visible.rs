//! How soon a change by the identity provider is visible to the application, while another directory is being filled: from the moment
//! the PATCH is sent to the answer of an access check that waits, of a reader of events who waits, and to a webhook.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use doorward_testkit::TestDatabase;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::doorward::Doorward;
use crate::figures::Sample;
use crate::http::{Connection, Endpoint};
use crate::workloads::writes::Create;
use crate::workloads::{Populated, WRITERS, callers};
use crate::{load, note, people};

/// People who change, one after the other.
const PEOPLE: usize = 2_000;

/// Long enough for those who wait to be waiting when the change is sent.
const SETTLE: Duration = Duration::from_millis(20);

/// How long anybody waits for a change.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is changed.
#[derive(Clone, Copy)]
enum Change {
    /// The person becomes a member of the group that gives a role.
    Role,
    /// `active` becomes false.
    Deactivation,
}

impl Change {
    fn event(self) -> &'static str {
        match self {
            Change::Role => "dsync.user.role_changed",
            Change::Deactivation => "dsync.user.updated",
        }
    }
}

/// Measures both changes for `duration` each under the create load.
pub fn run(program: &Path, database: TestDatabase, duration: Duration) -> Result<String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let doorward = Doorward::start(program, database)?;
    let name = doorward.database_name();
    let mut watched = Populated::empty(doorward.directory("watched")?);
    watched.fill(&runtime, PEOPLE)?;
    let crowd = Populated::empty(doorward.directory("crowd")?);
    let application = Endpoint::new(watched.endpoint.address, "", &doorward.api_key()?);
    let (listener, arrivals) = (std::net::TcpListener::bind("127.0.0.1:0")?, mpsc::unbounded_channel());
    let hook = format!("http://{}/hook", listener.local_addr()?);
    doorward.webhook(&hook, &format!("{},{}", Change::Role.event(), Change::Deactivation.event()))?;
    runtime.spawn(receive(listener, arrivals.0));
    let mut observer = runtime.block_on(Observer::new(application, &watched, doorward.organization(), arrivals.1))?;
    let mut text = String::new();
    for (change, words, first) in [(Change::Role, "role change", 0), (Change::Deactivation, "deactivation", PEOPLE / 2)]
    {
        note(&format!("{name}: {words} under {WRITERS} callers who create people"));
        let load = {
            let (endpoint, next) = (crowd.endpoint.clone(), crowd.next.clone());
            std::thread::spawn(move || -> Result<Sample> {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                let mut creators = callers(WRITERS, |_| Create::new(&endpoint, &next));
                load::run(&runtime, endpoint.address, &mut creators, Some(duration))
            })
        };
        let mut seen = Seen::default();
        for id in &watched.ids[first..first + PEOPLE / 2] {
            if load.is_finished() {
                break;
            }
            runtime.block_on(observer.watch(change, id, &mut seen))?;
        }
        let load = load.join().map_err(|_| anyhow::anyhow!("the load panicked"))??;
        if let Some(error) = load.first_error {
            bail!("{name}: the load failed: {error}");
        }
        text += &seen.rows(name, words, load.rate);
    }
    Ok(text)
}

async fn receive(listener: std::net::TcpListener, arrivals: mpsc::UnboundedSender<(Instant, Bytes)>) -> Result<()> {
    listener.set_nonblocking(true)?;
    let take = move |body: Bytes| {
        let _ = arrivals.send((Instant::now(), body));
        std::future::ready(StatusCode::NO_CONTENT)
    };
    Ok(axum::serve(tokio::net::TcpListener::from_std(listener)?, Router::new().fallback(take)).await?)
}

/// Latencies of one kind of change.
#[derive(Default)]
struct Seen {
    answered: Vec<Duration>,
    checked: Vec<Duration>,
    read: Vec<Duration>,
    delivered: Vec<Duration>,
}

impl Seen {
    fn rows(self, name: &str, words: &str, load: f64) -> String {
        let count = self.answered.len();
        let kinds = [
            ("PATCH answered", self.answered),
            ("access check", self.checked),
            ("event read", self.read),
            ("webhook received", self.delivered),
        ];
        let rows = kinds.into_iter().map(|(kind, latencies)| {
            let slowest = latencies.iter().max().map_or(0.0, |slowest| slowest.as_secs_f64() * 1e3);
            let sample = Sample::new(Duration::from_secs(1), latencies, 0, None);
            format!(
                "| {name} | {words} | {kind} | {count} | {:.1} | {:.1} | {slowest:.1} | {load:.0}/s |\n",
                sample.p50, sample.p99
            )
        });
        rows.collect()
    }
}

/// The application: one connection for each of the things it waits for, and the identity provider that changes people.
struct Observer {
    application: Endpoint,
    provider: Endpoint,
    organization: String,
    directory: String,
    group: String,
    checks: Connection,
    events: Connection,
    writes: Connection,
    arrivals: mpsc::UnboundedReceiver<(Instant, Bytes)>,
}

impl Observer {
    /// Makes the role, the group and the rule between them.
    async fn new(
        application: Endpoint,
        watched: &Populated,
        organization: &str,
        arrivals: mpsc::UnboundedReceiver<(Instant, Bytes)>,
    ) -> Result<Self> {
        let address = application.address;
        let mut observer = Self {
            application,
            provider: watched.endpoint.clone(),
            organization: organization.to_owned(),
            directory: String::new(),
            group: String::new(),
            checks: Connection::open(address).await?,
            events: Connection::open(address).await?,
            writes: Connection::open(address).await?,
            arrivals,
        };
        let application = observer.application.clone();
        let directories =
            ask(&mut observer.checks, &application, "GET", "/directories?search=watched", &Value::Null).await?;
        observer.directory = directories["data"][0]["id"].as_str().context("the watched directory")?.to_owned();
        let group = people::group("Editors");
        let group = serde_json::from_str(&group)?;
        let made = ask(&mut observer.writes, &observer.provider, "POST", "/Groups", &group).await?;
        observer.group = made["id"].as_str().context("the group")?.to_owned();
        ask(&mut observer.checks, &application, "POST", "/roles", &json!({"name": "Editor", "slug": "editor"})).await?;
        let rule =
            json!({"directory_id": observer.directory, "condition": {"group_name": "Editors"}, "role": "editor"});
        ask(&mut observer.checks, &application, "POST", "/role_mappings", &rule).await?;
        Ok(observer)
    }

    /// Changes a person, and notes when each of those who wait has seen it.
    async fn watch(&mut self, change: Change, id: &str, seen: &mut Seen) -> Result<()> {
        let check = format!("/access_checks?organization={}&user_id={id}", self.organization);
        let before = ask(&mut self.checks, &self.application, "GET", &check, &Value::Null).await?;
        let newest = format!("/events?directory={}&order=desc&limit=1", self.directory);
        let newest = ask(&mut self.events, &self.application, "GET", &newest, &Value::Null).await?;
        let newest = newest["data"][0]["id"].as_str().context("an event")?;
        let check = format!("{check}&version={}&wait=20", before["version"]);
        let events = format!("/events?directory={}&events={}&after={newest}&wait=20", self.directory, change.event());
        let (path, body) = match change {
            Change::Role => (format!("/Groups/{}", self.group), people::patch_add(&[id.to_owned()])),
            Change::Deactivation => (format!("/Users/{id}"), people::patch_active(false)),
        };
        let body = serde_json::from_str(&body)?;
        let (application, provider) = (&self.application, &self.provider);
        let write = async {
            tokio::time::sleep(SETTLE).await;
            let sent = Instant::now();
            ask(&mut self.writes, provider, "PATCH", &path, &body).await?;
            Ok((sent, sent.elapsed()))
        };
        let checked =
            async { Ok((ask(&mut self.checks, application, "GET", &check, &Value::Null).await?, Instant::now())) };
        let read =
            async { Ok((ask(&mut self.events, application, "GET", &events, &Value::Null).await?, Instant::now())) };
        let delivered = delivery(&mut self.arrivals, change.event(), id);
        let ((sent, answered), (after, checked), (list, read), delivered) =
            tokio::try_join!(write, checked, read, delivered)?;
        if before["version"] == after["version"] || list["data"].as_array().is_none_or(Vec::is_empty) {
            bail!("{id} did not change: {before} {after} {list}");
        }
        seen.answered.push(answered);
        seen.checked.push(checked - sent);
        seen.read.push(read - sent);
        seen.delivered.push(delivered - sent);
        Ok(())
    }
}

/// When the webhook about this person came.
async fn delivery(arrivals: &mut mpsc::UnboundedReceiver<(Instant, Bytes)>, event: &str, id: &str) -> Result<Instant> {
    loop {
        let next = tokio::time::timeout(PATIENCE, arrivals.recv()).await.context("no webhook came")?;
        let (at, body) = next.context("the receiver has ended")?;
        let body: Value = serde_json::from_slice(&body)?;
        if body["event"] == event && body["data"]["id"] == id {
            return Ok(at);
        }
    }
}

async fn ask(connection: &mut Connection, at: &Endpoint, method: &str, path: &str, body: &Value) -> Result<Value> {
    let mut request = Vec::new();
    let body = if body.is_null() { Vec::new() } else { serde_json::to_vec(body)? };
    at.request(&mut request, method, format_args!("{path}"), &body);
    let answer = connection.exchange(&request).await?;
    if answer.status >= 300 {
        bail!("{method} {path}: {} {}", answer.status, String::from_utf8_lossy(answer.body));
    }
    if answer.body.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_slice(answer.body)?) }
}
