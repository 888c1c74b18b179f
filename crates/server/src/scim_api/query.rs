//! The query string of a SCIM request.
//!
//! Form encoding: `+` is a space (Okta of 2018, Microsoft's collection), a literal plus is `%2B`. Unknown parameters and
//! the valueless feature flags that Entra's administrators append are ignored (RFC 7644 section 3.4.2, idp-wire 4.2).

use super::refusal::Refusal;

/// The parameters that SCIM defines, decoded; `None` when absent.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// `filter`.
    pub filter: Option<String>,
    /// `attributes`.
    pub attributes: Option<String>,
    /// `excludedAttributes`; 1.1 does not know it.
    pub excluded_attributes: Option<String>,
    /// `startIndex`, as written.
    pub start_index: Option<String>,
    /// `count`, as written.
    pub count: Option<String>,
    /// `sortBy`.
    pub sort_by: Option<String>,
    /// `sortOrder`.
    pub sort_order: Option<String>,
    /// `cursor`: empty for the first page (RFC 9865 section 2).
    pub cursor: Option<String>,
}

impl Query {
    /// Reads a query string.
    ///
    /// # Errors
    /// 400 `invalidSyntax` when a parameter that SCIM defines is given twice: which one was meant cannot be known.
    pub fn parse(text: Option<&str>) -> Result<Self, Refusal> {
        let mut query = Query::default();
        for pair in text.unwrap_or_default().split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = percent_decode(name, true);
            let Some(place) = query.place(&name) else { continue };
            if place.is_some() {
                return Err(Refusal::invalid_syntax(format!("The query parameter {name} is given more than once.")));
            }
            *place = Some(percent_decode(value, true));
        }
        Ok(query)
    }

    /// `sortBy`, when it says anything.
    pub fn sort_by(&self) -> Option<&str> {
        self.sort_by.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }

    /// `sortOrder`, when it says anything.
    pub fn sort_order(&self) -> Option<&str> {
        self.sort_order.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }

    fn place(&mut self, name: &str) -> Option<&mut Option<String>> {
        let place = match name.to_ascii_lowercase().as_str() {
            "filter" => &mut self.filter,
            "attributes" => &mut self.attributes,
            "excludedattributes" => &mut self.excluded_attributes,
            "startindex" => &mut self.start_index,
            "count" => &mut self.count,
            "sortby" => &mut self.sort_by,
            "sortorder" => &mut self.sort_order,
            "cursor" => &mut self.cursor,
            _ => return None,
        };
        Some(place)
    }
}

/// Decodes `%XX` once; what is not such a triple stays as it is, and bytes that are no UTF-8 become U+FFFD.
pub fn percent_decode(text: &str, plus_is_space: bool) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, others)) = rest.split_first() {
        rest = others;
        match (first, others) {
            (b'%', [high, low, behind @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    decoded.push(high * 16 + low);
                    rest = behind;
                }
                _ => decoded.push(first),
            },
            (b'+', _) if plus_is_space => decoded.push(b' '),
            _ => decoded.push(first),
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_7644_http_05_plus_is_a_space_and_an_encoded_plus_is_a_plus() {
        let query = Query::parse(Some("filter=userName+eq+%22a%2Bb%40c.example%22&count=2")).unwrap();
        assert_eq!(query.filter.as_deref(), Some("userName eq \"a+b@c.example\""));
        assert_eq!(query.count.as_deref(), Some("2"));
    }

    #[test]
    fn p_7644_3_4_2_03_unknown_and_valueless_parameters_are_ignored() {
        let query = Query::parse(Some("aadOptscim062020&foo=bar&_=1&foo=baz&filter=id%20pr&&=")).unwrap();
        assert_eq!(query, Query { filter: Some("id pr".to_owned()), ..Query::default() });
    }

    #[test]
    fn p_7644_http_06_a_repeated_parameter_is_refused() {
        for text in ["filter=a&filter=b", "count=1&Count=1", "attributes=&attributes="] {
            let refusal = Query::parse(Some(text)).unwrap_err();
            assert_eq!((refusal.status, refusal.scim_type), (400, Some("invalidSyntax")), "{text}");
        }
    }

    #[test]
    fn broken_encoding_is_taken_literally() {
        assert_eq!(percent_decode("100%", false), "100%");
        assert_eq!(percent_decode("%zz%4", false), "%zz%4");
        assert_eq!(percent_decode("%ff", false), "\u{fffd}");
        assert_eq!(percent_decode("%F0%9F%99%82+", false), "\u{1f642}+");
    }
}
