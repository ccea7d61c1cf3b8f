//! The measured cases that are built in.

use super::*;
use rayon::prelude::*;

#[test]
fn the_builtin_cases_are_read() {
    let all = RealCases::builtin();
    assert_eq!((all.cases.len(), all.faults.len()), (132, 0));
}

/// All of them, in ninety million requests. What is known to disagree must still do so, or the word is out of date; and with the figure that was
/// simulated when the word was written, or something else is wrong.
#[test]
fn what_real_load_balancers_did_is_what_ours_do() {
    let all = RealCases::builtin();
    let tried: Vec<_> = all.cases.par_iter().map(|case| (case, try_real_case(case, &all))).collect();
    let (mut wrong, mut skipped, mut agreeing) = (Vec::new(), Vec::new(), 0);
    for (case, tried) in &tried {
        match tried {
            Err(_) => skipped.push(&*case.id),
            Ok((trial, _)) if case.known_disagreement.is_some() => {
                let mean = trial.findings.iter().find(|finding| finding.verdict == RealVerdict::Disagrees).unwrap();
                let Figure::Number(simulated) = mean.simulated else { panic!("{mean:?}") };
                assert!((simulated - 53.14).abs() < 0.05, "{mean:?}");
            }
            Ok((trial, _)) => {
                agreeing += usize::from(trial.verdict() == RealVerdict::Agrees);
                let disagreeing = trial.findings.iter().filter(|finding| finding.verdict == RealVerdict::Disagrees);
                wrong.extend(disagreeing.map(|finding| format!("{}: {finding:?}", case.id)));
            }
        }
    }
    let loads: Vec<_> = tried.iter().filter_map(|(case, tried)| Some((&*case.id, tried.as_ref().ok()?.1.as_ref()?))).collect();
    let orders = orders(&loads);
    let in_disorder = orders.iter().flat_map(|order| &order.findings).filter(|finding| finding.verdict != RealVerdict::Agrees);
    wrong.extend(in_disorder.map(|finding| format!("{finding:?}")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((agreeing, orders.len()), (127, 3));
    assert!(skipped.iter().all(|id| id.starts_with("C0_")), "{skipped:?}");
}

#[test]
fn what_is_not_understood_is_skipped_and_named() {
    let reason = |from: &str, to: &str| {
        let mut all = RealCases::default();
        let case = r#"{"case": "A", "lb": "haproxy", "version": "2.6.12", "model": {"servers": 3, "weights": [5, 1, 1], "algorithm": "roundrobin",
            "steps": ["3 requests"]}, "measured": {"before": "000"}}"#;
        all.add_case("a.json", &case.replace(from, to));
        try_real_case(&all.cases[0], &all).map_or_else(|skip| skip.reason, |(trial, _)| format!("{:?}", trial.verdict()))
    };
    let told = [
        reason("", ""),
        reason("roundrobin", "first"),
        reason("haproxy", "traefik"),
        reason("3 requests", "3 requests later"),
        reason("3 requests\"", "3 requests\", \"server 3 ready\""),
        reason("[5, 1, 1]", "[5, 1]"),
        reason("\"servers\": 3", "\"servers\": 3, \"slow_start_s\": 10"),
        reason("\"measured\": {", "\"measured\": {\"after\": \"1\", "),
        reason("\"steps\"", "\"fault\""),
        reason("\"steps\"", "\"sessions\""),
        reason("\"steps\"", "\"tricks\""),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    Agrees
    the algorithm `first` of haproxy is not understood: `first`
    the load balancer `traefik` is not known
    the step `3 requests later` is not understood
    the step `server 3 ready`: there is no such server
    `weights` is not a weight above 0 for each server
    the model needs `slow_start_s`
    no step belongs to `before`
    the model has no `config`
    the model has no `health`
    it needs a comparison that is not built yet
    "#);
}

/// The choices of a trace that are as measured, where its configuration is said to be another.
fn right_choices(id: &str, from: &str, to: &str) -> Figure {
    let mut all = RealCases::builtin();
    let case = all.cases.iter_mut().find(|case| case.id == id).unwrap();
    case.algorithm = case.algorithm.replace(from, to);
    let case = case.clone();
    try_real_case(&case, &all).unwrap().0.findings[0].simulated.clone()
}

/// Two thirds of these requests waited in the balancer. Another order of turns does not explain them, nor do servers that are full and keep
/// their turns.
#[test]
fn a_trace_of_full_servers_is_explained_by_its_own_algorithm_alone() {
    let right = |to: &str| right_choices("T_trace_haproxy_roundrobin_maxconn1", "roundrobin", to);
    assert_eq!(right("roundrobin"), Figure::Number(1500.0));
    for other in ["static-rr", "leastconn"] {
        let Figure::Number(right) = right(other) else { panic!("no number") };
        assert!(right < 1400.0, "{other}: {right}");
    }
}

/// What comes of a case whose model says something else.
fn judged(id: &str, from: &str, to: &str) -> Result<RealVerdict, String> {
    let mut all = RealCases::builtin();
    let case = all.cases.iter_mut().find(|case| case.id == id).unwrap();
    let text = case.model.to_string();
    assert!(text.contains(from), "{id}: no `{from}` in {text}");
    case.model = serde_json::from_str(&text.replace(from, to)).unwrap();
    let case = case.clone();
    try_real_case(&case, &all).map(|(trial, _)| trial.verdict()).map_err(|skip| skip.reason)
}

/// Each of these changes, to what a case says, takes a mechanism away or puts another in its place, and the measured figures tell: the judgement is
/// strict enough.
#[track_caller]
fn all_are_noticed(changes: &[(&str, &str, &str)]) {
    let other =
        |(id, from, to): &(&str, &str, &str)| (judged(id, from, to) != Ok(RealVerdict::Disagrees)).then(|| format!("{id}: {to}"));
    let unnoticed: Vec<String> = changes.par_iter().filter_map(other).collect();
    assert!(unnoticed.is_empty(), "{}", unnoticed.join("\n"));
}

#[test]
fn failover_is_explained_by_its_own_mechanisms_alone() {
    let changes = [
        ("D_envoy_hc_no_retry_refused", "unhealthy_threshold 3", "unhealthy_threshold 2"),
        ("D_envoy_hc_no_retry_refused", "unhealthy_threshold 3", "unhealthy_threshold 4"),
        ("D_envoy_hc_no_retry_refused", "healthy_threshold 2", "healthy_threshold 3"),
        ("D_envoy_hc_no_retry_refused", "check /health: interval 1 s", "check /health: interval 1500 ms"),
        ("D_envoy_hc_no_retry_refused", "no retries", "retries 1"),
        ("D_envoy_hc_retry_blackhole", "timeout 1 s, unhealthy", "timeout 100 ms, unhealthy"),
        ("D_envoy_hc_retry_blackhole", "num_retries 3", "num_retries 3 max_retries 1000"),
        ("D_envoy_hc_two_of_four_refused", "default panic threshold 50 %", "update_merge_window 0 s"),
        ("D_envoy_hc_two_of_four_refused", "default panic threshold 50 %", "panic threshold 51 %"),
        ("D_envoy_hc_two_of_four_merge_window0_refused", "update_merge_window 0 s", "update_merge_window 1 s"),
        ("D_envoy_hc_three_of_four_panic50_refused", "default panic threshold 50 %", "panic threshold 0 %"),
        ("D_envoy_outlier_no_retry_err500", "consecutive_5xx 5", "consecutive_5xx 6"),
        ("D_envoy_outlier_no_retry_err500", "base_ejection_time 5 s", "base_ejection_time 6 s"),
        ("D_envoy_outlier_no_retry_err500", "base_ejection_time 5 s", "base_ejection_time 5 s max_ejection_time 5 s"),
        ("D_envoy_outlier_no_retry_err500", "max_ejection_percent 50", "max_ejection_percent 10"),
        ("D_envoy_outlier_no_retry_err500", "route timeout 1 s", "update_merge_window 0 s"),
        ("D_envoy_outlier_no_retry_err500", "interval 1 s", "interval 200 ms"),
        ("D_envoy_slow_start10s_refused", "slow_start_window 10 s", "slow_start_window 1 s"),
        ("D_envoy_health503_hc503", "hc503", "refused"),
        ("D_haproxy_no_retries_refused", "fall 3", "fall 2"),
        ("D_haproxy_no_retries_refused", "rise 2", "rise 3"),
        ("D_haproxy_no_retries_refused", "inter 1 s", "inter 1 s fastinter 500 ms"),
        ("D_haproxy_no_retries_blackhole", "inter 1 s", "inter 1 s timeout check 100 ms"),
        ("D_haproxy_redispatch_retries3_refused", "option redispatch", "no redispatch"),
        ("D_haproxy_redispatch_retryon_timeout_blackhole", "conn-failure response-timeout", "conn-failure"),
        ("D_haproxy_magnet_leastconn_refused", "leastconn, no check", "roundrobin, no check"),
        ("D_haproxy_magnet_roundrobin_refused", "roundrobin, no check", "leastconn, no check"),
        ("D_haproxy_no_check_blackhole", "blackhole", "refused"),
        ("D_haproxy_all_down_refused", "retries 3", "retries 0"),
        ("D_nginx_next_on_refused", "max_fails=3", "max_fails=2"),
        ("D_nginx_next_on_refused", "fail_timeout=10s", "fail_timeout=9s"),
        ("D_nginx_next_on_refused", "proxy_next_upstream error timeout", "proxy_next_upstream off"),
        ("D_nginx_next_on_http500_err500", "error timeout http_500", "error timeout"),
        ("D_nginx_next_default_http500_err500", "error timeout", "error timeout http_500"),
        ("D_nginx_next_off_blackhole", "proxy_read_timeout 1s", "proxy_read_timeout 500ms"),
        ("F_err30_envoy_retry3_default_breaker", "num_retries 3", "num_retries 3 max_retries 1000"),
        ("F_err30_envoy_retry3_max_retries1000", "num_retries 3", "num_retries 2"),
        ("F_err30_haproxy_retryon500", "retries 3", "retries 2"),
        ("F_limit_envoy_max_requests8", "max_requests 8", "max_requests 9"),
        ("F_limit_nginx_maxconns1", "max_conns=1", "max_conns=2"),
    ];
    all_are_noticed(&changes);
}

#[test]
fn stickiness_is_explained_by_its_own_mechanisms_alone() {
    let changes = [
        ("E_envoy_maglev_ip_crash", "MAGLEV on the source address", "ROUND_ROBIN"),
        ("E_envoy_maglev_ip_crash", "\"until_s\":18.0", "\"until_s\":17.0"),
        ("E_envoy_maglev_ip_crash", "check 0.5 s", "check 1 s"),
        ("E_envoy_none_steady", "ROUND_ROBIN", "MAGLEV"),
        ("E_envoy_none_steady", "\"later (hit) ms\":10.0", "\"later (hit) ms\":11.0"),
        ("E_envoy_stateful_cookie_crash", " + stateful session cookie filter", ""),
        ("E_envoy_stateful_cookie_crash", "retry on connect-failure, reset, 3 retries", "no retries"),
        ("E_haproxy_cookie_crash", "cookie SRV insert indirect nocache", "no persistence"),
        ("E_haproxy_cookie_crash", "fall 2", "fall 8"),
        ("E_haproxy_cookie_crash", "redispatch, retries 3", "redispatch 1, retries 3"),
        ("E_haproxy_cookie_crash", "\"refused\"", "\"hc503\""),
        ("E_haproxy_none_crash", "balance roundrobin", "balance source"),
        ("E_haproxy_source_consistent_crash", "consistent", "map-based"),
        ("E_haproxy_source_map_steady", "map-based", "consistent"),
        ("E_haproxy_stick_ip_crash", "stick on src", "no persistence"),
        ("E_haproxy_stick_ip_crash", "expire 30m", "expire 1s"),
        ("E_haproxy_stick_ip_crash", "size 10k", "size 20"),
        ("E_nginx_ip_hash_crash", "ip_hash", "round robin"),
        ("E_nginx_ip_hash_crash", "fail_timeout 5 s", "fail_timeout 10 s"),
        ("E_nginx_none_crash", "max_fails 1", "max_fails 0"),
        ("E_nginx_none_steady", "\"requests_per_session\":10", "\"requests_per_session\":11"),
    ];
    all_are_noticed(&changes);
}

#[test]
fn what_is_not_understood_of_sessions_is_named() {
    let told = |from: &str, to: &str| {
        judged("E_haproxy_stick_ip_crash", from, to).map_or_else(|reason| reason, |verdict| format!("{verdict:?}"))
    };
    let told = [
        told("unbounded, emptied by a crash", "of 100 sessions"),
        told("\"exponential\"", "\"lognormal\""),
        told("U(0,6) s", "all at once"),
        told("each session its own 127.a.b.c", "all from one address"),
        told("size 10k", "size ten"),
        told("stick on src", "stick match url_param(id)"),
        told("\"server\":1", "\"server\":4"),
        told("\"sessions\":200", "\"sessions\":0"),
        told("7001", "7001,7002"),
        told("\"lb_threads\"", "\"lb_processes\""),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    the cache `of 100 sessions`
    the think time {"dist":"lognormal","mean_s":4.0,"between":"planned sends (a request waits for its session's reply before it)"}
    the start of sessions `all at once`
    the source `all from one address, all /24s distinct`
    `size` is not followed by a number, such as 10k
    the configuration of HAProxy 2.6.12 is not understood: `stick match`
    the fault strikes a server that is not there, or ends before it begins
    `sessions` of the model is not a whole number from 1 to 100000
    there is not a measured run for each seed
    the model needs `lb_processes`
    "#);
}

#[test]
fn what_is_not_understood_of_a_failover_is_named() {
    let told = |from: &str, to: &str| {
        judged("D_haproxy_no_retries_refused", from, to).map_or_else(|reason| reason, |verdict| format!("{verdict:?}"))
    };
    let told = [
        told("; retries 0", "; a remark of plain words; retries 0"),
        told("; retries 0", "; option abortonclose, retries 0"),
        told("fall 3", "fall never"),
        told("inter 1 s", "inter 1 h"),
        told("balance roundrobin", "balance first"),
        told("\"refused\"", "\"flood\""),
        told("\"servers\":[1]", "\"servers\":[4]"),
        told("\"lb_threads\"", "\"lb_processes\""),
        told("poisson, open loop", "one after the other"),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    Agrees
    the configuration of HAProxy 2.6.12 is not understood: `option abortonclose`
    `fall` is not followed by a number
    the configuration of HAProxy 2.6.12 is not understood: `h fall`
    the configuration of HAProxy 2.6.12 is not understood: `balance first`
    the fault `flood`
    the fault strikes a server that is not there
    the model needs `lb_processes`
    only `poisson, open loop` arrivals are understood
    "#);
}
