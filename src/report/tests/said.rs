//! What titles and captions may say.

use super::*;

#[test]
fn many_comparisons_are_told_in_parts_each_with_its_own_title() {
    let many = awkward::all().into_iter().find(|(case, _)| *case == "three-factors").unwrap().1;
    let parts = of_kind(&many, "Differences");
    assert_eq!(parts.len(), 4, "no more are drawn");
    assert!(parts[3].caption.contains("Part 8 of 8"), "those drawn are spread over all: {}", parts[3].caption);
    for part in &parts {
        let count = rows(part).len();
        assert!((2..=26).contains(&count) && part.title.contains(&format!("All {count} differences")), "{}", part.title);
        assert!(
            part.caption.contains("hold for all 120 together") && part.caption.contains("of which 4 are drawn."),
            "{}",
            part.caption
        );
    }
}

#[test]
fn the_best_is_named_by_its_own_metric_and_of_those_with_figures() {
    let mut sample = awkward::plain();
    let p99 = Measure::named("p99").unwrap();
    sample.best.iter_mut().for_each(|best| best.measure = p99);
    sample.best[3].left_out = vec![3];
    let figure = &of_kind(&sample, "WhoWins")[0];
    assert_eq!(
        figure.title,
        "Best p99 response time in 4 conditions: JoinShortestQueue in 3; in 1 known only of those with figures"
    );
    assert!(figure.id.starts_with("who-wins-response_p99") && figure.caption.contains("An asterisk"), "{}", figure.caption);
    assert_eq!(svg::read(&figure.svg).words("JoinShortestQueue*").len(), 1);
    assert_eq!(&rows(figure)[3][5], "Random");
}

#[test]
fn words_have_a_difference_with_its_own_interval_and_none_that_holds_0() {
    let mut sample = awkward::plain();
    let mean = Measure::named("mean").unwrap();
    for comparison in sample.comparisons.iter_mut().filter(|comparison| comparison.measure == mean) {
        let difference = comparison.difference.as_mut().unwrap();
        (difference.mean, difference.half_width, difference.joint_half_width) = (-0.02, 0.01, 0.03);
        (difference.relative, difference.is_shown) = (Some((-0.4, 0.2)), true);
    }
    let title = |sample: &Analysis, kind: &str| of_kind(sample, kind)[0].title.replace('\u{a0}', " ").replace('−', "-");
    let forest = &of_kind(&sample, "Differences")[0];
    assert!(
        title(&sample, "Differences")
            .ends_with("8 differences in mean response time from RoundRobin are shown, down to -40 ± 20 %")
    );
    assert!(forest.caption.contains("which may show what a joint interval does not"), "{}", forest.caption);
    assert!((rows(forest)[0][9].parse::<f64>().unwrap() + 1.0).abs() < 1e-12, "drawn is the joint interval");
    assert!(title(&sample, "ResponseByLoad").contains("is 40 ± 20 % lower with"), "{}", title(&sample, "ResponseByLoad"));
    // The ratio is less sure than the difference.
    let all = |sample: &mut Analysis, half_width: f64| {
        let differences = sample.comparisons.iter_mut().filter_map(|comparison| comparison.difference.as_mut().ok());
        differences.for_each(|difference| (difference.relative, difference.half_width) = (Some((-0.4, 0.5)), half_width));
    };
    all(&mut sample, 0.01);
    assert!(title(&sample, "ResponseByLoad").contains("is 20 ± 10 ms lower with"), "{}", title(&sample, "ResponseByLoad"));
    let told = title(&sample, "Differences");
    assert!(told.ends_with("are shown"), "{told}");
    all(&mut sample, 0.03);
    for kind in ["ResponseByLoad", "Differences"] {
        let title = title(&sample, kind);
        assert!(!title.contains("lower") && !title.contains("no difference") && !title.contains('±'), "{title}");
    }
}

#[test]
fn a_load_lies_across_only_where_something_changes_it_clearly() {
    let mut sample = awkward::plain();
    // Loads that have names, as disciplines and demands do.
    sample.plan.factors[1].scale = Scale::Category;
    let figure = &of_kind(&sample, "ResponseByLoad")[0];
    let across: Vec<f64> = rows(figure).iter().take(4).map(|row| row[2].parse().unwrap()).collect();
    assert!(across.iter().zip([0.5, 0.65, 0.8, 0.9]).all(|(load, meant)| (load - meant).abs() < 1e-9), "{across:?}");
    for (index, point) in sample.plan.points.iter_mut().enumerate() {
        point.offered_load = Some(0.58 + 0.001 * (index % 4) as f64);
    }
    assert!(of_kind(&sample, "ResponseByLoad").is_empty());
}

#[test]
fn effects_are_told_as_holms_procedure_judges_them() {
    let mut sample = awkward::plain();
    assert!(of_kind(&sample, "Effects")[0].title.contains("depends most on"));
    sample.effects.iter_mut().for_each(|effect| effect.is_shown = matches!(effect.kind, EffectKind::Interaction { .. }));
    let title = |sample: &Analysis| of_kind(sample, "Effects")[0].title.clone();
    assert_eq!(title(&sample), "Effects on the mean response time, alone and together");
    sample.effects.iter_mut().for_each(|effect| effect.is_shown = false);
    assert_eq!(title(&sample), "No effect on the mean response time is shown");
}

#[test]
fn one_replication_and_one_of_many_points_tell_no_difference() {
    let alone = awkward::all().into_iter().find(|(case, _)| *case == "one-replication").unwrap().1;
    for kind in ["LatencyPercentiles", "Distribution"] {
        let title = &of_kind(&alone, kind)[0].title;
        assert!(title.starts_with("In one replication at load 360/s: p") && !title.contains("no difference"), "{title}");
    }
    let mut sample = awkward::plain();
    sample.plan.design = Design::Sobol;
    for kind in ["LatencyPercentiles", "Distribution", "HeatMap", "Imbalance"] {
        assert!(of_kind(&sample, kind).is_empty(), "{kind}");
    }
    (sample.comparisons, sample.plan.compared) = (Vec::new(), None);
    assert_eq!(of_kind(&sample, "ResponseByLoad")[0].title, "Mean response time by load");
}
