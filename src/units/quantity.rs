//! Rates and probabilities, and the number that stands before a unit.

use super::{InvalidQuantity, Span};
use std::fmt;

/// Events per second: above 0, and within the limits below.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Rate(f64);

/// A probability or a fraction: from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Probability(f64);

impl Rate {
    /// The fastest rate accepted: at 10 million events a second a gap is still 100 ticks of the clock.
    pub const FASTEST_PER_SEC: f64 = 1e7;
    /// The slowest rate accepted: one event in 30,000 years.
    pub const SLOWEST_PER_SEC: f64 = 1e-12;

    /// A rate in events per second, from [`Rate::SLOWEST_PER_SEC`] to [`Rate::FASTEST_PER_SEC`].
    ///
    /// # Errors
    /// Where the number is outside that range or not a number.
    pub fn per_sec(value: f64) -> Result<Self, InvalidQuantity> {
        if (Self::SLOWEST_PER_SEC..=Self::FASTEST_PER_SEC).contains(&value) {
            Ok(Self(value))
        } else {
            Err(InvalidQuantity::new("a rate above 0 and at most 10000000/s"))
        }
    }

    /// Events per second.
    #[must_use]
    pub const fn as_per_sec(self) -> f64 {
        self.0
    }

    /// The mean gap between two events.
    #[must_use]
    pub fn mean_gap(self) -> Span {
        Span::from_nanos_f64(1e9 / self.0)
    }
}

impl Probability {
    /// What is certain.
    pub const ONE: Self = Self(1.0);

    /// A probability from 0 to 1.
    ///
    /// # Errors
    /// Where the number is outside that range or not a number.
    pub fn new(value: f64) -> Result<Self, InvalidQuantity> {
        if (0.0..=1.0).contains(&value) {
            Ok(Self(value))
        } else {
            Err(InvalidQuantity::new("a fraction from 0 to 1, or a percentage from \"0%\" to \"100%\""))
        }
    }

    /// The number from 0 to 1.
    #[must_use]
    pub const fn value(self) -> f64 {
        self.0
    }
}

/// Splits a text into the number it begins with and the trimmed rest; nothing where no finite number is there.
#[must_use]
pub fn parse_number(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let bytes = text.as_bytes();
    let mut end = 0;
    while end < bytes.len() {
        let exponent = matches!(bytes[end], b'e' | b'E')
            && end > 0
            && bytes.get(end + 1).is_some_and(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-'));
        let sign = matches!(bytes[end], b'+' | b'-') && (end == 0 || matches!(bytes[end - 1], b'e' | b'E'));
        if !(bytes[end].is_ascii_digit() || bytes[end] == b'.' || exponent || sign) {
            break;
        }
        end += 1;
    }
    let number: f64 = text[..end].parse().ok()?;
    number.is_finite().then(|| (number, text[end..].trim()))
}

impl std::str::FromStr for Rate {
    type Err = InvalidQuantity;

    /// Reads `"12/s"`, `"3 / min"`, `"1000/h"`, `"5/d"`.
    fn from_str(text: &str) -> Result<Self, InvalidQuantity> {
        let expected = || InvalidQuantity::new("a rate such as \"12/s\" (also /ms, /min, /h, /d)");
        let (number, unit) = parse_number(text).ok_or_else(expected)?;
        let unit = unit.strip_prefix('/').ok_or_else(expected)?.trim();
        let secs = match unit {
            "ms" => 1e-3,
            "s" => 1.0,
            "min" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            _ => return Err(expected()),
        };
        Self::per_sec(number / secs)
    }
}

impl std::str::FromStr for Probability {
    type Err = InvalidQuantity;

    /// Reads `"1.5%"` and `"0.015"`.
    fn from_str(text: &str) -> Result<Self, InvalidQuantity> {
        let expected = || InvalidQuantity::new("a percentage such as \"1.5%\"");
        match parse_number(text).ok_or_else(expected)? {
            (number, "%") => Self::new(number / 100.0),
            (number, "") => Self::new(number),
            _ => Err(expected()),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", self.0)
    }
}

impl fmt::Display for Probability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.0 * 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_percentages_read_as_people_write_them() {
        assert_eq!("12/s".parse::<Rate>().unwrap().as_per_sec(), 12.0);
        assert_eq!("30 / min".parse::<Rate>().unwrap().as_per_sec(), 0.5);
        assert_eq!("1.5%".parse::<Probability>().unwrap().value(), 0.015);
        for text in ["12", "-3/s", "0/s", "3/parsec", "1e9/s", "/s"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
        for text in ["101%", "-1%", "x", "1.5 s"] {
            assert!(text.parse::<Probability>().is_err(), "{text}");
        }
    }
}
