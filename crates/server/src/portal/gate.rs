//! The gate of the portal: a handler that takes an [`Operator`] cannot be reached by anybody who is not signed in.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Redirect, Response};
use doorward_store::appearance::AppearanceRow;
use doorward_store::scope::{OperatorScope, PortalScope};
use doorward_store::{Entropy, Secret};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::cookies::Cookie;
use super::page::View;
use super::security::form_token;
use crate::app::App;
use crate::middleware::peer::Peer;
use crate::middleware::request_id::RequestId;
use crate::service::appearance;
use crate::service::operators::{self, Client};
use crate::service::portal_links;

/// Whom the portal has let in, with what the forms on the pages are tied to.
pub trait Gate: FromRequestParts<App, Rejection = Response> + Send {
    /// How the pages look and speak.
    fn view(&self) -> &View;
}

impl Gate for Operator {
    fn view(&self) -> &View {
        &self.view
    }
}

impl Gate for Administrator {
    fn view(&self) -> &View {
        &self.view
    }
}

/// A customer's administrator with an opened setup link. The organization comes from the session and from nowhere else (SEC-50).
pub struct Administrator {
    /// What the person may do: set up this one organization.
    pub scope: PortalScope,
    /// How the pages look and speak.
    pub view: View,
}

impl FromRequestParts<App> for Administrator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let look = look(app).await;
        let visitor = |parts: &Parts| {
            View::of(app, &parts.headers, &parts.uri, String::new(), None).at("/setup").looking(look.clone())
        };
        let over = |parts: &Parts| visitor(parts).problem(StatusCode::NOT_FOUND, "no_link");
        let Some(secret) = Cookie::Setup.read(app, &parts.headers).map(Secret::new) else { return Err(over(parts)) };
        let found = portal_links::session(app.store(), secret.hash()).await;
        let found = found.map_err(|error| visitor(parts).failed(error).into_response())?;
        let Some(scope) = found.filter(|scope| scope.intent() == "dsync") else { return Err(over(parts)) };
        let client = client(parts);
        let view = View::of(app, &parts.headers, &parts.uri, form_token(&secret), None).at("/setup");
        let view = view.looking(look.clone());
        Ok(Administrator { scope: scope.for_request(client.request_id, client.address), view })
    }
}

/// Who is signed in.
pub struct Operator {
    /// What the person may do: everything.
    pub scope: OperatorScope,
    /// How the pages look and speak.
    pub view: View,
}

impl FromRequestParts<App> for Operator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let visitor = |parts: &Parts| View::of(app, &parts.headers, &parts.uri, String::new(), None);
        let Some(secret) = Cookie::Session.read(app, &parts.headers).map(Secret::new) else {
            return Err(Redirect::to("/admin/sign-in").into_response());
        };
        let found = operators::authenticate(app.store(), &secret).await;
        let found = found.map_err(|error| visitor(parts).failed(error).into_response())?;
        let Some(signed_in) = found else {
            let mut response = Redirect::to("/admin/sign-in?ended=1").into_response();
            put(response.headers_mut(), Cookie::Session.clear(app));
            return Err(response);
        };
        let client = client(parts);
        let name = Some(signed_in.operator.name);
        let view = View::of(app, &parts.headers, &parts.uri, form_token(&secret), name);
        Ok(Operator { scope: signed_in.scope.for_request(client.request_id, client.address), view })
    }
}

/// Somebody who need not be signed in. The forms are tied to a cookie too, so that nobody can be signed in by another site (login CSRF).
pub struct Visitor {
    /// How the pages look and speak.
    pub view: View,
    /// What is noted of a sign-in.
    pub client: Client,
    new: Option<String>,
}

impl Visitor {
    /// The answer, with the cookie that the forms on it are tied to.
    pub fn answer(&self, app: &App, mut response: Response) -> Response {
        if let Some(new) = &self.new {
            put(response.headers_mut(), Cookie::Visit.set(app, new));
        }
        response
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let old = Cookie::Visit.read(app, &parts.headers);
        let new = old.is_none().then(|| random(&app.entropy()));
        let secret = Secret::new(old.or_else(|| new.clone()).unwrap_or_default());
        let view = View::of(app, &parts.headers, &parts.uri, form_token(&secret), None);
        let is_customer = parts.uri.path().starts_with("/setup");
        let view = if is_customer { view.looking(look(app).await) } else { view };
        Ok(Visitor { view, client: client(parts), new })
    }
}

/// How customers' pages look. A page that cannot find out looks like Doorward's own, and is there all the same.
async fn look(app: &App) -> AppearanceRow {
    appearance::get(app.store()).await.unwrap_or_default()
}

/// What is known of the caller.
fn client(parts: &Parts) -> Client {
    let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    Client {
        request_id: RequestId::of(&parts.extensions).map(|id| id.to_string().into()),
        address: Peer::of(&parts.extensions),
        agent: agent.to_owned(),
    }
}

fn random(entropy: &Entropy) -> String {
    let mut random = [0; 32];
    entropy.fill(&mut random);
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Sets a cookie besides those that are set already.
pub fn put(headers: &mut HeaderMap, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        headers.append(header::SET_COOKIE, cookie);
    }
}
