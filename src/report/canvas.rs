//! Where charts are drawn: lines, areas, marks and text in pixels, by the SVG backend of plotters. It rounds to whole numbers, so
//! it gets tenths of pixels, and the document says how large they are.

use super::style::{self, Colour};
use plotters::prelude::{Color, DrawingBackend, FontDesc, FontFamily, FontStyle, RGBColor, SVGBackend, ShapeStyle, TextStyle};
use plotters::style::register_font;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::sync::Once;

/// Units of the backend in a pixel.
const FINE: f64 = 10.0;
/// plotters sets text smaller than asked by this factor, and measures it about 6 % wider than it is: some room for other fonts.
const OF_PLOTTERS: f64 = 1.24;

/// A place in pixels: right, down.
pub type Place = (f64, f64);

/// How a line looks.
#[derive(Debug, Clone, Copy)]
pub struct Stroke {
    /// Its colour.
    pub colour: Colour,
    /// In pixels.
    pub width: f64,
    /// From 0 to 1.
    pub opacity: f64,
}

impl Stroke {
    /// A line that hides what is behind it.
    #[must_use]
    pub const fn new(colour: Colour, width: f64) -> Self {
        Self { colour, width, opacity: 1.0 }
    }

    fn style(self) -> ShapeStyle {
        ShapeStyle { color: mixed(self.colour, self.opacity), filled: false, stroke_width: (self.width * FINE).round() as u32 }
    }
}

/// On which side of its place a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// It begins there.
    Right,
    /// It ends there.
    Left,
    /// It is centred on it.
    Middle,
}

/// The shape of a mark: a second way to tell series apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A disc.
    Disc,
    /// A square.
    Square,
    /// A triangle, point upwards.
    Triangle,
    /// A square on its corner.
    Diamond,
    /// A triangle, point downwards.
    Wedge,
}

impl Mark {
    /// All there are.
    pub const ALL: [Self; 5] = [Self::Disc, Self::Square, Self::Triangle, Self::Diamond, Self::Wedge];
}

/// A picture that is being drawn.
pub struct Canvas<'a> {
    backend: SVGBackend<'a>,
}

/// Draws a picture of that height, as wide as all are.
pub fn picture(height: f64, draw: impl FnOnce(&mut Canvas<'_>)) -> String {
    let mut svg = String::new();
    let size = ((style::WIDTH * FINE) as u32, (height * FINE) as u32);
    let mut canvas = Canvas { backend: SVGBackend::with_string(&mut svg, size) };
    canvas.area((0.0, 0.0), (style::WIDTH, height), style::BACKGROUND, 1.0);
    draw(&mut canvas);
    drop(canvas);
    let (fine, pixels) = (size_of((f64::from(size.0), f64::from(size.1))), size_of((style::WIDTH, height)));
    svg.replacen(&fine, &pixels, 1).replace(" opacity=\"1\"", "").replace(" stroke=\"none\"", "")
}

/// The same for areas side by side: their edges are not smoothed, so that nothing shines through between them.
pub fn crisp_picture(height: f64, draw: impl FnOnce(&mut Canvas<'_>)) -> String {
    picture(height, draw).replacen("<svg ", "<svg shape-rendering=\"crispEdges\" ", 1)
}

/// The same picture with lines of text above it, on its own background.
pub fn under_title(svg: &str, lines: &[String]) -> String {
    let height = |svg: &str| svg.split(" height=\"").nth(1)?.split('"').next()?.parse::<f64>().ok();
    let Some(below) = height(svg) else { return svg.to_owned() };
    let row = style::TITLE * 1.3;
    let above = row * lines.len() as f64 + 18.0;
    let title = picture(above + below, |canvas| {
        for (place, line) in lines.iter().enumerate() {
            canvas.text(line, (14.0, 14.0 + row * (place as f64 + 0.5)), Side::Right, style::TITLE, style::INK);
        }
    });
    let inner = format!("y=\"{}\" {}", above * FINE, size_of((style::WIDTH * FINE, below * FINE)));
    let inner = svg.replacen(&size_of((style::WIDTH, below)), &inner, 1);
    title.replacen("</svg>", &format!("{inner}</svg>"), 1)
}

fn size_of((width, height): (f64, f64)) -> String {
    format!("width=\"{width}\" height=\"{height}\"")
}

/// The font of the house, which plotters gets to know when it is first needed.
fn font(size: f64) -> FontDesc<'static> {
    static KNOWN: Once = Once::new();
    KNOWN.call_once(|| cannot_fail(register_font(style::FONT, FontStyle::Normal, dejavu::sans::regular())));
    FontDesc::new(FontFamily::Name(style::FONT), size * OF_PLOTTERS * FINE, FontStyle::Normal)
}

/// The width of a text in pixels.
#[must_use]
pub fn width(text: &str, size: f64) -> f64 {
    font(size).layout_box(text).map_or(0.0, |((left, _), (right, _))| f64::from(right - left) / FINE)
}

fn fine((x, y): Place) -> (i32, i32) {
    ((x * FINE).round() as i32, (y * FINE).round() as i32)
}

fn mixed(colour: Colour, opacity: f64) -> plotters::style::RGBAColor {
    RGBColor(colour.0, colour.1, colour.2).mix(opacity)
}

/// The backend writes to a string, which does not fail, and the font is registered: there is no error to hand on.
fn cannot_fail<E>(done: Result<(), E>) {
    drop(done);
}

impl Canvas<'_> {
    /// A straight line.
    pub fn line(&mut self, from: Place, to: Place, stroke: Stroke) {
        cannot_fail(self.backend.draw_line(fine(from), fine(to), &stroke.style()));
    }

    /// A line through places.
    pub fn path(&mut self, places: &[Place], stroke: Stroke) {
        cannot_fail(self.backend.draw_path(places.iter().copied().map(fine), &stroke.style()));
    }

    /// A dashed line through places, in dashes of that length with gaps as long.
    pub fn dashes(&mut self, places: &[Place], dash: f64, stroke: Stroke) {
        let mut walked = 0.0;
        for pair in places.windows(2) {
            let ((x, y), (to_x, to_y)) = (pair[0], pair[1]);
            let length = libm::hypot(to_x - x, to_y - y);
            let along = |part: f64| (x + (to_x - x) * part / length, y + (to_y - y) * part / length);
            let mut at = -libm::fmod(walked, 2.0 * dash);
            while at < length && length > 0.0 {
                if at + dash > 0.0 {
                    self.line(along(at.max(0.0)), along((at + dash).min(length)), stroke);
                }
                at += 2.0 * dash;
            }
            walked += length;
        }
    }

    /// The area within corners.
    pub fn polygon(&mut self, corners: &[Place], colour: Colour, opacity: f64) {
        cannot_fail(self.backend.fill_polygon(corners.iter().copied().map(fine), &mixed(colour, opacity)));
    }

    /// The area between two corners, the upper left one first.
    pub fn area(&mut self, from: Place, to: Place, colour: Colour, opacity: f64) {
        cannot_fail(self.backend.draw_rect(fine(from), fine(to), &mixed(colour, opacity), true));
    }

    /// A mark of a series.
    pub fn mark(&mut self, mark: Mark, (x, y): Place, size: f64, colour: Colour) {
        let mut shape = |corners: &[Place]| {
            let corners: Vec<Place> = corners.iter().map(|(dx, dy)| (x + dx * size, y + dy * size)).collect();
            self.polygon(&corners, colour, 1.0);
        };
        match mark {
            Mark::Disc => {
                let style = mixed(colour, 1.0);
                cannot_fail(self.backend.draw_circle(fine((x, y)), (size * FINE) as u32, &style, true));
            }
            Mark::Square => shape(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
            Mark::Triangle => shape(&[(0.0, -1.2), (1.1, 0.8), (-1.1, 0.8)]),
            Mark::Diamond => shape(&[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)]),
            Mark::Wedge => shape(&[(0.0, 1.2), (1.1, -0.8), (-1.1, -0.8)]),
        }
    }

    /// A cross: where there is no figure.
    pub fn cross(&mut self, (x, y): Place, size: f64, colour: Colour) {
        let stroke = Stroke::new(colour, style::WHISKER);
        self.line((x - size, y - size), (x + size, y + size), stroke);
        self.line((x - size, y + size), (x + size, y - size), stroke);
    }

    /// A text beside a place, centred on its height.
    pub fn text(&mut self, text: &str, place: Place, side: Side, size: f64, colour: Colour) {
        let h_pos = match side {
            Side::Right => HPos::Left,
            Side::Left => HPos::Right,
            Side::Middle => HPos::Center,
        };
        let style =
            TextStyle { font: font(size), color: mixed(colour, 1.0).to_backend_color(), pos: Pos::new(h_pos, VPos::Center) };
        cannot_fail(self.backend.draw_text(text, &style, fine(place)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_text_is_wider_and_twice_the_size_is_twice_as_wide() {
        let single = width("iiii", 20.0);
        assert!(width("mmmm", 20.0) > 2.0 * single);
        assert!((width("iiii", 40.0) - 2.0 * single).abs() < 0.5);
        assert!((width("0", 100.0) / 100.0 - 0.636 * 1.065).abs() < 0.01, "a figure of DejaVu Sans is 0.636 em wide");
    }

    #[test]
    fn dashes_cover_half_of_a_line_also_round_corners() {
        let stroke = Stroke::new(style::INK, 1.0);
        let svg = picture(100.0, |canvas| canvas.dashes(&[(0.0, 0.0), (55.0, 0.0), (55.0, 45.0)], 5.0, stroke));
        let lengths = svg.lines().filter(|line| line.starts_with("<line")).map(|line| {
            let number = |name: &str| {
                line.split(&format!(" {name}=\"")).nth(1).unwrap().split('"').next().unwrap().parse::<f64>().unwrap()
            };
            (number("x2") - number("x1")) + (number("y2") - number("y1"))
        });
        assert!((lengths.sum::<f64>() / FINE - 50.0).abs() < 0.5);
    }
}
