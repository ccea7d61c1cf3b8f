//! When two models have the same results: a fingerprint of everything that a replication depends on.

use crate::model::{Arrivals, ClientClass, Model, ModelParts, RunPlan};
use sha2::{Digest, Sha256};
use std::fmt::{self, Debug, Write};

/// The version of results: it goes up whenever the same model and seed give other figures than before, so that stored
/// replications of before are not mixed with new ones. `tests/golden.rs` sees to it.
pub const RESULTS_VERSION: u32 = 1;

/// SHA-256, in hexadecimal, of all that a replication of the model depends on: the checked model with its seed, the requests
/// of the logs it replays, the version of results. What it says about itself and the number of replications play no part.
#[must_use]
pub fn fingerprint(model: &Model) -> String {
    let ModelParts { about: _, seed, classes, balancers, pools, needed, zones, script, run, expectations: _ } = model.parts();
    let mut hash = Hash(Sha256::new());
    hash.add(&RESULTS_VERSION);
    hash.add(seed);
    classes.iter().for_each(|class| hash.add_class(class));
    hash.add(balancers);
    hash.add(pools);
    hash.add(needed);
    hash.add(zones);
    hash.add(script);
    match run {
        RunPlan::Steady { length, warm_up, replications: _ } => hash.add(&(length, warm_up)),
        RunPlan::Terminating { horizon, replications: _ } => hash.add(horizon),
    }
    hash.0.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A hash of values as they describe themselves for debugging: every field with its name, every number with all its digits.
struct Hash(Sha256);

impl Hash {
    fn add(&mut self, value: &dyn Debug) {
        // Writing into a hash cannot fail.
        let _ = writeln!(self, "{value:?}");
    }

    fn add_class(&mut self, class: &ClientClass) {
        let ClientClass { name, arrivals, demand, balancer, sites, clients, addresses, items, recovery } = class;
        self.add(&(name, demand, balancer, sites, clients, addresses, items, recovery));
        let Arrivals::Replay { trace } = arrivals else { return self.add(arrivals) };
        self.add(&(trace.arrivals.len(), trace.length, trace.clients));
        for arrival in &trace.arrivals {
            self.0.update(arrival.at.as_nanos().to_le_bytes());
            self.0.update(arrival.client.to_le_bytes());
        }
        for demand in &trace.demands {
            self.0.update(demand.as_nanos().to_le_bytes());
        }
    }
}

impl Write for Hash {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{NoFiles, Override, Source, read};

    const MODEL: &str = r#"Model(
        about: "as it was",
        clients: [Open(arrivals: Poisson(rate: "200/s"), demand: LogNormal(mean: "10ms", cv: 1.5))],
        balancer: (algorithm: PowerOfD(d: 2)),
        servers: [Pool(name: "web", count: 4, call: (to: "db", demand: Constant("1ms")))],
        back_ends: [BackEnd(name: "db")],
        script: [(at: "1s", remove: 0)],
        run: Steady(length: "2min", replications: 6),
    )"#;

    fn of(set: &[(&str, &str)]) -> String {
        let set: Vec<Override> = set.iter().map(|(path, value)| Override::new(*path, *value)).collect();
        fingerprint(&read(Source { name: "model", text: MODEL }, &set, &NoFiles).unwrap().model)
    }

    #[test]
    fn whatever_changes_results_changes_the_fingerprint() {
        let changes = [
            ("seed", "2"),
            ("clients[0].arrivals.rate", "201/s"),
            ("clients[0].demand.mean", "10.000001ms"),
            ("clients[0].demand.cv", "1.50000000001"),
            ("balancer.algorithm", "PowerOfD(d: 3)"),
            ("balancer.algorithm", "RoundRobin"),
            ("balancer.when_full", "Skip"),
            ("servers[0].count", "5"),
            ("servers[0].speed", "1.1"),
            ("servers[0].weight", "2"),
            ("servers[0].discipline", "ProcessorSharing"),
            ("servers[0].capacity", "50"),
            ("servers[0].call.demand", "Constant(\"2ms\")"),
            ("back_ends[0].workers", "2"),
            ("script[0].at", "2s"),
            ("run.length", "3min"),
            ("run.warm_up", "1min"),
            ("run", "Terminating(horizon: \"2min\")"),
        ];
        let mut seen = vec![of(&[])];
        for change in changes {
            let changed = of(&[change]);
            assert!(!seen.contains(&changed), "{change:?}");
            seen.push(changed);
        }
    }

    #[test]
    fn what_changes_no_results_leaves_it_as_it_is() {
        assert_eq!(of(&[("about", "\"as it is\""), ("run.replications", "7")]), of(&[]));
        assert_eq!(of(&[("clients[0].arrivals.rate", "12000/min")]), of(&[]));
    }

    #[test]
    fn a_log_counts_by_its_requests() {
        struct Log(&'static str);
        impl crate::model::Files for Log {
            fn read(&self, _: &str) -> Result<Vec<u8>, String> {
                Ok(self.0.as_bytes().to_vec())
            }
        }
        let text = r#"Model(clients: [Replay(log: "access.log", demand: Constant("1ms"))])"#;
        let of = |log| fingerprint(&read(Source { name: "model", text }, &[], &Log(log)).unwrap().model);
        let line = "1.2.3.4 - - [22/Jan/2019:03:56:14 +0330] \"GET / HTTP/1.1\" 200 5 \"-\" \"-\"\n";
        let other = "1.2.3.4 - - [22/Jan/2019:03:56:15 +0330] \"GET / HTTP/1.1\" 200 5 \"-\" \"-\"\n";
        let (one, two) = (format!("{line}{line}"), format!("{line}{other}"));
        assert_ne!(of(Box::leak(one.into_boxed_str())), of(Box::leak(two.into_boxed_str())));
    }
}
