//! Signing in (O1), and the first account.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use doorward_store::Secret;
use doorward_store::operator::CodeUse;
use http::{StatusCode, header};

use super::{Query, asked};
use crate::app::App;
use crate::portal::cookies::Cookie;
use crate::portal::form::{Fields, Problem, VisitorPosted};
use crate::portal::gate::{Visitor, put};
use crate::portal::page::{Page, render};
use crate::service::operators::{self, Attempt, Beginning};
use crate::service::second_factor;

#[derive(Template)]
#[template(path = "operator/sign_in.html")]
struct SignInPage {
    page: Page,
    email: String,
    ended: bool,
    /// A word of the section `sign_in`; empty when nothing went wrong.
    refused: &'static str,
}

#[derive(Template)]
#[template(path = "operator/code.html")]
struct CodePage {
    page: Page,
    /// What was given for the password.
    challenge: Secret,
    refused: &'static str,
}

#[derive(Template)]
#[template(path = "operator/begin.html")]
struct BeginPage {
    page: Page,
    fields: Fields,
    problem: Problem,
    refused: &'static str,
    /// Whether the code sets another password for an account that exists.
    again: bool,
}

/// `GET /admin/sign-in`
pub async fn get(State(app): State<App>, visitor: Visitor, query: Query) -> Response {
    match operators::exist(app.store()).await {
        Ok(true) => {}
        Ok(false) => return Redirect::to("/admin/begin").into_response(),
        Err(error) => return visitor.view.failed(error).into_response(),
    }
    let ended = asked(&query, "ended").is_some();
    let page = sign_in_page(&visitor, String::new(), ended, "");
    visitor.answer(&app, render(StatusCode::OK, &page))
}

fn sign_in_page(visitor: &Visitor, email: String, ended: bool, refused: &'static str) -> SignInPage {
    let title = visitor.view.text.t("sign_in.title");
    SignInPage { page: visitor.view.page(title, None), email, ended, refused }
}

/// `POST /admin/sign-in`
pub async fn post(State(app): State<App>, form: VisitorPosted) -> Response {
    let VisitorPosted { visitor, fields } = form;
    let (email, password) = (fields.get("email").to_owned(), Secret::new(fields.exact("password")));
    match operators::sign_in(&app, visitor.client.clone(), email.clone(), password).await {
        Ok(Attempt::SignedIn(_, secret)) => enter(&app, &secret),
        Ok(Attempt::SecondFactor(challenge)) => render(StatusCode::OK, &code_page(&visitor, challenge, "")),
        Ok(Attempt::Refused | Attempt::Ended) => {
            render(StatusCode::UNPROCESSABLE_ENTITY, &sign_in_page(&visitor, email, false, "sign_in.refused"))
        }
        Ok(Attempt::TooMany) => too_many(&sign_in_page(&visitor, email, false, "sign_in.too_many")),
        Err(error) => visitor.view.failed(error).into_response(),
    }
}

fn code_page(visitor: &Visitor, challenge: Secret, refused: &'static str) -> CodePage {
    CodePage { page: visitor.view.page(visitor.view.text.t("second_factor.code_title"), None), challenge, refused }
}

/// `POST /admin/sign-in/code`: the second factor, after the password.
pub async fn post_code(State(app): State<App>, form: VisitorPosted) -> Response {
    let VisitorPosted { visitor, fields } = form;
    let challenge = Secret::new(fields.get("challenge"));
    let code = fields.get("code").to_owned();
    match second_factor::finish(&app, visitor.client.clone(), challenge.clone(), code).await {
        Ok(Attempt::SignedIn(_, secret)) => enter(&app, &secret),
        Ok(Attempt::Refused) => {
            let page = code_page(&visitor, challenge, "second_factor.refused");
            render(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Ok(Attempt::TooMany) => too_many(&code_page(&visitor, challenge, "second_factor.too_many")),
        Ok(Attempt::Ended | Attempt::SecondFactor(_)) => {
            let page = sign_in_page(&visitor, String::new(), false, "second_factor.ended");
            render(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => visitor.view.failed(error).into_response(),
    }
}

/// `GET /admin/begin`
pub async fn begin(State(app): State<App>, visitor: Visitor) -> Response {
    let page = begin_page(&visitor, Fields::default(), Problem::default(), "", false);
    visitor.answer(&app, render(StatusCode::OK, &page))
}

fn begin_page(visitor: &Visitor, fields: Fields, problem: Problem, refused: &'static str, again: bool) -> BeginPage {
    let title = visitor.view.text.t("begin.title");
    BeginPage { page: visitor.view.page(title, None), fields, problem, refused, again }
}

/// `POST /admin/begin`
pub async fn post_begin(State(app): State<App>, form: VisitorPosted) -> Response {
    let VisitorPosted { visitor, fields } = form;
    let code = Secret::new(fields.get("code"));
    let again = matches!(operators::look_at_code(app.store(), &code).await, Ok(Some(CodeUse::NewPassword(_))));
    let unusable =
        |problem, fields| render(StatusCode::UNPROCESSABLE_ENTITY, &begin_page(&visitor, fields, problem, "", again));
    if fields.exact("password") != fields.exact("password_again") {
        return unusable(Problem::new(&visitor.view, "password_again", "invalid.password_again"), fields);
    }
    let with = Beginning {
        code,
        email: fields.get("email").to_owned(),
        name: fields.get("name").to_owned(),
        password: Secret::new(fields.exact("password")),
    };
    match operators::begin(&app, visitor.client.clone(), with).await {
        Ok(Attempt::SignedIn(_, secret)) => enter(&app, &secret),
        Ok(Attempt::Refused | Attempt::Ended | Attempt::SecondFactor(_)) => {
            let page = begin_page(&visitor, fields, Problem::default(), "begin.refused", false);
            render(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Ok(Attempt::TooMany) => too_many(&begin_page(&visitor, fields, Problem::default(), "sign_in.too_many", false)),
        Err(error) => match Problem::of(&visitor.view, error) {
            Ok(problem) => unusable(problem, fields),
            Err(error) => visitor.view.failed(error).into_response(),
        },
    }
}

/// Leads into the portal with a session of its own: what the browser had before is no part of it (session fixation).
fn enter(app: &App, secret: &Secret) -> Response {
    let mut response = Redirect::to("/admin").into_response();
    put(response.headers_mut(), Cookie::Session.set(app, secret.expose()));
    put(response.headers_mut(), Cookie::Visit.clear(app));
    response
}

fn too_many(page: &impl Template) -> Response {
    let mut response = render(StatusCode::TOO_MANY_REQUESTS, page);
    response.headers_mut().insert(header::RETRY_AFTER, http::HeaderValue::from_static("30"));
    response
}
