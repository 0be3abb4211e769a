//! How an actor ends: one way for all reasons.

use crate::actor::Message;
use crate::engine::Engine;
use crate::exit::ExitReason;
use crate::limit::Limit;
use crate::mailbox::Envelope;
use crate::scope::{self, Frame};
use crate::shared::{Body, Shared};
use crate::slot::AnyCaller;
use crate::spot::Leaving;
use crate::started::{Parts, Started};
use std::collections::VecDeque;

/// What is left of an actor when it ends.
pub(crate) struct Remains<M: Message> {
    pub(crate) engine: Option<Box<dyn Engine<M>>>,
    pub(crate) started: Option<Started<M>>,
    /// Of the handler that was cut off.
    pub(crate) caller: Option<AnyCaller>,
    /// Calls whose `ReplyTo` went down.
    pub(crate) orphans: Vec<AnyCaller>,
    /// Taken out of the mailbox and not begun.
    pub(crate) batch: VecDeque<Envelope<M>>,
}

impl<M: Message> Default for Remains<M> {
    fn default() -> Self {
        Remains { engine: None, started: None, caller: None, orphans: Vec::new(), batch: VecDeque::new() }
    }
}

/// The frame of an actor that runs no message.
#[inline]
pub(crate) fn idle_frame(shared: &Shared) -> Frame {
    Frame {
        actor: shared.id,
        message: None,
        limit: Limit::Never,
        runtime: shared.runtime.id(),
        killed: false,
    }
}

/// Drops the state, answers everybody, and says why: whoever holds the last of an actor calls this once.
///
/// Callers hear of it after the state has gone, so that what it held (a file, a lock) is free by then.
pub(crate) fn end<M: Message>(shared: &Shared, body: &Body<M>, remains: Remains<M>, reason: ExitReason) {
    let Remains { engine, started, caller, mut orphans, batch } = remains;
    shared.end();
    body.mailbox.close_line();
    let (running, caller) = match started {
        Some(started) => {
            let Parts { running, caller, orphans: more, .. } = started.into_parts();
            orphans.extend(more);
            (Some(running), caller)
        }
        None => (None, caller),
    };
    let buried = scope::bury(idle_frame(shared), (running, engine));
    orphans.extend(buried.orphans);
    let reason = match buried.result {
        // An actor that ended well and whose destructor panics did not end well.
        Err(panicked) if reason.is_normal() => ExitReason::Panicked(panicked),
        _ => reason,
    };
    if let Some(caller) = caller {
        caller.interrupt(&reason);
    }
    scope::console(orphans, &reason);
    discard(shared, batch);
    discard(shared, body.mailbox.remains());
    shared.announce(reason);
}

/// Throws messages away, each on its own, so that a panic in one's destructor keeps no other caller waiting.
pub(crate) fn discard<M: Message>(shared: &Shared, envelopes: impl IntoIterator<Item = Envelope<M>>) {
    for Envelope { message, call } in envelopes {
        drop(call);
        throw_away(shared, message);
    }
}

/// Drops a message that does not run. A panic in its destructor is nobody's.
pub(crate) fn throw_away<M: Message>(shared: &Shared, message: M) {
    // A reply in a message dies here, not with its actor: nobody adopts it.
    let _ = scope::enter(idle_frame(shared), None, || drop(message));
}

/// Ends an actor whose task is gone.
pub(crate) fn abandon<M: Message>(
    shared: &Shared,
    body: &Body<M>,
    left: Leaving<M>,
    batch: impl IntoIterator<Item = Envelope<M>>,
) {
    body.spot.close();
    let batch = batch.into_iter().collect();
    let (remains, reason) = match left {
        Leaving::Engine(engine) => {
            (Remains { engine: Some(engine), ..Remains::default() }, ExitReason::Killed)
        }
        Leaving::Started(started) => {
            (Remains { started: Some(started), ..Remains::default() }, ExitReason::Killed)
        }
        Leaving::Broken(engine, panicked, orphans) => {
            (Remains { engine, orphans, ..Remains::default() }, ExitReason::Panicked(panicked))
        }
    };
    end(shared, body, Remains { batch, ..remains }, reason);
}
