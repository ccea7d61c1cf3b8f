//! A recorded workload as a table of arrivals and demands.

use super::{BYTE_ORDER_MARK, LineFault, MalformedLines, Trace, TraceArrival, TraceError, each_line};
use crate::units::{Span, Time};

/// The first line of a table.
const HEADER: &[u8] = b"arrival_s,demand_s";

/// Whether `bytes` are a table and not a log.
pub(super) fn begins(bytes: &[u8]) -> bool {
    bytes.split(|&byte| byte == b'\n').next().is_some_and(|first| first.trim_ascii() == HEADER)
}

/// Reads a table; see [`Trace::parse`].
pub(super) fn parse(bytes: &[u8]) -> Result<Trace, TraceError> {
    debug_assert!(!bytes.starts_with(BYTE_ORDER_MARK), "the mark is not part of the table");
    let mut rows: Vec<(Time, Span)> = Vec::new();
    let mut malformed = MalformedLines::default();
    each_line(bytes, |number, line| match row(line) {
        Some(row) => rows.push(row),
        None if number == 1 => {}
        None => malformed.add(number, LineFault::NoNumbers),
    })?;
    rows.sort_by_key(|(at, _)| *at);
    let Some((last, _)) = rows.last() else { return Err(TraceError::NoRequest { malformed }) };
    let length = Span::from_secs(last.as_nanos() / super::SECOND + 1);
    let arrivals: Vec<TraceArrival> = (0..).zip(&rows).map(|(client, (at, _))| TraceArrival { at: *at, client }).collect();
    let demands = rows.iter().map(|(_, demand)| *demand).collect();
    Ok(Trace { clients: arrivals.len() as u32, arrivals, length, demands, malformed })
}

/// A line: an arrival and a demand, in seconds.
fn row(line: &[u8]) -> Option<(Time, Span)> {
    let (arrival, demand) = std::str::from_utf8(line).ok()?.split_once(',')?;
    Some((Time::ZERO + secs(arrival)?, secs(demand)?))
}

fn secs(text: &str) -> Option<Span> {
    let number: f64 = text.trim().parse().ok()?;
    // A second less than the longest, so that the length of the table is not longer either.
    (0.0..=Span::LONGEST.as_secs() - 1.0).contains(&number).then(|| Span::from_nanos_f64(number * 1e9))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &str) -> Result<Trace, TraceError> {
        Trace::parse(format!("arrival_s,demand_s\n{rows}").as_bytes())
    }

    #[test]
    fn a_table_brings_arrivals_and_their_demands_in_order_of_time() {
        let trace = table("2.5,0.0000010\r\n0.015021,0.0221627\n\n2.5, 3\n").unwrap();
        let rows: Vec<(u64, u64)> = trace
            .arrivals
            .iter()
            .zip(&trace.demands)
            .map(|(arrival, demand)| (arrival.at.as_nanos(), demand.as_nanos()))
            .collect();
        assert_eq!(rows, [(15_021_000, 22_162_700), (2_500_000_000, 1_000), (2_500_000_000, 3_000_000_000)]);
        assert_eq!((trace.length, trace.clients, trace.malformed.total), (Span::from_secs(3), 3, 0));
        let clients: Vec<u32> = trace.arrivals.iter().map(|arrival| arrival.client).collect();
        assert_eq!(clients, [0, 1, 2]);
    }

    #[test]
    fn lines_that_are_no_numbers_are_named() {
        let trace = table("1,2\n1\n-1,2\n1,NaN\n1,1e300\nx,2\n").unwrap();
        assert_eq!(trace.arrivals.len(), 1);
        let lines: Vec<u32> = trace.malformed.first.iter().map(|bad| bad.line).collect();
        assert_eq!(lines, [3, 4, 5, 6, 7]);
        assert_eq!(
            trace.malformed.first[0].to_string(),
            "line 3: expected arrival and demand in seconds, such as 0.015021,0.0221627"
        );
    }

    #[test]
    fn a_table_without_a_request_is_an_error() {
        assert_eq!(table("").unwrap_err().to_string(), "the log is empty");
        assert!(table("a,b").unwrap_err().to_string().starts_with("no line of the table can be read; line 2: expected"));
    }
}
