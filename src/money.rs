//! Money: whole pence, never fractions, never floating point.
//!
//! Must not know: what the money is for.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

/// An amount in pence. Shown as people write it: `£150,000` or `£1,234.56`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pence(pub i64);

impl Pence {
    pub const ZERO: Self = Self(0);

    /// From whole pounds.
    #[must_use]
    pub const fn pounds(pounds: i64) -> Self {
        Self(pounds * 100)
    }
}

impl fmt::Display for Pence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pounds = (self.0 / 100).unsigned_abs();
        let pence = (self.0 % 100).unsigned_abs();
        if self.0 < 0 {
            out.write_str("-")?;
        }
        write!(out, "£{}", grouped(pounds))?;
        if pence > 0 {
            write!(out, ".{pence:02}")?;
        }
        Ok(())
    }
}

/// A whole number with a comma before each third digit from the right.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl Add for Pence {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Pence {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Sum for Pence {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_reads_as_people_write_it() {
        let read = |pence| Pence(pence).to_string();
        assert_eq!(read(0), "£0");
        assert_eq!(read(15_000_000), "£150,000");
        assert_eq!(read(123_456), "£1,234.56");
        assert_eq!(read(300_000_005), "£3,000,000.05");
        assert_eq!(read(-1_99), "-£1.99");
    }
}
