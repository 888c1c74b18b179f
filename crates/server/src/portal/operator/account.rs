//! The account of who is signed in: its sessions, signing out, and how the pages look.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use doorward_store::ids::OperatorSessionId;
use http::{HeaderMap, StatusCode};

use super::id;
use crate::app::App;
use crate::portal::cookies::Cookie;
use crate::portal::form::Posted;
use crate::portal::gate::{Operator, put};
use crate::portal::language::Text;
use crate::portal::page::{Failure, Page, Part, Theme, lead_to, render};
use crate::portal::security::is_from_here;
use crate::portal::shown::{Time, brief};
use crate::service::{operators, second_factor};

struct Session {
    id: String,
    agent: String,
    address: String,
    begun: Time,
    seen: Time,
    own: bool,
}

struct Person {
    name: String,
    email: String,
    signed_in: Option<Time>,
}

#[derive(Template)]
#[template(path = "operator/account.html")]
struct AccountPage {
    page: Page,
    sessions: Vec<Session>,
    people: Vec<Person>,
    /// Whether a second factor is asked for.
    factor: bool,
}

/// `GET /admin/account`
pub async fn get(State(app): State<App>, who: Operator) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let rows = operators::sessions(app.store(), &who.scope).await.map_err(fail)?;
    let sessions = rows
        .iter()
        .map(|row| Session {
            id: row.id.to_string(),
            agent: brief(&row.agent),
            address: row.address.clone().unwrap_or_default(),
            begun: Time::of(row.created_at),
            seen: Time::of(row.last_seen_at),
            own: Some(row.id) == who.scope.session_id(),
        })
        .collect();
    let people = operators::list(app.store(), &who.scope).await.map_err(fail)?;
    let people = people
        .iter()
        .map(|row| Person {
            name: brief(&row.name),
            email: brief(&row.email),
            signed_in: row.last_sign_in_at.map(Time::of),
        })
        .collect();
    let page = who.view.page(who.view.text.t("account.title"), Some(Part::Account));
    let standing = second_factor::standing(&app, &who.scope).await.map_err(fail)?;
    let factor = matches!(standing, second_factor::Standing::On { .. });
    Ok(render(StatusCode::OK, &AccountPage { page, sessions, people, factor }))
}

/// `POST /admin/account/sessions/{id}/end`
pub async fn end_session(
    State(app): State<App>,
    Path(session): Path<String>,
    Posted { who, .. }: Posted,
) -> Result<Response, Failure> {
    let session: OperatorSessionId = id(&who.view, &session)?;
    operators::end_session(app.store(), &who.scope, session).await.map_err(|error| who.view.failed(error))?;
    Ok(lead_to("/admin/account", "session_ended"))
}

/// `POST /admin/sign-out`
pub async fn sign_out(State(app): State<App>, Posted { who, .. }: Posted) -> Result<Response, Failure> {
    if let Some(own) = who.scope.session_id() {
        operators::end_session(app.store(), &who.scope, own).await.map_err(|error| who.view.failed(error))?;
    }
    let mut response = Redirect::to("/admin/sign-in?done=signed_out").into_response();
    put(response.headers_mut(), Cookie::Session.clear(&app));
    Ok(response)
}

/// `POST /admin/appearance`: the language and the theme, also of somebody who is not signed in. It changes nothing but cookies of who sends
/// it, so that where it was sent from is all that is checked.
pub async fn appearance(State(app): State<App>, headers: HeaderMap, body: String) -> Response {
    if !is_from_here(&app, &headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let field = |wanted: &str| {
        let mut fields = form_urlencoded::parse(body.as_bytes());
        fields.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    // Only a page of ours is led back to: a path, and no host in disguise.
    let back = Some(field("here")).filter(|here| {
        (here.starts_with("/admin") || here.starts_with("/setup")) && !here.contains(['\\', '\r', '\n'])
    });
    let mut response = Redirect::to(back.as_deref().unwrap_or("/admin")).into_response();
    if let Some(theme) = Theme::of(&field("theme")) {
        put(response.headers_mut(), Cookie::Theme.set(&app, theme.word()));
    }
    if let Some((code, _)) = Text::languages().find(|(code, _)| *code == field("language")) {
        put(response.headers_mut(), Cookie::Language.set(&app, code));
    }
    response
}
