//! What people type, read: numbers, amounts, days, times, and sentences for what cannot be read.

use chrono::{LocalResult, NaiveDate, NaiveTime, TimeZone};
use chrono_tz::Europe::London;
use serde_json::{Map, Value};

use crate::clock::Timestamp;

/// A text as the start of a sentence, its stop left off.
#[must_use]
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut rest = text.chars();
    let first = rest.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}", rest.as_str())
}

/// # Errors
/// What would be right.
pub(super) fn whole(text: &str) -> Result<i64, String> {
    text.replace([',', ' '], "")
        .parse()
        .map_err(|_| format!("give a whole number, such as 12, instead of \"{text}\""))
}

/// Pence from pounds: `£1,234.56`, `1234`, `1 234`.
///
/// # Errors
/// What would be right.
pub(super) fn pence(text: &str) -> Result<i64, String> {
    let told = || format!("give an amount in pounds, such as 150,000 or 1,234.50, instead of \"{text}\"");
    let plain = text.trim_start_matches('£').replace([',', ' '], "");
    let (pounds, rest) = plain.split_once('.').unwrap_or((&plain, "00"));
    let is_digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
    let pence = match rest.len() {
        1 => format!("{rest}0"),
        2 => rest.to_owned(),
        _ => return Err(told()),
    };
    if pounds.is_empty() || !is_digits(pounds) || !is_digits(&pence) {
        return Err(told());
    }
    format!("{pounds}{pence}").parse().map_err(|_| told())
}

/// An amount as it is typed into a field: pounds, with pence where there are any.
#[must_use]
pub fn pounds(pence: i64) -> String {
    let text = crate::money::Pence(pence).to_string();
    text.trim_start_matches('£').to_owned()
}

/// The digits of a whole number with commas between them; other text as it is.
#[must_use]
pub fn digits(text: &str) -> String {
    text.parse().map_or_else(|_| text.to_owned(), crate::money::grouped)
}

/// A day from day, month (by number or name) and year.
///
/// # Errors
/// What would be right.
pub(super) fn date(parts: &[String]) -> Result<NaiveDate, String> {
    let told = || "give a day that there is, such as 27 3 2027".to_owned();
    let [day, month, year, ..] = parts else { return Err(told()) };
    let day = day.parse().map_err(|_| told())?;
    let year: i32 = year.parse().map_err(|_| told())?;
    if !(1_900..=2_200).contains(&year) {
        return Err("give the year in four figures, such as 2027".to_owned());
    }
    NaiveDate::from_ymd_opt(year, month_number(month).ok_or_else(told)?, day).ok_or_else(told)
}

fn month_number(text: &str) -> Option<u32> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let name = text.to_lowercase();
    let named = MONTHS.iter().zip(1..).find(|(month, _)| name.starts_with(**month)).map(|(_, number)| number);
    text.parse().ok().or(named)
}

/// An instant from day, month, year and time, as London's clocks show it. An hour that there is
/// twice counts the first time.
///
/// # Errors
/// What would be right.
pub(super) fn moment(parts: &[String]) -> Result<Timestamp, String> {
    let day = date(parts)?;
    let time = clock(parts.get(3).map_or("", String::as_str))?;
    match London.from_local_datetime(&day.and_time(time)) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Ok(Timestamp::new(at.to_utc())),
        LocalResult::None => Err("choose another hour: the clocks go forward over that one".to_owned()),
    }
}

/// The first instant of a day, as browsers write a day: `2027-03-27`; with `after`, of the day after it.
#[must_use]
pub fn day_starts(text: &str, after: bool) -> Option<Timestamp> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    let day = if after { day.succ_opt()? } else { day };
    match London.from_local_datetime(&day.and_time(NaiveTime::MIN)) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(Timestamp::new(at.to_utc())),
        // London's clocks do not go forward at midnight.
        LocalResult::None => None,
    }
}

/// `12:00`, `9.30am`, `noon`, `midnight`.
fn clock(text: &str) -> Result<NaiveTime, String> {
    let plain = text.to_lowercase().replace([' ', '.'], ":").replace(":am", "am").replace(":pm", "pm");
    let plain = match plain.as_str() {
        "noon" | "midday" => "12:00".to_owned(),
        "midnight" => "0:00".to_owned(),
        other => other.to_owned(),
    };
    let formats = ["%H:%M", "%I:%M%P", "%H:%M:%S"];
    // "9am" says no minutes.
    let with_minutes = plain.replace("am", ":00am").replace("pm", ":00pm");
    let candidates = [plain.as_str(), with_minutes.as_str()];
    let mut tries = candidates.iter().flat_map(|text| formats.iter().map(move |format| (text, format)));
    tries
        .find_map(|(text, format)| NaiveTime::parse_from_str(text, format).ok())
        .ok_or_else(|| "give the time, such as 12:00 or 9.30am".to_owned())
}

/// An instant as the four fields of a form: day, month, year, time.
#[must_use]
pub fn moment_parts(at: Timestamp) -> [String; 4] {
    let local = at.utc().with_timezone(&London);
    ["%-d", "%-m", "%Y", "%H:%M"].map(|format| local.format(format).to_string())
}

/// Puts a value where a JSON pointer leads, making objects, and arrays where a step is a number.
pub(super) fn put(body: &mut Value, pointer: &str, value: Value) {
    let steps: Vec<String> =
        pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    let mut place = body;
    for step in steps {
        let index = step.parse::<usize>().ok();
        if let (Some(index), false) = (index, place.is_object()) {
            if !place.is_array() {
                *place = Value::Array(Vec::new());
            }
            let Value::Array(items) = place else { return };
            if items.len() <= index {
                items.resize(index + 1, Value::Null);
            }
            let Some(item) = items.get_mut(index) else { return };
            place = item;
        } else {
            if !place.is_object() {
                *place = Value::Object(Map::new());
            }
            let Value::Object(fields) = place else { return };
            place = fields.entry(step).or_insert(Value::Null);
        }
    }
    *place = value;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_type_them() {
        assert_eq!(pence("£150,000"), Ok(15_000_000));
        assert_eq!(pence("1 234.5"), Ok(123_450));
        assert_eq!(pence("0.05"), Ok(5));
        for wrong in ["", "£", "1.234", "-5", "ten", "1e9", "99999999999999999999"] {
            assert!(pence(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_are_londons() {
        let moment = |time: &str| {
            let parts = ["30", "June", "2027", time].map(str::to_owned);
            super::moment(&parts).map(|at| at.to_string())
        };
        for noon in ["12:00", "noon", "12pm", "12.00 pm"] {
            assert_eq!(moment(noon), Ok("2027-06-30T11:00:00Z".to_owned()), "{noon}");
        }
        assert_eq!(moment("9.30am"), Ok("2027-06-30T08:30:00Z".to_owned()));
        assert!(moment("late").is_err());
        let gap = ["28", "3", "2027", "01:30"].map(str::to_owned);
        assert!(super::moment(&gap).is_err());
    }

    #[test]
    fn days_that_are_not_are_refused() {
        let day = |day: &str, month: &str, year: &str| date(&[day, month, year].map(str::to_owned));
        assert_eq!(day("1", "feb", "2027"), Ok(NaiveDate::from_ymd_opt(2027, 2, 1).unwrap_or_default()));
        assert!(day("30", "2", "2027").is_err());
        assert!(day("1", "2", "27").is_err());
    }
}
