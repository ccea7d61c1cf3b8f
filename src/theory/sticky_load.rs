//! How uneven sticky sessions of unequal work make servers.

use super::positive;

/// N sessions of independent work, each bound to one of n servers, any of them and independently of the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StickyWork {
    sessions: u32,
    servers: u32,
    mean_work: f64,
    scv_work: f64,
}

impl StickyWork {
    /// So many sessions on so many servers, each of a work of this mean (in any unit: s, requests) and squared coefficient of variation.
    /// Nothing where there is no session or no server, the mean is not above 0, or the variation negative.
    #[must_use]
    pub fn new(sessions: u32, servers: u32, mean_work: f64, scv_work: f64) -> Option<Self> {
        let sensible = sessions > 0 && servers > 0 && positive(mean_work) && scv_work >= 0.0 && scv_work.is_finite();
        sensible.then_some(Self { sessions, servers, mean_work, scv_work })
    }

    /// The mean work of one server, N E(Y) / n.
    #[must_use]
    pub fn mean(&self) -> f64 {
        f64::from(self.sessions) * self.mean_work / f64::from(self.servers)
    }

    /// The standard deviation of the work of one server, as each session brings it Y with probability 1/n and else nothing: the root
    /// of N (E(Y^2)/n - E(Y)^2/n^2) (random sums; Feller 1968, chapter XII).
    #[must_use]
    pub fn std(&self) -> f64 {
        self.mean() * self.cv()
    }

    /// The coefficient of variation of the work of one server, sqrt((n (1 + scv) - 1) / N).
    #[must_use]
    pub fn cv(&self) -> f64 {
        let servers = f64::from(self.servers);
        ((servers - 1.0 + servers * self.scv_work) / f64::from(self.sessions)).sqrt()
    }
}

/// How long a session lives, in s.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SessionDuration {
    /// Exponential with this mean.
    Exponential(f64),
    /// Always as long.
    Fixed(f64),
    /// Longer than t with probability (least/t)^shape, from `least` up: the mean is finite for a `shape` above 1 only.
    Pareto {
        /// The shortest duration.
        least: f64,
        /// The exponent of the tail, above 1.
        shape: f64,
    },
}

impl SessionDuration {
    /// The mean duration in s.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Exponential(mean) | Self::Fixed(mean) => mean,
            Self::Pareto { least, shape } => least * shape / (shape - 1.0),
        }
    }

    fn is_sensible(&self) -> bool {
        let fits = match *self {
            Self::Pareto { least, shape } => positive(least) && positive(shape) && shape > 1.0,
            Self::Exponential(_) | Self::Fixed(_) => true,
        };
        fits && positive(self.mean())
    }

    /// The integral of (w - u) E((D - u)^+) over u from 0 to w, in s^3.
    fn overlap(&self, window: f64) -> f64 {
        let w = window;
        match *self {
            // E((D - u)^+) is d exp(-u/d).
            Self::Exponential(d) => d * d * d * beyond_its_line(w / d),
            Self::Fixed(d) => while_all_live(w, d, w.min(d)),
            // It is E(D) - u up to `least`, from there on `least`^shape u^(1 - shape) / (shape - 1).
            Self::Pareto { least, shape } => {
                let early = while_all_live(w, self.mean(), w.min(least));
                if w <= least {
                    return early;
                }
                let (growth, log) = (least / (shape - 1.0), libm::log(w / least));
                early + growth * least * (w * power_integral(2.0 - shape, log) - least * power_integral(3.0 - shape, log))
            }
        }
    }
}

/// The integral of (w - u)(mean - u) over u from 0 to `end`.
fn while_all_live(w: f64, mean: f64, end: f64) -> f64 {
    end * (w * mean - end * (w + mean) / 2.0 + end * end / 3.0)
}

/// exp(-x) - (1 - x), by its series where the difference would cancel.
fn beyond_its_line(x: f64) -> f64 {
    if x < 0.01 {
        x * x / 2.0 * (1.0 - x / 3.0 * (1.0 - x / 4.0 * (1.0 - x / 5.0 * (1.0 - x / 6.0))))
    } else {
        x + libm::expm1(-x)
    }
}

/// The integral of v^(s - 1) over v from 1 to exp(`log`), (exp(s log) - 1) / s, also where s is 0.
fn power_integral(s: f64, log: f64) -> f64 {
    if s == 0.0 { log } else { libm::expm1(s * log) / s }
}

/// Sessions that come as a Poisson process, are bound to one of n servers at random, and ask at a constant rate while they live: how
/// many requests one server gets in a window, in the steady state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StickyWindow {
    mean: f64,
    variance: f64,
}

impl StickyWindow {
    /// Sessions that come to all of `servers` together at `session_rate` in 1/s and live as long as `duration` says; each asks as a
    /// Poisson process of `request_rate` in 1/s. The window is that long in s. Nothing where there is no server, one of the others is
    /// not above 0, or a figure overflows.
    ///
    /// A server has nu = rate / n new sessions a second, so that the number alive is that of an M/G/infinity queue, whose covariance at
    /// a distance of u is nu E((D - u)^+) (Cox & Isham 1980; Eick, Massey & Whitt 1993). Requests are Poisson given the integral of
    /// that number over the window w. Hence their mean is nu E(D) r w, and their variance that mean + 2 `r^2` nu times the integral of
    /// (w - u) E((D - u)^+) over u from 0 to w: for exponential durations of mean d, `d^2` (w - d (1 - exp(-w/d))).
    #[must_use]
    pub fn new(session_rate: f64, servers: u32, duration: SessionDuration, request_rate: f64, window: f64) -> Option<Self> {
        let sensible = [session_rate, request_rate, window].into_iter().all(positive) && servers > 0 && duration.is_sensible();
        if !sensible {
            return None;
        }
        let per_server = session_rate / f64::from(servers);
        let mean = per_server * duration.mean() * request_rate * window;
        let variance = mean + 2.0 * request_rate * request_rate * per_server * duration.overlap(window);
        (positive(mean) && variance.is_finite()).then_some(Self { mean, variance })
    }

    /// The mean number of requests to one server in a window.
    #[must_use]
    pub const fn mean(&self) -> f64 {
        self.mean
    }

    /// Its standard deviation.
    #[must_use]
    pub fn std(&self) -> f64 {
        self.variance.sqrt()
    }

    /// Its coefficient of variation.
    #[must_use]
    pub fn cv(&self) -> f64 {
        self.std() / self.mean
    }

    /// Its index of dispersion, variance by mean: 1 for requests spread one by one.
    #[must_use]
    pub fn index_of_dispersion(&self) -> f64 {
        self.variance / self.mean
    }
}

#[cfg(test)]
mod tests {
    use super::super::BallsInBins;
    use super::*;

    #[track_caller]
    fn near(found: f64, expected: f64, relative: f64) {
        assert!((found - expected).abs() <= relative * expected.abs(), "{found} for {expected}");
    }

    /// 400 sessions of mean work 10 with squared coefficient of variation 8 on four servers (random sums).
    #[test]
    fn figures_of_unequal_sessions() {
        let work = StickyWork::new(400, 4, 10.0, 8.0).unwrap();
        near(work.mean(), 1000.0, 1e-14);
        near(work.std(), 295.803_989_155, 1e-11);
        near(work.cv(), 0.295_803_989_155, 1e-11);
        near(StickyWork::new(400, 4, 10.0, 0.0).unwrap().cv(), 0.086_602_540_378_4, 1e-11);
    }

    /// Two sessions a second of 30 s on four servers, 0.4 requests a second each, windows of a minute (Cox & Isham 1980).
    #[test]
    fn figures_of_windows() {
        let windows = StickyWindow::new(2.0, 4, SessionDuration::Exponential(30.0), 0.4, 60.0).unwrap();
        near(windows.mean(), 360.0, 1e-14);
        near(windows.std(), 72.557_897_044_9, 1e-11);
        near(windows.cv(), 0.201_549_714_014, 1e-11);
        near(windows.index_of_dispersion(), 14.624_023_398_8, 1e-11);
    }

    #[test]
    fn equal_sessions_are_balls() {
        let (work, balls) = (StickyWork::new(70, 6, 1.0, 0.0).unwrap(), BallsInBins::new(70, 6).unwrap());
        near(work.mean(), balls.mean(), 1e-14);
        near(work.std(), balls.std(), 1e-14);
        near(work.cv() * work.cv(), balls.scv(), 1e-14);
        assert_eq!(StickyWork::new(70, 1, 1.0, 0.0).unwrap().std(), 0.0);
    }

    /// E((D - u)^+), as the definition of each kind has it.
    fn excess(duration: SessionDuration, u: f64) -> f64 {
        match duration {
            SessionDuration::Exponential(d) => d * libm::exp(-u / d),
            SessionDuration::Fixed(d) => (d - u).max(0.0),
            SessionDuration::Pareto { least, shape } if u > least => least * libm::pow(least / u, shape - 1.0) / (shape - 1.0),
            SessionDuration::Pareto { .. } => duration.mean() - u,
        }
    }

    #[test]
    fn overlaps_are_their_integrals() {
        let pareto = |shape| SessionDuration::Pareto { least: 0.5, shape };
        let all =
            [SessionDuration::Exponential(0.7), SessionDuration::Fixed(1.5), pareto(1.5), pareto(2.0), pareto(2.5), pareto(3.0)];
        for duration in all.into_iter().chain([pareto(2.0 + 1e-9), pareto(7.0)]) {
            for w in [0.2, 0.5, 1.5, 6.0] {
                // The midpoint rule.
                let steps = 60_000;
                let step = w / f64::from(steps);
                let at = |k: i32| (f64::from(k) + 0.5) * step;
                let sum: f64 = (0..steps).map(|k| (w - at(k)) * excess(duration, at(k)) * step).sum();
                near(duration.overlap(w), sum, 1e-8);
            }
        }
    }

    /// In a window much longer than sessions each counts as a whole: with K requests a session the index tends to E(K^2)/E(K), here
    /// 1 + 2 r d. In a short one the number alive is what it is: 1 + r w.
    #[test]
    fn long_and_short_windows() {
        let at = |w| StickyWindow::new(2.0, 4, SessionDuration::Exponential(30.0), 0.4, w).unwrap().index_of_dispersion();
        near(at(1e9), 25.0, 1e-7);
        near(at(1e-6) - 1.0, 0.4e-6, 1e-7);
        for x in [0.009_999, 0.010_001] {
            let series = x * x / 2.0 * (1.0 - x / 3.0 + x * x / 12.0 - x * x * x / 60.0);
            near(beyond_its_line(x), series, 1e-10);
        }
    }

    #[test]
    fn senseless_loads_do_not_exist() {
        assert!(StickyWork::new(0, 4, 10.0, 8.0).is_none() && StickyWork::new(4, 0, 10.0, 8.0).is_none());
        assert!(StickyWork::new(4, 4, 0.0, 8.0).is_none() && StickyWork::new(4, 4, 1.0, -0.1).is_none());
        let windows = |rate, servers, duration, window| StickyWindow::new(rate, servers, duration, 0.4, window);
        let fixed = SessionDuration::Fixed(1.0);
        assert!(windows(1.0, 1, fixed, 1.0).is_some());
        assert!(windows(0.0, 1, fixed, 1.0).is_none() && windows(1.0, 0, fixed, 1.0).is_none());
        assert!(windows(1.0, 1, fixed, f64::NAN).is_none() && windows(1.0, 1, SessionDuration::Exponential(-1.0), 1.0).is_none());
        assert!(windows(1.0, 1, SessionDuration::Pareto { least: 1.0, shape: 1.0 }, 1.0).is_none());
        assert!(windows(1.0, 1, SessionDuration::Pareto { least: -1.0, shape: 2.0 }, 1.0).is_none());
        assert!(windows(1.0, 1, SessionDuration::Pareto { least: 1.0, shape: f64::INFINITY }, 1.0).is_none());
        assert!(windows(1e300, 1, SessionDuration::Fixed(1e300), 1.0).is_none());
    }
}
