//! What the algorithms of HAProxy share.

#[cfg(test)]
mod explanation_tests;
mod hashes;
mod ring;
mod table;
pub use hashes::{HashFunction, full_hash};
pub use ring::Ring;
pub use table::Table;

/// Parts of a unit of weight in which HAProxy counts.
const PARTS: f64 = 16.0;

/// The largest weight that HAProxy accepts.
const LARGEST: u32 = 256;

/// The largest effective weight.
pub(in crate::balancing) const LARGEST_EWEIGHT: u32 = LARGEST * PARTS as u32;

/// The effective weight of a server in the algorithms whose weights may change: sixteenths of its weight, rounded to the
/// nearest, 1 to 4096.
pub(in crate::balancing) fn eweight(weight: f64) -> u32 {
    ((weight * PARTS).round() as u32).clamp(1, LARGEST_EWEIGHT)
}
