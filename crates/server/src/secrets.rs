//! Secrets that an operator supplies, from the environment or a file (WB-11).

use std::path::Path;

use doorward_store::Secret;

/// The least length of a supplied secret, in characters; 32 hexadecimal digits are 128 bits (SEC-18).
pub const SHORTEST: usize = 32;

/// The longest, in characters: longer ones do not fit every identity provider's field.
pub const LONGEST: usize = 512;

/// Why a supplied secret is refused. Never repeats the secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The environment variable is not set, or is not text.
    #[error("the environment variable {0} is not set")]
    NoVariable(String),
    /// The file cannot be read.
    #[error("cannot read {path}: {reason}")]
    NoFile {
        /// The file's path.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// Too short to resist guessing.
    #[error("the secret has {0} characters; at least {SHORTEST} are needed. `openssl rand -hex 32` makes a good one")]
    TooShort(usize),
    /// Too long for the fields of identity providers.
    #[error("the secret has {0} characters; at most {LONGEST} are possible")]
    TooLong(usize),
    /// Characters that an `Authorization` header cannot carry unchanged.
    #[error("the secret may hold letters, digits and the signs - . _ ~ + / = only, because it travels in a header")]
    BadCharacter,
    /// All one character, or nearly so.
    #[error("the secret repeats a few characters only; `openssl rand -hex 32` makes a good one")]
    Weak,
}

/// Reads a secret from an environment variable.
///
/// # Errors
/// Not set, or not a usable secret.
pub fn from_env(variable: &str) -> Result<Secret, SecretError> {
    let text = std::env::var(variable).map_err(|_| SecretError::NoVariable(variable.to_owned()))?;
    check(&text)
}

/// Reads a secret from a file; white space around it, such as the line end an editor adds, does not count.
///
/// # Errors
/// Not readable, or not a usable secret.
pub fn from_file(path: &Path) -> Result<Secret, SecretError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| SecretError::NoFile { path: path.display().to_string(), reason: error.to_string() })?;
    check(&text)
}

/// Checks a secret that was made elsewhere.
///
/// # Errors
/// Too short, too long, too plain, or with characters outside RFC 6750's `b64token`.
pub fn check(text: &str) -> Result<Secret, SecretError> {
    let text = text.trim();
    let length = text.chars().count();
    if length < SHORTEST {
        return Err(SecretError::TooShort(length));
    }
    if length > LONGEST {
        return Err(SecretError::TooLong(length));
    }
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)) {
        return Err(SecretError::BadCharacter);
    }
    let mut different: Vec<u8> = text.bytes().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < 8 {
        return Err(SecretError::Weak);
    }
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_18_short_and_plain_secrets_are_refused_without_being_repeated() {
        for (given, reason) in [
            ("", "0 characters"),
            ("0123456789abcdef0123456789abcde", "31 characters"),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "repeats"),
            ("0123456789abcdef 123456789abcdef0", "letters, digits"),
            ("0123456789abcdef\u{e9}123456789abcdef", "letters, digits"),
        ] {
            let error = check(given).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
            assert!(given.is_empty() || !error.contains(given));
        }
        assert!(check(&"0123456789abcdef".repeat(33)).is_err());
    }

    #[test]
    fn wb_11_a_secret_from_a_file_loses_its_line_end_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "0123456789abcdef0123456789abcdef\n").unwrap();
        assert_eq!(from_file(&path).unwrap().expose(), "0123456789abcdef0123456789abcdef");
        assert!(from_file(&folder.path().join("none")).unwrap_err().to_string().contains("cannot read"));
        assert!(from_env("DOORWARD_TEST_NO_SUCH_VARIABLE").unwrap_err().to_string().contains("is not set"));
    }
}
