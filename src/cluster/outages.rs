//! What goes wrong with servers during a replication: whose lifetime ends when, who repairs, which faults are upon whom.

use super::down::SpareState;
use super::flaps::Flaps;
use super::meter::Meter;
use super::scaling::Scaler;
use super::server::after;
use super::timer::Kind;
use crate::engine::{Calendar, Event};
use crate::faults::{Clock, Condition, Crews, FailureSpec, Faults, Incident, Scope, SpareKind};
use crate::model::{ModelParts, PoolKind};
use crate::random::{Role, Seed, StreamKey};
use crate::units::{ServerId, Span, Time};

/// All of that, where something can go wrong.
#[derive(Debug)]
pub struct Outages {
    /// By server.
    faults: Vec<Faults>,
    pub conditions: Vec<Condition>,
    /// By server: when it last went down.
    pub down_since: Vec<Time>,
    /// By server: whether some balancer has taken it out of rotation since it went down.
    pub is_found: Vec<bool>,
    /// By server: how often it has lost its work; completions of before are void.
    pub epochs: Vec<u32>,
    /// By server: whether it waits as a spare, or its pool scales and it does not belong to those that take requests.
    pub is_spare: Vec<bool>,
    pool_of: Vec<u16>,
    /// By pool: whether it is a back end, which is not counted among those that are up.
    is_back_end: Vec<bool>,
    processes: Vec<Process>,
    units: Vec<Unit>,
    /// By server: the units that concern it alone.
    units_of: Vec<Vec<u32>>,
    flaps: Flaps,
    pub meter: Meter,
    /// By pool: its spares.
    pub spares: Vec<Option<SpareState>>,
    /// By pool: who makes it larger and smaller.
    pub scalers: Vec<Option<Box<Scaler>>>,
}

/// A process of failures and what all its units share.
#[derive(Debug)]
struct Process {
    spec: FailureSpec,
    crews: Option<Crews>,
    /// Of a common cause: whom it strikes, and their units.
    members: Vec<(ServerId, u32)>,
}

/// Something that fails and is repaired: a server, or for a common cause all of them together.
#[derive(Debug)]
struct Unit {
    process: u32,
    /// None: a common cause.
    server: Option<ServerId>,
    /// Whether it has lifetimes of its own; the others only wait for a repair after a common cause.
    fails: bool,
    lifetimes: StreamKey,
    repairs: StreamKey,
    /// How many lifetimes and repairs there were.
    lives: u64,
    repaired: u64,
    /// The generation of its event in the calendar.
    stamp: u32,
    state: UnitState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UnitState {
    /// Its lifetime is not being counted: its server is down for another reason, or it has none.
    Resting,
    /// Its lifetime ends then.
    Living(Time),
    /// So much of its lifetime is left, which is not being counted while its server is down.
    Paused(Span),
    /// So much of its lifetime is left, which is not being counted while its server idles.
    Idle(Span, Time),
    /// It counts while serving: so much was left at that time.
    Serving(Span, Time),
    /// It has failed.
    Failed,
}

/// Faults that the script brings have numbers from here on, those of overload the last.
const SCRIPTED: u32 = 1 << 30;
const OVERLOAD: u32 = u32::MAX;

impl Outages {
    /// Everything up, lifetimes not begun.
    pub fn new(parts: &ModelParts, replication: u32, servers: usize) -> Self {
        let mut outages = Self {
            faults: vec![Faults::default(); servers],
            conditions: vec![Condition::default(); servers],
            down_since: vec![Time::ZERO; servers],
            is_found: vec![false; servers],
            epochs: vec![0; servers],
            is_spare: vec![false; servers],
            pool_of: Vec::with_capacity(servers),
            is_back_end: parts.pools.iter().map(|pool| pool.kind == PoolKind::BackEnd).collect(),
            processes: Vec::new(),
            units: Vec::new(),
            units_of: vec![Vec::new(); servers],
            flaps: Flaps::new(servers),
            meter: Meter::new(0, parts.needed, parts.run.measured_from()),
            spares: Vec::new(),
            scalers: Vec::new(),
        };
        let key = Keys { seed: parts.seed, replication };
        let mut first = 0;
        let mut all = 0;
        for pool in &parts.pools {
            let members: Vec<ServerId> = (first..first + pool.count).map(ServerId).collect();
            first += pool.count;
            outages.pool_of.resize(first as usize, outages.spares.len() as u16);
            if pool.kind == PoolKind::Servers {
                all += pool.count;
            }
            for spec in &pool.failures {
                outages.add(spec, &members, key);
            }
            let spares = pool.spares.as_ref().map(|spec| {
                members.iter().rev().take(spec.count as usize).for_each(|server| outages.is_spare[server.index()] = true);
                SpareState { spec: spec.clone(), wanted: pool.count - spec.count, starting: 0, begun: 0, lingering: Vec::new() }
            });
            outages.spares.push(spares);
            let scaler = pool.scaling.as_ref().map(|spec| Scaler::new(spec, members[0], pool.workers));
            if let Some(scaler) = &scaler {
                members.iter().for_each(|server| outages.is_spare[server.index()] = scaler.is_absent(*server));
            }
            outages.scalers.push(scaler.map(Box::new));
        }
        for zone in &parts.zones {
            for spec in &zone.failures {
                outages.add(spec, &zone.servers, key);
            }
        }
        let spares = outages.is_spare.iter().filter(|is_spare| **is_spare).count() as u32;
        outages.meter = Meter::new(all - spares, parts.needed, parts.run.measured_from());
        if outages.scalers.iter().any(Option::is_some) {
            outages.meter.provisioned = all - spares;
        }
        outages
    }

    fn add(&mut self, spec: &FailureSpec, servers: &[ServerId], keys: Keys) {
        let process = self.processes.len() as u32;
        let mut members = Vec::new();
        for server in servers {
            let number = self.unit(process, Some(*server), spec.scope == Scope::Each, keys);
            members.push((*server, number));
        }
        if spec.scope != Scope::Each {
            self.unit(process, None, true, keys);
        }
        let crews = spec.crews.map(Crews::new);
        self.processes.push(Process { spec: spec.clone(), crews, members });
    }

    fn unit(&mut self, process: u32, server: Option<ServerId>, fails: bool, keys: Keys) -> u32 {
        let number = self.units.len() as u32;
        let key = |role| StreamKey::new(keys.seed, keys.replication, role, number);
        let (lifetimes, repairs) = (key(Role::Lifetimes), key(Role::Repairs));
        let state = UnitState::Resting;
        self.units.push(Unit { process, server, fails, lifetimes, repairs, lives: 0, repaired: 0, stamp: 0, state });
        if let Some(server) = server.filter(|_| fails) {
            self.units_of[server.index()].push(number);
        }
        number
    }

    /// All lifetimes begin.
    pub fn begin(&mut self, now: Time, calendar: &mut Calendar) {
        (0..self.units.len() as u32).for_each(|unit| self.live(unit, now, calendar));
    }

    pub fn is_up(&self, server: ServerId) -> bool {
        self.conditions[server.index()].is_up()
    }

    /// `server` has come up or gone down: those that are up are one more or fewer, unless it waits as a spare or is a back end.
    pub fn count_up(&mut self, server: ServerId, is_up: bool, now: Time) {
        if self.is_spare[server.index()] || self.is_back_end[usize::from(self.pool_of[server.index()])] {
            return;
        }
        let up = self.meter.up;
        self.meter.set(now, if is_up { up + 1 } else { up - 1 });
    }

    /// Whether connections to `server` are refused because it is down.
    pub fn refuses(&self, server: ServerId) -> bool {
        self.conditions[server.index()].down.is_some_and(|down| down.refuses)
    }

    /// A new lifetime of a unit begins, if it has one.
    fn live(&mut self, number: u32, now: Time, calendar: &mut Calendar) {
        let is_absent = self.units[number as usize].server.is_some_and(|server| self.is_absent(server));
        let unit = &mut self.units[number as usize];
        if !unit.fails {
            return;
        }
        let spec = &self.processes[unit.process as usize].spec;
        let mut stream = unit.lifetimes.item(unit.lives);
        unit.lives += 1;
        let mut life = spec.time_to_failure.sample(&mut stream);
        if let Some(server) = unit.server.filter(|server| self.is_spare[server.index()]) {
            match self.spares[usize::from(self.pool_of[server.index()])].as_ref().map(|spares| spares.spec.kind) {
                None if !is_absent => {}
                Some(SpareKind::Cold) | None => {
                    unit.state = UnitState::Resting;
                    return;
                }
                Some(SpareKind::Warm(rate)) => life = Span::from_nanos_f64(life.as_nanos() as f64 / rate),
                Some(SpareKind::Hot) => {}
            }
        }
        if spec.clock == Clock::WhileServing && unit.server.is_some() {
            unit.state = UnitState::Idle(life, now);
            return;
        }
        let end = after(now, life.as_nanos());
        unit.state = UnitState::Living(end);
        unit.stamp = (unit.stamp + 1) % Event::STAMPS;
        calendar.schedule(Kind::Fails.at(end, number, unit.stamp));
    }

    /// `server` begins to serve, or ceases: lifetimes that count only service go on, or stop.
    pub fn serving(&mut self, server: ServerId, serves: bool, now: Time, calendar: &mut Calendar) {
        for &number in &self.units_of[server.index()] {
            let unit = &mut self.units[number as usize];
            match unit.state {
                UnitState::Idle(left, _) if serves => {
                    unit.state = UnitState::Serving(left, now);
                    unit.stamp = (unit.stamp + 1) % Event::STAMPS;
                    calendar.schedule(Kind::Fails.at(after(now, left.as_nanos()), number, unit.stamp));
                }
                UnitState::Serving(left, since) if !serves => {
                    let left = Span::from_nanos(left.as_nanos().saturating_sub(now.since(since).as_nanos()));
                    unit.state = UnitState::Idle(left, now);
                    unit.stamp = (unit.stamp + 1) % Event::STAMPS;
                }
                _ => {}
            }
        }
    }

    /// Lifetimes of `server` are no longer counted, but for the unit that has failed.
    pub fn rest(&mut self, server: ServerId, now: Time) {
        for &number in &self.units_of[server.index()] {
            let unit = &mut self.units[number as usize];
            unit.state = match unit.state {
                UnitState::Living(end) => UnitState::Paused(end.since(now)),
                UnitState::Idle(left, _) => UnitState::Paused(left),
                UnitState::Serving(left, since) => {
                    UnitState::Paused(Span::from_nanos(left.as_nanos().saturating_sub(now.since(since).as_nanos())))
                }
                state => state,
            };
            if unit.state != UnitState::Failed {
                unit.stamp = (unit.stamp + 1) % Event::STAMPS;
            }
        }
    }

    /// Lifetimes of `server` go on; that of a unit that was repaired, or has never lived, begins.
    pub fn wake(&mut self, server: ServerId, now: Time, calendar: &mut Calendar) {
        for index in 0..self.units_of[server.index()].len() {
            let number = self.units_of[server.index()][index];
            let unit = &mut self.units[number as usize];
            match unit.state {
                UnitState::Resting => self.live(number, now, calendar),
                UnitState::Paused(left) if self.processes[unit.process as usize].spec.clock == Clock::WhileServing => {
                    unit.state = UnitState::Idle(left, now);
                }
                UnitState::Paused(left) => {
                    let end = after(now, left.as_nanos());
                    unit.state = UnitState::Living(end);
                    unit.stamp = (unit.stamp + 1) % Event::STAMPS;
                    calendar.schedule(Kind::Fails.at(end, number, unit.stamp));
                }
                _ => {}
            }
        }
    }

    /// Lifetimes of `server` begin anew: it has ceased to be a spare, or to be away.
    pub fn refresh(&mut self, server: ServerId, now: Time, calendar: &mut Calendar) {
        self.rest(server, now);
        for index in 0..self.units_of[server.index()].len() {
            let unit = &mut self.units[self.units_of[server.index()][index] as usize];
            if unit.state != UnitState::Failed {
                unit.state = UnitState::Resting;
            }
        }
        self.wake(server, now, calendar);
    }

    /// The lifetime of a unit ends, if the event is of its generation: whom that strikes.
    pub fn fails(&mut self, number: u32, stamp: u32, now: Time, calendar: &mut Calendar, struck: &mut Vec<ServerId>) {
        let unit = &self.units[number as usize];
        if unit.stamp != stamp {
            return;
        }
        let process = unit.process as usize;
        let Some(server) = unit.server else { return self.strikes(number, now, calendar, struck) };
        let incident = self.processes[process].spec.incident.clone();
        self.units[number as usize].state = UnitState::Failed;
        self.bring(server, number, &incident, now, calendar);
        self.send_for_repair(number, now, calendar);
        struck.push(server);
    }

    /// A common cause strikes all that are up.
    fn strikes(&mut self, number: u32, now: Time, calendar: &mut Calendar, struck: &mut Vec<ServerId>) {
        let process = self.units[number as usize].process as usize;
        let spec = self.processes[process].spec.clone();
        for (server, own) in self.processes[process].members.clone() {
            // What ends for all at once strikes those as well that are down for another reason; who is repaired on its own is struck once.
            let own_failed = self.units[own as usize].state == UnitState::Failed;
            if self.is_off(server) || spec.scope == Scope::AllAtOnce && (own_failed || !self.is_up(server)) {
                continue;
            }
            let fault = if spec.scope == Scope::Together { number } else { own };
            self.bring(server, fault, &spec.incident, now, calendar);
            struck.push(server);
            if spec.scope == Scope::AllAtOnce {
                self.units[own as usize].state = UnitState::Failed;
                self.send_for_repair(own, now, calendar);
            }
        }
        if spec.scope == Scope::Together {
            self.units[number as usize].state = UnitState::Failed;
            self.send_for_repair(number, now, calendar);
        } else {
            self.live(number, now, calendar);
        }
    }

    /// Whether a spare is switched off.
    pub fn is_off(&self, server: ServerId) -> bool {
        let spares = &self.spares[usize::from(self.pool_of[server.index()])];
        self.is_spare[server.index()] && spares.as_ref().is_some_and(|state| state.spec.kind == SpareKind::Cold)
            || self.is_absent(server)
    }

    /// Whether `server` waits as a spare, or its place has been taken: balancers do not know it.
    pub fn is_unlisted(&self, server: ServerId) -> bool {
        let spares = || self.spares[usize::from(self.pool_of[server.index()])].as_ref();
        self.is_spare[server.index()] && spares().is_none_or(|state| !state.lingering.contains(&server))
    }

    /// Whether `server` does not exist at present, because its pool is smaller than it may be.
    pub fn is_absent(&self, server: ServerId) -> bool {
        let scaler = &self.scalers[usize::from(self.pool_of[server.index()])];
        scaler.as_ref().is_some_and(|scaler| scaler.is_absent(server))
    }

    /// Another one takes the place of `server`, which is gone: what would never have been repaired goes with it.
    pub fn forget(&mut self, server: ServerId) {
        for index in 0..self.units_of[server.index()].len() {
            let number = self.units_of[server.index()][index];
            let unit = &mut self.units[number as usize];
            if unit.state == UnitState::Failed && self.processes[unit.process as usize].spec.time_to_repair.is_none() {
                unit.state = UnitState::Resting;
                self.take_away(server, number);
            }
        }
    }

    fn send_for_repair(&mut self, number: u32, now: Time, calendar: &mut Calendar) {
        let process = self.units[number as usize].process as usize;
        let begins = self.processes[process].crews.as_mut().is_none_or(|crews| crews.call(number));
        if begins {
            self.repair(number, now, calendar);
        }
    }

    fn repair(&mut self, number: u32, now: Time, calendar: &mut Calendar) {
        let unit = &mut self.units[number as usize];
        let Some(time) = &self.processes[unit.process as usize].spec.time_to_repair else { return };
        let mut stream = unit.repairs.item(unit.repaired);
        unit.repaired += 1;
        unit.stamp = (unit.stamp + 1) % Event::STAMPS;
        calendar.schedule(Kind::Repaired.at(after(now, time.sample(&mut stream).as_nanos()), number, unit.stamp));
    }

    /// The repair of a unit ends: whom that concerns.
    pub fn repaired(&mut self, number: u32, now: Time, calendar: &mut Calendar, mended: &mut Vec<ServerId>) {
        let unit = &mut self.units[number as usize];
        let (process, server) = (unit.process as usize, unit.server);
        unit.state = UnitState::Resting;
        let next = self.processes[process].crews.as_mut().and_then(Crews::done);
        if let Some(next) = next {
            self.repair(next, now, calendar);
        }
        match server {
            Some(server) => {
                self.take_away(server, number);
                mended.push(server);
            }
            None => {
                for (server, _) in self.processes[process].members.clone() {
                    if self.take_away(server, number) {
                        mended.push(server);
                    }
                }
                self.live(number, now, calendar);
            }
        }
    }

    /// The number of the faults that line `line` of the script brings.
    pub const fn scripted(line: u32) -> u32 {
        SCRIPTED + line
    }

    /// A fault comes upon `server`.
    pub fn bring(&mut self, server: ServerId, number: u32, incident: &Incident, now: Time, calendar: &mut Calendar) {
        self.faults[server.index()].begin(number, incident.fault.clone());
        self.flaps.begin(server, number, incident, now, calendar);
    }

    /// A fault that `server` got by that number goes; whether there was one.
    pub fn take_away(&mut self, server: ServerId, number: u32) -> bool {
        let is_there = self.faults[server.index()].end(number);
        self.flaps.end(server, |one| one == number) || is_there
    }

    /// A server crashes under its load.
    pub fn overload(&mut self, server: ServerId, incident: &Incident, now: Time, calendar: &mut Calendar) {
        self.bring(server, OVERLOAD, incident, now, calendar);
    }

    /// It is back.
    pub fn recovers(&mut self, server: ServerId) {
        self.take_away(server, OVERLOAD);
    }

    /// All faults go that the script has brought upon `server`.
    pub fn repair_scripted(&mut self, server: ServerId) {
        self.faults[server.index()].end_all(SCRIPTED..OVERLOAD);
        self.flaps.end(server, |one| (SCRIPTED..OVERLOAD).contains(&one));
    }

    /// A fault comes or goes that does so while it lasts: upon whom.
    pub fn flaps(&mut self, place: u32, stamp: u32, now: Time, calendar: &mut Calendar) -> Option<ServerId> {
        let flap = self.flaps.turn(place, stamp, now, calendar)?;
        let faults = &mut self.faults[flap.server.index()];
        if flap.present {
            faults.begin(flap.number, flap.incident.fault.clone());
        } else {
            faults.end(flap.number);
        }
        Some(flap.server)
    }

    /// How many servers among these work: up and not waiting as spares.
    pub fn working(&self, servers: std::ops::Range<u32>) -> u32 {
        let works = |server: &u32| self.is_up(ServerId(*server)) && !self.is_spare[*server as usize];
        servers.filter(works).count() as u32
    }

    /// What the faults upon `server` make of it now; the answer is what it was.
    pub fn renew(&mut self, server: ServerId) -> Condition {
        let condition = self.faults[server.index()].condition();
        std::mem::replace(&mut self.conditions[server.index()], condition)
    }
}

/// What streams of random numbers are keyed by.
#[derive(Debug, Clone, Copy)]
struct Keys {
    seed: Seed,
    replication: u32,
}
