//! The pages for a customer's administrator, who has a setup link and no account.
//!
//! Whatever a page shows or changes goes through the session's scope, which sees one organization; an id of another one leads to nothing
//! (SEC-50).

mod activity;
mod choose;
mod diagnostics;
mod directory;
mod feed;
mod frame;
mod guide;
mod landing;
mod live;
mod panel;
mod people;
mod progress;
mod roles;
mod steps;
mod tokens;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

/// Every page of the setup, on one screen.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/setup", get(choose::list).post(choose::create))
        .route("/setup/finish", post(landing::finish))
        .route("/setup/directories/{id}", get(directory::get))
        .route("/setup/directories/{id}/stream", get(live::get))
        .route("/setup/directories/{id}/guide", get(steps::choose))
        .route("/setup/directories/{id}/guide/{guide}/{step}", get(steps::get).post(steps::create_token))
        .route("/setup/directories/{id}/feed", get(feed::get))
        .route("/setup/directories/{id}/users", get(people::users))
        .route("/setup/directories/{id}/users/{user}", get(people::user))
        .route("/setup/directories/{id}/groups", get(people::groups))
        .route("/setup/directories/{id}/groups/{group}", get(people::group))
        .route("/setup/directories/{id}/tokens", get(tokens::list).post(tokens::create))
        .route("/setup/directories/{id}/tokens/rotate", get(tokens::rotation).post(tokens::begin_rotation))
        .route("/setup/directories/{id}/tokens/{token}/revoke", get(tokens::confirm_revoke).post(tokens::revoke))
        .route("/setup/directories/{id}/diagnostics", get(diagnostics::get))
        .route("/setup/directories/{id}/diagnostics/report", get(diagnostics::report))
        .route("/setup/directories/{id}/activity", get(activity::get))
        .route("/setup/directories/{id}/activity/export", get(activity::export))
        .route("/setup/directories/{id}/disable", get(directory::confirm_disable).post(directory::disable))
        .route("/setup/directories/{id}/enable", post(directory::enable))
        .route("/setup/directories/{id}/roles", get(roles::get).post(roles::post))
        .route("/setup/directories/{id}/attributes", get(roles::attributes))
        .route("/setup/{token}", get(landing::get).post(landing::start))
}
