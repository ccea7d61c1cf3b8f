//! One line of an access log.

use super::Trace;
use std::fmt;
use std::net::IpAddr;

/// What a line tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Request<'a> {
    /// The time stamp, in seconds since the last day of 1969 (so that no time zone makes it negative).
    pub second: u64,
    /// The client as written: an address or the name of a host.
    pub client: &'a [u8],
}

/// What is wrong with a line of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineFault {
    /// Longer than [`Trace::LONGEST_LINE`].
    TooLong,
    /// Its beginning is no client.
    NoClient,
    /// Client, identity and user do not stand before the time.
    MissingFields,
    /// A second address stands where the identity belongs.
    SecondAddress,
    /// It has no time stamp, or one that no calendar knows.
    NoTime,
    /// No request in quotes follows the time.
    NoRequest,
    /// No status and size follow the request.
    NoStatus,
    /// In a table: it is not two numbers of seconds, each from 0 to 100 years.
    NoNumbers,
}

/// No good line is shorter: `a - - [17/May/2015:10:05:03 +0000] "" - -`.
pub(super) const SHORTEST: usize = 41;

/// Reads one line, without its line end.
pub(super) fn parse_line(line: &[u8]) -> Result<Request<'_>, LineFault> {
    if line.len() > Trace::LONGEST_LINE {
        return Err(LineFault::TooLong);
    }
    let (client, rest) = split_at_space(line).ok_or(LineFault::MissingFields)?;
    if client.is_empty() || client.iter().any(|&byte| byte.is_ascii_control() || matches!(byte, b'"' | b'[')) {
        return Err(LineFault::NoClient);
    }
    let (names, second, rest) = split_at_stamp(rest)?;
    check_names(names)?;
    check_request(rest)?;
    Ok(Request { second, client })
}

/// What stands before the first space, and what after it.
fn split_at_space(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = bytes.iter().position(|&byte| byte == b' ')?;
    Some((&bytes[..space], &bytes[space + 1..]))
}

/// What stands before the time stamp, the stamp, and what follows its bracket. A user name may hold brackets too.
fn split_at_stamp(bytes: &[u8]) -> Result<(&[u8], u64, &[u8]), LineFault> {
    let brackets = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'[').map(|(at, _)| at);
    let mut fault = LineFault::MissingFields;
    for bracket in brackets {
        let inside = &bytes[bracket + 1..];
        match inside.split_at_checked(STAMP).map(|(stamp, rest)| (parse_stamp(stamp), rest.strip_prefix(b"]"))) {
            Some((Some(second), Some(rest))) => return Ok((&bytes[..bracket], second, rest)),
            _ => fault = LineFault::NoTime,
        }
    }
    Err(fault)
}

/// Identity and user stand between client and time: two words or, where the user's name has spaces, more.
fn check_names(names: &[u8]) -> Result<(), LineFault> {
    let mut words = names.split(|&byte| byte == b' ').filter(|word| !word.is_empty());
    let (Some(identity), Some(_), true) = (words.next(), words.next(), names.ends_with(b" ")) else {
        return Err(LineFault::MissingFields);
    };
    let address = std::str::from_utf8(identity).is_ok_and(|word| word.parse::<IpAddr>().is_ok());
    if address { Err(LineFault::SecondAddress) } else { Ok(()) }
}

/// The request in quotes, then status and size. Servers escape a quote within the request by a backslash; where one did
/// not, the request ends at the first quote that a status and a size follow.
fn check_request(bytes: &[u8]) -> Result<(), LineFault> {
    let request = bytes.strip_prefix(b" \"").ok_or(LineFault::NoRequest)?;
    let mut fault = LineFault::NoRequest;
    let mut at = 0;
    while at < request.len() {
        match request[at] {
            b'\\' => at += 1,
            b'"' if begins_with_status(&request[at + 1..]) => return Ok(()),
            b'"' => fault = LineFault::NoStatus,
            _ => {}
        }
        at += 1;
    }
    Err(fault)
}

/// A space, three digits or a dash, a space, digits or a dash, and then a space or the end of the line.
fn begins_with_status(bytes: &[u8]) -> bool {
    let mut words = bytes.splitn(4, |&byte| byte == b' ');
    let (Some(b""), Some(status), Some(size)) = (words.next(), words.next(), words.next()) else {
        return false;
    };
    let number = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_digit);
    (status == b"-" || status.len() == 3 && number(status)) && (size == b"-" || size.len() <= 20 && number(size))
}

/// Length of `17/May/2015:10:05:03 +0000`.
const STAMP: usize = 26;
const MONTHS: [&[u8; 3]; 12] = [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
const DAY: i64 = 86_400;

/// Seconds since the last day of 1969, of a stamp of [`STAMP`] bytes.
fn parse_stamp(stamp: &[u8]) -> Option<u64> {
    let separators = [(2, b'/'), (6, b'/'), (11, b':'), (14, b':'), (17, b':'), (20, b' ')];
    if stamp.len() != STAMP || separators.iter().any(|&(at, byte)| stamp[at] != byte) {
        return None;
    }
    let field = |at: usize, digits: usize, most: i64| digits_of(&stamp[at..at + digits]).filter(|number| *number <= most);
    let month = 1 + MONTHS.iter().position(|name| stamp[3..6].eq_ignore_ascii_case(*name))? as i64;
    let days = days_since_1970(field(7, 4, 9999)?, month, field(0, 2, 31)?)?;
    // A leap second is written as second 60.
    let clock = field(12, 2, 23)? * 3_600 + field(15, 2, 59)? * 60 + field(18, 2, 60)?;
    let offset = field(22, 2, 23)? * 3_600 + field(24, 2, 59)? * 60;
    let east = match stamp[21] {
        b'+' => offset,
        b'-' => -offset,
        _ => return None,
    };
    u64::try_from((days + 1) * DAY + clock - east).ok()
}

fn digits_of(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0')))
}

/// Days from 1 January 1970 in the Gregorian calendar; nothing where there is no such day, or it lies before.
fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if year < 1970 || day < 1 || day > length {
        return None;
    }
    // Years that begin in March put the leap day last; every 5 months from March on have 153 days.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let whole_years = 365 * year + year / 4 - year / 100 + year / 400;
    Some(whole_years + (153 * month + 2) / 5 + day - 1 - DAYS_TO_1970)
}

/// Days from 1 March of year 0 to 1 January 1970.
const DAYS_TO_1970: i64 = 719_468;

impl fmt::Display for LineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "longer than 64 KiB",
            Self::NoClient => "expected an address or a host name at the beginning",
            Self::MissingFields => "expected client, identity and user before the time",
            Self::SecondAddress => "a second address where the identity belongs (is the virtual host or a proxy written first?)",
            Self::NoTime => "expected a time such as [17/May/2015:10:05:03 +0000]",
            Self::NoRequest => "expected the request in quotes after the time",
            Self::NoStatus => "expected status and size after the request",
            Self::NoNumbers => "expected arrival and demand in seconds, such as 0.015021,0.0221627",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMPED: &str = "[17/May/2015:10:05:03 +0000]";

    #[test]
    fn the_stamp_is_the_number_of_seconds() {
        for (stamp, unix) in [
            ("01/Jan/1970:00:00:00 +0000", 0),
            ("01/Jan/1970:00:00:00 +2359", -86_340),
            ("17/May/2015:10:05:03 +0000", 1_431_857_103),
            ("17/May/2015:12:05:03 +0200", 1_431_857_103),
            ("29/Feb/2000:23:59:60 -0730", 951_895_800),
            ("31/Dec/9999:23:59:59 +0000", 253_402_300_799),
        ] {
            assert_eq!(parse_stamp(stamp.as_bytes()), Some((unix + DAY) as u64), "{stamp}");
        }
        for stamp in [
            "29/Feb/2015:10:05:03 +0000",
            "29/Feb/2100:10:05:03 +0000",
            "31/Apr/2015:10:05:03 +0000",
            "00/May/2015:10:05:03 +0000",
            "17/Mai/2015:10:05:03 +0000",
            "17/May/1969:10:05:03 +0000",
            "17/May/2015:24:05:03 +0000",
            "17/May/2015:10:60:03 +0000",
            "17/May/2015:10:05:61 +0000",
            "17/May/2015:10:05:03 *0000",
            "17/May/2015:10:05:03 +0060",
            "17/May/2015:10:05:+3 +0000",
            "17-May-2015:10:05:03 +0000",
        ] {
            assert_eq!(parse_stamp(stamp.as_bytes()), None, "{stamp}");
        }
    }

    #[test]
    fn every_day_follows_the_day_before() {
        let mut days = -1;
        for year in 1970..2410 {
            for month in 1..=12 {
                for day in (1..=31).filter_map(|day| days_since_1970(year, month, day)) {
                    assert_eq!(day, days + 1);
                    days = day;
                }
            }
        }
        assert_eq!(days_since_1970(2370, 1, 1), Some(146_097));
    }

    #[test]
    fn common_and_combined_lines_of_all_clients_are_read() {
        for (client, rest) in [
            ("192.0.2.1", format!("- - {STAMPED} \"GET / HTTP/1.1\" 200 203023")),
            ("2001:db8::17", format!("- - {STAMPED} \"GET / HTTP/1.1\" 304 -")),
            ("fe80::1%eth0", format!("- - {STAMPED} \"-\" 408 0 \"-\" \"-\"")),
            ("crawl-7.example.org", format!("- frank {STAMPED} \"\" 000 0 \"-\" \"Mozilla/5.0 (X11)\"")),
            ("a", format!("- frank [x] miller {STAMPED} \"GET /\\\" 200 5 HTTP/1.1\" 200 5 \"-\" \"an \\\"agent\\\"\" 0.003")),
            ("b", format!("- \"\" {STAMPED} \"GET /?q=\"unescaped\" HTTP/1.0\" - -")),
            ("c", format!("- - {STAMPED} \"GET /\\\\\" 200 5 \"cut off")),
        ] {
            let line = format!("{client} {rest}");
            let request = parse_line(line.as_bytes());
            assert_eq!(request, Ok(Request { second: 1_431_857_103 + DAY as u64, client: client.as_bytes() }), "{line}");
        }
        assert!(parse_line(b"\xE9t\xE9 - - [17/May/2015:10:05:03 +0000] \"GET /\xFF\" 200 5").is_ok());
        let shortest = format!("a - - {STAMPED} \"\" - -");
        assert_eq!((shortest.len(), parse_line(shortest.as_bytes()).is_ok()), (SHORTEST, true));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let long = format!("a - - {STAMPED} \"{}\" 200 5", "x".repeat(Trace::LONGEST_LINE));
        let request = "\"GET / HTTP/1.1\"";
        for (line, fault) in [
            (long, LineFault::TooLong),
            (format!("{STAMPED} {request} 200 5"), LineFault::NoClient),
            (format!(" a - - {STAMPED} {request} 200 5"), LineFault::NoClient),
            (format!("a {STAMPED} {request} 200 5"), LineFault::MissingFields),
            (format!("a - {STAMPED} {request} 200 5"), LineFault::MissingFields),
            (format!("a - -{STAMPED} {request} 200 5"), LineFault::MissingFields),
            ("a - - 17/May/2015:10:05:03 +0000".into(), LineFault::MissingFields),
            (format!("www:443 192.0.2.1 - - {STAMPED} {request} 200 5"), LineFault::SecondAddress),
            (format!("a - - [30/Feb/2015:10:05:03 +0000] {request} 200 5"), LineFault::NoTime),
            ("a - - [17/May/2015:10:05:03 +0000".into(), LineFault::NoTime),
            ("a - - [17/May/2015:10".into(), LineFault::NoTime),
            (format!("a - - {STAMPED}"), LineFault::NoRequest),
            (format!("a - - {STAMPED} GET / 200 5"), LineFault::NoRequest),
            (format!("a - - {STAMPED} \"GET / HTTP/1.1 200 5"), LineFault::NoRequest),
            (format!("a - - {STAMPED} \"GET /\\"), LineFault::NoRequest),
            (format!("a - - {STAMPED} {request}"), LineFault::NoStatus),
            (format!("a - - {STAMPED} {request} 200"), LineFault::NoStatus),
            (format!("a - - {STAMPED} {request} 20 5"), LineFault::NoStatus),
            (format!("a - - {STAMPED} {request} 200 5kB"), LineFault::NoStatus),
        ] {
            assert_eq!(parse_line(line.as_bytes()), Err(fault), "{line}");
        }
    }
}
