//! The best of several systems with a stated probability, by dropping the losers one after the other.

use super::sample::variance;

/// What a selection promises, and how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SelectionRule {
    /// The probability of a correct selection: above 1/k for k systems (what a blind guess has), below 1.
    pub probability: f64,
    /// The smallest difference of true means that matters, in the unit of the figures; above 0 and finite.
    pub indifference: f64,
    /// Whether the smallest mean is the best, or the largest.
    pub smallest_is_best: bool,
    /// How many replications of every system are made before the first is dropped; at least 2. The variances come from
    /// these alone. Ten or twenty are usual: few make the boundaries wide, many may be more than needed.
    pub first_stage: usize,
}

/// How far a selection has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The systems not dropped, ascending; never empty.
    pub alive: Vec<usize>,
    /// For each system after how many replications it was dropped.
    pub eliminated_at: Vec<Option<usize>>,
    /// The system selected, once only one is left.
    pub decided: Option<usize>,
    /// How many replications of the systems alive were looked at.
    pub replications: usize,
    /// With how many replications of the systems alive the selection ends at the latest; nothing before the first stage is
    /// complete.
    pub at_most: Option<u64>,
}

/// The fully sequential procedure KN of Kim & Nelson 2001 (ACM Transactions on Modeling and Computer Simulation 11, 251-273),
/// with c = 1, played over the replications there are.
///
/// `figures` holds for each system one figure per replication, paired by replication (common random numbers are welcome and make
/// it faster). Of a system that was dropped no further figures are needed; what stands beyond the decision is not looked
/// at. So the answer for a longer prefix continues that for a shorter one: whoever simulates calls this again
/// after each step and makes replications of `alive` only, until `decided`.
///
/// With alpha = 1 - probability, k systems, first stage n0 and indifference d:
/// `eta = ((2 alpha / (k - 1))^(-2 / (n0 - 1)) - 1) / 2` and `h^2 = 2 eta (n0 - 1)`, and `S_il^2` is the variance of the
/// differences of i and l over the first n0 replications. After each replication r from n0 on, i is dropped if its mean is worse
/// than that of some l still alive by more than `W_il(r) = max(0, d/(2r) (h^2 S_il^2 / d^2 - r))`. Once all `W_il(r)` are 0 the
/// best mean wins, the first of equal ones.
///
/// The guarantee (their theorem 1): where replications are independent and normal, with any variances and correlations of
/// the systems, and the best true mean is better than every other by at least d, the best is selected with at least the
/// probability. It is silent where another mean lies within d of the best: a selected system within d of the best is
/// then what experience shows, but for more than two systems the theorem does not contain it (Eckman & Henderson 2021, ACM
/// Transactions on Modeling and Computer Simulation 31, on such guarantees).
///
/// Nothing where there is no system, the rule is out of its ranges, or a figure looked at is not finite.
#[must_use]
pub fn kim_nelson(figures: &[Vec<f64>], rule: &SelectionRule) -> Option<Selection> {
    let factor = rule.boundary(figures.len())?;
    let mut race = Race::new(figures, *rule);
    while race.selection.decided.is_none() && race.advance()? {
        if race.selection.replications == rule.first_stage {
            race.set_ends(factor)?;
        }
        if race.selection.replications >= rule.first_stage {
            race.eliminate();
        }
    }
    Some(race.selection)
}

impl SelectionRule {
    /// h^2 / d^2, the factor from the variance of a difference to the replication at which its boundary closes; nothing where
    /// the rule is out of its ranges for `k` systems. For one system there is nothing to compare.
    fn boundary(&self, k: usize) -> Option<f64> {
        let guess = if k == 1 { 0.0 } else { 1.0 / k as f64 };
        let sensible = self.probability > guess && self.probability < 1.0 && self.indifference > 0.0 && self.first_stage >= 2;
        if k == 0 || !sensible || self.indifference.is_infinite() {
            return None;
        }
        let degrees = (self.first_stage - 1) as f64;
        let share = 2.0 * (1.0 - self.probability) / (k as f64 - 1.0).max(1.0);
        let eta = 0.5 * (libm::pow(share, -2.0 / degrees) - 1.0);
        Some(2.0 * eta * degrees / self.indifference / self.indifference)
    }
}

/// The sums of all systems and the boundaries between them.
struct Race<'a> {
    figures: &'a [Vec<f64>],
    rule: SelectionRule,
    /// The sum of each system alive, turned so that the largest is the best.
    sums: Vec<f64>,
    /// `h^2 S_il^2 / d^2` by row i and column l: the replication at which the boundary between the two closes.
    ends: Vec<f64>,
    selection: Selection,
}

impl<'a> Race<'a> {
    fn new(figures: &'a [Vec<f64>], rule: SelectionRule) -> Self {
        let k = figures.len();
        let selection = Selection {
            alive: (0..k).collect(),
            eliminated_at: vec![None; k],
            decided: (k == 1).then_some(0),
            replications: 0,
            at_most: None,
        };
        Self { figures, rule, sums: vec![0.0; k], ends: vec![0.0; k * k], selection }
    }

    /// Takes the next replication in, if all systems alive have it; nothing where a figure is not finite.
    fn advance(&mut self) -> Option<bool> {
        let next = self.selection.replications;
        if self.selection.alive.iter().any(|&system| self.figures[system].len() <= next) {
            return Some(false);
        }
        for &system in &self.selection.alive {
            let figure = self.figures[system][next];
            self.sums[system] += if self.rule.smallest_is_best { -figure } else { figure };
            if !self.sums[system].is_finite() {
                return None;
            }
        }
        self.selection.replications += 1;
        Some(true)
    }

    fn set_ends(&mut self, factor: f64) -> Option<()> {
        let first = |system: usize| &self.figures[system][..self.rule.first_stage];
        let k = self.figures.len();
        for i in 0..k {
            for l in 0..i {
                let differences: Vec<f64> = first(i).iter().zip(first(l)).map(|(x, y)| x - y).collect();
                let end = factor * variance(&differences)?;
                if end.is_nan() {
                    return None;
                }
                (self.ends[i * k + l], self.ends[l * k + i]) = (end, end);
            }
        }
        Some(())
    }

    /// How far the sum of one may lie behind that of the other, `r W_il(r)`.
    fn slack(&self, i: usize, l: usize) -> f64 {
        let rest = self.ends[i * self.figures.len() + l] - self.selection.replications as f64;
        0.5 * self.rule.indifference * rest.max(0.0)
    }

    /// Drops who lies too far behind somebody, all judged against the same field; at the end, all but the first of the best.
    fn eliminate(&mut self) {
        let (lost, stay): (Vec<usize>, Vec<usize>) = self
            .selection
            .alive
            .iter()
            .partition(|&&i| self.selection.alive.iter().any(|&l| self.sums[i] < self.sums[l] - self.slack(i, l)));
        let end =
            stay.iter().flat_map(|&i| stay.iter().map(move |&l| (i, l))).map(|(i, l)| self.ends[i * self.figures.len() + l]);
        let end = end.fold(0.0, f64::max);
        // Past all boundaries only equal sums are left.
        let kept = if end <= self.selection.replications as f64 { 1 } else { stay.len() };
        for &system in lost.iter().chain(&stay[kept..]) {
            self.selection.eliminated_at[system] = Some(self.selection.replications);
        }
        self.selection.at_most = Some((end.ceil() as u64).max(self.selection.replications as u64));
        self.selection.alive = stay[..kept].to_vec();
        self.selection.decided = (kept == 1).then(|| stay[0]);
        if kept == 1 {
            self.selection.at_most = Some(self.selection.replications as u64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: SelectionRule = SelectionRule { probability: 0.95, indifference: 1.0, smallest_is_best: false, first_stage: 3 };

    /// Three systems: the first better than the second by 1 and -1 in turn, the third far behind.
    fn figures(n: usize) -> Vec<Vec<f64>> {
        let second = (0..n).map(|r| if r % 2 == 0 { -1.0 } else { 1.0 });
        vec![vec![0.0; n], second.collect(), vec![-1e3; n]]
    }

    /// k = 3, alpha = 0.05, n0 = 3: eta = (0.05^-1 - 1)/2 = 9.5 and h^2 = 38. The differences of the first two, 1, -1 and 1, have
    /// the variance 4/3, so their boundary closes at 38 x 4/3 = 50.67. The first leads by 1 after each odd replication; that is
    /// less than (50.67 - 47)/2 after the 47th and more than (50.67 - 49)/2 after the 49th. At the latest it would have been the
    /// 51st.
    #[test]
    fn a_race_by_hand() {
        let race = kim_nelson(&figures(200), &RULE).unwrap();
        assert_eq!((race.decided, race.replications, race.at_most), (Some(0), 49, Some(49)));
        assert_eq!(race.eliminated_at, [None, Some(49), Some(3)]);
        let open = kim_nelson(&figures(48), &RULE).unwrap();
        assert_eq!((open.alive, open.decided, open.at_most), (vec![0, 1], None, Some(51)));
        // The other way round the last one is far ahead, and it ends with the first stage.
        let smallest = kim_nelson(&figures(50), &SelectionRule { smallest_is_best: true, ..RULE }).unwrap();
        assert_eq!((smallest.decided, smallest.replications), (Some(2), 3));
    }

    /// At replication 5 a lead may be (50.67 - 5)/2 = 22.83: 23 is too much, 22 is not.
    #[test]
    fn the_boundary_shrinks_as_it_should() {
        for (lead, decided) in [(23.0, Some(0)), (22.0, None)] {
            let mut figures = figures(5);
            figures[1][3] = 1.0 - lead;
            figures[1][4] = -1.0;
            let behind: f64 = figures[1].iter().sum();
            figures[0][4] = behind + lead;
            assert_eq!(kim_nelson(&figures, &RULE).unwrap().decided, decided, "{lead}");
        }
    }

    #[test]
    fn a_longer_prefix_continues_a_shorter_one() {
        let whole = figures(60);
        let last = kim_nelson(&whole, &RULE).unwrap();
        for n in 0..60 {
            let mut part: Vec<Vec<f64>> = whole.iter().map(|all| all[..n].to_vec()).collect();
            // The dropped one is not simulated any more.
            part[2].truncate(3);
            let race = kim_nelson(&part, &RULE).unwrap();
            assert_eq!(race.replications, n.min(49));
            for (now, then) in race.eliminated_at.iter().zip(&last.eliminated_at) {
                assert_eq!(*now, then.filter(|&at| at <= n));
            }
        }
    }

    #[test]
    fn single_equal_and_missing_systems() {
        let one = kim_nelson(&[vec![]], &RULE).unwrap();
        assert_eq!((one.decided, one.replications), (Some(0), 0));
        let equal = kim_nelson(&vec![vec![2.0, 3.0, 5.0, 7.0]; 3], &RULE).unwrap();
        assert_eq!((equal.decided, equal.eliminated_at), (Some(0), vec![None, Some(3), Some(3)]));
        assert_eq!(kim_nelson(&[], &RULE), None);
        let none = kim_nelson(&[vec![], vec![1.0]], &RULE).unwrap();
        assert_eq!((none.alive, none.decided, none.replications, none.at_most), (vec![0, 1], None, 0, None));
    }

    #[test]
    fn senseless_rules_and_figures_give_nothing() {
        for rule in [
            SelectionRule { probability: 1.0 / 3.0, ..RULE },
            SelectionRule { probability: 1.0, ..RULE },
            SelectionRule { indifference: 0.0, ..RULE },
            SelectionRule { indifference: f64::NAN, ..RULE },
            SelectionRule { first_stage: 1, ..RULE },
        ] {
            assert_eq!(kim_nelson(&figures(9), &rule), None, "{rule:?}");
        }
        let mut bad = figures(60);
        bad[1][40] = f64::NAN;
        assert_eq!(kim_nelson(&bad, &RULE), None);
        bad = figures(60);
        bad[1][55] = f64::NAN;
        assert_eq!(kim_nelson(&bad, &RULE).and_then(|race| race.decided), Some(0));
    }
}
