//! The one place for how charts look: colours, sizes, the font. A picture holds no colour but these, written as [`Colour::hex`]
//! writes them, so that a page can put others in their place.

/// A colour: red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    /// As it stands in every picture: `#0072B2`, in capitals.
    #[must_use]
    pub fn hex(self) -> String {
        format!("#{:02X}{:02X}{:02X}", self.0, self.1, self.2)
    }
}

/// Text and axes.
pub const INK: Colour = Colour(0x1B, 0x1B, 0x1F);
/// Text and marks of second rank: units, what is not shown by the data.
pub const MUTED: Colour = Colour(0x6A, 0x6A, 0x72);
/// Grid lines.
pub const GRID: Colour = Colour(0xDF, 0xDF, 0xE3);
/// Behind everything.
pub const BACKGROUND: Colour = Colour(0xFF, 0xFF, 0xFF);

/// The series, by level of the compared factor: the palette of Okabe and Ito ("Color universal design", 2008), which the
/// colour-blind can tell apart, the strong colours first.
pub const SERIES: [Colour; 8] = [
    Colour(0x00, 0x72, 0xB2),
    Colour(0xD5, 0x5E, 0x00),
    Colour(0x00, 0x9E, 0x73),
    Colour(0xCC, 0x79, 0xA7),
    Colour(0xE6, 0x9F, 0x00),
    Colour(0x56, 0xB4, 0xE9),
    Colour(0x00, 0x00, 0x00),
    Colour(0xF0, 0xE4, 0x42),
];

/// The counterpart of each colour on a dark ground. Series keep their hue and gain lightness, so that each stands out from the ground
/// by at least 3 to 1. What is not listed stays: a heat map means the same in both.
pub const DARK: [(Colour, Colour); 12] = [
    (INK, Colour(0xE6, 0xE8, 0xEB)),
    (MUTED, Colour(0xA6, 0xAC, 0xB5)),
    (GRID, Colour(0x38, 0x3D, 0x45)),
    (BACKGROUND, Colour(0x15, 0x18, 0x1C)),
    (SERIES[0], Colour(0x4A, 0xA3, 0xDF)),
    (SERIES[1], Colour(0xF0, 0x80, 0x3C)),
    (SERIES[2], Colour(0x2F, 0xC2, 0x96)),
    (SERIES[3], Colour(0xDB, 0x93, 0xBB)),
    (SERIES[4], Colour(0xE9, 0xAB, 0x22)),
    (SERIES[5], Colour(0x9A, 0xD5, 0xF7)),
    (SERIES[6], Colour(0xFF, 0xFF, 0xFF)),
    (SERIES[7], Colour(0xF0, 0xE4, 0x42)),
];

/// From nothing to all, for heat maps: even steps of lightness (in Oklab; Ottosson 2020), so that it also reads in grey.
pub const HEAT: [Colour; 16] = [
    Colour(0xFF, 0xF6, 0xD6),
    Colour(0xEA, 0xEE, 0xD0),
    Colour(0xD4, 0xE6, 0xCB),
    Colour(0xBF, 0xDE, 0xC5),
    Colour(0xA9, 0xD5, 0xBF),
    Colour(0x92, 0xCD, 0xB9),
    Colour(0x7D, 0xBF, 0xB6),
    Colour(0x69, 0xB0, 0xB3),
    Colour(0x55, 0xA1, 0xAF),
    Colour(0x40, 0x91, 0xAB),
    Colour(0x2C, 0x81, 0xA3),
    Colour(0x24, 0x6C, 0x90),
    Colour(0x1D, 0x59, 0x7D),
    Colour(0x16, 0x45, 0x6B),
    Colour(0x10, 0x33, 0x59),
    Colour(0x0A, 0x21, 0x47),
];

/// Every colour there is, each with a name fit for a CSS variable: `ink`, `series-1`, `heat-16`.
#[must_use]
pub fn colours() -> Vec<(String, Colour)> {
    let single = [("ink", INK), ("muted", MUTED), ("grid", GRID), ("background", BACKGROUND)];
    let numbered = |name: &'static str, colours: &'static [Colour]| {
        (1..).zip(colours).map(move |(number, colour)| (format!("{name}-{number}"), *colour))
    };
    let single = single.into_iter().map(|(name, colour)| (name.to_owned(), colour));
    single.chain(numbered("series", &SERIES)).chain(numbered("heat", &HEAT)).collect()
}

/// The width of a picture in pixels.
pub const WIDTH: f64 = 960.0;
/// Its height, where the chart does not need more.
pub const HEIGHT: f64 = 540.0;

/// Size of labels in pixels: readable from the back of a room.
pub const LABEL: f64 = 20.0;
/// Size of the numbers at axes.
pub const TICK: f64 = 18.0;
/// Size of notes within a picture: the smallest there is.
pub const NOTE: f64 = 16.0;
/// Size of the title of a picture that stands alone.
pub const TITLE: f64 = 26.0;

/// Width of a series' line.
pub const LINE: f64 = 2.6;
/// Width of intervals.
pub const WHISKER: f64 = 1.8;
/// Width of axes and grid lines.
pub const HAIR: f64 = 1.0;
/// Half the size of a mark.
pub const MARK: f64 = 5.0;
/// Opacity of the band of an interval.
pub const BAND: f64 = 0.18;
/// Opacity of a line behind those told apart.
pub const BEHIND: f64 = 0.4;
/// Opacity of a bar: its interval is seen upon it.
pub const BAR: f64 = 0.6;
/// Opacity of a tile in the colour of a series: pale enough for text upon it.
pub const TILE: f64 = 0.3;

/// The families of the font, the first at hand is taken: that of the pictures made here, one as wide, and any.
pub const FONT: &str = "DejaVu Sans, Verdana, sans-serif";

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2.1), from 0 to 1.
    fn luminance(colour: Colour) -> f64 {
        let part = |byte: u8| {
            let part = f64::from(byte) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { libm::pow((part + 0.055) / 1.055, 2.4) }
        };
        0.2126 * part(colour.0) + 0.7152 * part(colour.1) + 0.0722 * part(colour.2)
    }

    #[test]
    fn text_is_readable_and_the_heat_is_readable_in_grey() {
        let contrast = |text| (luminance(BACKGROUND) + 0.05) / (luminance(text) + 0.05);
        assert!(contrast(INK) > 12.0 && contrast(MUTED) > 4.5, "WCAG 2.1 asks for 4.5");
        assert!(HEAT.windows(2).all(|pair| luminance(pair[0]) > luminance(pair[1])), "darker at each step");
    }

    #[test]
    fn every_colour_but_those_of_heat_has_a_dark_counterpart() {
        for (name, colour) in colours().into_iter().filter(|(name, _)| !name.starts_with("heat")) {
            assert!(DARK.iter().any(|(light, _)| *light == colour), "{name}");
        }
        let ground = DARK[3].1;
        let contrast = |colour| (luminance(colour) + 0.05) / (luminance(ground) + 0.05);
        assert!(contrast(DARK[0].1) > 12.0 && contrast(DARK[1].1) > 4.5);
        assert!(DARK[4..].iter().all(|(_, dark)| contrast(*dark) > 3.0));
    }

    #[test]
    fn no_two_colours_are_the_same() {
        let colours = colours();
        for (index, (name, colour)) in colours.iter().enumerate() {
            assert!(colours[..index].iter().all(|(other, twin)| twin != colour && other != name), "{name}");
        }
    }
}
