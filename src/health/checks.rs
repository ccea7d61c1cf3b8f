//! Active health checks: one server as the checks of one balancer see it.
//!
//! Source: HAProxy 2.6, `src/check.c` (`set_server_check_status`, `__health_adjust`) and `src/server.c` (`srv_getinter`);
//! Envoy, `source/extensions/health_checkers/common/health_checker_base_impl.cc` (`handleSuccess`, `setUnhealthy`, `interval`).
//! HAProxy counts its `health` from 0 to rise + fall - 1. From `rise` on the server is up, and a check that passes there
//! restores the whole of it; below `rise` a failure takes the whole of it. Envoy has two counters that each result of the other
//! kind sets to 0. Both are the same: results in a row that speak against the present state.

use super::{CheckSpec, ErrorAction, Probe};
use crate::units::Span;

/// What checks have made of one server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckState {
    up: bool,
    /// Results in a row that speak against that: below `fall` while it is up, below `rise` while it is down.
    against: u32,
}

impl CheckState {
    /// A server at the beginning: up, with no failure.
    #[must_use]
    pub const fn up(_: &CheckSpec) -> Self {
        Self { up: true, against: 0 }
    }

    /// Whether the server is believed to be up.
    #[must_use]
    pub const fn is_up(&self) -> bool {
        self.up
    }

    /// Results in a row that speak against that: below `fall` while it is up, below `rise` while it is down.
    #[must_use]
    pub const fn against(&self) -> u32 {
        self.against
    }

    /// Takes the result of a check; says whether the server went up or down by it.
    pub const fn heard(&mut self, spec: &CheckSpec, probe: Probe) -> bool {
        let passed = matches!(probe, Probe::Passed);
        if passed == self.up {
            self.against = 0;
            return false;
        }
        self.against += 1;
        let limit = if self.up { spec.fall } else { spec.rise };
        let is_final = spec.error_is_final && matches!(probe, Probe::Error);
        if self.against < limit && !is_final {
            return false;
        }
        *self = Self { up: passed, against: 0 };
        true
    }

    /// From the end of the last check to the beginning of the next: the interval for servers that are down or between up and
    /// down, if there is one.
    #[must_use]
    pub const fn next_in(&self, spec: &CheckSpec) -> Span {
        let own = match (self.against, self.up) {
            (0, true) => None,
            (0, false) => spec.down_interval,
            _ => spec.transition_interval,
        };
        match own {
            Some(span) => span,
            None => spec.interval,
        }
    }

    /// Takes the server down whatever its checks say; says whether it was up.
    pub const fn mark_down(&mut self, _: &CheckSpec) -> bool {
        let was_up = self.up;
        *self = Self { up: false, against: 0 };
        was_up
    }

    /// Does what HAProxy's `on-error` asks for; says whether the server went down by it.
    ///
    /// Whatever the action, HAProxy then also sends the next check no later than `transition_interval` (its `fastinter`) from
    /// now, if the model sets one: [`CheckSpec::hurried`].
    pub const fn act(&mut self, spec: &CheckSpec, action: ErrorAction) -> bool {
        match action {
            ErrorAction::FastInterval => false,
            ErrorAction::SuddenDeath if self.up && self.against + 1 < spec.fall => {
                self.against = spec.fall - 1;
                false
            }
            ErrorAction::FailCheck | ErrorAction::SuddenDeath => self.heard(spec, Probe::Refused),
            ErrorAction::MarkDown => self.mark_down(spec),
        }
    }
}

impl CheckSpec {
    /// How soon the next check of a server comes at the latest after an action on its errors; none = it stays where it is.
    #[must_use]
    pub const fn hurried(&self) -> Option<Span> {
        self.transition_interval
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::{Healthy, Phase};

    fn spec(rise: u32, fall: u32) -> CheckSpec {
        CheckSpec {
            interval: Span::from_secs(4),
            transition_interval: Some(Span::from_secs(1)),
            down_interval: Some(Span::from_secs(9)),
            timeout: Span::from_secs(1),
            rise,
            fall,
            error_is_final: false,
            phase: Phase::Common,
            healthy: Healthy::Answers,
        }
    }

    /// After each result (`.` passed, `x` failed, `e` an error): `+` and `-` if the server went up or down by it, else `|` while
    /// it is up and `_` while it is down.
    fn told(spec: &CheckSpec, probes: &str) -> String {
        let mut state = CheckState::up(spec);
        let hear = |probe| {
            let probe = match probe {
                '.' => Probe::Passed,
                'x' => Probe::TimedOut,
                _ => Probe::Error,
            };
            match (state.heard(spec, probe), state.is_up()) {
                (true, true) => '+',
                (true, false) => '-',
                (false, true) => '|',
                (false, false) => '_',
            }
        };
        probes.chars().map(hear).collect()
    }

    #[test]
    fn three_failures_in_a_row_take_a_server_down_and_two_passes_bring_it_back() {
        assert_eq!(told(&spec(2, 3), "xxx..x.."), "||-_+|||");
    }

    #[test]
    fn a_result_of_the_other_kind_begins_the_count_anew() {
        assert_eq!(told(&spec(2, 3), "xx.xxx.x.."), "|||||-___+");
        assert_eq!(told(&spec(1, 1), "x.xx."), "-+-_+");
    }

    #[test]
    fn an_error_is_final_only_where_it_is() {
        assert_eq!(told(&spec(2, 3), "eee"), "||-");
        let envoy = CheckSpec { error_is_final: true, ..spec(2, 3) };
        assert_eq!(told(&envoy, "e.e..xe"), "-___+|-");
    }

    #[test]
    fn the_interval_depends_on_where_the_server_stands() {
        let spec = spec(2, 2);
        let mut state = CheckState::up(&spec);
        let mut next = |probe| {
            state.heard(&spec, probe);
            state.next_in(&spec).as_secs()
        };
        let failed = Probe::Refused;
        let probes = [Probe::Passed, failed, failed, failed, Probe::Passed, failed, Probe::Passed, Probe::Passed];
        assert_eq!(probes.map(&mut next), [4.0, 1.0, 9.0, 9.0, 1.0, 9.0, 1.0, 4.0]);
        let plain = CheckSpec { transition_interval: None, down_interval: None, ..spec };
        for state in [state, CheckState { up: false, against: 0 }, CheckState { up: true, against: 1 }] {
            assert_eq!(state.next_in(&plain), plain.interval);
        }
    }

    #[test]
    fn actions_count_as_one_check_as_all_but_one_or_as_all() {
        let spec = spec(2, 4);
        let after = |action| {
            let mut state = CheckState::up(&spec);
            let down = state.act(&spec, action);
            // How many more failures it takes.
            let more = (0..9).take_while(|_| state.is_up() && !state.heard(&spec, Probe::Refused)).count();
            (down, more)
        };
        assert_eq!(after(ErrorAction::FastInterval), (false, 3));
        assert_eq!(after(ErrorAction::FailCheck), (false, 2));
        assert_eq!(after(ErrorAction::SuddenDeath), (false, 0));
        assert_eq!(after(ErrorAction::MarkDown), (true, 0));
        let mut state = CheckState { up: true, against: 3 };
        assert!(state.act(&spec, ErrorAction::SuddenDeath) && !state.is_up());
        let mut state = CheckState { up: false, against: 1 };
        assert!(!state.act(&spec, ErrorAction::MarkDown) && !state.heard(&spec, Probe::Passed));
    }
}
