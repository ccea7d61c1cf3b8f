//! A picture as numbers: its texts and shapes in pixels.

use crate::report::canvas::width;
use resvg::usvg::roxmltree::{Document, Node};

/// A text with the box it takes.
#[derive(Debug, Clone)]
pub struct Text {
    pub words: String,
    pub place: (f64, f64),
    pub from: (f64, f64),
    pub to: (f64, f64),
}

/// A filled rectangle or a disc.
#[derive(Debug, Clone)]
pub struct Shape {
    pub fill: String,
    pub from: (f64, f64),
    pub to: (f64, f64),
}

/// A straight line.
#[derive(Debug, Clone)]
pub struct Line {
    pub colour: String,
    pub from: (f64, f64),
    pub to: (f64, f64),
}

/// What a picture holds.
#[derive(Debug)]
pub struct Picture {
    pub size: (f64, f64),
    pub texts: Vec<Text>,
    pub areas: Vec<Shape>,
    pub discs: Vec<Shape>,
    pub lines: Vec<Line>,
    /// Every colour named.
    pub colours: Vec<String>,
}

pub fn read(svg: &str) -> Picture {
    let document = Document::parse(svg).unwrap();
    let root = document.root_element();
    let view: Vec<f64> = root.attribute("viewBox").unwrap().split(' ').map(|number| number.parse().unwrap()).collect();
    let size = (number(&root, "width"), number(&root, "height"));
    let scale = size.0 / view[2];
    assert!((size.1 / view[3] - scale).abs() < 1e-9, "a pixel is as high as wide");
    let mut picture = Picture { size, texts: vec![], areas: vec![], discs: vec![], lines: vec![], colours: vec![] };
    for node in root.descendants().filter(Node::is_element) {
        let at = |x: &str, y: &str| (number(&node, x) * scale, number(&node, y) * scale);
        let fill = node.attribute("fill").unwrap_or("none").to_owned();
        picture.colours.extend([node.attribute("fill"), node.attribute("stroke")].into_iter().flatten().map(str::to_owned));
        match node.tag_name().name() {
            "rect" => {
                let ((x, y), (wide, tall)) = (at("x", "y"), at("width", "height"));
                picture.areas.push(Shape { fill, from: (x, y), to: (x + wide, y + tall) });
            }
            "circle" => {
                let ((x, y), (r, _)) = (at("cx", "cy"), at("r", "r"));
                picture.discs.push(Shape { fill, from: (x - r, y - r), to: (x + r, y + r) });
            }
            "line" => {
                let colour = node.attribute("stroke").unwrap().to_owned();
                picture.lines.push(Line { colour, from: at("x1", "y1"), to: at("x2", "y2") });
            }
            "text" => picture.texts.push(text(&node, scale)),
            _ => {}
        }
    }
    picture
}

fn number(node: &Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).unwrap_or("0").parse().unwrap()
}

fn text(node: &Node<'_, '_>, scale: f64) -> Text {
    let words = node.text().unwrap_or_default().trim().to_owned();
    let (x, y, size) = (number(node, "x") * scale, number(node, "y") * scale, number(node, "font-size") * scale);
    let wide = width(&words, size);
    let from = match node.attribute("text-anchor").unwrap() {
        "start" => x,
        "end" => x - wide,
        _ => x - wide / 2.0,
    };
    // Letters reach about 0.4 of their size above and below the middle of the line.
    Text { words, place: (x, y), from: (from, y - 0.42 * size), to: (from + wide, y + 0.42 * size) }
}

impl Picture {
    pub fn words(&self, words: &str) -> Vec<&Text> {
        self.texts.iter().filter(|text| text.words == words).collect()
    }

    /// The numbers at the vertical axis with their heights: those that end where most do, from the lowest up.
    pub fn up(&self) -> Vec<(f64, f64)> {
        let found = self.texts.iter().filter_map(|text| Some((parse(&text.words)?, text.place)));
        let mut found: Vec<(f64, (f64, f64))> = found.collect();
        let left = found.iter().map(|(_, (x, _))| *x).fold(f64::INFINITY, f64::min);
        found.retain(|(_, (x, _))| *x == left);
        found.into_iter().map(|(value, (_, y))| (value, y)).collect()
    }

    /// The numbers at the horizontal axis with their places: those on the lowest line of numbers.
    pub fn across(&self) -> Vec<(f64, f64)> {
        let found = self.texts.iter().filter_map(|text| Some((parse(&text.words)?, text.place)));
        let mut found: Vec<(f64, (f64, f64))> = found.collect();
        let low = found.iter().map(|(_, (_, y))| *y).fold(0.0, f64::max);
        found.retain(|(_, (_, y))| *y == low);
        found.into_iter().map(|(value, (x, _))| (value, x)).collect()
    }

    /// The shapes of a colour that lie within the frame, not in the margin of labels.
    pub fn marks(&self, colour: &str, right: f64) -> Vec<(f64, f64)> {
        let middle = |shape: &Shape| (f64::midpoint(shape.from.0, shape.to.0), f64::midpoint(shape.from.1, shape.to.1));
        self.discs.iter().filter(|disc| disc.fill == colour).map(middle).filter(|(x, _)| *x < right).collect()
    }
}

fn parse(words: &str) -> Option<f64> {
    words.replace('\u{2212}', "-").parse().ok()
}

/// Where a value lies by the numbers at an axis, straight between the first and the last.
pub fn linear(ticks: &[(f64, f64)], value: f64) -> f64 {
    let ((a, at_a), (b, at_b)) = (ticks[0], ticks[ticks.len() - 1]);
    at_a + (at_b - at_a) * (value - a) / (b - a)
}

/// The same on a logarithmic axis.
pub fn logarithmic(ticks: &[(f64, f64)], value: f64) -> f64 {
    let ticks: Vec<(f64, f64)> = ticks.iter().map(|(tick, at)| (libm::log10(*tick), *at)).collect();
    linear(&ticks, libm::log10(value))
}
