//! What an `Authorization` header presents.
//!
//! Administrators paste the token into fields that already add `Bearer`, or into fields that add nothing: Okta's "Header"
//! mode sends the bare token, some templates a doubled or odd-cased scheme, PingFederate a scheme of the administrator's
//! own (idp-wire 2.1, 5.3). Each form that differs from RFC 6750 is tolerated by name, so that it can be shown (WT-9).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use http::HeaderMap;
use http::header::AUTHORIZATION;

/// Longer values are no credential of ours and are not looked at.
const LONGEST: usize = 4096;

/// A credential as presented. No `Debug`: it holds a secret.
pub enum Presented {
    /// No `Authorization` header.
    Nothing,
    /// More than one `Authorization` header.
    Several,
    /// A header in which no credential can be seen.
    Malformed,
    /// A bearer token.
    Bearer {
        /// The token.
        token: String,
        /// How the header differed from `Bearer <token>`.
        tolerated: Option<Form>,
    },
    /// A user name and a password (RFC 7617).
    Basic {
        /// The user name.
        username: String,
        /// The password.
        password: String,
    },
}

/// A form of the header that is accepted although RFC 6750 has no such form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The token without a scheme.
    BareToken,
    /// `Bearer Bearer <token>`.
    DoubledScheme,
    /// Another scheme than `Bearer`.
    OtherScheme,
}

impl Form {
    /// A stable name for the request log.
    pub fn name(self) -> &'static str {
        match self {
            Form::BareToken => "bare-token",
            Form::DoubledScheme => "doubled-scheme",
            Form::OtherScheme => "other-scheme",
        }
    }
}

/// Reads the header. Parameters of the URL are never looked at: a token there would be in every log (A-6750-2.2-01).
pub fn presented(headers: &HeaderMap) -> Presented {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Presented::Nothing };
    if values.next().is_some() {
        return Presented::Several;
    }
    match value.to_str() {
        Ok(text) if text.len() <= LONGEST => read(text),
        _ => Presented::Malformed,
    }
}

fn read(text: &str) -> Presented {
    let words: Vec<&str> = text.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
    let is_bearer = |word: &str| word.eq_ignore_ascii_case("bearer");
    match words.as_slice() {
        [word] if is_bearer(word) || word.eq_ignore_ascii_case("basic") => Presented::Malformed,
        [token] => bearer(token, Some(Form::BareToken)),
        [scheme, second] if is_bearer(scheme) && is_bearer(second) => Presented::Malformed,
        [scheme, encoded] if scheme.eq_ignore_ascii_case("basic") => basic(encoded).unwrap_or(Presented::Malformed),
        [scheme, token] if is_bearer(scheme) => bearer(token, None),
        [_, token] => bearer(token, Some(Form::OtherScheme)),
        [first, second, token] if is_bearer(first) && is_bearer(second) => bearer(token, Some(Form::DoubledScheme)),
        _ => Presented::Malformed,
    }
}

fn bearer(token: &str, tolerated: Option<Form>) -> Presented {
    Presented::Bearer { token: token.to_owned(), tolerated }
}

/// `user:password` in base64; the user name ends at the first colon (RFC 7617 section 2).
fn basic(encoded: &str) -> Option<Presented> {
    let bytes = STANDARD.decode(encoded).or_else(|_| STANDARD_NO_PAD.decode(encoded)).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (username, password) = text.split_once(':')?;
    let clean = !text.chars().any(char::is_control);
    clean.then(|| Presented::Basic { username: username.to_owned(), password: password.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (kind, first part, second part or tolerated name)
    fn shown(text: &str) -> (&'static str, String, String) {
        match read(text) {
            Presented::Nothing => ("nothing", String::new(), String::new()),
            Presented::Several => ("several", String::new(), String::new()),
            Presented::Malformed => ("malformed", String::new(), String::new()),
            Presented::Bearer { token, tolerated } => {
                ("bearer", token, tolerated.map(Form::name).unwrap_or_default().to_owned())
            }
            Presented::Basic { username, password } => ("basic", username, password),
        }
    }

    #[test]
    fn wt_09_a_6750_2_1_01_the_shapes_of_a_bearer_token() {
        for (text, tolerated) in [
            ("Bearer dw_x", ""),
            ("bearer dw_x", ""),
            ("BEARER   dw_x  ", ""),
            ("dw_x", "bare-token"),
            ("Bearer Bearer dw_x", "doubled-scheme"),
            ("bearer BEARER dw_x", "doubled-scheme"),
            ("Token dw_x", "other-scheme"),
        ] {
            assert_eq!(shown(text), ("bearer", "dw_x".to_owned(), tolerated.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn sec_18_what_holds_no_credential_is_malformed() {
        for text in [
            "",
            " ",
            "Bearer",
            "Bearer ",
            "Bearer Bearer",
            "Basic",
            "Bearer a, Bearer b",
            "Basic %%%",
            "Basic bm9jb2xvbg==",
        ] {
            assert_eq!(shown(text).0, "malformed", "{text:?}");
        }
    }

    #[test]
    fn a_7617_2_02_the_password_may_hold_colons_and_the_padding_may_be_missing() {
        let expected = ("basic", "u".to_owned(), "p:with:colons".to_owned());
        assert_eq!(shown("Basic dTpwOndpdGg6Y29sb25z"), expected);
        assert_eq!(shown("basic dTpw").2, "p");
        assert_eq!(shown("Basic dTpwMQ"), ("basic", "u".to_owned(), "p1".to_owned()));
        assert_eq!(shown("Basic dTpwAQ==").0, "malformed", "control characters");
    }
}
