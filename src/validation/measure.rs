//! What the records of replications answer.

use super::loads::Loads;
use super::{Answer, Case, Load, Measured, sessions};
use crate::model::Model;
use crate::observe::{ClassTally, Record, SYSTEM_METRICS, ServerUsage, Why};
use crate::stats::{Histogram, Imbalance};
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
    /// The loads of servers of which figures over all replications are asked.
    loads: Vec<Loads>,
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
        let answers: Vec<Answer> = case.expected().into_iter().filter_map(|expected| Answer::to(&expected.metric)).collect();
        let window = parts.run.ends_at() - parts.run.measured_from();
        let is_asked = |load: &Load| answers.iter().any(|answer| matches!(answer, Answer::OneServer(of, _) if of == load));
        let each = sessions::windows(case).map(|windows| windows.each);
        let loads = [Load::Work, Load::Requests, Load::InWindow].into_iter().filter(is_asked);
        Self {
            window,
            loads: loads.map(|load| Loads::new(load, model, each)).collect(),
            workers: workers.collect(),
            answers: answers.into_iter().map(|answer| (answer, Vec::new())).collect(),
        }
    }

    /// Reads a record. Records must come in the order of their numbers, for sums of real numbers depend on it.
    pub fn add(&mut self, record: &Record) {
        let reading = Reading { record, total: record.total(), window: self.window, workers: &self.workers };
        for (answer, values) in &mut self.answers {
            values.push(reading.answer(*answer).unwrap_or(f64::NAN));
        }
        self.loads.iter_mut().for_each(|loads| loads.add(record));
    }

    /// The answers of all replications to one question; nothing where no record can tell.
    #[must_use]
    pub fn measured(&self, answer: Answer) -> Option<Measured> {
        if let Answer::OneServer(load, across) = answer {
            let values = self.loads.iter().find(|loads| loads.load == load)?.values(across)?;
            return Some(Measured::exact(values));
        }
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
        self.of_requests(answer)
            .or_else(|| self.of_servers(answer))
            .or_else(|| self.of_failures(answer))
            .or_else(|| self.of_sessions(answer))
    }

    fn of_sessions(&self, answer: Answer) -> Option<f64> {
        let loads = || self.record.servers.iter();
        let work: Vec<f64> = loads().map(|server| server.busy_ns as f64 * 1e-9).collect();
        match answer {
            Answer::HitRatio => self.system("lookup_hit_ratio"),
            Answer::TimeBetweenMisses => {
                let misses: u64 = self.record.caches.iter().map(|caches| caches.lookups - caches.hits).sum();
                (misses > 0).then(|| self.window.as_secs() / misses as f64)
            }
            Answer::ServersVisited => ratio(self.total.sessions.servers, self.total.sessions.ended),
            Answer::MaxLoad => work.iter().copied().reduce(f64::max),
            Answer::MaxOverMeanLoad => Imbalance::of(&work).map(|imbalance| imbalance.max_over_mean),
            Answer::CvSquaredLoad => Imbalance::of(&work).map(|imbalance| imbalance.cv.powi(2)),
            Answer::CvLoad => Imbalance::of(&work).map(|imbalance| imbalance.cv),
            Answer::RequestsApart => {
                let served = || loads().map(|server| server.served);
                Some((served().max()? - served().min()?) as f64)
            }
            _ => None,
        }
    }

    fn system(&self, name: &str) -> Option<f64> {
        let metric = SYSTEM_METRICS.iter().find(|metric| metric.name == name)?;
        (metric.of)(self.record, self.window)
    }

    fn of_failures(&self, answer: Answer) -> Option<f64> {
        let total = &self.total;
        let errors = total.unanswered() + total.wrong;
        let system = |name| self.system(name);
        match answer {
            Answer::LostFraction => ratio(total.failed_by(Why::Lost), total.arrived),
            Answer::ErrorFraction => ratio(errors, total.ended()),
            Answer::Errors => Some(errors as f64),
            Answer::TriesPerRequest => ratio(total.tries(), total.ended()),
            Answer::Availability => system("availability"),
            Answer::NoDowntime => system("availability").map(|part| f64::from(part >= 1.0)),
            Answer::MeanUp => system("mean_up"),
            Answer::OutagesPerSec => system("outages_per_sec"),
            Answer::MeanOutage => system("mean_outage"),
            Answer::MeanUptime => system("mean_uptime"),
            Answer::TimeToFirstOutage => system("time_to_first_outage"),
            Answer::MeanDetectionDelay => system("mean_detection_delay"),
            _ => None,
        }
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
            Answer::RejectedFraction => ratio(total.rejected(), total.arrived),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::replicate;
    use crate::validation::{Budget, Plan, builtin, translate};
    use serde_json::json;

    /// What one replication of two servers, one of them twice as fast, says about `metric`.
    fn said(metric: &str, server: serde_json::Value, balancer: &str) -> Option<f64> {
        let mut case = builtin().into_iter().find(|case| case.id == "Q01").unwrap();
        let mut servers = [server.clone(), server];
        servers[1]["speed"] = json!(2);
        case.model["servers"] = json!(servers);
        case.model["balancer"] = json!({"policy": balancer});
        case.exact.insert(metric.into(), crate::validation::ExactValue::One(1.0));
        let model = translate(&case).unwrap();
        let model = Plan::of(&case, &model, Budget { requests: 4e5 }).apply(&model);
        let mut readings = Readings::new(&case, &model);
        readings.add(&replicate(&model, 0));
        readings.measured(Answer::to(metric).unwrap()).map(|measured| measured.values[0])
    }

    fn fcfs(slots: u32) -> serde_json::Value {
        json!({"discipline": "fcfs", "slots": slots, "service": {"dist": "exponential", "mean": 1}})
    }

    #[test]
    fn response_times_by_server_follow_littles_law() {
        // Half of 0.5 requests a second each: M/M/1 at rho 0.25 and 0.125.
        for (metric, exact) in [("server_mean_response[0]", 4.0 / 3.0), ("mean_response_server1", 0.5 / 0.875)] {
            let value = said(metric, fcfs(1), "random").unwrap();
            assert!((value / exact - 1.0).abs() < 0.03, "{metric} {value}");
        }
        let many = said("server_mean_response[1]", fcfs(50), "random").unwrap();
        assert!((many / 0.5 - 1.0).abs() < 0.03, "nobody waits: {many}");
    }

    #[test]
    fn where_littles_law_does_not_see_all_there_is_no_answer() {
        assert_eq!(said("server_mean_response[0]", fcfs(1), "central_queue"), None);
        let mut sharing = fcfs(1);
        sharing["discipline"] = json!("ps");
        assert_eq!(said("server_mean_response[0]", sharing, "random"), None);
        assert_eq!(said("server_mean_response[2]", fcfs(1), "random"), None);
    }

    #[test]
    fn idleness_is_known_of_single_workers() {
        let idle = said("idle_prob", fcfs(1), "random").unwrap();
        assert!((idle - (1.0 - f64::midpoint(0.25, 0.125))).abs() < 0.01, "{idle}");
        let busy = said("fraction_servers_ge_1", fcfs(1), "random").unwrap();
        assert!((idle + busy - 1.0).abs() < 1e-12);
        assert_eq!(said("idle_prob", fcfs(2), "random"), None);
        assert_eq!(said("fraction_servers_ge_1", fcfs(2), "random"), None);
        assert_eq!(said("fraction_servers_ge_2", fcfs(1), "random"), None);
    }

    #[test]
    fn shares_and_indices_are_those_of_the_servers() {
        let share = said("share_server1", fcfs(1), "random").unwrap();
        assert!((share - 0.5).abs() < 0.02, "{share}");
        let busiest = said("max_over_mean_utilization", fcfs(1), "random").unwrap();
        assert!((busiest - 4.0 / 3.0).abs() < 0.03, "{busiest}");
        let cv = said("cv_utilization", fcfs(1), "random").unwrap();
        let jain = said("jain_index_utilization", fcfs(1), "random").unwrap();
        assert!((jain * (1.0 + cv * cv) - 1.0).abs() < 1e-9, "{jain} {cv}");
    }
}
