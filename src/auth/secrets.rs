//! Passwords, which people choose and Argon2id protects, and secrets, which we draw at random.

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, PasswordHash};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::problem::Problem;

/// A secret with 256 bits of entropy in 43 URL-safe characters, behind `prefix` so that a leaked
/// one can be recognised.
///
/// # Errors
/// The machine has no randomness to give.
pub fn random_secret(prefix: &str) -> Result<String, Problem> {
    let mut bytes = [0_u8; 32];
    OsRng.try_fill_bytes(&mut bytes).map_err(Problem::internal)?;
    Ok(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes)))
}

/// SHA-256 in lower-case hexadecimal, 64 characters. Enough for what has full entropy; never for
/// a password.
#[must_use]
pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of what comes a piece at a time.
#[derive(Clone, Default)]
pub struct Sum(Sha256);

impl Sum {
    pub fn add(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.update(bytes);
    }

    /// As [`sha256`] of all the pieces in one.
    #[must_use]
    pub fn hex(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Argon2id with the library's defaults (19 MiB, 2 passes, 1 lane: OWASP's first choice), as a
/// PHC string. Takes tens of milliseconds: call it outside any transaction and off the event loop.
///
/// # Errors
/// The machine has no randomness to give.
pub fn hash_password(password: &str) -> Result<String, Problem> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| Problem::internal(error.to_string()))
}

/// Whether the password is the hash's. Without a hash it takes as long and is `false`, so that
/// the time of an answer does not tell which addresses have accounts.
#[must_use]
pub fn password_matches(password: &str, hash: Option<&str>) -> bool {
    let stand_in =
        "$argon2id$v=19$m=19456,t=2,p=1$c3RhbmQtaW4tc2FsdC0wMQ$OQV+D8OAhDJDw1u7bpOgGsn8PLgIYkcXxwK2ZR2hwzw";
    let matches = PasswordHash::new(hash.unwrap_or(stand_in))
        .is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok());
    matches && hash.is_some()
}

/// How many passwords are worked on at once: 19 MiB and a core each, so that a burst of sign-ins
/// waits its turn instead of taking the whole machine.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let _turn = AT_ONCE.acquire().await.map_err(Problem::internal)?;
    tokio::task::spawn_blocking(work).await.map_err(Problem::internal)
}

/// [`hash_password`] on a thread of its own.
///
/// # Errors
/// The machine has no randomness to give.
pub async fn hash_aside(password: String) -> Result<String, Problem> {
    aside(move || hash_password(&password)).await?
}

/// [`password_matches`] on a thread of its own.
///
/// # Errors
/// The thread did not finish.
pub async fn matches_aside(password: String, hash: Option<String>) -> Result<bool, Problem> {
    aside(move || password_matches(&password, hash.as_deref())).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_own_hash_only() -> Result<(), Problem> {
        let hash = hash_password("a long enough password")?;
        assert!(hash.starts_with("$argon2id$"));
        assert!(password_matches("a long enough password", Some(&hash)));
        assert!(!password_matches("another password", Some(&hash)));
        assert!(!password_matches("a long enough password", None));
        Ok(())
    }
}
