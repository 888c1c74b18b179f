//! Writes requests into the log, and takes the old ones out.

use std::time::Duration;

use doorward_store::scope::SystemScope;
use tokio::time::sleep;

use super::leased::Leased;
use super::rested;
use crate::App;
use crate::service::error::Result;
use crate::service::requests;
use crate::service::requests::purge::{LEASE, purge_crowded, purge_old};

/// How long requests wait to be written together: 256 in a quarter of a second leave the database to those who wait for it. What comes
/// faster for longer than the queue lasts is not recorded.
const PACE: Duration = Duration::from_millis(250);

/// How often logs with too many rows are looked for.
const CROWDED: Duration = Duration::from_secs(60);

/// In how many of these rounds old rows are looked for once.
const OLD: u64 = 60;

/// How long a round may take before another node may do it.
const TERM: Duration = Duration::from_secs(300);

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
    let by = SystemScope::job(LEASE);
    let mut leased = Leased::new(&app, LEASE, TERM);
    let mut round = 0;
    while rested(&app, CROWDED, LEASE, purge_once(&app, &by, &mut leased, round % OLD == 0).await).await {
        round += 1;
    }
}

async fn purge_once(app: &App, by: &SystemScope, leased: &mut Leased, old: bool) -> Result<()> {
    let fence = leased.fence(app, by).await?;
    if fence.is_none() {
        return Ok(());
    }
    let settings = app.config().requests;
    purge_crowded(app.store(), by, &settings, fence).await?;
    if old {
        purge_old(app.store(), by, &settings, app.clock().now(), fence).await?;
    }
    leased.release(app, by).await;
    Ok(())
}
