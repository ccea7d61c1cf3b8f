//! The exponential function and the logarithm for samplers, by table and polynomial.
//!
//! Both consist of additions and multiplications only, so that their bits are the same on every platform, and take less
//! than half the time of those of the crate libm, which still answers where an argument is out of the ordinary. The tables are
//! computed when the program is compiled.
//!
//! Source: Tang 1989, "Table-driven implementation of the exponential function in IEEE floating-point arithmetic", and Tang
//! 1990 on the logarithm; both here with 128 intervals.

use std::f64::consts::LN_2;

/// Intervals in the tables.
const INTERVALS: usize = 128;

/// ln 2 in two parts; the first ends in 21 zero bits, so that its product with a small whole number is exact.
const LN_2_HIGH: f64 = f64::from_bits(0x3FE6_2E42_FEE0_0000);
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// Adding and subtracting this rounds a number below 2^51 to a whole one.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// 2^(i / 128).
static POWERS: [f64; INTERVALS] = powers();

/// Where the mantissas of the logarithm begin: they are between 0.6875 and 1.375, so that 1 lies well inside.
const FIRST_MANTISSA: u64 = 0x3FE6_0000_0000_0000;

/// For each interval of mantissas: the reciprocal of a number in its middle, and that number's logarithm.
static LOGARITHMS: [(f64, f64); INTERVALS] = logarithms();

/// e to the power of `x`, to about 1 unit in the last place.
#[inline]
pub(super) fn exp(x: f64) -> f64 {
    if x.abs() < 700.0 { ordinary_exp(x) } else { extreme_exp(x) }
}

/// With x = (128 m + i) ln 2 / 128 + r: 2^m 2^(i / 128) e^r, the last by Taylor's polynomial of degree 5, as r is below 0.003.
#[inline]
fn ordinary_exp(x: f64) -> f64 {
    let shifted = x * (INTERVALS as f64 / LN_2) + ROUND;
    let whole = shifted - ROUND;
    let r = x - whole * (LN_2_HIGH / INTERVALS as f64) - whole * (LN_2_LOW / INTERVALS as f64);
    let steps = shifted.to_bits() as i64 - ROUND.to_bits() as i64;
    let power = POWERS[steps as usize % INTERVALS];
    let scale = f64::from_bits(power.to_bits().wrapping_add(((steps >> 7) << 52) as u64));
    let squared = r * r;
    let tail = (0.5 + r * (1.0 / 6.0)) + squared * (1.0 / 24.0 + r * (1.0 / 120.0));
    scale + scale * (r + squared * tail)
}

/// Where the answer may be 0, infinite or not a number.
#[cold]
fn extreme_exp(x: f64) -> f64 {
    libm::exp(x)
}

/// The natural logarithm of `y`, off by at most 5e-16 or, where ln y is beyond 1, by 5e-16 of it: enough where it is
/// multiplied and raised again.
#[inline]
pub(super) fn ln(y: f64) -> f64 {
    if (f64::MIN_POSITIVE..f64::INFINITY).contains(&y) { ordinary_ln(y) } else { extreme_ln(y) }
}

/// With y = 2^m z and z = c (1 + r): m ln 2 + ln c + ln(1 + r), the last by its series to r^7, as r is below 0.006.
#[inline]
fn ordinary_ln(y: f64) -> f64 {
    let offset = y.to_bits().wrapping_sub(FIRST_MANTISSA);
    let (reciprocal, logarithm) = LOGARITHMS[(offset >> 45) as usize % INTERVALS];
    let exponent = offset as i64 >> 52;
    let z = f64::from_bits(y.to_bits().wrapping_sub((exponent << 52) as u64));
    let r = z * reciprocal - 1.0;
    let squared = r * r;
    let high = (1.0 / 3.0 - r * 0.25) + squared * ((0.2 - r * (1.0 / 6.0)) + squared * (1.0 / 7.0));
    let series = squared * (r * high - 0.5);
    exponent as f64 * LN_2 + (logarithm + (r + series))
}

/// Where the argument is 0, tiny, negative, infinite or not a number.
#[cold]
fn extreme_ln(y: f64) -> f64 {
    libm::log(y)
}

const fn powers() -> [f64; INTERVALS] {
    let mut table = [1.0; INTERVALS];
    let mut i = 0;
    while i < INTERVALS {
        // Taylor's series of e^(i ln 2 / 128), from its smallest term up.
        let x = i as f64 / INTERVALS as f64 * LN_2;
        let mut term = 20;
        let mut sum = 0.0;
        while term > 0 {
            sum = (1.0 + sum) * x / term as f64;
            term -= 1;
        }
        table[i] = 1.0 + sum;
        i += 1;
    }
    table
}

const fn logarithms() -> [(f64, f64); INTERVALS] {
    let mut table = [(1.0, 0.0); INTERVALS];
    let mut i = 0;
    while i < INTERVALS {
        let middle = f64::from_bits(FIRST_MANTISSA + ((i as u64) << 45) + (1 << 44));
        table[i] = (1.0 / middle, -ln_by_series(1.0 / middle));
        i += 1;
    }
    table
}

/// Natural logarithm of a normal number for tables: with y = 2^m z and s = (z - 1) / (z + 1), ln y = m ln 2 + 2 artanh s.
pub(super) const fn ln_by_series(y: f64) -> f64 {
    let bits = y.to_bits();
    let mut exponent = (bits >> 52) as i64 - 1023;
    let mut mantissa = f64::from_bits(bits & 0x000F_FFFF_FFFF_FFFF | 0x3FF0_0000_0000_0000);
    if mantissa > std::f64::consts::SQRT_2 {
        mantissa *= 0.5;
        exponent += 1;
    }
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let mut sum = 0.0;
    let mut odd = 27;
    while odd > 0 {
        sum = sum * s * s + 1.0 / odd as f64;
        odd -= 2;
    }
    exponent as f64 * LN_2 + 2.0 * s * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_agrees_with_libm() {
        for i in -400_000..400_000 {
            let x = f64::from(i) * 0.001_75 + 1e-7;
            let error = exp(x) / libm::exp(x) - 1.0;
            assert!(error.abs() < 6e-16, "exp({x}) is off by {error}");
        }
    }

    #[test]
    fn ln_agrees_with_libm() {
        for i in 1..1_000_000 {
            for y in [f64::from(i) * 1e-5, f64::from(i) * 1e250, f64::from(i) * 1e-300] {
                let (error, exact) = (ln(y) - libm::log(y), libm::log(y));
                assert!(error.abs() < 4.5e-16 * exact.abs().max(1.0), "ln({y}) is off by {error}");
            }
        }
    }

    #[test]
    fn extremes_are_as_in_libm() {
        let equal = |left: f64, right: f64| assert!(left == right || left.is_nan() && right.is_nan(), "{left} is not {right}");
        for x in [-1e300, -746.0, -700.0, 0.0, -0.0, 700.0, 710.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            if x.abs() >= 700.0 || x == 0.0 || x.is_nan() {
                equal(exp(x), libm::exp(x));
            }
        }
        for y in [0.0, -0.0, 1e-310, -1.0, f64::INFINITY, f64::NAN] {
            equal(ln(y), libm::log(y));
        }
    }

    #[test]
    fn the_series_agrees_with_libm() {
        for y in [0.000_5, 0.1, 0.5, 0.7, 0.8, 0.999_9, 1.0, 3.0, 1e9] {
            let error = ln_by_series(y) - libm::log(y);
            assert!(error.abs() < 4e-16 * libm::log(y).abs().max(1.0), "ln({y}) is off by {error}");
        }
    }
}
