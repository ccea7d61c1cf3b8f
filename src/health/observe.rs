//! HAProxy's `observe`: the requests of clients as checks of a server.
//!
//! Source: HAProxy 2.6, `src/check.c` (`__health_adjust`, `analyze_statuses`), called by `src/stream.c` (a connection was made),
//! `src/backend.c` (none was) and `src/http_ana.c` (how the answer was). At `layer4` every connection that is made clears the
//! count, whatever is answered; at `layer7` only an answer that is no error clears it.

use super::{ErrorAction, ObserveSpec, Seen};

/// What requests have shown of one server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ObserveState {
    /// Failures in a row, below the limit.
    failures: u32,
}

impl ObserveState {
    /// Failures in a row, below the limit.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// Takes how a try on the server ended. At the limit the count begins anew, and something is to be done:
    /// [`super::CheckState::act`].
    pub const fn seen(&mut self, spec: &ObserveSpec, seen: Seen) -> Option<ErrorAction> {
        let failed = match seen {
            Seen::Answered => false,
            Seen::NoConnection => true,
            Seen::Error | Seen::Cut | Seen::TimedOut => spec.answers,
        };
        self.failures = if failed { self.failures + 1 } else { 0 };
        if self.failures < spec.error_limit {
            return None;
        }
        self.failures = 0;
        Some(spec.action)
    }

    /// Takes a check of the server that has passed, which begins the count anew, too.
    pub const fn check_passed(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILURES: [Seen; 4] = [Seen::Error, Seen::NoConnection, Seen::Cut, Seen::TimedOut];

    const fn spec(answers: bool) -> ObserveSpec {
        ObserveSpec { answers, error_limit: 3, action: ErrorAction::FailCheck }
    }

    #[test]
    fn at_the_limit_something_is_done_and_the_count_begins_anew() {
        let mut state = ObserveState::default();
        let done: Vec<bool> = (0..7).map(|_| state.seen(&spec(true), Seen::Error).is_some()).collect();
        assert_eq!(done, [false, false, true, false, false, true, false]);
        assert_eq!(state.failures, 1);
    }

    #[test]
    fn an_answer_or_a_check_that_passes_clears_the_count() {
        let mut state = ObserveState::default();
        let answered = |state: &mut ObserveState| assert_eq!(state.seen(&spec(true), Seen::Answered), None);
        for clear in [answered, ObserveState::check_passed] {
            assert_eq!([(); 2].map(|()| state.seen(&spec(true), Seen::Cut)), [None; 2]);
            clear(&mut state);
            assert_eq!(state.failures, 0);
        }
    }

    #[test]
    fn answers_count_at_layer_7_and_connections_only_at_layer_4() {
        for seen in FAILURES {
            let counted = |answers| {
                let mut state = ObserveState { failures: 1 };
                assert_eq!(state.seen(&spec(answers), seen), None);
                state.failures
            };
            assert_eq!(counted(true), 2);
            assert_eq!(counted(false), if seen == Seen::NoConnection { 2 } else { 0 });
        }
    }
}
