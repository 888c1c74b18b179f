//! What a node does without being asked: one task each, from [`start`] until the service ends.
//!
//! Every node runs every task. What one node alone may do is done under a [lease](doorward_store::lease).

pub mod delivery;
mod directory_deletion;
mod event_log;
mod idempotency;
mod leased;
pub mod request_log;
mod role_recompute;

use std::time::Duration;

use tokio_util::task::TaskTracker;

use crate::App;
use crate::service::error::Result;

/// Starts the tasks of this node. They end by themselves when [`App::ending`] is cancelled.
pub fn start(app: &App) -> TaskTracker {
    let tasks = TaskTracker::new();
    tasks.spawn(event_log::watch_end(app.clone()));
    tasks.spawn(event_log::seal(app.clone()));
    tasks.spawn(event_log::purge(app.clone()));
    tasks.spawn(event_log::settle(app.clone()));
    tasks.spawn(directory_deletion::run(app.clone()));
    tasks.spawn(idempotency::run(app.clone()));
    tasks.spawn(role_recompute::run(app.clone()));
    tasks.spawn(request_log::write(app.clone()));
    tasks.spawn(request_log::purge(app.clone()));
    tasks.spawn(delivery::run(app.clone()));
    tasks.close();
    tasks
}

/// Waits for the next time; false when the service ends. What has failed is tried again then.
async fn rested(app: &App, pause: Duration, job: &str, outcome: Result<()>) -> bool {
    if let Err(error) = outcome {
        tracing::warn!(job, %error, "a job failed; it is tried again");
    }
    tokio::select! {
        () = app.ending().cancelled() => false,
        () = tokio::time::sleep(pause) => true,
    }
}
