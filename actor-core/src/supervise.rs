//! When an actor that fell is made anew, and when it is given up.

use crate::choice;
use crate::exit::ExitReason;
use crate::spawn::Spawn;
use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// After which ends an actor is made anew, how often and how soon: for [`Actor::supervised`](crate::Actor::supervised),
/// [`Context::supervised`](crate::Context::supervised) and [`SupervisorHandle::child`](crate::SupervisorHandle::child).
///
/// | | after a panic, [`Context::fail`](crate::Context::fail), a failed start | after [`Context::stop`](crate::Context::stop) |
/// |---|---|---|
/// | [`permanent`](Self::permanent) | anew | anew |
/// | [`transient`](Self::transient) | anew | over |
/// | [`temporary`](Self::temporary) | over | over |
///
/// [`stop`](crate::ActorHandle::stop), [`kill`](crate::ActorHandle::kill), a by-value message and the end of the last handle are the end
/// under each of them. The three are those of Erlang's `supervisor`.
///
/// ```
/// use actor_core::prelude::*;
/// use actor_core::{Backoff, Supervise};
/// use std::time::Duration;
///
/// #[actor]
/// struct Divider(u32);
///
/// #[actor]
/// impl Divider {
///     pub fn by(&mut self, n: u32) -> u32 {
///         self.0 / n
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() -> Result<(), CallError> {
/// let backoff = Backoff::exponential(Duration::from_millis(10), Duration::from_secs(1));
/// let divider = Divider::supervised(Supervise::permanent().backoff(backoff), || Divider(12));
/// assert!(matches!(divider.by(0).await, Err(CallError::Interrupted(ExitReason::Panicked(_)))));
/// assert_eq!(divider.by(4).await?, 3);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "pass it to `supervised` or `child`"]
pub struct Supervise {
    pub(crate) kind: Kind,
    pub(crate) intensity: Intensity,
    pub(crate) backoff: Option<Backoff>,
    pub(crate) grace: Duration,
    pub(crate) how: Spawn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Permanent,
    Transient,
    Temporary,
}

impl Kind {
    /// Whether an actor that ended so, and not for good, is made anew.
    pub(crate) fn wants(self, reason: &ExitReason) -> bool {
        match self {
            Kind::Permanent => true,
            Kind::Transient => !reason.is_normal(),
            Kind::Temporary => false,
        }
    }
}

/// So many restarts within a time; one more is too many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Intensity {
    pub(crate) restarts: u32,
    pub(crate) within: Duration,
}

impl Default for Intensity {
    fn default() -> Self {
        Intensity { restarts: 3, within: Duration::from_secs(5) }
    }
}

impl Supervise {
    fn new(kind: Kind) -> Self {
        Supervise {
            kind,
            intensity: Intensity::default(),
            backoff: None,
            grace: Duration::from_secs(5),
            how: Spawn::new(),
        }
    }

    /// Made anew whenever it ends by itself.
    pub fn permanent() -> Self {
        Self::new(Kind::Permanent)
    }

    /// Made anew when it did not end as it should.
    pub fn transient() -> Self {
        Self::new(Kind::Transient)
    }

    /// Never made anew.
    pub fn temporary() -> Self {
        Self::new(Kind::Temporary)
    }

    /// At most so many restarts within this time, by default 3 in 5 seconds; one more ends it as
    /// [`Failed`](ExitReason::Failed) with a [`TooManyRestarts`], or its supervisor if it has one.
    pub fn intensity(self, restarts: u32, within: Duration) -> Self {
        Supervise { intensity: Intensity { restarts, within }, ..self }
    }

    /// Waits before a restart; by default it does not.
    pub fn backoff(self, backoff: Backoff) -> Self {
        Supervise { backoff: Some(backoff), ..self }
    }

    /// How long it may take to end when its supervisor or parent stops it, before it is killed: by default 5 seconds.
    pub fn grace(self, grace: Duration) -> Self {
        Supervise { grace, ..self }
    }

    /// How the actor is set up.
    pub fn with(self, how: Spawn) -> Self {
        Supervise { how, ..self }
    }
}

/// How long to wait before a restart: longer after each one that did not help.
#[derive(Clone, Debug)]
#[must_use = "pass it to `Supervise::backoff`"]
pub struct Backoff {
    first: Duration,
    most: Duration,
    jitter: f64,
    reset_after: Duration,
}

impl Backoff {
    /// Waits `first`, and twice as long each time, up to `most`.
    pub fn exponential(first: Duration, most: Duration) -> Self {
        Backoff { first: first.min(most), most, jitter: 0.1, reset_after: most }
    }

    /// Shortens each wait by a random part of up to this share, 0.1 by default, so that what fell together does not come back together.
    ///
    /// # Panics
    /// If `share` is not within 0 and 1.
    #[track_caller]
    pub fn jitter(self, share: f64) -> Self {
        assert!((0.0..=1.0).contains(&share), "a share of jitter is within 0 and 1, not {share}");
        Backoff { jitter: share, ..self }
    }

    /// After so long without a fall it begins with the first wait again: by default after the longest wait.
    pub fn reset_after(self, quiet: Duration) -> Self {
        Backoff { reset_after: quiet, ..self }
    }

    /// Before the restart after `falls` in a row.
    fn wait(&self, falls: u32) -> Duration {
        let doubled = 2_u32.checked_pow(falls).map_or(self.most, |by| self.first.saturating_mul(by));
        let full = doubled.min(self.most);
        // Each `RandomState` has keys of its own; 32 bits of what they make of nothing are random enough for this.
        let random = choice::random().unwrap_or_else(|| RandomState::new().hash_one(0)) >> 32;
        #[expect(clippy::cast_precision_loss, reason = "32 bits fit")]
        let random = random as f64 / f64::from(u32::MAX);
        let off = Duration::try_from_secs_f64(full.as_secs_f64() * self.jitter * random);
        full.saturating_sub(off.unwrap_or(full))
    }
}

/// An actor fell again and again: why a supervised actor, or its supervisor, ended as [`Failed`](ExitReason::Failed).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TooManyRestarts {
    /// So many were allowed,
    pub restarts: u32,
    /// within this time.
    pub within: Duration,
    /// How it fell the last time.
    pub last: ExitReason,
}

impl fmt::Display for TooManyRestarts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TooManyRestarts { restarts, within, last } = self;
        let plural = if *restarts == 1 { "" } else { "s" };
        write!(f, "more than {restarts} restart{plural} within {within:?}, the last because it {last}")
    }
}

impl Error for TooManyRestarts {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.last {
            ExitReason::Failed(error) => Some(&**error),
            _ => None,
        }
    }
}

/// Counts the falls of an actor, or of all children of a supervisor.
#[derive(Debug)]
pub(crate) struct Judge {
    intensity: Intensity,
    backoff: Option<Backoff>,
    /// The restarts that still count.
    restarts: VecDeque<Instant>,
    /// Falls in a row, and when the last restart was due.
    row: u32,
    back: Option<Instant>,
}

/// What becomes of an actor that fell.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It is made anew, not before this time if there is one.
    Restart(Option<Instant>),
    Over(ExitReason),
}

impl Judge {
    pub(crate) fn new(intensity: Intensity, backoff: Option<Backoff>) -> Self {
        Judge { intensity, backoff, restarts: VecDeque::new(), row: 0, back: None }
    }

    /// One more fall.
    pub(crate) fn judge(&mut self, reason: &ExitReason) -> Verdict {
        let now = Instant::now();
        let Intensity { restarts, within } = self.intensity;
        while self.restarts.front().is_some_and(|at| now.duration_since(*at) > within) {
            self.restarts.pop_front();
        }
        if self.restarts.len() >= usize::try_from(restarts).unwrap_or(usize::MAX) {
            let error = TooManyRestarts { restarts, within, last: reason.clone() };
            return Verdict::Over(ExitReason::Failed(Arc::new(error)));
        }
        self.restarts.push_back(now);
        let Some(backoff) = &self.backoff else { return Verdict::Restart(None) };
        if self.back.is_some_and(|back| now.saturating_duration_since(back) >= backoff.reset_after) {
            self.row = 0;
        }
        let wait = backoff.wait(self.row);
        self.row = self.row.saturating_add(1);
        // A wait beyond the clock's range is one for ever.
        let back = now.checked_add(wait).or_else(|| now.checked_add(FOR_EVER));
        self.back = back;
        Verdict::Restart(back)
    }

    /// As if nothing had happened.
    pub(crate) fn forget(&mut self) {
        self.restarts.clear();
        (self.row, self.back) = (0, None);
    }
}

/// Longer than any program runs, and within the range of every clock.
const FOR_EVER: Duration = Duration::from_secs(60 * 60 * 24 * 365 * 30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_jitter_only_shortens() {
        let ms = Duration::from_millis;
        let exact = Backoff::exponential(ms(100), ms(300)).jitter(0.0);
        assert_eq!([0, 1, 2, 40].map(|falls| exact.wait(falls)), [ms(100), ms(200), ms(300), ms(300)]);
        let loose = Backoff::exponential(ms(100), ms(300)).jitter(0.5);
        let waits: Vec<_> = (0..200).map(|_| loose.wait(0)).collect();
        assert!(waits.iter().all(|wait| (ms(50)..=ms(100)).contains(wait)), "{waits:?}");
        assert!(waits.iter().any(|wait| wait != &waits[0]), "they differ");
        assert_eq!(Backoff::exponential(Duration::MAX, Duration::MAX).jitter(1.0).wait(9).min(ms(1)), ms(1));
    }
}
