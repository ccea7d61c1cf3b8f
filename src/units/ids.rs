//! Typed indices: a number that counts servers cannot be taken for one that counts pools.

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($number:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $number);

        impl $name {
            /// The position in the list that this id numbers.
            #[inline]
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id! {
    /// A server, numbered from 0 over all pools in the order of the model; the stations of back ends follow.
    ServerId(u32)
}
id! {
    /// A class of clients, numbered from 0 in the order of the model.
    ClassId(u8)
}
id! {
    /// A pool of equal servers, numbered from 0 in the order of the model; back ends follow.
    PoolId(u16)
}
id! {
    /// A balancer, numbered from 0 in the order of the model.
    BalancerId(u16)
}
