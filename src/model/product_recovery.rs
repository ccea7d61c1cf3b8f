//! What products do about requests that fail if nothing else is written, and what they cannot do.

use crate::balancing::Product;
use crate::recovery::{Budget, Delay, Limits, Mishap, Mishaps, Recovery, RetrySpec, RetryTo, Timeouts};
use crate::units::Span;

/// What a balancer of that product does about requests that fail if nothing is written.
///
/// nginx 1.22: `proxy_connect_timeout` and `proxy_read_timeout` are 60 s, and it tries again. Envoy 1.40: a cluster's `connect_timeout` is 5 s,
/// a route's `timeout` 15 s, its circuit breaker lets 1,024 requests through at once; it does not try again. HAProxy 2.6 has no timeouts but those
/// written, and tries again.
pub(super) fn recovery(product: Option<Product>) -> Recovery {
    match product {
        None => Recovery::default(),
        Some(Product::HAProxy) => Recovery { retries: Some(retries(product)), ..Recovery::default() },
        Some(Product::Nginx) => {
            let minute = Some(Span::from_secs(60));
            let timeouts = Timeouts { connect: minute, response: minute, ..Timeouts::default() };
            Recovery { timeouts, retries: Some(retries(product)), ..Recovery::default() }
        }
        Some(Product::Envoy) => {
            let timeouts =
                Timeouts { connect: Some(Span::from_secs(5)), total: Some(Span::from_secs(15)), ..Timeouts::default() };
            let limits = Limits { requests: Some(1_024), ..Limits::default() };
            Recovery { timeouts, limits, ..Recovery::default() }
        }
    }
}

/// How it tries again if it does, and nothing else is written.
///
/// HAProxy: `retries 3` for connections that fail, without `option redispatch`. nginx: `proxy_next_upstream error timeout`, each server once. Envoy:
/// `num_retries` 1, `retry_on: 5xx`, full jitter from 25 ms to ten times that, and its circuit breaker allows 3 retries at once.
pub(super) fn retries(product: Option<Product>) -> RetrySpec {
    use Mishap::{ConnectTimeout, Cut, Refused, ResponseTimeout};
    let silence = Mishaps::of(&[Refused, ConnectTimeout, Cut, ResponseTimeout]);
    let plain = RetrySpec { most: 3, on: silence, to: RetryTo::Any, delay: Delay::None, within: None, budget: None };
    match product {
        None => plain,
        Some(Product::HAProxy) => {
            RetrySpec { on: Mishaps::of(&[Refused, ConnectTimeout]), to: RetryTo::Redispatch { every: 0 }, ..plain }
        }
        Some(Product::Nginx) => RetrySpec { most: u32::MAX, to: RetryTo::Another, ..plain },
        Some(Product::Envoy) => {
            let base = Span::from_nanos(25_000_000);
            let delay = Delay::FullJitter { base, most: Span::from_nanos(250_000_000) };
            let budget = Some(Budget::AtOnce { most: 3 });
            RetrySpec { most: 1, on: Mishaps::of(&Mishap::ALL), delay, budget, ..plain }
        }
    }
}

/// What the product lacks, of the places where a retry can go.
pub(super) const fn lacks_place(product: Product, to: RetryTo) -> Option<&'static str> {
    match (product, to) {
        (Product::HAProxy, RetryTo::Any | RetryTo::Another) => Some("retries but `to: Same` and `to: Redispatch`"),
        (Product::Nginx, RetryTo::Any | RetryTo::Same | RetryTo::Redispatch { .. }) => Some("retries but `to: Another`"),
        (Product::Envoy, RetryTo::Same | RetryTo::Redispatch { .. }) => Some("retries but `to: Any` and `to: Another`"),
        _ => None,
    }
}

/// What it lacks, of the delays before a retry.
pub(super) const fn lacks_delay(product: Product, delay: Delay) -> Option<&'static str> {
    match (product, delay) {
        (Product::HAProxy, _) => Some("delay before retries but its own second before the same server"),
        (Product::Nginx, Delay::None) | (Product::Envoy, Delay::FullJitter { .. }) => None,
        (Product::Nginx, _) => Some("delay before retries"),
        (Product::Envoy, _) => Some("delay before retries but `FullJitter`"),
    }
}

/// What it lacks, of the budgets of retries.
pub(super) const fn lacks_budget(product: Product, budget: Budget) -> Option<&'static str> {
    match (product, budget) {
        (Product::Envoy, Budget::AtOnce { .. } | Budget::OfActive { .. }) => None,
        (Product::Envoy, _) => Some("budget of retries but `AtOnce` and `OfActive`"),
        _ => Some("budget of retries"),
    }
}
