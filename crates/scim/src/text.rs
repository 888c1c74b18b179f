//! Comparing text without regard to case, and the rules for userName.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfkc};

/// How long a text may be that resources are looked up by, in bytes; the indexes of both databases hold such a key.
pub const MAX_KEY_BYTES: usize = 1024;

/// The form in which two texts are compared without regard to case: NFKC and full Unicode case folding, repeated until
/// nothing changes, so that `fold(fold(x)) == fold(x)`.
///
/// Stands in for the PRECIS profile UsernameCaseMapped that RFC 7644 section 5 asks for, with a wider mapping of
/// compatibility characters. White space is kept; see [`normalise_user_name`] for the key of a user.
///
/// ```
/// use doorward_scim::text::fold;
///
/// assert_eq!(fold("STRASSE"), fold("straße"));
/// assert_ne!(fold("mıke"), fold("mike"));
/// ```
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = fold_once(text);
    loop {
        let again = fold_once(&folded);
        if again == folded {
            return folded;
        }
        folded = again;
    }
}

fn fold_once(text: &str) -> String {
    let composed: Cow<'_, str> = if is_nfkc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfkc().collect()) };
    caseless::default_case_fold_str(&composed).nfkc().collect()
}

/// The key under which a userName is unique in its directory: white space at both ends removed and [`fold`]ed, until
/// nothing changes. The name itself is stored and returned as it was sent.
pub fn normalise_user_name(text: &str) -> String {
    let mut key = fold(text.trim());
    // Folding can bring white space to an end: U+00B4 decomposes into a space and a combining accent.
    loop {
        let again = fold(key.trim());
        if again == key {
            return key;
        }
        key = again;
    }
}

/// The first character of a userName that could hide what the name is: a control character, a bidirectional override,
/// or one without any width.
///
/// ```
/// use doorward_scim::text::deceptive_character;
///
/// assert_eq!(deceptive_character("ada\u{200b}"), Some('\u{200b}'));
/// assert_eq!(deceptive_character("Ada Lovelace"), None);
/// ```
pub fn deceptive_character(user_name: &str) -> Option<char> {
    user_name.chars().find(|&c| c.is_control() || is_invisible(c))
}

/// Characters of the Unicode property Default_Ignorable_Code_Point and the line and paragraph separators.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}
