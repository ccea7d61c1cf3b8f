//! The metrics: name, unit, meaning and computation of each in one table.

use super::{CacheUsage, ClassTally, Record, ServerUsage, Uptime, Why};
use crate::stats::{Histogram, Moments};
use crate::units::{Span, Time};

/// A measure of how requests fare, per class and in total.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name in output and goals.
    pub name: &'static str,
    /// Its unit: `s`, `1/s`, `requests`, or empty for a fraction.
    pub unit: &'static str,
    /// What it is, one sentence.
    pub about: &'static str,
    /// How it is estimated.
    pub kind: MetricKind,
}

/// How a metric is estimated from replications.
#[derive(Debug, Clone, Copy)]
pub enum MetricKind {
    /// The mean over replications of a figure of each.
    Mean(fn(&ClassTally, Span) -> Option<f64>),
    /// The mean over those replications that have a figure.
    MeanOfSome(fn(&ClassTally, Span) -> Option<f64>),
    /// A quantile of all observations together.
    Quantile {
        /// Of which times.
        times: fn(&ClassTally) -> &Histogram,
        /// Its probability.
        p: f64,
    },
}

impl Metric {
    /// The figure of one replication, whose window has length `window`; nothing where it is not defined, such as the mean
    /// over no requests.
    #[must_use]
    pub fn of(&self, tally: &ClassTally, window: Span) -> Option<f64> {
        match self.kind {
            MetricKind::Mean(figure) | MetricKind::MeanOfSome(figure) => figure(tally, window),
            MetricKind::Quantile { times, p } => times(tally).quantile(p).map(|quantile| quantile.value * 1e-9),
        }
    }
}

const fn mean(
    name: &'static str,
    unit: &'static str,
    about: &'static str,
    figure: fn(&ClassTally, Span) -> Option<f64>,
) -> Metric {
    Metric { name, unit, about, kind: MetricKind::Mean(figure) }
}

const fn some(
    name: &'static str,
    unit: &'static str,
    about: &'static str,
    figure: fn(&ClassTally, Span) -> Option<f64>,
) -> Metric {
    Metric { name, unit, about, kind: MetricKind::MeanOfSome(figure) }
}

const fn sojourn(name: &'static str, about: &'static str, p: f64) -> Metric {
    Metric { name, unit: "s", about, kind: MetricKind::Quantile { times: |tally| &tally.sojourn_times, p } }
}

const fn waiting(name: &'static str, about: &'static str, p: f64) -> Metric {
    Metric { name, unit: "s", about, kind: MetricKind::Quantile { times: |tally| &tally.waiting_times, p } }
}

fn mean_secs(moments: &Moments) -> Option<f64> {
    moments.mean().map(|nanos| nanos * 1e-9)
}

fn sd_secs(moments: &Moments) -> Option<f64> {
    moments.sd().map(|nanos| nanos * 1e-9)
}

fn fraction(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The metrics of requests. A response statistic covers the requests completed in the measured window; counts and time
/// averages cover the window itself.
pub const REQUEST_METRICS: &[Metric] = &[
    mean("mean_response", "s", "mean sojourn time: from the birth of a request to its answer", |t, _| mean_secs(&t.sojourn)),
    mean("std_response", "s", "standard deviation of the sojourn time", |t, _| sd_secs(&t.sojourn)),
    sojourn("response_p50", "median sojourn time", 0.5),
    sojourn("response_p90", "90 % of the sojourn times are at most this long", 0.9),
    sojourn("response_p95", "95 % of the sojourn times are at most this long", 0.95),
    sojourn("response_p99", "99 % of the sojourn times are at most this long", 0.99),
    sojourn("response_p99_9", "99.9 % of the sojourn times are at most this long", 0.999),
    sojourn("response_p99_99", "99.99 % of the sojourn times are at most this long", 0.9999),
    mean("mean_wait", "s", "mean waiting time: from the birth of a request to the start of its service", |t, _| {
        mean_secs(&t.waiting)
    }),
    mean("std_wait", "s", "standard deviation of the waiting time", |t, _| sd_secs(&t.waiting)),
    waiting("wait_p50", "median waiting time", 0.5),
    waiting("wait_p90", "90 % of the waiting times are at most this long", 0.9),
    waiting("wait_p95", "95 % of the waiting times are at most this long", 0.95),
    waiting("wait_p99", "99 % of the waiting times are at most this long", 0.99),
    waiting("wait_p99_9", "99.9 % of the waiting times are at most this long", 0.999),
    waiting("wait_p99_99", "99.99 % of the waiting times are at most this long", 0.9999),
    mean("p_wait", "", "fraction of the completed requests that waited at all", |t, _| {
        fraction(t.completed() - t.waiting_times.count_of_zero(), t.completed())
    }),
    mean("arrival_rate", "1/s", "requests born per second", |t, window| Some(t.arrived as f64 / window.as_secs())),
    mean("throughput", "1/s", "requests completed per second", |t, window| Some(t.completed() as f64 / window.as_secs())),
    mean("rejected_fraction", "", "requests turned away before anybody worked on them over requests born", |t, _| {
        fraction(t.rejected(), t.arrived)
    }),
    mean("error_fraction", "", "requests that ended without a right answer over all that ended", |t, _| {
        fraction(t.unanswered() + t.wrong, t.ended())
    }),
    mean("lost_fraction", "", "requests lost when a server went down over requests born", |t, _| {
        fraction(t.failed_by(Why::Lost), t.arrived)
    }),
    mean("timed_out_fraction", "", "requests that got no answer in time over requests born", |t, _| {
        fraction(t.failed_by(Why::ResponseTimeout) + t.failed_by(Why::ConnectTimeout) + t.failed_by(Why::QueueTimeout), t.arrived)
    }),
    mean("abandoned_fraction", "", "requests given up by their clients over requests born", |t, _| {
        fraction(t.failed_by(Why::Abandoned), t.arrived)
    }),
    mean("error_answer_fraction", "", "requests answered by an error over requests born", |t, _| {
        fraction(t.failed_by(Why::Error), t.arrived)
    }),
    mean(
        "wrong_answer_fraction",
        "",
        "requests answered wrongly, though the answer looked right, over requests completed",
        |t, _| fraction(t.wrong, t.completed()),
    ),
    mean("completed_fraction", "", "requests completed over requests born", |t, _| fraction(t.completed(), t.arrived)),
    mean("tries_per_request", "", "tries on servers over requests that ended", |t, _| fraction(t.tries(), t.ended())),
    mean("mean_in_system", "requests", "time average of the number of requests present", |t, window| {
        Some(t.present_ns as f64 / window.as_nanos() as f64)
    }),
    mean("mean_in_queue", "requests", "time average of the number of requests waiting", |t, window| {
        Some(t.queued_ns as f64 / window.as_nanos() as f64)
    }),
    some(
        "hit_ratio",
        "",
        "completed requests whose servers had all they looked for in their caches, over those that looked",
        |t, _| fraction(t.hits.count(), t.hits.count() + t.misses.count()),
    ),
    some("mean_response_hit", "s", "mean sojourn time of the requests that found all in the caches", |t, _| mean_secs(&t.hits)),
    some("mean_response_miss", "s", "mean sojourn time of the requests for which something had to be loaded", |t, _| {
        mean_secs(&t.misses)
    }),
    some("session_rate", "1/s", "sessions that ended per second", |t, window| {
        (t.sessions.ended > 0).then(|| t.sessions.ended as f64 / window.as_secs())
    }),
    some("requests_per_session", "requests", "requests of a session that ended, answered or not", |t, _| {
        fraction(t.sessions.requests, t.sessions.ended)
    }),
    some("servers_per_session", "servers", "different servers that answered a session that ended", |t, _| {
        fraction(t.sessions.servers, t.sessions.ended)
    }),
    some("moved_session_fraction", "", "sessions that were answered by more than one server, over those that ended", |t, _| {
        fraction(t.sessions.moved, t.sessions.ended)
    }),
    some(
        "interrupted_session_fraction",
        "",
        "sessions of which a request ended without an answer, over those that ended",
        |t, _| fraction(t.sessions.interrupted, t.sessions.ended),
    ),
    some(
        "lost_session_fraction",
        "",
        "sessions whose state was lost, so that the user had to log in anew or left, over those that ended",
        |t, _| fraction(t.sessions.lost, t.sessions.ended),
    ),
];

/// A measure of the servers together.
#[derive(Debug, Clone, Copy)]
pub struct SystemMetric {
    /// Its name in output and goals.
    pub name: &'static str,
    /// What it is, one sentence.
    pub about: &'static str,
    /// Its unit: `s`, `1/s`, `servers`, or empty for a fraction.
    pub unit: &'static str,
    /// The figure of one replication whose window has this length; nothing where it is not defined.
    pub of: fn(&Record, Span) -> Option<f64>,
}

/// The metrics of the servers together; back ends do not count.
pub const SYSTEM_METRICS: &[SystemMetric] = &[
    SystemMetric {
        name: "utilization",
        about: "fraction of the workers' time in use, averaged over the servers; where pools scale, over those provisioned",
        unit: "",
        of: |record, _| Some(record.use_of_servers.utilization),
    },
    SystemMetric {
        name: "cv_utilization",
        about: "population standard deviation of the servers' utilizations over their mean: 0 when equal",
        unit: "",
        of: |record, _| Some(record.use_of_servers.imbalance.cv),
    },
    SystemMetric {
        name: "max_over_mean_utilization",
        about: "utilization of the busiest server over the mean: 1 when equal",
        unit: "",
        of: |record, _| Some(record.use_of_servers.imbalance.max_over_mean),
    },
    SystemMetric {
        name: "jain_index_utilization",
        about: "Jain's index of the utilizations (Jain, Chiu and Hawe 1984): 1 when equal, 1/n when one server does all",
        unit: "",
        of: |record, _| Some(record.use_of_servers.imbalance.jain),
    },
    SystemMetric {
        name: "window_cv_utilization",
        about: "the same coefficient of variation within short windows, averaged: imbalance that comes and goes",
        unit: "",
        of: |record, _| Some(window_mean(record, |window| window.imbalance.cv)),
    },
    SystemMetric {
        name: "window_max_over_mean_utilization",
        about: "the busiest server over the mean within short windows, averaged",
        unit: "",
        of: |record, _| Some(window_mean(record, |window| window.imbalance.max_over_mean)),
    },
    SystemMetric {
        name: "window_jain_index_utilization",
        about: "Jain's index within short windows, averaged",
        unit: "",
        of: |record, _| Some(window_mean(record, |window| window.imbalance.jain)),
    },
    SystemMetric {
        name: "availability",
        about: "fraction of time in which as many servers were up as the service needs",
        unit: "",
        of: |record, window| record.uptime.map(|uptime| uptime.availability(window)),
    },
    SystemMetric {
        name: "unavailability",
        about: "fraction of time in which fewer servers were up than the service needs",
        unit: "",
        of: |record, window| record.uptime.map(|uptime| uptime.unavailable_ns(window) as f64 / window.as_nanos() as f64),
    },
    SystemMetric {
        name: "mean_up",
        about: "time average of the number of servers up",
        unit: "servers",
        of: |record, window| record.uptime.map(|uptime| uptime.up_ns as f64 / window.as_nanos() as f64),
    },
    SystemMetric {
        name: "mean_provisioned",
        about: "time average of the number of servers provisioned, where pools scale: being started, running, finishing their work",
        unit: "servers",
        of: |record, window| record.uptime.and_then(|uptime| uptime.mean_provisioned(window)),
    },
    SystemMetric {
        name: "outages_per_sec",
        about: "how often the service ceased to be available, per second of time",
        unit: "1/s",
        of: |record, window| record.uptime.map(|uptime| uptime.outages as f64 / window.as_secs()),
    },
    SystemMetric {
        name: "mean_outage",
        about: "mean length of an outage of the service",
        unit: "s",
        of: |record, window| per_outage(record, |uptime| uptime.unavailable_ns(window)),
    },
    SystemMetric {
        name: "mean_uptime",
        about: "mean length of the time between two outages of the service",
        unit: "s",
        of: |record, _| per_outage(record, |uptime| uptime.available_ns),
    },
    SystemMetric {
        name: "time_to_first_outage",
        about: "from time 0 to the first outage of the service, in replications that had one",
        unit: "s",
        of: |record, _| {
            record.uptime.filter(|uptime| uptime.first_outage > Time::ZERO).map(|uptime| uptime.first_outage.as_secs())
        },
    },
    SystemMetric {
        name: "mean_detection_delay",
        about: "mean time from a server's going down until a balancer sends nothing more there",
        unit: "s",
        of: |record, _| {
            let uptime = record.uptime.filter(|uptime| uptime.detections > 0)?;
            Some(uptime.detection_ns as f64 * 1e-9 / uptime.detections as f64)
        },
    },
    SystemMetric {
        name: "lookup_hit_ratio",
        about: "lookups in caches that found what they looked for, over all",
        unit: "",
        of: |record, _| {
            let caches = cached(record);
            fraction(caches.hits, caches.lookups)
        },
    },
    SystemMetric {
        name: "byte_hit_ratio",
        about: "bytes looked for in caches that were there, over all, where entries have sizes",
        unit: "",
        of: |record, _| {
            let caches = cached(record);
            fraction(caches.bytes_hit, caches.bytes_asked)
        },
    },
    SystemMetric {
        name: "joined_fraction",
        about: "misses that waited for what another request was loading, over all misses",
        unit: "",
        of: |record, _| {
            let caches = cached(record);
            fraction(caches.joined, caches.lookups - caches.hits)
        },
    },
    SystemMetric {
        name: "mean_refill_time",
        about: "mean time from the return of a server until 100 lookups in a row hit at least 95 % as often as before it lost its cache",
        unit: "s",
        of: |record, _| {
            let caches = cached(record);
            (caches.refills > 0).then(|| caches.refill_ns as f64 * 1e-9 / caches.refills as f64)
        },
    },
    SystemMetric {
        name: "calls_per_request",
        about: "calls that back ends have answered, over requests completed",
        unit: "calls",
        of: |record, _| {
            let completed: u64 = record.classes.iter().map(ClassTally::completed).sum();
            fraction(record.calls, completed).filter(|_| record.calls > 0)
        },
    },
    SystemMetric {
        name: "wasted_work",
        about: "work done for requests that nobody waited for any more, in sound workers kept busy by it",
        unit: "workers",
        of: |record, window| record.uptime.map(|uptime| uptime.wasted_ns as f64 / window.as_nanos() as f64),
    },
];

/// All caches together.
fn cached(record: &Record) -> CacheUsage {
    let mut all = CacheUsage::default();
    record.caches.iter().for_each(|usage| all.add(usage));
    all
}

fn per_outage(record: &Record, nanos: impl Fn(&Uptime) -> u64) -> Option<f64> {
    let uptime = record.uptime.filter(|uptime| uptime.outages > 0)?;
    Some(nanos(&uptime) as f64 * 1e-9 / uptime.outages as f64)
}

fn window_mean(record: &Record, figure: impl Fn(&super::Window) -> f64) -> f64 {
    record.windows.iter().map(figure).sum::<f64>() / record.windows.len().max(1) as f64
}

/// A measure of one server, or of the servers of one pool.
#[derive(Debug, Clone, Copy)]
pub struct ServerMetric {
    /// Its name in output.
    pub name: &'static str,
    /// What it is, one sentence.
    pub about: &'static str,
    /// The figure, given the use, the workers, the requests completed by all servers, and the length of the window.
    pub of: fn(&ServerUsage, u64, u64, Span) -> f64,
}

/// The metrics of a server or pool.
pub const SERVER_METRICS: &[ServerMetric] = &[
    ServerMetric {
        name: "utilization",
        about: "fraction of the workers' time in use; a worker that waits for a back end is in use",
        of: |usage, workers, _, window| usage.utilization(workers, window),
    },
    ServerMetric {
        name: "share",
        about: "fraction of all completed requests that were completed here",
        of: |usage, _, all, _| usage.served as f64 / all.max(1) as f64,
    },
    ServerMetric {
        name: "mean_in_queue",
        about: "time average of the number of requests waiting here",
        of: |usage, _, _, window| usage.mean_in_queue(window),
    },
    ServerMetric {
        name: "throughput",
        about: "requests completed here per second",
        of: |usage, _, _, window| usage.served as f64 / window.as_secs(),
    },
];
