//! Balancers that fail, alone or as an active-passive pair.

use crate::random::{SpanDistribution, Stream};
use crate::units::{Probability, Span};

/// How each unit of a balancer fails: an alternating renewal process of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct BalancerFailures {
    /// From the end of a repair (or the beginning) to the next failure.
    pub time_to_failure: SpanDistribution,
    /// From the beginning of a repair to its end; none = never repaired.
    pub time_to_repair: Option<SpanDistribution>,
    /// Whether clients are met with silence while it is down; else they are refused at once, and who has a connection loses it.
    pub silent: bool,
    /// How many units are repaired at a time; none = both.
    pub crews: Option<u32>,
}

/// An active-passive pair: two units, one of which has the address that clients use.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// From the failure of the active unit until the other one serves.
    pub takeover: Takeover,
    /// The probability that a failure of the active unit is noticed; where it is not, the service waits for the repair of that unit
    /// (imperfect coverage: Arnold 1973; Dugan and Trivedi 1989).
    pub coverage: Probability,
    /// How long after its repair the first unit, the master, takes the address back; none = it stays the standby (keepalived's
    /// `nopreempt`).
    pub preempt_delay: Option<Span>,
}

/// How long it takes until the standby serves.
#[derive(Debug, Clone, PartialEq)]
pub enum Takeover {
    /// As long as this.
    After(SpanDistribution),
    /// As VRRP has it.
    Vrrp(Vrrp),
}

/// The timers of VRRP version 2 as in keepalived, whose default that is (RFC 3768, section 6.1; in version 3, RFC 5798, the skew is
/// multiplied by the advertisement interval).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vrrp {
    /// Between two advertisements of the active unit.
    pub advert: Span,
    /// Of the unit that takes over, from 1 to 255.
    pub priority: u8,
}

impl Vrrp {
    /// The time without an advertisement after which a standby takes over, the `Master_Down_Interval` of RFC 3768:
    /// 3 advertisement intervals and the skew of (256 - priority) / 256 s.
    #[must_use]
    pub fn master_down_interval(self) -> Span {
        Span::from_nanos(self.advert.as_nanos().saturating_mul(3).saturating_add(self.skew_ns()))
    }

    const fn skew_ns(self) -> u64 {
        (256 - self.priority as u64) * 1_000_000_000 / 256
    }
}

impl Takeover {
    /// How long one takeover takes. With VRRP the failure comes at a random phase of the advertisement interval, and the standby
    /// counts from the last advertisement it heard: uniform between 2 intervals and the skew, and 3 intervals and the skew.
    #[must_use]
    pub fn sample(&self, stream: &mut Stream) -> Span {
        match self {
            Self::After(time) => time.sample(stream),
            Self::Vrrp(vrrp) => {
                let since_last = Span::from_nanos_f64(vrrp.advert.as_nanos() as f64 * stream.uniform());
                Span::from_nanos(vrrp.master_down_interval().as_nanos().saturating_sub(since_last.as_nanos()))
            }
        }
    }
}

/// Who has the address of a balancer: the state of two units (or one) without a clock. The states and transitions of the covered
/// pair are those of Dugan and Trivedi 1989, with repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duty {
    up: [bool; 2],
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// This unit has the address.
    Serving(usize),
    /// This unit will have it when its promotion is over.
    Promoting(usize),
    /// Nobody has noticed that this unit, which had it, is down.
    Unnoticed(usize),
    /// Both are down: the first one repaired serves at once.
    Nobody,
}

impl Duty {
    /// The first unit serves; the second one is up if it is a pair.
    #[must_use]
    pub const fn new(is_pair: bool) -> Self {
        Self { up: [true, is_pair], stage: Stage::Serving(0) }
    }

    /// The unit that serves.
    #[must_use]
    pub const fn serves(&self) -> Option<usize> {
        match self.stage {
            Stage::Serving(unit) => Some(unit),
            _ => None,
        }
    }

    /// Whether that unit is up.
    #[must_use]
    pub const fn is_up(&self, unit: usize) -> bool {
        self.up[unit]
    }

    /// A unit fails; `noticed` is asked where the other one could take over. Whether a promotion begins.
    pub fn fails(&mut self, unit: usize, noticed: impl FnOnce() -> bool) -> bool {
        self.up[unit] = false;
        let other = 1 - unit;
        self.stage = match self.stage {
            Stage::Serving(active) if active == unit => match self.up[other] {
                true if noticed() => Stage::Promoting(other),
                true => Stage::Unnoticed(unit),
                false => Stage::Nobody,
            },
            // The unit that was to be promoted has failed: the other one, if repaired by now, serves at once.
            Stage::Promoting(next) if next == unit => {
                if self.up[other] {
                    Stage::Serving(other)
                } else {
                    Stage::Nobody
                }
            }
            Stage::Unnoticed(_) => Stage::Nobody,
            stage => {
                self.stage = stage;
                return false;
            }
        };
        matches!(self.stage, Stage::Promoting(_))
    }

    /// A unit is repaired. It serves at once if nobody else can or nobody has noticed that it was gone; else it is the standby.
    pub fn repaired(&mut self, unit: usize) {
        self.up[unit] = true;
        match self.stage {
            Stage::Nobody => self.stage = Stage::Serving(unit),
            Stage::Unnoticed(gone) if gone == unit => self.stage = Stage::Serving(unit),
            _ => {}
        }
    }

    /// The promotion that goes on is over.
    pub const fn promoted(&mut self) {
        if let Stage::Promoting(unit) = self.stage {
            self.stage = Stage::Serving(unit);
        }
    }

    /// The first unit, if it is up, takes the address from the second one or from its promotion.
    pub const fn taken_back(&mut self) {
        if let (Stage::Serving(1) | Stage::Promoting(1), true) = (self.stage, self.up[0]) {
            self.stage = Stage::Serving(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Role, Seed};

    const KEEPALIVED: Vrrp = Vrrp { advert: Span::from_secs(1), priority: 128 };

    #[test]
    fn keepalived_with_priority_128_waits_three_and_a_half_seconds() {
        assert_eq!(KEEPALIVED.master_down_interval(), Span::from_nanos(3_500_000_000));
        assert_eq!(Vrrp { priority: 255, ..KEEPALIVED }.master_down_interval(), Span::from_nanos(3_003_906_250));
        let slow = Vrrp { advert: Span::from_secs(10), priority: 192 };
        assert_eq!(slow.master_down_interval(), Span::from_nanos(30_250_000_000));
    }

    #[test]
    fn a_takeover_counts_from_the_last_advertisement() {
        let takeover = Takeover::Vrrp(KEEPALIVED);
        let mut stream = Stream::new(Seed(1), 0, Role::Takeovers, 0);
        let times: Vec<f64> = (0..10_000).map(|_| takeover.sample(&mut stream).as_secs()).collect();
        assert!(times.iter().all(|secs| (2.5..=3.5).contains(secs)));
        let mean = times.iter().sum::<f64>() / 1e4;
        // Uniform over a second: five standard errors are 0.0144.
        assert!((mean - 3.0).abs() < 0.0145, "{mean}");
    }

    #[test]
    fn a_noticed_failure_promotes_the_other_unit() {
        let mut duty = Duty::new(true);
        assert!(duty.fails(0, || true) && duty.serves().is_none());
        // Repaired in the meantime, the failed unit becomes the standby, and the promotion goes on.
        duty.repaired(0);
        assert_eq!(duty.serves(), None);
        duty.promoted();
        assert_eq!(duty.serves(), Some(1));
        duty.taken_back();
        assert_eq!(duty.serves(), Some(0));
    }

    #[test]
    fn whoever_is_back_takes_the_place_of_the_unit_that_was_to_be_promoted() {
        let mut duty = Duty::new(true);
        duty.fails(0, || true);
        duty.repaired(0);
        assert!(!duty.fails(1, || true));
        assert_eq!(duty.serves(), Some(0));
    }

    #[test]
    fn a_standby_that_fails_during_the_promotion_stops_nothing() {
        let mut duty = Duty::new(true);
        duty.fails(0, || true);
        duty.repaired(0);
        assert!(!duty.fails(0, || true));
        duty.promoted();
        assert_eq!(duty.serves(), Some(1));
    }

    #[test]
    fn an_unnoticed_failure_waits_for_the_repair_of_that_very_unit() {
        let mut duty = Duty::new(true);
        assert!(!duty.fails(0, || false));
        duty.promoted();
        assert_eq!((duty.serves(), duty.is_up(1)), (None, true));
        duty.repaired(0);
        assert_eq!(duty.serves(), Some(0));
        duty.fails(0, || false);
        duty.fails(1, || true);
        duty.repaired(1);
        assert_eq!(duty.serves(), Some(1));
    }

    #[test]
    fn one_unit_alone_is_down_until_its_repair() {
        let mut duty = Duty::new(false);
        assert!(!duty.fails(0, || true) && duty.serves().is_none());
        duty.repaired(0);
        assert_eq!(duty.serves(), Some(0));
    }
}
