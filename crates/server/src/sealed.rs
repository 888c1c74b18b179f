//! Secrets that are needed in clear, such as those that webhooks are signed with, on their way to the database and back (SEC-24).
//!
//! XChaCha20-Poly1305 with a random nonce; the id of the row is authenticated along, so that a secret cannot be moved to another row.
//! The key comes from the configuration. Where there is none, one is made and kept in the database itself: then a copy of the database
//! holds both, which the documentation says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use doorward_store::{Entropy, Lane, Secret, Store, server_secret};
use sha2::{Digest as _, Sha256};

use crate::service::error::{Error, Result};

/// The name under which the database keeps a key, where the configuration has none.
const KEPT_AS: &str = "sealing";

/// Bytes of a nonce.
const NONCE: usize = 24;

/// A key of the configuration: 32 bytes, which its `Debug` form does not show.
#[derive(Clone, PartialEq, Eq)]
pub struct SealingKey([u8; 32]);

impl SealingKey {
    /// Reads 32 bytes in base64; `None` for anything else.
    pub fn from_base64(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.trim()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    fn derived(secret: &Secret) -> Self {
        Self(Sha256::digest(secret.expose().as_bytes()).into())
    }

    /// By which a sealed text knows its key; tells nothing about it.
    fn id(&self) -> String {
        let digest = Sha256::new().chain_update(b"doorward sealing key id").chain_update(self.0).finalize();
        digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(self.0))
    }
}

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealingKey({})", self.id())
    }
}

/// The keys of an installation: the first seals, all of them open.
#[derive(Debug, Clone)]
pub struct Keyring(Vec<SealingKey>);

impl Keyring {
    /// The keys of the configuration, and the one that the database keeps. It is made where there is no other.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(store: &Store, configured: &[SealingKey]) -> Result<Self> {
        let mut keys = configured.to_vec();
        if keys.is_empty() {
            let made = store.write(Lane::Any, |tx| Ok::<_, Error>(server_secret::get_or_create(tx, KEPT_AS)?)).await?;
            keys.push(SealingKey::derived(&made));
        } else if let Some(kept) = store.read(|tx| Ok::<_, Error>(server_secret::get(tx, KEPT_AS)?)).await? {
            // What was sealed before a key was configured is still to be opened.
            keys.push(SealingKey::derived(&kept));
        }
        Ok(Self(keys))
    }

    /// Seals a secret for the row with this id.
    ///
    /// # Errors
    /// [`Error::Internal`] when there is no key, which [`Keyring::load`] sees to.
    pub fn seal(&self, entropy: &Entropy, row: &str, secret: &Secret) -> Result<String> {
        let key = self.0.first().ok_or_else(|| Error::Internal("there is no key to seal with".to_owned()))?;
        let mut nonce = [0; NONCE];
        entropy.fill(&mut nonce);
        let payload = Payload { msg: secret.expose().as_bytes(), aad: row.as_bytes() };
        let sealed = key.cipher().encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| Error::Internal("a secret could not be sealed".to_owned()))?;
        Ok(format!("{}.{}", key.id(), STANDARD.encode([&nonce[..], &sealed].concat())))
    }

    /// Opens what was sealed for the row with this id.
    ///
    /// # Errors
    /// [`Error::Internal`] when no key fits, when the text was changed, or when it belongs to another row.
    pub fn open(&self, row: &str, sealed: &str) -> Result<Secret> {
        let damaged = || Error::Internal(format!("the sealed secret of {row} is damaged or belongs to another row"));
        let (id, text) = sealed.split_once('.').ok_or_else(damaged)?;
        let key = self.0.iter().find(|key| key.id() == id).ok_or_else(|| {
            Error::Internal(format!("the secret of {row} was sealed with key {id}, which is not configured"))
        })?;
        let bytes = STANDARD.decode(text).map_err(|_| damaged())?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>().ok_or_else(damaged)?;
        let payload = Payload { msg: sealed, aad: row.as_bytes() };
        let opened = key.cipher().decrypt(&XNonce::from(*nonce), payload).map_err(|_| damaged())?;
        String::from_utf8(opened).map(Secret::new).map_err(|_| damaged())
    }

    /// Whether a sealed text would get another key when it were sealed again.
    pub fn is_outdated(&self, sealed: &str) -> bool {
        let id = self.0.first().map(SealingKey::id);
        sealed.split_once('.').map(|(id, _)| id) != id.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SealingKey {
        SealingKey::from_base64(&STANDARD.encode([byte; 32])).unwrap()
    }

    #[test]
    fn sec_24_a_sealed_secret_opens_for_its_own_row_and_key_alone() {
        let (entropy, secret) = (Entropy::seeded(1), Secret::new("whsec_c2VjcmV0"));
        let ring = Keyring(vec![key(1)]);
        let sealed = ring.seal(&entropy, "we_1", &secret).unwrap();
        assert!(!sealed.contains("c2VjcmV0"));
        assert_eq!(ring.open("we_1", &sealed).unwrap(), secret);
        assert_ne!(sealed, ring.seal(&entropy, "we_1", &secret).unwrap(), "a nonce is used once");
        assert!(ring.open("we_2", &sealed).is_err(), "moved to another row");
        assert!(Keyring(vec![key(2)]).open("we_1", &sealed).unwrap_err().to_string().contains("not configured"));
        for place in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            assert!(ring.open("we_1", &String::from_utf8(bytes).unwrap()).is_err(), "changed at {place}");
        }
        for damaged in ["", ".", "abc", &format!("{}.", key(1).id()), &format!("{}.AAAA", key(1).id())] {
            assert!(ring.open("we_1", damaged).is_err(), "{damaged}");
        }
    }

    #[test]
    fn sec_24_keys_rotate_while_old_ones_still_open() {
        let (entropy, secret) = (Entropy::seeded(1), Secret::new("whsec_c2VjcmV0"));
        let old = Keyring(vec![key(1)]).seal(&entropy, "we_1", &secret).unwrap();
        let both = Keyring(vec![key(2), key(1)]);
        assert_eq!(both.open("we_1", &old).unwrap(), secret);
        assert!(both.is_outdated(&old));
        let new = both.seal(&entropy, "we_1", &secret).unwrap();
        assert!(!both.is_outdated(&new));
        assert_eq!(Keyring(vec![key(2)]).open("we_1", &new).unwrap(), secret);
    }

    #[test]
    fn a_key_is_32_bytes_in_base64_and_is_not_printed() {
        assert!(SealingKey::from_base64("c2hvcnQ=").is_none());
        assert!(SealingKey::from_base64("not base64").is_none());
        assert!(!format!("{:?}", key(7)).contains(&STANDARD.encode([7; 32])[..8]));
    }
}
