//! The page: one HTML file that holds all of a sweep and needs nothing else, no network, no font, no library.
//!
//! It has a policy (Content Security Policy Level 3) by which the browser itself refuses to load anything and to run any script
//! but the one below. Whatever comes from files is escaped by the template engine; only our own charts and style are not.

mod colours;
mod compare;
mod encode;
mod figures;
mod points;
mod table;
#[cfg(test)]
mod tests;
mod words;

use super::Figure;
use crate::analysis::Analysis;
use encode::policy_hash;
use figures::Chart;
use minijinja::{Environment, UndefinedBehavior, context};

const TEMPLATE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// Where a page comes from: what it takes to make it again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// Version of the program.
    pub lbsim_version: String,
    /// Version of results: the same models give the same numbers under the same one.
    pub results_version: u32,
    /// The machine, in words; may be empty.
    pub machine: String,
    /// The command that gives this page, such as `lbsim sweep experiments/strategies.ron`.
    pub command: String,
    /// When; may be left out so that the same findings give the same bytes.
    pub date: Option<String>,
    /// Folder of the numbers, relative to the page: `FOLDER/ID.csv` for the figure called ID.
    pub csv_folder: Option<String>,
    /// Folder of the pictures, relative to the page: `FOLDER/ID.png`.
    pub png_folder: Option<String>,
}

/// The page of a sweep: the same findings, figures and origin give the same bytes.
///
/// # Errors
/// Where the template does not fit its data, which is a defect of the program.
pub fn page(analysis: &Analysis, figures: &[Figure], origin: &Origin) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_template("page.html", TEMPLATE)?;
    let plan = &analysis.plan;
    let style = format!("{STYLE}{}", colours::dark_rules());
    let policy = format!(
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src {}; script-src {}",
        policy_hash(&style),
        policy_hash(SCRIPT)
    );
    let metrics: Vec<_> = plan.metrics.iter().map(|measure| (measure.title(), measure.about())).collect();
    let files: Vec<_> = plan.files.iter().map(|file| (&file.name, &file.text)).collect();
    environment.get_template("page.html")?.render(context! {
        style, policy, metrics, files,
        script => SCRIPT,
        title => plan.name,
        about => plan.about,
        size => words::size(analysis),
        sentences => analysis.sentences.iter().map(|sentence| words::unbroken(sentence)).collect::<Vec<_>>(),
        goals => points::goal_sentences(analysis),
        goals_by_point => points::goals(analysis),
        charts => figures.iter().map(Chart::of).collect::<Vec<_>>(),
        points => points::points(analysis),
        best => compare::best(analysis),
        comparisons => compare::comparisons(analysis),
        effects => compare::effects(analysis),
        measures => points::all_measures(analysis),
        making => words::making(plan, origin),
        command => origin.command,
        csv_folder => origin.csv_folder,
        png_folder => origin.png_folder,
    })
}
