//! What stands in the page, read as text.

use super::{HOSTILE, findings, origin, sample_page};
use crate::analysis::{BestVerdict, sample::sample};
use crate::experiment::{Design, Stopping};
use crate::observe::Measure;
use crate::report::{figures, page};

/// The values of an attribute, in the order of the page.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let mark = format!(" {attribute}=\"");
    page.split(&mark).skip(1).map(|rest| &rest[..rest.find('"').unwrap()]).collect()
}

/// The tags of that name, with their attributes.
fn tags<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let mark = format!("<{name}");
    let rest = page.split(&mark).skip(1).filter(|rest| rest.starts_with([' ', '>', '\n']));
    rest.map(|rest| &rest[..rest.find('>').unwrap()]).collect()
}

/// The text as the page writes it.
fn escaped(text: &str) -> String {
    let mut text = text.replace(" %", "\u{a0}%").replace(" ± ", "\u{a0}±\u{a0}");
    for (letter, reference) in [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#x27;"), ("/", "&#x2f;")]
    {
        text = text.replace(letter, reference);
    }
    text
}

#[test]
fn every_figure_stands_in_the_page_with_title_caption_text_and_numbers() {
    let (analysis, page) = (findings(), sample_page());
    let figures = figures(&analysis);
    assert!(figures.len() >= 9, "a figure of each kind");
    assert_eq!((tags(&page, "figure").len(), tags(&page, "svg").len()), (figures.len(), figures.len()));
    for figure in &figures {
        assert!(page.contains(&format!("<figure id=\"chart-{0}\" aria-labelledby=\"chart-{0}-title\">", figure.id)));
        assert!(page.contains(&format!(">{}</h3>", escaped(&figure.title))), "{}", figure.title);
        assert!(page.contains(&format!("<figcaption>{}</figcaption>", escaped(&figure.caption))), "{}", figure.caption);
        assert!(page.contains(&format!("download=\"{}.csv\"", figure.id)));
        assert!(page.contains(&format!("href=\"numbers/{}.csv\"", figure.id)));
    }
    assert!(tags(&page, "svg").iter().all(|svg| svg.starts_with(" role=\"img\" aria-label=\"")));
    let words = tags(&page, "svg").join("");
    assert!(words.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;"), "the text of a chart is escaped");
    assert!(!page.contains("<?xml"), "what belongs to a file is left out");
}

#[test]
fn the_link_of_a_chart_holds_its_numbers() {
    let (analysis, page) = (findings(), sample_page());
    let links: Vec<&str> = values(&page, "href").into_iter().filter(|link| link.starts_with("data:text")).collect();
    for (figure, link) in figures(&analysis).iter().zip(links) {
        // The engine writes a slash as a reference.
        let link = link.replace("&#x2f;", "/");
        let escaped = link.strip_prefix("data:text/csv;charset=utf-8,").unwrap();
        let mut bytes = escaped.bytes();
        let mut text = Vec::new();
        while let Some(byte) = bytes.next() {
            let hex = |bytes: &mut std::str::Bytes<'_>| char::from(bytes.next().unwrap()).to_digit(16).unwrap() as u8;
            text.push(if byte == b'%' { hex(&mut bytes) * 16 + hex(&mut bytes) } else { byte });
        }
        assert_eq!(String::from_utf8(text).unwrap(), figure.csv);
    }
}

#[test]
fn names_from_files_stay_text() {
    let page = sample_page();
    assert!(!page.contains(HOSTILE) && !page.contains("<script>alert"));
    assert!(page.matches("&lt;script&gt;alert(&quot;1&quot;)").count() >= 4, "name and text of the file, a level in its tables");
    assert_eq!(tags(&page, "script").len(), 1);
}

#[test]
fn nothing_is_loaded() {
    let page = sample_page();
    for attribute in ["src", "srcset", "data", "poster", "background", "action", "xlink:href"] {
        assert!(values(&page, attribute).is_empty(), "{attribute}");
    }
    for link in values(&page, "href") {
        assert!(["#", "data:", "numbers"].iter().any(|start| link.starts_with(start)), "{link}");
    }
    assert!(!page.contains("@import") && !page.contains("url("));
    let policy = tags(&page, "meta").into_iter().find(|tag| tag.contains("Content-Security-Policy")).unwrap();
    assert!(policy.contains("default-src &#x27;none&#x27;"));
}

#[test]
fn ids_are_unique_and_what_refers_to_them_finds_them() {
    let page = sample_page();
    let ids = values(&page, "id");
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len());
    for id in values(&page, "aria-labelledby") {
        assert!(ids.contains(&id), "{id}");
    }
    for link in values(&page, "href").iter().filter_map(|link| link.strip_prefix('#')) {
        assert!(ids.contains(&link), "{link}");
    }
}

#[test]
fn headings_descend_one_by_one_and_landmarks_are_there() {
    let page = sample_page();
    let levels: Vec<char> =
        page.split("<h").skip(1).filter_map(|rest| rest.chars().next()).filter(char::is_ascii_digit).collect();
    assert_eq!((levels[0], levels.iter().filter(|level| **level == '1').count()), ('1', 1));
    assert!(levels.windows(2).all(|pair| pair[1] as u32 <= pair[0] as u32 + 1), "{levels:?}");
    for landmark in ["header", "nav", "main", "footer"] {
        assert_eq!(tags(&page, landmark).len(), 1, "{landmark}");
    }
    assert!(page.contains("<html lang=\"en\">") && page.contains("class=\"skip\" href=\"#main\""));
}

#[test]
fn tables_name_rows_and_columns_and_sort_by_numbers() {
    let page = sample_page();
    assert!(tags(&page, "th").iter().all(|tag| tag.contains("scope=\"col\"") || tag.contains("scope=\"row\"")));
    assert!(tags(&page, "table").iter().all(|tag| tag.contains("aria-labelledby=\"")), "each table has a name");
    let keys = values(&page, "data-key");
    assert!(keys.len() > 400 && keys.iter().all(|key| key.parse::<f64>().is_ok_and(f64::is_finite)));
}

/// The cells of the row of a table, text only.
fn row(page: &str, table: &str, number: usize) -> Vec<String> {
    let start = page.find(&format!("id=\"table-{table}\"")).unwrap();
    let body = &page[start..start + page[start..].find("</table>").unwrap()];
    let row = body.split("<tr>").nth(number + 2).unwrap();
    let plain = |cell: &str| {
        let inner = &cell[cell.find('>').unwrap() + 1..];
        inner.split('<').map(|part| part.rsplit('>').next().unwrap()).collect::<String>()
    };
    row.replace("<th", "<td").split("<td").skip(1).map(plain).map(|cell| cell.trim().replace("&#x2f;", "/")).collect()
}

#[test]
fn the_points_show_figures_theory_and_remarks() {
    let (analysis, page) = (findings(), sample_page());
    let mean = Measure::named("mean").unwrap().estimate(&analysis.points[0].summary).clone();
    let first = row(&page, "points", 0);
    let (value, error) = crate::observe::written::value_and_error(mean.value.unwrap() * 1e3, mean.half_width.unwrap() * 1e3);
    assert_eq!(first[..5], ["Random", "200/s", "0.500", &format!("{value} ± {error}"), "20.0 M/M/1"]);
    assert_eq!(first[6..], ["92.1 M/M/1", "6", ""], "the sojourn time of M/M/1 is exponential: 20 ms times ln 100");
    let missing = row(&page, "points", 3);
    assert_eq!(
        (missing[3].as_str(), missing[8].as_str()),
        ("not converged", "not converged: replications of at least 2 h are needed")
    );
    assert_eq!(row(&page, "points", 4)[4], "–", "no theory for RoundRobin");
}

#[test]
fn differences_have_a_verdict_in_words() {
    let page = sample_page();
    let first = row(&page, "differences-mean_response", 0);
    assert_eq!((&first[..2], first[6].as_str()), (&["200/s".to_owned(), "Random".to_owned()][..], "longer"));
    assert!(first[3].contains(" ± ") && first[4].contains(" to ") && first[5] == "&lt;0.001", "{first:?}");
    let second = row(&page, "differences-mean_response", 1);
    assert_eq!((second[1].as_str(), second[6].as_str()), ("JoinShortestQueue", "the point has not converged"));
    assert_eq!(row(&page, "best", 0), ["200/s", "JoinShortestQueue", "with probability at least 95.0 %"]);
    assert!(page.contains("p99 &lt; 200ms: met at "));
}

#[test]
fn every_verdict_and_every_plan_has_words() {
    let mut analysis = sample();
    analysis.best[0].verdict = BestVerdict::Among { points: vec![0, 4], probability: 0.9 };
    analysis.best[1].verdict = BestVerdict::Unknown("one replication".into());
    let (measure, indifference) = (Measure::named("mean").unwrap(), 0.002);
    analysis.best[2].verdict = BestVerdict::Selected { point: 2, probability: 0.95, indifference };
    analysis.plan.design = Design::Sobol;
    analysis.plan.stopping = Stopping::Best { measure, smallest: true, probability: 0.95, indifference, most: 64 };
    let page = page(&analysis, &[], &origin()).unwrap();
    assert_eq!(row(&page, "best", 0)[1..], ["one of Random, RoundRobin", "with probability at least 90.0 %"]);
    assert_eq!(row(&page, "best", 1)[1..], ["not known", "one replication"]);
    assert!(row(&page, "best", 2)[2].ends_with("the best, or within 2.00 ms of it"));
    assert!(page.contains(
        "select the smallest mean response time with probability 95.0 % (differences below 2.00 ms do not matter), at most 64"
    ));
    assert!(tags(&page, "figure").is_empty() && !page.contains("href=\"#charts\""));
}

#[test]
fn the_best_stands_by_its_own_metric_with_those_that_have_no_figure() {
    let mut analysis = sample();
    let measure = Measure::named("utilization").unwrap();
    analysis.best.iter_mut().for_each(|best| best.measure = measure);
    analysis.best[1].left_out = vec![1, 5];
    let page = page(&analysis, &[], &origin()).unwrap();
    assert!(page.contains(&format!("The best strategy by {}", measure.title())));
    let sure = &row(&page, "best", 1)[2];
    assert!(sure.ends_with(", of those with figures: Random and RoundRobin without"), "{sure}");
}

#[test]
fn verdicts_remarks_and_replications_are_those_of_the_findings() {
    let mut analysis = findings();
    analysis.effects = sample().effects;
    analysis.effects[0].is_shown = false;
    (analysis.effects[1].is_shown, analysis.effects[1].mean) = (true, -0.01);
    analysis.points[0].remarks = vec!["replications are still missing".into()];
    analysis.points[3].remarks = vec!["less precise than asked for".into()];
    let page = page(&analysis, &[], &origin()).unwrap();
    assert_eq!([&row(&page, "effects", 0)[2], &row(&page, "effects", 1)[2]], ["not shown", "lowers it"]);
    assert_eq!(row(&page, "points", 0)[8], "replications are still missing");
    assert!(row(&page, "points", 3)[8].ends_with("are needed; less precise than asked for"));
    assert!(page.contains("6 of each point"));
}

#[test]
fn a_plan_without_anything_but_a_point_has_a_page() {
    let mut analysis = sample();
    analysis.plan.points.truncate(1);
    analysis.points.truncate(1);
    (analysis.plan.about, analysis.plan.compared) = (String::new(), None);
    analysis.plan.goals.clear();
    analysis.plan.metrics.truncate(1);
    (analysis.comparisons, analysis.best, analysis.effects) = (Vec::new(), Vec::new(), Vec::new());
    analysis.sentences.clear();
    let page = page(&analysis, &[], &crate::report::Origin::default()).unwrap();
    assert!(
        page.contains("1 point: ")
            && !page.contains("in-short")
            && !page.contains("id=\"differences\"")
            && !page.contains("table-differences")
    );
}

#[test]
fn the_same_findings_give_the_same_bytes() {
    assert_eq!(sample_page(), sample_page());
}
