//! What every contestant can do, and the runtime it does it on.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::Notify;

/// Room in every mailbox that has a bound: the same for all.
pub(crate) const CAPACITY: usize = 1024;

/// How many threads the actors and their callers share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Threads {
    One,
    Two,
}

/// One actor library, or one way to do without, in its best form.
///
/// A contestant is a value because some have to remember where their actors go; most are units. A failure of any
/// operation is a panic: a figure measured beside a failure would mean nothing.
pub(crate) trait Contestant: Clone + Send + Sync + 'static {
    /// The heading of its column, and what `--contestants` calls it.
    const NAME: &'static str;

    /// An actor with a sum in it.
    type Counter: Clone + Send + Sync + 'static;
    /// An actor that passes a number on to the next, minus one.
    type Node: Clone + Send + Sync + 'static;
    /// An actor that asks the next before it answers.
    type Relay: Clone + Send + Sync + 'static;

    /// Runs `work` as a task of a fresh runtime, to its end.
    fn run<T, F>(threads: Threads, work: impl FnOnce(Self) -> F + Send + 'static) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static;

    fn counter(&self) -> impl Future<Output = Self::Counter> + Send;

    /// Adds `amount`, without an answer; waits for room where the mailbox has a bound.
    fn tell(counter: &Self::Counter, amount: u64) -> impl Future<Output = ()> + Send;

    /// Adds `amount` and returns the sum.
    fn ask(counter: &Self::Counter, amount: u64) -> impl Future<Output = u64> + Send;

    /// The same, with a deadline that never passes.
    fn ask_within(counter: &Self::Counter, within: Duration, amount: u64)
    -> impl Future<Output = u64> + Send;

    /// The whole life of a counter: spawned, asked once, stopped, and gone when this returns.
    fn life(&self) -> impl Future<Output = u64> + Send;

    /// `size` nodes in a ring, and the first of them. The one that gets a zero notifies `done`.
    fn ring(&self, size: usize, done: &Arc<Notify>) -> impl Future<Output = Self::Node> + Send;

    fn hop(node: &Self::Node, left: u64) -> impl Future<Output = ()> + Send;

    /// `length` relays in a row, and the first of them. The last one answers with what it was asked, plus one.
    fn relays(&self, length: usize) -> impl Future<Output = Self::Relay> + Send;

    fn relay(first: &Self::Relay, number: u64) -> impl Future<Output = u64> + Send;
}

/// `run` of all that live on tokio. The work is a task of its own, since what `block_on` polls itself is woken in a
/// dearer way than a task.
pub(crate) fn on_tokio<T, F>(threads: Threads, work: F) -> T
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut builder = match threads {
        Threads::One => Builder::new_current_thread(),
        Threads::Two => Builder::new_multi_thread(),
    };
    if threads == Threads::Two {
        builder.worker_threads(2);
    }
    let runtime = builder.enable_time().build().expect("a runtime");
    runtime.block_on(async { tokio::spawn(work).await.expect("the contestant did not fail") })
}
