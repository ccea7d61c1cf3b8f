//! Thousands of damaged files: each is a model or a list of mistakes, never a panic, a hang or a huge allocation.

use super::{FULL, Shelf, read_with};
use crate::model::{Override, Source, read};
use crate::notation::{LONGEST_SOURCE, Placing, parse};
use crate::random::{Role, Seed, Stream};
use std::time::{Duration, Instant};

const PIECES: [&str; 44] = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\"",
    "'",
    "//",
    "/*",
    "*/",
    "\\",
    "#",
    "r#\"",
    "\n",
    " ",
    "-",
    "+",
    ".",
    "..",
    "_",
    "e",
    "0",
    "1e308",
    "99999999999999999999999999",
    "18446744073709551615",
    "4294967296",
    "0x",
    "-1",
    "NaN",
    "-inf",
    "true",
    "None",
    "Some(",
    "Model(",
    "Pool(",
    "Replay(log: \"access.log\", demand: Constant(\"0s\")),",
    "\"20ms\"",
    "name:",
    "\u{e4}",
    "\u{1F600}",
    "\u{2028}",
];

const OTHERS: [&str; 3] = [
    r#"Model(clients: [Open(arrivals: Poisson(rate: "12/s"), demand: Exponential("40ms"))])"#,
    r#"Model(clients: [Replay(log: "access.log", demand: Discrete(values: ["1ms", "2ms"], probs: [0.5, "50%"]))], script: [(at: "1s", remove: [0])])"#,
    r#"(clients: [Closed(users: 5, think_time: Weibull(shape: 2, mean: "1s"), demand: Constant("0s"))], balancer: (algorithm: LeastConnections), servers: [(capacity: Some(5))])"#,
];

/// A damaged copy of `text`: some bytes or pieces of it deleted, doubled, exchanged, inserted.
fn mutant(text: &str, stream: &mut Stream) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=stream.below(3) {
        let length = bytes.len() as u32;
        let at = stream.below(length) as usize;
        let end = (at + 1 + stream.below(20) as usize).min(bytes.len());
        let token = || {
            let begin = bytes[..at].iter().rposition(|byte| b"()[],: \n".contains(byte)).map_or(0, |at| at + 1);
            let end = bytes[at..].iter().position(|byte| b"()[],: \n".contains(byte)).map_or(bytes.len(), |end| at + end);
            begin..end.max(begin)
        };
        match stream.below(8) {
            0 => drop(bytes.drain(at..end)),
            1 => drop(bytes.drain(token())),
            2 => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            3 => bytes.swap(at, (at + stream.below(40) as usize) % length as usize),
            4 => bytes[at] = stream.below(256) as u8,
            5 => drop(bytes.splice(token(), PIECES[stream.below(PIECES.len() as u32) as usize].bytes())),
            6 => drop(bytes.splice(
                at..at,
                PIECES[stream.below(PIECES.len() as u32) as usize].repeat(1 + stream.below(70) as usize).into_bytes(),
            )),
            _ => drop(bytes.splice(at..at, PIECES[stream.below(PIECES.len() as u32) as usize].bytes())),
        }
        if bytes.is_empty() {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn mutants(number: usize, seed: u64) -> impl Iterator<Item = String> {
    let mut stream = Stream::new(Seed(seed), 0, Role::Demand, 0);
    (0..number).map(move |index| mutant(if index % 2 == 0 { FULL } else { OTHERS[index / 2 % 3] }, &mut stream))
}

#[test]
fn a_damaged_file_is_a_model_or_a_list_of_mistakes() {
    let start = Instant::now();
    let (mut models, mut shown) = (0, 0);
    for text in mutants(10_000, 1) {
        match read_with(&text, &[]) {
            Ok(checked) => {
                models += 1;
                shown += checked.warnings.render(false).len();
            }
            Err(report) => {
                assert!(report.errors() > 0, "no mistake is named in {text}");
                for diagnostic in report.diagnostics() {
                    assert!(report.locate(diagnostic.place).is_some(), "{diagnostic:?} is nowhere in {text}");
                }
                let text = report.render(false);
                assert!(text.contains("error"), "{text}");
                shown += text.len();
            }
        }
    }
    assert!(models > 200 && models < 9_800, "{models} models, {shown} bytes of messages");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn a_damaged_override_is_a_model_or_a_list_of_mistakes() {
    let mut stream = Stream::new(Seed(2), 0, Role::Demand, 0);
    let written = [
        "servers[0].count=8",
        "clients[shoppers].demand.mean=20ms",
        "balancers[edge].algorithm=PowerOfD(d: 3)",
        "run=(horizon: \"1h\")",
    ];
    for index in 0..4_000 {
        let text = mutant(written[index % written.len()], &mut stream);
        if let Ok(one) = Override::parse(&text) {
            let result = read(Source { name: "shop.ron", text: FULL }, &[one], &Shelf);
            assert!(result.is_ok_and(|checked| checked.warnings.render(false).len() < 10_000) || !text.is_empty());
        }
    }
}

/// The sentences of what the notation of model files leaves out of RON, on purpose.
const LEFT_OUT: [&str; 4] = ["model files use no", "a number with a unit", "nested more than", "this escape is unknown"];

#[test]
fn what_is_well_formed_is_what_the_ron_crate_says() {
    let (mut valid, mut compared) = (0, 0);
    for text in mutants(10_000, 3).chain([FULL.to_string()]).chain(OTHERS.map(String::from)) {
        let ours = parse(&text, Placing::whole(0));
        let theirs = ron::from_str::<serde::de::IgnoredAny>(&text);
        let left_out = |mistake: &str| LEFT_OUT.iter().any(|sentence| mistake.contains(sentence));
        match &ours {
            Ok(_) => valid += 1,
            Err(mistake) if left_out(&format!("{mistake:?}")) => continue,
            Err(_) => {}
        }
        // RON treats this one name specially.
        if text.contains("Some") {
            continue;
        }
        compared += 1;
        assert_eq!(ours.is_ok(), theirs.is_ok(), "{text}\n{ours:?}\n{theirs:?}");
    }
    assert!(valid > 1_000 && compared > 5_000, "{valid} valid of {compared}");
}

#[test]
fn huge_files_are_answered_quickly() {
    let most = LONGEST_SOURCE - 200;
    let fill = |piece: &str| piece.repeat(most / piece.len());
    let clients = "clients: [Open(arrivals: Poisson(rate: \"1/s\"), demand: Constant(\"1ms\"))]";
    let start = Instant::now();
    for text in [
        fill("("),
        fill("["),
        fill("(a:"),
        fill("/*"),
        fill("\""),
        fill("\\"),
        fill("1"),
        fill("a"),
        fill("a "),
        fill("\n"),
        format!("\"{}\"", fill("\\n")),
        format!("Model({})", fill("a:1,")),
        format!("Model({})", fill("a:1,\n")),
        format!("[{}]", fill("1,")),
        format!("Model({clients}, servers: [{}])", fill("(),")),
        format!("Model({clients}, servers: [{}])", "(),".repeat(10_000)),
        format!("Model({clients}, servers: [{}])", "(x:1),".repeat(10_000)),
        format!(
            "Model({clients}, servers: [{}], script: [{}])",
            "(),".repeat(10_000),
            "(at:\"1s\",remove:\"servers\"),".repeat(10_000)
        ),
        format!("Model({clients}, servers: [(count: 1000000)], script: [(at: \"1s\", remove: 0)])"),
        format!("Model({clients}, script: [(at: \"1s\", remove: [{}])])", "0,".repeat(10_000)),
        format!("Model(about: \"{}\")", fill("\u{e4}")),
        format!("Model({}: 1)", fill("x")),
        format!("Model(seed: {})", fill("9")),
    ] {
        let begin = Instant::now();
        let length =
            read_with(&text, &[]).map_or_else(|report| report.render(false), |checked| checked.warnings.render(false)).len();
        assert!(length < 200_000, "{length} bytes of messages");
        assert!(begin.elapsed() < Duration::from_secs(3), "{:?} for {}...", begin.elapsed(), &text[..20]);
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}
