//! Counts over a sliding window.

use crate::units::{Span, Time};

/// How many slices a window has.
const SLICES: usize = 10;

/// Two counts over the last while, which slides in steps of a tenth of it: what is counted are the slice that has begun and the nine before
/// it, so between nine tenths of the window and all of it.
#[derive(Debug, Clone)]
pub(super) struct SlidingWindow {
    slice_nanos: u64,
    /// The number of the slice that has begun, from the start of the replication.
    slice: u64,
    slices: [[u64; 2]; SLICES],
    counts: [u64; 2],
}

impl SlidingWindow {
    pub(super) fn new(window: Span) -> Self {
        let slice_nanos = (window.as_nanos() / SLICES as u64).max(1);
        Self { slice_nanos, slice: 0, slices: [[0; 2]; SLICES], counts: [0; 2] }
    }

    /// Both counts.
    pub(super) fn counts(&mut self, now: Time) -> [u64; 2] {
        let slice = now.as_nanos() / self.slice_nanos;
        let passed = slice.saturating_sub(self.slice).min(SLICES as u64);
        for step in 1..=passed {
            let old = std::mem::take(&mut self.slices[((slice - passed + step) % SLICES as u64) as usize]);
            self.counts[0] -= old[0];
            self.counts[1] -= old[1];
        }
        self.slice = self.slice.max(slice);
        self.counts
    }

    /// Counts one more of the first or the second kind.
    pub(super) fn add(&mut self, now: Time, kind: usize) {
        self.counts(now);
        self.slices[(self.slice % SLICES as u64) as usize][kind] += 1;
        self.counts[kind] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: u64) -> Time {
        Time::ZERO + Span::from_secs(secs)
    }

    #[test]
    fn what_is_older_than_the_window_is_forgotten() {
        let mut window = SlidingWindow::new(Span::from_secs(10));
        window.add(at(0), 0);
        window.add(at(3), 0);
        window.add(at(3), 1);
        assert_eq!(window.counts(at(9)), [2, 1]);
        assert_eq!(window.counts(at(10)), [1, 1]);
        assert_eq!(window.counts(at(12)), [1, 1]);
        assert_eq!(window.counts(at(13)), [0, 0]);
        window.add(at(14), 1);
        assert_eq!(window.counts(at(1_000_000)), [0, 0]);
    }
}
