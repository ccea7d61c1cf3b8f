//! The rules of the house, held by machine: short files, nothing left for later, rooms that use only rooms above them, a core
//! without threads, files, clocks and terminals, papers that name what exists, models that run.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use lbsim::observe::{Convergence, SERVER_METRICS};
use lbsim::results::Store;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Lines of code that a reader can hold in mind.
const LONGEST_FILE: usize = 500;
/// Files that may be longer, each with its reason.
const LONGER: &[(&str, &str)] = &[("src/model/tests/messages.rs", "a list of bad model files, one beside the other; no logic")];

/// The last room of the core, which will also run in a browser.
const LAST_OF_CORE: &str = "cluster";
/// What the core must not touch: `std::net::IpAddr` and the like are plain values and allowed.
const OUTSIDE: &[&str] =
    &["std::thread", "std::fs", "std::time", "std::io", "std::env", "std::process", "println!", "print!(", "rayon", "anstream"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files below a folder with that extension, as paths from the root, sorted.
fn files(folder: &str, extension: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<String> {
    ["src", "tests", "benches"].iter().flat_map(|folder| files(folder, "rs")).collect()
}

/// The rooms in the order of `src/lib.rs`.
fn rooms() -> Vec<String> {
    let lib = read("src/lib.rs");
    let room = |line: &str| line.strip_prefix("pub mod ")?.strip_suffix(';').map(str::to_owned);
    lib.lines().filter_map(room).collect()
}

/// The lines of a source that are compiled into the program, numbered: no comments, and no tests, which stand at the end or in
/// a file of their own.
fn program(source: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_mark = |line: &str| line.trim() == "#[cfg(test)]";
    let end = source.lines().zip(source.lines().skip(1)).position(|(mark, item)| is_mark(mark) && !item.ends_with(';'));
    let lines = (1..).zip(source.lines()).take(end.unwrap_or(usize::MAX));
    lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs")
}

#[track_caller]
fn none(broken: &[String], rule: &str) {
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}

#[test]
fn files_are_short() {
    let long = |path: String| {
        let lines = read(&path).lines().count();
        (lines > LONGEST_FILE && LONGER.iter().all(|(excused, _)| *excused != path)).then(|| format!("{path}: {lines} lines"))
    };
    none(&sources().into_iter().filter_map(long).collect::<Vec<_>>(), "a file has at most 500 lines, or a reason in LONGER");
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("#[ign", "ore]"), concat!("FIX", "ME")];
    let mut broken = Vec::new();
    for path in sources() {
        for (number, line) in (1..).zip(read(&path).lines()) {
            if let Some(mark) = marks.iter().find(|mark| line.contains(**mark)) {
                broken.push(format!("{path}:{number}: {mark}"));
            }
        }
    }
    none(&broken, "work is done or an issue; a test that is ignored says why");
}

#[test]
fn rooms_use_only_rooms_above() {
    let rooms = rooms();
    assert!(rooms.len() >= 12, "the rooms are declared in src/lib.rs");
    let mut broken = Vec::new();
    for (floor, room) in rooms.iter().enumerate() {
        for path in files(&format!("src/{room}"), "rs") {
            let source = read(&path);
            for (number, line) in program(&source) {
                for used in line.split("crate::").skip(1) {
                    let name: String = used.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                    let below = rooms.iter().position(|room| *room == name).is_none_or(|used| used > floor);
                    if below {
                        broken.push(format!("{path}:{number}: crate::{name}"));
                    }
                }
            }
        }
    }
    none(&broken, "a room uses rooms above it, named as `crate::ROOM`");
}

/// The table of rooms in ARCHITECTURE.md says which room uses which; what is used must be said there.
#[test]
fn the_map_shows_who_uses_whom() {
    let map = read("ARCHITECTURE.md");
    let mut broken = Vec::new();
    for room in rooms() {
        let row = map.lines().find(|line| line.starts_with(&format!("| `{room}` |")));
        let Some(uses) = row.and_then(|row| row.split('|').nth(2)) else {
            broken.push(format!("no row for `{room}`"));
            continue;
        };
        for path in files(&format!("src/{room}"), "rs").into_iter().filter(|path| !is_test(path)) {
            for (number, line) in program(&read(&path)) {
                for used in rooms().iter().filter(|used| **used != room && line.contains(&format!("crate::{used}"))) {
                    if !uses.split([',', ' ']).any(|word| word.trim_matches('`') == used) {
                        broken.push(format!("{path}:{number}: `{room}` uses `{used}`, its row says {}", uses.trim()));
                    }
                }
            }
        }
    }
    none(&broken, "the table of rooms in ARCHITECTURE.md is true");
}

#[test]
fn the_core_touches_nothing_outside() {
    let rooms = rooms();
    let core = rooms.iter().position(|room| room == LAST_OF_CORE).unwrap();
    let mut broken = Vec::new();
    for path in rooms[..=core].iter().flat_map(|room| files(&format!("src/{room}"), "rs")).filter(|path| !is_test(path)) {
        for (number, line) in program(&read(&path)) {
            if let Some(outside) = OUTSIDE.iter().find(|outside| line.contains(**outside)) {
                broken.push(format!("{path}:{number}: {outside}"));
            }
        }
    }
    none(&broken, "from units to cluster nothing uses a thread, a file, a clock or a terminal");
}

/// The paths of the repository that the papers name in back quotes.
#[test]
fn the_papers_name_what_exists() {
    let mut broken = Vec::new();
    for paper in ["README.md", "ARCHITECTURE.md", "DESIGN.md", "CHANGELOG.md"] {
        for word in read(paper).split('`').skip(1).step_by(2) {
            let ours = ["src/", "models/", "tests/", "benches/", ".ci/"].iter().any(|folder| word.starts_with(folder));
            if ours && !word.contains([' ', '*', '\n']) && !root().join(word).exists() {
                broken.push(format!("{paper}: {word}"));
            }
        }
    }
    none(&broken, "a path in a paper exists");
}

/// The arguments of the commands in a text that call the program, from the root of the repository.
fn commands(text: &str) -> Vec<Vec<String>> {
    let line = |line: &str| {
        let line = line.trim_start_matches("//").trim();
        let line = line.strip_prefix("$ ").unwrap_or(line);
        let rest = line.strip_prefix("cargo run --release -- ").or_else(|| line.strip_prefix("lbsim "))?;
        Some(words(rest))
    };
    text.lines().filter_map(line).collect()
}

/// Splits a command as a shell does, as far as our papers need it: single quotes, comments, pipes, and `models/*.ron`.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut any) = (Vec::new(), String::new(), false, false);
    for c in command.chars().chain([' ']) {
        match c {
            '\'' => (quoted, any) = (!quoted, true),
            '|' | '#' | '>' if !quoted => break,
            ' ' if !quoted => {
                if any {
                    words.push(std::mem::take(&mut word));
                }
                any = false;
            }
            c => {
                word.push(c);
                any = true;
            }
        }
    }
    let expand = |word: String| if word == "models/*.ron" { files("models", "ron") } else { vec![word] };
    words.into_iter().flat_map(expand).collect()
}

fn lbsim(arguments: &[String]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lbsim")).args(arguments).current_dir(root()).output().unwrap()
}

/// Carries a command out, a long one in short: one replication of a run, the plan of a sweep, the help of a validation. Files that stand for the
/// reader's own are not opened.
#[track_caller]
fn works(command: &[String]) {
    let mut short = command.to_vec();
    let of_the_reader = command.iter().any(|word| word.contains("access.log") && !word.contains("sample"));
    match command[0].as_str() {
        _ if of_the_reader => short = vec![command[0].clone(), "--help".into()],
        "run" if command.iter().all(|word| !word.starts_with("--replication")) => {
            short.extend(["--set".into(), "run.replications=1".into()]);
        }
        "sweep" if !command.contains(&"--dry-run".into()) => short.push("--dry-run".into()),
        "compare" => short.extend(["--replications".into(), "2".into()]),
        // They need results, which the tests of sweeps make.
        "validate" | "report" | "export" | "merge" => short.push("--help".into()),
        _ => {}
    }
    let output = lbsim(&short);
    assert!(output.status.success(), "{command:?} fails:\n{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_commands_of_the_readme_work() {
    let commands = commands(&read("README.md"));
    assert!(commands.iter().any(|command| command.join(" ") == "sweep experiments/strategies.ron"), "the first command is there");
    assert!(commands.len() > 8, "there are commands of all kinds: {commands:?}");
    commands.iter().for_each(|command| works(command));
}

#[test]
fn every_model_is_mentioned_checks_and_offers_commands_that_work() {
    let readme = read("README.md");
    let models = files("models", "ron");
    assert!(models.len() >= 6);
    for path in models {
        assert!(readme.contains(&format!("`{path}`")), "README.md does not mention `{path}`");
        let check = lbsim(&["check".into(), path.clone()]);
        assert!(check.status.success(), "{path}:\n{}", String::from_utf8_lossy(&check.stderr));
        let commands = commands(&read(&path));
        assert!(commands.len() >= 2, "{path} offers commands to try");
        commands.iter().for_each(|command| works(command));
    }
}

#[test]
fn every_experiment_is_mentioned_and_checks() {
    let readme = read("README.md");
    let experiments = files("experiments", "ron");
    assert!(experiments.len() >= 4);
    for path in experiments {
        assert!(readme.contains(&format!("`{path}`")), "README.md does not mention `{path}`");
        let check = lbsim(&["check".into(), path.clone()]);
        let said = (String::from_utf8_lossy(&check.stdout), String::from_utf8_lossy(&check.stderr));
        // The sample of a log has a line that is cut short, on purpose.
        let warns = path.ends_with("sticky_log.ron") && said.1.starts_with("warning: 1 line of the log \"sample_access.log\"");
        assert!(said.0 == format!("{path}: no mistakes\n") && (said.1.is_empty() || warns), "{said:?}");
        let run = lbsim(&["run".into(), path.clone()]);
        assert_eq!(run.status.code(), Some(2));
        let expected = format!("error: `{path}` is an experiment: use `lbsim sweep`\n");
        assert_eq!(String::from_utf8_lossy(&run.stderr), expected);
    }
}

/// Experiments that show which algorithms ask too much of a server: some of their points have no steady state, or none within reach.
const OVERLOADING: &[&str] = &["experiments/algorithms.ron"];
/// A server at least as busy has all it can do, or so nearly that its queue forgets too slowly for these runs.
const SATURATED: f64 = 0.95;

/// Whatever has not converged has a saturated server, so that no other reason hides behind it.
#[track_caller]
fn only_saturated_points_have_not_converged(results: &Path) {
    let store = Store::read(results).unwrap();
    let place = SERVER_METRICS.iter().position(|metric| metric.name == "utilization").unwrap();
    let (mut without, mut broken) = (0, Vec::new());
    for point in 0..store.plan().points.len() {
        let fold = store.fold(point).unwrap();
        if matches!(fold.clone().summary().convergence, Convergence::NotConverged { .. }) {
            without += 1;
            let servers = fold.summary_unchecked().servers;
            let busiest = servers.iter().filter_map(|server| server.metrics[place].value).fold(0.0, f64::max);
            if busiest < SATURATED {
                broken.push(format!("{}: its busiest server is busy {busiest:.3} of the time", store.plan().label(point)));
            }
        }
    }
    assert!(without > 0, "{} has no points without figures and is no exception", results.display());
    none(&broken, "only what saturates a server has not converged");
}

/// Every shipped experiment answers as it stands, in every point but those that saturate a server where that is what it shows.
#[test]
fn every_experiment_converges() {
    for path in files("experiments", "ron") {
        let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("house").join(&path);
        let _ = std::fs::remove_dir_all(&out);
        let output = lbsim(&["sweep".into(), path.clone(), "--out".into(), out.to_str().unwrap().into()]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{path}: {}", String::from_utf8_lossy(&output.stderr));
        let has_converged = !said.to_lowercase().contains("not converged");
        assert!(said.contains("wrote "), "{path}:\n{said}");
        if OVERLOADING.contains(&path.as_str()) {
            only_saturated_points_have_not_converged(&out);
        } else {
            assert!(has_converged, "{path}:\n{said}");
        }
        assert!(out.join("report.html").exists());
    }
}

/// Every shipped model answers as it stands: it is long enough for its start to be forgotten.
#[test]
fn every_model_converges() {
    for path in files("models", "ron") {
        let output = lbsim(&["run".into(), path.clone(), "--format".into(), "json".into()]);
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let verdict = document["convergence"]["verdict"].as_str().unwrap();
        assert!(["converged", "not asked"].contains(&verdict), "{path}: {verdict}");
        let nobody_is_answered = document["requests"]["error_fraction"]["value"] == 1.0;
        assert!(document["requests"]["mean_response"]["value"].is_f64() || nobody_is_answered, "{path} has a mean");
    }
}
