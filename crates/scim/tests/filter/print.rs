//! What is printed reads back as the same filter.

use doorward_scim::attr::AttrPath;
use doorward_scim::filter::{CompareOp, Filter, Literal};
use doorward_scim::quirks::Leniency;
use doorward_scim::schema::ENTERPRISE;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Number;

use crate::fixtures::{X, user_type};
use crate::model::{filters, write};

fn path(urn: Option<&str>, attribute: &str, sub: Option<&str>) -> AttrPath {
    AttrPath { urn: urn.map(str::to_owned), attribute: attribute.to_owned(), sub: sub.map(str::to_owned) }
}

fn texts() -> BoxedStrategy<Literal> {
    any::<String>().prop_map(|text| Literal::Text(text.replace('\0', ""))).boxed()
}

fn numbers() -> BoxedStrategy<Literal> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        // As many digits as the JSON reader reads exactly.
        (-1_000_000_000_i64..1_000_000_000, 0_u32..6)
            .prop_map(|(digits, exponent)| Number::from_f64(digits as f64 / 10_f64.powi(exponent as i32)).unwrap()),
    ]
    .prop_map(Literal::Number)
    .boxed()
}

fn any_operator() -> BoxedStrategy<CompareOp> {
    select(CompareOp::ALL.to_vec()).boxed()
}

fn compare(
    paths: Vec<AttrPath>,
    ops: BoxedStrategy<CompareOp>,
    literals: BoxedStrategy<Literal>,
) -> BoxedStrategy<Filter> {
    (select(paths), ops, literals).prop_map(|(path, op, value)| Filter::Compare { path, op, value }).boxed()
}

fn equality() -> BoxedStrategy<CompareOp> {
    select(vec![CompareOp::Eq, CompareOp::Ne]).boxed()
}

fn ordering() -> BoxedStrategy<CompareOp> {
    select(CompareOp::ALL.into_iter().filter(|op| !op.is_substring()).collect::<Vec<_>>()).boxed()
}

fn terms() -> BoxedStrategy<Filter> {
    let text_paths = vec![
        path(None, "userName", None),
        path(None, "emails", Some("value")),
        path(None, "shoeSize", Some("left")),
        path(Some(ENTERPRISE), "manager", Some("$ref")),
        path(Some(X), "tags", None),
        path(Some("urn:ietf:params:scim:schemas:extension:other:2.0:User"), "team", None),
    ];
    let any_path = [
        text_paths.clone(),
        vec![path(None, "emails", None), path(Some(ENTERPRISE), "", None), path(None, "name", None)],
    ];
    prop_oneof![
        compare(text_paths, any_operator(), texts()),
        compare(vec![path(Some(X), "badge", None), path(None, "shoeSize", None)], ordering(), numbers()),
        compare(vec![path(None, "active", None)], equality(), any::<bool>().prop_map(Literal::Bool).boxed()),
        compare(any_path.concat(), equality(), Just(Literal::Null).boxed()),
        select(any_path.concat()).prop_map(Filter::Present),
    ]
    .boxed()
}

fn parts() -> BoxedStrategy<Filter> {
    prop_oneof![
        compare(vec![path(None, "type", None), path(None, "value", None)], any_operator(), texts()),
        compare(vec![path(None, "primary", None)], equality(), any::<bool>().prop_map(Literal::Bool).boxed()),
        Just(Filter::Present(path(None, "display", None))),
    ]
    .boxed()
}

/// Trees of the form `Filter` promises: lists of two or more, none directly inside its own kind.
fn trees(leaves: BoxedStrategy<Filter>) -> BoxedStrategy<Filter> {
    leaves
        .prop_recursive(6, 48, 4, |inner| {
            let list = prop::collection::vec(inner.clone(), 2..5);
            prop_oneof![
                list.clone().prop_map(|filters| {
                    Filter::And(
                        filters
                            .into_iter()
                            .flat_map(|filter| match filter {
                                Filter::And(inner) => inner,
                                other => vec![other],
                            })
                            .collect(),
                    )
                }),
                list.prop_map(|filters| {
                    Filter::Or(
                        filters
                            .into_iter()
                            .flat_map(|filter| match filter {
                                Filter::Or(inner) => inner,
                                other => vec![other],
                            })
                            .collect(),
                    )
                }),
                inner.prop_map(|filter| Filter::Not(Box::new(filter))),
            ]
        })
        .boxed()
}

fn canonical() -> BoxedStrategy<Filter> {
    let lists = vec![path(None, "emails", None), path(None, "ims", None)];
    let brackets =
        (select(lists), trees(parts())).prop_map(|(path, filter)| Filter::ValuePath { path, filter: Box::new(filter) });
    trees(prop_oneof![4 => terms(), 1 => brackets].boxed())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn printed_filters_read_back(filter in canonical()) {
        let text = filter.to_string();
        prop_assume!(text.len() <= doorward_scim::filter::MAX_BYTES);
        let back = Filter::parse(&text, &user_type(), &mut Leniency::tolerant());
        prop_assert_eq!(back, Ok(filter), "{}", text);
    }

    #[test]
    fn parsed_filters_print_as_themselves(
        term in filters(),
        choices in prop::collection::vec(any::<u8>(), 1..24),
    ) {
        let user = user_type();
        let filter = Filter::parse(&write(&term, &choices), &user, &mut Leniency::strict());
        let filter = filter.map_err(|error| TestCaseError::fail(error.to_string()))?;
        let printed = filter.to_string();
        let back = Filter::parse(&printed, &user, &mut Leniency::strict());
        let back = back.map_err(|error| TestCaseError::fail(format!("{printed}: {error}")))?;
        prop_assert_eq!(back.to_string(), printed);
        prop_assert_eq!(back, filter);
    }

    /// P-7644-3.4.2.2-09: whatever the text, there is an answer and no panic.
    #[test]
    fn any_text_has_an_answer(text in "[a-c.:()\\[\\]\" \\\\u0-9é\u{1}-]{0,40}", tail in any::<String>()) {
        for text in [text.clone(), format!("{text}{tail}"), format!("emails[{text}]"), format!("title eq \"{text}\"")] {
            if let Ok(filter) = Filter::parse(&text, &user_type(), &mut Leniency::tolerant()) {
                let printed = filter.to_string();
                prop_assert_eq!(Filter::parse(&printed, &user_type(), &mut Leniency::tolerant()), Ok(filter), "{}", text);
            }
        }
    }
}
