//! What the records of replications answer.

use super::{Answer, Case, Measured};
use crate::model::Model;
use crate::observe::{ClassTally, Record, ServerUsage};
use crate::stats::Histogram;
use crate::units::Span;

/// The answers of replications to the questions of a case.
#[derive(Debug, Clone)]
pub struct Readings {
    /// Length of the measured window.
    window: Span,
    /// Workers of each server.
    workers: Vec<u64>,
    /// What is asked, and the answer of each replication; what a replication does not know is not a number.
    answers: Vec<(Answer, Vec<f64>)>,
}

/// One replication, ready to be asked.
struct Reading<'a> {
    record: &'a Record,
    total: ClassTally,
    window: Span,
    workers: &'a [u64],
}

impl Readings {
    /// None yet of `model`, which is to answer what `case` asks.
    #[must_use]
    pub fn new(case: &Case, model: &Model) -> Self {
        let parts = model.parts();
        let workers = parts.pools.iter().flat_map(|pool| std::iter::repeat_n(u64::from(pool.workers), pool.count as usize));
        let answers = case.expected().into_iter().filter_map(|expected| Answer::to(&expected.metric));
        Self {
            window: parts.run.ends_at() - parts.run.measured_from(),
            workers: workers.collect(),
            answers: answers.map(|answer| (answer, Vec::new())).collect(),
        }
    }

    /// Reads a record. Records must come in the order of their numbers, for sums of real numbers depend on it.
    pub fn add(&mut self, record: &Record) {
        let reading = Reading { record, total: record.total(), window: self.window, workers: &self.workers };
        for (answer, values) in &mut self.answers {
            values.push(reading.answer(*answer).unwrap_or(f64::NAN));
        }
    }

    /// The answers of all replications to one question; nothing where no record can tell.
    #[must_use]
    pub fn measured(&self, answer: Answer) -> Option<Measured> {
        let (_, values) = self.answers.iter().find(|(asked, _)| *asked == answer)?;
        if values.iter().all(|value| value.is_nan()) {
            return None;
        }
        let resolution = match answer {
            Answer::ResponseQuantile(_) | Answer::WaitQuantile(_) => Histogram::RELATIVE_ERROR,
            _ => 0.0,
        };
        Some(Measured { values: values.clone(), resolution })
    }
}

impl Reading<'_> {
    fn answer(&self, answer: Answer) -> Option<f64> {
        self.of_requests(answer).or_else(|| self.of_servers(answer))
    }

    fn of_requests(&self, answer: Answer) -> Option<f64> {
        let total = &self.total;
        let per_time = |integral: u128| Some(integral as f64 / self.window.as_nanos() as f64);
        match answer {
            Answer::MeanResponse => secs(total.sojourn.mean()),
            Answer::StdResponse => secs(total.sojourn.sd()),
            Answer::ResponseQuantile(p) => quantile(&total.sojourn_times, p),
            Answer::MeanWait => secs(total.waiting.mean()),
            Answer::StdWait => secs(total.waiting.sd()),
            Answer::WaitQuantile(p) => quantile(&total.waiting_times, p),
            Answer::WaitProbability => ratio(total.completed() - total.waiting_times.count_of_zero(), total.completed()),
            Answer::MeanInSystem => per_time(total.present_ns),
            Answer::MeanInSystemPerServer => per_time(total.present_ns).map(|present| present / self.workers.len() as f64),
            Answer::MeanInQueue => per_time(total.queued_ns),
            Answer::Throughput => Some(total.completed() as f64 / self.window.as_secs()),
            Answer::RejectedFraction => ratio(total.refused, total.arrived),
            Answer::CompletedFraction => ratio(total.completed(), total.arrived),
            _ => None,
        }
    }

    fn of_servers(&self, answer: Answer) -> Option<f64> {
        let all = self.record.use_of_servers;
        match answer {
            Answer::Utilization => Some(all.utilization),
            Answer::JainUtilization => Some(all.imbalance.jain),
            Answer::CvUtilization => Some(all.imbalance.cv),
            Answer::MaxOverMeanUtilization => Some(all.imbalance.max_over_mean),
            Answer::IdleProbability => self.one_worker_each().then_some(1.0 - all.utilization),
            Answer::ServersHoldingAtLeast(1) => self.one_worker_each().then_some(all.utilization),
            Answer::ServerUtilization(server) => {
                Some(self.server(server)?.utilization(*self.workers.get(server as usize)?, self.window))
            }
            Answer::ServerShare(server) => ratio(self.server(server)?.served, self.total.completed()),
            Answer::ServerMeanResponse(server) => self.mean_response_of(self.server(server)?),
            _ => None,
        }
    }

    /// Whether a server is busy whenever it holds a request, and with all its workers.
    fn one_worker_each(&self) -> bool {
        self.workers.iter().all(|&workers| workers == 1)
    }

    fn server(&self, number: u32) -> Option<&ServerUsage> {
        self.record.servers.get(number as usize)
    }

    /// Mean response time at one server by Little's law: the integral of the number present there, which is the time
    /// spent waiting there plus the time spent with a worker, over the requests served.
    ///
    /// The law is exact over any stretch that begins and ends empty; over the measured window the requests cut by its two
    /// ends remain, a share of about 1 / (requests served). It holds where each request waits at its server and is then
    /// served by one worker to its end. Processor sharing and a queue in the balancer are otherwise, and there is no
    /// answer: it shows in that the presence of all requests is not, to the nanosecond, that waiting and serving.
    fn mean_response_of(&self, server: &ServerUsage) -> Option<f64> {
        let presence = |server: &ServerUsage| server.queued_ns + server.busy_ns;
        if self.record.servers.iter().map(presence).sum::<u128>() != self.total.present_ns {
            return None;
        }
        (server.served > 0).then(|| presence(server) as f64 / server.served as f64 * 1e-9)
    }
}

fn secs(nanos: Option<f64>) -> Option<f64> {
    nanos.map(|nanos| nanos * 1e-9)
}

fn quantile(times: &Histogram, p: f64) -> Option<f64> {
    secs(times.quantile(p).map(|quantile| quantile.value))
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
