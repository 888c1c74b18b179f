//! The second factor of who is signed in: set up with an authenticator app, and taken away.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use doorward_store::Secret;
use http::StatusCode;
use qrcode::{Color, EcLevel, QrCode};

use crate::app::App;
use crate::portal::form::{Posted, Problem};
use crate::portal::gate::Operator;
use crate::portal::page::{Failure, Page, Part, lead_to, render};
use crate::service::second_factor::{self, Standing};

/// Modules of light around the pattern, which readers need (ISO 18004 asks for four).
const QUIET: usize = 4;

const ADDRESS: &str = "/admin/account/second-factor";

#[derive(Template)]
#[template(path = "operator/second_factor.html")]
struct FactorPage {
    page: Page,
    standing: Standing,
    /// The QR code: its side in modules, and the path of its dark ones.
    pattern: Option<(usize, String)>,
    /// The recovery codes just made, shown this once.
    fresh: Vec<Secret>,
    problem: Problem,
}

/// `GET /admin/account/second-factor`
pub async fn get(State(app): State<App>, who: Operator) -> Result<Response, Failure> {
    show(&app, &who, StatusCode::OK, Vec::new(), Problem::default()).await
}

async fn show(
    app: &App,
    who: &Operator,
    status: StatusCode,
    fresh: Vec<Secret>,
    problem: Problem,
) -> Result<Response, Failure> {
    let standing = second_factor::standing(app, &who.scope).await.map_err(|error| who.view.failed(error))?;
    let text = who.view.text;
    let page = who.view.page(text.t("second_factor.title"), Some(Part::Account));
    let page = page.below("/admin/account", text.t("account.title"));
    let pattern = match &standing {
        Standing::Begun { uri, .. } => pattern(uri.expose()),
        _ => None,
    };
    Ok(render(status, &FactorPage { page, standing, pattern, fresh, problem }))
}

/// A QR code as one path, a unit square for each dark module. `None` for what does not fit into one: then the text alone is shown.
fn pattern(text: &str) -> Option<(usize, String)> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (place, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            path.push_str(&format!("M{} {}h1v1h-1z", place % width + QUIET, place / width + QUIET));
        }
    }
    Some((width + 2 * QUIET, path))
}

/// `POST /admin/account/second-factor`
pub async fn begin(State(app): State<App>, Posted { who, .. }: Posted) -> Result<Response, Failure> {
    second_factor::begin(&app, &who.scope).await.map_err(|error| who.view.failed(error))?;
    Ok(Redirect::to(ADDRESS).into_response())
}

/// `POST /admin/account/second-factor/confirm`. The answer itself shows the recovery codes.
pub async fn confirm(State(app): State<App>, Posted { who, fields }: Posted) -> Result<Response, Failure> {
    let made = second_factor::confirm(&app, &who.scope, fields.get("code")).await;
    match made.map_err(|error| who.view.failed(error))? {
        Some(codes) => show(&app, &who, StatusCode::OK, codes, Problem::default()).await,
        None => {
            let problem = Problem::new(&who.view, "code", "second_factor.refused");
            show(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, Vec::new(), problem).await
        }
    }
}

/// `POST /admin/account/second-factor/remove`
pub async fn remove(State(app): State<App>, Posted { who, fields }: Posted) -> Result<Response, Failure> {
    let removed = second_factor::remove(&app, &who.scope, fields.get("code")).await;
    if removed.map_err(|error| who.view.failed(error))? {
        return Ok(lead_to("/admin/account", "second_factor_removed"));
    }
    let problem = Problem::new(&who.view, "code", "second_factor.refused");
    show(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, Vec::new(), problem).await
}
