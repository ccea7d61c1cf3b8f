//! Envoy's update merge window: news of servers that comes in quick succession reaches the choices of a balancer together.
//!
//! Source: Envoy, `source/common/upstream/cluster_manager_impl.cc` (`scheduleUpdate`, `applyUpdates`): the window is that of one
//! level of priority, time since the last delivery is counted in whole milliseconds, and only news of health and weights waits;
//! what adds or removes servers does not. The default is 1 s (`update_merge_window`).

use crate::units::{Span, Time};

const MILLISECOND: u64 = 1_000_000;

/// When the news of one level of priority is delivered.
#[derive(Debug, Clone)]
pub struct MergeWindow {
    window: Span,
    /// None: never yet.
    last: Option<Time>,
    /// When what waits will be delivered.
    timer: Option<Time>,
}

/// What to do with news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// Deliver it, and all that waits; a timer that is set is void.
    Now,
    /// Let it wait, and set a timer for this time.
    At(Time),
    /// Let it wait; the timer is set already.
    Pending,
}

impl MergeWindow {
    /// A window in which nothing has been delivered yet; 0 = all news is delivered at once.
    #[must_use]
    pub const fn new(window: Span) -> Self {
        Self { window, last: None, timer: None }
    }

    /// Takes news. If more than the window has passed since the last delivery, it is delivered now; else the whole window from
    /// now on, or when the news before it is.
    pub fn offer(&mut self, now: Time) -> News {
        let whole = |span: Span| span.as_nanos() / MILLISECOND;
        let long_ago = |last| whole(now.since(last)) > whole(self.window);
        if self.window == Span::ZERO || self.last.is_none_or(long_ago) {
            self.delivered(now);
            return News::Now;
        }
        if self.timer.is_some() {
            return News::Pending;
        }
        let at = now + self.window;
        self.timer = Some(at);
        News::At(at)
    }

    /// Whether a timer that goes off now is the one that is set, and not one that [`News::Now`] has made void.
    #[must_use]
    pub fn is_due(&self, now: Time) -> bool {
        self.timer == Some(now)
    }

    /// Takes that all news has been delivered.
    pub const fn delivered(&mut self, now: Time) {
        self.last = Some(now);
        self.timer = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: u64) -> Time {
        Time::from_nanos(ms * MILLISECOND)
    }

    #[test]
    fn the_first_news_goes_through_and_the_next_waits_for_a_whole_window() {
        let mut window = MergeWindow::new(Span::from_secs(1));
        assert_eq!(window.offer(at(500)), News::Now);
        assert_eq!(window.offer(at(700)), News::At(at(1700)));
        assert_eq!(window.offer(at(1_400)), News::Pending);
        assert!(window.is_due(at(1_700)) && !window.is_due(at(1_500)));
        window.delivered(at(1_700));
        assert!(!window.is_due(at(1_700)));
        assert_eq!(window.offer(at(2_700)), News::At(at(3_700)));
        window.delivered(at(3_700));
        assert_eq!(window.offer(at(4_701)), News::Now);
    }

    #[test]
    fn news_past_the_window_goes_through_and_voids_the_timer() {
        let mut window = MergeWindow::new(Span::from_secs(1));
        assert_eq!(window.offer(at(0)), News::Now);
        assert_eq!(window.offer(at(900)), News::At(at(1_900)));
        assert_eq!(window.offer(at(1_100)), News::Now);
        assert!(!window.is_due(at(1_900)));
        assert_eq!(window.offer(at(1_200)), News::At(at(2_200)));
    }

    #[test]
    fn whole_milliseconds_count() {
        let mut window = MergeWindow::new(Span::from_secs(1));
        assert_eq!(window.offer(at(0)), News::Now);
        let late = Time::from_nanos(1_000_999_999);
        assert_eq!(window.offer(late), News::At(late + Span::from_secs(1)));
    }

    #[test]
    fn without_a_window_all_news_goes_through() {
        let mut window = MergeWindow::new(Span::ZERO);
        assert_eq!([at(0), at(0), at(1)].map(|now| window.offer(now)), [News::Now; 3]);
    }
}
