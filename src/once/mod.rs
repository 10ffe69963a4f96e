//! Creation that can be repeated: the same `Idempotency-Key` with the same request gives the same
//! answer again and creates nothing; with another request it is refused (422).
//!
//! The key is written in the transaction of the act that it stands for, so there is no moment in
//! which one is kept without the other; of two at once, one waits or runs again and finds the key.

mod store;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::auth::Actor;
use crate::auth::secrets::sha256;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::problem::{Kind, Problem, Result};

/// How long a key is kept.
pub const HOURS: i64 = 48;

/// A request that is to take effect once.
#[derive(Debug, Clone)]
pub struct Once {
    key: Option<String>,
    request_hash: String,
}

impl Once {
    #[must_use]
    pub fn new(key: Option<String>, method: &str, path: &str, body: &[u8]) -> Self {
        let request_hash = match &key {
            Some(_) => sha256([method.as_bytes(), b" ", path.as_bytes(), b"\n", body].concat()),
            None => String::new(),
        };
        Self { key, request_hash }
    }

    /// An act that needs no key: from a page, the scheduler, a test.
    #[must_use]
    pub fn unkeyed() -> Self {
        Self { key: None, request_hash: String::new() }
    }

    /// Runs the act, or gives the answer that it gave before.
    ///
    /// # Errors
    /// `idempotency-key-reused`; the act's own.
    pub fn run<T: Serialize + DeserializeOwned>(
        &self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        act: impl FnOnce(&mut Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        let Some(key) = &self.key else { return act(tx) };
        let actor = actor.who.to_string();
        // The key is taken first and without looking: on PostgreSQL a look would be at a page of the
        // index that others write to, and of two who submit at once one would have to start again.
        if store::take(tx, &actor, key, &self.request_hash)? {
            let value = act(tx)?;
            let answer = serde_json::to_value(&value).map_err(Problem::internal)?;
            store::set_answer(tx.conn, &actor, key, answer)?;
            return Ok(value);
        }
        let kept = store::find(tx.conn, &actor, key)?;
        if kept.request_hash == self.request_hash {
            serde_json::from_value(kept.answer.0).map_err(Problem::internal)
        } else {
            Err(Problem::new(
                Kind::KeyReused,
                "It was used for a different request. Use a new key for a new request.",
            ))
        }
    }
}

/// Forgets the keys from before an instant; gives how many.
///
/// # Errors
/// The database's own.
pub fn forget_before(tx: &mut Tx<'_>, instant: Timestamp) -> Result<usize> {
    store::delete_before(tx.conn, instant)
}
