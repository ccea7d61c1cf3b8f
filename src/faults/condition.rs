//! What a server is like while faults are upon it.

use super::{Fault, InFlight};
use crate::random::SpanDistribution;

/// The faults upon one server at present.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Each with a number by which whoever brought it will take it away.
    active: Vec<(u32, Fault)>,
}

impl Faults {
    /// A fault comes.
    pub fn begin(&mut self, number: u32, fault: Fault) {
        self.active.push((number, fault));
    }

    /// The fault of that number goes; whether there was one.
    pub fn end(&mut self, number: u32) -> bool {
        let before = self.active.len();
        self.active.retain(|(active, _)| *active != number);
        self.active.len() < before
    }

    /// All faults go whose numbers are in this range.
    pub fn end_all(&mut self, numbers: std::ops::Range<u32>) {
        self.active.retain(|(active, _)| !numbers.contains(active));
    }

    /// All of them together: of several that bring a server down the one that refuses connections rules, and work is lost where one
    /// of them loses it; slowness multiplies; of errors and of wrong answers the most likely counts.
    #[must_use]
    pub fn condition(&self) -> Condition {
        self.active.iter().fold(Condition::default(), |condition, (_, fault)| condition.with(fault))
    }
}

/// The effect of all faults upon a server.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Down, if it is.
    pub down: Option<Down>,
    /// How many times as long service takes.
    pub slowness: f64,
    /// The probability that a request is answered by an error, and how long that takes if not as long as the service.
    pub errors: Option<(f64, Option<SpanDistribution>)>,
    /// The probability that an answer is wrong though it looks right.
    pub wrong: f64,
    /// Whether health checks are answered by an error.
    pub fails_checks: bool,
    /// Whether balancers cannot reach it, and then whether they are refused at once.
    pub unreachable: Option<bool>,
}

/// How a server is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Down {
    /// Whether connections are refused; else they are met with silence.
    pub refuses: bool,
    /// What becomes of the requests it holds.
    pub work: InFlight,
}

impl Default for Condition {
    fn default() -> Self {
        Self { down: None, slowness: 1.0, errors: None, wrong: 0.0, fails_checks: false, unreachable: None }
    }
}

impl Condition {
    /// Whether it works at all.
    #[must_use]
    pub const fn is_up(&self) -> bool {
        self.down.is_none()
    }

    fn with(mut self, fault: &Fault) -> Self {
        match fault {
            Fault::Crash { work } => self.go_down(Down { refuses: true, work: *work }),
            Fault::Silence { work } => self.go_down(Down { refuses: false, work: *work }),
            Fault::Slow { factor } => self.slowness *= factor,
            Fault::Errors { probability, after } => {
                if self.errors.as_ref().is_none_or(|(known, _)| *known < probability.value()) {
                    self.errors = Some((probability.value(), after.clone()));
                }
            }
            Fault::WrongAnswers { probability } => self.wrong = self.wrong.max(probability.value()),
            Fault::FailingChecks => self.fails_checks = true,
            Fault::Partition { refused } => self.unreachable = Some(*refused || self.unreachable == Some(true)),
        }
        self
    }

    fn go_down(&mut self, down: Down) {
        self.down = Some(self.down.map_or(down, |known| Down {
            refuses: known.refuses || down.refuses,
            work: match (known.work, down.work) {
                (InFlight::Lost, _) | (_, InFlight::Lost) => InFlight::Lost,
                (InFlight::Restarted, _) | (_, InFlight::Restarted) => InFlight::Restarted,
                (InFlight::Resumed, InFlight::Resumed) => InFlight::Resumed,
            },
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Probability;

    #[test]
    fn faults_add_up_and_go_one_by_one() {
        let mut faults = Faults::default();
        faults.begin(1, Fault::Silence { work: InFlight::Resumed });
        faults.begin(2, Fault::Slow { factor: 3.0 });
        faults.begin(3, Fault::Crash { work: InFlight::Lost });
        faults.begin(4, Fault::Slow { factor: 2.0 });
        let condition = faults.condition();
        assert_eq!(condition.down, Some(Down { refuses: true, work: InFlight::Lost }));
        assert!((condition.slowness - 6.0).abs() < 1e-12);
        assert!(faults.end(3) && !faults.end(3));
        assert_eq!(faults.condition().down, Some(Down { refuses: false, work: InFlight::Resumed }));
        assert!(faults.end(1) && faults.condition().is_up());
    }

    #[test]
    fn of_errors_the_most_likely_counts() {
        let errors = |percent: f64| Fault::Errors { probability: Probability::new(percent).unwrap(), after: None };
        let mut faults = Faults::default();
        faults.begin(1, errors(0.2));
        faults.begin(2, errors(0.7));
        faults.begin(3, errors(0.1));
        assert_eq!(faults.condition().errors, Some((0.7, None)));
    }
}
