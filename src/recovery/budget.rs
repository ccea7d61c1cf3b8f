//! What bounds retries over all requests.

use super::Budget;
use super::window::SlidingWindow;
use crate::units::Time;

/// Slack for a sum of deposits that is one retry but for rounding.
const ROUNDING: f64 = 1e-9;
/// Tokens are counted in thousandths, as gRPC does.
const THOUSANDTHS: f64 = 1e3;
/// The two counts of a budget of deposits.
const REQUESTS: usize = 0;
const RETRIES: usize = 1;

/// The state of a [`Budget`].
///
/// A retry takes its place at [`BudgetState::may_retry`] and leaves it at [`BudgetState::retry_over`], when its outcome is known. As in Envoy a
/// request whose retry failed gives that place back before it asks for the next one.
#[derive(Debug, Clone)]
pub struct BudgetState {
    budget: Budget,
    under_way: u32,
    /// Requests and retries; used by deposits only.
    window: SlidingWindow,
    /// Used by tokens only.
    tokens_thousandths: u64,
}

impl BudgetState {
    /// Nothing spent; tokens are full.
    #[must_use]
    pub fn new(budget: Budget) -> Self {
        let window = match budget {
            Budget::Deposits { window, .. } => window,
            _ => crate::units::Span::ZERO,
        };
        let tokens_thousandths = match budget {
            Budget::Tokens { most, .. } => thousandths(most),
            _ => 0,
        };
        Self { budget, under_way: 0, window: SlidingWindow::new(window), tokens_thousandths }
    }

    /// A request (not a retry) begins.
    pub fn request(&mut self, now: Time) {
        if let Budget::Deposits { .. } = self.budget {
            self.window.add(now, REQUESTS);
        }
    }

    /// Asks for a retry and, if it is allowed, takes it. `active`: the requests in flight and waiting.
    ///
    /// Sources: Envoy's resource manager (`max_retries`; retry budget: the greater of `least` and the whole part of the share); Finagle's
    /// `RetryBudget`, whose bucket holds a reserve that never runs dry and a sliding sum of deposits less retries; gRPC proposal A6 (allowed
    /// while more than half of the tokens are there).
    pub fn may_retry(&mut self, now: Time, active: u32) -> bool {
        let allowed = match self.budget {
            Budget::AtOnce { most } => self.under_way < most,
            Budget::OfActive { share, least } => {
                let most = (share.value() * f64::from(active) + ROUNDING) as u32;
                self.under_way < most.max(least)
            }
            Budget::Deposits { share, per_sec, window } => {
                let counts = self.window.counts(now);
                let reserve = per_sec * window.as_secs();
                reserve + share * counts[REQUESTS] as f64 - counts[RETRIES] as f64 >= 1.0 - ROUNDING
            }
            Budget::Tokens { most, .. } => self.tokens_thousandths > thousandths(most) / 2,
        };
        if allowed {
            self.under_way += 1;
            if let Budget::Deposits { .. } = self.budget {
                self.window.add(now, RETRIES);
            }
        }
        allowed
    }

    /// A retry that was allowed has ended, or was never sent.
    pub const fn retry_over(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// A try was answered well.
    pub fn answered(&mut self) {
        if let Budget::Tokens { most, ratio } = self.budget {
            self.tokens_thousandths = (self.tokens_thousandths + thousandths(ratio)).min(thousandths(most));
        }
    }

    /// A try failed.
    pub const fn failed(&mut self) {
        if let Budget::Tokens { .. } = self.budget {
            self.tokens_thousandths = self.tokens_thousandths.saturating_sub(THOUSANDTHS as u64);
        }
    }

    /// Retries under way.
    #[must_use]
    pub const fn under_way(&self) -> u32 {
        self.under_way
    }
}

fn thousandths(number: f64) -> u64 {
    (number * THOUSANDTHS + 0.5) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Probability, Span};

    fn at(secs: u64) -> Time {
        Time::ZERO + Span::from_secs(secs)
    }

    /// How many retries are allowed in a row.
    fn allowed(state: &mut BudgetState, now: Time, active: u32) -> u32 {
        (0..1_000).take_while(|_| state.may_retry(now, active)).count() as u32
    }

    #[test]
    fn so_many_at_once() {
        let mut state = BudgetState::new(Budget::AtOnce { most: 3 });
        assert_eq!((allowed(&mut state, at(0), 100), state.under_way()), (3, 3));
        state.retry_over();
        assert_eq!((allowed(&mut state, at(0), 100), state.under_way()), (1, 3));
        assert!(!BudgetState::new(Budget::AtOnce { most: 0 }).may_retry(at(0), 100));
    }

    #[test]
    fn a_share_of_what_is_active_but_never_less_than_the_least() {
        let budget = Budget::OfActive { share: Probability::new(0.2).unwrap(), least: 3 };
        for (active, most) in [(0, 3), (15, 3), (19, 3), (20, 4), (100, 20), (104, 20), (105, 21)] {
            assert_eq!(allowed(&mut BudgetState::new(budget), at(0), active), most, "{active}");
        }
    }

    /// A fifth of the requests: five deposits buy one retry; what is older than the window buys none, and a retry that old costs none.
    #[test]
    fn deposits_buy_retries_and_expire() {
        let mut state = BudgetState::new(Budget::Deposits { share: 0.2, per_sec: 0.0, window: Span::from_secs(10) });
        (0..4).for_each(|_| state.request(at(0)));
        assert_eq!(allowed(&mut state, at(0), 0), 0);
        (0..11).for_each(|_| state.request(at(5)));
        assert_eq!(allowed(&mut state, at(5), 0), 3);
        assert_eq!(allowed(&mut state, at(10), 0), 0);
        (0..10).for_each(|_| state.request(at(15)));
        assert_eq!(allowed(&mut state, at(15), 0), 2);
        assert_eq!(allowed(&mut state, at(40), 0), 0);
    }

    #[test]
    fn some_retries_are_there_without_requests() {
        let mut state = BudgetState::new(Budget::Deposits { share: 0.2, per_sec: 0.3, window: Span::from_secs(10) });
        assert_eq!(allowed(&mut state, at(0), 0), 3);
        assert_eq!(allowed(&mut state, at(9), 0), 0);
        assert_eq!(allowed(&mut state, at(10), 0), 3);
    }

    /// Ten tokens: the fifth failure leaves five, which is half; each ten answers after it make up for one failure.
    #[test]
    fn tokens_allow_retries_while_more_than_half_are_there() {
        let mut state = BudgetState::new(Budget::Tokens { most: 10.0, ratio: 0.1 });
        state.answered();
        for failures in 1..=4 {
            state.failed();
            assert!(state.may_retry(at(0), 0), "{failures}");
        }
        state.failed();
        assert!(!state.may_retry(at(0), 0));
        state.answered();
        assert!(state.may_retry(at(0), 0));
        (0..20).for_each(|_| state.failed());
        (0..50).for_each(|_| state.answered());
        assert!(!state.may_retry(at(0), 0));
        state.answered();
        assert!(state.may_retry(at(0), 0));
    }
}
