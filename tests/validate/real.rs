//! Cases that were measured at real load balancers.

use super::{code, folder, stderr, stdout, validate};
use std::path::PathBuf;

/// A folder of measured cases: one that is right, one that is wrong and says that this is known, one that asks for more than there is.
fn measured(test: &str) -> PathBuf {
    let case = |name: &str, algorithm: &str, sequence: &str| {
        format!(
            r#"{{"case": "{name}", "lb": "haproxy", "version": "2.6.12", "model": {{"servers": 3, "weights": [5, 1, 1], "algorithm": "{algorithm}",
            "load": "sequential", "requests": 7}}, "measured": {{"sequences_per_fresh_start": ["{sequence}"]}}}}"#
        )
    };
    let cases = folder(test).join("measured/cases");
    std::fs::create_dir_all(&cases).expect("a folder");
    for (name, text) in [
        ("A_right.json", case("A_right", "roundrobin", "0001002")),
        (
            "A_wrong.json",
            case("A_wrong", "roundrobin", "0010200").replacen('{', "{\"known_disagreement\": \"it is all wrong\", ", 1),
        ),
        ("A_strange.json", case("A_strange", "first", "0000000")),
    ] {
        std::fs::write(cases.join(name), text).expect("a file");
    }
    folder(test).join("measured")
}

#[test]
fn measured_cases_are_compared_in_a_table() {
    measured("real");
    let output = validate("real", "", &["--real", "measured"]);
    assert_eq!((code(&output), stderr(&output)), (Some(1), ""));
    insta::assert_snapshot!(stdout(&output), @r#"
    Measured at real load balancers and simulated with the algorithms that follow them. Times are in
    milliseconds; each digit of a sequence is the server that answered.

    A_right  haproxy 2.6.12, roundrobin
    agrees
      compared                                      measured          simulated  verdict
      sequence, start 0                              0001002            0001002  agrees

    A_wrong  haproxy 2.6.12, roundrobin
    disagrees
      compared                                      measured          simulated  verdict
      sequence, start 0                              0010200            0001002  disagrees

    1 case agrees, 1 disagree, 1 skipped

    disagree: A_wrong
      Try another --seed: chance will go away, and a mistake of the simulator or of the case will stay.

    skipped:
      A_strange: the algorithm `first` of haproxy is not understood: `first`
    "#);
}

#[test]
fn measured_cases_are_compared_in_json_and_csv() {
    measured("real_formats");
    let json = validate("real_formats", "", &["--real", "measured", "A_right", "--format", "json"]);
    assert_eq!((code(&json), stderr(&json)), (Some(0), ""));
    insta::assert_snapshot!(stdout(&json), @r#"
    {
      "seed": null,
      "most_requests": 400000000.0,
      "cases": [],
      "real": [
        {
          "case": "A_right",
          "product": "haproxy 2.6.12",
          "algorithm": "roundrobin",
          "verdict": "agrees",
          "reason": null,
          "findings": [
            {
              "what": "sequence, start 0",
              "measured": "0001002",
              "simulated": "0001002",
              "allowed": "",
              "verdict": "agrees"
            }
          ]
        }
      ],
      "malformed": [],
      "real_malformed": [],
      "summary": {
        "agree": 1,
        "disagree": 0,
        "disagree_as_known": 0,
        "too_wide": 0,
        "not_compared": 0,
        "skipped": 0,
        "malformed": 0
      }
    }
    "#);
    let csv = validate("real_formats", "", &["--real", "measured", "--format", "csv"]);
    insta::assert_snapshot!(stdout(&csv), @r#"
    case,title,metric,primary,theory,measured,simulated,lower,upper,allowance,verdict,reason
    A_right,haproxy 2.6.12: roundrobin,"sequence, start 0",,,0001002,0001002,,,,agrees,
    A_strange,haproxy 2.6.12: first,,,,,,,,,skipped,the algorithm `first` of haproxy is not understood: `first`
    A_wrong,haproxy 2.6.12: roundrobin,"sequence, start 0",,,0010200,0001002,,,,disagrees,
    "#);
}

#[test]
fn a_measured_file_that_is_wrong_is_named_and_does_not_hide_the_others() {
    let folder = measured("real_wrong");
    std::fs::write(folder.join("cases/A_cut.json"), "{\"case\": \"A_cut\",").expect("a file");
    let output = validate("real_wrong", "", &["--real", "measured", "A_right", "A_cut"]);
    assert_eq!(code(&output), Some(2));
    assert!(stdout(&output).contains("1 case agrees, 0 disagree, 1 could not be read"), "{}", stdout(&output));
    insta::assert_snapshot!(stderr(&output), @r#"
    error: measured/cases/A_cut.json: EOF while parsing a value at line 1 column 17
    error: 1 of the measured files could not be read
    "#);
    std::fs::create_dir_all(folder.with_file_name("empty")).expect("a folder");
    let nothing = validate("real_wrong", "", &["--real", "empty"]);
    let nowhere = validate("real_wrong", "", &["--real", "nowhere"]);
    assert_eq!((code(&nothing), code(&nowhere)), (Some(2), Some(2)));
    insta::assert_snapshot!(format!("{}{}", stderr(&nothing), stderr(&nowhere)), @r#"
    error: empty holds no case: a file such as cases/NAME.json
    error: nowhere cannot be read: No such file or directory (os error 2)
    "#);
}

#[test]
fn theory_and_measurements_can_be_named_together() {
    let arguments =
        ["Q01", "a_seq_nginx_smooth_wrr_w511", "T_trace_haproxy_roundrobin", "--most-requests", "1e4", "--format", "csv"];
    let output = validate("together", "", &arguments);
    let text = stdout(&output);
    for case in ["Q01", "A_seq_nginx_smooth_wrr_w511", "T_trace_haproxy_roundrobin"] {
        assert!(text.lines().any(|line| line.starts_with(case)), "{text}");
    }
    assert_eq!(text.lines().filter(|line| line.starts_with("T_")).count(), 2, "{text}");
}

#[test]
fn a_builtin_case_that_disagrees_as_known_is_told_apart_and_does_not_fail() {
    let output = |format| validate("known", "", &["C_const_n4w2_rho80_envoy_least_request", "--format", format]);
    let table = output("table");
    assert_eq!((code(&table), stderr(&table)), (Some(0), ""), "{}", stdout(&table));
    let text = stdout(&table);
    for part in [
        "disagrees as known: ",
        "the measurement was disturbed",
        "0 cases agree, 0 disagree, 1 disagrees as known\n",
        "53.139  disagrees",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let json = output("json");
    for part in ["\"verdict\": \"disagrees_as_known\"", "\"disagree_as_known\": 1", "\"disagree\": 0"] {
        assert!(stdout(&json).contains(part), "{part}: {}", stdout(&json));
    }
    let csv = output("csv");
    assert!(stdout(&csv).lines().any(|line| line.contains("disagrees,") && line.contains("disturbed")), "{}", stdout(&csv));
}

#[test]
fn a_failover_is_compared_figure_by_figure() {
    let output = validate("failover", "", &["D_nginx_next_on_refused", "F_err30_haproxy_retryon500", "--format", "csv"]);
    assert_eq!((code(&output), stderr(&output)), (Some(0), ""), "{}", stdout(&output));
    let text = stdout(&output);
    for figure in [
        "sent_to_dead,,,3.8,",
        "first_block_end_s,",
        "first_answer_of_dead_after_restore_s,",
        "tries_at_the_servers_per_request,",
    ] {
        assert!(text.lines().any(|line| line.contains(figure) && line.contains("agrees,")), "{figure}: {text}");
    }
    let changed = folder("failover").join("measured/cases");
    std::fs::create_dir_all(&changed).expect("a folder");
    let all = include_str!("../../src/validation/real/builtin_cases.json");
    let case = all.lines().find(|line| line.contains("\"case\":\"D_nginx_next_on_refused\"")).expect("a case");
    let case = case.trim_end_matches(',').replace("fail_timeout=10s", "fail_timeout=7s");
    std::fs::write(changed.join("D_changed.json"), case).expect("a file");
    let output = validate("failover", "", &["--real", "measured", "--format", "csv"]);
    assert_eq!(code(&output), Some(1), "{}", stdout(&output));
    assert!(stdout(&output).lines().any(|line| line.contains("last_sent_to_dead_s,") && line.contains("disagrees,")));
}

#[test]
fn sessions_are_compared_figure_by_figure() {
    let output = validate("sessions", "", &["E_haproxy_source_consistent_crash", "--format", "csv"]);
    assert_eq!((code(&output), stderr(&output)), (Some(0), ""), "{}", stdout(&output));
    let text = stdout(&output);
    for figure in
        ["hit_ratio,,,0.86", "latency_ms.mean,", "sessions_on_1_before,", "of_them_back_on_1_after,", "others_moved_during,,,0,"]
    {
        assert!(text.lines().any(|line| line.contains(figure) && line.contains("agrees,")), "{figure}: {text}");
    }
}
