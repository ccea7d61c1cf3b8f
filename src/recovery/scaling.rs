//! The rule of an autoscaler: how many servers a pool should have, given how busy those are that run.

use crate::random::SpanDistribution;
use crate::units::{Span, Time};
use std::collections::VecDeque;

/// What an autoscaler does with a pool.
#[derive(Debug, Clone, PartialEq)]
pub struct Autoscaling {
    /// Fewest servers, at least 1.
    pub least: u32,
    /// Most servers, at least `least`.
    pub most: u32,
    /// How many there are at the beginning, `least` to `most`.
    pub begin: u32,
    /// What it keeps the servers at.
    pub target: ScalingTarget,
    /// From one look at the pool to the next; above 0.
    pub interval: Span,
    /// From the decision until a new server takes requests.
    pub provisioning: SpanDistribution,
    /// Servers are added only as far as every look within this time has asked for.
    pub cooldown_out: Span,
    /// Servers are taken away only as far as every look within this time has allowed.
    pub cooldown_in: Span,
    /// Nothing is done while the measure is within this fraction of the target.
    pub tolerance: f64,
}

/// What is measured of each server since the last look and averaged over those that run, and what it should be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ScalingTarget {
    /// The fraction of its workers in use; above 0.
    Utilization(f64),
    /// The requests present, in service and waiting at the server; above 0.
    InSystem(f64),
}

impl ScalingTarget {
    /// The value to be reached.
    #[must_use]
    pub const fn value(self) -> f64 {
        match self {
            Self::Utilization(value) | Self::InSystem(value) => value,
        }
    }
}

/// Sums of measures that are a whole multiple of the target but for rounding ask for no server more.
const ROUNDING: f64 = 1e-9;

/// The rule of the Kubernetes Horizontal Pod Autoscaler, in its own words: desired = ceil(current * measured / target).
///
/// Source: Kubernetes documentation, "Horizontal Pod Autoscaling", Algorithm details, and its controller (`pkg/controller/podautoscaler`:
/// `replica_calculator.go`, `horizontal.go`). Followed are: nothing within the tolerance; servers not there yet count as idle when
/// the measure asks for more, and are left aside when it asks for fewer, and if counting them turns the direction, nothing is done;
/// stabilization: of the recommendations of the last `cooldown_in` the highest bounds a shrinking pool from below, of the last
/// `cooldown_out` the lowest bounds a growing one from above. Not followed: limits on the number of servers added or taken per time,
/// several measures at once, delays before the load of a new server counts.
#[derive(Debug, Clone)]
pub struct ScalingState {
    wanted: u32,
    /// What was recommended when, oldest first, as far back as the longer of the two cooldowns.
    recommended: VecDeque<(Time, u32)>,
}

impl ScalingState {
    /// A pool at time 0, as large as it should be.
    #[must_use]
    pub fn new(spec: &Autoscaling) -> Self {
        Self { wanted: spec.begin, recommended: VecDeque::from([(Time::ZERO, spec.begin)]) }
    }

    /// How many servers the pool should have.
    #[must_use]
    pub const fn wanted(&self) -> u32 {
        self.wanted
    }

    /// Looks at the pool: `running` servers take requests, and their measures add up to `sum`. The answer is how many there should
    /// be from now on; those that are on their way are among them.
    pub fn look(&mut self, spec: &Autoscaling, now: Time, running: u32, sum: f64) -> u32 {
        let recommended = self.recommend(spec, running, sum);
        let within = |at: Time, cooldown: Span| now.since(at) < cooldown;
        let longest = spec.cooldown_in.max(spec.cooldown_out);
        while self.recommended.front().is_some_and(|(at, _)| !within(*at, longest)) {
            self.recommended.pop_front();
        }
        let of = |cooldown| self.recommended.iter().filter(move |(at, _)| within(*at, cooldown)).map(|(_, size)| *size);
        let out = of(spec.cooldown_out).fold(recommended, u32::min);
        let into = of(spec.cooldown_in).fold(recommended, u32::max);
        self.recommended.push_back((now, recommended));
        self.wanted = self.wanted.max(out).min(into).clamp(spec.least, spec.most);
        self.wanted
    }

    /// How many servers there should be, if the past and the limits played no part.
    fn recommend(&self, spec: &Autoscaling, running: u32, sum: f64) -> u32 {
        // What does not run is on its way: its place is taken by a new server.
        let (current, target) = (self.wanted, spec.target.value());
        let needed = |ratio: f64, servers: u32| (ratio * f64::from(servers) - ROUNDING).ceil() as u32;
        let is_near = |ratio: f64| (ratio - 1.0).abs() <= spec.tolerance + ROUNDING;
        if running == 0 {
            return current;
        }
        let ratio = sum / (target * f64::from(running));
        if ratio <= 1.0 || running >= current {
            return if is_near(ratio) { current } else { needed(ratio, running) };
        }
        let ratio = sum / (target * f64::from(current));
        if is_near(ratio) || ratio < 1.0 { current } else { needed(ratio, current) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Distribution;

    /// A target of 50 %, a look every 30 s; the cooldowns in seconds.
    fn spec(begin: u32, cooldown_out: u64, cooldown_in: u64) -> Autoscaling {
        Autoscaling {
            least: 2,
            most: 10,
            begin,
            target: ScalingTarget::Utilization(0.5),
            interval: Span::from_secs(30),
            provisioning: SpanDistribution::from_nanos(Distribution::constant(6e10).unwrap()),
            cooldown_out: Span::from_secs(cooldown_out),
            cooldown_in: Span::from_secs(cooldown_in),
            tolerance: 0.1,
        }
    }

    /// What is wanted after looks every 30 s at so many running servers, each busy for that fraction.
    fn looks(spec: &Autoscaling, seen: &[(u32, f64)]) -> Vec<u32> {
        let mut state = ScalingState::new(spec);
        let look = |(number, (running, busy)): (u64, &(u32, f64))| {
            let now = Time::ZERO + Span::from_secs(30 * number);
            state.look(spec, now, *running, f64::from(*running) * busy)
        };
        (1..).zip(seen).map(look).collect()
    }

    #[test]
    fn as_many_as_bring_the_measure_to_the_target_within_the_limits() {
        for (busy, wanted) in [(0.5, 4), (0.6, 5), (0.75, 6), (0.76, 7), (1.0, 8), (0.3, 3), (0.25, 2), (0.01, 2)] {
            assert_eq!(looks(&spec(4, 0, 0), &[(4, busy)]), [wanted], "{busy}");
        }
        assert_eq!(looks(&spec(8, 0, 0), &[(8, 1.0)]), [10], "16 are more than there may be");
    }

    #[test]
    fn nothing_is_done_within_the_tolerance() {
        for (busy, wanted) in [(0.55, 4), (0.551, 5), (0.45, 4), (0.449, 4), (0.37, 3)] {
            assert_eq!(looks(&spec(4, 0, 0), &[(4, busy)]), [wanted], "{busy}");
        }
    }

    #[test]
    fn servers_on_their_way_count_as_idle_when_more_are_asked_for() {
        // Eight are wanted after the first look; the work of four busy servers asks for no more, that of 4.6 for ten.
        assert_eq!(looks(&spec(4, 0, 0), &[(4, 1.0), (4, 1.0), (4, 1.15)]), [8, 8, 10]);
        // 4 * 0.6 = 2.4 is less than 8 * 0.5: counting those on their way turns the direction.
        assert_eq!(looks(&spec(4, 0, 0), &[(4, 1.0), (4, 0.6)]), [8, 8]);
        // Fewer are enough for what runs already: those on their way are left aside.
        assert_eq!(looks(&spec(4, 0, 0), &[(4, 1.0), (4, 0.25)]), [8, 2]);
    }

    #[test]
    fn what_has_failed_is_replaced_and_where_nothing_runs_nothing_is_measured() {
        // Three of four run, each with a third more to do than before: 3 * 0.6 = 1.8 asks for four.
        assert_eq!(looks(&spec(4, 0, 0), &[(3, 0.6), (0, 0.0)]), [4, 4]);
    }

    #[test]
    fn a_pool_shrinks_to_the_highest_recommendation_of_the_cooldown() {
        let seen = [(6, 0.5), (6, 0.25), (6, 0.34), (6, 0.25), (5, 0.2), (5, 0.2)];
        // 3 is recommended at 60 s, 5 at 90 s, 3 at 120 s; what is 90 s old no longer counts.
        assert_eq!(looks(&spec(6, 0, 90), &seen), [6, 6, 6, 5, 5, 3]);
        assert_eq!(looks(&spec(6, 0, 0), &seen)[..3], [6, 3, 5]);
    }

    #[test]
    fn a_pool_grows_to_the_lowest_recommendation_of_the_cooldown() {
        let seen = [(4, 1.0), (4, 0.8), (4, 1.0), (6, 1.0)];
        // At the beginning four are recommended, as many as there are.
        assert_eq!(looks(&spec(4, 60, 0), &seen), [4, 7, 7, 8]);
        assert_eq!(looks(&spec(4, 0, 0), &seen)[0], 8);
    }
}
