//! Which systems can be the best, given what was seen of each.

use super::interval::error_around;
use super::sample::mean;
use super::student::t_quantile;

/// The systems that may be the best: with at least `probability`, the one with the best true mean is among them. Their places,
/// ascending; the one with the best sample mean is always there.
///
/// Each system has one figure per replication, paired by replication (common random numbers). System i stays where, for every
/// other j, its mean is not worse than that of j by more than
/// `W_ij = t(1 - (1 - probability)/(k - 1), n - 1) S_ij / sqrt(n)`, with `S_ij` the
/// standard deviation of the n differences of i and j. This is the screening of Nelson, Swann, Goldsman & Song 2001
/// (Operations Research 49, 950-963), with paired differences and Bonferroni's inequality in place of independence: the true
/// best is dropped because of a given j with probability at most (1 - probability)/(k - 1), and there are k - 1 others.
///
/// The promise holds for differences that are normal, whatever their correlations and however close the means. A single
/// system is its own best. Systems with the same figures stay or go together.
///
/// Nothing where there is no system, the numbers of figures differ or are fewer than two, a figure is not finite, or
/// `probability` is not above 1/k (what a blind guess has) and below 1.
#[must_use]
pub fn screen(systems: &[Vec<f64>], smallest_is_best: bool, probability: f64) -> Option<Vec<usize>> {
    let n = systems.first()?.len();
    let guess = if systems.len() == 1 { 0.0 } else { 1.0 / systems.len() as f64 };
    let paired = systems.iter().all(|figures| figures.len() == n && figures.iter().all(|figure| figure.is_finite()));
    if !(paired && n >= 2 && probability > guess && probability < 1.0) {
        return None;
    }
    if systems.len() == 1 {
        return Some(vec![0]);
    }
    let t = -t_quantile((1.0 - probability) / (systems.len() - 1) as f64, (n - 1) as f64)?;
    let stays = |&i: &usize| systems.iter().all(|other| !is_worse(&systems[i], other, smallest_is_best, t));
    Some((0..systems.len()).filter(stays).collect())
}

/// Whether the mean of `own` is worse than that of `other` by more than `t` standard errors of their difference.
fn is_worse(own: &[f64], other: &[f64], smallest_is_best: bool, t: f64) -> bool {
    let deficit = |(own, other): (&f64, &f64)| if smallest_is_best { own - other } else { other - own };
    let deficits: Vec<f64> = own.iter().zip(other).map(deficit).collect();
    let Some(deficit) = mean(&deficits) else { return false };
    error_around(deficit, &deficits).is_some_and(|error| deficit > t * error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn systems() -> Vec<Vec<f64>> {
        vec![vec![1.0, 2.0, 3.0, 4.0], vec![1.1, 1.9, 3.1, 4.0], vec![6.0, 7.1, 8.0, 8.9], vec![0.0, 9.0, 2.0, 9.0]]
    }

    #[test]
    fn what_is_clearly_worse_goes() {
        assert_eq!(screen(&systems(), true, 0.95), Some(vec![0, 1, 3]));
        assert_eq!(screen(&systems(), false, 0.95), Some(vec![2, 3]));
    }

    /// Two systems whose differences are 1, 2, 1, 4: mean 2, standard error sqrt(1/2). The border is the one-sided test's.
    #[test]
    fn the_border_is_that_of_the_one_sided_test() {
        let pair = [vec![2.0, 3.0, 3.0, 4.0], vec![3.0, 5.0, 4.0, 8.0]];
        let one_sided = super::super::student::t_two_sided_p(8f64.sqrt(), 3.0).unwrap() / 2.0;
        assert_eq!(screen(&pair, true, 1.0 - one_sided * 1.000_001), Some(vec![0]));
        assert_eq!(screen(&pair, true, 1.0 - one_sided * 0.999_999), Some(vec![0, 1]));
        assert_eq!(screen(&pair, false, 1.0 - one_sided * 1.000_001), Some(vec![1]));
    }

    #[test]
    fn equal_and_single_systems() {
        assert_eq!(screen(&[vec![1.0, 2.0]], true, 0.9), Some(vec![0]));
        assert_eq!(screen(&vec![vec![1.0, 2.0]; 3], true, 0.9), Some(vec![0, 1, 2]));
        // A constant difference is certain, however small.
        assert_eq!(screen(&[vec![1.0, 2.0], vec![1.5, 2.5]], true, 0.9), Some(vec![0]));
    }

    #[test]
    fn bad_data_give_nothing() {
        assert_eq!(screen(&[], true, 0.9), None);
        assert_eq!(screen(&[vec![1.0, 2.0], vec![1.0]], true, 0.9), None);
        assert_eq!(screen(&[vec![1.0], vec![2.0]], true, 0.9), None);
        assert_eq!(screen(&[vec![1.0, f64::NAN], vec![2.0, 1.0]], true, 0.9), None);
        for probability in [0.25, 1.0, f64::NAN] {
            assert_eq!(screen(&systems(), true, probability), None);
        }
    }
}
