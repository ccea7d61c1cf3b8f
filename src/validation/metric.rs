//! Which measure of ours answers which metric of a case.

/// A question that a replication answers with one number; times in seconds. What is meant by each is what
/// the metric of the same name means in the format of the cases.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Answer {
    /// Mean response time of the requests that were served.
    MeanResponse,
    /// Its standard deviation.
    StdResponse,
    /// Its quantile.
    ResponseQuantile(f64),
    /// Mean response time of the requests served by one server.
    ServerMeanResponse(u32),
    /// Mean time from arrival to the first start of service.
    MeanWait,
    /// Its standard deviation.
    StdWait,
    /// Its quantile.
    WaitQuantile(f64),
    /// Share of the accepted requests that could not start at once.
    WaitProbability,
    /// Mean of response time / demand.
    MeanSlowdown,
    /// Time average of the requests present, all servers together.
    MeanInSystem,
    /// The same, divided by the number of servers.
    MeanInSystemPerServer,
    /// Time average of the requests that wait.
    MeanInQueue,
    /// Busy worker time / (workers x time), averaged over the servers.
    Utilization,
    /// The same of one server.
    ServerUtilization(u32),
    /// Fraction of time a server holds no request, averaged over the servers.
    IdleProbability,
    /// Served requests per second.
    Throughput,
    /// Requests refused on arrival / requests.
    RejectedFraction,
    /// Requests served / requests.
    CompletedFraction,
    /// Requests accepted and then destroyed by a failure / requests.
    LostFraction,
    /// Requests that ended without a right answer / requests that ended.
    ErrorFraction,
    /// Requests that ended without a right answer.
    Errors,
    /// Tries per request.
    TriesPerRequest,
    /// Fraction of time with as many servers up as are needed.
    Availability,
    /// Whether there was no time without.
    NoDowntime,
    /// Time average of the servers up.
    MeanUp,
    /// Outages of the service per second.
    OutagesPerSec,
    /// Mean length of an outage.
    MeanOutage,
    /// Mean time between two outages.
    MeanUptime,
    /// Time from the beginning to the first outage.
    TimeToFirstOutage,
    /// Mean time from a crash until the server is out of rotation.
    MeanDetectionDelay,
    /// Fraction of the requests sent to one server.
    ServerShare(u32),
    /// Time average of the fraction of servers that hold at least so many requests.
    ServersHoldingAtLeast(u32),
    /// Jain's index of the utilizations of the servers.
    JainUtilization,
    /// Coefficient of variation of the utilizations of the servers.
    CvUtilization,
    /// Utilization of the busiest server over the mean.
    MaxOverMeanUtilization,
    /// Lookups in caches that found what they looked for / lookups.
    HitRatio,
    /// Mean time between two that did not.
    TimeBetweenMisses,
    /// Mean number of servers that answered a session.
    ServersVisited,
    /// Work of the server that has most, in seconds.
    MaxLoad,
    /// The same over the mean.
    MaxOverMeanLoad,
    /// Squared coefficient of variation of the servers' work.
    CvSquaredLoad,
    /// Coefficient of variation of the servers' work.
    CvLoad,
    /// Requests of the server that has most, less those of the server that has fewest.
    RequestsApart,
    /// What is known of one server's load only from many replications.
    OneServer(Load, Across),
}

/// The load of one server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// Work done in a replication, in seconds.
    Work,
    /// Requests served in a replication.
    Requests,
    /// Requests served in a window.
    InWindow,
}

/// A figure of a load over replications, or over windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Across {
    /// Its mean.
    Mean,
    /// Its standard deviation.
    Std,
    /// Its coefficient of variation.
    Cv,
    /// Its variance over its mean.
    Dispersion,
}

impl Answer {
    /// The question behind a metric of a case; a member of a list is written `name[place]`.
    #[must_use]
    pub fn to(metric: &str) -> Option<Self> {
        Self::to_plain(metric)
            .or_else(|| Self::to_failures(metric))
            .or_else(|| Self::to_sessions(metric))
            .or_else(|| Self::to_quantile(metric))
            .or_else(|| Self::to_numbered(metric))
    }

    fn to_plain(metric: &str) -> Option<Self> {
        Some(match metric {
            "mean_response" => Self::MeanResponse,
            "std_response" => Self::StdResponse,
            "mean_wait" => Self::MeanWait,
            "std_wait" => Self::StdWait,
            // The root of the equation of G/M/1 is the probability that an arrival waits.
            "p_wait" | "sigma" => Self::WaitProbability,
            "mean_slowdown" => Self::MeanSlowdown,
            "mean_in_system" => Self::MeanInSystem,
            "mean_in_system_per_server" => Self::MeanInSystemPerServer,
            "mean_in_queue" => Self::MeanInQueue,
            "utilization" => Self::Utilization,
            "idle_prob" => Self::IdleProbability,
            "throughput" => Self::Throughput,
            "rejected_fraction" => Self::RejectedFraction,
            "completed_fraction" => Self::CompletedFraction,
            "jain_index_utilization" => Self::JainUtilization,
            "cv_utilization" => Self::CvUtilization,
            "max_over_mean_utilization" => Self::MaxOverMeanUtilization,
            _ => return None,
        })
    }

    fn to_failures(metric: &str) -> Option<Self> {
        Some(match metric {
            "lost_in_crash_fraction" | "lost_fraction" => Self::LostFraction,
            "error_fraction" => Self::ErrorFraction,
            "mean_failed_requests" => Self::Errors,
            "mean_attempts" => Self::TriesPerRequest,
            "availability" | "mean_interval_availability" => Self::Availability,
            "p_no_downtime" => Self::NoDowntime,
            "mean_up" => Self::MeanUp,
            // Of a single server its outages are those of the service.
            "system_failure_rate" | "outages_per_second" | "failures_per_second" => Self::OutagesPerSec,
            "mean_outage" | "mean_system_outage" => Self::MeanOutage,
            "mean_uptime" | "mean_system_uptime" => Self::MeanUptime,
            "mean_time_to_system_failure" | "mean_time_to_first_outage" => Self::TimeToFirstOutage,
            "mean_detection_delay" => Self::MeanDetectionDelay,
            _ => return None,
        })
    }

    fn to_sessions(metric: &str) -> Option<Self> {
        Some(match metric {
            "hit_ratio" => Self::HitRatio,
            "mean_time_between_misses" => Self::TimeBetweenMisses,
            "expected_servers_visited" => Self::ServersVisited,
            "expected_max_load" => Self::MaxLoad,
            "expected_max_over_mean" => Self::MaxOverMeanLoad,
            "expected_cv_squared" => Self::CvSquaredLoad,
            "cv" => Self::CvLoad,
            "max_minus_min" => Self::RequestsApart,
            "mean_load" => Self::OneServer(Load::Work, Across::Mean),
            "std_load" | "std_of_one_server" => Self::OneServer(Load::Work, Across::Std),
            "cv_load_one_server" => Self::OneServer(Load::Work, Across::Cv),
            "std_count" => Self::OneServer(Load::Requests, Across::Std),
            "mean_requests_per_window" => Self::OneServer(Load::InWindow, Across::Mean),
            "std_requests_per_window" => Self::OneServer(Load::InWindow, Across::Std),
            "cv_requests_per_window" => Self::OneServer(Load::InWindow, Across::Cv),
            "index_of_dispersion" => Self::OneServer(Load::InWindow, Across::Dispersion),
            _ => return None,
        })
    }

    /// What the precision of a primary metric is relative to, and how narrow its interval must be: 1 % of the value; of an availability
    /// 5 % of the unavailability, and 5 % of what is seen once a failure only.
    pub(super) fn precision(self, expected: f64) -> (f64, f64) {
        match self {
            Self::Availability => (1.0 - expected, 0.05),
            Self::ErrorFraction | Self::MeanDetectionDelay => (expected.abs(), 0.05),
            _ => (expected.abs(), 0.01),
        }
    }

    fn to_quantile(metric: &str) -> Option<Self> {
        let response = metric.strip_prefix("response_p").and_then(quantile).map(Self::ResponseQuantile);
        response.or_else(|| metric.strip_prefix("wait_p").and_then(quantile).map(Self::WaitQuantile))
    }

    fn to_numbered(metric: &str) -> Option<Self> {
        let name = metric.strip_suffix(']').unwrap_or(metric);
        let digits = name.bytes().rev().take_while(u8::is_ascii_digit).count();
        let (stem, number) = name.split_at(name.len() - digits);
        let index = || number.parse().ok();
        match stem {
            "server_utilization[" | "utilization_server" => Some(Self::ServerUtilization(index()?)),
            "server_mean_response[" | "mean_response_server" => Some(Self::ServerMeanResponse(index()?)),
            "share_server" | "server_share[" => Some(Self::ServerShare(index()?)),
            "fraction_servers_ge_" => Some(Self::ServersHoldingAtLeast(index()?)),
            _ => None,
        }
    }
}

/// `50` is the median and `999`, `99_9` or `99.9` the quantile 0.999: the digits after the point, at least two.
fn quantile(text: &str) -> Option<f64> {
    let digits = match text.split_once(['_', '.']) {
        Some((percent, rest)) if percent.len() == 2 && !rest.is_empty() => format!("{percent}{rest}"),
        Some(_) => return None,
        None => text.into(),
    };
    let is_number = digits.len() >= 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| format!("0.{digits}").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_find_their_measures() {
        for (metric, answer) in [
            ("mean_response", Some(Answer::MeanResponse)),
            ("sigma", Some(Answer::WaitProbability)),
            ("response_p50", Some(Answer::ResponseQuantile(0.5))),
            ("response_p05", Some(Answer::ResponseQuantile(0.05))),
            ("response_p999", Some(Answer::ResponseQuantile(0.999))),
            ("wait_p99_9", Some(Answer::WaitQuantile(0.999))),
            ("wait_p9_99", None),
            ("response_p5", None),
            ("response_p99_", None),
            ("response_pp50", None),
            ("response_p", None),
            ("server_utilization[2]", Some(Answer::ServerUtilization(2))),
            ("utilization_server1", Some(Answer::ServerUtilization(1))),
            ("server_mean_response[0]", Some(Answer::ServerMeanResponse(0))),
            ("share_server0", Some(Answer::ServerShare(0))),
            ("fraction_servers_ge_3", Some(Answer::ServersHoldingAtLeast(3))),
            ("share_server", None),
            ("share_server99999999999", None),
            ("station_response[0]", None),
            ("mean_server_response", None),
            ("mean_system_outage", Some(Answer::MeanOutage)),
            ("mean_interval_availability", Some(Answer::Availability)),
            ("interval_availability_p05", None),
            ("error_fraction", Some(Answer::ErrorFraction)),
            ("", None),
        ] {
            assert_eq!(Answer::to(metric), answer, "{metric}");
        }
    }
}
