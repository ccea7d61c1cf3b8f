//! The results of one tiny run in every format: their form, and every character of them.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Two servers, two classes, a back end; names that need quotes in CSV.
const TINY: &str = r#"Model(
    about: "A tiny cluster",
    seed: 3,
    clients: [
        Open(name: "web, \"new\"", arrivals: Poisson(rate: "10/s"), demand: Exponential(mean: "60ms")),
        Closed(name: "staff", users: 2, think_time: Constant("1s"), demand: Constant("50ms")),
    ],
    balancer: (algorithm: LeastConnections),
    servers: [Pool(name: "front", count: 2, capacity: 3, call: (demand: Constant("10ms")))],
    back_ends: [BackEnd(name: "db", workers: 2)],
    run: Terminating(horizon: "20s", replications: 3),
)
"#;

/// What `lbsim run` says of a model.
fn run(name: &str, model: &str, arguments: &[&str]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.ron"));
    std::fs::write(&path, model).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lbsim"));
    command.env_remove("CLICOLOR_FORCE").arg("run").arg(&path).args(arguments);
    let output = command.output().expect("the program");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The cells of a line of CSV (RFC 4180).
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.next_if_eq(&'"').is_some() => cells.last_mut().expect("a cell").push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cells.last_mut().expect("a cell").push(other),
        }
    }
    assert!(!quoted, "{line}");
    cells
}

#[test]
fn the_table_of_a_tiny_run() {
    insta::assert_snapshot!(run("tiny", TINY, &[]));
}

#[test]
fn the_table_of_one_replication() {
    insta::assert_snapshot!(run("tiny_alone", TINY, &["--replication", "2"]));
}

#[test]
fn the_json_of_a_tinier_run() {
    let model = r#"Model(
        clients: [Open(arrivals: Poisson(rate: "8/s"), demand: Exponential(mean: "100ms"))],
        run: Steady(length: "1min", warm_up: "10s", replications: 1),
    )"#;
    // The version changes.
    insta::assert_snapshot!(run("tinier", model, &["--format", "json"]).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

#[test]
fn the_csv_of_a_tiny_run() {
    insta::assert_snapshot!(run("tiny_csv", TINY, &["--format", "csv"]));
}

#[test]
fn json_says_what_was_run_and_nothing_of_where_and_when() {
    let text = run("where", TINY, &["--format", "json", "--seed", "42", "--jobs", "2"]);
    let json: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&json["model"], &json["seed"], &json["run"]["replications"]), (&"where".into(), &42.into(), &3.into()));
    assert_eq!(json["about"], "A tiny cluster");
    let moved = Path::new(env!("CARGO_TARGET_TMPDIR")).join("elsewhere");
    std::fs::create_dir_all(&moved).expect("a folder");
    std::fs::write(moved.join("where.ron"), TINY).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lbsim"));
    let output =
        command.current_dir(&moved).args(["run", "where.ron", "--format", "json", "--seed", "42", "--jobs", "1"]).output();
    assert_eq!(String::from_utf8_lossy(&output.expect("the program").stdout), text, "in another folder, on other threads");
    for absent in [env!("CARGO_TARGET_TMPDIR"), ".ron", "jobs", "thread", "elapsed", "speed"] {
        assert!(!text.contains(absent), "{absent}");
    }
}

#[test]
fn the_counts_of_every_replication_add_up() {
    let json: Value = serde_json::from_str(&run("counts", TINY, &["--format", "json"])).expect("JSON");
    let replications = json["replications"].as_array().expect("a list");
    assert_eq!(replications.len(), 3);
    for replication in replications {
        let counts =
            ["arrived", "completed", "rejected", "unfinished"].map(|name| replication["counts"][name].as_u64().expect("a count"));
        let [arrived, completed, rejected, unfinished] = counts;
        assert!(arrived > 100 && arrived == completed + rejected + unfinished, "{counts:?}");
    }
}

#[test]
fn csv_has_a_line_a_figure_and_agrees_with_json() {
    let csv = run("agree", TINY, &["--format", "csv"]);
    let lines: Vec<Vec<String>> = csv.lines().map(cells).collect();
    assert_eq!(lines[0], ["scope", "name", "metric", "unit", "value", "half_width_95", "note"]);
    assert!(lines.iter().all(|line| line.len() == 7));
    let json: Value = serde_json::from_str(&run("agree", TINY, &["--format", "json"])).expect("JSON");
    let figure = |scope: &str, name: &str, metric: &str| {
        let line =
            lines.iter().find(|line| line[..3] == [scope, name, metric]).unwrap_or_else(|| panic!("{scope} {name} {metric}"));
        line[4].parse::<f64>().ok()
    };
    assert_eq!(figure("all", "", "mean_response"), json["requests"]["mean_response"]["value"].as_f64());
    assert_eq!(
        figure("class", "web, \"new\"", "mean_response"),
        json["classes"][0]["metrics"]["mean_response"]["value"].as_f64()
    );
    assert_eq!(figure("back end", "db", "utilization"), json["pools"][1]["metrics"]["utilization"]["value"].as_f64());
    assert!(figure("all", "", "mean_response").is_some_and(|secs| secs > 0.05));
    let scopes = ["all", "class", "servers", "pool", "back end", "server"];
    assert!(scopes.iter().all(|scope| lines.iter().any(|line| line[0] == *scope)));
}
