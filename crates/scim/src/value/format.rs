//! The lexical forms of RFC 7643 section 2.3, and of the codes a few attributes hold.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::Timestamp;
use serde_json::Number;

/// Standard base64; padding may be missing (RFC 7643 section 2.3.6).
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The instant a dateTime denotes, or `None` when the text is not xsd:dateTime with both date and time
/// (RFC 7643 section 2.3.5). Without a zone it is read as UTC. Digits beyond nanoseconds are cut off.
///
/// ```
/// use doorward_scim::value::instant;
///
/// assert_eq!(instant("2008-01-23T04:56:22Z"), instant("2008-01-23T10:26:22.0+05:30"));
/// assert_eq!(instant("2020-01-01T00:00:00"), instant("2020-01-01T00:00:00Z"));
/// assert_eq!(instant("2008-01-23"), None);
/// ```
pub fn instant(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let date_time = bytes.get(..19)?;
    let fits = date_time.iter().zip(b"dddd-dd-ddTdd:dd:dd").all(|(byte, form)| match form {
        b'd' => byte.is_ascii_digit(),
        other => byte == other,
    });
    // xsd:dateTime has no leap second, which the parser below would clamp.
    if !fits || date_time.ends_with(b"60") {
        return None;
    }
    let (start, rest) = (text.get(..19)?, text.get(19..)?);
    let (fraction, zone) = match rest.strip_prefix('.') {
        None => ("", rest),
        Some(rest) => rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count()),
    };
    if rest.starts_with('.') && fraction.is_empty() {
        return None;
    }
    let zone: Cow<'_, str> = match zone {
        "" | "Z" => "Z".into(),
        zone if is_offset(zone) => zone.into(),
        _ => return None,
    };
    let fraction = fraction.get(..9).unwrap_or(fraction);
    let dot = if fraction.is_empty() { "" } else { "." };
    format!("{start}{dot}{fraction}{zone}").parse().ok()
}

/// `+05:30`, at most 14 hours.
fn is_offset(zone: &str) -> bool {
    let &[sign, h1, h2, b':', m1, m2] = zone.as_bytes() else { return false };
    let number = |tens: u8, ones: u8| {
        (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
    };
    match (number(h1, h2), number(m1, m2)) {
        (Some(hours), Some(minutes)) => matches!(sign, b'+' | b'-') && minutes < 60 && hours * 60 + minutes <= 14 * 60,
        _ => false,
    }
}

/// The bytes of a binary value, or `None` when the text is not base64. Padding may be missing.
pub fn bytes(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

/// Whether a number is an integer by RFC 7643 section 2.3.4: without fraction and exponent.
pub fn is_integer(number: &Number) -> bool {
    number.is_i64() || number.is_u64()
}

/// Whether bytes are one DER sequence and nothing behind it: a single certificate, no chain (RFC 7643 section 4.1.2).
pub(super) fn is_one_der_sequence(der: &[u8]) -> bool {
    let Some((&0x30, rest)) = der.split_first() else { return false };
    let Some((&first, rest)) = rest.split_first() else { return false };
    if first < 0x80 {
        return rest.len() == usize::from(first);
    }
    let count = usize::from(first & 0x7F);
    let Some((length, content)) = rest.split_at_checked(count) else { return false };
    if !(1..=4).contains(&count) {
        return false;
    }
    let length = length.iter().fold(0_usize, |length, &byte| (length << 8) | usize::from(byte));
    content.len() == length
}

/// Whether a text can be a URI reference: something, without white space, control characters and the delimiters that
/// RFC 3986 keeps out of URIs.
pub(super) fn is_uri_reference(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>\"{}|\\^`".contains(c))
}

/// Whether a text is an absolute http or https URL.
pub(super) fn is_web_url(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    is_uri_reference(text) && rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
}

/// What is wrong with a code of one of the core attributes that hold one, if anything.
pub(super) fn wrong_code(attribute: &str, text: &str) -> Option<&'static str> {
    match attribute {
        "country" if !(text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase())) => {
            Some("is not an ISO 3166-1 alpha-2 country code")
        }
        "timezone" if !is_zone_name(text) => Some("is not the IANA name of a time zone"),
        "locale" if !is_language_tag(text) => Some("is not a language tag"),
        "preferredLanguage" if !is_accept_language(text) => Some("is not in the form of Accept-Language"),
        _ => None,
    }
}

fn is_zone_name(text: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+'))
    };
    let mut parts = text.split('/');
    let area = parts.next().unwrap_or_default();
    let mut behind = 0;
    let well_formed = parts.inspect(|_| behind += 1).all(part);
    let abbreviation = (3..=4).contains(&area.len()) && area.bytes().all(|b| b.is_ascii_uppercase());
    part(area) && well_formed && (behind > 0 || abbreviation)
}

/// The shape of BCP 47, with `_` for `-` as SCIM 1.1 writes it.
fn is_language_tag(text: &str) -> bool {
    let mut parts = text.split(['-', '_']);
    let language = parts.next().unwrap_or_default();
    (2..=8).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn is_accept_language(text: &str) -> bool {
    text.split(',').all(|range| {
        let (tag, quality) = range.split_once(';').unwrap_or((range, "q=1"));
        let quality = quality.trim().strip_prefix("q=").and_then(|q| q.parse::<f64>().ok());
        (tag.trim() == "*" || is_language_tag(tag.trim())) && quality.is_some_and(|q| (0.0..=1.0).contains(&q))
    })
}
