//! What is read of timeouts, retries, hedging, limits and throttling.

use super::read_with;
use crate::model::{BalancerSpec, ClientClass};
use crate::recovery::{
    Budget, ClientRecovery, ConcurrencyLimit, Delay, Hedge, Limits, Mishap, Mishaps, Recovery, RetrySpec, RetryTo, Throttle,
    Timeouts,
};
use crate::units::{Probability, Span};

fn read(class: &str, balancer: &str) -> (ClientClass, BalancerSpec) {
    let text = format!(
        "Model(clients: [Open(arrivals: Poisson(rate: \"1/s\"), demand: Constant(\"10ms\"), {class})], balancer: ({balancer}), \
         servers: [Pool(count: 4)])"
    );
    let parts = read_with(&text, &[]).unwrap().model.parts().clone();
    (parts.classes[0].clone(), parts.balancers[0].clone())
}

fn of_balancer(balancer: &str) -> Recovery {
    read("", balancer).1.recovery
}

fn secs(secs: u64) -> Span {
    Span::from_secs(secs)
}

fn millis(millis: u64) -> Span {
    Span::from_nanos(millis * 1_000_000)
}

#[test]
fn every_field_of_a_balancer_is_read() {
    let recovery = of_balancer(
        "timeouts: (connect: \"1s\", response: \"2s\", queue: \"5s\", total: \"6s\"),
         retries: Retries(most: 3, on: [Refused, Full], to: Redispatch(every: 2), delay: FullJitter(base: \"25ms\", most: \"250ms\"),
            within: \"10s\", budget: OfActive(share: \"20%\", least: 3)),
         hedge: Hedge(after: \"50ms\", most: 2), cancels: true,
         limits: (requests: 1024, adaptive: Aimd(initial: 20, most: 200, backoff: 0.9), shed_wait: \"5ms\")",
    );
    let expected = Recovery {
        timeouts: Timeouts { connect: Some(secs(1)), response: Some(secs(2)), queue: Some(secs(5)), total: Some(secs(6)) },
        retries: Some(RetrySpec {
            most: 3,
            on: Mishaps::of(&[Mishap::Refused, Mishap::Full]),
            to: RetryTo::Redispatch { every: 2 },
            delay: Delay::FullJitter { base: millis(25), most: millis(250) },
            within: Some(secs(10)),
            budget: Some(Budget::OfActive { share: Probability::new(0.2).unwrap(), least: 3 }),
        }),
        hedge: Some(Hedge { after: millis(50), most: 2 }),
        limits: Limits {
            requests: Some(1_024),
            adaptive: Some(ConcurrencyLimit::Aimd { initial: 20, most: 200, backoff: 0.9 }),
            shed_wait: Some(millis(5)),
        },
        cancels: true,
    };
    assert_eq!(recovery, expected);
}

#[test]
fn every_kind_of_delay_budget_and_limit_is_read() {
    let retries = |fields: &str| of_balancer(&format!("retries: ({fields})")).retries.unwrap();
    assert_eq!(retries("delay: None").delay, Delay::None);
    assert_eq!(retries("delay: Fixed(\"1s\")").delay, Delay::Fixed(secs(1)));
    assert_eq!(retries("delay: FullJitter(base: \"1s\")").delay, Delay::FullJitter { base: secs(1), most: secs(10) });
    let exponential = Delay::Exponential { base: secs(1), factor: 1.6, most: secs(120), jitter: 0.25 };
    let written = "delay: Exponential(base: \"1s\", factor: 1.6, most: \"120s\", jitter: \"25%\")";
    assert_eq!(retries(written).delay, exponential);
    assert_eq!(retries("budget: None").budget, None);
    assert_eq!(retries("budget: AtOnce(most: 0)").budget, Some(Budget::AtOnce { most: 0 }));
    assert_eq!(retries("budget: Deposits()").budget, Some(Budget::Deposits { share: 0.2, per_sec: 10.0, window: secs(10) }));
    assert_eq!(retries("budget: Tokens()").budget, Some(Budget::Tokens { most: 10.0, ratio: 0.1 }));
    let gradient = of_balancer("limits: (adaptive: Gradient(window: \"50ms\", least: 5))").limits.adaptive;
    let expected = ConcurrencyLimit::Gradient { most: 1_000, window: millis(50), remeasure: secs(60), least: 5 };
    assert_eq!(gradient, Some(expected));
    assert_eq!(of_balancer("retries: 0").retries, None);
    assert_eq!(of_balancer("hedge: \"50ms\"").hedge, Some(Hedge { after: millis(50), most: 1 }));
}

#[test]
fn without_a_word_of_it_no_product_does_anything() {
    for product in ["", "product: HAProxy", "product: Nginx", "product: Envoy"] {
        let (class, balancer) = read("", product);
        assert_eq!((class.recovery, balancer.recovery), (ClientRecovery::default(), Recovery::default()), "{product}");
    }
}

#[test]
fn haproxy_tries_connections_again_at_the_same_server() {
    let recovery = of_balancer("product: HAProxy, timeouts: (connect: \"1s\")");
    let timeouts = Timeouts { connect: Some(secs(1)), queue: Some(secs(1)), ..Timeouts::default() };
    let retries = RetrySpec {
        most: 3,
        on: Mishaps::of(&[Mishap::Refused, Mishap::ConnectTimeout]),
        to: RetryTo::Redispatch { every: 0 },
        delay: Delay::None,
        within: None,
        budget: None,
    };
    assert_eq!(recovery, Recovery { timeouts, retries: Some(retries), ..Recovery::default() });
    let to = |retries: &str| of_balancer(&format!("product: HAProxy, retries: {retries}")).retries.unwrap().to;
    assert_eq!(to("(most: 5, to: Redispatch)"), RetryTo::Redispatch { every: 5 });
    assert_eq!(to("(to: Redispatch(every: 1))"), RetryTo::Redispatch { every: 1 });
    assert_eq!(to("(to: Same)"), RetryTo::Redispatch { every: 0 });
}

#[test]
fn nginx_tries_each_server_once() {
    let recovery = of_balancer("product: Nginx, timeouts: (connect: \"1s\")");
    assert_eq!((recovery.timeouts.connect, recovery.timeouts.response), (Some(secs(1)), Some(secs(60))));
    let retries = recovery.retries.unwrap();
    let on = Mishaps::of(&[Mishap::Refused, Mishap::ConnectTimeout, Mishap::Cut, Mishap::ResponseTimeout]);
    assert_eq!((retries.most, retries.on, retries.to), (3, on, RetryTo::Another));
    assert_eq!(of_balancer("product: Nginx, retries: 1").retries.unwrap().most, 1);
}

#[test]
fn envoy_tries_again_only_if_told_to() {
    let recovery = of_balancer("product: Envoy, timeouts: (response: \"1s\")");
    let timeouts = Timeouts { connect: Some(secs(5)), response: Some(secs(1)), queue: None, total: Some(secs(15)) };
    assert_eq!((recovery.timeouts, recovery.retries, recovery.limits.requests), (timeouts, None, Some(1_024)));
    let retries = of_balancer("product: Envoy, retries: Retries()").retries.unwrap();
    let delay = Delay::FullJitter { base: millis(25), most: millis(250) };
    let known = (retries.most, retries.to, retries.delay, retries.budget);
    assert_eq!(known, (1, RetryTo::Any, delay, Some(Budget::AtOnce { most: 3 })));
    assert!(retries.on.contains(Mishap::Error));
}

#[test]
fn clients_wait_try_again_and_hold_back() {
    let (class, balancer) = read("patience: \"2s\", retries: 2, throttle: Throttle(k: 1.5)", "");
    assert_eq!(class.recovery.patience.as_ref().map(|patience| (patience.mean_secs(), patience.scv())), Some((2.0, 0.0)));
    let retries = class.recovery.retries.unwrap();
    assert_eq!((retries.most, retries.on), (2, Mishaps::of(&Mishap::ALL)));
    assert_eq!(class.recovery.throttle, Some(Throttle { k: 1.5, window: secs(120) }));
    assert_eq!(balancer.recovery, Recovery::default());
    let patient = read("patience: Exponential(mean: \"3s\")", "").0.recovery.patience.unwrap();
    assert_eq!(patient.mean_secs(), 3.0);
}
