//! Faults that come and go while they last.

use super::server::after;
use super::slab::Slab;
use super::timer::Kind;
use crate::engine::Calendar;
use crate::faults::{Flapping, Incident};
use crate::units::{ServerId, Time};

/// A fault that comes and goes.
#[derive(Debug)]
pub struct Flap {
    pub server: ServerId,
    /// The fault's, among those upon its server.
    pub number: u32,
    pub incident: Incident,
    pub present: bool,
    times: Flapping,
}

/// All of them, and by server the places of those upon it.
#[derive(Debug)]
pub struct Flaps {
    all: Slab<Flap>,
    of: Vec<Vec<u32>>,
}

impl Flaps {
    pub fn new(servers: usize) -> Self {
        Self { all: Slab::new(), of: vec![Vec::new(); servers] }
    }

    /// Fault `number` is upon `server` from now on; it comes and goes if the incident says so.
    pub fn begin(&mut self, server: ServerId, number: u32, incident: &Incident, now: Time, calendar: &mut Calendar) {
        let Some(times) = incident.flapping else { return };
        let flap = || Flap { server, number, incident: incident.clone(), present: true, times };
        let place = self.all.insert(flap, |old| *old = flap());
        self.of[server.index()].push(place);
        calendar.schedule(Kind::Flaps.at(after(now, times.on.as_nanos()), place, self.all.generation(place)));
    }

    /// What comes and goes upon `server` does so no longer, if its number is one of those; whether there was any.
    pub fn end(&mut self, server: ServerId, is_one: impl Fn(u32) -> bool) -> bool {
        let (all, own) = (&mut self.all, &mut self.of[server.index()]);
        let before = own.len();
        own.retain(|place| {
            let goes_on = !is_one(all.get(*place).number);
            if !goes_on {
                all.remove(*place);
            }
            goes_on
        });
        own.len() < before
    }

    /// A fault has come or gone, if the event is still of it.
    pub fn turn(&mut self, place: u32, stamp: u32, now: Time, calendar: &mut Calendar) -> Option<&Flap> {
        if self.all.generation(place) != stamp {
            return None;
        }
        let flap = self.all.get_mut(place);
        flap.present = !flap.present;
        let lasts = if flap.present { flap.times.on } else { flap.times.off };
        calendar.schedule(Kind::Flaps.at(after(now, lasts.as_nanos()), place, stamp));
        Some(flap)
    }
}
