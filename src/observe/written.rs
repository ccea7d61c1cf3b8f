//! Figures as people read them: digits that mean something, units that fit, an error with the value.

use super::Measure;
use crate::units::Span;

/// The number with three significant digits: `0.0123`, `1.23`, `12.3`, `123`, `12345`, `1.23e9`.
#[must_use]
pub fn three_digits(value: f64) -> String {
    digits(value, 3)
}

/// The number with so many significant digits, all digits before the point kept below a thousand million.
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

/// A value and its half-width, both to the second digit of the half-width, but to no more than five decimals; the value alone
/// where there is no half-width.
#[must_use]
pub fn with_error(value: f64, half_width: f64) -> String {
    if half_width <= 0.0 || !half_width.is_finite() {
        return three_digits(value);
    }
    let (value, half_width) = value_and_error(value, half_width);
    format!("{value} ± {half_width}")
}

/// The same in two parts, of a half-width above 0.
#[must_use]
pub fn value_and_error(value: f64, half_width: f64) -> (String, String) {
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
    [("s", 1.0), ("ms", 1e-3), ("us", 1e-6)].into_iter().find(|(_, unit)| secs.abs() >= *unit).unwrap_or(("ns", 1e-9))
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

/// The unit in which figures of about `value` of the metric read well, and its length in the metric's own: `ms` and 0.001, `1/s`
/// and 1, nothing and 1.
#[must_use]
pub fn unit_of(measure: Measure, value: f64) -> (&'static str, f64) {
    match measure.unit() {
        "s" if value == 0.0 => ("s", 1.0),
        "s" => time_unit(value),
        "1/s" => ("/s", 1.0),
        _ => ("", 1.0),
    }
}

/// A figure of the metric with its unit: `32.8 ms`, `320 /s`, `0.801`.
#[must_use]
pub fn figure(measure: Measure, value: f64) -> String {
    let (unit, length) = unit_of(measure, value);
    with_unit(&three_digits(value / length), unit)
}

/// A figure of the metric with half its interval and its unit: `32.8 ± 0.4 ms`.
#[must_use]
pub fn figure_with_error(measure: Measure, value: f64, half_width: f64) -> String {
    let (unit, length) = unit_of(measure, value.abs().max(half_width));
    with_unit(&with_error(value / length, half_width / length), unit)
}

/// A fraction as a percentage with half its interval: `31.2 ± 1.8 %`.
#[must_use]
pub fn percent_with_error(fraction: f64, half_width: f64) -> String {
    format!("{} %", with_error(100.0 * fraction, 100.0 * half_width))
}

/// `a`, `a and b`, `a, b and c`.
#[must_use]
pub fn list(words: &[String]) -> String {
    list_by(words, "and")
}

/// The same with another last word: `a, b or c`.
#[must_use]
pub fn list_by(words: &[String], last: &str) -> String {
    match words {
        [] => String::new(),
        [word] => word.clone(),
        [front @ .., end] => format!("{} {last} {end}", front.join(", ")),
    }
}

/// The text with its first letter in capitals.
#[must_use]
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn with_unit(number: &str, unit: &str) -> String {
    if unit.is_empty() { number.to_owned() } else { format!("{number} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_come_in_units_that_read_well() {
        let mean = Measure::named("mean").unwrap();
        assert_eq!(figure(mean, 0.032_84), "32.8 ms");
        assert_eq!(figure(mean, 0.0), "0 s");
        assert_eq!(figure_with_error(mean, 0.032_84, 0.000_361), "32.84 ± 0.36 ms");
        assert_eq!(figure_with_error(mean, -0.032_84, 0.000_361), "-32.84 ± 0.36 ms");
        assert_eq!(figure_with_error(Measure::named("throughput").unwrap(), 320.04, 0.37), "320.04 ± 0.37 /s");
        assert_eq!(figure(Measure::named("utilization").unwrap(), 0.801), "0.801");
        assert_eq!(percent_with_error(-0.3121, 0.0184), "-31.2 ± 1.8 %");
        assert_eq!(grouped(1_234_567), "1 234 567");
    }

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
        let told = with_error;
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
