//! What was done in a measurement without load, step by step.

use crate::units::ServerId;
use crate::validation::Skip;

/// One step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step {
    /// So many requests, one after the other.
    Requests(usize),
    /// A server leaves rotation.
    Leaves(ServerId),
    /// It returns.
    Returns(ServerId),
    /// Its weight becomes this.
    Weighs(ServerId, f64),
    /// It refuses connections.
    Refuses(ServerId),
    /// It accepts them again.
    Accepts(ServerId),
    /// A request every so many milliseconds, until the server answers one.
    Until(ServerId, f64),
}

impl Step {
    /// Understands `text`; there are `servers` servers.
    pub fn read(text: &str, servers: usize) -> Result<Self, Skip> {
        let fail = || Skip::new(format!("the step `{text}` is not understood"));
        let step = Self::of(text).ok_or_else(fail)?;
        match step.server() {
            Some(server) if server.index() >= servers => Err(Skip::new(format!("the step `{text}`: there is no such server"))),
            _ => Ok(step),
        }
    }

    fn of(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let server = |word: &str| word.parse().ok().map(ServerId);
        match &words[..] {
            [number, "requests" | "request"] | [number, "requests", "at", "once"] => Some(Self::Requests(number.parse().ok()?)),
            ["server", number, "to", "maint" | "drain"]
            | ["server", number, "removed" | "down"]
            | ["server", number, "removed", _] => server(number).map(Self::Leaves),
            ["server", number, "ready" | "back" | "returned" | "up"] => server(number).map(Self::Returns),
            ["server", number, "weight", "to", weight] => {
                let weight = weight.parse().ok().filter(|weight| *weight > 0.0 && *weight <= 1e6)?;
                Some(Self::Weighs(server(number)?, weight))
            }
            ["server", number, "refuses", "connections"] => server(number).map(Self::Refuses),
            ["server", number, "listens", "again"] => server(number).map(Self::Accepts),
            ["a", "request", "every", gap, "ms", "until", "server", number, "answers"] => {
                let gap = gap.parse().ok().filter(|gap| (0.001..=1e6).contains(gap))?;
                Some(Self::Until(server(number)?, gap))
            }
            _ => None,
        }
    }

    const fn server(self) -> Option<ServerId> {
        match self {
            Self::Requests(_) => None,
            Self::Leaves(server)
            | Self::Returns(server)
            | Self::Weighs(server, _)
            | Self::Refuses(server)
            | Self::Accepts(server)
            | Self::Until(server, _) => Some(server),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_understood_or_named() {
        let read = |text| Step::read(text, 4).map_err(|skip| skip.reason);
        assert_eq!(read("9 requests"), Ok(Step::Requests(9)));
        assert_eq!(read("20 requests at once"), Ok(Step::Requests(20)));
        assert_eq!(read("server 1 removed (eds)"), Ok(Step::Leaves(ServerId(1))));
        assert_eq!(read("server 2 weight to 3"), Ok(Step::Weighs(ServerId(2), 3.0)));
        assert_eq!(read("a request every 50 ms until server 1 answers"), Ok(Step::Until(ServerId(1), 50.0)));
        assert_eq!(read("server 4 ready"), Err("the step `server 4 ready`: there is no such server".into()));
        assert_eq!(read("server 1 explodes"), Err("the step `server 1 explodes` is not understood".into()));
    }
}
