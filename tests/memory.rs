//! Peak memory of the program: little at 100,000 servers, and the same however many requests are simulated.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(target_os = "linux")]

use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Peak resident memory, in KiB, of `lbsim run` on the model.
///
/// The results go into a pipe of one page, less than they need. Once their first byte is here all the work is done, and
/// the program waits with the rest until they are read: time to look at its peak.
fn peak_kib(name: &str, model: &str) -> u64 {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.ron"));
    std::fs::write(&path, model).expect("a place for the model");
    let (mut results, pipe) = std::io::pipe().expect("a pipe");
    rustix::pipe::fcntl_setpipe_size(&pipe, 4_096).expect("a small pipe");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lbsim"));
    command.args(["run", "--format", "json", "--jobs", "1"]).arg(&path).stdout(pipe).stderr(Stdio::null());
    let mut child = command.spawn().expect("the program");
    // It keeps the end of the pipe that writes.
    drop(command);
    let mut first = [0];
    results.read_exact(&mut first).expect("results");
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("a running program");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak: the results fit into a page");
    let mut rest = String::new();
    results.read_to_string(&mut rest).expect("the rest of the results");
    assert!(child.wait().expect("the end of the program").success());
    assert!(rest.len() > 4_096, "{rest}");
    peak.trim().trim_end_matches("kB").trim().parse().expect("a number")
}

/// Equal servers at a load of 0.8 under Poisson arrivals and exponential demands of 1 s, for about so many requests.
fn farm(servers: u32, algorithm: &str, requests: f64) -> String {
    let rate = 0.8 * f64::from(servers);
    format!(
        "Model(clients: [Open(arrivals: Poisson(rate: \"{rate}/s\"), demand: Exponential(\"1s\"))],
        balancer: (algorithm: {algorithm}), servers: [(count: {servers})],
        run: Steady(length: \"{}s\", replications: 1))",
        requests / rate
    )
}

#[test]
fn a_hundred_thousand_servers_take_less_than_64_mib() {
    for algorithm in ["Random", "JoinShortestQueue"] {
        let peak = peak_kib(algorithm, &farm(100_000, algorithm, 4e6));
        println!("{algorithm} on 100,000 servers: {peak} KiB");
        assert!(peak < 64 * 1_024, "{algorithm}: {peak} KiB");
    }
}

#[test]
fn memory_does_not_grow_with_the_requests() {
    let peaks = [1e6, 1e7].map(|requests| peak_kib(&format!("{requests:e}"), &farm(10, "Random", requests)));
    println!("10 servers, 10^6 and 10^7 requests: {peaks:?} KiB");
    assert!(peaks[0].abs_diff(peaks[1]) < 4 * 1_024, "{peaks:?} KiB");
}

/// A million items in caches, 100,000 sessions at once, each bound to its server and with something of its own kept there.
#[test]
fn a_million_cached_items_and_a_hundred_thousand_sessions_take_less_than_512_mib() {
    let model = "Model(
        clients: [Visitors(arrivals: Poisson(rate: \"10000/s\"), requests: 11, think_time: Constant(\"1s\"), demand: Constant(\"1ms\"),
            items: 2000000)],
        balancer: (algorithm: RoundRobin, persistence: Table(key: Session, capacity: 200000, expires: \"1min\")),
        servers: [Pool(count: 10, workers: 100, caches: [
            Cache(of: Session, miss: Constant(\"1ms\")),
            Cache(of: Item, capacity: 100000, size: \"4 kB\", miss: Constant(\"1ms\"))])],
        run: Terminating(horizon: \"40s\", replications: 1))";
    let peak = peak_kib("sessions", model);
    println!("1,000,000 items, 100,000 sessions: {peak} KiB");
    assert!(peak < 512 * 1_024, "{peak} KiB");
}
