//! The load of one server, over many replications or windows.

use super::{Across, Load};
use crate::model::Model;
use crate::observe::{Record, ServerUsage};
use crate::units::Span;

/// What replications say about the load of one of their servers, all of which are alike.
#[derive(Debug, Clone)]
pub(super) struct Loads {
    pub load: Load,
    /// How long a window is.
    each: Option<Span>,
    /// Nanoseconds of a worker that a request takes, and workers of a server; nothing where servers differ.
    request: Option<(f64, f64)>,
    /// By replication: the mean of the loads over its servers, and over its windows, and the mean of their squares.
    moments: Vec<[f64; 2]>,
}

impl Loads {
    /// None yet of `model`, whose windows are so long.
    pub fn new(load: Load, model: &Model, each: Option<Span>) -> Self {
        let request = match (&*model.parts().pools, &*model.parts().classes) {
            ([pool], [class]) => Some((class.mean_demand_secs() * 1e9 / pool.speed, f64::from(pool.workers))),
            _ => None,
        };
        Self { load, each, request, moments: Vec::new() }
    }

    /// Reads a record.
    pub fn add(&mut self, record: &Record) {
        let moments = match self.load {
            Load::Work => of_servers(record, |server| server.busy_ns as f64 * 1e-9),
            Load::Requests => of_servers(record, |server| server.served as f64),
            Load::InWindow => self.of_windows(record),
        };
        self.moments.push(moments.unwrap_or([f64::NAN; 2]));
    }

    /// A record tells of its windows how much the servers were in use and how unequally, from which follow the sums over them.
    fn of_windows(&self, record: &Record) -> Option<[f64; 2]> {
        let ((nanos, workers), each) = (self.request?, self.each?);
        let apart = record.windows.windows(2).all(|pair| pair[1].to - pair[0].to == each);
        if !apart || record.windows.len() < 2 {
            return None;
        }
        let number = record.windows.len() as f64;
        let sum = record.windows.iter().fold([0.0; 2], |[sum, squares], window| {
            let mean = window.utilization * workers * each.as_nanos() as f64 / nanos;
            [sum + mean, squares + mean * mean * (1.0 + window.imbalance.cv.powi(2))]
        });
        Some(sum.map(|sum| sum / number))
    }

    /// One value per replication, whose mean is the figure of all of them together and whose spread its standard error: that of its linear
    /// approximation (the delta method; Rice 2007, section 4.6).
    pub fn values(&self, across: Across) -> Option<Vec<f64>> {
        if self.moments.is_empty() {
            return None;
        }
        let number = self.moments.len() as f64;
        let mean = self.moments.iter().map(|[mean, _]| mean).sum::<f64>() / number;
        // About the mean of all.
        let spread = |[own, squares]: &[f64; 2]| squares - 2.0 * mean * own + mean * mean;
        let variance = self.moments.iter().map(spread).sum::<f64>() / number;
        // Each figure is a product of powers of the variance and the mean.
        let (figure, of_variance, of_mean) = match across {
            Across::Mean => (mean, 0.0, 1.0),
            Across::Std => (variance.sqrt(), 0.5, 0.0),
            Across::Cv => (variance.sqrt() / mean, 0.5, -1.0),
            Across::Dispersion => (variance / mean, 1.0, -1.0),
        };
        let value = |moments: &[f64; 2]| {
            let off = [spread(moments) / variance - 1.0, moments[0] / mean - 1.0];
            figure * (1.0 + of_variance * off[0] + of_mean * off[1])
        };
        Some(self.moments.iter().map(value).collect())
    }
}

fn of_servers(record: &Record, load: impl Fn(&ServerUsage) -> f64) -> Option<[f64; 2]> {
    let number = record.servers.len() as f64;
    let sum = record.servers.iter().map(load).fold([0.0; 2], |[sum, squares], load| [sum + load, squares + load * load]);
    (number > 0.0).then(|| sum.map(|sum| sum / number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loads(moments: &[[f64; 2]]) -> Loads {
        Loads { load: Load::Work, each: None, request: None, moments: moments.to_vec() }
    }

    #[test]
    fn values_have_the_figure_as_their_mean() {
        // Two servers in each of two replications: loads 1 and 3, 2 and 6. Their mean is 3, their variance (4 + 0 + 1 + 9) / 4.
        let loads = loads(&[[2.0, 5.0], [4.0, 20.0]]);
        let mean = |across| {
            let values = loads.values(across).unwrap();
            values.iter().sum::<f64>() / values.len() as f64
        };
        for (across, expected) in [
            (Across::Mean, 3.0),
            (Across::Std, 3.5_f64.sqrt()),
            (Across::Cv, 3.5_f64.sqrt() / 3.0),
            (Across::Dispersion, 3.5 / 3.0),
        ] {
            assert!((mean(across) - expected).abs() < 1e-12, "{across:?}");
        }
        // The spread of the squares about 3 is 2 and 5: the variance goes by its half, and its root by a half of its share of the root.
        let std = loads.values(Across::Std).unwrap();
        let expected = [2.0, 5.0].map(|own| 3.5_f64.sqrt() * (1.0 + 0.5 * (own / 3.5 - 1.0)));
        assert!(std.iter().zip(expected).all(|(value, expected)| (value - expected).abs() < 1e-12), "{std:?}");
    }

    #[test]
    fn a_replication_without_servers_leaves_no_number() {
        assert!(loads(&[[f64::NAN; 2], [1.0, 1.0]]).values(Across::Std).unwrap().iter().all(|value| value.is_nan()));
        assert_eq!(loads(&[]).values(Across::Mean), None);
    }
}
