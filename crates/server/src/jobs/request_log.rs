//! Writes requests into the log, and takes the old ones out.

use std::time::Duration;

use doorward_store::ids::DirectoryId;
use doorward_store::scope::SystemScope;
use doorward_store::{Lane, Tx, lease, request_log};
use tokio::time::sleep;

use crate::App;
use crate::service::error::Result;
use crate::service::requests;

/// How long requests wait to be written together: 256 in a quarter of a second leave the database to those who wait for it. What comes
/// faster for longer than the queue lasts is not recorded.
const PACE: Duration = Duration::from_millis(250);

/// How often logs with too many rows are looked for.
const CROWDED: Duration = Duration::from_secs(60);

/// In how many of these rounds old rows are looked for once.
const OLD: u64 = 60;

/// How long a round may take, in microseconds, before another node may do it.
const LEASE: i64 = 300_000_000;

/// Rows that one transaction removes, so that nobody waits long for it.
const PORTION: i64 = 1000;

const NAME: &str = "request-log.purge";

const DAY: i64 = 86_400_000_000;

/// Writes what waits, again and again, until the service ends.
pub async fn write(app: App) {
    requests::note_head(&app).await;
    loop {
        tokio::select! {
            () = sleep(PACE) => {}
            () = app.ending().cancelled() => return,
        }
        requests::write_some(&app).await;
    }
}

/// Writes what still waits when the last request is answered.
pub async fn finish(app: &App) {
    requests::flush(app).await;
}

/// Keeps the log within its bounds, until the service ends.
pub async fn purge(app: App) {
    let mut holder = [0; 8];
    app.entropy().fill(&mut holder);
    let holder = format!("{:016x}", u64::from_be_bytes(holder));
    for round in 0_u64.. {
        if let Err(error) = purge_once(&app, &holder, round % OLD == 0).await {
            tracing::warn!(%error, "the request log could not be kept within its bounds; trying again in a minute");
        }
        tokio::select! {
            () = sleep(CROWDED) => {}
            () = app.ending().cancelled() => return,
        }
    }
}

/// One round: directories with too many rows, and with `old` also rows that are too old. Nothing happens while another node does it.
///
/// # Errors
/// When the database fails.
pub async fn purge_once(app: &App, holder: &str, old: bool) -> Result<()> {
    let by = SystemScope::job(NAME);
    let holder = holder.to_owned();
    let fence = app.store().write(Lane::Any, {
        let by = by.clone();
        move |tx| Ok::<_, crate::service::Error>(lease::take(tx, &by, NAME, &holder, LEASE)?)
    });
    let Some(fence) = fence.await? else { return Ok(()) };
    let settings = app.config().requests;
    let most = i64::from(settings.most_per_directory);
    let crowded = app.store().read({
        let by = by.clone();
        move |tx| Ok::<_, crate::service::Error>(request_log::crowded(tx, &by, most, PORTION)?)
    });
    for directory in crowded.await? {
        in_portions(app, fence, move |tx, by| Ok(request_log::purge_beyond(tx, by, &directory, most, PORTION)?))
            .await?;
    }
    if old {
        let before = app.clock().now() - i64::from(settings.retention_days) * DAY;
        let mut after: Option<DirectoryId> = None;
        loop {
            let by = by.clone();
            let page = app
                .store()
                .read(move |tx| Ok::<_, crate::service::Error>(request_log::with_requests(tx, &by, after, PORTION)?));
            let page = page.await?;
            for directory in &page {
                let directory = *directory;
                in_portions(app, fence, move |tx, by| {
                    Ok(request_log::purge_before(tx, by, &directory, before, PORTION)?)
                })
                .await?;
            }
            after = page.last().copied();
            if after.is_none() {
                break;
            }
        }
    }
    let released = move |tx: &mut Tx<'_>| Ok::<_, crate::service::Error>(lease::release(tx, &by, NAME, fence)?);
    app.store().write(Lane::Any, released).await
}

/// Removes portion after portion, for as long as there is one and the lease is held.
async fn in_portions<F>(app: &App, fence: i64, remove: F) -> Result<()>
where
    F: Fn(&mut Tx<'_>, &SystemScope) -> Result<u64> + Clone + Send + 'static,
{
    loop {
        let remove = remove.clone();
        let removed = app.store().write(Lane::Any, move |tx| {
            let by = SystemScope::job(NAME);
            if lease::is_held(tx, &by, NAME, fence)? { remove(tx, &by) } else { Ok(0) }
        });
        if removed.await? < PORTION.unsigned_abs() {
            return Ok(());
        }
    }
}
