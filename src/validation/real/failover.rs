//! Failover: servers fail and come back under load; what that costs, and how long it takes to be noticed.
//!
//! The requests are drawn as the generator drew them, and the fault comes and goes when it did in the measured run of the same seed. What is not
//! known is where in their cycles the checks and clocks of the balancer stood: in each simulated run the whole experiment begins at another moment
//! of a minute after the balancer did. Nor are times known better than to a millisecond: in each run each request comes up to one later, in the same
//! order, and the fault and the restore up to one earlier or later. How figures of few measured runs and many simulated ones are judged is said in [`super::band`].
//!
//! Times count from the fault, or from the restore, and a request counts by its arrival. The balancer's own cost, less than a millisecond, is left in
//! what was measured: no figure is that fine.

use super::band::Band;
use super::case::{RealCase, RealCases};
use super::config::Config;
use super::finding::{RealFinding, RealTrial};
use super::heard::Heard;
use super::load::Drive;
use super::world::World;
use crate::faults::{Fault, InFlight, Incident};
use crate::model::{Change, ChangeKind};
use crate::random::{Role, Seed, Stream};
use crate::units::{Probability, ServerId, Span, Time};
use crate::validation::Skip;
use crate::validation::fields::Fields;
use rayon::prelude::*;
use serde_json::Value;

/// So many runs are simulated in all.
const RUNS: u32 = 200;
/// The experiment begins at a random moment of this: every usual interval divides it.
const CYCLE_SECS: f64 = 60.0;
/// Times were written down in milliseconds, and requests went out up to one late.
const MILLISECOND: f64 = 1e-3;
/// What is slow.
const SLOW: Span = Span::from_nanos(200_000_000);
/// A pause this long ends the first block of requests that met a failed server.
const PAUSE_SECS: f64 = 2.0;
/// Answers of servers that are back count for so many seconds.
const BACK_SECS: f64 = 10.0;

/// The name and the meaning of a figure.
type Named = (&'static str, fn(&Run<'_>) -> Option<f64>);

/// The figures that are compared.
const FIGURES: [Named; 11] = [
    ("errors", |run| Some(run.count(|one| !one.heard.is_answered()))),
    ("errors_during_fault", |run| Some(run.count(|one| run.is_during(one) && !one.heard.is_answered()))),
    ("errors_after_restore", |run| Some(run.count(|one| one.at >= run.restored && !one.heard.is_answered()))),
    ("slow_over_200ms", |run| Some(run.count(One::is_slow))),
    ("slow_over_200ms_ok", |run| Some(run.count(|one| one.is_slow() && one.heard.is_answered()))),
    ("sent_to_dead", |run| Some(run.count(|one| run.met_dead(one)))),
    ("last_sent_to_dead_s", |run| run.meetings().last()),
    ("first_block_end_s", |run| run.first_block_end()),
    ("first_answer_of_dead_after_restore_s", |run| run.answers_of_back().next()),
    ("last_error_after_restore_s", |run| {
        run.requests.iter().rev().find(|one| one.at >= run.restored && !one.heard.is_answered()).map(|one| one.at - run.restored)
    }),
    (SHARE_BACK, |run| Some(run.answers_of_back().filter(|at| *at < BACK_SECS).count() as f64)),
];

/// How many answers servers that are back give at first; measured as a table of seconds and servers.
const SHARE_BACK: &str = "answers_of_dead_10s_after_restore";

/// A request of a run.
struct One {
    at: f64,
    heard: Heard,
}

impl One {
    fn is_slow(&self) -> bool {
        self.heard.taken.is_none_or(|taken| taken > SLOW)
    }
}

/// A simulated run.
struct Run<'a> {
    requests: Vec<One>,
    fault: f64,
    restored: f64,
    dead: &'a [ServerId],
}

impl Run<'_> {
    fn count(&self, which: impl Fn(&One) -> bool) -> f64 {
        self.requests.iter().filter(|one| which(one)).count() as f64
    }

    fn is_during(&self, one: &One) -> bool {
        (self.fault..self.restored).contains(&one.at)
    }

    fn met_dead(&self, one: &One) -> bool {
        self.is_during(one) && one.heard.met(self.dead)
    }

    /// When requests met a failed server.
    fn meetings(&self) -> impl Iterator<Item = f64> + '_ {
        self.requests.iter().filter(|one| self.met_dead(one)).map(|one| one.at - self.fault)
    }

    fn first_block_end(&self) -> Option<f64> {
        let mut meetings = self.meetings();
        let first = meetings.next()?;
        Some(meetings.scan(first, |last, at| (at - *last < PAUSE_SECS).then(|| *last = at).map(|()| at)).last().unwrap_or(first))
    }

    /// When requests arrived that servers answered which were back.
    fn answers_of_back(&self) -> impl Iterator<Item = f64> + '_ {
        let is_back = |one: &&One| one.at >= self.restored && one.heard.server.is_some_and(|server| self.dead.contains(&server));
        self.requests.iter().filter(is_back).map(|one| one.at - self.restored)
    }
}

pub(super) fn failover(case: &RealCase, all: &RealCases) -> Result<RealTrial, Skip> {
    let mut model = Fields::of("the model", &case.model)?;
    let config = Config::read(&case.lb, model.text("config")?, model.text_if_any("algorithm")?)?;
    let drive = Drive::read(&mut model)?;
    let breakdown = Breakdown::read(model.need("fault")?)?;
    let mut world = World::of_equals(&mut model, config.max_connections)?.with_seed(all.seed).with_handling(config.handling);
    if config.has_no_queue {
        world = world.without_queue();
    }
    model.get("lb_threads");
    model.nothing_else()?;
    if breakdown.servers.iter().any(|server| server.index() >= world.weights.len()) {
        return Err(Skip::new("the fault strikes a server that is not there"));
    }
    let measured = Measured::read(case, drive.seeds.len(), &breakdown)?;
    let requests: Vec<Vec<(f64, f64)>> = drive.seeds.iter().map(|seed| drive.requests(*seed, "", all)).collect();
    let same = requests.iter().zip(&measured.runs).filter(|(requests, run)| requests.len() == run.requests).count();
    let mut findings = vec![RealFinding::right("requests measured", same, requests.len(), 1.0)];
    let each = RUNS.div_ceil((drive.seeds.len() as u32).max(1));
    let figures: Vec<Vec<Vec<Option<f64>>>> = requests
        .iter()
        .zip(&measured.runs)
        .map(|(requests, times)| {
            let run = |number| {
                let run = simulate(&world, &config.algorithm, requests, times, &breakdown, number);
                FIGURES.iter().map(|(_, figure)| figure(&run)).collect()
            };
            (0..each).into_par_iter().map(run).collect()
        })
        .collect();
    for (number, (name, _)) in FIGURES.iter().enumerate() {
        let Some(measured) = measured.figure(name) else { continue };
        let of_seed = |runs: &Vec<Vec<Option<f64>>>| runs.iter().map(|run| run[number]).collect::<Vec<Option<f64>>>();
        let simulated: Vec<Vec<Option<f64>>> = figures.iter().map(of_seed).collect();
        let resolution = match *name {
            // Which of the answers at the two ends of the time were counted is not known.
            SHARE_BACK => 1.0,
            name if name.ends_with("_s") => MILLISECOND,
            _ => 0.0,
        };
        findings.push(Band { what: name, measured: &measured, simulated: &simulated, resolution }.judge());
    }
    if findings.len() < 2 {
        return Err(Skip::new("it measured nothing that is compared"));
    }
    let note = format!("{} simulated runs against {} measured", each as usize * drive.seeds.len(), drive.seeds.len());
    Ok(RealTrial { findings, note: Some(note) })
}

/// What goes wrong with whom.
struct Breakdown {
    fault: Fault,
    servers: Vec<ServerId>,
}

impl Breakdown {
    fn read(written: &Value) -> Result<Self, Skip> {
        let mut fields = Fields::of("the fault", written)?;
        let fault = fault(fields.text("kind")?)?;
        let servers = fields.numbers("servers")?.iter().map(|server| ServerId(*server as u32)).collect();
        // When it comes and goes is said for each run.
        for known in ["meaning", "at_s", "until_s"] {
            fields.get(known);
        }
        fields.nothing_else()?;
        Ok(Self { fault, servers })
    }
}

/// What happens to a server.
pub(super) fn fault(kind: &str) -> Result<Fault, Skip> {
    let work = InFlight::Lost;
    Ok(match kind {
        "refused" => Fault::Crash { work },
        // Its connections end when it is back.
        "blackhole" => Fault::Silence { work },
        // It does the work first.
        "err500" => Fault::Errors { probability: Probability::new(1.0).map_err(|_| Skip::new("no probability"))?, after: None },
        "hc503" => Fault::FailingChecks,
        other => return Err(Skip::new(format!("the fault `{other}`"))),
    })
}

/// `servers` have a fault from a time to another, in seconds.
pub(super) fn strike(fault: &Fault, servers: &[ServerId], at: f64, until: f64) -> Change {
    let span = |secs: f64| Span::from_nanos_f64(secs * 1e9);
    Change {
        at: Time::ZERO + span(at),
        spread: Span::ZERO,
        kind: ChangeKind::Fail { incident: Incident { fault: fault.clone(), flapping: None }, lasting: Some(span(until - at)) },
        servers: servers.to_vec(),
        balancers: Vec::new(),
    }
}

/// What was measured.
struct Measured {
    runs: Vec<Times>,
    figures: Vec<(&'static str, Vec<Option<f64>>)>,
}

/// How many requests there were, and when the fault came and went, in seconds.
struct Times {
    requests: usize,
    fault: f64,
    restored: f64,
}

impl Measured {
    fn read(case: &RealCase, seeds: usize, breakdown: &Breakdown) -> Result<Self, Skip> {
        let written = case.measured["replications"].as_array().filter(|runs| runs.len() == seeds);
        let written = written.ok_or_else(|| Skip::new("there is not a measured run for each seed"))?;
        let time =
            |run: &Value, name: &str| run[name].as_f64().ok_or_else(|| Skip::new(format!("a measured run has no `{name}`")));
        let times = |run| {
            let requests = time(run, "requests")? as usize;
            let times = Times { requests, fault: time(run, "fault_at_s")?, restored: time(run, "restored_at_s")? };
            let is_possible = times.fault >= 0.0 && times.restored > times.fault && times.restored < 1e7;
            if is_possible { Ok(times) } else { Err(Skip::new("a fault ends before it begins")) }
        };
        let runs = written.iter().map(times).collect::<Result<Vec<Times>, Skip>>()?;
        let figure = |(name, _): &Named| {
            let value = |run: &Value| if *name == SHARE_BACK { share_back(run, breakdown) } else { run[name].as_f64() };
            (*name, written.iter().map(value).collect::<Vec<Option<f64>>>())
        };
        let figures = FIGURES.iter().map(figure).filter(|(_, values)| values.iter().any(Option::is_some)).collect();
        Ok(Self { runs, figures })
    }

    fn figure(&self, name: &str) -> Option<Vec<Option<f64>>> {
        self.figures.iter().find(|(known, _)| *known == name).map(|(_, values)| values.clone())
    }
}

/// The answers of the servers that failed in the first seconds after the restore, of a table of seconds and answers by server.
fn share_back(run: &Value, breakdown: &Breakdown) -> Option<f64> {
    let rows = run["answers_per_server_per_second_after_restore"].as_array()?;
    let first = rows.iter().filter(|row| row[0].as_f64().is_some_and(|second| second < BACK_SECS));
    let of_row = |row: &Value| -> f64 { breakdown.servers.iter().filter_map(|server| row[1][server.index()].as_f64()).sum() };
    Some(first.map(of_row).sum())
}

fn simulate<'a>(
    world: &World,
    algorithm: &crate::balancing::Algorithm,
    requests: &[(f64, f64)],
    times: &Times,
    breakdown: &'a Breakdown,
    number: u32,
) -> Run<'a> {
    let mut stream = Stream::new(Seed(world.seed()), number, Role::Comparison, 1);
    let begins = CYCLE_SECS * stream.uniform();
    let fault = times.fault + MILLISECOND * (2.0 * stream.uniform() - 1.0);
    let restored = times.restored + MILLISECOND * (2.0 * stream.uniform() - 1.0);
    let mut before = 0.0_f64;
    let mut later = Vec::with_capacity(requests.len());
    for (at, demand) in requests {
        before = before.max(at + begins + MILLISECOND * stream.uniform());
        later.push((before, *demand));
    }
    let change = strike(&breakdown.fault, &breakdown.servers, begins + fault, begins + restored);
    let heard = world.hear(&later, number, algorithm, vec![change]);
    let requests = requests.iter().zip(heard).map(|((at, _), heard)| One { at: *at, heard }).collect();
    Run { requests, fault: times.fault, restored: times.restored, dead: &breakdown.servers }
}
