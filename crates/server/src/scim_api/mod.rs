//! The surface for identity providers: SCIM 2.0 and 1.1 over HTTP.
//!
//! A request is authenticated, then its path and method are judged, then its body is read; the versions of the protocol
//! differ in how bodies are read and answers written, and in nothing else (SEC-37). What the requests do is in
//! [`service`](crate::service).

pub mod accept;
pub mod auth;
pub mod body;
mod bulk;
mod call;
mod catalogue;
pub mod conditional;
pub mod credential;
pub mod cursor;
mod discovery;
mod groups;
pub mod list;
pub mod query;
mod record;
pub mod refusal;
pub mod reply;
mod root;
pub mod route;
mod search;
mod tee;
mod users;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use doorward_scim::version::Version;
use http::header::{ALLOW, AUTHORIZATION};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::App;
use crate::middleware::peer::Peer;
use crate::middleware::request_id::RequestId;
use crate::service::diagnose::address;
use crate::service::tolerated::Tolerated;
use call::Call;
use query::Query;
use record::Recording;
use refusal::Refusal;
use reply::Form;
use route::{Endpoint, Route};

/// Everything under `/scim`. Two routes, because [`Route`] reads the rest of the path itself.
pub fn routes() -> Router<App> {
    Router::new().route("/scim", any(serve)).route("/scim/{*rest}", any(serve))
}

/// Answers one request, and puts every refusal into the version's form.
async fn serve(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    let (route, query) = Route::parse(path.strip_prefix("/scim").unwrap_or(path), parts.uri.query());
    let form = Form { version: route.version, media_type: accept::media_type(route.version, &parts.headers) };
    let head = parts.method == Method::HEAD;
    let tolerated = Tolerated::default();
    let (mut recording, body) = Recording::begin(&app, &parts, body, &route, &tolerated);
    let answer = answer(app, route, query, &form, (&parts, body), &recording).await;
    let answer = answer.inspect_err(|refusal| recording.refused(refusal));
    let mut response = recording.end(answer.unwrap_or_else(|refusal| form.refusal(refusal))).await;
    response.extensions_mut().insert(tolerated);
    if head { without_body(response) } else { response }
}

/// A path that nothing has. An identity provider whose base URL lacks its beginning asks for `/v2/Users` or `/acme/v2/Users`: when it has
/// a credential that opens a directory, it is told in SCIM's form, and its administrator finds the right URL in the request log (D07).
/// `None` for everybody else.
pub async fn astray(app: &App, request: Request) -> Option<Response> {
    if !address::is_astray(request.uri().path()) || !request.headers().contains_key(AUTHORIZATION) {
        return None;
    }
    let (parts, body) = request.into_parts();
    let (route, _) = Route::parse(parts.uri.path(), None);
    let route = Route { label: None, endpoint: Endpoint::Unknown, ..route };
    let form = Form { version: route.version, media_type: accept::media_type(route.version, &parts.headers) };
    let tolerated = Tolerated::default();
    let (mut recording, _unread) = Recording::begin(app, &parts, body, &route, &tolerated);
    let Ok(scope) = auth::authenticate(app, &parts.headers, None, Peer::of(&parts.extensions), &tolerated).await else {
        recording.forget();
        return None;
    };
    recording.opened(&scope);
    let refusal = Refusal::no_such_path();
    recording.refused(&refusal);
    Some(recording.end(form.refusal(refusal)).await)
}

async fn answer(
    app: App,
    route: Route,
    query: Option<&str>,
    form: &Form,
    (parts, body): (&Parts, Body),
    recording: &Recording,
) -> Result<Response, Refusal> {
    let headers = &parts.headers;
    let (peer, tolerated) = (Peer::of(&parts.extensions), recording.tolerated());
    let scope = auth::authenticate(&app, headers, route.label.as_deref(), peer, tolerated).await?;
    recording.opened(&scope);
    let method = effective_method(&parts.method, route.version, headers)?;
    let scope = match reads(&method, &route.endpoint) {
        true => scope,
        false if scope.is_read_only() => return Err(Refusal::read_only()),
        false => {
            let request_id = RequestId::of(&parts.extensions).map(|id| id.to_string().into());
            Arc::new(scope.for_request(request_id, peer))
        }
    };
    let query = Query::parse(query)?;
    if query.filter.is_some() && !app.config().limits.filters_in_urls {
        return Err(Refusal::sensitive());
    }
    let call = Call::new(app, scope, &route, query, form.clone(), headers.clone(), recording);
    match (&method, allowed(&route)?) {
        (&Method::OPTIONS, allow) => Ok(options(allow)),
        (method, allow) if allow.split(", ").any(|name| name == method.as_str()) => {
            dispatch(call, method, route.endpoint, body).await
        }
        (_, allow) => Err(Refusal::method_not_allowed(allow)),
    }
}

/// The methods of an endpoint.
fn allowed(route: &Route) -> Result<&'static str, Refusal> {
    match &route.endpoint {
        Endpoint::Users | Endpoint::Groups => Ok("GET, HEAD, POST"),
        Endpoint::User(_) | Endpoint::Group(_) => Ok("GET, HEAD, PUT, PATCH, DELETE"),
        Endpoint::ServiceProviderConfig
        | Endpoint::ResourceTypes
        | Endpoint::ResourceType(_)
        | Endpoint::Schemas
        | Endpoint::Schema(_)
        | Endpoint::Catalogue(_)
        | Endpoint::CatalogueValue(..) => Ok("GET, HEAD"),
        Endpoint::Root => Ok("GET, HEAD"),
        Endpoint::UserSearch | Endpoint::GroupSearch | Endpoint::RootSearch | Endpoint::Bulk => Ok("POST"),
        // The caller is a provisioning client and no user, so there is nobody whom /Me could mean (P-7644-3.11-01).
        Endpoint::Me => Err(Refusal::new(501, "/Me is not supported: the credential belongs to no user.")),
        Endpoint::UnknownVersion(version) => Err(Refusal {
            scim_type: Some("invalidVers"),
            ..Refusal::new(400, format!("There is no version {version} of this service; it speaks v2 and v1."))
        }),
        Endpoint::Unknown => Err(Refusal::no_such_path()),
    }
}

async fn dispatch(call: Call, method: &Method, endpoint: Endpoint, body: Body) -> Result<Response, Refusal> {
    match endpoint {
        Endpoint::UserSearch => return search::users(call, body).await,
        Endpoint::GroupSearch => return search::groups(call, body).await,
        Endpoint::RootSearch => return search::everything(call, body).await,
        _ => {}
    }
    let call = &call;
    match (method.as_str(), endpoint) {
        ("POST", Endpoint::Users) => users::create(call, body).await,
        (_, Endpoint::Users) => users::list(call).await,
        ("PUT", Endpoint::User(id)) => users::replace(call, &id, body).await,
        ("PATCH", Endpoint::User(id)) => users::patch(call, &id, body).await,
        ("DELETE", Endpoint::User(id)) => users::delete(call, &id).await,
        (_, Endpoint::User(id)) => users::get(call, &id).await,
        ("POST", Endpoint::Groups) => groups::create(call, body).await,
        (_, Endpoint::Groups) => groups::list(call).await,
        ("PUT", Endpoint::Group(id)) => groups::replace(call, &id, body).await,
        ("PATCH", Endpoint::Group(id)) => groups::patch(call, &id, body).await,
        ("DELETE", Endpoint::Group(id)) => groups::delete(call, &id).await,
        (_, Endpoint::Group(id)) => groups::get(call, &id).await,
        (_, Endpoint::Root) => root::list(call).await,
        (_, Endpoint::Bulk) => bulk::run(call, body).await,
        (_, Endpoint::ServiceProviderConfig) => discovery::service_provider_config(call),
        (_, Endpoint::ResourceTypes) => discovery::resource_types(call),
        (_, Endpoint::ResourceType(name)) => discovery::resource_type(call, &name),
        (_, Endpoint::Schemas) => discovery::schemas(call),
        (_, Endpoint::Schema(id)) => discovery::schema(call, &id),
        (_, Endpoint::Catalogue(which)) => catalogue::list(call, which).await,
        (_, Endpoint::CatalogueValue(which, id)) => catalogue::get(call, which, &id),
        _ => Err(Refusal::no_such_path()),
    }
}

/// The method that is meant: clients of SCIM 1.1 that cannot send PUT, PATCH or DELETE send POST and name it in a header
/// (SCIM 1.1 protocol 3.12). In 2.0 there is no such header; to run a POST although the client meant something else
/// would be worse than to refuse it.
fn effective_method(method: &Method, version: Version, headers: &HeaderMap) -> Result<Method, Refusal> {
    let Some(named) = headers.get("x-http-method-override").filter(|_| method == Method::POST) else {
        return Ok(method.clone());
    };
    let named = named.to_str().unwrap_or_default().trim().to_ascii_uppercase();
    match (version, named.as_str()) {
        (_, "POST") => Ok(Method::POST),
        (Version::V1, "PUT") => Ok(Method::PUT),
        (Version::V1, "PATCH") => Ok(Method::PATCH),
        (Version::V1, "DELETE") => Ok(Method::DELETE),
        (Version::V1, _) => Err(Refusal::invalid_syntax("X-HTTP-Method-Override must be PUT, PATCH or DELETE.")),
        (Version::V2, _) => {
            Err(Refusal::invalid_syntax("X-HTTP-Method-Override is a header of SCIM 1.1; this is SCIM 2.0."))
        }
    }
}

/// Whether a request leaves everything as it is.
fn reads(method: &Method, endpoint: &Endpoint) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
        || matches!(endpoint, Endpoint::UserSearch | Endpoint::GroupSearch | Endpoint::RootSearch)
}

fn options(allow: &'static str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
    response
}

/// HEAD is GET without the body (RFC 9110 section 9.3.2).
fn without_body(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    if let Some(length) = http_body::Body::size_hint(&body).exact() {
        parts.headers.insert(http::header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    Response::from_parts(parts, Body::empty())
}
