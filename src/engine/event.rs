//! An event: when, what kind, of whom, and which generation, packed into 16 bytes whose order is the order of events.

use crate::units::Time;
use std::fmt;

/// The kinds of events. At equal times a smaller kind comes first: what ends makes room before what begins looks for
/// it, and a change of state is seen by every timer and arrival of its instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum EventClass {
    /// Service ends at a server.
    Completion = 0,
    /// A server leaves, returns, fails, is repaired.
    StateChange = 1,
    /// A check, a timeout, a tick.
    Timer = 2,
    /// A request is born.
    Arrival = 3,
}

/// An event to come. Events are ordered by (time, class, index), a rule on the state: the order in which they were
/// scheduled plays no part.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event(u128);

const _: () = assert!(size_of::<Event>() == 16, "an event fits in 16 bytes");

impl Event {
    /// Stamps count modulo this.
    pub const STAMPS: u32 = 1 << 24;

    /// An event of `class` at `time`, of the server or source `index`, of the generation `stamp` (modulo [`Self::STAMPS`]).
    #[inline]
    #[must_use]
    pub const fn new(time: Time, class: EventClass, index: u32, stamp: u32) -> Self {
        let low = (class as u64) << 56 | (index as u64) << 24 | (stamp % Self::STAMPS) as u64;
        Self((time.as_nanos() as u128) << 64 | low as u128)
    }

    /// The number whose order is the order of events.
    #[inline]
    pub(super) const fn key(self) -> u128 {
        self.0
    }

    /// When.
    #[inline]
    #[must_use]
    pub const fn time(self) -> Time {
        Time::from_nanos((self.0 >> 64) as u64)
    }

    /// What kind.
    #[inline]
    #[must_use]
    pub const fn class(self) -> EventClass {
        match (self.0 as u64) >> 56 {
            0 => EventClass::Completion,
            1 => EventClass::StateChange,
            2 => EventClass::Timer,
            _ => EventClass::Arrival,
        }
    }

    /// Of which server or source.
    #[inline]
    #[must_use]
    pub const fn index(self) -> u32 {
        ((self.0 as u64) >> 24) as u32
    }

    /// Of which generation.
    #[inline]
    #[must_use]
    pub const fn stamp(self) -> u32 {
        (self.0 as u32) % Self::STAMPS
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of {} (stamp {}) at {}", self.class(), self.index(), self.stamp(), self.time())
    }
}
