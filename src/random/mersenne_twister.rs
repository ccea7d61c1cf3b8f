//! The Mersenne Twister MT19937 (Matsumoto and Nishimura 1998): not for our own draws, but to repeat those of others, C++ (`std::mt19937`)
//! and Python (`random.Random`).

const STATE: usize = 624;
const SHIFT: usize = 397;

/// 32 random bits at a time, the same for the same seed on any machine.
#[derive(Debug, Clone)]
pub struct MersenneTwister {
    state: Box<[u32; STATE]>,
    used: usize,
}

impl MersenneTwister {
    /// Begins with a seed of one word, as `std::mt19937` does.
    #[must_use]
    pub fn new(seed: u32) -> Self {
        let mut twister = Self { state: Box::new([0; STATE]), used: STATE };
        twister.reseed(seed);
        twister
    }

    /// Begins again with another seed.
    pub fn reseed(&mut self, seed: u32) {
        self.used = STATE;
        self.state[0] = seed;
        for place in 1..STATE {
            let last = self.state[place - 1];
            self.state[place] = (last ^ (last >> 30)).wrapping_mul(1_812_433_253).wrapping_add(place as u32);
        }
    }

    fn twist(&mut self) {
        for place in 0..STATE {
            let joined = self.state[place] & 0x8000_0000 | self.state[(place + 1) % STATE] & 0x7FFF_FFFF;
            let odd = if joined % 2 == 1 { 0x9908_B0DF } else { 0 };
            self.state[place] = self.state[(place + SHIFT) % STATE] ^ (joined >> 1) ^ odd;
        }
        self.used = 0;
    }

    /// The next 32 bits.
    pub fn bits(&mut self) -> u32 {
        if self.used == STATE {
            self.twist();
        }
        let mut bits = self.state[self.used];
        self.used += 1;
        bits ^= bits >> 11;
        bits ^= (bits << 7) & 0x9D2C_5680;
        bits ^= (bits << 15) & 0xEFC6_0000;
        bits ^ (bits >> 18)
    }
}

/// As Python's `random.Random` uses it.
impl MersenneTwister {
    /// `random.Random(seed)`: the words of the seed, the lowest first, without leading zeros.
    #[must_use]
    pub fn python(seed: u64) -> Self {
        let words = [seed as u32, (seed >> 32) as u32];
        Self::of_words(if words[1] == 0 { &words[..1] } else { &words })
    }

    /// A seed of at most 624 words: the authors' `init_by_array`.
    fn of_words(words: &[u32]) -> Self {
        let mut twister = Self::new(19_650_218);
        let mut place = 1;
        for round in 0..2 * STATE - 1 {
            let last = twister.state[place - 1];
            let mixed = |factor: u32| twister.state[place] ^ (last ^ (last >> 30)).wrapping_mul(factor);
            twister.state[place] = if round < STATE {
                let word = round % words.len();
                mixed(1_664_525).wrapping_add(words[word]).wrapping_add(word as u32)
            } else {
                mixed(1_566_083_941).wrapping_sub(place as u32)
            };
            place += 1;
            if place == STATE {
                twister.state[0] = twister.state[STATE - 1];
                place = 1;
            }
        }
        twister.state[0] = 0x8000_0000;
        twister
    }

    /// `random()`: 53 bits in [0, 1).
    pub fn uniform(&mut self) -> f64 {
        let (high, low) = (self.bits() >> 5, self.bits() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }

    /// `expovariate(rate)`.
    pub fn exponential(&mut self, rate: f64) -> f64 {
        -libm::log(1.0 - self.uniform()) / rate
    }

    /// `randint(low, high)`: as many bits as the number of values has, until they are below it.
    pub fn integer(&mut self, low: u32, high: u32) -> u32 {
        let values = high - low + 1;
        loop {
            let drawn = self.bits() >> values.leading_zeros();
            if drawn < values {
                return low + drawn;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The 10,000th number for the seed 5489, as the C++ standard states it ([rand.predef]), and the first of the authors'
    /// own list for a seed of four words.
    #[test]
    fn agrees_with_published_values() {
        let mut twister = MersenneTwister::new(5_489);
        assert_eq!((0..10_000).map(|_| twister.bits()).last(), Some(4_123_659_995));
        let mut twister = MersenneTwister::of_words(&[0x123, 0x234, 0x345, 0x456]);
        assert_eq!([0; 4].map(|_| twister.bits()), [1_067_595_299, 955_945_823, 477_289_528, 4_107_218_783]);
    }

    /// Against what Python 3.11 prints.
    #[test]
    fn draws_what_python_draws() {
        let mut python = MersenneTwister::python(42);
        assert_eq!([python.uniform(), python.uniform()], [0.639_426_798_457_883_7, 0.025_010_755_222_666_936]);
        assert_eq!(MersenneTwister::python(1 << 40).uniform(), 0.103_639_456_281_237_5);
        let mut python = MersenneTwister::python(1000);
        assert_eq!(python.exponential(140.0), 0.010_729_886_302_715_643);
        assert_eq!(python.exponential(50.0), 0.022_162_683_135_781_437);
        let mut python = MersenneTwister::python(42);
        let drawn: Vec<u32> = (0..6).map(|_| python.integer(1, 254)).collect();
        assert_eq!(drawn, [164, 29, 7, 190, 71, 63]);
    }
}
