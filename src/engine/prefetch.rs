//! A hint to the processor: this will be read soon.

/// Begins to fetch the cache line of `item`, if the machine can; changes nothing that can be observed but time.
#[inline(always)]
pub fn prefetch<T>(item: &T) {
    #[cfg(target_arch = "x86_64")]
    #[allow(unsafe_code, reason = "the instruction cannot fault, and every processor of this architecture has it")]
    // SAFETY: a prefetch reads nothing that the program could see, whatever the address; SSE is part of x86-64.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(item).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = item;
}
