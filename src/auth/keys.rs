//! Signed access tokens: JWT, HS256, fifteen minutes.
//!
//! The signing keys are in the database, so that every replica signs with the same one and
//! verifies with all that can still be in use; `kid` says which. A key is replaced every 90 days
//! by the scheduler; a retired one verifies for an hour more, four times the longest token's life.

use std::sync::{Arc, PoisonError, RwLock};

use chrono::Duration;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::actor::{Actor, Role, Who};
use super::store::{self, SigningKey};
use crate::clock::Timestamp;
use crate::db::Db;
use crate::id::{ClientId, OrganisationId, SigningKeyId, UserId};
use crate::problem::{Kind, Problem};

/// The life of an access token, in seconds.
pub const ACCESS_SECONDS: i64 = 15 * 60;
const ISSUER: &str = "fasttrack";
const KEY_DAYS: i64 = 90;
const RETIRED_HOURS: i64 = 1;

/// What a token says. `sub` is `user:ID` or `client:ID`.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    role: Role,
    org: Option<OrganisationId>,
    iat: i64,
    exp: i64,
    jti: String,
}

/// The signing keys in use. Clones share them.
#[derive(Clone)]
pub struct Keys {
    db: Db,
    known: Arc<RwLock<Known>>,
}

struct Known {
    keys: Vec<SigningKey>,
    read_at: Timestamp,
}

impl Keys {
    /// Reads the keys; makes the first one on an empty database.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn load(db: &Db) -> Result<Self, Problem> {
        let keys = read_or_make(db).await?;
        let known = Known { keys, read_at: db.clock().now() };
        Ok(Self { db: db.clone(), known: Arc::new(RwLock::new(known)) })
    }

    /// A token for a person or an API client.
    ///
    /// # Errors
    /// There is no key to sign with.
    pub fn sign(
        &self,
        who: Who,
        role: Role,
        organisation: Option<OrganisationId>,
    ) -> Result<String, Problem> {
        let now = self.db.clock().now().utc().timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: ISSUER.to_owned(),
            sub: who.to_string(),
            role,
            org: organisation,
            iat: now,
            exp: now + ACCESS_SECONDS,
            jti: crate::id::fresh().to_string(),
        };
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let key = known
            .keys
            .iter()
            .filter(|key| key.retired_at.is_none())
            .max_by_key(|key| key.id)
            .ok_or_else(|| Problem::internal("no signing key"))?;
        let header = Header { kid: Some(key.id.to_string()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(key.secret.as_bytes()))
            .map_err(Problem::internal)
    }

    /// The caller that a token proves.
    ///
    /// # Errors
    /// `unauthenticated`: forged, expired, of another issuer, or unreadable.
    pub async fn verify(&self, token: &str, request_id: Option<String>) -> Result<Actor, Problem> {
        let refused =
            || Problem::new(Kind::Unauthenticated, "The access token is not valid, or no longer valid.");
        let kid =
            jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid).ok_or_else(refused)?;
        let kid = kid.parse().map(SigningKeyId).map_err(|_| refused())?;
        let key = match self.known_key(kid) {
            Some(key) => key,
            None => {
                self.reload().await?;
                self.known_key(kid).ok_or_else(refused)?
            }
        };
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The service's clock judges, not the library's, so that it is the same clock everywhere.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(
            token,
            &DecodingKey::from_secret(key.secret.as_bytes()),
            &validation,
        )
        .map_err(|_| refused())?
        .claims;
        if claims.exp <= self.db.clock().now().utc().timestamp() {
            return Err(refused());
        }
        let who = parse_subject(&claims.sub).ok_or_else(refused)?;
        Ok(Actor { who, role: Some(claims.role), organisation: claims.org, request_id })
    }

    /// Replaces a key past its time; gives whether it did.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn rotate_if_due(&self) -> Result<bool, Problem> {
        let rotated = self
            .db
            .write(|tx| {
                let newest = store::list_keys(tx.conn)?
                    .into_iter()
                    .filter(|key| key.retired_at.is_none())
                    .max_by_key(|key| key.id);
                match newest {
                    Some(key) if key.created_at.plus(Duration::days(KEY_DAYS)) > tx.now => Ok(false),
                    Some(_) | None => {
                        store::retire_keys(tx.conn, tx.now)?;
                        store::insert_key(tx.conn, &SigningKey::fresh(tx.now)?)?;
                        Ok(true)
                    }
                }
            })
            .await?;
        if rotated {
            self.reload().await?;
        }
        Ok(rotated)
    }

    fn known_key(&self, id: SigningKeyId) -> Option<SigningKey> {
        let now = self.db.clock().now();
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let usable = |key: &&SigningKey| {
            key.retired_at.is_none_or(|retired| now < retired.plus(Duration::hours(RETIRED_HOURS)))
        };
        known.keys.iter().filter(usable).find(|key| key.id == id).cloned()
    }

    /// Another replica may have made a new key. At most once in five seconds, so that made-up key
    /// ids cost the database nothing.
    async fn reload(&self) -> Result<(), Problem> {
        let now = self.db.clock().now();
        let read_at = self.known.read().unwrap_or_else(PoisonError::into_inner).read_at;
        if now < read_at.plus(Duration::seconds(5)) && now >= read_at {
            return Ok(());
        }
        let keys = self.db.read(store::list_keys).await?;
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Known { keys, read_at: now };
        Ok(())
    }
}

async fn read_or_make(db: &Db) -> Result<Vec<SigningKey>, Problem> {
    db.write(|tx| {
        let keys = store::list_keys(tx.conn)?;
        if !keys.is_empty() {
            return Ok(keys);
        }
        let first = SigningKey::fresh(tx.now)?;
        store::insert_key(tx.conn, &first)?;
        Ok(vec![first])
    })
    .await
}

fn parse_subject(subject: &str) -> Option<Who> {
    let (kind, id) = subject.split_once(':')?;
    let id: uuid::Uuid = id.parse().ok()?;
    match kind {
        "user" => Some(Who::User(UserId(id))),
        "client" => Some(Who::Client(ClientId(id))),
        _ => None,
    }
}
