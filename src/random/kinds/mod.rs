//! The kinds of distributions, one file each.

mod bounded_pareto;
mod constant;
mod discrete;
mod erlang;
mod exponential;
mod gamma;
mod hyperexponential;
mod log_normal;
mod pareto;
mod uniform;
mod weibull;

use super::describe::Unit;
use super::{DistributionHelp, Stream};
use std::fmt;

/// What a kind of distribution must know. Its parameters are checked where it is constructed.
pub(super) trait Kind {
    /// The kind for a person to read; also holds its name in model files.
    const HELP: DistributionHelp;

    /// A sample.
    fn sample(&self, stream: &mut Stream) -> f64;

    /// The exact mean.
    fn mean(&self) -> f64;

    /// The exact squared coefficient of variation.
    fn scv(&self) -> f64;

    /// The probability of a number of at most `x`, which is a number.
    fn cdf(&self, x: f64) -> f64;

    /// The least number not exceeded with probability `p`, from 0 to 1. Where nothing better is written: for a continuous
    /// distribution on all numbers above 0, by bisection.
    fn quantile(&self, p: f64) -> f64 {
        bisect(self.mean(), p, |x| self.cdf(x))
    }

    /// Writes the kind and its parameters, amounts in `unit`.
    fn describe(&self, unit: Unit, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// Declares the sum of all kinds, which passes each question on to the kind it holds.
macro_rules! kinds {
    ($($kind:ident in $module:ident),* $(,)?) => {
        /// Any kind of distribution.
        #[derive(Debug, Clone, PartialEq)]
        pub(super) enum AnyKind {
            $($kind($module::$kind)),*
        }

        $(impl From<$module::$kind> for AnyKind {
            fn from(kind: $module::$kind) -> Self {
                Self::$kind(kind)
            }
        })*

        impl AnyKind {
            /// The help of every kind.
            pub(super) fn help() -> Vec<DistributionHelp> {
                vec![$($module::$kind::HELP),*]
            }

            /// The name in model files.
            pub(super) const fn name(&self) -> &'static str {
                match self {
                    $(Self::$kind(_) => $module::$kind::HELP.name),*
                }
            }

            /// Samples, each passed through a function, into a block; the kind is looked up once.
            pub(super) fn sample_each<T>(&self, stream: &mut Stream, block: &mut [T], turn: impl Fn(f64) -> T) {
                // A stream of our own can live in registers.
                let mut own = stream.clone();
                match self {
                    $(Self::$kind(kind) => for place in block {
                        *place = turn(kind.sample(&mut own));
                    }),*
                }
                *stream = own;
            }

            /// A sample.
            #[inline]
            pub(super) fn sample(&self, stream: &mut Stream) -> f64 {
                match self {
                    $(Self::$kind(kind) => kind.sample(stream)),*
                }
            }

            /// The exact mean.
            pub(super) fn mean(&self) -> f64 {
                match self {
                    $(Self::$kind(kind) => kind.mean()),*
                }
            }

            /// The exact squared coefficient of variation.
            pub(super) fn scv(&self) -> f64 {
                match self {
                    $(Self::$kind(kind) => kind.scv()),*
                }
            }

            /// The probability of a number of at most `x`.
            pub(super) fn cdf(&self, x: f64) -> f64 {
                match self {
                    $(Self::$kind(kind) => kind.cdf(x)),*
                }
            }

            /// The least number not exceeded with probability `p`.
            pub(super) fn quantile(&self, p: f64) -> f64 {
                match self {
                    $(Self::$kind(kind) => kind.quantile(p)),*
                }
            }

            /// Writes the kind and its parameters.
            pub(super) fn describe(&self, unit: Unit, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$kind(kind) => kind.describe(unit, f)),*
                }
            }
        }
    };
}

kinds! {
    Constant in constant,
    Uniform in uniform,
    Exponential in exponential,
    Erlang in erlang,
    Gamma in gamma,
    Hyperexponential in hyperexponential,
    LogNormal in log_normal,
    Weibull in weibull,
    Pareto in pareto,
    BoundedPareto in bounded_pareto,
    Discrete in discrete,
}

/// Where a continuous cdf on all numbers above 0 reaches `p`: the bracket doubles from `start`, then halves until no number
/// lies between its ends.
fn bisect(start: f64, p: f64, cdf: impl Fn(f64) -> f64) -> f64 {
    if p <= 0.0 || p >= 1.0 {
        return if p <= 0.0 { 0.0 } else { f64::INFINITY };
    }
    let (mut low, mut high) = (0.0, start);
    while cdf(high) < p && high.is_finite() {
        (low, high) = (high, 2.0 * high);
    }
    // A bracket [0, x] needs a step per power of 2 down to the smallest number; then 52 for the digits.
    for _ in 0..1130 {
        let middle = low + 0.5 * (high - low);
        if middle <= low || middle >= high {
            break;
        }
        if cdf(middle) < p { low = middle } else { high = middle }
    }
    high
}
