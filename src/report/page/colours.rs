//! The colours of the charts in dark mode. A chart is drawn once, in the light colours of the house; the page's style sheet
//! exchanges each of them for its counterpart where the reader prefers a dark page.

/// Each light colour of the charts and its dark counterpart. Series keep their hue and gain lightness, so that each stands out
/// from the dark ground by at least 3 to 1. What is not listed stays: a heat map means the same in both.
const DARK: &[(&str, &str)] = &[
    ("#1B1B1F", "#E6E8EB"),
    ("#6A6A72", "#A6ACB5"),
    ("#DFDFE3", "#383D45"),
    ("#FFFFFF", "#15181C"),
    ("#0072B2", "#4AA3DF"),
    ("#D55E00", "#F0803C"),
    ("#009E73", "#2FC296"),
    ("#CC79A7", "#DB93BB"),
    ("#E69F00", "#E9AB22"),
    ("#56B4E9", "#9AD5F7"),
    ("#000000", "#FFFFFF"),
    ("#F0E442", "#F0E442"),
];

/// The rules that exchange the colours.
pub fn dark_rules() -> String {
    let rule = |(light, dark): &(&str, &str)| {
        let of = |attribute: &str| format!("svg [{attribute}=\"{light}\" i]{{{attribute}:{dark}}}");
        ["fill", "stroke"].map(of).concat()
    };
    let rules: String = DARK.iter().map(rule).collect();
    format!("@media screen and (prefers-color-scheme: dark){{{rules}}}")
}
