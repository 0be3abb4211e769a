//! A system of actors under a thousand schedules: a test runs again and again, each time in another order, and an order that fails it
//! comes back when it is asked for.
//!
//! ```
//! use actor_core::prelude::*;
//! use actor_core::test::schedule::Schedule;
//!
//! #[actor]
//! struct Account(u64);
//!
//! #[actor]
//! impl Account {
//!     pub fn balance(&self) -> u64 {
//!         self.0
//!     }
//!     pub fn set(&mut self, balance: u64) {
//!         self.0 = balance;
//!     }
//! }
//!
//! /// Reads, and writes later: two at a time lose an update.
//! async fn pay_in(account: AccountHandle, amount: u64) -> Result<(), CallError> {
//!     let balance = account.balance().await?;
//!     account.set(balance + amount).await
//! }
//!
//! let failure = Schedule::new().find(|| async {
//!     let account = Account(0).spawn();
//!     let (one, two) = tokio::join!(pay_in(account.clone(), 1), pay_in(account.clone(), 2));
//!     one.and(two)?;
//!     assert_eq!(account.balance().await?, 3);
//!     Ok::<(), CallError>(())
//! });
//! let failure = failure.expect("an update is lost sooner or later");
//! println!("{failure}"); // the seed, how to run it again, and who did what in which order
//! ```
//!
//! In a test one writes [`check`], or the attribute [`actor_test`](crate::test::actor_test):
//!
//! ```
//! # use actor_core::prelude::*;
//! # #[actor] struct Lamp(bool);
//! # #[actor] impl Lamp { pub fn on(&mut self) -> bool { self.0 = true; self.0 } }
//! use actor_core::test::actor_test;
//!
//! #[actor_test(seeds = 1000)]
//! async fn a_lamp_can_be_lit() -> Result<(), CallError> {
//!     let lamp = Lamp(false).spawn();
//!     assert!(lamp.on().await?);
//!     Ok(())
//! }
//! ```
//!
//! # What a seed decides
//! The participants of a run are the test's body, the actors that are spawned in it (pools, supervisors and streams that run beside their
//! actors, too), and whatever is started with [`spawn`](fn@spawn). All run on the test's thread, one turn at a time. A turn goes to the next wait; an actor's
//! goes to the end of one message at most. The seed decides
//! - **who has the next turn** among all that can run: in half of the runs anybody, in the others by ranks that change at few points, which
//!   finds bugs that need few things in a certain order;
//! - whether one that is about to **send** a request or a tell, or is about to serve a message, lets others go first;
//! - whether a request to an idle actor is handled **directly** in its caller, or by the actor's task;
//! - which of the messages in a mailbox is **next**: the first, or one that a plain handler sent, whose actor could have had its turn before
//!   those ahead were sent. What one sender sends to one lane stays in order, and so does what is sent because of something;
//! - whether **time goes on** though somebody could run: a little, or to the next time that an actor or a caller waits for. So a timeout, a
//!   tick, a backoff, a grace fires before, between and after all else. Time is virtual, as with tokio's paused clock: when nobody can run
//!   it leaps to the next timer;
//! - whatever the library draws at random, as the jitter of a backoff, and the numbers of actors, which begin with 1 in each run.
//!
//! A kill, a stop, a caller that leaves, an exit are such turns themselves, or seen at the beginning of the next one.
//!
//! # What it does not decide
//! - What tokio draws: the order of the branches of `tokio::select!` without `biased`. Write `biased;`, or draw nothing from it.
//! - Tasks of [`tokio::spawn`] run on the same thread, after every few turns and when nobody else can run, in tokio's order. Use
//!   [`spawn`](fn@spawn).
//! - Other threads: actors on [another runtime](crate::Spawn::on), `spawn_blocking`, plain threads. Nobody waits for a plain thread: if
//!   nobody can run, time goes on.
//! - Real input and output, real time ([`std::time::Instant`], `SystemTime`), the order of a `HashMap`, addresses.
//! - What happens within a turn: two handlers never run at the same time. A message that is sent at once, with
//!   [`try_tell`](crate::Request::try_tell) or [`start`](crate::Request::start), is no point where others can go first; that it can be overtaken makes up for it.
//! - An order that comes about by memory that plain handlers share (a flag that one sets and another sees, a mutex) is not known: what one
//!   of them sends because of it may be taken for something that could have come first.
//! - [`blocking`](crate::Request::blocking) is `WouldBlock` everywhere in a run.
//!
//! A test that depends on one of these may not fail again with the same seed. A failing seed is run a second time, and if that run is another
//! one the failure says so, and where they part.
//!
//! # How many seeds
//! A run of ten actors and two hundred messages takes about two milliseconds of a core in a debug build (measured: 450 seeds a second), so a
//! thousand seeds, the default, are a matter of seconds. Most bugs of a wrong order that need two things to happen in the
//! other order come within a hundred; let the ones that matter run over night with `ACTOR_SEEDS=1000000 cargo test NAME`. Few seeds that
//! are always the same are no worse than random ones, and nothing turns red that was green: the seeds are `0..n`.
//!
//! # Reading a failure
//! It says the seed, what was wrong, how to run that seed alone (`ACTOR_SEED=17 cargo test NAME`), and the last events of the run: see
//! [`Trace`]. Run alone, a seed prints all of its events, also if it passes (with `--nocapture`). Where nobody can go on and no timer is
//! armed the failure says who waits for whom.
//!
//! A panic in a participant that is no actor fails the run. One in an actor is the actor's affair, as ever. What panics print is printed of the
//! failing run alone.
//!
//! # A test in time
//! Time that goes on while others could run is a slow machine: a deadline of a second may pass before the actor has its first turn. That is
//! what a timeout means, and code that takes one for impossible is wrong. Where a test is not about that, [`patient`](Schedule::patient) lets
//! time go on only when nobody can run.

mod draw;
mod failure;
pub(crate) mod hooks;
mod run;
mod spawned;
mod state;
mod trace;
mod wake;

pub use failure::Failure;
use run::Ended;
pub use spawned::{Spawned, spawn};
use std::env;
use std::fmt;
use std::future::Future;
use std::thread;
pub use trace::Trace;

/// Runs `body` under the seeds `0..seeds`, until one fails.
///
/// ```
/// # use actor_core::prelude::*;
/// # #[actor] struct Counter(u64);
/// # #[actor] impl Counter { pub fn add(&mut self, n: u64) -> u64 { self.0 += n; self.0 } }
/// use actor_core::test::schedule;
///
/// schedule::check(100, || async {
///     let counter = Counter(0).spawn();
///     let (one, two) = tokio::join!(counter.add(1), counter.add(2));
///     assert_eq!(one?.max(two?), 3);
///     Ok::<(), CallError>(())
/// });
/// ```
///
/// # Panics
/// If a run fails, with a [`Failure`]: see the [module](self). In the context of a tokio runtime; a plain `#[test]` has none.
#[track_caller]
pub fn check<F: Future<Output: Outcome>>(seeds: u64, body: impl FnMut() -> F) {
    Schedule::new().seeds(seeds).check(body);
}

/// Runs `body` under one seed: what happened.
///
/// ```
/// # use actor_core::prelude::*;
/// # #[actor] struct Lamp;
/// # #[actor] impl Lamp { pub fn on(&mut self) {} }
/// use actor_core::test::schedule;
///
/// let trace = || schedule::replay(17, || async { Lamp.spawn().on().await });
/// assert_eq!(trace(), trace());
/// ```
///
/// # Panics
/// As [`check`].
#[track_caller]
pub fn replay<F: Future<Output: Outcome>>(seed: u64, body: impl FnMut() -> F) -> Trace {
    Schedule::new().replay(seed, body)
}

/// What the body of a test may return: nothing, or a `Result` whose error fails the run.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no outcome of a test",
    label = "the body of a test returns nothing, or a `Result` whose error is `Debug`"
)]
pub trait Outcome: sealed::Outcome {}

mod sealed {
    /// What was wrong, if anything.
    pub trait Outcome {
        fn failure(self) -> Option<String>;
    }
}

impl Outcome for () {}

impl sealed::Outcome for () {
    fn failure(self) -> Option<String> {
        None
    }
}

/// Of a body that never returns.
#[diagnostic::do_not_recommend]
impl Outcome for crate::macro_support::Unknown {}

impl sealed::Outcome for crate::macro_support::Unknown {
    fn failure(self) -> Option<String> {
        self
    }
}

impl<T, E: fmt::Debug> Outcome for Result<T, E> {}

impl<T, E: fmt::Debug> sealed::Outcome for Result<T, E> {
    fn failure(self) -> Option<String> {
        self.err().map(|error| format!("the body returned {error:?}"))
    }
}

/// How a test is run: see the [module](self).
#[derive(Clone, Debug)]
#[must_use = "`check` runs it"]
pub struct Schedule {
    seeds: u64,
    first: u64,
    patient: bool,
    steps: u32,
    name: Option<&'static str>,
}

impl Default for Schedule {
    fn default() -> Self {
        Self::new()
    }
}

impl Schedule {
    /// Under a thousand seeds.
    pub fn new() -> Self {
        Schedule { seeds: 1000, first: 0, patient: false, steps: 100_000, name: None }
    }

    /// Under so many seeds.
    pub fn seeds(self, seeds: u64) -> Self {
        Schedule { seeds, ..self }
    }

    /// Of which this is the first: 0 by default.
    pub fn from(self, first: u64) -> Self {
        Schedule { first, ..self }
    }

    /// Time goes on only when nobody can run: a timeout means that an answer is nobody's to give, and not that a machine was slow.
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # use actor_core::test::schedule::Schedule;
    /// # use std::time::Duration;
    /// # #[actor] struct Lamp;
    /// # #[actor] impl Lamp { pub fn on(&mut self) {} }
    /// let lit = || async { Lamp.spawn().on().timeout(Duration::from_millis(1)).await };
    /// assert!(Schedule::new().find(lit).is_some());
    /// Schedule::new().patient().check(lit);
    /// ```
    pub fn patient(self) -> Self {
        Schedule { patient: true, ..self }
    }

    /// A run of more steps fails, since it seems to go on for ever: 100,000 by default.
    pub fn steps(self, most: u32) -> Self {
        Schedule { steps: most, ..self }
    }

    /// What the test is called, with the path of its module.
    #[doc(hidden)]
    pub fn name(self, name: &'static str) -> Self {
        // Tests are called without their crate.
        Schedule { name: Some(name.split_once("::").map_or(name, |(_, name)| name)), ..self }
    }

    /// Runs `body` under each seed, until one fails. `ACTOR_SEED` in the environment is the only one, and `ACTOR_SEEDS` their number.
    ///
    /// # Panics
    /// As [`check`](check()).
    #[track_caller]
    pub fn check<F: Future<Output: Outcome>>(&self, body: impl FnMut() -> F) {
        if let Some(seed) = variable("ACTOR_SEED") {
            println!("seed {seed}:\n{}", self.replay(seed, body));
            return;
        }
        let seeds = variable("ACTOR_SEEDS").unwrap_or(self.seeds);
        if let Some(failure) = self.clone().seeds(seeds).find(body) {
            panic!("{failure}");
        }
    }

    /// The same for one that is expected to fail: the first failure.
    ///
    /// # Panics
    /// In the context of a tokio runtime.
    #[track_caller]
    pub fn find<F: Future<Output: Outcome>>(&self, mut body: impl FnMut() -> F) -> Option<Failure> {
        let fails = |seed| self.run(self.first.wrapping_add(seed), &mut body).err();
        (0..self.seeds).find_map(fails).map(|failure| *failure)
    }

    /// Runs `body` under one seed: what happened.
    ///
    /// # Panics
    /// If the run fails, as [`check`](check()).
    #[track_caller]
    pub fn replay<F: Future<Output: Outcome>>(&self, seed: u64, mut body: impl FnMut() -> F) -> Trace {
        match self.run(seed, &mut body) {
            Ok(trace) => trace,
            Err(failure) => panic!("{}", failure.in_full()),
        }
    }

    #[track_caller]
    fn run<F: Future<Output: Outcome>>(
        &self,
        seed: u64,
        body: &mut impl FnMut() -> F,
    ) -> Result<Trace, Box<Failure>> {
        let Ended { failure, trace } = run::run(self, seed, true, &mut *body);
        let Some(text) = failure else { return Ok(trace) };
        // Once more, for all to hear.
        let again = run::run(self, seed, false, body);
        let parts = match (trace.parts_from(&again.trace), again.failure) {
            (Some(parts), _) => Some(parts),
            (None, Some(second)) if second == text => None,
            (None, second) => Some((text.clone(), second.unwrap_or_else(|| "nothing is wrong".to_owned()))),
        };
        let name = self.name.map_or_else(current_test, |name| Some(name.to_owned()));
        Err(Box::new(Failure::new(seed, text, trace, parts, name)))
    }
}

fn variable(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

/// Tests run in threads that are called as they are.
fn current_test() -> Option<String> {
    thread::current().name().filter(|name| *name != "main").map(str::to_owned)
}

/// Whether this code runs under a schedule.
#[must_use]
pub fn is_on() -> bool {
    state::is_on()
}

/// One of `0..end` that the seed chooses: for what a test decides itself, such as which message is lost.
///
/// ```
/// use actor_core::test::schedule;
///
/// schedule::check(20, || async {
///     let doubled = schedule::choose(10) == 0;
///     assert!(schedule::choose(3) < 3, "doubled: {doubled}");
/// });
/// ```
///
/// # Panics
/// Outside a schedule, and if `end` is 0.
#[must_use]
#[track_caller]
pub fn choose(end: usize) -> usize {
    assert!(end > 0, "one of none");
    let Some(chosen) = state::with(|run| run.choose_below(end)) else {
        panic!("`schedule::choose` outside a schedule");
    };
    chosen
}

/// Waits until nobody else can run, without letting time go on for it: all messages are handled whose handlers wait for nothing but a timer,
/// or for what nobody does.
///
/// # Panics
/// Outside a schedule.
pub async fn settle() {
    let Some(settled) = state::with(|run| run.settle()) else {
        panic!("`schedule::settle` outside a schedule");
    };
    // It is dropped only with the run.
    let _ = settled.await;
}
