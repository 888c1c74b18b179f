//! What every page has: its language, its look, its place in the navigation. And what is shown when there is no page to show.

use askama::Template;
use axum::response::{Html, IntoResponse, Redirect, Response};
use doorward_store::appearance::AppearanceRow;
use http::{HeaderMap, StatusCode};

use super::cookies::{self, Cookie};
use super::language::Text;
use super::{assets, brand};
use crate::app::App;
use crate::service::Error;

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All of them.
    pub const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    /// Its word in cookies, forms and the style sheet.
    pub fn word(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The theme with this word.
    pub fn of(word: &str) -> Option<Self> {
        Theme::ALL.into_iter().find(|theme| theme.word() == word)
    }
}

/// The parts of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The first page.
    Home,
    /// Organizations and everything in them.
    Organizations,
    /// The roles that applications know.
    Roles,
    /// The event log.
    Events,
    /// Where events are sent.
    Webhooks,
    /// Who did what.
    Audit,
    /// The keys of applications.
    ApiKeys,
    /// What customers see.
    Settings,
    /// The account of who is signed in.
    Account,
}

/// How the pages of one request look and speak.
#[derive(Debug, Clone)]
pub struct View {
    /// In which language.
    pub text: Text,
    theme: Theme,
    form_token: String,
    operator: Option<String>,
    over_http: bool,
    here: String,
    home: &'static str,
    done: Option<String>,
    appearance: AppearanceRow,
}

impl View {
    /// As the request's cookies and headers want it.
    pub fn of(app: &App, headers: &HeaderMap, uri: &http::Uri, form_token: String, operator: Option<String>) -> Self {
        let text = Text::choose(Cookie::Language.read(app, headers).as_deref(), headers);
        let theme = Cookie::Theme.read(app, headers).and_then(|word| Theme::of(&word)).unwrap_or(Theme::System);
        let query = uri.query().unwrap_or_default().as_bytes();
        let done =
            form_urlencoded::parse(query).find(|(name, _)| name == "done").map(|(_, word)| format!("done.{word}"));
        View {
            text,
            theme,
            form_token,
            operator,
            over_http: !cookies::is_secure(app) && !is_loopback(app.public_url()),
            here: uri.path_and_query().map_or_else(|| "/admin".to_owned(), ToString::to_string),
            home: "/admin",
            done: done.filter(|key| text.has(key)),
            appearance: AppearanceRow::default(),
        }
    }

    /// The same in another part of the portal, whose first page is at this address.
    #[must_use]
    pub fn at(self, home: &'static str) -> Self {
        View { home, ..self }
    }

    /// The same in the look that the operator has given to customers' pages.
    #[must_use]
    pub fn looking(self, appearance: AppearanceRow) -> Self {
        View { appearance, ..self }
    }

    /// A page with this title.
    pub fn page(&self, title: impl Into<String>, part: Option<Part>) -> Page {
        Page { view: self.clone(), title: title.into(), part, crumbs: Vec::new() }
    }

    /// What to show instead of a page that could not be made.
    pub fn failed(&self, error: Error) -> Failure {
        Failure { view: Box::new(self.clone()), error }
    }
}

/// Whether only this machine can reach the address.
fn is_loopback(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    ["127.", "localhost", "[::1]"].iter().any(|own| host.starts_with(own))
}

/// The frame of one page.
#[derive(Debug, Clone)]
pub struct Page {
    view: View,
    /// Its title, which is also its first heading.
    pub title: String,
    part: Option<Part>,
    /// The pages above it: address and name.
    pub crumbs: Vec<(String, String)>,
}

impl Page {
    /// The same page below another one.
    #[must_use]
    pub fn below(mut self, address: impl Into<String>, name: impl Into<String>) -> Self {
        self.crumbs.push((address.into(), name.into()));
        self
    }

    /// A message of the catalogue.
    pub fn t(&self, key: &str) -> &'static str {
        self.view.text.t(key)
    }

    /// A message that counts.
    pub fn n(&self, key: &str, count: &i64) -> String {
        self.view.text.n(key, *count)
    }

    /// A number.
    pub fn number(&self, number: &i64) -> String {
        self.view.text.number(*number)
    }

    /// The name of a word that the service uses, such as a status; the word itself when the catalogue has none.
    pub fn word(&self, section: &str, word: &str) -> String {
        let key = format!("{section}.{word}");
        if self.view.text.has(&key) { self.t(&key).to_owned() } else { word.to_owned() }
    }

    /// The language's code.
    pub fn lang(&self) -> &'static str {
        self.view.text.code()
    }

    /// The word of the theme.
    pub fn theme(&self) -> &'static str {
        self.view.theme.word()
    }

    /// The words of all themes.
    pub fn themes(&self) -> impl Iterator<Item = &'static str> {
        Theme::ALL.into_iter().map(Theme::word)
    }

    /// The languages that can be chosen: code and own name.
    pub fn languages(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        Text::languages()
    }

    /// The name of the product whose page this is.
    pub fn brand(&self) -> &str {
        let name = self.view.appearance.product_name.as_str();
        if name.is_empty() { self.t("layout.product") } else { name }
    }

    /// The address of the product's logo; empty without one.
    pub fn logo(&self) -> String {
        brand::logo_address(&self.view.appearance.logo_hash)
    }

    /// The address of the style sheet with the product's colour; empty without one.
    pub fn accent(&self) -> String {
        brand::style_address(&self.view.appearance.accent)
    }

    /// Whom to ask: address and text; `None` when nobody is named.
    pub fn support(&self) -> Option<(String, &str)> {
        let contact = self.view.appearance.support_contact.as_str();
        let scheme = if contact.contains('@') && !contact.starts_with("https://") { "mailto:" } else { "" };
        (!contact.is_empty()).then(|| (format!("{scheme}{contact}"), contact))
    }

    /// Where customers go back to; empty when nothing is named.
    pub fn return_url(&self) -> &str {
        &self.view.appearance.return_url
    }

    /// What leads there.
    pub fn back_to(&self) -> String {
        self.view.text.t1("layout.back_to", self.brand())
    }

    /// The address of an asset.
    pub fn asset(&self, name: &str) -> &'static str {
        assets::address(name)
    }

    /// What every form carries.
    pub fn form_token(&self) -> &str {
        &self.view.form_token
    }

    /// The name of who is signed in.
    pub fn operator(&self) -> Option<&str> {
        self.view.operator.as_deref()
    }

    /// Whether the page comes over plain http from another machine.
    pub fn over_http(&self) -> bool {
        self.view.over_http
    }

    /// The address of this page.
    pub fn here(&self) -> &str {
        &self.view.here
    }

    /// The first page.
    pub fn home(&self) -> &'static str {
        self.view.home
    }

    /// What the page before this one has done.
    pub fn done(&self) -> Option<&'static str> {
        self.view.done.as_deref().map(|key| self.t(key))
    }

    /// The navigation: address, key of the name, whether this page is in that part.
    pub fn parts(&self) -> Vec<(&'static str, &'static str, bool)> {
        let all = [
            ("/admin", "nav.home", Part::Home),
            ("/admin/organizations", "nav.organizations", Part::Organizations),
            ("/admin/roles", "nav.roles", Part::Roles),
            ("/admin/events", "nav.events", Part::Events),
            ("/admin/webhooks", "nav.webhooks", Part::Webhooks),
            ("/admin/audit", "nav.audit", Part::Audit),
            ("/admin/api-keys", "nav.api_keys", Part::ApiKeys),
            ("/admin/settings", "nav.settings", Part::Settings),
        ];
        all.into_iter().map(|(address, name, part)| (address, name, self.part == Some(part))).collect()
    }

    /// Whether this is the page of the account.
    pub fn is_account(&self) -> bool {
        self.part == Some(Part::Account)
    }
}

/// The answer with a page in it.
pub fn render(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Leads on to a page after something was done, so that reloading does not do it again.
pub fn lead_to(address: &str, done: &str) -> Response {
    let sign = if address.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{address}{sign}done={done}")).into_response()
}

/// Why there is no page.
#[derive(Debug)]
pub struct Failure {
    view: Box<View>,
    error: Error,
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage {
    page: Page,
    text: String,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, word) = match &self.error {
            Error::NotFound { .. } => (StatusCode::NOT_FOUND, "not_found"),
            Error::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Error::Disabled | Error::State(_) | Error::Precondition | Error::Conflict { .. } => {
                (StatusCode::CONFLICT, "conflict")
            }
            Error::Internal(reason) => {
                tracing::error!(reason, "a page failed");
                (StatusCode::INTERNAL_SERVER_ERROR, "internal")
            }
            _ => (StatusCode::UNPROCESSABLE_ENTITY, "unusable"),
        };
        self.view.problem(status, word)
    }
}

impl View {
    /// A page that says what is wrong: a word of the section `failure`.
    pub fn problem(&self, status: StatusCode, word: &str) -> Response {
        let title = self.text.t(&format!("failure.{word}"));
        let text = self.text.t(&format!("failure.{word}_text")).to_owned();
        render(status, &FailurePage { page: self.page(title, None), text })
    }
}
