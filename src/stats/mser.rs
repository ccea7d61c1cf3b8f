//! Where the warm-up ends: the marginal standard error rule.

use super::sample::mean;

/// Where the MSER rule cuts a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Truncation {
    /// Batches to drop from the front.
    pub truncate_batches: usize,
    /// Values to drop from the front.
    pub truncate_values: usize,
    /// The least value of the statistic, in the squared unit of the values.
    pub value: f64,
    /// The mean of the complete batches that remain.
    pub truncated_mean: f64,
    /// Complete batches in the series.
    pub batches: usize,
    /// Whether the cut lies before the end of the search, half of the batches. A cut at the end means that the series is
    /// too short for its transient, and the truncated mean is not to be trusted.
    pub converged: bool,
}

/// The MSER rule (White 1997; White, Cobb & Spratt 2000), MSER-5 with `batch` = 5.
///
/// The values become k means Z of `batch` values each, an incomplete last batch dropped. Of all cuts d from 0 to
/// floor(k/2) batches, the one with the least sum over j > d of `(Z_j - mean after d)^2 / (k - d)^2`, the smaller d on ties.
/// Nothing where there is no complete batch, `batch` is 0, or a value is not finite.
#[must_use]
pub fn mser(values: &[f64], batch: usize) -> Option<Truncation> {
    if batch == 0 || !values.iter().all(|value| value.is_finite()) {
        return None;
    }
    let means: Vec<f64> = values.chunks_exact(batch).filter_map(mean).collect();
    let last_cut = means.len() / 2;
    let mut best: Option<Truncation> = None;
    // From the end on, with the running mean and squared deviations of Welford 1962: one pass, nothing cancels.
    let (mut kept, mut centre, mut squares) = (0.0, 0.0, 0.0);
    for (cut, mean) in means.iter().enumerate().rev() {
        kept += 1.0;
        let delta = mean - centre;
        centre += delta / kept;
        squares += delta * (mean - centre);
        let value = squares / (kept * kept);
        if cut <= last_cut && best.is_none_or(|best| value <= best.value) {
            best = Some(Truncation {
                truncate_batches: cut,
                truncate_values: cut * batch,
                value,
                truncated_mean: centre,
                batches: means.len(),
                converged: cut < last_cut,
            });
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition as it is written, two passes for every cut: the statistic and the mean of what remains.
    fn by_definition(means: &[f64], cut: usize) -> (f64, f64) {
        let rest = &means[cut..];
        let n = rest.len() as f64;
        let centre = rest.iter().sum::<f64>() / n;
        (rest.iter().map(|z| (z - centre) * (z - centre)).sum::<f64>() / (n * n), centre)
    }

    proptest! {
        #[test]
        fn the_cut_is_the_least_by_definition(values in prop::collection::vec(0.0f64..10.0, 1..80), batch in 1usize..6) {
            let means: Vec<f64> = values.chunks_exact(batch).filter_map(mean).collect();
            prop_assume!(!means.is_empty());
            let found = mser(&values, batch).unwrap();
            let least = (0..=means.len() / 2).map(|cut| by_definition(&means, cut).0).fold(f64::INFINITY, f64::min);
            let (value, centre) = by_definition(&means, found.truncate_batches);
            prop_assert!((found.value - least).abs() < 1e-12 && (value - least).abs() < 1e-12);
            prop_assert!((found.truncated_mean - centre).abs() < 1e-12);
            prop_assert_eq!(found.converged, found.truncate_batches < means.len() / 2);
        }
    }

    #[test]
    fn a_transient_is_cut() {
        let run: Vec<f64> = (0..100).map(|k| if k < 20 { 100.0 } else { f64::from(k % 2) }).collect();
        let cut = mser(&run, 5).unwrap();
        assert_eq!((cut.truncate_batches, cut.truncate_values, cut.batches, cut.converged), (4, 20, 20, true));
        assert!((cut.truncated_mean - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_steady_series_keeps_everything_and_a_trend_does_not_converge() {
        let cut = mser(&[3.0; 23], 5).unwrap();
        assert_eq!((cut.truncate_batches, cut.value, cut.batches, cut.converged), (0, 0.0, 4, true));
        let trend: Vec<f64> = (0..100).map(f64::from).collect();
        let cut = mser(&trend, 1).unwrap();
        assert_eq!((cut.truncate_batches, cut.converged), (50, false));
    }

    #[test]
    fn too_little_is_nothing_or_not_converged() {
        assert_eq!(mser(&[1.0; 4], 5), None);
        assert_eq!(mser(&[1.0; 4], 0), None);
        assert_eq!(mser(&[1.0, f64::NAN], 1), None);
        assert_eq!(mser(&[1.0], 1).map(|cut| (cut.truncate_batches, cut.converged)), Some((0, false)));
    }
}
