//! Time: one instant type, one source of it, one way to show it.
//!
//! Instants are UTC with microseconds, which both databases hold exactly; they are shown in
//! Europe/London. Nothing else in the crate asks the machine for the time.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, NaiveDate, SecondsFormat, SubsecRound, Utc};
use chrono_tz::Europe::London;
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use crate::db::types::Moment;

/// An instant in UTC, in whole microseconds. JSON: RFC 3339 with `Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow, ToSchema)]
#[diesel(sql_type = Moment)]
#[schema(value_type = String, format = DateTime, example = "2026-11-30T12:00:00Z")]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    #[must_use]
    pub fn new(at: DateTime<Utc>) -> Self {
        Self(at.trunc_subsecs(6))
    }

    /// From microseconds since 1970; `None` outside the calendar's range.
    #[must_use]
    pub fn from_micros(micros: i64) -> Option<Self> {
        DateTime::from_timestamp_micros(micros).map(Self)
    }

    /// Microseconds since 1970.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0.timestamp_micros()
    }

    #[must_use]
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// The instant `duration` later; the last one there is where that would pass the calendar's end.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.checked_add_signed(duration).unwrap_or(DateTime::<Utc>::MAX_UTC))
    }

    /// As people in the United Kingdom read it: `noon on Friday 6 September 2019` is
    /// `12:00pm on Friday 6 September 2019`, summer time applied.
    #[must_use]
    pub fn london(self) -> String {
        let local = self.0.with_timezone(&London);
        let clock = local.format("%-I:%M%P").to_string();
        format!("{clock} on {}", local.format("%A %-d %B %Y"))
    }

    /// The time of day in London: `12:00pm`.
    #[must_use]
    pub fn london_time(self) -> String {
        self.0.with_timezone(&London).format("%-I:%M%P").to_string()
    }

    /// How many days lie between two instants by London's calendar; negative where `then` was before.
    #[must_use]
    pub fn days_until(self, then: Self) -> i64 {
        (then.london_date() - self.london_date()).num_days()
    }

    /// The date by London's calendar.
    #[must_use]
    pub fn london_date(self) -> NaiveDate {
        self.0.with_timezone(&London).date_naive()
    }

    /// How long it is until `then`, in the unit that says most: `12 days`, `5 hours`, `1 minute`; `None` where
    /// that was before.
    #[must_use]
    pub fn left_until(self, then: Self) -> Option<String> {
        let left = then.0 - self.0;
        let (days, hours, minutes) = (left.num_days(), left.num_hours(), left.num_minutes());
        let of = |count: i64, unit: &str| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
        Some(match (days, hours, minutes) {
            _ if then < self => return None,
            (2.., _, _) => of(days, "day"),
            (_, 2.., _) => of(hours, "hour"),
            (_, _, 1..) => of(minutes, "minute"),
            _ => "less than a minute".to_owned(),
        })
    }

    /// The day in London: `6 September 2019`.
    #[must_use]
    pub fn london_day(self) -> String {
        self.0.with_timezone(&London).format("%-d %B %Y").to_string()
    }

    /// Fixed width, so that text order is time order: `2019-09-06T11:00:00.000000Z`.
    #[must_use]
    pub fn fixed_width(self) -> String {
        self.0.to_rfc3339_opts(SecondsFormat::Micros, true)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        DateTime::parse_from_rfc3339(&text)
            .map(|at| Self::new(at.with_timezone(&Utc)))
            .ok()
            // Text order is time order only within four-digit years.
            .filter(|at| (0..=9999).contains(&chrono::Datelike::year(&at.0)))
            .ok_or_else(|| {
                serde::de::Error::custom(format!(
                    "\"{text}\" is not a date and time; write it like 2026-11-30T12:00:00Z"
                ))
            })
    }
}

/// Where the time comes from. Clones share their source.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's, and on PostgreSQL the database's inside a transaction.
    #[default]
    Real,
    /// Stands still until it is set; for tests, rehearsals and the sample fund.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `now`.
    #[must_use]
    pub fn standing_at(now: Timestamp) -> Self {
        Self::Set(Arc::new(AtomicI64::new(now.micros())))
    }

    /// Moves a standing clock; a real one goes its own way.
    pub fn set(&self, now: Timestamp) {
        if let Self::Set(micros) = self {
            micros.store(now.micros(), Ordering::SeqCst);
        }
    }

    /// This replica's time. Rules that replicas must agree on use the transaction's instead.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::Real => Timestamp::new(Utc::now()),
            Self::Set(micros) => Timestamp::from_micros(micros.load(Ordering::SeqCst))
                .unwrap_or(Timestamp(DateTime::<Utc>::MIN_UTC)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_by_londons_calendar() {
        let at = |text: &str| serde_json::from_str::<Timestamp>(&format!("\"{text}\"")).ok();
        let days = |from: &str, to: &str| at(from).zip(at(to)).map(|(from, to)| from.days_until(to));
        assert_eq!(days("2026-06-01T22:30:00Z", "2026-06-01T23:30:00Z"), Some(1));
        assert_eq!(days("2026-12-01T01:00:00Z", "2026-12-01T23:00:00Z"), Some(0));
        assert_eq!(days("2026-12-03T01:00:00Z", "2026-12-01T23:00:00Z"), Some(-2));
    }

    #[test]
    fn what_is_left_is_told_in_the_unit_that_says_most() {
        let at = |text: &str| serde_json::from_str::<Timestamp>(&format!("\"{text}\"")).ok();
        let left =
            |from: &str| at(from).zip(at("2026-12-03T12:00:00Z")).and_then(|(from, to)| from.left_until(to));
        assert_eq!(left("2026-11-30T12:00:01Z").as_deref(), Some("2 days"));
        assert_eq!(left("2026-12-02T11:00:00Z").as_deref(), Some("25 hours"));
        assert_eq!(left("2026-12-03T11:00:00Z").as_deref(), Some("60 minutes"));
        assert_eq!(left("2026-12-03T11:58:30Z").as_deref(), Some("1 minute"));
        assert_eq!(left("2026-12-03T12:00:00Z").as_deref(), Some("less than a minute"));
        assert_eq!(left("2026-12-03T12:00:01Z"), None);
    }

    #[test]
    fn times_are_shown_in_london_with_summer_time() {
        let read =
            |text: &str| serde_json::from_str::<Timestamp>(&format!("\"{text}\"")).map(Timestamp::london);
        assert_eq!(read("2019-09-06T11:00:00Z").ok().as_deref(), Some("12:00pm on Friday 6 September 2019"));
        assert_eq!(read("2026-11-30T12:00:00Z").ok().as_deref(), Some("12:00pm on Monday 30 November 2026"));
        assert!(read("2026-02-30T12:00:00Z").is_err());
    }
}
