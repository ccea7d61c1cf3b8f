//! Charts, read back from their SVG.

mod awkward;
mod marks;
mod said;
mod svg;

use super::style::{self, SERIES};
use super::told::TOLD;
use super::view::View;
use super::{Figure, chart_names, figures, png};
use crate::analysis::{Analysis, Effect, EffectKind, PointResult};
use crate::experiment::{ChartChoice, Contrast, Design, Scale};
use crate::observe::Measure;

/// The figures of one kind of chart.
fn of_kind(analysis: &Analysis, kind: &str) -> Vec<Figure> {
    let mut analysis = analysis.clone();
    analysis.plan.charts = vec![ChartChoice { kind: kind.into(), metric: None, against: None }];
    figures(&analysis)
}

fn rows(figure: &Figure) -> Vec<csv::StringRecord> {
    let mut reader = csv::Reader::from_reader(figure.csv.as_bytes());
    reader.records().map(|row| row.unwrap()).collect()
}

#[test]
fn every_chart_is_drawn_of_the_sample() {
    let (sample, many) = (awkward::plain(), awkward::thirty());
    for kind in chart_names() {
        // Neither has contrasts or caches.
        let of_none = ["Contrasts", "BreakEven", "HitRatioByAge"].contains(&kind);
        let is_of_many = ["Overview", "Ranking"].contains(&kind);
        assert_eq!(of_kind(&sample, kind).is_empty(), is_of_many || of_none, "{kind} of three strategies");
        // A map has two factors; these are three.
        assert_eq!(of_kind(&many, kind).is_empty(), kind == "Map" || of_none, "{kind} of thirty");
    }
}

#[test]
fn contrasts_are_drawn_where_there_are_some() {
    let (mut plan, folds) = crate::analysis::sample::simulated();
    let contrast = |name: &str, plus, minus| Contrast { name: name.into(), plus: vec![plus], minus: vec![minus] };
    plan.contrasts = vec![contrast("what chance costs", 0, 2), contrast("nothing", 1, 1)];
    let figures = of_kind(&crate::analysis::analyse(plan, &folds, &[]), "Contrasts");
    let [figure] = &figures[..] else { panic!("one figure: {figures:?}") };
    assert!(figure.title.starts_with("What chance costs is the largest at load 360/s: "), "{}", figure.title);
    assert!(figure.caption.contains("what chance costs = Random − (JoinShortestQueue)"), "{}", figure.caption);
    assert_eq!(rows(figure).len(), 8, "two contrasts at four loads");
}

#[test]
fn a_break_even_is_drawn_where_a_contrast_has_one() {
    let (mut plan, folds) = crate::analysis::sample::simulated();
    plan.contrasts = vec![Contrast { name: "twice".into(), plus: vec![0], minus: vec![2, 2] }];
    let figures = of_kind(&crate::analysis::analyse(plan, &folds, &[]), "BreakEven");
    let [figure] = &figures[..] else { panic!("one run of conditions, so no chart of places: {figures:?}") };
    assert!(figure.title.starts_with("Twice breaks even at load 2"), "{}", figure.title);
    assert_eq!(rows(figure).len(), 4, "four loads");
}

#[test]
fn hit_ratios_by_age_are_drawn_where_there_are_caches() {
    use crate::model::{NoFiles, Source, read};
    let (plan, mut folds) = crate::analysis::sample::simulated();
    let text = "Model(
        clients: [Open(arrivals: Poisson(rate: \"200/s\"), demand: Exponential(mean: \"5ms\"), items: Zipf(count: 1000))],
        servers: [Pool(count: 2, cache: Cache(of: Item, miss: Constant(\"1ms\")))],
        run: Terminating(horizon: \"1min\", replications: 3),
    )";
    let model = read(Source { name: "cached.ron", text }, &[], &NoFiles).unwrap().model;
    let mut fold = crate::observe::Fold::new(&model);
    crate::experiment::run(&model, 0..3, |record| fold.add(&record));
    folds.fill(fold);
    let figures = of_kind(&crate::analysis::analyse(plan, &folds, &[]), "HitRatioByAge");
    let figure = &figures[0];
    assert!(figure.title.starts_with("The hit ratio goes from ") && figure.title.contains(" after "), "{}", figure.title);
    let rows = rows(figure);
    assert!(rows.len() > 12, "three strategies, several ages: {}", rows.len());
}

/// Of thirty levels number 17 is the best; 0, far from it, and 3, without figures, are the worst; 1 is the baseline.
#[test]
fn of_thirty_levels_six_are_told_apart_and_all_are_ranked() {
    let many = awkward::thirty();
    let view = View::new(&many);
    let told: Vec<usize> = (0..30).filter(|series| view.is_told(*series)).collect();
    assert_eq!(told.len(), TOLD);
    assert!([17, 3, 1].iter().all(|series| told.contains(series)), "the best, the worst and the baseline: {told:?}");
    let names = |figure: &Figure| -> Vec<String> {
        let texts = svg::read(&figure.svg).texts.into_iter();
        texts.map(|text| text.words).filter(|words| words.starts_with("Weighted")).collect()
    };
    for kind in ["ResponseByLoad", "LatencyPercentiles", "Distribution", "TradeOff"] {
        let figure = &of_kind(&many, kind)[0];
        assert!((2..=TOLD).contains(&names(figure).len()), "{kind}: {:?}", names(figure));
        assert!(figure.caption.contains("In colour 6 of 30 levels"), "{kind}: {}", figure.caption);
    }
    for kind in ["Overview", "Ranking"] {
        let figure = &of_kind(&many, kind)[0];
        let names = names(figure);
        assert_eq!(names.len(), 30, "{kind}");
        assert!(names[0].ends_with("17") && names[29].ends_with("s3"), "{kind}: {names:?}");
    }
    assert!(of_kind(&many, "Overview")[0].title.starts_with("28 of 30 levels of strategy have a mean response time in all 4"));
    assert!(of_kind(&many, "Ranking")[0].title.ends_with("; 2 of 30 have no figure"));
}

#[test]
fn every_figure_has_words_numbers_and_a_name_of_its_own() {
    for (case, analysis) in awkward::all() {
        let figures = figures(&analysis);
        for (index, figure) in figures.iter().enumerate() {
            let at = format!("{case}: {}", figure.id);
            assert!(figures[..index].iter().all(|other| other.id != figure.id), "{at}");
            assert!(!figure.title.ends_with('.') && figure.title.len() > 10, "{at}: {}", figure.title);
            assert!(figure.caption.ends_with('.') && figure.alt.ends_with('.'), "{at}: {} | {}", figure.caption, figure.alt);
            assert!(!rows(figure).is_empty() && !figure.csv.contains("NaN"), "{at}");
            assert!(
                !figure.title.contains("  ") && !figure.caption.contains("  ") && !figure.caption.contains(".."),
                "{at}: {}",
                figure.caption
            );
        }
    }
}

#[test]
fn every_colour_is_one_of_the_house() {
    let house: Vec<String> = style::colours().into_iter().map(|(_, colour)| colour.hex()).chain(["none".into()]).collect();
    for (case, analysis) in awkward::all() {
        for figure in figures(&analysis) {
            for colour in svg::read(&figure.svg).colours {
                assert!(house.contains(&colour), "{case}: {}: {colour}", figure.id);
            }
        }
    }
}

#[test]
fn no_text_is_cut_or_lies_upon_another() {
    let mut broken = Vec::new();
    for (case, analysis) in awkward::all() {
        for figure in figures(&analysis) {
            let picture = svg::read(&figure.svg);
            for (index, text) in picture.texts.iter().enumerate() {
                if text.from.0 < 0.0 || text.from.1 < 0.0 || text.to.0 > picture.size.0 || text.to.1 > picture.size.1 {
                    broken.push(format!("{case}: {}: `{}` is cut", figure.id, text.words));
                }
                for other in &picture.texts[..index] {
                    let is_apart = text.to.0 <= other.from.0
                        || other.to.0 <= text.from.0
                        || text.to.1 <= other.from.1
                        || other.to.1 <= text.from.1;
                    if !is_apart {
                        broken.push(format!("{case}: {}: `{}` lies upon `{}`", figure.id, text.words, other.words));
                    }
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn a_strategy_has_one_colour_in_every_chart() {
    let sample = awkward::plain();
    let random = SERIES[0].hex();
    for kind in ["ResponseByLoad", "LatencyPercentiles", "TradeOff", "Imbalance", "Differences"] {
        let figure = &of_kind(&sample, kind)[0];
        let discs = svg::read(&figure.svg).discs;
        assert!(!discs.is_empty(), "{kind}: the mark of the first strategy is a disc");
        assert!(discs.iter().all(|disc| disc.fill == random || disc.fill == style::MUTED.hex()), "{kind}");
    }
}

#[test]
fn the_same_findings_make_the_same_bytes() {
    assert_eq!(figures(&awkward::plain()), figures(&awkward::plain()));
}

#[test]
fn a_plan_may_ask_for_charts_and_metrics() {
    let mut sample = awkward::plain();
    let choice = |kind: &str, metric: Option<&str>, against: Option<&str>| ChartChoice {
        kind: kind.into(),
        metric: metric.and_then(Measure::named),
        against: against.and_then(Measure::named),
    };
    sample.plan.charts = vec![
        choice("ResponseByLoad", Some("p95"), None),
        choice("ResponseByLoad", Some("p95"), Some("utilization")),
        choice("TradeOff", Some("p99"), Some("imbalance")),
        choice("NoSuchChart", None, None),
    ];
    let ids: Vec<String> = figures(&sample).into_iter().map(|figure| figure.id).collect();
    assert_eq!(
        ids,
        ["response-by-load-response_p95", "response-by-load-response_p95-utilization", "trade-off-response_p99-cv_utilization"]
    );
}

#[test]
fn a_picture_has_as_many_pixels_as_asked_and_its_text() {
    let figure = &of_kind(&awkward::plain(), "WhoWins")[0];
    let side = |png: &[u8], from: usize| u32::from_be_bytes(png[from..from + 4].try_into().unwrap());
    let with = png(&figure.svg, 1.5).unwrap();
    assert_eq!((side(&with, 16), side(&with, 20)), (1440, 375));
    let without: String = figure.svg.replace("<text", "<g display=\"none\"><text").replace("</text>", "</text></g>");
    assert_ne!(png(&without, 1.5).unwrap(), with, "text is drawn");
    let titled = png(&figure.titled_svg(), 1.0).unwrap();
    assert!(side(&titled, 20) > 300, "the title needs room");
    assert!(png("no picture", 1.0).is_err() && png(&figure.svg, 0.0).is_err());
}
