//! Numbers as they are written in model files: with signs, underscores, bases and exponents.

use std::borrow::Cow;

/// The value of a number as it is written in a model file.
pub fn number_of(written: &str) -> Option<f64> {
    let (negative, digits) = match written.as_bytes().first()? {
        b'-' => (true, &written[1..]),
        b'+' => (false, &written[1..]),
        _ => (false, written),
    };
    let begins_well = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') || matches!(digits, "inf" | "NaN");
    if !begins_well || digits.contains("._") {
        return None;
    }
    let plain = if digits.contains('_') { digits.replace('_', "").into() } else { Cow::Borrowed(digits) };
    let based =
        [("0x", 16), ("0o", 8), ("0b", 2)].into_iter().find_map(|(base, radix)| Some((digits.strip_prefix(base)?, radix)));
    let value = match based {
        // An underscore may not come first.
        Some((digits, _)) if digits.starts_with('_') => return None,
        Some((_, radix)) => u128::from_str_radix(&plain[2..], radix).ok()? as f64,
        None => plain.parse().ok()?,
    };
    Some(if negative { -value } else { value })
}

/// The value of a whole number of at least 0, exactly; also `1e6`, if it is whole.
pub fn whole_of(written: &str) -> Option<u64> {
    /// From here on not every whole number is a float.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let digits = written.strip_prefix('+').unwrap_or(written).replace('_', "");
    if let Ok(whole) = digits.parse() {
        return Some(whole);
    }
    let value = number_of(written)?;
    ((0.0..=EXACT).contains(&value) && value.fract() == 0.0).then_some(value as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_meant() {
        for (text, number) in
            [("1", 1.0), ("-1.5", -1.5), ("+.5", 0.5), ("5.", 5.0), ("1_000", 1000.0), ("0x1F", 31.0), ("1e-3", 0.001)]
        {
            assert_eq!(number_of(text), Some(number), "{text}");
        }
        for text in ["", "-", ".", "e", "1e", "_1", "0x", "0x_1", "0b2", "1._5", "1.2.3", "--1"] {
            assert_eq!(number_of(text), None, "{text}");
        }
    }

    #[test]
    fn whole_numbers_are_exact() {
        for (text, number) in [("18446744073709551615", u64::MAX), ("1e6", 1_000_000), ("+7", 7), ("0b101", 5), ("2.0", 2)] {
            assert_eq!(whole_of(text), Some(number), "{text}");
        }
        for text in ["-1", "1.5", "18446744073709551616", "1e300", "NaN", "inf"] {
            assert_eq!(whole_of(text), None, "{text}");
        }
    }
}
