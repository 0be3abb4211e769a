//! A handler that waits, or may: with its caller, its deadline, and what became of replies that went down with it.

use crate::ending::idle_frame;
use crate::engine::{At, Finished, Outcome, Running};
use crate::exit::ExitReason;
use crate::frame::{self, Frame};
use crate::limit::Limit;
use crate::orphans::Orphans;
use crate::policy::Policy;
use crate::queue::put;
use crate::scope;
use crate::shared::Shared;
use crate::slot::AnyCaller;
use crate::waits::{self, Run};
use crate::watchdog::Watchdog;
use std::any::Any;
use std::mem;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Instant;

/// A handler that waits, and for whom.
pub(crate) struct Started {
    running: Running,
    caller: Option<AnyCaller>,
    purpose: Purpose,
    message: Option<&'static Policy>,
    limit: Limit,
    orphans: Orphans,
    /// How long its first poll took, for one that is known to take long.
    first: First,
    /// Whether it has been polled.
    has_begun: bool,
    run: Run,
    watchdog: Watchdog,
}

enum First {
    Unwatched,
    ToBeTimed,
    Took(Duration),
}

pub(crate) enum Purpose {
    Start,
    Message,
    /// Several messages, each in a frame of its own.
    Readers,
    /// Somebody that it watches has ended.
    Exit,
    Stop(ExitReason),
}

impl Started {
    #[inline]
    pub(crate) fn message(
        running: Running,
        policy: &'static Policy,
        limit: Limit,
        caller: Option<AnyCaller>,
    ) -> Self {
        Started {
            running,
            caller,
            purpose: Purpose::Message,
            message: Some(policy),
            limit,
            orphans: Orphans::default(),
            first: First::Unwatched,
            has_begun: false,
            run: Run::default(),
            watchdog: Watchdog::new(),
        }
    }

    pub(crate) fn hook(running: Running, purpose: Purpose) -> Self {
        Started {
            running,
            caller: None,
            purpose,
            message: None,
            limit: Limit::Never,
            orphans: Orphans::default(),
            first: First::Unwatched,
            has_begun: false,
            run: Run::default(),
            watchdog: Watchdog::new(),
        }
    }

    /// Times its first poll.
    pub(crate) fn timed(mut self) -> Self {
        self.first = First::ToBeTimed;
        self
    }

    /// The caller that a direct call has from the moment it is handed over, its deadline, and how long its first poll took if that
    /// was timed.
    pub(crate) fn hand_over(
        &mut self,
        shared: &Shared,
        caller: AnyCaller,
        limit: Limit,
        took: Option<Duration>,
    ) {
        waits::handed_over(shared, &self.run, &caller);
        self.caller = Some(caller);
        self.limit = limit;
        self.first = took.map_or(First::Unwatched, First::Took);
    }

    /// The caller that the handler has made itself, to watch for its leaving, before the call was handed over.
    pub(crate) fn take_caller(&mut self) -> Option<AnyCaller> {
        self.caller.take()
    }

    /// The limit of its frame, as it stands now.
    pub(crate) fn limit(&self) -> Limit {
        self.limit
    }

    /// Polls it; a caller who runs one of the actor's own messages has a place for its `reply`.
    pub(crate) fn poll(
        &mut self,
        shared: &Shared,
        cx: &mut Context<'_>,
        reply: Option<&mut (dyn Any + 'static)>,
    ) -> Poll<Finished> {
        let frame = Frame {
            policy: self.message,
            limit: self.limit,
            killed: shared.cuts_off(),
            ..idle_frame(shared)
        };
        if !mem::replace(&mut self.has_begun, true) && frame.killed {
            self.never_begins(shared);
        }
        let began = matches!(self.first, First::ToBeTimed).then(Instant::now);
        self.run.resume(shared);
        let (run, running) = (&mut self.run, &mut self.running);
        let at = At { shared, policy: self.message, reply };
        // Put where they stay: what a caught call returns is moved from hand to hand.
        let (mut poll, mut limit) = (None, self.limit);
        let ran = scope::enter(frame, self.caller.take(), || {
            put(&mut poll, Some(run.watch(|| running.as_mut().poll(cx, at))));
            limit = frame::limit();
        });
        if let Some(began) = began {
            self.first = First::Took(began.elapsed());
        }
        self.caller = ran.caller;
        self.orphans.extend(ran.orphans);
        self.limit = limit;
        let pends = matches!(poll, Some(Poll::Pending));
        let name = self.name();
        self.run.pause(shared, name, self.caller.as_ref(), pends);
        if pends && !matches!(self.purpose, Purpose::Readers) {
            self.watchdog.pends(shared, name, &self.run, 0, cx);
        }
        match (ran.result, poll) {
            (Ok(()), Some(poll)) => poll,
            (Ok(()), None) => Poll::Pending,
            // A handler's own panic is caught inside; this is one of a destructor on the way out.
            (Err(panicked), _) => {
                Poll::Ready(Finished { engine: None, outcome: Outcome::Panicked(panicked) })
            }
        }
    }

    /// A kill came between its start and this poll, which only cuts it off: its caller may know for certain that nothing of it ran.
    #[cold]
    fn never_begins(&self, shared: &Shared) {
        if let Some(caller) = self.caller.as_ref().filter(|_| shared.is_killed()) {
            caller.never_began();
        }
    }

    /// What it is called where a deadlock is told; what holds readers together is no step of it.
    pub(crate) fn name(&self) -> &'static str {
        match (self.message, &self.purpose) {
            (Some(policy), _) => policy.name,
            (None, Purpose::Start) => "on_start",
            (None, Purpose::Exit) => "on_exit",
            (None, Purpose::Readers) => "",
            (None, Purpose::Message | Purpose::Stop(_)) => "on_stop",
        }
    }

    /// When it does not go on.
    pub(crate) fn into_parts(self) -> Parts {
        let Started { running, caller, purpose, message, orphans, first, .. } = self;
        let took = match first {
            First::Took(took) => Some(took),
            First::Unwatched | First::ToBeTimed => None,
        };
        Parts { running, caller, purpose, message, orphans, took }
    }
}

/// A handler that does not go on.
pub(crate) struct Parts {
    pub(crate) running: Running,
    pub(crate) caller: Option<AnyCaller>,
    pub(crate) purpose: Purpose,
    pub(crate) message: Option<&'static Policy>,
    pub(crate) orphans: Orphans,
    /// How long its first poll took, if that was timed.
    pub(crate) took: Option<Duration>,
}
