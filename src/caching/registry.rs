//! The registry: one line a rule gives its module, its name in model files, its place in lists and its tests.

use super::eviction::{Eviction, Registered};
use crate::random::Stream;
use crate::units::{ParameterHelp, ParameterList, Parameters};

/// A rule, for a person to read.
#[derive(Debug, Clone)]
pub struct RuleHelp {
    /// Its name in a model file.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// What it does exactly, and its source.
    pub details: &'static str,
    /// The cost of a request.
    pub cost: &'static str,
    /// Its parameters.
    pub parameters: Vec<ParameterHelp>,
}

macro_rules! registry {
    ($($file:literal $module:ident :: $name:ident,)+) => {
        $(#[path = $file] mod $module;)+

        /// One of the eviction rules that exist, with its parameters and its state.
        #[derive(Debug, Clone)]
        pub enum Rule {
            $(#[allow(missing_docs, reason = "documented where it is defined")] $name($module::$name),)+
        }

        impl Rule {
            /// The names in the order of the registry.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),+];

            /// The rule called `name`, with its parameters answered by `parameters`.
            pub fn named(name: &str, parameters: &mut dyn Parameters) -> Option<Self> {
                match name {
                    $(stringify!($name) => Some(Self::$name(Registered::from_parameters(parameters))),)+
                    _ => None,
                }
            }

            /// Its name in a model file.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$name(_) => stringify!($name),)+ }
            }
        }

        impl Eviction for Rule {
            fn prepare(&mut self, capacity: u64) {
                match self { $(Self::$name(rule) => rule.prepare(capacity),)+ }
            }
            #[inline]
            fn came(&mut self, slot: u32, key: u64, size: u64) {
                match self { $(Self::$name(rule) => rule.came(slot, key, size),)+ }
            }
            #[inline]
            fn hit(&mut self, slot: u32) {
                match self { $(Self::$name(rule) => rule.hit(slot),)+ }
            }
            #[inline]
            fn missed(&mut self, key: u64) {
                match self { $(Self::$name(rule) => rule.missed(key),)+ }
            }
            #[inline]
            fn victim(&mut self, stream: &mut Stream) -> u32 {
                match self { $(Self::$name(rule) => rule.victim(stream),)+ }
            }
            #[inline]
            fn went(&mut self, slot: u32) {
                match self { $(Self::$name(rule) => rule.went(slot),)+ }
            }
            fn cleared(&mut self) {
                match self { $(Self::$name(rule) => rule.cleared(),)+ }
            }
        }

        /// All rules in the order of the registry.
        #[must_use]
        pub fn rules() -> Vec<RuleHelp> {
            vec![$({
                let mut list = ParameterList::default();
                let _: $module::$name = Registered::from_parameters(&mut list);
                RuleHelp {
                    name: stringify!($name),
                    about: $module::$name::ABOUT,
                    details: $module::$name::DETAILS,
                    cost: $module::$name::COST,
                    parameters: list.entries,
                }
            }),+]
        }
    };
}

registry! {
    "lru.rs" lru::Lru,
    "fifo.rs" fifo::Fifo,
    "random.rs" random::Random,
    "lfu.rs" lfu::Lfu,
    "clock.rs" clock::Clock,
    "sieve.rs" sieve::Sieve,
    "s3_fifo.rs" s3_fifo::S3Fifo,
    "w_tiny_lfu.rs" w_tiny_lfu::WTinyLfu,
}
