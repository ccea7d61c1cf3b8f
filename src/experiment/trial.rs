//! One replication of a model, from an empty system to its record.

use crate::balancing::{Policy, PolicyTask};
use crate::cluster::Cluster;
use crate::model::{Model, PoolKind};
use crate::observe::{Record, ServerUsage, Tally, Window};
use crate::stats::{Imbalance, Moments};
use crate::units::{ServerId, Span, Time};

/// A stretch of the measured window is long enough for this many requests a server: shorter ones would show chance, and
/// cost more than the simulation.
const REQUESTS_PER_SERVER_AND_WINDOW: f64 = 20.0;

/// Simulates replication number `replication` of `model`. The result depends on the model (its seed included) and the
/// number, on nothing else.
#[must_use]
pub fn replicate(model: &Model, replication: u32) -> Record {
    let trial = Trial { model, replication };
    match &model.parts().balancers[..] {
        [balancer] if !Cluster::<Tally>::must_look_after_tries(model) => balancer.algorithm.clone().specialize(trial),
        _ => trial.run_with(model.algorithms()),
    }
}

/// A replication to be simulated. With a single balancer, the event loop is compiled for its very algorithm.
struct Trial<'a> {
    model: &'a Model,
    replication: u32,
}

impl PolicyTask for Trial<'_> {
    type Output = Record;

    fn run<P: Policy>(self, policy: P) -> Record {
        self.run_with(vec![policy])
    }
}

impl Trial<'_> {
    fn run_with<P: Policy>(self, algorithms: Vec<P>) -> Record {
        let Self { model, replication } = self;
        let run = model.parts().run;
        let (from, to) = (run.measured_from(), run.ends_at());
        let tally = Tally::new(model.parts().classes.len(), from, to);
        let mut cluster = Cluster::with_algorithms(model, replication, tally, algorithms);
        cluster.run_until(from);
        let mut meter = Meter::for_picture(model, replication);
        let number = windows(model, to - from);
        let windows: Vec<Window> = (1..=number)
            .map(|window| {
                cluster.run_until(part(from, to, window, number));
                meter.read(&cluster, Time::ZERO.max(part(from, to, window - 1, number)))
            })
            .collect();
        let pictured = meter.pictured.take().unwrap_or_default();
        drop(meter);
        let mut whole = Meter::new(model);
        let mut use_of_servers = whole.read(&cluster, from);
        let (pools, servers) = usage(model, &cluster);
        let (born, uptime) = (cluster.born(), cluster.uptime());
        if let Some(provisioned) = uptime.and_then(|uptime| uptime.mean_provisioned(to - from)) {
            // Who is not there is not in use.
            use_of_servers.utilization *= whole.workers.len() as f64 / provisioned;
        }
        let caches = cluster.caches();
        let back_ends = model.parts().pools.iter().zip(&pools).filter(|(pool, _)| pool.kind == PoolKind::BackEnd);
        let calls = back_ends.map(|(_, usage)| usage.served).sum();
        let (classes, births) = cluster.finish_replication().into_parts();
        Record { replication, born, classes, births, uptime, caches, calls, pools, servers, use_of_servers, windows, pictured }
    }
}

/// The end of the `number`-th of `of` equal parts from `from` to `to`.
fn part(from: Time, to: Time, number: u32, of: u32) -> Time {
    let length = u128::from((to - from).as_nanos()) * u128::from(number) / u128::from(of);
    from + Span::from_nanos(length as u64)
}

/// Into how many stretches the measured window is divided.
fn windows(model: &Model, window: Span) -> u32 {
    let parts = model.parts();
    let servers: f64 = parts.pools.iter().map(|pool| f64::from(pool.count)).sum();
    let requests = window.as_secs() * model.requests_per_sec();
    let most = requests / (servers * REQUESTS_PER_SERVER_AND_WINDOW);
    (most as u32).clamp(1, Record::MOST_WINDOWS).min(u32::try_from(window.as_nanos()).unwrap_or(u32::MAX).max(1))
}

/// Reads the use of the servers stretch by stretch.
struct Meter {
    /// Workers of each server that is not a back end.
    workers: Vec<u32>,
    /// Their use, in nanoseconds per worker, when last read.
    last: Vec<u64>,
    /// Utilization by server at each reading, where a picture is wanted.
    pictured: Option<Vec<f32>>,
}

impl Meter {
    fn new(model: &Model) -> Self {
        let servers = model.parts().pools.iter().filter(|pool| pool.kind == PoolKind::Servers);
        let workers: Vec<u32> = servers.flat_map(|pool| std::iter::repeat_n(pool.workers, pool.count as usize)).collect();
        Self { last: vec![0; workers.len()], workers, pictured: None }
    }

    /// The same, for a picture of the servers over time: in replication 0, where they are few enough.
    fn for_picture(model: &Model, replication: u32) -> Self {
        let meter = Self::new(model);
        let wanted = replication == 0 && meter.workers.len() <= Record::SERVERS_PICTURED;
        Self { pictured: wanted.then(Vec::new), ..meter }
    }

    /// The use since the last reading, which was at `since`.
    fn read(&mut self, cluster: &Cluster<Tally, impl Policy>, since: Time) -> Window {
        let (mut uses, mut most) = (Moments::new(), 0);
        let length = (cluster.now() - since).as_nanos();
        for (index, (&workers, last)) in self.workers.iter().zip(&mut self.last).enumerate() {
            let busy = (cluster.busy_ns(ServerId(index as u32)) / u128::from(workers)) as u64;
            let used = busy - std::mem::replace(last, busy);
            uses.record(used);
            most = most.max(used);
            if let Some(pictured) = &mut self.pictured {
                pictured.push((used as f64 / length as f64) as f32);
            }
        }
        Window {
            to: cluster.now(),
            utilization: uses.mean().unwrap_or(0.0) / length as f64,
            imbalance: Imbalance::of_moments(&uses, most).unwrap_or(Imbalance::NONE),
        }
    }
}

/// The use of the pools, and of the servers where they are few enough.
fn usage(model: &Model, cluster: &Cluster<Tally, impl Policy>) -> (Vec<ServerUsage>, Vec<ServerUsage>) {
    let mut servers = (0..cluster.servers()).map(|server| cluster.usage(ServerId(server as u32)));
    if cluster.servers() > Record::SERVERS_LISTED {
        let pools = model.parts().pools.iter().map(|pool| sum(servers.by_ref().take(pool.count as usize))).collect();
        return (pools, Vec::new());
    }
    let servers: Vec<ServerUsage> = servers.collect();
    let mut rest = &servers[..];
    let pools = model.parts().pools.iter().map(|pool| {
        let (own, others) = rest.split_at(pool.count as usize);
        rest = others;
        sum(own.iter().copied())
    });
    (pools.collect(), servers)
}

fn sum(servers: impl Iterator<Item = ServerUsage>) -> ServerUsage {
    servers.fold(ServerUsage::default(), |mut sum, server| {
        sum.add(&server);
        sum
    })
}
