//! The actor's own task: takes messages out of the mailbox while there are any, and ends the actor.

mod back;
mod fall;
mod gone;
mod limits;
mod visit;

use crate::choice;
use crate::ending::Remains;
use crate::engine::{Begun, Engine, Hook, Running, Start};
use crate::exit::ExitReason;
use crate::keeper::Keeper;
use crate::outlet::Outlet;
use crate::shared::Shared;
use crate::spot::{Leaving, Visited};
use crate::stamp::Stamp;
use crate::started::{Purpose, Started};
use crate::stint::Stint;
use crate::taken::AnyTaken;
use crate::turn::{Need, turn};
use fall::{Burial, Down};
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::time::Sleep;
use visit::{Visit, holds, until};

pub(crate) struct Task {
    shared: Arc<Shared>,
    /// `None`: the actor rests, and no message has ever come to be handled here. To many none does: their callers run all handlers.
    driver: Option<Box<Driver>>,
}

/// The task without what it shares.
struct Driver {
    work: Work,
    /// Out of the mailbox, and not begun.
    taken: AnyTaken,
    /// Made when it is needed. An idle actor takes less without it.
    few: Option<Box<Few>>,
}

/// What few tasks need.
#[derive(Default)]
struct Few {
    grace: Option<Pin<Box<Sleep>>>,
    /// Rings when the first of the actor's timers is due, or a restart.
    alarm: Option<Pin<Box<Sleep>>>,
    /// Of a supervised actor.
    keeper: Option<Box<Keeper>>,
}

/// Where the actor is, as its task sees it.
enum Work {
    /// In the spot, or with a caller who took it from there.
    Resting,
    /// Here: it was woken, or nobody may call it directly.
    Here(Box<dyn Engine>),
    Waiting(Box<Started>),
    /// It is over or fell, and its children end.
    Burying(Box<Burial>),
    /// It is to be made: for the first time, or after it fell.
    Down(Box<Down>),
    Over,
}

// Nothing in it is pinned in place.
impl Unpin for Task {}

impl Task {
    /// For one that waits for its first message.
    pub(crate) fn resting(shared: Arc<Shared>, engine: Box<dyn Engine>) -> Self {
        let driver = match shared.inlet().outlet().map(|outlet| rest(outlet, engine)) {
            Some(Work::Resting) => None,
            work => Some(Box::new(Driver::new(work.unwrap_or(Work::Over)))),
        };
        Task { shared, driver }
    }

    /// For one that has a start hook before it.
    pub(crate) fn starting(shared: Arc<Shared>, hook: Running) -> Self {
        shared.traces.begins("on_start", Stamp::nobody());
        Self::new(shared, Work::Waiting(Box::new(Started::hook(hook, Purpose::Start))))
    }

    /// For one that is made by its own task.
    pub(crate) fn supervised(shared: Arc<Shared>, keeper: Keeper) -> Self {
        let mut driver = Driver::new(Work::Down(Box::new(Down { fell: false, until: None, over: None })));
        driver.few().keeper = Some(Box::new(keeper));
        Task { shared, driver: Some(Box::new(driver)) }
    }

    /// For one that has no state yet: it is [made](Self::make) before it runs.
    pub(crate) fn unmade(shared: Arc<Shared>) -> Self {
        Self::new(shared, Work::Down(Box::new(Down { fell: false, until: None, over: None })))
    }

    pub(crate) fn make(&mut self, engine: Box<dyn Engine>) {
        let work = match engine.hook(Hook::Start) {
            Ok(hook) => {
                self.shared.traces.begins("on_start", Stamp::nobody());
                Work::Waiting(Box::new(Started::hook(hook, Purpose::Start)))
            }
            Err(engine) => Work::Here(engine),
        };
        self.driver = Some(Box::new(Driver::new(work)));
    }

    fn new(shared: Arc<Shared>, work: Work) -> Self {
        Task { shared, driver: Some(Box::new(Driver::new(work))) }
    }
}

/// The driver of a task that has none. If there is anything to be kept it stays, also where a panic goes through the task.
struct Fresh<'a> {
    shared: &'a Shared,
    driver: Driver,
    place: &'a mut Option<Box<Driver>>,
}

impl Drop for Fresh<'_> {
    fn drop(&mut self) {
        if !self.driver.is_blank(self.shared) {
            let driver = mem::replace(&mut self.driver, Driver::new(Work::Over));
            *self.place = Some(Box::new(driver));
        }
    }
}

impl Driver {
    fn new(work: Work) -> Self {
        Driver { work, taken: AnyTaken::default(), few: None }
    }

    /// Whether nothing would be lost with it, and it is not soon needed again.
    fn is_blank(&self, shared: &Shared) -> bool {
        match self.work {
            Work::Resting => self.few.is_none() && !self.taken.is_made(),
            Work::Over => shared.has_ended(),
            _ => false,
        }
    }

    fn few(&mut self) -> &mut Few {
        self.few.get_or_insert_default()
    }

    fn keeper(&self) -> Option<&Keeper> {
        self.few.as_ref()?.keeper.as_deref()
    }

    fn keeper_mut(&mut self) -> Option<&mut Keeper> {
        self.few.as_mut()?.keeper.as_deref_mut()
    }

    /// Does what can be done now; ready when the actor has ended.
    fn run(
        &mut self,
        shared: &Arc<Shared>,
        outlet: &dyn Outlet,
        stint: &mut Stint,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        loop {
            match self.work {
                Work::Over => return Poll::Ready(()),
                Work::Resting => {
                    let visit = Visit::make(shared, outlet, &mut self.taken, stint);
                    ready!(self.heed(shared, outlet, visit, cx));
                }
                Work::Here(ref mut engine) => {
                    let need = turn(shared, outlet, &mut **engine, &mut self.taken, stint);
                    let due = until(&mut **engine);
                    if need.is_none() && (!may_rest(outlet) || holds(&mut **engine)) {
                        ready!(self.sleep_until(due, cx));
                        continue;
                    }
                    let Work::Here(engine) = mem::replace(&mut self.work, Work::Over) else { continue };
                    match need {
                        Some(need) => ready!(self.follow(shared, outlet, engine, need, cx)),
                        None => {
                            self.work = rest(outlet, engine);
                            ready!(self.sleep_until(due, cx));
                        }
                    }
                }
                _ => ready!(self.go_on(shared, outlet, cx)),
            }
        }
    }

    /// It rested. Ready: something has changed.
    #[inline(always)]
    fn heed(
        &mut self,
        shared: &Arc<Shared>,
        outlet: &dyn Outlet,
        Visit { found, due }: Visit,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        match found {
            Visited::Rests => self.sleep_until(due, cx),
            Visited::Later => Poll::Pending,
            Visited::Engine(engine, need) => self.follow(shared, outlet, engine, need, cx),
            Visited::Left(left) => {
                self.take_over(shared, outlet, *left);
                Poll::Ready(())
            }
        }
    }

    /// The actor is here, or in a handler. Ready: something has changed.
    #[inline(never)]
    fn go_on(&mut self, shared: &Arc<Shared>, outlet: &dyn Outlet, cx: &mut Context<'_>) -> Poll<()> {
        match mem::replace(&mut self.work, Work::Over) {
            Work::Over | Work::Resting | Work::Here(_) => Poll::Ready(()),
            Work::Burying(burial) => self.bury(shared, outlet, burial, cx),
            Work::Down(down) => self.rise(shared, outlet, down, cx),
            Work::Waiting(mut started) => {
                if outlet.has_aside() && !shared.bell.is_silent() {
                    outlet.wake_server(cx.waker());
                }
                match started.poll(shared, cx, None) {
                    Poll::Ready(finished) => {
                        self.work = self.came_back(shared, outlet, *started, finished);
                        Poll::Ready(())
                    }
                    Poll::Pending => {
                        self.work = Work::Waiting(started);
                        Poll::Pending
                    }
                }
            }
        }
    }

    /// Does what the actor needs besides messages. Pending: it pauses.
    #[inline(never)]
    fn follow(
        &mut self,
        shared: &Shared,
        outlet: &dyn Outlet,
        engine: Box<dyn Engine>,
        need: Need,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        self.work = Work::Over;
        self.work = match need {
            Need::Pause => {
                self.work = Work::Here(engine);
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Need::Start => self.start(shared, outlet, engine),
            Need::Stop(reason) => self.stop(shared, outlet, engine, reason),
            Need::Keep => Work::Here(engine),
            Need::Exit(exit) => match engine.hook(Hook::Exit(exit)) {
                Ok(running) => {
                    outlet.put_aside(&mut self.taken);
                    shared.traces.begins("on_exit", Stamp::nobody());
                    Work::Waiting(Box::new(Started::hook(running, Purpose::Exit)))
                }
                Err(engine) => Work::Here(engine),
            },
            Need::Bury(caller, orphans, panicked) => {
                let remains = Remains { engine: Some(engine), caller, orphans };
                self.end(shared, outlet, remains, ExitReason::Panicked(panicked))
            }
            Need::Kill => {
                let remains = Remains { engine: Some(engine), ..Remains::default() };
                self.end(shared, outlet, remains, ExitReason::Killed)
            }
        };
        Poll::Ready(())
    }

    /// Starts the message at which a row ended.
    fn start(&mut self, shared: &Shared, outlet: &dyn Outlet, engine: Box<dyn Engine>) -> Work {
        let Start { running, policy, limit, caller, slow } = match engine.start(shared, &mut self.taken) {
            Begun::Not(engine) => {
                outlet.take_aside(&mut self.taken);
                return Work::Here(engine);
            }
            Begun::Readers(running) => {
                return Work::Waiting(Box::new(Started::hook(running, Purpose::Readers)));
            }
            Begun::Message(start) => start,
        };
        choice::handles(shared, policy.name);
        let started = Started::message(running, policy, limit, caller);
        // A slow one is timed, so that it can become short again, and be called directly.
        Work::Waiting(Box::new(if slow { started.timed() } else { started }))
    }

    /// What a caller could not finish.
    fn take_over(&mut self, shared: &Shared, outlet: &dyn Outlet, left: Leaving) {
        self.work = Work::Over;
        shared.bell.wake_up();
        self.work = match left {
            Leaving::Started(started) => Work::Waiting(Box::new(started)),
            Leaving::Engine(engine) => {
                outlet.take_aside(&mut self.taken);
                Work::Here(engine)
            }
            Leaving::Nothing => Work::Over,
            Leaving::Broken(engine, panicked, orphans) => {
                let remains = Remains { engine, orphans, ..Remains::default() };
                self.end(shared, outlet, remains, ExitReason::Panicked(panicked))
            }
        };
    }

    /// Ends it in order: nothing new is taken, and the stop hook runs.
    fn stop(
        &mut self,
        shared: &Shared,
        outlet: &dyn Outlet,
        engine: Box<dyn Engine>,
        reason: ExitReason,
    ) -> Work {
        if !self.comes_back(shared, &reason) {
            shared.stop();
        }
        match engine.hook(Hook::Stop) {
            Ok(running) => {
                outlet.put_aside(&mut self.taken);
                shared.traces.begins("on_stop", Stamp::nobody());
                Work::Waiting(Box::new(Started::hook(running, Purpose::Stop(reason))))
            }
            Err(engine) => {
                self.end(shared, outlet, Remains { engine: Some(engine), ..Remains::default() }, reason)
            }
        }
    }
}

/// Lays an actor down that has nothing to do: only now, so that whoever finds it there finds nothing to overtake.
fn rest(outlet: &dyn Outlet, engine: Box<dyn Engine>) -> Work {
    if !may_rest(outlet) {
        return Work::Here(engine);
    }
    match outlet.spot().rest(engine) {
        Ok(()) => Work::Resting,
        Err(engine) => Work::Here(engine),
    }
}

/// Whether callers may find it in the spot.
#[inline]
fn may_rest(outlet: &dyn Outlet) -> bool {
    outlet.is_direct() && !outlet.has_parked()
}

impl Future for Task {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Task { shared, driver } = self.get_mut();
        let Some(outlet) = shared.inlet().outlet() else { return Poll::Ready(()) };
        choice::enter(shared.id);
        let mut stint = Stint::new();
        match driver {
            Some(driver) => {
                shared.answer_with(cx.waker());
                driver.watch(shared, cx);
                driver.run(shared, outlet, &mut stint, cx)
            }
            place => {
                // One that is to end the first time that its task runs will most likely need no bell: it has one when it did not end after all.
                let answers = shared.is_at_peace();
                if answers {
                    shared.answer_with(cx.waker());
                }
                let mut taken = AnyTaken::default();
                let visit = Visit::make(shared, outlet, &mut taken, &mut stint);
                if answers && visit.is_over() && !taken.is_made() && shared.is_at_peace() {
                    // There is nothing in it, which the compiler need not find out.
                    mem::forget(visit);
                    return Poll::Pending;
                }
                let driver = Driver { work: Work::Resting, taken, few: None };
                let mut fresh = Fresh { shared, driver, place };
                fresh.driver.watch(shared, cx);
                let ended = match fresh.driver.heed(shared, outlet, visit, cx) {
                    Poll::Ready(()) => fresh.driver.run(shared, outlet, &mut stint, cx),
                    Poll::Pending => Poll::Pending,
                };
                if ended.is_pending() && !answers {
                    shared.answer_with(cx.waker());
                    cx.waker().wake_by_ref();
                }
                ended
            }
        }
    }
}
