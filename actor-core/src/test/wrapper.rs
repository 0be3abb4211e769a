//! Faults on the way to an actor, by rule and by seed.

use super::stand_in::stand_in;
use crate::actor::Message;
use crate::error::CallError;
use crate::from_fn::{Answer, Caller};
use crate::handle::ActorHandle;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;
use tokio::time::sleep;

/// What goes wrong on the way to an actor: [`around`](Self::around) puts it before one.
///
/// Each [`Fault`] says what it does and when. They are asked in the order in which they were added, and the first that strikes a message
/// has it. The same seed and the same messages in the same order give the same faults.
///
/// ```
/// use actor_core::prelude::*;
/// use actor_core::test::{Fault, Faults};
/// use std::time::Duration;
///
/// #[actor]
/// struct Bank {
///     total: u64,
/// }
///
/// #[actor(derive(Clone))]
/// impl Bank {
///     pub fn note(&mut self, amount: u64) -> u64 {
///         self.total += amount;
///         self.total
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() -> Result<(), CallError> {
/// let bank = Faults::new(42)
///     .with(Fault::fail(CallError::NotRunning).every(3))
///     .with(Fault::double().named("note").nth(2))
///     .with(Fault::delay(Duration::from_millis(50)).chance(0.1))
///     .around(&Bank { total: 0 }.spawn());
/// assert_eq!(bank.note(1).await?, 1);
/// assert_eq!(bank.note(1).await?, 2); // and once more
/// assert!(bank.note(1).await.is_err());
/// assert_eq!(bank.note(1).await?, 4);
/// # Ok(()) }
/// ```
///
/// What no fault strikes passes as through a [recorder](super::record): in order, with deadlines and cancellation; and it ends with the
/// actor behind it.
#[must_use = "`around` makes a handle of it"]
pub struct Faults<M> {
    seed: u64,
    faults: Vec<Fault<M>>,
}

impl<M: Message> Faults<M> {
    /// None yet; the `seed` decides every [`chance`](Fault::chance).
    pub fn new(seed: u64) -> Self {
        Faults { seed, faults: Vec::new() }
    }

    /// With one more.
    pub fn with(mut self, fault: Fault<M>) -> Self {
        self.faults.push(fault);
        self
    }

    /// A handle with these faults before `inner`, real or mocked.
    pub fn around<H: ActorHandle<Message = M>>(self, inner: &H) -> H {
        let mut faults = self.faults;
        for (number, fault) in (1..).zip(&mut faults) {
            // One fault's chances are not another's.
            fault.dice = Dice(self.seed ^ Dice(number).next());
        }
        let behind = inner.clone();
        stand_in(inner, move |message: M, caller| {
            // Each is asked, so that what one does depends on the messages alone.
            let strikes: Vec<bool> = faults.iter_mut().map(|fault| fault.strikes(&message)).collect();
            let struck = strikes.iter().position(|strikes| *strikes);
            let what = struck.and_then(|place| faults.get_mut(place)).map(Fault::happens);
            pass(message, caller, what, behind.clone())
        })
    }
}

impl<M> fmt::Debug for Faults<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults").field("seed", &self.seed).field("faults", &self.faults).finish()
    }
}

/// Passes a message on, with what strikes it.
async fn pass<H: ActorHandle>(
    message: H::Message,
    caller: Caller,
    what: Option<What<H::Message>>,
    behind: H,
) -> Answer<H> {
    match what {
        None => caller.pass(behind.ask(message)).await,
        Some(What::Delay(time) | What::DelayUpTo(time)) => {
            wait(time, &caller).await?;
            caller.pass(behind.ask(message)).await
        }
        Some(What::DelayReply(time)) => {
            let answer = caller.pass(behind.ask(message)).await;
            wait(time, &caller).await?;
            answer
        }
        Some(What::Lose) => caller.never().await,
        Some(What::LoseReply) => {
            drop(caller.pass(behind.ask(message)).await);
            caller.never().await
        }
        Some(What::Fail(failure)) => Err(failure),
        Some(What::Double(copy)) => {
            let again = copy(&message);
            let first = caller.pass(behind.ask(message));
            behind.ask(again).start().detach();
            first.await
        }
        Some(What::Panic(text)) => panic!("{text}"),
    }
}

/// Waits for so long, unless the caller leaves.
async fn wait(time: Duration, caller: &Caller) -> Result<(), CallError> {
    let (mut sleep, mut cancelled) = (pin!(sleep(time)), caller.cancelled());
    poll_fn(|cx| match sleep.as_mut().poll(cx) {
        Poll::Ready(()) => Poll::Ready(Ok(())),
        Poll::Pending => Pin::new(&mut cancelled).poll(cx).map(|()| Err(CallError::Dropped)),
    })
    .await
}

/// Something that happens to messages on their way to an actor: see [`Faults`].
///
/// It strikes every message, unless conditions are added. Each condition sees the messages that pass those before it: `.named("note").every(3)`
/// is every third `note`, `.every(3).named("note")` every third message if that is a `note`.
#[must_use = "it is added to `Faults`"]
pub struct Fault<M> {
    what: What<M>,
    conditions: Vec<Condition<M>>,
    dice: Dice,
}

enum What<M> {
    Delay(Duration),
    /// By a time that is decided when it strikes.
    DelayUpTo(Duration),
    DelayReply(Duration),
    Lose,
    LoseReply,
    Fail(CallError),
    Double(fn(&M) -> M),
    Panic(String),
}

impl<M> Clone for What<M> {
    fn clone(&self) -> Self {
        match self {
            What::Delay(time) => What::Delay(*time),
            What::DelayUpTo(most) => What::DelayUpTo(*most),
            What::DelayReply(time) => What::DelayReply(*time),
            What::Lose => What::Lose,
            What::LoseReply => What::LoseReply,
            What::Fail(failure) => What::Fail(failure.clone()),
            What::Double(copy) => What::Double(*copy),
            What::Panic(text) => What::Panic(text.clone()),
        }
    }
}

/// When it strikes.
enum Condition<M> {
    Named(&'static str),
    If(Box<dyn FnMut(&M) -> bool + Send>),
    Every { n: u64, seen: u64 },
    Nth { n: u64, seen: u64 },
    Chance(f64),
}

impl<M: Message> Fault<M> {
    fn new(what: What<M>) -> Self {
        Fault { what, conditions: Vec::new(), dice: Dice(0) }
    }

    /// The message arrives so much later, in tokio's time; others may overtake it. One whose caller has left meanwhile does not arrive.
    pub fn delay(time: Duration) -> Self {
        Self::new(What::Delay(time))
    }

    /// The same by a time up to `most`, decided by the seed: messages arrive in another order.
    pub fn delay_up_to(most: Duration) -> Self {
        Self::new(What::DelayUpTo(most))
    }

    /// The message arrives, and its answer comes so much later.
    pub fn delay_reply(time: Duration) -> Self {
        Self::new(What::DelayReply(time))
    }

    /// The message is lost: it never arrives, and its caller gets no answer. It has a deadline, or waits until the handle ends.
    pub fn lose() -> Self {
        Self::new(What::Lose)
    }

    /// The message arrives, and its answer is lost.
    pub fn lose_reply() -> Self {
        Self::new(What::LoseReply)
    }

    /// The message does not arrive, and its caller gets this. That it [never ran](CallError::never_ran) is then true.
    pub fn fail(failure: CallError) -> Self {
        Self::new(What::Fail(failure))
    }

    /// The message arrives twice; the first answer counts.
    pub fn double() -> Self
    where
        M: Clone,
    {
        Self::new(What::Double(M::clone))
    }

    /// The actor seems to panic: its caller gets [`Interrupted`](CallError::Interrupted) with this text, and so do all who wait for an answer through
    /// this handle, which is at its end. The actor behind it does not know.
    pub fn panic(text: impl Into<String>) -> Self {
        Self::new(What::Panic(text.into()))
    }

    fn and(mut self, condition: Condition<M>) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Only messages of this name.
    pub fn named(self, name: &'static str) -> Self {
        self.and(Condition::Named(name))
    }

    /// Only messages of which `condition` says so.
    pub fn when(self, condition: impl FnMut(&M) -> bool + Send + 'static) -> Self {
        self.and(Condition::If(Box::new(condition)))
    }

    /// Every `n`th, the first time the `n`th.
    ///
    /// # Panics
    /// If `n` is 0.
    #[track_caller]
    pub fn every(self, n: u64) -> Self {
        assert!(n > 0, "every 0th is none; the first is 1");
        self.and(Condition::Every { n, seen: 0 })
    }

    /// The `n`th alone; the first is 1.
    ///
    /// # Panics
    /// If `n` is 0.
    #[track_caller]
    pub fn nth(self, n: u64) -> Self {
        assert!(n > 0, "there is no 0th; the first is 1");
        self.and(Condition::Nth { n, seen: 0 })
    }

    /// With this probability, decided by the seed.
    ///
    /// # Panics
    /// If it is not between 0 and 1.
    #[track_caller]
    pub fn chance(self, probability: f64) -> Self {
        assert!((0.0..=1.0).contains(&probability), "a probability is between 0 and 1");
        self.and(Condition::Chance(probability))
    }

    fn strikes(&mut self, message: &M) -> bool {
        let dice = &mut self.dice;
        self.conditions.iter_mut().all(|condition| match condition {
            Condition::Named(name) => message.name() == *name,
            Condition::If(condition) => condition(message),
            Condition::Every { n, seen } => {
                *seen += 1;
                *seen % *n == 0
            }
            Condition::Nth { n, seen } => {
                *seen += 1;
                seen == n
            }
            Condition::Chance(probability) => dice.roll() < *probability,
        })
    }

    /// What it does now.
    fn happens(&mut self) -> What<M> {
        match self.what {
            What::DelayUpTo(most) => What::Delay(most.mul_f64(self.dice.roll())),
            _ => self.what.clone(),
        }
    }
}

impl<M> fmt::Debug for Fault<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Delay(time) => write!(f, "delay by {time:?}"),
            What::DelayUpTo(most) => write!(f, "delay by up to {most:?}"),
            What::DelayReply(time) => write!(f, "delay the reply by {time:?}"),
            What::Lose => write!(f, "lose"),
            What::LoseReply => write!(f, "lose the reply"),
            What::Fail(failure) => write!(f, "fail ({failure})"),
            What::Double(_) => write!(f, "double"),
            What::Panic(text) => write!(f, "panic ({text})"),
        }?;
        self.conditions.iter().try_for_each(|condition| match condition {
            Condition::Named(name) => write!(f, ", named {name}"),
            Condition::If(_) => write!(f, ", on a condition"),
            Condition::Every { n, .. } => write!(f, ", every {n}"),
            Condition::Nth { n, .. } => write!(f, ", number {n}"),
            Condition::Chance(probability) => write!(f, ", with probability {probability}"),
        })
    }
}

/// A generator that is good enough for faults: splitmix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to 1, which it never is.
    fn roll(&mut self) -> f64 {
        // As many bits as the number has room for.
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}
