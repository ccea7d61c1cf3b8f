//! Goals: what a metric is to reach, and whether a run shows that it does.

use super::{Estimate, Measure};
use crate::model::{Expectations, Misunderstood, Model, Report};
use crate::units::{Probability, Rate, Span};
use serde::{Deserialize, Serialize};

/// A goal, such as `p99 < 200ms` or `utilization < 80%`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// As it was written, spaces put in order.
    pub text: String,
    /// Of which metric.
    pub measure: Measure,
    /// On which side of the limit it should lie.
    pub side: Side,
    /// The limit, in the unit of the metric.
    pub limit: f64,
}

/// On which side of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// Below it; figures are never exactly at a limit for any reason but rounding, so "at most" is the same.
    Below,
    /// Above it.
    Above,
}

/// What a run says about a goal, at the level of its interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// The whole interval lies on the right side of the limit.
    Met,
    /// The whole interval lies on the wrong side.
    Missed,
    /// The limit lies within the interval, or there is no figure or no interval.
    Undecided,
}

/// Why a text is no goal: which bytes of it, and what was expected there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidGoal {
    /// The part that is wrong; an empty range stands for the whole text.
    pub part: std::ops::Range<usize>,
    /// What is wrong, in one sentence.
    pub sentence: String,
    /// A few words of advice to stand beside the part.
    pub advice: String,
}

/// What to do where a text is no goal.
pub const GOAL_HELP: &str = "a goal is METRIC < LIMIT or METRIC > LIMIT; `lbsim list metrics` shows the metrics";

/// The relations, longer ones before those they begin with.
const RELATIONS: [(&str, Side); 6] = [
    ("<=", Side::Below),
    (">=", Side::Above),
    ("\u{2264}", Side::Below),
    ("\u{2265}", Side::Above),
    ("<", Side::Below),
    (">", Side::Above),
];

/// The characters that relations, and what people write for one, are made of.
const SIGNS: [char; 5] = ['<', '>', '\u{2264}', '\u{2265}', '='];

/// What a model expects of a run.
///
/// # Errors
/// Where a text is no goal: all of these at once, with their places.
pub fn goals(model: &Model) -> Result<Vec<Goal>, Report> {
    goals_of(&model.parts().expectations)
}

/// The goals that texts state.
///
/// # Errors
/// As [`goals`].
pub fn goals_of(expectations: &Expectations) -> Result<Vec<Goal>, Report> {
    let misunderstood =
        |InvalidGoal { part, sentence, advice }: InvalidGoal| Misunderstood { part, sentence, label: advice, help: GOAL_HELP };
    expectations.read(|text| Goal::parse(text).map_err(misunderstood))
}

impl Goal {
    /// Reads `METRIC < LIMIT` (or `<=`, `>`, `>=`): a duration for times, a rate for rates, a percentage or a number otherwise.
    ///
    /// # Errors
    /// Where it is none: what is wrong, and where.
    pub fn parse(text: &str) -> Result<Self, InvalidGoal> {
        let (name, side, limit) = split(text)?;
        let measure = measure(text, name)?;
        let limit = limit_of(text, measure, limit)?;
        Ok(Self { text: text.split_whitespace().collect::<Vec<_>>().join(" "), measure, side, limit })
    }

    /// The limit as it was written, such as `200ms`.
    #[must_use]
    pub fn limit_text(&self) -> &str {
        let at = self.text.find(SIGNS).unwrap_or(0);
        self.text[at..].trim_start_matches(SIGNS).trim_start()
    }

    /// What an estimate at `level` says about it that was made of `requests` requests.
    ///
    /// As [`Goal::judge`], but a fraction of requests that is 0 in every replication, which has an interval without length, is taken
    /// to be up to -ln((1 - level) / 2) / `requests`: so many without a single one have that probability (the "rule of
    /// three", Hanley and Lippman-Hand 1983), if requests are independent.
    #[must_use]
    pub fn judge_of(&self, estimate: &Estimate, requests: u64, level: f64) -> Verdict {
        let is_fraction = matches!(self.measure, Measure::Request(_)) && self.measure.unit().is_empty();
        if is_fraction && estimate.value == Some(0.0) && estimate.half_width == Some(0.0) {
            let most = -libm::log((1.0 - level) / 2.0) / requests.max(1) as f64;
            return self.judge(&Estimate { half_width: Some(most), ..estimate.clone() });
        }
        self.judge(estimate)
    }

    /// What an estimate says about it.
    #[must_use]
    pub fn judge(&self, estimate: &Estimate) -> Verdict {
        let (Some(value), Some(half_width)) = (estimate.value, estimate.half_width) else { return Verdict::Undecided };
        let beyond = match self.side {
            Side::Below => value - self.limit,
            Side::Above => self.limit - value,
        };
        match () {
            () if beyond + half_width < 0.0 => Verdict::Met,
            () if beyond - half_width > 0.0 => Verdict::Missed,
            () => Verdict::Undecided,
        }
    }
}

/// A complaint about `part` of `text`.
fn wrong(text: &str, part: &str, sentence: impl Into<String>, advice: impl Into<String>) -> InvalidGoal {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    InvalidGoal { part: start..start + part.len(), sentence: sentence.into(), advice: advice.into() }
}

/// The name of the metric, the side, and the limit.
fn split(text: &str) -> Result<(&str, Side, &str), InvalidGoal> {
    const EXAMPLE: &str = "such as `p99 < 200ms`";
    let Some(at) = text.find(SIGNS) else {
        return Err(wrong(text, text.trim(), "a goal needs `<` or `>` between a metric and a limit", EXAMPLE));
    };
    let rest = &text[at..];
    let Some((sign, side)) = RELATIONS.iter().find(|(sign, _)| rest.starts_with(sign)) else {
        let signs = rest.len() - rest.trim_start_matches('=').len();
        return Err(wrong(text, &rest[..signs], "a figure is never exactly at a limit: a goal needs `<` or `>`", EXAMPLE));
    };
    let (name, limit) = (text[..at].trim(), rest[sign.len()..].trim());
    if let Some(second) = limit.find(SIGNS) {
        return Err(wrong(text, &limit[second..], "a goal has one `<` or `>`", "write two goals"));
    }
    if name.is_empty() {
        return Err(wrong(text, text.trim(), "a goal begins with a metric", EXAMPLE));
    }
    if limit.is_empty() {
        return Err(wrong(text, text.trim(), "a goal ends with a limit", EXAMPLE));
    }
    Ok((name, *side, limit))
}

fn measure(text: &str, name: &str) -> Result<Measure, InvalidGoal> {
    if let Some(measure) = Measure::named(name) {
        return Ok(measure);
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(wrong(text, name, "a goal begins with a metric", "the limit comes last, as in `p99 < 200ms`"));
    }
    let advice = match closest(name) {
        _ if name.strip_prefix(['p', 'P']).is_some_and(|number| number.parse::<f64>().is_ok()) => {
            "the percentiles are p50, p90, p95, p99, p99.9, p99.99".into()
        }
        Some(closest) => format!("did you mean `{closest}`?"),
        None => "unknown".into(),
    };
    Err(wrong(text, name, format!("there is no metric `{}`", name.escape_debug()), advice))
}

/// The name of a metric nearest to what was written, if it is near.
fn closest(written: &str) -> Option<&'static str> {
    let written = written.to_lowercase().replace(['-', ' '], "_");
    let allowed = (written.chars().count() / 3).max(1);
    let short = Measure::short_names().iter().map(|(short, _)| *short);
    let near = short.chain(Measure::all().map(Measure::name));
    let near = near.map(|name| (strsim::damerau_levenshtein(&written, name), name)).filter(|(distance, _)| *distance <= allowed);
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

fn limit_of(text: &str, measure: Measure, limit: &str) -> Result<f64, InvalidGoal> {
    let refuse = |expected| wrong(text, limit, format!("the limit of `{}` must be {expected}", measure.name()), "this is none");
    measure.amount(limit).map_err(refuse)
}

impl Measure {
    /// An amount of the metric as people write it, in its unit: a duration, a rate, a percentage, a number.
    ///
    /// # Errors
    /// What it must be, with an example.
    pub fn amount(self, text: &str) -> Result<f64, &'static str> {
        amount(self.unit(), text)
    }
}

fn amount(unit: &str, text: &str) -> Result<f64, &'static str> {
    let number = || text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
    let (value, expected) = match unit {
        "s" => (text.parse().ok().map(|span: Span| span.as_secs()), "a duration such as `200ms`"),
        "1/s" => (text.parse().ok().map(|rate: Rate| rate.as_per_sec()), "a rate such as `300/s`"),
        "" => {
            let fraction = || text.parse().ok().map(|fraction: Probability| fraction.value());
            (if text.ends_with('%') { fraction() } else { number() }, "a number such as `0.8` or a percentage up to `100%`")
        }
        _ => (number(), "a number such as `12.5`"),
    };
    value.ok_or(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, part: &str, sentence: &str, advice: &str) {
        let wrong = Goal::parse(text).unwrap_err();
        assert_eq!((&text[wrong.part], &*wrong.sentence, &*wrong.advice), (part, sentence, advice));
    }

    #[test]
    fn goals_read_as_people_write_them() {
        for (text, name, side, limit) in [
            ("p99 < 200ms", "response_p99", Side::Below, 0.2),
            ("  p99.9<=1.5 s ", "response_p99_9", Side::Below, 1.5),
            ("mean \u{2264} 20 ms", "mean_response", Side::Below, 0.02),
            ("throughput \u{2265} 300/s", "throughput", Side::Above, 300.0),
            ("throughput>60/min", "throughput", Side::Above, 1.0),
            ("utilization < 80%", "utilization", Side::Below, 0.8),
            ("utilization < 0.8", "utilization", Side::Below, 0.8),
            ("max_over_mean_utilization < 1.2", "max_over_mean_utilization", Side::Below, 1.2),
            ("mean_in_queue < 1e1", "mean_in_queue", Side::Below, 10.0),
        ] {
            let goal = Goal::parse(text).unwrap();
            assert_eq!((goal.measure.name(), goal.side, goal.limit), (name, side, limit), "{text}");
        }
        let goal = Goal::parse(" p99\n<=   1 s").unwrap();
        assert_eq!((&*goal.text, goal.limit_text()), ("p99 <= 1 s", "1 s"));
    }

    #[test]
    fn each_mistake_has_its_sentence_and_its_place() {
        const EXAMPLE: &str = "such as `p99 < 200ms`";
        refused("p99 200ms", "p99 200ms", "a goal needs `<` or `>` between a metric and a limit", EXAMPLE);
        refused("", "", "a goal needs `<` or `>` between a metric and a limit", EXAMPLE);
        let exactly = "a figure is never exactly at a limit: a goal needs `<` or `>`";
        refused("p99 == 200ms", "==", exactly, EXAMPLE);
        refused("1ms < p99 < 2ms", "< 2ms", "a goal has one `<` or `>`", "write two goals");
        refused("p99 << 2ms", "< 2ms", "a goal has one `<` or `>`", "write two goals");
        refused("< 2ms", "< 2ms", "a goal begins with a metric", EXAMPLE);
        refused("p99 < ", "p99 <", "a goal ends with a limit", EXAMPLE);
        refused("200ms > p99", "200ms", "a goal begins with a metric", "the limit comes last, as in `p99 < 200ms`");
        let percentiles = "the percentiles are p50, p90, p95, p99, p99.9, p99.99";
        refused("p98 < 2ms", "p98", "there is no metric `p98`", percentiles);
        refused("mean-wiat < 2ms", "mean-wiat", "there is no metric `mean-wiat`", "did you mean `mean_wait`?");
        refused("joy > 1", "joy", "there is no metric `joy`", "unknown");
        let duration = "the limit of `response_p99` must be a duration such as `200ms`";
        refused("p99 < 200", "200", duration, "this is none");
        refused("p99 < -2ms", "-2ms", duration, "this is none");
        refused("throughput > 3", "3", "the limit of `throughput` must be a rate such as `300/s`", "this is none");
        let fraction = "the limit of `utilization` must be a number such as `0.8` or a percentage up to `100%`";
        for limit in ["120%", "x", "-0.1", "inf", "nan", "80 ms"] {
            refused(&format!("utilization < {limit}"), limit, fraction, "this is none");
        }
        refused("mean_in_queue < 3%", "3%", "the limit of `mean_in_queue` must be a number such as `12.5`", "this is none");
    }

    #[test]
    fn the_goals_of_a_model_are_told_with_their_places() {
        let model = |expect: &str, overrides: &[crate::model::Override]| {
            let text = format!(
                "Model(\n    clients: [Open(arrivals: Poisson(rate: \"1/s\"), demand: Constant(\"1ms\"))],\n    expect: {expect},\n)"
            );
            let source = crate::model::Source { name: "shop.ron", text: &text };
            crate::model::read(source, overrides, &crate::model::NoFiles).unwrap().model
        };
        let good = goals(&model(r#"["p99 < 200ms", r"utilization < 80%"]"#, &[])).unwrap();
        assert_eq!(good.iter().map(|goal| &*goal.text).collect::<Vec<_>>(), ["p99 < 200ms", "utilization < 80%"]);
        let places = |report: Report| -> Vec<String> {
            let place = |one: &crate::model::Diagnostic| {
                let (name, line, column) = report.locate(one.place).unwrap();
                format!("{name}:{line}:{column} +{}", one.place.end - one.place.start)
            };
            report.diagnostics().iter().map(place).collect()
        };
        // The very word; in a raw text; and all of a text whose bytes are not those that were written.
        let wrong = r##"["p98 < 200ms", r#"mean < 3"#, "p\u{39}8 < 1s", "p99 < 1s"]"##;
        let report = goals(&model(wrong, &[])).unwrap_err();
        assert_eq!(places(report), ["shop.ron:3:15 +3", "shop.ron:3:39 +1", "shop.ron:3:44 +15"]);
        let over = crate::model::Override::new("expect", "[\"joy > 1\"]");
        assert_eq!(places(goals(&model("[]", &[over])).unwrap_err()), ["--set:1:10 +3"]);
        let until = Expectations::from_origin("--until", &["p99 < 1s".into(), "p99 < 1".into()]);
        assert_eq!(places(goals_of(&until).unwrap_err()), ["--until:1:7 +1"]);
    }

    #[test]
    fn a_verdict_needs_the_whole_interval_on_one_side() {
        let below = Goal::parse("mean < 1s").unwrap();
        let above = Goal { side: Side::Above, ..below.clone() };
        let estimate = |value, half_width| Estimate { value, half_width, note: String::new() };
        for (value, half_width, verdict, opposite) in [
            (Some(0.8), Some(0.1), Verdict::Met, Verdict::Missed),
            (Some(1.2), Some(0.1), Verdict::Missed, Verdict::Met),
            (Some(0.95), Some(0.1), Verdict::Undecided, Verdict::Undecided),
            (Some(1.05), Some(0.1), Verdict::Undecided, Verdict::Undecided),
            (Some(0.8), None, Verdict::Undecided, Verdict::Undecided),
            (None, None, Verdict::Undecided, Verdict::Undecided),
        ] {
            assert_eq!(below.judge(&estimate(value, half_width)), verdict);
            assert_eq!(above.judge(&estimate(value, half_width)), opposite);
        }
        // Never seen among so many: below 3.7 / n with 97.5 %.
        let rare = Goal::parse("rejected < 0.1%").unwrap();
        let never = estimate(Some(0.0), Some(0.0));
        assert_eq!(rare.judge_of(&never, 3_600, 0.95), Verdict::Undecided);
        assert_eq!(rare.judge_of(&never, 3_700, 0.95), Verdict::Met);
        assert_eq!(rare.judge_of(&never, 3_700, 0.999), Verdict::Undecided);
        assert_eq!(below.judge_of(&estimate(Some(0.0), Some(0.0)), 1, 0.95), Verdict::Met);
    }
}
