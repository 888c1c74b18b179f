//! A directory's label: its part of the SCIM base URL.

use super::error::{Error, Result};

/// The longest label, in characters: that of a DNS label, so that it can become a host name later.
pub const LONGEST: usize = 63;

/// Checks a label that a person chose.
///
/// # Errors
/// [`Error::Invalid`], with the rule that is broken.
pub fn check(label: &str) -> Result<String> {
    let reason = if label.is_empty() {
        "must not be empty"
    } else if label.len() > LONGEST {
        "must have at most 63 characters"
    } else if label.contains('_') {
        // Okta refuses a base URL with an underscore.
        "must not contain an underscore, which Okta refuses in a base URL; use a hyphen"
    } else if !label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        "may hold lower-case letters, digits and hyphens only"
    } else if label.starts_with('-') || label.ends_with('-') {
        "must not begin or end with a hyphen"
    } else if is_version(label) {
        "must not look like a version, because /scim/v2 is an address of its own"
    } else {
        return Ok(label.to_owned());
    };
    Err(Error::Invalid { field: "label".to_owned(), message: reason.to_owned() })
}

/// A label for a directory whose maker chose none: the names of organization and provider, and `suffix` when the plain
/// form is taken. Always passes [`check`].
pub fn propose(organization: &str, directory_type: &str, suffix: Option<&str>) -> String {
    let provider = directory_type.split(" scim ").next().unwrap_or("directory");
    let mut label = slug(&format!("{organization} {provider}"));
    label.truncate(LONGEST - 9);
    let mut label = label.trim_matches('-').to_owned();
    if let Some(suffix) = suffix {
        label.push('-');
        label.push_str(suffix);
    }
    label
}

fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.trim_matches('-').to_owned()
}

fn is_version(label: &str) -> bool {
    label.strip_prefix('v').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wo_7_labels_that_would_break_a_base_url_are_refused_with_the_reason() {
        for (label, reason) in [
            ("", "empty"),
            ("acme_okta", "underscore"),
            ("Acme", "lower-case"),
            ("acme.okta", "lower-case"),
            ("äcme", "lower-case"),
            ("-acme", "hyphen"),
            ("acme-", "hyphen"),
            ("v2", "version"),
            ("v10", "version"),
            (&"a".repeat(64), "63"),
        ] {
            let error = check(label).unwrap_err().to_string();
            assert!(error.contains(reason), "{label}: {error}");
        }
        for label in ["acme", "acme-okta", "v", "v2x", "7", &"a".repeat(63)] {
            assert!(check(label).is_ok(), "{label}");
        }
    }

    #[test]
    fn a_proposed_label_is_a_good_one() {
        assert_eq!(propose("Acme, Inc.", "okta scim v2.0", None), "acme-inc-okta");
        assert_eq!(propose("Acme", "jump cloud scim v2.0", Some("7k2p")), "acme-jump-cloud-7k2p");
        assert_eq!(propose("株式会社", "okta scim v2.0", None), "okta");
        let long = propose(&"very long name ".repeat(20), "okta scim v2.0", Some("abcdef"));
        assert!(check(&long).is_ok(), "{long}");
    }
}
