//! Requests that wait or share a server: 32 bytes each, chained into queues, their places used again and again.

/// No job.
pub const NONE: u32 = u32::MAX;

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
    /// The next in the same queue.
    pub next: u32,
}

const _: () = assert!(size_of::<Job>() == 32, "two jobs share a cache line");

/// Packs a request's number (below 2^56) and class.
#[inline]
pub const fn tag(number: u64, class: u8) -> u64 {
    number << 8 | class as u64
}

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
    free: u32,
}

impl Arena {
    pub const fn new() -> Self {
        Self { jobs: Vec::new(), free: NONE }
    }

    #[inline]
    pub fn insert(&mut self, job: Job) -> u32 {
        if self.free == NONE {
            self.jobs.push(job);
            return self.jobs.len() as u32 - 1;
        }
        let place = self.free;
        self.free = self.jobs[place as usize].next;
        self.jobs[place as usize] = job;
        place
    }

    #[inline]
    pub fn take(&mut self, place: u32) -> Job {
        let job = self.jobs[place as usize];
        self.jobs[place as usize].next = self.free;
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

    /// Appends the job at `place` to the queue that ends at `tail`, a ring whose last job points at its first.
    #[inline]
    pub fn append(&mut self, tail: &mut u32, place: u32) {
        if *tail == NONE {
            self.jobs[place as usize].next = place;
        } else {
            self.jobs[place as usize].next = self.jobs[*tail as usize].next;
            self.jobs[*tail as usize].next = place;
        }
        *tail = place;
    }

    /// The place of the first job of the queue that ends at `tail`.
    #[inline]
    pub fn first(&self, tail: u32) -> Option<u32> {
        (tail != NONE).then(|| self.jobs[tail as usize].next)
    }

    /// Unchains the first job of the queue that ends at `tail`; the job stays where it is.
    #[inline]
    pub fn unchain_first(&mut self, tail: &mut u32) -> Option<u32> {
        let first = self.first(*tail)?;
        if first == *tail {
            *tail = NONE;
        } else {
            self.jobs[*tail as usize].next = self.jobs[first as usize].next;
        }
        Some(first)
    }

    /// The jobs of the queue that ends at `tail`, first to last.
    pub fn queue(&self, tail: u32) -> impl Iterator<Item = &Job> {
        let mut next = self.first(tail);
        std::iter::from_fn(move || {
            let place = next?;
            let job = self.get(place);
            next = (place != tail).then_some(job.next);
            Some(job)
        })
    }
}
