//! Tables of the ziggurat method, computed when the program is compiled.
//!
//! A decreasing density is covered by 256 layers of equal area: 255 rectangles and a base strip that holds the tail. A
//! layer is chosen evenly, a point in it evenly, and nearly always the point lies under the density without looking.
//!
//! Source: Marsaglia and Tsang 2000, "The ziggurat method for generating random variables", section 2, with 256 layers
//! for both densities and positions of 53 bits in place of 32. The layer and the position come from different bits of the
//! same word, which avoids the correlation that Doornik 2005 found in the original.
//!
//! Only additions, multiplications, divisions and comparisons are used, on a machine model of the compiler: the tables
//! are the same on every platform.

use super::elementary::ln_by_series;

/// Number of layers; the low 8 bits of a word choose one.
pub(super) const LAYERS: usize = 256;

/// 2^53: positions within a layer of the exponential are whole numbers below it.
const EXPONENTIAL_POSITIONS: f64 = 9_007_199_254_740_992.0;
/// 2^52: positions within a layer of the normal have a sign, and magnitudes up to it.
const NORMAL_POSITIONS: f64 = 4_503_599_627_370_496.0;

/// What the fast path needs of one layer, in one place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layer {
    /// Positions of a magnitude below this one lie under the density for certain.
    pub(super) accept: u64,
    /// Width of the layer divided by the number of positions: the abscissa of position 1.
    pub(super) step: f64,
}

/// The layers of one density.
#[derive(Debug)]
pub(super) struct Ziggurat {
    /// From the base strip (0) to the top (255).
    pub(super) layers: [Layer; LAYERS],
    /// `heights[i]` and `heights[i + 1]` are the density at the lower and the upper edge of layer i; of the base strip only the
    /// upper one has a meaning.
    pub(super) heights: [f64; LAYERS + 1],
}

/// Where the tail of the exponential density begins. (Marsaglia and Tsang 2000, section 2.2.)
pub(super) const EXPONENTIAL_TAIL: f64 = 7.697_117_470_131_05;
/// Area of each layer under exp(-x).
const EXPONENTIAL_AREA: f64 = 0.003_949_659_822_581_557;

/// Where the tail of the normal density begins. (Marsaglia and Tsang 2000, section 2.3, at 256 layers.)
pub(super) const NORMAL_TAIL: f64 = 3.654_152_885_361_009;
/// Area of each layer under exp(-x^2 / 2).
const NORMAL_AREA: f64 = 0.004_928_673_233_974_655;
/// exp(-x^2 / 2) where the tail begins.
const NORMAL_TAIL_HEIGHT: f64 = 0.001_260_285_930_498_597_5;

/// The layers under exp(-x).
pub(super) static EXPONENTIAL: Ziggurat =
    build(EXPONENTIAL_TAIL, EXPONENTIAL_AREA, EXPONENTIAL_AREA / (EXPONENTIAL_TAIL + 1.0), EXPONENTIAL_POSITIONS, false);

/// The layers under exp(-x^2 / 2), for both signs.
pub(super) static NORMAL: Ziggurat = build(NORMAL_TAIL, NORMAL_AREA, NORMAL_TAIL_HEIGHT, NORMAL_POSITIONS, true);

/// Stacks the layers from the tail up: each has the same area, so its height is the area over its width, and the density
/// turned round gives the width of the next. `squared` says that the density is exp(-x^2 / 2).
const fn build(tail: f64, area: f64, tail_height: f64, positions: f64, squared: bool) -> Ziggurat {
    let mut layers = [Layer { accept: 0, step: 0.0 }; LAYERS];
    let mut heights = [0.0; LAYERS + 1];
    let mut width = area / tail_height;
    let mut inner = tail;
    let mut height = tail_height;
    let mut i = 0;
    while i < LAYERS {
        heights[i + 1] = height;
        layers[i] = Layer { accept: (inner / width * positions) as u64, step: width / positions };
        width = inner;
        height += area / width;
        inner = if i + 2 >= LAYERS { 0.0 } else { abscissa(height, squared) };
        i += 1;
    }
    heights[LAYERS] = 1.0;
    Ziggurat { layers, heights }
}

/// Where the density has that height.
const fn abscissa(height: f64, squared: bool) -> f64 {
    let depth = -ln_by_series(height);
    if squared { sqrt(2.0 * depth) } else { depth }
}

/// Square root of a number of at least 0 by Newton's iteration, from above.
const fn sqrt(y: f64) -> f64 {
    let mut root = if y > 1.0 { y } else { 1.0 };
    let mut steps = 0;
    while steps < 64 {
        root = 0.5 * (root + y / root);
        steps += 1;
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(left: f64, right: f64, tolerance: f64) {
        assert!((left - right).abs() <= tolerance * right.abs().max(1.0), "{left} is not {right}");
    }

    #[test]
    fn the_square_root_is_one() {
        for y in [0.0, 0.1, 0.5, 0.7, 1.0, 3.0, 30.0] {
            close(sqrt(y), y.sqrt(), 4e-16);
        }
    }

    /// Every layer has the same area, and the top layer ends where the density is 1.
    #[test]
    fn layers_have_equal_areas() {
        let normal = (&NORMAL, NORMAL_AREA, NORMAL_POSITIONS);
        for (ziggurat, area, positions) in [(&EXPONENTIAL, EXPONENTIAL_AREA, EXPONENTIAL_POSITIONS), normal] {
            for i in 1..LAYERS {
                let width = ziggurat.layers[i].step * positions;
                close(width * (ziggurat.heights[i + 1] - ziggurat.heights[i]) / area, 1.0, 1e-10);
            }
        }
    }

    #[test]
    fn edges_lie_on_the_density() {
        let exponential = |x: f64| libm::exp(-x);
        let normal = |x: f64| libm::exp(-0.5 * x * x);
        for i in 1..LAYERS {
            close(EXPONENTIAL.heights[i], exponential(EXPONENTIAL.layers[i].step * EXPONENTIAL_POSITIONS), 1e-13);
            close(NORMAL.heights[i], normal(NORMAL.layers[i].step * NORMAL_POSITIONS), 1e-13);
        }
    }

    /// The base strip is a rectangle up to the tail and the tail: (1 + r) exp(-r), and r f(r) + sqrt(pi / 2) erfc(r / sqrt 2).
    #[test]
    fn base_strips_hold_the_tails() {
        close((1.0 + EXPONENTIAL_TAIL) * libm::exp(-EXPONENTIAL_TAIL) / EXPONENTIAL_AREA, 1.0, 1e-14);
        let tail = (std::f64::consts::PI / 2.0).sqrt() * libm::erfc(NORMAL_TAIL / std::f64::consts::SQRT_2);
        close(libm::exp(-0.5 * NORMAL_TAIL * NORMAL_TAIL) / NORMAL_TAIL_HEIGHT, 1.0, 1e-14);
        close((NORMAL_TAIL * NORMAL_TAIL_HEIGHT + tail) / NORMAL_AREA, 1.0, 1e-14);
    }
}
