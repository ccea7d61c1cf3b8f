//! How much to simulate so that the answer is precise enough.

use super::{Case, ExactValue, sessions};
use crate::model::{Arrivals, ClientClass, Model, ModelParts, RunPlan, Visitors};
use crate::observe::Record;
use crate::random::SpanDistribution;
use crate::units::Span;
use serde_json::Value;

/// The most that may be spent on one case.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// Requests over all replications, those of the warm-up not counted.
    pub requests: f64,
}

impl Default for Budget {
    /// 400 million requests: less than a minute of one core, and enough for every case that is built in.
    fn default() -> Self {
        Self { requests: 400e6 }
    }
}

/// How a case is run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// Independent replications.
    pub replications: u32,
    /// Requests over all replications, those of the warm-up not counted.
    pub requests: f64,
    /// How many requests a second there are about.
    pub per_sec: f64,
    /// Whether the budget, or the longest time of a simulation, allows less than the case asks for.
    pub cut: bool,
    /// How long each replication is where it begins with everything up and all of it counts; none = the long run is asked for, and
    /// the requests say how long that takes.
    pub horizon: Option<Span>,
    /// The stretches in which each replication is measured, one after the other, where the case counts what happens in one.
    pub windows: Option<Windows>,
}

/// Stretches of equal length, as many as a record keeps apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// What is not measured before the first one.
    pub warm_up: Span,
    /// How long each is.
    pub each: Span,
}

impl Windows {
    /// How long all of them are.
    fn measured(self) -> Span {
        Span::from_nanos(self.each.as_nanos().saturating_mul(u64::from(Record::MOST_WINDOWS))).min(Span::LONGEST)
    }
}

/// Replications of every case: many enough for a t interval not much wider than a normal one.
const REPLICATIONS: u32 = 20;
/// Times what gives a half-width of 1 % on average. Half-widths of 20 replications scatter by a sixth: of twice the amount
/// one run in fifty would be too short, of three times one in a thousand.
const SAFETY: f64 = 3.0;
/// Requests where a case does not say.
const USUAL: f64 = 4e6;
/// Fewer make no difference to a person, and more than enough to the tails.
const LEAST: f64 = 1e6;
/// Replications from the beginning where a case does not say: a time as scattered as an exponential one is then known to 1 %, with some
/// to spare.
const USUAL_BEGINNINGS: f64 = 6e4;
/// More are never run.
const MOST_BEGINNINGS: f64 = 1e5;
/// Windows where a case does not say.
const USUAL_WINDOWS: f64 = 2e4;
/// A replication that waits for the first outage lasts so many mean lifetimes.
const LIFETIMES: f64 = 100.0;
/// The share of a replication that is not measured.
const WARM_UP: f64 = 0.2;

impl Plan {
    /// What the case asks for, within the budget, for the model that it was translated to.
    #[must_use]
    pub fn of(case: &Case, model: &Model, budget: Budget) -> Self {
        let per_sec = requests_per_sec(model);
        if let Some(windows) = sessions::windows(case) {
            return Self::of_windows(case, windows, model, budget);
        }
        if let Some(horizon) = horizon(case, model) {
            return Self::of_beginnings(case, horizon, model, budget);
        }
        let tolerance = &case.tolerance;
        let asked = match (cycles_secs(case, model), tolerance.amount_for_1pct_ci) {
            (Some(secs), _) => SAFETY * secs * per_sec,
            (None, Some(amount)) if tolerance.amount_unit == "requests" && amount > 0.0 => (SAFETY * amount).max(LEAST),
            _ => USUAL,
        };
        let longest = Span::LONGEST.as_secs() * (1.0 - WARM_UP) * per_sec * f64::from(REPLICATIONS);
        let requests = asked.min(budget.requests).min(longest);
        Self { replications: REPLICATIONS, requests, per_sec, cut: requests < asked, horizon: None, windows: None }
    }

    /// Few long replications, each of many windows at all servers, which say less than as many apart: one and its neighbour are alike.
    fn of_windows(case: &Case, windows: Windows, model: &Model, budget: Budget) -> Self {
        let per_sec = requests_per_sec(model);
        let servers: f64 = model.parts().pools.iter().map(|pool| f64::from(pool.count)).sum();
        let amount = case.tolerance.amount_for_1pct_ci.filter(|_| case.tolerance.amount_unit == "windows");
        let number = SAFETY * amount.unwrap_or(USUAL_WINDOWS) / servers / f64::from(Record::MOST_WINDOWS);
        let asked = number.ceil().clamp(f64::from(REPLICATIONS), MOST_BEGINNINGS);
        let each = (windows.measured().as_secs() * per_sec).max(1.0);
        let replications = asked.min(budget.requests / each).max(1.0).floor();
        let cut = replications < asked;
        Self {
            replications: replications as u32,
            requests: replications * each,
            per_sec,
            cut,
            horizon: None,
            windows: Some(windows),
        }
    }

    /// Many short replications; one that nobody sends requests to costs as much as one request. Where it is not said how many, they are few
    /// enough at first to bring no more requests than other cases.
    fn of_beginnings(case: &Case, horizon: Span, model: &Model, budget: Budget) -> Self {
        let per_sec = requests_per_sec(model);
        let each = requests_until(model, horizon).max(1.0);
        let amount = case.tolerance.amount_for_1pct_ci.filter(|_| case.tolerance.amount_unit == "replications");
        let usual = USUAL_BEGINNINGS.min(USUAL / each);
        let asked = amount.map_or(usual, |amount| SAFETY * amount).clamp(f64::from(REPLICATIONS), MOST_BEGINNINGS);
        let replications = asked.min(budget.requests / each).max(1.0).floor();
        let requests = replications * each;
        Self {
            replications: replications as u32,
            requests,
            per_sec,
            cut: replications < asked.floor(),
            horizon: Some(horizon),
            windows: None,
        }
    }

    /// The same with so many times the requests, within the budget: for a case whose interval was too wide.
    #[must_use]
    pub fn times(self, factor: f64, budget: Budget) -> Self {
        let requests = self.requests * factor.max(1.0);
        Self { requests: requests.min(budget.requests), cut: requests > budget.requests, ..self }
    }

    /// As a plan for a model.
    #[must_use]
    pub fn run(self) -> RunPlan {
        if let Some(horizon) = self.horizon {
            return RunPlan::Terminating { horizon, replications: self.replications };
        }
        if let Some(windows) = self.windows {
            let length = (windows.warm_up + windows.measured()).min(Span::LONGEST);
            return RunPlan::Steady { length, warm_up: windows.warm_up, replications: self.replications };
        }
        let measured = self.requests / f64::from(self.replications) / self.per_sec;
        let length = Span::from_nanos_f64(measured / (1.0 - WARM_UP) * 1e9).max(Span::from_nanos(2));
        let warm_up = Span::from_nanos_f64(length.as_nanos() as f64 * WARM_UP);
        RunPlan::Steady { length, warm_up, replications: self.replications }
    }

    /// The model with this plan.
    #[must_use]
    pub fn apply(self, model: &Model) -> Model {
        Model::from_checked(ModelParts { run: self.run(), ..model.parts().clone() })
    }
}

/// How long a replication lasts that begins with everything up: as long as the case says; or, where the time to the first outage is its
/// primary metric, so long that there is one. A crash at a random time within a period of the checks makes it longer by a period, so that
/// the whole window after it is seen.
fn horizon(case: &Case, model: &Model) -> Option<Span> {
    let parts = model.parts();
    if let RunPlan::Terminating { horizon, .. } = parts.run
        && horizon > Span::ZERO
    {
        return Some(horizon);
    }
    let secs = |name| case.model.get(name).and_then(Value::as_f64).filter(|secs| *secs > 0.0);
    let written = secs("horizon").or_else(|| {
        let spread = parts.script.iter().map(|change| change.spread.as_secs()).fold(0.0, f64::max);
        Some(secs("window")? + spread)
    });
    let longest = parts.pools.iter().flat_map(|pool| &pool.failures).map(|spec| spec.time_to_failure.mean_secs());
    let first = FIRST_OUTAGE.contains(&case.tolerance.primary_metric.as_str());
    let secs = written.or_else(|| first.then(|| LIFETIMES * longest.fold(0.0, f64::max)))?;
    (secs > 0.0).then(|| Span::from_nanos_f64(secs * 1e9).min(Span::LONGEST))
}

/// What the time to the first outage is called.
const FIRST_OUTAGE: [&str; 2] = ["mean_time_to_system_failure", "mean_time_to_first_outage"];

/// How many seconds hold as many failures as the case asks for, of the system or of single servers.
fn cycles_secs(case: &Case, model: &Model) -> Option<f64> {
    let tolerance = &case.tolerance;
    // What is seen once a failure needs to be known to 5 % only, for which three tenths of the failures are enough, as the cases say.
    let for_5_percent = tolerance.amount_for_1pct_ci.map(|amount| 0.3 * amount);
    let amount = tolerance.amount_for_5pct_ci_of_unavailability.or(for_5_percent).filter(|amount| *amount > 0.0)?;
    match tolerance.amount_unit.as_str() {
        "system failures" | "outages" => {
            let of_system = |name: &&str| matches!(case.exact.get(*name), Some(ExactValue::One(rate)) if *rate > 0.0);
            let name = ["system_failure_rate", "outages_per_second"].into_iter().find(of_system)?;
            let Some(ExactValue::One(rate)) = case.exact.get(name) else { return None };
            Some(amount / rate)
        }
        "failure cycles" | "failure cycles of one server" => {
            let pools = model.parts().pools.iter();
            let cycles = pools.flat_map(|pool| pool.failures.iter().map(|spec| (f64::from(pool.count), spec)));
            let per_sec: f64 = cycles
                .map(|(servers, spec)| {
                    let down = spec.time_to_repair.as_ref().map_or(0.0, SpanDistribution::mean_secs);
                    servers / (spec.time_to_failure.mean_secs() + down)
                })
                .sum();
            (per_sec > 0.0).then(|| amount / per_sec)
        }
        _ => None,
    }
}

/// How many requests come up to a time: of users who come once, no more than they have.
fn requests_until(model: &Model, horizon: Span) -> f64 {
    let once = |class: &ClientClass| match &class.arrivals {
        Arrivals::Visits(visits) => match visits.users {
            Visitors::Returning { number, away: None, .. } => Some(f64::from(number) * visits.requests.mean()),
            _ => None,
        },
        _ => None,
    };
    let most: Option<f64> = model.parts().classes.iter().map(once).sum();
    (horizon.as_secs() * requests_per_sec(model)).min(most.unwrap_or(f64::INFINITY))
}

fn requests_per_sec(model: &Model) -> f64 {
    let parts = model.parts();
    let workers: f64 = parts.pools.iter().map(|pool| f64::from(pool.count) * f64::from(pool.workers) * pool.speed).sum();
    let fastest = parts.pools.iter().map(|pool| pool.speed).fold(0.0, f64::max);
    parts.classes.iter().map(|class| class_per_sec(class, workers, fastest)).sum()
}

/// The rate of open arrivals; of closed ones the least of what the users could send were nobody ever waiting, and what the
/// workers could serve were none ever idle.
fn class_per_sec(class: &ClientClass, workers: f64, fastest: f64) -> f64 {
    match &class.arrivals {
        Arrivals::Poisson { rate } => rate.as_per_sec(),
        Arrivals::Renewal { gap } => 1.0 / gap.mean_secs(),
        Arrivals::Closed { users, think_time } => {
            let demand = class.demand.mean_secs();
            (f64::from(*users) / (think_time.mean_secs() + demand / fastest)).min(workers / demand)
        }
        Arrivals::Visits(visits) => visits.requests_per_sec(class.mean_demand_secs() / fastest),
        Arrivals::Replay { trace } => trace.arrivals.len() as f64 / trace.length.as_secs(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::{builtin, translate};

    fn plan(id: &str, budget: Budget) -> Plan {
        let case = builtin().into_iter().find(|case| case.id == id).unwrap();
        Plan::of(&case, &translate(&case).unwrap(), budget)
    }

    #[test]
    fn the_amount_of_the_case_is_tripled_and_split() {
        let plan = plan("Q02", Budget::default());
        assert_eq!(plan, Plan { replications: 20, requests: 10.5e6, per_sec: 80.0, cut: false, horizon: None, windows: None });
        let expected = RunPlan::Steady {
            length: Span::from_nanos(8_203_125_000_000),
            warm_up: Span::from_nanos(1_640_625_000_000),
            replications: 20,
        };
        assert_eq!(plan.run(), expected);
    }

    #[test]
    fn small_amounts_are_raised_and_large_ones_cut() {
        assert_eq!(plan("L20", Budget::default()).requests, 1e6);
        let cut = plan("Q02", Budget { requests: 2e6 });
        assert_eq!((cut.requests, cut.cut), (2e6, true));
        let longer = cut.times(1.5, Budget { requests: 4e6 });
        assert_eq!((longer.requests, longer.cut), (3e6, false));
    }

    #[test]
    fn closed_users_are_bounded_by_what_they_can_send() {
        assert_eq!(plan("Q31", Budget::default()).per_sec, 20.0 / 10.4);
    }
}
