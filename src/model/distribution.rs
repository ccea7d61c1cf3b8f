//! Reads distributions of durations: `LogNormal(mean: "40ms", cv: 1.5)`, `Constant("10ms")`.

use super::problem::ModelProblem;
use crate::notation::{Body, Fields, Known, Node, Problem, Slot, Value, quoted, values, whole_of};
use crate::random::{Distribution, InvalidDistribution, SpanDistribution};

/// Most entries of a list of probabilities or values.
const MOST_ENTRIES: usize = 1_000;

/// What the amounts of a distribution are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Amount {
    /// Durations, in nanoseconds.
    Spans,
    /// Amounts of data, in bytes.
    Sizes,
    /// Plain numbers.
    Numbers,
}

impl Amount {
    /// An example of one.
    const fn example(self) -> &'static str {
        match self {
            Self::Spans => "\"20ms\"",
            Self::Sizes => "\"4 kB\"",
            Self::Numbers => "8",
        }
    }

    /// An example of a list of some.
    const fn examples(self) -> &'static str {
        match self {
            Self::Spans => "[\"1ms\", \"9ms\"]",
            Self::Sizes => "[\"1 kB\", \"90 kB\"]",
            Self::Numbers => "[1, 9]",
        }
    }

    /// An example of a mean.
    const fn mean(self) -> &'static str {
        match self {
            Self::Spans => "mean: \"20ms\"",
            Self::Sizes => "mean: \"4 kB\"",
            Self::Numbers => "mean: 8",
        }
    }

    const fn one(self) -> &'static str {
        match self {
            Self::Spans => "duration",
            Self::Sizes => "amount of data",
            Self::Numbers => "number",
        }
    }

    const fn several(self) -> &'static str {
        match self {
            Self::Spans => "durations",
            Self::Sizes => "amounts of data",
            Self::Numbers => "numbers",
        }
    }

    fn read(self, slot: Slot<'_>) -> Option<f64> {
        match self {
            Self::Spans => values::duration(slot).map(|span| span.as_nanos() as f64),
            Self::Sizes => values::bytes(slot).map(|bytes| bytes.get() as f64),
            Self::Numbers => values::number(slot),
        }
    }
}

/// A distribution of durations.
pub(super) fn spans(slot: Slot<'_>) -> Option<SpanDistribution> {
    read(slot, Amount::Spans).map(SpanDistribution::from_nanos)
}

/// A distribution of amounts of data, its numbers in bytes.
pub(super) fn sizes(slot: Slot<'_>) -> Option<Distribution> {
    read(slot, Amount::Sizes)
}

/// A distribution of plain numbers.
pub(super) fn numbers(slot: Slot<'_>) -> Option<Distribution> {
    read(slot, Amount::Numbers)
}

fn read(slot: Slot<'_>, amount: Amount) -> Option<Distribution> {
    let Some(word) = slot.group().and_then(|group| group.name) else {
        let example = format!("a distribution such as `Exponential({})`", amount.mean());
        slot.expected_with(example, if amount == Amount::Spans { advice(slot.node) } else { None });
        return None;
    };
    let kinds = Distribution::help();
    let Some(kind) = kinds.iter().find(|kind| kind.name == word.text) else {
        let names: Vec<&str> = kinds.iter().map(|kind| kind.name).collect();
        values::unknown_kind(slot, "distribution", &names, Known::Listed { list: "distributions", count: names.len() });
        return None;
    };
    match (slot.group().map(|group| &group.body), kind.parameters) {
        (Some(Body::Items(items)), [only]) if items.len() == 1 => {
            let field = only.name;
            alone(kind.name, amount, Slot { field, entry: false, ..slot.part(&items[0]) })
        }
        _ => {
            let mut ask = Ask { kind: kind.name, amount, fields: Fields::of(slot, quoted(kind.name))? };
            let made = named(&mut ask);
            ask.finish(made)
        }
    }
}

/// The kind from its only parameter, written without a name.
fn alone(kind: &'static str, amount: Amount, value: Slot<'_>) -> Option<Distribution> {
    let number = amount.read(value)?;
    let made = match kind {
        "Constant" => Distribution::constant(number),
        _ => Distribution::exponential(number),
    };
    made.map_err(|invalid| value.findings.add(&problem(kind, amount, invalid), value.node.head())).ok()
}

/// What is wrong with a parameter, in the words of the kind and of what is drawn.
fn problem(kind: &'static str, amount: Amount, InvalidDistribution { parameter, expected }: InvalidDistribution) -> ModelProblem {
    let help = Distribution::help().into_iter().find(|help| help.name == kind);
    let asked = help.and_then(|help| help.parameters.iter().find(|asked| asked.name == parameter));
    let expected = match asked {
        Some(asked) if asked.amount => {
            let words = expected.split_once(" (").map_or(expected, |(words, _)| words);
            words.replace("number", amount.one())
        }
        _ => expected.to_string(),
    };
    ModelProblem::Distribution { name: kind, parameter, expected }
}

/// The kind from its named parameters. All of them are looked at, even if one is wrong.
fn named(ask: &mut Ask<'_>) -> Option<Result<Distribution, InvalidDistribution>> {
    Some(match ask.kind {
        "Constant" => Distribution::constant(ask.amount("value")?),
        "Exponential" => Distribution::exponential(ask.amount("mean")?),
        "Uniform" => {
            let (low, high) = (ask.amount("low"), ask.amount("high"));
            Distribution::uniform(low?, high?)
        }
        "Erlang" => {
            let (shape, mean) = (ask.whole("shape"), ask.amount("mean"));
            Distribution::erlang(shape?, mean?)
        }
        "Gamma" => {
            let (shape, mean) = (ask.number("shape"), ask.amount("mean"));
            Distribution::gamma(shape?, mean?)
        }
        "Hyperexponential" => {
            let (probs, means) = (ask.probabilities("probs"), ask.amounts("means"));
            Distribution::hyperexponential(&probs?, &means?)
        }
        "LogNormal" => {
            let (mean, cv) = (ask.amount("mean"), ask.number("cv"));
            Distribution::log_normal(mean?, cv?)
        }
        "Weibull" => {
            let (shape, scale) = (ask.number("shape"), ask.either_amount("scale", "mean"));
            match scale? {
                ("scale", scale) => Distribution::weibull(shape?, scale),
                (_, mean) => Distribution::weibull_with_mean(shape?, mean),
            }
        }
        "Pareto" => {
            let (shape, scale) = (ask.number("shape"), ask.amount("scale"));
            Distribution::pareto(shape?, scale?)
        }
        "BoundedPareto" => {
            let (shape, low, high) = (ask.number("shape"), ask.amount("low"), ask.amount("high"));
            Distribution::bounded_pareto(shape?, low?, high?)
        }
        "Discrete" => {
            let (values, probs) = (ask.amounts("values"), ask.probabilities("probs"));
            Distribution::discrete(&values?, &probs?)
        }
        _ => return None,
    })
}

/// Asks for the parameters of one kind. Durations are answered in nanoseconds, amounts of data in bytes.
struct Ask<'a> {
    kind: &'static str,
    amount: Amount,
    fields: Fields<'a>,
}

impl<'a> Ask<'a> {
    fn amount(&mut self, name: &'static str) -> Option<f64> {
        let amount = self.amount;
        self.fields.required(name, amount.example(), |slot| amount.read(slot))
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

    fn amounts(&mut self, name: &'static str) -> Option<Vec<f64>> {
        let amount = self.amount;
        let decode = values::list(amount.several(), MOST_ENTRIES, move |slot| amount.read(slot));
        self.fields.required(name, amount.examples(), decode)
    }

    fn probabilities(&mut self, name: &'static str) -> Option<Vec<f64>> {
        let decode = |slot: Slot<'a>| values::probability(slot).map(crate::units::Probability::value);
        self.fields.required(name, "[0.5, 0.5]", values::list("probabilities", MOST_ENTRIES, decode))
    }

    /// One of two amounts, and which of them.
    fn either_amount(&mut self, one: &'static str, other: &'static str) -> Option<(&'static str, f64)> {
        let (first, second) = (self.fields.slot(one), self.fields.slot(other));
        match (first, second) {
            (Some(slot), None) => Some((one, self.amount.read(slot)?)),
            (None, Some(slot)) => Some((other, self.amount.read(slot)?)),
            (Some(_), Some(slot)) => {
                let problem = Problem::BothFields { one, other, advice: "leave one of them out" };
                slot.findings.add(&problem, slot.node.place);
                None
            }
            (None, None) => {
                let owner = quoted(self.kind);
                let problem = Problem::NeitherField { owner, one, other, example: self.amount.mean() };
                self.fields.findings().add(&problem, self.fields.head());
                None
            }
        }
    }

    /// Ends the reading; says so if the parameters do not make a distribution.
    fn finish(self, made: Option<Result<Distribution, InvalidDistribution>>) -> Option<Distribution> {
        let Self { kind, amount, fields } = self;
        let made = match made {
            Some(Err(invalid)) => {
                fields.findings().add(&problem(kind, amount, invalid), fields.place(invalid.parameter));
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
