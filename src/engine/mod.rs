//! The event engine: events and the calendar, the list of those that are still to come.

mod calendar;
mod event;
mod prefetch;

pub use calendar::Calendar;
pub use event::{Event, EventClass};
pub use prefetch::prefetch;
