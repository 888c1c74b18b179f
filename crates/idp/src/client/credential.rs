//! The forms in which a credential arrives in `Authorization`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;

use crate::error::Error;

/// How a token is written into the `Authorization` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenForm {
    /// `Bearer <token>`, the usual form.
    Bearer,
    /// `<token>` without a scheme: the "Header" mode of Okta's published apps.
    Bare,
    /// `Bearer Bearer <token>`: the administrator pasted the scheme into a field that adds it.
    Doubled,
    /// `bearer <token>`.
    LowerCase,
}

/// What the administrator typed into the provider.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A token in one of its forms.
    Token(String, TokenForm),
    /// HTTP Basic: user name and password.
    Basic {
        /// The user name.
        user: String,
        /// The password.
        password: String,
    },
    /// No `Authorization` header at all.
    Missing,
}

impl Credential {
    /// `Authorization: Bearer <token>`.
    pub fn bearer(token: impl Into<String>) -> Self {
        Self::Token(token.into(), TokenForm::Bearer)
    }

    /// `Authorization: Basic …`.
    pub fn basic(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self::Basic { user: user.into(), password: password.into() }
    }

    /// The same secret in another form; Basic and missing credentials stay what they are.
    #[must_use]
    pub fn written(self, form: TokenForm) -> Self {
        match self {
            Self::Token(token, _) => Self::Token(token, form),
            other => other,
        }
    }

    pub(crate) fn header(&self) -> Result<Option<HeaderValue>, Error> {
        let text = match self {
            Self::Token(token, TokenForm::Bearer) => format!("Bearer {token}"),
            Self::Token(token, TokenForm::Bare) => token.clone(),
            Self::Token(token, TokenForm::Doubled) => format!("Bearer Bearer {token}"),
            Self::Token(token, TokenForm::LowerCase) => format!("bearer {token}"),
            Self::Basic { user, password } => format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))),
            Self::Missing => return Ok(None),
        };
        let mut value = HeaderValue::from_str(&text).map_err(|_| Error::Credential)?;
        value.set_sensitive(true);
        Ok(Some(value))
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_, TokenForm::Bearer) => "Credential(bearer)",
            Self::Token(..) => "Credential(token)",
            Self::Basic { .. } => "Credential(basic)",
            Self::Missing => "Credential(missing)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(credential: &Credential) -> String {
        credential.header().unwrap().unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn wt_09_every_form_of_a_token_is_written_as_the_administrators_do() {
        let token = Credential::bearer("t0k");
        assert_eq!(text(&token), "Bearer t0k");
        assert_eq!(text(&token.clone().written(TokenForm::Bare)), "t0k");
        assert_eq!(text(&token.clone().written(TokenForm::Doubled)), "Bearer Bearer t0k");
        assert_eq!(text(&token.written(TokenForm::LowerCase)), "bearer t0k");
    }

    #[test]
    fn ws_08_basic_is_encoded_as_utf_8() {
        assert_eq!(text(&Credential::basic("okta", "pä:ss")), "Basic b2t0YTpww6Q6c3M=");
    }

    #[test]
    fn a_credential_is_never_printed() {
        let shown = format!("{:?} {:?}", Credential::bearer("secret"), Credential::basic("u", "secret"));
        assert!(!shown.contains("secret"), "{shown}");
    }
}
