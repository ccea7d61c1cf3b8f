//! Cases measured at real load balancers: read, repeated with our algorithms, compared.
//!
//! [`RealCases`] holds what was measured, built in or read from files; [`try_real_case`] repeats a case and compares, or says why it
//! cannot; [`orders`] looks at the algorithms of a scenario together.
//!
//! The built-in cases were measured for this project: HAProxy 2.6.12, nginx 1.22.1 and Envoy 1.40.0 with one worker or thread each, on the
//! loopback of one machine, before servers whose queues are exactly known; their figures stand in `builtin_cases.json` as they
//! were written down, of failovers, limits and sessions only those that are compared. They are sequences of choices without load (`A`), the places of
//! hashed keys (`B`), latencies under load (`C`), what the balancers cost by themselves (`C0`), failovers (`D`: servers crash, fall silent or answer
//! with errors, and come back), session persistence (`E`), limits and errors (`F`) and traces of 1,500 requests (`T`).
//!
//! How each kind is judged is said where it is compared: `sequence`, `steps`, `share`, `placement`, `replay`, `load`, `failover`, `stickiness`, `limit`. What the
//! configurations say in words is understood by `words` (algorithms) and by `config` with `phrases` (checks, retries, limits).

mod band;
mod case;
mod config;
mod desk;
mod failover;
mod finding;
mod heard;
mod keys;
mod limit;
mod load;
mod order;
mod phrases;
mod placement;
mod replay;
mod sequence;
mod sessions;
mod share;
mod steps;
mod stickiness;
#[cfg(test)]
mod tests;
mod words;
mod world;

use super::Skip;
use super::fields::Fields;
pub use case::{RealCase, RealCases, RealFault};
pub use finding::{Figure, RealFinding, RealTrial, RealVerdict};
pub use load::Latencies;
pub use order::{Order, orders};

/// Repeats a case of `all` on the threads of the current rayon pool and compares; beside it, the latencies of a case under load.
///
/// # Errors
/// Where the case needs something that this simulator has not, or says something that is not understood.
pub fn try_real_case(case: &RealCase, all: &RealCases) -> Result<(RealTrial, Option<Latencies>), Skip> {
    let measured = |name: &str| case.measured.get(name).is_some();
    let model = |name: &str| case.model.get(name).is_some();
    let needs = |what: &str| Err(Skip::new(format!("it needs {what}")));
    if model("sessions") {
        stickiness::stickiness(case, all).map(|trial| (trial, None))
    } else if model("fault") {
        failover::failover(case, all).map(|trial| (trial, None))
    } else if model("error_probability_per_try") {
        limit::limit(case, all).map(|trial| (trial, None))
    } else if measured("demand_20_ms") {
        Err(Skip::new("it says what the balancer itself costs, which is taken off other cases"))
    } else if measured("latency_ms_replications") {
        load::load(case, all).map(|(trial, latencies)| (trial, Some(latencies)))
    } else {
        let trial = if measured("sequences_per_fresh_start") {
            sequence::fresh_starts(case)
        } else if model("steps") {
            sequence::steps(case)
        } else if measured("shares") {
            share::shares(case, all.seed)
        } else if measured("offset_counts") {
            share::offsets(case, all.seed)
        } else if measured("base") {
            placement::placement(case)
        } else if measured("rows") {
            replay::replay(case, all)
        } else {
            return needs("a comparison that is not built yet");
        };
        trial.map(|trial| (trial, None))
    }
}

/// A case has at most so many servers: one character names a server.
const MOST_SERVERS: u32 = 36;

/// The field `servers`.
fn server_count(model: &mut Fields<'_>) -> Result<u32, Skip> {
    model.count("servers", MOST_SERVERS)?.ok_or_else(|| Skip::new("the model has no `servers`"))
}

/// The fields `servers` and `weights`: a weight for each server.
fn weights_of(model: &mut Fields<'_>) -> Result<Vec<f64>, Skip> {
    let servers = server_count(model)? as usize;
    let weights = match model.need("weights")?.as_str() {
        Some("all 1") => vec![1.0; servers],
        _ => model.numbers("weights")?,
    };
    if weights.len() != servers || weights.iter().any(|weight| !(*weight > 0.0 && *weight <= 1e6)) {
        return Err(Skip::new("`weights` is not a weight above 0 for each server"));
    }
    Ok(weights)
}
