//! The registry: one line an algorithm gives its module, its name in model files, its place in lists and its tests.

use super::policy::{Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits};
use crate::random::Stream;
use crate::units::{ParameterHelp, ParameterList, Parameters, ServerId};

/// An algorithm, for a person to read.
#[derive(Debug, Clone)]
pub struct AlgorithmHelp {
    /// Its name in a model file.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// Source, cost of a decision, when it goes wrong.
    pub details: &'static str,
    /// Its parameters.
    pub parameters: Vec<ParameterHelp>,
}

macro_rules! registry {
    ($($file:literal $module:ident :: $name:ident),+ $(,)?) => {
        $(#[path = $file] mod $module;)+

        /// One of the algorithms that exist, with its parameters and its state.
        #[derive(Debug, Clone)]
        pub enum Algorithm {
            $(#[allow(missing_docs, reason = "documented where it is defined")] $name($module::$name),)+
        }

        impl Algorithm {
            /// The names in the order of the registry.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),+];

            /// The algorithm called `name`, with its parameters answered by `parameters`.
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

            /// What there is to read about every algorithm.
            #[must_use]
            pub fn help() -> Vec<AlgorithmHelp> {
                vec![$({
                    let mut list = ParameterList::default();
                    let _: $module::$name = Registered::from_parameters(&mut list);
                    AlgorithmHelp {
                        name: stringify!($name),
                        about: <$module::$name as Registered>::ABOUT,
                        details: <$module::$name as Registered>::DETAILS,
                        parameters: list.entries,
                    }
                }),+]
            }
        }

        impl Policy for Algorithm {
            #[inline]
            fn reads(&self) -> Reads {
                match self { $(Self::$name(policy) => policy.reads(),)+ }
            }
            fn prepare(&mut self, servers: &[ServerTraits]) {
                match self { $(Self::$name(policy) => policy.prepare(servers),)+ }
            }
            fn admit(&mut self, server: ServerId) {
                match self { $(Self::$name(policy) => policy.admit(server),)+ }
            }
            fn withdraw(&mut self, server: ServerId) {
                match self { $(Self::$name(policy) => policy.withdraw(server),)+ }
            }
            #[inline(always)]
            fn choose(&mut self, request: &RequestView, candidates: &Candidates<'_>, stream: &mut Stream) -> Choice {
                match self { $(Self::$name(policy) => policy.choose(request, candidates, stream),)+ }
            }
            #[inline]
            fn foresee(&self, candidates: &Candidates<'_>, stream: &Stream) -> Option<ServerId> {
                match self { $(Self::$name(policy) => policy.foresee(candidates, stream),)+ }
            }
            #[inline(always)]
            fn sent(&mut self, server: ServerId, request: &RequestView) {
                match self { $(Self::$name(policy) => policy.sent(server, request),)+ }
            }
            #[inline(always)]
            fn ended(&mut self, server: ServerId) {
                match self { $(Self::$name(policy) => policy.ended(server),)+ }
            }
        }
    };
}

registry! {
    "random.rs" random::Random,
    "weighted_random.rs" weighted_random::WeightedRandom,
    "round_robin.rs" round_robin::RoundRobin,
    "least_connections.rs" least_connections::LeastConnections,
    "join_shortest_queue.rs" join_shortest_queue::JoinShortestQueue,
    "power_of_d.rs" power_of_d::PowerOfD,
    "least_work_left.rs" least_work_left::LeastWorkLeft,
    "central_queue.rs" central_queue::CentralQueue,
}
