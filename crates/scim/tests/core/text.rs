use doorward_scim::attr::{fold, is_attribute_name, normalise_user_name, same_name};
use doorward_scim::text::deceptive_character;

#[test]
fn sec_09_names_that_look_alike() {
    // The two names, and whether they are one and the same userName.
    let table = [
        ("JOE", "joe", true),
        ("straße", "STRASSE", true),
        ("mıke", "mike", false),
        ("ᴮᴵᴳ", "big", true),
        ("o\u{301}scar", "\u{f3}scar", true),
        ("joe ", "joe", true),
        ("\u{a0}joe\u{3000}", "joe", true),
        ("ada\u{ff20}corp.example", "ada@corp.example", true),
        ("\u{212a}elvin", "kelvin", true),
        ("\u{130}stanbul", "istanbul", false),
        ("\u{3a3}", "\u{3c2}", true),
        ("ﬁona", "FIONA", true),
        ("jo e", "joe", false),
        ("раул", "paul", false),
    ];
    for (a, b, same) in table {
        assert_eq!(normalise_user_name(a) == normalise_user_name(b), same, "{a} and {b}");
    }
}

#[test]
fn sec_09_folding_keeps_white_space_and_the_key_of_a_user_does_not() {
    assert_eq!(fold(" Ada "), " ada ");
    assert_eq!(normalise_user_name(" Ada Lovelace\t"), "ada lovelace");
    // U+00B4 becomes a space and an accent: the key must not begin with it.
    assert_eq!(normalise_user_name("\u{b4}a"), normalise_user_name(&normalise_user_name("\u{b4}a")));
}

#[test]
fn sec_09_invisible_characters_are_found() {
    for hidden in [
        '\u{0}',
        '\u{7}',
        '\u{7f}',
        '\u{85}',
        '\u{ad}',
        '\u{200b}',
        '\u{200d}',
        '\u{200f}',
        '\u{202e}',
        '\u{2066}',
        '\u{2060}',
        '\u{feff}',
        '\u{e0041}',
        '\u{2028}',
    ] {
        assert_eq!(deceptive_character(&format!("a{hidden}b")), Some(hidden), "U+{:04X}", u32::from(hidden));
    }
    for plain in ["Ada Lovelace", "óscar", "o\u{301}scar", "山田太郎", "ada+tag@corp.example", "😀"] {
        assert_eq!(deceptive_character(plain), None, "{plain}");
    }
}

#[test]
fn s_7643_2_1_01_names_ignore_letter_case() {
    assert!(same_name("userName", "USERNAME"));
    assert!(!same_name("userName", "user-name"));
    // Only ASCII letters have a case here: the Kelvin sign is no k.
    assert!(!same_name("k", "\u{212a}"));
}

#[test]
fn s_7643_2_1_02_attribute_names() {
    for name in ["a", "userName", "a-b", "a_b", "a$b", "a9", "$ref", "$REF"] {
        assert!(is_attribute_name(name), "{name}");
    }
    for name in ["", "9x", "a b", "é", "$x", "a.b", "a:b", "a/b", "-a"] {
        assert!(!is_attribute_name(name), "{name}");
    }
}

#[test]
fn sec_09_folding_is_idempotent_for_every_character_that_folds() {
    // The scripts with case and the blocks of compatibility characters; ideographs and most syllables fold to themselves.
    let blocks =
        [0x80..=0x33FF, 0xA000..=0xABFF, 0xF900..=0xFFFF, 0x10400..=0x105FF, 0x1D400..=0x1F2FF, 0x2F800..=0x2FA1F];
    for c in blocks.into_iter().flatten().filter_map(char::from_u32) {
        // Between letters it can combine with.
        let key = normalise_user_name(&format!("{c}A{c}\u{301}"));
        assert_eq!(normalise_user_name(&key), key, "U+{:04X}", u32::from(c));
    }
}
