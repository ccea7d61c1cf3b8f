//! Reads distributions of durations: `LogNormal(mean: "40ms", cv: 1.5)`, `Constant("10ms")`.

use super::problem::ModelProblem;
use crate::notation::{Body, Fields, Known, Node, Problem, Slot, Value, quoted, values, whole_of};
use crate::random::{Distribution, InvalidDistribution, SpanDistribution};

/// Most entries of a list of probabilities or values.
const MOST_ENTRIES: usize = 1_000;

/// A distribution of durations.
pub(super) fn spans(slot: Slot<'_>) -> Option<SpanDistribution> {
    let Some(word) = slot.group().and_then(|group| group.name) else {
        slot.expected_with("a distribution such as `Exponential(mean: \"20ms\")`", advice(slot.node));
        return None;
    };
    let kinds = Distribution::help();
    let Some(kind) = kinds.iter().find(|kind| kind.name == word.text) else {
        let names: Vec<&str> = kinds.iter().map(|kind| kind.name).collect();
        values::unknown_kind(slot, "distribution", &names, Known::Listed { list: "distributions", count: names.len() });
        return None;
    };
    let nanos = match (slot.group().map(|group| &group.body), kind.parameters) {
        (Some(Body::Items(items)), [only]) if items.len() == 1 => {
            let field = only.name;
            alone(kind.name, Slot { field, entry: false, ..slot.part(&items[0]) })
        }
        _ => {
            let mut ask = Ask { kind: kind.name, fields: Fields::of(slot, quoted(kind.name))? };
            let made = named(&mut ask);
            ask.finish(made)
        }
    };
    nanos.map(SpanDistribution::from_nanos)
}

/// The kind from its only parameter, written without a name.
fn alone(kind: &'static str, value: Slot<'_>) -> Option<Distribution> {
    let nanos = nanos(value)?;
    let made = match kind {
        "Constant" => Distribution::constant(nanos),
        _ => Distribution::exponential(nanos),
    };
    made.map_err(|invalid| value.findings.add(&problem(kind, invalid), value.node.head())).ok()
}

/// What is wrong with a parameter, in the words of the kind; amounts are durations here.
fn problem(kind: &'static str, InvalidDistribution { parameter, expected }: InvalidDistribution) -> ModelProblem {
    let help = Distribution::help().into_iter().find(|help| help.name == kind);
    let asked = help.and_then(|help| help.parameters.iter().find(|asked| asked.name == parameter));
    let expected = match asked {
        Some(asked) if asked.amount => {
            let words = expected.split_once(" (").map_or(expected, |(words, _)| words);
            words.replace("number", "duration")
        }
        _ => expected.to_string(),
    };
    ModelProblem::Distribution { name: kind, parameter, expected }
}

/// The kind from its named parameters. All of them are looked at, even if one is wrong.
fn named(ask: &mut Ask<'_>) -> Option<Result<Distribution, InvalidDistribution>> {
    Some(match ask.kind {
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
            let (shape, scale) = (ask.number("shape"), ask.either_span("scale", "mean"));
            match scale? {
                ("scale", scale) => Distribution::weibull(shape?, scale),
                (_, mean) => Distribution::weibull_with_mean(shape?, mean),
            }
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

/// Asks for the parameters of one kind. Durations are answered in nanoseconds.
struct Ask<'a> {
    kind: &'static str,
    fields: Fields<'a>,
}

impl<'a> Ask<'a> {
    fn span(&mut self, name: &'static str) -> Option<f64> {
        self.fields.required(name, "\"20ms\"", nanos)
    }

    fn number(&mut self, name: &'static str) -> Option<f64> {
        self.fields.required(name, "1.5", values::number)
    }

    fn whole(&mut self, name: &'static str) -> Option<u32> {
        // The kind knows the range: what no 32 bits can hold is out of it as well.
        let decode = |slot: Slot<'a>| {
            let number = match &slot.node.value {
                Value::Number(text) => whole_of(text),
                _ => None,
            };
            if number.is_none() {
                slot.expected("a whole number");
            }
            number.map(|number| u32::try_from(number).unwrap_or(u32::MAX))
        };
        self.fields.required(name, "4", decode)
    }

    fn spans(&mut self, name: &'static str) -> Option<Vec<f64>> {
        self.fields.required(name, "[\"1ms\", \"9ms\"]", values::list("durations", MOST_ENTRIES, nanos))
    }

    fn probabilities(&mut self, name: &'static str) -> Option<Vec<f64>> {
        let decode = |slot: Slot<'a>| values::probability(slot).map(crate::units::Probability::value);
        self.fields.required(name, "[0.5, 0.5]", values::list("probabilities", MOST_ENTRIES, decode))
    }

    /// One of two durations, and which of them.
    fn either_span(&mut self, one: &'static str, other: &'static str) -> Option<(&'static str, f64)> {
        let (first, second) = (self.fields.slot(one), self.fields.slot(other));
        match (first, second) {
            (Some(slot), None) => Some((one, nanos(slot)?)),
            (None, Some(slot)) => Some((other, nanos(slot)?)),
            (Some(_), Some(slot)) => {
                let problem = Problem::BothFields { one, other, advice: "leave one of them out" };
                slot.findings.add(&problem, slot.node.place);
                None
            }
            (None, None) => {
                let owner = quoted(self.kind);
                let problem = Problem::NeitherField { owner, one, other, example: "mean: \"20ms\"" };
                self.fields.findings().add(&problem, self.fields.head());
                None
            }
        }
    }

    /// Ends the reading; says so if the parameters do not make a distribution.
    fn finish(self, made: Option<Result<Distribution, InvalidDistribution>>) -> Option<Distribution> {
        let Self { kind, fields } = self;
        let made = match made {
            Some(Err(invalid)) => {
                fields.findings().add(&problem(kind, invalid), fields.place(invalid.parameter));
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
