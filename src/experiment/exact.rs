//! What theory says exactly about a model, where it says something.

use super::Exact;
use crate::balancing::Algorithm;
use crate::model::{Arrivals, Discipline, Model, PoolSpec, RunPlan};
use crate::observe::Measure;
use crate::theory::{Mg1, Mm1, Mmc, ProcessorSharing};

/// One queue that theory knows: what each of the servers is, or all of them together.
struct Queue<'a> {
    /// Requests per second that come to it.
    rate: f64,
    /// Workers that share it.
    workers: u32,
    /// Mean time of service in seconds.
    service_secs: f64,
    /// Squared coefficient of variation of that time.
    scv: f64,
    /// Name of its distribution.
    demand: &'a str,
    discipline: Discipline,
}

/// The exact long-run values of a steady model of Poisson arrivals to equal servers without limits, calls or a script, where
/// each server is a queue of its own (one server, or a random choice: a Poisson process split at random is again one) or all
/// are one (a central queue): M/M/1, M/M/c, M/G/1 and M/G/1-PS. Nothing for any other model.
#[must_use]
pub fn exact(model: &Model) -> Vec<Exact> {
    let Some((queue, algorithm, servers)) = queue(model) else { return Vec::new() };
    let split = Queue { rate: queue.rate / f64::from(servers), ..queue };
    let queue = match algorithm {
        Algorithm::CentralQueue(_) if split.discipline == Discipline::Fcfs => {
            let Some(workers) = split.workers.checked_mul(servers) else { return Vec::new() };
            Queue { rate: split.rate * f64::from(servers), workers, ..split }
        }
        Algorithm::Random(_) => split,
        _ if servers == 1 && !matches!(algorithm, Algorithm::CentralQueue(_)) => split,
        _ => return Vec::new(),
    };
    values(&queue)
}

/// What comes to all servers of the model, its algorithm, and how many servers there are; nothing where theory is silent.
fn queue(model: &Model) -> Option<(Queue<'_>, &Algorithm, u32)> {
    let parts = model.parts();
    let ([class], [balancer], [pool]) = (&parts.classes[..], &parts.balancers[..], &parts.pools[..]) else { return None };
    let PoolSpec { count, workers, speed, discipline, capacity: None, call: None, scaling: None, .. } = pool else { return None };
    let Arrivals::Poisson { rate } = class.arrivals else { return None };
    if !parts.script.is_empty() || balancer.queue_capacity.is_some() || !matches!(parts.run, RunPlan::Steady { .. }) {
        return None;
    }
    let demand = class.demand.inner();
    let queue = Queue {
        rate: rate.as_per_sec(),
        workers: *workers,
        service_secs: class.demand.mean_secs() / speed,
        scv: demand.scv(),
        demand: demand.name(),
        discipline: *discipline,
    };
    Some((queue, &balancer.algorithm, *count))
}

/// The percentiles that are metrics.
const PERCENTILES: [(&str, &str, f64); 6] = [
    ("response_p50", "wait_p50", 0.5),
    ("response_p90", "wait_p90", 0.9),
    ("response_p95", "wait_p95", 0.95),
    ("response_p99", "wait_p99", 0.99),
    ("response_p99_9", "wait_p99_9", 0.999),
    ("response_p99_99", "wait_p99_99", 0.9999),
];

fn values(queue: &Queue<'_>) -> Vec<Exact> {
    let &Queue { rate, workers, service_secs, scv, demand, discipline } = queue;
    let service_rate = 1.0 / service_secs;
    let mut values = Vec::new();
    let mut add = |formula: &str, name: &str, value: f64| {
        if let Some(measure) = Measure::named(name).filter(|_| value.is_finite()) {
            values.push(Exact { measure, value, formula: formula.into() });
        }
    };
    match (discipline, workers, demand) {
        (Discipline::ProcessorSharing, 1, _) => {
            if let Some(shared) = ProcessorSharing::new(rate, service_secs) {
                add("M/G/1-PS", "mean_response", shared.mean_response());
            }
        }
        (Discipline::Fcfs, 1, "Exponential") => {
            if let Some(single) = Mm1::new(rate, service_rate) {
                add("M/M/1", "mean_response", single.mean_response());
                add("M/M/1", "mean_wait", single.mean_wait());
                for (response, wait, p) in PERCENTILES {
                    add("M/M/1", response, single.response_quantile(p));
                    add("M/M/1", wait, single.wait_quantile(p));
                }
            }
        }
        (Discipline::Fcfs, _, "Exponential") => {
            if let Some(several) = Mmc::new(rate, service_rate, workers) {
                add("M/M/c", "mean_response", several.mean_response());
                add("M/M/c", "mean_wait", several.mean_wait());
                add("M/M/c", "p_wait", several.p_wait());
                for (response, wait, p) in PERCENTILES {
                    add("M/M/c", response, several.response_quantile(p));
                    add("M/M/c", wait, several.wait_quantile(p));
                }
            }
        }
        (Discipline::Fcfs, 1, _) => {
            if let Some(single) = Mg1::new(rate, service_secs, scv) {
                add("M/G/1", "mean_response", single.mean_response());
                add("M/G/1", "mean_wait", single.mean_wait());
            }
        }
        _ => {}
    }
    let load = rate * service_secs / f64::from(workers);
    if load < 1.0 {
        add("offered load", "utilization", load);
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{NoFiles, Override, Source, read};

    fn of(set: &[(&str, &str)]) -> Vec<(String, f64)> {
        let text = r#"Model(
            clients: [Open(arrivals: Poisson(rate: "320/s"), demand: Exponential(mean: "10ms"))],
            balancer: (algorithm: Random),
            servers: [Pool(name: "web", count: 4)],
        )"#;
        let set: Vec<Override> = set.iter().map(|(path, value)| Override::new(*path, *value)).collect();
        let model = read(Source { name: "model", text }, &set, &NoFiles).unwrap().model;
        let is_shown = |exact: &Exact| matches!(exact.measure.name(), "mean_response" | "p_wait");
        exact(&model).into_iter().filter(is_shown).map(|exact| (exact.formula, exact.value)).collect()
    }

    #[track_caller]
    fn assert_is(found: &[(String, f64)], formula: &str, value: f64) {
        let found = found.first().unwrap();
        assert!(found.0 == formula && (found.1 / value - 1.0).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn random_splits_poisson_streams_and_a_central_queue_joins_the_workers() {
        assert_is(&of(&[]), "M/M/1", 0.05);
        assert_is(&of(&[("servers[0].speed", "2")]), "M/M/1", 1.0 / 120.0);
        assert_is(&of(&[("clients[0].demand", "Constant(\"10ms\")")]), "M/G/1", 0.03);
        assert_is(&of(&[("servers[0].discipline", "ProcessorSharing")]), "M/G/1-PS", 0.05);
        // Erlang C of 4 servers at 3.2 Erlangs is 0.59644 (Gross & Harris 1998, chapter 2).
        let central = of(&[("balancer.algorithm", "CentralQueue")]);
        assert_is(&central, "M/M/c", 0.01 + central[1].1 / 80.0);
        assert!((central[1].1 - 0.596_44).abs() < 1e-4, "{central:?}");
    }

    #[test]
    fn theory_is_silent_about_the_rest() {
        for set in [
            ("balancer.algorithm", "RoundRobin"),
            ("servers[0].capacity", "5"),
            ("run", "Terminating(horizon: \"1min\")"),
            ("clients[0].arrivals", "Renewal(gap: Constant(\"4ms\"))"),
            ("clients[0].arrivals.rate", "\"400/s\""),
        ] {
            assert_eq!(of(&[set]), [], "{set:?}");
        }
    }
}
