//! A discrete-event simulator of load-balanced clusters.
//!
//! The rooms of the house in dependency order: each uses only rooms above it. From [`units`] to [`cluster`] nothing
//! touches a thread, a file, a clock or a terminal.
//!
//! # From a text to a figure
//!
//! [`model::read()`] makes a [`model::Model`] of the text of a model file, or tells all that is wrong with it.
//! [`experiment::run()`] simulates replications of it on the threads at hand and hands over an [`observe::Record`] of each, in
//! order. [`observe::Fold`] adds them up; its [`observe::Summary`] holds every figure with its interval.
//!
//! ```
//! use lbsim::{experiment, model, observe};
//!
//! // One server, 80 % busy.
//! let text = r#"
//!     Model(
//!         clients: [Open(arrivals: Poisson(rate: "80/s"), demand: Exponential(mean: "10ms"))],
//!         run: Steady(length: "10min", replications: 8),
//!     )
//! "#;
//! let checked = model::read(model::Source { name: "one server", text }, &[], &model::NoFiles)?;
//! let model = checked.model;
//!
//! let mut fold = observe::Fold::new(&model);
//! experiment::run(&model, 0..8, |record| fold.add(&record));
//! let summary = fold.summary();
//!
//! let place = observe::REQUEST_METRICS.iter().position(|metric| metric.name == "mean_response");
//! let mean = place.and_then(|place| summary.total[place].value).ok_or("no request was completed")?;
//! println!("mean response {:.1} ms; theory says 50.0 ms", mean * 1e3);
//! assert!((mean - 0.05).abs() < 0.005);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod units;

pub mod random;

pub mod engine;

pub mod stats;

pub mod theory;

pub mod balancing;

pub mod caching;

pub mod sessions;

pub mod faults;

pub mod health;

pub mod recovery;

pub mod notation;

pub mod model;

pub mod observe;

pub mod cluster;

pub mod experiment;

pub mod results;

pub mod analysis;

pub mod report;

pub mod validation;

pub mod cli;

/// Compiles and runs the examples of the README with those of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
