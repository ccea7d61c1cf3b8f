//! Network addresses.

/// An IPv4 address and a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// The four octets, the first in the highest byte.
    pub ip: u32,
    /// The port; 0 where it does not matter.
    pub port: u16,
}

impl Address {
    /// An address with a port.
    #[must_use]
    pub const fn new(octets: [u8; 4], port: u16) -> Self {
        Self { ip: u32::from_be_bytes(octets), port }
    }

    /// The four octets, as they are written from left to right.
    #[inline]
    #[must_use]
    pub const fn octets(self) -> [u8; 4] {
        self.ip.to_be_bytes()
    }
}

/// As `10.0.0.1:80`.
impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d] = self.octets();
        write!(f, "{a}.{b}.{c}.{d}:{}", self.port)
    }
}
