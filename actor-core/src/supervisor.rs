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

mod node;
mod seat;
mod seats;

use crate::actor::{Actor, Message};
use crate::exit::ExitReason;
use crate::handle::{ActorHandle, Handle};
use crate::id::ActorId;
use crate::keeper::{Leash, Report};
use crate::kin::{self, Child};
use crate::mailbox::Envelope;
use crate::policy::Policy;
use crate::raw_handle::RawHandle;
use crate::shared::Shared;
use crate::slot::Queued;
use crate::spawn::{self, Spawn};
use crate::supervise::{Intensity, Judge, Kind, Supervise};
use node::Node;
use seat::{Seat, Unit};
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
                supervisor.inlet().discard(supervisor);
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
        let seat = Seat { child: Arc::clone(child), kind, judge, unit, not_before: None };
        // One that ends takes its children along; this one may have come too late for that.
        if post(supervisor, Event::Add(Box::new(seat))).is_err() || supervisor.has_ended() {
            child.stop();
        }
    }
}
