//! Seals the secrets of second factors with the present key, once after a start. Those of webhooks: [`delivery`](super::delivery).

use doorward_store::scope::SystemScope;

use crate::App;
use crate::service::second_factor;

/// Ends when it is done. Two nodes at the same time do each other no harm.
pub async fn reseal(app: App) {
    match second_factor::reseal(&app, &SystemScope::job("second factor")).await {
        Ok(0) => (),
        Ok(accounts) => tracing::info!(accounts, "sealed secrets of second factors with the present key"),
        Err(error) => tracing::error!(%error, "a secret of a second factor cannot be opened"),
    }
}
