//! A recorded workload: the access log of a web server, or a table of arrivals and demands, as times of arrival and clients.
//!
//! # How a log becomes arrivals
//! - Apache and nginx, common and combined log format; what follows the size (referrer, agent, fields of one's own) is
//!   not looked at.
//! - Servers write a line when the request *ends* but stamp it with its beginning (Apache) or its end (nginx), so logs
//!   run backwards here and there: the requests are sorted by time, and those of one second keep the order of the log.
//! - Time 0 is the start of the second of the earliest request.
//! - A stamp has whole seconds. The k requests of one second are spread over it evenly, the i-th (from 0) at
//!   (i + 1/2) / k of it. So every burst that the log can show is replayed, nothing is invented that it cannot show, and
//!   the same log gives the same arrivals whatever the seed: strategies differ by what they do, not by luck. The price:
//!   within a second the stream is smoother than real traffic, so waits shorter than a second are if anything too short.
//!   Leaving the k requests together at the start of the second would be the other extreme: it turns each second
//!   into a batch, and a server that answers within milliseconds would see load that never was.
//! - Clients are told apart by the address as written.
//!
//! # How a table becomes arrivals
//! A file whose first line is `arrival_s,demand_s` is a table: a line for each request, the time of its arrival and its service
//! demand in seconds, such as `0.015021,0.0221627`. Time 0 is the table's; requests are sorted by time, those of one instant
//! keep their order; each is a client of its own, and each brings its own demand.

mod line;
mod table;

use crate::random::{Distribution, SpanDistribution};
use crate::units::{Span, Time};
pub use line::LineFault;
use line::parse_line;
use std::collections::HashMap;
use std::fmt;

/// One request of a recorded workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceArrival {
    /// When it arrived, from the start of the log.
    pub at: Time,
    /// Which client sent it, numbered from 0 in order of first appearance.
    pub client: u32,
}

/// A recorded workload in order of time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trace {
    /// The requests, sorted by time.
    pub arrivals: Vec<TraceArrival>,
    /// From the start of the first second to the end of the last.
    pub length: Span,
    /// How many different clients there are.
    pub clients: u32,
    /// The service demand of each request on a server of speed 1, where the recording has them; else empty.
    pub demands: Vec<Span>,
    /// The lines that could not be read.
    pub malformed: MalformedLines,
}

/// The lines of a log that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MalformedLines {
    /// How many there are.
    pub total: u32,
    /// The first of them, at most [`MalformedLines::NAMED`].
    pub first: Vec<MalformedLine>,
}

/// A line that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedLine {
    /// Its number in the log, from 1; empty lines count.
    pub line: u32,
    /// What is wrong with it.
    pub fault: LineFault,
}

/// Why a log is not a workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TraceError {
    /// No line could be read.
    NoRequest {
        /// What was wrong with those that there are.
        malformed: MalformedLines,
    },
    /// More than [`Trace::MOST_LINES`] lines.
    TooManyLines,
    /// More than [`Span::LONGEST`] between two requests.
    TooLongTime {
        /// The line of the earliest request.
        earliest: u32,
        /// The line of the latest request.
        latest: u32,
    },
}

impl Trace {
    /// The most lines of a log: at 16 bytes a request it then takes 1.6 GB.
    pub const MOST_LINES: u32 = 100_000_000;
    /// The longest line; longer ones count as malformed.
    pub const LONGEST_LINE: usize = 64 * 1024;

    /// Reads an access log in common or combined log format, or a table that begins with the line `arrival_s,demand_s`.
    ///
    /// Lines may end in LF or CR LF, the last one in nothing; bytes need not be UTF-8; empty lines are passed over, and
    /// lines that cannot be read are counted and named in [`Trace::malformed`].
    ///
    /// # Errors
    /// Where no line can be read, or the log exceeds the limits.
    pub fn parse(bytes: &[u8]) -> Result<Self, TraceError> {
        let mut reading = Reading::with_room_for(bytes);
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        if table::begins(bytes) {
            return table::parse(bytes);
        }
        each_line(bytes, |number, line| reading.take(number, line))?;
        reading.finish()
    }
}

impl Trace {
    /// The mean of the demands that the recording brings, as a constant; nothing where it brings none.
    #[must_use]
    pub fn mean_demand(&self) -> Option<SpanDistribution> {
        let sum: u128 = self.demands.iter().map(|demand| u128::from(demand.as_nanos())).sum();
        let mean = sum.checked_div(self.demands.len() as u128)?;
        Distribution::constant(mean as f64).map(SpanDistribution::from_nanos).ok()
    }
}

/// Hands over the lines that are not empty, without their ends, each with its number from 1.
fn each_line<'a>(bytes: &'a [u8], mut take: impl FnMut(u32, &'a [u8])) -> Result<(), TraceError> {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    for (number, line) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
        if number > Trace::MOST_LINES {
            return Err(TraceError::TooManyLines);
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if !line.trim_ascii().is_empty() {
            take(number, line);
        }
    }
    Ok(())
}

impl MalformedLines {
    /// How many are named; the others are counted.
    pub const NAMED: usize = 10;

    fn add(&mut self, line: u32, fault: LineFault) {
        self.total += 1;
        if self.first.len() < Self::NAMED {
            self.first.push(MalformedLine { line, fault });
        }
    }
}

/// What has been read so far: `arrivals[].at` holds the stamp in whole seconds until [`Reading::finish`] turns it into time.
struct Reading<'a> {
    arrivals: Vec<TraceArrival>,
    /// Only ever looked up, never walked through: its order is not the same twice.
    clients: HashMap<&'a [u8], u32>,
    malformed: MalformedLines,
    /// Stamp and line of the earliest and of the latest request.
    earliest: (u64, u32),
    latest: (u64, u32),
}

impl<'a> Reading<'a> {
    /// Makes room once: as many requests as lines, yet never more than bytes could spell.
    fn with_room_for(bytes: &[u8]) -> Self {
        let lines = 1 + bytes.iter().filter(|&&byte| byte == b'\n').count();
        Self {
            arrivals: Vec::with_capacity(lines.min(bytes.len() / line::SHORTEST)),
            clients: HashMap::new(),
            malformed: MalformedLines::default(),
            earliest: (u64::MAX, 0),
            latest: (0, 0),
        }
    }

    fn take(&mut self, number: u32, line: &'a [u8]) {
        match parse_line(line) {
            Ok(request) => {
                let next = self.clients.len() as u32;
                let client = *self.clients.entry(request.client).or_insert(next);
                self.arrivals.push(TraceArrival { at: Time::from_nanos(request.second), client });
                self.earliest = self.earliest.min((request.second, number));
                if request.second > self.latest.0 {
                    self.latest = (request.second, number);
                }
            }
            Err(fault) => self.malformed.add(number, fault),
        }
    }

    fn finish(self) -> Result<Trace, TraceError> {
        let Self { mut arrivals, clients, malformed, earliest, latest } = self;
        if arrivals.is_empty() {
            return Err(TraceError::NoRequest { malformed });
        }
        let seconds = latest.0 - earliest.0 + 1;
        if seconds > Span::LONGEST.as_nanos() / SECOND {
            return Err(TraceError::TooLongTime { earliest: earliest.1, latest: latest.1 });
        }
        if !arrivals.is_sorted_by_key(|arrival| arrival.at) {
            arrivals.sort_by_key(|arrival| arrival.at);
            renumber(&mut arrivals, clients.len());
        }
        spread(&mut arrivals, earliest.0);
        Ok(Trace { arrivals, length: Span::from_secs(seconds), clients: clients.len() as u32, demands: Vec::new(), malformed })
    }
}

const SECOND: u64 = 1_000_000_000;
/// Some editors put it at the beginning of a file.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Numbers the clients anew in the order in which they now appear.
fn renumber(arrivals: &mut [TraceArrival], clients: usize) {
    const UNSEEN: u32 = u32::MAX;
    let mut number = vec![UNSEEN; clients];
    let mut next = 0;
    for arrival in arrivals {
        let number = &mut number[arrival.client as usize];
        if *number == UNSEEN {
            *number = next;
            next += 1;
        }
        arrival.client = *number;
    }
}

/// Turns stamps in whole seconds into times from `origin`, the requests of one second evenly over it.
fn spread(arrivals: &mut [TraceArrival], origin: u64) {
    for together in arrivals.chunk_by_mut(|one, next| one.at == next.at) {
        let start = (together[0].at.as_nanos() - origin) * SECOND;
        let number = together.len() as u64;
        for (place, arrival) in (0..).zip(together) {
            arrival.at = Time::from_nanos(start + (2 * place + 1) * SECOND / (2 * number));
        }
    }
}

impl fmt::Display for MalformedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.fault)
    }
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRequest { malformed } => match malformed.first.first() {
                None => write!(f, "the log is empty"),
                Some(first) if first.fault == LineFault::NoNumbers => write!(f, "no line of the table can be read; {first}"),
                Some(first) => write!(f, "no line of the log is in common or combined log format; {first}"),
            },
            Self::TooManyLines => write!(f, "the log has more than {} lines", Trace::MOST_LINES),
            Self::TooLongTime { earliest, latest } => {
                write!(f, "more than 100 years lie between line {earliest} and line {latest} of the log")
            }
        }
    }
}

impl std::error::Error for TraceError {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn log(requests: &[(&str, &str)]) -> String {
        let line = |(client, time): &(&str, &str)| format!("{client} - - [17/May/2015:{time} +0000] \"GET / HTTP/1.1\" 200 5\n");
        requests.iter().map(line).collect()
    }

    fn seconds(trace: &Trace) -> Vec<(f64, u32)> {
        trace.arrivals.iter().map(|arrival| (arrival.at.as_secs(), arrival.client)).collect()
    }

    #[test]
    fn requests_of_one_second_are_spread_over_it() {
        let text = log(&[("a", "10:00:07"), ("b", "10:00:09"), ("a", "10:00:09")]);
        let trace = Trace::parse(text.as_bytes()).unwrap();
        assert_eq!(seconds(&trace), [(0.5, 0), (2.25, 1), (2.75, 0)]);
        assert_eq!((trace.length, trace.clients), (Span::from_secs(3), 2));
        assert_eq!(trace.malformed, MalformedLines::default());
    }

    #[test]
    fn a_log_that_runs_backwards_is_sorted_and_its_clients_numbered_after_that() {
        let text = log(&[("late", "10:00:09"), ("first", "10:00:07"), ("late", "10:00:07"), ("other", "10:00:09")]);
        let trace = Trace::parse(text.as_bytes()).unwrap();
        assert_eq!(seconds(&trace), [(0.25, 0), (0.75, 1), (2.25, 1), (2.75, 2)]);
        assert_eq!(trace.clients, 3);
    }

    #[test]
    fn time_zones_are_taken_into_account() {
        let line = |stamp: &str| format!("a - - [{stamp}] \"GET / HTTP/1.1\" 200 5\n");
        let text = line("01/Mar/2016:00:00:01 +0100") + &line("29/Feb/2016:15:30:00 -0730");
        assert_eq!(seconds(&Trace::parse(text.as_bytes()).unwrap()), [(0.5, 0), (1.5, 0)][..]);
    }

    #[test]
    fn line_ends_and_empty_lines_do_not_matter() {
        let plain = log(&[("a", "10:00:07"), ("b", "10:00:09")]);
        let expected = Trace::parse(plain.as_bytes()).unwrap();
        let others =
            [plain.replace('\n', "\r\n"), plain.trim_end().into(), plain.replace('\n', "\n\n  \r\n"), format!("\u{feff}{plain}")];
        for other in others {
            assert_eq!(Trace::parse(other.as_bytes()).unwrap(), expected, "{other:?}");
        }
    }

    #[test]
    fn malformed_lines_are_counted_and_the_first_are_named() {
        let text = format!("{}\n{}", "rubbish\n".repeat(12), log(&[("a", "10:00:07")]));
        let trace = Trace::parse(text.as_bytes()).unwrap();
        assert_eq!(trace.arrivals.len(), 1);
        assert_eq!(trace.malformed.total, 12);
        let lines: Vec<u32> = trace.malformed.first.iter().map(|bad| bad.line).collect();
        assert_eq!(lines, (1..=10).collect::<Vec<_>>());
        assert_eq!(trace.malformed.first[9].to_string(), "line 10: expected client, identity and user before the time");
    }

    #[test]
    fn a_log_without_a_good_line_is_an_error() {
        let message = |bytes: &[u8]| Trace::parse(bytes).unwrap_err().to_string();
        assert_eq!(message(b""), "the log is empty");
        assert_eq!(message(b"\r\n\n"), "the log is empty");
        assert_eq!(
            message(b"\n<html>\n"),
            "no line of the log is in common or combined log format; line 2: expected client, identity and user before the time"
        );
    }

    #[test]
    fn a_clock_gone_astray_is_named_by_its_lines() {
        let text = log(&[("a", "10:00:07"), ("a", "10:00:08")]).replacen("2015", "1970", 1).replacen("2015", "2970", 1);
        assert_eq!(Trace::parse(text.as_bytes()).unwrap_err(), TraceError::TooLongTime { earliest: 1, latest: 2 });
    }

    #[test]
    fn an_arrival_takes_16_bytes() {
        assert_eq!(size_of::<TraceArrival>(), 16);
    }

    /// Lines between good and rubbish: a good one with some bytes changed, cut or put in.
    fn mangled() -> impl Strategy<Value = Vec<u8>> {
        let good = log(&[("::1", "10:05:03"), ("10.0.0.1", "09:59:59"), ("example.org", "10:05:03")]).into_bytes();
        let edits = proptest::collection::vec((0..good.len(), any::<u8>(), 0..3u8), 0..12);
        edits.prop_map(move |edits| {
            let mut bytes = good.clone();
            for (at, byte, kind) in edits {
                let at = at % bytes.len();
                match kind {
                    0 => bytes[at] = byte,
                    1 => bytes.insert(at, byte),
                    _ => drop(bytes.remove(at)),
                }
            }
            bytes
        })
    }

    fn check(bytes: &[u8]) {
        let lines = bytes.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
        match Trace::parse(bytes) {
            Ok(trace) => {
                assert!(trace.demands.is_empty());
                assert_eq!(trace.arrivals.len() + trace.malformed.total as usize, lines);
                assert!(trace.arrivals.is_sorted_by_key(|arrival| arrival.at));
                assert!(trace.arrivals.iter().all(|arrival| arrival.at < Time::ZERO + trace.length));
                assert_eq!(trace.arrivals.iter().map(|arrival| arrival.client).max(), Some(trace.clients - 1));
            }
            Err(TraceError::NoRequest { malformed }) => assert!(malformed.total as usize <= lines),
            Err(_) => {}
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            check(&bytes);
        }

        #[test]
        fn no_mangled_log_makes_it_panic(bytes in mangled()) {
            check(&bytes);
        }
    }
}
