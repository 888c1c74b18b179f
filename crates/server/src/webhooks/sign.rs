//! Signatures of deliveries, in both schemes that receivers' libraries know (SEC-44).
//!
//! Standard Webhooks takes several signatures, one for each live secret. `WorkOS-Signature` has room for one: while two secrets live it
//! is made with the older, which every receiver has, until that one ends.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorward_store::Secret;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What the secret of an endpoint begins with; base64 of 32 bytes follows.
pub const PREFIX: &str = "whsec_";

/// A new secret of these random bytes.
pub fn secret(random: &[u8; 32]) -> Secret {
    Secret::new(format!("{PREFIX}{}", STANDARD.encode(random)))
}

/// The secrets that live: the present one, then the one before it.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// The present one.
    pub current: Secret,
    /// The one before it, and until when it counts (Unix microseconds).
    pub previous: Option<(Secret, i64)>,
}

/// The headers that carry time and signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signatures {
    /// `webhook-timestamp`: Unix seconds.
    pub timestamp: String,
    /// `webhook-signature`.
    pub standard: String,
    /// `WorkOS-Signature`.
    pub workos: String,
}

impl Secrets {
    /// Signs a body. `now` in Unix microseconds.
    pub fn sign(&self, id: &str, now: i64, body: &[u8]) -> Signatures {
        let previous = self.previous.as_ref().filter(|(_, until)| now < *until).map(|(secret, _)| secret);
        let timestamp = (now / 1_000_000).to_string();
        let live = [Some(&self.current), previous];
        let standard: Vec<String> =
            live.into_iter().flatten().map(|secret| standard(secret, id, &timestamp, body)).collect();
        let millis = now / 1000;
        let signed = mac(previous.unwrap_or(&self.current).expose().as_bytes(), &[millis.to_string().as_bytes(), body]);
        let hex: String = signed.iter().map(|byte| format!("{byte:02x}")).collect();
        Signatures { timestamp, standard: standard.join(" "), workos: format!("t={millis}, v1={hex}") }
    }
}

fn standard(secret: &Secret, id: &str, timestamp: &str, body: &[u8]) -> String {
    let text = secret.expose();
    let key = STANDARD.decode(text.strip_prefix(PREFIX).unwrap_or(text)).unwrap_or_default();
    format!("v1,{}", STANDARD.encode(mac(&key, &[id.as_bytes(), timestamp.as_bytes(), body])))
}

/// HMAC-SHA256 over the parts with a full stop between them.
fn mac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    // HMAC takes keys of every length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            mac.update(b".");
        }
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks specification and of its libraries' tests.
    #[test]
    fn sec_44_the_published_vector_of_standard_webhooks() {
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let body = br#"{"test": 2432232314}"#;
        assert_eq!(
            standard(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn sec_44_a_secret_holds_32_bytes() {
        let secret = secret(&[7; 32]);
        assert!(secret.expose().starts_with("whsec_"));
        assert_eq!(STANDARD.decode(&secret.expose()[6..]).unwrap(), [7; 32]);
    }

    #[test]
    fn sec_45_two_secrets_sign_while_both_live() {
        let (old, new) = (secret(&[1; 32]), secret(&[2; 32]));
        let alone =
            |current: &Secret| Secrets { current: current.clone(), previous: None }.sign("event_1", 5_000_000, b"{}");
        let both = Secrets { current: new.clone(), previous: Some((old.clone(), 6_000_000)) };
        let signed = both.sign("event_1", 5_000_000, b"{}");
        assert_eq!(signed.standard, format!("{} {}", alone(&new).standard, alone(&old).standard));
        assert_eq!(signed.workos, alone(&old).workos, "the secret that every receiver has");
        assert_eq!(signed.timestamp, "5");
        assert!(signed.workos.starts_with("t=5000, v1="), "{}", signed.workos);
        let later = both.sign("event_1", 6_000_000, b"{}");
        assert!(!later.standard.contains(' '));
        let only_new = Secrets { current: new, previous: None }.sign("event_1", 6_000_000, b"{}");
        assert_eq!(later, only_new);
    }
}
