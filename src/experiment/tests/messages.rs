//! The messages that a bad experiment file causes, pinned as they are shown to people.

use super::{STRATEGY, experiment, of_shop};
use crate::experiment::of_algorithms;
use crate::model::{NoFiles, Override, Source};
use std::fmt::Write;

/// What a case is about, and the file.
struct Case(&'static str, String);

fn show(cases: &[Case]) -> String {
    let mut text = String::new();
    for Case(about, file) in cases {
        let report = match experiment(file) {
            Ok(experiment) => experiment.warnings,
            Err(report) => report,
        };
        assert!(!report.is_empty(), "{about}: nothing was found");
        let _ = write!(text, "=== {about}\n\n{report}\n");
    }
    text
}

fn rate(values: &str) -> String {
    format!("Factor(name: \"load\", path: \"clients[0].arrivals.rate\", values: {values}),")
}

#[test]
fn files_and_fields() {
    let plain = |fields: &str| of_shop(STRATEGY, fields);
    insta::assert_snapshot!(show(&[
        Case("a model in its place", "Model()".into()),
        Case("a broken file", "Experiment(model: \"shop.ron\", factors: [)".into()),
        Case("nothing in it", "Experiment()".into()),
        Case("a model that is not there", "Experiment(model: \"shpo.ron\", factors: [Factor(name: \"x\")])".into()),
        Case("no model", "Experiment(model: 3, factors: [])".into()),
        Case("a broken change", plain("set: [(\"run.lenght\", \"1h\"), (\"seed\", 1, 2), 3],")),
        Case("an unknown design", plain("design: Factorail,")),
        Case("a design of another kind", plain("design: Sobol(points: 8),")),
        Case("unknown metrics", plain("metrics: [\"mean_respons\", \"p99\", \"response_p99\", p50],")),
        Case("broken goals", plain("expect: [\"p99 < 200\", \"p98 < 200ms\", \"utilization\", \"utilization < much\"],")),
        Case("unknown charts", plain("charts: [ResponseByLod, TradeOff(metric: \"mean\", agianst: \"p99\"), \"TradeOff\"],")),
        Case("an unknown factor to compare", plain("compare: (factor: \"strategie\"),")),
        Case("an unknown baseline", plain("compare: (factor: \"strategy\", baseline: PowerOfD(d:3)),")),
        Case("two rules of stopping", plain("replications: 5,\n    precision: [(\"mean\", \"1%\")],")),
        Case("a limit without a rule", plain("most_replications: 50,")),
        Case("a precision that is none", plain("precision: [(\"mean\", \"0%\"), (\"men\", \"1%\"), \"mean\"],")),
        Case("a choice that is none", plain("best: (metric: \"mean\", is: Least, indifference: \"1\", probability: 2),")),
        Case("nothing to choose from", plain("best: (metric: \"mean\", indifference: \"1ms\"),\n    compare: None,")),
        Case("no better than a guess", plain("best: (metric: \"mean\", indifference: \"1ms\", probability: \"50%\"),")),
        Case("a race that cannot begin", plain("best: (metric: \"mean\", indifference: \"1ms\"),\n    most_replications: 19,")),
        Case("another that cannot", plain("best: (metric: \"mean\", indifference: \"1ms\", most_replications: 19),")),
        Case("a goal of the model that is none", plain("set: [(\"expect\", [\"joy > 1\"])],")),
        Case("a log that is replayed over and over", of_shop(STRATEGY, "replications: 5,").replace("shop.ron", "replay.ron")),
    ]));
}

#[test]
fn factors_and_levels() {
    let of = |factors: &str| of_shop(factors, "");
    insta::assert_snapshot!(show(&[
        Case("nothing varied", of("")),
        Case("no values", of("Factor(name: \"x\", path: \"seed\"),")),
        Case("no path", of("Factor(name: \"x\", values: [1, 2]),")),
        Case("values that are none", of(&rate("\"200/s\""))),
        Case("a level twice", of(&rate("[\"200/s\", \"300/s\", \"200/s\"]"))),
        Case("two factors of one name", of(&format!("{STRATEGY}\n        {}", STRATEGY.replace("balancer", "balancers")))),
        Case("two factors that set the same", of(&format!("{STRATEGY}\n        {}", STRATEGY.replacen("strategy", "other", 1)))),
        Case(
            "two factors that set the same by name and number",
            of("Factor(name: \"x\", path: \"servers[0].count\", values: [1, 2]),\n        \
                Factor(name: \"y\", path: \"servers[web].count\", values: [3, 4]),")
        ),
        Case(
            "one factor that sets what holds the other's value",
            of(&format!("{STRATEGY}\n        Factor(name: \"x\", path: \"balancer\", values: [(algorithm: Random)]),"))
        ),
        Case("a range backwards", of(&rate("Range(from: \"300/s\", to: \"200/s\", steps: 3)"))),
        Case("a range of two units", of(&rate("Range(from: \"3/s\", to: \"200/min\", steps: 3)"))),
        Case("a range without steps", of(&rate("Range(from: \"100/s\", to: \"200/s\")"))),
        Case("a range from nothing", of(&rate("LogRange(from: \"0/s\", to: \"200/s\", steps: 3)"))),
        Case(
            "more steps than whole numbers",
            of("Factor(name: \"x\", path: \"servers[0].count\", values: Range(from: 4, to: 6, steps: 5)),")
        ),
        Case(
            "levels without names",
            of("Factor(name: \"x\", levels: [Level(set: []), Level(name: \"y\"), Level(name: \"z\", value: 3)]),")
        ),
        Case("a scale without numbers", of(&STRATEGY.replace("values", "scale: Log, values"))),
        Case(
            "unequal pairs",
            of_shop(&format!("{STRATEGY}\n        {}", rate("[\"1/s\", \"2/s\", \"3/s\"]")), "design: Paired,")
        ),
        Case(
            "far too many points",
            of_shop(
                &format!(
                    "{STRATEGY}\n        {}\n        Factor(name: \"x\", path: \"seed\", values: Range(from: 1, to: 10000, steps: 10000)),",
                    rate("Range(from: \"1/s\", to: \"200/s\", steps: 100)")
                ),
                ""
            )
        ),
    ]));
}

#[test]
fn designs() {
    let range = |steps: &str| rate(&format!("Range(from: \"100/s\", to: \"200/s\"{steps})"));
    insta::assert_snapshot!(show(&[
        Case("steps where points are counted", of_shop(&range(", steps: 3"), "design: LatinHypercube(points: 8),")),
        Case("too few points", of_shop(&range(""), "design: Sobol(points: 1),")),
        Case("no number of points", of_shop(&range(""), "design: Sobol,")),
        Case(
            "contrasts where nothing is compared",
            of_shop(&range(", steps: 2"), "contrasts: [Contrast(name: \"gain\", plus: [\"100/s\"], minus: [\"200/s\"])],")
        ),
        Case(
            "contrasts of levels that are none",
            of_shop(
                STRATEGY,
                "contrasts: [Contrast(name: \"gain\", plus: [\"RoundRobn\"], minus: []), Contrast(name: \"gain\", plus: [\"RoundRobin\"])],"
            )
        ),
        Case(
            "a comparison of what changes together",
            of_shop(
                &format!("{STRATEGY}\n        {}", range(", steps: 2")),
                "design: Paired,\n    compare: (factor: \"strategy\"),"
            )
        ),
    ]));
}

#[test]
fn every_kind_of_problem_is_pinned() {
    let declared = include_str!("../problem.rs").split_once("Problem {\n").unwrap().1.split_once("\n}").unwrap().0;
    let is_variant = |line: &&str| line.starts_with("    ") && line.as_bytes().get(4).is_some_and(u8::is_ascii_uppercase);
    let snapshots = [
        include_str!("snapshots/lbsim__experiment__tests__messages__files_and_fields.snap"),
        include_str!("snapshots/lbsim__experiment__tests__messages__factors_and_levels.snap"),
        include_str!("snapshots/lbsim__experiment__tests__messages__designs.snap"),
        include_str!("snapshots/lbsim__experiment__tests__messages__algorithms_of_the_command_line.snap"),
    ]
    .concat();
    let sentences = [
        ("ModelFile", "cannot be opened"),
        ("LevelWithoutName", "needs a `name`"),
        ("UnequalUnits", "in the same unit"),
        ("RangeBackwards", "from the smaller to the larger"),
        ("LogOfZero", "begins above 0"),
        ("LevelsAlike", "of this range are both"),
        ("ScaleWithoutNumbers", "this scale needs numbers"),
        ("SetTwice", "two factors set"),
        ("StepsNeeded", "needs a number of `steps`"),
        ("StepsUnused", "has no `steps`"),
        ("NoRange", "needs ranges"),
        ("UnequalLengths", "as many levels as each other"),
        ("TooManyPoints", "points, but at most"),
        ("NothingCompared", "the best is chosen among"),
        ("NothingToContrast", "contrasts are made of"),
        ("Guessed", "a blind guess among 2 levels"),
        ("ChangeTogether", "all factors change together"),
        ("ReplayedTwice", "a log happened once"),
        ("Algorithm", "the algorithm `RoundRobin` is named twice"),
    ];
    let variant = |line: &str| line.trim().split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned();
    let declared: Vec<String> = declared.lines().filter(is_variant).map(variant).collect();
    assert_eq!(declared, sentences.map(|(kind, _)| kind));
    for (kind, words) in sentences {
        assert!(snapshots.contains(words), "{kind} is not pinned");
    }
}

/// What is wrong with a level is told where the level is written.
#[test]
fn mistakes_in_the_models_of_the_points() {
    let capacity = "Factor(name: \"capacity\", path: \"servers[0].capacity\", values: [None, 1]),\n        \
        Factor(name: \"workers\", path: \"servers[0].workers\", values: [1, 2]),";
    insta::assert_snapshot!(show(&[
        Case(
            "several levels at once, beside other mistakes",
            of_shop(
                "Factor(name: \"strategy\", path: \"balancer.algorithm\", values: [RoundRobin, PowerOfD(d: 0), JoinShortestQueu]),\n        \
                 Factor(name: \"servers\", path: \"server[0].count\", values: [4, 5.5]),",
                "metrics: [\"men\"],"
            )
        ),
        Case("a path that leads nowhere", of_shop("Factor(name: \"x\", path: \"servers[3].count\", values: [1, 2]),", "")),
        Case("a broken path", of_shop("Factor(name: \"x\", path: \"servers[0.count\", values: [1, 2]),", "")),
        Case("a range that leaves its bounds", of_shop(&rate("Range(from: \"0/s\", to: \"200/s\", steps: 3)"), "")),
        Case(
            "a mistake in coupled levels",
            of_shop(
                "Factor(name: \"x\", levels: [Level(name: \"y\", set: [(\"servers[0].count\", 4), (\"servers[0].sped\", 2)])]),",
                ""
            )
        ),
        Case("a mistake of some combinations", of_shop(capacity, "")),
        Case(
            "overload at some points",
            of_shop(&format!("{STRATEGY}\n        {}", rate("Range(from: \"320/s\", to: \"480/s\", steps: 5)")), "")
        ),
        Case(
            "a mistake in the model itself",
            of_shop(STRATEGY, "").replace(
                "\"shop.ron\"",
                "Model(clients: [Open(arrivals: Poisson(rate: \"320/s\"), demand: Exponental(\"10ms\"))])"
            )
        ),
    ]));
}

#[test]
fn algorithms_of_the_command_line() {
    let read = |algorithms: &[&str], overrides: &[&str]| {
        let overrides: Vec<Override> = overrides.iter().map(|text| Override::parse(text).unwrap()).collect();
        let source = Source { name: "shop.ron", text: super::SHOP };
        of_algorithms("shop", source, &overrides, algorithms, &NoFiles)
    };
    let bad = read(&["RoundRobin", "PowerOfTwo", "PowerOfD(d: 0)", "RoundRobin"], &["servers[0].cuont=3"]).unwrap_err();
    insta::assert_snapshot!(bad);
    let good = read(&["RoundRobin", "PowerOfD(d: 3)"], &["servers[0].count=8"]).unwrap();
    let labels: Vec<String> = (0..good.plan.points.len()).map(|point| good.plan.label(point)).collect();
    assert_eq!(labels, ["algorithm RoundRobin", "algorithm PowerOfD(d: 3)"]);
    assert!(good.models.iter().all(|model| model.parts().pools[0].count == 8));
    assert_eq!(good.plan.compared.map(|compared| (compared.factor, compared.baseline)), Some((0, 0)));
}
