//! Bids received over time: a line that climbs from the opening to the deadline, its words and its table.

use std::fmt::Write;

use chrono::NaiveDate;

use super::counted;
use crate::clock::Timestamp;
use crate::outcomes::model::DayCount;
use crate::rounds::model::Round;

/// The field of the plot; the line leaves some room above it and to its right.
const WIDTH: i64 = 1_000;
const HEIGHT: i64 = 200;
const TOP: i64 = 12;
const RIGHT: i64 = 980;

/// What the plot is made of.
pub(super) struct Arrivals {
    /// The line as a path in a field of 1,000 by 200.
    pub line: String,
    /// The ground below it.
    pub ground: String,
    /// Where the deadline stands in the field.
    pub deadline: Option<i64>,
    pub first_day: String,
    pub last_day: String,
    pub total: String,
    /// What the plot says, in words.
    pub told: String,
    pub rows: Vec<Row>,
}

/// A day on which bids came.
pub(super) struct Row {
    pub day: String,
    pub bids: usize,
    pub in_all: usize,
}

/// `None` while nothing has been received.
pub(super) fn arrivals(round: &Round, days: &[DayCount], now: Timestamp) -> Option<Arrivals> {
    let (earliest, latest) = (days.first()?.day, days.last()?.day);
    let opened = round.opened_at.map_or(earliest, Timestamp::london_date);
    let deadline = round.deadline.map(Timestamp::london_date);
    let axis = Axis {
        first: opened.min(earliest),
        last: deadline.unwrap_or(latest).max(latest),
        most: i64::try_from(days.iter().map(|day| day.bids).sum::<usize>()).ok()?,
    };
    let today = now.london_date().clamp(latest, axis.last);
    let line = axis.line(days, today);
    let ground = format!("{line}V{HEIGHT}H0Z");
    let rows = rows(days);
    Some(Arrivals {
        line,
        ground,
        deadline: deadline.map(|day| axis.end_of(day)),
        first_day: in_words(axis.first),
        last_day: in_words(axis.last),
        total: counted(rows.last()?.in_all, "bid", "bids"),
        told: told(&rows, round),
        rows,
    })
}

/// The days from left to right, the bids from the bottom up.
struct Axis {
    first: NaiveDate,
    last: NaiveDate,
    most: i64,
}

impl Axis {
    fn start_of(&self, day: NaiveDate) -> i64 {
        let all = (self.last - self.first).num_days() + 1;
        (day - self.first).num_days() * RIGHT / all
    }

    fn end_of(&self, day: NaiveDate) -> i64 {
        day.succ_opt().map_or(RIGHT, |next| self.start_of(next))
    }

    fn height_of(&self, bids: i64) -> i64 {
        HEIGHT - bids * (HEIGHT - TOP) / self.most.max(1)
    }

    /// Level between the days on which bids came, up over each of those.
    fn line(&self, days: &[DayCount], today: NaiveDate) -> String {
        let mut path = format!("M0,{HEIGHT}");
        let mut so_far = 0;
        for day in days {
            so_far += i64::try_from(day.bids).unwrap_or(0);
            let (from, to) = (self.start_of(day.day), self.end_of(day.day));
            // Writing to a text cannot fail.
            let _ok = write!(path, "H{from}L{to},{}", self.height_of(so_far));
        }
        let _ok = write!(path, "H{}", self.end_of(today).min(WIDTH));
        path
    }
}

fn rows(days: &[DayCount]) -> Vec<Row> {
    let mut in_all = 0;
    let row = |day: &DayCount| {
        in_all += day.bids;
        Row { day: in_words(day.day), bids: day.bids, in_all }
    };
    days.iter().map(row).collect()
}

fn told(rows: &[Row], round: &Round) -> String {
    let total = rows.last().map_or(0, |row| row.in_all);
    let mut told = format!("{} in all", counted(total, "bid", "bids"));
    if let (Some(first), Some(last), true) = (rows.first(), rows.last(), rows.len() > 1) {
        let half = rows.iter().find(|row| row.in_all * 2 >= total).unwrap_or(last);
        let _ok = write!(
            told,
            ", the first on {}, half of them by {}, the last on {}",
            first.day, half.day, last.day
        );
    } else if let Some(row) = rows.first() {
        let _ok = write!(told, ", on {}", row.day);
    }
    if let Some(deadline) = round.deadline {
        let _ok = write!(told, "; the deadline is {}", deadline.london());
    }
    told
}

fn in_words(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}
