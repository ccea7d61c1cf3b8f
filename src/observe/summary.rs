//! The summary of a run: every figure with its interval, or with the reason why there is none.

use super::fold::{Figures, Fold};
use super::metric::{MetricKind, REQUEST_METRICS, SERVER_METRICS, SYSTEM_METRICS};
use super::{CacheUsage, ClassTally, Measure, Why};
use crate::stats::{Centre, estimate_quantile, mean_interval, two_sided};

/// The level of all intervals.
pub const LEVEL: f64 = 0.95;

/// An estimate, in the unit of its metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// The point; nothing where the runs do not support one.
    pub value: Option<f64>,
    /// Half the length of its interval, at 95 % where nothing else is said; nothing where there is none.
    pub half_width: Option<f64>,
    /// Why something is missing, in words; empty where nothing is.
    pub note: String,
}

impl Estimate {
    fn missing(note: impl Into<String>) -> Self {
        Self { value: None, half_width: None, note: note.into() }
    }

    fn of_mean(figures: &[f64], level: f64) -> Self {
        let undefined = figures.iter().filter(|figure| figure.is_nan()).count();
        if undefined > 0 {
            let whose =
                if figures.len() == 1 { String::new() } else { format!(" in {undefined} of {} replications", figures.len()) };
            return Self::missing(format!("no request was completed{whose}"));
        }
        match mean_interval(figures, level) {
            Some(interval) => Self { value: Some(interval.mean), half_width: Some(interval.half_width), note: String::new() },
            None if figures.is_empty() => Self::missing("nothing simulated yet"),
            None => Self { value: figures.first().copied(), half_width: None, note: ONE.into() },
        }
    }

    /// The mean over the replications that have a figure.
    fn of_some(figures: &[f64], level: f64) -> Self {
        let some: Vec<f64> = figures.iter().copied().filter(|figure| !figure.is_nan()).collect();
        if some.len() == figures.len() {
            return Self::of_mean(figures, level);
        }
        if some.is_empty() {
            return Self::missing("nothing of the kind was seen");
        }
        let note = format!("seen in {} of {} replications", some.len(), figures.len());
        Self { note, ..Self::of_mean(&some, level) }
    }

    fn of_spread((mean, sd, n): (f64, f64, usize)) -> Self {
        match two_sided(LEVEL, n as f64 - 1.0).filter(|_| n > 1) {
            Some(t) => Self { value: Some(mean), half_width: Some(t * sd / (n as f64).sqrt()), note: String::new() },
            None => Self { value: Some(mean), half_width: None, note: ONE.into() },
        }
    }
}

/// Why one replication has no interval.
const ONE: &str = "one replication: no interval";

/// Whether a steady run has forgotten that it began empty.
#[derive(Debug, Clone, PartialEq)]
pub enum Convergence {
    /// The run is terminating, and there is nothing to forget; or nobody asked.
    NotAsked,
    /// The start is forgotten before measuring begins.
    Converged,
    /// It is not, or not for certain.
    NotConverged {
        /// The length of a replication that would do, in seconds, as far as can be told.
        needed_secs: f64,
    },
    /// Too few requests to tell.
    Unknown,
}

/// The use of one pool or back end.
#[derive(Debug, Clone)]
pub struct PoolSummary {
    /// Its name.
    pub name: String,
    /// Whether servers call it.
    pub is_back_end: bool,
    /// Number of servers.
    pub servers: u32,
    /// By server metric.
    pub metrics: Vec<Estimate>,
}

/// The use of one server.
#[derive(Debug, Clone)]
pub struct ServerSummary {
    /// The name of its pool, and its number within if the pool has more than one.
    pub name: String,
    /// By server metric.
    pub metrics: Vec<Estimate>,
}

/// Utilization and imbalance over the measured window, averaged over replications.
#[derive(Debug, Clone, Default)]
pub struct TimeLine {
    /// By stretch: utilization, its coefficient of variation over the servers, max/mean, Jain's index.
    pub stretches: Vec<[f64; 4]>,
}

/// How often caches of one age knew what was looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct AgeSummary {
    /// From this age on, in seconds since the cache was last empty.
    pub from_secs: f64,
    /// Up to this age.
    pub to_secs: f64,
    /// Lookups over all replications.
    pub lookups: u64,
    /// Hits over lookups, as a fraction.
    pub hit_ratio: Estimate,
}

impl AgeSummary {
    /// Ages with fewer lookups are not listed.
    pub const FEWEST: u64 = 100;
}

/// What a run says of a model.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Requests over all replications, in the measured windows: born, completed, refused, present at the end.
    pub counts: [u64; 4],
    /// Those that ended without an answer, by [`Why`].
    pub failed: [u64; Why::ALL.len()],
    /// Whether something can fail in the model.
    pub may_fail: bool,
    /// By metric of requests, all classes together.
    pub total: Vec<Estimate>,
    /// By class, then metric: its name and estimates; empty where there is one class.
    pub classes: Vec<(String, Vec<Estimate>)>,
    /// By metric of the system.
    pub system: Vec<Estimate>,
    /// By pool, back ends last.
    pub pools: Vec<PoolSummary>,
    /// By server, back ends last; empty where there are too many to list.
    pub servers: Vec<ServerSummary>,
    /// Imbalance over time.
    pub time_line: TimeLine,
    /// Hit ratios by age of the caches since they were last empty, the youngest first; empty where there are none.
    pub ages: Vec<AgeSummary>,
    /// Whether the run was long enough. If not, every estimate is missing, and says so.
    pub convergence: Convergence,
    /// The figures of each replication.
    pub replications: Vec<Figures>,
}

impl Summary {
    /// No figure is better than a wrong one.
    fn withhold(&mut self) {
        let classes = self.classes.iter_mut().flat_map(|(_, estimates)| estimates);
        let pools = self.pools.iter_mut().flat_map(|pool| &mut pool.metrics);
        let servers = self.servers.iter_mut().flat_map(|server| &mut server.metrics);
        for estimate in self.total.iter_mut().chain(classes).chain(&mut self.system).chain(pools).chain(servers) {
            *estimate = Estimate::missing("not converged");
        }
        self.time_line = TimeLine::default();
        self.ages = Vec::new();
    }
}

impl Fold {
    /// The summary of all that was added; of a steady run that has not converged, no figure but that verdict.
    #[must_use]
    pub fn summary(mut self) -> Summary {
        let births = std::mem::take(&mut self.births);
        let convergence = births.check(self.replications.iter().map(|figures| figures.born), self.shape.run);
        let mut summary = self.summary_unchecked();
        if matches!(convergence, Convergence::NotConverged { .. }) {
            summary.withhold();
        }
        Summary { convergence, ..summary }
    }

    /// The same without asking whether the run has converged.
    #[must_use]
    pub fn summary_unchecked(self) -> Summary {
        let total = self.total();
        let class = |index: usize| {
            let estimates = requests(&self.classes[index], &self.replications, |figures| &figures.classes[index]);
            (self.shape.classes[index].clone(), estimates)
        };
        let classes = if self.classes.len() > 1 { (0..self.classes.len()).map(class).collect() } else { Vec::new() };
        Summary {
            counts: [0, 1, 2, 3].map(|count| self.replications.iter().map(|figures| figures.counts[count]).sum()),
            failed: total.failed,
            may_fail: self.may_fail,
            total: requests(&total, &self.replications, |figures| &figures.total),
            classes,
            system: (0..SYSTEM_METRICS.len()).map(|metric| self.system(metric, LEVEL)).collect(),
            pools: self.pools(),
            servers: self.servers(),
            time_line: TimeLine { stretches: self.windows.iter().map(|window| window.map(|spread| spread.read().0)).collect() },
            ages: self.ages(),
            convergence: Convergence::NotAsked,
            replications: self.replications,
        }
    }

    fn mean_of(&self, figure: impl Fn(&Figures) -> f64) -> Estimate {
        Estimate::of_mean(&self.replications.iter().map(figure).collect::<Vec<_>>(), LEVEL)
    }

    fn system(&self, metric: usize, level: f64) -> Estimate {
        Estimate::of_some(&self.replications.iter().map(|figures| figures.system[metric]).collect::<Vec<_>>(), level)
    }

    /// The figures of each replication so far.
    #[must_use]
    pub fn figures(&self) -> &[Figures] {
        &self.replications
    }

    /// The estimate of one metric at any level, whether or not the run has converged.
    #[must_use]
    pub fn estimate(&self, measure: Measure, level: f64) -> Estimate {
        let figures: Vec<f64> = self.replications.iter().map(|figures| measure.figure(figures)).collect();
        match measure {
            Measure::System(_) => Estimate::of_some(&figures, level),
            Measure::Request(index) => request(&REQUEST_METRICS[index], &self.total(), &figures, level),
        }
    }

    /// The point estimate of a metric of requests or of the system, and how far rounding may have moved it; nothing where the runs
    /// do not support one.
    #[must_use]
    pub fn centre(&self, measure: Measure) -> Option<Centre> {
        if let Measure::Request(index) = measure
            && let MetricKind::Quantile { times, p } = REQUEST_METRICS[index].kind
        {
            let quantile = estimate_quantile(p, LEVEL, times(&self.total()), &[]).ok()?;
            return Some(Centre { value: quantile.value * 1e-9, error: quantile.bin_error * 1e-9 });
        }
        let value = self.estimate(measure, LEVEL).value?;
        Some(Centre { value, error: 0.0 })
    }

    /// Whether a steady run has forgotten its start.
    #[must_use]
    pub fn convergence(&self) -> Convergence {
        self.births.clone().check(self.replications.iter().map(|figures| figures.born), self.shape.run)
    }

    /// The measures of all classes and replications together.
    #[must_use]
    pub fn total(&self) -> ClassTally {
        let mut total = ClassTally::default();
        self.classes.iter().for_each(|class| total.merge(class));
        total
    }

    fn pools(&self) -> Vec<PoolSummary> {
        let pool = |(index, pool): (usize, &super::PoolShape)| PoolSummary {
            name: pool.name.clone(),
            is_back_end: pool.is_back_end,
            servers: pool.servers,
            metrics: (0..SERVER_METRICS.len()).map(|metric| self.mean_of(|figures| figures.pools[index][metric])).collect(),
        };
        self.shape.pools.iter().enumerate().map(pool).collect()
    }

    fn ages(&self) -> Vec<AgeSummary> {
        let age = |(class, ratio): (usize, &crate::stats::RatioOfSums)| {
            let lookups = u64::try_from(ratio.below()).unwrap_or(u64::MAX);
            let value = ratio.ratio().filter(|_| lookups >= AgeSummary::FEWEST);
            let half_width = ratio.interval(LEVEL).map(|interval| interval.half_width);
            value.map(|value| AgeSummary {
                from_secs: CacheUsage::age_begins_secs(class),
                to_secs: CacheUsage::age_ends_secs(class),
                lookups,
                hit_ratio: Estimate {
                    value: Some(value),
                    half_width,
                    note: if half_width.is_none() { ONE.into() } else { String::new() },
                },
            })
        };
        self.ages.iter().enumerate().filter_map(age).collect()
    }

    fn servers(&self) -> Vec<ServerSummary> {
        let server = |(name, spreads): (String, &[super::fold::Spread; SERVER_METRICS.len()])| ServerSummary {
            name,
            metrics: spreads.iter().map(|spread| Estimate::of_spread(spread.read())).collect(),
        };
        self.shape.server_names().zip(&self.servers).map(server).collect()
    }
}

/// The estimates of the metrics of requests, from a merged tally and the figures of each replication.
fn requests(merged: &ClassTally, replications: &[Figures], of: impl Fn(&Figures) -> &Vec<f64>) -> Vec<Estimate> {
    let estimate = |(index, metric): (usize, &super::Metric)| {
        let figures: Vec<f64> = replications.iter().map(|figures| of(figures)[index]).collect();
        request(metric, merged, &figures, LEVEL)
    };
    REQUEST_METRICS.iter().enumerate().map(estimate).collect()
}

/// The estimate of one metric of requests.
fn request(metric: &super::Metric, merged: &ClassTally, figures: &[f64], level: f64) -> Estimate {
    match metric.kind {
        MetricKind::Mean(_) => Estimate::of_mean(figures, level),
        MetricKind::MeanOfSome(_) => Estimate::of_some(figures, level),
        MetricKind::Quantile { times, p } => {
            let nanos: Vec<f64> = figures.iter().filter(|figure| !figure.is_nan()).map(|secs| secs * 1e9).collect();
            match estimate_quantile(p, level, times(merged), &nanos) {
                Ok(quantile) => Estimate {
                    value: Some(quantile.value * 1e-9),
                    half_width: quantile.interval.map(|interval| interval.half_width * 1e-9),
                    note: if quantile.interval.is_none() { ONE.into() } else { String::new() },
                },
                Err(reason) => Estimate::missing(reason.to_string()),
            }
        }
    }
}
