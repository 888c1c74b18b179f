//! What a node does without being asked: one task each, from [`start`] until the service ends.
//!
//! Every node runs every task. What one node alone may do is done under a [lease](doorward_store::lease).

pub mod delivery;

use tokio_util::task::TaskTracker;

use crate::App;

/// Starts the tasks of this node. They end by themselves when [`App::ending`] is cancelled.
pub fn start(app: &App) -> TaskTracker {
    let tasks = TaskTracker::new();
    tasks.spawn(delivery::run(app.clone()));
    tasks.close();
    tasks
}
