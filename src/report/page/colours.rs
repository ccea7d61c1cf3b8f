//! The colours of the charts in dark mode. A chart is drawn once, in the light colours of the house; the page's style sheet
//! exchanges each of them for its counterpart where the reader prefers a dark page.

use crate::report::style::{Colour, DARK};

/// The rules that exchange the colours.
pub fn dark_rules() -> String {
    let rule = |(light, dark): &(Colour, Colour)| {
        let of = |attribute: &str| format!("svg [{attribute}=\"{}\" i]{{{attribute}:{}}}", light.hex(), dark.hex());
        ["fill", "stroke"].map(of).concat()
    };
    let rules: String = DARK.iter().map(rule).collect();
    format!("@media screen and (prefers-color-scheme: dark){{{rules}}}")
}
