//! Session persistence: how the requests of a user find the server that served the user before.
//!
//! A [`Persistence`] says who remembers that, and what becomes of it when that server is down; [`Bindings`] is what is remembered.

mod bindings;
mod persistence;

pub use bindings::Bindings;
pub use persistence::{Keeper, Persistence, WhenDown};
