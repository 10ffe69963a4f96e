//! Identifiers: UUID version 7, made by this program, so that no database sequence is needed and
//! the order of identifiers is the order of creation.

use uuid::Uuid;

/// A new version 7 UUID; later calls of one process give larger ones.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that makes identifiers")]
pub fn fresh() -> Uuid {
    Uuid::now_v7()
}

/// Declares an identifier: a type of its own for each kind of thing, so that a bid's cannot be
/// passed for a round's.
macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, utoipa::ToSchema,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = crate::db::types::Uid)]
        #[serde(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            /// A new one, larger than those this process made before.
            #[must_use]
            pub fn fresh() -> Self {
                Self($crate::id::fresh())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(out)
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(id: uuid::Uuid) -> Self {
                Self(id)
            }
        }

        $crate::db::types::sql_value!($name, crate::db::types::Uid);

        impl diesel::serialize::ToSql<crate::db::types::Uid, diesel::pg::Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>) -> diesel::serialize::Result {
                crate::db::types::uid_to_pg(self.0, out)
            }
        }
        impl diesel::serialize::ToSql<crate::db::types::Uid, diesel::sqlite::Sqlite> for $name {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, diesel::sqlite::Sqlite>) -> diesel::serialize::Result {
                out.set_value(self.0.to_string());
                Ok(diesel::serialize::IsNull::No)
            }
        }
        impl diesel::deserialize::FromSql<crate::db::types::Uid, diesel::pg::Pg> for $name {
            fn from_sql(value: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                Ok(Self(uuid::Uuid::from_slice(value.as_bytes())?))
            }
        }
        impl diesel::deserialize::FromSql<crate::db::types::Uid, diesel::sqlite::Sqlite> for $name {
            fn from_sql(value: <diesel::sqlite::Sqlite as diesel::backend::Backend>::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                Ok(Self(crate::db::types::text_from_sqlite(value)?.parse()?))
            }
        }
    )*};
}

/// Whether a text can be a key that people choose. Keys stand in URLs, JSON and spreadsheets, so they are plain.
#[must_use]
pub fn is_key(key: &str) -> bool {
    (1..=40).contains(&key.len())
        && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
}

id! {
    /// A person.
    UserId,
    OrganisationId,
    /// A provider's own system.
    ClientId,
    FundId,
    RoundId,
    BidId,
    AssignmentId,
    AssessmentId,
    RoutingRunId,
    InterestId,
    ModerationId,
    /// An administrator's decision about a bid before closing.
    RulingId,
    /// What is done about an outcome after closing.
    LaterActId,
    EmailId,
    AuditId,
    RefreshTokenId,
    /// All the refresh tokens that descend from one sign-in.
    TokenFamilyId,
    /// A sign-in by a browser.
    SessionId,
    /// A one-time link sent by email.
    LinkId,
    SigningKeyId,
    SignInFailureId,
}
