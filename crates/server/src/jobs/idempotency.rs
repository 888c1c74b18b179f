//! Forgets the answers that were kept for `Idempotency-Key` longer than a day.

use std::time::Duration;

use doorward_store::scope::SystemScope;
use doorward_store::{Lane, idempotency};

use crate::App;
use crate::service::Error;

/// How often the node looks.
const EVERY: Duration = Duration::from_secs(600);

/// How many are forgotten in one transaction.
const PORTION: i64 = 500;

/// Runs until the service ends. Two nodes at the same time do each other no harm.
pub async fn run(app: App) {
    loop {
        tokio::select! {
            () = app.ending().cancelled() => return,
            () = tokio::time::sleep(EVERY) => (),
        }
        while !app.ending().is_cancelled() {
            let job = |tx: &mut doorward_store::Tx<'_>| {
                Ok::<_, Error>(idempotency::purge(tx, &SystemScope::job("idempotency"), PORTION)?)
            };
            match app.store().write(Lane::Any, job).await {
                Ok(removed) if removed.cast_signed() >= PORTION => (),
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "old answers could not be forgotten; trying again later");
                    break;
                }
            }
        }
    }
}
