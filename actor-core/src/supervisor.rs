//! Supervisors: actors that have others made anew, together where they belong together.
//!
//! ```text
//!            up                  (it runs)             fell                     verdict
//!   down ---------> starting ----------------> up ----------------> down ----------------> up again, or given up
//!     ^                 | fell                  | down
//!     '-----------------'                       v
//!     ^------------------------------------ stopping          (a group: the last first; up again the first first)
//! ```
//!
//! A supervisor never waits in a handler: it gives one order at a time, and each report of a child makes it look what is next. Its children
//! make themselves anew; what they keep (identity, queue) is never in its hands.

use crate::actor::{Actor, HookError, Message};
use crate::context::Context;
use crate::exit::{Exit, ExitReason};
use crate::handle::{ActorHandle, Handle, RawHandle};
use crate::id::ActorId;
use crate::keeper::{Leash, Order, Report};
use crate::kin::{self, Child};
use crate::mailbox::Envelope;
use crate::policy::{Config, Policy};
use crate::shared::Shared;
use crate::slot::Queued;
use crate::spawn::{self, Spawn};
use crate::supervise::{Intensity, Judge, Kind, Supervise, Verdict};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Whom a fall takes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strategy {
    OneForOne,
    OneForAll,
    RestForOne,
}

/// Actors that are made anew when they fall, alone or together: a supervisor of Erlang's, under its names.
///
/// Children are added by [`SupervisorHandle::child`] while it runs, and each is made anew as its [`Supervise`] says, keeping its identity,
/// handles and queue. When a child falls too often, or all of them together do, the supervisor gives up: it ends as
/// [`Failed`](ExitReason::Failed), and its children with it; one that has a supervisor itself
/// ([`SupervisorHandle::supervisor`]) falls, and that one decides about it and everybody below.
///
/// Stopped, it stops its children, the last one first, each with the grace time of its policy, before
/// [`stopped`](ActorHandle::stopped) resolves. Like every actor it ends when its last handle goes.
///
/// ```
/// use actor_core::prelude::*;
/// use actor_core::{Supervise, Supervisor};
///
/// #[actor]
/// #[derive(Default)]
/// struct Cache(Vec<u32>);
///
/// #[actor]
/// impl Cache {
///     pub fn put(&mut self, n: u32) -> usize {
///         assert!(n < 100, "too large");
///         self.0.push(n);
///         self.0.len()
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
/// let supervisor = Supervisor::one_for_all().spawn();
/// let left = supervisor.child(Supervise::permanent(), Cache::default);
/// let right = supervisor.child(Supervise::permanent(), Cache::default);
/// assert_eq!((left.put(1).await?, right.put(1).await?), (1, 1));
/// assert!(left.put(1000).await.is_err());
/// // Soon both have begun anew.
/// while right.put(2).await? != 1 {
///     tokio::task::yield_now().await;
/// }
/// supervisor.stop();
/// assert!(supervisor.stopped().await.is_normal());
/// assert!(!left.is_running());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "`spawn` makes an actor of it"]
pub struct Supervisor {
    strategy: Strategy,
    intensity: Intensity,
}

impl Supervisor {
    fn new(strategy: Strategy) -> Self {
        Supervisor { strategy, intensity: Intensity::default() }
    }

    /// Only the child that fell is made anew.
    pub fn one_for_one() -> Self {
        Self::new(Strategy::OneForOne)
    }

    /// All are: the others are stopped, the last one first, and all are made in the order in which they were added.
    pub fn one_for_all() -> Self {
        Self::new(Strategy::OneForAll)
    }

    /// The child that fell is, and those that were added after it.
    pub fn rest_for_one() -> Self {
        Self::new(Strategy::RestForOne)
    }

    /// At most so many restarts of all children together within this time, by default 3 in 5 seconds; one more and it gives up. A restart
    /// of several counts once.
    pub fn intensity(self, restarts: u32, within: Duration) -> Self {
        Supervisor { intensity: Intensity { restarts, within }, ..self }
    }

    /// Makes it an actor on the current tokio runtime, where its children will run.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[track_caller]
    pub fn spawn(self) -> SupervisorHandle {
        spawn::spawn(Node::new(self, None), Spawn::new())
    }
}

/// What a supervisor hears: from its children, and from its own supervisor. Nobody else can make one.
pub struct SupervisorMessage(Event);

enum Event {
    Add(Box<Seat>),
    Report(ActorId, Report),
    /// From above.
    Down,
    Up(Option<Instant>),
    Over(ExitReason),
}

impl Message for SupervisorMessage {
    type Reply = ();

    fn name(&self) -> &'static str {
        POLICY.name()
    }
}

static POLICY: Policy = Policy::plain("supervise");

impl fmt::Debug for SupervisorMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SupervisorMessage").finish_non_exhaustive()
    }
}

/// Tells a supervisor of a child of its.
pub(crate) fn report(supervisor: &Shared, child: ActorId, report: Report) {
    // If it fails, the supervisor ends, and the child with it.
    let _ = post(supervisor, Event::Report(child, report));
}

/// Puts an event into a supervisor's mailbox, which has room for all.
fn post(supervisor: &Shared, event: Event) -> Result<(), Event> {
    let Some(body) = supervisor.body::<SupervisorMessage>().filter(|_| supervisor.is_open()) else {
        return Err(event);
    };
    let envelope = Envelope::Own { message: SupervisorMessage(event), call: Queued::tell() };
    match body.mailbox.push(envelope, false) {
        Ok(()) => {
            supervisor.bell.ring();
            if supervisor.has_ended() {
                crate::ending::discard(supervisor, body.mailbox.remains());
            }
            Ok(())
        }
        Err(Envelope::Own { message, .. }) => Err(message.0),
        Err(Envelope::Boxed(_)) => Ok(()),
    }
}

/// Reaches a [`Supervisor`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SupervisorHandle(RawHandle);

impl Handle for SupervisorHandle {
    fn raw(&self) -> &RawHandle {
        &self.0
    }

    fn from_raw(raw: RawHandle) -> Self {
        SupervisorHandle(raw)
    }
}

impl ActorHandle for SupervisorHandle {
    type Message = SupervisorMessage;
}

impl fmt::Debug for SupervisorHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_as("SupervisorHandle", f)
    }
}

impl SupervisorHandle {
    /// Adds a child, the last in order, on the supervisor's runtime unless the policy's [`Spawn`] names another. Calls of it queue until it
    /// is made.
    ///
    /// The supervisor keeps no handle of it: a child ends when its last handle goes, as every actor does. If the supervisor has
    /// ended or is asked to, so has the child.
    #[must_use = "a child ends when its last handle goes"]
    pub fn child<A: Actor>(&self, policy: Supervise, make: impl FnMut() -> A + Send + 'static) -> A::Handle {
        let supervisor = self.0.shared();
        let Supervise { kind, intensity, backoff, grace, how } = policy;
        let mut leash = None;
        let child = spawn::leashed(kind, how.or_on(&supervisor.runtime), make, |child| {
            Arc::clone(leash.insert(Leash::new(child.id, Arc::clone(supervisor), grace)))
        });
        if let Some(leash) = leash {
            let unit = Unit::Actor(leash, grace);
            self.add(child.raw().shared(), kind, Judge::new(intensity, backoff), unit, Some(grace));
        }
        child
    }

    /// Adds a supervisor below this one, the last in order. When it gives up it falls, with everybody below; made anew, it makes all its
    /// children anew, which keep their handles and queues, as if nothing had happened: no fall before counts, and no child waits for its own
    /// backoff. The grace times are those of its children.
    #[must_use = "a supervisor ends when its last handle goes"]
    pub fn supervisor(&self, policy: Supervise, below: Supervisor) -> SupervisorHandle {
        let supervisor = self.0.shared();
        let Supervise { kind, intensity, backoff, grace: _, how } = policy;
        let node = Node::new(below, Some(Arc::clone(supervisor)));
        let child = spawn::spawn(node, how.or_on(&supervisor.runtime));
        self.add(child.raw().shared(), kind, Judge::new(intensity, backoff), Unit::Tree, None);
        child
    }

    fn add(&self, child: &Arc<Shared>, kind: Kind, judge: Judge, unit: Unit, grace: Option<Duration>) {
        let supervisor = self.0.shared();
        kin::adopt(supervisor, Child { shared: Arc::clone(child), grace });
        kin::watch(supervisor, child);
        let seat = Seat {
            child: Arc::clone(child),
            kind,
            judge,
            unit,
            state: State::Down,
            stale: false,
            not_before: None,
        };
        // One that ends takes its children along; this one may have come too late for that.
        if post(supervisor, Event::Add(Box::new(seat))).is_err() || supervisor.has_ended() {
            child.stop();
        }
    }
}

/// A child.
struct Seat {
    child: Arc<Shared>,
    kind: Kind,
    judge: Judge,
    unit: Unit,
    state: State,
    /// It is to go down, and up again.
    stale: bool,
    not_before: Option<Instant>,
}

/// How a child gets its orders.
enum Unit {
    Actor(Arc<Leash>, Duration),
    Tree,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Down,
    Starting,
    Up,
    Stopping,
}

impl Seat {
    fn up(&mut self) {
        self.state = State::Starting;
        // Kept, for one that has to go down again before it is up.
        let at = self.not_before;
        match &self.unit {
            Unit::Actor(leash, _) => leash.order(&self.child, Order::Up(at)),
            // If it fails, it has ended, which is told as an exit; so below.
            Unit::Tree => drop(post(&self.child, Event::Up(at))),
        }
    }

    fn down(&mut self) {
        self.state = State::Stopping;
        if self.kind == Kind::Temporary {
            return match self.unit {
                Unit::Actor(_, grace) => self.child.stop_within(grace),
                Unit::Tree => self.child.stop(),
            };
        }
        match &self.unit {
            Unit::Actor(leash, _) => {
                if !leash.down(&self.child) {
                    self.state = State::Down;
                }
            }
            Unit::Tree => drop(post(&self.child, Event::Down)),
        }
    }

    /// It ends for good.
    fn over(&self, reason: ExitReason) {
        match &self.unit {
            Unit::Actor(leash, _) => leash.order(&self.child, Order::Over(reason)),
            Unit::Tree => drop(post(&self.child, Event::Over(reason))),
        }
    }
}

/// The timer of one that waits before it is made anew.
const UP: &str = "up";

/// What a supervisor is about.
enum Mood {
    Running,
    /// All go down, and then it says so above: that it fell for this reason, or that it is down as it was told to.
    Falling(Option<ExitReason>),
    Down,
}

/// The state of a supervisor.
pub(crate) struct Node {
    strategy: Strategy,
    judge: Judge,
    /// In the order that they were added.
    seats: Vec<Seat>,
    mood: Mood,
    above: Option<Arc<Shared>>,
    /// Its own supervisor waits to hear that it runs.
    rises: bool,
}

impl Node {
    fn new(Supervisor { strategy, intensity }: Supervisor, above: Option<Arc<Shared>>) -> Self {
        let mood = if above.is_some() { Mood::Down } else { Mood::Running };
        Node { strategy, judge: Judge::new(intensity, None), seats: Vec::new(), mood, above, rises: false }
    }

    fn hear(&mut self, ctx: &mut Context<Self>, event: Event) {
        match event {
            // One that ended before has been told of already.
            Event::Add(seat) if seat.child.reason().is_some() => {}
            Event::Add(seat) => self.seats.push(*seat),
            Event::Report(child, report) => {
                let Some(place) = self.seats.iter().position(|seat| seat.child.id == child) else { return };
                self.hear_of(ctx, place, report);
            }
            // It was on its way up: above nobody hears of that any more.
            Event::Down if ctx.cancel(UP) => self.report(ctx, Report::Down),
            Event::Down => self.fall(None),
            Event::Up(Some(at)) if at > Instant::now() => {
                let wait = at.duration_since(Instant::now());
                return ctx.after(UP, wait, SupervisorMessage(Event::Up(None)));
            }
            Event::Up(_) => {
                self.judge.forget();
                for seat in &mut self.seats {
                    seat.judge.forget();
                    seat.not_before = None;
                }
                (self.mood, self.rises) = (Mood::Running, true);
            }
            Event::Over(reason) => ctx.inner().ending = Some(Box::new(reason)),
        }
        self.go_on(ctx);
    }

    fn hear_of(&mut self, ctx: &mut Context<Self>, place: usize, report: Report) {
        let is_running = matches!(self.mood, Mood::Running);
        let Some(seat) = self.seats.get_mut(place) else { return };
        match report {
            // One that is to go down does so all the same.
            Report::Up if seat.state == State::Starting => seat.state = State::Up,
            Report::Up => {}
            Report::Down => seat.state = State::Down,
            Report::Fell(reason) if seat.state == State::Stopping || seat.stale || !is_running => {
                seat.state = State::Down;
                if seat.kind == Kind::Temporary {
                    seat.over(reason);
                }
            }
            Report::Fell(reason) => {
                seat.state = State::Down;
                if !seat.kind.wants(&reason) {
                    return seat.over(reason);
                }
                match seat.judge.judge(&reason) {
                    Verdict::Restart(at) => seat.not_before = at,
                    Verdict::Over(reason) => return self.give_up(ctx, reason),
                }
                if let Verdict::Over(reason) = self.judge.judge(&reason) {
                    return self.give_up(ctx, reason);
                }
                let first = match self.strategy {
                    Strategy::OneForOne => self.seats.len(),
                    Strategy::OneForAll => 0,
                    Strategy::RestForOne => place,
                };
                self.seats.iter_mut().skip(first).for_each(|seat| seat.stale = seat.state != State::Down);
            }
        }
    }

    fn give_up(&mut self, ctx: &mut Context<Self>, reason: ExitReason) {
        if self.above.is_some() {
            self.fall(Some(reason));
        } else {
            ctx.inner().ending = Some(Box::new(reason));
        }
    }

    fn fall(&mut self, reason: Option<ExitReason>) {
        match self.mood {
            Mood::Running => self.mood = Mood::Falling(reason),
            // It says so already, and above both mean that it is down.
            Mood::Falling(_) | Mood::Down => {}
        }
        self.rises = false;
        self.seats.iter_mut().for_each(|seat| seat.stale = seat.state != State::Down);
    }

    /// Gives the next order, if it is time for one.
    fn go_on(&mut self, ctx: &mut Context<Self>) {
        if ctx.inner().ending.is_some() {
            return;
        }
        // Down first, the last one first, one at a time.
        loop {
            if self.seats.iter().any(|seat| seat.state == State::Stopping) {
                return;
            }
            let Some(seat) = self.seats.iter_mut().rev().find(|seat| seat.stale) else { break };
            seat.stale = false;
            if matches!(seat.state, State::Up | State::Starting) {
                seat.down();
            }
        }
        match &mut self.mood {
            Mood::Down => {}
            Mood::Falling(reason) => {
                let report = reason.take().map_or(Report::Down, Report::Fell);
                self.mood = Mood::Down;
                self.report(ctx, report);
            }
            Mood::Running => self.start(ctx),
        }
    }

    /// Up, the first one first; one at a time where they belong together.
    fn start(&mut self, ctx: &Context<Self>) {
        for seat in &mut self.seats {
            if seat.state == State::Down {
                seat.up();
            }
            if seat.state == State::Starting && self.strategy != Strategy::OneForOne {
                break;
            }
        }
        if self.rises && self.seats.iter().all(|seat| seat.state == State::Up) {
            self.rises = false;
            self.report(ctx, Report::Up);
        }
    }

    fn report(&self, ctx: &Context<Self>, report: Report) {
        if let Some(above) = &self.above {
            self::report(above, ctx.id(), report);
        }
    }
}

impl Actor for Node {
    type Message = SupervisorMessage;
    type Handle = SupervisorHandle;

    fn config() -> Config {
        Config::new().unbounded().direct(false)
    }

    fn policy(_: &SupervisorMessage) -> &'static Policy {
        &POLICY
    }

    fn handle(&mut self, ctx: &mut Context<Self>, SupervisorMessage(event): SupervisorMessage) -> Option<()> {
        self.hear(ctx, event);
        Some(())
    }

    const ON_EXIT: bool = true;

    async fn on_exit(&mut self, ctx: &mut Context<Self>, exit: Exit) -> Result<(), HookError> {
        self.seats.retain(|seat| seat.child.id != exit.id);
        self.go_on(ctx);
        Ok(())
    }
}
