//! Exact numbers: a fraction for working with, two decimals for showing.
//!
//! A combined score decides who is paid, so it is never a binary floating-point number. [`Exact`]
//! is a fraction in lowest terms; [`Score`] is that fraction rounded once, at the end, to two
//! decimals, half up (section 6 of the design).
//!
//! Every operation is checked: `None` says that the denominator would pass 10^32 or the value
//! 10^10. The denominator of a combined score divides the number of assessments (at most 10) times
//! the least common multiple of the criteria's numbers of sub-criteria (of 1 to 10: 2,520) times that
//! of their ranges (of thirteen numbers up to 100: below 10^27), so thirteen criteria fit whatever
//! their scales and parts.
//!
//! Must not know: what is being scored.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

const LARGEST_DENOMINATOR: i128 = 10_i128.pow(32);
const LARGEST_VALUE: i128 = 10_i128.pow(10);

/// A fraction in lowest terms. In JSON `{"exact": "55/3", "rounded": "18.33"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "Written", try_from = "Written")]
pub struct Exact {
    numerator: i128,
    /// Always positive.
    denominator: i128,
}

impl Exact {
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };

    #[must_use]
    pub fn whole(number: i32) -> Self {
        Self { numerator: number.into(), denominator: 1 }
    }

    #[must_use]
    pub fn count(number: u32) -> Self {
        Self { numerator: number.into(), denominator: 1 }
    }

    /// `numerator / denominator`, where the denominator is above 0 and the result within bounds.
    #[must_use]
    pub fn fraction(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator <= 0 {
            return None;
        }
        let common = common_divisor(numerator, denominator);
        let (numerator, denominator) = (numerator / common, denominator / common);
        let within =
            denominator <= LARGEST_DENOMINATOR && numerator.checked_abs()? / denominator <= LARGEST_VALUE;
        within.then_some(Self { numerator, denominator })
    }

    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let common = common_divisor(self.denominator, other.denominator);
        let (ours, theirs) = (other.denominator / common, self.denominator / common);
        let numerator =
            self.numerator.checked_mul(ours)?.checked_add(other.numerator.checked_mul(theirs)?)?;
        Self::fraction(numerator, self.denominator.checked_mul(ours)?)
    }

    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self { numerator: -other.numerator, ..other })
    }

    /// `self × by ÷ over`, where `over` is above 0.
    #[must_use]
    pub fn scaled(self, by: i128, over: i128) -> Option<Self> {
        Self::fraction(self.numerator.checked_mul(by)?, self.denominator.checked_mul(over)?)
    }

    /// The sum; 0 of nothing.
    #[must_use]
    pub fn sum(terms: impl IntoIterator<Item = Self>) -> Option<Self> {
        terms.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    #[must_use]
    pub fn numerator(self) -> i128 {
        self.numerator
    }

    /// Always positive.
    #[must_use]
    pub fn denominator(self) -> i128 {
        self.denominator
    }

    /// To two decimals, half up: the only rounding there is.
    #[must_use]
    pub fn rounded(self) -> Score {
        let whole = self.numerator.div_euclid(self.denominator);
        let rest = self.numerator.rem_euclid(self.denominator);
        let hundredths = whole * 100 + (rest * 200 + self.denominator).div_euclid(self.denominator * 2);
        // The bound on values keeps this within an i64; saturating is never reached.
        Score(i64::try_from(hundredths).unwrap_or(i64::MAX))
    }
}

/// The greatest common divisor; at least 1, because `right` is above 0.
fn common_divisor(left: i128, right: i128) -> i128 {
    let (mut left, mut right) = (left.unsigned_abs(), right.unsigned_abs());
    while right != 0 {
        (left, right) = (right, left % right);
    }
    // It divides an i128 above 0, so it is one.
    i128::try_from(left).unwrap_or(1)
}

impl Ord for Exact {
    /// Compares whole parts, then the reciprocals of what is left, as in Euclid's algorithm:
    /// cross-multiplying could overflow.
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut left, mut right) = (*self, *other);
        loop {
            let wholes = left
                .numerator
                .div_euclid(left.denominator)
                .cmp(&right.numerator.div_euclid(right.denominator));
            let rests =
                (left.numerator.rem_euclid(left.denominator), right.numerator.rem_euclid(right.denominator));
            match (wholes, rests) {
                (Ordering::Less | Ordering::Greater, _) => return wholes,
                (Ordering::Equal, (0, _) | (_, 0)) => return rests.0.cmp(&rests.1),
                (Ordering::Equal, (left_rest, right_rest)) => {
                    let of_right = Self { numerator: right.denominator, denominator: right_rest };
                    let of_left = Self { numerator: left.denominator, denominator: left_rest };
                    (left, right) = (of_right, of_left);
                }
            }
        }
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denominator == 1 {
            write!(out, "{}", self.numerator)
        } else {
            write!(out, "{}/{}", self.numerator, self.denominator)
        }
    }
}

/// An exact number as JSON writes it.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Written {
    /// A fraction in lowest terms, or a whole number.
    #[schema(example = "55/3")]
    exact: String,
    /// The same to two decimals, half up. Ignored when read.
    rounded: Score,
}

impl From<Exact> for Written {
    fn from(number: Exact) -> Self {
        Self { exact: number.to_string(), rounded: number.rounded() }
    }
}

impl TryFrom<Written> for Exact {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let (numerator, denominator) = written.exact.split_once('/').unwrap_or((&written.exact, "1"));
        numerator
            .parse()
            .ok()
            .zip(denominator.parse().ok())
            .and_then(|(numerator, denominator)| Self::fraction(numerator, denominator))
            .ok_or("an exact number is written as a fraction, such as \"55/3\"")
    }
}

impl PartialSchema for Exact {
    fn schema() -> RefOr<Schema> {
        Written::schema()
    }
}

impl ToSchema for Exact {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Exact")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Written::schemas(schemas);
    }
}

/// A number of points to two decimals, held in hundredths. In JSON the string `"72.35"`, so that
/// no reader can turn it into a binary fraction by accident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(into = "String", try_from = "String")]
#[schema(value_type = String, example = "72.35")]
pub struct Score(i64);

impl Score {
    #[must_use]
    pub const fn from_hundredths(hundredths: i64) -> Self {
        Self(hundredths)
    }

    #[must_use]
    pub const fn hundredths(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Score {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let hundredths = self.0.unsigned_abs();
        write!(out, "{sign}{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

impl FromStr for Score {
    type Err = &'static str;

    /// Reads what `Display` writes, and nothing else.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.replacen('.', "", 1)
            .parse()
            .ok()
            .map(Self)
            .filter(|score| score.to_string() == text)
            .ok_or("a score is written with two decimals, such as \"72.35\"")
    }
}

impl From<Score> for String {
    fn from(score: Score) -> Self {
        score.to_string()
    }
}

impl TryFrom<String> for Score {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}
