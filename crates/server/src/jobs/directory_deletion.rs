//! Removes directories whose time of grace is over, one portion after the other, on one node at a time.

use std::time::Duration;

use doorward_store::ids::DirectoryId;
use doorward_store::scope::SystemScope;
use doorward_store::{Lane, lease};

use crate::App;
use crate::service::deletion::{self, LEASE, Progress};
use crate::service::error::Result;

/// How often the node looks for work. The question is one step in an index that is empty nearly always.
const EVERY: Duration = Duration::from_secs(2);

/// How long the lease is taken for, in microseconds: as long as another node waits when this one dies. A node that is slower than this
/// loses it and starts anew, which costs time and nothing else.
const HELD: i64 = 5_000_000;

/// How many portions are removed until the lease is prolonged; a portion takes far less than a second.
const PROLONG_AFTER: u32 = 4;

/// Runs until the service ends.
pub async fn run(app: App) {
    let by = SystemScope::job(LEASE);
    let mut random = [0; 8];
    app.entropy().fill(&mut random);
    let holder = format!("{:016x}", u64::from_le_bytes(random));
    loop {
        if let Err(error) = round(&app, &by, &holder).await {
            tracing::warn!(%error, "the removal of a directory will be tried again");
        }
        tokio::select! {
            () = app.ending().cancelled() => return,
            () = tokio::time::sleep(EVERY) => (),
        }
    }
}

async fn round(app: &App, by: &SystemScope, holder: &str) -> Result<()> {
    for id in deletion::due(app.store(), by).await? {
        if app.ending().is_cancelled() {
            return Ok(());
        }
        let Some(mut fence) = take(app, by, holder).await? else { return Ok(()) };
        let mut portions = 0;
        while !app.ending().is_cancelled() && portion(app, by, id, fence).await? == Progress::More {
            portions += 1;
            if portions % PROLONG_AFTER == 0 {
                let Some(prolonged) = take(app, by, holder).await? else { return Ok(()) };
                fence = prolonged;
            }
        }
        let job_scope = by.clone();
        app.store()
            .write(Lane::Any, move |tx| Ok::<_, crate::service::Error>(lease::release(tx, &job_scope, LEASE, fence)?))
            .await?;
    }
    Ok(())
}

async fn portion(app: &App, by: &SystemScope, id: DirectoryId, fence: i64) -> Result<Progress> {
    deletion::remove_portion(app.store(), by, id, Some(fence)).await
}

async fn take(app: &App, by: &SystemScope, holder: &str) -> Result<Option<i64>> {
    let (by, holder) = (by.clone(), holder.to_owned());
    app.store().write(Lane::Any, move |tx| Ok(lease::take(tx, &by, LEASE, &holder, HELD)?)).await
}
