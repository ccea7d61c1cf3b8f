//! Numbers as people read them: in the terminal, in charts and on the page alike.

use crate::units::Span;

/// The number with three significant digits: `0.0123`, `1.23`, `12.3`, `123`, `12345`, `1.23e9`.
#[must_use]
pub fn three_digits(value: f64) -> String {
    digits(value, 3)
}

/// The number with so many significant digits, all digits before the point kept below 10⁹; `-` where it is none.
#[must_use]
pub fn digits(value: f64, significant: i32) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value == 0.0 { "0".into() } else { "-".into() };
    }
    let magnitude = libm::log10(value.abs()).floor() as i32;
    if !(-5..9).contains(&magnitude) {
        return format!("{value:.*e}", (significant - 1) as usize);
    }
    let decimals = (significant - 1 - magnitude).max(0) as usize;
    format!("{value:.decimals$}")
}

/// A value and its half-width above 0, both to the second digit of the half-width, but to no more than five decimals.
#[must_use]
pub fn with_error(value: f64, half_width: f64) -> (String, String) {
    let decimals = 1 - libm::log10(half_width).floor() as i32;
    if decimals > 6 {
        return (format!("{value:.5}"), "<0.00001".into());
    }
    if decimals < -3 || value.abs() >= 1e9 {
        return (three_digits(value), digits(half_width, 2));
    }
    let decimals = decimals.clamp(0, 5) as usize;
    (format!("{value:.decimals$}"), format!("{half_width:.decimals$}"))
}

/// The unit in which times of about `secs` read well, and its length in seconds.
#[must_use]
pub fn time_unit(secs: f64) -> (&'static str, f64) {
    [("s", 1.0), ("ms", 1e-3), ("us", 1e-6)].into_iter().find(|(_, unit)| secs >= *unit).unwrap_or(("ns", 1e-9))
}

/// The duration rounded up to 1, 2 or 5 times a power of ten of a unit.
#[must_use]
pub fn readable_span(secs: f64) -> Span {
    let unit = [86_400.0, 3_600.0, 60.0, 1.0].into_iter().find(|unit| secs >= *unit).unwrap_or(1e-9);
    let magnitude = libm::pow(10.0, libm::log10((secs / unit).max(1e-9)).floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().find(|step| step * magnitude * unit >= secs * 0.999).unwrap_or(10.0);
    Span::from_nanos_f64(step * magnitude * unit * 1e9)
}

/// The number with its digits in groups of three.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_they_deserve() {
        let cases = [(0.0, "0"), (0.012_34, "0.0123"), (1.234, "1.23"), (123.4, "123"), (12_345.6, "12346"), (-1.5e9, "-1.50e9")];
        for (value, text) in cases {
            assert_eq!(three_digits(value), text);
        }
        assert_eq!(digits(f64::NAN, 2), "-");
        let powers = [1.0, 10.0, 100.0, 1e3, 1e8, 1e-3].map(three_digits);
        assert_eq!(powers, ["1.00", "10.0", "100", "1000", "100000000", "0.00100"]);
    }

    #[test]
    fn a_value_is_told_as_exactly_as_it_is_known() {
        let told = |value, half_width| {
            let (value, error) = with_error(value, half_width);
            format!("{value} ± {error}")
        };
        assert_eq!(told(12.345_678, 0.0432), "12.346 ± 0.043");
        assert_eq!(told(-1234.5, 67.8), "-1234 ± 68");
        assert_eq!(told(0.5, 1e-9), "0.50000 ± <0.00001");
        assert_eq!(told(5e9, 1e8), "5.00e9 ± 100000000");
    }

    #[test]
    fn times_and_counts() {
        assert_eq!([2.0, 0.02, 2e-5, 2e-8].map(|secs| time_unit(secs).0), ["s", "ms", "us", "ns"]);
        assert_eq!([7, 1234, 1_234_567].map(grouped), ["7", "1 234", "1 234 567"]);
        assert_eq!([7_200.0, 4_000.0, 130.0, 31.0].map(|secs| readable_span(secs).to_string()), ["2 h", "2 h", "5 min", "50 s"]);
    }
}
