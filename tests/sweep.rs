//! Sweeps as people run them: killed and taken up again, shared by machines, on any number of threads, and always the same bytes.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Nine points of unequal length, eight replications each.
const FIXED: &str = r#"Experiment(
    model: Model(
        clients: [Open(arrivals: Poisson(rate: "200/s"), demand: Exponential(mean: "10ms"))],
        servers: [Pool(name: "web", count: 4)],
        run: Steady(length: "4min", replications: 8),
    ),
    factors: [
        Factor(name: "strategy", path: "balancer.algorithm", values: [RoundRobin, Random, JoinShortestQueue]),
        Factor(name: "load", path: "clients[0].arrivals.rate", values: ["100/s", "200/s", "320/s"]),
    ],
)"#;

/// A folder of its own for each test, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sweep").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn lbsim(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lbsim"));
    command.args(arguments).env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

fn done(arguments: &[&str]) -> Output {
    let output = lbsim(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}\n{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn experiment(folder: &Path, text: &str) -> String {
    let path = folder.join("trial.ron");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Everything that a folder of results says to programs.
fn exports(folder: &Path) -> Vec<Vec<u8>> {
    let folder = folder.to_str().unwrap();
    let of = |rows: &str, format: &str| done(&["export", folder, "--rows", rows, "--format", format]).stdout;
    [("replications", "csv"), ("replications", "json"), ("points", "csv"), ("points", "json"), ("points", "parquet")]
        .map(|(rows, format)| of(rows, format))
        .to_vec()
}

#[test]
fn a_sweep_killed_at_fifty_moments_loses_nothing() {
    let folder = folder("killed");
    let text = FIXED.replace("replications: 8", "replications: 120");
    let file = experiment(&folder, &text);
    let (whole, broken) = (folder.join("whole"), folder.join("broken"));
    done(&["sweep", &file, "--out", whole.to_str().unwrap()]);
    // A fixed sequence of moments (a linear congruential generator, Knuth 1998, section 3.3.4).
    let (mut state, mut kills) = (1_u64, 0);
    while kills < 50 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let wait = Duration::from_millis(20 + (state >> 33) % 80);
        let mut child = lbsim(&["sweep", &file, "--out", broken.to_str().unwrap()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(wait);
        if child.try_wait().unwrap().is_some() {
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
    }
    assert_eq!(kills, 50, "the sweep ended before it could be killed so often: make it longer");
    done(&["sweep", &file, "--out", broken.to_str().unwrap()]);
    assert_eq!(exports(&broken), exports(&whole));
}

#[test]
fn four_shards_merged_equal_the_whole() {
    let folder = folder("shards");
    for (name, text) in [("fixed", FIXED.to_owned()), ("precise", precise())] {
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let file = experiment(&folder, &text);
        let whole = folder.join("whole");
        done(&["sweep", &file, "--out", whole.to_str().unwrap()]);
        let mut merge = vec!["merge".to_owned()];
        for shard in 1..=4 {
            let part = folder.join(format!("part{shard}"));
            done(&["sweep", &file, "--shard", &format!("{shard}/4"), "--out", part.to_str().unwrap()]);
            merge.push(part.to_str().unwrap().to_owned());
        }
        let merged = folder.join("merged");
        merge.extend(["--out".to_owned(), merged.to_str().unwrap().to_owned()]);
        done(&merge.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(exports(&merged), exports(&whole), "{name}");
        let page = |folder: &Path| std::fs::read(folder.join("summary.csv")).unwrap();
        assert_eq!(page(&merged), page(&whole), "{name}");
    }
}

fn precise() -> String {
    FIXED.replace("factors:", "precision: [(\"mean_response\", \"3%\")],\n    most_replications: 60,\n    factors:")
}

fn selecting() -> String {
    let best =
        r#"best: (metric: "mean_response", is: Smallest, probability: "95%", indifference: "1ms", most_replications: 80),"#;
    FIXED.replace("factors:", &format!("{best}\n    factors:"))
}

#[test]
fn threads_change_no_byte() {
    let folder = folder("threads");
    for (name, text) in [("fixed", FIXED.to_owned()), ("precise", precise()), ("selecting", selecting())] {
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let file = experiment(&folder, &text);
        let outputs = ["1", "2", "5"].map(|jobs| {
            let out = folder.join(format!("jobs{jobs}")).join("same");
            let output = done(&["sweep", &file, "--out", out.to_str().unwrap(), "--jobs", jobs]);
            let page = std::fs::read(out.join("report.html")).unwrap();
            let said = String::from_utf8(output.stdout).unwrap().replace(&format!("jobs{jobs}"), "");
            (exports(&out), page, said)
        });
        let [one, others @ ..] = &outputs;
        for other in others {
            assert!(one.0 == other.0, "{name}: exports differ");
            assert!(one.1 == other.1, "{name}: pages differ");
            assert_eq!(one.2, other.2, "{name}: what is said differs");
        }
    }
}

#[test]
fn what_is_known_is_not_simulated_again_and_a_change_costs_only_itself() {
    let folder = folder("known");
    let file = experiment(&folder, FIXED);
    let out = folder.join("out");
    let replications = |out: &Path| {
        let text = String::from_utf8(done(&["export", out.to_str().unwrap()]).stdout).unwrap();
        text.lines().count() - 1
    };
    done(&["sweep", &file, "--out", out.to_str().unwrap()]);
    assert_eq!(replications(&out), 72);
    let database = || {
        let database = rusqlite::Connection::open(out.join("results.db")).unwrap();
        database.query_row("SELECT count(*) FROM records", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(database(), 72);
    done(&["sweep", &file, "--out", out.to_str().unwrap()]);
    assert_eq!(database(), 72);
    // Another load in place of one: a third is new, what was there stays.
    std::fs::write(&file, FIXED.replace("\"100/s\"", "\"150/s\"")).unwrap();
    done(&["sweep", &file, "--out", out.to_str().unwrap()]);
    assert_eq!(replications(&out), 72);
    assert_eq!(database(), 96, "three points are new");
    std::fs::write(&file, FIXED).unwrap();
    done(&["sweep", &file, "--out", out.to_str().unwrap()]);
    assert_eq!(database(), 96, "the records of the first plan were still there");
    let fresh = folder.join("fresh");
    done(&["sweep", &file, "--out", fresh.to_str().unwrap()]);
    assert_eq!(exports(&out), exports(&fresh));
}

#[test]
fn two_processes_on_one_folder_do_no_harm() {
    let folder = folder("two");
    let file = experiment(&folder, &FIXED.replace("replications: 8", "replications: 200"));
    let out = folder.join("out");
    let mut first =
        lbsim(&["sweep", &file, "--out", out.to_str().unwrap()]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while !out.join("results.db").exists() && begun.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
    }
    let second = lbsim(&["sweep", &file, "--out", out.to_str().unwrap()]).output().unwrap();
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(2), "{said}");
    assert!(said.contains("another") && said.contains("out"), "{said}");
    first.kill().unwrap();
    first.wait().unwrap();
    // A folder that a killed process held is free again.
    std::fs::write(&file, FIXED).unwrap();
    done(&["sweep", &file, "--out", out.to_str().unwrap()]);
}

#[test]
#[cfg(unix)]
fn a_sweep_that_is_told_to_stop_says_so_and_goes_on_later() {
    let folder = folder("stopped");
    let file = experiment(&folder, &FIXED.replace("replications: 8", "replications: 60"));
    let whole = folder.join("whole");
    done(&["sweep", &file, "--out", whole.to_str().unwrap()]);
    for shard in [None, Some("1/2")] {
        let out = folder.join(if shard.is_some() { "part" } else { "all" });
        let mut arguments = vec!["sweep", &file, "--out", out.to_str().unwrap()];
        arguments.extend(shard.map(|part| ["--shard", part]).into_iter().flatten());
        let child = lbsim(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let begun = Instant::now();
        while !out.join("results.db").exists() && begun.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(2));
        }
        std::thread::sleep(Duration::from_millis(30));
        let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(130), "{said}");
        assert!(said.contains("goes on from there"), "{said}");
        done(&arguments);
    }
    assert_eq!(exports(&folder.join("all")), exports(&whole));
}

#[test]
fn nothing_of_somebody_else_is_overwritten_or_removed() {
    let folder = folder("others");
    let file = experiment(&folder, FIXED);
    let out = folder.join("out");
    std::fs::create_dir_all(out.join("charts")).unwrap();
    std::fs::write(out.join("charts/mine.csv"), "mine").unwrap();
    let refused = lbsim(&["sweep", &file, "--out", out.to_str().unwrap()]).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("holds a `charts` that is not of lbsim") && !out.join("results.db").exists(), "{said}");
    // Beside our own charts as well, what we did not draw stays, and what an earlier report drew goes.
    std::fs::remove_dir_all(&out).unwrap();
    done(&["sweep", &file, "--out", out.to_str().unwrap()]);
    std::fs::write(out.join("charts/mine.csv"), "mine").unwrap();
    assert!(out.join("charts/effects-mean_response.svg").exists());
    std::fs::write(&file, FIXED.replace("factors:", "charts: [Differences],\n    factors:")).unwrap();
    done(&["sweep", &file, "--out", out.to_str().unwrap()]);
    assert_eq!(std::fs::read_to_string(out.join("charts/mine.csv")).unwrap(), "mine");
    assert!(out.join("charts/differences-mean_response.svg").exists());
    assert!(!out.join("charts/effects-mean_response.svg").exists());
}

#[test]
fn a_missed_goal_ends_with_code_1_whoever_listens() {
    let folder = folder("goals");
    let file = experiment(&folder, &FIXED.replace("factors:", "expect: [\"mean < 1ms\"],\n    factors:"));
    let out = folder.join("out");
    let output = lbsim(&["sweep", &file, "--out", out.to_str().unwrap()]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("Goal mean < 1ms: met at 0 of 9 points, missed at 9"), "{said}");
    // Nobody reads the output.
    let mut child = lbsim(&["report", out.to_str().unwrap()]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn a_precision_that_is_not_reached_is_told() {
    let folder = folder("imprecise");
    let file = experiment(&folder, FIXED);
    let out = folder.join("out");
    let asked = ["--precision", "p99 0.1%", "--most-replications", "20"];
    let output = done(&[&["sweep", &file, "--out", out.to_str().unwrap()][..], &asked].concat());
    let said = String::from_utf8_lossy(&output.stdout).replace('\n', " ");
    let expected = "The precision asked for (p99 response time to 0.100 %) is not reached at 9 of 9 points with 20 replications.";
    assert!(said.contains(expected), "{said}");
}
