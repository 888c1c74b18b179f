//! Cursors of RFC 9865: where the next page begins, signed, so that nobody can make one up.
//!
//! Nothing is kept for a walk: a cursor holds its place, and its signature covers the directory, the endpoint and all parameters but
//! `count`. One that was changed, belongs to another query or to another directory is refused with one and the same text.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_store::ids::Id;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::call::Call;
use super::list::{MAX_COUNT, integer};
use super::query::Query;
use super::refusal::Refusal;
use crate::service::list::Position;

/// How long a cursor is good for, in seconds; published as `cursorTimeout`.
pub const LIFETIME: i64 = 3600;

/// Bytes of the signature that a cursor carries: 128 bits cannot be guessed.
const SIGNATURE: usize = 16;

/// The signature of the cursors of one query.
#[derive(Debug)]
pub struct Signer(Hmac<Sha256>);

/// What a cursor holds.
struct Content {
    position: Position,
    count: i64,
    /// Unix seconds.
    made_at: i64,
}

impl Signer {
    /// For the query of this request on `endpoint`.
    ///
    /// # Errors
    /// When the key cannot be read.
    pub async fn new(call: &Call, endpoint: &str) -> Result<Self, Refusal> {
        let key = call.app.cursor_key().await?;
        let mut mac = Hmac::new_from_slice(key.expose().as_bytes())
            .map_err(|_| crate::service::Error::Internal("the key of cursors is unusable".to_owned()))?;
        let Query { filter, attributes, excluded_attributes, sort_by, sort_order, .. } = &call.query;
        let parameters = [filter, attributes, excluded_attributes, sort_by, sort_order];
        let texts = parameters.map(|parameter| parameter.as_deref());
        let directory = call.scope.directory_id();
        let directory = directory.code();
        for text in [Some(directory), Some(endpoint)].into_iter().chain(texts) {
            // With lengths, so that two different lists of texts never read the same.
            let text = text.map_or_else(|| "-".to_owned(), |text| format!("{}:{text}", text.len()));
            mac.update(text.as_bytes());
        }
        Ok(Signer(mac))
    }

    /// The cursor for a position; `now` is in Unix microseconds.
    pub fn seal(&self, position: Position, count: i64, now: i64) -> String {
        let mut bytes = Content { position, count, made_at: now / 1_000_000 }.bytes();
        let mac = self.0.clone().chain_update(&bytes).finalize().into_bytes();
        bytes.extend(mac.iter().take(SIGNATURE));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What a cursor holds: the position and how many items a page has.
    ///
    /// # Errors
    /// 400 `invalidCursor`, `expiredCursor`, or `invalidCount` when the client asks for another number of items than before.
    pub fn open(&self, text: &str, count: Option<i64>, now: i64) -> Result<(Position, i64), Refusal> {
        let content = self.verified(text).ok_or_else(invalid)?;
        if now / 1_000_000 - content.made_at >= LIFETIME {
            let detail = format!("The cursor is older than {LIFETIME} seconds. Begin again with an empty cursor.");
            return Err(Refusal { scim_type: Some("expiredCursor"), ..Refusal::new(400, detail) });
        }
        if count.is_some_and(|count| count != content.count) {
            let detail = format!("A walk by cursors keeps its count, which was {}.", content.count);
            return Err(Refusal { scim_type: Some("invalidCount"), ..Refusal::new(400, detail) });
        }
        Ok((content.position, content.count))
    }

    fn verified(&self, text: &str) -> Option<Content> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (content, signature) = bytes.split_at_checked(bytes.len().checked_sub(SIGNATURE)?)?;
        self.0.clone().chain_update(content).verify_truncated_left(signature).ok()?;
        Content::read(content)
    }
}

impl Content {
    fn bytes(&self) -> Vec<u8> {
        let (kind, place) = match self.position {
            Position::Index(place) => (0, place),
            Position::After(place) => (1, place),
        };
        let numbers = [place, self.count, self.made_at];
        std::iter::once(kind).chain(numbers.into_iter().flat_map(i64::to_be_bytes)).collect()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (kind, numbers) = bytes.split_first()?;
        let (numbers, []) = numbers.as_chunks::<8>() else { return None };
        let [place, count, made_at] = numbers else { return None };
        let place = i64::from_be_bytes(*place);
        let position = if *kind == 0 { Position::Index(place) } else { Position::After(place) };
        Some(Content { position, count: i64::from_be_bytes(*count), made_at: i64::from_be_bytes(*made_at) })
    }
}

/// `count` of a walk by cursors; one above the maximum gives as many as there may be (P-9865-2.1-02).
///
/// # Errors
/// 400 `invalidCount` for what is no integer.
pub fn count(query: &Query) -> Result<Option<i64>, Refusal> {
    let read = integer("count", query.count.as_deref());
    let read = read.map_err(|refusal| Refusal { scim_type: Some("invalidCount"), ..refusal })?;
    Ok(read.map(|count| count.clamp(0, MAX_COUNT)))
}

fn invalid() -> Refusal {
    let detail = "The cursor is not one that this service gave for this query. Begin again with an empty cursor, and repeat all parameters.";
    Refusal { scim_type: Some("invalidCursor"), ..Refusal::new(400, detail) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000_000_000;

    fn signer(query: &str) -> Signer {
        Signer(Hmac::new_from_slice(b"key").unwrap().chain_update(query))
    }

    #[test]
    fn p_9865_2_01_a_cursor_holds_its_place_in_unreserved_characters() {
        for position in [Position::Index(1), Position::Index(i64::MAX), Position::After(-1), Position::After(1 << 40)] {
            let text = signer("a").seal(position, 10, NOW);
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)), "{text}");
            assert_eq!(signer("a").open(&text, None, NOW), Ok((position, 10)));
            assert_eq!(signer("a").open(&text, Some(10), NOW + 3_599_000_000), Ok((position, 10)));
        }
    }

    #[test]
    fn h070_p_9865_5_02_what_was_not_given_for_this_query_is_refused_with_one_text() {
        let text = signer("a").seal(Position::After(7), 10, NOW);
        let foreign = signer("b").open(&text, None, NOW).unwrap_err();
        assert_eq!((foreign.status, foreign.scim_type), (400, Some("invalidCursor")));
        for place in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            // The last character of base64 may have bits to spare, which the decoder refuses.
            assert_eq!(signer("a").open(&changed, None, NOW).unwrap_err(), foreign, "{changed}");
        }
        for text in ["x", "AAAA", "!", &text[..text.len() - 1], &format!("{text}A"), &"A".repeat(10_000)] {
            assert_eq!(signer("a").open(text, None, NOW).unwrap_err(), foreign, "{text}");
        }
    }

    #[test]
    fn p_9865_2_1_01_a_cursor_expires_and_keeps_its_count() {
        let text = signer("a").seal(Position::After(7), 10, NOW);
        let late = signer("a").open(&text, None, NOW + 3_600_000_000).unwrap_err();
        assert_eq!((late.status, late.scim_type), (400, Some("expiredCursor")));
        let other = signer("a").open(&text, Some(11), NOW).unwrap_err();
        assert_eq!((other.status, other.scim_type), (400, Some("invalidCount")));
    }
}
