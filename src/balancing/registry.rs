//! The registry: one line an algorithm gives its module, its name in model files, its place in lists and its tests.

use super::policy::{Answer, Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares};
use super::{Explanation, Follows, Key, Product};
use crate::random::Stream;
use crate::units::{ParameterHelp, ParameterList, Parameters, ServerId};

/// An algorithm, for a person to read.
#[derive(Debug, Clone)]
pub struct AlgorithmHelp {
    /// Its name in a model file.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// What it does exactly, and its sources.
    pub details: &'static str,
    /// The load balancers that do so.
    pub follows: &'static [Follows],
    /// The cost of a decision.
    pub cost: &'static str,
    /// When it goes wrong.
    pub goes_wrong: &'static str,
    /// What it promises to servers of equal weight.
    pub shares: Shares,
    /// Its parameters.
    pub parameters: Vec<ParameterHelp>,
}

/// Something to be done with an algorithm whose type is known at compile time.
pub trait PolicyTask {
    /// What comes out.
    type Output;
    /// Does it.
    fn run<P: Policy>(self, policy: P) -> Self::Output;
}

macro_rules! registry {
    (
        own_loop { $($own_file:literal $own_module:ident :: $own:ident,)* }
        common_loop { $($file:literal $module:ident :: $name:ident,)* }
    ) => {
        registry! {
            @all
            [$($own)*] [$($name)*]
            $($own_file $own_module :: $own,)* $($file $module :: $name,)*
        }
    };
    (@all [$($own:ident)*] [$($common:ident)*] $($file:literal $module:ident :: $name:ident,)+) => {
        $(#[path = $file] mod $module;)+

        /// One of the algorithms that exist, with its parameters and its state.
        #[derive(Debug, Clone)]
        pub enum Algorithm {
            $(#[allow(missing_docs, reason = "documented where it is defined")] $name($module::$name),)+
        }

        impl Algorithm {
            /// The names in the order of the registry.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),+];

            /// By name, the load balancers that each follows.
            pub const FOLLOWS: &'static [(&'static str, &'static [Follows])] =
                &[$((stringify!($name), <$module::$name as Registered>::FOLLOWS)),+];

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

            /// What it hashes, if it does.
            #[must_use]
            pub fn key(&self) -> Option<Key> {
                match self { $(Self::$name(policy) => policy.key(),)+ }
            }

            /// Whether a weight that changes while it runs changes its choices.
            #[must_use]
            pub const fn heeds_weights(&self) -> bool {
                match self { $(Self::$name(_) => <$module::$name as Registered>::HEEDS_WEIGHTS,)+ }
            }

            /// Hands the algorithm to `task`: those with a loop of their own as what they are, so that the task is compiled
            /// for this very algorithm, the others as one type.
            pub fn specialize<T: PolicyTask>(self, task: T) -> T::Output {
                match self {
                    $(Self::$own(policy) => task.run(policy),)*
                    $(Self::$common(_) => task.run(self),)*
                }
            }

            /// Why `choice` will be made: see [`Explanation`].
            #[must_use]
            pub fn explain(
                &self, request: &RequestView, candidates: &Candidates<'_>, choice: Choice, stream: Stream,
            ) -> Explanation {
                match self { $(Self::$name(policy) => policy.explain(request, candidates, choice, stream),)+ }
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
                        follows: <$module::$name as Registered>::FOLLOWS,
                        cost: <$module::$name as Registered>::COST,
                        goes_wrong: <$module::$name as Registered>::GOES_WRONG,
                        shares: <$module::$name as Registered>::SHARES,
                        parameters: list.entries,
                    }
                }),+]
            }
        }

        impl Policy for Algorithm {
            const LOOKS_AFTER_TRIES: bool = true;

            #[inline(never)]
            fn reads(&self) -> Reads {
                match self { $(Self::$name(policy) => policy.reads(),)+ }
            }
            fn prepare(&mut self, servers: &[ServerTraits], stream: &mut Stream) {
                match self { $(Self::$name(policy) => policy.prepare(servers, stream),)+ }
            }
            fn admit(&mut self, server: ServerId) {
                match self { $(Self::$name(policy) => policy.admit(server),)+ }
            }
            fn withdraw(&mut self, server: ServerId) {
                match self { $(Self::$name(policy) => policy.withdraw(server),)+ }
            }
            fn filled(&mut self, server: ServerId) {
                match self { $(Self::$name(policy) => policy.filled(server),)+ }
            }
            fn freed(&mut self, server: ServerId) {
                match self { $(Self::$name(policy) => policy.freed(server),)+ }
            }
            fn reweigh(&mut self, server: ServerId, weight: f64) {
                match self { $(Self::$name(policy) => policy.reweigh(server, weight),)+ }
            }
            fn warmed(&mut self, server: ServerId, weight: f64) {
                match self { $(Self::$name(policy) => policy.warmed(server, weight),)+ }
            }
            #[inline(never)]
            fn choose(&mut self, request: &RequestView, candidates: &Candidates<'_>, stream: &mut Stream) -> Choice {
                match self { $(Self::$name(policy) => policy.choose(request, candidates, stream),)+ }
            }
            #[inline(never)]
            fn foresee(&self, candidates: &Candidates<'_>, stream: &Stream) -> Option<ServerId> {
                match self { $(Self::$name(policy) => policy.foresee(candidates, stream),)+ }
            }
            #[inline(never)]
            fn sent(&mut self, server: ServerId, request: &RequestView) {
                match self { $(Self::$name(policy) => policy.sent(server, request),)+ }
            }
            #[inline(never)]
            fn ended(&mut self, server: ServerId, answer: &Answer) {
                match self { $(Self::$name(policy) => policy.ended(server, answer),)+ }
            }
            fn failures(&self, server: ServerId, now: $crate::units::Time) -> Option<$crate::balancing::CountedFailures> {
                match self { $(Self::$name(policy) => policy.failures(server, now),)+ }
            }
        }
    };
}

impl AlgorithmHelp {
    /// What `product` calls it, if that follows a load balancer of this kind.
    #[must_use]
    pub fn follows(&self, product: Product) -> Option<&'static Follows> {
        self.follows.iter().find(|follows| follows.product == product)
    }
}

// The event loop is compiled for each algorithm of the first group, and once more for all of the second.
registry! {
    own_loop {
        "random.rs" random::Random,
        "weighted_random.rs" weighted_random::WeightedRandom,
        "round_robin.rs" round_robin::RoundRobin,
        "least_connections.rs" least_connections::LeastConnections,
        "join_shortest_queue.rs" join_shortest_queue::JoinShortestQueue,
        "power_of_d.rs" power_of_d::PowerOfD,
        "least_work_left.rs" least_work_left::LeastWorkLeft,
        "central_queue.rs" central_queue::CentralQueue,
    }
    common_loop {
        "weighted_least_connections.rs" weighted_least_connections::WeightedLeastConnections,
        "shortest_expected_delay.rs" shortest_expected_delay::ShortestExpectedDelay,
        "join_idle_queue.rs" join_idle_queue::JoinIdleQueue,
        "peak_ewma.rs" peak_ewma::PeakEwma,
        "throughput_round_robin.rs" throughput_round_robin::ThroughputRoundRobin,
        "rendezvous.rs" rendezvous::Rendezvous,
        "jump_hash.rs" jump_hash::JumpHash,
        "nginx/round_robin.rs" nginx_round_robin::NginxRoundRobin,
        "nginx/least_conn.rs" nginx_least_conn::NginxLeastConn,
        "nginx/least_time.rs" nginx_least_time::NginxLeastTime,
        "nginx/random.rs" nginx_random::NginxRandom,
        "nginx/ip_hash.rs" nginx_ip_hash::NginxIpHash,
        "nginx/hash.rs" nginx_hash::NginxHash,
        "haproxy/round_robin.rs" haproxy_round_robin::HaproxyRoundRobin,
        "haproxy/static_rr.rs" haproxy_static_rr::HaproxyStaticRr,
        "haproxy/leastconn.rs" haproxy_leastconn::HaproxyLeastconn,
        "haproxy/random.rs" haproxy_random::HaproxyRandom,
        "haproxy/hash.rs" haproxy_hash::HaproxyHash,
        "envoy/round_robin.rs" envoy_round_robin::EnvoyRoundRobin,
        "envoy/least_request.rs" envoy_least_request::EnvoyLeastRequest,
        "envoy/ring_hash.rs" envoy_ring_hash::EnvoyRingHash,
        "envoy/maglev.rs" envoy_maglev::EnvoyMaglev,
    }
}
