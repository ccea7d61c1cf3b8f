//! The words of configurations about failures, and what they set.

use crate::balancing::Product;

/// What words say.
#[derive(Debug)]
pub(super) struct Phrase {
    /// Where they are said; empty: everywhere.
    product: Option<Product>,
    /// The section they must stand in; empty: any.
    within: &'static str,
    /// The words, apart by a space.
    pub words: &'static str,
    /// What they set; often nothing.
    pub sets: &'static str,
    pub kind: Kind,
    /// The section that begins with them.
    pub opens: &'static str,
}

/// What comes after the words.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Nothing: they say this.
    Is(&'static str),
    /// A whole number.
    Number,
    /// How many, perhaps in thousands (`10k` is 10 times 1,024).
    Count,
    /// A whole number, or else this.
    MaybeNumber(&'static str),
    /// A time.
    Span,
    /// A percentage.
    Percent,
    /// Ways to fail: what they are called, and what that is here.
    Ways(&'static [(&'static str, &'static str)]),
}

impl Phrase {
    /// The longest phrase that `words` begin with, and how many words it has.
    pub fn longest(product: Product, section: &str, words: &[String]) -> Option<(&'static Self, usize)> {
        let fits = |phrase: &&'static Self| {
            let mut own = phrase.words.split(' ');
            phrase.product.is_none_or(|known| known == product)
                && (phrase.within.is_empty() || phrase.within == section)
                && phrase.words.split(' ').count() <= words.len()
                && words.iter().zip(own.by_ref()).all(|(word, own)| word.eq_ignore_ascii_case(own))
        };
        let long = |phrase: &Self| phrase.words.split(' ').count();
        PHRASES.iter().filter(fits).max_by_key(|phrase| long(phrase)).map(|phrase| (phrase, long(phrase)))
    }
}

const fn phrase(product: Option<Product>, words: &'static str, sets: &'static str, kind: Kind) -> Phrase {
    Phrase { product, within: "", words, sets, kind, opens: "" }
}

const fn opens(product: Product, words: &'static str, opens: &'static str) -> Phrase {
    Phrase { product: Some(product), within: "", words, sets: "", kind: NOTHING, opens }
}

const fn within(product: Product, within: &'static str, words: &'static str, sets: &'static str, kind: Kind) -> Phrase {
    Phrase { product: Some(product), within, words, sets, kind, opens: "" }
}

const NOTHING: Kind = Kind::Is("");
const ALL: Option<Product> = None;
const NGINX: Option<Product> = Some(Product::Nginx);
const HAPROXY: Option<Product> = Some(Product::HAProxy);
const ENVOY: Option<Product> = Some(Product::Envoy);

/// `retry_on` of Envoy. `5xx` stands for every way not to answer, a reset for a connection that is cut or silent.
const OF_ENVOY: &[(&str, &str)] = &[
    ("5xx", "Refused ConnectTimeout Cut ResponseTimeout Error Full"),
    ("gateway-error", "Refused ConnectTimeout Cut ResponseTimeout"),
    ("reset", "Cut ResponseTimeout"),
    ("reset-before-request", ""),
    ("connect-failure", "Refused ConnectTimeout"),
    ("refused-stream", ""),
    ("retriable-4xx", ""),
];
/// `retry-on` of HAProxy; servers that fail answer 500.
const OF_HAPROXY: &[(&str, &str)] = &[
    ("conn-failure", "Refused ConnectTimeout"),
    ("empty-response", "Cut"),
    ("junk-response", ""),
    ("response-timeout", "ResponseTimeout"),
    ("0rtt-rejected", ""),
    ("500", "Error"),
    ("502", ""),
    ("503", ""),
    ("504", ""),
    ("all-retryable-errors", "Refused ConnectTimeout Cut ResponseTimeout Error"),
    ("none", ""),
];
/// `proxy_next_upstream` of nginx.
const OF_NGINX: &[(&str, &str)] = &[
    ("error", "Refused Cut"),
    ("timeout", "ConnectTimeout ResponseTimeout"),
    ("invalid_header", ""),
    ("http_500", "Error"),
    ("http_502", ""),
    ("http_503", ""),
    ("http_504", ""),
    ("off", ""),
];

/// What cases about sessions say in short, and the words for it.
const SHORT: [(&str, &str); 3] = [
    // The timeout is not said; where connections are refused none is waited for.
    ("active check ", "active HTTP check /health: timeout 500 ms, interval "),
    (", 2/2", ", unhealthy_threshold 2, healthy_threshold 2"),
    ("retry on connect-failure, reset, 3 retries", "retry_on connect-failure,reset num_retries 3"),
];

/// The same with everything that is said in short written out.
pub(super) fn written_out(text: &str) -> String {
    SHORT.iter().fold(text.to_owned(), |text, (short, long)| text.replace(short, long))
}

/// All of them.
const PHRASES: &[Phrase] = &[
    // Algorithms.
    phrase(HAPROXY, "balance roundrobin", "algorithm", Kind::Is("roundrobin")),
    phrase(HAPROXY, "roundrobin", "algorithm", Kind::Is("roundrobin")),
    phrase(HAPROXY, "balance leastconn", "algorithm", Kind::Is("leastconn")),
    phrase(HAPROXY, "leastconn", "algorithm", Kind::Is("leastconn")),
    phrase(HAPROXY, "balance static-rr", "algorithm", Kind::Is("static-rr")),
    phrase(HAPROXY, "balance random", "algorithm", Kind::Is("random")),
    phrase(HAPROXY, "balance source", "algorithm", Kind::Is("source")),
    phrase(HAPROXY, "hash-type consistent", "hash_type", Kind::Is("consistent")),
    phrase(HAPROXY, "hash-type map-based", "hash_type", Kind::Is("map-based")),
    phrase(NGINX, "round robin", "algorithm", Kind::Is("round robin")),
    phrase(NGINX, "least_conn", "algorithm", Kind::Is("least_conn")),
    phrase(NGINX, "random two least_conn", "algorithm", Kind::Is("random two least_conn")),
    phrase(NGINX, "ip_hash", "algorithm", Kind::Is("ip_hash")),
    phrase(NGINX, "hash $remote_addr consistent", "algorithm", Kind::Is("hash consistent")),
    phrase(NGINX, "hash $remote_addr", "algorithm", Kind::Is("hash")),
    phrase(ENVOY, "ROUND_ROBIN", "algorithm", Kind::Is("round_robin")),
    phrase(ENVOY, "MAGLEV", "algorithm", Kind::Is("maglev")),
    phrase(ENVOY, "RING_HASH", "algorithm", Kind::Is("ring_hash")),
    phrase(ENVOY, "on the source address", "", NOTHING),
    // It is as random as a session's address.
    phrase(ENVOY, "on a generated cookie", "", NOTHING),
    phrase(ENVOY, "LEAST_REQUEST", "algorithm", Kind::Is("least_request")),
    phrase(ENVOY, "RANDOM", "algorithm", Kind::Is("random")),
    // Persistence.
    phrase(ALL, "no persistence", "", NOTHING),
    phrase(HAPROXY, "cookie SRV insert", "persistence", Kind::Is("Cookie")),
    phrase(HAPROXY, "indirect", "", NOTHING),
    phrase(HAPROXY, "nocache", "", NOTHING),
    opens(Product::HAProxy, "stick-table type ip", "table"),
    within(Product::HAProxy, "table", "size", "table.capacity", Kind::Count),
    within(Product::HAProxy, "table", "expire", "table.expires", Kind::Span),
    phrase(HAPROXY, "stick on src", "table.key", Kind::Is("Client")),
    phrase(ENVOY, "stateful session cookie filter", "persistence", Kind::Is("Cookie")),
    // Checks.
    phrase(NGINX, "passive", "", NOTHING),
    phrase(ALL, "no check", "", NOTHING),
    phrase(ALL, "no health check", "", NOTHING),
    phrase(ALL, "no active check", "", NOTHING),
    opens(Product::HAProxy, "httpchk /health", "check"),
    opens(Product::HAProxy, "httpchk", "check"),
    opens(Product::HAProxy, "check", "check"),
    phrase(HAPROXY, "inter", "checks.interval", Kind::Span),
    phrase(HAPROXY, "fastinter", "checks.transition_interval", Kind::Span),
    phrase(HAPROXY, "downinter", "checks.down_interval", Kind::Span),
    phrase(HAPROXY, "timeout check", "checks.timeout", Kind::Span),
    phrase(HAPROXY, "fall", "checks.fall", Kind::Number),
    phrase(HAPROXY, "rise", "checks.rise", Kind::Number),
    phrase(HAPROXY, "observe layer7", "observe.answers", Kind::Is("true")),
    phrase(HAPROXY, "observe layer4", "observe.answers", Kind::Is("false")),
    phrase(HAPROXY, "error-limit", "observe.error_limit", Kind::Number),
    phrase(HAPROXY, "on-error mark-down", "observe.action", Kind::Is("MarkDown")),
    phrase(HAPROXY, "on-error sudden-death", "observe.action", Kind::Is("SuddenDeath")),
    phrase(HAPROXY, "on-error fail-check", "observe.action", Kind::Is("FailCheck")),
    phrase(HAPROXY, "on-error fastinter", "observe.action", Kind::Is("FastInterval")),
    phrase(HAPROXY, "slowstart", "slow_start", Kind::Span),
    opens(Product::Envoy, "active HTTP check /health", "check"),
    opens(Product::Envoy, "active HTTP check", "check"),
    within(Product::Envoy, "check", "interval", "checks.interval", Kind::Span),
    within(Product::Envoy, "check", "timeout", "checks.timeout", Kind::Span),
    within(Product::Envoy, "check", "unhealthy_threshold", "checks.fall", Kind::Number),
    within(Product::Envoy, "check", "healthy_threshold", "checks.rise", Kind::Number),
    within(Product::Envoy, "check", "no_traffic_interval", "", Kind::Span),
    // Outlier detection, panic, merging.
    opens(Product::Envoy, "outlier detection", "outlier"),
    within(Product::Envoy, "outlier", "consecutive_5xx", "outliers.consecutive_errors", Kind::Number),
    within(Product::Envoy, "outlier", "interval", "outliers.interval", Kind::Span),
    within(Product::Envoy, "outlier", "base_ejection_time", "outliers.base_ejection", Kind::Span),
    within(Product::Envoy, "outlier", "max_ejection_time", "outliers.most_ejection", Kind::Span),
    within(Product::Envoy, "outlier", "max_ejection_percent", "outliers.most_ejected", Kind::Percent),
    phrase(ENVOY, "default panic threshold", "panic", Kind::Percent),
    phrase(ENVOY, "panic threshold", "panic", Kind::Percent),
    phrase(ENVOY, "healthy_panic_threshold", "panic", Kind::Percent),
    phrase(ENVOY, "update_merge_window", "merge_window", Kind::Span),
    phrase(ENVOY, "slow_start_window", "slow_start", Kind::Span),
    // Retries and timeouts.
    phrase(ALL, "no retries", "retries.most", Kind::Is("0")),
    phrase(HAPROXY, "retries", "retries.most", Kind::Number),
    phrase(HAPROXY, "retry-on", "retries.on", Kind::Ways(OF_HAPROXY)),
    phrase(HAPROXY, "option redispatch", "redispatch", Kind::MaybeNumber("last")),
    phrase(HAPROXY, "redispatch", "redispatch", Kind::MaybeNumber("last")),
    phrase(HAPROXY, "no redispatch", "redispatch", Kind::Is("no")),
    phrase(HAPROXY, "no option redispatch", "redispatch", Kind::Is("no")),
    phrase(HAPROXY, "timeout connect", "timeouts.connect", Kind::Span),
    phrase(HAPROXY, "timeout server", "timeouts.response", Kind::Span),
    phrase(HAPROXY, "timeout queue", "timeouts.queue", Kind::Span),
    phrase(HAPROXY, "timeouts", "timeouts.connect timeouts.response", Kind::Span),
    phrase(ENVOY, "retry_on", "retries.on", Kind::Ways(OF_ENVOY)),
    phrase(ENVOY, "num_retries", "retries.most", Kind::Number),
    phrase(ENVOY, "retries", "retries.most", Kind::Number),
    // What other cases of the same measurements spell out.
    phrase(ENVOY, "retries as in hc_retry", "retries.most", Kind::Is("3")),
    phrase(ENVOY, "per_try_timeout", "timeouts.response", Kind::Span),
    phrase(ENVOY, "route timeout", "timeouts.total", Kind::Span),
    phrase(ENVOY, "connect_timeout", "timeouts.connect", Kind::Span),
    phrase(NGINX, "max_fails", "max_fails", Kind::Number),
    phrase(NGINX, "fail_timeout", "fail_timeout", Kind::Span),
    phrase(NGINX, "proxy_connect_timeout", "timeouts.connect", Kind::Span),
    phrase(NGINX, "proxy_read_timeout", "timeouts.response", Kind::Span),
    phrase(NGINX, "proxy_next_upstream_tries", "next_tries", Kind::Number),
    phrase(NGINX, "proxy_next_upstream_timeout", "retries.within", Kind::Span),
    phrase(NGINX, "proxy_next_upstream", "retries.on", Kind::Ways(OF_NGINX)),
    // Limits.
    phrase(ENVOY, "default circuit breaker", "", NOTHING),
    phrase(ENVOY, "circuit breaker", "", NOTHING),
    phrase(ENVOY, "max_retries", "max_retries", Kind::Number),
    phrase(ENVOY, "max_requests", "limits.requests", Kind::Number),
    phrase(ALL, "for the cluster", "", NOTHING),
    phrase(ALL, "+", "", NOTHING),
    phrase(ALL, "unless said", "", NOTHING),
    phrase(ALL, "per server", "", NOTHING),
    phrase(HAPROXY, "maxconn", "max_connections", Kind::Number),
    phrase(HAPROXY, "maxqueue", "max_queue", Kind::Number),
    phrase(NGINX, "max_conns", "max_connections", Kind::Number),
];
