//! What handlers and tasks do, a step at a time.

use crate::graph::{self, Look};
use crate::state::{Actor, At, Call, Handler, Id, Kind, Level, Stage, State};
use crate::{Size, Step, Variant};
use std::mem;

/// The last deadline there is.
const LAST: u8 = 2;

impl State {
    pub(crate) fn new(size: &Size) -> Self {
        State {
            actors: vec![Actor::default(); usize::from(size.actors)],
            calls: Vec::new(),
            deciding: None,
            now: 0,
            spurious: size.spurious,
            told: false,
            false_deadlock: false,
        }
    }

    fn actor(&mut self, id: Id) -> &mut Actor {
        &mut self.actors[usize::from(id)]
    }

    fn call(&mut self, id: Id) -> &mut Call {
        &mut self.calls[usize::from(id)]
    }

    fn handler(&self, actor: Id, served: bool) -> Option<&Handler> {
        let actor = &self.actors[usize::from(actor)];
        if served { actor.served.as_ref() } else { actor.main.as_ref() }
    }

    fn handler_mut(&mut self, actor: Id, served: bool) -> Option<&mut Handler> {
        let actor = self.actor(actor);
        if served { actor.served.as_mut() } else { actor.main.as_mut() }
    }

    /// Whether a call is not noted yet.
    fn is_new(&self, actor: Id, served: bool, call: Id) -> bool {
        let waits = &self.actors[usize::from(actor)].waits;
        let noted = if served { &waits.served } else { &waits.main };
        noted.as_ref().is_none_or(|level| !level.edges.contains(&call))
    }

    /// Puts a call into the mailbox; a handler that serves is woken.
    pub(crate) fn send(&mut self, from: Option<Id>, to: Id, between: bool, until: Option<u8>) -> Id {
        let id = Id::try_from(self.calls.len()).unwrap_or(Id::MAX);
        self.calls.push(Call { from, to, between, until, stage: Stage::Queued, answers: 0 });
        let actor = self.actor(to);
        actor.queue.push(id);
        actor.seen = false;
        actor.woken |= actor.main.as_ref().is_some_and(|main| main.kind == Kind::Serving);
        id
    }

    /// Whether its task has nothing to do, and its handler pends.
    pub(crate) fn sleeps(&self, actor: Id) -> bool {
        let at = &self.actors[usize::from(actor)];
        at.look.is_none() && !at.woken && at.main.as_ref().is_some_and(|main| main.at == At::Waits)
    }

    /// Whether a handler sleeps though something that it waits for is there.
    pub(crate) fn has_answer_for_a_sleeper(&self) -> bool {
        let asleep = (0..).zip(&self.actors).filter(|&(id, _)| self.sleeps(id));
        let mut calls = asleep.flat_map(|(_, actor)| actor.handlers()).flat_map(|handler| &handler.awaits);
        calls.any(|&call| self.calls[usize::from(call)].stage == Stage::Answered)
    }

    /// Whether all handlers have returned, and every call has its answer.
    pub(crate) fn is_done(&self) -> bool {
        let has_its_answer = |call: &Call| match call.stage {
            Stage::Queued | Stage::Started => false,
            Stage::Answered | Stage::Taken => call.answers == 1,
            Stage::Gone | Stage::Cancelled => call.answers == 0,
        };
        self.actors.iter().all(|actor| actor.main.is_none()) && self.calls.iter().all(has_its_answer)
    }

    /// A version is only ever compared with what somebody who looks has seen.
    pub(crate) fn forget_versions(&mut self) {
        for id in 0..self.actors.len() {
            let actor = Id::try_from(id).unwrap_or(Id::MAX);
            if !self.actors.iter().filter_map(|other| other.look.as_ref()).any(|look| look.knows(actor)) {
                self.actors[id].waits.version = 0;
            }
        }
    }

    /// `Slot::leave`
    fn leave(&mut self, call: Id) {
        let call = self.call(call);
        call.stage = match call.stage {
            Stage::Queued => Stage::Cancelled,
            Stage::Started => Stage::Gone,
            Stage::Answered => Stage::Taken,
            over => over,
        };
    }

    /// `Slot::begin`: whether the message is to run.
    fn begin(&mut self, call: Id) -> bool {
        let call = self.call(call);
        let begins = call.stage == Stage::Queued;
        if begins {
            call.stage = Stage::Started;
        }
        begins
    }
}

impl Size {
    /// What can be done, but for what need not come.
    pub(crate) fn steps(&self, state: &State, steps: &mut Vec<Step>) {
        for id in 0..self.actors {
            let actor = &state.actors[usize::from(id)];
            if let Some(look) = &actor.look {
                if look.can_step(id, state) {
                    steps.push(Step::Look(id));
                }
                continue;
            }
            let Some(main) = &actor.main else {
                if !actor.queue.is_empty() {
                    steps.push(Step::Take(id));
                }
                continue;
            };
            // Whoever reads its waits keeps it from changing them.
            let is_free = !graph::is_locked(state, id);
            match main.at {
                At::Runs => self.choices(state, id, false, is_free, steps),
                At::Looks(_) => steps.push(Step::GoOn(id, false)),
                At::Lends => match &actor.served {
                    None => steps.push(Step::GoOn(id, false)),
                    Some(served) => match served.at {
                        At::Runs => self.choices(state, id, true, is_free, steps),
                        At::Ended => steps.push(Step::Answer(id, true)),
                        At::Sent => {
                            if is_free {
                                steps.push(Step::Pend(id, true));
                            }
                            self.letting_go(state, id, true, steps);
                        }
                        At::Waits if is_free => steps.push(Step::GoOn(id, true)),
                        At::Waits => {}
                        At::Looks(_) | At::Lends => steps.push(Step::GoOn(id, true)),
                    },
                },
                At::Sent => {
                    if is_free {
                        steps.push(Step::Pend(id, false));
                    }
                    self.letting_go(state, id, false, steps);
                    self.second_call(state, id, main, steps);
                }
                At::Waits if actor.woken && is_free => steps.push(Step::Poll(id)),
                At::Waits => {}
                At::Ended => steps.push(Step::Answer(id, false)),
            }
        }
        let came = state.calls.iter().filter(|call| call.from.is_none()).count();
        if came < self.outside + self.late && state.calls.len() < self.calls {
            steps.extend((0..self.actors).map(Step::Outside));
        }
        let may_come = |call: &Call| {
            call.until.is_some_and(|until| until > state.now)
                && matches!(call.stage, Stage::Queued | Stage::Started)
        };
        if state.calls.iter().any(may_come) {
            steps.push(Step::Tick);
        }
    }

    /// What a handler that runs may do.
    fn choices(&self, state: &State, actor: Id, served: bool, is_free: bool, steps: &mut Vec<Step>) {
        if is_free {
            steps.push(Step::Return(actor, served));
        }
        if state.calls.len() >= self.calls {
            return;
        }
        let kinds: &[Kind] = if self.serving && !served { &[Kind::All, Kind::Serving] } else { &[Kind::All] };
        let betweens: &[bool] = if self.serving { &[false, true] } else { &[false] };
        let untils: &[Option<u8>] = if self.deadlines { &[None, Some(1), Some(LAST)] } else { &[None] };
        for to in 0..self.actors {
            for &kind in kinds.iter().filter(|kind| **kind != Kind::Serving || is_free) {
                for &between in betweens {
                    let until = |&until| Step::Call { actor, served, to, between, until, kind };
                    steps.extend(untils.iter().map(until));
                }
            }
        }
    }

    /// A call that was made in this poll may be let go of.
    fn letting_go(&self, state: &State, actor: Id, served: bool, steps: &mut Vec<Step>) {
        let made_one = |handler: &Handler| {
            handler.kind != Kind::Serving
                && handler.awaits.iter().any(|call| state.is_new(actor, served, *call))
        };
        if self.letting_go && state.handler(actor, served).is_some_and(made_one) {
            steps.push(Step::LetGo(actor, served));
        }
    }

    /// A second call in the same poll, to wait for both or for the first.
    fn second_call(&self, state: &State, actor: Id, main: &Handler, steps: &mut Vec<Step>) {
        let is_new = |call: &Id| state.is_new(actor, false, *call);
        let can = self.several && state.calls.len() < self.calls && main.kind == Kind::All;
        if can && main.awaits.len() == 1 && main.awaits.iter().all(is_new) {
            for to in 0..self.actors {
                let call = |kind| Step::Call { actor, served: false, to, between: false, until: None, kind };
                steps.extend([Kind::All, Kind::Any].map(call));
            }
        }
    }
}

impl State {
    pub(crate) fn take(&mut self, step: Step, size: &Size) {
        match step {
            Step::Take(id) => self.take_message(id),
            Step::Call { actor, served, to, between, until, kind } => {
                let Some(handler) = self.handler(actor, served) else { return };
                let from = handler.call;
                // An inherited deadline caps.
                let inherited = self.calls[usize::from(from)].until;
                let until = inherited.into_iter().chain(until).min();
                let call = self.send(Some(from), to, between, until);
                if kind == Kind::Serving {
                    // `Serves::begin`, which comes before the first poll.
                    self.actor(actor).waits.with(|waits| waits.serving = true);
                    self.actor(actor).seen = false;
                }
                if let Some(handler) = self.handler_mut(actor, served) {
                    handler.awaits.push(call);
                    handler.kind = kind;
                    handler.at = if kind == Kind::Serving { At::Lends } else { At::Sent };
                }
            }
            Step::LetGo(id, served) => {
                let Some(handler) = self.handler_mut(id, served) else { return };
                let Some(call) = handler.awaits.pop() else { return };
                handler.left.push(call);
                if handler.awaits.is_empty() {
                    (handler.at, handler.kind) = (At::Runs, Kind::All);
                }
                self.leave(call);
            }
            Step::Return(id, served) => {
                let noted = self.handler(id, served).is_some_and(|handler| handler.noted);
                if noted {
                    self.actor(id).waits.with(|waits| {
                        if served {
                            waits.served = None;
                        } else {
                            (waits.polled, waits.main) = (false, None);
                        }
                    });
                }
                if let Some(handler) = self.handler_mut(id, served) {
                    handler.at = At::Ended;
                }
            }
            Step::Answer(id, served) => self.answer(id, served),
            Step::Poll(id) => {
                let open = self.open_edges(self.actors[usize::from(id)].waits.main.as_ref());
                let actor = self.actor(id);
                actor.woken = false;
                actor.waits.with(|waits| {
                    waits.polled = true;
                    if let Some(level) = &mut waits.main {
                        level.edges = open;
                    }
                });
                if let Some(main) = &mut actor.main {
                    main.at = At::Looks(0);
                }
            }
            Step::GoOn(id, served) => match self.handler(id, served).map(|handler| handler.at) {
                Some(At::Looks(number)) => self.look_at(id, served, number),
                Some(At::Lends) => self.lend(id),
                _ => {
                    let open = self.open_edges(self.actors[usize::from(id)].waits.served.as_ref());
                    self.actor(id).waits.with(|waits| {
                        if let Some(level) = &mut waits.served {
                            level.edges = open;
                        }
                    });
                    if let Some(handler) = self.handler_mut(id, served) {
                        handler.at = At::Looks(0);
                    }
                }
            },
            Step::Pend(id, served) => self.pend(id, served, size.variant),
            Step::Look(id) => graph::step(self, id, size.variant),
            Step::Outside(to) => {
                self.send(None, to, false, None);
            }
            Step::Leave(call) => self.leave(call),
            Step::Tick => {
                self.now += 1;
                let is_due = |call: &Call| call.until == Some(self.now);
                let due = (0..).zip(&self.calls).filter(|(_, call)| is_due(call)).map(|(id, _)| id);
                let due: Vec<Id> = due.collect();
                due.into_iter().for_each(|call| self.wake_caller(call));
            }
            Step::Spurious(id) => {
                self.spurious -= 1;
                self.actor(id).woken = true;
            }
        }
    }

    /// `Level::resume`
    fn open_edges(&self, level: Option<&Level>) -> Vec<Id> {
        if let Some(level) = level.filter(|level| level.edges.len() == 1) {
            return level.edges.clone();
        }
        let stage = |call: Id| self.calls[usize::from(call)].stage;
        let is_open = |call: &Id| matches!(stage(*call), Stage::Queued | Stage::Started);
        level.into_iter().flat_map(|level| &level.edges).copied().filter(is_open).collect()
    }

    fn take_message(&mut self, id: Id) {
        let call = self.actor(id).queue.remove(0);
        if self.begin(call) {
            let actor = self.actor(id);
            (actor.main, actor.woken, actor.seen) = (Some(Handler::new(call)), false, false);
        }
    }

    fn answer(&mut self, id: Id, served: bool) {
        let actor = self.actor(id);
        let handler = if served { actor.served.take() } else { actor.main.take() };
        if let Some(main) = &mut actor.main {
            // It looks again whether its own future is ready, and for more to serve.
            main.at = At::Looks(0);
        }
        let Some(Handler { call, .. }) = handler else { return };
        if self.call(call).stage == Stage::Started {
            self.call(call).answer();
            self.wake_caller(call);
        }
    }

    /// `Slot::poll`, and the alarm beside it.
    fn look_at(&mut self, id: Id, served: bool, number: u8) {
        let Some(handler) = self.handler(id, served) else { return };
        let kind = handler.kind;
        let Some(&call) = handler.awaits.get(usize::from(number)) else {
            return self.looked(id, served);
        };
        let Call { stage, until, .. } = self.calls[usize::from(call)];
        let is_over = stage == Stage::Answered || until.is_some_and(|until| until <= self.now);
        let mut left = Vec::new();
        if let Some(handler) = self.handler_mut(id, served) {
            if is_over {
                left.push(handler.awaits.remove(usize::from(number)));
                if kind == Kind::Any {
                    // The others are dropped.
                    left.append(&mut handler.awaits);
                }
            } else {
                handler.at = At::Looks(number + 1);
            }
        }
        left.into_iter().for_each(|call| self.leave(call));
        let at_the_end = |handler: &Handler| match handler.at {
            At::Looks(number) => usize::from(number) >= handler.awaits.len(),
            _ => false,
        };
        if self.handler(id, served).is_some_and(at_the_end) {
            self.looked(id, served);
        }
    }

    /// It has looked at all that it waits for.
    fn looked(&mut self, id: Id, served: bool) {
        let serves_another = self.actor(id).served.is_some() && !served;
        let Some(handler) = self.handler_mut(id, served) else { return };
        let is_ready = handler.awaits.is_empty();
        match handler.kind {
            Kind::Serving if is_ready && !serves_another => {
                (handler.at, handler.kind) = (At::Runs, Kind::All);
                // `Serves::end`
                self.actor(id).waits.with(|waits| waits.serving = false);
            }
            Kind::Serving => handler.at = At::Lends,
            Kind::All | Kind::Any if is_ready => (handler.at, handler.kind) = (At::Runs, Kind::All),
            Kind::All | Kind::Any => handler.at = At::Sent,
        }
    }

    /// `serving::next`, `serving::begin`
    fn lend(&mut self, id: Id) {
        let queue = self.actors[usize::from(id)].queue.iter();
        match queue.clone().position(|&call| self.calls[usize::from(call)].between) {
            Some(place) => {
                let call = self.actor(id).queue.remove(place);
                if self.begin(call) {
                    self.actor(id).served = Some(Handler::new(call));
                }
            }
            None => {
                let actor = self.actor(id);
                actor.seen = true;
                if let Some(main) = &mut actor.main {
                    main.at = At::Sent;
                }
            }
        }
    }

    /// `Run::note`, with `Level::pend`, and the look at the end of the poll of the handler that has the actor.
    fn pend(&mut self, id: Id, served: bool, variant: Variant) {
        let Some(handler) = self.handler_mut(id, served) else { return };
        (handler.at, handler.noted) = (At::Waits, true);
        let run = handler.call;
        // In the order in which they were made.
        let mut made = [&handler.awaits[..], &mem::take(&mut handler.left)].concat();
        made.sort_unstable();
        let Actor { waits, .. } = &self.actors[usize::from(id)];
        let known = if served { &waits.served } else { &waits.main };
        let old: Vec<Id> =
            known.iter().filter(|level| level.run == run).flat_map(|level| level.edges.clone()).collect();
        let stage = |call: &Id| self.calls[usize::from(*call)].stage;
        let is_over = |call: &Id| matches!(stage(call), Stage::Gone | Stage::Taken | Stage::Cancelled);
        let is_forgotten = |call: &Id| variant.forgets_left && is_over(call);
        let counts_as_new = |call: &Id| !old.contains(call) && !is_forgotten(call);
        let new = made.into_iter().filter(counts_as_new).collect::<Vec<_>>();
        let looks = !served && (variant.looks_again || !new.is_empty());
        let counts = |call: &Id| match self.calls[usize::from(*call)].stage {
            Stage::Queued | Stage::Started => true,
            Stage::Answered => variant.keeps_answered,
            Stage::Gone | Stage::Taken | Stage::Cancelled => false,
        };
        let is_ready = |call: &Id| self.calls[usize::from(*call)].stage == Stage::Answered;
        let again = old.len() == 1 && old.iter().all(is_ready) && !new.is_empty();
        let edges = old.into_iter().filter(counts).chain(new).collect();
        let actor = self.actor(id);
        actor.woken |= again;
        actor.waits.with(|waits| {
            let level = Some(Level { run, edges });
            if served {
                waits.served = level;
            } else {
                (waits.polled, waits.main) = (false, level);
            }
        });
        if served {
            if let Some(main) = &mut actor.main {
                main.at = At::Sent;
            }
        } else if looks {
            actor.look = Some(Look::new());
        }
    }
}
