//! The hard cases of section 16.1 (F001 to F094) and those on groups, asked of the library in both profiles.

use doorward_scim::Object;
use doorward_scim::filter::Filter;
use doorward_scim::quirks::Leniency;
use doorward_scim::schema::ResourceType;
use serde_json::Value;

use crate::data::cases;
use crate::fixtures::{groups, user_type, users};

/// The names of the resources that a filter finds, or why it is refused.
pub fn outcome(
    text: &str,
    resources: &[(&str, Object)],
    resource_type: &ResourceType,
    leniency: &mut Leniency,
) -> String {
    match Filter::parse(text, resource_type, leniency) {
        Err(error) => error.scim_type().to_owned(),
        Ok(filter) => {
            let matching = resources.iter().filter(|(_, resource)| filter.matches(resource, resource_type));
            matching.map(|(name, _)| *name).collect::<Vec<_>>().join(" ")
        }
    }
}

fn expected(case: &Value, leniency: &Leniency) -> String {
    let case = case.get("strict").filter(|_| !leniency.is_tolerant()).unwrap_or(case);
    match case["finds"].as_array() {
        Some(names) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        None => case["error"].as_str().unwrap_or_else(|| panic!("no outcome: {case}")).to_owned(),
    }
}

fn check(file: &str, resources: &[(&str, Object)], resource_type: &ResourceType) -> usize {
    let cases = cases(file);
    let mut wrong = Vec::new();
    for (case, mut leniency) in cases.iter().flat_map(|case| [(case, Leniency::tolerant()), (case, Leniency::strict())])
    {
        let nested = case["parentheses"].as_u64().map_or(0, |count| usize::try_from(count).unwrap());
        let filter = case["filter"].as_str().unwrap();
        let text = format!("{}{filter}{}", "(".repeat(nested), ")".repeat(nested));
        let outcome = outcome(&text, resources, resource_type, &mut leniency);
        let wanted = expected(case, &leniency);
        if outcome != wanted {
            wrong.push(format!("{} {filter}: {outcome:?} in place of {wanted:?}", case["id"]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    cases.len()
}

#[test]
fn f001_to_f094_in_both_profiles() {
    let asked = check(include_str!("../../../testkit/data/hard_cases/filters.json"), &users(), &user_type());
    assert_eq!(asked, 94);
}

#[test]
fn section_16_1_filters_on_groups() {
    let file = include_str!("../../../testkit/data/hard_cases/group_filters.json");
    check(file, &groups(), &ResourceType::group());
}
