//! Tests of reading experiments.

mod messages;
mod readings;

use super::{Experiment, Library, ModelFile, read};
use crate::model::{Files, NoFiles, Report, Source};
use std::cell::Cell;

/// The kinds of charts of these tests.
const CHARTS: &[&str] = &["ResponseByLoad", "TradeOff"];

/// A model to vary.
const SHOP: &str = r#"Model(
    seed: 7,
    clients: [Open(name: "web", arrivals: Poisson(rate: "320/s"), demand: Exponential(mean: "10ms"))],
    balancer: (algorithm: RoundRobin),
    servers: [Pool(name: "web", count: 4)],
    run: Steady(length: "1min", replications: 5),
)
"#;

/// A model of a log.
const REPLAY: &str = r#"Model(
    clients: [Replay(log: "access.log", demand: Constant("1ms"))],
    servers: [Pool(name: "web", count: 4)],
)
"#;

const LOG: &str = "10.0.0.1 - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 5\n";

/// The models and logs of the tests.
#[derive(Default)]
struct Shelf {
    opened: std::rc::Rc<Cell<u32>>,
}

impl Files for Shelf {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.opened.set(self.opened.get() + 1);
        if path == "access.log" { Ok(LOG.into()) } else { Err("no such file".into()) }
    }
}

impl Library for Shelf {
    fn model(&self, path: &str) -> Result<ModelFile, String> {
        let (text, files): (_, Box<dyn Files>) = match path {
            "shop.ron" => (SHOP, Box::new(NoFiles)),
            "replay.ron" => (REPLAY, Box::new(Self { opened: self.opened.clone() })),
            _ => return Err("no such file".into()),
        };
        Ok(ModelFile { name: path.into(), text: text.into(), files })
    }
}

fn experiment(text: &str) -> Result<Experiment, Report> {
    read("study", Source { name: "study.ron", text }, &Shelf::default(), CHARTS)
}

/// An experiment on the shop with these factors and fields.
fn of_shop(factors: &str, fields: &str) -> String {
    format!("Experiment(\n    model: \"shop.ron\",\n    factors: [\n        {factors}\n    ],\n    {fields}\n)\n")
}

const STRATEGY: &str = "Factor(name: \"strategy\", path: \"balancer.algorithm\", values: [RoundRobin, PowerOfD(d: 2)]),";
