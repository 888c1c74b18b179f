//! What customers see of the portal (O17): name, logo, colour, whom to ask, where to go back to. And the address that they reach.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use doorward_store::appearance::AppearanceRow;
use http::StatusCode;

use crate::app::App;
use crate::portal::brand;
use crate::portal::form::{Fields, Posted, PostedFile, Problem};
use crate::portal::gate::Operator;
use crate::portal::page::{Failure, Page, Part, lead_to, render};
use crate::service::appearance;

#[derive(Template)]
#[template(path = "operator/settings.html")]
struct SettingsPage {
    page: Page,
    fields: Fields,
    /// The address of the logo; empty without one.
    logo: String,
    public_url: String,
    /// What is wrong with that address: words of the section `settings`.
    concerns: Vec<&'static str>,
    problem: Problem,
}

/// `GET /admin/settings`
pub async fn get(State(app): State<App>, who: Operator) -> Result<Response, Failure> {
    show(&app, &who, StatusCode::OK, None, Problem::default()).await
}

async fn show(
    app: &App,
    who: &Operator,
    status: StatusCode,
    filled: Option<Fields>,
    problem: Problem,
) -> Result<Response, Failure> {
    let row = appearance::get(app.store()).await.map_err(|error| who.view.failed(error))?;
    let logo = brand::logo_address(&row.logo_hash);
    let stored = || {
        Fields::of([
            ("product_name", row.product_name.clone()),
            ("support_contact", row.support_contact.clone()),
            ("return_url", row.return_url.clone()),
            ("accent", row.accent.clone()),
        ])
    };
    let page = who.view.page(who.view.text.t("settings.title"), Some(Part::Settings));
    let public_url = app.public_url().to_owned();
    let concerns = concerns(&public_url);
    let fields = filled.unwrap_or_else(stored);
    Ok(render(status, &SettingsPage { page, fields, logo, public_url, concerns, problem }))
}

/// Why identity providers in the cloud cannot reach an address, or will not.
fn concerns(url: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    if !url.starts_with("https://") {
        found.push("settings.url_http");
    }
    let host = reqwest::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let ip = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    let is_private =
        ip.map_or(host == "localhost" || !host.contains('.'), |ip| !crate::webhooks::address::is_public(ip));
    if is_private {
        found.push("settings.url_private");
    }
    if url.contains('_') {
        found.push("settings.url_underscore");
    }
    found
}

/// `POST /admin/settings`
pub async fn update(State(app): State<App>, Posted { who, fields }: Posted) -> Result<Response, Failure> {
    let text = |name| fields.get(name).to_owned();
    let wanted = AppearanceRow {
        product_name: text("product_name"),
        support_contact: text("support_contact"),
        return_url: text("return_url"),
        accent: text("accent"),
        logo_hash: String::new(),
    };
    match appearance::update(app.store(), &who.scope, wanted).await {
        Ok(_) => Ok(lead_to("/admin/settings", "settings_changed")),
        Err(error) => {
            let problem = Problem::of(&who.view, error).map_err(|error| who.view.failed(error))?;
            show(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, Some(fields), problem).await
        }
    }
}

/// `POST /admin/settings/logo`
pub async fn set_logo(State(app): State<App>, PostedFile { who, bytes }: PostedFile) -> Result<Response, Failure> {
    match appearance::set_logo(app.store(), &who.scope, &bytes).await {
        Ok(_) => Ok(lead_to("/admin/settings", "settings_changed")),
        Err(error) => {
            let problem = Problem::of(&who.view, error).map_err(|error| who.view.failed(error))?;
            show(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, None, problem).await
        }
    }
}

/// `POST /admin/settings/logo/remove`
pub async fn remove_logo(State(app): State<App>, Posted { who, .. }: Posted) -> Result<Response, Failure> {
    appearance::remove_logo(app.store(), &who.scope).await.map_err(|error| who.view.failed(error))?;
    Ok(lead_to("/admin/settings", "settings_changed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_no_identity_provider_reaches_is_told() {
        assert_eq!(concerns("https://directory.example.com"), Vec::<&str>::new());
        assert_eq!(concerns("http://directory.example.com"), ["settings.url_http"]);
        assert_eq!(concerns("https://10.1.2.3:8443"), ["settings.url_private"]);
        assert_eq!(concerns("https://[::1]"), ["settings.url_private"]);
        assert_eq!(concerns("http://localhost:8080"), ["settings.url_http", "settings.url_private"]);
        assert_eq!(concerns("https://my_dir.example.com"), ["settings.url_underscore"]);
    }
}
