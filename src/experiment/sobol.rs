//! Sobol points: a low-discrepancy sequence (I. M. Sobol 1967, "On the distribution of points in a cube and the approximate
//! evaluation of integrals"), with the direction numbers of S. Joe and F. Y. Kuo (2008, "Constructing Sobol sequences with better
//! two-dimensional projections", SIAM J. Sci. Comput. 30, table `new-joe-kuo-6`).

/// Bits of a coordinate.
const BITS: usize = 32;

/// A primitive polynomial of degree s, the coefficients of x^(s-1) to x as the bits of `a`, and the first direction numbers.
struct Direction {
    a: u32,
    m: &'static [u32],
}

const fn direction(a: u32, m: &'static [u32]) -> Direction {
    Direction { a, m }
}

/// Of the second dimension and those that follow; the first is the van der Corput sequence. The degree of each polynomial is the
/// number of its direction numbers.
const DIRECTIONS: [Direction; MOST_DIMENSIONS - 1] = [
    direction(0, &[1]),
    direction(1, &[1, 3]),
    direction(1, &[1, 3, 1]),
    direction(2, &[1, 1, 1]),
    direction(1, &[1, 1, 3, 3]),
    direction(4, &[1, 3, 5, 13]),
    direction(2, &[1, 1, 5, 5, 17]),
    direction(4, &[1, 1, 5, 5, 5]),
    direction(7, &[1, 1, 7, 11, 19]),
    direction(11, &[1, 1, 5, 1, 1]),
    direction(13, &[1, 1, 1, 3, 11]),
    direction(14, &[1, 3, 5, 5, 31]),
    direction(1, &[1, 3, 3, 9, 7, 49]),
    direction(13, &[1, 1, 1, 15, 21, 21]),
    direction(16, &[1, 3, 1, 13, 27, 49]),
    direction(19, &[1, 1, 1, 15, 7, 5]),
    direction(22, &[1, 3, 1, 15, 13, 25]),
    direction(25, &[1, 1, 5, 5, 19, 61]),
    direction(1, &[1, 3, 7, 11, 23, 15, 103]),
];

/// Most dimensions.
pub(super) const MOST_DIMENSIONS: usize = 20;

/// The coordinates of the first `points` points in one dimension (from 0, below [`MOST_DIMENSIONS`]), each from 0 to below 1.
fn coordinates(dimension: usize, points: u32) -> Vec<f64> {
    let directions = directions(dimension);
    let coordinate = |point: u32| {
        // The Gray code of the number, so that the order is that of Antonov and Saleev (1979).
        let gray = point ^ (point >> 1);
        let bits = directions.iter().enumerate().filter(|(bit, _)| gray >> bit & 1 == 1);
        f64::from(bits.fold(0, |sum, (_, direction)| sum ^ direction)) / 4_294_967_296.0
    };
    (0..points).map(coordinate).collect()
}

/// The direction numbers of a dimension, each shifted to the left end of 32 bits.
fn directions(dimension: usize) -> [u32; BITS] {
    let mut v = [0; BITS];
    let Some(Direction { a, m }) = dimension.checked_sub(1).and_then(|index| DIRECTIONS.get(index)) else {
        return std::array::from_fn(|bit| 1 << (BITS - 1 - bit));
    };
    let s = m.len();
    for bit in 0..BITS {
        v[bit] = match m.get(bit) {
            Some(m) => m << (BITS - 1 - bit),
            None => {
                let inner = (1..s).filter(|k| a >> (s - 1 - k) & 1 == 1);
                inner.fold(v[bit - s] ^ (v[bit - s] >> s), |sum, k| sum ^ v[bit - k])
            }
        };
    }
    v
}

/// The first `points` points in one dimension, each moved to the middle of its cell: the sequence begins at 0, a corner that
/// is no better than any other place. Of 2^k points, each of 2^k equal parts of every dimension holds one.
pub(super) fn centred(dimension: usize, points: u32) -> Vec<f64> {
    let middle = 0.5 / f64::from(points.next_power_of_two());
    coordinates(dimension, points).into_iter().map(|coordinate| coordinate + middle).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first points in three dimensions, as Joe and Kuo's own program prints them.
    #[test]
    fn the_first_points_are_the_published_ones() {
        let all: Vec<Vec<f64>> = (0..3).map(|dimension| coordinates(dimension, 10)).collect();
        let points: Vec<[f64; 3]> = (0..10).map(|point| [all[0][point], all[1][point], all[2][point]]).collect();
        let expected = [
            [0.0, 0.0, 0.0],
            [0.5, 0.5, 0.5],
            [0.75, 0.25, 0.25],
            [0.25, 0.75, 0.75],
            [0.375, 0.375, 0.625],
            [0.875, 0.875, 0.125],
            [0.625, 0.125, 0.875],
            [0.125, 0.625, 0.375],
            [0.1875, 0.3125, 0.9375],
            [0.6875, 0.8125, 0.4375],
        ];
        assert_eq!(points, expected);
    }

    #[test]
    fn every_dimension_has_one_point_in_every_part() {
        for dimension in 0..MOST_DIMENSIONS {
            let mut parts: Vec<u32> = centred(dimension, 256).iter().map(|share| (share * 256.0) as u32).collect();
            parts.sort_unstable();
            assert_eq!(parts, (0..256).collect::<Vec<_>>(), "dimension {dimension}");
        }
    }

    /// A primitive polynomial of degree s over two elements has period 2^s - 1: a wrong coefficient would show.
    #[test]
    fn the_polynomials_are_primitive_and_the_first_numbers_odd_and_small() {
        for (index, Direction { a, m }) in DIRECTIONS.iter().enumerate() {
            let s = m.len();
            let polynomial = (1_u32 << s) | (a << 1) | 1;
            let (mut power, mut period) = (2_u32, 1);
            if s == 1 {
                power = 1;
            }
            while power != 1 {
                power <<= 1;
                if power >> s & 1 == 1 {
                    power ^= polynomial;
                }
                period += 1;
                assert!(period < 1 << s, "polynomial {index}");
            }
            assert_eq!(period, (1 << s) - 1, "polynomial {index}");
            assert!(m.iter().enumerate().all(|(i, m)| m % 2 == 1 && *m < 2 << i), "polynomial {index}");
        }
    }
}
