//! What is said of a small experiment, and of what is made of it: twins, gaps, unequal numbers of replications.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use super::sample::simulated;
use super::{Analysis, BestVerdict, Comparison, Zero, analyse};
use crate::experiment::{Contrast, PlannedPoint, Stopping, replicate};
use crate::model::{NoFiles, Override, Source, read};
use crate::observe::{Fold, Measure, Verdict};

/// The points are strategy by rate, four rates each: Random 0 to 3, the baseline `RoundRobin` 4 to 7, `JoinShortestQueue` 8 to 11.
const BASELINE: usize = 4;

fn mean() -> Measure {
    Measure::named("mean").unwrap()
}

fn figures(fold: &Fold, measure: Measure) -> Vec<f64> {
    fold.figures().iter().map(|figures| measure.figure(figures)).collect()
}

fn comparison(analysis: &Analysis, measure: Measure, point: usize) -> &Comparison {
    analysis.comparisons.iter().find(|comparison| comparison.measure == measure && comparison.point == point).unwrap()
}

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1e-3), "{found} is not {expected}");
}

#[test]
fn a_difference_is_that_of_the_replications_pair_by_pair() {
    let (plan, folds) = simulated();
    let (a, b) = (figures(&folds[9], mean()), figures(&folds[5], mean()));
    let analysis = analyse(plan, &folds, &[]);
    let found = comparison(&analysis, mean(), 9);
    assert_eq!(found.baseline, BASELINE + 1);
    let found = found.difference.as_ref().unwrap();
    let expected = a.iter().zip(&b).map(|(a, b)| a - b).sum::<f64>() / 6.0;
    close(found.mean, expected);
    close(found.relative.unwrap().0, a.iter().sum::<f64>() / b.iter().sum::<f64>() - 1.0);
    assert_eq!(found.pairs, 6);
    // Eight comparisons of a metric hold together.
    let factor = |level| crate::stats::two_sided(level, 5.0).unwrap();
    close(found.joint_half_width / found.half_width, factor(1.0 - 0.05 / 8.0) / factor(0.95));
    assert!(found.is_shown && found.p_value < 1e-4);
}

#[test]
fn a_contrast_adds_and_takes_away_replication_by_replication() {
    let (mut plan, folds) = simulated();
    let contrast =
        |name: &str, plus: &[usize], minus: &[usize]| Contrast { name: name.into(), plus: plus.into(), minus: minus.into() };
    plan.contrasts = vec![contrast("both", &[0, 1], &[2, 2]), contrast("nothing", &[1], &[1])];
    let analysis = analyse(plan, &folds, &[]);
    let at_260: Vec<_> = analysis.contrasts.iter().filter(|result| result.measure == mean() && result.condition == 1).collect();
    let [both, nothing] = &at_260[..] else { panic!("two contrasts: {at_260:?}") };
    let [random, in_turn, shortest] = [1, 5, 9].map(|point: usize| figures(&folds[point], mean()));
    let sums: Vec<f64> = (0..6).map(|place| random[place] + in_turn[place] - 2.0 * shortest[place]).collect();
    let average = sums.iter().sum::<f64>() / 6.0;
    let variance = sums.iter().map(|sum| (sum - average).powi(2)).sum::<f64>() / 5.0;
    let (mean, half) = *both.amount.as_ref().unwrap();
    close(mean, average);
    close(half, crate::stats::two_sided(0.95, 5.0).unwrap() * (variance / 6.0).sqrt());
    assert_eq!((nothing.amount.clone(), nothing.replications), (Ok((0.0, 0.0)), 6));
    let said = analysis.sentences.join("\n");
    assert!(said.contains("Both, in mean response time: ") && said.contains("which may be nothing at load 260/s"), "{said}");
}

#[test]
fn a_contrast_breaks_even_where_its_sign_changes() {
    let (mut plan, folds) = simulated();
    // A random choice takes less than twice as long as the shortest queue at low load, and more at high load.
    let contrast =
        |name: &str, plus: &[usize], minus: &[usize]| Contrast { name: name.into(), plus: plus.into(), minus: minus.into() };
    plan.contrasts = vec![contrast("loss by chance", &[0], &[2]), contrast("twice", &[0], &[2, 2])];
    let analysis = analyse(plan.clone(), &folds, &[]);
    let of_mean: Vec<_> = analysis.break_evens.iter().filter(|one| one.measure == mean()).collect();
    let [twice] = &of_mean[..] else { panic!("the first is above 0 throughout: {of_mean:?}") };
    assert_eq!((twice.contrast, twice.factor, &twice.conditions[..]), (1, 1, &[0, 1, 2, 3][..]));
    let Zero::At { level, half_width, between, rises: true } = twice.zero else { panic!("{twice:?}") };
    assert!(200.0 < level - half_width && level + half_width < 320.0 && half_width > 0.0, "{level} ± {half_width}");
    let labels = between.map(|level| plan.factors[1].levels[level].number.unwrap());
    assert!(labels[0] < level && level < labels[1], "{level} between {labels:?}");
    let said = analysis.sentences.join("\n");
    let expected = "Twice, in mean response time, breaks even along load, taken as straight between levels, at 2";
    assert!(said.contains(expected), "{said}");
    assert!(!said.contains("Loss by chance, in mean response time, breaks even"), "{said}");

    // The loads in two halves, 200/s and 320/s, 320/s and 360/s: in the second it is above 0 throughout.
    let mut folds = folds;
    let half = crate::experiment::Factor {
        name: "half".into(),
        unit: String::new(),
        scale: crate::experiment::Scale::Category,
        levels: ["low", "high"].map(|label| crate::experiment::Level { label: label.into(), number: None }).into(),
    };
    plan.factors[1].levels = vec![plan.factors[1].levels[0].clone(), plan.factors[1].levels[2].clone()];
    plan.factors.push(half);
    for strategy in 0..3 {
        folds[4 * strategy + 1] = folds[4 * strategy + 2].clone();
        for (rate, levels) in [[0, 0], [0, 1], [1, 0], [1, 1]].into_iter().enumerate() {
            plan.points[4 * strategy + rate].levels = vec![strategy, levels[0], levels[1]];
        }
    }
    let analysis = analyse(plan, &folds, &[]);
    let zeros: Vec<&Zero> = analysis.break_evens.iter().filter(|one| one.measure == mean()).map(|one| &one.zero).collect();
    assert!(matches!(zeros[..], [Zero::At { rises: true, .. }, Zero::Nowhere { is_above: true }]), "{zeros:?}");
    let said = analysis.sentences.join("\n");
    assert!(said.contains("; high: nowhere, above 0 from 200/s to 320/s."), "{said}");
}

#[test]
fn a_strategy_beside_its_twin_is_neither_better_nor_worse() {
    let (plan, mut folds) = simulated();
    for rate in 0..4 {
        folds[rate] = folds[BASELINE + rate].clone();
    }
    let analysis = analyse(plan, &folds, &[]);
    for rate in 0..4 {
        let found = comparison(&analysis, mean(), rate).difference.as_ref().unwrap();
        assert_eq!((found.mean, found.p_value, found.is_shown), (0.0, 1.0, false));
    }
    let said = analysis.sentences.join("\n");
    assert!(
        said.contains("No difference from RoundRobin in mean response time that these runs can show: Random at load 200/s"),
        "{said}"
    );
    // Without the third strategy the best is one of the twins, and nobody can say which.
    let (mut plan, mut folds) = simulated();
    folds.truncate(8);
    plan.points.truncate(8);
    plan.factors[0].levels.truncate(2);
    for rate in 0..4 {
        folds[rate] = folds[BASELINE + rate].clone();
    }
    let analysis = analyse(plan, &folds, &[]);
    for (rate, best) in analysis.best.iter().enumerate() {
        assert_eq!(best.verdict, BestVerdict::Among { points: vec![rate, BASELINE + rate], probability: 0.95 });
    }
    assert!(
        analysis.sentences.iter().any(|said| said.ends_with("these runs do not tell: Random or RoundRobin.")),
        "{:?}",
        analysis.sentences
    );
}

#[test]
fn of_unequal_numbers_of_replications_the_common_ones_are_compared() {
    let (plan, mut folds) = simulated();
    let model = model("JoinShortestQueue", "200/s");
    let mut short = Fold::new(&model);
    (0..4).for_each(|replication| short.add(&replicate(&model, replication)));
    folds[8] = short;
    for measure in [mean(), Measure::named("p99").unwrap()] {
        let (a, b) = (figures(&folds[8], measure), figures(&folds[BASELINE], measure));
        let analysis = analyse(plan.clone(), &folds, &[]);
        let found = comparison(&analysis, measure, 8).difference.as_ref().unwrap();
        assert_eq!(found.pairs, 4);
        close(found.mean, a.iter().zip(&b).map(|(a, b)| a - b).sum::<f64>() / 4.0);
        assert!(analysis.effects.is_empty(), "effects need as many replications of every point");
    }
}

fn model(strategy: &str, rate: &str) -> crate::model::Model {
    let text = r#"Model(
        clients: [Open(arrivals: Poisson(rate: "200/s"), demand: Exponential(mean: "10ms"))],
        servers: [Pool(name: "web", count: 4)],
        run: Steady(length: "2min", replications: 6),
    )"#;
    let set = [Override::new("balancer.algorithm", strategy), Override::new("clients[0].arrivals.rate", rate)];
    read(Source { name: "sample.ron", text }, &set, &NoFiles).unwrap().model
}

#[test]
fn what_has_not_converged_or_is_not_simulated_has_no_figure_and_is_told() {
    let (mut plan, mut folds) = simulated();
    let overloaded = model("Random", "500/s");
    let mut fold = Fold::new(&overloaded);
    (0..6).for_each(|replication| fold.add(&replicate(&overloaded, replication)));
    plan.points[3] = PlannedPoint::of(vec![0, 3], &overloaded);
    folds[3] = fold;
    folds[8] = Fold::new(&model("JoinShortestQueue", "200/s"));
    let analysis = analyse(plan, &folds, &[8]);
    assert_eq!(comparison(&analysis, mean(), 3).difference, Err("not converged".into()));
    assert_eq!(comparison(&analysis, mean(), 8).difference, Err("nothing simulated yet".into()));
    assert_eq!(mean().estimate(&analysis.points[3].summary).value, None);
    assert_eq!(analysis.points[8].goals, [Verdict::Undecided]);
    assert!(analysis.points[3].tail.is_empty() && analysis.effects.is_empty());
    // The others of these conditions are still compared.
    assert!(matches!(analysis.best[3].verdict, BestVerdict::Selected { point: 11, .. }));
    let said = analysis.sentences.join("\n");
    assert!(
        said.contains("Unfinished: of 1 of 12 points replications are still missing (strategy JoinShortestQueue, load 200/s)"),
        "{said}"
    );
    assert!(said.contains("Not converged, so without figures: strategy Random, load 360/s."), "{said}");
}

#[test]
fn who_has_not_converged_is_told_by_the_number_of_conditions() {
    let (mut plan, mut folds) = simulated();
    let overloaded = model("Random", "500/s");
    let mut fold = Fold::new(&overloaded);
    (0..6).for_each(|replication| fold.add(&replicate(&overloaded, replication)));
    for point in [0, 1, 2, 3, 5, 6, 10, 11] {
        plan.points[point] = PlannedPoint::of(vec![point / 4, point % 4], &overloaded);
        folds[point] = fold.clone();
    }
    let said = analyse(plan, &folds, &[]).sentences.join("\n");
    let expected = "8 of 12 points have not converged and have no figures: Random in 4 of 4 conditions; RoundRobin and \
                    JoinShortestQueue in 2.";
    assert!(said.contains(expected), "{said}");
    assert!(
        said.contains("JoinShortestQueue has the lowest mean response time at load 200/s (95 % sure); Random has none."),
        "{said}"
    );
}

#[test]
fn the_findings_read_as_a_person_would_say_them() {
    let (plan, folds) = simulated();
    let analysis = analyse(plan, &folds, &[]);
    insta::assert_snapshot!(analysis.sentences.join("\n"));
}

/// The race is run with all that was simulated; who leads it without having converged is not chosen.
#[test]
fn what_has_not_converged_may_lose_a_race_but_not_win_it() {
    let (mut plan, mut folds) = simulated();
    plan.stopping = Stopping::Best { measure: mean(), smallest: true, probability: 0.9, indifference: 0.01, most: 100 };
    let mut race = |rates: [&str; 3]| {
        for (strategy, rate) in rates.into_iter().enumerate() {
            let model = model("Random", rate);
            let mut fold = Fold::new(&model);
            (0..20).for_each(|replication| fold.add(&replicate(&model, replication)));
            folds[4 * strategy] = fold;
        }
        analyse(plan.clone(), &folds, &[]).best[0].verdict.clone()
    };
    assert!(matches!(race(["600/s", "100/s", "500/s"]), BestVerdict::Selected { point: BASELINE, .. }));
    assert_eq!(race(["600/s", "800/s", "500/s"]), BestVerdict::Unknown("what leads has not converged".into()));
}
