//! Secrets on their way to the one person who sees them, and their stored form.

use sha2::{Digest, Sha256};

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The bytes as one number in base 62, in as many digits as that may need.
pub(crate) fn base62(bytes: &[u8]) -> String {
    // 1.3436 digits per byte.
    let length = (bytes.len() * 13436).div_ceil(10_000);
    let mut number = bytes.to_vec();
    let mut digits = vec![b'0'; length];
    for digit in digits.iter_mut().rev() {
        let mut rest = 0u16;
        for byte in &mut number {
            let value = (rest << 8) | u16::from(*byte);
            *byte = (value / 62) as u8;
            rest = value % 62;
        }
        *digit = DIGITS.get(usize::from(rest)).copied().unwrap_or(b'0');
    }
    digits.into_iter().map(char::from).collect()
}

/// A credential in clear. It is never stored and cannot be printed by accident (SEC-23).
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A secret of 32 random bytes: a prefix by which its kind is known (SEC-17), 43 characters, and 6 more that are computed from
    /// them, so that a secret scanner can tell a real one from a look-alike (SEC-19).
    pub(crate) fn mint(prefix: &str, random: &[u8; 32]) -> Self {
        let body = base62(random);
        let digest: [u8; 32] = Sha256::digest(body.as_bytes()).into();
        let check = base62(&digest[..4]);
        Self(format!("{prefix}{body}{check}"))
    }

    /// The first characters, to recognise it by.
    pub(crate) fn beginning(&self) -> String {
        self.0.chars().take(7).collect()
    }

    /// The last four characters, to recognise it by.
    pub(crate) fn last_four(&self) -> String {
        let skipped = self.0.chars().count().saturating_sub(4);
        self.0.chars().skip(skipped).collect()
    }

    /// The secret itself, to be shown once or compared.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The stored form.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// SHA-256 of a secret: what is stored and what is looked up. One round is enough, because every secret is 32 random bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash of what a client presented.
    pub fn of(presented: &str) -> Self {
        Self(Sha256::digest(presented.as_bytes()).into())
    }

    /// The 64 hexadecimal digits under which it is stored.
    pub fn to_hex(self) -> String {
        use std::fmt::Write;
        self.0.iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing into a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

impl std::fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base62_keeps_every_bit() {
        assert_eq!(base62(&[0; 32]).len(), 43);
        assert_eq!(base62(&[1]), "01");
        assert_eq!(base62(&[62]), "10");
        assert_eq!(base62(&[255, 255]), "H31");
        assert_ne!(base62(&[255; 32]), base62(&[254; 32]));
    }

    #[test]
    fn sec_23_a_secret_is_not_printed() {
        let secret = Secret::mint("dw_", &[7; 32]);
        assert!(secret.expose().starts_with("dw_"));
        assert_eq!(secret.expose().len(), 3 + 43 + 6);
        assert!(!format!("{secret:?} {:?}", secret.hash()).contains(&secret.expose()[3..12]));
    }
}
