//! The hash functions that HAProxy offers for keys, and the one it mixes integers with.

/// A hash of a text to 32 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HashFunction {
    /// Of the database library sdbm (Yigit 1989): h = c + 65599 h.
    #[default]
    Sdbm,
    /// Bernstein's: h = c + 33 h from 5381.
    Djb2,
    /// Two words turned against each other (wt6, written for HAProxy).
    Wt6,
    /// The cyclic redundancy check of IEEE 802.3.
    Crc32,
}

impl HashFunction {
    /// The names in model files, in the order of the variants.
    pub const NAMES: &'static [&'static str] = &["Sdbm", "Djb2", "Wt6", "Crc32"];

    /// That of the given position among the names.
    pub const fn numbered(number: usize) -> Self {
        match number {
            1 => Self::Djb2,
            2 => Self::Wt6,
            3 => Self::Crc32,
            _ => Self::Sdbm,
        }
    }

    /// The hash of a text.
    pub fn hash(self, text: &[u8]) -> u32 {
        match self {
            Self::Sdbm => text.iter().fold(0_u32, |hash, &byte| hash.wrapping_mul(65_599).wrapping_add(u32::from(byte))),
            Self::Djb2 => text.iter().fold(5_381_u32, |hash, &byte| hash.wrapping_mul(33).wrapping_add(u32::from(byte))),
            Self::Wt6 => wt6(text),
            Self::Crc32 => !text.iter().fold(u32::MAX, |hash, &byte| crc32_of_byte(hash ^ u32::from(byte))),
        }
    }
}

fn wt6(text: &[u8]) -> u32 {
    let (mut one, mut other) = (0xA53C_965A_u32, 0x5CA6_953A_u32);
    let (mut turn_other, mut turn_one) = (6, 18);
    for &byte in text {
        one = !(one ^ u32::from(byte));
        other = !other.wrapping_add(u32::from(byte));
        (one, other) = (other.rotate_left(turn_other), one.rotate_left(turn_one));
        let turns = ((one >> 16) ^ other) & 0xFFFF;
        (turn_other, turn_one) = (turns & 0x1F, turns >> 11);
    }
    one ^ other
}

/// Eight steps of division by the polynomial 0x04C11DB7, bits reflected.
fn crc32_of_byte(mut rest: u32) -> u32 {
    for _ in 0..8 {
        rest = (rest >> 1) ^ if rest & 1 == 1 { 0xEDB8_8320 } else { 0 };
    }
    rest
}

/// A bijection of the integers of 32 bits that lets every bit act on every other: six shifts of Jenkins (1997), and a factor
/// that spreads near values over the whole range.
pub const fn full_hash(number: u32) -> u32 {
    let mut hash = number.wrapping_add(0x7ED5_5D16).wrapping_add(number << 12);
    hash = (hash ^ 0xC761_C23C) ^ (hash >> 19);
    hash = hash.wrapping_add(0x1656_67B1).wrapping_add(hash << 5);
    hash = hash.wrapping_add(0xD3A2_646C) ^ (hash << 9);
    hash = hash.wrapping_add(0xFD70_46C5).wrapping_add(hash << 3);
    hash = (hash ^ 0xB55A_4F09) ^ (hash >> 16);
    hash.wrapping_mul(0xC000_0001)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        let check = |function: HashFunction, text: &str| function.hash(text.as_bytes());
        assert_eq!(check(HashFunction::Crc32, "123456789"), 0xCBF4_3926, "the check value of CRC-32/ISO-HDLC");
        assert_eq!(check(HashFunction::Djb2, ""), 5_381);
        assert_eq!(check(HashFunction::Djb2, "a"), 177_670);
        assert_eq!(check(HashFunction::Sdbm, "a"), 97);
        assert_eq!(check(HashFunction::Sdbm, "ab"), 97 * 65_599 + 98);
        // From the function of HAProxy 2.6, compiled on its own.
        let wt6 = ["", "key-0", "123456789"].map(|text| check(HashFunction::Wt6, text));
        assert_eq!(wt6, [0xF99A_0360, 0x4C30_6DA5, 0x84A1_6C1D]);
    }
}
