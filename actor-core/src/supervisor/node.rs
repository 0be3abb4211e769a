//! What a supervisor does.

use super::seat::State;
use super::seats::Seats;
use super::{Event, POLICY, Strategy, Supervisor, SupervisorHandle, SupervisorMessage};
use crate::actor::{Actor, HookError};
use crate::context::Context;
use crate::exit::{Exit, ExitReason};
use crate::id::ActorId;
use crate::keeper::Report;
use crate::policy::{Config, Policy};
use crate::shared::Shared;
use crate::supervise::{Judge, Kind, Verdict};
use std::sync::Arc;
use tokio::time::Instant;

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
    seats: Seats,
    mood: Mood,
    above: Option<Arc<Shared>>,
    /// Its own supervisor waits to hear that it runs.
    rises: bool,
}

impl Node {
    pub(super) fn new(Supervisor { strategy, intensity }: Supervisor, above: Option<Arc<Shared>>) -> Self {
        let mood = if above.is_some() { Mood::Down } else { Mood::Running };
        let judge = Judge::new(intensity, None);
        Node { strategy, judge, seats: Seats::default(), mood, above, rises: false }
    }

    fn hear(&mut self, ctx: &mut Context<Self>, event: Event) {
        match event {
            // One that ended before has been told of already.
            Event::Add(seat) if seat.child.reason().is_some() => {}
            Event::Add(seat) => self.seats.add(*seat),
            Event::Report(child, report) => self.hear_of(ctx, child, report),
            // It was on its way up: above nobody hears of that any more.
            Event::Down if ctx.cancel(UP) => self.report(ctx, Report::Down),
            Event::Down => self.fall(None),
            Event::Up(Some(at)) if at > Instant::now() => {
                let wait = at.duration_since(Instant::now());
                return ctx.after(UP, wait, SupervisorMessage(Event::Up(None)));
            }
            Event::Up(_) => {
                self.judge.forget();
                for seat in self.seats.all() {
                    seat.judge.forget();
                    seat.not_before = None;
                }
                (self.mood, self.rises) = (Mood::Running, true);
            }
            Event::Over(reason) => ctx.inner().ending = Some(Box::new(reason)),
        }
        self.go_on(ctx);
    }

    fn hear_of(&mut self, ctx: &mut Context<Self>, child: ActorId, report: Report) {
        let Some((rank, _)) = self.seats.find(child) else { return };
        match report {
            // One that is to go down does so all the same.
            Report::Up if self.seats.state(rank) == State::Starting => self.seats.set(rank, State::Up),
            Report::Up => {}
            Report::Down => self.seats.set(rank, State::Down),
            Report::Fell(reason) => self.fell(ctx, child, reason),
        }
    }

    fn fell(&mut self, ctx: &mut Context<Self>, child: ActorId, reason: ExitReason) {
        let is_running = matches!(self.mood, Mood::Running);
        let Some((rank, _)) = self.seats.find(child) else { return };
        let is_expected =
            self.seats.state(rank) == State::Stopping || self.seats.is_stale(rank) || !is_running;
        let Some((_, seat)) = self.seats.find(child) else { return };
        let is_over = if is_expected { seat.kind == Kind::Temporary } else { !seat.kind.wants(&reason) };
        if is_over {
            let state = seat.over(reason);
            return self.seats.set(rank, state);
        }
        let verdict = (!is_expected).then(|| seat.judge.judge(&reason));
        if let Some(Verdict::Restart(at)) = verdict {
            seat.not_before = at;
        }
        self.seats.set(rank, State::Down);
        match verdict {
            None => return,
            Some(Verdict::Over(reason)) => return self.give_up(ctx, reason),
            Some(Verdict::Restart(_)) => {}
        }
        if let Verdict::Over(reason) = self.judge.judge(&reason) {
            return self.give_up(ctx, reason);
        }
        match self.strategy {
            Strategy::OneForOne => {}
            Strategy::OneForAll => self.seats.spoil_all(),
            Strategy::RestForOne => self.seats.spoil_from(rank),
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
        self.seats.spoil_all();
    }

    /// Gives the next order, if it is time for one.
    fn go_on(&mut self, ctx: &mut Context<Self>) {
        if ctx.inner().ending.is_some() || self.seats.go_down() {
            return;
        }
        match &mut self.mood {
            Mood::Down => {}
            Mood::Falling(reason) => {
                let report = reason.take().map_or(Report::Down, Report::Fell);
                self.mood = Mood::Down;
                self.report(ctx, report);
            }
            Mood::Running => {
                self.seats.go_up(self.strategy != Strategy::OneForOne);
                if self.rises && self.seats.are_up() {
                    self.rises = false;
                    self.report(ctx, Report::Up);
                }
            }
        }
    }

    fn report(&self, ctx: &Context<Self>, report: Report) {
        if let Some(above) = &self.above {
            super::report(above, ctx.id(), report);
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
        self.seats.remove(exit.id);
        self.go_on(ctx);
        Ok(())
    }
}
