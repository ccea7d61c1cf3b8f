//! Goals, precision and sizes as people and programs meet them: words, formats, exit codes.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Two servers, each 40 % busy, in short replications.
const SHOP: &str = r#"Model(
    clients: [Open(name: "visitors", arrivals: Poisson(rate: "80/s"), demand: Exponential(mean: "10ms"))],
    balancer: (algorithm: JoinShortestQueue),
    servers: [Pool(name: "web", count: 2)],
    run: Steady(length: "30s", replications: 10),
    GOALS
)
"#;

/// A file with these goals.
fn shop(name: &str, goals: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("goals");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(format!("{name}.ron"));
    std::fs::write(&path, SHOP.replace("GOALS", goals)).expect("a file");
    path.to_str().expect("text").to_owned()
}

/// Exit code, standard output, standard error.
fn lbsim(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lbsim"));
    let output = command.env_remove("CLICOLOR_FORCE").args(arguments).output().expect("the program");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code().expect("a code"), text(output.stdout), text(output.stderr))
}

/// The lines from the one that begins with `from`.
fn section<'a>(page: &'a str, from: &str) -> &'a str {
    page.find(&format!("\n{from}")).map_or("", |at| &page[at + 1..])
}

fn json(arguments: &[&str]) -> (i32, Value) {
    let (code, out, errors) = lbsim(&[arguments, &["--format", "json"]].concat());
    (code, serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{errors}")))
}

#[test]
fn goals_that_are_met_pass() {
    let met = shop("met", r#"expect: ["p99 < 200ms", "utilization <= 80%", "throughput > 50/s", "rejected < 1%"],"#);
    let (code, page, errors) = lbsim(&["run", &met]);
    assert_eq!((code, &*errors), (0, ""));
    insta::assert_snapshot!(section(&page, "goals"));
    assert_eq!(lbsim(&["check", &met]).0, 0);
}

#[test]
fn a_pipeline_does_not_pass_on_a_goal_that_is_missed_or_undecided() {
    let mixed = shop("mixed", r#"expect: ["mean < 5ms", "utilization < 40%", "utilization < 80%", "p99.99 < 1s"],"#);
    let (code, page, _) = lbsim(&["run", &mixed]);
    assert_eq!(code, 1);
    insta::assert_snapshot!(section(&page, "goals"));
    let (code, document) = json(&["run", &mixed]);
    let verdicts: Vec<&str> =
        document["goals"].as_array().expect("a list").iter().map(|goal| goal["verdict"].as_str().expect("text")).collect();
    assert_eq!((code, &verdicts[..]), (1, &["missed", "undecided", "met", "undecided"][..]));
    assert_eq!(document["goals"][0]["limit"], 0.005);
    let (code, lines, _) = lbsim(&["run", &mixed, "--format", "csv"]);
    let goals: Vec<&str> = lines.lines().filter(|line| line.starts_with("goal,")).collect();
    assert_eq!((code, goals.len()), (1, 4));
    assert!(goals[0].starts_with("goal,mean < 5ms,mean_response,s,0.01") && goals[0].ends_with(",missed"), "{}", goals[0]);
    assert!(goals[3].starts_with("goal,p99.99 < 1s,response_p99_99,s,,,\"undecided: too few"), "{}", goals[3]);
    // An override takes the goals away, or others in their place.
    assert_eq!(lbsim(&["run", &mixed, "--set", "expect=[]"]).0, 0);
    assert_eq!(lbsim(&["run", &mixed, "--set", "expect=[\"mean < 1s\"]"]).0, 0);
}

#[test]
fn one_replication_decides_nothing() {
    let one = shop("one", r#"expect: ["mean < 1s"],"#);
    let (code, page, _) = lbsim(&["run", &one, "--replications", "1"]);
    assert_eq!(code, 1);
    assert!(section(&page, "goals").contains("one replication: no interval"), "{page}");
    let (code, page, _) = lbsim(&["run", &one, "--set", "clients[0].arrivals.rate=300/s"]);
    assert_eq!(code, 1);
    assert!(page.contains("mean < 1s  undecided: no figure: not converged"), "{page}");
}

#[test]
fn wrong_goals_come_at_once_with_their_places() {
    let wrong = shop(
        "wrong",
        "expect: [\n        \"p99 < 200ms\",\n        \"mean_wiat < 1ms\",\n        \"utilization < 80ms\",\n    ],",
    );
    for command in ["run", "check"] {
        let (code, out, errors) = lbsim(&[command, &wrong]);
        assert_eq!((code, &*out), (2, ""));
        let shown = errors.lines().filter(|line| !line.contains("-->")).collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!("wrong_goals", shown);
        assert!(errors.contains("wrong.ron:8:10") && errors.contains("wrong.ron:9:24"), "{errors}");
    }
    let (code, _, errors) = lbsim(&["size", &wrong, "--vary", "servers[0].count", "--until", "p98 < 1s"]);
    assert_eq!(code, 2);
    assert!(errors.contains("--until:1:1") && errors.contains("the percentiles are p50, p90"), "{errors}");
}

#[test]
fn a_run_stops_when_it_is_precise() {
    let model = shop("precise", "");
    let precise = |jobs: &str| lbsim(&["run", &model, "--precision", "1%", "--precision", "p99 4%", "--jobs", jobs]);
    let (code, page, errors) = precise("1");
    assert_eq!((code, &*errors), (0, ""));
    insta::assert_snapshot!(section(&page, "precision"));
    assert_eq!(precise("4").1, page);
    let (_, document) = json(&["run", &model, "--precision", "1%"]);
    let (value, half_width) =
        (&document["requests"]["mean_response"]["value"], &document["requests"]["mean_response"]["half_width_95"]);
    assert!(half_width.as_f64().expect("one") <= 0.01 * value.as_f64().expect("one"));
    assert_eq!(document["run"]["precision"]["reached"], true);
    let used = document["run"]["replications"].as_u64().expect("a number");
    assert!([20, 30, 45, 68, 102, 153].contains(&used), "{used}");
    assert_eq!(document["replications"].as_array().expect("a list").len() as u64, used);
    // The replications are those of a plain run of as many.
    let (_, plain) = json(&["run", &model, "--replications", &used.to_string()]);
    assert_eq!(plain["requests"], document["requests"]);
}

#[test]
fn a_precision_that_is_not_reached_is_told() {
    let model = shop("imprecise", "");
    let (code, page, _) =
        lbsim(&["run", &model, "--precision", "0.01%", "--precision", "rejected 1%", "--most-replications", "25"]);
    assert_eq!(code, 0);
    insta::assert_snapshot!(section(&page, "precision"));
    let (_, page, _) = lbsim(&["run", &model, "--precision", "5%", "--set", "clients[0].arrivals.rate=300/s"]);
    assert!(section(&page, "precision").contains("not reached: not converged after 102 replications"), "{page}");
    for wrong in ["0%", "p98 1%", "fast"] {
        let (code, _, errors) = lbsim(&["run", &model, "--precision", wrong]);
        assert!(code == 2 && errors.contains("--precision"), "{errors}");
    }
    assert_eq!(lbsim(&["run", &model, "--precision", "1%", "--replications", "3"]).0, 2);
    assert_eq!(lbsim(&["run", &model, "--most-replications", "30"]).0, 2);
}

#[test]
fn the_smallest_number_of_servers_is_found() {
    let model = shop("size", r#"expect: ["p99 < 80ms"],"#);
    let arguments = ["size", &model, "--vary", "servers[web].count", "--set", "clients[0].arrivals.rate=300/s"];
    let (code, page, errors) = lbsim(&arguments);
    assert_eq!((code, &*errors), (0, ""));
    insta::assert_snapshot!(page);
    assert_eq!(lbsim(&[&arguments[..], &["--jobs", "4"]].concat()).1, page);
    let (code, document) = json(&arguments);
    assert_eq!(code, 0);
    assert_eq!(document["answer"]["shown_smallest"], true);
    insta::assert_snapshot!(lbsim(&[&arguments[..], &["--format", "csv"]].concat()).1);
}

#[test]
fn a_speed_is_varied_in_steps() {
    let model = shop("speed", "");
    let goals = ["--until", "mean < 12ms", "--until", "utilization < 90%"];
    let arguments = ["size", &model, "--vary", "servers[0].speed", "--from", "0.25", "--to", "3", "--step", "0.25"];
    let (code, page, _) = lbsim(&[&arguments[..], &goals].concat());
    assert_eq!(code, 0);
    insta::assert_snapshot!(page);
}

#[test]
fn no_answer_is_an_answer_of_no() {
    let model = shop("no_size", "");
    let size = |arguments: &[&str]| {
        lbsim(&[&["size", &model, "--vary", "servers[0].count", "--until", "mean < 9ms"], arguments].concat())
    };
    let (code, page, _) = size(&["--to", "5"]);
    assert_eq!(code, 1);
    assert!(page.ends_with("No answer: 5, the largest value to try, does not meet `mean < 9ms`.\n"), "{page}");
    let (code, page, _) = size(&["--from", "5", "--set", "servers[0].speed=2"]);
    assert_eq!(code, 1);
    assert!(page.contains("No answer: 5 meets `mean < 9ms` already"), "{page}");
    // Nothing is smaller than one server.
    let (code, page, _) = size(&["--set", "servers[0].speed=9"]);
    assert_eq!(code, 0);
    assert!(page.contains("1 meets `mean < 9ms`, and no smaller servers[0].count makes a model."), "{page}");
    // But there are speeds below 1, and steps of 2 leave a value out.
    for vary in [
        &["--vary", "servers[0].speed", "--set", "servers[0].count=9"][..],
        &["--vary", "servers[0].count", "--from", "2", "--step", "2"],
    ] {
        let arguments = ["size", &model, "--until", "mean < 1h", "--set", "clients[0].arrivals.rate=10/s"];
        let (code, page, _) = lbsim(&[&arguments[..], vary].concat());
        assert_eq!(code, 1, "{page}");
        assert!(page.contains("meets `mean < 1h` already, where the search began. Begin lower: --from."), "{page}");
    }
}

#[test]
fn what_could_not_be_decided_is_told() {
    let model = shop("undecided", "");
    let arguments = ["size", &model, "--vary", "servers[0].count", "--until", "utilization < 40%", "--from", "1", "--to", "9"];
    let (code, page, _) = lbsim(&[&arguments[..], &["--most-replications", "30"]].concat());
    assert_eq!(code, 0);
    insta::assert_snapshot!(page);
}

#[test]
fn questions_that_make_no_sense_are_mistakes() {
    let model = shop("senseless", "");
    let vary = ["size", &model, "--vary", "servers[0].count"];
    for (arguments, part) in [
        (&[][..], "there is no goal"),
        (&["--until", "mean < 1s", "--from", "0"], "`count` must be a whole number"),
        (&["--until", "mean < 1s", "--from", "3", "--to", "2"], "--to must not be below --from"),
        (&["--until", "mean < 1s", "--confidence", "100%"], "--confidence must be a probability"),
        (&["--until", "mean < 1s", "--set", "sevrers=[]"], "sevrers"),
    ] {
        let (code, out, errors) = lbsim(&[&vary[..], arguments].concat());
        assert_eq!((code, &*out), (2, ""), "{arguments:?}");
        assert!(errors.contains(part), "{errors}");
    }
}
