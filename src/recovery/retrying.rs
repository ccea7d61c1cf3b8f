//! Whether and where a request is tried again.

use super::{Mishap, RetrySpec, RetryTo};
use crate::random::Stream;
use crate::units::Span;

/// How long HAProxy waits before it tries a server again that refused, unless the connect timeout is shorter.
const TURN_AROUND: Span = Span::from_secs(1);

/// What comes after a try that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextTry {
    /// Nothing: the request fails.
    GiveUp,
    /// The same server is tried, even if it has left the rotation meanwhile.
    Same {
        /// The wait before it.
        after: Span,
    },
    /// The algorithm is asked again, after the wait.
    Any {
        /// The wait before it.
        after: Span,
    },
    /// The algorithm is asked again, after the wait, for a server that the request has not tried; where none is left, it fails.
    Another {
        /// The wait before it.
        after: Span,
    },
}

/// What is known of a request whose try has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    /// Retries made so far.
    pub retries: u32,
    /// How this try failed.
    pub mishap: Mishap,
    /// Whether a key (what is hashed, a cookie, a table) binds the request to the server, which is still in rotation: one that has left it
    /// binds nobody.
    pub bound: bool,
    /// Servers in rotation, the failed one among them if it is.
    pub usable: u32,
    /// The time since the first try began.
    pub since_first: Span,
}

impl RetrySpec {
    /// What comes after this failure, but for the budget, which is to be asked only if this says that there is a next try. The stream is drawn from
    /// for the jitter of the delay only.
    ///
    /// [`RetryTo::Redispatch`] follows HAProxy 2.6.12 (`back_handle_st_cer` in backend.c, `do_l7_retry` in `http_ana.c`,
    /// `stream_choose_redispatch` in stream.h): retry k goes elsewhere if nothing binds the request to its server (round robin, least connections, random; not a
    /// hash or a cookie), or else if `every` divides k. Only a refused connection makes it wait, for a second or the connect timeout if shorter, and only
    /// if the retry goes to the same server or there is no second one. After a connect timeout, and after what `retry-on` adds (an error
    /// answer, an answer that does not come), it never waits. The delay of the spec is not used.
    ///
    /// [`RetryTo::Another`] follows nginx 1.22.1 (`ngx_http_upstream_next` in `ngx_http_upstream.c`): at once, each server at most once; which
    /// servers have been tried is for the caller to know. [`RetryTo::Any`] follows Envoy (`retry_state_impl.cc`).
    pub fn next(&self, tried: &Tried, connect_timeout: Option<Span>, stream: &mut Stream) -> NextTry {
        if tried.retries >= self.most || !self.on.contains(tried.mishap) {
            return NextTry::GiveUp;
        }
        let retry = tried.retries + 1;
        let next = match self.to {
            RetryTo::Any => NextTry::Any { after: self.delay.before(retry, stream) },
            RetryTo::Another => NextTry::Another { after: self.delay.before(retry, stream) },
            RetryTo::Same => NextTry::Same { after: self.delay.before(retry, stream) },
            RetryTo::Redispatch { every } => redispatch(retry, every, tried, connect_timeout),
        };
        let late = |within| next.after().is_some_and(|after| tried.since_first + after >= within);
        if self.within.is_some_and(late) { NextTry::GiveUp } else { next }
    }
}

impl NextTry {
    /// The wait before it; none where there is no next try.
    #[must_use]
    pub const fn after(self) -> Option<Span> {
        match self {
            Self::GiveUp => None,
            Self::Same { after } | Self::Any { after } | Self::Another { after } => Some(after),
        }
    }
}

fn redispatch(retry: u32, every: u32, tried: &Tried, connect_timeout: Option<Span>) -> NextTry {
    let elsewhere = every > 0 && (!tried.bound || retry.is_multiple_of(every));
    let waits = tried.mishap == Mishap::Refused && (!elsewhere || tried.usable <= 1);
    let after = if waits { connect_timeout.map_or(TURN_AROUND, |timeout| timeout.min(TURN_AROUND)) } else { Span::ZERO };
    if elsewhere { NextTry::Any { after } } else { NextTry::Same { after } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Role, Seed};
    use crate::recovery::{Delay, Mishaps};

    const SECOND: Span = Span::from_secs(1);

    fn spec(to: RetryTo, on: &[Mishap]) -> RetrySpec {
        RetrySpec { most: 3, on: Mishaps::of(on), to, delay: Delay::None, within: None, budget: None }
    }

    fn tried(retries: u32, mishap: Mishap, bound: bool, usable: u32) -> Tried {
        Tried { retries, mishap, bound, usable, since_first: Span::ZERO }
    }

    fn next(spec: &RetrySpec, tried: &Tried) -> NextTry {
        spec.next(tried, Some(Span::from_secs(5)), &mut Stream::new(Seed(1), 0, Role::Balancing, 0))
    }

    /// What HAProxy does after each of four failed tries with three retries.
    fn haproxy(every: u32, mishap: Mishap, bound: bool, usable: u32) -> [NextTry; 4] {
        let spec = spec(RetryTo::Redispatch { every }, &Mishap::ALL);
        [0, 1, 2, 3].map(|retries| next(&spec, &tried(retries, mishap, bound, usable)))
    }

    /// Measured with round robin and with least connections: no request takes longer than a few milliseconds.
    #[test]
    fn haproxy_goes_elsewhere_at_once_where_nothing_binds() {
        let at_once = NextTry::Any { after: Span::ZERO };
        assert_eq!(haproxy(3, Mishap::Refused, false, 4), [at_once, at_once, at_once, NextTry::GiveUp]);
    }

    /// Measured with a cookie and with a hash: a second before each retry on the same server.
    #[test]
    fn haproxy_waits_for_a_server_that_binds_and_leaves_it_on_the_last_retry() {
        let (same, elsewhere) = (NextTry::Same { after: SECOND }, NextTry::Any { after: Span::ZERO });
        assert_eq!(haproxy(3, Mishap::Refused, true, 4), [same, same, elsewhere, NextTry::GiveUp]);
        assert_eq!(haproxy(2, Mishap::Refused, true, 4), [same, elsewhere, same, NextTry::GiveUp]);
        assert_eq!(haproxy(1, Mishap::Refused, true, 4), [elsewhere, elsewhere, elsewhere, NextTry::GiveUp]);
    }

    /// Measured with all servers down: a second before each.
    #[test]
    fn haproxy_waits_where_there_is_no_second_server() {
        let waits = NextTry::Any { after: SECOND };
        assert_eq!(haproxy(3, Mishap::Refused, false, 1), [waits, waits, waits, NextTry::GiveUp]);
        assert_eq!(haproxy(3, Mishap::Refused, false, 0)[0], waits);
        assert_eq!(haproxy(1, Mishap::Refused, true, 1)[0], waits);
    }

    #[test]
    fn haproxy_without_redispatch_stays() {
        let same = NextTry::Same { after: SECOND };
        assert_eq!(haproxy(0, Mishap::Refused, false, 4), [same, same, same, NextTry::GiveUp]);
    }

    #[test]
    fn haproxy_waits_after_a_refusal_only_and_not_longer_than_for_a_connection() {
        for mishap in [Mishap::ConnectTimeout, Mishap::Cut, Mishap::ResponseTimeout, Mishap::Error] {
            assert_eq!(haproxy(3, mishap, true, 4)[0], NextTry::Same { after: Span::ZERO }, "{mishap:?}");
            assert_eq!(haproxy(3, mishap, false, 1)[0], NextTry::Any { after: Span::ZERO }, "{mishap:?}");
        }
        let (spec, tried) = (spec(RetryTo::Redispatch { every: 3 }, &Mishap::ALL), tried(0, Mishap::Refused, true, 4));
        let mut stream = Stream::new(Seed(1), 0, Role::Balancing, 0);
        let mut wait = |timeout| spec.next(&tried, timeout, &mut stream).after();
        let tenth = Span::from_nanos(100_000_000);
        assert_eq!([wait(None), wait(Some(SECOND)), wait(Some(tenth))], [Some(SECOND), Some(SECOND), Some(tenth)]);
    }

    #[test]
    fn only_what_is_named_is_tried_again() {
        let spec = spec(RetryTo::Another, &[Mishap::Refused, Mishap::Error]);
        for mishap in Mishap::ALL {
            let named = [Mishap::Refused, Mishap::Error].contains(&mishap);
            let expected = if named { NextTry::Another { after: Span::ZERO } } else { NextTry::GiveUp };
            assert_eq!(next(&spec, &tried(0, mishap, false, 4)), expected, "{mishap:?}");
        }
    }

    #[test]
    fn no_try_begins_when_the_time_is_over() {
        let fixed = |to| RetrySpec { delay: Delay::Fixed(SECOND), within: Some(Span::from_secs(10)), ..spec(to, &Mishap::ALL) };
        let after = |to, secs| {
            let tried = Tried { since_first: Span::from_secs(secs), ..tried(0, Mishap::Error, false, 4) };
            next(&fixed(to), &tried).after()
        };
        for to in [RetryTo::Any, RetryTo::Another, RetryTo::Same] {
            assert_eq!([after(to, 0), after(to, 8), after(to, 9), after(to, 10)], [Some(SECOND), Some(SECOND), None, None]);
        }
    }
}
