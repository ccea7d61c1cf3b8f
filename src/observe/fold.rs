//! Many records of one model, folded together: merged tallies, and the figures of each replication.

use super::metric::{REQUEST_METRICS, SERVER_METRICS, SYSTEM_METRICS};
use super::{BirthSeries, CacheUsage, ClassTally, Record, ServerUsage, Shape};
use crate::model::Model;
use crate::stats::RatioOfSums;
use crate::units::Time;

/// What remains of the replications of a model: memory does not grow with the requests they simulated.
#[derive(Debug, Clone)]
pub struct Fold {
    pub(super) shape: Shape,
    /// Merged measures by class.
    pub(super) classes: Vec<ClassTally>,
    pub(super) births: BirthSeries,
    pub(super) replications: Vec<Figures>,
    pub(super) servers: Vec<[Spread; SERVER_METRICS.len()]>,
    pub(super) windows: Vec<[Spread; 4]>,
    /// Hits over lookups by class of age of the caches; empty where there are none.
    pub(super) ages: Vec<RatioOfSums>,
    /// Whether something can fail: then every record says what was up.
    pub(super) may_fail: bool,
    /// The picture of the servers over time, of the replication that has one.
    picture: Option<Picture>,
}

/// Utilization by server and time in one replication.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Where the stretches begin, and the end of the last: one more than there are stretches.
    pub ends: Vec<Time>,
    /// Utilization of each server, stretch by stretch; back ends do not count.
    pub used: Vec<f32>,
}

/// The figures of one replication; those that are not defined are not numbers.
#[derive(Debug, Clone)]
pub struct Figures {
    /// Its number.
    pub replication: u32,
    /// Requests born from time 0 on.
    pub born: u64,
    /// Requests measured: born, completed, refused, present at the end.
    pub counts: [u64; 4],
    /// By metric of requests, all classes together.
    pub total: Vec<f64>,
    /// By class, then metric of requests; empty where there is one class.
    pub classes: Vec<Vec<f64>>,
    /// By metric of the system.
    pub system: Vec<f64>,
    /// By pool, then metric of a server.
    pub pools: Vec<Vec<f64>>,
}

/// A running mean and sum of squared deviations (Welford 1962).
#[derive(Debug, Clone, Copy, Default)]
pub struct Spread {
    n: f64,
    mean: f64,
    squares: f64,
}

impl Spread {
    fn add(&mut self, value: f64) {
        self.n += 1.0;
        let delta = value - self.mean;
        self.mean += delta / self.n;
        self.squares += delta * (value - self.mean);
    }

    /// Mean, standard deviation (divisor n - 1), number.
    pub(super) fn read(&self) -> (f64, f64, usize) {
        (self.mean, (self.squares / (self.n - 1.0)).sqrt(), self.n as usize)
    }
}

impl Fold {
    /// Nothing yet of `model`.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        Self::of(Shape::of(model))
    }

    /// Nothing yet of a model of that shape.
    #[must_use]
    pub fn of(shape: Shape) -> Self {
        Self {
            classes: vec![ClassTally::default(); shape.classes.len()],
            shape,
            births: BirthSeries::default(),
            replications: Vec::new(),
            servers: Vec::new(),
            windows: Vec::new(),
            ages: Vec::new(),
            may_fail: false,
            picture: None,
        }
    }

    /// The shape of the model.
    #[must_use]
    pub const fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The picture of the servers over time, if a record had one.
    #[must_use]
    pub const fn picture(&self) -> Option<&Picture> {
        self.picture.as_ref()
    }

    /// Adds a record. Records must come in the order of their numbers, for sums of real numbers depend on it.
    pub fn add(&mut self, record: &Record) {
        let window = self.shape.window();
        let total = record.total();
        let figures = |tally: &ClassTally| -> Vec<f64> {
            REQUEST_METRICS.iter().map(|metric| metric.of(tally, window).unwrap_or(f64::NAN)).collect()
        };
        let pools = || record.pools.iter().zip(&self.shape.pools);
        let served = pools().filter(|(_, pool)| !pool.is_back_end).map(|(usage, _)| usage.served).sum();
        let use_of =
            |usage: &ServerUsage, workers: u64| SERVER_METRICS.iter().map(|m| (m.of)(usage, workers, served, window)).collect();
        self.replications.push(Figures {
            replication: record.replication,
            born: record.born,
            counts: [total.arrived, total.completed(), total.unanswered(), total.unfinished],
            total: figures(&total),
            classes: if record.classes.len() > 1 { record.classes.iter().map(figures).collect() } else { Vec::new() },
            system: SYSTEM_METRICS.iter().map(|metric| (metric.of)(record, window).unwrap_or(f64::NAN)).collect(),
            pools: pools().map(|(usage, pool)| use_of(usage, pool.all_workers())).collect(),
        });
        self.servers.resize(record.servers.len(), Default::default());
        for ((spreads, usage), workers) in self.servers.iter_mut().zip(&record.servers).zip(self.shape.workers()) {
            for (spread, metric) in spreads.iter_mut().zip(SERVER_METRICS) {
                spread.add((metric.of)(usage, workers, served, window));
            }
        }
        self.windows.resize(record.windows.len(), Default::default());
        for (spreads, window) in self.windows.iter_mut().zip(&record.windows) {
            let figures = [window.utilization, window.imbalance.cv, window.imbalance.max_over_mean, window.imbalance.jain];
            spreads.iter_mut().zip(figures).for_each(|(spread, figure)| spread.add(figure));
        }
        if !record.caches.is_empty() {
            self.ages.resize(CacheUsage::AGES, RatioOfSums::default());
        }
        for (class, ratio) in self.ages.iter_mut().enumerate() {
            let [lookups, hits] = [0, 1].map(|which| record.caches.iter().map(|usage| usage.by_age[class][which]).sum());
            ratio.add(hits, lookups);
        }
        if !record.pictured.is_empty() {
            let ends = record.windows.iter().map(|window| window.to);
            let ends = std::iter::once(self.shape.run.measured_from()).chain(ends).collect();
            self.picture = Some(Picture { ends, used: record.pictured.clone() });
        }
        self.may_fail |= record.uptime.is_some();
        self.classes.iter_mut().zip(&record.classes).for_each(|(merged, class)| merged.merge(class));
        self.births.merge(&record.births);
    }
}
