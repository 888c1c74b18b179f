//! The parameters of a list: which resources, in which order, which part of them.

use doorward_scim::filter::Filter;
use doorward_scim::quirks::Leniency;
use doorward_scim::schema::ResourceType;
use doorward_scim::sort::{SortBy, SortOrder};
use doorward_scim::version::Version;

use super::call::Call;
use super::cursor::{self, Signer};
use super::query::Query;
use super::refusal::Refusal;
use super::reply::ListHead;
use crate::service::list::{Found, Position, Wanted};

/// Items on a page when the client does not say how many (SEC-32).
pub const DEFAULT_COUNT: i64 = 100;

/// Items on a page at most, also published as `filter.maxResults`.
pub const MAX_COUNT: i64 = 1000;

/// Which part of a list, and how the answer says which one it is.
#[derive(Debug)]
pub struct Part {
    /// Where it begins.
    pub position: Position,
    /// How many items at most.
    pub count: i64,
    /// Signs the cursor of the next part, when the client walks by cursors.
    signer: Option<Signer>,
}

impl Part {
    /// Reads `startIndex` and `count`, or `cursor` and `count`. `endpoint` is what a cursor is good for.
    ///
    /// # Errors
    /// 400 for values that cannot be meant.
    pub async fn read(call: &Call, endpoint: &str) -> Result<Self, Refusal> {
        let query = &call.query;
        // RFC 9865 is an extension of 2.0.
        let Some(text) = query.cursor.as_deref().filter(|_| call.version == Version::V2) else {
            let (start_index, count) = page(query)?;
            return Ok(Part { position: Position::Index(start_index), count, signer: None });
        };
        if query.start_index.is_some() {
            return Err(Refusal::invalid_value("startIndex and cursor cannot be used together; use one of them."));
        }
        let signer = Signer::new(call, endpoint).await?;
        let count = cursor::count(query)?;
        if text.is_empty() {
            let position =
                if query.sort_by().is_some() || endpoint == "/" { Position::Index(1) } else { Position::After(-1) };
            return Ok(Part { position, count: count.unwrap_or(DEFAULT_COUNT), signer: Some(signer) });
        }
        let (position, count) = signer.open(text, count, call.app.clock().now())?;
        Ok(Part { position, count, signer: Some(signer) })
    }

    /// What stands around the items of the answer.
    pub fn head<T>(&self, call: &Call, found: &Found<T>) -> ListHead {
        let next = match (&self.signer, found.next) {
            (Some(signer), Some(next)) => Some(signer.seal(next, self.count, call.app.clock().now())),
            _ => None,
        };
        let start_index = match (&self.signer, self.position) {
            (None, Position::Index(start_index)) => Some(start_index),
            _ => None,
        };
        ListHead { total: found.total, start_index, next_cursor: next }
    }
}

/// What is looked for among the resources of one type.
///
/// # Errors
/// 400 for parameters that cannot be meant.
pub fn wanted(call: &Call, resource_type: &ResourceType, part: &Part) -> Result<Wanted, Refusal> {
    let mut leniency = call.leniency();
    let filter = filter(&call.query, call.version, resource_type, &mut leniency)?;
    let sort = match call.query.sort_by() {
        Some(text) => Some((SortBy::parse(text, resource_type, &mut leniency)?, order(&call.query)?)),
        None => None,
    };
    call.tolerated.note(&leniency);
    Ok(Wanted { filter, sort, position: part.position, count: part.count, base: call.base.clone() })
}

/// `sortOrder`, ascending unless it says otherwise. It has no meaning without `sortBy` and is not even read then (H048).
///
/// # Errors
/// 400 `invalidValue`.
pub fn order(query: &Query) -> Result<SortOrder, Refusal> {
    Ok(query.sort_order().map(SortOrder::parse).transpose()?.unwrap_or_default())
}

/// Reads `startIndex` and `count` (RFC 7644 section 3.4.2.4): below 1 means 1, a negative count means 0, and too large a
/// count gives as many as there may be.
///
/// # Errors
/// 400 `invalidValue` for what is no integer.
fn page(query: &Query) -> Result<(i64, i64), Refusal> {
    let start_index = integer("startIndex", query.start_index.as_deref())?.unwrap_or(1).max(1);
    let count = integer("count", query.count.as_deref())?.unwrap_or(DEFAULT_COUNT).clamp(0, MAX_COUNT);
    Ok((start_index, count))
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
pub(super) fn integer(name: &str, text: Option<&str>) -> Result<Option<i64>, Refusal> {
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
        page(&query)
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
