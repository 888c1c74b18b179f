//! Every URL, on one screen.

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tower::ServiceExt as _;

use crate::app::App;
use crate::app_api::{
    self, directories, directory_catalogue as catalogue, directory_groups, directory_schemas as schemas,
    directory_users, events, organizations,
};
use crate::middleware::observe::{Observer, observe};
use crate::middleware::paths;
use crate::middleware::request_id::RequestIds;
use crate::{health, portal, scim_api};

/// The whole service.
pub fn router(app: App) -> Router {
    let observer = Observer::new(RequestIds::new(&app.entropy()), app.config().limits);
    let routes = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .merge(application())
        .merge(scim_api::routes())
        .merge(portal::routes())
        .fallback(app_api::reply::unknown_path)
        .with_state(app);
    // The path is mended before routes are looked at, which a layer on the routes themselves would be too late for.
    let mended = routes.map_request(|request: Request| {
        let (mut head, body) = request.into_parts();
        head.uri = paths::mend(head.uri);
        Request::from_parts(head, body)
    });
    Router::new().fallback_service(mended).layer(from_fn_with_state(observer, observe))
}

/// What applications read and set, at the root.
fn application() -> Router<App> {
    Router::new()
        .route("/organizations", get(organizations::list))
        .route("/organizations/{id}", get(organizations::get))
        .route("/organizations/external_id/{external_id}", get(organizations::get_by_external_id))
        .route("/directories", get(directories::list))
        .route("/directories/{id}", get(directories::get))
        .route("/directories/{id}/schemas", get(schemas::list))
        .route("/directories/{id}/schemas/{urn}", get(schemas::get).put(schemas::put).delete(schemas::delete))
        .route("/directories/{id}/received_attributes", get(schemas::list_received))
        .route("/directories/{id}/catalogue", get(catalogue::get).put(catalogue::put).delete(catalogue::delete))
        .route("/directory_users", get(directory_users::list))
        .route("/directory_users/{id}", get(directory_users::get))
        .route("/directory_groups", get(directory_groups::list))
        .route("/directory_groups/{id}", get(directory_groups::get))
        .route("/events", get(events::list))
        .method_not_allowed_fallback(app_api::reply::unknown_method)
}
