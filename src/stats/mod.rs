//! What the observations of a run, and of many runs, say about the truth: estimates that state their error.
//!
//! - While a replication runs: [`Moments`], [`Histogram`] and [`BatchSeries`], exact whole sums that commute, so that the
//!   same observations give the same bits in whatever order and on however many threads they were made.
//! - Over replications: [`mean_interval`], [`paired_difference`], [`welch`], [`estimate_quantile`].
//! - Between systems that met the same customers: [`paired_test`] and [`paired_ratio`], their siblings for sectioned quantiles
//!   ([`paired_test_around`], [`paired_ratio_around`]), and [`holm()`] where there are many comparisons.
//! - Among several systems: [`screen()`] keeps those that can be the best, [`kim_nelson()`] finds the best step by step.
//! - Over the points of a design: [`factorial_effects`] of a full factorial, [`rank_correlation`] where the points fill a space.
//! - Within one long run: [`batch_means()`], and [`mser()`] for the end of the warm-up.
//! - Over servers: [`Imbalance`].
//! - Kept as bytes and read back: [`codec`].
//! - Plain definitions: [`sample`], [`order`] and [`student`].
//!
//! Nothing here panics on bad input: what cannot be computed is `None` or a typed reason. Transcendental functions come
//! from the crate libm, so no figure depends on the platform.

mod batch_means;
mod batches;
mod binomial;
pub mod codec;
mod compare;
mod crossing;
mod effects;
mod histogram;
mod holm;
mod imbalance;
mod interval;
mod kim_nelson;
mod moments;
mod mser;
pub mod order;
mod quantile;
mod rank;
mod ratio;
pub mod sample;
mod screen;
pub mod student;
mod wide;

pub use batch_means::{BatchMeans, batch_means};
pub use batches::BatchSeries;
pub use compare::{Centre, PairedTest, paired_ratio, paired_ratio_around, paired_test, paired_test_around};
pub use crossing::zero_crossing;
pub use effects::{Effect, Effects, Interaction, MainEffect, factorial_effects};
pub use histogram::{Bucket, Histogram, Quantile};
pub use holm::{holm, holm_adjusted};
pub use imbalance::Imbalance;
pub use interval::{Interval, PairedDifference, WelchDifference, mean_interval, paired_difference, two_sided, welch};
pub use kim_nelson::{Selection, SelectionRule, kim_nelson};
pub use moments::Moments;
pub use mser::{Truncation, mser};
pub use quantile::{FEWEST_BEYOND, NoQuantile, QuantileEstimate, estimate_quantile};
pub use rank::{RankCorrelation, rank_correlation};
pub use ratio::RatioOfSums;
pub use screen::screen;
