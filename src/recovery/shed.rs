//! Which requests a balancer drops out of its line, so that the wait stays short.

use crate::units::{Span, Time};

/// How long waits must have been too long before requests are dropped.
const INTERVAL: Span = Span::from_nanos(100_000_000);
/// A new time of dropping that begins within so many intervals goes on as fast as the last one ended.
const MEMORY_INTERVALS: u64 = 16;

/// The rule `CoDel` for a line of requests: once every request for 100 ms has waited `target` or longer, one is dropped as it leaves the line, and
/// then the next 100 ms / sqrt(n) after the n-th, until one has waited less.
///
/// Sources: Nichols and Jacobson 2012, "Controlling queue delay"; RFC 8289, section 5 (`deque`, `dodeque`, `control_law`). Its rule that the last
/// packet is never dropped is left out: the length of the line is not asked for.
#[derive(Debug, Clone)]
pub struct ShedState {
    target: Span,
    /// When waits will have been too long for an interval; none while they are short.
    too_long_at: Option<Time>,
    dropping: bool,
    next_drop: Time,
    /// Drops since dropping began, and how many they were when it began the last time.
    drops: u64,
    drops_before: u64,
}

impl ShedState {
    /// A line without trouble. A usual target is 5 ms.
    #[must_use]
    pub const fn new(target: Span) -> Self {
        Self { target, too_long_at: None, dropping: false, next_drop: Time::ZERO, drops: 0, drops_before: 0 }
    }

    /// Whether the request that leaves the line now is dropped. To be asked once for each, in order.
    pub fn drops(&mut self, now: Time, waited: Span) -> bool {
        let too_long = self.too_long(now, waited);
        if self.dropping {
            self.dropping = too_long;
            let drops = too_long && now >= self.next_drop;
            if drops {
                self.drops += 1;
                self.next_drop = after(self.next_drop, self.drops);
            }
            return drops;
        }
        if too_long {
            self.begin(now);
        }
        too_long
    }

    /// Whether waits have been too long for an interval.
    fn too_long(&mut self, now: Time, waited: Span) -> bool {
        if waited < self.target {
            self.too_long_at = None;
            return false;
        }
        match self.too_long_at {
            None => {
                self.too_long_at = Some(now + INTERVAL);
                false
            }
            Some(instant) => now >= instant,
        }
    }

    fn begin(&mut self, now: Time) {
        let memory = Span::from_nanos(MEMORY_INTERVALS * INTERVAL.as_nanos());
        let lately = self.drops - self.drops_before;
        self.drops = if lately > 1 && now.since(self.next_drop) < memory { lately } else { 1 };
        self.drops_before = self.drops;
        self.next_drop = after(now, self.drops);
        self.dropping = true;
    }
}

/// When to drop the next one.
fn after(instant: Time, drops: u64) -> Time {
    instant + Span::from_nanos_f64(INTERVAL.as_nanos() as f64 / (drops as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(millis: u64) -> Span {
        Span::from_nanos(millis * 1_000_000)
    }

    /// When requests are dropped that leave the line every millisecond from `from` to `to` (in ms) after a wait of `waited`.
    fn dropped(state: &mut ShedState, from: u64, to: u64, waited: Span) -> Vec<u64> {
        (from..to).filter(|now| state.drops(Time::ZERO + millis(*now), waited)).collect()
    }

    #[test]
    fn short_waits_cost_nobody() {
        let mut state = ShedState::new(millis(5));
        assert!(dropped(&mut state, 0, 10_000, millis(4)).is_empty());
        // Long ones for less than 100 ms neither, as often as it happens.
        for start in (10_000..20_000).step_by(100) {
            assert!(dropped(&mut state, start, start + 99, millis(50)).is_empty());
            assert!(!state.drops(Time::ZERO + millis(start + 99), millis(4)));
        }
    }

    /// 100 ms after the first long wait, then 100 / sqrt 1, 100 / sqrt 2, 100 / sqrt 3, 50 ms after each other: 200, 270.7, 328.4, 378.4 and so on.
    #[test]
    fn drops_come_ever_more_often() {
        let mut state = ShedState::new(millis(5));
        assert_eq!(dropped(&mut state, 0, 470, millis(5)), [100, 200, 271, 329, 379, 424, 464]);
        assert!(dropped(&mut state, 470, 480, millis(4)).is_empty());
    }

    /// Seven drops, the first of which began the count: the next time begins as if six had been dropped, if soon.
    #[test]
    fn dropping_resumes_where_it_ended_if_it_begins_again_soon() {
        let mut state = ShedState::new(millis(5));
        assert_eq!(dropped(&mut state, 0, 470, millis(5)).len(), 7);
        dropped(&mut state, 470, 480, millis(4));
        assert_eq!(dropped(&mut state, 480, 670, millis(5)), [580, 621, 659]);
        dropped(&mut state, 670, 671, millis(4));
        assert_eq!(dropped(&mut state, 9_000, 9_201, millis(5)), [9_100, 9_200]);
    }
}
