//! The portal: pages for the people who run Doorward, under `/admin`, and for their customers' administrators, under `/setup`.
//!
//! Pages are HTML made on the server; every action is a link or a form and works without JavaScript. What a page shows comes from
//! [`service`](crate::service), what it says from the catalogue in `locales/` ([`language`]). Nobody gets past `gate` without a session,
//! and nothing changes but by a form that `form` has checked.

pub mod assets;
mod brand;
mod cookies;
mod findings;
mod form;
mod gate;
pub mod language;
mod operator;
mod page;
mod role_rules;
mod security;
mod setup;
mod shown;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::get;

use crate::app::App;

/// Every address of the portal.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/assets/{file}", get(assets::get))
        .route("/assets/accent/{digits}", get(brand::style))
        .route("/assets/logo/{hash}", get(brand::logo))
        .merge(operator::routes())
        .merge(setup::routes())
        .layer(from_fn(security::headers))
}
