//! The random numbers of Python's `random` module: what drove the measurements.

/// The Mersenne Twister MT19937 (Matsumoto and Nishimura 1998), seeded as `random.Random(seed)` does for a whole number.
#[derive(Debug, Clone)]
pub(super) struct Python {
    state: [u32; N],
    next: usize,
}

const N: usize = 624;
const M: usize = 397;

impl Python {
    /// `random.Random(seed)`: the words of the seed, the lowest first, go through the reference's `init_by_array`.
    pub fn new(seed: u64) -> Self {
        let words = [seed as u32, (seed >> 32) as u32];
        let key = if words[1] == 0 { &words[..1] } else { &words[..] };
        let mut twister = Self::of_number(19_650_218);
        let state = &mut twister.state;
        let (mut i, mut j) = (1, 0);
        for _ in 0..N.max(key.len()) {
            let before = state[i - 1];
            let mixed = state[i] ^ (before ^ before >> 30).wrapping_mul(1_664_525);
            state[i] = mixed.wrapping_add(key[j]).wrapping_add(j as u32);
            i += 1;
            j = (j + 1) % key.len();
            if i == N {
                state[0] = state[N - 1];
                i = 1;
            }
        }
        for _ in 1..N {
            let before = state[i - 1];
            let mixed = state[i] ^ (before ^ before >> 30).wrapping_mul(1_566_083_941);
            state[i] = mixed.wrapping_sub(i as u32);
            i += 1;
            if i == N {
                state[0] = state[N - 1];
                i = 1;
            }
        }
        state[0] = 0x8000_0000;
        twister
    }

    fn of_number(seed: u32) -> Self {
        let mut state = [seed; N];
        for i in 1..N {
            let before = state[i - 1];
            state[i] = (before ^ before >> 30).wrapping_mul(1_812_433_253).wrapping_add(i as u32);
        }
        Self { state, next: N }
    }

    fn twist(&mut self) {
        let state = &mut self.state;
        for i in 0..N {
            let joined = (state[i] & 0x8000_0000) | (state[(i + 1) % N] & 0x7FFF_FFFF);
            let odd = if joined & 1 == 1 { 0x9908_B0DF } else { 0 };
            state[i] = state[(i + M) % N] ^ joined >> 1 ^ odd;
        }
        self.next = 0;
    }

    fn word(&mut self) -> u32 {
        if self.next == N {
            self.twist();
        }
        let mut word = self.state[self.next];
        self.next += 1;
        word ^= word >> 11;
        word ^= word << 7 & 0x9D2C_5680;
        word ^= word << 15 & 0xEFC6_0000;
        word ^ word >> 18
    }

    /// `random()`: 53 bits in [0, 1).
    pub fn random(&mut self) -> f64 {
        let (high, low) = (self.word() >> 5, self.word() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }

    /// `expovariate(rate)`.
    pub fn exponential(&mut self, rate: f64) -> f64 {
        -libm::log(1.0 - self.random()) / rate
    }

    /// `randint(low, high)`: as many bits as the number of values has, until they are below it.
    pub fn integer(&mut self, low: u32, high: u32) -> u32 {
        let values = high - low + 1;
        let bits = u32::BITS - values.leading_zeros();
        loop {
            let drawn = self.word() >> (u32::BITS - bits);
            if drawn < values {
                return low + drawn;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against what Python 3.11 prints.
    #[test]
    fn the_numbers_are_those_of_python() {
        let mut python = Python::new(42);
        assert_eq!([python.random(), python.random()], [0.639_426_798_457_883_7, 0.025_010_755_222_666_936]);
        assert_eq!(Python::new(1 << 40).random(), 0.103_639_456_281_237_5);
        let mut python = Python::new(1000);
        assert_eq!(python.exponential(140.0), 0.010_729_886_302_715_643);
        assert_eq!(python.exponential(50.0), 0.022_162_683_135_781_437);
        let mut python = Python::new(42);
        let drawn: Vec<u32> = (0..6).map(|_| python.integer(1, 254)).collect();
        assert_eq!(drawn, [164, 29, 7, 190, 71, 63]);
    }
}
