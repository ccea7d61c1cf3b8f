//! First-come-first-served queues that remember when each request was born.

/// Births kept in the server's own cache line.
const INLINE: usize = 12;
/// No entry of the overflow.
const NONE: u32 = u32::MAX;

/// One server: when the requests in it were born, in a ring, the one in service first. One cache line.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Server {
    births: [u32; INLINE],
    /// Births that found the ring full: a chain through the overflow.
    first: u32,
    last: u32,
    head: u32,
    len: u32,
}

/// The queues of all servers. Births are counted in ticks of 2^-20 s modulo 2^32 (68 minutes): a longer stay would be
/// misread, but at 80 % load none comes near it.
pub struct Queues {
    servers: Vec<Server>,
    overflow: Vec<(u32, u32)>,
    free: u32,
    /// Takes what is read ahead, so that the reading is not dropped.
    touched: u32,
}

/// Ticks since the start, modulo 2^32.
#[inline]
pub fn ticks(seconds: f64) -> u32 {
    (seconds * 1_048_576.0) as u64 as u32
}

/// A number of ticks in seconds.
pub fn seconds(ticks: u64) -> f64 {
    ticks as f64 / 1_048_576.0
}

impl Queues {
    pub fn new(servers: usize) -> Self {
        let idle = Server { births: [0; INLINE], first: NONE, last: NONE, head: 0, len: 0 };
        Self { servers: vec![idle; servers], overflow: Vec::new(), free: NONE, touched: 0 }
    }

    /// Adds a request to a server and says how many were there before it.
    #[inline]
    pub fn join(&mut self, server: u32, birth: u32) -> u32 {
        let queue = &mut self.servers[server as usize];
        let before = queue.len;
        queue.len += 1;
        if (before as usize) < INLINE {
            let place = queue.head + before;
            let place = if place < INLINE as u32 { place } else { place - INLINE as u32 };
            queue.births[place as usize] = birth;
        } else {
            self.overflow(server, birth);
        }
        before
    }

    /// Takes the first request from a server: its birth, and how many remain.
    #[inline]
    pub fn leave(&mut self, server: u32) -> (u32, u32) {
        let queue = &mut self.servers[server as usize];
        let head = queue.head as usize;
        let birth = queue.births[head];
        queue.head = if head + 1 < INLINE { queue.head + 1 } else { 0 };
        queue.len -= 1;
        let remain = queue.len;
        if remain as usize >= INLINE {
            self.refill(server, head);
        }
        (birth, remain)
    }

    /// Reads a server's memory early.
    #[inline]
    pub fn touch(&mut self, server: u32) {
        self.touched ^= self.servers[server as usize].len;
    }

    #[inline(never)]
    fn overflow(&mut self, server: u32, birth: u32) {
        let entry = self.free;
        let entry = if entry == NONE {
            self.overflow.push((birth, NONE));
            self.overflow.len() as u32 - 1
        } else {
            self.free = self.overflow[entry as usize].1;
            self.overflow[entry as usize] = (birth, NONE);
            entry
        };
        let queue = &mut self.servers[server as usize];
        match queue.last {
            NONE => queue.first = entry,
            last => self.overflow[last as usize].1 = entry,
        }
        queue.last = entry;
    }

    /// Moves the first birth of the overflow to the place that has become free in the ring.
    #[inline(never)]
    fn refill(&mut self, server: u32, place: usize) {
        let queue = &mut self.servers[server as usize];
        let entry = queue.first as usize;
        let (birth, next) = self.overflow[entry];
        queue.births[place] = birth;
        self.overflow[entry].1 = self.free;
        self.free = queue.first;
        queue.first = next;
        if next == NONE {
            queue.last = NONE;
        }
    }
}
