//! The numbers of the shipped models, held against those that were written down for this version of results. Stored results of
//! one version are mixed with new ones of the same version, so that numbers may change only together with it.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use lbsim::experiment::{RESULTS_VERSION, replicate};
use lbsim::model::{Files, Override, Source, read};
use lbsim::observe::{Fold, Measure};
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files beside the models.
struct Beside;

impl Files for Beside {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        std::fs::read(root().join("models").join(path)).map_err(|error| error.to_string())
    }
}

/// Every figure of replication 0 of a model, with all its digits.
fn figures(name: &str, text: &str, set: &[Override]) -> String {
    let model = read(Source { name, text }, set, &Beside).unwrap_or_else(|report| panic!("{report}")).model;
    let mut fold = Fold::new(&model);
    fold.add(&replicate(&model, 0));
    let mut lines = String::new();
    let figures = &fold.figures()[0];
    writeln!(lines, "{name} born {}", figures.born).unwrap();
    for measure in Measure::all() {
        writeln!(lines, "{name} {} {:?}", measure.name(), measure.figure(figures)).unwrap();
    }
    lines
}

/// The figures of every shipped model, and of one small model with every algorithm.
fn all() -> String {
    let mut lines = format!("results version {RESULTS_VERSION}\n");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(root().join("models")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "ron"));
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        lines.push_str(&figures(&name, &std::fs::read_to_string(&path).unwrap(), &[]));
    }
    let small = r#"Model(
        clients: [
            Open(name: "web", arrivals: Poisson(rate: "300/s"), demand: LogNormal(mean: "10ms", cv: 1.5)),
            Closed(name: "batch", users: 5, think_time: Gamma(mean: "1s", shape: 2.5), demand: Pareto(scale: "12ms", shape: 2.5)),
        ],
        servers: [Pool(name: "new", count: 4), Pool(name: "old", count: 2, speed: 0.5, weight: 0.5, capacity: 20)],
        run: Steady(length: "30s"),
    )"#;
    for algorithm in lbsim::balancing::Algorithm::NAMES {
        lines.push_str(&figures(algorithm, small, &[Override::new("balancer.algorithm", *algorithm)]));
    }
    lines
}

#[test]
fn numbers_change_only_with_the_version_of_results() {
    let path = root().join("tests/data/golden.txt");
    let found = all();
    if std::env::var_os("LBSIM_WRITE_GOLDEN").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    let version = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    assert_eq!(
        version(&golden),
        version(&found),
        "the version of results has changed: write the numbers down anew, by LBSIM_WRITE_GOLDEN=1 cargo test --test golden"
    );
    // A new metric is no change; a line that is gone or different is.
    let changed: Vec<&str> = golden.lines().filter(|line| !found.lines().any(|found| found == *line)).collect();
    assert!(
        changed.is_empty(),
        "numbers have changed, so that stored results must not be mixed with new ones: raise RESULTS_VERSION in \
         src/experiment/fingerprint.rs, then write the numbers down anew. Gone:\n{}",
        changed.join("\n")
    );
}
