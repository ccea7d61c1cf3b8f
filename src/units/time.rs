//! Simulated time in whole nanoseconds.

use super::{InvalidQuantity, parse_number};
use std::fmt;
use std::ops::{Add, Sub};

/// An instant of simulated time: nanoseconds since the start of the replication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(u64);

/// A length of simulated time in nanoseconds, from 0 to about 584 years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct Span(u64);

/// The units a person may write, largest first, with their length in nanoseconds.
const UNITS: [(&str, f64); 8] =
    [("y", 31_557_600e9), ("d", 86_400e9), ("h", 3_600e9), ("min", 60e9), ("s", 1e9), ("ms", 1e6), ("us", 1e3), ("ns", 1.0)];

impl Time {
    /// The start of a replication.
    pub const ZERO: Self = Self(0);
    /// Later than anything that happens.
    pub const NEVER: Self = Self(u64::MAX);

    /// The instant `nanos` nanoseconds after the start.
    #[inline]
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the start.
    #[inline]
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds since the start.
    #[must_use]
    pub const fn as_secs(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// The span from `earlier` to this instant; zero where `earlier` is the later one.
    #[inline]
    #[must_use]
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest span the model files accept: 100 years. Sums of an instant and a span below it cannot overflow.
    pub const LONGEST: Self = Self(3_155_760_000_000_000_000);

    /// A span of `nanos` nanoseconds.
    #[inline]
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// A span of whole seconds.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000_000))
    }

    /// The span nearest to `nanos` nanoseconds, an even one where two are; negative values and NaN give zero, values past
    /// [`Span::LONGEST`] give that.
    #[inline]
    #[must_use]
    pub const fn from_nanos_f64(nanos: f64) -> Self {
        // From 2^52 to 2^53 the numbers of the type are the whole numbers: adding 2^52 rounds, and leaves the whole number
        // in the low bits.
        const SHIFT: f64 = (1_u64 << 52) as f64;
        if nanos >= 0.0 && nanos < SHIFT {
            return Self((nanos + SHIFT).to_bits() - SHIFT.to_bits());
        }
        Self::from_large_nanos(nanos)
    }

    #[cold]
    const fn from_large_nanos(nanos: f64) -> Self {
        let whole = nanos as u64;
        if whole > Self::LONGEST.0 { Self::LONGEST } else { Self(whole) }
    }

    /// Length in nanoseconds.
    #[inline]
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Length in seconds.
    #[must_use]
    pub const fn as_secs(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl Add<Span> for Time {
    type Output = Self;

    #[inline]
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub for Time {
    type Output = Span;

    #[inline]
    fn sub(self, earlier: Self) -> Span {
        debug_assert!(self.0 >= earlier.0, "a span cannot be negative");
        Span(self.0.wrapping_sub(earlier.0))
    }
}

impl Add for Span {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::str::FromStr for Span {
    type Err = InvalidQuantity;

    /// Reads `"20ms"`, `"1.5 s"`, `"2h"`: a number and a unit out of y, d, h, min, s, ms, us, ns.
    fn from_str(text: &str) -> Result<Self, InvalidQuantity> {
        let expected = || InvalidQuantity::new("a duration such as \"20ms\" or \"1.5s\" (units y, d, h, min, s, ms, us, ns)");
        let (number, unit) = parse_number(text).ok_or_else(expected)?;
        let unit = if unit == "µs" || unit == "μs" { "us" } else { unit };
        let (_, scale) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(expected)?;
        let nanos = number * scale;
        if number < 0.0 {
            return Err(InvalidQuantity::new("a duration that is not negative"));
        }
        if nanos > Self::LONGEST.0 as f64 {
            return Err(InvalidQuantity::new("a duration of at most 100 years"));
        }
        Ok(Self::from_nanos_f64(nanos))
    }
}

impl fmt::Display for Span {
    /// Writes the span in the largest unit in which it is at least 1 and has at most three decimals, such as `1.5 s`;
    /// reading it back gives the same span.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |scale: f64| (u128::from(self.0) * 1_000).is_multiple_of(scale as u128) && self.0 >= scale as u64;
        let unit = UNITS.iter().find(|(unit, scale)| *unit != "y" && short(*scale)).copied();
        let (unit, scale) = unit.unwrap_or(if self.0 == 0 { ("s", 1e9) } else { ("ns", 1.0) });
        write!(f, "{} {unit}", self.0 as f64 / scale)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Span(self.0).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_write_them() {
        for (text, nanos) in
            [("20ms", 20_000_000), ("1.5 s", 1_500_000_000), ("2h", 7_200_000_000_000), ("250 us", 250_000), ("0s", 0)]
        {
            assert_eq!(text.parse::<Span>().unwrap().as_nanos(), nanos, "{text}");
        }
        for text in ["", "20", "ms", "-1s", "1 parsec", "nan s", "inf s", "200y", "1e300s"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_displayed_span_reads_back() {
        for nanos in [0, 1, 999, 1_000, 1_500_000, 61_000_000_000, 86_400_000_000_000, 123_456_789_012] {
            let span = Span::from_nanos(nanos);
            assert_eq!(span.to_string().parse::<Span>().unwrap(), span, "{span}");
        }
    }
}
