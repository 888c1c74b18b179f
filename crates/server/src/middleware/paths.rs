//! Request paths: mended before routing, and made anonymous before logging.

use std::borrow::Cow;

use http::Uri;
use http::uri::{Parts, PathAndQuery};

/// The path as the client sent it, on a request whose path was mended.
#[derive(Debug, Clone)]
pub struct AsSent(pub Uri);

/// Removes doubled and trailing slashes from a path under `/scim`; Okta's catalogue apps and hand-typed base URLs
/// produce both. The query is left alone, other paths too.
pub fn mend(uri: Uri) -> Uri {
    let path = uri.path();
    let Some(mended) = mended_path(path) else { return uri };
    let target = match uri.query() {
        Some(query) => format!("{mended}?{query}"),
        None => mended,
    };
    let Ok(target) = PathAndQuery::try_from(target) else { return uri };
    let mut parts: Parts = uri.clone().into_parts();
    parts.path_and_query = Some(target);
    Uri::from_parts(parts).unwrap_or(uri)
}

/// The mended path, or `None` when there is nothing to mend.
fn mended_path(path: &str) -> Option<String> {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    if segments.next() != Some("scim") || !(path.contains("//") || path.ends_with('/')) {
        return None;
    }
    let mut mended = String::with_capacity(path.len());
    mended.push_str("/scim");
    for segment in segments {
        mended.push('/');
        mended.push_str(segment);
    }
    Some(mended)
}

/// Whether the path belongs to the SCIM surface, so that even its unknown corners answer in SCIM's form.
pub fn is_scim(path: &str) -> bool {
    path.strip_prefix("/scim").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The words of Doorward's own paths. Everything else in a path is somebody's data.
const WORDS: &[&str] = &[
    "scim",
    "v1",
    "v2",
    "Users",
    "Groups",
    "Me",
    "Bulk",
    "Schemas",
    "ResourceTypes",
    "ServiceProviderConfig",
    "ServiceProviderConfigs",
    ".search",
    "organizations",
    "external_id",
    "directories",
    "audit_events",
    "export",
    "snapshot",
    "stream",
    "verification",
    "requests",
    "diagnoses",
    "directory_users",
    "directory_groups",
    "events",
    "tokens",
    "disable",
    "enable",
    "restore",
    "deletion_preview",
    "portal",
    "generate_link",
    "revoke_link",
    "links",
    "setup",
    "openapi.json",
    "docs",
    "healthz",
    "readyz",
    "admin",
    "assets",
    "sign-in",
    "sign-out",
    "begin",
    "appearance",
    "account",
    "sessions",
    "new",
    "users",
    "groups",
    "tokens",
    "revoke",
    "disable",
    "enable",
    "api-keys",
    "setup",
    "finish",
    "changes",
    "links",
];

/// The path with every segment that is not one of Doorward's own words replaced by `{}`: what may be logged (SEC-23).
pub fn template(path: &str) -> Cow<'_, str> {
    if path == "/" || path.split('/').skip(1).all(|segment| WORDS.contains(&segment)) {
        return Cow::Borrowed(path);
    }
    let mut template = String::with_capacity(path.len().min(256));
    for segment in path.split('/').skip(1).take(12) {
        template.push('/');
        template.push_str(if WORDS.contains(&segment) { segment } else { "{}" });
    }
    Cow::Owned(template)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubled_and_trailing_slashes_under_scim_are_mended_and_nothing_else() {
        for (sent, want) in [
            ("/scim/v2/Users", "/scim/v2/Users"),
            ("/scim/v2/Users/", "/scim/v2/Users"),
            ("/scim/v2//Users?filter=a//b/", "/scim/v2/Users?filter=a//b/"),
            ("//scim///acme/v2/Users//directory_user_1///", "/scim/acme/v2/Users/directory_user_1"),
            ("/scim/", "/scim"),
            ("/scimitar//x/", "/scimitar//x/"),
            ("/directories/", "/directories/"),
            ("/", "/"),
        ] {
            let uri = Uri::builder().path_and_query(sent).build().unwrap();
            assert_eq!(mend(uri).to_string(), want, "{sent}");
        }
    }

    #[test]
    fn sec_23_a_template_holds_no_words_of_others() {
        for (path, want) in [
            ("/scim/acme-okta/v2/Users/directory_user_01", "/scim/{}/v2/Users/{}"),
            ("/scim/v2/Users/anna@example.com", "/scim/v2/Users/{}"),
            ("/directories/directory_1", "/directories/{}"),
            ("/healthz", "/healthz"),
            ("/", "/"),
            ("/dw_secret", "/{}"),
        ] {
            assert_eq!(template(path), want);
        }
        assert_eq!(template(&"/x".repeat(1000)).len(), 36);
    }

    #[test]
    fn scim_paths_are_told_from_others() {
        assert!(is_scim("/scim") && is_scim("/scim/") && is_scim("/scim/nonsense"));
        assert!(!is_scim("/scimitar") && !is_scim("/directories"));
    }
}
