//! What an event that is no completion and no birth is about: a kind and whom it concerns share its index.

use crate::engine::{Event, EventClass};
use crate::units::Time;

/// An enum of kinds, and all of them in order.
macro_rules! kinds {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $kind:ident,)* }) => {
        $(#[$about])*
        pub enum $name {
            $($(#[$doc])* $kind,)*
        }

        impl $name {
            const ALL: &[Self] = &[$(Self::$kind),*];
        }
    };
}

kinds! {
    /// Kinds of changes of state and of timers. At one instant and of one class, a smaller kind comes first.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[repr(u8)]
    Kind {
        // Changes of state.
        /// A line of the script, by number.
        Script,
        /// What a line of the script has brought upon servers ends, by number.
        ScriptEnds,
        /// A lifetime ends, by unit.
        Fails,
        /// A repair ends, by unit.
        Repaired,
        /// A fault that comes and goes does so, by place in the list of those.
        Flaps,
        /// A server crashes under its load, if that is still too much, by server.
        Overloads,
        /// It is back, by server.
        Recovers,
        /// A spare takes the place of another server, by pool.
        SpareStarts,
        /// A server that an autoscaler has asked for is ready, by server.
        Provisioned,
        /// A lifetime of a balancer ends, by balancer and unit.
        BalancerFails,
        /// A repair of a balancer ends, by balancer and unit.
        BalancerRepaired,
        /// A standby has taken over, by balancer.
        TakesOver,
        /// The first unit of a pair takes the address back, by balancer.
        TakesBack,
        /// The failure or return of a site has been noticed, by class and site.
        RecordChanges,
        // Timers.
        /// A weight grows, by server; the stamp is the balancer.
        Grows,
        /// A health check begins, by balancer and server.
        Check,
        /// A health check has not been answered in time, by balancer and server.
        CheckDue,
        /// Envoy's outlier detection looks at its servers, by balancer.
        Outliers,
        /// News reach the choices of a balancer, by balancer.
        News,
        /// A try has not been answered in time, by try.
        TryDue,
        /// The time of a request is up, by request.
        Deadline,
        /// A request is tried again, by request.
        Wakes,
        /// A second try may be due, by request.
        Hedge,
        /// An autoscaler looks at its pool, by pool.
        Scales,
    }
}

const SUBJECTS: u32 = 27;

/// More servers, requests or pairs of a balancer and a server than this cannot be told apart.
pub const MOST_SUBJECTS: u32 = 1 << SUBJECTS;

impl Kind {
    /// The event that this is due for `subject`, of generation `stamp`.
    pub const fn at(self, time: Time, subject: u32, stamp: u32) -> Event {
        let class = if (self as u8) < Self::Grows as u8 { EventClass::StateChange } else { EventClass::Timer };
        Event::new(time, class, ((self as u32) << SUBJECTS) | (subject % MOST_SUBJECTS), stamp)
    }

    /// The kind of such an event, and whom it concerns.
    pub const fn of(event: Event) -> (Self, u32) {
        (Self::ALL[(event.index() >> SUBJECTS) as usize], event.index() % MOST_SUBJECTS)
    }
}
