//! Who has which role by the rules: a pure function of the person, the person's groups and the rules.

use doorward_scim::Object;
use doorward_scim::resource::member;
use doorward_store::directory::{RoleMode, UnknownRoles};
use doorward_store::role::RoleRow;
use doorward_store::role_mapping::{Condition, Given, MappingRow, Outcome, Policy};
use doorward_store::user::GroupRef;
use serde_json::Value;

/// What the rules give a person. Who has a role already keeps the time since when, as `before` has it; all else is from `now` on.
///
/// A directory without rules gives nobody anything, the default role included: rules are what switches roles on (SEC-5).
pub fn evaluate(policy: &Policy, person: &Object, groups: &[GroupRef], before: &Outcome, now: i64) -> Outcome {
    let mut outcome = Outcome::default();
    if policy.mappings.is_empty() {
        return outcome;
    }
    for mapping in &policy.mappings {
        let found = matched(policy, mapping, person, groups);
        if policy.settings.unknown_values != UnknownRoles::Ignore {
            let path = path_of(&mapping.rule.condition);
            outcome.unknown.extend(found.unknown.into_iter().map(|value| (path.to_owned(), value)));
        }
        for slug in found.slugs {
            give(policy, &mut outcome, before, now, (&mapping.rule.environment, slug, Some(mapping)));
        }
    }
    let default = policy.roles.iter().find(|role| role.is_default);
    if let Some(default) = default.filter(|_| !outcome.roles.contains_key("")) {
        give(policy, &mut outcome, before, now, ("", default.slug.clone(), None));
    }
    outcome.unknown.sort();
    outcome.unknown.dedup();
    outcome
}

fn give(
    policy: &Policy,
    outcome: &mut Outcome,
    before: &Outcome,
    now: i64,
    (environment, slug, mapping): (&str, String, Option<&MappingRow>),
) {
    let has = outcome.roles.get(environment);
    // The first rule counts; and nobody has one role twice.
    if has.is_some_and(|has| policy.settings.mode == RoleMode::Single || has.iter().any(|given| given.slug == slug)) {
        return;
    }
    let had = before.roles.get(environment).and_then(|had| had.iter().find(|given| given.slug == slug));
    let since = had.map_or(now, |given| given.since);
    let given = Given { slug, mapping: mapping.map(|mapping| mapping.id), since };
    outcome.roles.entry(environment.to_owned()).or_default().push(given);
}

#[derive(Default)]
struct Matched {
    slugs: Vec<String>,
    unknown: Vec<String>,
}

fn matched(policy: &Policy, mapping: &MappingRow, person: &Object, groups: &[GroupRef]) -> Matched {
    let holds = match &mapping.rule.condition {
        Condition::GroupId { group_id } => groups.iter().any(|group| group.id == *group_id),
        Condition::GroupName { group_name } => groups.iter().any(|group| same(&group.display, group_name)),
        Condition::Attribute { path, value } => values_at(person, path).iter().any(|found| same(found, value)),
        Condition::AttributeRole { path } => {
            let mut matched = Matched::default();
            for value in values_at(person, path) {
                match named(&policy.roles, &value) {
                    Some(role) => matched.slugs.push(role.slug.clone()),
                    None => matched.unknown.push(value),
                }
            }
            return matched;
        }
    };
    let known = |slug: &&String| policy.roles.iter().any(|role| role.slug == **slug);
    let role = mapping.rule.role.as_ref().filter(known).filter(|_| holds);
    Matched { slugs: role.cloned().into_iter().collect(), unknown: Vec::new() }
}

/// The role of this slug, else of this name, in any letter case: Workato's customers send `Admin`, not `admin` (WT-16).
pub fn named<'a>(roles: &'a [RoleRow], text: &str) -> Option<&'a RoleRow> {
    let by_slug = roles.iter().find(|role| same(&role.slug, text));
    by_slug.or_else(|| roles.iter().find(|role| same(&role.name, text)))
}

/// The values at these paths that are the name of no role and that were not there `before`, each with its path.
pub fn new_unknown_values<'a>(policy: &'a Policy, before: Option<&Object>, after: &Object) -> Vec<(&'a str, String)> {
    let mut found = Vec::new();
    for mapping in &policy.mappings {
        let Condition::AttributeRole { path } = &mapping.rule.condition else { continue };
        let had = before.map(|before| values_at(before, path)).unwrap_or_default();
        let values = values_at(after, path).into_iter();
        let new = values.filter(|value| named(&policy.roles, value).is_none() && !had.contains(value));
        found.extend(new.map(|value| (path.as_str(), value)));
    }
    found
}

/// The values at a path, as text. Of an attribute with sub-attributes, `value` is meant when none is named.
pub fn values_at(person: &Object, path: &str) -> Vec<String> {
    // No attribute name has a colon, so what precedes the last one is the URN, whether anybody declared it or not.
    let (urn, rest) = match path.rsplit_once(':') {
        Some((urn, rest)) if !urn.eq_ignore_ascii_case(doorward_scim::schema::USER) => (Some(urn), rest),
        Some((_, rest)) => (None, rest),
        None => (None, path),
    };
    let within = match urn {
        Some(urn) => member(person, urn).and_then(Value::as_object),
        None => Some(person),
    };
    let (attribute, sub) = rest.split_once('.').unwrap_or((rest, "value"));
    let value = within.and_then(|within| member(within, attribute));
    let mut values = Vec::new();
    match value {
        Some(Value::Array(items)) => items.iter().for_each(|item| collect(item, sub, &mut values)),
        Some(value) => collect(value, sub, &mut values),
        None => (),
    }
    values
}

fn collect(value: &Value, sub: &str, values: &mut Vec<String>) {
    match value {
        Value::String(text) => values.push(text.clone()),
        Value::Bool(_) | Value::Number(_) => values.push(value.to_string()),
        Value::Object(object) => {
            let inner = member(object, sub).filter(|inner| !inner.is_object() && !inner.is_array());
            inner.into_iter().for_each(|inner| collect(inner, sub, values));
        }
        Value::Null | Value::Array(_) => (),
    }
}

/// The path of a condition; empty for groups.
pub fn path_of(condition: &Condition) -> &str {
    match condition {
        Condition::Attribute { path, .. } | Condition::AttributeRole { path } => path,
        Condition::GroupId { .. } | Condition::GroupName { .. } => "",
    }
}

/// Whether two texts are equal in any letter case.
pub fn same(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}

/// The role whose slug or name is most like `text`, when it is like it at all: by the letters that would have to be changed.
pub fn closest<'a>(roles: &'a [RoleRow], text: &str) -> Option<&'a RoleRow> {
    let wanted = text.to_lowercase();
    let distance = |role: &RoleRow| {
        let (slug, name) = (role.slug.to_lowercase(), role.name.to_lowercase());
        changes(&slug, &wanted).min(changes(&name, &wanted))
    };
    let best = roles.iter().map(|role| (distance(role), role)).min_by_key(|(distance, _)| *distance)?;
    (best.0 <= wanted.chars().count().div_ceil(2)).then_some(best.1)
}

/// How many letters must be put in, taken out or replaced to make one text of the other (Levenshtein), of their first 64.
fn changes(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, x) in a.chars().take(64).enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        let mut next = vec![left];
        for (y, above) in b.iter().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(x != *y)).min(left + 1).min(above + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn wt_16_values_are_found_at_core_enterprise_and_custom_paths() {
        let person = json!({"title": "Boss", "roles": [{"value": "Admin", "primary": true}, {"value": "Analyst"}],
            "emails": [{"value": "a@x.example", "type": "work"}], "active": true,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "R&D", "manager": {"value": "7"}},
            "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole": {"workato_role": "Operator"}});
        let person = person.as_object().unwrap();
        for (path, values) in [
            ("title", vec!["Boss"]),
            ("TITLE", vec!["Boss"]),
            ("urn:ietf:params:scim:schemas:core:2.0:User:title", vec!["Boss"]),
            ("roles", vec!["Admin", "Analyst"]),
            ("emails.type", vec!["work"]),
            ("active", vec!["true"]),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", vec!["R&D"]),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:manager.value", vec!["7"]),
            ("urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role", vec!["Operator"]),
            ("urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:other", vec![]),
            ("urn:x:y:workato_role", vec![]),
            ("name.givenName", vec![]),
        ] {
            assert_eq!(values_at(person, path), values, "{path}");
        }
    }

    #[test]
    fn letters_to_change_are_counted() {
        for (a, b, count) in [("", "abc", 3), ("admin", "admn", 1), ("kitten", "sitting", 3), ("x", "x", 0)] {
            assert_eq!(changes(a, b), count, "{a} {b}");
            assert_eq!(changes(b, a), count, "{b} {a}");
        }
    }
}
