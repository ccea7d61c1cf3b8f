//! How often keys were asked for lately, about: a count-min sketch that ages.

/// Four rows of small counters (Cormode and Muthukrishnan, An Improved Data Stream Summary: The Count-Min Sketch, Journal of Algorithms 55, 2005),
/// all of them halved whenever so many requests were counted (Einziger, Friedman and Manes 2017, section 3.3).
#[derive(Debug, Clone, Default)]
pub struct Sketch {
    rows: [Vec<u8>; 4],
    mask: u64,
    counted: u64,
    period: u64,
}

/// A counter goes no further, as with four bits.
const MOST: u8 = 15;
/// Fewest and most counters of a row.
const FEWEST: u64 = 64;
const LARGEST: u64 = 1 << 20;
/// One odd factor a row.
const FACTORS: [u64; 4] = [0xC3A5_C85C_97CB_3127, 0xB492_B66F_BE98_F273, 0x9AE1_6A3B_2F90_404F, 0xCBF2_9CE4_8422_2325];

impl Sketch {
    /// A sketch for about `keys` keys; its counters are halved after ten times as many requests.
    pub fn for_keys(keys: u64) -> Self {
        let width = keys.clamp(FEWEST, LARGEST).next_power_of_two();
        let row = || vec![0; width as usize];
        Self { rows: [row(), row(), row(), row()], mask: width - 1, counted: 0, period: 10 * keys.clamp(FEWEST, LARGEST) }
    }

    const fn place(&self, row: usize, key: u64) -> usize {
        let mixed = (key ^ key >> 32).wrapping_mul(FACTORS[row]);
        ((mixed ^ mixed >> 29) >> 20 & self.mask) as usize
    }

    /// `key` was asked for.
    pub fn count(&mut self, key: u64) {
        for row in 0..self.rows.len() {
            let place = self.place(row, key);
            let counter = &mut self.rows[row][place];
            *counter = (*counter + 1).min(MOST);
        }
        self.counted += 1;
        if self.counted == self.period {
            self.counted /= 2;
            self.rows.iter_mut().flatten().for_each(|counter| *counter /= 2);
        }
    }

    /// How often `key` was asked for lately, or more.
    pub fn frequency(&self, key: u64) -> u8 {
        (0..self.rows.len()).map(|row| self.rows[row][self.place(row, key)]).min().unwrap_or(0)
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.counted = 0;
        self.rows.iter_mut().for_each(|row| row.fill(0));
    }
}
