//! What algorithms that hash take as the key of a request.

use super::RequestView;
use crate::units::Parameters;

/// Which part of a request is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Key {
    /// The address of the client.
    #[default]
    Client,
    /// The session.
    Session,
    /// What is asked for.
    Item,
}

impl Key {
    /// Asks for the parameter `key`.
    pub fn parameter(parameters: &mut dyn Parameters) -> Self {
        let options = &["Client", "Session", "Item"];
        match parameters.choice("key", "what is hashed: the client's address, its session, or what it asks for", options, 0) {
            0 => Self::Client,
            1 => Self::Session,
            _ => Self::Item,
        }
    }

    /// The key as a number, for algorithms of no product, which mix it themselves.
    #[inline]
    #[must_use]
    pub const fn number(self, request: &RequestView) -> u64 {
        match self {
            Self::Client => request.address.ip as u64,
            Self::Session => request.session,
            Self::Item => request.item as u64,
        }
    }

    /// The key as the text that a product sees: `10.0.0.1`, `session-7`, `key-7`.
    #[must_use]
    pub fn text(self, request: &RequestView) -> KeyText {
        let mut text = KeyText { bytes: [0; KeyText::LONGEST], length: 0 };
        match self {
            Self::Client => {
                for (place, octet) in request.address.octets().into_iter().enumerate() {
                    if place > 0 {
                        text.push(b".");
                    }
                    text.push_number(u64::from(octet));
                }
            }
            Self::Session => {
                text.push(b"session-");
                text.push_number(request.session);
            }
            Self::Item => {
                text.push(b"key-");
                text.push_number(u64::from(request.item));
            }
        }
        text
    }
}

/// A key as text, without allocation.
#[derive(Debug, Clone, Copy)]
pub struct KeyText {
    bytes: [u8; Self::LONGEST],
    length: usize,
}

impl KeyText {
    /// "session-" and twenty digits.
    const LONGEST: usize = 28;

    fn push(&mut self, bytes: &[u8]) {
        self.bytes[self.length..self.length + bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len();
    }

    fn push_number(&mut self, number: u64) {
        let mut digits = [0; 20];
        let (mut first, mut rest) = (digits.len(), number);
        loop {
            first -= 1;
            digits[first] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.push(&digits[first..]);
    }

    /// The text.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Address, Span, Time};

    #[test]
    fn keys_are_written_as_products_see_them() {
        let request = RequestView {
            now: Time::ZERO,
            demand: Span::ZERO,
            address: Address::new([127, 0, 10, 254], 0),
            session: u64::MAX,
            item: 120,
        };
        let written = [Key::Client, Key::Session, Key::Item].map(|key| key.text(&request).as_bytes().to_vec());
        assert_eq!(written, [&b"127.0.10.254"[..], b"session-18446744073709551615", b"key-120"]);
    }
}
