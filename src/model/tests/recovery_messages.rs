//! Bad files about timeouts, retries, hedging, limits and throttling.

use super::messages::{Case, clients, with};

pub(super) fn recovery() -> Vec<Case> {
    let balancer = |fields: &str| with(&format!("balancer: ({fields}),"));
    let open = |fields: &str| clients(&format!("Open(arrivals: Poisson(rate: \"1/s\"), demand: Constant(\"10ms\"), {fields}),"));
    vec![
        Case("timeouts without unit", balancer("timeouts: (connect: 1, response: \"0s\", totl: \"1s\")"), &[]),
        Case("retries in words", balancer("retries: \"3\""), &[]),
        Case("retries on an unknown mishap", balancer("retries: Retries(on: [Refusd, Error])"), &[]),
        Case("retries to an unknown place", balancer("retries: (to: Other)"), &[]),
        Case("a delay that is none", balancer("retries: (delay: Fixed(), budget: AtOnce())"), &[]),
        Case("an unknown delay", balancer("retries: (delay: Jitter(base: \"25ms\"))"), &[]),
        Case("a most below the base", balancer("retries: (delay: FullJitter(base: \"25ms\", most: \"10ms\"))"), &[]),
        Case("shares out of range", balancer("retries: (budget: OfActive(share: 20)), cancels: 1"), &[]),
        Case("hedges of nothing", balancer("hedge: Hedge(most: 0)"), &[]),
        Case("a limit that starts above its most", balancer("limits: (adaptive: Aimd(initial: 20, most: 10))"), &[]),
        Case(
            "what HAProxy lacks",
            balancer(
                "product: HAProxy, timeouts: (total: \"1s\"), hedge: \"50ms\", limits: (adaptive: Aimd(), shed_wait: \"5ms\"), \
                 retries: (to: Any, delay: Fixed(\"1s\"), within: \"5s\", budget: AtOnce(most: 3))",
            ),
            &[],
        ),
        Case(
            "what nginx lacks",
            balancer(
                "product: Nginx, timeouts: (queue: \"1s\", total: \"1s\"), hedge: \"50ms\", limits: (adaptive: Gradient()), \
                 retries: (to: Same, delay: Fixed(\"1s\"), budget: Tokens())",
            ),
            &[],
        ),
        Case(
            "what Envoy lacks",
            balancer(
                "product: Envoy, timeouts: (queue: \"1s\"), limits: (adaptive: Aimd()), \
                 retries: (to: Redispatch, delay: Fixed(\"1s\"), within: \"5s\", budget: Deposits())",
            ),
            &[],
        ),
        Case("patience in numbers", open("patience: 2, throttle: Throttle(k: 0.5)"), &[]),
        Case("clients who choose the place", open("retries: (most: 3, to: Same)"), &[]),
    ]
}
