//! Working days in England: until when an outcome may be queried.
//!
//! The bank holidays are worked out from their rules, with the substitute days for those that fall
//! on a weekend. A holiday proclaimed for one year only is not known here: a query is then due a
//! day early by that calendar, and whoever answers queries may say so.
//!
//! Must not know: rounds, bids.

use chrono::{Datelike, Days, NaiveDate, TimeZone, Weekday};
use chrono_tz::Europe::London;

use crate::clock::Timestamp;

/// 23:59 in London, `working_days` working days after the day of `from`.
#[must_use]
pub fn end_of_working_day(from: Timestamp, working_days: u32) -> Timestamp {
    let mut day = from.utc().with_timezone(&London).date_naive();
    let mut left = working_days;
    while left > 0 {
        let Some(next) = day.succ_opt() else { break };
        day = next;
        left -= u32::from(is_working_day(day));
    }
    // 23:59 exists once on every day in London: its clocks change between 1:00 and 2:00.
    day.and_hms_opt(23, 59, 0)
        .and_then(|local| London.from_local_datetime(&local).latest())
        .map_or(from, |at| Timestamp::new(at.to_utc()))
}

fn is_working_day(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !is_bank_holiday(day)
}

/// Of England and Wales, of the weekdays only.
fn is_bank_holiday(day: NaiveDate) -> bool {
    let monday = day.weekday() == Weekday::Mon;
    let tuesday = day.weekday() == Weekday::Tue;
    let fixed = match (day.month(), day.day()) {
        (1, 1) | (12, 25 | 26) => true,
        (1, 2 | 3) => monday,
        (5, date) => monday && (date <= 7 || date >= 25),
        (8, date) => monday && date >= 25,
        (12, 27 | 28) => monday || tuesday,
        _ => false,
    };
    fixed
        || easter(day.year()).is_some_and(|easter| {
            easter.checked_sub_days(Days::new(2)) == Some(day) || easter.succ_opt() == Some(day)
        })
}

/// Easter Sunday, by the method of Meeus, Jones and Butcher for the Gregorian calendar.
fn easter(year: i32) -> Option<NaiveDate> {
    let (golden, century, in_century) = (year % 19, year / 100, year % 100);
    let correction = (century + 8) / 25;
    let epact = (19 * golden + century - century / 4 - (century - correction + 1) / 3 + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (in_century / 4) - epact - in_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let days = epact + weekday - 7 * late + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(days / 31).ok()?, u32::try_from(days % 31 + 1).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(from: &str, days: u32) -> Option<String> {
        let from: Timestamp = serde_json::from_value(serde_json::json!(from)).ok()?;
        Some(end_of_working_day(from, days).to_string())
    }

    #[test]
    fn weekends_and_bank_holidays_are_not_working_days() {
        // A Tuesday in summer time; ten working days later is a Tuesday.
        assert_eq!(due("2026-09-01T08:00:00Z", 10).as_deref(), Some("2026-09-15T22:59:00Z"));
        // Christmas Day 2026 is a Friday, so Boxing Day's substitute is Monday 28 December.
        assert_eq!(due("2026-12-23T12:00:00Z", 2).as_deref(), Some("2026-12-29T23:59:00Z"));
        // Good Friday 3 April and Easter Monday 6 April 2026.
        assert_eq!(due("2026-04-02T12:00:00Z", 1).as_deref(), Some("2026-04-07T22:59:00Z"));
        // The summer bank holiday of 2026 is 31 August.
        assert_eq!(due("2026-08-28T12:00:00Z", 1).as_deref(), Some("2026-09-01T22:59:00Z"));
    }

    #[test]
    fn the_day_is_the_one_in_london() {
        // Half past midnight in London, still the day before in UTC.
        assert_eq!(due("2026-07-01T23:30:00Z", 0).as_deref(), Some("2026-07-02T22:59:00Z"));
    }
}
