//! Axes: which values they hold, where a value lies, which numbers stand beside them, in units that people read.

use libm::{ceil, fabs, floor, log10, pow, round};

/// Between a number and its unit: a space at which no line is broken.
const NARROW: char = '\u{a0}';

/// A value with its unit, and half its interval where there is one: `49 ± 8 %`, rounded to what the interval lets one know.
#[must_use]
pub fn with_half(unit: &str, value: f64, half: Option<f64>) -> String {
    let units = Units::of(unit, fabs(value).max(half.unwrap_or(0.0)));
    let Some(half) = half.map(|half| half * units.factor).filter(|half| *half > 1e-4 && *half < 1e6) else {
        return units.show(value);
    };
    let size = floor(log10(half) + 1e-12);
    let count = if half / pow(10.0, size) < 2.0 { 2 } else { 1 };
    let unit = pow(10.0, size - f64::from(count - 1));
    let places = usize::try_from(count - 1 - size as i32).unwrap_or(0);
    let write = |number: f64| format!("{:.places$}", round(number / unit) * unit).replacen('-', "\u{2212}", 1);
    let (value, half) = (write(value * units.factor), write(half));
    if units.name.is_empty() {
        format!("{value}{NARROW}±{NARROW}{half}")
    } else {
        format!("{value}{NARROW}±{NARROW}{half}{NARROW}{}", units.name)
    }
}

/// How numbers of a unit are shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Units {
    /// A number times this is shown.
    pub factor: f64,
    /// Behind the number and at axes, such as `ms`, `%` or `1/s`; may be empty.
    pub name: String,
}

impl Units {
    /// For numbers in `unit` about as large as `typical`: seconds become what fits, from nanoseconds to days, anything else
    /// stays what it is.
    #[must_use]
    pub fn of(unit: &str, typical: f64) -> Self {
        const TIMES: [(f64, f64, &str); 6] = [
            (1e-6, 1e9, "ns"),
            (1e-3, 1e6, "µs"),
            (1.0, 1e3, "ms"),
            (300.0, 1.0, "s"),
            (7_200.0, 1.0 / 60.0, "min"),
            (172_800.0, 1.0 / 3600.0, "h"),
        ];
        let (factor, name) = match unit {
            "s" => TIMES
                .iter()
                .find(|(below, ..)| fabs(typical) < *below)
                .map_or((1.0 / 86_400.0, "d"), |(_, factor, name)| (*factor, *name)),
            "fraction" => (100.0, "%"),
            unit => (1.0, unit),
        };
        Self { factor, name: name.to_owned() }
    }

    /// The number with its unit, with three digits that count.
    #[must_use]
    pub fn show(&self, value: f64) -> String {
        let number = digits(value * self.factor, 3);
        if self.name.is_empty() { number } else { format!("{number}{NARROW}{}", self.name) }
    }

    /// The name of an axis.
    #[must_use]
    pub fn axis(&self, name: &str) -> String {
        if self.name.is_empty() || name.is_empty() { format!("{name}{}", self.name) } else { format!("{name} ({})", self.name) }
    }
}

/// A number with so many digits that count, without zeros at its end; powers of ten where it is very large or small.
#[must_use]
pub fn digits(number: f64, count: i32) -> String {
    if number == 0.0 {
        return "0".into();
    }
    if !number.is_finite() {
        return "-".into();
    }
    let size = floor(log10(fabs(number)) + 1e-12) as i32;
    if !(-4..6).contains(&size) {
        let front = number / pow(10.0, f64::from(size));
        return format!("{}·10{}", digits(front, count), raised(size));
    }
    let unit = pow(10.0, f64::from(size - count + 1));
    let places = usize::try_from(count - 1 - size).unwrap_or(0);
    trim(&if places == 0 { format!("{:.0}", round(number / unit) * unit) } else { format!("{number:.places$}") })
}

fn trim(number: &str) -> String {
    let number = if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number };
    number.replacen('-', "\u{2212}", 1)
}

fn raised(exponent: i32) -> String {
    let digit = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => digit.to_digit(10).and_then(|digit| char::from_u32(0x2070 + digit)).unwrap_or(digit),
    };
    exponent.to_string().chars().map(digit).collect()
}

/// An axis: the values it holds, and where they lie in pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Whether equal steps are equal ratios.
    pub is_log: bool,
    /// The values at its ends.
    pub holds: (f64, f64),
    /// Where its ends lie.
    pub lies: (f64, f64),
    /// How its numbers are shown.
    pub units: Units,
    /// Which values have a number.
    pub ticks: Vec<f64>,
}

/// What an axis must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The values and 0, or the values on a logarithmic axis where they are all above 0 and span more than a factor of 30.
    Zero,
    /// The values, with some room, on a linear axis.
    Values,
    /// The values and 0, on a linear axis.
    Linear,
    /// The values exactly.
    Exactly,
    /// The values exactly, on a logarithmic axis.
    ExactlyLog,
}

/// Values that span more than this are drawn on a logarithmic axis.
const WIDE: f64 = 30.0;

impl Axis {
    /// An axis for these values, of which there should be one at least, and only finite ones.
    #[must_use]
    pub fn new(values: &[f64], reach: Reach, unit: &str, lies: (f64, f64)) -> Self {
        let finite = || values.iter().copied().filter(|value| value.is_finite());
        let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
        let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
        let is_log = low > 0.0 && (reach == Reach::ExactlyLog || (reach == Reach::Zero && high / low > WIDE));
        let typical = if is_log { libm::sqrt(low * high) } else { fabs(low).max(fabs(high)) };
        let units = Units::of(unit, typical);
        let has_zero = matches!(reach, Reach::Zero | Reach::Linear);
        let room = match reach {
            Reach::Values if high > low => 0.08 * (high - low),
            _ if high > low => 0.0,
            _ if high == 0.0 => 1.0,
            _ => 0.1 * fabs(high),
        };
        let mut holds = (low, high);
        if !is_log {
            let towards_zero = |end: f64, room: f64| if has_zero && (end - room) * end <= 0.0 { 0.0 } else { end - room };
            holds = match reach {
                Reach::Zero | Reach::Linear => (low.min(0.0), high.max(0.0)),
                _ => (towards_zero(low, room), high + room),
            };
            if holds.0 == holds.1 {
                holds.1 += 1.0;
            }
        } else if low == high {
            holds = (low / 1.5, high * 1.5);
        }
        let axis = Self { is_log, holds, lies, units, ticks: Vec::new() };
        let step = axis.step();
        let axis = if has_zero { axis.up_to_ticks(step) } else { axis };
        Self { ticks: axis.nice_ticks(step), ..axis }
    }

    /// Where a value lies; values beyond the ends lie beyond them, on a logarithmic axis those from 0 down at its low end.
    #[must_use]
    pub fn at(&self, value: f64) -> f64 {
        let (low, high) = self.holds;
        let part = if self.is_log {
            if value <= 0.0 { 0.0 } else { (log10(value) - log10(low)) / (log10(high) - log10(low)) }
        } else {
            (value - low) / (high - low)
        };
        self.lies.0 + (self.lies.1 - self.lies.0) * part
    }

    /// Where a value lies, no further than the ends.
    #[must_use]
    pub fn within(&self, value: f64) -> f64 {
        self.at(value.clamp(self.holds.0, self.holds.1))
    }

    /// The numbers at the ticks, as they are written.
    #[must_use]
    pub fn numbers(&self) -> Vec<String> {
        let write = |tick: &f64| digits(tick * self.units.factor, 6);
        self.ticks.iter().map(write).collect()
    }

    /// The distance of ticks: 1, 2 or 5 times a power of ten, as shown.
    fn step(&self) -> f64 {
        let span = (self.holds.1 - self.holds.0) * self.units.factor;
        let most = (fabs(self.lies.1 - self.lies.0) / 75.0).clamp(2.0, 7.0);
        let rough = span / most;
        let unit = pow(10.0, floor(log10(rough)));
        [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|part| part * unit)
            .find(|step| *step >= rough * (1.0 - 1e-9))
            .unwrap_or(10.0 * unit)
    }

    /// Moves the ends out to the next ticks.
    fn up_to_ticks(mut self, step: f64) -> Self {
        let factor = self.units.factor;
        if self.is_log {
            let (low, high) = (self.holds.0 * factor, self.holds.1 * factor);
            let round_to = |value: f64, up: bool| {
                let unit = pow(10.0, floor(log10(value) + 1e-12));
                let steps = [1.0, 2.0, 5.0, 10.0].map(|part| part * unit);
                let below = steps.into_iter().rev().find(|step| *step <= value * (1.0 + 1e-9));
                let above = steps.into_iter().find(|step| *step >= value * (1.0 - 1e-9));
                if up { above.unwrap_or(value) } else { below.unwrap_or(value) }
            };
            self.holds = (round_to(low, false) / factor, round_to(high, true) / factor);
        } else {
            let ticks =
                |value: f64, up: bool| if up { ceil(value * factor / step - 1e-9) } else { floor(value * factor / step + 1e-9) };
            self.holds = (ticks(self.holds.0, false) * step / factor, ticks(self.holds.1, true) * step / factor);
        }
        self
    }

    fn nice_ticks(&self, step: f64) -> Vec<f64> {
        let factor = self.units.factor;
        let (low, high) = (self.holds.0 * factor, self.holds.1 * factor);
        let fits = |tick: &f64| (low - 1e-9 * fabs(low)..=high + 1e-9 * fabs(high)).contains(tick);
        if self.is_log && high / low > 4.0 {
            let decades: Vec<i32> = (floor(log10(low)) as i32..=ceil(log10(high)) as i32).collect();
            let parts: &[f64] = if decades.len() <= 5 { &[1.0, 2.0, 5.0] } else { &[1.0] };
            let every = decades.len().div_ceil(8).max(1);
            let ticks = decades.into_iter().step_by(every).flat_map(|decade| parts.iter().map(move |part| power(*part, decade)));
            return ticks.filter(fits).map(|tick| tick / factor).collect();
        }
        let (first, last) = (ceil(low / step - 1e-9) as i64, floor(high / step + 1e-9) as i64);
        (first..=last).map(|tick| tick as f64 * step / factor).collect()
    }

    /// The same axis with numbers at these values only, as far as there is room for them.
    #[must_use]
    pub fn with_ticks(mut self, ticks: &[f64], room: impl Fn(&str) -> f64) -> Self {
        let mut free = f64::NEG_INFINITY;
        let mut kept = Vec::new();
        for tick in ticks {
            let half = room(&digits(tick * self.units.factor, 6)) / 2.0;
            if self.at(*tick) - half > free {
                free = self.at(*tick) + half;
                kept.push(*tick);
            }
        }
        self.ticks = kept;
        self
    }
}

/// `part` times ten to the `decade`, exactly rounded where it is below one.
fn power(part: f64, decade: i32) -> f64 {
    if decade < 0 { part / pow(10.0, f64::from(-decade)) } else { part * pow(10.0, f64::from(decade)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(values: &[f64], reach: Reach, unit: &str) -> Axis {
        Axis::new(values, reach, unit, (500.0, 0.0))
    }

    #[test]
    fn numbers_read_as_people_write_them() {
        let cases = [(0.0, "0"), (0.5, "0.5"), (12.34, "12.3"), (999.6, "1000"), (12_345.0, "12300"), (-0.25, "\u{2212}0.25")];
        for (number, text) in cases {
            assert_eq!(digits(number, 3), text);
        }
        assert_eq!((digits(1.5e9, 3), digits(2e-7, 3)), ("1.5·10⁹".into(), "2·10⁻⁷".into()));
        assert_eq!(
            (Units::of("s", 0.02).show(0.0123), Units::of("fraction", 0.5).show(0.5)),
            ("12.3\u{a0}ms".into(), "50\u{a0}%".into())
        );
        assert_eq!((Units::of("s", 90_000.0).name, Units::of("1/s", 5.0).name), ("h".into(), "1/s".into()));
    }

    #[test]
    fn values_are_rounded_to_what_the_interval_lets_one_know() {
        let cases = [
            ("fraction", 0.4873, 0.0841, "49 ± 8 %"),
            ("s", 0.2281, 0.0424, "230 ± 40 ms"),
            ("s", 0.0123, 0.000_204, "12.3 ± 0.2 ms"),
            ("s", -1.37, 0.199, "\u{2212}1.37 ± 0.20 s"),
        ];
        for (unit, value, half, text) in cases {
            assert_eq!(with_half(unit, value, Some(half)).replace('\u{a0}', " "), text);
        }
        assert_eq!(with_half("s", 0.5, None), "500\u{a0}ms");
    }

    #[test]
    fn linear_ticks_are_round_and_the_ends_are_ticks() {
        let axis = axis(&[0.0131, 0.0872], Reach::Zero, "s");
        assert_eq!(axis.numbers(), ["0", "20", "40", "60", "80", "100"]);
        assert_eq!((axis.at(0.0), axis.at(0.1), axis.units.name.as_str()), (500.0, 0.0, "ms"));
        assert!((axis.at(0.05) - 250.0).abs() < 1e-9);
    }

    #[test]
    fn wide_ranges_are_logarithmic_where_nothing_is_0() {
        let wide = axis(&[0.002, 1.5], Reach::Zero, "s");
        assert!(wide.is_log && !axis(&[0.0, 1.5], Reach::Zero, "s").is_log);
        assert_eq!(wide.numbers().first().map(String::as_str), Some("2"));
        let (a, b, c) = (wide.at(0.01), wide.at(0.1), wide.at(1.0));
        assert!(((a - b) - (b - c)).abs() < 1e-9, "equal ratios are equal distances");
        let huge = axis(&[1e-9, 1e6], Reach::Zero, "");
        assert!((4..=16).contains(&huge.ticks.len()) && huge.at(-1.0) == 500.0);
    }

    #[test]
    fn one_value_none_and_negative_ones_make_an_axis_too() {
        for values in [&[5.0][..], &[], &[0.0], &[-3.0, -1.0], &[f64::NAN], &[1e-300, 1e300]] {
            for reach in [Reach::Zero, Reach::Linear, Reach::Values, Reach::Exactly, Reach::ExactlyLog] {
                let axis = axis(values, reach, "s");
                assert!(axis.holds.0 < axis.holds.1 && axis.ticks.len() < 30, "{values:?} {reach:?} {axis:?}");
                assert!(values.iter().all(|value| value.is_nan() || axis.at(*value).is_finite()));
            }
        }
    }
}
