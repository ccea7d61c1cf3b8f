//! Growth that wastes little.

/// Appends an item; a full vector grows by an eighth, since one that doubles may be half empty.
#[inline]
pub(super) fn push<T>(items: &mut Vec<T>, item: T) {
    if items.len() == items.capacity() {
        grow(items);
    }
    items.push(item);
}

#[cold]
#[inline(never)]
fn grow<T>(items: &mut Vec<T>) {
    items.reserve_exact(items.len() / 8 + 64);
}
