//! Same seed, same bytes: on any number of threads, and a replication alone is what it is among others.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use lbsim::model::{Arrivals, Files, Model, RunPlan, Source, read};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Requests that a replication of a long model is cut down to.
const ENOUGH: f64 = 20_000.0;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models")
}

/// The files beside the models.
struct Beside;

impl Files for Beside {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        std::fs::read(folder().join(path)).map_err(|error| error.to_string())
    }
}

/// Every model of the folder, and what it takes to shorten it.
fn models() -> Vec<(PathBuf, Model, Vec<String>)> {
    let entries = std::fs::read_dir(folder()).expect("a folder of models");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "ron"));
    paths.sort();
    assert!(!paths.is_empty());
    let open = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("a text");
        let checked = read(Source { name: "model", text: &text }, &[], &Beside);
        let model = checked.unwrap_or_else(|report| panic!("{}: {report}", path.display())).model;
        let shorter = shorter(&model);
        (path, model, shorter)
    };
    paths.into_iter().map(open).collect()
}

/// Overrides that shorten a steady run of many requests; a script would not fit into a shorter one.
fn shorter(model: &Model) -> Vec<String> {
    let rate = |arrivals: &Arrivals| match arrivals {
        Arrivals::Poisson { rate } => rate.as_per_sec(),
        Arrivals::Renewal { gap } => 1.0 / gap.mean_secs(),
        Arrivals::Closed { users, think_time } => f64::from(*users) / think_time.mean_secs().max(0.01),
        Arrivals::Visits(visits) => visits.requests_per_sec(0.0),
        Arrivals::Replay { .. } => 0.0,
    };
    let parts = model.parts();
    let requests = parts.classes.iter().map(|class| rate(&class.arrivals)).sum::<f64>() * parts.run.ends_at().as_secs();
    match parts.run {
        RunPlan::Steady { length, .. } if requests > ENOUGH && parts.script.is_empty() => {
            let length = length.as_secs() * ENOUGH / requests;
            ["--set", &format!("run.length=\"{length}s\""), "--set", "run.warm_up=\"20%\""].map(String::from).to_vec()
        }
        _ => Vec::new(),
    }
}

/// The JSON of a run.
fn json(path: &Path, shorter: &[String], arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lbsim"));
    let output =
        command.arg("run").arg(path).args(["--format", "json"]).args(shorter).args(arguments).output().expect("the program");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} {arguments:?}: {errors}", path.display());
    String::from_utf8(output.stdout).expect("text")
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn the_bytes_are_the_same_on_any_number_of_threads() {
    for (path, model, shorter) in models() {
        // A log is replayed once, which says nothing about threads but ought to work.
        let replications: &[&str] = if model.replays() { &[] } else { &["--replications", "20"] };
        let with = |jobs: &str| json(&path, &shorter, &[&["--jobs", jobs], replications].concat());
        let one = with("1");
        assert!(one == with("1"), "{}: not even twice the same on one thread", path.display());
        assert!(one == with("2"), "{}: two threads", path.display());
        assert!(one == with("8"), "{}: eight threads", path.display());
        assert!(one == json(&path, &shorter, replications), "{}: as many threads as there are cores", path.display());
        let replications = &parsed(&one)["replications"];
        assert_eq!(replications.as_array().map(Vec::len), Some(if model.replays() { 1 } else { 20 }));
    }
}

#[test]
fn a_replication_alone_is_what_it_is_among_twenty() {
    for (path, model, shorter) in models().into_iter().filter(|(_, model, _)| !model.replays()) {
        let all = parsed(&json(&path, &shorter, &["--replications", "20"]));
        let alone = parsed(&json(&path, &shorter, &["--replication", "17"]));
        assert_eq!(alone["replications"].as_array().map(Vec::len), Some(1));
        assert_eq!(alone["replications"][0]["number"], 17);
        assert_eq!(alone["replications"][0], all["replications"][17], "{}", path.display());
        assert_ne!(all["replications"][16]["requests"], all["replications"][17]["requests"], "{}", path.display());
        // What is measured of the one is what is said of the whole.
        let born = model.parts().classes.len();
        assert!(born > 0 && alone["counts"] == alone["replications"][0]["counts"], "{}", path.display());
    }
}

#[test]
fn another_seed_gives_other_results() {
    for (path, model, shorter) in models() {
        let with = |seed: &str| {
            let alone: &[&str] = if model.replays() { &[] } else { &["--replications", "2"] };
            let mut results = parsed(&json(&path, &shorter, &[&["--seed", seed], alone].concat()));
            assert_eq!(results["seed"], seed.parse::<u64>().expect("a number"));
            results["replications"].take()
        };
        assert_eq!(with("18446744073709551615"), with("18446744073709551615"), "{}", path.display());
        assert_ne!(with("18446744073709551615"), with("18446744073709551614"), "{}", path.display());
    }
}
