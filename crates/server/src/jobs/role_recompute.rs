//! Looks at the people of large directories again after a change of rules, portion by portion.

use std::time::Duration;

use doorward_store::scope::SystemScope;

use super::leased::{Leased, TERM};
use super::rested;
use crate::App;
use crate::service::error::Result;
use crate::service::roles::recompute::{self, LEASE};

/// How often a node that has nothing to do looks whether there is something.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Runs until the service ends.
pub async fn run(app: App) {
    let by = SystemScope::job(LEASE);
    let mut leased = Leased::new(&app, LEASE, TERM);
    while rested(&app, LOOK_AGAIN, LEASE, round(&app, &by, &mut leased).await).await {}
    leased.release(&app, &by).await;
}

async fn round(app: &App, by: &SystemScope, leased: &mut Leased) -> Result<()> {
    while !app.ending().is_cancelled()
        && let Some(id) = recompute::next(app.store(), by).await?
        && let Some(fence) = leased.fence(app, by).await?
    {
        recompute::step(app.store(), by, id, fence).await?;
    }
    Ok(())
}
