//! A trace of requests with the server and the latency of each, replayed one by one.
//!
//! Choices are judged in the real state: requests end when they did, each is compared with what the algorithm would choose now,
//! and then counts at the server that was really used, so that one near-tie does not spoil what follows. Latencies are judged with
//! the servers that were really used, where requests wait at the servers; where they wait in the balancer, the simulator chooses.

use super::case::{RealCase, RealCases};
use super::desk::{Desk, all_traits, request_at};
use super::finding::{RealFinding, RealTrial};
use super::load::overhead_ms;
use super::words::Said;
use super::world::{Recorded, World};
use crate::balancing::{Algorithm, AlgorithmHelp, Answer, Key, Shares};
use crate::stats::order::quantile_linear;
use crate::units::{ServerId, Span, Time};
use crate::validation::Skip;
use crate::validation::fields::Fields;
use std::collections::VecDeque;

/// So many starts are tried.
const STARTS: u64 = 64;
/// How far latencies may be off at the median, in milliseconds.
const NEAR_MS: f64 = 0.3;

/// A request as it was measured.
#[derive(Debug, Clone, Copy)]
struct Row {
    at: Time,
    demand_secs: f64,
    server: ServerId,
    latency: Span,
}

pub(super) fn replay(case: &RealCase, all: &RealCases) -> Result<RealTrial, Skip> {
    let mut model = Fields::of("the model", &case.model)?;
    let said = Said::of(case, Key::Client)?;
    let world = World::read(&mut model, said.max_connections)?;
    for known in ["algorithm", "requests", "note", "lb_threads"] {
        model.get(known);
    }
    let fresh = model.get("first_request_is_the_balancers_first").and_then(serde_json::Value::as_bool);
    if fresh != Some(true) {
        return Err(Skip::new("the balancer had served requests before the first one"));
    }
    model.nothing_else()?;
    let rows = rows(case, world.weights.len())?;
    let mut findings = Vec::new();
    if !said.draws {
        let right = right_choices(&said, &world, &rows);
        findings.push(RealFinding::right("choices, each in the real state", right, rows.len(), least_right(case, &said)));
    }
    let overhead = overhead_ms(case, all, said.max_connections.is_some())?;
    findings.extend(latencies(&said, &world, &rows, overhead));
    Ok(RealTrial { findings, note: Some(format!("{overhead:.3} ms of overhead taken off")) })
}

/// The share of choices that must be the same. Algorithms that read no load make none for which the state matters. With loads,
/// a request that ends within a fraction of a millisecond of an arrival may have been there or not, and nginx breaks
/// ties by a state that such a near-tie moves for good.
fn least_right(case: &RealCase, said: &Said) -> f64 {
    let in_turn = |help: &AlgorithmHelp| help.name == said.algorithm.name() && help.shares == Shares::InTurn;
    if said.max_connections.is_none() && Algorithm::help().iter().any(in_turn) {
        1.0
    } else if case.lb == "haproxy" && said.max_connections.is_none() {
        0.998
    } else {
        0.98
    }
}

fn rows(case: &RealCase, servers: usize) -> Result<Vec<Row>, Skip> {
    let columns = super::sequence::texts(&case.measured["columns"])?;
    let column = |name: &str| {
        columns.iter().position(|column| *column == name).ok_or_else(|| Skip::new(format!("the trace has no column `{name}`")))
    };
    let places = [column("arrival_us")?, column("demand_ms")?, column("server")?, column("latency_ms")?];
    let list = case.measured["rows"].as_array().ok_or_else(|| Skip::new("the trace has no `rows`"))?;
    let row = |(number, row): (usize, &serde_json::Value)| {
        let numbers = places.map(|place| row.get(place).and_then(serde_json::Value::as_f64).filter(|number| *number >= 0.0));
        let [Some(arrival), Some(demand), Some(server), Some(latency)] = numbers else {
            return Err(Skip::new(format!("row {number} of the trace is not understood")));
        };
        if server as usize >= servers {
            return Err(Skip::new(format!("row {number} of the trace: there is no server {server}")));
        }
        Ok(Row {
            at: Time::ZERO + Span::from_nanos_f64(arrival * 1e3),
            demand_secs: demand * 1e-3,
            server: ServerId(server as u32),
            latency: Span::from_nanos_f64(latency * 1e6),
        })
    };
    let rows = list.iter().enumerate().map(row).collect::<Result<Vec<Row>, Skip>>()?;
    if rows.is_empty() || !rows.is_sorted_by_key(|row| row.at) {
        return Err(Skip::new("the trace is empty or not in order of time"));
    }
    Ok(rows)
}

/// How many choices are those that were measured, from the best of the starts.
fn right_choices(said: &Said, world: &World, rows: &[Row]) -> usize {
    let starts = if said.starts_anywhere { STARTS } else { 1 };
    (0..starts).map(|start| Replay::new(said, world, start).run(rows)).max().unwrap_or(0)
}

/// The state of the balancer as it really was.
struct Replay {
    desk: Desk,
    /// Requests at each server.
    present: Vec<u32>,
    most: u32,
    /// What is at the servers, by end.
    running: Vec<(Time, usize)>,
    /// Requests that wait in the balancer.
    waiting: VecDeque<usize>,
    right: usize,
}

impl Replay {
    fn new(said: &Said, world: &World, start: u64) -> Self {
        Self {
            desk: Desk::new(&said.algorithm, &all_traits(&world.weights), start),
            present: vec![0; world.weights.len()],
            most: world.max_connections.unwrap_or(u32::MAX),
            running: Vec::new(),
            waiting: VecDeque::new(),
            right: 0,
        }
    }

    fn run(mut self, rows: &[Row]) -> usize {
        for (number, row) in rows.iter().enumerate() {
            self.end_until(rows, row.at);
            match self.desk.choose(&request_at(row.at), &[]) {
                Some(server) => self.send(rows, number, server, row.at),
                None => self.waiting.push_back(number),
            }
        }
        self.end_until(rows, Time::NEVER);
        self.right
    }

    /// Ends what ended by `until`; what waits takes the places, first come first served.
    fn end_until(&mut self, rows: &[Row], until: Time) {
        while let Some(first) = self.running.iter().enumerate().min_by_key(|(_, running)| **running).map(|(place, _)| place) {
            let (end, number) = self.running[first];
            if end > until {
                return;
            }
            self.running.swap_remove(first);
            let Row { server, at, .. } = rows[number];
            self.present[server.index()] -= 1;
            self.desk.ended(server, &Answer { now: end, since: at, failed: false });
            if self.present[server.index()] < self.most {
                self.desk.freed(server);
                if let Some(next) = self.waiting.pop_front() {
                    self.send(rows, next, server, end);
                }
            }
        }
    }

    /// Request `number` goes to the server where it really went; `chosen` is where it would have gone.
    fn send(&mut self, rows: &[Row], number: usize, chosen: ServerId, now: Time) {
        let Row { server, at, latency, .. } = rows[number];
        self.right += usize::from(chosen == server);
        self.present[server.index()] += 1;
        self.desk.sent(server, &request_at(now));
        if self.present[server.index()] >= self.most {
            self.desk.filled(server);
        }
        self.running.push((at + latency, number));
    }
}

/// Latencies request by request.
fn latencies(said: &Said, world: &World, rows: &[Row], overhead_ms: f64) -> Option<RealFinding> {
    let requests: Vec<(f64, f64)> = rows.iter().map(|row| (row.at.as_secs(), row.demand_secs)).collect();
    let taken = if said.max_connections.is_some() {
        world.run(&requests, 0, said.algorithm.clone(), &said.algorithm)
    } else {
        let recorded = Recorded { servers: rows.iter().map(|row| row.server).collect(), next: 0 };
        world.run(&requests, 0, recorded, &said.algorithm)
    };
    let off = |(row, taken): (&Row, &Option<Span>)| {
        Some(((row.latency.as_nanos() as f64 - (*taken)?.as_nanos() as f64) * 1e-6 - overhead_ms).abs())
    };
    let off: Option<Vec<f64>> = rows.iter().zip(&taken).map(off).collect();
    let mut finding = RealFinding::near("median difference of latencies, ms", 0.0, quantile_linear(&off?, 0.5)?, NEAR_MS, "");
    finding.measured = super::Figure::Nothing;
    finding.allowed = format!("at most {NEAR_MS}");
    Some(finding)
}
