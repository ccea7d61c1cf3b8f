//! A weighted choice among a list of numbers at the same cost for every length.

use super::check::LONGEST_LIST;
use super::{InvalidDistribution, Stream};

/// What the list of probabilities must be.
pub(super) const PROBS: &str = "as many probabilities as numbers, at most 1000, each from 0 to 1, with the sum 1";

/// How far the sum of the probabilities may lie from 1; they are then divided by their sum.
const SUM_TOLERANCE: f64 = 1e-6;

/// 2^64: a share of a column is a whole number below it.
const COLUMN: f64 = 18_446_744_073_709_551_616.0;

/// Numbers with probabilities, and the cells of the alias method (Walker 1977; built as by Vose 1991, "A linear algorithm
/// for generating random numbers with a given distribution").
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choice {
    numbers: Box<[f64]>,
    probs: Box<[f64]>,
    cells: Box<[Cell]>,
}

/// A column of equal probability, shared by at most two numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Cell {
    /// The lower number's share of the column, as a fraction of 2^64.
    share: u64,
    lower: f64,
    upper: f64,
}

impl Choice {
    /// Numbers with their probabilities; the numbers are checked by the caller.
    pub(super) fn new(probs: &[f64], numbers: &[f64]) -> Result<Self, InvalidDistribution> {
        let invalid = Err(InvalidDistribution::new("probs", PROBS));
        if probs.len() != numbers.len() || probs.is_empty() || probs.len() > LONGEST_LIST {
            return invalid;
        }
        let sum: f64 = probs.iter().sum();
        if probs.iter().any(|p| !(0.0..=1.0).contains(p)) || (sum - 1.0).abs() > SUM_TOLERANCE {
            return invalid;
        }
        let probs: Box<[f64]> = probs.iter().map(|p| p / sum).collect();
        Ok(Self { cells: cells(&probs, numbers), numbers: numbers.into(), probs })
    }

    /// One of the numbers. The high part of bits x length chooses the column, the low part the place in it: a probability is
    /// off by at most length / 2^64.
    #[inline]
    pub(super) fn pick(&self, stream: &mut Stream) -> f64 {
        let product = u128::from(stream.bits()) * self.cells.len() as u128;
        let cell = &self.cells[(product >> 64) as usize];
        if (product as u64) < cell.share { cell.lower } else { cell.upper }
    }

    /// The numbers as they were given.
    pub(super) fn numbers(&self) -> &[f64] {
        &self.numbers
    }

    /// The probabilities, with the sum 1.
    pub(super) fn probs(&self) -> &[f64] {
        &self.probs
    }

    /// The sum of a function of the numbers, weighted with the probabilities.
    pub(super) fn expect(&self, of: impl Fn(f64) -> f64) -> f64 {
        // A probability of 0 counts for nothing, whatever the function says there.
        self.probs.iter().zip(&self.numbers).filter(|(p, _)| **p > 0.0).map(|(p, x)| p * of(*x)).sum()
    }
}

/// The columns: repeatedly one number with too little for a whole column is filled up from one with too much.
fn cells(probs: &[f64], numbers: &[f64]) -> Box<[Cell]> {
    let mut left: Vec<f64> = probs.iter().map(|p| p * probs.len() as f64).collect();
    let (mut short, mut long): (Vec<usize>, Vec<usize>) = (0..probs.len()).partition(|i| left[*i] < 1.0);
    let whole = |i: usize| Cell { share: u64::MAX, lower: numbers[i], upper: numbers[i] };
    let mut cells: Vec<Cell> = (0..probs.len()).map(whole).collect();
    while let (Some(poor), Some(rich)) = (short.pop(), long.last().copied()) {
        cells[poor] = Cell { share: (left[poor] * COLUMN) as u64, lower: numbers[poor], upper: numbers[rich] };
        left[rich] -= 1.0 - left[poor];
        if left[rich] < 1.0 {
            long.pop();
            short.push(rich);
        }
    }
    cells.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The probability of each number that the columns give.
    fn given(choice: &Choice) -> Vec<f64> {
        let mut sums = vec![0.0; choice.numbers.len()];
        for cell in &choice.cells {
            let share = cell.share as f64 / COLUMN;
            for (number, part) in [(cell.lower, share), (cell.upper, 1.0 - share)] {
                let place = choice.numbers.iter().position(|x| *x == number);
                sums[place.unwrap_or_default()] += part / choice.cells.len() as f64;
            }
        }
        sums
    }

    #[test]
    fn columns_hold_the_probabilities() -> Result<(), InvalidDistribution> {
        let long: Vec<f64> = (0..1000).map(|i| f64::from(i) / 499_500.0).collect();
        for probs in [&[1.0][..], &[0.9, 0.1], &[0.0, 1.0], &[0.25; 4], &[0.1, 0.0, 0.2, 0.0, 0.7], &long] {
            let numbers: Vec<f64> = (0..probs.len()).map(|i| i as f64).collect();
            for (given, wanted) in given(&Choice::new(probs, &numbers)?).iter().zip(probs) {
                assert!((given - wanted).abs() < 1e-15, "{given} is not {wanted}");
            }
        }
        Ok(())
    }

    #[test]
    fn probabilities_of_0_are_never_chosen() -> Result<(), InvalidDistribution> {
        let choice = Choice::new(&[0.0, 0.3, 0.0, 0.7], &[0.0, 1.0, 2.0, 3.0])?;
        for cell in &choice.cells {
            assert!(cell.upper % 2.0 == 1.0 && (cell.share == 0 || cell.lower % 2.0 == 1.0), "{cell:?}");
        }
        Ok(())
    }

    #[test]
    fn bad_probabilities_are_refused() {
        for probs in [&[][..], &[0.5], &[0.5, 0.6], &[1.5, -0.5], &[f64::NAN, 1.0], &[f64::INFINITY, 0.0], &[0.3; 3]] {
            assert_eq!(Choice::new(probs, &[1.0, 2.0]), Err(InvalidDistribution::new("probs", PROBS)), "{probs:?}");
        }
        let many = vec![1.0 / 1001.0; 1001];
        assert!(Choice::new(&many, &many).is_err());
    }
}
