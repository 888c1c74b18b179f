//! The key columns: folded here, in one place, because the two databases fold differently (SEC-9).

use doorward_scim::attr::{fold, normalise_user_name};
use sha2::{Digest, Sha256};

/// The longest key in bytes. PostgreSQL refuses an index entry of more than about 2,700 bytes.
const LONGEST: usize = 512;

/// The key of a `userName`: unique in a directory.
pub(crate) fn user_name(text: &str) -> String {
    bounded(&normalise_user_name(text))
}

/// The key of an attribute that is compared without regard to case: `displayName`, e-mail addresses, names.
pub(crate) fn caseless(text: &str) -> String {
    bounded(&fold(text))
}

/// The key of an attribute that is compared exactly: `externalId`, the value of a pending member.
pub(crate) fn exact(text: &str) -> String {
    bounded(text)
}

/// A text without NUL, which PostgreSQL cannot hold; the document keeps it (escaped).
pub(crate) fn without_nul(text: &str) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text.to_owned() }
}

/// A text that fits an index: a long one keeps its beginning and gets a digest of the whole, so that equal stays equal and
/// different stays different.
fn bounded(text: &str) -> String {
    if text.len() <= LONGEST {
        return without_nul(text);
    }
    let mut end = LONGEST - 65;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}#{digest}", without_nul(&text[..end]))
}

/// How many characters of a key are those of the text itself, however long the text is. A prefix search beyond them is not exact.
pub(crate) const SEARCHABLE: usize = (LONGEST - 65) / 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_09_keys_are_bounded_and_tell_long_texts_apart() {
        let long = "é".repeat(5_000);
        let other = format!("{long}x");
        assert!(exact(&long).len() <= LONGEST);
        assert_ne!(exact(&long), exact(&other));
        assert_eq!(user_name(&long.to_uppercase()), user_name(&long));
        assert_eq!(exact("a\0b"), "a\u{fffd}b");
        assert_eq!(user_name(" JOE@Example.com "), "joe@example.com");
    }
}
