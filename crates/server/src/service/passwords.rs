//! Passwords of operators: what is a good one, and how one is hashed and checked.
//!
//! Argon2id with the parameters that OWASP recommends (19 MiB, two passes, one lane). That is much work, so it runs beside the requests, and
//! only a few at a time: somebody who floods the sign-in cannot take memory or processors away from identity providers.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use doorward_store::{Entropy, Secret};
use tokio::sync::Semaphore;

use super::error::{Error, Result};

/// The least characters of a password.
pub const SHORTEST: usize = 12;

/// The most characters of a password.
pub const LONGEST: usize = 200;

/// Passwords worked on at once; each takes 19 MiB.
const AT_ONCE: usize = 2;

/// Hashes and checks passwords, a few at a time.
#[derive(Debug)]
pub struct Passwords {
    room: Semaphore,
}

impl Default for Passwords {
    fn default() -> Self {
        Passwords { room: Semaphore::new(AT_ONCE) }
    }
}

impl Passwords {
    /// The stored form of a password (PHC string).
    ///
    /// # Errors
    /// [`Error::Invalid`] for one that is too short, too long or too plain.
    pub async fn hash(&self, entropy: &Entropy, password: Secret) -> Result<String> {
        check(password.expose())?;
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        self.apart(move || {
            let hash = argon2()?.hash_password_with_salt(password.expose().as_bytes(), &salt);
            hash.map(|hash: PasswordHash| hash.to_string()).map_err(fault)
        })
        .await
    }

    /// Whether it is the password of this stored form. `None` for an account that does not exist takes as long and is never it.
    ///
    /// # Errors
    /// When the stored form is damaged.
    pub async fn verify(&self, password: Secret, stored: Option<String>) -> Result<bool> {
        self.apart(move || {
            let Some(stored) = stored else {
                // The same work, so that the time does not tell which addresses have an account.
                let hash: std::result::Result<PasswordHash, _> =
                    argon2()?.hash_password_with_salt(password.expose().as_bytes(), &[0; 16]);
                return hash.map(|_| false).map_err(fault);
            };
            let stored = PasswordHash::new(&stored).map_err(fault)?;
            Ok(argon2()?.verify_password(password.expose().as_bytes(), &stored).is_ok())
        })
        .await
    }

    async fn apart<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let _place = self.room.acquire().await.map_err(|_| Error::Unavailable)?;
        tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(error.to_string()))?
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(fault)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn fault(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("hashing a password: {error}"))
}

/// Long enough, and not a few characters again and again. Nothing is said about which kinds of characters it must hold (NIST SP 800-63B).
fn check(password: &str) -> Result<()> {
    let length = password.chars().count();
    let mut different: Vec<char> = password.chars().collect();
    different.sort_unstable();
    different.dedup();
    let message = if length < SHORTEST {
        format!("must have at least {SHORTEST} characters")
    } else if length > LONGEST {
        format!("must have at most {LONGEST} characters")
    } else if different.len() < 5 {
        "must not repeat a few characters".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::Invalid { field: "password".to_owned(), message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_opens_with_itself_alone_and_is_stored_with_its_cost() {
        let (passwords, entropy) = (Passwords::default(), Entropy::seeded(1));
        let stored = passwords.hash(&entropy, Secret::new("correct horse battery")).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(passwords.verify(Secret::new("correct horse battery"), Some(stored.clone())).await.unwrap());
        assert!(!passwords.verify(Secret::new("correct horse batterY"), Some(stored.clone())).await.unwrap());
        assert!(!passwords.verify(Secret::new("correct horse battery"), None).await.unwrap());
        let again = passwords.hash(&entropy, Secret::new("correct horse battery")).await.unwrap();
        assert_ne!(stored, again, "salted");
    }

    #[test]
    fn short_long_and_plain_passwords_are_refused() {
        for bad in ["", "elevenchars", "aaaaaaaaaaaaaaaa", &"abcdefg".repeat(40)] {
            assert!(check(bad).is_err(), "{bad}");
        }
        assert!(check("twelve chars").is_ok());
    }
}
