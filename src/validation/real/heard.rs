//! What is heard of each request of a simulated measurement: how it ended, and which servers its tries went to.

use crate::balancing::{Algorithm, Answer, Candidates, Choice, Policy, Reads, RequestView, ServerTraits, Told};
use crate::observe::{Completed, Failed, Found, Observer, Unfinished};
use crate::random::Stream;
use crate::units::{Address, ServerId, Span};
use std::cell::RefCell;
use std::rc::Rc;

/// A request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Heard {
    /// How long it took, answered or not; none if it was not over when the run was.
    pub taken: Option<Span>,
    /// Who answered it, if it was.
    pub server: Option<ServerId>,
    /// How many tries it took.
    pub tries: u32,
    /// The servers that its tries went to: a bit for each. Not known of requests of sessions.
    pub tried: u64,
    /// What its server found in its cache.
    pub found: Found,
}

impl Heard {
    /// Whether it was answered.
    pub const fn is_answered(&self) -> bool {
        self.server.is_some()
    }

    /// Whether a try went to one of `servers`.
    pub fn met(&self, servers: &[ServerId]) -> bool {
        servers.iter().any(|server| self.tried & bit(*server) != 0)
    }
}

const fn bit(server: ServerId) -> u64 {
    1 << (server.0 % u64::BITS)
}

/// What was heard so far, by number of the request, which is that of its client.
#[derive(Debug, Clone)]
pub(super) struct Notes(Rc<RefCell<Vec<Heard>>>);

impl Notes {
    /// All of it.
    pub fn take(self) -> Vec<Heard> {
        self.0.take()
    }

    fn change(&self, number: u64, change: impl FnOnce(&mut Heard)) {
        if let Some(heard) = self.0.borrow_mut().get_mut(number as usize) {
            change(heard);
        }
    }
}

/// An algorithm, and a note of each try.
#[derive(Debug)]
pub(super) struct Listening {
    algorithm: Algorithm,
    notes: Notes,
    /// Where sessions have several requests: the address of each, which the algorithm sees in place of ours.
    addresses: Vec<Address>,
}

impl Listening {
    /// Listens to so many requests: the algorithm, an observer, and what they will have heard.
    pub fn to(algorithm: Algorithm, requests: usize) -> (Self, Notes, Notes) {
        let notes = Notes(Rc::new(RefCell::new(vec![Heard::default(); requests])));
        (Self { algorithm, notes: notes.clone(), addresses: Vec::new() }, notes.clone(), notes)
    }

    /// The same of sessions with these addresses.
    pub fn with_addresses(self, addresses: Vec<Address>) -> Self {
        Self { addresses, ..self }
    }

    /// A request as the algorithm sees it.
    fn seen(&self, request: &RequestView) -> RequestView {
        // The session is the class, which is 0, and the client.
        let address = self.addresses.get(request.session as usize);
        RequestView { address: address.copied().unwrap_or(request.address), ..*request }
    }
}

impl Policy for Listening {
    const LOOKS_AFTER_TRIES: bool = true;

    fn reads(&self) -> Reads {
        let reads = self.algorithm.reads();
        if reads.told() == Told::Nobody { Reads::SampledLoads(Told::Own) } else { reads }
    }

    fn prepare(&mut self, servers: &[ServerTraits], stream: &mut Stream) {
        self.algorithm.prepare(servers, stream);
    }

    fn admit(&mut self, server: ServerId) {
        self.algorithm.admit(server);
    }

    fn withdraw(&mut self, server: ServerId) {
        self.algorithm.withdraw(server);
    }

    fn filled(&mut self, server: ServerId) {
        self.algorithm.filled(server);
    }

    fn freed(&mut self, server: ServerId) {
        self.algorithm.freed(server);
    }

    fn reweigh(&mut self, server: ServerId, weight: f64) {
        self.algorithm.reweigh(server, weight);
    }

    fn warmed(&mut self, server: ServerId, weight: f64) {
        self.algorithm.warmed(server, weight);
    }

    fn unasked(&mut self, request: &RequestView) {
        self.algorithm.unasked(&self.seen(request));
    }

    fn choose(&mut self, request: &RequestView, candidates: &Candidates<'_>, stream: &mut Stream) -> Choice {
        let seen = self.seen(request);
        self.algorithm.choose(&seen, candidates, stream)
    }

    fn sent(&mut self, server: ServerId, request: &RequestView) {
        // Where no addresses are said each request is a client of its own.
        if self.addresses.is_empty() {
            self.notes.change(request.session, |heard| heard.tried |= bit(server));
        }
        self.algorithm.sent(server, &self.seen(request));
    }

    fn ended(&mut self, server: ServerId, answer: &Answer) {
        self.algorithm.ended(server, answer);
    }
}

impl Observer for Notes {
    fn completed(&mut self, fact: &Completed) {
        self.change(fact.number, |heard| {
            heard.taken = Some(fact.end.since(fact.birth));
            heard.server = Some(fact.server);
            heard.tries = fact.tries;
            heard.found = fact.found;
        });
    }

    fn failed(&mut self, fact: &Failed) {
        self.change(fact.number, |heard| {
            heard.taken = Some(fact.end.since(fact.birth));
            heard.tries = fact.tries;
        });
    }

    fn unfinished(&mut self, _: &Unfinished) {}
}
