//! What all handles of an actor and its task share.
//!
//! [`Shared`] is the same type for all actors, so that a handle is one pointer and knows nothing of its actor but the name of its type;
//! [`Body`] is the part that depends on the messages. Nothing in either depends on the actor's state.

use crate::actor::Message;
use crate::bell::Bell;
use crate::choice;
use crate::engine::Desk;
use crate::exit::ExitReason;
use crate::id::ActorId;
use crate::kin::{self, Kin};
use crate::mailbox::Mailbox;
use crate::policy::Policy;
use crate::port::Inlet;
use crate::spawn::Said;
use crate::spot::Spot;
use crate::stopped::End;
use crate::sync::{AtomicU8, AtomicUsize, Mutex, OnceLock, Ordering};
use crate::traces::Traces;
use crate::transport::Receipts;
use crate::waits::Waiting;
use crate::watchdog::Patience;
use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;
use tokio::runtime;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Asked to stop: what is queued is handled, nothing new is taken.
const STOP: u8 = 1;
/// To be cut off at the next await.
const KILL: u8 = 2;
/// Over: whoever still puts something into the mailbox must take it out again.
const ENDED: u8 = 4;
/// Somebody that it watches has ended.
const EXITS: u8 = 8;
/// Its supervisor wants it down, to be made anew later: what is queued waits.
const DOWN: u8 = 16;
/// It took too long about that.
const CUT: u8 = 32;
/// It has a limit for ending in order.
const GRACE: u8 = 64;

/// In this order: what each message looks at comes first and lies side by side, so that many actors find room in a cache.
#[repr(C)]
pub(crate) struct Shared {
    control: AtomicU8,
    pub(crate) said: Said,
    pub(crate) bell: Bell,
    body: Box<dyn Inlet>,
    pub(crate) id: ActorId,
    pub(crate) runtime: runtime::Handle,
    /// Of those that keep it alive: not the task's, not a context's, not weak ones.
    handles: AtomicUsize,
    /// Callers for whom a kept `ReplyTo` keeps it alive.
    kept: AtomicUsize,
    pub(crate) waits: Waiting,
    pub(crate) end: Mutex<End>,
    pub(crate) name: Option<Arc<str>>,
    /// Few actors have any.
    kin: OnceLock<Box<Mutex<Kin>>>,
    pub(crate) traces: Traces,
    pub(crate) patience: Patience,
}

/// The part that depends on the messages. In this order, as above.
#[repr(C)]
pub(crate) struct Body<M: Message> {
    pub(crate) direct: bool,
    /// Whether some message may be urgent.
    pub(crate) urgent: bool,
    /// Whether it is a mock, to which no other messages find their way.
    pub(crate) mock: bool,
    pub(crate) spot: Spot,
    pub(crate) mailbox: Mailbox<M>,
    pub(crate) desk: &'static Desk<M>,
    pub(crate) policy: fn(&M) -> &'static Policy,
    pub(crate) timeout: Option<fn() -> Duration>,
    /// Of a proxy: how those tells reach it that want a receipt.
    pub(crate) receipts: Option<&'static Receipts<M>>,
    /// But to others that it is, too.
    #[cfg(feature = "test")]
    pub(crate) also: crate::test::also::Also,
}

impl<M: Message> Body<M> {
    #[inline]
    pub(crate) fn is_urgent(&self, message: &M) -> bool {
        self.urgent && (self.policy)(message).urgent
    }
}

impl Shared {
    /// With one handle.
    pub(crate) fn new(
        name: Option<Arc<str>>,
        runtime: runtime::Handle,
        said: Said,
        asleep: bool,
        patience: Patience,
        body: Box<dyn Inlet>,
    ) -> Arc<Self> {
        let traces = Traces::new(&runtime);
        let shared = Arc::new(Shared {
            id: ActorId::next(),
            name,
            runtime,
            bell: Bell::new(asleep),
            control: AtomicU8::new(0),
            said,
            handles: AtomicUsize::new(1),
            kept: AtomicUsize::new(0),
            end: Mutex::new(End::default()),
            kin: OnceLock::new(),
            waits: Waiting::new(),
            traces,
            patience,
            body,
        });
        Traces::introduce(&shared);
        shared
    }

    /// The part that depends on the messages. A handle's type and its actor's messages go together, so it is there; `None` is
    /// answered as an actor that is not running.
    #[inline]
    pub(crate) fn body<M: Message>(&self) -> Option<&Body<M>> {
        let body: &dyn Any = &*self.body;
        body.downcast_ref()
    }

    /// The same, as whoever does not know the messages sees it.
    pub(crate) fn inlet(&self) -> &dyn Inlet {
        &*self.body
    }

    /// Its name, or one made of its kind and number.
    pub(crate) fn label(&self) -> Arc<str> {
        match &self.name {
            Some(name) => Arc::clone(name),
            None => format!("{}{}", self.body.kind(), self.id).into(),
        }
    }

    /// Where its task is reached from now on. What was put down before is seen by it, or knocks after.
    #[inline]
    pub(crate) fn answer_with(&self, waker: &Waker) {
        if self.bell.answer_with(waker) {
            // Each that was changed before is read anew below; whoever changes one after these finds the waker.
            self.handles.fetch_add(0, Ordering::AcqRel);
            self.kept.fetch_add(0, Ordering::AcqRel);
            self.control.fetch_or(0, Ordering::AcqRel);
        }
    }

    // ---- who keeps it alive -----------------------------------------------------------------------------------------------

    pub(crate) fn add_handle(&self) {
        self.handles.fetch_add(1, Ordering::Relaxed);
    }

    /// One more handle, unless the last has gone.
    pub(crate) fn try_add_handle(&self) -> bool {
        let more = |count: usize| (count > 0).then(|| count + 1);
        self.handles.fetch_update(Ordering::AcqRel, Ordering::Relaxed, more).is_ok()
    }

    pub(crate) fn drop_handle(&self) {
        if self.handles.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.bell.knock();
        }
    }

    pub(crate) fn keep(&self) {
        self.kept.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn release(&self) {
        // Not a load: either the last handle is seen to be gone, or whoever drops it sees that this caller is.
        if self.kept.fetch_sub(1, Ordering::AcqRel) == 1 && self.handles.fetch_add(0, Ordering::AcqRel) == 0 {
            self.bell.knock();
        }
    }

    /// Whether nobody can send anything any more and nobody waits for a kept reply.
    pub(crate) fn is_deserted(&self) -> bool {
        self.handles.load(Ordering::Acquire) == 0 && self.kept.load(Ordering::Acquire) == 0
    }

    // ---- ending -----------------------------------------------------------------------------------------------------------

    pub(crate) fn stop(&self) {
        if self.control.fetch_or(STOP, Ordering::AcqRel) & STOP == 0 {
            choice::told(self, "stop");
            self.body.close_line();
            self.bell.knock();
        }
    }

    pub(crate) fn kill(&self) {
        if self.control.fetch_or(STOP | KILL, Ordering::AcqRel) & KILL == 0 {
            choice::told(self, "kill");
            self.body.close_line();
            self.bell.knock();
        }
    }

    pub(crate) fn stop_within(&self, grace: Duration) {
        // A time beyond the clock's range is no limit.
        if let Some(until) = Instant::now().checked_add(grace) {
            let mut end = self.end.lock();
            let known = &mut end.rare().grace;
            *known = Some(known.map_or(until, |known| known.min(until)));
            self.control.fetch_or(GRACE, Ordering::AcqRel);
        }
        self.stop();
        // It may have been asked to stop before, without this limit.
        self.bell.knock();
    }

    pub(crate) fn grace(&self) -> Option<Instant> {
        if self.control.load(Ordering::Acquire) & GRACE == 0 {
            return None;
        }
        self.end.lock().rare.as_ref()?.grace
    }

    /// Whether messages are taken.
    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        self.control.load(Ordering::Acquire) & (STOP | KILL | ENDED) == 0
    }

    /// Whether there is nothing but messages to be looked at.
    #[inline]
    pub(crate) fn is_at_peace(&self) -> bool {
        self.control.load(Ordering::Acquire) == 0
    }

    /// Whether something is to be done before the next message.
    #[inline]
    pub(crate) fn is_called_away(&self) -> bool {
        let control = self.control.load(Ordering::Acquire);
        // Most often there is nothing; one that ends need not go down.
        control != 0 && (control & (KILL | EXITS) != 0 || control & (DOWN | STOP) == DOWN)
    }

    /// Under the lock of `kin`, as is the next.
    pub(crate) fn exit_told(&self) {
        self.control.fetch_or(EXITS, Ordering::AcqRel);
    }

    pub(crate) fn exits_handled(&self) {
        self.control.fetch_and(!EXITS, Ordering::AcqRel);
    }

    #[inline]
    pub(crate) fn is_stopping(&self) -> bool {
        self.control.load(Ordering::Acquire) & STOP != 0
    }

    #[inline]
    pub(crate) fn is_killed(&self) -> bool {
        self.control.load(Ordering::Acquire) & KILL != 0
    }

    /// Whether a handler that waits is to be cut off.
    #[inline]
    pub(crate) fn cuts_off(&self) -> bool {
        self.control.load(Ordering::Acquire) & (KILL | CUT) != 0
    }

    #[inline]
    pub(crate) fn is_to_go_down(&self) -> bool {
        self.control.load(Ordering::Acquire) & (DOWN | STOP) == DOWN
    }

    /// Whether it was to go down when it was killed.
    pub(crate) fn is_killed_when_down(&self) -> bool {
        self.control.load(Ordering::Acquire) & (DOWN | KILL) == DOWN | KILL
    }

    pub(crate) fn go_down(&self) {
        self.control.fetch_or(DOWN, Ordering::AcqRel);
    }

    pub(crate) fn cut(&self) {
        self.control.fetch_or(CUT, Ordering::AcqRel);
    }

    pub(crate) fn come_up(&self) {
        self.control.fetch_and(!(DOWN | CUT), Ordering::AcqRel);
    }

    #[inline]
    pub(crate) fn has_ended(&self) -> bool {
        self.control.load(Ordering::Acquire) & ENDED != 0
    }

    /// From now on whoever puts something into the mailbox takes it out again, and nobody waits for room in it.
    pub(crate) fn end(&self) {
        // Whoever stopped or killed it has closed the line, or is about to.
        if self.control.fetch_or(STOP | ENDED, Ordering::AcqRel) & (STOP | KILL) == 0 {
            self.body.close_line();
        }
    }

    /// Tells everybody who waits why it ended: the last thing that happens to an actor.
    pub(crate) fn announce(&self, reason: ExitReason) {
        choice::ended(self, &reason, true);
        let mut end = self.end.lock();
        end.reason.get_or_insert_with(|| reason.clone());
        // Looked for only now: who begins to watch it from here on finds the reason.
        if self.kin.get().is_some() {
            drop(end);
            kin::announce(self, &reason);
            end = self.end.lock();
        }
        let waiting = end.announce();
        drop(end);
        waiting.wake();
    }

    /// It is to be made anew: whatever belongs to this incarnation alone learns of it.
    pub(crate) fn fall(&self, reason: &ExitReason) {
        choice::ended(self, reason, false);
        let waiting = self.end.lock().fall(reason);
        waiting.wake();
    }

    /// Why it ended, if it has.
    pub(crate) fn reason(&self) -> Option<ExitReason> {
        self.end.lock().reason.clone()
    }

    pub(crate) fn with_kin<T>(&self, look: impl FnOnce(&mut Kin) -> T) -> T {
        look(&mut self.kin.get_or_init(Box::default).lock())
    }

    /// The same, if it has any.
    pub(crate) fn if_kin<T>(&self, look: impl FnOnce(&mut Kin) -> T) -> Option<T> {
        self.kin.get().map(|kin| look(&mut kin.lock()))
    }

    pub(crate) fn is_running(&self) -> bool {
        !self.end.lock().announced
    }

    /// Tells `asked` once somebody wants to know of the end: whoever is elsewhere need not be watched before.
    pub(crate) fn when_asked_after(&self, asked: Arc<Notify>) {
        self.end.lock().rare().asked_after = Some(asked);
    }

    /// Somebody wants to know of the end.
    pub(crate) fn ask_after(&self) {
        if !self.body.is_proxy() {
            return;
        }
        let asked = self.end.lock().rare.as_mut().and_then(|rare| rare.asked_after.take());
        if let Some(asked) = asked {
            asked.notify_one();
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}
