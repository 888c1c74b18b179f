//! What is a filter and what is not: the parser of this crate and that of the crate scim_v2 agree, but for the
//! differences listed in [`excused`].
//!
//! Attributes are names that no schema has, in the tolerant profile, so that only the grammar decides.

use doorward_scim::Error;
use doorward_scim::filter::Filter;
use doorward_scim::quirks::Leniency;
use proptest::prelude::*;
use proptest::sample::select;

use crate::data::long_run;
use crate::fixtures::user_type;

/// The text without what stands between quotes.
fn unquoted(text: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    let keep = |c: &char| {
        let inside = quoted;
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        !inside || (*c == '"' && !quoted)
    };
    text.chars().filter(keep).collect()
}

/// Why the two may disagree on a text; every reason is a rule of ours.
pub fn excused(text: &str, refusal: Option<&Error>) -> Option<&'static str> {
    let text = unquoted(text).to_ascii_lowercase();
    let holds = |pieces: &[&str]| pieces.iter().any(|piece| text.contains(piece));
    let any_word = |test: &dyn Fn(&str) -> bool| text.split([' ', '(', ')', '[', ']']).any(test);
    let Some(error) = refusal else {
        if holds(&["not("]) {
            return Some("D4: no space is needed behind not");
        }
        if text.starts_with(' ') || text.ends_with(' ') || holds(&["( ", " )", "[ ", " ]"]) {
            return Some("D37: spaces may stand inside parentheses and around the filter");
        }
        if holds(&["]."]) {
            return Some("D6: a sub-attribute behind brackets");
        }
        if any_word(&|word| word.starts_with("urn:") && word.contains(['\'', ',', '/'])) {
            return Some("RFC 3986: a URI may hold these characters");
        }
        if any_word(&|word| ["true", "false", "null"].contains(&word)) {
            return Some("true, false and null are names in the place of a name");
        }
        return None;
    };
    let rules = [
        ("does not fit the literal", "D36: the operator does not fit the literal"),
        ("null is compared", "D2: null is compared by eq and ne only"),
        ("bare names of sub-attributes", "F027: names between brackets stand alone"),
        ("does not hold several values", "D14: brackets follow an attribute, not a sub-attribute"),
    ];
    if let Some((_, rule)) = rules.iter().find(|(detail, _)| error.detail().contains(detail)) {
        return Some(rule);
    }
    if holds(&[" ["]) {
        return Some("5.1: brackets follow an attribute without a space");
    }
    if holds(&["\t"]) {
        return Some("D37: only spaces separate words");
    }
    if any_word(&|word| ["and", "or", "not"].contains(&word)) {
        return Some("5.1: and, or and not are reserved");
    }
    if any_word(&|word| word.contains(':') && !word.starts_with("urn:")) {
        return Some("5.1: a schema URI is one of the registered ones, or a URN");
    }
    None
}

fn agree(text: &str) -> Result<(), TestCaseError> {
    let ours = Filter::parse(text, &user_type(), &mut Leniency::tolerant());
    let theirs = text.parse::<scim_v2::filter::Filter>();
    if ours.is_ok() != theirs.is_ok() && excused(text, ours.as_ref().err()).is_none() {
        return Err(TestCaseError::fail(format!("{text:?}\nours: {ours:?}\ntheirs: {theirs:?}")));
    }
    Ok(())
}

/// A filter that is right, as a list of its pieces.
fn pieces() -> BoxedStrategy<Vec<String>> {
    let name = select(vec!["foo", "bar.baz", "Foo-1_x", "urn:x:y:1.0:T:foo", "urn:x:y:1.0:T:foo.bar"]);
    let literal = select(vec![r#""x""#, r#""""#, r#""a \" (b] ""#, r#""\u00e9\n""#, r#""é""#]);
    let op = select(vec!["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "EQ"]);
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    let bare = select(vec!["foo", "bar"]);
    let number = select(vec!["1", "-1.5", "0", "1e3", "true", "false", "null"]);
    let term = |name: BoxedStrategy<&'static str>| {
        prop_oneof![
            4 => (name.clone(), op.clone(), literal.clone()).prop_map(move |(name, op, literal)| words(&[name, " ", op, " ", literal])),
            1 => (name.clone(), number.clone()).prop_map(move |(name, number)| words(&[name, " ", "eq", " ", number])),
            1 => (name, select(vec!["pr", "PR"])).prop_map(move |(name, pr)| words(&[name, " ", pr])),
        ]
        .boxed()
    };
    let tree = |leaves: BoxedStrategy<Vec<String>>| {
        leaves
            .prop_recursive(4, 16, 3, move |inner| {
                let joined = (inner.clone(), select(vec!["and", "or", "AND"]), inner.clone());
                prop_oneof![
                    joined.prop_map(move |(left, word, right)| [left, words(&[" ", word, " "]), right].concat()),
                    inner.clone().prop_map(move |inner| [words(&["("]), inner, words(&[")"])].concat()),
                    inner.prop_map(move |inner| [words(&["not", " ", "("]), inner, words(&[")"])].concat()),
                ]
            })
            .boxed()
    };
    let list = select(vec!["foo", "Foo-1_x", "urn:x:y:1.0:T:foo"]);
    let brackets = (list, tree(term(bare.boxed())))
        .prop_map(move |(list, inner)| [words(&[list, "["]), inner, words(&["]"])].concat());
    tree(prop_oneof![3 => term(name.boxed()), 1 => brackets].boxed())
}

pub const ALPHABET: &[&str] = &[
    "foo",
    "bar",
    "foo.bar",
    "foo.bar.baz",
    "foo.",
    ".foo",
    "eq",
    "pr",
    "co",
    "xx",
    "\"x\"",
    "\"",
    "\"\\q\"",
    "\"\\ud800\"",
    "1",
    "01",
    "1.",
    "-",
    "true",
    "null",
    "True",
    "and",
    "or",
    "not",
    "(",
    ")",
    "[",
    "]",
    " ",
    " ",
    " ",
    "  ",
    "\t",
    "é",
    "'x'",
    ",",
    "/",
];

/// One or two pieces lost, doubled, or put in place of others.
pub type Damage = Vec<(prop::sample::Index, u8, &'static str)>;

pub fn damage() -> BoxedStrategy<Damage> {
    prop::collection::vec((any::<prop::sample::Index>(), 0_u8..4, select(ALPHABET)), 1..3).boxed()
}

pub fn damaged(mut pieces: Vec<String>, damage: Damage) -> Vec<String> {
    for (index, how, piece) in damage {
        if pieces.is_empty() {
            break;
        }
        let index = index.index(pieces.len());
        match how {
            0 => _ = pieces.remove(index),
            1 => pieces.insert(index, piece.to_owned()),
            2 => pieces.insert(index, pieces[index].clone()),
            _ => pieces[index] = piece.to_owned(),
        }
    }
    pieces
}

proptest! {
    #![proptest_config(ProptestConfig { cases: long_run(4_000), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn right_filters_are_right_for_both(pieces in pieces()) {
        let text = pieces.concat();
        let ours = Filter::parse(&text, &user_type(), &mut Leniency::tolerant());
        prop_assert!(ours.is_ok(), "{}: {:?}", text, ours);
        prop_assert!(text.parse::<scim_v2::filter::Filter>().is_ok(), "{}", text);
    }

    #[test]
    fn damaged_filters_have_the_same_fate(
        pieces in pieces(),
        damage in damage(),
    ) {
        agree(&damaged(pieces, damage).concat())?;
    }

    #[test]
    fn random_pieces_have_the_same_fate(pieces in prop::collection::vec(select(ALPHABET), 0..14)) {
        agree(&pieces.concat())?;
    }
}
