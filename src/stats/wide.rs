//! A sum of squares that cannot overflow: 192 bits.

/// A whole number below 2^192. The sum of fewer than 2^64 squares of 64-bit numbers always fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Wide {
    low: u128,
    high: u64,
}

impl Wide {
    /// A number of 128 bits.
    pub(super) const fn new(low: u128) -> Self {
        Self { low, high: 0 }
    }

    /// Adds a number of 128 bits.
    #[inline]
    pub(super) const fn add(&mut self, other: u128) {
        let (low, carry) = self.low.overflowing_add(other);
        self.low = low;
        self.high = self.high.wrapping_add(carry as u64);
    }

    /// Adds another sum.
    pub(super) const fn merge(&mut self, other: &Self) {
        self.add(other.low);
        self.high = self.high.wrapping_add(other.high);
    }

    /// The product of a 64-bit and a 128-bit number, exact.
    pub(super) const fn product(a: u64, b: u128) -> Self {
        const LOW: u128 = u64::MAX as u128;
        let bottom = a as u128 * (b & LOW);
        let top = a as u128 * (b >> 64) + (bottom >> 64);
        Self { low: (top << 64) | (bottom & LOW), high: (top >> 64) as u64 }
    }

    /// The difference, nothing where `other` is the larger.
    pub(super) const fn minus(&self, other: &Self) -> Option<Self> {
        let (low, borrow) = self.low.overflowing_sub(other.low);
        let Some(high) = self.high.checked_sub(other.high) else { return None };
        let Some(high) = high.checked_sub(borrow as u64) else { return None };
        Some(Self { low, high })
    }

    /// The number where it has 64 bits.
    pub(super) fn narrow(&self) -> Option<u64> {
        if self.high == 0 { u64::try_from(self.low).ok() } else { None }
    }

    /// The nearest double, to within two units in the last place.
    pub(super) const fn to_f64(self) -> f64 {
        const TWO_TO_128: f64 = 340_282_366_920_938_463_463_374_607_431_768_211_456.0;
        self.high as f64 * TWO_TO_128 + self.low as f64
    }
}

impl super::codec::Codec for Wide {
    fn encode(&self, bytes: &mut Vec<u8>) {
        self.low.encode(bytes);
        self.high.encode(bytes);
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self { low: u128::decode(bytes)?, high: u64::decode(bytes)? })
    }
}

/// The sum of the squared deviations from the mean, of `count` 64-bit numbers with this sum and sum of squares. Nothing
/// where there are no numbers or no numbers have such sums.
///
/// With c the whole part of the mean and r the rest of the division, the sum of (x - c)^2 is Q - n c^2 - 2 c r, a whole
/// number that is computed exactly; the last step takes r^2 / n from it, exactly too where the result has 64 bits. So
/// nothing cancels, however small the deviations are beside the mean.
pub(super) fn squared_deviations(count: u64, sum: u128, squares: &Wide) -> Option<f64> {
    let n = u128::from(count);
    let centre = u64::try_from(sum.checked_div(n)?).ok()?;
    let rest = sum % n;
    let centre_square = u128::from(centre) * u128::from(centre);
    let around = squares.minus(&Wide::product(count, centre_square))?.minus(&Wide::product(2, u128::from(centre) * rest))?;
    let correction = rest * rest;
    if let Some(around) = around.narrow() {
        Some((u128::from(around) * n).checked_sub(correction)? as f64 / n as f64)
    } else {
        Some((around.to_f64() - correction as f64 / n as f64).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_and_differences_are_exact() {
        let whole = Wide::product(u64::MAX, u128::MAX);
        // (2^64 - 1)(2^128 - 1) = 2^192 - 2^128 - 2^64 + 1
        assert_eq!(whole, Wide { low: u128::MAX - u128::from(u64::MAX) + 1, high: u64::MAX - 1 });
        assert_eq!(whole.minus(&whole), Some(Wide::default()));
        assert_eq!(Wide::new(1).minus(&Wide::new(2)), None);
        let mut sum = Wide::new(u128::MAX);
        sum.add(1);
        assert_eq!(sum, Wide { low: 0, high: 1 });
        assert_eq!(sum.minus(&Wide::new(1)), Some(Wide::new(u128::MAX)));
        assert_eq!(sum.to_f64(), 2f64.powi(128));
        assert_eq!(sum.narrow(), None);
    }

    #[test]
    fn impossible_sums_give_nothing() {
        assert_eq!(squared_deviations(0, 0, &Wide::default()), None);
        assert_eq!(squared_deviations(2, 10, &Wide::new(0)), None);
        assert_eq!(squared_deviations(1, u128::MAX, &Wide::new(0)), None);
    }
}
