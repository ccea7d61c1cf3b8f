//! Envoy's levels of priority: how load is split over them, and which of them are in panic.
//!
//! Source: Envoy, `source/extensions/load_balancing_policies/common/load_balancer_impl.cc` (`recalculatePerPriorityState`,
//! `distributeLoad`, `recalculatePerPriorityPanic`, `recalculateLoadInTotalPanic`), and the page "Priority levels" of its
//! documentation, which rounds where the code cuts off. All percentages are whole numbers, cut off.

/// Percent that a level can carry for each percent of its servers that are healthy (`overprovisioning_factor`).
const OVERPROVISIONING: u64 = 140;

/// What one level of priority gets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelLoad {
    /// Share of the requests, a whole number of percent as a fraction; those of all levels add up to 1.
    pub share: f64,
    /// Whether it sends to all of its servers, healthy or not. If not and none is healthy, its requests find no server.
    pub in_panic: bool,
}

/// The loads of levels of (healthy, all) servers, the first level first. `threshold`: a level is in panic below this fraction of
/// healthy servers (to whole percent; 0 = never), but only where all levels together cannot carry the load.
#[must_use]
pub fn level_loads(levels: &[(u32, u32)], threshold: f64) -> Vec<LevelLoad> {
    let threshold = libm::round(threshold * 100.0);
    let health: Vec<u64> = levels.iter().map(|&level| health(level)).collect();
    let total = health.iter().sum::<u64>().min(100);
    let in_panic = |&(healthy, all): &(u32, u32)| {
        let percent = if all == 0 { 0.0 } else { 100.0 * f64::from(healthy) / f64::from(all) };
        total < 100 && percent < threshold
    };
    let panics: Vec<bool> = levels.iter().map(in_panic).collect();
    let percents = if panics.iter().all(|&in_panic| in_panic) {
        by_servers(levels)
    } else if total == 0 {
        // Without panic nobody can serve: which level does not matter.
        rest_to_first(vec![0; levels.len()], |_| true)
    } else {
        by_health(&health, total)
    };
    let load = |(percent, in_panic): (u64, bool)| LevelLoad { share: percent as f64 / 100.0, in_panic };
    percents.into_iter().zip(panics).map(load).collect()
}

/// What a level can carry, in percent of all load.
fn health((healthy, all): (u32, u32)) -> u64 {
    (OVERPROVISIONING * u64::from(healthy)).checked_div(u64::from(all)).map_or(0, |percent| percent.min(100))
}

/// As much to each level as it can carry, the first level first.
fn by_health(health: &[u64], total: u64) -> Vec<u64> {
    let mut left = 100;
    let take = |health: &u64| {
        let part = (health * 100 / total).min(left);
        left -= part;
        part
    };
    let parts = health.iter().map(take).collect();
    rest_to_first(parts, |level| health[level] > 0)
}

/// By the number of servers, healthy or not: all levels are in panic.
fn by_servers(levels: &[(u32, u32)]) -> Vec<u64> {
    let total: u64 = levels.iter().map(|level| u64::from(level.1)).sum();
    let part = |level: &(u32, u32)| (100 * u64::from(level.1)).checked_div(total).unwrap_or(0);
    rest_to_first(levels.iter().map(part).collect(), |level| total == 0 || levels[level].1 > 0)
}

/// What cutting off has left goes to the first level that can be used.
fn rest_to_first(mut parts: Vec<u64>, usable: impl Fn(usize) -> bool) -> Vec<u64> {
    let rest = 100 - parts.iter().sum::<u64>();
    if let Some(first) = (0..parts.len()).find(|&level| usable(level)) {
        parts[first] += rest;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Percentages, with `!` where the level is in panic.
    fn loads(levels: &[(u32, u32)], threshold: f64) -> String {
        let show = |load: LevelLoad| format!("{:.0}{}", load.share * 100.0, if load.in_panic { "!" } else { "" });
        level_loads(levels, threshold).into_iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn one_level_gets_all_and_panics_strictly_below_the_threshold() {
        assert_eq!(loads(&[(4, 4)], 0.5), "100");
        assert_eq!(loads(&[(2, 4)], 0.5), "100");
        assert_eq!(loads(&[(1, 4)], 0.5), "100!");
        assert_eq!(loads(&[(0, 4)], 0.5), "100!");
        assert_eq!(loads(&[(0, 4)], 0.0), "100");
        // Enough are healthy to carry all: no panic, however high the threshold.
        assert_eq!(loads(&[(75, 100)], 1.0), "100");
        assert_eq!(loads(&[(71, 100)], 1.0), "100!");
        assert_eq!(loads(&[(7, 100)], 0.07), "100");
    }

    #[test]
    fn load_spills_over_from_the_first_level() {
        assert_eq!(loads(&[(72, 100), (100, 100)], 0.5), "100 0");
        assert_eq!(loads(&[(71, 100), (100, 100)], 0.5), "99 1");
        assert_eq!(loads(&[(50, 100), (100, 100)], 0.5), "70 30");
        assert_eq!(loads(&[(25, 100), (100, 100)], 0.5), "35 65");
        assert_eq!(loads(&[(0, 100), (100, 100)], 0.5), "0 100");
        assert_eq!(loads(&[(25, 100), (25, 100), (100, 100)], 0.5), "35 35 30");
        assert_eq!(loads(&[(0, 0), (1, 2), (0, 1)], 0.5), "0! 100 0!");
    }

    #[test]
    fn levels_that_cannot_carry_the_load_share_it_and_panic() {
        assert_eq!(loads(&[(25, 100), (25, 100)], 0.5), "50! 50!");
        // 7 and 91 of 98, cut off to 7 and 92 %; the remaining percent goes to the first level.
        assert_eq!(loads(&[(5, 100), (65, 100)], 0.5), "8! 92");
    }

    #[test]
    fn where_all_panic_the_number_of_servers_counts() {
        assert_eq!(loads(&[(0, 1), (0, 2)], 0.5), "34! 66!");
        assert_eq!(loads(&[(1, 5), (0, 15)], 0.5), "25! 75!");
        assert_eq!(loads(&[(0, 0), (0, 3), (0, 0)], 0.5), "0! 100! 0!");
        assert_eq!(loads(&[(0, 0), (0, 0)], 0.5), "100! 0!");
        assert_eq!(loads(&[(0, 4), (0, 4)], 0.0), "100 0");
        assert_eq!(level_loads(&[], 0.5), []);
    }

    #[test]
    fn shares_always_add_up() {
        for healthy in 0..=7 {
            for other in 0..=3 {
                for third in 0..=11 {
                    for threshold in [0.0, 0.3, 0.5, 1.0] {
                        let loads = level_loads(&[(healthy, 7), (other, 3), (third, 11)], threshold);
                        let percents: f64 = loads.iter().map(|load| load.share * 100.0).sum();
                        assert!((percents - 100.0).abs() < 1e-9, "{loads:?}");
                    }
                }
            }
        }
    }
}
