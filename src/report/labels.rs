//! Labels beside the ends of lines: each near its line, none upon another.

use super::canvas::{Canvas, Mark, Place, Side, Stroke, width};
use super::style::{self, Colour};
use super::words;

/// The places nearest to those wanted that are at least `gap` apart and lie within `room`, in the order of those wanted. Where
/// there is too little room, they are evenly spread.
#[must_use]
pub fn apart(wanted: &[f64], gap: f64, room: (f64, f64)) -> Vec<f64> {
    let (low, high) = room;
    let count = wanted.len();
    let gap = if count > 1 { gap.min((high - low) / (count - 1) as f64) } else { gap };
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    // Clusters that touch become one, around the mean of what its members want.
    let mut clusters: Vec<(f64, usize)> = Vec::new();
    for index in &order {
        let mut cluster = (wanted[*index], 1_usize);
        while let Some(&(middle, size)) = clusters.last() {
            let (lower, upper) = (middle + size as f64 * gap / 2.0, cluster.0 - cluster.1 as f64 * gap / 2.0);
            if lower <= upper + 1e-9 {
                break;
            }
            clusters.pop();
            let all = size + cluster.1;
            cluster = ((middle * size as f64 + cluster.0 * cluster.1 as f64) / all as f64, all);
        }
        clusters.push(cluster);
    }
    let mut placed: Vec<f64> = clusters
        .iter()
        .flat_map(|(middle, size)| (0..*size).map(move |place| middle + (place as f64 - (*size as f64 - 1.0) / 2.0) * gap))
        .collect();
    for place in 0..count {
        let least = if place == 0 { low } else { placed[place - 1] + gap };
        placed[place] = placed[place].max(least);
    }
    for place in (0..count).rev() {
        let most = if place + 1 == count { high } else { placed[place + 1] - gap };
        placed[place] = placed[place].min(most);
    }
    let mut places = vec![0.0; count];
    order.into_iter().zip(placed).for_each(|(index, place)| places[index] = place);
    places
}

/// A label of a line.
#[derive(Debug, Clone)]
pub struct Label {
    /// The text, in full.
    pub text: String,
    /// Its colour.
    pub colour: Colour,
    /// Its mark; a dashed line has none.
    pub mark: Option<Mark>,
    /// Where its line ends.
    pub end: Place,
}

/// Width of the piece of line and the mark before a label.
const SWATCH: f64 = 26.0;
/// Between the picture and the labels, for lines that lead to them.
const LEAD: f64 = 20.0;
/// The widest that labels may be.
const WIDEST: f64 = 270.0;

/// The margin that labels need.
#[must_use]
pub fn margin(texts: &[String]) -> f64 {
    let widest = texts.iter().map(|text| width(text, style::LABEL)).fold(0.0, f64::max);
    LEAD + SWATCH + 4.0 + widest.min(WIDEST) + 8.0
}

/// The height of a label.
pub const ROW: f64 = 25.0;

/// Draws labels in the margin that begins at `left`, between the heights of `room`, each led to from the end of its line.
pub fn draw(canvas: &mut Canvas<'_>, labels: &[Label], left: f64, room: (f64, f64)) {
    let texts: Vec<String> = labels.iter().map(|label| label.text.clone()).collect();
    let texts = words::labels(&texts, style::LABEL, WIDEST);
    let heights = apart(&labels.iter().map(|label| label.end.1).collect::<Vec<_>>(), ROW, room);
    for ((label, text), height) in labels.iter().zip(texts).zip(heights) {
        let lead = Stroke { opacity: 0.45, ..Stroke::new(label.colour, style::HAIR) };
        let to = (left + LEAD, height);
        if label.end.0 < left - 0.5 {
            canvas.dashes(&[label.end, (left, label.end.1)], 3.0, lead);
        }
        canvas.line((left.max(label.end.0), label.end.1), to, lead);
        swatch(canvas, to, label.colour, label.mark);
        canvas.text(&text, (to.0 + SWATCH + 4.0, height), Side::Right, style::LABEL, style::INK);
    }
}

/// Draws labels below each other in the margin that begins at `left`, from `top` down.
pub fn list(canvas: &mut Canvas<'_>, labels: &[Label], left: f64, top: f64) {
    let texts: Vec<String> = labels.iter().map(|label| label.text.clone()).collect();
    for (place, (label, text)) in labels.iter().zip(words::labels(&texts, style::LABEL, WIDEST)).enumerate() {
        let from = (left + LEAD, top + ROW * (place as f64 + 0.5));
        swatch(canvas, from, label.colour, label.mark);
        canvas.text(&text, (from.0 + SWATCH + 4.0, from.1), Side::Right, style::LABEL, style::INK);
    }
}

fn swatch(canvas: &mut Canvas<'_>, from: Place, colour: Colour, mark: Option<Mark>) {
    let to = (from.0 + SWATCH - 2.0, from.1);
    match mark {
        Some(mark) => {
            canvas.line(from, to, Stroke::new(colour, style::LINE));
            canvas.mark(mark, (f64::midpoint(from.0, to.0), from.1), style::MARK, colour);
        }
        None => canvas.dashes(&[from, to], 4.0, Stroke::new(colour, style::WHISKER)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn labels_with_room_stay_where_they_are_wanted() {
        assert_eq!(apart(&[200.0, 100.0], 20.0, (0.0, 400.0)), [200.0, 100.0]);
        assert_eq!(apart(&[100.0, 100.0], 20.0, (0.0, 400.0)), [90.0, 110.0]);
        assert_eq!(apart(&[395.0, 400.0], 20.0, (0.0, 400.0)), [380.0, 400.0]);
        assert!(apart(&[], 20.0, (0.0, 400.0)).is_empty());
    }

    proptest! {
        #[test]
        fn labels_are_apart_within_the_room_and_in_order(wanted in prop::collection::vec(-50.0..450.0_f64, 1..18)) {
            let places = apart(&wanted, 22.0, (0.0, 400.0));
            for (index, place) in places.iter().enumerate() {
                prop_assert!((-1e-6..=400.0 + 1e-6).contains(place));
                for other in 0..index {
                    prop_assert!((place - places[other]).abs() > 22.0 - 1e-6);
                    prop_assert!((wanted[index] - wanted[other]) * (place - places[other]) >= 0.0);
                }
            }
        }
    }
}
