//! The comparison with real load balancers for people: a block for each case.

use super::report::{AS_KNOWN, RealOutcome, real_word};
use super::table::printable;
use crate::observe::written::digits;
use crate::validation::{Figure, RealFinding, RealVerdict};
use comfy_table::{Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width, presets};
use owo_colors::{AnsiColors, OwoColorize};

/// Widths of the columns, 100 together.
const WIDTHS: [u16; 4] = [37, 19, 19, 25];
/// Digits of a figure.
const DIGITS: i32 = 5;
/// Texts up to this length stand in a column; longer ones get lines of their own.
const LONGEST: usize = 17;

/// What to know before reading on.
pub fn beginning(follows: bool) -> String {
    let apart = if follows { "\n" } else { "" };
    format!(
        "{apart}Measured at real load balancers and simulated with the algorithms that follow them. Times are in\n\
         milliseconds; each digit of a sequence is the server that answered.\n"
    )
}

/// The block of one case; nothing of one that was skipped, which the end tells.
pub fn of_case(outcome: &RealOutcome) -> String {
    let Ok(trial) = &outcome.trial else { return String::new() };
    let verdict = trial.verdict();
    let note = outcome.reason().map_or_else(String::new, |reason| format!(": {}", printable(&reason)));
    let [id, product, algorithm] = [&outcome.id, &outcome.product, &outcome.algorithm].map(|text| printable(text));
    let word = if outcome.word() == AS_KNOWN { "disagrees as known" } else { real_word(verdict) };
    let word = word.color(ansi(verdict)).to_string();
    let mut text = format!("\n{}  {product}, {algorithm}\n{word}{note}\n", id.bold());
    let (long, short): (Vec<_>, Vec<_>) = trial.findings.iter().partition(|finding| is_long(finding));
    for finding in long {
        text += &lines(finding);
    }
    if !short.is_empty() {
        text += &table(&short);
    }
    text
}

fn is_long(finding: &RealFinding) -> bool {
    [&finding.measured, &finding.simulated].into_iter().any(|figure| shown(figure).chars().count() > LONGEST)
}

/// A finding whose figures do not fit into columns: one below the other.
fn lines(finding: &RealFinding) -> String {
    let verdict = real_word(finding.verdict).color(ansi(finding.verdict)).to_string();
    let allowed = if finding.allowed.is_empty() { String::new() } else { format!(" ({})", finding.allowed) };
    let (measured, simulated) = (shown(&finding.measured), shown(&finding.simulated));
    if measured == simulated && finding.verdict == RealVerdict::Agrees {
        return format!("  {}: {verdict}{allowed}\n    both       {measured}\n", printable(&finding.what));
    }
    format!("  {}: {verdict}{allowed}\n    measured   {measured}\n    simulated  {simulated}\n", printable(&finding.what))
}

fn table(findings: &[&RealFinding]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTHS.iter().sum());
    table.enforce_styling().style_text_only();
    let heading = |text| Cell::new(text).add_attribute(Attribute::Dim);
    table.set_header(["compared", "measured", "simulated", "verdict"].map(heading));
    table.set_constraints(WIDTHS.map(|width| ColumnConstraint::Absolute(Width::Fixed(width))));
    table.add_rows(findings.iter().map(|finding| row(finding)));
    for (number, column) in table.column_iter_mut().enumerate() {
        column.set_padding((2, 0));
        if number == 1 || number == 2 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

fn row(finding: &RealFinding) -> Vec<Cell> {
    let verdict = match (finding.verdict, finding.allowed.is_empty()) {
        (RealVerdict::Shown, _) => "shown only".into(),
        (verdict, true) => real_word(verdict).into(),
        (verdict, false) => format!("{} {}", real_word(verdict), finding.allowed),
    };
    vec![
        Cell::new(printable(&finding.what)),
        Cell::new(shown(&finding.measured)),
        Cell::new(shown(&finding.simulated)),
        Cell::new(printable(&verdict)).fg(colour(finding.verdict)),
    ]
}

fn shown(figure: &Figure) -> String {
    match figure {
        Figure::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => number.to_string(),
        Figure::Number(number) => digits(*number, DIGITS),
        Figure::Text(text) => printable(text),
        Figure::Nothing => "-".into(),
    }
}

const fn ansi(verdict: RealVerdict) -> AnsiColors {
    match verdict {
        RealVerdict::Agrees => AnsiColors::Green,
        RealVerdict::Disagrees => AnsiColors::Red,
        RealVerdict::Shown => AnsiColors::Default,
    }
}

const fn colour(verdict: RealVerdict) -> Color {
    match verdict {
        RealVerdict::Agrees => Color::DarkGreen,
        RealVerdict::Disagrees => Color::DarkRed,
        RealVerdict::Shown => Color::Reset,
    }
}
