//! Catch-up of webhooks: events pile up for a receiver that is down; then it is there, and their rate counts.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use doorward_testkit::TestDatabase;

use crate::doorward::Doorward;
use crate::note;
use crate::workloads::Populated;

/// How long nothing may arrive.
const PATIENCE: Duration = Duration::from_secs(60);

/// Queues `events` people of one directory for an endpoint that is off, and measures how they arrive when it is on.
pub fn run(program: &Path, database: TestDatabase, events: usize) -> Result<String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let doorward = Doorward::start(program, database)?;
    let name = doorward.database_name();
    let mut directory = Populated::empty(doorward.directory("bench")?);
    let (arrived, listener) = (Arc::new(AtomicUsize::new(0)), std::net::TcpListener::bind("127.0.0.1:0")?);
    let url = format!("http://{}/hook", listener.local_addr()?);
    let id = doorward.webhook(&url, "dsync.user.created")?;
    doorward.switch_webhook(&id, "disable")?;
    note(&format!("{name}: {events} events for a receiver that is down"));
    directory.fill(&runtime, events)?;
    let before = doorward.memory()?;

    listener.set_nonblocking(true)?;
    let counted = Arc::clone(&arrived);
    runtime.spawn(async move {
        let count = move |_: Bytes| {
            counted.fetch_add(1, Ordering::Relaxed);
            std::future::ready(StatusCode::NO_CONTENT)
        };
        let router = Router::new().fallback(count);
        axum::serve(tokio::net::TcpListener::from_std(listener)?, router).await
    });
    doorward.switch_webhook(&id, "enable")?;
    let (mut first, mut highest) = (None, before.rate);
    let (mut last, mut last_at) = (0, Instant::now());
    while last < events {
        std::thread::sleep(Duration::from_millis(20));
        let now = arrived.load(Ordering::Relaxed);
        if now > last {
            first = first.or(Some((now, Instant::now())));
            (last, last_at) = (now, Instant::now());
        }
        highest = highest.max(doorward.memory()?.rate);
        if last_at.elapsed() > PATIENCE {
            bail!("{name}: {last} of {events} events have arrived, and no more do");
        }
    }
    let Some((begun, at)) = first else { bail!("there were no events") };
    let rate = (last - begun) as f64 / last_at.duration_since(at).as_secs_f64();
    Ok(format!(
        "{name}: {last} events of one directory at {rate:.0} a second, one after the other; memory {:.0} MiB before, {highest:.0} at most\n",
        before.rate
    ))
}
