//! D11 to D13, D17 to D19 and D22: what the request says of people and groups.

use super::{Diagnosis, Seen, Severity};

/// The record that is in the way of another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflicting {
    /// Its id.
    pub id: String,
    /// The name that both want.
    pub name: String,
    /// Whether it is active.
    pub active: bool,
    /// The identity provider's own id for it.
    pub external_id: Option<String>,
    /// When it was made, as text.
    pub created_at: String,
}

pub(super) fn look(seen: &Seen<'_>, found: &mut Vec<Diagnosis>) {
    duplicate(seen, found);
    user_name(seen, found);
    members(seen, found);
    values(seen, found);
    missing(seen, found);
    unknown(seen, found);
}

fn duplicate(seen: &Seen<'_>, found: &mut Vec<Diagnosis>) {
    if seen.status != Some(409) {
        return;
    }
    let Some(record) = &seen.context.conflict else {
        found.push(Diagnosis::new("D12.other", Severity::Error).with("detail", detail(seen)));
        return;
    };
    let state = if record.active { "active" } else { "inactive" };
    let external_id = record.external_id.as_deref().unwrap_or("none");
    found.push(
        Diagnosis::new("D12", Severity::Error)
            .with("name", &record.name)
            .with("id", &record.id)
            .with("state", state)
            .with("external_id", external_id)
            .with("created_at", &record.created_at),
    );
}

/// Applications match people by their e-mail address, so a name that is none is worth a word, once it is stored.
fn user_name(seen: &Seen<'_>, found: &mut Vec<Diagnosis>) {
    let Some(name) = &seen.facts.user_name else { return };
    if !seen.failed() && matches!(seen.method, "POST" | "PUT") && !name.contains('@') {
        found.push(Diagnosis::new("D11", Severity::Note).with("name", name));
    }
}

fn members(seen: &Seen<'_>, found: &mut Vec<Diagnosis>) {
    let Some(sent) = seen.facts.members.filter(|_| !seen.failed()) else { return };
    let waiting = seen.context.pending;
    if waiting > 0 {
        found.push(Diagnosis::new("D13", Severity::Warning).with("waiting", waiting).with("sent", sent));
    } else if sent == 0 && !seen.facts.removes_members && matches!(seen.method, "POST" | "PUT") {
        found.push(Diagnosis::new("D13.empty", Severity::Note));
    }
}

fn values(seen: &Seen<'_>, found: &mut Vec<Diagnosis>) {
    let severity = if seen.failed() { Severity::Error } else { Severity::Warning };
    for unlisted in &seen.facts.unlisted {
        found.push(
            Diagnosis::new("D17", severity)
                .with("attribute", &unlisted.attribute)
                .with("value", &unlisted.value)
                .with("offered", unlisted.offered.join(", "))
                .with("closest", closest(&unlisted.value, unlisted.offered.iter().map(String::as_str))),
        );
    }
    if seen.facts.unlisted.is_empty()
        && let Some((attribute, value, offered)) = closed_list(detail(seen))
    {
        found.push(
            Diagnosis::new("D17", severity)
                .with("attribute", attribute)
                .with("value", value)
                .with("offered", offered)
                .with("closest", closest(value, offered.split(", "))),
        );
    }
    // An extension attribute without its URN is understood where that is tolerated, and told as D16.
    let understood = seen.tolerances().any(|name| name == "unqualified-extension-attribute");
    for misplaced in seen.facts.misplaced.iter().filter(|misplaced| !(understood && misplaced.urn.is_none())) {
        found.push(
            Diagnosis::new("D18", Severity::Warning)
                .with("attribute", &misplaced.attribute)
                .with("received", misplaced.urn.as_deref().unwrap_or("the top level, without any namespace"))
                .with("expected", &misplaced.declared_in),
        );
    }
}

/// ``workato_role `admin` is not one of the values: Admin, Member``: the sentence with which closed lists refuse.
fn closed_list(detail: &str) -> Option<(&str, &str, &str)> {
    let (before, offered) = detail.split_once("` is not one of the values: ")?;
    let (attribute, value) = before.rsplit_once(" `")?;
    let attribute = attribute.rsplit(' ').next().unwrap_or(attribute);
    Some((attribute, value, offered))
}

/// The value of the list that differs least, without regard to case.
fn closest<'a>(value: &str, offered: impl Iterator<Item = &'a str>) -> &'a str {
    let value = value.to_lowercase();
    offered.min_by_key(|candidate| distance(&value, &candidate.to_lowercase())).unwrap_or("none")
}

/// How many letters must be changed, added or left out to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().take(64).enumerate() {
        let mut next = vec![line + 1];
        for (place, (against, costs)) in other.iter().zip(row.windows(2)).enumerate() {
            let [above_left, above] = costs else { continue };
            let left = next.get(place).copied().unwrap_or_default();
            next.push((above_left + usize::from(letter != *against)).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

fn missing(seen: &Seen<'_>, found: &mut Vec<Diagnosis>) {
    if seen.status != Some(400) || seen.facts.foreign_schema.is_some() {
        return;
    }
    let stated = detail(seen).strip_suffix(" is required").map(|name| name.trim_matches('`').to_owned());
    let names: Vec<String> = match stated {
        Some(name) => vec![name],
        None if seen.scim_type == Some("invalidValue") => seen.facts.missing.clone(),
        None => return,
    };
    if !names.is_empty() {
        found.push(Diagnosis::new("D19", Severity::Error).with("attributes", names.join(", ")));
    }
}

/// A user or group that is not here: deleted, or of another directory, or never seen.
fn unknown(seen: &Seen<'_>, found: &mut Vec<Diagnosis>) {
    let segments = seen.segments();
    let [.., kind, id] = segments.as_slice() else { return };
    let kind = match *kind {
        "Users" => "user",
        "Groups" => "group",
        _ => return,
    };
    if seen.status != Some(404) || matches!(*id, "Users" | "Groups" | ".search") {
        return;
    }
    let diagnosis = match &seen.context.deleted_at {
        Some(at) => Diagnosis::new("D22.deleted", Severity::Error).with("at", at),
        None => Diagnosis::new("D22", Severity::Error),
    };
    found.push(diagnosis.with("kind", kind).with("id", id));
}

fn detail<'a>(seen: &Seen<'a>) -> &'a str {
    seen.facts.detail.as_deref().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d17_the_closest_value_is_found_whatever_the_case() {
        assert_eq!(closest("admn", ["Member", "Admin"].into_iter()), "Admin");
        assert_eq!(closest("OPERATOR", ["Admin", "operator"].into_iter()), "operator");
        assert_eq!(closest("x", std::iter::empty()), "none");
        assert_eq!((distance("", "abc"), distance("abc", "abc"), distance("kitten", "sitting")), (3, 0, 3));
        let said = "urn:x:User: workato_role `admn` is not one of the values: Admin, Member";
        assert_eq!(closed_list(said), Some(("workato_role", "admn", "Admin, Member")));
    }
}
