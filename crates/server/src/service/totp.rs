//! Time-based one-time codes (RFC 6238), as authenticator apps make them: HMAC-SHA-1, six digits, thirty seconds. Pure.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// Bytes of a secret, as RFC 4226 section 4 recommends.
pub const SECRET: usize = 20;

/// How long a code counts, in microseconds.
pub const STEP: i64 = 30_000_000;

/// Intervals before and after the present one whose codes are taken too: clocks differ, and typing takes time (RFC 6238 section 5.2).
const AROUND: i64 = 1;

const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The code of an interval; `None` for a secret that is none.
pub fn code(secret: &[u8], step: i64) -> Option<u32> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).ok()?;
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    // Dynamic truncation (RFC 4226 section 5.3).
    let offset = usize::from(digest.last()? & 0xf);
    let word = digest.get(offset..offset + 4)?.try_into().ok().map(u32::from_be_bytes)?;
    Some((word & 0x7fff_ffff) % 1_000_000)
}

/// The interval, later than `after`, whose code this is; spaces in it are allowed. `now` in Unix microseconds.
pub fn matching(secret: &[u8], given: &str, now: i64, after: i64) -> Option<i64> {
    let given: String = given.chars().filter(|c| !c.is_whitespace()).collect();
    if given.len() != 6 || !given.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let given: u32 = given.parse().ok()?;
    let present = now.div_euclid(STEP);
    (present - AROUND..=present + AROUND).find(|step| *step > after && code(secret, *step) == Some(given))
}

/// Base 32 (RFC 4648) without padding: how authenticator apps are told a secret.
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in bytes {
        (bits, count) = ((bits << 8) | u32::from(*byte), count + 8);
        while count >= 5 {
            count -= 5;
            text.push(char::from(DIGITS[(bits >> count) as usize & 31]));
        }
        bits &= (1 << count) - 1;
    }
    if count > 0 {
        text.push(char::from(DIGITS[(bits << (5 - count)) as usize & 31]));
    }
    text
}

/// The bytes of a text in base 32; `None` for anything else.
pub fn from_base32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for digit in text.bytes() {
        let value = DIGITS.iter().position(|known| *known == digit)?;
        (bits, count) = ((bits << 5) | u32::try_from(value).ok()?, count + 5);
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    Some(bytes)
}

/// What a QR code tells an authenticator app. Names are percent-encoded, and hold no colon, which parts issuer and account.
pub fn uri(issuer: &str, account: &str, secret: &str) -> String {
    let encoded = |text: &str| {
        let mut out = String::new();
        for byte in text.replace(':', " ").bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
                byte => out.push_str(&format!("%{byte:02X}")),
            }
        }
        out
    };
    let (issuer, account) = (encoded(issuer), encoded(account));
    format!("otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARED: &[u8] = b"12345678901234567890";

    /// RFC 6238 appendix B, of whose eight digits the last six count.
    #[test]
    fn sec_48_codes_are_those_of_the_rfc() {
        for (seconds, want) in [
            (59, 287_082),
            (1_111_111_109, 81_804),
            (1_111_111_111, 50_471),
            (1_234_567_890, 5_924),
            (2_000_000_000, 279_037),
        ] {
            assert_eq!(code(SHARED, seconds / 30), Some(want), "{seconds}");
        }
    }

    #[test]
    fn sec_48_a_code_counts_for_its_time_and_once() {
        let now = 1_111_111_111_000_000;
        let step = now / STEP;
        assert_eq!(matching(SHARED, "050471", now, 0), Some(step));
        assert_eq!(matching(SHARED, "050 471", now, 0), Some(step));
        assert_eq!(matching(SHARED, "081804", now, 0), Some(step - 1));
        assert_eq!(matching(SHARED, "050471", now, step), None, "it was used");
        assert_eq!(matching(SHARED, "050471", now + 2 * STEP, 0), None, "too late");
        assert_eq!(matching(SHARED, "050471", now - 2 * STEP, 0), None, "too early");
        for wrong in ["", "50471", "0504711", "+50471", "05047a", "０５０４７１"] {
            assert_eq!(matching(SHARED, wrong, now, 0), None, "{wrong}");
        }
    }

    /// RFC 4648 section 10.
    #[test]
    fn secrets_are_written_in_base_32() {
        for (bytes, text) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(bytes.as_bytes()), text);
            assert_eq!(from_base32(text).as_deref(), Some(bytes.as_bytes()));
        }
        assert_eq!(from_base32("M1"), None);
        assert_eq!(base32(SHARED), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn the_uri_tells_issuer_account_and_secret() {
        assert_eq!(
            uri("Door:ward & Co", "a@b.example", "MY"),
            "otpauth://totp/Door%20ward%20%26%20Co:a%40b.example?secret=MY&issuer=Door%20ward%20%26%20Co"
        );
    }
}
