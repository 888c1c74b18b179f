//! D07 and D08: the URL, and the version of SCIM that stands in it.

use super::credential::Credential;
use super::{Diagnosis, Seen, Severity};

/// What follows the base URL.
const ENDPOINTS: [&str; 8] = [
    "Users",
    "Groups",
    "ServiceProviderConfig",
    "ServiceProviderConfigs",
    "Schemas",
    "ResourceTypes",
    "Bulk",
    ".search",
];

/// Whether a path that is not under `/scim` was meant to be: an identity provider whose base URL lacks its beginning asks for it.
pub fn is_astray(path: &str) -> bool {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    segments
        .take(8)
        .any(|segment| matches!(segment, "Users" | "Groups" | "ServiceProviderConfig" | "ServiceProviderConfigs"))
}

pub(super) fn look(seen: &Seen<'_>, found: &mut Vec<Diagnosis>) {
    if let Some(key) = wrong_version(seen) {
        let severity = if seen.failed() { Severity::Error } else { Severity::Warning };
        let diagnosis = Diagnosis::new(key, severity).with("url", &seen.context.other_url);
        let sent = seen.facts.foreign_schema.as_deref().unwrap_or(seen.path);
        found.push(diagnosis.with("version", seen.version).with("sent", sent));
        return;
    }
    if let Some((key, severity)) = wrong_address(seen) {
        found.push(Diagnosis::new(key, severity).with("sent", seen.path).with("url", &seen.context.expected_url));
    }
}

fn wrong_version(seen: &Seen<'_>) -> Option<&'static str> {
    let segments = seen.segments();
    let last = segments.last().copied().unwrap_or_default();
    let missing = seen.status == Some(404) && segments.first() == Some(&"scim");
    match seen.version {
        "1.1" if seen.facts.foreign_schema.is_some() || (missing && matches!(last, "ResourceTypes" | ".search")) => {
            Some("D08.newer")
        }
        "2.0" if seen.facts.foreign_schema.is_some() || (missing && last == "ServiceProviderConfigs") => {
            Some("D08.older")
        }
        _ => None,
    }
}

fn wrong_address(seen: &Seen<'_>) -> Option<(&'static str, Severity)> {
    if seen.context.credential == Credential::OtherLabel {
        return Some(("D07.label", Severity::Error));
    }
    let segments = seen.segments();
    let is_endpoint = |segment: &&str| ENDPOINTS.contains(segment);
    let refused = matches!(seen.status, Some(400 | 404 | 405 | 501));
    if refused && segments.first() != Some(&"scim") {
        return Some(("D07.prefix", Severity::Error));
    }
    if refused && segments.iter().filter(|segment| **segment == "scim").count() > 1 {
        return Some(("D07.doubled", Severity::Error));
    }
    let first = segments.iter().position(is_endpoint);
    let behind = first.and_then(|place| segments.get(place + 1));
    if refused && behind.is_some_and(|segment| is_endpoint(segment) && *segment != ".search") {
        return Some(("D07.endpoint", Severity::Error));
    }
    match (seen.status, seen.scim_type) {
        (Some(400), Some("invalidVers")) => Some(("D07.version", Severity::Error)),
        (Some(404), _) if first.is_none() => Some(("D07.unknown", Severity::Error)),
        _ if seen.tolerances().any(|name| name == "mended-path") => Some(("D07.slashes", Severity::Note)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Context, facts::Facts, request};
    use super::*;

    fn keys(path: &str, status: u16, tolerated: &str) -> Vec<String> {
        let (facts, context) = (Facts::default(), Context::default());
        let seen = Seen {
            method: "GET",
            path,
            version: "2.0",
            status: Some(status),
            scim_type: None,
            tolerated,
            request_bytes: None,
            facts: &facts,
            context: &context,
        };
        request(&seen).into_iter().map(|diagnosis| diagnosis.key).collect()
    }

    #[test]
    fn d07_each_wrong_path_has_its_reason() {
        for (path, status, want) in [
            ("/scim/acme/v2/Users", 200, &[][..]),
            ("/acme/v2/Users", 404, &["D07.prefix"]),
            ("/scim/acme/v2/scim/v2/Users", 404, &["D07.doubled"]),
            ("/scim/acme/v2/Users/Users", 404, &["D07.endpoint"]),
            ("/scim/acme/v2/users", 404, &["D07.unknown"]),
            ("/scim/acme/v2/ServiceProviderConfigs", 404, &["D08.older"]),
        ] {
            assert_eq!(keys(path, status, ""), want, "{path}");
        }
        assert_eq!(keys("/scim/acme/v2//Users", 200, "mended-path"), ["D07.slashes"]);
        assert!(is_astray("/v2/Users") && is_astray("/x/ServiceProviderConfig") && !is_astray("/directory_users"));
    }
}
