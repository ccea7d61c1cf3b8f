//! `lbsim explain` from outside: the decisions one by one, those of the run, with what is full and what is out of rotation.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Four servers as HAProxy sees them, two connections each; one is out of rotation for most of the run.
const LIMITED: &str = r#"Model(
    clients: [
        Open(name: "visitors", arrivals: Poisson(rate: "300/s"), demand: Exponential(mean: "10ms")),
    ],
    balancer: (product: HAProxy, algorithm: LeastConnections),
    servers: [Pool(name: "web", count: 4, max_connections: 2)],
    script: [(at: "1s", remove: "web 2"), (at: "8s", restore: "web 2")],
    run: Terminating(horizon: "10s", replications: 1),
)
"#;

/// A request every 10 ms that is done after 5 ms, so that all of them complete before the end.
const CALM: &str = r#"Model(
    clients: [Open(arrivals: Renewal(gap: Constant("10ms")), demand: Constant("5ms"))],
    servers: [Pool(name: "web", count: 3, weight: 2), Pool(name: "old")],
    run: Terminating(horizon: "4.998s", replications: 1),
)
"#;

/// A model in a folder of the tests' own.
fn file(name: &str, model: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("explain");
    std::fs::create_dir_all(&folder).unwrap();
    let path: PathBuf = folder.join(name);
    std::fs::write(&path, model).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The exit code and what was written to the two streams.
fn lbsim(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_lbsim")).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[track_caller]
fn explain(arguments: &[&str]) -> String {
    let (code, out, errors) = lbsim(&[&["explain"], arguments].concat());
    assert_eq!((code, &*errors), (Some(0), ""), "{arguments:?}");
    out
}

#[track_caller]
fn decisions(arguments: &[&str]) -> Vec<Value> {
    let text = explain(&[arguments, &["--format", "json"]].concat());
    let document: Value = serde_json::from_str(&text).unwrap();
    document["decisions"].as_array().unwrap().clone()
}

#[test]
fn decisions_in_words() {
    let model = file("words.ron", LIMITED);
    insta::assert_snapshot!(explain(&[&model, "--from", "2s", "--decisions", "4"]));
}

#[test]
fn decisions_as_json() {
    let model = file("json.ron", LIMITED);
    insta::assert_snapshot!(explain(&[&model, "--from", "2s", "--decisions", "2", "--format", "json"]));
}

#[test]
fn who_is_full_or_out_is_no_candidate() {
    let model = file("standings.ron", LIMITED);
    let all = decisions(&[&model, "--decisions", "100000"]);
    assert!(all.len() > 500, "{}", all.len());
    let (mut waited, mut fed) = (0, 0);
    for decision in &all {
        let names = |field: &str| -> Vec<String> {
            decision[field].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
        };
        let (candidates, full, out) = (names("candidates"), names("full"), names("out_of_rotation"));
        let mut together: Vec<&String> = candidates.iter().chain(&full).chain(&out).collect();
        together.sort();
        assert_eq!(together, ["web 1", "web 2", "web 3", "web 4"], "each stands somewhere, once");
        let time = decision["time_s"].as_f64().unwrap();
        assert_eq!(out == ["web 2"], (1.0..8.0).contains(&time), "{decision}");
        match decision["server"].as_str() {
            Some(server) => {
                assert_eq!(decision["action"], "send");
                assert!(candidates.iter().any(|candidate| candidate == server), "{decision}");
                let mut scores = decision["scores"].as_array().unwrap().iter();
                let from_line = decision["because"].as_str().unwrap().starts_with("it waited in line");
                assert!(from_line || scores.any(|score| score["server"] == server), "{decision}");
                fed += u32::from(from_line);
            }
            None => {
                waited += 1;
                assert!(candidates.is_empty(), "{decision}");
                let because = decision["because"].as_str().unwrap();
                assert!(because.starts_with("every server in rotation is full"), "{decision}");
            }
        }
        assert_eq!(decision["refused"], false, "HAProxy has a queue: {decision}");
    }
    assert!(waited > 0, "some find all servers full");
    assert!((1..=waited).contains(&fed), "those who waited are sent: {fed} of {waited}");
}

#[test]
fn where_nobody_may_wait_it_is_refused() {
    let model = file("refused.ron", &LIMITED.replace("HAProxy", "Nginx"));
    let all = decisions(&[&model, "--decisions", "100000"]);
    let refused = all.iter().filter(|decision| decision["refused"] == true);
    let (code, run, _) = lbsim(&["run", &model, "--format", "json"]);
    assert_eq!(code, Some(0));
    let run: Value = serde_json::from_str(&run).unwrap();
    let fraction = run["requests"]["rejected_fraction"]["value"].as_f64().unwrap();
    let explained = refused.count() as f64 / all.len() as f64;
    assert!(explained > 0.0 && (fraction - explained).abs() < 1e-12, "{fraction} {explained}");
}

/// Every request completes, so that the shares which `run` reports are those of the decisions.
#[test]
fn the_decisions_are_those_of_the_run() {
    let model = file("shares.ron", CALM);
    for algorithm in ["Random", "WeightedRandom", "NginxRoundRobin", "EnvoyMaglev", "PowerOfD"] {
        let set = format!("balancer.algorithm={algorithm}");
        let all = decisions(&[&model, "--decisions", "100000", "--set", &set]);
        assert_eq!(all.len(), 499);
        let mut sent: BTreeMap<String, u32> = BTreeMap::new();
        for decision in &all {
            *sent.entry(decision["server"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        let (code, run, errors) = lbsim(&["run", &model, "--format", "json", "--set", &set]);
        assert_eq!(code, Some(0), "{errors}");
        let run: Value = serde_json::from_str(&run).unwrap();
        let servers = run["servers"].as_array().unwrap();
        assert_eq!(servers.len(), 4);
        for server in servers {
            let name = server["name"].as_str().unwrap();
            let explained = f64::from(*sent.get(name).unwrap_or(&0)) / all.len() as f64;
            let share = server["metrics"]["share"]["value"].as_f64().unwrap();
            assert!((share - explained).abs() < 1e-12, "{algorithm}, {name}: {share} in the run, {explained} explained");
        }
    }
}

#[test]
fn a_later_start_shows_the_same_decisions() {
    let model = file("later.ron", LIMITED);
    let all = decisions(&[&model, "--decisions", "100000"]);
    let later = decisions(&[&model, "--decisions", "30", "--from", "3s"]);
    let from = all.iter().position(|decision| decision["time_s"].as_f64().unwrap() >= 3.0).unwrap();
    assert_eq!(later, all[from..from + 30]);
}

#[test]
fn another_seed_or_replication_makes_other_decisions() {
    let model = file("seeds.ron", LIMITED);
    let first = decisions(&[&model]);
    assert_eq!(first.len(), 10, "ten unless said otherwise");
    assert_eq!(decisions(&[&model, "--seed", "1"]), first, "the seed of a model is 1");
    assert_ne!(decisions(&[&model, "--seed", "2"]), first);
    assert_ne!(decisions(&[&model, "--replication", "1"]), first);
}

#[test]
fn beyond_the_end_there_is_nothing_to_explain() {
    let model = file("beyond.ron", LIMITED);
    let (code, out, errors) = lbsim(&["explain", &model, "--from", "10s"]);
    assert_eq!((code, &*out), (Some(2), ""));
    assert_eq!(errors, "error: `--from 10 s`: the run ends at 10 s\n");
    let calm = file("calm.ron", CALM);
    assert_eq!(explain(&[&calm, "--from", "4.995s"]), "No balancer decides anything from 4.995 s on.\n");
}

/// Two servers behind checks every 2 s that must fail three times; one of them crashes at 10 s.
const CHECKED: &str = r#"Model(
    clients: [Open(name: "visitors", arrivals: Renewal(gap: Constant("100ms")), demand: Constant("1ms"))],
    balancer: (algorithm: RoundRobin, health: Checks(interval: "2s", timeout: "1s", rise: 2, fall: 3, phase: Common)),
    servers: [Pool(name: "web", count: 3)],
    script: [(at: "10s", fail: "web 2", lasting: "20s"), (at: "1s", remove: "web 3")],
    run: Terminating(horizon: "1min", replications: 1),
)
"#;

/// What is said of the decisions, by their times in s: for whom, what is true of the server, why it is used, who is out and why.
#[track_caller]
fn told(model: &str, from: &str, number: &str) -> Vec<Value> {
    decisions(&[model, "--from", from, "--decisions", number])
}

fn out(decision: &Value) -> Vec<String> {
    let list = decision["not_chosen_from"].as_array().unwrap().iter();
    list.map(|out| format!("{}: {}", out["server"].as_str().unwrap(), out["because"].as_str().unwrap_or("?"))).collect()
}

#[test]
fn a_dead_server_is_used_until_its_checks_have_failed() {
    let model = file("checked.ron", CHECKED);
    // The check at 10 s comes after the crash; those at 12 s and 14 s are the second and the third.
    for (from, because) in [("10.1s", "1 of 3 checks has failed"), ("12.1s", "2 of 3 checks have failed")] {
        let pair = told(&model, from, "2");
        let dead = pair.iter().find(|decision| decision["server"] == "web 2").unwrap();
        let truth = dead["chosen_in_trouble"]["truth"].as_str().unwrap();
        assert!(truth.starts_with("web 2 has been down for ") && truth.ends_with(" s and refuses connections"), "{truth}");
        assert_eq!(dead["chosen_in_trouble"]["used_because"], because);
        assert_eq!(dead["fails"], "were refused the connection");
        let alive = pair.iter().find(|decision| decision["server"] == "web 1").unwrap();
        assert_eq!((&alive["chosen_in_trouble"], &alive["fails"]), (&Value::Null, &Value::Null));
        assert_eq!(out(alive), ["web 3: removed by the script"]);
    }
    let later = told(&model, "14.05s", "100");
    assert!(later.iter().all(|decision| decision["server"] == "web 1"));
    assert_eq!(out(&later[0]), ["web 2: down by its checks", "web 3: removed by the script"]);
    let mended = told(&model, "30.1s", "1");
    assert_eq!(out(&mended[0])[0], "web 2: down by its checks, 1 of 2 passed since, though nothing is wrong with it");
    insta::assert_snapshot!(explain(&[&model, "--from", "11.9s", "--decisions", "3"]));
}

#[test]
fn without_checks_nobody_knows() {
    let text =
        CHECKED.replace("health: Checks(interval: \"2s\", timeout: \"1s\", rise: 2, fall: 3, phase: Common)", "health: Nothing");
    let pair = told(&file("unchecked.ron", &text), "15s", "2");
    let dead = pair.iter().find(|decision| decision["server"] == "web 2").unwrap();
    assert_eq!(dead["chosen_in_trouble"]["used_because"], "nobody checks: it stays in rotation");
    let perfect = told(&file("known.ron", &text.replace("Nothing", "Perfect")), "15s", "2");
    assert_eq!(out(&perfect[0]), ["web 2: known to be down", "web 3: removed by the script"]);
    let nginx = text.replace("algorithm: RoundRobin, health: Nothing", "product: Nginx, algorithm: RoundRobin(max_fails: 3)");
    let tries = told(&file("nginx.ron", &nginx), "10.05s", "20");
    let because: Vec<&str> = tries.iter().filter_map(|decision| decision["chosen_in_trouble"]["used_because"].as_str()).collect();
    assert_eq!(because[..3], ["0 of 3 failures counted", "1 of 3 failures counted", "2 of 3 failures counted"]);
    assert!(out(tries.last().unwrap()).contains(&"web 2: passed over after 3 of 3 failures".to_owned()), "{tries:?}");
}

#[test]
fn in_panic_all_are_used() {
    let text = CHECKED
        .replace("algorithm: RoundRobin,", "product: Envoy, algorithm: RoundRobin,")
        .replace("fail: \"web 2\"", "fail: [\"web 1\", \"web 2\"]")
        .replace("lasting: \"20s\"", "lasting: \"40s\"");
    let model = file("panic.ron", &text.replace(", (at: \"1s\", remove: \"web 3\")", ""));
    let all = told(&model, "20s", "30");
    let dead = all.iter().find(|decision| decision["server"] == "web 2").unwrap();
    let because = "the balancer believes it dead, but too few are healthy, so that all are used (panic)";
    assert_eq!(dead["chosen_in_trouble"]["used_because"], because);
    insta::assert_snapshot!(explain(&[&model, "--from", "20s", "--decisions", "3"]));
}

#[test]
fn a_retry_says_of_which_request_and_after_what() {
    let text = CHECKED.replace("phase: Common)", "phase: Common), retries: Retries(most: 2, to: Another)");
    let model = file("retried.ron", &text);
    let all = told(&model, "10.05s", "20");
    let first = all.iter().position(|decision| decision["server"] == "web 2").unwrap();
    let (dead, again) = (&all[first], &all[first + 1]);
    assert_eq!((&dead["again"], &dead["fails"]), (&Value::Null, &Value::Null));
    let number = dead["request"].as_u64().unwrap();
    assert_eq!(again["again"], format!("retry 1 of request {number}, whose connection was refused"));
    assert_eq!((&again["request"], &again["time_s"]), (&dead["request"], &dead["time_s"]));
    assert_eq!(again["server"], "web 1");
    assert_eq!(out(again), ["web 2: tried already", "web 3: removed by the script"]);
    insta::assert_snapshot!(explain(&[&model, "--from", "10.05s", "--decisions", "4"]));
}

#[test]
fn where_nobody_is_left_it_says_why() {
    let text = CHECKED.replace("remove: \"web 3\"", "remove: [\"web 1\", \"web 3\"]");
    let all = told(&file("nobody.ron", &text), "20s", "1");
    assert_eq!((&all[0]["action"], &all[0]["server"]), (&Value::from("refuse"), &Value::Null));
    let expected = ["web 1: removed by the script", "web 2: down by its checks", "web 3: removed by the script"];
    assert_eq!(
        (out(&all[0]), &all[0]["because"]),
        (expected.map(String::from).to_vec(), &Value::from("no server is in rotation"))
    );
}

/// A pool of priority 1 is used once the other is believed dead, and what is not provisioned is not there.
#[test]
fn levels_of_priority_and_servers_that_do_not_exist() {
    let text = CHECKED
        .replace(
            "Pool(name: \"web\", count: 3)",
            "Pool(name: \"web\", count: 3), Pool(name: \"reserve\", backup: true, \
            autoscaling: (most: 2, target: InSystem(9), provisioning: \"1s\"))",
        )
        .replace("fail: \"web 2\"", "fail: [\"web 1\", \"web 2\"]");
    let model = file("levels.ron", &text);
    let before = told(&model, "5s", "1");
    let waits = ["web 3: removed by the script", "reserve 1: its level of priority is not in use", "reserve 2: not provisioned"];
    assert_eq!(out(&before[0]), waits);
    let after = told(&model, "20s", "1");
    assert_eq!(after[0]["server"], "reserve 1");
    let down =
        ["web 1: down by its checks", "web 2: down by its checks", "web 3: removed by the script", "reserve 2: not provisioned"];
    assert_eq!(out(&after[0]), down);
}

#[test]
fn who_meets_no_balancer_is_told() {
    let model = |fault: &str| {
        format!(
            "Model(
                clients: [Open(arrivals: Renewal(gap: Constant(\"1s\")), demand: Constant(\"1ms\"), patience: \"500ms\")],
                balancer: (name: \"front\"),
                script: [(at: \"1500ms\", fail: \"front\", fault: {fault}, lasting: \"1s\")],
                run: Terminating(horizon: \"5s\", replications: 1),
            )"
        )
    };
    for (fault, words) in
        [("Crash", "the balancer is down and refuses connections"), ("Silence", "the balancer is down, and nothing answers")]
    {
        let all = decisions(&[&file("front.ron", &model(fault))]);
        let becauses: Vec<(f64, bool)> =
            all.iter().map(|decision| (decision["time_s"].as_f64().unwrap(), decision["because"] == words)).collect();
        assert_eq!(becauses, [(1.0, false), (2.0, true), (3.0, false), (4.0, false), (5.0, false)]);
        assert_eq!((&all[1]["server"], all[1]["refused"].as_bool()), (&Value::Null, Some(fault == "Crash")));
    }
}
