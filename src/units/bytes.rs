//! Amounts of data.

use super::{InvalidQuantity, parse_number};
use std::fmt;

/// An amount of data in bytes, at most 2^60 (an exbibyte).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Bytes(u64);

/// The units that are read, the longest first.
const UNITS: [(&str, f64); 9] = [
    ("KiB", 1_024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("TiB", 1_099_511_627_776.0),
    ("kB", 1e3),
    ("MB", 1e6),
    ("GB", 1e9),
    ("TB", 1e12),
    ("B", 1.0),
];

impl Bytes {
    /// The most that is accepted.
    pub const MOST: Self = Self(1 << 60);

    /// So many bytes, cut off at [`Bytes::MOST`].
    #[must_use]
    pub const fn new(bytes: u64) -> Self {
        if bytes > Self::MOST.0 { Self::MOST } else { Self(bytes) }
    }

    /// The number of bytes.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl std::str::FromStr for Bytes {
    type Err = InvalidQuantity;

    /// Reads `"64 MiB"`, `"1.5GB"`, `"200 B"`, rounded to whole bytes.
    fn from_str(text: &str) -> Result<Self, InvalidQuantity> {
        let expected = || InvalidQuantity::new("an amount of data such as \"64 MiB\" (B, kB, KiB, MB, MiB, GB, GiB, TB, TiB)");
        let (number, unit) = parse_number(text).ok_or_else(expected)?;
        let (_, length) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(expected)?;
        let bytes = number * length;
        if (0.0..=Self::MOST.0 as f64).contains(&bytes) {
            Ok(Self(bytes.round() as u64))
        } else {
            Err(InvalidQuantity::new("an amount of data from 0 to 2^60 bytes"))
        }
    }
}

impl fmt::Display for Bytes {
    /// The number in the largest unit that gives at least 1, with up to two decimals: `64 MiB`, `1.5 kB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0 as f64;
        // Whole numbers of binary units read best in those.
        let binary = UNITS[..4]
            .iter()
            .rev()
            .find(|(_, length)| (1.0..1_024.0).contains(&(bytes / length)) && (bytes / length).fract() == 0.0);
        let decimal = || UNITS[4..8].iter().rev().find(|(_, length)| bytes >= *length);
        let (unit, length) = binary.or_else(decimal).copied().unwrap_or(("B", 1.0));
        let number = (bytes / length * 100.0).round() / 100.0;
        write!(f, "{number} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_data_read_as_people_write_them() {
        for (text, bytes, back) in [
            ("64 MiB", 64 << 20, "64 MiB"),
            ("1.5kB", 1_500, "1.5 kB"),
            ("200 B", 200, "200 B"),
            ("0B", 0, "0 B"),
            ("2 GB", 2_000_000_000, "2 GB"),
            ("1024 B", 1_024, "1 KiB"),
        ] {
            let read: Bytes = text.parse().unwrap();
            assert_eq!((read.get(), &*read.to_string()), (bytes, back), "{text}");
        }
        for text in ["64", "-1 B", "1 mb", "x", "2000000 TiB", "1e400 B"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
    }
}
