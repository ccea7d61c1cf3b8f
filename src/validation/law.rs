//! The distributions of the neutral model.

use super::Skip;
use super::fields::Fields;
use crate::random::{Distribution, InvalidDistribution, SpanDistribution};
use serde_json::Value;

/// A distribution of durations as a case writes it: numbers that give its shape, and durations that stretch it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Law {
    /// Its place in [`KINDS`].
    kind: usize,
    shape: Vec<f64>,
    secs: Vec<f64>,
}

/// A kind of distribution in the neutral model.
struct Kind {
    name: &'static str,
    /// The parameters that are no durations.
    shape: &'static [&'static str],
    /// The parameters that are.
    secs: &'static [&'static str],
    /// What they make, the durations in any unit.
    make: fn(&[f64], &[f64]) -> Result<Distribution, InvalidDistribution>,
}

/// All kinds; two of one name differ in the parameters they are given by.
const KINDS: [Kind; 13] = [
    Kind { name: "deterministic", shape: &[], secs: &["value"], make: |_, t| Distribution::constant(t[0]) },
    Kind { name: "exponential", shape: &[], secs: &["mean"], make: |_, t| Distribution::exponential(t[0]) },
    Kind { name: "erlang", shape: &["shape"], secs: &["mean"], make: |s, t| erlang(s[0], t[0]) },
    Kind { name: "gamma", shape: &["shape"], secs: &["mean"], make: |s, t| Distribution::gamma(s[0], t[0]) },
    Kind { name: "gamma", shape: &["shape"], secs: &["scale"], make: |s, t| Distribution::gamma(s[0], s[0] * t[0]) },
    Kind { name: "gamma", shape: &["scv"], secs: &["mean"], make: |s, t| Distribution::gamma(1.0 / s[0], t[0]) },
    Kind { name: "hyperexponential", shape: &["probs"], secs: &["means"], make: Distribution::hyperexponential },
    Kind { name: "lognormal", shape: &["scv"], secs: &["mean"], make: |s, t| Distribution::log_normal(t[0], s[0].sqrt()) },
    Kind { name: "pareto", shape: &["shape"], secs: &["scale"], make: |s, t| Distribution::pareto(s[0], t[0]) },
    Kind {
        name: "bounded_pareto",
        shape: &["shape"],
        secs: &["low", "high"],
        make: |s, t| Distribution::bounded_pareto(s[0], t[0], t[1]),
    },
    Kind { name: "weibull", shape: &["shape"], secs: &["scale"], make: |s, t| Distribution::weibull(s[0], t[0]) },
    Kind { name: "discrete", shape: &["probs"], secs: &["values"], make: |s, t| Distribution::discrete(t, s) },
    Kind { name: "uniform", shape: &[], secs: &["low", "high"], make: |_, t| Distribution::uniform(t[0], t[1]) },
];

fn erlang(shape: f64, mean: f64) -> Result<Distribution, InvalidDistribution> {
    if shape.fract() != 0.0 || !(1.0..=1e6).contains(&shape) {
        return Err(InvalidDistribution { parameter: "shape", expected: "a whole number from 1 to a million" });
    }
    Distribution::erlang(shape as u32, mean)
}

impl Law {
    pub fn read(what: &'static str, value: &Value) -> Result<Self, Skip> {
        let mut fields = Fields::of(what, value)?;
        let name = fields.text("dist")?;
        let written: Vec<&str> = fields.names().filter(|field| *field != "dist").collect();
        let fits = |kind: &Kind| {
            let mut names = kind.shape.iter().chain(kind.secs);
            kind.name == name && written.len() == kind.shape.len() + kind.secs.len() && names.all(|name| written.contains(name))
        };
        if !KINDS.iter().any(|kind| kind.name == name) {
            return Err(Skip::new(format!("distribution `{name}` is not built yet")));
        }
        let kind = KINDS.iter().position(fits);
        let kind = kind.ok_or_else(|| Skip::new(format!("distribution `{name}` with the parameters {}", written.join(", "))))?;
        let mut read = |names: &[&'static str]| names.iter().map(|name| fields.numbers(name)).collect::<Result<Vec<_>, _>>();
        let law = Self { kind, shape: read(KINDS[kind].shape)?.concat(), secs: read(KINDS[kind].secs)?.concat() };
        law.distribution()?;
        Ok(law)
    }

    /// The distribution of durations.
    pub fn distribution(&self) -> Result<SpanDistribution, Skip> {
        self.in_units(1e9).map(SpanDistribution::from_nanos)
    }

    /// The distribution, its durations as numbers of seconds.
    pub fn in_secs(&self) -> Result<Distribution, Skip> {
        self.in_units(1.0)
    }

    /// The distribution, its durations in units of which a second has so many.
    fn in_units(&self, per_sec: f64) -> Result<Distribution, Skip> {
        let kind = &KINDS[self.kind];
        // Parameters that are lists have names in the plural; the others must be single numbers.
        let single =
            |names: &[&str], numbers: &[f64]| names.iter().any(|name| name.ends_with('s')) || names.len() == numbers.len();
        if !single(kind.shape, &self.shape) || !single(kind.secs, &self.secs) {
            return Err(Skip::new(format!("distribution `{}` with a list where a number belongs", kind.name)));
        }
        let units: Vec<f64> = self.secs.iter().map(|secs| secs * per_sec).collect();
        (kind.make)(&self.shape, &units)
            .map_err(|fault| Skip::new(format!("distribution `{}`: {} is not {}", kind.name, fault.parameter, fault.expected)))
    }

    /// How many times longer this is than `other`, where it is `other` stretched.
    pub fn stretch_of(&self, other: &Self) -> Option<f64> {
        let ratio = self.secs.first()? / other.secs.first()?;
        let near = |one: f64, two: f64| (one - two).abs() <= 1e-12 * two.abs();
        let alike = self.kind == other.kind && self.shape == other.shape && self.secs.len() == other.secs.len();
        let stretched = self.secs.iter().zip(&other.secs).all(|(&mine, theirs)| near(mine, ratio * theirs));
        (alike && stretched && ratio.is_finite() && ratio > 0.0).then_some(ratio)
    }

    /// The power of the tail: moments of this order and above are infinite. Nothing where all moments exist.
    pub fn tail(&self) -> Option<f64> {
        (KINDS[self.kind].name == "pareto").then(|| self.shape[0])
    }
}
