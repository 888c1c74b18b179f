//! Looks at the people of large directories again after a change of rules, portion by portion.

use std::time::Duration;

use tokio::time::sleep;

use crate::App;
use crate::service::roles::recompute;

/// How often a node that has nothing to do looks whether there is something.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Runs until the service ends.
pub async fn run(app: App) {
    let mut random = [0; 8];
    app.entropy().fill(&mut random);
    let holder = format!("{:016x}", u64::from_le_bytes(random));
    while !app.ending().is_cancelled() {
        let pause = match recompute::step(app.store(), &holder).await {
            Ok(true) => continue,
            Ok(false) => LOOK_AGAIN,
            Err(error) => {
                tracing::warn!(%error, "people could not be looked at again after a change of rules; trying again");
                LOOK_AGAIN
            }
        };
        tokio::select! {
            () = sleep(pause) => (),
            () = app.ending().cancelled() => (),
        }
    }
}
