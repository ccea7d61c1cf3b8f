//! Lists of departures to come, one at most per server, each made for a number of servers.

/// Departures to come, the next one in sight. There is at most one per server.
pub trait Agenda {
    /// An agenda for `servers` servers that each finish a request about every second.
    fn new(servers: usize) -> Self;

    /// Adds the departure from `server` at `time`.
    fn add(&mut self, time: f64, server: u32);

    /// Time and server of the next departure; infinity if there is none.
    fn first(&mut self) -> (f64, u32);

    /// Drops the departure that [`Self::first`] has just shown.
    fn drop_first(&mut self);

    /// The server of the departure `k` places after the first, if that is known yet.
    fn soon(&self, k: usize) -> Option<u32>;
}

/// An array in order of time, the next departure at its end: for a few servers.
pub struct Sorted(Vec<u128>);

impl Sorted {
    #[inline]
    fn pack(time: f64, server: u32) -> u128 {
        u128::from(time.to_bits()) << 64 | u128::from(server)
    }

    #[inline]
    fn unpack(entry: u128) -> (f64, u32) {
        (f64::from_bits((entry >> 64) as u64), entry as u32)
    }
}

impl Agenda for Sorted {
    fn new(servers: usize) -> Self {
        // The sentinel never leaves.
        let mut entries = Vec::with_capacity(servers + 1);
        entries.push(Self::pack(f64::INFINITY, 0));
        Self(entries)
    }

    #[inline]
    fn add(&mut self, time: f64, server: u32) {
        let entry = Self::pack(time, server);
        self.0.push(entry);
        let entries = &mut self.0[..];
        let mut place = entries.len() - 1;
        while place > 0 && entries[place - 1] < entry {
            entries[place] = entries[place - 1];
            place -= 1;
        }
        entries[place] = entry;
    }

    #[inline]
    fn first(&mut self) -> (f64, u32) {
        self.0.last().map_or((f64::INFINITY, 0), |&entry| Self::unpack(entry))
    }

    #[inline]
    fn drop_first(&mut self) {
        self.0.pop();
    }

    #[inline]
    fn soon(&self, _k: usize) -> Option<u32> {
        None
    }
}

/// No server.
const NONE: u32 = u32::MAX;
/// Departures a day when all servers are busy.
const PER_DAY: f64 = 12.0;
/// The days cover so many seconds, rounded up to a power of two of days.
const HORIZON: f64 = 8.0;

/// The departure of one server, a link in the chain of its day.
#[derive(Clone, Copy)]
struct Link {
    time: f64,
    next: u32,
}

/// A calendar queue (Brown 1988) whose days are chains through the servers, for many servers: the day's length is
/// known from their number, so nothing adapts. A day is sorted when it comes; what lies beyond the last day waits
/// in it and is carried on.
pub struct Wheel {
    today: Vec<u128>,
    day: u64,
    days_per_second: f64,
    heads: Vec<u32>,
    links: Vec<Link>,
    pending: usize,
}

impl Wheel {
    #[inline]
    fn chain(&mut self, time: f64, server: u32) {
        let last = self.day + self.heads.len() as u64 - 1;
        let day = ((time * self.days_per_second) as u64).min(last);
        let slot = day as usize & (self.heads.len() - 1);
        self.links[server as usize] = Link { time, next: self.heads[slot] };
        self.heads[slot] = server;
        self.pending += 1;
    }

    #[inline]
    fn insert_today(&mut self, time: f64, server: u32) {
        let entry = Sorted::pack(time, server);
        self.today.push(entry);
        let today = &mut self.today[..];
        let mut place = today.len() - 1;
        while place > 0 && today[place - 1] < entry {
            today[place] = today[place - 1];
            place -= 1;
        }
        today[place] = entry;
    }

    /// Turns to the next day with departures.
    #[inline(never)]
    fn turn(&mut self) {
        while self.today.is_empty() && self.pending > 0 {
            self.day += 1;
            let slot = self.day as usize & (self.heads.len() - 1);
            let mut server = std::mem::replace(&mut self.heads[slot], NONE);
            while server != NONE {
                let Link { time, next } = self.links[server as usize];
                self.pending -= 1;
                if (time * self.days_per_second) as u64 <= self.day {
                    self.today.push(Sorted::pack(time, server));
                } else {
                    self.chain(time, server);
                }
                server = next;
            }
        }
        self.today.sort_unstable_by(|a, b| b.cmp(a));
    }
}

impl Agenda for Wheel {
    fn new(servers: usize) -> Self {
        let days_per_second = servers as f64 / PER_DAY;
        let days = ((HORIZON * days_per_second) as usize).next_power_of_two().max(64);
        Self {
            today: Vec::with_capacity(64),
            day: 0,
            days_per_second,
            heads: vec![NONE; days],
            links: vec![Link { time: 0.0, next: NONE }; servers],
            pending: 0,
        }
    }

    #[inline]
    fn add(&mut self, time: f64, server: u32) {
        if (time * self.days_per_second) as u64 <= self.day {
            self.insert_today(time, server);
        } else {
            self.chain(time, server);
        }
    }

    #[inline]
    fn first(&mut self) -> (f64, u32) {
        if self.today.is_empty() {
            self.turn();
        }
        self.today.last().map_or((f64::INFINITY, 0), |&entry| Sorted::unpack(entry))
    }

    #[inline]
    fn drop_first(&mut self) {
        self.today.pop();
    }

    #[inline]
    fn soon(&self, k: usize) -> Option<u32> {
        let place = self.today.len().checked_sub(k + 1)?;
        Some(self.today[place] as u32)
    }
}
