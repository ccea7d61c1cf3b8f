//! Families S and I: pure definitions, to 1e-9.

use crate::case::Case;
use lbsim::stats::order::{coverage_band, quantile_linear, quantile_nearest_rank, quantile_ranks};
use lbsim::stats::{Imbalance, batch_means, mean_interval, mser, paired_difference, sample, student, welch};

const TOLERANCE: f64 = 1e-9;

#[test]
fn s01_t_interval_of_replications() {
    let case = Case::named("S01");
    let (data, level) = (case.list("/data"), case.number("/level"));
    let interval = mean_interval(&data, level).unwrap();
    let computed = [
        ("mean", interval.mean),
        ("half_width", interval.half_width),
        ("std", sample::sd(&data).unwrap()),
        ("t_quantile", student::t_quantile(f64::midpoint(1.0, level), (data.len() - 1) as f64).unwrap()),
    ];
    case.check(TOLERANCE, &[], &computed);
}

#[test]
fn s03_and_s04_batch_means() {
    for id in ["S03", "S04"] {
        let case = Case::named(id);
        let batches = batch_means(&case.list("/data"), case.integer("/batches") as usize, case.number("/level")).unwrap();
        let computed = [
            ("mean", batches.interval.mean),
            ("half_width", batches.interval.half_width),
            ("batch_size", batches.batch_size as f64),
            ("lag1_autocorrelation_of_batch_means", batches.lag1.unwrap()),
        ];
        case.check(TOLERANCE, &[], &computed);
    }
}

#[test]
fn s05_mser_5() {
    let case = Case::named("S05");
    let cut = mser(&case.list("/data"), case.integer("/batch") as usize).unwrap();
    assert!(cut.converged);
    let computed = [
        ("truncate_batches", cut.truncate_batches as f64),
        ("truncate_values", cut.truncate_values as f64),
        ("mser_value", cut.value),
        ("truncated_mean", cut.truncated_mean),
    ];
    case.check(TOLERANCE, &[], &computed);
}

#[test]
fn s07_coverage_band() {
    let case = Case::named("S07");
    let (n, level) = (u64::from(case.integer("/replications")), case.number("/nominal"));
    let (low, high) = coverage_band(n, level, 0.999).unwrap();
    let (low_99, high_99) = coverage_band(n, level, 0.99).unwrap();
    let computed = [
        ("min_covered_99.9", low as f64),
        ("max_covered_99.9", high as f64),
        ("min_covered_99", low_99 as f64),
        ("max_covered_99", high_99 as f64),
        ("expected", n as f64 * level),
    ];
    case.check(TOLERANCE, &[], &computed);
}

#[test]
fn s09_interval_by_ranks() {
    let case = Case::named("S09");
    let ranks = quantile_ranks(u64::from(case.integer("/n")), case.number("/p"), case.number("/level")).unwrap();
    let computed = [("lower_rank", ranks.lower as f64), ("upper_rank", ranks.upper as f64), ("actual_coverage", ranks.coverage)];
    case.check(TOLERANCE, &[], &computed);
}

#[test]
fn s11_percentile_definitions() {
    let case = Case::named("S11");
    let data = case.list("/data");
    let nearest = |p: f64| quantile_nearest_rank(&data, p).unwrap();
    let linear = |p: f64| quantile_linear(&data, p).unwrap();
    let computed = [
        ("nearest_rank_p50", nearest(0.5)),
        ("nearest_rank_p90", nearest(0.9)),
        ("nearest_rank_p95", nearest(0.95)),
        ("linear_p50", linear(0.5)),
        ("linear_p90", linear(0.9)),
        ("linear_p95", linear(0.95)),
    ];
    case.check(TOLERANCE, &[], &computed);
}

#[test]
fn s12_paired_difference() {
    let case = Case::named("S12");
    let (a, b, level) = (case.list("/a"), case.list("/b"), case.number("/level"));
    let paired = paired_difference(&a, &b, level).unwrap();
    let computed = [
        ("mean_difference", paired.interval.mean),
        ("paired_half_width", paired.interval.half_width),
        ("correlation", paired.correlation.unwrap()),
        ("variance_ratio_paired_to_independent", paired.variance_ratio.unwrap()),
        ("welch_half_width", welch(&a, &b, level).unwrap().interval.half_width),
    ];
    case.check(TOLERANCE, &[], &computed);
}

#[test]
fn i11_imbalance_indices() {
    let case = Case::named("I11");
    let imbalance = Imbalance::of(&case.list("/loads")).unwrap();
    let computed = [
        ("cv_population", imbalance.cv),
        ("jain_index", imbalance.jain),
        ("max_over_mean", imbalance.max_over_mean),
        ("min_over_mean", imbalance.min_over_mean.unwrap()),
    ];
    case.check(TOLERANCE, &["spread_max_minus_min"], &computed);
    let sums = Imbalance::of_sums(4, 100, 3_000, 40).unwrap();
    let computed = [("cv_population", sums.cv), ("jain_index", sums.jain), ("max_over_mean", sums.max_over_mean)];
    case.check(TOLERANCE, &["spread_max_minus_min", "min_over_mean"], &computed);
}
