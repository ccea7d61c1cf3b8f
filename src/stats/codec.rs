//! Bytes for what is kept of a run: small, exact, and safe to read when they are damaged.
//!
//! Whole numbers are written seven bits a byte, least first, the high bit of a byte saying that more follow (LEB128 of the DWARF
//! standard, version 5, 7.6); lists of numbers that are mostly 0 with runs of 0 as one; floats by their bits. What is read
//! back is equal bit for bit. Reading checks every bound: bytes that are no such thing give nothing.

/// Something that can be kept as bytes and read back.
pub trait Codec: Sized {
    /// Appends the bytes.
    fn encode(&self, bytes: &mut Vec<u8>);

    /// Takes as many bytes from the front as were written; nothing where they are no such thing. It never panics, and the
    /// memory it asks for is bounded by a small multiple of what it has read.
    fn decode(bytes: &mut &[u8]) -> Option<Self>;
}

impl Codec for u64 {
    #[inline]
    fn encode(&self, bytes: &mut Vec<u8>) {
        let mut rest = *self;
        while rest >= 0x80 {
            bytes.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        bytes.push(rest as u8);
    }

    #[inline]
    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        u128::decode(bytes)?.try_into().ok()
    }
}

impl Codec for u32 {
    #[inline]
    fn encode(&self, bytes: &mut Vec<u8>) {
        u64::from(*self).encode(bytes);
    }

    #[inline]
    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        u64::decode(bytes)?.try_into().ok()
    }
}

impl Codec for u128 {
    #[inline]
    fn encode(&self, bytes: &mut Vec<u8>) {
        let mut rest = *self;
        while rest > Self::from(u64::MAX) {
            bytes.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        (rest as u64).encode(bytes);
    }

    #[inline]
    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let (&first, mut rest) = bytes.split_first()?;
        let mut number = Self::from(first & 0x7f);
        let (mut byte, mut shift) = (first, 7);
        while byte >= 0x80 {
            (byte, rest) = rest.split_first().map(|(byte, rest)| (*byte, rest))?;
            let part = Self::from(byte & 0x7f);
            let shifted = part.checked_shl(shift)?;
            if shifted >> shift != part {
                return None;
            }
            number |= shifted;
            shift += 7;
        }
        *bytes = rest;
        Some(number)
    }
}

impl Codec for f64 {
    #[inline]
    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.to_bits().to_le_bytes());
    }

    #[inline]
    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let (bits, rest) = bytes.split_first_chunk()?;
        *bytes = rest;
        Some(Self::from_bits(u64::from_le_bytes(*bits)))
    }
}

impl Codec for f32 {
    #[inline]
    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.to_bits().to_le_bytes());
    }

    #[inline]
    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let (bits, rest) = bytes.split_first_chunk()?;
        *bytes = rest;
        Some(Self::from_bits(u32::from_le_bytes(*bits)))
    }
}

impl<T: Codec> Codec for Option<T> {
    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.push(u8::from(self.is_some()));
        self.iter().for_each(|value| value.encode(bytes));
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let (&is_some, rest) = bytes.split_first()?;
        *bytes = rest;
        match is_some {
            0 => Some(None),
            1 => T::decode(bytes).map(Some),
            _ => None,
        }
    }
}

impl<T: Codec> Codec for Vec<T> {
    fn encode(&self, bytes: &mut Vec<u8>) {
        (self.len() as u64).encode(bytes);
        self.iter().for_each(|item| item.encode(bytes));
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let length = u64::decode(bytes)?;
        // Not reserved: a length that is damaged is found out when the bytes end.
        (0..length).map(|_| T::decode(bytes)).collect()
    }
}

/// Appends a list of numbers, of which many may be 0: the number 0 is followed by how many more of it there are. The length
/// is for the caller to keep.
#[inline]
pub(super) fn encode_sparse(values: impl Iterator<Item = u64>, bytes: &mut Vec<u8>) {
    let mut zeros = 0_u64;
    for value in values {
        if value == 0 {
            zeros += 1;
            continue;
        }
        end_zeros(zeros, bytes);
        zeros = 0;
        value.encode(bytes);
    }
    end_zeros(zeros, bytes);
}

#[inline]
fn end_zeros(zeros: u64, bytes: &mut Vec<u8>) {
    if zeros > 0 {
        bytes.push(0);
        (zeros - 1).encode(bytes);
    }
}

/// Fills `values` from such a list; nothing where it is longer or shorter.
pub(super) fn decode_sparse(values: &mut [u64], bytes: &mut &[u8]) -> Option<()> {
    let mut values = values;
    while !values.is_empty() {
        let value = u64::decode(bytes)?;
        let run = if value == 0 { usize::try_from(u64::decode(bytes)?).ok()?.checked_add(1)? } else { 1 };
        let (here, rest) = values.split_at_mut_checked(run)?;
        here.fill(value);
        values = rest;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn there_and_back<T: Codec>(value: &T) -> (T, usize) {
        let mut bytes = Vec::new();
        value.encode(&mut bytes);
        let mut rest = &bytes[..];
        let back = T::decode(&mut rest).unwrap();
        assert!(rest.is_empty());
        (back, bytes.len())
    }

    #[test]
    fn small_numbers_take_one_byte_and_the_greatest_come_back() {
        assert_eq!(there_and_back(&127_u64), (127, 1));
        assert_eq!(there_and_back(&128_u64), (128, 2));
        assert_eq!(there_and_back(&u64::MAX), (u64::MAX, 10));
        assert_eq!(there_and_back(&u128::MAX), (u128::MAX, 19));
        assert_eq!(there_and_back(&Some(u32::MAX)), (Some(u32::MAX), 6));
        let odd = f64::from_bits(0xfff8_0000_dead_beef);
        assert_eq!(there_and_back(&odd).0.to_bits(), odd.to_bits());
    }

    #[test]
    fn numbers_that_are_too_large_are_none() {
        let mut bytes = Vec::new();
        (u128::from(u64::MAX) + 1).encode(&mut bytes);
        assert_eq!(u64::decode(&mut &bytes[..]), None);
        assert_eq!(u32::decode(&mut &bytes[..]), None);
        assert_eq!(u128::decode(&mut &[0xff; 18][..]), None, "it does not end");
        assert_eq!(u128::decode(&mut &[&[0xff; 18][..], &[4]].concat()[..]), None, "it has 129 bits");
        assert_eq!(u128::decode(&mut &[&[0x80; 30][..], &[0]].concat()[..]), None, "its zeros go on beyond 128 bits");
    }

    #[test]
    fn a_long_list_that_is_not_there_asks_for_no_memory() {
        let mut bytes = Vec::new();
        u64::MAX.encode(&mut bytes);
        assert_eq!(Vec::<u64>::decode(&mut &bytes[..]), None);
    }

    #[test]
    fn a_run_of_zeros_is_short() {
        let mut values = [0; 1_000];
        values[500] = 3;
        let mut bytes = Vec::new();
        encode_sparse(values.iter().copied(), &mut bytes);
        assert_eq!(bytes.len(), 7);
        let mut back = [9; 1_000];
        decode_sparse(&mut back, &mut &bytes[..]).unwrap();
        assert_eq!(back, values);
        assert_eq!(decode_sparse(&mut [0; 999], &mut &bytes[..]), None);
        assert_eq!(decode_sparse(&mut [0; 1_001], &mut &bytes[..]), None);
    }

    proptest! {
        #[test]
        fn numbers_come_back(value in any::<u128>(), shift in 0_u32..128) {
            prop_assert_eq!(there_and_back(&(value >> shift)).0, value >> shift);
        }

        #[test]
        fn lists_come_back(values in prop::collection::vec(prop_oneof![Just(0), 0_u64..300, any::<u64>()], 0..100)) {
            let mut bytes = Vec::new();
            encode_sparse(values.iter().copied(), &mut bytes);
            let mut back = vec![1; values.len()];
            prop_assert!(decode_sparse(&mut back, &mut &bytes[..]).is_some());
            prop_assert_eq!(&back, &values);
            prop_assert_eq!(there_and_back(&values).0, values);
        }
    }
}
