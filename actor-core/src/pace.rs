//! How long handlers take: a caller runs a short one itself and leaves a long one to the actor's task.
//!
//! On the runtime's clock: where a test has paused it, no handler takes long, and what runs where is the same each time.

mod first;

use crate::choice;
use crate::policy::Policy;
use first::First;
use std::mem;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::task::coop;

/// A handler that takes longer is worth a task switch: it leaves its caller free to do other things meanwhile. It must do so twice in
/// a row: a cold cache or a busy machine makes a short one look long once.
const LONG: Duration = Duration::from_micros(20);
/// Longer than any accident.
const VERY_LONG: Duration = Duration::from_millis(1);
/// One direct call of so many is timed; the clock costs as much as half a call.
const SAMPLE: u16 = 16;
/// A message that was long again and again must be short so often in a row before it is called directly again; one that was long once,
/// once.
const PATIENCE: u8 = 64;

/// A task may make progress 128 times before others have their turn: so long for each is one millisecond for all.
const SHARE: Duration = Duration::from_micros(7);
/// What is longer than so many is called directly no more.
const MOST: u8 = (LONG.as_nanos() / SHARE.as_nanos()) as u8;

/// Takes so many shares of the caller's turn, besides the one that each direct call takes.
#[cold]
fn charge(shares: u8) {
    for _ in 0..shares {
        // Whoever finds none left pauses before the next call.
        if let Poll::Ready(share) = coop::poll_proceed(&mut Context::from_waker(Waker::noop())) {
            share.made_progress();
        }
    }
}

/// One entry a message that was called directly.
#[derive(Debug, Default)]
#[repr(C)]
pub(crate) struct Pace {
    /// How many are slow. First, as it is looked at for each message.
    slow: u32,
    /// Beside the others, since many actors have one that matters.
    first: Option<Kind>,
    others: Option<Box<Others>>,
}

#[derive(Debug, Default)]
struct Others(Vec<Kind>);

#[derive(Debug)]
struct Kind {
    policy: &'static Policy,
    /// So many more need not be measured.
    left: u16,
    begun: bool,
    measured: bool,
    /// The last one that was measured took long.
    suspect: bool,
    slow: bool,
    /// How many shares of its caller's turn the last one that was measured took, and how many each takes: those of the shorter of the last two.
    last: u8,
    shares: u8,
    /// How many were short in a row, of those that were measured.
    calm: u8,
    /// How many are to be before a slow one is short again; doubled each time that it was so in vain, and forgotten when it has been
    /// short for long.
    needed: u8,
}

/// Whether and how to call directly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advice {
    Run,
    /// Run and [`note`](Pace::note) how long it took.
    Measure,
    /// Takes long: leave it to the task.
    Leave,
}

impl Pace {
    #[inline]
    fn kind(&mut self, policy: &'static Policy) -> &mut Kind {
        let Pace { first, others, .. } = self;
        let first = first.get_or_insert_with(|| Kind::new(policy));
        if first.policy.is(policy) { first } else { Self::other(others, policy) }
    }

    #[inline(never)]
    fn other<'a>(others: &'a mut Option<Box<Others>>, policy: &'static Policy) -> &'a mut Kind {
        let Others(others) = &mut **others.get_or_insert_default();
        let at = others.iter().position(|kind| kind.policy.is(policy)).unwrap_or_else(|| {
            others.reserve_exact(1);
            others.push(Kind::new(policy));
            others.len() - 1
        });
        &mut others[at]
    }

    /// Before a direct call. The first of each message is measured; where those of other actors were short, perhaps only the second.
    #[inline]
    pub(crate) fn advise(&mut self, policy: &'static Policy) -> Advice {
        if choice::is_on() {
            // A schedule owns the time, and says itself who runs a handler.
            return Advice::Run;
        }
        let kind = self.kind(policy);
        if kind.slow {
            return Advice::Leave;
        }
        if kind.shares > 0 {
            charge(kind.shares);
        }
        if kind.left == 0 {
            return kind.due();
        }
        kind.left -= 1;
        Advice::Run
    }

    /// The same where others than the caller would wait for the handler: only what is known to be short is called directly. What is not known, or not for
    /// sure, counts as long until a queued run of it was short.
    #[cfg(feature = "remote")]
    pub(crate) fn advise_with_care(&mut self, policy: &'static Policy) -> Advice {
        let kind = self.kind(policy);
        let is_unsure = !kind.measured || kind.suspect;
        if is_unsure && !kind.slow && !choice::is_on() {
            kind.slow = true;
            self.slow += 1;
        }
        self.advise(policy)
    }

    /// Whether the message is known to take long; its queued runs are measured, so that it can become short again.
    #[inline]
    pub(crate) fn is_slow(&mut self, policy: &'static Policy) -> bool {
        self.slow > 0 && self.is_known_slow(policy)
    }

    #[inline(never)]
    fn is_known_slow(&mut self, policy: &'static Policy) -> bool {
        self.kind(policy).slow
    }

    #[inline(never)]
    pub(crate) fn note(&mut self, policy: &'static Policy, took: Duration) {
        let kind = self.kind(policy);
        let was_slow = kind.slow;
        kind.note(took);
        match (was_slow, kind.slow) {
            (false, true) => self.slow += 1,
            (true, false) => self.slow -= 1,
            _ => {}
        }
    }
}

impl Kind {
    fn new(policy: &'static Policy) -> Self {
        Kind {
            policy,
            left: 0,
            begun: false,
            measured: false,
            suspect: false,
            slow: false,
            last: 0,
            shares: 0,
            calm: 0,
            needed: 1,
        }
    }

    /// One is to be measured, unless it is the first and those of others tell enough.
    #[inline(never)]
    fn due(&mut self) -> Advice {
        let is_first = !mem::replace(&mut self.begun, true);
        if is_first && First::is_known(self.policy) { Advice::Run } else { Advice::Measure }
    }

    fn note(&mut self, took: Duration) {
        let long = took > LONG;
        if !mem::replace(&mut self.measured, true) {
            First::note(self.policy, long);
        }
        let shares = u8::try_from(took.as_nanos() / SHARE.as_nanos()).unwrap_or(MOST).min(MOST);
        self.shares = shares.min(mem::replace(&mut self.last, shares));
        let too_long = took > VERY_LONG || long && self.suspect;
        self.suspect = long;
        self.left = if long || self.slow { 0 } else { SAMPLE - 1 };
        self.calm = if long { 0 } else { self.calm.saturating_add(1) };
        if !self.slow {
            self.slow = too_long;
            if self.calm >= PATIENCE {
                self.needed = 1;
            }
        } else if self.calm >= self.needed {
            self.slow = false;
            self.calm = 0;
            self.needed = (self.needed * 2).min(PATIENCE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::iter;

    static SHORT: Policy = Policy::plain("short");
    static OTHER: Policy = Policy::plain("other");

    #[test]
    fn a_long_handler_is_left_to_the_task_until_it_is_short_again() {
        let mut pace = Pace::default();
        assert_eq!(pace.advise(&SHORT), Advice::Measure);
        pace.note(&SHORT, LONG * 2);
        assert_eq!(pace.advise(&SHORT), Advice::Measure, "once may be an accident");
        pace.note(&SHORT, LONG * 2);
        assert_eq!(pace.advise(&SHORT), Advice::Leave);
        assert!(pace.is_slow(&SHORT) && !pace.is_slow(&OTHER));
        pace.note(&SHORT, LONG / 2);
        assert!(!pace.is_slow(&SHORT));
        assert_ne!(pace.advise(&SHORT), Advice::Leave);
    }

    #[cfg(feature = "remote")]
    #[test]
    fn with_care_only_what_is_known_to_be_short_is_called() {
        let mut pace = Pace::default();
        assert_eq!(pace.advise_with_care(&SHORT), Advice::Leave);
        assert_eq!(pace.advise_with_care(&SHORT), Advice::Leave, "nobody has measured it");
        assert!(pace.is_slow(&SHORT), "so its queued runs are measured");
        pace.note(&SHORT, LONG / 2);
        assert_ne!(pace.advise_with_care(&SHORT), Advice::Leave);
        pace.note(&SHORT, LONG * 2);
        assert_eq!(pace.advise_with_care(&SHORT), Advice::Leave, "once is enough");
        assert_eq!(pace.slow, 1);
    }

    /// A constant has as many addresses as the compiler likes.
    #[test]
    fn a_message_is_known_by_its_name() {
        static AGAIN: Policy = Policy::plain("short");
        let mut pace = Pace::default();
        pace.note(&SHORT, VERY_LONG * 2);
        assert!(pace.is_slow(&AGAIN));
        pace.note(&AGAIN, LONG / 2);
        assert_eq!(pace.advise(&SHORT), Advice::Measure);
    }

    #[test]
    fn where_first_calls_are_short_not_each_is_measured() {
        let first = |took: Duration| {
            let mut pace = Pace::default();
            let advice = pace.advise(&SHORT);
            if advice == Advice::Measure {
                pace.note(&SHORT, took);
            }
            (advice, pace)
        };
        assert_eq!(first(LONG / 2).0, Advice::Measure);
        let next: Vec<_> = (0..SAMPLE).map(|_| first(LONG / 2).0).collect();
        assert!(next[..15].iter().all(|&advice| advice == Advice::Run) && next[15] == Advice::Measure);
        let (advice, mut pace) = first(LONG / 2);
        assert_eq!(advice, Advice::Run);
        assert_eq!(pace.advise(&SHORT), Advice::Measure, "the second is");
        pace.note(&SHORT, LONG * 2);
        assert_eq!(first(LONG / 2).0, Advice::Measure, "they are short no more");
    }

    #[test]
    fn a_very_long_one_is_no_accident() {
        let mut pace = Pace::default();
        pace.note(&SHORT, VERY_LONG * 2);
        assert_eq!(pace.advise(&SHORT), Advice::Leave);
    }

    /// Sends one after the other, as callers do who find the actor idle: how many ran in their callers, and how often that changed.
    fn play(pace: &mut Pace, times: impl IntoIterator<Item = Duration>) -> (usize, usize) {
        let (mut direct, mut changes, mut before) = (0, 0, None);
        for took in times {
            let advice = pace.advise(&SHORT);
            if advice != Advice::Run {
                pace.note(&SHORT, took);
            }
            let is_direct = advice != Advice::Leave;
            direct += usize::from(is_direct);
            changes += usize::from(before.is_some_and(|before| before != is_direct));
            before = Some(is_direct);
        }
        (direct, changes)
    }

    #[test]
    fn it_follows_a_change_within_a_hundred_messages() {
        let mut pace = Pace::default();
        for _ in 0..10 {
            let (direct, changes) = play(&mut pace, iter::repeat_n(LONG * 2, 500));
            assert!(
                direct < 100 && changes <= 1,
                "{direct} long ones ran in their callers, {changes} changes"
            );
            let (direct, changes) = play(&mut pace, iter::repeat_n(LONG / 2, 500));
            assert!(direct > 400 && changes <= 1, "{direct} short ones did, {changes} changes");
        }
    }

    /// What takes long now and then, at random, is left to the task, and stays there.
    #[test]
    fn it_does_not_flap() {
        let mut random = 1_u64;
        let mut next = move || {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            random >> 33
        };
        for one_in in [2, 3, 5, 10] {
            let mut pace = Pace::default();
            let mut took = || if next().is_multiple_of(one_in) { VERY_LONG * 2 } else { LONG / 2 };
            play(&mut pace, iter::repeat_with(&mut took).take(1_000));
            let (direct, changes) = play(&mut pace, iter::repeat_with(took).take(10_000));
            assert!(
                direct < 500 && changes < 100,
                "one in {one_in}: {direct} in their callers, {changes} changes"
            );
        }
    }

    /// A machine that is busy with other things makes a short one look long now and then.
    #[test]
    fn an_accident_costs_one_message() {
        let mut pace = Pace::default();
        let took = |number: usize| if number.is_multiple_of(1_000) { VERY_LONG * 2 } else { LONG / 2 };
        let (direct, _) = play(&mut pace, (0..100_000).map(took));
        assert!(direct >= 99_900, "{direct} ran in their callers");
    }

    #[test]
    fn one_of_many_is_measured() {
        let mut pace = Pace::default();
        let mut measured = 0;
        for _ in 0..SAMPLE * 3 {
            if pace.advise(&SHORT) == Advice::Measure {
                pace.note(&SHORT, LONG / 2);
                measured += 1;
            }
        }
        assert_eq!(measured, 3);
    }

    /// How often its task may go on in a turn, after a direct call of a message that has taken so long each time.
    #[cfg(not(loom))]
    async fn left_after(took: [Duration; 2]) -> u32 {
        let mut pace = Pace::default();
        took.into_iter().for_each(|took| pace.note(&SHORT, took));
        tokio::task::yield_now().await;
        std::future::poll_fn(|cx| {
            pace.advise(&SHORT);
            let mut left = 0;
            while let Poll::Ready(share) = coop::poll_proceed(cx) {
                share.made_progress();
                left += 1;
            }
            Poll::Ready(left)
        })
        .await
    }

    #[cfg(not(loom))]
    #[tokio::test]
    async fn longer_calls_take_more_of_their_callers_turn() {
        let all = left_after([SHARE / 2; 2]).await;
        assert_eq!(all - left_after([SHARE; 2]).await, 1);
        assert_eq!(all - left_after([LONG; 2]).await, u32::from(MOST));
        assert_eq!(left_after([SHARE / 2, LONG]).await, all, "once may be an accident");
    }
}
