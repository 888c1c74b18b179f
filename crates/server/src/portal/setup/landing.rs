//! Where a setup link leads (C0), and the end of the setup.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use doorward_store::{Actor, Origin, Secret};
use http::StatusCode;

use crate::app::App;
use crate::portal::cookies::Cookie;
use crate::portal::form::{Posted, VisitorPosted};
use crate::portal::gate::{Administrator, Visitor, put};
use crate::portal::page::{Page, render};
use crate::portal::shown::{Time, brief};
use crate::service::portal_links;

#[derive(Template)]
#[template(path = "setup/landing.html")]
struct LandingPage {
    page: Page,
    expires: Time,
    action: String,
}

#[derive(Template)]
#[template(path = "setup/finished.html")]
struct FinishedPage {
    page: Page,
    back: String,
}

/// `GET /setup/{token}`. Looking uses nothing up, so that scanners of mail may (SEC-49).
pub async fn get(State(app): State<App>, Path(token): Path<String>, visitor: Visitor) -> Response {
    let view = visitor.view.clone().at("/setup");
    let hash = Secret::new(token.clone()).hash();
    let (link, name) = match portal_links::look_with_name(app.store(), hash).await {
        Ok(Some(found)) => found,
        Ok(None) => return view.problem(StatusCode::NOT_FOUND, "no_link"),
        Err(error) => return view.failed(error).into_response(),
    };
    let page = view.page(view.text.t1("landing.title", brief(&name)), None);
    let page = LandingPage { page, expires: Time::of(link.expires_at), action: format!("/setup/{token}") };
    visitor.answer(&app, render(StatusCode::OK, &page))
}

/// `POST /setup/{token}`: uses the link up for a session, and takes it out of the address.
pub async fn start(State(app): State<App>, Path(token): Path<String>, form: VisitorPosted) -> Response {
    let VisitorPosted { visitor, .. } = form;
    let view = visitor.view.clone().at("/setup");
    let origin = Origin {
        actor: Actor::Portal(String::new()),
        request_id: visitor.client.request_id.clone(),
        address: visitor.client.address,
    };
    match portal_links::redeem(app.store(), Secret::new(token).hash(), origin).await {
        Ok(Some((_, secret))) => {
            let mut response = Redirect::to("/setup").into_response();
            put(response.headers_mut(), Cookie::Setup.set(&app, secret.expose()));
            put(response.headers_mut(), Cookie::Visit.clear(&app));
            response
        }
        Ok(None) => view.problem(StatusCode::NOT_FOUND, "no_link"),
        Err(error) => view.failed(error).into_response(),
    }
}

/// `POST /setup/finish`
pub async fn finish(State(app): State<App>, Posted { who, .. }: Posted<Administrator>) -> Response {
    if let Err(error) = portal_links::complete(app.store(), &who.scope).await {
        return who.view.failed(error).into_response();
    }
    let link = portal_links::own(app.store(), &who.scope).await;
    let back = link.ok().and_then(|link| link.success_url.or(link.return_url));
    let page = who.view.page(who.view.text.t("finished.title"), None);
    let back = back.unwrap_or_else(|| page.return_url().to_owned());
    render(StatusCode::OK, &FinishedPage { page, back })
}
