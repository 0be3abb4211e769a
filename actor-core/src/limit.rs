//! Until when a caller waits.

use std::time::Duration;
use tokio::time::Instant;

/// A limit of time. The clock is read only where a wait begins: most calls are answered before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    Never,
    /// From the first look at the clock.
    Within(Duration),
    At(Instant),
}

impl Limit {
    /// Fixed to a point in time; `None` is never. What lies beyond the clock's range is never.
    #[inline]
    pub(crate) fn instant(self) -> Option<Instant> {
        match self {
            Limit::Never => None,
            Limit::Within(time) => Instant::now().checked_add(time),
            Limit::At(at) => Some(at),
        }
    }

    /// The same, fixed.
    #[inline]
    pub(crate) fn fixed(self) -> Self {
        self.instant().map_or(Limit::Never, Limit::At)
    }

    /// The earlier of the two.
    #[inline]
    pub(crate) fn min(self, other: Limit) -> Self {
        match (self, other) {
            (Limit::Never, limit) | (limit, Limit::Never) => limit,
            (one, two) => one.earlier(two),
        }
    }

    fn earlier(self, other: Limit) -> Self {
        match (self, other) {
            (Limit::Within(one), Limit::Within(two)) => Limit::Within(one.min(two)),
            (one, two) => match (one.instant(), two.instant()) {
                (Some(one), Some(two)) => Limit::At(one.min(two)),
                (at, None) | (None, at) => at.map_or(Limit::Never, Limit::At),
            },
        }
    }

    /// Whether it is a point in time that has passed.
    #[inline]
    pub(crate) fn has_passed(self) -> bool {
        matches!(self, Limit::At(at) if at <= Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_beyond_the_clock_is_never() {
        assert_eq!(Limit::Within(Duration::MAX).fixed(), Limit::Never);
        let at = Limit::At(Instant::now());
        assert_eq!(Limit::Within(Duration::MAX).min(at), at);
    }

    #[test]
    fn the_earlier_of_two() {
        let (now, later) = (Instant::now(), Instant::now() + Duration::from_secs(60));
        assert_eq!(Limit::At(later).min(Limit::At(now)), Limit::At(now));
        assert_eq!(Limit::At(now).min(Limit::Within(Duration::from_secs(60))), Limit::At(now));
        assert_eq!(Limit::Never.min(Limit::At(now)), Limit::At(now));
        assert_eq!(
            Limit::Within(Duration::from_secs(1)).min(Limit::Within(Duration::from_secs(2))),
            Limit::Within(Duration::from_secs(1))
        );
    }
}
