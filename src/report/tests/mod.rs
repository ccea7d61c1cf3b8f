//! Charts, read back from their SVG.

mod awkward;
mod svg;

use super::style::{self, SERIES};
use super::told::TOLD;
use super::view::View;
use super::{Figure, chart_names, figures, png};
use crate::analysis::{Analysis, Effect, EffectKind, PointResult};
use crate::experiment::{ChartChoice, Design, Scale};
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
        let is_of_many = ["Overview", "Ranking"].contains(&kind);
        assert_eq!(of_kind(&sample, kind).is_empty(), is_of_many, "{kind} of three strategies");
        assert!(!of_kind(&many, kind).is_empty(), "{kind} of thirty");
    }
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

/// The points of the first strategy against load, held against the numbers at the axes.
#[test]
fn points_lie_where_the_numbers_at_the_axes_say() {
    let sample = awkward::plain();
    let figure = &of_kind(&sample, "ResponseByLoad")[0];
    let picture = svg::read(&figure.svg);
    let (up, across) = (picture.up(), picture.across());
    assert_eq!(up.first().map(|(tick, _)| *tick), Some(0.0), "a linear axis begins at 0");
    assert_eq!(
        across.iter().map(|(tick, _)| *tick).collect::<Vec<_>>(),
        [200.0, 260.0, 320.0, 360.0],
        "the levels are the numbers"
    );
    let marks = picture.marks(&SERIES[0].hex(), across[3].1 + 5.0);
    assert_eq!(marks.len(), 4);
    let mean = Measure::named("mean").unwrap();
    for (point, (x, y)) in marks.iter().enumerate() {
        let value = mean.estimate(&sample.points[point].summary).value.unwrap();
        assert!((y - svg::linear(&up, value * 1e3)).abs() < 0.5 && (x - across[point].1).abs() < 0.5, "{point}: {y}");
        assert!((x - svg::linear(&across, [200.0, 260.0, 320.0, 360.0][point])).abs() < 0.5);
    }
    assert!(picture.words("theory: M/M/1").len() == 1, "theory is drawn and named");
    assert!(
        figure.title.contains("load 360/s") && figure.title.contains("lower with JoinShortestQueue than with RoundRobin"),
        "{}",
        figure.title
    );
    let row = &rows(figure)[0];
    let written: f64 = row[3].parse().unwrap();
    assert_eq!(
        (Some(written), &row[0], &row[2], &row[6]),
        (mean.estimate(&sample.points[0].summary).value, "Random", "200", "s")
    );
    assert!((row[7].parse::<f64>().unwrap() - 0.02).abs() < 1e-12);
}

#[test]
fn a_wide_range_is_drawn_on_a_logarithmic_axis() {
    let wide = awkward::strategies(&["Quick", "Slow", "Endless"], &[1e-3, 1.0, 400.0]);
    let picture = svg::read(&of_kind(&wide, "ResponseByLoad")[0].svg);
    let (up, across) = (picture.up(), picture.across());
    let marks = picture.marks(&SERIES[0].hex(), across[3].1 + 5.0);
    let unit = if picture.texts.iter().any(|text| text.words.ends_with("(ms)")) { 1e3 } else { 1.0 };
    for (point, (_, y)) in marks.iter().enumerate() {
        let value = Measure::named("mean").unwrap().estimate(&wide.points[point].summary).value.unwrap();
        assert!((y - svg::logarithmic(&up, value * unit)).abs() < 0.5, "{point}: {y} {up:?}");
    }
    assert_eq!(marks.len(), 4);
}

#[test]
fn a_point_without_figures_is_a_gap_with_a_cross() {
    let figure = &of_kind(&awkward::not_converged(), "ResponseByLoad")[0];
    let picture = svg::read(&figure.svg);
    let across = picture.across();
    let colour = SERIES[0].hex();
    assert_eq!(picture.marks(&colour, across[3].1 + 5.0).len(), 3);
    let at_cross = |line: &&svg::Line| {
        line.colour == colour
            && (f64::midpoint(line.from.0, line.to.0) - across[3].1).abs() < 0.5
            && (line.from.0 - line.to.0).abs() < 15.0
            && line.from.1 != line.to.1
    };
    assert_eq!(picture.lines.iter().filter(at_cross).count(), 2, "the two strokes of a cross");
    assert!(figure.caption.contains("A cross marks where there is no figure: not converged."), "{}", figure.caption);
}

#[test]
fn the_map_of_heat_has_a_cell_for_each_server_and_stretch() {
    let sample = awkward::plain();
    let figure = &of_kind(&sample, "HeatMap")[0];
    let heat = sample.points[1].heat.as_ref().unwrap();
    // The loads are 50, 65, 80 and 90 %.
    let why = "One of 4 conditions: load 260/s. With 65 % its mean utilization is the nearest to 70 %.";
    assert!(figure.caption.ends_with(why), "{}", figure.caption);
    let (servers, stretches) = (heat.servers.len(), heat.ends_secs.len() - 1);
    let ramp: Vec<String> = style::HEAT.iter().map(|colour| colour.hex()).collect();
    let picture = svg::read(&figure.svg);
    let cells: Vec<_> = picture.areas.iter().filter(|area| ramp.contains(&area.fill) && area.to.0 < 860.0).collect();
    assert_eq!(cells.len(), 3 * servers * stretches);
    assert_eq!(rows(figure).len(), cells.len());
    for (stretch, used) in heat.utilization[0].iter().enumerate() {
        assert_eq!(cells[stretch].fill, ramp[((used * 16.0) as usize).min(15)], "stretch {stretch}");
    }
    assert!(figure.svg.contains("crispEdges"));
}

#[test]
fn no_map_of_heat_is_drawn_of_a_single_server() {
    let mut sample = awkward::plain();
    let cut = |point: &mut PointResult| {
        let heat = point.heat.as_mut().unwrap();
        heat.servers.truncate(1);
        heat.utilization.truncate(1);
    };
    // The condition at 65 %, the nearest to 70 %; then all.
    sample.points.iter_mut().skip(1).step_by(4).for_each(cut);
    let caption = &of_kind(&sample, "HeatMap")[0].caption;
    let used = |point: usize| Measure::named("utilization").unwrap().estimate(&sample.points[point].summary).value.unwrap();
    let mean = [2, 6, 10].map(used).iter().sum::<f64>() / 3.0;
    assert!(
        (mean - 0.8).abs() < 0.01 && caption.contains(&format!("load 320/s. With {:.0} %", 100.0 * mean)),
        "{mean} {caption}"
    );
    sample.points.iter_mut().for_each(cut);
    assert!(of_kind(&sample, "HeatMap").is_empty());
}

#[test]
fn the_forest_has_a_row_for_each_comparison() {
    let sample = awkward::plain();
    let figure = &of_kind(&sample, "Differences")[0];
    let mean = Measure::named("mean").unwrap();
    let all: Vec<_> = sample.comparisons.iter().filter(|comparison| comparison.measure == mean).collect();
    let picture = svg::read(&figure.svg);
    let labels = picture.words("Random").len() + picture.words("JoinShortestQueue").len();
    assert_eq!((labels, rows(figure).len(), all.len()), (8, 8, 8));
    let across = picture.across();
    let of_random = all.iter().filter(|comparison| sample.plan.points[comparison.point].levels[0] == 0);
    assert_eq!(picture.discs.len(), 4);
    for (disc, comparison) in picture.discs.iter().zip(of_random) {
        let difference = comparison.difference.as_ref().unwrap();
        let middle = f64::midpoint(disc.from.0, disc.to.0);
        assert!((middle - svg::linear(&across, 100.0 * difference.relative.unwrap().0)).abs() < 0.5);
        assert_eq!(disc.fill == style::MUTED.hex(), !difference.is_shown, "what is not shown is grey");
    }
    let zero = across.iter().find(|(tick, _)| *tick == 0.0).unwrap().1;
    assert!(
        picture
            .lines
            .iter()
            .any(|line| line.colour == style::INK.hex() && line.from.0 == line.to.0 && (line.from.0 - zero).abs() < 0.5)
    );
}

#[test]
fn many_comparisons_are_told_in_parts_each_with_its_own_title() {
    let many = awkward::all().into_iter().find(|(case, _)| *case == "three-factors").unwrap().1;
    let parts = of_kind(&many, "Differences");
    assert_eq!(parts.len(), 4, "no more are drawn");
    assert!(parts[3].caption.contains("Part 8 of 8"), "those drawn are spread over all: {}", parts[3].caption);
    for part in &parts {
        let count = rows(part).len();
        assert!((2..=26).contains(&count) && part.title.contains(&format!("All {count} differences")), "{}", part.title);
        assert!(
            part.caption.contains("hold for all 120 together") && part.caption.contains("of which 4 are drawn."),
            "{}",
            part.caption
        );
    }
}

#[test]
fn the_best_colours_its_tile() {
    let sample = awkward::plain();
    let figure = &of_kind(&sample, "WhoWins")[0];
    let tiles = svg::read(&figure.svg).areas.into_iter().filter(|area| area.fill == SERIES[2].hex()).count();
    assert_eq!(tiles, 2 * 4, "a pale area and a strong edge for each of four loads");
    assert_eq!(figure.title, "JoinShortestQueue has the best mean response time in all 4 conditions");
}

#[test]
fn the_distribution_falls_and_ends_where_requests_do() {
    let sample = awkward::plain();
    let figure = &of_kind(&sample, "Distribution")[0];
    let random: Vec<(f64, f64)> = rows(figure)
        .iter()
        .filter(|row| &row[0] == "Random")
        .map(|row| (row[2].parse().unwrap(), row[3].parse().unwrap()))
        .collect();
    assert!(random.len() > 50 && random.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 > pair[1].1));
    let least = 20.0 / sample.points[3].summary.counts[1] as f64;
    assert!(random.iter().all(|(_, fraction)| *fraction >= least) && random.last().unwrap().1 < 3.0 * least);
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

#[test]
fn two_metrics_lie_where_the_numbers_at_both_axes_say() {
    let sample = awkward::plain();
    let picture = svg::read(&of_kind(&sample, "TradeOff")[0].svg);
    let value = |name: &str| Measure::named(name).unwrap().estimate(&sample.points[3].summary).value.unwrap() * 1e3;
    let [(x, y)] = picture.marks(&SERIES[0].hex(), f64::INFINITY)[..] else { panic!("one disc, of the first strategy") };
    assert!((x - svg::linear(&picture.across(), value("mean"))).abs() < 0.5);
    assert!((y - svg::linear(&picture.up(), value("p99"))).abs() < 0.5);
}

#[test]
fn bars_of_effects_reach_from_0_to_their_value() {
    let sample = awkward::plain();
    let picture = svg::read(&of_kind(&sample, "Effects")[0].svg);
    let across = picture.across();
    let zero = svg::linear(&across, 0.0);
    for (level, colour) in SERIES.iter().enumerate().take(3) {
        let is_it = |effect: &&Effect| effect.kind == EffectKind::Main { factor: 0, level };
        let mean = sample.effects.iter().find(is_it).unwrap().mean;
        let end = svg::linear(&across, 1e3 * mean);
        let bar = picture.areas.iter().find(|area| area.fill == colour.hex()).unwrap();
        assert!((end - zero).abs() > 10.0, "a bar that is seen: {mean} s");
        assert!((bar.from.0 - zero.min(end)).abs() < 0.5 && (bar.to.0 - zero.max(end)).abs() < 0.5, "{mean} s");
    }
    assert!(!picture.words("added to the mean response time (ms)").is_empty());
}

#[test]
fn points_of_a_sample_are_not_joined() {
    let mut sample = awkward::plain();
    assert!(of_kind(&sample, "ResponseByLoad")[0].svg.contains("<polyline"));
    sample.plan.design = Design::Sobol;
    sample.plan.points.iter_mut().for_each(|point| point.theory.clear());
    let figure = &of_kind(&sample, "ResponseByLoad")[0];
    assert!(!figure.svg.contains("<polyline") && figure.caption.contains("Bars are 95 % intervals"), "{}", figure.caption);
}

#[test]
fn many_cells_are_averaged_in_time() {
    let mut sample = awkward::plain();
    for point in &mut sample.points {
        let heat = point.heat.as_mut().unwrap();
        let (rows, names) = (heat.utilization.clone(), heat.servers.clone());
        for copy in 1..16 {
            heat.utilization.extend(rows.clone());
            heat.servers.extend(names.iter().map(|name| format!("{name} of rack {copy}")));
        }
    }
    let figure = &of_kind(&sample, "HeatMap")[0];
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let drawn: Vec<f64> =
        rows(figure).iter().filter(|row| &row[0] == "Random" && &row[2] == "web 1").map(|row| row[5].parse().unwrap()).collect();
    let all = &sample.points[1].heat.as_ref().unwrap().utilization[0];
    assert!(rows(figure).len() <= 6_000 + 3 * 64 && drawn.len() < all.len());
    let together = all.len().div_ceil(drawn.len());
    assert!((drawn[0] - mean(&all[..together])).abs() < 1e-9);
    assert!(figure.svg.len() < 1_000_000, "{} bytes", figure.svg.len());
}

#[test]
fn the_best_is_named_by_its_own_metric_and_of_those_with_figures() {
    let mut sample = awkward::plain();
    let p99 = Measure::named("p99").unwrap();
    sample.best.iter_mut().for_each(|best| best.measure = p99);
    sample.best[3].left_out = vec![3];
    let figure = &of_kind(&sample, "WhoWins")[0];
    assert_eq!(
        figure.title,
        "Best p99 response time in 4 conditions: JoinShortestQueue in 3; in 1 known only of those with figures"
    );
    assert!(figure.id.starts_with("who-wins-response_p99") && figure.caption.contains("An asterisk"), "{}", figure.caption);
    assert_eq!(svg::read(&figure.svg).words("JoinShortestQueue*").len(), 1);
    assert_eq!(&rows(figure)[3][5], "Random");
}

#[test]
fn words_have_a_difference_with_its_own_interval_and_none_that_holds_0() {
    let mut sample = awkward::plain();
    let mean = Measure::named("mean").unwrap();
    for comparison in sample.comparisons.iter_mut().filter(|comparison| comparison.measure == mean) {
        let difference = comparison.difference.as_mut().unwrap();
        (difference.mean, difference.half_width, difference.joint_half_width) = (-0.02, 0.01, 0.03);
        (difference.relative, difference.is_shown) = (Some((-0.4, 0.2)), true);
    }
    let title = |sample: &Analysis, kind: &str| of_kind(sample, kind)[0].title.replace('\u{a0}', " ").replace('−', "-");
    let forest = &of_kind(&sample, "Differences")[0];
    assert!(
        title(&sample, "Differences")
            .ends_with("8 differences in mean response time from RoundRobin are shown, down to -40 ± 20 %")
    );
    assert!(forest.caption.contains("which may show what a joint interval does not"), "{}", forest.caption);
    assert!((rows(forest)[0][9].parse::<f64>().unwrap() + 1.0).abs() < 1e-12, "drawn is the joint interval");
    assert!(title(&sample, "ResponseByLoad").contains("is 40 ± 20 % lower with"), "{}", title(&sample, "ResponseByLoad"));
    // The ratio is less sure than the difference.
    let all = |sample: &mut Analysis, half_width: f64| {
        let differences = sample.comparisons.iter_mut().filter_map(|comparison| comparison.difference.as_mut().ok());
        differences.for_each(|difference| (difference.relative, difference.half_width) = (Some((-0.4, 0.5)), half_width));
    };
    all(&mut sample, 0.01);
    assert!(title(&sample, "ResponseByLoad").contains("is 20 ± 10 ms lower with"), "{}", title(&sample, "ResponseByLoad"));
    let told = title(&sample, "Differences");
    assert!(told.ends_with("are shown"), "{told}");
    all(&mut sample, 0.03);
    for kind in ["ResponseByLoad", "Differences"] {
        let title = title(&sample, kind);
        assert!(!title.contains("lower") && !title.contains("no difference") && !title.contains('±'), "{title}");
    }
}

#[test]
fn a_load_lies_across_only_where_something_changes_it_clearly() {
    let mut sample = awkward::plain();
    // Loads that have names, as disciplines and demands do.
    sample.plan.factors[1].scale = Scale::Category;
    let figure = &of_kind(&sample, "ResponseByLoad")[0];
    let across: Vec<f64> = rows(figure).iter().take(4).map(|row| row[2].parse().unwrap()).collect();
    assert!(across.iter().zip([0.5, 0.65, 0.8, 0.9]).all(|(load, meant)| (load - meant).abs() < 1e-9), "{across:?}");
    for (index, point) in sample.plan.points.iter_mut().enumerate() {
        point.offered_load = Some(0.58 + 0.001 * (index % 4) as f64);
    }
    assert!(of_kind(&sample, "ResponseByLoad").is_empty());
}

#[test]
fn effects_are_told_as_holms_procedure_judges_them() {
    let mut sample = awkward::plain();
    assert!(of_kind(&sample, "Effects")[0].title.contains("depends most on"));
    sample.effects.iter_mut().for_each(|effect| effect.is_shown = matches!(effect.kind, EffectKind::Interaction { .. }));
    let title = |sample: &Analysis| of_kind(sample, "Effects")[0].title.clone();
    assert_eq!(title(&sample), "Effects on the mean response time, alone and together");
    sample.effects.iter_mut().for_each(|effect| effect.is_shown = false);
    assert_eq!(title(&sample), "No effect on the mean response time is shown");
}

#[test]
fn one_replication_and_one_of_many_points_tell_no_difference() {
    let alone = awkward::all().into_iter().find(|(case, _)| *case == "one-replication").unwrap().1;
    for kind in ["LatencyPercentiles", "Distribution"] {
        let title = &of_kind(&alone, kind)[0].title;
        assert!(title.starts_with("In one replication at load 360/s: p") && !title.contains("no difference"), "{title}");
    }
    let mut sample = awkward::plain();
    sample.plan.design = Design::Sobol;
    for kind in ["LatencyPercentiles", "Distribution", "HeatMap", "Imbalance"] {
        assert!(of_kind(&sample, kind).is_empty(), "{kind}");
    }
    (sample.comparisons, sample.plan.compared) = (Vec::new(), None);
    assert_eq!(of_kind(&sample, "ResponseByLoad")[0].title, "Mean response time by load");
}
