//! The engine of one type of actor: its state and its context.

mod next;

use crate::actor::Actor;
use crate::actor::Message;
use crate::attend::{attend, returned};
use crate::bare::Joint;
use crate::choice;
use crate::context::{Context, Inner};
use crate::direct;
use crate::ending;
use crate::engine::{Begun, Broken, Desk, Engine, Finished, Hook, Outcome, Replied, Row, Running, Start};
use crate::frame;
use crate::inbox::Inbox;
use crate::letter::{self, Anyone};
use crate::mailbox::Envelope;
use crate::parked::{self};
use crate::policy::Mode;
use crate::queue::put;
use crate::readers::{Left, Opening, Phase, Readers};
use crate::route::HandledBy;
use crate::scope;
use crate::shared::Shared;
use crate::slot::{self, Queued, Slot};
use crate::stint::Stint;
use crate::taken::AnyTaken;
use crate::traces::Underway;
use next::Others;
use std::any::Any;
use std::mem;
use std::pin::pin;
use std::sync::Arc;
use tokio::time::Instant;

/// The state of an actor and its context.
pub(crate) struct Cell<A: Actor> {
    state: A,
    context: Context<A>,
}

impl<A: Actor> Cell<A> {
    pub(crate) fn new(state: A, shared: Arc<Shared>) -> Self {
        Cell { state, context: Context::new(shared) }
    }
}

/// An engine that is another actor's.
type Stranger = Option<Box<dyn Engine>>;

impl<A: Actor> Cell<A> {
    /// The engine, if it is one of this type of actor.
    pub(crate) fn of(engine: Box<dyn Engine>) -> Result<Box<Self>, Stranger> {
        let this: &dyn Any = &*engine;
        if !this.is::<Self>() {
            return Err(Some(engine));
        }
        let this: Box<dyn Any> = engine;
        this.downcast().map_err(|_| None)
    }

    /// State and context of an engine, if it is one of this type of actor.
    pub(crate) fn known(engine: &mut dyn Engine) -> Option<(&mut A, &mut Context<A>)> {
        let this: &mut dyn Any = engine;
        this.downcast_mut().map(|Cell { state, context }| (state, context))
    }

    /// Starts a message of others that may wait, or is the last. It answers its caller itself.
    pub(crate) fn foreign<P: HandledBy<A>>(mut self: Box<Self>, message: P) -> Running {
        if message.policy().mode == Mode::Last {
            return Box::pin(async move {
                let Cell { state, mut context } = *self;
                let underway = Underway::new(context.shared(), message.policy());
                let handler = pin!(Some(async {
                    letter::answer::<P>(underway, message.handle_last(state, &mut context).await)
                }));
                let outcome = returned(attend(handler).await, |()| Outcome::Answered);
                Finished { engine: None, outcome }
            });
        }
        Box::pin(async move {
            let outcome = {
                let Cell { state, context } = &mut *self;
                let underway = Underway::new(context.shared(), message.policy());
                let handler = pin!(Some(async {
                    letter::answer::<P>(underway, message.handle_exclusive(state, context).await)
                }));
                returned(attend(handler).await, |()| Outcome::Answered)
            };
            Finished { engine: Some(self), outcome }
        })
    }

    /// Lets `first` read and others join it: in the actor's own way if it has one, else in that of `first`, which brings it along.
    pub(crate) fn read(
        mut self: Box<Self>,
        first: Envelope<A::Message>,
        opening: Opening,
        phase: Option<Phase<A>>,
    ) -> Running {
        let policy = Self::policy(&first);
        Box::pin(async move {
            let Cell { state, context } = &mut *self;
            let common = context.inner().lend_common();
            let mut left = Left::default();
            let shared = Arc::clone(context.shared());
            let readers = Readers::new(shared, (first, opening), Arc::clone(&common), &mut left);
            let read = match phase.filter(|_| !A::READS) {
                None => attend(pin!(Some(state.handle_concurrent(readers)))).await,
                Some(phase) => attend(pin!(Some(phase(state, readers)))).await,
            };
            let outcome = returned(read, |()| Outcome::Hook(Ok(())));
            let inner = context.inner();
            inner.take_common_back(&common);
            inner.ending = left.ending.map(Box::new);
            if let Some(took) = left.took {
                inner.pace.note(policy, took);
            }
            Finished { engine: Some(self), outcome }
        })
    }
}

impl<A: Actor> Cell<A> {
    /// How it is reached by one who knows its messages alone.
    pub(crate) const DESK: &Desk<A::Message> = &Desk {
        verdict: |engine, shared, message| match Self::known(engine) {
            Some((state, _)) => parked::ask(shared, A::policy(message), &|| state.guard(message)),
            None => Ok(true),
        },
        plain: |engine, message| {
            let (state, context) = Self::known(engine)?;
            state.handle(context, message)
        },
        exclusive: |engine, message| {
            let engine: Box<dyn Any> = engine;
            match engine.downcast::<Self>() {
                Ok(cell) => cell.exclusive(message),
                // No handle leads to an actor of another type.
                Err(_) => Box::pin(async { Finished { engine: None, outcome: Outcome::Killed } }),
            }
        },
        // Known when it is compiled, so that an actor without such messages has no code for them.
        read: if A::READS {
            Some(|way, message, (engine, opening), waker| {
                let start = |call| match Self::of(engine) {
                    Ok(cell) => cell.read(Envelope::Own { message, call }, opening, None),
                    Err(engine) => Box::pin(async { Finished { engine, outcome: Outcome::Hook(Ok(())) } }),
                };
                direct::reading(way, start, waker)
            })
        } else {
            None
        },
    };

    fn exclusive(mut self: Box<Self>, message: A::Message) -> Running {
        Box::pin(async move {
            let result = {
                let Cell { state, context } = &mut *self;
                let handler = pin!(Some(async { state.handle_exclusive(context, message).await }));
                attend(handler).await
            };
            Replied::<A::Message> { engine: Some(self), result }
        })
    }

    fn last(self: Box<Self>, message: A::Message) -> Running {
        Box::pin(async move {
            let Cell { state, mut context } = *self;
            let handler = pin!(Some(async { state.handle_last(&mut context, message).await }));
            Replied::<A::Message> { engine: None, result: attend(handler).await }
        })
    }

    /// Runs messages in a row.
    #[inline(always)]
    fn run(
        &mut self,
        shared: &Shared,
        inbox: &mut Inbox<'_, A::Message>,
        stint: &mut Stint,
    ) -> Result<Row, Box<Broken>> {
        // Timers come first, but those of one round only.
        let round = self.context.inner().common.alarms.as_mut().map(|alarms| alarms.round());
        while stint.goes_on() && self.context.inner().ending.is_none() && !shared.is_called_away() {
            // It lies here until it begins: what is moved from hand to hand costs more than what is looked at.
            let (mut next, mut others) = (None, Others::None);
            if self.has_others(inbox) {
                others = self.take_before(shared, inbox, round, &mut next)?;
            }
            if others != Others::Passed {
                Self::take(shared, inbox, &mut next);
                if next.is_none() && others == Others::Later {
                    others = self.take_after(shared, inbox, &mut next)?;
                }
            }
            let policy = match &next {
                Some(envelope) => Self::policy(envelope),
                None if shared.is_called_away() => return Ok(Row::LookUp),
                None => return Ok(Row::Empty),
            };
            stint.count();
            if policy.guarded && others != Others::Passed {
                match self.hold_back(shared, inbox, policy, &mut next) {
                    Err(broken) => return Err(broken),
                    Ok(()) if next.is_none() => continue,
                    Ok(()) => {}
                }
            }
            let (message, call) = match next {
                Some(Envelope::Own { message, call }) if policy.mode == Mode::Plain => (message, call),
                Some(Envelope::Boxed(letter)) if policy.mode == Mode::Plain => {
                    letter::run(shared, letter, self);
                    self.context.inner().stirred = true;
                    continue;
                }
                Some(other) => {
                    inbox.keep_next(other);
                    return Ok(Row::Other);
                }
                None => continue,
            };
            let Some(slot) = call.begin(policy.name, &shared.traces) else {
                ending::throw_away(shared, message);
                continue;
            };
            let limit = slot::limit(&slot);
            choice::handles_plain(shared, policy.name);
            // Moved there and back rather than cloned: it costs no atomics, and after a panic it is still there to be told.
            frame::next_message(Some(policy), limit);
            let is_call = slot.is_some();
            if let Some(slot) = slot {
                scope::set_caller(slot.untyped());
            }
            let watch = self.context.inner().pace.is_slow(policy).then(Instant::now);
            let reply = self.state.handle(&mut self.context, message);
            shared.traces.ends::<A::Message>(policy.name, reply.as_ref(), is_call);
            if let Some(began) = watch {
                self.context.inner().pace.note(policy, began.elapsed());
            }
            if is_call && let Some(slot) = scope::take_caller().and_then(Joint::downcast::<Slot<_>>) {
                drop(slot.finish_here(reply));
            }
            self.context.inner().stirred = true;
            // Most often it was the only one. In this order: whatever else is to be looked at and was there before somebody rang is seen.
            if inbox.dozes() && !self.has_others(inbox) && inbox.sleeps_on() {
                let is_free = self.context.inner().ending.is_none() && !shared.is_called_away();
                return Ok(if is_free { Row::Empty } else { Row::LookUp });
            }
        }
        Ok(Row::LookUp)
    }

    /// Starts the message at which a row ended.
    fn begin(self: Box<Self>, shared: &Shared, envelope: Envelope<A::Message>) -> Begun {
        match envelope {
            Envelope::Own { message, call } => self.begin_own(shared, message, call),
            Envelope::Boxed(letter) => letter::begin(shared, letter, self),
        }
    }

    fn begin_own(
        mut self: Box<Self>,
        shared: &Shared,
        message: A::Message,
        call: Queued<<A::Message as Message>::Reply>,
    ) -> Begun {
        let policy = A::policy(&message);
        // Known when it is compiled, so that an actor without such messages has no code for them.
        if const { A::READS } && policy.mode == Mode::Concurrent {
            let opening = Opening { is_alone: false, is_timed: self.context.inner().pace.is_slow(policy) };
            return Begun::Readers(self.read(Envelope::Own { message, call }, opening, None));
        }
        let Some(slot) = call.begin(policy.name, &shared.traces) else {
            ending::throw_away(shared, message);
            return Begun::Not(self);
        };
        let limit = slot::limit(&slot);
        let slow = self.context.inner().pace.is_slow(policy);
        let running = match policy.mode {
            Mode::Last if const { A::LAST } => self.last(message),
            Mode::Plain | Mode::Exclusive | Mode::Concurrent | Mode::Last => self.exclusive(message),
        };
        let caller = slot::untyped(slot);
        Begun::Message(Start { running, policy, limit, caller, slow })
    }
}

impl<A: Actor> Engine for Cell<A> {
    fn context(&mut self) -> &mut Inner {
        self.context.inner()
    }

    fn parts(&mut self) -> (&mut Anyone, &mut Anyone) {
        (&mut self.state, &mut self.context)
    }

    fn has_destructor(&mut self) -> bool {
        mem::needs_drop::<A>() || self.context.inner().is_used()
    }

    fn row(&mut self, shared: &Shared, taken: &mut AnyTaken, stint: &mut Stint) -> Row {
        let Some(body) = shared.body::<A::Message>() else { return Row::Empty };
        if body.mailbox.rhythm().begins() && !taken.is_made() && self.sleeps_on(shared, body, stint) {
            return Row::Empty;
        }
        match self.run(shared, &mut Inbox::new(&body.mailbox, &shared.bell, taken), stint) {
            Ok(row) => row,
            Err(broken) => {
                taken.broken = Some(broken);
                Row::Broken
            }
        }
    }

    fn start(self: Box<Self>, shared: &Shared, taken: &mut AnyTaken) -> Begun {
        let Some(body) = shared.body::<A::Message>() else { return Begun::Not(self) };
        let mut next = None;
        if let Some(taken) = taken.of() {
            // It may serve messages while it waits.
            body.mailbox.put_aside(taken);
            put(&mut next, taken.next.take());
        }
        match next {
            Some(envelope) => self.begin(shared, envelope),
            None => Begun::Not(self),
        }
    }

    fn hook(mut self: Box<Self>, hook: Hook) -> Result<Running, Box<dyn Engine>> {
        // Known when it is compiled, so that an actor without hooks has no code for them.
        if const { !A::ON_START && !A::ON_STOP && !A::ON_EXIT && !A::EVERY } {
            return Err(self);
        }
        let present = match hook {
            Hook::Start => A::ON_START || A::EVERY,
            Hook::Stop => A::ON_STOP,
            Hook::Exit(_) => A::ON_EXIT,
        };
        if !present {
            return Err(self);
        }
        Ok(Box::pin(async move {
            let outcome = {
                let Cell { state, context } = &mut *self;
                let handler = pin!(Some(async {
                    match hook {
                        Hook::Start => {
                            if A::ON_START {
                                state.on_start(context).await?;
                            }
                            state.every(context);
                            Ok(())
                        }
                        Hook::Stop => state.on_stop(context).await,
                        Hook::Exit(exit) => state.on_exit(context, exit).await,
                    }
                }));
                returned(attend(handler).await, Outcome::Hook)
            };
            Finished { engine: Some(self), outcome }
        }))
    }
}
