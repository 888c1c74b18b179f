//! Query parameters: read by name, unknown ones ignored, wrong ones named (app-api: Conventions).

use std::str::FromStr;

use axum::extract::{FromRequestParts, Query};
use http::request::Parts;

use super::reply::Failure;
use crate::service::instant;

/// The most parameters of a request, and the most values of a list (I-9).
const MOST: usize = 200;

/// The parameters of one request, in the order sent.
#[derive(Debug)]
pub struct Parameters(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let malformed = Failure::Malformed("The query string cannot be read.");
        // The reader below would put U+FFFD where bytes are no UTF-8, and look for something that nobody asked for.
        if !parts.uri.query().is_none_or(is_utf8) {
            return Err(malformed);
        }
        let Query(pairs) =
            Query::<Vec<(String, String)>>::from_request_parts(parts, state).await.map_err(|_| malformed)?;
        if pairs.len() > MOST {
            return Err(Failure::Malformed("The query string has too many parameters."));
        }
        Ok(Parameters(pairs))
    }
}

impl Parameters {
    /// The last value given under this name; an empty one counts as none, as SDKs send it for an unset option.
    pub fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// All values under this name, whether repeated (`a=1&a=2`, also `a[]=1`) or separated by commas.
    ///
    /// # Errors
    /// 422 when they are too many: each is a condition for the database.
    pub fn list(&self, name: &'static str) -> Result<Vec<String>, Failure> {
        let named = self.0.iter().filter(|(key, _)| key.strip_suffix("[]").unwrap_or(key) == name);
        let values = named.flat_map(|(_, value)| value.split(',')).map(str::trim).filter(|value| !value.is_empty());
        let values: Vec<String> = values.map(str::to_owned).take(MOST + 1).collect();
        if values.len() > MOST {
            return Err(Failure::Parameter { field: name, message: format!("must have at most {MOST} values") });
        }
        Ok(values)
    }

    /// An id.
    ///
    /// # Errors
    /// 422 when it is not one of the wanted kind.
    pub fn id<I: FromStr>(&self, name: &'static str) -> Result<Option<I>, Failure> {
        let wrong = || Failure::Parameter { field: name, message: "is not an id of the right kind".to_owned() };
        self.text(name).map(|text| text.parse().map_err(|_| wrong())).transpose()
    }

    /// An instant, in Unix microseconds.
    ///
    /// # Errors
    /// 422 when it is not ISO 8601.
    pub fn instant(&self, name: &'static str) -> Result<Option<i64>, Failure> {
        let wrong = || Failure::Parameter {
            field: name,
            message: "is not an ISO 8601 instant such as 2026-11-22T08:00:00Z".to_owned(),
        };
        self.text(name).map(|text| instant::parse(text).ok_or_else(wrong)).transpose()
    }

    /// A whole number within bounds.
    ///
    /// # Errors
    /// 422 when it is not.
    pub fn number(&self, name: &'static str, least: i64, most: i64) -> Result<Option<i64>, Failure> {
        let wrong = || Failure::Parameter { field: name, message: format!("must be a number from {least} to {most}") };
        let parse = |text: &str| text.parse().ok().filter(|number| (least..=most).contains(number)).ok_or_else(wrong);
        self.text(name).map(parse).transpose()
    }
}

/// Whether the percent-encoded bytes of a query are UTF-8.
fn is_utf8(query: &str) -> bool {
    let mut decoded = Vec::with_capacity(query.len());
    let mut bytes = query.as_bytes().iter();
    while let Some(&byte) = bytes.next() {
        let rest = bytes.as_slice();
        let escaped = rest.get(..2).filter(|_| byte == b'%').and_then(|pair| std::str::from_utf8(pair).ok());
        match escaped.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(value) => {
                decoded.push(value);
                bytes.nth(1);
            }
            None => decoded.push(byte),
        }
    }
    std::str::from_utf8(&decoded).is_ok()
}

#[cfg(test)]
mod tests {
    use doorward_store::ids::DirectoryId;

    use super::*;

    fn parameters(pairs: &[(&str, &str)]) -> Parameters {
        Parameters(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn lists_come_repeated_bracketed_or_with_commas() {
        let given =
            parameters(&[("events", "a,b"), ("events", "c"), ("events[]", "d"), ("other", "e"), ("events", "")]);
        assert_eq!(given.list("events").unwrap(), ["a", "b", "c", "d"]);
    }

    #[test]
    fn the_values_of_a_list_are_bounded_however_they_are_written() {
        let commas = |count| vec!["x"; count].join(",");
        assert_eq!(parameters(&[("events", &commas(MOST))]).list("events").unwrap().len(), MOST);
        assert!(parameters(&[("events", &commas(MOST + 1))]).list("events").is_err());
        assert!(parameters(&[("events", &commas(MOST)), ("events[]", "y")]).list("events").is_err());
    }

    #[test]
    fn bytes_that_are_no_utf_8_are_noticed() {
        assert!(is_utf8("a=1&b=%C3%A4%2") && is_utf8("") && is_utf8("100%"));
        assert!(!is_utf8("a=%FF") && !is_utf8("a=%C3"));
    }

    #[test]
    fn values_that_cannot_be_used_are_refused_and_empty_ones_ignored() {
        let given = parameters(&[("limit", "0"), ("directory", "org_1"), ("range_start", "noon"), ("after", "")]);
        assert!(given.number("limit", 1, 100).is_err());
        assert!(given.id::<DirectoryId>("directory").is_err());
        assert!(given.instant("range_start").is_err());
        assert_eq!(given.text("after"), None);
        assert_eq!(given.number("absent", 1, 100).unwrap(), None);
        assert!(parameters(&[("limit", "99999999999999999999")]).number("limit", 1, 100).is_err());
    }
}
