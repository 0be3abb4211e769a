//! The actor's own task: takes messages out of the mailbox while there are any, and ends the actor.

mod fall;

use crate::actor::Message;
use crate::choice;
use crate::context::{Common, typed};
use crate::ending::{self, Remains, idle_frame};
use crate::engine::{Engine, Finished, Hook, Outcome, Running};
use crate::exit::{ExitReason, Panicked};
use crate::frame::Frame;
use crate::inbox::Taken;
use crate::keeper::{Keeper, Report, Rule};
use crate::limit::Limit;
use crate::mailbox::Envelope;
use crate::orphans::Orphans;
use crate::policy::{Mode, Policy};
use crate::scope;
use crate::shared::{Body, Shared};
use crate::slot::{AnyCaller, Slot};
use crate::spot::{Found, Leaving, Visited};
use crate::stamp::Stamp;
use crate::started::{Parts, Purpose, Started};
use crate::stint::Stint;
use crate::turn::{Need, turn};
use fall::{Burial, Down};
use std::collections::VecDeque;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::time::{Instant, Sleep};

pub(crate) struct Task<M: Message> {
    shared: Arc<Shared>,
    /// `None`: the actor rests, and has handled no message here yet. Many never do: their callers run all handlers.
    driver: Option<Box<Driver<M>>>,
}

/// The task without what it shares.
struct Driver<M: Message> {
    taken: Taken<M>,
    work: Work<M>,
    grace: Option<Pin<Box<Sleep>>>,
    /// Rings when the first of the actor's timers is due, or a restart.
    alarm: Option<Pin<Box<Sleep>>>,
    /// Of a supervised actor.
    keeper: Option<Box<Keeper<M>>>,
}

/// Where the actor is, as its task sees it.
enum Work<M: Message> {
    /// In the spot, or with a caller who took it from there.
    Resting,
    /// Here: it was woken, or nobody may call it directly.
    Here(Box<dyn Engine<M>>),
    Waiting(Box<Started<M>>),
    /// It is over or fell, and its children end.
    Burying(Box<Burial>),
    /// It is to be made: for the first time, or after it fell.
    Down(Box<Down>),
    Over,
}

// Nothing in it is pinned in place.
impl<M: Message> Unpin for Task<M> {}

impl<M: Message> Task<M> {
    /// For one that waits for its first message.
    pub(crate) fn resting(shared: Arc<Shared>, engine: Box<dyn Engine<M>>) -> Self {
        let driver = match shared.body::<M>().map(|body| rest(body, engine)) {
            Some(Work::Resting) => None,
            work => Some(Box::new(Driver::new(work.unwrap_or(Work::Over)))),
        };
        Task { shared, driver }
    }

    /// For one that has a start hook before it.
    pub(crate) fn starting(shared: Arc<Shared>, hook: Running<M>) -> Self {
        shared.traces.begins("on_start", Stamp::nobody());
        Self::new(shared, Work::Waiting(Box::new(Started::hook(hook, Purpose::Start))))
    }

    /// For one that is made by its own task.
    pub(crate) fn supervised(shared: Arc<Shared>, keeper: Keeper<M>) -> Self {
        let work = Work::Down(Box::new(Down { fell: false, until: None, over: None }));
        let driver = Driver { keeper: Some(Box::new(keeper)), ..Driver::new(work) };
        Task { shared, driver: Some(Box::new(driver)) }
    }

    /// For one that has no state yet: it is [made](Self::make) before it runs.
    pub(crate) fn unmade(shared: Arc<Shared>) -> Self {
        Self::new(shared, Work::Down(Box::new(Down { fell: false, until: None, over: None })))
    }

    pub(crate) fn make(&mut self, engine: Box<dyn Engine<M>>) {
        let work = match engine.hook(Hook::Start) {
            Ok(hook) => {
                self.shared.traces.begins("on_start", Stamp::nobody());
                Work::Waiting(Box::new(Started::hook(hook, Purpose::Start)))
            }
            Err(engine) => Work::Here(engine),
        };
        self.driver = Some(Box::new(Driver::new(work)));
    }

    fn new(shared: Arc<Shared>, work: Work<M>) -> Self {
        Task { shared, driver: Some(Box::new(Driver::new(work))) }
    }
}

/// The driver of a task that had none yet. If it is needed any longer it stays, also where a panic goes through the task.
struct Fresh<'a, M: Message> {
    shared: &'a Shared,
    driver: Driver<M>,
    place: &'a mut Option<Box<Driver<M>>>,
}

impl<'a, M: Message> Fresh<'a, M> {
    fn new(shared: &'a Shared, place: &'a mut Option<Box<Driver<M>>>) -> Self {
        Fresh { shared, driver: Driver::new(Work::Resting), place }
    }
}

impl<M: Message> Drop for Fresh<'_, M> {
    fn drop(&mut self) {
        if !self.driver.is_blank(self.shared) {
            let driver = mem::replace(&mut self.driver, Driver::new(Work::Over));
            *self.place = Some(Box::new(driver));
        }
    }
}

impl<M: Message> Driver<M> {
    fn new(work: Work<M>) -> Self {
        Driver { taken: Taken::new(), work, grace: None, alarm: None, keeper: None }
    }

    /// Whether nothing would be lost with it.
    fn is_blank(&self, shared: &Shared) -> bool {
        let Driver { taken, work, grace, alarm, keeper } = self;
        match work {
            Work::Resting => taken.is_unused() && grace.is_none() && alarm.is_none() && keeper.is_none(),
            Work::Over => shared.has_ended(),
            _ => false,
        }
    }

    /// Does what can be done now; ready when the actor has ended.
    fn run(&mut self, shared: &Arc<Shared>, body: &Body<M>, cx: &mut Context<'_>) -> Poll<()> {
        let mut stint = Stint::new();
        loop {
            match self.work {
                Work::Over => return Poll::Ready(()),
                Work::Resting => {
                    let mut due = None;
                    let visited = body.spot.visit(|engine| {
                        let need = turn(&mut self.taken, shared, body, engine, &mut stint);
                        due = until(engine);
                        need.or_else(|| (body.mailbox.has_parked() || holds(engine)).then_some(Need::Keep))
                    });
                    match visited {
                        Visited::Rests => ready!(self.sleep_until(due, cx)),
                        Visited::Later => return Poll::Pending,
                        Visited::Engine(engine, need) => {
                            ready!(self.follow(shared, body, engine, need, cx));
                        }
                        Visited::Left(left) => self.take_over(shared, body, *left),
                    }
                }
                Work::Here(ref mut engine) => {
                    let need = turn(&mut self.taken, shared, body, &mut **engine, &mut stint);
                    let due = until(&mut **engine);
                    if need.is_none() && (!may_rest(body) || holds(&mut **engine)) {
                        ready!(self.sleep_until(due, cx));
                        continue;
                    }
                    let Work::Here(engine) = mem::replace(&mut self.work, Work::Over) else { continue };
                    match need {
                        Some(need) => ready!(self.follow(shared, body, engine, need, cx)),
                        None => {
                            self.work = rest(body, engine);
                            ready!(self.sleep_until(due, cx));
                        }
                    }
                }
                _ => ready!(self.go_on(shared, body, cx)),
            }
        }
    }

    /// The actor is here, or in a handler. Ready: something has changed.
    #[inline(never)]
    fn go_on(&mut self, shared: &Arc<Shared>, body: &Body<M>, cx: &mut Context<'_>) -> Poll<()> {
        match mem::replace(&mut self.work, Work::Over) {
            Work::Over | Work::Resting | Work::Here(_) => Poll::Ready(()),
            Work::Burying(burial) => self.bury(shared, body, burial, cx),
            Work::Down(down) => self.rise(shared, body, down, cx),
            Work::Waiting(mut started) => {
                if body.mailbox.has_aside() && !shared.bell.is_silent() {
                    body.mailbox.wake_server(cx.waker());
                }
                match started.poll(shared, cx) {
                    Poll::Ready(finished) => {
                        self.work = self.came_back(shared, body, *started, finished);
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
        body: &Body<M>,
        engine: Box<dyn Engine<M>>,
        need: Need<M>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        self.work = Work::Over;
        self.work = match need {
            Need::Pause => {
                self.work = Work::Here(engine);
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Need::Start(envelope) => {
                let work = self.start(shared, body, engine, envelope);
                if matches!(work, Work::Waiting(_)) {
                    self.lay_aside(body);
                }
                work
            }
            Need::Stop(reason) => self.stop(shared, body, engine, reason),
            Need::Keep => Work::Here(engine),
            Need::Exit(exit) => match engine.hook(Hook::Exit(exit)) {
                Ok(running) => {
                    self.lay_aside(body);
                    shared.traces.begins("on_exit", Stamp::nobody());
                    Work::Waiting(Box::new(Started::hook(running, Purpose::Exit)))
                }
                Err(engine) => Work::Here(engine),
            },
            Need::Bury(caller, orphans, panicked) => {
                let remains = Remains { engine: Some(engine), caller, orphans, ..Remains::default() };
                self.end(shared, body, remains, ExitReason::Panicked(panicked))
            }
            Need::Kill => {
                let remains = Remains { engine: Some(engine), ..Remains::default() };
                self.end(shared, body, remains, ExitReason::Killed)
            }
        };
        Poll::Ready(())
    }

    /// Starts a message that may wait.
    fn start(
        &mut self,
        shared: &Shared,
        body: &Body<M>,
        mut engine: Box<dyn Engine<M>>,
        envelope: Envelope<M>,
    ) -> Work<M> {
        let (running, policy, limit, caller, slow) = match envelope {
            Envelope::Own { message, call } => {
                let policy = (body.policy)(&message);
                if policy.mode == Mode::Concurrent {
                    let readers = engine.readers(Envelope::Own { message, call });
                    return Work::Waiting(Box::new(Started::hook(readers, Purpose::Readers)));
                }
                let Some(slot) = call.begin(policy.name, &shared.traces) else {
                    ending::throw_away(shared, message);
                    return Work::Here(engine);
                };
                let limit = slot.as_deref().map_or(Limit::Never, Slot::limit);
                let slow = engine.context().pace.is_slow(policy);
                let running = match policy.mode {
                    Mode::Last => engine.last(message),
                    Mode::Plain | Mode::Exclusive | Mode::Concurrent => engine.exclusive(message),
                };
                (running, policy, limit, slot.map(|slot| slot as AnyCaller), slow)
            }
            Envelope::Boxed(letter) if letter.policy().mode == Mode::Concurrent => {
                let readers = letter.open(engine);
                return Work::Waiting(Box::new(Started::hook(readers, Purpose::Readers)));
            }
            Envelope::Boxed(mut letter) => {
                let policy = letter.policy();
                let Some((caller, limit)) = letter.begin(&shared.traces) else {
                    ending::throw_away(shared, letter);
                    return Work::Here(engine);
                };
                let slow = engine.context().pace.is_slow(policy);
                (letter.start(engine), policy, limit, caller, slow)
            }
        };
        choice::handles(shared, policy.name);
        let started = Started::message(running, policy, limit, caller);
        // A slow one is timed, so that it can become short again, and be called directly.
        Work::Waiting(Box::new(if slow { started.timed() } else { started }))
    }

    /// What a caller could not finish.
    fn take_over(&mut self, shared: &Shared, body: &Body<M>, left: Leaving<M>) {
        self.work = Work::Over;
        shared.bell.wake_up();
        self.work = match left {
            Leaving::Started(started) => Work::Waiting(Box::new(started)),
            Leaving::Engine(engine) => {
                body.mailbox.take_aside(&mut self.taken);
                Work::Here(engine)
            }
            Leaving::Nothing => Work::Over,
            Leaving::Broken(engine, panicked, orphans) => {
                let remains = Remains { engine, orphans, ..Remains::default() };
                self.end(shared, body, remains, ExitReason::Panicked(panicked))
            }
        };
    }

    /// A handler or hook starts: it may serve messages while it waits.
    fn lay_aside(&mut self, body: &Body<M>) {
        body.mailbox.put_aside(&mut self.taken);
    }

    /// A handler or hook has ended.
    fn came_back(
        &mut self,
        shared: &Shared,
        body: &Body<M>,
        started: Started<M>,
        finished: Finished<M>,
    ) -> Work<M> {
        let name = started.name();
        let Parts { running, caller, purpose, message, orphans, took } = started.into_parts();
        drop(running);
        match &finished.outcome {
            Outcome::Message(reply) => shared.traces.ends::<M>(name, reply.as_ref(), caller.is_some()),
            Outcome::Hook(result) => shared.traces.hook_ends(name, result.is_ok()),
            Outcome::Answered | Outcome::Panicked(_) | Outcome::Killed => {}
        }
        if !matches!(finished.outcome, Outcome::Panicked(_) | Outcome::Killed) {
            shared.traces.rests();
        }
        self.taken.stirred = true;
        if body.mailbox.has_aside() {
            shared.bell.wake_up();
            body.mailbox.take_aside(&mut self.taken);
        }
        let Finished { mut engine, outcome } = finished;
        if let (Some(took), Some(policy), Some(engine)) = (took, message, &mut engine) {
            engine.context().pace.note(policy, took);
        }
        let replied = match outcome {
            Outcome::Message(reply) => Ok(reply_with(shared, message, caller, reply)),
            Outcome::Answered => Ok(reply_with::<M::Reply>(shared, message, caller, None)),
            Outcome::Hook(_) | Outcome::Panicked(_) | Outcome::Killed => Err((outcome, caller)),
        };
        let (outcome, caller) = match replied {
            Ok(Ok(())) => match engine {
                Some(engine) => return Work::Here(engine),
                None => return self.end(shared, body, Remains::default(), ExitReason::Finished),
            },
            Ok(Err(panicked)) => {
                let remains = Remains { engine, orphans, ..Remains::default() };
                return self.end(shared, body, remains, ExitReason::Panicked(panicked));
            }
            Err(other) => other,
        };
        let started = matches!((&outcome, &purpose), (Outcome::Hook(Ok(())), Purpose::Start));
        let is_last = message.is_some_and(|policy| policy.mode == Mode::Last);
        let reason = match (outcome, purpose) {
            (Outcome::Message(_) | Outcome::Answered, _) => ExitReason::Finished,
            (Outcome::Hook(Ok(())), Purpose::Stop(reason)) => reason,
            (Outcome::Hook(Ok(())), _) => match engine {
                Some(engine) => {
                    if started {
                        self.report(Report::Up);
                    }
                    return Work::Here(engine);
                }
                None => ExitReason::Finished,
            },
            (Outcome::Hook(Err(_)), Purpose::Stop(reason)) if !reason.is_normal() => reason,
            (Outcome::Hook(Err(error)), _) => ExitReason::failed(error),
            (Outcome::Panicked(panicked), _) => ExitReason::Panicked(panicked),
            (Outcome::Killed, _) => ExitReason::Killed,
        };
        let remains = Remains { engine, caller, orphans, ..Remains::default() };
        if is_last {
            self.end_for_good(shared, body, remains, reason)
        } else {
            self.end(shared, body, remains, reason)
        }
    }

    /// Ends it in order: nothing new is taken, and the stop hook runs.
    fn stop(
        &mut self,
        shared: &Shared,
        body: &Body<M>,
        engine: Box<dyn Engine<M>>,
        reason: ExitReason,
    ) -> Work<M> {
        if !self.comes_back(shared, &reason) {
            shared.stop();
        }
        match engine.hook(Hook::Stop) {
            Ok(running) => {
                self.lay_aside(body);
                shared.traces.begins("on_stop", Stamp::nobody());
                Work::Waiting(Box::new(Started::hook(running, Purpose::Stop(reason))))
            }
            Err(engine) => {
                self.end(shared, body, Remains { engine: Some(engine), ..Remains::default() }, reason)
            }
        }
    }

    /// Ready when the first of the actor's timers is due.
    #[inline]
    fn sleep_until(&mut self, due: Option<Instant>, cx: &mut Context<'_>) -> Poll<()> {
        match due {
            Some(due) => sleep_until(&mut self.alarm, due, cx),
            None => Poll::Pending,
        }
    }

    /// Those who asked it to end or to go down may not wait for ever.
    #[cold]
    fn watch_limits(&mut self, shared: &Shared, cx: &mut Context<'_>) {
        if shared.is_stopping() {
            self.watch_grace(shared, cx);
        } else if shared.is_to_go_down() {
            self.watch_cut(shared, cx);
        }
    }

    /// Turns `stop_within` into a kill when its time is up.
    fn watch_grace(&mut self, shared: &Shared, cx: &mut Context<'_>) {
        let Some(until) = shared.grace() else { return };
        if sleep_until(&mut self.grace, until, cx).is_ready() {
            shared.kill();
        }
    }

    /// Cuts a handler off that keeps it from going down for too long.
    fn watch_cut(&mut self, shared: &Shared, cx: &mut Context<'_>) {
        let Some(Rule::Above(leash)) = self.keeper.as_deref().map(|keeper| &keeper.rule) else { return };
        if let Some(until) = leash.cut()
            && sleep_until(&mut self.grace, until, cx).is_ready()
        {
            shared.cut();
        }
    }
}

/// Ready when `until` has come.
fn sleep_until(sleep: &mut Option<Pin<Box<Sleep>>>, until: Instant, cx: &mut Context<'_>) -> Poll<()> {
    choice::is_due(until);
    let sleep = sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
    if sleep.deadline() != until {
        sleep.as_mut().reset(until);
    }
    sleep.as_mut().poll(cx)
}

/// Until when the actor may rest.
#[inline]
fn until<M: Message>(engine: &mut dyn Engine<M>) -> Option<Instant> {
    engine.context().common.alarms.as_mut()?.sleep_until()
}

/// Whether a tick or a stream's item is held by its guard, which is asked again after each message: so none may be handled elsewhere.
fn holds<M: Message>(engine: &mut dyn Engine<M>) -> bool {
    let Common { alarms, beside } = &engine.context().common;
    alarms.as_ref().is_some_and(|alarms| alarms.holds())
        || beside.as_ref().is_some_and(|beside| beside.holds())
}

/// Lays an actor down that has nothing to do: only now, so that whoever finds it there finds nothing to overtake.
fn rest<M: Message>(body: &Body<M>, engine: Box<dyn Engine<M>>) -> Work<M> {
    if may_rest(body) {
        body.spot.rest(engine);
        Work::Resting
    } else {
        Work::Here(engine)
    }
}

/// Whether callers may find it in the spot.
#[inline]
fn may_rest<M: Message>(body: &Body<M>) -> bool {
    body.direct && !body.mailbox.has_parked()
}

/// A message has ended: its caller gets the reply. An error is the panic of one that nobody wants, where it is dropped.
fn reply_with<R: Send + 'static>(
    shared: &Shared,
    message: Option<&'static Policy>,
    caller: Option<AnyCaller>,
    reply: Option<R>,
) -> Result<(), Panicked> {
    let unwanted = match caller.and_then(typed::<R>) {
        Some(slot) => slot.finish(reply),
        None => reply.map(Ok),
    };
    if unwanted.is_none() || !mem::needs_drop::<R>() {
        return Ok(());
    }
    let frame = Frame { policy: message, ..idle_frame(shared) };
    scope::drop_within(frame, unwanted).result
}

impl<M: Message> Future for Task<M> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Task { shared, driver } = self.get_mut();
        let Some(body) = shared.body::<M>() else { return Poll::Ready(()) };
        choice::enter(shared.id);
        shared.answer_with(cx.waker());
        let mut fresh = None;
        let driver = match driver {
            Some(driver) => &mut **driver,
            none => &mut fresh.insert(Fresh::new(shared, none)).driver,
        };
        if !shared.is_at_peace() {
            driver.watch_limits(shared, cx);
        }
        driver.run(shared, body, cx)
    }
}

/// The runtime goes, and the actor with it.
impl<M: Message> Drop for Task<M> {
    fn drop(&mut self) {
        let Task { shared, driver } = self;
        let Some(body) = shared.body::<M>() else { return };
        let Some(driver) = driver.as_deref_mut() else {
            if shared.has_ended() {
                return;
            }
            return let_go(shared, body, body.spot.close(), VecDeque::new());
        };
        let found = match mem::replace(&mut driver.work, Work::Over) {
            Work::Over if shared.has_ended() => return,
            Work::Over => {
                // A panic went through the task and took the actor with it; its callers are still there.
                let panicked = Panicked::new(None, "the actor was lost".to_owned(), None);
                Found::Left(Box::new(Leaving::Broken(None, panicked, Orphans::default())))
            }
            Work::Here(engine) => Found::Engine(engine),
            Work::Waiting(started) => Found::Left(Box::new(Leaving::Started(*started))),
            Work::Resting => body.spot.close(),
            Work::Burying(burial) if !burial.fell => return burial.over.announce_now(shared),
            Work::Burying(burial) => {
                burial.over.children.iter().rev().for_each(|child| child.shared.kill());
                Found::Left(Box::new(Leaving::Nothing))
            }
            Work::Down(_) => Found::Left(Box::new(Leaving::Nothing)),
        };
        driver.forget_keeper(shared);
        let_go(shared, body, found, driver.taken.take_all());
    }
}

/// Ends an actor whose task goes.
fn let_go<M: Message>(shared: &Shared, body: &Body<M>, found: Found<M>, batch: VecDeque<Envelope<M>>) {
    match found {
        Found::Engine(engine) => ending::abandon(shared, body, Leaving::Engine(engine), batch),
        Found::Left(left) => ending::abandon(shared, body, *left, batch),
        // A caller has it in the middle of a handler, and ends it when it comes back.
        Found::Later => {
            shared.kill();
            ending::discard(shared, batch);
        }
    }
}
