//! The one source of requests: arrivals, class and demand, each from a stream of its own, whatever is done with them.

use crate::engine::{Event, EventClass};
use crate::model::{Arrivals, ClientClass, Trace};
use crate::random::{Popularity, Role, Seed, SpanDistribution, Stream};
use crate::units::{Span, Time};
use std::sync::Arc;

/// A request that is born.
#[derive(Debug, Clone, Copy)]
pub struct Born {
    pub at: Time,
    pub demand: u64,
    pub class: u8,
    /// The client, if there is a number of them (of a log, of a class that says so); else the number of the request in its
    /// class, modulo 2^32.
    pub client: u32,
}

/// The open classes, each a lane of arrivals in order of time, made some dozens at once.
#[derive(Debug)]
pub struct Births {
    lanes: Vec<Lane>,
    /// The first arrival over all lanes.
    next: Event,
}

#[derive(Debug)]
struct Lane {
    class: u8,
    source: Source,
    gaps: Stream,
    demand: SpanDistribution,
    demands: Stream,
    /// Who sends the requests, if not each a client of its own.
    clients: Option<(Popularity, Stream)>,
    /// The last birth made.
    clock: u64,
    /// Births made so far, modulo 2^32; not counted for a log.
    made: u32,
    block: Box<Block>,
    used: usize,
}

/// Births made at once.
#[derive(Debug)]
struct Block {
    at: [u64; BLOCK],
    demand: [Span; BLOCK],
    client: [u32; BLOCK],
}

#[derive(Debug)]
enum Source {
    Gaps(SpanDistribution),
    Trace { trace: Arc<Trace>, next: usize },
}

/// How many births are made at once.
const BLOCK: usize = 64;

impl Births {
    /// The open classes among `classes`, at the start of a replication.
    pub fn new(classes: &[ClientClass], seed: Seed, replication: u32) -> Self {
        let lanes = classes.iter().enumerate().filter_map(|(index, class)| Lane::new(class, index, seed, replication)).collect();
        let mut births = Self { lanes, next: NEVER };
        births.find_next();
        births
    }

    /// The next arrival; its index is the lane.
    #[inline]
    pub const fn next(&self) -> Event {
        self.next
    }

    /// Number of lanes.
    pub const fn lanes(&self) -> usize {
        self.lanes.len()
    }

    /// Takes the next arrival, which must not be later than every time.
    #[inline(always)]
    pub fn take(&mut self) -> Born {
        let lane = &mut self.lanes[self.next.index() as usize];
        let Block { at, demand, client } = &*lane.block;
        let place = lane.used % BLOCK;
        let born =
            Born { at: Time::from_nanos(at[place]), demand: demand[place].as_nanos(), class: lane.class, client: client[place] };
        lane.used += 1;
        if lane.used == BLOCK {
            lane.refill();
        }
        if self.lanes.len() == 1 {
            self.next = Event::new(self.lanes[0].head(), EventClass::Arrival, 0, 0);
        } else {
            self.find_next();
        }
        born
    }

    #[inline(never)]
    fn find_next(&mut self) {
        let arrival = |(lane, source): (usize, &Lane)| Event::new(source.head(), EventClass::Arrival, lane as u32, 0);
        self.next = self.lanes.iter().enumerate().map(arrival).min().unwrap_or(NEVER);
    }
}

/// No arrival is later.
const NEVER: Event = Event::new(Time::NEVER, EventClass::Arrival, u32::MAX, 0);

impl Lane {
    fn new(class: &ClientClass, index: usize, seed: Seed, replication: u32) -> Option<Self> {
        let source = match &class.arrivals {
            Arrivals::Poisson { rate } => Source::Gaps(SpanDistribution::poisson_gaps(*rate)),
            Arrivals::Renewal { gap } => Source::Gaps(gap.clone()),
            Arrivals::Replay { trace } => Source::Trace { trace: Arc::clone(trace), next: 0 },
            Arrivals::Closed { .. } | Arrivals::Visits(_) => return None,
        };
        let stream = |role| Stream::new(seed, replication, role, index as u32);
        let mut lane = Self {
            class: index as u8,
            source,
            gaps: stream(Role::Arrivals),
            demand: class.demand.clone(),
            demands: stream(Role::Demand),
            clients: class.clients.clone().map(|clients| (clients, stream(Role::Clients))),
            clock: 0,
            made: 0,
            block: Box::new(Block { at: [u64::MAX; BLOCK], demand: [Span::ZERO; BLOCK], client: [0; BLOCK] }),
            used: 0,
        };
        lane.refill();
        Some(lane)
    }

    #[inline]
    fn head(&self) -> Time {
        Time::from_nanos(self.block.at[self.used % BLOCK])
    }

    #[inline(never)]
    fn refill(&mut self) {
        self.used = 0;
        let Block { at, demand, client } = &mut *self.block;
        match &mut self.source {
            Source::Gaps(gap) => {
                // The gaps are made where the demands will stand.
                gap.fill(&mut self.gaps, demand);
                for (at, gap) in at.iter_mut().zip(&*demand) {
                    self.clock = self.clock.saturating_add(gap.as_nanos());
                    *at = self.clock;
                }
                if let Some((clients, draws)) = &mut self.clients {
                    client.fill_with(|| clients.sample(draws));
                } else {
                    for client in client {
                        *client = self.made;
                        self.made = self.made.wrapping_add(1);
                    }
                }
            }
            Source::Trace { trace, next } => {
                for (at, client) in at.iter_mut().zip(client) {
                    let arrival = trace.arrivals.get(*next);
                    *at = arrival.map_or(u64::MAX, |arrival| arrival.at.as_nanos());
                    *client = arrival.map_or(0, |arrival| arrival.client);
                    *next += 1;
                }
                if !trace.demands.is_empty() {
                    let brought = trace.demands.iter().skip(next.saturating_sub(BLOCK));
                    demand.iter_mut().zip(brought).for_each(|(demand, brought)| *demand = *brought);
                    return;
                }
            }
        }
        self.demand.fill(&mut self.demands, demand);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TraceArrival;
    use crate::random::Distribution;
    use crate::units::BalancerId;

    #[test]
    fn a_recording_with_demands_brings_them_whatever_the_class_says() {
        let number = 2 * BLOCK as u32 + 7;
        let arrival = |client| TraceArrival { at: Time::from_nanos(u64::from(client) * 10), client };
        let trace = Trace {
            arrivals: (0..number).map(arrival).collect(),
            length: Span::from_secs(1),
            demands: (0..number).map(|number| Span::from_nanos(1_000 + u64::from(number))).collect(),
            ..Trace::default()
        };
        let class = ClientClass {
            name: "replayed".into(),
            arrivals: Arrivals::Replay { trace: Arc::new(trace) },
            demand: SpanDistribution::from_nanos(Distribution::constant(5.0).unwrap()),
            balancer: BalancerId(0),
            sites: None,
            clients: None,
            addresses: None,
            items: None,
            recovery: crate::recovery::ClientRecovery::default(),
        };
        let mut births = Births::new(&[class], Seed(1), 0);
        for number in 0..u64::from(number) {
            let born = births.take();
            assert_eq!((born.at.as_nanos(), born.demand), (10 * number, 1_000 + number));
        }
        assert_eq!(births.next().time(), Time::NEVER);
    }
}
