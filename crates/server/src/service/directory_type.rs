//! The kinds of identity provider a directory can be made for.

use super::error::{Error, Result};

/// The kinds, in the words of the application's API; each names the provider and the SCIM version it speaks.
pub const DIRECTORY_TYPES: &[&str] = &[
    "okta scim v2.0",
    "okta scim v1.1",
    "azure scim v2.0",
    "onelogin scim v2.0",
    "jump cloud scim v2.0",
    "pingfederate scim v2.0",
    "cyberark scim v2.0",
    "rippling scim v2.0",
    "sailpoint scim v2.0",
    "generic scim v2.0",
    "generic scim v1.1",
];

/// The kind that `text` means. Letter case, underscores and hyphens do not matter: `okta_scim_v1_1` is
/// `okta scim v1.1`. Entra ID goes by its former name, as it does in the API.
///
/// # Errors
/// [`Error::Invalid`] with the list of kinds.
pub fn parse(text: &str) -> Result<&'static str> {
    let wanted = letters_and_digits(text).replace("entraid", "azure").replace("entra", "azure");
    DIRECTORY_TYPES.iter().copied().find(|known| letters_and_digits(known) == wanted).ok_or_else(|| Error::Invalid {
        field: "type".to_owned(),
        message: format!("is not a kind of directory; choose one of: {}", DIRECTORY_TYPES.join(", ")),
    })
}

/// Whether the provider speaks SCIM 1.1, so that the 1.1 endpoint is the one to hand out.
pub fn speaks_v1(directory_type: &str) -> bool {
    directory_type.ends_with("v1.1")
}

fn letters_and_digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wo_5_a_kind_is_found_however_it_is_spelled() {
        for (text, want) in [
            ("okta scim v2.0", "okta scim v2.0"),
            ("okta_scim_v1_1", "okta scim v1.1"),
            ("Okta SCIM v1.1", "okta scim v1.1"),
            ("Entra ID SCIM v2.0", "azure scim v2.0"),
            ("jumpcloud-scim-v2.0", "jump cloud scim v2.0"),
        ] {
            assert_eq!(parse(text).unwrap(), want);
        }
        let refusal = parse("okta").unwrap_err().to_string();
        assert!(refusal.contains("okta scim v2.0") && refusal.contains("generic scim v1.1"), "{refusal}");
        assert!(speaks_v1("okta scim v1.1") && !speaks_v1("okta scim v2.0"));
    }
}
