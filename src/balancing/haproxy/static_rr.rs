//! Weighted round robin over a fixed table as HAProxy's `static-rr` does it.

use crate::balancing::haproxy::Table;
use crate::balancing::policy::{Candidates, Choice, Policy, Reads, Registered, RequestView, ServerTraits, Shares};
use crate::balancing::{Explanation, Follows, Product};
use crate::random::Stream;
use crate::units::{Parameters, ServerId};

/// The servers in turn by a table that holds each as often as its weight says.
#[derive(Debug, Clone, Default)]
pub struct HaproxyStaticRr {
    table: Table,
    /// The turn that comes next.
    turn: usize,
}

impl Registered for HaproxyStaticRr {
    const ABOUT: &'static str = "the servers in turn by a table made from the weights, as HAProxy's static-rr";
    const DETAILS: &'static str = "The table holds each server in rotation as often as its weight says, spread evenly: 0001002 \
        for weights 5, 1, 1. It is made anew when a server leaves or returns, and the count of turns goes on in the new table, \
        from its start if that is shorter. Full servers and those that this request has tried are passed over. Weights are \
        whole numbers from 1 to 256, rounded to the nearest; changes at runtime, slow start among them, are ignored. Follows \
        src/lb_map.c of HAProxy 2.6.";
    const FOLLOWS: &'static [Follows] = &[Follows { product: Product::HAProxy, calls_it: "static-rr", names: &["StaticRr"] }];
    const COST: &'static str = "O(1), and one step for each full server that is passed over; O(W log n) for W turns of the \
        table after a server has left or returned";
    const GOES_WRONG: &'static str =
        "As round robin does; and a server that is warming up after its return gets its full share at once.";
    const SHARES: Shares = Shares::InTurn;
    const HEEDS_WEIGHTS: bool = false;

    fn from_parameters(_: &mut dyn Parameters) -> Self {
        Self::default()
    }

    fn explain(&self, request: &RequestView, candidates: &Candidates<'_>, choice: Choice, mut stream: Stream) -> Explanation {
        let mut after = self.clone();
        if choice == Choice::Nobody || after.choose(request, candidates, &mut stream) != choice {
            return Explanation::unscored("no server in rotation has room");
        }
        Explanation::unscored(format!("turn {} of the {} of the table", after.turn, after.table.turns().len()))
    }
}

impl Policy for HaproxyStaticRr {
    fn reads(&self) -> Reads {
        Reads::Nothing
    }

    fn prepare(&mut self, servers: &[ServerTraits], _: &mut Stream) {
        *self = Self { table: Table::new(servers), turn: 0 };
    }

    fn admit(&mut self, server: ServerId) {
        self.table.set(server, true);
    }

    fn withdraw(&mut self, server: ServerId) {
        self.table.set(server, false);
    }

    /// It keeps its turns, at which it will be passed over.
    fn filled(&mut self, _: ServerId) {}

    fn choose(&mut self, _: &RequestView, candidates: &Candidates<'_>, _: &mut Stream) -> Choice {
        if candidates.is_empty() {
            return Choice::Nobody;
        }
        let turns = self.table.turns();
        let first = if self.turn < turns.len() { self.turn } else { 0 };
        let from_first = turns.iter().enumerate().skip(first).chain(turns.iter().enumerate().take(first));
        for (turn, &server) in from_first {
            if candidates.contains(ServerId(server)) {
                self.turn = turn + 1;
                return Choice::Server(ServerId(server));
            }
        }
        Choice::Nobody
    }
}

#[cfg(test)]
mod tests {
    use crate::balancing::Choice;
    use crate::balancing::stand::{Bench, item};
    use crate::units::ServerId;

    const NAME: &str = "HaproxyStaticRr";

    #[test]
    fn sequences_are_those_measured() {
        assert_eq!(Bench::new(NAME, &[], &[1.0; 3], 1).sequence(12), "012012012012");
        assert_eq!(Bench::new(NAME, &[], &[5.0, 1.0, 1.0], 1).sequence(21), "000100200010020001002");
    }

    #[test]
    fn removal_and_return_are_as_measured_and_new_weights_are_ignored() {
        let mut bench = Bench::new(NAME, &[], &[1.0; 4], 1);
        assert_eq!(bench.sequence(5), "01230");
        bench.withdraw(1);
        assert_eq!(bench.sequence(14), "23023023023023");
        bench.admit(1);
        assert_eq!(bench.sequence(24), "301230123012301230123012");
        bench.reweigh(2, 3.0);
        assert_eq!(bench.sequence(8), "30123012");
    }

    #[test]
    fn full_and_tried_servers_are_passed_over() {
        let mut bench = Bench::new(NAME, &[], &[1.0; 4], 1);
        bench.fill(1);
        assert_eq!(bench.sequence(2), "02");
        bench.free(1);
        assert_eq!(bench.sequence_without(1, &[ServerId(3), ServerId(0)]), "1");
        (0..4).for_each(|server| bench.fill(server));
        assert_eq!(bench.ask(&item(0), &[]), Choice::Nobody);
        (0..4).for_each(|server| bench.free(server));
        assert_eq!(bench.sequence(3), "230");
    }
}
