//! A small experiment, really simulated, for the tests of this room and of those that show its findings: three strategies, one
//! with a slow tail, at four loads.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::{Analysis, Best, BestVerdict, Comparison, Difference, Effect, EffectKind, Heat, PointResult, TailPoint};
use crate::experiment::{Compared, Design, Exact, Factor, Level, Plan, PlanFile, PlannedPoint, Scale, Stopping, run};
use crate::model::{NoFiles, Override, Source, read};
use crate::observe::{Fold, Goal, Measure, Record, Shape, Verdict};
use crate::stats::paired_difference;

const MODEL: &str = r#"Model(
    clients: [Open(arrivals: Poisson(rate: "200/s"), demand: Exponential(mean: "10ms"))],
    servers: [Pool(name: "web", count: 4)],
    run: Steady(length: "2min", replications: 6),
)"#;
const STRATEGIES: [&str; 3] = ["Random", "RoundRobin", "JoinShortestQueue"];
const RATES: [u32; 4] = [200, 260, 320, 360];

/// The findings of the small experiment.
///
/// # Panics
/// Where the experiment itself is wrong.
#[must_use]
pub fn sample() -> Analysis {
    let levels = |(strategy, rate): (usize, usize)| vec![strategy, rate];
    let grid: Vec<(usize, usize)> = (0..3).flat_map(|strategy| (0..4).map(move |rate| (strategy, rate))).collect();
    let (mut points, mut folds, mut results) = (Vec::new(), Vec::new(), Vec::new());
    let goal = Goal::parse("p99 < 200ms").unwrap();
    for &(strategy, rate) in &grid {
        let set = [
            Override::new("balancer.algorithm", STRATEGIES[strategy]),
            Override::new("clients[0].arrivals.rate", format!("{}/s", RATES[rate])),
        ];
        let model = read(Source { name: "sample.ron", text: MODEL }, &set, &NoFiles).unwrap().model;
        let mut fold = Fold::new(&model);
        let mut heat = None;
        run(&model, 0..6, |record| {
            heat.get_or_insert_with(|| picture(&record, &Shape::of(&model)));
            fold.add(&record);
        });
        let (lambda, mu) = (f64::from(RATES[rate]) / 4.0, 100.0);
        let theory = Exact { measure: Measure::named("mean").unwrap(), value: 1.0 / (mu - lambda), formula: "M/M/1".into() };
        points.push(PlannedPoint {
            levels: levels((strategy, rate)),
            fingerprint: format!("{strategy}{rate}"),
            shape: Shape::of(&model),
            offered_load: Some(f64::from(RATES[rate]) / 400.0),
            expected_requests: f64::from(RATES[rate]) * 120.0,
            theory: if strategy == 0 { vec![theory] } else { Vec::new() },
        });
        folds.push(fold.clone());
        results.push(result(fold, heat, &goal));
    }
    let factor = |name: &str, unit: &str, scale, levels: Vec<(String, Option<f64>)>| Factor {
        name: name.into(),
        unit: unit.into(),
        scale,
        levels: levels.into_iter().map(|(label, number)| Level { label, number }).collect(),
    };
    let plan = Plan {
        name: "sample".into(),
        about: "Which strategy, at which load?".into(),
        files: vec![PlanFile { name: "sample.ron".into(), text: MODEL.into() }],
        seed: 1,
        factors: vec![
            factor("strategy", "", Scale::Category, STRATEGIES.iter().map(|name| ((*name).into(), None)).collect()),
            factor(
                "load",
                "1/s",
                Scale::Linear,
                RATES.iter().map(|rate| (format!("{rate}/s"), Some(f64::from(*rate)))).collect(),
            ),
        ],
        design: Design::Factorial,
        stopping: Stopping::Fixed,
        metrics: vec![Measure::named("mean").unwrap(), Measure::named("p99").unwrap()],
        compared: Some(Compared { factor: 0, baseline: 1 }),
        goals: vec![goal],
        charts: Vec::new(),
        points,
    };
    let comparisons = comparisons(&plan, &folds);
    let conditions = plan.conditions();
    let best = |points: Vec<usize>| Best {
        verdict: BestVerdict::Selected { point: points[2], probability: 0.95, indifference: 0.0 },
        points,
    };
    let effect =
        |level| Effect { kind: EffectKind::Main { factor: 0, level }, mean: 0.01 - 0.01 * level as f64, half_width: 0.001 };
    Analysis {
        comparisons,
        best: conditions.into_iter().map(best).collect(),
        effects: (0..3).map(effect).collect(),
        sentences: vec!["At each load JoinShortestQueue has the shortest mean response.".into()],
        points: results,
        plan,
    }
}

fn result(fold: Fold, heat: Option<Heat>, goal: &Goal) -> PointResult {
    let total = fold.total();
    let mut left = total.completed();
    let mut tail = Vec::new();
    for bucket in total.sojourn_times.buckets() {
        left -= bucket.count;
        if left > 0 {
            tail.push(TailPoint { secs: bucket.upper as f64 * 1e-9, fraction: left as f64 / total.completed() as f64 });
        }
    }
    let summary = fold.summary();
    let verdict = goal.judge(goal.measure.estimate(&summary));
    assert!(matches!(verdict, Verdict::Met | Verdict::Missed | Verdict::Undecided));
    PointResult { summary, tail, heat, goals: vec![verdict] }
}

fn picture(record: &Record, shape: &Shape) -> Heat {
    let servers: Vec<String> = shape.server_names().collect();
    let mut ends_secs = vec![shape.run.measured_from().as_secs()];
    ends_secs.extend(record.windows.iter().map(|window| window.to.as_secs()));
    let of = |server: usize| record.pictured.iter().skip(server).step_by(servers.len()).map(|used| f64::from(*used)).collect();
    Heat { utilization: (0..servers.len()).map(of).collect(), servers, ends_secs }
}

fn comparisons(plan: &Plan, folds: &[Fold]) -> Vec<Comparison> {
    let mut comparisons = Vec::new();
    for &measure in &plan.metrics {
        for condition in plan.conditions() {
            for &point in condition.iter().filter(|point| **point != condition[1]) {
                let figures = |point: usize| folds[point].figures().iter().map(|f| measure.figure(f)).collect::<Vec<_>>();
                let (a, b) = (figures(point), figures(condition[1]));
                let interval = paired_difference(&a, &b, 0.95).unwrap().interval;
                let baseline = b.iter().sum::<f64>() / b.len() as f64;
                let difference = Difference {
                    mean: interval.mean,
                    half_width: interval.half_width,
                    joint_half_width: 1.6 * interval.half_width,
                    relative: Some((interval.mean / baseline, interval.half_width / baseline)),
                    p_value: 0.001,
                    is_shown: interval.mean.abs() > 1.6 * interval.half_width,
                    pairs: a.len(),
                };
                comparisons.push(Comparison { measure, point, baseline: condition[1], difference: Ok(difference) });
            }
        }
    }
    comparisons
}

#[test]
fn the_sample_is_complete() {
    let sample = sample();
    assert_eq!((sample.points.len(), sample.best.len(), sample.comparisons.len()), (12, 4, 16));
    assert!(sample.points.iter().all(|point| point.tail.len() > 100 && point.heat.as_ref().unwrap().servers.len() == 4));
}
