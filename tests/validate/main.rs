//! `lbsim validate` as a person meets it.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod real;

use std::path::PathBuf;
use std::process::{Command, Output};

/// Nothing here is left to chance: a request each second, a service of half a second.
const CASES: &str = r#"[
  {"id": "D1", "family": "queues", "title": "D/D/1, half used", "exactness": "exact",
   "model": {"arrivals": {"process": "renewal", "interarrival": {"dist": "deterministic", "value": 1}},
             "balancer": {"policy": "none"},
             "servers": [{"discipline": "fcfs", "service": {"dist": "deterministic", "value": 0.5}}]},
   "exact": {"mean_response": 0.5, "mean_wait": 0, "mean_slowdown": 1, "response_p95": 0.5, "server_mean_response": [0.5]},
   "tolerance": {"primary_metric": "mean_response", "numeric_error_of_exact": 1e-9}},
  {"id": "D2", "family": "queues", "title": "a wrong answer", "exactness": "exact",
   "model": {"arrivals": {"process": "renewal", "interarrival": {"dist": "deterministic", "value": 1}},
             "balancer": {"policy": "none"},
             "servers": [{"discipline": "fcfs", "service": {"dist": "deterministic", "value": 0.5}}]},
   "exact": {"mean_response": 0.6, "throughput": 1},
   "tolerance": {"primary_metric": "mean_response", "numeric_error_of_exact": 1e-9}},
  {"id": "D3", "family": "queues", "title": "shortest remaining first", "exactness": "exact",
   "model": {"arrivals": {"process": "poisson", "rate": 1}, "balancer": {"policy": "none"},
             "servers": [{"discipline": "srpt", "service": {"dist": "deterministic", "value": 0.5}}]},
   "exact": {"mean_response": 0.5},
   "tolerance": {"primary_metric": "mean_response"}}
]"#;

/// A folder of its own for the files of a test.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Runs `lbsim validate` where a file `cases.json` holds `cases`.
fn validate(test: &str, cases: impl AsRef<[u8]>, arguments: &[&str]) -> Output {
    let folder = folder(test);
    std::fs::write(folder.join("cases.json"), cases).expect("a file");
    Command::new(env!("CARGO_BIN_EXE_lbsim")).current_dir(folder).arg("validate").args(arguments).output().expect("it runs")
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("UTF-8")
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("UTF-8")
}

#[test]
fn a_table_tells_who_agrees_who_does_not_and_who_was_skipped() {
    let output = validate("table", CASES, &["--cases", "cases.json", "--most-requests", "1e4"]);
    assert_eq!((code(&output), stderr(&output)), (Some(1), ""));
    insta::assert_snapshot!(stdout(&output), @r#"
    Times are in seconds, rates per second. A metric agrees when theory lies within its 99.9 % interval;
    the one marked * must be known to 1 %. Shown are 95 % intervals: of twenty, one misses by chance.
    ± is what is allowed besides: the width of a histogram's bins, or the stated bias of a limit.

    D1  D/D/1, half used
    agrees: 20 replications, 10000 requests; the case asks for more than --most-requests
      metric                          theory  simulated  95 % interval          verdict
      mean_response *                0.50000    0.50000  no spread              agrees
      mean_slowdown                   1.0000          -                         not compared: not
                                                                                measured
      mean_wait                            0          0  no spread              agrees
      response_p95                   0.50000    0.50017  no spread              agrees ± 0.39 %
      server_mean_response[0]        0.50000    0.50000  no spread              agrees

    D2  a wrong answer
    disagrees: 20 replications, 10000 requests; the case asks for more than --most-requests
      metric                          theory  simulated  95 % interval          verdict
      mean_response *                0.60000    0.50000  no spread              disagrees: -17 %
      throughput                      1.0000     1.0000  no spread              agrees

    1 case agrees, 1 disagree, 1 skipped

    disagree: D2
      Try another --seed: chance will go away, and a mistake of the simulator or of the case will stay.

    skipped:
      D3: discipline `srpt` is not built yet
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "the page is long, and it is here to be seen whole")]
fn json_holds_the_same_and_nothing_that_changes() {
    let output = validate("json", CASES, &["--cases", "cases.json", "--most-requests", "1e4", "--format", "json"]);
    assert_eq!((code(&output), stderr(&output)), (Some(1), ""));
    insta::assert_snapshot!(stdout(&output), @r#"
    {
      "seed": null,
      "most_requests": 10000.0,
      "cases": [
        {
          "case": "D1",
          "title": "D/D/1, half used",
          "verdict": "agrees",
          "reason": null,
          "replications": 20,
          "requests": 10000,
          "extensions": 0,
          "metrics": [
            {
              "metric": "mean_response",
              "primary": true,
              "theory": 0.5,
              "simulated": 0.5,
              "lower": 0.5,
              "upper": 0.5,
              "allowance": 5e-10,
              "verdict": "agrees",
              "reason": null
            },
            {
              "metric": "mean_slowdown",
              "primary": false,
              "theory": 1.0,
              "simulated": null,
              "lower": null,
              "upper": null,
              "allowance": 0.0,
              "verdict": "not_compared",
              "reason": "not measured"
            },
            {
              "metric": "mean_wait",
              "primary": false,
              "theory": 0.0,
              "simulated": 0.0,
              "lower": 0.0,
              "upper": 0.0,
              "allowance": 0.0,
              "verdict": "agrees",
              "reason": null
            },
            {
              "metric": "response_p95",
              "primary": false,
              "theory": 0.5,
              "simulated": 0.5001707515,
              "lower": 0.5001707515,
              "upper": 0.5001707515,
              "allowance": 0.0019531255,
              "verdict": "agrees",
              "reason": null
            },
            {
              "metric": "server_mean_response[0]",
              "primary": false,
              "theory": 0.5,
              "simulated": 0.5,
              "lower": 0.5,
              "upper": 0.5,
              "allowance": 5e-10,
              "verdict": "agrees",
              "reason": null
            }
          ]
        },
        {
          "case": "D2",
          "title": "a wrong answer",
          "verdict": "disagrees",
          "reason": null,
          "replications": 20,
          "requests": 10000,
          "extensions": 0,
          "metrics": [
            {
              "metric": "mean_response",
              "primary": true,
              "theory": 0.6,
              "simulated": 0.5,
              "lower": 0.5,
              "upper": 0.5,
              "allowance": 6e-10,
              "verdict": "disagrees",
              "reason": null
            },
            {
              "metric": "throughput",
              "primary": false,
              "theory": 1.0,
              "simulated": 1.0,
              "lower": 1.0,
              "upper": 1.0,
              "allowance": 1e-9,
              "verdict": "agrees",
              "reason": null
            }
          ]
        },
        {
          "case": "D3",
          "title": "shortest remaining first",
          "verdict": "skipped",
          "reason": "discipline `srpt` is not built yet",
          "replications": 0,
          "requests": 0,
          "extensions": 0,
          "metrics": []
        }
      ],
      "real": [],
      "malformed": [],
      "real_malformed": [],
      "summary": {
        "agree": 1,
        "disagree": 1,
        "disagree_as_known": 0,
        "too_wide": 0,
        "not_compared": 0,
        "skipped": 1,
        "malformed": 0
      }
    }
    "#);
}

#[test]
fn csv_has_a_line_for_each_metric() {
    let output = validate("csv", CASES, &["--cases", "cases.json", "--most-requests", "1e4", "--format", "csv"]);
    assert_eq!((code(&output), stderr(&output)), (Some(1), ""));
    insta::assert_snapshot!(stdout(&output), @r#"
    case,title,metric,primary,theory,measured,simulated,lower,upper,allowance,verdict,reason
    D1,"D/D/1, half used",mean_response,true,0.5,,0.5,0.5,0.5,0.0000000005,agrees,
    D1,"D/D/1, half used",mean_slowdown,false,1,,,,,0,not_compared,not measured
    D1,"D/D/1, half used",mean_wait,false,0,,0,0,0,0,agrees,
    D1,"D/D/1, half used",response_p95,false,0.5,,0.5001707515,0.5001707515,0.5001707515,0.0019531255,agrees,
    D1,"D/D/1, half used",server_mean_response[0],false,0.5,,0.5,0.5,0.5,0.0000000005,agrees,
    D2,a wrong answer,mean_response,true,0.6,,0.5,0.5,0.5,0.0000000006,disagrees,
    D2,a wrong answer,throughput,false,1,,1,1,1,0.000000001,agrees,
    D3,shortest remaining first,,,,,,,,,skipped,discipline `srpt` is not built yet
    "#);
}

#[test]
fn the_exit_code_is_that_of_the_cases_that_were_asked_for() {
    let ids = |ids: &[&str]| code(&validate("ids", CASES, &[&["--cases", "cases.json"], ids].concat()));
    assert_eq!(ids(&["d1"]), Some(0));
    assert_eq!(ids(&["D2"]), Some(1));
    assert_eq!(ids(&["D3"]), Some(0));
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let bytes = |jobs| {
        let output = validate("jobs", "", &["Q01", "L24", "--most-requests", "2e5", "--format", "json", "--jobs", jobs]);
        assert!(stdout(&output).contains("\"requests\": "), "{}", stderr(&output));
        output.stdout
    };
    assert!(bytes("1") == bytes("2"));
}

#[test]
fn another_seed_gives_other_figures() {
    let figures =
        |seed: &[&str]| validate("seed", "", &[&["Q01", "--most-requests", "1e5", "--format", "csv"], seed].concat()).stdout;
    let usual = figures(&[]);
    assert!(
        usual == figures(&[]) && usual != figures(&["--seed", "0"]) && figures(&["--seed", "0"]) != figures(&["--seed", "1"])
    );
}

/// M/M/1 at rho 0.8 needs 3.5 million requests; this case says it needs a thousand.
fn understated() -> String {
    CASES
        .replacen(
            r#""process": "renewal", "interarrival": {"dist": "deterministic", "value": 1}"#,
            r#""process": "poisson", "rate": 1.6"#,
            1,
        )
        .replacen(r#"{"dist": "deterministic", "value": 0.5}"#, r#"{"dist": "exponential", "mean": 0.5}"#, 1)
        .replacen(
            r#""mean_response": 0.5, "mean_wait": 0, "mean_slowdown": 1, "response_p95": 0.5, "server_mean_response": [0.5]"#,
            r#""mean_response": 2.5"#,
            1,
        )
        .replacen("1e-9}", r#"1e-9, "amount_for_1pct_ci": 1000, "amount_unit": "requests"}"#, 1)
}

#[test]
fn a_case_with_too_wide_an_interval_is_simulated_further() {
    let output = validate("wide", understated(), &["--cases", "cases.json", "D1"]);
    assert_eq!(code(&output), Some(0), "{}", stdout(&output));
    assert!(stdout(&output).contains("; extended "), "{}", stdout(&output));
}

#[test]
fn within_too_small_a_budget_it_is_too_imprecise() {
    let output = validate("budget", understated(), &["--cases", "cases.json", "D1", "--most-requests", "2e5"]);
    assert_eq!(code(&output), Some(1));
    let text = stdout(&output);
    assert!(text.contains("0 cases agree, 0 disagree, 1 too imprecise") && text.contains("raise --most-requests"), "{text}");
    assert!(text.contains("the case asks for more"), "{text}");
}

#[test]
fn a_malformed_case_is_told_and_does_not_hide_the_others() {
    let cases = CASES.replacen("\"exactness\": \"exact\"", "\"exactness\": \"exakt\"", 1);
    let arguments = ["--cases", "cases.json", "--most-requests", "1e4", "D1", "D3"];
    let output = validate("malformed", cases, &arguments);
    assert_eq!(code(&output), Some(2));
    assert!(stdout(&output).contains("0 cases agree, 0 disagree, 1 skipped, 1 could not be read"), "{}", stdout(&output));
    insta::assert_snapshot!(stderr(&output), @r#"
    error: case D1: unknown variant `exakt`, expected one of `exact`, `approximation`, `asymptotic`, `definition`, `bound`
     --> cases.json:2:84
      |
    2 |   {"id": "D1", "family": "queues", "title": "D/D/1, half used", "exactness": "exakt",
      |                                                                                    ^

    error: 1 of 2 cases in cases.json could not be read
    "#);
}

#[test]
fn a_bad_file_is_an_error_with_its_place() {
    let bad: [(&str, &[u8]); 5] = [
        ("no list", b"{\"id\": 3}"),
        ("cut off", b"[\n  {\"id\": \"Q\",\n"),
        ("no JSON", b"[\n  model\n]"),
        ("empty", b"[]"),
        ("no text", b"[\n\"caf\xe9\"]"),
    ];
    let mut told = String::new();
    for (name, text) in bad {
        let output = validate("bad", text, &["--cases", "cases.json"]);
        assert_eq!((code(&output), stdout(&output)), (Some(2), ""), "{name}");
        told += stderr(&output);
    }
    insta::assert_snapshot!(told, @r#"
    error: invalid type: map, expected a sequence
     --> cases.json:1:1
      |
    1 | {"id": 3}
      | ^
    error: EOF while parsing an object
     --> cases.json:3:1
      |
    3 |
      | ^
    error: expected value
     --> cases.json:2:3
      |
    2 |   model
      |   ^
    error: cases.json holds no case
    error: cases.json:2:5: the text is not UTF-8
    "#);
}

#[test]
fn a_wrong_command_line_is_an_error() {
    let mut told = String::new();
    for arguments in [&["--cases", "nowhere.json"][..], &["Q1"], &["nonsense"], &["--jobs", "0"], &["--jobs", "5000"]] {
        let output = validate("line", "", arguments);
        assert_eq!((code(&output), stdout(&output)), (Some(2), ""), "{arguments:?}");
        told += stderr(&output);
    }
    insta::assert_snapshot!(told, @r#"
    error: nowhere.json cannot be read: No such file or directory (os error 2)
    error: there is no case `Q1`; did you mean `Q01`?
    error: there is no case `nonsense`
    error: --jobs must be from 1 to 1024: it is how many threads work at once
    error: --jobs must be from 1 to 1024: it is how many threads work at once
    "#);
    let budget = validate("line", "", &["--most-requests", "many"]);
    assert_eq!(code(&budget), Some(2));
    assert!(stderr(&budget).contains("not a number from 1e3 to 1e15"), "{}", stderr(&budget));
}
