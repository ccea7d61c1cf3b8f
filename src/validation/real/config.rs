//! What a configuration in words says about failures: checks, detection, timeouts, retries, limits.
//!
//! The words become those of a model file, [`crate::model::read()`] understands them, and so what is not said is as in the product. What is in
//! parentheses explains the rest, and a clause of plain words only, three or more, is a remark; of everything else each word must be known.

use super::MOST_SERVERS;
use super::phrases::{Kind, Phrase};
use super::words::Said;
use super::world::Handling;
use crate::balancing::{Algorithm, Product};
use crate::model::{self, NoFiles, Source};
use crate::units::Span;
use crate::validation::Skip;
use std::collections::BTreeMap;

/// A configuration, understood.
#[derive(Debug, Clone)]
pub(super) struct Config {
    pub algorithm: Algorithm,
    pub handling: Handling,
    /// Most requests at a server.
    pub max_connections: Option<u32>,
    /// Whether nothing waits in the balancer.
    pub has_no_queue: bool,
}

impl Config {
    /// Understands `text` of the load balancer `lb`; `algorithm` counts where the text names none.
    pub fn read(lb: &str, text: &str, algorithm: Option<&str>) -> Result<Self, Skip> {
        let product = match lb {
            "nginx" => Product::Nginx,
            "haproxy" => Product::HAProxy,
            "envoy" => Product::Envoy,
            _ => return Err(Skip::new(format!("the load balancer `{lb}` is not known"))),
        };
        let said = Settings::read(product, text)?;
        let named = said.get("algorithm").or(algorithm).unwrap_or("round robin");
        let named = match product {
            Product::HAProxy => named.replace("round robin", "roundrobin"),
            Product::Envoy => named.replace("round robin", "round_robin").replace("least request", "least_request"),
            Product::Nginx => named.replace("least conn", "least_conn"),
        };
        let named = said.get("hash_type").map_or_else(|| named.clone(), |kind| format!("{named}, hash-type {kind}"));
        let failures = said.failures()?;
        let algorithm = Said::of_failover(lb, &named, failures)?.algorithm;
        let max_connections = said.number("max_connections")?;
        if said.get("max_queue").is_some() && !named.contains("roundrobin") && !named.contains("static") {
            // These pass over a full server, so that nobody ever waits for one of them (lb_fwrr.c, lb_map.c).
            return Err(Skip::new(
                "`maxqueue`, a limit on what waits for one server, is modelled for algorithms only that name no full server",
            ));
        }
        let has_no_queue = product == Product::Nginx;
        Ok(Self { algorithm, handling: said.handling(product)?, max_connections, has_no_queue })
    }
}

/// What was said, by the name it has here: `checks.interval`, `timeouts.connect`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Settings(BTreeMap<&'static str, String>);

impl Settings {
    fn read(product: Product, text: &str) -> Result<Self, Skip> {
        let plain = without_parentheses(text);
        let mut settings = Self::default();
        let mut section = "";
        for clause in plain.split(';').flat_map(|part| part.split(", ")) {
            let words: Vec<String> = words_of(clause);
            settings.clause(product, &words, &mut section)?;
        }
        Ok(settings)
    }

    fn clause(&mut self, product: Product, words: &[String], section: &mut &'static str) -> Result<(), Skip> {
        let mut at = 0;
        while at < words.len() {
            let rest = &words[at..];
            let Some((phrase, long)) = Phrase::longest(product, section, rest) else {
                let is_plain = |word: &String| word.chars().all(|one| one.is_ascii_alphabetic()) || is_status(word);
                if at == 0 && words.len() >= 3 && words.iter().all(is_plain) {
                    return Ok(());
                }
                // Two words, for many begin with one that says little.
                let words = rest.iter().take(2).map(String::as_str).collect::<Vec<&str>>().join(" ");
                return Err(Skip::new(format!("the configuration of {product} is not understood: `{words}`")));
            };
            if !phrase.opens.is_empty() {
                *section = phrase.opens;
            }
            at += long;
            at += self.take(product, phrase, &words[at..])?;
        }
        Ok(())
    }

    /// Takes what a phrase says; the answer is how many words of `rest`, which follow it, that took.
    fn take(&mut self, product: Product, phrase: &'static Phrase, rest: &[String]) -> Result<usize, Skip> {
        let wrong = |expected: &str| Skip::new(format!("`{}` is not followed by {expected}", phrase.words));
        let first = rest.first().map(String::as_str);
        let (value, taken) = match phrase.kind {
            Kind::Is(value) => (value.to_owned(), 0),
            Kind::Number => (first.filter(|word| word.parse::<u32>().is_ok()).ok_or_else(|| wrong("a number"))?.to_owned(), 1),
            Kind::Count => {
                let (word, factor) = first.map_or(("", 1), |word| word.strip_suffix('k').map_or((word, 1), |word| (word, 1024)));
                let number = word.parse::<u32>().ok().and_then(|number| number.checked_mul(factor));
                (number.ok_or_else(|| wrong("a number, such as 10k"))?.to_string(), 1)
            }
            Kind::MaybeNumber(default) => {
                let number = first.filter(|word| word.parse::<u32>().is_ok());
                (number.unwrap_or(default).to_owned(), usize::from(number.is_some()))
            }
            Kind::Span => {
                let span = first.and_then(|word| span(word, product)).ok_or_else(|| wrong("a time, such as 1 s"))?;
                (format!("\"{}ms\"", span.as_nanos() as f64 * 1e-6), 1)
            }
            Kind::Percent => {
                let percent = first.and_then(|word| word.trim_end_matches('%').parse::<f64>().ok());
                let percent = percent.filter(|percent| (0.0..=100.0).contains(percent)).ok_or_else(|| wrong("a percentage"))?;
                (format!("\"{percent}%\""), 1)
            }
            Kind::Ways(ways) => {
                let named = rest.iter().map_while(|word| word.split(',').map(|one| way(ways, one)).collect::<Option<Vec<_>>>());
                let named: Vec<Vec<&str>> = named.collect();
                let taken = named.len();
                let mut all: Vec<&str> = named.into_iter().flatten().flat_map(str::split_whitespace).collect();
                all.sort_unstable();
                all.dedup();
                (all.join(", "), taken)
            }
        };
        for name in phrase.sets.split_whitespace() {
            self.0.insert(name, value.clone());
        }
        Ok(taken)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn number(&self, name: &'static str) -> Result<Option<u32>, Skip> {
        let read = |text: &str| text.parse().map_err(|_| Skip::new(format!("`{name}` is not a number")));
        self.get(name).map(read).transpose()
    }

    /// After how many failures nginx takes a server out, and for how long.
    fn failures(&self) -> Result<Option<(u32, Span)>, Skip> {
        let out = self.get("fail_timeout").and_then(|text| span(text.trim_matches('"'), Product::Nginx));
        let number = self.number("max_fails")?;
        if number.is_none() && out.is_none() {
            return Ok(None);
        }
        Ok(Some((number.unwrap_or(1), out.unwrap_or(Span::from_secs(10)))))
    }

    /// The fields of one structure, without its name before the point.
    fn fields(&self, structure: &str) -> String {
        let of = |(name, value): (&&str, &String)| {
            let field = name.strip_prefix(structure)?.strip_prefix('.')?;
            Some(if value.contains(", ") || field == "on" { format!("{field}: [{value}]") } else { format!("{field}: {value}") })
        };
        self.0.iter().filter_map(of).collect::<Vec<_>>().join(", ")
    }

    /// A balancer of a model file that says the same.
    fn notation(&self, product: Product) -> String {
        let mut parts = vec![format!("product: {}", product.name())];
        for (structure, field, name) in [
            ("checks", "health", "Checks"),
            ("observe", "observe", "Observe"),
            ("outliers", "outlier_detection", "Outliers"),
            ("timeouts", "timeouts", "Timeouts"),
            ("limits", "limits", "Limits"),
            ("table", "persistence", "Table"),
        ] {
            let fields = self.fields(structure);
            // A table binds nobody unless it is said to what.
            let binds = structure != "table" || self.get("table.key").is_some();
            if !fields.is_empty() && binds {
                parts.push(format!("{field}: {name}({fields})"));
            }
        }
        for name in ["panic", "merge_window", "slow_start", "persistence"] {
            parts.extend(self.get(name).map(|value| format!("{name}: {value}")));
        }
        parts.extend(self.retries(product));
        // Who writes anything about failures gets the defaults of the product for the rest.
        parts.push("cancels: false".into());
        parts.join(", ")
    }

    fn retries(&self, product: Product) -> Option<String> {
        let mut fields = self.fields("retries");
        let most = self.get("retries.most");
        if most == Some("0") || product == Product::Nginx && self.get("retries.on") == Some("") {
            return Some("retries: None".into());
        }
        if product == Product::HAProxy {
            let to = match self.get("redispatch") {
                None | Some("no") => "Same".into(),
                Some("last") => "Redispatch".into(),
                Some(every) => format!("Redispatch(every: {every})"),
            };
            fields = if fields.is_empty() { format!("to: {to}") } else { format!("{fields}, to: {to}") };
        }
        // The first try counts, and 0 is no limit.
        if let Some(tries) = self.get("next_tries").and_then(|tries| tries.parse::<u32>().ok()).filter(|tries| *tries > 0) {
            if tries == 1 {
                return Some("retries: None".into());
            }
            fields = format!("{fields}, most: {}", tries - 1);
        }
        if let Some(most) = self.get("max_retries") {
            fields = format!("{fields}, budget: AtOnce(most: {most})");
        }
        (!fields.is_empty() && (product != Product::Envoy || most.is_some() || self.get("retries.on").is_some()))
            .then(|| format!("retries: Retries({})", fields.trim_start_matches(", ")))
    }

    fn handling(&self, product: Product) -> Result<Handling, Skip> {
        let balancer = self.notation(product);
        let text = format!(
            "Model(clients: [Open(arrivals: Poisson(rate: \"1/s\"), demand: Exponential(mean: \"1ms\"))], servers: [Pool(count: {MOST_SERVERS})], balancer: ({balancer}), \
             run: Steady(length: \"1h\", replications: 1))"
        );
        let source = Source { name: "the configuration", text: &text };
        let checked =
            model::read(source, &[], &NoFiles).map_err(|_| Skip::new(format!("the model has no word for `{balancer}`")))?;
        let spec = checked.model.parts().balancers.first().cloned();
        let spec = spec.ok_or_else(|| Skip::new("the model has no balancer"))?;
        Ok(Handling {
            product: Some(product),
            health: spec.health,
            recovery: spec.recovery,
            slow_start: spec.slow_start,
            persistence: spec.persistence,
        })
    }
}

fn way<'a>(ways: &[(&str, &'a str)], word: &str) -> Option<&'a str> {
    ways.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, way)| *way)
}

fn is_status(word: &str) -> bool {
    word.len() == 3 && word.parse::<u32>().is_ok()
}

fn without_parentheses(text: &str) -> String {
    let mut depth = 0_u32;
    let keep = |one: &char| {
        match one {
            '(' => depth += 1,
            ')' => {
                depth = depth.saturating_sub(1);
                return false;
            }
            _ => {}
        }
        depth == 0
    };
    text.chars().filter(keep).collect()
}

/// The words of a clause: `=` and `:` part words, and a unit after a number belongs to it.
fn words_of(clause: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in clause.split(|one: char| one.is_whitespace() || one == '=').map(|word| word.trim_end_matches([':', ','])) {
        let follows_number = words.last().is_some_and(|last| last.parse::<f64>().is_ok());
        if follows_number && ["s", "ms", "min", "m", "%"].contains(&word) {
            if let Some(last) = words.last_mut() {
                last.push_str(word);
            }
        } else if !word.is_empty() {
            words.push(word.to_owned());
        }
    }
    words
}

/// A time such as `1s` or `250ms`; a number alone is in milliseconds, in nginx in seconds.
fn span(text: &str, product: Product) -> Option<Span> {
    let unit = text.find(|one: char| one.is_ascii_alphabetic()).unwrap_or(text.len());
    let number: f64 = text[..unit].parse().ok()?;
    let factor = match &text[unit..] {
        "s" => 1e9,
        "" if product == Product::Nginx => 1e9,
        "ms" | "" => 1e6,
        "min" | "m" => 60e9,
        _ => return None,
    };
    (number.is_finite() && (0.0..=1e9).contains(&number)).then(|| Span::from_nanos_f64(number * factor))
}
