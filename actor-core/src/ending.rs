//! How an actor ends: one way for all reasons.

use crate::actor::Message;
use crate::engine::Engine;
use crate::exit::ExitReason;
use crate::frame::Frame;
use crate::kin::{self, Child};
use crate::letter::Letter;
use crate::limit::Limit;
use crate::mailbox::Envelope;
use crate::orphans::Orphans;
use crate::outlet::Outlet;
use crate::scope;
use crate::shared::Shared;
use crate::slot::AnyCaller;
use crate::spot::Leaving;
use crate::started::Parts;
use crate::taken::AnyTaken;
use std::task::{Context, Poll, Waker};

/// What is left of an actor when it ends.
#[derive(Default)]
pub(crate) struct Remains {
    pub(crate) engine: Option<Box<dyn Engine>>,
    /// Of the handler that was cut off.
    pub(crate) caller: Option<AnyCaller>,
    /// Calls whose `ReplyTo` went down.
    pub(crate) orphans: Orphans,
}

/// The frame of an actor that runs no message.
#[inline]
pub(crate) fn idle_frame(shared: &Shared) -> Frame {
    Frame { actor: shared.id, policy: None, limit: Limit::Never, runtime: shared.runtime.id(), killed: false }
}

/// An actor that is over but for its children.
pub(crate) struct Over {
    pub(crate) children: Vec<Child>,
    pub(crate) reason: ExitReason,
}

impl Over {
    /// Where nobody is left to wait for the children.
    pub(crate) fn announce_now(self, shared: &Shared) {
        self.children.iter().rev().for_each(|child| child.shared.kill());
        shared.announce(self.reason);
    }
}

/// Drops the state and answers everybody: whoever holds the last of an actor calls this once, and announces the end when the children
/// have ended.
///
/// Callers hear of it after the state has gone, so that what it held (a file, a lock) is free by then; only one that ran the handler
/// itself knows before.
pub(crate) fn end(
    shared: &Shared,
    outlet: &dyn Outlet,
    taken: &mut AnyTaken,
    remains: Remains,
    reason: ExitReason,
) -> Over {
    shared.end();
    let reason = lay_off(shared, remains, reason);
    outlet.clear(shared, taken);
    Over { children: kin::take_children(shared), reason }
}

/// The same for an incarnation that another one follows: what is queued stays.
pub(crate) fn fall(shared: &Shared, remains: Remains, reason: ExitReason) -> Over {
    kin::forget(shared);
    let reason = lay_off(shared, remains, reason);
    shared.fall(&reason);
    Over { children: kin::take_children(shared), reason }
}

/// Drops the state, and then answers those whose calls had started.
fn lay_off(shared: &Shared, remains: Remains, reason: ExitReason) -> ExitReason {
    let Remains { mut engine, caller, mut orphans } = remains;
    shared.traces.falls(&reason);
    let reason = if engine.as_mut().is_some_and(|engine| engine.has_destructor()) {
        let buried = scope::bury(idle_frame(shared), engine);
        orphans.extend(buried.orphans);
        match buried.result {
            // An actor that ended well and whose destructor panics did not end well.
            Err(panicked) if reason.is_normal() => ExitReason::Panicked(panicked),
            _ => reason,
        }
    } else {
        // Nothing of it can panic or holds a reply.
        drop(engine);
        reason
    };
    if let Some(caller) = caller {
        caller.interrupt(&reason);
    }
    orphans.console(&reason);
    reason
}

/// Throws a message away, each on its own, so that a panic in one's destructor keeps no other caller waiting.
#[inline(never)]
pub(crate) fn discard<M: Message>(shared: &Shared, envelope: Envelope<M>) {
    match envelope {
        Envelope::Own { message, call } => {
            drop(call);
            throw_away(shared, message);
        }
        Envelope::Boxed(letter) => discard_letter(shared, letter),
    }
}

fn discard_letter(shared: &Shared, mut letter: Box<dyn Letter>) {
    letter.refuse();
    throw_away(shared, letter);
}

/// Drops a message that does not run. A panic in its destructor is nobody's.
#[cold]
#[inline(never)]
pub(crate) fn throw_away<M>(shared: &Shared, message: M) {
    // A reply in a message dies here, not with its actor: nobody adopts it.
    let _ = scope::drop_within(idle_frame(shared), message);
}

/// Ends an actor whose task is gone.
pub(crate) fn abandon(shared: &Shared, outlet: &dyn Outlet, taken: &mut AnyTaken, left: Leaving) {
    outlet.spot().close();
    let (remains, reason) = match left {
        Leaving::Engine(engine) => {
            (Remains { engine: Some(engine), ..Remains::default() }, ExitReason::Killed)
        }
        Leaving::Started(mut started) => {
            // Cut off as by a kill rather than dropped whole: two destructors that panic, the handler's and the state's, are one too many
            // for one unwinding.
            shared.kill();
            let cut = started.poll(shared, &mut Context::from_waker(Waker::noop()), None);
            let Parts { running, caller, mut orphans, .. } = started.into_parts();
            orphans.extend(scope::bury(idle_frame(shared), running).orphans);
            let engine = match cut {
                Poll::Ready(finished) => finished.engine,
                Poll::Pending => None,
            };
            (Remains { engine, caller, orphans }, ExitReason::Killed)
        }
        Leaving::Nothing => (Remains::default(), ExitReason::Killed),
        Leaving::Broken(engine, panicked, orphans) => {
            (Remains { engine, orphans, ..Remains::default() }, ExitReason::Panicked(panicked))
        }
    };
    end(shared, outlet, taken, remains, reason).announce_now(shared);
}
