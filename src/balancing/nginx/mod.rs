//! What the algorithms of nginx share. Source of all of them: nginx 1.22.1, `src/http/ngx_http_upstream_round_robin.c` and the
//! modules `src/http/modules/ngx_http_upstream_*_module.c`.

mod failures;
mod peers;
mod ranges;
mod ring;

pub use failures::Failures;
pub use peers::{Peer, Peers};
pub use ranges::{LOOKS, Ranges, first_usable};
pub use ring::Ring;

#[cfg(test)]
mod tests;
