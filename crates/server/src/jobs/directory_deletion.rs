//! Removes directories whose time of grace is over, one portion after the other, on one node at a time.

use std::time::Duration;

use doorward_store::scope::SystemScope;

use super::leased::Leased;
use super::rested;
use crate::App;
use crate::service::deletion::{self, LEASE, Progress};
use crate::service::error::Result;

/// How often the node looks for work. The question is one step in an index that is empty nearly always.
const EVERY: Duration = Duration::from_secs(2);

/// How long the lease is taken for: as long as another node waits when this one dies. A portion takes far less than a second.
const TERM: Duration = Duration::from_secs(5);

/// Runs until the service ends.
pub async fn run(app: App) {
    let by = SystemScope::job(LEASE);
    let mut leased = Leased::new(&app, LEASE, TERM);
    while rested(&app, EVERY, LEASE, round(&app, &by, &mut leased).await).await {}
}

async fn round(app: &App, by: &SystemScope, leased: &mut Leased) -> Result<()> {
    for id in deletion::due(app.store(), by).await? {
        while let Some(fence) = leased.fence(app, by).await?
            && deletion::remove_portion(app.store(), by, id, Some(fence)).await? == Progress::More
            && !app.ending().is_cancelled()
        {}
    }
    leased.release(app, by).await;
    Ok(())
}
