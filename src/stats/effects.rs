//! What each factor of a full factorial does to a figure, alone and in pairs.

use super::compare::zero_test;
use super::interval::{Interval, mean_interval};
use std::ops::Range;

/// How far something shifts the figure from what would be expected without it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// The shift in the unit of the figure, with its t interval over replications.
    pub shift: Interval,
    /// The p-value of the hypothesis that the true shift is 0, by the t test over replications. Where many are read
    /// together, adjust them (see [`super::holm()`]).
    pub p_value: f64,
}

/// One level of one factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MainEffect {
    /// The factor, by its place in the layout.
    pub factor: usize,
    /// The level, by its place among those of the factor.
    pub level: usize,
    /// The mean over all cells with this level less the mean over all cells. Over the levels of a factor these add up to 0.
    pub effect: Effect,
}

/// One pair of levels of two factors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interaction {
    /// The two factors by their places in the layout, ascending.
    pub factors: [usize; 2],
    /// The level of each of them.
    pub levels: [usize; 2],
    /// The mean over all cells with both levels, less the overall mean and the two main effects: what the pair does beyond the
    /// sum of the two. Over the levels of either factor these add up to 0.
    pub effect: Effect,
}

/// The effects of a full factorial.
#[derive(Debug, Clone, PartialEq)]
pub struct Effects {
    /// The mean over all cells.
    pub grand_mean: Interval,
    /// By factor, then by level.
    pub main: Vec<MainEffect>,
    /// By pair of factors, then by pair of levels, the level of the second factor running fastest.
    pub interactions: Vec<Interaction>,
}

/// The main effects and two-factor interactions of a full factorial (Montgomery 2017, chapter 5; Law 2015, chapter 12), each
/// computed within every replication and then averaged, with a t interval over the replications.
///
/// `levels` says how many levels each factor has. `cells` holds for each combination of levels one figure per replication;
/// the combinations are in row-major order, the level of the last factor running fastest. Because a shift is computed within
/// a replication, common random numbers cancel from it, and no equality of variances over the cells is assumed: only that
/// the replications are independent and the shifts about normal. Higher interactions are not separated; they average out of
/// what is shown. A shift within the rounding of its own sums counts as 0.
///
/// Nothing where there is no factor, one has no level, the number of cells is not the product of the levels, the cells differ in
/// their numbers of replications or have fewer than two, a figure is not finite, or `confidence` is not strictly
/// between 0 and 1.
#[must_use]
pub fn factorial_effects(levels: &[usize], cells: &[Vec<f64>], confidence: f64) -> Option<Effects> {
    let layout = Layout::new(levels, cells)?;
    let grand = layout.marginal(&[]);
    let alone: Vec<Vec<Vec<f64>>> = (0..levels.len()).map(|factor| layout.marginal(&[factor])).collect();
    let mut main = Vec::new();
    for (factor, means) in alone.iter().enumerate() {
        for (level, mean) in means.iter().enumerate() {
            let shift = layout.shift(|r| mean[r] - grand[0][r]);
            main.push(MainEffect { factor, level, effect: effect(&shift, confidence)? });
        }
    }
    let mut interactions = Vec::new();
    for (a, b) in pairs(levels.len()) {
        for (place, mean) in layout.marginal(&[a, b]).iter().enumerate() {
            let (i, j) = (place / levels[b], place % levels[b]);
            let shift = layout.shift(|r| mean[r] - alone[a][i][r] - alone[b][j][r] + grand[0][r]);
            interactions.push(Interaction { factors: [a, b], levels: [i, j], effect: effect(&shift, confidence)? });
        }
    }
    Some(Effects { grand_mean: mean_interval(&grand[0], confidence)?, main, interactions })
}

fn effect(shift: &[f64], confidence: f64) -> Option<Effect> {
    zero_test(shift, confidence).map(|(shift, p_value)| Effect { shift, p_value })
}

fn pairs(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).flat_map(move |a| (a + 1..n).map(move |b| (a, b)))
}

/// A checked layout with its figures.
struct Layout<'a> {
    levels: &'a [usize],
    cells: &'a [Vec<f64>],
    /// By replication, what rounding may put into a shift.
    rounding: Vec<f64>,
}

impl<'a> Layout<'a> {
    fn new(levels: &'a [usize], cells: &'a [Vec<f64>]) -> Option<Self> {
        let size = levels.iter().try_fold(1usize, |size, &levels| size.checked_mul(levels))?;
        let replications = cells.first()?.len();
        let sound = |cell: &Vec<f64>| cell.len() == replications && cell.iter().all(|figure| figure.is_finite());
        if levels.is_empty() || size != cells.len() || replications < 2 || !cells.iter().all(sound) {
            return None;
        }
        // Each of up to four means is off by at most (cells) roundings of the largest figure (Higham 2002, section 4.2).
        let roundings = 4.0 * cells.len() as f64 * f64::EPSILON;
        let largest = |r: usize| cells.iter().map(|cell| cell[r].abs()).fold(0.0, f64::max);
        let rounding = (0..replications).map(|r| roundings * largest(r)).collect();
        Some(Self { levels, cells, rounding })
    }

    fn replications(&self) -> Range<usize> {
        0..self.rounding.len()
    }

    /// For each combination of levels of the given factors, in row-major order, the mean over all cells that have it, by
    /// replication.
    fn marginal(&self, factors: &[usize]) -> Vec<Vec<f64>> {
        let combinations: usize = factors.iter().map(|&factor| self.levels[factor]).product();
        let mut sums = vec![vec![0.0; self.rounding.len()]; combinations];
        for (place, cell) in self.cells.iter().enumerate() {
            let at = factors.iter().fold(0, |at, &factor| at * self.levels[factor] + self.level_of(place, factor));
            sums[at].iter_mut().zip(cell).for_each(|(sum, figure)| *sum += figure);
        }
        let each = (self.cells.len() / combinations) as f64;
        sums.iter_mut().flatten().for_each(|sum| *sum /= each);
        sums
    }

    fn level_of(&self, place: usize, factor: usize) -> usize {
        let stride: usize = self.levels[factor + 1..].iter().product();
        place / stride % self.levels[factor]
    }

    fn shift(&self, of: impl Fn(usize) -> f64) -> Vec<f64> {
        let beyond_rounding = |r| Some(of(r)).filter(|shift| shift.abs() > self.rounding[r]).unwrap_or(0.0);
        self.replications().map(beyond_rounding).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12, "{a} and {b}");
    }

    /// Two replications of a 2x2: 1 2 / 3 8 and 3 4 / 5 14. Means by replication 3.5 and 6.5; second level of the first factor
    /// 5.5 and 9.5, of the second 5 and 9; the corner of both 8 and 14.
    #[test]
    fn two_by_two_by_hand() {
        let cells = [vec![1.0, 3.0], vec![2.0, 4.0], vec![3.0, 5.0], vec![8.0, 14.0]];
        let effects = factorial_effects(&[2, 2], &cells, 0.95).unwrap();
        close(effects.grand_mean.mean, 5.0);
        // Shifts 2 and 3, and 1.5 and 2.5.
        close(effects.main[1].effect.shift.mean, 2.5);
        close(effects.main[3].effect.shift.mean, 2.0);
        assert_eq!((effects.main[3].factor, effects.main[3].level), (1, 1));
        // The half-width of two values one apart is t(0.975, 1) / 2.
        close(effects.main[1].effect.shift.half_width, 12.706_204_736_174_7 / 2.0);
        // 8 - 5.5 - 5 + 3.5 = 1 and 14 - 9.5 - 9 + 6.5 = 2: t = 3 with one degree, p = 2/pi atan(1/3).
        let corner = effects.interactions[3];
        assert_eq!((corner.factors, corner.levels), ([0, 1], [1, 1]));
        close(corner.effect.shift.mean, 1.5);
        close(corner.effect.p_value, 2.0 / std::f64::consts::PI * (1f64 / 3.0).atan());
        close(effects.interactions[1].effect.shift.mean, -1.5);
    }

    /// A 3x2: 1 2 / 4 5 / 7 14, the same in both replications but for a shift of 10. Overall 5.5; rows 1.5, 4.5, 10.5; columns 4,
    /// 7.
    #[test]
    fn three_by_two_by_hand() {
        let cells: Vec<Vec<f64>> = [1.0, 2.0, 4.0, 5.0, 7.0, 14.0].iter().map(|&x| vec![x, x + 10.0]).collect();
        let effects = factorial_effects(&[3, 2], &cells, 0.95).unwrap();
        let main: Vec<f64> = effects.main.iter().map(|main| main.effect.shift.mean).collect();
        assert_eq!(main, [-4.0, -1.0, 5.0, -1.5, 1.5]);
        let pairs: Vec<f64> = effects.interactions.iter().map(|pair| pair.effect.shift.mean).collect();
        assert_eq!(pairs, [1.0, -1.0, 1.0, -1.0, -2.0, 2.0]);
        let places: Vec<[usize; 2]> = effects.interactions.iter().map(|pair| pair.levels).collect();
        assert_eq!(places, [[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [2, 1]]);
        // What the replications share cancels from the shifts, not from the mean.
        assert!(effects.main.iter().all(|main| main.effect.shift.half_width == 0.0 && main.effect.p_value == 0.0));
        assert!(effects.grand_mean.half_width > 10.0);
    }

    #[test]
    fn three_factors_find_their_cells() {
        // The figure is 100 a + 10 b + c: no interaction, whatever the rounding.
        let (levels, mut cells) = ([2, 3, 2], Vec::new());
        for (a, b, c) in (0..12).map(|place| (place / 6, place / 2 % 3, place % 2)) {
            cells.push((0..3).map(|r| f64::from(100 * a + 10 * b + c + r) / 7.0).collect());
        }
        let effects = factorial_effects(&levels, &cells, 0.9).unwrap();
        let main: Vec<f64> = effects.main.iter().map(|main| (main.effect.shift.mean * 7.0 * 2.0).round()).collect();
        assert_eq!(main, [-100.0, 100.0, -20.0, 0.0, 20.0, -1.0, 1.0]);
        assert_eq!(effects.interactions.len(), 6 + 4 + 6);
        assert!(effects.interactions.iter().all(|pair| pair.effect.shift.mean == 0.0 && pair.effect.p_value == 1.0));
        assert_eq!(effects.main[3].effect.p_value, 1.0);
    }

    #[test]
    fn what_is_no_factorial_gives_nothing() {
        let cell = vec![1.0, 2.0];
        assert_eq!(factorial_effects(&[], std::slice::from_ref(&cell), 0.95), None);
        assert_eq!(factorial_effects(&[2, 2], &vec![cell.clone(); 3], 0.95), None);
        assert_eq!(factorial_effects(&[2, 0], &[], 0.95), None);
        assert_eq!(factorial_effects(&[usize::MAX, 3], std::slice::from_ref(&cell), 0.95), None);
        assert_eq!(factorial_effects(&[2], &[cell.clone(), vec![1.0]], 0.95), None);
        assert_eq!(factorial_effects(&[2], &[cell.clone(), vec![1.0, f64::NAN]], 0.95), None);
        assert_eq!(factorial_effects(&[2], &[vec![1.0], vec![1.0]], 0.95), None);
        assert_eq!(factorial_effects(&[2], &[cell.clone(), cell.clone()], 0.0), None);
        let single = factorial_effects(&[1, 2], &[cell.clone(), cell], 0.95).unwrap();
        assert!(single.main.iter().all(|main| main.effect.shift.mean == 0.0));
    }
}
