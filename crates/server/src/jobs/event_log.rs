//! What follows the event log on every node: its end, its seals, its retention, and the end of first syncs.

use std::time::Duration;

use doorward_store::scope::SystemScope;
use tokio::time::sleep;

use super::leased::{Leased, TERM};
use super::rested;
use crate::App;
use crate::service::error::Result;
use crate::service::{events, retention, sealing, settled};

/// How often the end of the log is asked for while somebody waits for it: other nodes' events wake nobody here.
const LOOK: Duration = Duration::from_millis(500);

/// The longest that a record waits for its seal.
const SEAL: Duration = Duration::from_secs(1);

/// How often old events are looked for.
const PURGE: Duration = Duration::from_secs(60);

/// The lease under which one node announces the end of first syncs.
const SETTLED_LEASE: &str = "sync_settled";

/// Keeps [`App::log_end`].
pub(super) async fn watch_end(app: App) {
    let by = SystemScope::job("log_end");
    let mut wakeup = app.store().event_wakeup();
    let end = app.log_end();
    loop {
        let seen = tokio::select! {
            () = app.ending().cancelled() => return,
            Ok(()) = wakeup.changed() => Some(*wakeup.borrow_and_update()),
            () = sleep(LOOK) => None,
        };
        let position = match seen {
            Some(position) => position,
            None if end.receiver_count() == 0 => continue,
            None => match events::head(app.store(), &by).await {
                Ok(position) => position,
                Err(error) => {
                    tracing::debug!(%error, "the end of the event log could not be read");
                    continue;
                }
            },
        };
        end.send_if_modified(|end| {
            let is_new = position > *end;
            *end = position.max(*end);
            is_new
        });
    }
}

/// Seals the log.
pub(super) async fn seal(app: App) {
    let by = SystemScope::job("event_seal");
    let mut leased = Leased::new(&app, sealing::LEASE, TERM);
    while rested(&app, SEAL, sealing::LEASE, seal_once(&app, &by, &mut leased).await).await {}
    leased.release(&app, &by).await;
}

async fn seal_once(app: &App, by: &SystemScope, leased: &mut Leased) -> Result<()> {
    if sealing::head(app.store(), by).await?.unsealed > 0
        && let Some(fence) = leased.fence(app, by).await?
    {
        sealing::seal_rest(app.store(), by, Some(fence)).await?;
    }
    Ok(())
}

/// Removes events whose time is up.
pub(super) async fn purge(app: App) {
    let Some(keep) = app.config().events.retention else { return };
    let by = SystemScope::job("event_retention");
    let mut leased = Leased::new(&app, retention::LEASE, TERM);
    while rested(&app, PURGE, retention::LEASE, purge_once(&app, &by, &mut leased, keep).await).await {}
    leased.release(&app, &by).await;
}

async fn purge_once(app: &App, by: &SystemScope, leased: &mut Leased, keep: Duration) -> Result<()> {
    if retention::is_due(app.store(), by, keep).await?
        && let Some(fence) = leased.fence(app, by).await?
    {
        retention::purge(app.store(), by, keep, Some(fence)).await?;
    }
    Ok(())
}

/// Announces first syncs that have come to rest.
pub(super) async fn settle(app: App) {
    let quiet = app.config().events.settled_after;
    let by = SystemScope::job("sync_settled");
    let mut leased = Leased::new(&app, SETTLED_LEASE, TERM);
    let pause = (quiet / 4).clamp(LOOK, Duration::from_secs(10));
    while rested(&app, pause, SETTLED_LEASE, settle_once(&app, &by, &mut leased, quiet).await).await {}
    leased.release(&app, &by).await;
}

async fn settle_once(app: &App, by: &SystemScope, leased: &mut Leased, quiet: Duration) -> Result<()> {
    if settled::is_due(app.store(), by, quiet).await? && leased.fence(app, by).await?.is_some() {
        settled::announce(app.store(), by, quiet).await?;
    }
    Ok(())
}
