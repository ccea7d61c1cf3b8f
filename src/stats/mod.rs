//! What the observations of a run, and of many runs, say about the truth: estimates that state their error.
//!
//! - While a replication runs: [`Moments`], [`Histogram`] and [`BatchSeries`], exact whole sums that commute, so that the
//!   same observations give the same bits in whatever order and on however many threads they were made.
//! - Over replications: [`mean_interval`], [`paired_difference`], [`welch`], [`estimate_quantile`].
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
mod histogram;
mod imbalance;
mod interval;
mod moments;
mod mser;
pub mod order;
mod quantile;
pub mod sample;
pub mod student;
mod wide;

pub use batch_means::{BatchMeans, batch_means};
pub use batches::BatchSeries;
pub use histogram::{Bucket, Histogram, Quantile};
pub use imbalance::Imbalance;
pub use interval::{Interval, PairedDifference, WelchDifference, mean_interval, paired_difference, two_sided, welch};
pub use moments::Moments;
pub use mser::{Truncation, mser};
pub use quantile::{FEWEST_BEYOND, NoQuantile, QuantileEstimate, estimate_quantile};
