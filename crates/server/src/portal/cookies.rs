//! Cookies: read from a request, written to an answer.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

use crate::app::App;

/// What a cookie is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// Holds the secret of an operator's session.
    Session,
    /// Holds the secret of a customer's administrator.
    Setup,
    /// Holds what the forms of somebody who is not signed in are tied to.
    Visit,
    /// Light or dark.
    Theme,
    /// The language chosen.
    Language,
}

impl Cookie {
    /// Over https the name itself makes browsers insist on `Secure`, on `Path=/` and on no other host (RFC 6265bis section 4.1.3.2). Over
    /// plain http, which is for one's own machine, they would refuse such a cookie, so there it has another name.
    fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Cookie::Session, true) => "__Host-doorward",
            (Cookie::Session, false) => "doorward_local",
            (Cookie::Setup, true) => "__Host-doorward-setup",
            (Cookie::Setup, false) => "doorward_local_setup",
            (Cookie::Visit, true) => "__Host-doorward-visit",
            (Cookie::Visit, false) => "doorward_local_visit",
            (Cookie::Theme, _) => "doorward_theme",
            (Cookie::Language, _) => "doorward_language",
        }
    }

    /// What the request carries; `None` also when it carries two, because one of them is then somebody else's.
    pub fn read(self, app: &App, headers: &HeaderMap) -> Option<String> {
        let name = self.name(is_secure(app));
        let texts = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
        let mut found = texts
            .flat_map(|text| text.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(key, _)| *key == name);
        let (_, value) = found.next()?;
        (found.next().is_none() && !value.is_empty() && value.len() <= 200).then(|| value.to_owned())
    }

    /// The header that sets it. Not readable by scripts; a session and a visit are not sent along from other sites and end with the browser.
    pub fn set(self, app: &App, value: &str) -> Option<HeaderValue> {
        let secure = is_secure(app);
        let (name, mark) = (self.name(secure), if secure { "; Secure" } else { "" });
        let end = match self {
            Cookie::Session | Cookie::Setup | Cookie::Visit => "; SameSite=Strict",
            Cookie::Theme | Cookie::Language => "; SameSite=Lax; Max-Age=31536000",
        };
        HeaderValue::try_from(format!("{name}={value}; Path=/; HttpOnly{end}{mark}")).ok()
    }

    /// The header that takes it away.
    pub fn clear(self, app: &App) -> Option<HeaderValue> {
        let secure = is_secure(app);
        let (name, mark) = (self.name(secure), if secure { "; Secure" } else { "" });
        HeaderValue::try_from(format!("{name}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0{mark}")).ok()
    }
}

/// Whether browsers reach this service over https.
pub fn is_secure(app: &App) -> bool {
    app.public_url().starts_with("https://")
}
