//! `lbsim explain`: the decisions of a model's balancers, one by one.

mod json;
mod text;
mod why;

use super::failure::Failure;
use super::output::print;
use super::source::{in_colour, open, overrides};
use crate::balancing::{Decision, Standing};
use crate::experiment::{self, Explained};
use crate::model::Model;
use crate::observe::Shape;
use crate::random::Seed;
use crate::units::{ServerId, Span, Time};
use clap::ValueEnum;
use std::path::PathBuf;

/// Which decisions to explain.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The model file.
    model: PathBuf,
    /// Override one value: a path and what stands there, such as 'balancer.algorithm=RoundRobin'. May be given several times.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// The seed of all randomness, in place of the model's.
    #[arg(long)]
    seed: Option<u64>,
    /// How many decisions.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    decisions: u32,
    /// From this moment of simulated time on, such as '10s'.
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = moment)]
    from: Span,
    /// In which replication; they are numbered from 0.
    #[arg(long, value_name = "NUMBER", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..100_000))]
    replication: u32,
    /// How to print them.
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

/// How to print decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// In words.
    Text,
    /// For programs: one document.
    Json,
}

fn moment(text: &str) -> Result<Span, String> {
    text.parse().map_err(|error: crate::units::InvalidQuantity| error.to_string())
}

/// Simulates as far as needed and prints the decisions.
pub fn explain(arguments: &Arguments) -> Result<(), Failure> {
    let opened = open(&arguments.model, &overrides(&arguments.set)?)?;
    anstream::eprint!("{}", opened.warnings.render(in_colour()));
    let model = match arguments.seed {
        Some(seed) => opened.model.with_seed(Seed(seed)),
        None => opened.model,
    };
    let from = Time::ZERO + arguments.from;
    if from >= model.parts().run.ends_at() {
        let end = model.parts().run.ends_at();
        return Err(Failure::input(format!("`--from {from}`: the run ends at {end}")));
    }
    let decisions = experiment::explain(&model, arguments.replication, from, arguments.decisions as usize);
    let scene = Scene::of(&model);
    match arguments.format {
        Form::Text => print(&text::document(&decisions, &scene, from)),
        Form::Json => print(&json::document(&decisions, &scene)),
    }
}

/// What decisions are about, by number.
struct Scene {
    servers: Vec<String>,
    classes: Vec<String>,
    balancers: Vec<BalancerScene>,
}

struct BalancerScene {
    name: String,
    /// The algorithm, and whom the balancer stands for.
    algorithm: &'static str,
    product: Option<String>,
    /// By server: whether it sends there.
    sends_to: Vec<bool>,
    /// Whether requests for which no server has room may wait.
    has_queue: bool,
}

impl Scene {
    fn of(model: &Model) -> Self {
        let parts = model.parts();
        let balancer = |balancer: &crate::model::BalancerSpec| {
            let sends = |number: usize| balancer.pools.iter().any(|pool| pool.index() == number);
            let pools = parts.pools.iter().enumerate();
            BalancerScene {
                name: balancer.name.clone(),
                algorithm: balancer.algorithm.name(),
                product: balancer.product.map(|product| product.to_string()),
                sends_to: pools.flat_map(|(number, pool)| std::iter::repeat_n(sends(number), pool.count as usize)).collect(),
                has_queue: balancer.pools.iter().any(|pool| parts.pools[pool.index()].max_connections.is_some()),
            }
        };
        Self {
            servers: Shape::of(model).server_names().collect(),
            classes: parts.classes.iter().map(|class| class.name.clone()).collect(),
            balancers: parts.balancers.iter().map(balancer).collect(),
        }
    }

    fn server(&self, server: ServerId) -> &str {
        &self.servers[server.index()]
    }

    /// A text of an algorithm, which calls servers by number ("server 3"), with their names.
    fn named(&self, text: &str) -> String {
        let mut parts = text.split("server ");
        let mut named = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            let name = part[..end].parse().ok().and_then(|number: usize| self.servers.get(number));
            match name {
                Some(name) => named.extend([name, &part[end..]]),
                None => named.extend(["server ", part]),
            }
        }
        named
    }

    fn class(&self, decision: &Decision) -> &str {
        &self.classes[(decision.request.session >> 32) as usize]
    }

    fn balancer(&self, decision: &Decision) -> &BalancerScene {
        &self.balancers[decision.balancer]
    }

    /// The servers that the balancer sends to and that stand so with it.
    fn standing(&self, explained: &Explained, standing: Standing) -> Vec<ServerId> {
        let stands = explained.situation.servers.iter().zip(&self.balancer(&explained.decision).sends_to);
        let servers = (0..).zip(stands).filter(|(_, (stand, sends_to))| **sends_to && stand.standing == standing);
        servers.map(|(number, _)| ServerId(number)).collect()
    }

    /// Those that cannot be chosen although they are not full, with the reason as far as there is one.
    fn out(&self, explained: &Explained) -> Vec<(ServerId, Option<String>)> {
        let out = |server: ServerId, standing| match (why::out(explained, server), standing) {
            (None, Standing::Eligible | Standing::Full) => None,
            (why, _) => Some((server, why)),
        };
        let stands = explained.situation.servers.iter().zip(&self.balancer(&explained.decision).sends_to);
        let servers = (0..).zip(stands).filter(|(_, (_, sends_to))| **sends_to);
        servers.filter_map(|(number, (stand, _))| out(ServerId(number), stand.standing)).collect()
    }

    fn names(&self, servers: &[ServerId]) -> Vec<&str> {
        servers.iter().map(|server| self.server(*server)).collect()
    }
}
