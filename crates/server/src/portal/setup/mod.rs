//! The pages for a customer's administrator, who has a setup link and no account.
//!
//! Whatever a page shows or changes goes through the session's scope, which sees one organization; an id of another one leads to nothing
//! (SEC-50).

mod directory;
mod guide;
mod landing;
mod roles;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

/// Every page of the setup, on one screen.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/setup", get(directory::list).post(directory::create))
        .route("/setup/finish", post(landing::finish))
        .route("/setup/directories/{id}", get(directory::get))
        .route("/setup/directories/{id}/changes", get(directory::changes))
        .route("/setup/directories/{id}/tokens", post(directory::create_token))
        .route(
            "/setup/directories/{id}/tokens/{token}/revoke",
            get(directory::confirm_revoke).post(directory::revoke_token),
        )
        .route("/setup/directories/{id}/disable", get(directory::confirm_disable).post(directory::disable))
        .route("/setup/directories/{id}/enable", post(directory::enable))
        .route("/setup/directories/{id}/roles", get(roles::get).post(roles::post))
        .route("/setup/directories/{id}/attributes", get(roles::attributes))
        .route("/setup/{token}", get(landing::get).post(landing::start))
}
