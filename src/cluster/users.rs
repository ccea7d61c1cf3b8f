//! Closed users: each thinks, sends a request, waits for the answer, thinks again.

use super::births::Born;
use crate::model::{Arrivals, ClientClass};
use crate::random::{Role, Seed, SpanDistribution, StreamKey};
use crate::units::Time;

/// All users of all closed classes, numbered through.
#[derive(Debug)]
pub struct Users {
    groups: Vec<Group>,
    /// By user: how many requests it has sent.
    sent: Vec<u32>,
}

#[derive(Debug)]
struct Group {
    class: u8,
    first: u32,
    think_time: SpanDistribution,
    think_times: StreamKey,
    demand: SpanDistribution,
    demands: StreamKey,
}

impl Users {
    pub fn new(classes: &[ClientClass], seed: Seed, replication: u32) -> Self {
        let mut groups = Vec::new();
        let mut number = 0;
        for (index, class) in classes.iter().enumerate() {
            if let Arrivals::Closed { users, think_time } = &class.arrivals {
                let key = |role| StreamKey::new(seed, replication, role, index as u32);
                groups.push(Group {
                    class: index as u8,
                    first: number,
                    think_time: think_time.clone(),
                    think_times: key(Role::Think),
                    demand: class.demand.clone(),
                    demands: key(Role::UserDemand),
                });
                number += users;
            }
        }
        Self { groups, sent: vec![0; number as usize] }
    }

    pub const fn number(&self) -> u32 {
        self.sent.len() as u32
    }

    fn group(&self, user: u32) -> &Group {
        &self.groups[self.groups.partition_point(|group| group.first <= user) - 1]
    }

    /// How long `user` thinks before its next request. Keyed by user and request number, so that the user's n-th
    /// request is the same under every strategy.
    pub fn think(&self, user: u32) -> u64 {
        let group = self.group(user);
        let mut stream = group.think_times.item(self.request_key(user));
        group.think_time.sample(&mut stream).as_nanos()
    }

    /// The next request of `user`.
    pub fn request(&mut self, user: u32, at: Time) -> Born {
        let key = self.request_key(user);
        self.sent[user as usize] = self.sent[user as usize].wrapping_add(1);
        let group = self.group(user);
        let demand = group.demand.sample(&mut group.demands.item(key)).as_nanos();
        Born { at, demand, class: group.class, client: user }
    }

    /// What distinguishes the next request of `user` from all others of its class, for draws that belong to it.
    pub fn request_key(&self, user: u32) -> u64 {
        u64::from(user) << 32 | u64::from(self.sent[user as usize])
    }
}
