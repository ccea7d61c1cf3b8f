//! Where marks lie, by the numbers at the axes and in the tables.

use super::*;

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
