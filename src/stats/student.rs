//! Student's t distribution for any positive number of degrees of freedom.
//!
//! Everything transcendental goes through the crate libm, so that an interval has the same bits on every platform.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// From this many degrees on, the quantile is expanded around that of the normal distribution.
const NEARLY_NORMAL: f64 = 1e4;

/// From this many degrees on, the distribution function is that of the normal distribution at a shifted place.
const SHIFTED_NORMAL: f64 = 1e6;

/// Newton's method doubles its digits: after a relative step this small, what is left is below the rounding.
const LAST_STEP: f64 = 1e-9;

/// The number that Student's t with `degrees` of freedom stays below with probability `p`, to 1e-12 relative.
///
/// `degrees` may be any number above 0, whole or not, and infinity means the normal distribution. Nothing where `p` is
/// not strictly between 0 and 1 or `degrees` is not above 0.
///
/// Closed forms for 1 and 2 degrees; otherwise Newton's method on the distribution function, which comes from the
/// incomplete beta function: P(T > t) = I(x; v/2, 1/2) / 2 with x = v / (v + t^2) (Abramowitz & Stegun 1964, 26.5.27).
/// From ten thousand degrees on, the expansion of A&S 26.7.5, but for the farthest tails.
#[must_use]
pub fn t_quantile(p: f64, degrees: f64) -> Option<f64> {
    if !(p > 0.0 && p < 1.0 && degrees > 0.0) {
        return None;
    }
    let tail = p.min(1.0 - p);
    let size = if degrees == 1.0 {
        libm::tan((0.5 - tail) * PI)
    } else if degrees == 2.0 {
        (1.0 - 2.0 * tail) / (2.0 * tail * (1.0 - tail)).sqrt()
    } else {
        near_normal(tail, degrees).unwrap_or_else(|| solve(tail, &|t| t_halves(t, degrees), &|t| t_density(t, degrees)))
    };
    Some(if p < 0.5 { -size } else { size })
}

/// P(|T| > |t|), the two-sided p-value of a statistic that has Student's t distribution with `degrees` of freedom, to 1e-12
/// relative as far out as a double reaches.
///
/// `degrees` may be any number above 0, whole or not, and infinity means the normal distribution. Nothing where `t` is not a
/// number or `degrees` is not above 0. An infinite `t` has the p-value 0.
///
/// The incomplete beta function I(x; v/2, 1/2) with x = v / (v + t^2) (Abramowitz & Stegun 1964, 26.5.27); from a million
/// degrees on the normal distribution at the place given by Hill 1970 (Communications of the ACM 13, algorithm 395).
#[must_use]
pub fn t_two_sided_p(t: f64, degrees: f64) -> Option<f64> {
    if t.is_nan() || degrees.is_nan() || degrees <= 0.0 {
        return None;
    }
    let size = t.abs();
    let tail = if degrees < SHIFTED_NORMAL || size.is_infinite() {
        t_halves(size, degrees).1
    } else {
        normal_halves(equivalent_normal(size, degrees)).1
    };
    Some(2.0 * tail)
}

/// Where the normal distribution has the tail that Student's t has beyond `t` >= 0 (Hill 1970, two terms): from a million degrees on,
/// the next term is below 1e-17 of the value for all tails that a double can hold.
fn equivalent_normal(t: f64, degrees: f64) -> f64 {
    if degrees.is_infinite() {
        return t;
    }
    let a = degrees - 0.5;
    let y = a * libm::log1p(t / degrees * t);
    y.sqrt() * (1.0 + (y + 3.0) / (48.0 * a * a))
}

/// The t quantile from the normal one for many degrees of freedom (A&S 26.7.5, four terms); nothing where the next term
/// might reach 1e-13 of the value.
fn near_normal(tail: f64, degrees: f64) -> Option<f64> {
    if degrees < NEARLY_NORMAL {
        return None;
    }
    let z = solve(tail, &normal_halves, &normal_density);
    let square = z * z;
    let terms = [
        (square + 1.0) / 4.0,
        ((5.0 * square + 16.0) * square + 3.0) / 96.0,
        (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) / 384.0,
        ((((79.0 * square + 776.0) * square + 1_482.0) * square - 1_920.0) * square - 945.0) / 92_160.0,
    ];
    let sum = terms.iter().rev().fold(0.0, |sum, term| (sum + term) / degrees);
    (square <= degrees / 100.0).then_some(z * (1.0 + sum))
}

/// Where the upper tail holds `tail`, at most one half, given both halves of a symmetric distribution: the probability
/// from 0 to t and the one above t.
fn solve(tail: f64, halves: &dyn Fn(f64) -> (f64, f64), density: &dyn Fn(f64) -> f64) -> f64 {
    if tail > 0.25 { solve_centre(0.5 - tail, halves, density) } else { solve_tail(tail, halves, density) }
}

/// Newton's method from 0 on the probability between 0 and t: it is concave, so the steps approach from below.
fn solve_centre(target: f64, halves: &dyn Fn(f64) -> (f64, f64), density: &dyn Fn(f64) -> f64) -> f64 {
    let mut t = 0.0;
    for _ in 0..200 {
        let step = (target - halves(t).0) / density(t);
        t += step;
        if step.abs() <= LAST_STEP * t {
            break;
        }
    }
    t
}

/// Newton's method on ln P(T > t) as a function of ln t, which is concave and nearly straight for heavy tails, within a
/// bracket that halves where a step would leave it.
fn solve_tail(target: f64, halves: &dyn Fn(f64) -> (f64, f64), density: &dyn Fn(f64) -> f64) -> f64 {
    // The normal distribution has the lightest tail: its upper quartile is 0.674.
    let (mut low, mut high) = (libm::log(0.67), 700.0);
    let mut u = low;
    for _ in 0..200 {
        let t = libm::exp(u);
        let tail = halves(t).1;
        if tail >= target {
            low = u;
        } else {
            high = u;
        }
        let step = tail * libm::log(tail / target) / (t * density(t));
        u = if step.is_finite() && u + step >= low && u + step <= high { u + step } else { f64::midpoint(low, high) };
        if step.abs() <= LAST_STEP {
            break;
        }
    }
    libm::exp(u)
}

/// P(0 < Z < t) and P(Z > t) of the normal distribution, for t >= 0.
fn normal_halves(t: f64) -> (f64, f64) {
    (0.5 * libm::erf(t * FRAC_1_SQRT_2), 0.5 * libm::erfc(t * FRAC_1_SQRT_2))
}

fn normal_density(t: f64) -> f64 {
    libm::exp(-0.5 * t * t) / (2.0 * PI).sqrt()
}

/// P(0 < T < t) and P(T > t) of Student's t, for t >= 0, each without cancellation where it is small.
fn t_halves(t: f64, degrees: f64) -> (f64, f64) {
    if t == 0.0 {
        return (0.0, 0.5);
    }
    if t.is_infinite() {
        return (0.5, 0.0);
    }
    let a = 0.5 * degrees;
    let (x, y, ln_x) = shares(t, degrees);
    // x^a y^(1/2) / B(a, 1/2), the factor before the continued fraction.
    let front = libm::exp(a * ln_x) * y.sqrt() * gamma_ratio(a) / PI.sqrt();
    if x < (a + 1.0) / (a + 2.5) {
        let tail = 0.5 * front * beta_fraction(a, 0.5, x) / a;
        (0.5 - tail, tail)
    } else {
        let central = front * beta_fraction(0.5, a, y);
        (central, 0.5 - central)
    }
}

/// x = v / (v + t^2), 1 - x and ln x, for any t > 0 without overflow or cancellation.
fn shares(t: f64, degrees: f64) -> (f64, f64, f64) {
    let ratio = t / degrees.sqrt();
    if ratio <= 1.0 {
        let square = ratio * ratio;
        (1.0 / (1.0 + square), square / (1.0 + square), -libm::log1p(square))
    } else {
        let square = 1.0 / ratio / ratio;
        (square / (1.0 + square), 1.0 / (1.0 + square), -2.0 * libm::log(ratio) - libm::log1p(square))
    }
}

fn t_density(t: f64, degrees: f64) -> f64 {
    let (_, _, ln_x) = if t == 0.0 { (1.0, 0.0, 0.0) } else { shares(t, degrees) };
    gamma_ratio(0.5 * degrees) / (PI * degrees).sqrt() * libm::exp(0.5 * (degrees + 1.0) * ln_x)
}

/// Gamma(a + 1/2) / Gamma(a) for a > 0: the series in 1/a of Tricomi & Erdelyi 1951 for large a, reached by
/// R(a) = R(a + 1) a / (a + 1/2). A difference of two log-gammas would lose ten digits at a million degrees.
fn gamma_ratio(a: f64) -> f64 {
    const SERIES: [f64; 6] = [-1.0 / 8.0, 1.0 / 128.0, 5.0 / 1_024.0, -21.0 / 32_768.0, -399.0 / 262_144.0, 869.0 / 4_194_304.0];
    let (mut a, mut factor) = (a, 1.0);
    while a < 64.0 {
        factor *= a / (a + 0.5);
        a += 1.0;
    }
    let inverse = 1.0 / a;
    let sum = SERIES.iter().rev().fold(0.0, |sum, term| (sum + term) * inverse);
    factor * a.sqrt() * (1.0 + sum)
}

/// The continued fraction of the incomplete beta function (A&S 26.5.8) by Lentz' method as modified by Thompson &
/// Barnett 1986. It converges in about the root of the larger parameter terms for x < (a + 1) / (a + b + 2).
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for m in 1..20_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / away(1.0 + term * d);
            c = away(1.0 + term / c);
            change = c * d;
            h *= change;
        }
        if (change - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    h
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64, tolerance: f64, what: &str) {
        assert!((a - b).abs() <= tolerance * b.abs(), "{what}: {a} and {b}");
    }

    /// P(|T| < t) for whole degrees as a finite sum (A&S 26.7.3 and 26.7.4): an oracle that shares nothing with the code.
    fn central(t: f64, degrees: u32) -> f64 {
        let angle = (t / f64::from(degrees).sqrt()).atan();
        let (sin, cos) = angle.sin_cos();
        let odd = degrees % 2 == 1;
        let mut term = if odd { cos } else { 1.0 };
        let mut sum = 0.0;
        let mut k = u32::from(odd);
        while k + 2 <= degrees {
            sum += term;
            k += 2;
            term *= cos * cos * f64::from(k - 1) / f64::from(k);
        }
        if odd { 2.0 / PI * (angle + sin * sum) } else { sin * sum }
    }

    #[test]
    fn quantiles_of_whole_degrees_agree_with_the_finite_sums() {
        for degrees in [1, 2, 3, 4, 5, 9, 11, 19, 30, 99, 399, 1_000, 9_999, 200_000] {
            for p in [0.5001, 0.6, 0.74, 0.76, 0.9, 0.95, 0.975, 0.995, 0.9995] {
                let t = t_quantile(p, f64::from(degrees)).unwrap();
                // The oracle, too, rounds, the more the longer its sum.
                let error = (central(t, degrees) - (2.0 * p - 1.0)).abs();
                assert!(error <= 2e-15 + 4e-17 * f64::from(degrees), "{degrees} degrees, {p}: off by {error:e}");
                assert_eq!(t_quantile(1.0 - p, f64::from(degrees)).map(|low| (low + t).abs() < 1e-8 * t), Some(true));
            }
        }
    }

    #[test]
    fn printed_tables() {
        for (degrees, p, expected) in [
            (1.0, 0.975, 12.706_204_736_174_7),
            (2.0, 0.975, 4.302_652_729_749_46),
            (5.0, 0.995, 4.032_142_983_557_54),
            (9.0, 0.9995, 4.780_912_585_931_14),
            (30.0, 0.975, 2.042_272_456_301_24),
            (f64::INFINITY, 0.975, 1.959_963_984_540_05),
            (f64::INFINITY, 0.9995, 3.290_526_731_491_89),
        ] {
            close(t_quantile(p, degrees).unwrap(), expected, 1e-12, &format!("{degrees} {p}"));
        }
    }

    #[test]
    fn the_pieces_meet_without_a_step() {
        for p in [0.3, 0.75, 0.975, 0.999_999] {
            let (below, above) = (t_quantile(p, NEARLY_NORMAL * (1.0 - 1e-12)), t_quantile(p, NEARLY_NORMAL));
            close(below.unwrap(), above.unwrap(), 5e-13, "at ten thousand degrees");
            close(t_quantile(p, 1.000_000_001).unwrap(), t_quantile(p, 1.0).unwrap(), 1e-7, "at one degree");
        }
    }

    #[test]
    fn far_tails_and_odd_degrees() {
        for degrees in [0.3, 0.9, 1.5, 2.5, 7.3, 1e3, 1e5] {
            for tail in [1e-9, 1e-15] {
                let t = t_quantile(tail, degrees).unwrap();
                close(t_halves(-t, degrees).1, tail, 1e-10, &format!("{degrees} {tail}"));
            }
        }
        assert_eq!(t_quantile(0.5, 7.0), Some(0.0));
    }

    /// P(|T| > t) by mpmath 1.3.0 (`betainc`, regularized) with 60 digits, except for the smallest.
    #[test]
    fn p_values_agree_with_those_of_sixty_digits() {
        for (t, degrees, expected) in [
            (0.5, 3.0, 0.651_447_964_848_150_994_44),
            (0.001, 7.0, 0.999_230_017_244_998_843_74),
            (2.0, 9.0, 0.076_552_823_770_701_041_203),
            (2.5, 7.3, 0.039_650_234_665_600_471_608),
            (1.7, 19.0, 0.105_443_266_588_026_823_75),
            (12.0, 19.0, 2.590_894_637_222_319_931_5e-10),
            (50.0, 9.0, 2.568_952_910_874_798_188_5e-12),
            (1e6, 5.0, 1.898_033_449_092_136_083_3e-29),
            (1e40, 3.0, 2.205_315_581_687_167_997_1e-120),
            (1e100, 3.0, 2.205_315_581_687_168_092_8e-300),
            (1.96, 99.0, 0.052_807_113_750_970_720_527),
            (8.0, 99.0, 2.400_303_821_056_868_300_5e-12),
            (25.0, 399.0, 1.114_176_817_822_132_504_1e-83),
            (40.0, 999.0, 1.242_642_119_627_124_1e-209),
            (1.8, 9_999.0, 0.071_890_768_896_023_535_153),
            (38.0, 1e4, 2.896_601_069_771_380_378e-295),
            (6.0, 999_999.0, 1.973_849_813_029_056_914_5e-9),
            (35.0, 999_999.0, 3.274_984_861_305_824_930_6e-268),
            (1.5, 1_000_001.0, 0.133_614_718_236_477_070_54),
            (36.0, 1_000_001.0, 1.273_398_577_434_015_702_9e-283),
            (1e10, 0.3, 0.000_699_001_446_767_711_999_92),
            (3.0, 1.5, 0.133_547_754_254_913_263_39),
        ] {
            close(t_two_sided_p(t, degrees).unwrap(), expected, 1e-12, &format!("{t} with {degrees} degrees"));
            assert_eq!(t_two_sided_p(t, degrees), t_two_sided_p(-t, degrees));
        }
    }

    /// The closed forms for 1, 2 and 4 degrees, each written without cancellation.
    #[test]
    fn p_values_agree_with_the_closed_forms_far_out() {
        for t in [1e-8, 0.1, 1.0, 1.7, 1.8, 3.0, 40.0, 1e5, 1e20] {
            close(t_two_sided_p(t, 1.0).unwrap(), 2.0 / PI * libm::atan(1.0 / t), 1e-13, "1 degree");
            let root = (2.0 + t * t).sqrt();
            close(t_two_sided_p(t, 2.0).unwrap(), 2.0 / (root * (root + t)), 1e-13, "2 degrees");
            let sin = t / (4.0 + t * t).sqrt();
            let versed = 4.0 / (4.0 + t * t) / (1.0 + sin);
            close(t_two_sided_p(t, 4.0).unwrap(), 0.5 * versed * versed * (2.0 + sin), 1e-13, "4 degrees");
        }
    }

    #[test]
    fn p_values_turn_quantiles_round() {
        for degrees in [0.7, 1.0, 2.0, 9.0, 1e3, 2e4, 1e7, 1e12, f64::INFINITY] {
            for p in [0.9, 0.05, 1e-6] {
                let t = t_quantile(p / 2.0, degrees).unwrap();
                close(t_two_sided_p(t, degrees).unwrap(), p, 1e-11, &format!("{degrees} degrees"));
            }
            assert_eq!((t_two_sided_p(0.0, degrees), t_two_sided_p(f64::INFINITY, degrees)), (Some(1.0), Some(0.0)));
        }
    }

    #[test]
    fn senseless_arguments_give_nothing() {
        for (t, degrees) in [(f64::NAN, 5.0), (1.0, 0.0), (1.0, -2.0), (1.0, f64::NAN)] {
            assert_eq!(t_two_sided_p(t, degrees), None);
        }
        for (p, degrees) in [(0.0, 5.0), (1.0, 5.0), (f64::NAN, 5.0), (0.9, 0.0), (0.9, -1.0), (0.9, f64::NAN)] {
            assert_eq!(t_quantile(p, degrees), None);
        }
    }
}
