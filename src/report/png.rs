//! From SVG to PNG, with the font of the house and no other.

use super::style;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};
use std::fmt;

/// Why there is no picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoPicture(String);

impl fmt::Display for NoPicture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the chart cannot be made into a PNG: {}", self.0)
    }
}

impl std::error::Error for NoPicture {}

/// A chart as PNG, `scale` pixels for each of its own.
///
/// # Errors
/// Where `svg` is no SVG, or the picture would have no pixels or more than memory holds.
pub fn png(svg: &str, scale: f32) -> Result<Vec<u8>, NoPicture> {
    let mut options = Options { font_family: first_family().to_owned(), ..Options::default() };
    options.fontdb_mut().load_font_data(dejavu::sans::regular().to_vec());
    let tree = Tree::from_str(svg, &options).map_err(|error| NoPicture(error.to_string()))?;
    let size = tree.size();
    let (width, height) = ((size.width() * scale).ceil() as u32, (size.height() * scale).ceil() as u32);
    let mut pixels = Pixmap::new(width, height).ok_or_else(|| NoPicture(format!("{width} x {height} pixels")))?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| NoPicture(error.to_string()))
}

fn first_family() -> &'static str {
    style::FONT.split(',').next().unwrap_or(style::FONT)
}
