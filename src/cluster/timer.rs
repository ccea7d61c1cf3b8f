//! What an event that is no completion and no birth is about: a kind and whom it concerns share its index.

use crate::engine::{Event, EventClass};
use crate::units::Time;

/// Kinds of changes of state and of timers. At one instant and of one class, a smaller kind comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    // Changes of state.
    /// A line of the script, by number.
    Script = 0,
    /// What a line of the script has brought upon servers ends, by number.
    ScriptEnds = 1,
    /// A lifetime ends, by unit.
    Fails = 2,
    /// A repair ends, by unit.
    Repaired = 3,
    /// A fault that comes and goes does so, by place in the list of those.
    Flaps = 4,
    /// A server that crashed under its load is back, by server.
    Recovers = 5,
    /// A spare takes the place of another server, by pool.
    SpareStarts = 6,
    /// A lifetime of a balancer ends, by balancer and unit.
    BalancerFails = 7,
    /// A repair of a balancer ends, by balancer and unit.
    BalancerRepaired = 8,
    /// A standby has taken over, by balancer.
    TakesOver = 9,
    /// The first unit of a pair takes the address back, by balancer.
    TakesBack = 10,
    /// The failure or return of a site has been noticed, by class and site.
    RecordChanges = 11,
    // Timers.
    /// A weight grows, by server; the stamp is the balancer.
    Grows = 12,
    /// A health check begins, by balancer and server.
    Check = 13,
    /// A health check has not been answered in time, by balancer and server.
    CheckDue = 14,
    /// Envoy's outlier detection looks at its servers, by balancer.
    Outliers = 15,
    /// News reach the choices of a balancer, by balancer.
    News = 16,
    /// A try has not been answered in time, by try.
    TryDue = 17,
    /// The time of a request is up, by request.
    Deadline = 18,
    /// A request is tried again, by request.
    Wakes = 19,
    /// A second try may be due, by request.
    Hedge = 20,
}

const SUBJECTS: u32 = 27;

/// More servers, requests or pairs of a balancer and a server than this cannot be told apart.
pub const MOST_SUBJECTS: u32 = 1 << SUBJECTS;

impl Kind {
    const ALL: [Self; 21] = [
        Self::Script,
        Self::ScriptEnds,
        Self::Fails,
        Self::Repaired,
        Self::Flaps,
        Self::Recovers,
        Self::SpareStarts,
        Self::BalancerFails,
        Self::BalancerRepaired,
        Self::TakesOver,
        Self::TakesBack,
        Self::RecordChanges,
        Self::Grows,
        Self::Check,
        Self::CheckDue,
        Self::Outliers,
        Self::News,
        Self::TryDue,
        Self::Deadline,
        Self::Wakes,
        Self::Hedge,
    ];

    /// The event that this is due for `subject`, of generation `stamp`.
    pub const fn at(self, time: Time, subject: u32, stamp: u32) -> Event {
        let class = if (self as u8) < Self::Grows as u8 { EventClass::StateChange } else { EventClass::Timer };
        Event::new(time, class, (self as u32) << SUBJECTS | subject % MOST_SUBJECTS, stamp)
    }

    /// The kind of such an event, and whom it concerns.
    pub const fn of(event: Event) -> (Self, u32) {
        (Self::ALL[(event.index() >> SUBJECTS) as usize], event.index() % MOST_SUBJECTS)
    }
}
