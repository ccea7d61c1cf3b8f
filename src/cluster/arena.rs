//! Requests that wait or share a server: 32 bytes each, chained into queues, their places used again and again.

use crate::engine::prefetch;

/// No job.
pub const NONE: u32 = u32::MAX;

/// A queue of jobs: the places of its ends.
#[derive(Debug, Clone, Copy)]
pub struct Queue {
    /// [`NONE`] if the queue is empty.
    first: u32,
    last: u32,
}

impl Queue {
    pub const EMPTY: Self = Self { first: NONE, last: NONE };

    /// The place of the first job.
    #[inline]
    pub fn first(self) -> Option<u32> {
        (self.first != NONE).then_some(self.first)
    }
}

/// A request at a server or in a balancer's queue; at a back end, a call.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// When it was born; of a call, when it was made. Nanoseconds.
    pub birth: u64,
    /// Until its service begins, its demand; from then on, when that was. Nanoseconds.
    pub demand_or_start: u64,
    /// Of a request, its number and class (see [`tag`]); of a call, the calling server.
    pub tag: u64,
    /// Of a request, the client or, if it has none, its number in its class; of a call, the place of the request that waits for it.
    pub client: u32,
    /// At a server with caches or calls, what it has found and has still to load (see `loading`); else 0.
    pub note: u32,
}

const _: () = assert!(size_of::<Job>() == 32, "two jobs share a cache line");

/// Packs a request's number (below 2^56) and class.
#[inline]
pub const fn tag(number: u64, class: u8) -> u64 {
    number << 8 | class as u64
}

/// The tag of a request that is over while its back end still works for it.
pub const DEAD: u64 = u64::MAX;

/// The number in a tag.
#[inline]
pub const fn number_of(tag: u64) -> u64 {
    tag >> 8
}

/// The class in a tag.
#[inline]
pub const fn class_of(tag: u64) -> u8 {
    tag as u8
}

/// Places for jobs; a place that was given back is used next.
#[derive(Debug)]
pub struct Arena {
    jobs: Vec<Job>,
    /// By place: the next in the same queue, or the next free place. Apart from the jobs, so that joining a queue does not
    /// touch the job that was last.
    next: Vec<u32>,
    free: u32,
}

const JOBS_PER_SERVER: usize = 8;
const LEAST_ROOM: usize = 1 << 10;
const MANY_SERVERS: usize = 1 << 12;
/// 32 MiB, which allocators give back to the system at once when it is freed.
const LARGE_ROOM: usize = 1 << 20;

impl Arena {
    /// No jobs yet, but room for those that a cluster of that many servers is likely to hold: growing would copy them, and
    /// memory that is not touched costs nothing.
    pub fn new(servers: usize) -> Self {
        let room = if servers < MANY_SERVERS { (JOBS_PER_SERVER * servers).max(LEAST_ROOM) } else { LARGE_ROOM };
        Self { jobs: Vec::with_capacity(room), next: Vec::with_capacity(room), free: NONE }
    }

    #[inline]
    pub fn insert(&mut self, job: Job) -> u32 {
        let place = self.free;
        if place == NONE {
            return self.insert_new(job);
        }
        self.free = self.next[place as usize];
        self.jobs[place as usize] = job;
        place
    }

    #[cold]
    fn insert_new(&mut self, job: Job) -> u32 {
        self.jobs.push(job);
        self.next.push(NONE);
        self.jobs.len() as u32 - 1
    }

    #[inline]
    pub fn take(&mut self, place: u32) -> Job {
        let job = self.jobs[place as usize];
        self.next[place as usize] = self.free;
        self.free = place;
        job
    }

    #[inline]
    pub fn get(&self, place: u32) -> &Job {
        &self.jobs[place as usize]
    }

    #[inline]
    pub fn get_mut(&mut self, place: u32) -> &mut Job {
        &mut self.jobs[place as usize]
    }

    /// Appends the job at `place` to a queue.
    #[inline]
    pub fn append(&mut self, queue: &mut Queue, place: u32) {
        if queue.first == NONE {
            queue.first = place;
        } else {
            self.next[queue.last as usize] = place;
        }
        queue.last = place;
    }

    /// Unchains the first job of a queue; the job stays where it is.
    #[inline]
    pub fn unchain_first(&self, queue: &mut Queue) -> Option<u32> {
        let place = queue.first()?;
        queue.first = if place == queue.last { NONE } else { self.next[place as usize] };
        Some(place)
    }

    /// Takes the job at `place` out of a queue, if it is in it; the job stays where it is.
    pub fn remove(&mut self, queue: &mut Queue, place: u32) -> bool {
        let mut before = NONE;
        let mut at = queue.first;
        while at != NONE && at != place {
            before = at;
            at = if at == queue.last { NONE } else { self.next[at as usize] };
        }
        if at == NONE {
            return false;
        }
        let after = if at == queue.last { NONE } else { self.next[at as usize] };
        match before {
            NONE => queue.first = after,
            before => self.next[before as usize] = after,
        }
        if at == queue.last {
            queue.last = before;
        }
        true
    }

    /// The places of a queue, first to last.
    pub fn queue_places(&self, queue: Queue) -> impl Iterator<Item = u32> {
        let mut next = queue.first();
        std::iter::from_fn(move || {
            let place = next?;
            next = (place != queue.last).then(|| self.next[place as usize]);
            Some(place)
        })
    }

    /// The jobs of a queue, first to last.
    pub fn queue(&self, queue: Queue) -> impl Iterator<Item = &Job> {
        let mut next = queue.first();
        std::iter::from_fn(move || {
            let place = next?;
            let job = self.get(place);
            next = (place != queue.last).then(|| self.next[place as usize]);
            Some(job)
        })
    }

    /// A hint that the job at `place` will be wanted soon.
    #[inline]
    pub fn prefetch(&self, place: u32) {
        if let Some(job) = self.jobs.get(place as usize) {
            prefetch(job);
        }
    }
}
