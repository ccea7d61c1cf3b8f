//! The results of an experiment, kept in a folder that loses nothing: records as they are simulated, the plan they belong to,
//! how many of them count.
//!
//! - [`Store`]: the folder; [`Store::open`] for a sweep, [`Store::read`] for everybody else.
//! - [`Writer`]: takes records from many threads.
//! - [`merge()`]: the folders of several machines become one.
//! - [`export()`]: tables for other programs.
//!
//! The folder holds an `SQLite` database, `results.db`. What is written is whole: a process that is killed loses the last
//! twentieth of a second and damages nothing. A file that is damaged or somebody else's gives an error and is left as it is.

mod error;
mod schema;
mod store;
mod writer;

pub use error::StoreError;
pub use store::{Provenance, Store};
pub use writer::Writer;
