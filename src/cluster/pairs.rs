//! Balancers fail, are repaired, and their standbys take over.

use super::Cluster;
use super::naming::Naming;
use super::server::after;
use super::timer::Kind;
use crate::balancing::Policy;
use crate::engine::{Calendar, Event};
use crate::faults::{BalancerFailures, Crews, Duty, Pair};
use crate::model::ModelParts;
use crate::observe::Observer;
use crate::random::{Role, StreamKey};
use crate::units::{BalancerId, Time};

/// What clients meet at the door of the service, where a balancer can fail or sites have one name.
#[derive(Debug)]
pub struct Fronts {
    /// By balancer; none = it never fails.
    doors: Vec<Option<Door>>,
    pub naming: Naming,
}

/// A balancer that can fail.
#[derive(Debug)]
struct Door {
    failures: Option<BalancerFailures>,
    pair: Option<Pair>,
    duty: Duty,
    units: [Unit; 2],
    crews: Option<Crews>,
    /// The generation of the promotion that goes on, how many began, and what decides about them.
    promotion: u32,
    takeovers: u64,
    draws: StreamKey,
    /// Whether clients are met with silence while nobody serves.
    is_silent: bool,
}

/// One unit of a balancer.
#[derive(Debug)]
struct Unit {
    lifetimes: StreamKey,
    repairs: StreamKey,
    lives: u64,
    repaired: u64,
    /// The generation of its events.
    stamp: u32,
    /// Whether its lifetime is over, so that it needs a repair.
    is_broken: bool,
    /// The lines of the script that keep it down.
    lines: Vec<u32>,
}

/// How a client finds its balancer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    Service,
    Refusal,
    Silence,
}

impl Fronts {
    /// All of them up; nothing where no balancer can fail and every client knows its balancer.
    pub fn new(parts: &ModelParts, replication: u32) -> Option<Self> {
        let door = |number: u16| parts.may_fail(BalancerId(number)).then(|| Door::new(parts, replication, number));
        let doors: Vec<Option<Door>> = (0..parts.balancers.len()).map(|number| door(number as u16)).collect();
        let naming = Naming::new(parts, replication);
        (doors.iter().any(Option::is_some) || !naming.is_empty()).then_some(Self { doors, naming })
    }

    pub fn serves(&self, balancer: BalancerId) -> bool {
        self.doors[balancer.index()].as_ref().is_none_or(|door| door.duty.serves().is_some())
    }

    /// What a client meets at a balancer.
    pub fn met(&self, balancer: u16) -> Met {
        match &self.doors[balancer as usize] {
            Some(door) if door.duty.serves().is_none() => {
                if door.is_silent {
                    Met::Silence
                } else {
                    Met::Refusal
                }
            }
            _ => Met::Service,
        }
    }

    /// Whether some balancer serves.
    fn any_serves(&self) -> bool {
        self.doors.iter().any(|door| door.as_ref().is_none_or(|door| door.duty.serves().is_some()))
    }

    /// All lifetimes begin.
    pub fn begin(&mut self, calendar: &mut Calendar) {
        for (number, door) in (0..).zip(&mut self.doors) {
            let Some(door) = door else { continue };
            (0..door.number_of_units()).for_each(|unit| door.live(number, unit, Time::ZERO, calendar));
        }
    }
}

impl Door {
    fn new(parts: &ModelParts, replication: u32, number: u16) -> Self {
        let spec = &parts.balancers[usize::from(number)];
        let key = |role, index: u32| StreamKey::new(parts.seed, replication, role, index);
        let unit = |unit: u32| Unit {
            lifetimes: key(Role::BalancerLifetimes, subject(number, unit as usize)),
            repairs: key(Role::BalancerRepairs, subject(number, unit as usize)),
            lives: 0,
            repaired: 0,
            stamp: 0,
            is_broken: false,
            lines: Vec::new(),
        };
        Self {
            duty: Duty::new(spec.pair.is_some()),
            units: [unit(0), unit(1)],
            crews: spec.failures.as_ref().and_then(|failures| failures.crews).map(Crews::new),
            failures: spec.failures.clone(),
            pair: spec.pair.clone(),
            promotion: 0,
            takeovers: 0,
            draws: key(Role::Takeovers, number.into()),
            is_silent: false,
        }
    }

    const fn number_of_units(&self) -> usize {
        if self.pair.is_some() { 2 } else { 1 }
    }

    /// A new lifetime of a unit begins, if it has one.
    fn live(&mut self, balancer: u16, unit: usize, now: Time, calendar: &mut Calendar) {
        let Some(failures) = &self.failures else { return };
        let one = &mut self.units[unit];
        let life = failures.time_to_failure.sample(&mut one.lifetimes.item(one.lives));
        one.lives += 1;
        calendar.schedule(Kind::BalancerFails.at(after(now, life.as_nanos()), subject(balancer, unit), one.stamp));
    }

    /// The repair of a unit begins, if it is ever repaired.
    fn repair(&mut self, balancer: u16, unit: usize, now: Time, calendar: &mut Calendar) {
        let Some(time) = self.failures.as_ref().and_then(|failures| failures.time_to_repair.as_ref()) else { return };
        let one = &mut self.units[unit];
        let lasts = time.sample(&mut one.repairs.item(one.repaired));
        one.repaired += 1;
        calendar.schedule(Kind::BalancerRepaired.at(after(now, lasts.as_nanos()), subject(balancer, unit), one.stamp));
    }

    /// A unit goes down.
    fn goes_down(&mut self, balancer: u16, unit: usize, now: Time, calendar: &mut Calendar) {
        let one = &mut self.units[unit];
        one.stamp = (one.stamp + 1) % Event::STAMPS;
        let mut draws = self.draws.item(self.takeovers);
        let coverage = self.pair.as_ref().map_or(0.0, |pair| pair.coverage.value());
        let begins = self.duty.fails(unit, || draws.uniform() < coverage);
        // The draws belong to this failure, whatever comes of it.
        self.takeovers += 1;
        if let Some(pair) = self.pair.as_ref().filter(|_| begins) {
            self.promotion = (self.promotion + 1) % Event::STAMPS;
            let takes = pair.takeover.sample(&mut draws);
            calendar.schedule(Kind::TakesOver.at(after(now, takes.as_nanos()), balancer.into(), self.promotion));
        }
    }

    /// A unit is up again, if nothing else keeps it down.
    fn comes_back(&mut self, balancer: u16, unit: usize, now: Time, calendar: &mut Calendar) {
        let one = &mut self.units[unit];
        if one.is_broken || !one.lines.is_empty() || self.duty.is_up(unit) {
            return;
        }
        one.stamp = (one.stamp + 1) % Event::STAMPS;
        self.duty.repaired(unit);
        self.live(balancer, unit, now, calendar);
        let delay = self.pair.as_ref().and_then(|pair| pair.preempt_delay).filter(|_| unit == 0);
        if let Some(delay) = delay.filter(|_| self.duty.serves() != Some(0)) {
            let stamp = self.units[0].stamp;
            calendar.schedule(Kind::TakesBack.at(after(now, delay.as_nanos()), balancer.into(), stamp));
        }
    }
}

/// A unit of a balancer, as events call it.
const fn subject(balancer: u16, unit: usize) -> u32 {
    balancer as u32 * 2 + unit as u32
}

impl<O: Observer, P: Policy> Cluster<O, P> {
    /// Something happens to a balancer: who cares hears of it.
    fn at_door(&mut self, balancer: u16, happens: impl FnOnce(&mut Door, Time, &mut Calendar)) {
        let now = self.now;
        let Some(fronts) = &mut self.fronts else { return };
        let Some(door) = &mut fronts.doors[balancer as usize] else { return };
        let before = door.duty.serves();
        happens(door, now, &mut self.calendar);
        let (serves, is_silent, is_pair) = (door.duty.serves(), door.is_silent, door.pair.is_some());
        if serves == before {
            return;
        }
        let any = fronts.any_serves();
        if let Some(outages) = &mut self.outages {
            outages.meter.serve(now, any);
        }
        match (before, serves) {
            (Some(_), None) if is_silent => self.falls_silent(balancer),
            _ => self.lose_connections(balancer),
        }
        if serves.is_some() {
            self.begins_anew(balancer, is_pair);
        }
        self.look_at_sites();
    }

    /// The lifetime of a unit ends.
    pub(super) fn balancer_fails(&mut self, subject: u32, stamp: u32) {
        let (balancer, unit) = ((subject / 2) as u16, subject as usize % 2);
        self.at_door(balancer, |door, now, calendar| {
            if door.units[unit].stamp != stamp {
                return;
            }
            if door.duty.serves() == Some(unit) {
                door.is_silent = door.failures.as_ref().is_some_and(|failures| failures.silent);
            }
            door.units[unit].is_broken = true;
            door.goes_down(balancer, unit, now, calendar);
            if door.crews.as_mut().is_none_or(|crews| crews.call(unit as u32)) {
                door.repair(balancer, unit, now, calendar);
            }
        });
    }

    /// The repair of a unit ends.
    pub(super) fn balancer_repaired(&mut self, subject: u32) {
        let (balancer, unit) = ((subject / 2) as u16, subject as usize % 2);
        self.at_door(balancer, |door, now, calendar| {
            if let Some(next) = door.crews.as_mut().and_then(Crews::done) {
                door.repair(balancer, next as usize, now, calendar);
            }
            door.units[unit].is_broken = false;
            door.comes_back(balancer, unit, now, calendar);
        });
    }

    /// The promotion of a standby is over.
    pub(super) fn takes_over(&mut self, balancer: u32, stamp: u32) {
        self.at_door(balancer as u16, |door, _, _| {
            if door.promotion == stamp {
                door.duty.promoted();
            }
        });
    }

    /// The first unit of a pair, repaired, takes the address back.
    pub(super) fn takes_back(&mut self, balancer: u32, stamp: u32) {
        self.at_door(balancer as u16, |door, _, _| {
            if door.units[0].stamp == stamp {
                door.duty.taken_back();
            }
        });
    }

    /// Line `line` of the script fails the unit of a balancer that serves, or else the first one that is up.
    pub(super) fn script_fails_balancer(&mut self, line: u32, balancer: BalancerId, silent: bool) {
        self.at_door(balancer.0, |door, now, calendar| {
            let first_up = || (0..2).find(|unit| door.duty.is_up(*unit));
            let Some(unit) = door.duty.serves().or_else(first_up) else { return };
            if door.duty.serves().is_some() {
                door.is_silent = silent;
            }
            door.units[unit].lines.push(line);
            door.goes_down(balancer.0, unit, now, calendar);
        });
    }

    /// What line `line` of the script, or any line if none is given, has done to a balancer goes.
    pub(super) fn script_mends_balancer(&mut self, line: Option<u32>, balancer: BalancerId) {
        self.at_door(balancer.0, |door, now, calendar| {
            for unit in 0..2 {
                let lines = &mut door.units[unit].lines;
                let number = lines.len();
                lines.retain(|known| line.is_some_and(|line| line != *known));
                if lines.len() < number {
                    door.comes_back(balancer.0, unit, now, calendar);
                }
            }
        });
    }

    /// A balancer serves again, as the same unit or another one: it has forgotten what it counted, and what it believed too unless its
    /// standby has checked the servers all the while.
    fn begins_anew(&mut self, balancer: u16, is_pair: bool) {
        let now = self.now;
        self.tries.handlers[balancer as usize].forget(now);
        if let Some(watch) = &mut self.balancers[balancer as usize].watch {
            watch.forget(is_pair);
            self.publish(balancer.into());
        }
    }
}
