//! Findings that are hard to draw, made from the small simulated experiment.

use crate::analysis::sample::sample;
use crate::analysis::{Analysis, Best, BestVerdict, Comparison, Difference, Effect, EffectKind};
use crate::experiment::{Compared, Factor, Level, Scale};
use crate::observe::{Convergence, Estimate};
use std::sync::OnceLock;

/// The small experiment, simulated once.
pub fn plain() -> Analysis {
    static SAMPLE: OnceLock<Analysis> = OnceLock::new();
    SAMPLE.get_or_init(sample).clone()
}

/// All that is hard, by name.
pub fn all() -> Vec<(&'static str, Analysis)> {
    vec![
        ("plain", plain()),
        ("one-level", strategies(&["Random"], &[1.0])),
        ("two-levels-many-conditions", conditions(2)),
        ("ten-long-names", ten()),
        ("twenty-levels", twenty()),
        ("thirty-levels", thirty()),
        ("huge-range", strategies(&["Quick", "Slow", "Endless"], &[1e-3, 1.0, 400.0])),
        ("not-converged", not_converged()),
        ("one-replication", one_replication()),
        ("nothing-at-all", nothing()),
        ("three-factors", conditions(3)),
        ("no-comparison", uncompared()),
    ]
}

fn ten() -> Analysis {
    let names: Vec<String> = (1..=10).map(|d| format!("WeightedPowerOfD(choices: {d}, weights: [1, 2, 3, 4])")).collect();
    let scales: Vec<f64> = (0..10).map(|d| 1.0 - 0.02 * f64::from(d)).collect();
    strategies(&names.iter().map(String::as_str).collect::<Vec<_>>(), &scales)
}

fn twenty() -> Analysis {
    let names: Vec<String> = (1..=20).map(|d| format!("PowerOfD({d})")).collect();
    let scales: Vec<f64> = (0..20).map(|d| 2.0 / f64::from(d + 1)).collect();
    strategies(&names.iter().map(String::as_str).collect::<Vec<_>>(), &scales)
}

/// As many levels as there are algorithms, the best in the middle of the list; one is without figures in every condition, the last one
/// under the highest load.
pub fn thirty() -> Analysis {
    let names: Vec<String> = (0..30).map(|number| format!("WeightedLeastConnections{number}")).collect();
    let scales: Vec<f64> = (0..30).map(|number| 1.0 + 0.2 * f64::from((number - 17_i32).abs())).collect();
    let mut made = strategies(&names.iter().map(String::as_str).collect::<Vec<_>>(), &scales);
    for point in (3 * 4..4 * 4).chain([29 * 4 + 3]) {
        withhold(&mut made, point);
    }
    judged(made)
}

/// The first strategy under other names, slower and faster by these factors; compared with the second name where there is one.
pub fn strategies(names: &[&str], scales: &[f64]) -> Analysis {
    let plain = plain();
    let mut made = plain.clone();
    made.plan.factors[0].levels = names.iter().map(|name| Level { label: (*name).into(), number: None }).collect();
    made.plan.compared = (names.len() > 1).then_some(Compared { factor: 0, baseline: 1 });
    (made.plan.points, made.points) = (Vec::new(), Vec::new());
    for (level, scale) in scales.iter().enumerate() {
        for load in 0..4 {
            let mut planned = plain.plan.points[load].clone();
            planned.levels[0] = level;
            planned.theory.iter_mut().for_each(|exact| exact.value *= scale);
            let mut result = plain.points[load].clone();
            let scaled = |estimate: &mut Estimate| {
                estimate.value = estimate.value.map(|value| value * scale);
                estimate.half_width = estimate.half_width.map(|half| half * scale);
            };
            result.summary.total.iter_mut().for_each(scaled);
            result.tail.iter_mut().for_each(|tail| tail.secs *= scale);
            made.plan.points.push(planned);
            made.points.push(result);
        }
    }
    judged(made)
}

/// Comparisons, the best and effects anew, after points were changed.
fn judged(mut made: Analysis) -> Analysis {
    made.comparisons.clear();
    made.best.clear();
    let metrics = made.plan.metrics.clone();
    for condition in made.plan.conditions().into_iter().filter(|_| made.plan.compared.is_some()) {
        let baseline = condition[1];
        for (&measure, &point) in metrics.iter().flat_map(|measure| condition.iter().map(move |point| (measure, point))) {
            if point == baseline {
                continue;
            }
            let figure = |point: usize| measure.estimate(&made.points[point].summary).value;
            let difference = match (figure(point), figure(baseline)) {
                (Some(a), Some(b)) => Ok(Difference {
                    mean: a - b,
                    half_width: 0.05 * b,
                    joint_half_width: 0.09 * b,
                    relative: (b != 0.0).then_some((a / b - 1.0, 0.05)),
                    p_value: 0.001,
                    is_shown: (a - b).abs() > 0.09 * b,
                    pairs: 6,
                }),
                _ => Err("not converged".to_owned()),
            };
            made.comparisons.push(Comparison { measure, point, baseline, difference });
        }
        let verdict = match made.best.len() % 4 {
            0 => BestVerdict::Among { points: condition.iter().take(5).copied().collect(), probability: 0.95 },
            1 => BestVerdict::Unknown("one point has not converged".into()),
            _ => BestVerdict::Selected { point: condition[condition.len() - 1], probability: 0.95, indifference: 0.001 },
        };
        made.best.push(Best { measure: made.plan.lead(), left_out: Vec::new(), points: condition, verdict });
    }
    let main = |factor: usize, level: usize| Effect {
        is_shown: true,
        kind: EffectKind::Main { factor, level },
        mean: 0.01 * (level as f64 - 2.0),
        half_width: 0.002,
    };
    let levels = |factor: usize| made.plan.factors[factor].levels.len();
    made.effects =
        (0..made.plan.factors.len()).flat_map(|factor| (0..levels(factor)).map(move |level| main(factor, level))).collect();
    let both = |level: usize| Effect {
        is_shown: true,
        kind: EffectKind::Interaction { factors: [0, 1], levels: [level, 3] },
        mean: -0.004 * (level as f64 + 0.5),
        half_width: 0.001,
    };
    let interactions: Vec<Effect> = (0..levels(0)).map(both).collect();
    made.effects.extend(interactions);
    made
}

/// A point that has not forgotten its start has no figures.
pub fn not_converged() -> Analysis {
    let mut made = plain();
    for point in [3, 7] {
        withhold(&mut made, point);
    }
    judged(made)
}

fn withhold(made: &mut Analysis, point: usize) {
    let summary = &mut made.points[point].summary;
    summary.convergence = Convergence::NotConverged { needed_secs: 1e4 };
    let missing = || Estimate { value: None, half_width: None, note: "not converged".into() };
    summary.total.iter_mut().chain(&mut summary.system).for_each(|estimate| *estimate = missing());
    made.points[point].tail.clear();
}

fn one_replication() -> Analysis {
    let mut made = plain();
    for result in &mut made.points {
        result.summary.replications.truncate(1);
        let all = result.summary.total.iter_mut().chain(&mut result.summary.system);
        all.for_each(|estimate| estimate.half_width = None);
    }
    (made.comparisons, made.effects) = (Vec::new(), Vec::new());
    made.best.iter_mut().for_each(|best| best.verdict = BestVerdict::Unknown("one replication".into()));
    made
}

fn nothing() -> Analysis {
    let mut made = plain();
    for result in &mut made.points {
        result.summary.convergence = Convergence::NotConverged { needed_secs: 1e4 };
        let all = result.summary.total.iter_mut().chain(&mut result.summary.system);
        all.for_each(|estimate| *estimate = Estimate { value: None, half_width: None, note: "not converged".into() });
        result.tail.clear();
        result.heat = None;
    }
    made.comparisons.iter_mut().for_each(|comparison| comparison.difference = Err("not converged".into()));
    made.best.iter_mut().for_each(|best| best.verdict = BestVerdict::Unknown("not converged".into()));
    made.effects.clear();
    made
}

/// The small experiment with further factors of names and numbers.
fn conditions(factors: usize) -> Analysis {
    let mut made = plain();
    let disciplines = ["FirstComeFirstServed", "ProcessorSharing", "ShortestRemainingTime"];
    made.plan.factors.push(Factor {
        name: "discipline".into(),
        unit: String::new(),
        scale: Scale::Category,
        levels: disciplines.iter().map(|name| Level { label: (*name).into(), number: None }).collect(),
    });
    if factors > 2 {
        let levels = (0..5).map(|power| Level { label: format!("{} servers", 1 << power), number: Some(f64::from(1 << power)) });
        made.plan.factors.push(Factor {
            name: "servers".into(),
            unit: String::new(),
            scale: Scale::Log,
            levels: levels.collect(),
        });
    }
    let (points, results) = (std::mem::take(&mut made.plan.points), std::mem::take(&mut made.points));
    for (planned, result) in points.into_iter().zip(results) {
        for discipline in 0..3 {
            for servers in 0..if factors > 2 { 5 } else { 1 } {
                let mut planned = planned.clone();
                planned.levels.push(discipline);
                if factors > 2 {
                    planned.levels.push(servers);
                }
                made.plan.points.push(planned);
                made.points.push(result.clone());
            }
        }
    }
    judged(made)
}

/// Two factors of numbers, and nothing compared.
fn uncompared() -> Analysis {
    let mut made = plain();
    made.plan.compared = None;
    made.plan.factors[0] = Factor {
        name: "timeout".into(),
        unit: "s".into(),
        scale: Scale::Log,
        levels: [0.01, 0.1, 1.0].map(|secs| Level { label: format!("{secs} s"), number: Some(secs) }).to_vec(),
    };
    (made.comparisons, made.best) = (Vec::new(), Vec::new());
    made
}
