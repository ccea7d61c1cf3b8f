//! The program from outside: exit codes, streams, formats, messages.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A small cluster of two classes with all that output has to cope with in names.
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

/// A file in a folder of the tests' own.
fn file(name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(name);
    std::fs::write(&path, contents).expect("a file");
    path
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lbsim"));
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "RUST_BACKTRACE"] {
        command.env_remove(variable);
    }
    command.current_dir(env!("CARGO_TARGET_TMPDIR"));
    command
}

fn lbsim(arguments: &[&str]) -> Output {
    program().args(arguments).output().expect("the program")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

/// Runs it, expects that exit code, and gives what it wrote to the two streams.
#[track_caller]
fn expect(code: i32, arguments: &[&str]) -> (String, String) {
    let output = lbsim(arguments);
    let (out, errors) = (text(&output.stdout).to_string(), text(&output.stderr).to_string());
    assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{out}\n{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
    (out, errors)
}

/// Expects a mistake whose message contains all the `parts`, and nothing on the standard output.
#[track_caller]
fn expect_mistake(arguments: &[&str], parts: &[&str]) {
    let (out, errors) = expect(2, arguments);
    assert_eq!(out, "", "{arguments:?}");
    for part in parts {
        assert!(errors.contains(part), "{arguments:?} does not say `{part}`:\n{errors}");
    }
}

#[test]
fn every_command_has_help() {
    for command in [&[][..], &["run"], &["size"], &["check"], &["list"], &["validate"]] {
        let (long, errors) = expect(0, &[command, &["--help"]].concat());
        assert!(long.contains("Usage: lbsim") && errors.is_empty(), "{long}");
        let (short, _) = expect(0, &[command, &["-h"]].concat());
        assert!(short.contains("Usage: lbsim"));
    }
    let (help, _) = expect(0, &["--help"]);
    assert!(help.contains("Exit codes: 0 done"), "{help}");
    for command in ["run", "size", "check", "list", "validate"] {
        assert!(help.contains(&format!("\n  {command} ")), "{help}");
    }
    let (version, _) = expect(0, &["--version"]);
    assert_eq!(version.trim_end(), format!("lbsim {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn bad_arguments_are_mistakes() {
    let model = file("arguments.ron", TINY);
    let model = model.to_str().expect("text");
    expect_mistake(&["run"], &["MODEL", "Usage"]);
    expect_mistake(&["walk"], &["walk"]);
    expect_mistake(&["run", model, "--replications", "0"], &["--replications"]);
    expect_mistake(&["run", model, "--replications", "x"], &["--replications"]);
    expect_mistake(&["run", model, "--jobs", "0"], &["--jobs"]);
    expect_mistake(&["run", model, "--seed=-1"], &["--seed"]);
    expect_mistake(&["run", model, "--format", "xml"], &["table", "json", "csv"]);
    expect_mistake(&["run", model, "--replication", "1", "--replications", "2"], &["cannot be used with"]);
    expect_mistake(&["run", model, "--set", "seed"], &["there is no `=`"]);
    expect_mistake(&["run", model, "--set", "sevrers[0].count=2"], &["did you mean `servers`"]);
    expect_mistake(&["check"], &["FILES"]);
    expect_mistake(&["list"], &["WHAT"]);
    expect_mistake(&["list", "algorithm"], &["algorithms"]);
}

#[test]
fn files_that_cannot_be_read_are_mistakes() {
    expect_mistake(&["run", "nowhere.ron"], &["error: `nowhere.ron` cannot be read"]);
    expect_mistake(&["check", "nowhere.ron"], &["error: `nowhere.ron` cannot be read"]);
    expect_mistake(&["run", "."], &["`.` cannot be read"]);
    let bytes = file("bytes.ron", b"Model(\n  about: \"caf\xe9\",\n)");
    expect_mistake(&["run", bytes.to_str().expect("text")], &["is not text in UTF-8: line 2"]);
    let empty = file("empty.ron", "");
    expect_mistake(&["run", empty.to_str().expect("text")], &["empty.ron"]);
    let replay = file("replay.ron", r#"Model(clients: [Replay(log: "lost.log", demand: Constant("1ms"))])"#);
    expect_mistake(&["check", replay.to_str().expect("text")], &["lost.log", "cannot be read"]);
}

#[cfg(unix)]
#[test]
fn a_file_may_have_a_name_that_is_no_text() {
    use std::os::unix::ffi::OsStrExt;
    let path = file("plain.ron", TINY).with_file_name(std::ffi::OsStr::from_bytes(b"caf\xe9.ron"));
    std::fs::write(&path, TINY).expect("a file");
    let output = program().args(["run", "--format", "json"]).arg(&path).output().expect("the program");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("\"model\": \"caf\u{fffd}\""));
}

#[test]
fn a_mistake_is_told_with_its_place_and_a_guess() {
    let model = file("mistaken.ron", TINY.replace("LeastConnections", "LeastConections").replace("capacity", "capazity"));
    expect_mistake(
        &["run", model.to_str().expect("text")],
        &["mistaken.ron:8", "did you mean `LeastConnections`?", "mistaken.ron:9", "did you mean `capacity`?"],
    );
}

#[test]
fn check_reads_all_files_before_it_says_no() {
    let good = file("good.ron", TINY);
    let bad = file("bad.ron", "Model()");
    let worse = file("worse.ron", "Modle(");
    let [good, bad, worse] = [&good, &bad, &worse].map(|path| path.to_str().expect("text"));
    let (out, errors) = expect(0, &["check", good, good]);
    assert_eq!(out, format!("{good}: no mistakes\n").repeat(2));
    assert_eq!(errors, "");
    let (out, errors) = expect(2, &["check", bad, good, worse]);
    assert_eq!(out, format!("{good}: no mistakes\n"));
    assert!(errors.contains("bad.ron") && errors.contains("worse.ron"), "{errors}");
    expect(2, &["check", good, "nowhere.ron"]);
    expect(0, &["check", good, "--set", "servers[0].count=3"]);
    expect(2, &["check", good, "--set", "servers[0].count=0"]);
}

#[test]
fn lists_show_everything_and_each_entry_in_full() {
    for (what, some) in [
        ("algorithms", "PowerOfD"),
        ("distributions", "LogNormal"),
        ("disciplines", "ProcessorSharing"),
        ("faults", "Crash"),
        ("metrics", "mean_response"),
    ] {
        let (list, _) = expect(0, &["list", what]);
        assert!(list.lines().any(|line| line.starts_with(&format!("{some} "))), "{list}");
        let names = list.lines().filter_map(|line| line.split_whitespace().next().filter(|_| !line.starts_with(' ')));
        for name in names {
            let (full, _) = expect(0, &["list", what, name]);
            assert!(full.starts_with(&format!("{name}: ")) && full.lines().count() > 2, "{full}");
            // Upper and lower case do not matter.
            assert_eq!(expect(0, &["list", what, &name.to_uppercase()]).0, full);
        }
    }
    expect_mistake(
        &["list", "algorithms", "LeastConections"],
        &["nothing called `LeastConections`", "did you mean `LeastConnections`?"],
    );
    expect_mistake(&["list", "distributions", "Lognomal"], &["did you mean `LogNormal`?"]);
}

#[test]
fn what_lists_say_of_use_in_a_model_works() {
    let model = file("example.ron", TINY);
    for algorithm in lbsim::balancing::Algorithm::NAMES {
        let (full, _) = expect(0, &["list", "algorithms", algorithm]);
        let example = full.lines().find_map(|line| line.trim().strip_prefix("balancer: ")).expect("an example");
        expect(0, &["check", model.to_str().expect("text"), "--set", &format!("balancer={example}")]);
    }
}

#[test]
fn what_the_list_of_faults_says_of_use_in_a_model_works() {
    let model = file("faulty.ron", TINY);
    for fault in lbsim::model::faults() {
        let (full, _) = expect(0, &["list", "faults", fault.name]);
        for field in ["servers", "script"] {
            let example = full.lines().find_map(|line| line.trim().strip_prefix(&format!("{field}: "))).expect("an example");
            expect(0, &["check", model.to_str().expect("text"), "--set", &format!("{field}={example}")]);
        }
    }
}

/// Starts it, closes the reading end of one of its streams before it writes, and gives its exit code and what it wrote to
/// the other.
fn with_closed(errors: bool, arguments: &[&str]) -> (Option<i32>, String) {
    let mut child = program().args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
    if errors {
        drop(child.stderr.take());
    } else {
        drop(child.stdout.take());
    }
    let output = child.wait_with_output().expect("its end");
    (output.status.code(), format!("{}{}", text(&output.stdout), text(&output.stderr)))
}

#[test]
fn a_closed_pipe_is_no_error() {
    let model = file("closed.ron", TINY);
    let model = model.to_str().expect("text");
    let all: [&[&str]; 6] = [
        &["run", model],
        &["run", model, "--format", "json"],
        &["run", model, "--format", "csv"],
        &["check", model],
        &["list", "metrics"],
        &["--help"],
    ];
    for arguments in all {
        assert_eq!(with_closed(false, arguments), (Some(0), String::new()), "{arguments:?}");
    }
}

#[test]
fn messages_into_a_closed_pipe_keep_the_exit_code() {
    let bad = file("unread.ron", "Model()");
    assert_eq!(with_closed(true, &["check", bad.to_str().expect("text")]), (Some(2), String::new()));
    let warned = file("warned.ron", TINY.replace("10/s", "99/s").replace(", capacity: 3", ""));
    let (code, out) = with_closed(true, &["run", warned.to_str().expect("text")]);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("warned"), "{out}");
}

#[test]
fn there_is_colour_only_where_it_is_wanted() {
    let model = file("colours.ron", TINY);
    let bad = file("colourless.ron", "Model(");
    let coloured = |path: &Path, variables: &[(&str, &str)]| {
        let output = program().arg("run").arg(path).envs(variables.iter().copied()).output().expect("the program");
        (text(&output.stdout).contains('\u{1b}'), text(&output.stderr).contains('\u{1b}'))
    };
    assert_eq!(coloured(&model, &[]), (false, false), "neither stream is a terminal");
    assert_eq!(coloured(&bad, &[]), (false, false));
    assert_eq!(coloured(&model, &[("CLICOLOR_FORCE", "1")]), (true, false));
    assert_eq!(coloured(&bad, &[("CLICOLOR_FORCE", "1")]), (false, true));
    assert_eq!(coloured(&model, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]), (false, false));
    assert_eq!(coloured(&bad, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]), (false, false));
}
