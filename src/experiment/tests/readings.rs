//! What good experiment files mean.

use super::{CHARTS, STRATEGY, Shelf, experiment, of_shop};
use crate::experiment::{Design, Experiment, Scale, Stopping, of_algorithms, read};
use crate::model::{Arrivals, NoFiles, Override, RunPlan, Source};
use crate::observe::Measure;
use crate::units::Span;

fn good(text: &str) -> Experiment {
    experiment(text).unwrap_or_else(|report| panic!("{report}"))
}

fn labels(experiment: &Experiment, factor: usize) -> Vec<&str> {
    experiment.plan.factors[factor].levels.iter().map(|level| &*level.label).collect()
}

fn levels(experiment: &Experiment) -> Vec<Vec<usize>> {
    experiment.plan.points.iter().map(|point| point.levels.clone()).collect()
}

const LOAD: &str = "Factor(name: \"load\", path: \"clients[0].arrivals.rate\", values: [\"6000/min\", \"200/s\", \"0.3/ms\"]),";

#[test]
fn a_plan_says_all_that_the_file_says() {
    let text = of_shop(
        &format!("{STRATEGY} {LOAD}"),
        "about: \"Which?\", set: [(\"run.length\", \"2min\")], replications: 3, metrics: [\"p99\", \"utilization\"],
         compare: (factor: \"strategy\", baseline: PowerOfD( d: 2 )), expect: [\"p99 < 200ms\"],
         charts: [ResponseByLoad, TradeOff(metric: \"mean\", against: \"imbalance\")],"
            .replace("PowerOfD( d: 2 )", "PowerOfD(d: 2)")
            .as_str(),
    );
    let study = good(&text);
    let plan = &study.plan;
    assert_eq!((&*plan.name, &*plan.about, plan.seed, plan.design), ("study", "Which?", 7, Design::Factorial));
    let files: Vec<&str> = plan.files.iter().map(|file| &*file.name).collect();
    assert_eq!(files, ["study.ron", "shop.ron"]);
    assert_eq!(labels(&study, 0), ["RoundRobin", "PowerOfD(d: 2)"]);
    assert_eq!((plan.factors[0].scale, plan.factors[1].scale, &*plan.factors[1].unit), (Scale::Category, Scale::Linear, "1/s"));
    let numbers: Vec<_> = plan.factors[1].levels.iter().map(|level| level.number).collect();
    assert_eq!(numbers, [Some(100.0), Some(200.0), Some(300.0)]);
    assert_eq!(levels(&study), [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]);
    assert_eq!(plan.label(5), "strategy PowerOfD(d: 2), load 0.3/ms");
    assert_eq!(plan.compared.map(|compared| (compared.factor, compared.baseline)), Some((0, 1)));
    let metrics: Vec<&str> = plan.metrics.iter().map(|metric| metric.name()).collect();
    assert_eq!(metrics, ["response_p99", "utilization"]);
    assert_eq!((plan.goals.len(), plan.charts.len(), &plan.stopping), (1, 2, &Stopping::Fixed));
    for (point, model) in plan.points.iter().zip(&study.models) {
        let parts = model.parts();
        let rate = [100.0, 200.0, 300.0][point.levels[1]];
        assert!(matches!(&parts.classes[0].arrivals, Arrivals::Poisson { rate: found } if found.as_per_sec() == rate));
        assert!(matches!(parts.run, RunPlan::Steady { length, replications: 3, .. } if length == Span::from_secs(120)));
    }
}

#[test]
fn what_is_not_written_is_as_documented() {
    let study = good(&of_shop(&format!("{LOAD} {STRATEGY}"), ""));
    let metrics: Vec<&str> = study.plan.metrics.iter().map(|metric| metric.name()).collect();
    assert_eq!(metrics, ["mean_response", "response_p99"]);
    assert_eq!(study.plan.compared.map(|compared| compared.factor), Some(1), "the first factor whose levels are names");
    assert_eq!(study.models[0].parts().run.replications(), 5, "those of the model");
    assert_eq!(good(&of_shop(LOAD, "")).plan.compared, None, "numbers are not compared unless asked");
    assert_eq!(good(&of_shop(STRATEGY, "compare: None,")).plan.compared, None);
}

#[test]
fn ranges_have_their_ends_and_even_steps() {
    let of = |values: &str| good(&of_shop(&format!("Factor(name: \"x\", path: \"servers[0].count\", values: {values}),"), ""));
    let linear = of("Range(from: 1, to: 9, steps: 5)");
    assert_eq!((labels(&linear, 0), linear.plan.factors[0].scale), (vec!["1", "3", "5", "7", "9"], Scale::Linear));
    let log = of("LogRange(from: 1, to: 1000, steps: 4)");
    assert_eq!((labels(&log, 0), log.plan.factors[0].scale), (vec!["1", "10", "100", "1000"], Scale::Log));
    let counts: Vec<u32> = log.models.iter().map(|model| model.parts().pools[0].count).collect();
    assert_eq!(counts, [1, 10, 100, 1000]);
    let load =
        "Factor(name: \"load\", path: \"clients[0].arrivals.rate\", values: LogRange(from: \"1/s\", to: \"2/s\", steps: 3)),";
    assert_eq!(labels(&good(&of_shop(load, "")), 0), ["1/s", "1.4142/s", "2/s"], "numbers are what their labels say");
}

#[test]
fn coupled_levels_change_several_values() {
    let factor = "Factor(name: \"size\", scale: Log, levels: [
        Level(name: \"small\", number: 1, set: [(\"servers[0].count\", 1), (\"clients[0].arrivals.rate\", \"80/s\")]),
        Level(name: \"large\", number: 8, set: [(\"servers[web].count\", 8), (\"clients[0].arrivals.rate\", \"640/s\")]),
    ]),";
    let study = good(&of_shop(factor, ""));
    assert_eq!((labels(&study, 0), study.plan.factors[0].scale), (vec!["small", "large"], Scale::Log));
    let counts: Vec<u32> = study.models.iter().map(|model| model.parts().pools[0].count).collect();
    assert_eq!(counts, [1, 8]);
    assert_eq!(study.plan.points[1].offered_load, Some(0.8));
}

#[test]
fn paired_factors_change_together() {
    let strategies = STRATEGY.replace("PowerOfD(d: 2)", "PowerOfD(d: 2), Random");
    let study = good(&of_shop(&format!("{strategies} {LOAD}"), "design: Paired,"));
    assert_eq!(levels(&study), [[0, 0], [1, 1], [2, 2]]);
    assert_eq!(study.plan.compared, None, "a difference would have no single cause");
}

const RANGES: &str = "Factor(name: \"load\", path: \"clients[0].arrivals.rate\", values: Range(from: \"100/s\", to: \"300/s\")),
    Factor(name: \"count\", path: \"servers[0].count\", values: Range(from: 4, to: 7)),";

#[test]
fn designs_that_fill_a_space_have_a_point_in_every_part() {
    for (design, of) in [("LatinHypercube", Design::LatinHypercube), ("Sobol", Design::Sobol)] {
        let study = good(&of_shop(RANGES, &format!("design: {design}(points: 16),")));
        assert_eq!((study.plan.design, study.models.len()), (of, 16));
        let number = |point: usize, factor: usize| {
            let level = study.plan.points[point].levels[factor];
            study.plan.factors[factor].levels[level].number.unwrap()
        };
        let mut parts: Vec<u32> = (0..16).map(|point| ((number(point, 0) - 100.0) / 200.0 * 16.0) as u32).collect();
        parts.sort_unstable();
        assert_eq!(parts, (0..16).collect::<Vec<_>>(), "{design}");
        let mut counts: Vec<u32> = study.models.iter().map(|model| model.parts().pools[0].count).collect();
        counts.sort_unstable();
        assert_eq!(counts, [[4; 4], [5; 4], [6; 4], [7; 4]].concat(), "{design}: whole numbers have equal shares");
        assert!(study.plan.factors[1].levels.len() == 4 && study.plan.factors[0].levels.is_sorted_by_key(|level| level.number));
    }
}

#[test]
fn a_model_may_stand_in_the_experiment() {
    let inline = of_shop(STRATEGY, "").replace("\"shop.ron\"", super::SHOP.trim_end());
    let study = good(&inline);
    assert_eq!((study.plan.files.len(), study.models.len(), study.plan.seed), (1, 2, 7));
}

#[test]
fn a_log_is_read_once() {
    let shelf = Shelf::default();
    let text = of_shop(STRATEGY, "").replace("shop.ron", "replay.ron");
    let study = read("study", Source { name: "study.ron", text: &text }, &shelf, CHARTS).unwrap();
    assert_eq!((study.models.len(), shelf.opened.get()), (2, 1));
}

#[test]
fn rules_of_stopping() {
    let stopping = |fields: &str| good(&of_shop(STRATEGY, fields)).plan.stopping;
    let precision = stopping("precision: [(\"mean\", \"1%\"), (\"p99\", \"5%\")], most_replications: 200,");
    assert!(matches!(precision, Stopping::Precision { targets, most: 200 } if targets.len() == 2 && targets[1].1 == 0.05));
    let best = stopping("best: (metric: \"mean\", is: Smallest, probability: \"90%\", indifference: \"1ms\"),");
    let expected = |smallest, probability, indifference| (smallest, probability, indifference) == (true, 0.9, 0.001);
    assert!(
        matches!(best, Stopping::Best { smallest, probability, indifference, most: 1_000, .. } if expected(smallest, probability, indifference))
    );
}

#[test]
fn the_goals_are_those_of_the_experiment_or_else_of_the_model() {
    let goals = |fields: &str| {
        let study = good(&of_shop(STRATEGY, &format!("set: [(\"expect\", [\"p99 < 1s\", \"mean < 1s\"])], {fields}")));
        study.plan.goals.iter().map(|goal| goal.text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(goals(""), ["p99 < 1s", "mean < 1s"]);
    assert_eq!(goals("expect: [\"p50 < 2s\"],"), ["p50 < 2s"]);
    assert!(goals("expect: [],").is_empty());
    let overrides = [Override::parse("expect=[\"p99 < 1s\"]").unwrap()];
    let source = Source { name: "shop.ron", text: super::SHOP };
    let compared = of_algorithms("shop", source, &overrides, &["RoundRobin", "Random"], &NoFiles).unwrap();
    assert_eq!(compared.plan.goals.len(), 1);
}

#[test]
fn factors_that_set_neighbours_do_not_clash() {
    let factors = "Factor(name: \"x\", path: \"servers[0].count\", values: [4, 5]),
        Factor(name: \"y\", path: \"servers[web].speed\", values: [1, 2]),";
    assert_eq!(good(&of_shop(factors, "")).models.len(), 4);
}

#[test]
fn a_precision_takes_the_place_of_what_the_file_says() {
    let targets = vec![(Measure::named("mean").unwrap(), 0.01)];
    let study = good(&of_shop(STRATEGY, "replications: 3,")).with_precision(targets.clone(), 70);
    assert_eq!(study.plan.stopping, Stopping::Precision { targets, most: 70 });
}
