//! Which resource of which directory, in which version of the protocol, a path under `/scim` names.
//!
//! The directory stands before the version and the version before the endpoint (RFC 7644 section 3.13): `/v2/Users`,
//! `/{label}/v1/Groups/{id}`. Without a version the newest one is meant. A hand-written table instead of the router's,
//! because identity providers join their paths to whatever an administrator typed: slashes double, a feature flag
//! stands before the path (idp-wire 1, 4.2), and every answer, also to a wrong path, must be in the version's form.

use std::borrow::Cow;

use doorward_scim::schema::CatalogueList;
use doorward_scim::version::Version;

use super::query::percent_decode;

/// What a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The directory's label, when the URL carries one.
    pub label: Option<String>,
    /// The version whose wire form the answer takes.
    pub version: Version,
    /// The resource or resources.
    pub endpoint: Endpoint,
}

/// The resource or resources that a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// All resources of all types (RFC 7644 section 3.4.2.1).
    Root,
    /// `/.search` (RFC 7644 section 3.4.3).
    RootSearch,
    /// `/Users/.search` (RFC 7644 section 3.4.3).
    UserSearch,
    /// `/Groups/.search`.
    GroupSearch,
    /// `/Users`.
    Users,
    /// One user, by id.
    User(String),
    /// `/Groups`.
    Groups,
    /// One group, by id.
    Group(String),
    /// `/ServiceProviderConfig`, in 1.1 `/ServiceProviderConfigs`.
    ServiceProviderConfig,
    /// `/ResourceTypes`.
    ResourceTypes,
    /// One resource type, by name.
    ResourceType(String),
    /// `/Schemas`.
    Schemas,
    /// One schema, by URI; in 1.1 also by the name of its resource.
    Schema(String),
    /// `/Roles` or `/Entitlements`.
    Catalogue(CatalogueList),
    /// One value of these, by id.
    CatalogueValue(CatalogueList, String),
    /// `/Bulk`.
    Bulk,
    /// `/Me` and all below it.
    Me,
    /// A version that does not exist, as written.
    UnknownVersion(String),
    /// Nothing that this service has.
    Unknown,
}

impl Route {
    /// Reads a path (without the leading `/scim`) and the query beside it. The query comes back because a feature flag
    /// can stand before the rest of the path, see `unfold_flag`.
    pub fn parse<'a>(path: &'a str, query: Option<&'a str>) -> (Self, Option<&'a str>) {
        let (path, query) = unfold_flag(path, query);
        let segments: Vec<String> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| percent_decode(segment, false))
            .collect();
        let mut rest: &[String] = &segments;
        let mut label = None;
        if let Some((first, others)) = rest.split_first()
            && !is_version(first)
            && !is_endpoint(first)
        {
            label = Some(first.clone());
            rest = others;
        }
        let (version, endpoint) = match rest.split_first() {
            Some((first, others)) if is_version(first) => match first.as_str() {
                "v2" => (Version::V2, endpoint_v2(others)),
                "v1" => (Version::V1, endpoint_v1(others)),
                other => (Version::V2, Endpoint::UnknownVersion(other.to_owned())),
            },
            _ => (Version::V2, endpoint_v2(rest)),
        };
        (Route { label, version, endpoint }, query)
    }
}

/// `…/scim/v2/?flag/Users?filter=…`: the administrator appended Microsoft's feature flag to the tenant URL and the
/// client appended its path to that. What stands after the flag is the path that was meant.
fn unfold_flag<'a>(path: &'a str, query: Option<&'a str>) -> (Cow<'a, str>, Option<&'a str>) {
    let Some(text) = query else { return (Cow::Borrowed(path), query) };
    let flag = text.split(['/', '=', '&', '%']).next().unwrap_or_default();
    let behind = &text[flag.len()..];
    if !behind.starts_with('/') || !flag.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return (Cow::Borrowed(path), query);
    }
    match behind.split_once('?') {
        Some((rest, query)) => (Cow::Owned(format!("{path}{rest}")), Some(query)),
        None => (Cow::Owned(format!("{path}{behind}")), None),
    }
}

/// `v` and a number: labels never have this form.
fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|number| {
        number.starts_with(|digit: char| digit.is_ascii_digit())
            && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    })
}

/// Names of endpoints begin with a capital letter or a dot, labels never do.
fn is_endpoint(segment: &str) -> bool {
    segment.starts_with(|first: char| first.is_ascii_uppercase() || first == '.')
}

fn endpoint_v2(segments: &[String]) -> Endpoint {
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        [] => Endpoint::Root,
        [".search"] => Endpoint::RootSearch,
        ["Users", ".search"] => Endpoint::UserSearch,
        ["Groups", ".search"] => Endpoint::GroupSearch,
        ["ResourceTypes"] => Endpoint::ResourceTypes,
        ["ResourceTypes", name] => Endpoint::ResourceType((*name).to_owned()),
        ["ServiceProviderConfig"] => Endpoint::ServiceProviderConfig,
        ["Roles"] => Endpoint::Catalogue(CatalogueList::Roles),
        ["Roles", id] => Endpoint::CatalogueValue(CatalogueList::Roles, (*id).to_owned()),
        ["Entitlements"] => Endpoint::Catalogue(CatalogueList::Entitlements),
        ["Entitlements", id] => Endpoint::CatalogueValue(CatalogueList::Entitlements, (*id).to_owned()),
        ["Me", ..] => Endpoint::Me,
        others => endpoint_of_both(others),
    }
}

/// 1.1 has no `/ResourceTypes`, `/Me` or `.search`, and lets a suffix choose the format (SCIM 1.1 protocol 3.6).
fn endpoint_v1(segments: &[String]) -> Endpoint {
    let mut segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    if let Some(last) = segments.last_mut() {
        *last = last.strip_suffix(".json").unwrap_or(last);
    }
    match segments.as_slice() {
        ["ServiceProviderConfigs" | "ServiceProviderConfig"] => Endpoint::ServiceProviderConfig,
        others => endpoint_of_both(others),
    }
}

fn endpoint_of_both(segments: &[&str]) -> Endpoint {
    match segments {
        ["Users"] => Endpoint::Users,
        ["Users", id] => Endpoint::User((*id).to_owned()),
        ["Groups"] => Endpoint::Groups,
        ["Groups", id] => Endpoint::Group((*id).to_owned()),
        ["Schemas"] => Endpoint::Schemas,
        ["Schemas", id] => Endpoint::Schema((*id).to_owned()),
        ["Bulk"] => Endpoint::Bulk,
        _ => Endpoint::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(path: &str) -> Route {
        Route::parse(path, None).0
    }

    #[test]
    fn the_directory_stands_before_the_version_and_both_may_be_absent() {
        let user = Endpoint::User("u1".to_owned());
        for (path, label, version) in [
            ("/v2/Users/u1", None, Version::V2),
            ("/v1/Users/u1", None, Version::V1),
            ("/acme-okta/v2/Users/u1", Some("acme-okta"), Version::V2),
            ("/acme-okta/v1/Users/u1", Some("acme-okta"), Version::V1),
            ("/Users/u1", None, Version::V2),
            ("/acme/Users/u1", Some("acme"), Version::V2),
            ("//acme//v2//Users//u1/", Some("acme"), Version::V2),
            ("/acme/v2/Users/u%31", Some("acme"), Version::V2),
        ] {
            let expected = Route { label: label.map(str::to_owned), version, endpoint: user.clone() };
            assert_eq!(route(path), expected, "{path}");
        }
    }

    #[test]
    fn h057_p_7644_3_13_01_a_version_that_does_not_exist_is_told_apart_from_a_label() {
        assert_eq!(route("/v9/Users").endpoint, Endpoint::UnknownVersion("v9".to_owned()));
        assert_eq!(route("/acme/v3/Users").endpoint, Endpoint::UnknownVersion("v3".to_owned()));
        assert_eq!(route("/vega/v2/Users").label.as_deref(), Some("vega"));
    }

    #[test]
    fn v027_the_suffix_belongs_to_1_1_alone() {
        assert_eq!(route("/v1/Users/u1.json").endpoint, Endpoint::User("u1".to_owned()));
        assert_eq!(route("/v1/Users.json").endpoint, Endpoint::Users);
        assert_eq!(route("/v2/Users/u1.json").endpoint, Endpoint::User("u1.json".to_owned()));
    }

    #[test]
    fn h051_paths_are_case_sensitive() {
        assert_eq!(route("/v2/users").endpoint, Endpoint::Unknown);
    }

    #[test]
    fn entra_flag_before_the_path_is_stepped_over() {
        let (found, query) = Route::parse("/v2/", Some("aadOptscim062020/Users?filter=userName%20eq%20%22a/b%22"));
        assert_eq!(found.endpoint, Endpoint::Users);
        assert_eq!(query, Some("filter=userName%20eq%20%22a/b%22"));
        let (found, query) = Route::parse("/v2/Users", Some("aadOptscim062020&filter=title%20eq%20%22a/b%22"));
        assert_eq!(found.endpoint, Endpoint::Users);
        assert_eq!(query, Some("aadOptscim062020&filter=title%20eq%20%22a/b%22"));
    }

    #[test]
    fn versions_differ_in_what_they_offer() {
        assert_eq!(route("/v1/ServiceProviderConfigs").endpoint, Endpoint::ServiceProviderConfig);
        assert_eq!(route("/v2/ServiceProviderConfigs").endpoint, Endpoint::Unknown);
        assert_eq!(route("/v1/ResourceTypes").endpoint, Endpoint::Unknown);
        assert_eq!(route("/v1/Me").endpoint, Endpoint::Unknown);
        assert_eq!(route("/v2/Me/x").endpoint, Endpoint::Me);
    }
}
