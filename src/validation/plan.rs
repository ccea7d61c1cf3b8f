//! How much to simulate so that the answer is precise enough.

use super::Case;
use crate::model::{Arrivals, ClientClass, Model, ModelParts, RunPlan};
use crate::units::Span;

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
/// The share of a replication that is not measured.
const WARM_UP: f64 = 0.2;

impl Plan {
    /// What the case asks for, within the budget, for the model that it was translated to.
    #[must_use]
    pub fn of(case: &Case, model: &Model, budget: Budget) -> Self {
        let tolerance = &case.tolerance;
        let asked = match tolerance.amount_for_1pct_ci {
            Some(amount) if tolerance.amount_unit == "requests" && amount > 0.0 => (SAFETY * amount).max(LEAST),
            _ => USUAL,
        };
        let per_sec = requests_per_sec(model);
        let longest = Span::LONGEST.as_secs() * (1.0 - WARM_UP) * per_sec * f64::from(REPLICATIONS);
        let requests = asked.min(budget.requests).min(longest);
        Self { replications: REPLICATIONS, requests, per_sec, cut: requests < asked }
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
        assert_eq!(plan, Plan { replications: 20, requests: 10.5e6, per_sec: 80.0, cut: false });
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
