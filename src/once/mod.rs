//! Creation that can be repeated: the same `Idempotency-Key` with the same request gives the same
//! answer again and creates nothing; with another request it is refused (422).
//!
//! The key is written last, in the transaction of the act that it stands for, so there is no moment
//! in which one is kept without the other. Whether it was there already is asked only of an act that
//! failed, or that found it taken, after its transaction has ended: on PostgreSQL a look inside would
//! be at a page of the index that others write to, and of two who submit at once one would have to
//! start again.

mod store;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::auth::Who;
use crate::auth::secrets::sha256;
use crate::clock::Timestamp;
use crate::db::{Db, Tx};
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

    /// Runs the act in a transaction of its own, or gives the answer that it gave before.
    ///
    /// # Errors
    /// `idempotency-key-reused`; the act's own; those of [`Db::write`].
    pub async fn write<T, F>(&self, db: &Db, who: Who, act: F) -> Result<T>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let Some(key) = &self.key else { return db.write(act).await };
        let (actor, key, request_hash) = (who.to_string(), key.clone(), self.request_hash.clone());
        let (by, name, mut act) = (actor.clone(), key.clone(), act);
        let result = db
            .write(move |tx| {
                let value = act(tx)?;
                let answer = serde_json::to_value(&value).map_err(Problem::internal)?;
                if store::keep(tx, &by, &name, &request_hash, answer)? { Ok(value) } else { Err(taken()) }
            })
            .await;
        match result {
            Ok(value) => Ok(value),
            // Perhaps it is refused because it has had its effect before.
            Err(problem) => match db.read(move |conn| store::find(conn, &actor, &key)).await {
                Ok(Some(kept)) => self.answer(kept),
                Ok(None) | Err(_) => Err(problem),
            },
        }
    }

    fn answer<T: DeserializeOwned>(&self, kept: store::Row) -> Result<T> {
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

/// Ends the transaction of an act that was done before; what was kept is then the answer.
fn taken() -> Problem {
    Problem::exists("The Idempotency-Key is in use by a request that is still under way; try again.")
}

/// Forgets the keys from before an instant; gives how many.
///
/// # Errors
/// The database's own.
pub fn forget_before(tx: &mut Tx<'_>, instant: Timestamp) -> Result<usize> {
    store::delete_before(tx.conn, instant)
}
