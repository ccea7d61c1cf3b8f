//! The comparison for people: a block for each case, and at the end what came of all of them.

use super::report::{AS_KNOWN, Counts, Outcome, Report};
use crate::observe::written::digits;
use crate::validation::{Finding, Trial, Verdict};
use comfy_table::{Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width, presets};
use owo_colors::{AnsiColors, OwoColorize};

/// Widths of the columns, 100 together.
const WIDTHS: [u16; 5] = [29, 11, 11, 23, 26];
/// The columns that hold a number.
const NUMBERS: [usize; 2] = [1, 2];
/// Digits of an exact value.
const EXACT_DIGITS: i32 = 5;

/// Less spread than this, relative to the mean, is the rounding of sums.
const ROUNDING: f64 = 1e-12;

/// What to know before reading on.
pub fn beginning() -> String {
    "Times are in seconds, rates per second. A metric agrees when theory lies within its 99.9 % interval;\n\
     the one marked * must be known to 1 %. Shown are 95 % intervals: of twenty, one misses by chance.\n\
     \u{b1} is what is allowed besides: the width of a histogram's bins, or the stated bias of a limit.\n"
        .into()
}

/// The block of one case; nothing of one that was skipped, which the end tells.
pub fn of_case(outcome: &Outcome<'_>) -> String {
    let Ok(trial) = &outcome.trial else { return String::new() };
    let title = printable(&outcome.case.title);
    let name = printable(&outcome.case.id);
    format!("\n{}  {title}\n{}\n{}", name.bold(), effort(trial), table(outcome.findings()))
}

/// The verdict on a case, and what it took.
fn effort(trial: &Trial) -> String {
    let verdict = &trial.judgement.verdict;
    let mut text = format!("{}: ", verdict.color(ansi(verdict)));
    text += &format!("{} replications, {} requests", trial.replications, amount(trial.requests));
    if trial.extensions > 0 {
        let times = if trial.extensions == 1 { "once" } else { "twice" };
        text += &format!("; extended {times}, because the interval of the first replications was too wide");
    }
    if trial.cut {
        text += "; the case asks for more than --most-requests";
    }
    text
}

fn table(findings: &[Finding]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTHS.iter().sum());
    table.enforce_styling().style_text_only();
    let heading = |text| Cell::new(text).add_attribute(comfy_table::Attribute::Dim);
    table.set_header(["metric", "theory", "simulated", "95 % interval", "verdict"].map(heading));
    table.set_constraints(WIDTHS.map(|width| ColumnConstraint::Absolute(Width::Fixed(width))));
    table.add_rows(findings.iter().map(row));
    for (number, column) in table.column_iter_mut().enumerate() {
        column.set_padding((2, 0));
        if NUMBERS.contains(&number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

fn row(finding: &Finding) -> Vec<Cell> {
    let mark = if finding.primary { " *" } else { "" };
    let (simulated, interval) = estimate(finding);
    let verdict = match (&finding.verdict, finding.widened()) {
        (Verdict::Agrees, Some(allowed)) => format!("agrees \u{b1} {} %", digits(allowed * 100.0, 2)),
        (Verdict::Disagrees, _) => format!("disagrees{}", distance(finding)),
        (verdict, _) => printable(&verdict.to_string()),
    };
    vec![
        Cell::new(printable(&finding.metric) + mark),
        Cell::new(digits(finding.expected, EXACT_DIGITS)),
        Cell::new(simulated),
        Cell::new(interval),
        Cell::new(verdict).fg(colour(&finding.verdict)),
    ]
}

/// The mean and its interval, with the digits that the interval supports.
fn estimate(finding: &Finding) -> (String, String) {
    let Some((mean, half_width)) = finding.mean.zip(finding.half_width) else { return ("-".into(), String::new()) };
    if half_width <= ROUNDING * mean.abs() || !half_width.is_finite() {
        return (digits(mean, EXACT_DIGITS), "no spread".into());
    }
    let decimals = (1.0 - half_width.log10().floor()).clamp(0.0, 12.0) as usize;
    let number = |value: f64| format!("{value:.decimals$}");
    (number(mean), format!("{} .. {}", number(mean - half_width), number(mean + half_width)))
}

/// How far off it is.
fn distance(finding: &Finding) -> String {
    let off = finding.mean.map(|mean| (mean - finding.expected) / finding.expected.abs() * 100.0);
    off.filter(|off| off.is_finite())
        .map_or_else(String::new, |off| format!(": {}{} %", if off > 0.0 { "+" } else { "" }, digits(off, 2)))
}

/// What came of all cases, and what to do about it.
pub fn end(report: &Report<'_>) -> String {
    let counts = report.counts();
    let mut text = format!("\n{}\n", totals(counts));
    let of = |verdict: &str| report.grouped(verdict);
    let disagreeing: Vec<&str> = of("disagrees").into_iter().flat_map(|(_, cases)| cases).collect();
    if !disagreeing.is_empty() {
        text += &format!("\n{}: {}\n", "disagree".red(), listed(&disagreeing));
        text += "  Try another --seed: chance will go away, and a mistake of the simulator or of the case will stay.\n";
    }
    let wide: Vec<&str> = of("too_wide").into_iter().flat_map(|(_, cases)| cases).collect();
    if !wide.is_empty() {
        text += &format!("\n{}: {}\n", "too imprecise".yellow(), listed(&wide));
        text += "  They may simulate more: raise --most-requests.\n";
    }
    text += &explained("disagree as known", of(AS_KNOWN));
    text += &explained("skipped", [of("not_compared"), of("skipped")].concat());
    text
}

/// The cases of which there is one thing to say, and why.
fn explained(what: &str, groups: Vec<(String, Vec<&str>)>) -> String {
    let line = |(reason, cases): (String, Vec<&str>)| format!("  {}: {}\n", listed(&cases), printable(&reason));
    let lines: String = groups.into_iter().map(line).collect();
    if lines.is_empty() { lines } else { format!("\n{what}:\n{lines}") }
}

/// The numbers of cases; those that are 0 are left out, but for the first two.
fn totals(counts: Counts) -> String {
    let part = |number: usize, text: &str, colour| {
        let text = format!("{number} {text}");
        if number > 0 { text.color(colour).to_string() } else { text }
    };
    let mut parts = vec![
        part(counts.agree, if counts.agree == 1 { "case agrees" } else { "cases agree" }, AnsiColors::Green),
        part(counts.disagree, "disagree", AnsiColors::Red),
    ];
    let as_known = if counts.disagree_as_known == 1 { "disagrees as known" } else { "disagree as known" };
    let more = [
        part(counts.disagree_as_known, as_known, AnsiColors::Yellow),
        part(counts.too_wide, "too imprecise", AnsiColors::Yellow),
        part(counts.not_compared + counts.skipped, "skipped", AnsiColors::Default),
        part(counts.malformed, "could not be read", AnsiColors::Red),
    ];
    let numbers = [counts.disagree_as_known, counts.too_wide, counts.not_compared + counts.skipped, counts.malformed];
    parts.extend(more.into_iter().zip(numbers).filter(|(_, number)| *number > 0).map(|(text, _)| text));
    parts.join(", ")
}

fn listed(cases: &[&str]) -> String {
    printable(&cases.join(" "))
}

/// A number of requests, short.
fn amount(requests: u64) -> String {
    if requests < 1_000_000 { requests.to_string() } else { format!("{} M", digits(requests as f64 * 1e-6, 3)) }
}

/// The text without characters that would do something to a terminal.
pub fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

const fn ansi(verdict: &Verdict) -> AnsiColors {
    match verdict {
        Verdict::Agrees => AnsiColors::Green,
        Verdict::Disagrees => AnsiColors::Red,
        Verdict::TooWide { .. } => AnsiColors::Yellow,
        Verdict::NotMeasured { .. } => AnsiColors::Default,
    }
}

const fn colour(verdict: &Verdict) -> Color {
    match verdict {
        Verdict::Agrees => Color::DarkGreen,
        Verdict::Disagrees => Color::DarkRed,
        Verdict::TooWide { .. } => Color::DarkYellow,
        Verdict::NotMeasured { .. } => Color::Reset,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(expected: f64, mean: f64, half_width: f64) -> Finding {
        Finding {
            metric: "mean_response".into(),
            primary: true,
            expected,
            mean: Some(mean),
            half_width: Some(half_width),
            allowance: 0.0,
            verdict: Verdict::Disagrees,
        }
    }

    #[test]
    fn an_interval_shows_the_digits_that_it_supports() {
        let shown = |mean, half_width| {
            let (mean, interval) = estimate(&finding(1.0, mean, half_width));
            format!("{mean}: {interval}")
        };
        assert_eq!(shown(2.691_183, 0.022_43), "2.691: 2.669 .. 2.714");
        assert_eq!(shown(1_234.567, 34.5), "1235: 1200 .. 1269");
        assert_eq!(shown(0.5, 0.0), "0.50000: no spread");
        assert_eq!(shown(1e-9, 1e-15), "0.000000001000: 0.000000001000 .. 0.000000001000");
    }

    #[test]
    fn what_is_off_is_told_by_how_much() {
        assert_eq!(distance(&finding(2.0, 2.1, 0.0)), ": +5.0 %");
        assert_eq!(distance(&finding(2.0, 1.999, 0.0)), ": -0.050 %");
        assert_eq!(distance(&finding(0.0, 1.0, 0.0)), "");
    }

    #[test]
    fn amounts_are_short() {
        assert_eq!([amount(999_999), amount(1_534_000), amount(360_000_000)], ["999999", "1.53 M", "360 M"]);
    }

    #[test]
    fn a_text_cannot_drive_the_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\nc"), "a\u{fffd}[31mb\u{fffd}c");
    }
}
