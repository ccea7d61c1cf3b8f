//! Reads distributions of durations: `LogNormal(mean: "40ms", cv: 1.5)`, `Constant("10ms")`.

use super::fields::{Fields, Slot};
use super::problem::{Known, Problem, quoted};
use super::syntax::{Body, Node, Value};
use super::values;
use crate::random::{Distribution, InvalidDistribution, SpanDistribution};

/// Most entries of a list of probabilities or values.
const MOST_ENTRIES: usize = 1_000;

/// The names of the kinds in model files.
const KINDS: [&str; 11] = [
    "Constant",
    "Uniform",
    "Exponential",
    "Erlang",
    "Gamma",
    "Hyperexponential",
    "LogNormal",
    "Weibull",
    "Pareto",
    "BoundedPareto",
    "Discrete",
];

/// A distribution of durations.
pub(super) fn spans(slot: Slot<'_>) -> Option<SpanDistribution> {
    let Some(word) = slot.group().and_then(|group| group.name) else {
        slot.expected_with("a distribution such as `Exponential(mean: \"20ms\")`", advice(slot.node));
        return None;
    };
    let Some(kind) = KINDS.into_iter().find(|kind| *kind == word.text) else {
        values::unknown_kind(slot, "distribution", &KINDS, Known::Listed { list: "distributions", count: KINDS.len() });
        return None;
    };
    let nanos = match Ask::open(slot, kind)? {
        Asked::Alone(value) => alone(kind, value),
        Asked::Fields(mut ask) => {
            let made = named(kind, &mut ask);
            ask.finish(made)
        }
    };
    nanos.map(SpanDistribution::from_nanos)
}

/// The kind from its only parameter, written without a name.
fn alone(kind: &'static str, value: Slot<'_>) -> Option<Distribution> {
    let nanos = nanos(value)?;
    let made = if kind == "Constant" { Distribution::constant(nanos) } else { Distribution::exponential(nanos) };
    made.map_err(|InvalidDistribution { expected, .. }| value.expected(expected)).ok()
}

/// The kind from its named parameters. All of them are looked at, even if one is wrong.
fn named(kind: &'static str, ask: &mut Ask<'_>) -> Option<Result<Distribution, InvalidDistribution>> {
    Some(match kind {
        "Constant" => Distribution::constant(ask.span("value")?),
        "Exponential" => Distribution::exponential(ask.span("mean")?),
        "Uniform" => {
            let (low, high) = (ask.span("low"), ask.span("high"));
            Distribution::uniform(low?, high?)
        }
        "Erlang" => {
            let (shape, mean) = (ask.whole("shape"), ask.span("mean"));
            Distribution::erlang(shape?, mean?)
        }
        "Gamma" => {
            let (shape, mean) = (ask.number("shape"), ask.span("mean"));
            Distribution::gamma(shape?, mean?)
        }
        "Hyperexponential" => {
            let (probs, means) = (ask.probabilities("probs"), ask.spans("means"));
            Distribution::hyperexponential(&probs?, &means?)
        }
        "LogNormal" => {
            let (mean, cv) = (ask.span("mean"), ask.number("cv"));
            Distribution::log_normal(mean?, cv?)
        }
        "Weibull" => {
            let (shape, scale) = (ask.number("shape"), ask.weibull_scale());
            let (shape, scale) = (shape?, scale?);
            Distribution::weibull(shape, scale(shape))
        }
        "Pareto" => {
            let (shape, scale) = (ask.number("shape"), ask.span("scale"));
            Distribution::pareto(shape?, scale?)
        }
        "BoundedPareto" => {
            let (shape, low, high) = (ask.number("shape"), ask.span("low"), ask.span("high"));
            Distribution::bounded_pareto(shape?, low?, high?)
        }
        "Discrete" => {
            let (values, probs) = (ask.spans("values"), ask.probabilities("probs"));
            Distribution::discrete(&values?, &probs?)
        }
        _ => return None,
    })
}

enum Asked<'a> {
    /// One value without a name.
    Alone(Slot<'a>),
    Fields(Ask<'a>),
}

/// Asks for the parameters of one kind. Durations are answered in nanoseconds.
struct Ask<'a> {
    kind: &'static str,
    fields: Fields<'a>,
}

impl<'a> Ask<'a> {
    fn open(slot: Slot<'a>, kind: &'static str) -> Option<Asked<'a>> {
        if let Some(Body::Items(items)) = slot.group().map(|group| &group.body) {
            if matches!(kind, "Constant" | "Exponential") && items.len() == 1 {
                let field = if kind == "Constant" { "value" } else { "mean" };
                return Some(Asked::Alone(Slot { field, ..slot.part(&items[0]) }));
            }
        }
        Some(Asked::Fields(Self { kind, fields: Fields::of(slot, quoted(kind))? }))
    }

    fn span(&mut self, name: &'static str) -> Option<f64> {
        self.fields.required(name, "\"20ms\"", nanos)
    }

    fn number(&mut self, name: &'static str) -> Option<f64> {
        self.fields.required(name, "1.5", values::number)
    }

    fn whole(&mut self, name: &'static str) -> Option<u32> {
        self.fields.required(name, "4", values::count(1..=u32::MAX))
    }

    fn spans(&mut self, name: &'static str) -> Option<Vec<f64>> {
        self.fields.required(name, "[\"1ms\", \"9ms\"]", values::list("durations", MOST_ENTRIES, nanos))
    }

    fn probabilities(&mut self, name: &'static str) -> Option<Vec<f64>> {
        let decode = |slot: Slot<'a>| values::probability(slot).map(crate::units::Probability::value);
        self.fields.required(name, "[0.5, 0.5]", values::list("probabilities", MOST_ENTRIES, decode))
    }

    /// The scale of a Weibull distribution as a function of its shape: as written, or from the mean.
    fn weibull_scale(&mut self) -> Option<impl Fn(f64) -> f64 + use<>> {
        let (scale, mean) = (self.fields.slot("scale"), self.fields.slot("mean"));
        let findings = self.fields.findings();
        let (by_mean, slot) = match (scale, mean) {
            (Some(_), Some(mean)) => {
                let problem = Problem::BothFields { one: "scale", other: "mean", advice: "leave one of them out" };
                findings.add(problem, mean.node.place);
                return None;
            }
            (None, None) => {
                let (one, other, example) = ("scale", "mean", "mean: \"20ms\"");
                findings.add(Problem::NeitherField { owner: "`Weibull`", one, other, example }, self.fields.head());
                return None;
            }
            (Some(scale), None) => (false, scale),
            (None, Some(mean)) => (true, mean),
        };
        let nanos = nanos(slot)?;
        Some(move |shape: f64| if by_mean { nanos / libm::tgamma(1.0 + 1.0 / shape) } else { nanos })
    }

    /// Ends the reading; says so if the parameters do not make a distribution.
    fn finish(self, made: Option<Result<Distribution, InvalidDistribution>>) -> Option<Distribution> {
        let Self { kind, fields } = self;
        let made = match made {
            Some(Err(InvalidDistribution { parameter, expected })) => {
                let problem = Problem::Distribution { name: kind, parameter, expected: expected.to_string() };
                fields.findings().add(problem, fields.place(parameter));
                None
            }
            Some(Ok(made)) => Some(made),
            None => None,
        };
        fields.finish();
        made
    }
}

/// What to write where a duration stands in the place of a distribution.
fn advice(node: &Node<'_>) -> Option<String> {
    match &node.value {
        Value::Text(text) if text.parse::<crate::units::Span>().is_ok() => {
            Some(format!("write Constant(\"{text}\") or Exponential(\"{text}\")"))
        }
        _ => None,
    }
}

fn nanos(slot: Slot<'_>) -> Option<f64> {
    values::duration(slot).map(|span| span.as_nanos() as f64)
}
