//! The parameters of a list: which page, which resources.

use doorward_scim::filter::Filter;
use doorward_scim::quirks::Leniency;
use doorward_scim::schema::ResourceType;
use doorward_scim::version::Version;

use super::query::Query;
use super::refusal::Refusal;
use crate::service::list::Page;

/// Items on a page when the client does not say how many (SEC-32).
const DEFAULT_COUNT: i64 = 100;

/// Items on a page at most, also published as `filter.maxResults`.
pub const MAX_COUNT: i64 = 1000;

/// Reads `startIndex` and `count` (RFC 7644 section 3.4.2.4): below 1 means 1, a negative count means 0, and too large a
/// count gives as many as there may be.
///
/// # Errors
/// 400 `invalidValue` for what is no integer.
pub fn page(query: &Query) -> Result<Page, Refusal> {
    let start_index = integer("startIndex", query.start_index.as_deref())?.unwrap_or(1).max(1);
    let count = integer("count", query.count.as_deref())?.unwrap_or(DEFAULT_COUNT).clamp(0, MAX_COUNT);
    Ok(Page { start_index, count })
}

/// Reads the filter in the grammar of the version.
///
/// # Errors
/// 400 `invalidFilter`.
pub fn filter(
    query: &Query,
    version: Version,
    resource_type: &ResourceType,
    leniency: &mut Leniency,
) -> Result<Option<Filter>, Refusal> {
    let Some(text) = &query.filter else { return Ok(None) };
    let parsed = match version {
        Version::V1 => Filter::parse_1_1(text, resource_type, leniency)?,
        Version::V2 => Filter::parse(text, resource_type, leniency)?,
    };
    Ok(Some(parsed))
}

/// An integer of any size: what does not fit is as good as the largest that does.
fn integer(name: &str, text: Option<&str>) -> Result<Option<i64>, Refusal> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::invalid_value(format!("The query parameter {name} must be an integer.")));
    }
    let size = digits.parse().unwrap_or(i64::MAX);
    Ok(Some(if negative { -size } else { size }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(start_index: Option<&str>, count: Option<&str>) -> Result<(i64, i64), Refusal> {
        let query =
            Query { start_index: start_index.map(str::to_owned), count: count.map(str::to_owned), ..Query::default() };
        page(&query).map(|page| (page.start_index, page.count))
    }

    #[test]
    fn sec_32_h024_to_h029_pages() {
        for (start_index, count, expected) in [
            (None, None, (1, 100)),
            (Some("0"), Some("0"), (1, 0)),
            (Some("-3"), Some("-5"), (1, 0)),
            (Some("101"), Some("1000000000"), (101, 1000)),
            (Some("9223372036854775808"), Some("99999999999999999999999"), (i64::MAX, 1000)),
            (Some("-99999999999999999999999"), Some(" 7 "), (1, 7)),
            (Some(""), Some(""), (1, 100)),
        ] {
            assert_eq!(read(start_index, count), Ok(expected), "{start_index:?} {count:?}");
        }
        for text in ["abc", "1.5", "1e3", "--1", "0x10", "١"] {
            let refusal = read(None, Some(text)).unwrap_err();
            assert_eq!((refusal.status, refusal.scim_type), (400, Some("invalidValue")), "{text}");
        }
    }
}
