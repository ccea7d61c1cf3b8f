//! An observer that forgets nothing, and the ways of driving a cluster to its end.

use lbsim::cluster::Cluster;
use lbsim::model::Model;
use lbsim::observe::{ClassTally, Completed, Failed, Observer, ServerUsage, Tally, Unfinished};
use lbsim::units::{ServerId, Time};

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Completed { server: usize },
    Refused,
    Unfinished,
}

/// The whole life of a request, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    pub number: u64,
    pub class: usize,
    pub birth: u64,
    /// When service began, if it did.
    pub start: Option<u64>,
    /// When it was over; of a request that is still present, the end of the replication.
    pub end: u64,
    pub ending: Ending,
}

impl Life {
    /// The server that completed it.
    pub fn server(&self) -> Option<usize> {
        match self.ending {
            Ending::Completed { server } => Some(server),
            Ending::Refused | Ending::Unfinished => None,
        }
    }
}

/// Keeps all facts in the order in which they were told, and lets a tally listen.
pub struct Witness {
    pub lives: Vec<Life>,
    end: u64,
    tally: Tally,
}

impl Witness {
    pub fn new(model: &Model) -> Self {
        let (from, to) = window(model);
        let tally = Tally::new(model.parts().classes.len(), Time::from_nanos(from), Time::from_nanos(to));
        Self { lives: Vec::new(), end: to, tally }
    }

    fn keep(&mut self, (number, class): (u64, usize), birth: Time, start: Option<Time>, end: u64, ending: Ending) {
        let start = start.map(Time::as_nanos);
        self.lives.push(Life { number, class, birth: birth.as_nanos(), start, end, ending });
    }
}

impl Observer for Witness {
    fn completed(&mut self, fact: &Completed) {
        let ending = Ending::Completed { server: fact.server.index() };
        self.keep((fact.number, fact.class.index()), fact.birth, Some(fact.start), fact.end.as_nanos(), ending);
        self.tally.completed(fact);
    }

    fn failed(&mut self, fact: &Failed) {
        self.keep((fact.number, fact.class.index()), fact.birth, fact.start, fact.end.as_nanos(), Ending::Refused);
        self.tally.failed(fact);
    }

    fn unfinished(&mut self, fact: &Unfinished) {
        self.keep((fact.number, fact.class.index()), fact.birth, fact.start, self.end, Ending::Unfinished);
        self.tally.unfinished(fact);
    }
}

/// All that is known of a replication.
pub struct Story {
    pub born: u64,
    /// In the order told.
    pub lives: Vec<Life>,
    pub classes: Vec<ClassTally>,
    /// By server, back ends last.
    pub usage: Vec<ServerUsage>,
}

impl Story {
    /// The requests in order of birth.
    pub fn by_number(&self) -> Vec<Life> {
        let mut lives = self.lives.clone();
        lives.sort_by_key(|life| life.number);
        lives
    }

    /// The requests of one class in order of birth.
    pub fn of_class(&self, class: usize) -> Vec<Life> {
        self.by_number().into_iter().filter(|life| life.class == class).collect()
    }
}

/// The measured window (from, to] in nanoseconds.
pub fn window(model: &Model) -> (u64, u64) {
    let run = model.parts().run;
    (run.measured_from().as_nanos(), run.ends_at().as_nanos())
}

/// Replication 0, driven to its end by `drive`.
pub fn story_driven(model: &Model, drive: impl FnOnce(&mut Cluster<Witness>)) -> Story {
    let mut cluster = Cluster::new(model, 0, Witness::new(model));
    drive(&mut cluster);
    let (born, usage) = (cluster.born(), (0..cluster.servers()).map(|server| cluster.usage(ServerId(server as u32))).collect());
    let Witness { lives, tally, .. } = cluster.finish_replication();
    Story { born, lives, classes: tally.into_parts().0, usage }
}

/// Replication 0, run in one go.
pub fn story(model: &Model) -> Story {
    story_driven(model, |cluster| cluster.run_until(model.parts().run.ends_at()))
}

/// Of the time from `since` to `until`, what lies after `from`.
pub const fn after(from: u64, since: u64, until: u64) -> u128 {
    let since = if since > from { since } else { from };
    until.saturating_sub(since) as u128
}
