//! The values that `lbsim size` may try: equal steps in exact decimals, with their unit.

/// Most digits before and after the point together.
const MOST_DIGITS: usize = 15;

/// A row of values such as 1, 2, 3 or 0.5, 0.75, 1 or 100/s, 110/s.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// The first one and the step, in units of the last decimal.
    first: i64,
    step: i64,
    decimals: usize,
    unit: String,
    /// The number of the last one, where there is an end.
    pub last: Option<u64>,
}

/// A decimal number and the unit behind it.
struct Amount {
    digits: i64,
    decimals: usize,
    unit: String,
}

impl Values {
    /// From `first` in steps of `step` to `last` at most. Units must agree; where the step has none it takes that of the first.
    pub fn new(first: &str, last: Option<&str>, step: Option<&str>) -> Result<Self, String> {
        let from = Amount::read(first, "--from")?;
        let to = last.map(|last| Amount::read(last, "--to")).transpose()?;
        let step = step.map(|step| Amount::read(step, "--step")).transpose()?;
        let step = step.unwrap_or(Amount { digits: 1, decimals: 0, unit: from.unit.clone() });
        for (option, other) in [("--step", Some(&step)), ("--to", to.as_ref())] {
            if other.is_some_and(|other| other.unit != from.unit) {
                return Err(format!("{option} must have the unit of --from, which is `{first}`"));
            }
        }
        let decimals = from.decimals.max(step.decimals).max(to.as_ref().map_or(0, |to| to.decimals));
        let (first, width) = (from.scaled(decimals), step.scaled(decimals));
        if width <= 0 {
            return Err("--step must be above 0".into());
        }
        let last = match to.map(|to| to.scaled(decimals) - first) {
            Some(range) if range < 0 => return Err("--to must not be below --from".into()),
            range => range.map(|range| (range / width).unsigned_abs()),
        };
        Ok(Self { first, step: width, decimals, unit: from.unit, last })
    }

    /// The value of that number, as it is written in a model.
    pub fn text(&self, number: u64) -> String {
        self.written(self.first.saturating_add(self.step.saturating_mul(i64::try_from(number).unwrap_or(i64::MAX))))
    }

    /// Where the row is one of whole numbers in steps of 1: the number before the first, and the half between. Where neither makes a
    /// model, the value is a count and none below the first does.
    pub fn below(&self) -> Option<[String; 2]> {
        let is_counted = self.decimals == 0 && self.step == 1 && self.unit.is_empty();
        is_counted.then(|| [self.written(self.first.saturating_sub(1)), format!("{}", self.first as f64 - 0.5)])
    }

    fn written(&self, digits: i64) -> String {
        let sign = if digits < 0 { "-" } else { "" };
        let power = 10_u64.pow(self.decimals as u32);
        let (whole, part) = (digits.unsigned_abs() / power, digits.unsigned_abs() % power);
        let fraction = if part == 0 { String::new() } else { format!(".{part:0width$}", width = self.decimals) };
        format!("{sign}{whole}{}{}", fraction.trim_end_matches('0'), self.unit)
    }
}

impl Amount {
    fn read(text: &str, option: &str) -> Result<Self, String> {
        let text = text.trim();
        let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
        let (whole, part) = text[..end].split_once('.').unwrap_or((&text[..end], ""));
        let digits = format!("{whole}{part}");
        let valid = !digits.is_empty() && digits.len() <= MOST_DIGITS && !part.contains('.');
        let number = digits.parse().ok().filter(|_| valid);
        number.map(|digits| Self { digits, decimals: part.len(), unit: text[end..].trim().to_owned() }).ok_or_else(|| {
            format!("{option} must be a number of at most {MOST_DIGITS} digits, with its unit if it has one, such as `4`, `0.5` or `100/s`")
        })
    }

    /// In units of the decimal of that number; 15 digits and 15 decimals at most fit, or nearly: what does not is as large as can be.
    fn scaled(&self, decimals: usize) -> i64 {
        self.digits.saturating_mul(10_i64.saturating_pow((decimals - self.decimals) as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(first: &str, last: Option<&str>, step: Option<&str>) -> Vec<String> {
        let values = Values::new(first, last, step).unwrap();
        (0..=values.last.unwrap_or(2)).map(|number| values.text(number)).collect()
    }

    #[test]
    fn steps_are_exact() {
        assert_eq!(row("1", None, None), ["1", "2", "3"]);
        assert_eq!(row("0.5", Some("1.3"), Some("0.25")), ["0.5", "0.75", "1", "1.25"]);
        assert_eq!(row("1", Some("1.3"), Some("0.1")), ["1", "1.1", "1.2", "1.3"]);
        assert_eq!(row("90/s", Some("110/s"), Some("10/s")), ["90/s", "100/s", "110/s"]);
        assert_eq!(row("20 ms", Some("40ms"), Some("10ms")), ["20ms", "30ms", "40ms"]);
        let below = |first, step| Values::new(first, None, step).unwrap().below();
        assert_eq!(below("1", None), Some(["0".into(), "0.5".into()]));
        assert_eq!(below("0", Some("1")), Some(["-1".into(), "-0.5".into()]));
        assert_eq!(
            [below("1", Some("2")), below("0.5", None), below("1", Some("0.1")), below("1ms", None)],
            [None, None, None, None]
        );
    }

    #[test]
    fn what_is_no_row_is_refused() {
        for (first, last, step, part) in [
            ("x", None, None, "--from must be a number"),
            ("1.2.3", None, None, "--from must be a number"),
            ("1", Some("-2"), None, "--to must be a number"),
            ("3", Some("2"), None, "--to must not be below --from"),
            ("3", None, Some("0"), "--step must be above 0"),
            ("3/s", Some("9"), None, "--to must have the unit of --from, which is `3/s`"),
            ("3", Some("9"), Some("1ms"), "--step must have the unit of --from"),
            ("1234567890123456", None, None, "at most 15 digits"),
        ] {
            let message = Values::new(first, last, step).unwrap_err();
            assert!(message.contains(part), "{message}");
        }
    }
}
