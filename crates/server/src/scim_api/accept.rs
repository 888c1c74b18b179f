//! Which media type an answer has.

use doorward_scim::version::Version;
use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue};

const SCIM: &str = "application/scim+json";
const JSON: &str = "application/json";

/// The media type of an answer. A client that can only be pleased with plain JSON, or prefers it, gets that; every other
/// one gets the version's own type, whatever it asks for: never 406, because clients differ and Okta turns a 406 into a
/// failure without a word (P-7644-3.8-02, P-7644-3.8-03, idp-wire 1).
pub fn media_type(version: Version, headers: &HeaderMap) -> HeaderValue {
    let json = version == Version::V1 || prefers_json(headers);
    HeaderValue::from_static(if json { JSON } else { SCIM })
}

fn prefers_json(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let (mut json, mut scim) = (0.0_f32, 0.0_f32);
    for range in lines.flat_map(|line| line.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=")).and_then(|text| text.parse().ok()).unwrap_or(1.0);
        if name.eq_ignore_ascii_case(JSON) {
            json = weight;
        } else if name.eq_ignore_ascii_case(SCIM) {
            scim = weight;
        }
    }
    json > scim
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_7644_3_8_02_and_03_the_type_of_the_answer() {
        for (accept, expected) in [
            (None, SCIM),
            (Some("application/scim+json"), SCIM),
            (Some("*/*"), SCIM),
            (Some("application/*"), SCIM),
            (Some("text/html"), SCIM),
            (Some("application/json"), JSON),
            (Some("application/json, text/plain, */*"), JSON),
            (Some("application/json;q=0.5, application/scim+json"), SCIM),
            (Some("application/scim+json;q=0.5, application/json;q=0.9"), JSON),
            (Some("application/json, application/scim+json"), SCIM),
            (Some("application/json;q=0"), SCIM),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(text) = accept {
                headers.insert(ACCEPT, HeaderValue::from_static(text));
            }
            assert_eq!(media_type(Version::V2, &headers), expected, "{accept:?}");
            assert_eq!(media_type(Version::V1, &headers), JSON);
        }
    }
}
