//! The pages of the operator, a file for each subject.

mod account;
mod api_keys;
mod audit;
mod audit_chain;
mod deliveries;
mod directories;
mod events;
mod home;
mod links;
mod organizations;
mod people;
mod requests;
mod role_mappings;
mod roles;
mod second_factor;
mod settings;
mod sign_in;
mod tokens;
mod webhook_edit;
mod webhooks;

use std::collections::HashMap;

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use doorward_store::paging::{Cursor, Order};
use http::StatusCode;

use super::gate::Operator;
use crate::app::App;

/// Rows on one page of a list.
const ROWS: i64 = 25;

/// Every page of the operator, on one screen.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin", get(home::get))
        .route("/admin/sign-in", get(sign_in::get).post(sign_in::post))
        .route("/admin/sign-in/code", post(sign_in::post_code))
        .route("/admin/begin", get(sign_in::begin).post(sign_in::post_begin))
        .route("/admin/sign-out", post(account::sign_out))
        .route("/admin/appearance", post(account::appearance))
        .route("/admin/account", get(account::get))
        .route("/admin/account/sessions/{id}/end", post(account::end_session))
        .route("/admin/account/second-factor", get(second_factor::get).post(second_factor::begin))
        .route("/admin/account/second-factor/confirm", post(second_factor::confirm))
        .route("/admin/account/second-factor/remove", post(second_factor::remove))
        .route("/admin/organizations", get(organizations::list).post(organizations::create))
        .route("/admin/organizations/new", get(organizations::new))
        .route("/admin/organizations/{id}", get(organizations::get))
        .route("/admin/organizations/{id}/directories/new", get(directories::new))
        .route("/admin/organizations/{id}/directories", post(directories::create))
        .route("/admin/organizations/{id}/links", post(links::create))
        .route("/admin/links/{id}/revoke", get(links::confirm).post(links::revoke))
        .route("/admin/directories/{id}", get(directories::get))
        .route("/admin/directories/{id}/disable", get(directories::confirm_disable).post(directories::disable))
        .route("/admin/directories/{id}/enable", post(directories::enable))
        .route("/admin/directories/{id}/tokens", post(tokens::create))
        .route("/admin/directories/{id}/tokens/{token}/revoke", get(tokens::confirm).post(tokens::revoke))
        .route("/admin/directories/{id}/users", get(people::users))
        .route("/admin/directories/{id}/groups", get(people::groups))
        .route("/admin/directories/{id}/requests", get(requests::list))
        .route("/admin/directories/{id}/requests/{request}", get(requests::get))
        .route("/admin/directories/{id}/roles", get(role_mappings::get).post(role_mappings::post))
        .route("/admin/roles", get(roles::list).post(roles::create))
        .route("/admin/roles/{id}", get(roles::get).post(roles::update))
        .route("/admin/roles/{id}/delete", get(roles::confirm).post(roles::delete))
        .route("/admin/organizations/{id}/roles", get(roles::of_organization).post(roles::create_for))
        .route("/admin/users/{id}", get(people::user))
        .route("/admin/groups/{id}", get(people::group))
        .route("/admin/events", get(events::list))
        .route("/admin/events/{id}/replay", get(deliveries::confirm_replay).post(deliveries::replay))
        .route("/admin/webhooks", get(webhooks::list).post(webhook_edit::create))
        .route("/admin/webhooks/new", get(webhook_edit::new))
        .route("/admin/webhooks/{id}", get(webhooks::get).post(webhook_edit::update))
        .route("/admin/webhooks/{id}/edit", get(webhook_edit::edit))
        .route("/admin/webhooks/{id}/disable", get(webhooks::confirm_disable).post(webhooks::disable))
        .route("/admin/webhooks/{id}/enable", post(webhooks::enable))
        .route("/admin/webhooks/{id}/secret", post(webhooks::rotate))
        .route("/admin/webhooks/{id}/delete", get(webhooks::confirm_delete).post(webhooks::delete))
        .route("/admin/webhooks/{id}/test", post(webhooks::test))
        .route("/admin/webhooks/{id}/retry", post(webhooks::retry_parked))
        .route("/admin/webhooks/{id}/deliveries", get(deliveries::list))
        .route("/admin/webhooks/{id}/deliveries/{delivery}", get(deliveries::get))
        .route("/admin/webhooks/{id}/deliveries/{delivery}/retry", post(deliveries::retry))
        .route("/admin/audit", get(audit::list))
        .route("/admin/audit/chain", get(audit_chain::get).post(audit_chain::verify))
        .route("/admin/audit/export", get(audit::export))
        .route("/admin/audit/{id}", get(audit::get))
        .route("/admin/settings", get(settings::get).post(settings::update))
        .route("/admin/settings/logo", post(settings::set_logo))
        .route("/admin/settings/logo/remove", post(settings::remove_logo))
        .route("/admin/api-keys", get(api_keys::list).post(api_keys::create))
        .route("/admin/api-keys/{id}/revoke", get(api_keys::confirm).post(api_keys::revoke))
        .route("/admin/{*rest}", get(unknown))
}

/// A page that does not exist; said only to somebody who is signed in.
async fn unknown(who: Operator) -> Response {
    who.view.problem(StatusCode::NOT_FOUND, "not_found")
}

/// What stands behind `?` in the address of a page.
type Query = axum::extract::Query<HashMap<String, String>>;

/// A text of the query; `None` when it is missing or blank.
fn asked(query: &Query, name: &str) -> Option<String> {
    query.get(name).map(|text| text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Which part of a list is wanted, newest first. An id that is none begins from the newest.
fn cursor<I: std::str::FromStr>(query: &Query) -> Cursor<I> {
    let id = |name| asked(query, name).and_then(|text| text.parse().ok());
    Cursor { after: id("after"), before: id("before"), limit: ROWS, order: Order::Descending }
}

/// An id in an address; what is none leads to nothing.
fn id<I: std::str::FromStr>(view: &super::page::View, text: &str) -> Result<I, super::page::Failure> {
    text.parse().map_err(|_| view.failed(crate::service::Error::NotFound { what: "Page" }))
}

/// The query for a search, as part of an address.
fn encoded(pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    query.finish()
}
