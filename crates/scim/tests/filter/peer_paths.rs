//! What is a PATCH path and what is not: this crate and the crate scim_v2 agree, but for the differences listed in
//! [`excused`] and those of filters.

use doorward_scim::Error;
use doorward_scim::patch::PatchPath;
use doorward_scim::quirks::Leniency;
use proptest::prelude::*;
use proptest::sample::select;

use crate::data::long_run;
use crate::fixtures::user_type;
use crate::peer::{self, damage, damaged};

/// Why the two may disagree on a text: the schema, which only we know, or a rule about what stands between brackets.
fn excused(text: &str, refusal: Option<&Error>) -> Option<&'static str> {
    let rules = [
        ("names an unknown attribute", "P076: a path names an attribute of the schema"),
        ("unknown sub-attribute", "P083: so does what stands between brackets"),
        ("does not hold several values", "D14: brackets follow a list"),
        ("does not fit", "D36: operator, attribute and literal fit each other"),
        ("a sub-attribute may follow", "P077: the sub-attribute is one of the schema"),
        ("is the schema of the whole resource", "5.1: the URN of the core schema names no attribute"),
    ];
    let says = |detail: &str| refusal.is_some_and(|error| error.detail().contains(detail));
    if refusal.is_some() && text.trim() != text {
        return Some("P-7644-3.5.2-04: nothing stands around a path, not even a space");
    }
    let urns = text.to_ascii_lowercase().matches("urn:").count();
    if refusal.is_some() && (urns > 1 || !text.to_ascii_lowercase().starts_with("urn:") && urns > 0) {
        return Some("P-7644-3.10-02: a URN is one of the registered ones");
    }
    let schema = rules.into_iter().find(|(detail, _)| says(detail)).map(|(_, rule)| rule);
    schema.or_else(|| peer::excused(text, refusal))
}

fn agree(text: &str) -> Result<(), TestCaseError> {
    let ours = PatchPath::parse(text, &user_type(), &mut Leniency::strict());
    let theirs = text.parse::<scim_v2::filter::PatchPath>();
    if ours.is_ok() != theirs.is_ok() && excused(text, ours.as_ref().err()).is_none() {
        return Err(TestCaseError::fail(format!("{text:?}\nours: {ours:?}\ntheirs: {theirs:?}")));
    }
    Ok(())
}

/// A path that is right, as a list of its pieces.
fn pieces() -> BoxedStrategy<Vec<String>> {
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    let plain = select(vec!["userName", "NICKNAME", "name.familyName", "emails", "emails.value"]);
    let urn = select(vec!["", "urn:ietf:params:scim:schemas:core:2.0:User:"]);
    let term = prop_oneof![
        3 => (select(vec!["type", "value", "TYPE"]), select(vec!["eq", "ne", "CO", "sw"]), select(vec![r#""x""#, r#""a \" (b] ""#, r#""é""#]))
            .prop_map(move |(name, op, literal)| words(&[name, " ", op, " ", literal])),
        1 => select(vec!["primary eq true", "value pr", "primary eq null"]).prop_map(move |term| words(&[term])),
    ];
    let inner = term.prop_recursive(3, 8, 2, move |inner| {
        let joined = (inner.clone(), select(vec!["and", "or", "AND"]), inner.clone());
        prop_oneof![
            joined.prop_map(move |(left, word, right)| [left, words(&[" ", word, " "]), right].concat()),
            inner.clone().prop_map(move |inner| [words(&["("]), inner, words(&[")"])].concat()),
            inner.prop_map(move |inner| [words(&["not", " ", "("]), inner, words(&[")"])].concat()),
        ]
    });
    let behind = select(vec!["", ".value", ".display", ".TYPE"]);
    prop_oneof![
        1 => (urn.clone(), plain).prop_map(move |(urn, plain)| words(&[urn, plain])),
        3 => (urn, inner, behind).prop_map(move |(urn, inner, behind)| [words(&[urn, "emails", "["]), inner, words(&["]", behind])].concat()),
    ]
    .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: long_run(4_000), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn right_paths_are_right_for_both(pieces in pieces()) {
        let text = pieces.concat();
        let ours = PatchPath::parse(&text, &user_type(), &mut Leniency::strict());
        prop_assert!(ours.is_ok(), "{}: {:?}", text, ours);
        prop_assert!(text.parse::<scim_v2::filter::PatchPath>().is_ok(), "{}", text);
    }

    #[test]
    fn damaged_paths_have_the_same_fate(pieces in pieces(), damage in damage()) {
        agree(&damaged(pieces, damage).concat())?;
    }
}

/// Paths of PATCH: the cases of section 16.2 that the grammar alone decides.
#[test]
fn paths_have_the_same_fate() {
    let user = user_type();
    for text in [
        "userName",
        "name.familyName",
        "emails",
        r#"emails[type eq "work"]"#,
        r#"emails[type eq "work" and (value pr or not (primary eq true))].value"#,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        r#"emails[type eq "work""#,
        r#"emails[type xx "work"].value"#,
        "emails[0].value",
        "/emails/0/value",
        r#"emails[type eq "work"].value.x"#,
        "",
        "emails[]",
        "emails]",
        r#"emails[type eq "work"][value pr]"#,
        r#"emails[type eq "work" and emails[value pr]]"#,
    ] {
        let ours = PatchPath::parse(text, &user, &mut Leniency::strict());
        let theirs = text.parse::<scim_v2::filter::PatchPath>();
        assert_eq!(ours.is_ok(), theirs.is_ok(), "{text}: {ours:?}, {theirs:?}");
    }
}
