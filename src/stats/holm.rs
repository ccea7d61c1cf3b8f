//! Many comparisons at once, by Holm's step-down method.

/// The p-values adjusted for there being m of them (Holm 1979, Scandinavian Journal of Statistics 6; as adjusted p-values by
/// Wright 1992): in ascending order, the i-th of them, counted from 1, becomes the largest of (m - j + 1) p(j) over j <= i, at
/// most 1. They stand in the order given.
///
/// Rejecting those at most alpha makes a false rejection among all with probability at most alpha, however the tests depend
/// on one another and whichever hypotheses are true. A p-value that is not a number counts as 1: its comparison is one
/// of the m, and is never rejected for an alpha below 1.
#[must_use]
pub fn holm_adjusted(p_values: &[f64]) -> Vec<f64> {
    let clean: Vec<f64> = p_values.iter().map(|p| if p.is_nan() { 1.0 } else { p.clamp(0.0, 1.0) }).collect();
    let mut order: Vec<usize> = (0..clean.len()).collect();
    order.sort_by(|&a, &b| clean[a].total_cmp(&clean[b]));
    let mut adjusted = vec![1.0; clean.len()];
    let mut largest: f64 = 0.0;
    for (rank, place) in order.into_iter().enumerate() {
        largest = largest.max((clean.len() - rank) as f64 * clean[place]).min(1.0);
        adjusted[place] = largest;
    }
    adjusted
}

/// Which hypotheses fall when false rejections among all of them together may happen with probability `alpha`: those whose
/// [adjusted p-value](holm_adjusted) is at most `alpha`.
#[must_use]
pub fn holm(p_values: &[f64], alpha: f64) -> Vec<bool> {
    holm_adjusted(p_values).into_iter().map(|p| p <= alpha).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn by_hand() {
        // Ascending: 0.01 x 4, 0.02 x 3, 0.03 x 2 raised to what stands before, 0.5 x 1.
        let adjusted = holm_adjusted(&[0.03, 0.01, 0.5, 0.02]);
        for (value, expected) in adjusted.iter().zip([0.06, 0.04, 0.5, 0.06]) {
            assert!((value - expected).abs() < 1e-15, "{value} and {expected}");
        }
        assert_eq!(holm(&[0.03, 0.01, 0.5, 0.02], 0.05), [false, true, false, false]);
        assert_eq!(holm(&[0.03, 0.01, 0.5, 0.02], 0.06), [true, true, false, true]);
    }

    #[test]
    fn the_first_failure_stops_all_that_follow() {
        // 0.02 alone would pass its own step, 0.04 / 2, but the one before it, 0.019 > 0.04 / 3, did not.
        assert_eq!(holm(&[0.019, 0.02, 0.001, 0.9], 0.04), [false, false, true, false]);
    }

    #[test]
    fn what_is_not_a_number_is_a_comparison_that_found_nothing() {
        assert_eq!(holm_adjusted(&[f64::NAN, 0.01]), [1.0, 0.02]);
        assert_eq!(holm(&[], 0.05), Vec::<bool>::new());
        assert_eq!(holm(&[0.0], f64::NAN), [false]);
    }

    proptest! {
        /// The definition word by word: go up the sorted values while p(j) (m - j + 1) <= alpha.
        #[test]
        fn as_defined(p_values in prop::collection::vec(0.0..0.3f64, 1..12), alpha in 0.0..1.0f64) {
            let mut sorted = p_values.clone();
            sorted.sort_by(f64::total_cmp);
            let m = sorted.len();
            let steps = sorted.iter().enumerate().take_while(|(j, p)| **p * (m - j) as f64 <= alpha).count();
            let rejected = holm(&p_values, alpha);
            prop_assert_eq!(rejected.iter().filter(|rejected| **rejected).count(), steps);
            for (p, rejected) in p_values.iter().zip(rejected) {
                prop_assert_eq!(rejected, sorted[..steps].contains(p));
            }
        }
    }
}
