//! How long servers and the service were up.

use crate::stats::codec::Codec;
use crate::units::{Span, Time};

/// What was up in the measured window, where something can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Uptime {
    /// Server-nanoseconds up.
    pub up_ns: u128,
    /// Nanoseconds in which the service was available: as many servers up as it needs.
    pub available_ns: u64,
    /// How often it ceased to be.
    pub outages: u64,
    /// When it did so for the first time since time 0; 0 if never.
    pub first_outage: Time,
    /// How often a balancer took a server that was down out of rotation.
    pub detections: u64,
    /// Nanoseconds from going down until then, added up.
    pub detection_ns: u128,
    /// Nanoseconds of work that servers did for requests that nobody waited for any more.
    pub wasted_ns: u128,
    /// Server-nanoseconds provisioned, where pools scale; else 0. It counts who is being started, who runs, in whatever state, and who
    /// finishes its work before it is gone, of pools that do not scale all servers.
    pub provisioned_ns: u128,
}

impl Uptime {
    /// The fraction of a window of length `window` in which the service was available.
    #[must_use]
    pub fn availability(&self, window: Span) -> f64 {
        self.available_ns as f64 / window.as_nanos() as f64
    }

    /// The time average of the number of servers provisioned in a window of length `window`; nothing where no pool scales.
    #[must_use]
    pub fn mean_provisioned(&self, window: Span) -> Option<f64> {
        (self.provisioned_ns > 0).then(|| self.provisioned_ns as f64 / window.as_nanos() as f64)
    }

    /// Nanoseconds in which it was not.
    #[must_use]
    pub const fn unavailable_ns(&self, window: Span) -> u64 {
        window.as_nanos().saturating_sub(self.available_ns)
    }
}

impl Codec for Uptime {
    fn encode(&self, bytes: &mut Vec<u8>) {
        let Self { up_ns, available_ns, outages, first_outage, detections, detection_ns, wasted_ns, provisioned_ns } = self;
        up_ns.encode(bytes);
        available_ns.encode(bytes);
        outages.encode(bytes);
        first_outage.as_nanos().encode(bytes);
        detections.encode(bytes);
        detection_ns.encode(bytes);
        wasted_ns.encode(bytes);
        provisioned_ns.encode(bytes);
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            up_ns: u128::decode(bytes)?,
            available_ns: u64::decode(bytes)?,
            outages: u64::decode(bytes)?,
            first_outage: Time::from_nanos(u64::decode(bytes)?),
            detections: u64::decode(bytes)?,
            detection_ns: u128::decode(bytes)?,
            wasted_ns: u128::decode(bytes)?,
            provisioned_ns: u128::decode(bytes)?,
        })
    }
}
