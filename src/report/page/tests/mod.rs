//! Tests of the page: its structure, and how it fares in a browser.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod browser;
mod structure;

use super::{Origin, page};
use crate::analysis::Analysis;
use crate::analysis::sample::sample;
use crate::experiment::PlanFile;
use crate::observe::{Convergence, Measure};
use crate::report::Figure;

/// A name that would be a script if anything forgot to escape it.
const HOSTILE: &str = "<script>alert(\"1\")</script> & 'more'";

/// The small experiment with all that a page has to cope with: a hostile name, a point that has not converged, a comparison
/// that failed.
fn findings() -> Analysis {
    let mut analysis = sample();
    analysis.plan.files.insert(0, PlanFile { name: HOSTILE.into(), text: format!("// {HOSTILE}\nExperiment()\n") });
    analysis.plan.factors[1].levels[3].label = HOSTILE.into();
    let summary = &mut analysis.points[3].summary;
    summary.convergence = Convergence::NotConverged { needed_secs: 7200.0 };
    for estimate in summary.total.iter_mut().chain(&mut summary.system) {
        (estimate.value, estimate.half_width, estimate.note) = (None, None, "not converged".into());
    }
    analysis.comparisons[1].difference = Err("the point has not converged".into());
    analysis
}

/// Two charts drawn by hand with the marks that a chart is made of.
fn figures(analysis: &Analysis) -> Vec<Figure> {
    // Named like a table of the page, and like one of its headings.
    let mut figures = vec![lines(analysis), heat(analysis)];
    (figures[0].id, figures[1].id) = ("differences-mean_response".into(), "results".into());
    figures
}

fn figure(title: &str, marks: &str, csv: String) -> Figure {
    Figure {
        id: String::new(),
        title: title.into(),
        caption: "What is drawn; bars show 95 % intervals.".into(),
        alt: format!("{title} \"in words\" <b>&</b>"),
        svg: format!(
            "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"960\" height=\"480\" \
             viewBox=\"0 0 960 480\"><rect width=\"960\" height=\"480\" fill=\"#FFFFFF\"/>{marks}</svg>\n"
        ),
        csv,
    }
}

fn text(x: f64, y: f64, colour: &str, text: &str) -> String {
    format!("<text x=\"{x}\" y=\"{y}\" fill=\"{colour}\" font-size=\"16\" font-family=\"sans-serif\">{text}</text>")
}

fn lines(analysis: &Analysis) -> Figure {
    let mut marks = String::new();
    let mut csv = String::from("strategy,load,mean_response_s\n");
    for tick in 0..5 {
        let y = 420.0 - 90.0 * f64::from(tick);
        marks += &format!("<line x1=\"70\" y1=\"{y}\" x2=\"760\" y2=\"{y}\" stroke=\"#DFDFE3\"/>");
        marks += &text(20.0, y + 5.0, "#6A6A72", &format!("{} ms", tick * 30));
    }
    for (strategy, colour) in ["#0072B2", "#D55E00", "#009E73"].into_iter().enumerate() {
        let mut way = String::new();
        let mut end = 0.0;
        for load in 0..4 {
            let mean = Measure::named("mean").unwrap().estimate(&analysis.points[strategy * 4 + load].summary).value;
            let (x, secs) = (70.0 + 230.0 * load as f64, mean.unwrap_or(0.1));
            end = 420.0 - 3000.0 * secs;
            way += &format!("{x},{end:.1} ");
            csv += &format!("{strategy},{load},{secs}\n");
        }
        marks += &format!("<polyline points=\"{way}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"3\"/>");
        marks += &text(770.0, end, "#1B1B1F", &analysis.plan.factors[0].levels[strategy].label);
    }
    figure("JoinShortestQueue answers fastest at each load", &marks, csv)
}

fn heat(analysis: &Analysis) -> Figure {
    let heat = analysis.points[0].heat.as_ref().unwrap();
    let mut marks = String::new();
    let mut csv = String::from("server,from_s,utilization\n");
    for (server, row) in heat.utilization.iter().enumerate() {
        marks += &text(10.0, 90.0 + 80.0 * server as f64, "#1B1B1F", &heat.servers[server]);
        for (window, used) in row.iter().enumerate() {
            let (width, y) = (860.0 / row.len() as f64, 50.0 + 80.0 * server as f64);
            let shade = (255.0 * (1.0 - used)) as u8;
            let x = 80.0 + width * window as f64;
            marks +=
                &format!("<rect x=\"{x:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"76\" fill=\"#{shade:02X}{shade:02X}FF\"/>");
            csv += &format!("{},{},{used}\n", heat.servers[server], heat.ends_secs[window]);
        }
    }
    figure("The servers are equally busy", &marks, csv)
}

fn origin() -> Origin {
    Origin {
        lbsim_version: "0.1.0".into(),
        results_version: 1,
        machine: "x86_64, 2 cores, Linux".into(),
        command: "lbsim sweep experiments/strategies.ron".into(),
        csv_folder: Some("numbers".into()),
        ..Origin::default()
    }
}

fn sample_page() -> String {
    let analysis = findings();
    page(&analysis, &figures(&analysis), &origin()).unwrap()
}
