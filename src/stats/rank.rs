//! Do two quantities rise together? Spearman's rank correlation, for factors of designs that fill a space.

use super::sample::correlation;
use super::student::t_two_sided_p;

/// Up to so many pairs all orders are counted: 8! are 40,320.
const FEW: usize = 8;

/// Spearman's rank correlation with the evidence against there being none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankCorrelation {
    /// Rho, from -1 (one falls wherever the other rises) to 1.
    pub rho: f64,
    /// The probability of a rho at least as far from 0, if all orders were equally likely.
    pub p_value: f64,
    /// The number of pairs.
    pub n: usize,
}

/// Spearman's rank correlation of pairs (Spearman 1904): Pearson's correlation of the ranks, equal values sharing the mean of
/// their ranks.
///
/// The p-value is two-sided for the hypothesis that every order of y beside x is equally likely. Up to eight pairs all orders
/// are counted, also with ties. Beyond, t = r sqrt((n - 2) / (1 - r^2)) is held against Student's t with n - 2 degrees
/// (Pitman 1937), where r is |rho| less 6 / (n^3 - n), half of the smallest step it can make. Held against counts for nine to
/// eleven pairs, such a p-value is too small by less than a tenth at 5 % and by about a third at 0.5 %; the error shrinks as
/// pairs are added. It is never given as less than 2/n!, the probability of the most extreme orders.
///
/// Rho sees monotone trends only. The points of a design that fills a space evenly (Latin hypercube, Sobol) are more regular than
/// random ones, which makes the p-values err to the safe side where other factors act on y too.
///
/// Nothing where the lengths differ, for fewer than three pairs, where one side does not vary, or where a value is not a
/// number.
#[must_use]
pub fn rank_correlation(x: &[f64], y: &[f64]) -> Option<RankCorrelation> {
    let n = x.len();
    if n < 3 || y.len() != n {
        return None;
    }
    let (rank_x, rank_y) = (double_ranks(x)?, double_ranks(y)?);
    let as_floats = |ranks: &[u64]| ranks.iter().map(|&rank| rank as f64).collect::<Vec<_>>();
    let rho = correlation(&as_floats(&rank_x), &as_floats(&rank_y))?;
    let p_value = if n <= FEW { counted(&rank_x, &rank_y) } else { approximated(rho, n)? };
    Some(RankCorrelation { rho, p_value, n })
}

/// Twice the rank of each value, counted from 1, so that the mean rank of equal values is whole; nothing where one is not a
/// number.
fn double_ranks(values: &[f64]) -> Option<Vec<u64>> {
    if values.iter().any(|value| value.is_nan()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let rank = |value: &f64| {
        let below = sorted.partition_point(|other| other < value);
        let up_to = sorted.partition_point(|other| other <= value);
        (below + 1 + up_to) as u64
    };
    Some(values.iter().map(rank).collect())
}

fn approximated(rho: f64, n: usize) -> Option<f64> {
    let degrees = (n - 2) as f64;
    // 1 - r^2 as a product keeps its digits near 1.
    let r = (rho.abs() - 6.0 / ((n * n - 1) as f64 * n as f64)).max(0.0);
    let t = r * (degrees / ((1.0 - r) * (1.0 + r))).sqrt();
    let most_extreme = (3..=n).fold(1.0, |share, k| share / k as f64);
    Some(t_two_sided_p(t, degrees)?.max(most_extreme))
}

/// The share of all orders of y whose sum of products lies at least as far from its mean as that seen, in whole numbers.
fn counted(x: &[u64], y: &[u64]) -> f64 {
    let n = x.len() as u64;
    // Doubled ranks add up to n (n + 1).
    let mean = n * (n + 1) * (n + 1);
    let seen = products(x, y).abs_diff(mean);
    let mut order = y.to_vec();
    let (mut extreme, mut all) = (0u32, 0u32);
    each_order(&mut order, x.len(), &mut |order| {
        all += 1;
        extreme += u32::from(products(x, order).abs_diff(mean) >= seen);
    });
    f64::from(extreme) / f64::from(all)
}

fn products(x: &[u64], y: &[u64]) -> u64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

/// Visits every order of the first `open` values, equal values told apart (Heap 1963).
fn each_order(values: &mut [u64], open: usize, visit: &mut dyn FnMut(&[u64])) {
    if open <= 1 {
        return visit(values);
    }
    for k in 0..open {
        each_order(values, open - 1, visit);
        if k + 1 < open {
            values.swap(if open.is_multiple_of(2) { k } else { 0 }, open - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_of_ties_are_shared() {
        assert_eq!(double_ranks(&[3.0, 1.0, 3.0, 9.0]), Some(vec![5, 2, 5, 8]));
        assert_eq!(double_ranks(&[0.0, -0.0]), Some(vec![3, 3]));
    }

    /// Squared differences of ranks 0, 1, 1, 1, 1: rho = 1 - 6 x 4 / (5 x 24) = 0.8. Of the 120 orders of five, 16 have
    /// |rho| >= 0.8: by the sum of squares, 0: 1, 2: 4, 4: 3, and as many at the other end (Kendall's table).
    #[test]
    fn few_pairs_are_counted() {
        let found = rank_correlation(&[1.0, 2.0, 3.0, 4.0, 5.0], &[10.0, 30.0, 20.0, 50.0, 40.0]).unwrap();
        assert!((found.rho - 0.8).abs() < 1e-15);
        assert_eq!((found.p_value, found.n), (16.0 / 120.0, 5));
        let straight = rank_correlation(&[1.0, 2.0, 3.0, 4.0], &[-1.0, -8.0, -27.0, -64.0]).unwrap();
        assert!((straight.rho + 1.0).abs() < 1e-15);
        assert_eq!(straight.p_value, 2.0 / 24.0);
    }

    #[test]
    fn heap_visits_each_order_once() {
        let mut seen = Vec::new();
        each_order(&mut [1, 2, 3, 4, 5], 5, &mut |order| seen.push(order.to_vec()));
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 120);
    }

    /// Sums of squared rank differences with their p-values, counted over all 362,880 orders of nine and all 39,916,800 of
    /// eleven.
    #[test]
    fn the_approximation_errs_as_little_as_it_says() {
        for (n, squares, counted, allowed) in [
            (9, 64.0, 0.212_522, 0.02),
            (9, 40.0, 0.058_890, 0.1),
            (9, 16.0, 0.004_508, 0.35),
            (11, 78.0, 0.036_848, 0.1),
            (11, 46.0, 0.005_491, 0.3),
        ] {
            let size = f64::from(n);
            let rho = 1.0 - 6.0 * squares / (size * (size * size - 1.0));
            let p = approximated(rho, n as usize).unwrap();
            assert!((p / counted - 1.0).abs() < allowed, "{p} and {counted}");
            assert_eq!(Some(p), approximated(-rho, n as usize));
        }
    }

    #[test]
    fn a_straight_order_of_many_is_not_impossible() {
        let x: Vec<f64> = (0..10).map(f64::from).collect();
        let found = rank_correlation(&x, &x).unwrap();
        assert!((found.rho - 1.0).abs() < 1e-15 && (found.p_value * 3_628_800.0 - 2.0).abs() < 1e-9);
        // With ties, by Pearson's formula on the ranks 1, 2.5, 2.5, 4, ...
        let tied = rank_correlation(&[1.0, 2.0, 2.0, 4.0], &[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert!((tied.rho - 4.5 / (4.5f64 * 5.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn too_little_gives_nothing() {
        assert_eq!(rank_correlation(&[1.0, 2.0], &[1.0, 2.0]), None);
        assert_eq!(rank_correlation(&[1.0, 2.0, 3.0], &[1.0, 2.0]), None);
        assert_eq!(rank_correlation(&[1.0, 2.0, 3.0], &[5.0, 5.0, 5.0]), None);
        assert_eq!(rank_correlation(&[1.0, 2.0, f64::NAN], &[1.0, 2.0, 3.0]), None);
    }
}
