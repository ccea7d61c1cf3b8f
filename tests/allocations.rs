//! Once warm, a simulation allocates nothing: not per event, not at all.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(unsafe_code, reason = "an allocator that counts is unsafe code; it hands every call on as it came")]

use lbsim::cluster::Cluster;
use lbsim::model::{Model, NoFiles, Source, read};
use lbsim::observe::Tally;
use lbsim::units::{Span, Time};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The allocator of the system, with a count of the calls that ask it for memory.
struct Counting;

thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // A thread that is ending has no counter any more, and nothing to count.
    let _ = CALLS.try_with(|calls| calls.set(calls.get() + 1));
}

// SAFETY: every call is handed on to the allocator of the system as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the promises that this function asks for, and they are the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations of this thread so far.
fn allocations() -> u64 {
    CALLS.with(Cell::get)
}

fn model(text: &str) -> Model {
    match read(Source { name: "counted.ron", text }, &[], &NoFiles) {
        Ok(checked) => checked.model,
        Err(report) => panic!("{report}"),
    }
}

/// Simulates `warm` requests (their births, at a steady rate) and counts the allocations during `measured` more.
fn allocations_once_warm(text: &str, warm: u64, measured: u64) -> u64 {
    let model = model(text);
    let to = model.parts().run.ends_at();
    let mut cluster = Cluster::new(&model, 0, Tally::new(model.parts().classes.len(), Time::ZERO, to));
    let slice = Span::from_nanos(to.as_nanos() / 10_000);
    while cluster.born() < warm {
        cluster.run_until(cluster.now() + slice);
    }
    let before = allocations();
    while cluster.born() < warm + measured {
        cluster.run_until(cluster.now() + slice);
    }
    assert!(cluster.now() < to);
    allocations() - before
}

/// n servers at a load of 0.8 under Poisson arrivals and exponential demands of 1 s, and what stands in `rest`.
fn farm(servers: u32, algorithm: &str, pool: &str) -> String {
    let rate = 0.8 * f64::from(servers);
    format!(
        "Model(clients: [Open(arrivals: Poisson(rate: \"{rate}/s\"), demand: Exponential(\"1s\"))],
        balancer: (algorithm: {algorithm}), servers: [(count: {servers}{pool})], run: Terminating(horizon: \"{}s\"))",
        2_000_000.0 / rate
    )
}

#[test]
fn the_counter_counts() {
    let before = allocations();
    let kept = std::hint::black_box(vec![1_u8, 2, 3]);
    assert_eq!(allocations() - before, 1, "{kept:?}");
}

#[test]
fn the_reference_workloads_allocate_nothing() {
    for algorithm in ["Random", "JoinShortestQueue"] {
        for servers in [1, 10, 1_000, 10_000] {
            let calls = allocations_once_warm(&farm(servers, algorithm, ""), 600_000, 1_000_000);
            assert_eq!(calls, 0, "{algorithm} on {servers} servers");
        }
    }
}

#[test]
fn no_algorithm_allocates() {
    for algorithm in lbsim::balancing::Algorithm::NAMES {
        // With the default of ten points a server some servers are overloaded, and their queues grow.
        let even = if *algorithm == "EnvoyRingHash" { "(min_ring_size: 65536)" } else { "" };
        let calls = allocations_once_warm(&farm(100, &format!("{algorithm}{even}"), ""), 300_000, 300_000);
        assert_eq!(calls, 0, "{algorithm}");
    }
}

#[test]
fn no_kind_of_server_allocates() {
    let pools = [
        ", workers: 2, speed: 0.5",
        ", discipline: ProcessorSharing",
        ", workers: 2, speed: 0.5, discipline: ProcessorSharing",
        ", capacity: 3",
        ", workers: 3, call: (demand: Exponential(\"500ms\"))",
    ];
    for pool in pools {
        let text = farm(100, "LeastConnections", pool);
        let text =
            if pool.contains("call") { text.replace(", run:", ", back_ends: [(name: \"db\", workers: 60)], run:") } else { text };
        assert_eq!(allocations_once_warm(&text, 300_000, 300_000), 0, "{pool}");
    }
}

#[test]
fn no_kind_of_client_allocates() {
    let clients = [
        "Closed(users: 200, think_time: Exponential(\"1s\"), demand: Exponential(\"1s\"))",
        "Open(arrivals: Renewal(gap: LogNormal(mean: \"12ms\", cv: 3)), demand: Weibull(shape: 0.5, mean: \"1s\"))",
    ];
    for client in clients {
        let text = format!("Model(clients: [{client}], servers: [(count: 100)], run: Terminating(horizon: \"10000s\"))");
        assert_eq!(allocations_once_warm(&text, 300_000, 300_000), 0, "{client}");
    }
}
