//! A chart as it goes into a page or a file.

use super::{canvas, style, words};

/// A chart with its words and its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// A name for files and links, unique in a report: `response-by-load-mean_response`.
    pub id: String,
    /// The finding, in a sentence short enough for a slide.
    pub title: String,
    /// What is drawn, and how sure it is: one to three sentences.
    pub caption: String,
    /// The chart in words, for who cannot see it.
    pub alt: String,
    /// The picture: a whole SVG document in the light colours of the house.
    pub svg: String,
    /// The numbers behind it: CSV with one line of names.
    pub csv: String,
}

impl Figure {
    /// The picture with its title above it: an SVG document for a slide, where there is no page around it.
    #[must_use]
    pub fn titled_svg(&self) -> String {
        canvas::under_title(&self.svg, &words::wrap(&self.title, style::TITLE, style::WIDTH - 28.0))
    }
}
