//! Until when a caller waits.

use std::sync::LazyLock;
use std::time::Duration;
use tokio::time::Instant;

/// What points in time are counted from: `Instant` says nothing of what is in it.
static EPOCH: LazyLock<Instant> = LazyLock::new(Instant::now);

/// A limit of time. The clock is read only where a wait begins: most calls are answered before.
///
/// It is carried through every call and so fits into two registers: nanoseconds in 64 bits reach 292 years, and what lies beyond is never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    Never,
    /// From the first look at the clock.
    Within(Nanos),
    At(Point),
}

/// A span of time in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Nanos(u64);

/// A point in time, in nanoseconds from [`EPOCH`]. A paused clock may stand before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Point(i64);

impl Point {
    fn of(at: Instant) -> Option<Self> {
        let epoch = *EPOCH;
        let nanos = |time: Duration| i64::try_from(time.as_nanos()).ok();
        match at.checked_duration_since(epoch) {
            Some(after) => nanos(after).map(Point),
            None => nanos(epoch.duration_since(at)).map(|before| Point(-before)),
        }
    }

    fn instant(self) -> Option<Instant> {
        let time = Duration::from_nanos(self.0.unsigned_abs());
        if self.0 < 0 { EPOCH.checked_sub(time) } else { EPOCH.checked_add(time) }
    }
}

impl Limit {
    /// From the first look at the clock on.
    #[inline]
    pub(crate) fn within(time: Duration) -> Self {
        u64::try_from(time.as_nanos()).map_or(Limit::Never, |nanos| Limit::Within(Nanos(nanos)))
    }

    /// A point in time.
    pub(crate) fn at(at: Instant) -> Self {
        Point::of(at).map_or(Limit::Never, Limit::At)
    }

    /// A point in time, or never.
    pub(crate) fn until(at: Option<Instant>) -> Self {
        at.map_or(Limit::Never, Limit::at)
    }

    /// Fixed to a point in time; `None` is never. What lies beyond the clock's range is never.
    #[inline]
    pub(crate) fn instant(self) -> Option<Instant> {
        match self {
            Limit::Never => None,
            limit => limit.on_the_clock(),
        }
    }

    #[inline(never)]
    fn on_the_clock(self) -> Option<Instant> {
        match self {
            Limit::Never => None,
            Limit::Within(Nanos(nanos)) => Instant::now().checked_add(Duration::from_nanos(nanos)),
            Limit::At(point) => point.instant(),
        }
    }

    /// The same, fixed.
    #[inline]
    pub(crate) fn fixed(self) -> Self {
        match self {
            Limit::Within(_) => Limit::until(self.instant()),
            fixed => fixed,
        }
    }

    /// The earlier of the two.
    #[inline]
    pub(crate) fn min(self, other: Limit) -> Self {
        match (self, other) {
            (Limit::Never, limit) | (limit, Limit::Never) => limit,
            (one, two) => one.earlier(two),
        }
    }

    #[inline(never)]
    fn earlier(self, other: Limit) -> Self {
        match (self, other) {
            (Limit::Within(one), Limit::Within(two)) => Limit::Within(one.min(two)),
            (one, two) => match (one.fixed(), two.fixed()) {
                (Limit::At(one), Limit::At(two)) => Limit::At(one.min(two)),
                (Limit::Never, limit) | (limit, _) => limit,
            },
        }
    }

    /// Whether there is no time at all.
    #[inline]
    pub(crate) fn is_nothing(self) -> bool {
        self == Limit::Within(Nanos(0))
    }

    /// Whether it is a point in time that has passed.
    #[inline]
    pub(crate) fn has_passed(self) -> bool {
        matches!(self, Limit::At(_)) && self.is_past()
    }

    #[inline(never)]
    fn is_past(self) -> bool {
        self.instant().is_some_and(|at| at <= Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_beyond_the_clock_is_never() {
        assert_eq!(Limit::within(Duration::MAX).fixed(), Limit::Never);
        let at = Limit::at(Instant::now());
        assert_eq!(Limit::within(Duration::MAX).min(at), at);
    }

    #[test]
    fn the_earlier_of_two() {
        let (now, later) = (Instant::now(), Instant::now() + Duration::from_secs(60));
        assert_eq!(Limit::at(later).min(Limit::at(now)), Limit::at(now));
        assert_eq!(Limit::at(now).min(Limit::within(Duration::from_secs(60))), Limit::at(now));
        assert_eq!(Limit::Never.min(Limit::at(now)), Limit::at(now));
        assert_eq!(
            Limit::within(Duration::from_secs(1)).min(Limit::within(Duration::from_secs(2))),
            Limit::within(Duration::from_secs(1))
        );
    }

    #[test]
    fn a_point_in_time_stays_what_it_was() {
        let now = Instant::now();
        let before = now.checked_sub(Duration::from_secs(3600)).unwrap_or(now);
        for at in [now, before, now + Duration::new(3600, 7)] {
            assert_eq!(Limit::at(at).instant(), Some(at));
        }
    }

    #[test]
    fn it_fits_into_two_registers() {
        assert_eq!(size_of::<Option<Limit>>(), 16);
    }
}
