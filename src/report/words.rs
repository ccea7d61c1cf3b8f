//! Words of charts: names of metrics, lists, and labels cut to the room there is.

use super::canvas::width;
use crate::observe::Measure;

/// Its unit for [`super::axis::Units::of`]: as it stands, but fractions are told from indices.
#[must_use]
pub fn measure_unit(measure: Measure) -> &'static str {
    match measure.name() {
        "utilization" | "rejected_fraction" | "p_wait" => "fraction",
        _ => measure.unit(),
    }
}

/// `1 replication`, `6 replications`, `6 to 20 replications`.
#[must_use]
pub fn replications(counts: impl Iterator<Item = usize>) -> String {
    let (least, most) = counts.fold((usize::MAX, 0), |(least, most), count| (least.min(count), most.max(count)));
    match (least, most) {
        (_, 0) => "no replications".into(),
        (1, 1) => "1 replication".into(),
        (least, most) if least == most => format!("{most} replications"),
        (least, most) => format!("{least} to {most} replications"),
    }
}

/// The first letter in capitals, as at the beginning of a sentence; a name such as `p99` stays as it is.
#[must_use]
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => first.to_uppercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

/// The text, or as much of its beginning and its end as has room, with dots between.
#[must_use]
pub fn shorten(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let letters: Vec<char> = text.chars().collect();
    let cut = |kept: usize| -> String {
        let end = kept / 3;
        letters[..kept - end].iter().chain(&['…']).chain(&letters[letters.len() - end..]).collect()
    };
    let fitting = (0..letters.len()).rev().map(cut).find(|short| width(short, size) <= room);
    fitting.unwrap_or_else(|| "…".into())
}

/// Labels cut to the room there is, no two alike where the texts were not: then each keeps what sets it apart.
#[must_use]
pub fn labels(texts: &[String], size: f64, room: f64) -> Vec<String> {
    let are_twins = |short: &[String], index: usize| {
        (0..texts.len()).any(|other| short[other] == short[index] && texts[other] != texts[index])
    };
    let short: Vec<String> = texts.iter().map(|text| shorten(text, size, room)).collect();
    let own = |index: usize| {
        let alike: Vec<&String> =
            texts.iter().zip(&short).filter(|(_, other)| **other == short[index]).map(|(text, _)| text).collect();
        if are_twins(&short, index) { apart(&texts[index], &alike, size, room) } else { short[index].clone() }
    };
    let better: Vec<String> = (0..texts.len()).map(own).collect();
    let numbered = |index: usize| shorten(&format!("{}: {}", index + 1, texts[index]), size, room);
    (0..texts.len()).map(|index| if are_twins(&better, index) { numbered(index) } else { better[index].clone() }).collect()
}

/// The text without what it has in common with the others, as far as there is no room for it.
fn apart(text: &str, others: &[&String], size: f64, room: f64) -> String {
    let letters: Vec<char> = text.chars().collect();
    let common = |backwards: bool| {
        let at = |text: &str, place: usize| if backwards { text.chars().rev().nth(place) } else { text.chars().nth(place) };
        (0..letters.len()).take_while(|place| others.iter().all(|other| at(other, *place) == at(text, *place))).count()
    };
    let front = common(false);
    let back = common(true).min(letters.len() - front);
    // From the beginning of the word that differs, with the name of the parameter before it.
    let is_border = |letter: &char| matches!(letter, '(' | ',' | '[');
    let start = letters[..front].iter().rposition(is_border).map_or(front, |place| place + 1);
    let middle: String = letters[start..letters.len() - back].iter().collect();
    let middle = if back > 0 { format!("{}…", middle.trim_start()) } else { middle.trim_start().to_owned() };
    let head: String = letters[..start].iter().collect();
    let fitting = (1..=head.chars().count()).rev().map(|kept| {
        let cut = if kept < head.chars().count() { "…" } else { "" };
        format!("{}{cut}{middle}", head.chars().take(kept).collect::<String>())
    });
    fitting.into_iter().find(|short| width(short, size) <= room).unwrap_or_else(|| shorten(&middle, size, room))
}

/// The text in lines no wider than the room there is, broken between words.
#[must_use]
pub fn wrap(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size) <= room => *line += &format!(" {word}"),
            _ => lines.push(shorten(word, size, room)),
        }
    }
    lines
}

/// Up to `most` of `count` things, spread evenly, the first and the last among them.
#[must_use]
pub fn spread(count: usize, most: usize) -> Vec<usize> {
    if count <= most || most < 2 {
        return (0..count.min(most)).collect();
    }
    (0..most).map(|place| place * (count - 1) / (most - 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_have_names_that_people_use() {
        let name = |name| Measure::named(name).unwrap().title();
        assert_eq!(
            [name("p99.9"), name("mean"), name("wait_p50")],
            ["p99.9 response time", "mean response time", "p50 waiting time"]
        );
        assert!(Measure::all().all(|measure| !measure.title().contains('_')));
    }

    #[test]
    fn labels_fit_and_stay_different() {
        let texts: Vec<String> = (0..9).map(|d| format!("WeightedPowerOfD(choices: {d}, weights: [1, 2, 3, 4])")).collect();
        let labels = labels(&texts, 20.0, 150.0);
        for (index, label) in labels.iter().enumerate() {
            assert!(width(label, 20.0) <= 150.0 && labels[..index].iter().all(|other| other != label), "{label}");
        }
        assert_eq!(shorten("short", 20.0, 150.0), "short");
    }

    #[test]
    fn lists_and_counts_read_well() {
        assert_eq!(
            [replications([6, 6].into_iter()), replications([20, 6].into_iter())],
            ["6 replications", "6 to 20 replications"]
        );
        assert_eq!((spread(10, 4), spread(3, 4)), (vec![0, 3, 6, 9], vec![0, 1, 2]));
        assert_eq!([sentence("mean wait"), sentence("p99 wait"), sentence("CV of")], ["Mean wait", "p99 wait", "CV of"]);
    }
}
