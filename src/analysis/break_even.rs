//! Where a contrast is 0: the level of a factor from which on something pays.

use super::contrasts::in_replications;
use super::{Analysis, BreakEven, LEVEL, Zero};
use crate::experiment::{Design, Factor, Plan, Scale};
use crate::observe::written::{capitalised, three_digits, time_unit, value_and_error};
use crate::observe::{Fold, Measure};
use crate::stats::{mean_interval, zero_crossing};

/// Where each contrast of the plan passes through 0 along the first factor made of numbers that is not compared. Nothing of a contrast that does so
/// under no condition.
pub(super) fn break_evens(plan: &Plan, folds: &[Fold]) -> Vec<BreakEven> {
    let Some(factor) = along(plan) else { return Vec::new() };
    let runs = runs(plan, factor);
    let mut found = Vec::new();
    for measure in &plan.metrics {
        for contrast in 0..plan.contrasts.len() {
            let of_run = |run: &Vec<Vec<usize>>| BreakEven {
                measure: *measure,
                contrast,
                factor,
                conditions: run.iter().filter_map(|points| points.first().copied()).collect(),
                zero: zero(plan, folds, (*measure, contrast), factor, run),
            };
            let all: Vec<BreakEven> = runs.iter().map(of_run).collect();
            if all.iter().any(|one| matches!(one.zero, Zero::At { .. })) {
                found.extend(all);
            }
        }
    }
    found
}

/// The factor along which one looks.
fn along(plan: &Plan) -> Option<usize> {
    let compared = plan.compared?.factor;
    let is_it =
        |(index, factor): &(usize, &Factor)| *index != compared && factor.scale != Scale::Category && factor.levels.len() > 1;
    plan.factors.iter().enumerate().find(is_it).filter(|_| plan.design == Design::Factorial).map(|(index, _)| index)
}

/// The conditions, in runs that agree in all but the factor, each in the order of its numbers.
fn runs(plan: &Plan, factor: usize) -> Vec<Vec<Vec<usize>>> {
    let compared = plan.compared.map(|compared| compared.factor);
    let others = |points: &[usize]| -> Vec<usize> {
        let levels = plan.points[points[0]].levels.iter().enumerate();
        levels.filter(|(of, _)| *of != factor && Some(*of) != compared).map(|(_, level)| *level).collect()
    };
    let mut runs: Vec<Vec<Vec<usize>>> = Vec::new();
    for condition in plan.conditions().into_iter().filter(|points| !points.is_empty()) {
        match runs.iter_mut().find(|run| others(&run[0]) == others(&condition)) {
            Some(run) => run.push(condition),
            None => runs.push(vec![condition]),
        }
    }
    runs.iter_mut().for_each(|run| run.sort_by(|one, other| number(plan, factor, one).total_cmp(&number(plan, factor, other))));
    runs
}

fn number(plan: &Plan, factor: usize, condition: &[usize]) -> f64 {
    plan.factors[factor].levels[plan.points[condition[0]].levels[factor]].number.unwrap_or(f64::NAN)
}

/// Where it is 0 along one run of conditions: between the last that is shown to be on one side and the first that is shown to be on the other.
fn zero(plan: &Plan, folds: &[Fold], of: (Measure, usize), factor: usize, run: &[Vec<usize>]) -> Zero {
    let curves: Result<Vec<Vec<f64>>, String> = run.iter().map(|condition| in_replications(plan, folds, of, condition)).collect();
    let curves = match curves {
        Ok(curves) => curves,
        Err(reason) => return Zero::Unknown(reason),
    };
    let side = |values: &Vec<f64>| {
        let interval = mean_interval(values, LEVEL)?;
        (!interval.contains(0.0)).then_some(interval.mean > 0.0)
    };
    let shown: Vec<(usize, bool)> =
        curves.iter().enumerate().filter_map(|(place, values)| Some((place, side(values)?))).collect();
    let changes: Vec<&[(usize, bool)]> = shown.windows(2).filter(|pair| pair[0].1 != pair[1].1).collect();
    match (&changes[..], &shown[..]) {
        ([], []) => Zero::Unknown("it is shown to differ from 0 nowhere".into()),
        ([], [(_, is_above), ..]) if shown.len() == run.len() => Zero::Nowhere { is_above: *is_above },
        ([], [(_, is_above), ..]) => {
            let labels = shown.iter().map(|(place, _)| {
                let level = plan.points[run[*place][0]].levels[factor];
                plan.factors[factor].levels[level].label.clone()
            });
            let (side, labels) = (if *is_above { "above" } else { "below" }, labels.collect::<Vec<_>>());
            Zero::Unknown(format!("{side} 0 at {}, elsewhere it may be nothing", crate::observe::written::list(&labels)))
        }
        ([pair], _) => {
            let (from, to) = (pair[0].0, pair[1].0);
            let places: Vec<f64> = run[from..=to].iter().map(|condition| number(plan, factor, condition)).collect();
            let between = [from, to].map(|place| plan.points[run[place][0]].levels[factor]);
            match zero_crossing(&places, &curves[from..=to], LEVEL) {
                Some(place) => Zero::At { level: place.mean, half_width: place.half_width, between, rises: pair[1].1 },
                None => Zero::Unknown("too few replications".into()),
            }
        }
        _ => Zero::Unknown("it changes its side more than once".into()),
    }
}

impl BreakEven {
    /// The levels of the factors that are the same in the whole run: `case short sessions`; empty where there are no others.
    #[must_use]
    pub fn condition(&self, plan: &Plan) -> String {
        let compared = plan.compared.map(|compared| compared.factor);
        let Some(&point) = self.conditions.first() else { return String::new() };
        let levels = plan.factors.iter().zip(&plan.points[point].levels).enumerate();
        let others = levels.filter(|(factor, _)| *factor != self.factor && Some(*factor) != compared);
        others.map(|(_, (factor, level))| factor.levels[*level].label.clone()).collect::<Vec<_>>().join(", ")
    }

    /// Where, in words: `4.2 ± 0.3 ms`, or that there is no such level.
    #[must_use]
    pub fn place(&self, plan: &Plan) -> String {
        let factor = &plan.factors[self.factor];
        match &self.zero {
            Zero::At { level, half_width, .. } => in_unit(&factor.unit, *level, *half_width),
            Zero::Nowhere { is_above } => {
                let numbers = factor.levels.iter().filter_map(|level| Some((level.number?, &level.label)));
                let mut labels: Vec<(f64, &String)> = numbers.collect();
                labels.sort_by(|one, other| one.0.total_cmp(&other.0));
                let ends = labels.first().zip(labels.last());
                let ends = ends.map_or_else(String::new, |(first, last)| format!(" from {} to {}", first.1, last.1));
                format!("nowhere, {} 0{ends}", if *is_above { "above" } else { "below" })
            }
            Zero::Unknown(reason) => format!("not known: {reason}"),
        }
    }

    /// ` (between 2ms and 4ms)`: the levels next to it at which the sign is shown; nothing where there are none.
    #[must_use]
    pub fn between(&self, plan: &Plan) -> String {
        let Zero::At { between, .. } = &self.zero else { return String::new() };
        let [from, to] = between.map(|level| &plan.factors[self.factor].levels[level].label);
        format!(" (between {from} and {to})")
    }
}

fn in_unit(unit: &str, value: f64, half_width: f64) -> String {
    let (unit, length) = if unit == "s" { time_unit(value) } else { (unit, 1.0) };
    let (shown, error) = value_and_error(value / length, half_width / length);
    let number = if half_width > 0.0 { format!("{shown} ± {error}") } else { three_digits(value / length) };
    match unit {
        "" => number,
        unit if unit.starts_with("1/") => format!("{number}{}", &unit[1..]),
        unit => format!("{number} {unit}"),
    }
}

/// Where each contrast breaks even, by the leading metric, with the levels between which that is.
pub(super) fn sentences(analysis: &Analysis) -> Vec<String> {
    let plan = &analysis.plan;
    let tell = |(number, contrast): (usize, &crate::experiment::Contrast)| {
        let is_it = |one: &&BreakEven| one.contrast == number && one.measure == plan.lead();
        let mut places: Vec<String> = Vec::new();
        let mut factor = None;
        for one in analysis.break_evens.iter().filter(is_it) {
            let condition = one.condition(plan);
            factor = Some(&plan.factors[one.factor].name);
            let colon = if condition.is_empty() { "" } else { ": " };
            places.push(format!("{condition}{colon}{}{}", one.place(plan), one.between(plan)));
        }
        factor.map(|factor| {
            let (name, title) = (capitalised(&contrast.name), plan.lead().title());
            let places = places.join("; ");
            format!("{name}, in {title}, breaks even along {factor}, taken as straight between levels, at {places}.")
        })
    };
    plan.contrasts.iter().enumerate().filter_map(tell).collect()
}
