//! Every URL, on one screen.

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{delete, get, post};
use tower::ServiceExt as _;

use crate::app::App;
use crate::app_api::{
    self, access_checks, audit_events, directories, directory_catalogue as catalogue, directory_groups,
    directory_schemas as schemas, directory_users, event_stream, events, idempotency, known_users, openapi,
    organizations, portal, requests, role_mappings, roles, snapshot, tokens, webhook_deliveries as deliveries,
    webhook_endpoints as webhooks,
};
use crate::middleware::observe::{Observer, observe};
use crate::middleware::paths;
use crate::middleware::request_id::RequestIds;
use crate::{health, scim_api};

/// The whole service.
pub fn router(app: App) -> Router {
    let observer = Observer::new(RequestIds::new(&app.entropy()), app.config().limits);
    let routes = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/openapi.json", get(openapi::get))
        .route("/docs", get(openapi::docs))
        .merge(application(&app))
        .merge(scim_api::routes())
        .merge(crate::portal::routes())
        .fallback(nowhere)
        .with_state(app);
    // The path is mended before routes are looked at, which a layer on the routes themselves would be too late for.
    let mended = routes.map_request(|request: Request| {
        let (mut head, body) = request.into_parts();
        let mended = paths::mend(head.uri.clone());
        if mended != head.uri {
            head.extensions.insert(paths::AsSent(std::mem::replace(&mut head.uri, mended)));
        }
        Request::from_parts(head, body)
    });
    Router::new().fallback_service(mended).layer(from_fn_with_state(observer, observe))
}

/// A path that no route has.
async fn nowhere(State(app): State<App>, request: Request) -> Response {
    match scim_api::astray(&app, request).await {
        Some(answer) => answer,
        None => app_api::reply::unknown_path().await,
    }
}

/// What applications read and set, at the root.
fn application(app: &App) -> Router<App> {
    Router::new()
        .route("/organizations", get(organizations::list).post(organizations::create))
        .route(
            "/organizations/{id}",
            get(organizations::get)
                .put(organizations::update)
                .patch(organizations::update)
                .delete(organizations::delete),
        )
        .route("/organizations/external_id/{external_id}", get(organizations::get_by_external_id))
        .route("/directories", get(directories::list).post(directories::create))
        .route("/directories/{id}", get(directories::get).patch(directories::update).delete(directories::delete))
        .route("/directories/{id}/disable", post(directories::disable))
        .route("/directories/{id}/enable", post(directories::enable))
        .route("/directories/{id}/restore", post(directories::restore))
        .route("/directories/{id}/deletion_preview", get(directories::preview))
        .route("/directories/{id}/tokens", get(tokens::list).post(tokens::create))
        .route("/directories/{id}/tokens/{token_id}", get(tokens::get).delete(tokens::revoke))
        .route("/organizations/{id}/roles", get(roles::of_organization))
        .route("/authorization/organizations/{id}/roles", get(roles::of_organization))
        .route("/authorization/roles", get(roles::list))
        .route("/roles", get(roles::list).post(roles::create))
        .route("/roles/{id}", get(roles::get).patch(roles::update).delete(roles::delete))
        .route("/role_mappings", get(role_mappings::list).post(role_mappings::create))
        .route("/role_mappings/preview", post(role_mappings::preview))
        .route(
            "/role_mappings/{id}",
            get(role_mappings::get).patch(role_mappings::update).delete(role_mappings::delete),
        )
        .route("/access_checks", get(access_checks::get).post(access_checks::batch))
        .route(
            "/directories/{id}/role_settings",
            get(role_mappings::get_settings).patch(role_mappings::update_settings),
        )
        .route("/directories/{id}/unknown_role_values", get(role_mappings::list_unknown))
        .route("/directory_users/{id}/roles", get(role_mappings::of_user))
        .route("/directories/{id}/schemas", get(schemas::list))
        .route("/directories/{id}/schemas/{urn}", get(schemas::get).put(schemas::put).delete(schemas::delete))
        .route("/directories/{id}/received_attributes", get(schemas::list_received))
        .route("/directories/{id}/known_users", get(known_users::list).post(known_users::load))
        .route("/directories/{id}/known_users/{known_id}", delete(known_users::delete))
        .route("/directories/{id}/conflicts", get(known_users::list_conflicts))
        .route("/directories/{id}/conflicts/{conflict_id}/accept", post(known_users::accept))
        .route("/directories/{id}/conflicts/{conflict_id}/refuse", post(known_users::refuse))
        .route("/directory_users/{id}/unlink", post(known_users::unlink))
        .route("/directories/{id}/requests", get(requests::list))
        .route("/directories/{id}/requests/{request}", get(requests::get))
        .route("/directories/{id}/diagnoses", get(requests::diagnoses))
        .route("/directories/{id}/catalogue", get(catalogue::get).put(catalogue::put).delete(catalogue::delete))
        .route("/directory_users", get(directory_users::list))
        .route("/directory_users/{id}", get(directory_users::get))
        .route("/directory_groups", get(directory_groups::list))
        .route("/directory_groups/{id}", get(directory_groups::get))
        .route("/directories/{id}/snapshot", get(snapshot::get))
        .route("/events", get(events::list))
        .route("/events/stream", get(event_stream::get))
        .route("/audit_events", get(audit_events::list))
        .route("/audit_events/export", get(audit_events::export))
        .route("/audit_events/verification", get(audit_events::verification))
        .route("/portal/generate_link", post(portal::generate))
        .route("/portal/revoke_link", post(portal::revoke))
        .route("/portal/links", get(portal::list))
        .route("/webhook_endpoints", get(webhooks::list).post(webhooks::create))
        .route("/webhook_endpoints/{id}", get(webhooks::get).patch(webhooks::update).delete(webhooks::delete))
        .route("/webhook_endpoints/{id}/rotate_secret", post(webhooks::rotate))
        .route("/webhook_endpoints/{id}/deliveries", get(deliveries::list))
        .route("/webhook_endpoints/{id}/deliveries/{delivery_id}/retry", post(deliveries::retry))
        .route("/webhook_endpoints/{id}/retry_parked", post(deliveries::retry_parked))
        .route("/webhook_endpoints/{id}/replay", post(deliveries::replay))
        .route("/webhook_endpoints/{id}/test", post(deliveries::test))
        .layer(from_fn_with_state(app.clone(), idempotency::once))
        .method_not_allowed_fallback(app_api::reply::unknown_method)
}
