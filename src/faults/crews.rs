//! Repair crews: who is repaired now, who waits.

use std::collections::VecDeque;

/// A number of crews, each repairing one thing at a time, the longest waiting first.
#[derive(Debug, Clone)]
pub struct Crews {
    free: u32,
    waiting: VecDeque<u32>,
}

impl Crews {
    /// All crews free.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self { free: number, waiting: VecDeque::new() }
    }

    /// `broken` needs a repair; whether it begins at once.
    pub fn call(&mut self, broken: u32) -> bool {
        if self.free == 0 {
            self.waiting.push_back(broken);
            return false;
        }
        self.free -= 1;
        true
    }

    /// A repair is over; whose begins now, if anybody's.
    pub fn done(&mut self) -> Option<u32> {
        let next = self.waiting.pop_front();
        self.free += u32::from(next.is_none());
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_broke_first_is_repaired_first() {
        let mut crews = Crews::new(2);
        assert_eq!([crews.call(7), crews.call(8), crews.call(9), crews.call(3)], [true, true, false, false]);
        assert_eq!([crews.done(), crews.done(), crews.done(), crews.done()], [Some(9), Some(3), None, None]);
        assert!(crews.call(1) && crews.call(2) && !crews.call(3));
    }
}
