//! Sorting the events of a day.

use crate::engine::Event;

/// Up to so many events are sorted by counting.
const FEW: usize = 32;

/// Sorts events, the first one at the end.
pub(super) fn sort_last_first(events: &mut [Event]) {
    if events.len() <= FEW {
        sort_few(events);
    } else {
        events.sort_unstable_by_key(|event| std::cmp::Reverse(event.key()));
    }
}

/// Finds the place of each event by counting those after it. It takes n (n - 1) / 2 comparisons, but none of them
/// decides a branch, of which insertion would mispredict one for each event.
fn sort_few(events: &mut [Event]) {
    let Some(&any) = events.first() else { return };
    let mut unsorted = [any; FEW];
    let unsorted = &mut unsorted[..events.len()];
    unsorted.copy_from_slice(events);
    let mut places = [0_u8; FEW];
    for later in 1..unsorted.len() {
        let key = unsorted[later].key();
        let mut place = 0;
        for (other, before) in unsorted[..later].iter().zip(&mut places) {
            let greater = u8::from(other.key() > key);
            place += greater;
            *before += 1 - greater;
        }
        places[later] = place;
    }
    for (&event, &place) in unsorted.iter().zip(&places) {
        events[usize::from(place)] = event;
    }
}
