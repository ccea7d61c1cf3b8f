//! Where hashing puts keys: ten thousand of them on some servers, and how many move when a server goes or comes.
//!
//! If the first hundred keys lie exactly where they were measured, everything else must be exact too. If not, as where servers
//! were reached at other addresses than those assumed here, the imbalance and the moved keys must lie within the range that holds
//! 99 % of 1,000 rings whose servers have random addresses.

use super::case::RealCase;
use super::desk::{Desk, traits};
use super::finding::{Figure, RealFinding, RealTrial, RealVerdict};
use super::keys::Keys;
use super::sequence::digit;
use super::weights_of;
use super::words::Said;
use crate::balancing::{Algorithm, ServerTraits};
use crate::random::{Role, Seed, Stream};
use crate::stats::Imbalance;
use crate::units::{Address, ServerId};
use crate::validation::Skip;
use crate::validation::fields::Fields;
use serde_json::Value;

/// So many random rings are made.
const RINGS: u64 = 1_000;
/// The share of them within the range.
const RANGE: f64 = 0.99;
/// Half of the last decimal that is written.
const ROUNDING: f64 = 0.5e-4 + 1e-9;

pub(super) fn placement(case: &RealCase) -> Result<RealTrial, Skip> {
    let ring = read(case)?;
    let places = ring.places();
    let first = case.measured["first_100_keys_base"].as_str().ok_or_else(|| Skip::new("there is no `first_100_keys_base`"))?;
    let same = first.chars().zip(&places.base).filter(|(measured, server)| *measured == digit(**server)).count();
    let mut findings = vec![RealFinding::right("first keys on the same server", same, first.len(), 1.0)];
    if same == first.len() {
        findings.extend(exact(case, &ring, &places));
        return Ok(RealTrial { findings, note: Some("every key exactly".into()) });
    }
    findings[0].verdict = RealVerdict::Shown;
    findings.extend(within_range(case, &ring));
    let note = "the first keys lie elsewhere: judged by the range of 99 % of 1,000 rings with random addresses".into();
    Ok(RealTrial { findings, note: Some(note) })
}

/// What was hashed on what.
fn read(case: &RealCase) -> Result<Ring, Skip> {
    let mut model = Fields::of("the model", &case.model)?;
    let weights = weights_of(&mut model)?;
    let number = model.count("keys", 10_000_000)?.ok_or_else(|| Skip::new("the model has no `keys`"))?;
    let keys = Keys::read(model.text("key_form")?, number)?;
    let said = Said::of(case, keys.key)?;
    let removed = model.text("removed")?;
    let removed = removed.strip_prefix("server ").and_then(|number| number.parse().ok());
    let removed =
        removed.filter(|server: &usize| *server < weights.len()).ok_or_else(|| Skip::new("no such server is `removed`"))?;
    if !model.text("added")?.ends_with("server, last") {
        return Err(Skip::new("a server can only be added as the last"));
    }
    model.get("algorithm");
    model.nothing_else()?;
    // The server that is added is like the first.
    let servers = weights.iter().chain(weights.first()).enumerate().map(|(number, weight)| traits(number, *weight)).collect();
    Ok(Ring { algorithm: said.algorithm, keys, servers, removed })
}

/// What is hashed on what.
struct Ring {
    algorithm: Algorithm,
    keys: Keys,
    /// The servers, and after them the one that is added.
    servers: Vec<ServerTraits>,
    removed: usize,
}

/// The server of each key.
type Places = Vec<Option<ServerId>>;

/// The servers of the keys in every state that was measured.
struct AllPlaces {
    base: Places,
    changed: [(Change, Places); 3],
}

/// What is done to the servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Removed,
    Added,
    Down,
}

impl Change {
    /// What the measurement calls it.
    const fn name(self) -> &'static str {
        match self {
            Self::Removed => "removed_from_configuration",
            Self::Added => "added_at_the_end",
            Self::Down => "server_marked_down",
        }
    }
}

impl Ring {
    fn count(&self) -> usize {
        self.servers.len() - 1
    }

    /// The servers that are configured, by their number before the change.
    fn configured(&self, change: Change) -> Vec<usize> {
        (0..self.servers.len())
            .filter(|server| match change {
                Change::Removed => *server != self.removed && *server < self.count(),
                Change::Added => true,
                Change::Down => *server < self.count(),
            })
            .collect()
    }

    /// The servers that get keys, by their number before the change.
    fn present(&self, change: Change) -> Vec<usize> {
        self.configured(change).into_iter().filter(|server| change == Change::Added || *server != self.removed).collect()
    }

    fn places(&self) -> AllPlaces {
        let all: Vec<usize> = (0..self.count()).collect();
        let changed = [Change::Removed, Change::Added, Change::Down].map(|change| {
            let down = (change == Change::Down).then_some(self.removed);
            (change, self.place(&self.configured(change), down))
        });
        AllPlaces { base: self.place(&all, None), changed }
    }

    fn place(&self, configured: &[usize], down: Option<usize>) -> Places {
        let servers: Vec<ServerTraits> = configured.iter().map(|server| self.servers[*server]).collect();
        let mut desk = Desk::new(&self.algorithm, &servers, 0);
        if let Some(down) = down {
            desk.withdraw(ServerId(down as u32));
        }
        let number = |server: ServerId| ServerId(configured[server.index()] as u32);
        self.keys.requests.iter().map(|request| desk.choose(request, &[]).map(number)).collect()
    }
}

/// Keys by server.
fn counts(places: &Places, servers: &[usize]) -> Vec<f64> {
    let on = |server: &usize| places.iter().flatten().filter(|place| place.index() == *server).count() as f64;
    servers.iter().map(on).collect()
}

/// The share of keys on another server than before.
fn moved(before: &Places, after: &Places) -> f64 {
    let moved = before.iter().zip(after).filter(|(before, after)| before != after).count();
    moved as f64 / before.len() as f64
}

/// What the measurement says after a change: keys by server, and the share that moved.
fn measured_after(case: &RealCase, change: Change) -> Option<(Vec<f64>, f64)> {
    let measured = &case.measured[change.name()];
    Some((numbers(&measured["after"]["counts"])?, measured["moved_fraction"].as_f64()?))
}

fn numbers(value: &Value) -> Option<Vec<f64>> {
    value.as_array()?.iter().map(Value::as_f64).collect()
}

/// All counts and moved keys, exactly.
fn exact(case: &RealCase, ring: &Ring, places: &AllPlaces) -> Vec<RealFinding> {
    let equal = |what: String, measured: &[f64], simulated: &[f64]| {
        let right = measured.iter().zip(simulated).filter(|(measured, simulated)| measured == simulated).count();
        RealFinding::right(what, right, measured.len().max(simulated.len()), 1.0)
    };
    let mut findings = Vec::new();
    if let Some(measured) = numbers(&case.measured["base"]["counts"]) {
        let all: Vec<usize> = (0..ring.count()).collect();
        findings.push(equal("base: servers with as many keys".into(), &measured, &counts(&places.base, &all)));
    }
    for (change, after) in &places.changed {
        let Some((measured, share)) = measured_after(case, *change) else { continue };
        let name = change.name();
        let simulated = counts(after, &ring.present(*change));
        findings.push(equal(format!("{name}: servers with as many keys"), &measured, &simulated));
        findings.push(RealFinding::near(format!("{name}: moved_fraction"), share, moved(&places.base, after), ROUNDING, ""));
    }
    findings
}

/// Imbalance and moved keys within what random rings do.
fn within_range(case: &RealCase, ring: &Ring) -> Vec<RealFinding> {
    let measured = figures(ring, |change| match change {
        None => Some((numbers(&case.measured["base"]["counts"])?, 0.0)),
        Some(change) => measured_after(case, change),
    });
    let rings: Vec<Vec<(String, f64)>> = (0..RINGS).map(|number| random_ring(ring, number)).collect();
    let find = |(what, measured): &(String, f64)| {
        let mut values: Vec<f64> =
            rings.iter().filter_map(|ring| ring.iter().find(|(name, _)| name == what).map(|(_, value)| *value)).collect();
        values.sort_by(f64::total_cmp);
        let beyond = ((1.0 - RANGE) / 2.0 * values.len() as f64) as usize;
        let (low, high) = (values[beyond], values[values.len() - 1 - beyond]);
        RealFinding {
            what: what.clone(),
            measured: Figure::Number(*measured),
            simulated: Figure::Number(values[values.len() / 2]),
            allowed: format!("{low:.4} to {high:.4}"),
            verdict: RealVerdict::of((low - ROUNDING..=high + ROUNDING).contains(measured)),
        }
    };
    measured.iter().map(find).collect()
}

/// Imbalance and moved keys by name, of those states that `of` knows.
fn figures(ring: &Ring, of: impl Fn(Option<Change>) -> Option<(Vec<f64>, f64)>) -> Vec<(String, f64)> {
    let mut figures = Vec::new();
    let states = [None, Some(Change::Removed), Some(Change::Added), Some(Change::Down)];
    for (state, (counts, moved)) in states.into_iter().filter_map(|state| Some((state, of(state)?))) {
        let name = state.map_or("base", Change::name);
        if let Some(imbalance) = Imbalance::of(&counts) {
            figures.push((format!("{name}: max_over_mean"), imbalance.max_over_mean));
            figures.push((format!("{name}: cv"), imbalance.cv));
        }
        if state.is_some() && ring.count() > 1 {
            figures.push((format!("{name}: moved_fraction"), moved));
        }
    }
    figures
}

/// The figures of servers at random addresses.
fn random_ring(ring: &Ring, number: u64) -> Vec<(String, f64)> {
    let mut stream = Stream::keyed(Seed(0), 0, Role::Balancing, 0, number);
    let servers = ring.servers.iter().map(|server| {
        let bits = stream.bits();
        ServerTraits { address: Address { ip: (bits >> 32) as u32, port: (bits as u16).max(1) }, ..*server }
    });
    let keys = Keys { key: ring.keys.key, requests: ring.keys.requests.clone() };
    let other = Ring { algorithm: ring.algorithm.clone(), keys, servers: servers.collect(), removed: ring.removed };
    let places = other.places();
    figures(&other, |change| match change {
        None => Some((counts(&places.base, &(0..other.count()).collect::<Vec<_>>()), 0.0)),
        Some(change) => {
            let (_, after) = places.changed.iter().find(|(known, _)| *known == change)?;
            Some((counts(after, &other.present(change)), moved(&places.base, after)))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::RealCases;
    use serde_json::json;

    /// A case whose servers stood at other addresses than those assumed here; `counts` says what was measured of the keys on each.
    fn elsewhere(counts: impl Fn(&Places, &[usize]) -> Vec<f64>) -> RealTrial {
        let all = RealCases::builtin();
        let mut case = all.cases.into_iter().find(|case| case.id == "B_nginx_hash_arg_consistent").unwrap();
        case.model["keys"] = 1_000.into();
        let mut ring = read(&case).unwrap();
        for (number, server) in (0..).zip(&mut ring.servers) {
            server.address = Address::new([10, 0, 0, number], 80);
        }
        let places = ring.places();
        case.measured = json!({
            "first_100_keys_base": places.base.iter().take(100).map(|server| digit(*server)).collect::<String>(),
            "base": {"counts": counts(&places.base, &(0..ring.count()).collect::<Vec<_>>())},
        });
        for (change, after) in &places.changed {
            let counts = counts(after, &ring.present(*change));
            case.measured[change.name()] = json!({"after": {"counts": counts}, "moved_fraction": moved(&places.base, after)});
        }
        placement(&case).unwrap()
    }

    /// Ten figures, each outside its range for one honest set of addresses in a hundred: these addresses are fixed.
    #[test]
    fn servers_at_other_addresses_are_judged_by_random_rings() {
        let trial = elsewhere(counts);
        let verdicts = |verdict| trial.findings.iter().filter(|finding| finding.verdict == verdict).count();
        assert_eq!((verdicts(RealVerdict::Shown), verdicts(RealVerdict::Disagrees)), (1, 0), "{:?}", trial.findings);
        assert!(verdicts(RealVerdict::Agrees) >= 8 && trial.note.unwrap().contains("random addresses"));
    }

    #[test]
    fn keys_that_lie_as_on_no_random_ring_disagree() {
        let on_the_first = |_: &Places, servers: &[usize]| {
            let mut counts = vec![10.0; servers.len()];
            counts[0] = 1_000.0;
            counts
        };
        let trial = elsewhere(on_the_first);
        let wrong: Vec<&str> = trial.findings.iter().filter(|f| f.verdict == RealVerdict::Disagrees).map(|f| &*f.what).collect();
        assert_eq!(trial.verdict(), RealVerdict::Disagrees);
        assert!(wrong.contains(&"base: max_over_mean") && wrong.contains(&"base: cv"), "{wrong:?}");
    }
}
