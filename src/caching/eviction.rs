//! What an eviction rule is.

use crate::random::Stream;
use crate::units::Parameters;

/// Which entry leaves a cache that is full. Entries are told of by the slots that they lie in, small numbers that are used again.
pub trait Eviction {
    /// The rule before anything is in its cache, which has room for `capacity` (entries, or bytes).
    fn prepare(&mut self, _capacity: u64) {}

    /// An entry of `size` (1 where entries are counted) has come to `slot`.
    fn came(&mut self, slot: u32, key: u64, size: u64);

    /// The entry in `slot` was asked for.
    fn hit(&mut self, slot: u32);

    /// `key` was asked for and is not there.
    fn missed(&mut self, _key: u64) {}

    /// The entry that is to leave for another, which has not come yet: there is at least one. [`Eviction::went`] follows.
    fn victim(&mut self, stream: &mut Stream) -> u32;

    /// The entry in `slot` has left: as the victim, or because its time was over.
    fn went(&mut self, slot: u32);

    /// All entries have left at once, as at a crash; nothing is remembered.
    fn cleared(&mut self);
}

/// What registers a rule beside its behaviour.
pub trait Registered: Eviction + Clone {
    /// One sentence for lists.
    const ABOUT: &'static str;
    /// What it does exactly, and its source.
    const DETAILS: &'static str;
    /// The cost of a request, such as "O(1)".
    const COST: &'static str;

    /// Reads the parameters; every one has a default.
    fn from_parameters(parameters: &mut dyn Parameters) -> Self;
}
