//! Every interleaving of the parts that decide who gets what.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p actor-core --lib --release`

use crate::actor::Message;
use crate::bell::Bell;
use crate::context::Inner;
use crate::engine::{Begun, Desk, Engine, Hook, Row, Running};
use crate::error::CallError;
use crate::exit::ExitReason;
use crate::handle::{ActorHandle, DefaultHandle, Handle, RawHandle};
use crate::id::ActorId;
use crate::inbox::Inbox;
use crate::letter::Anyone;
use crate::limit::Limit;
use crate::line::{Refusal, Ticket};
use crate::mailbox::{Envelope, Mailbox};
use crate::policy::{Capacity, Overflow, Policy};
use crate::registry::Registry;
use crate::shared::{Body, Shared};
use crate::slot::{Left, Queued, Slot};
use crate::spawn::Said;
use crate::spot::{Found, Spot, Visited};
use crate::stint::Stint;
use crate::sync::{AtomicBool, AtomicUsize, Ordering};
use crate::taken::AnyTaken;
use crate::waits::{self, Awaited, Edge, Stage, Target, What};
use crate::watchdog::Patience;
use loom::model::Builder;
use loom::thread;
use std::any::Any;
use std::sync::Arc;
use std::task::{Poll, Wake, Waker};

/// In every order.
fn check(model: impl Fn() + Send + Sync + 'static) {
    Builder::new().check(model);
}

/// In every order with at most three preemptions, for what has too many.
fn check_most(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

#[derive(Debug, PartialEq)]
struct Number(u32);

impl Message for Number {
    type Reply = u32;
    fn name(&self) -> &'static str {
        "number"
    }
}

fn receive(mailbox: &Mailbox<Number>, taken: &mut AnyTaken, bell: &Bell) -> Option<u32> {
    let mut next = None;
    Inbox::new(mailbox, bell, taken).receive(&mut next);
    next.map(number)
}

fn number(envelope: Envelope<Number>) -> u32 {
    match envelope {
        Envelope::Own { message, call } => {
            call.take_back();
            message.0
        }
        Envelope::Boxed(_) => unreachable!("nothing is boxed here"),
    }
}

/// A waker that loom sees.
struct Woken(AtomicBool);

impl Woken {
    fn new() -> (Arc<Self>, Waker) {
        let woken = Arc::new(Woken(AtomicBool::new(false)));
        (Arc::clone(&woken), Waker::from(woken))
    }
    fn was_woken(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        // One that comes second hands on what the first did, as a runtime's does.
        self.0.swap(true, Ordering::AcqRel);
    }
}

fn slot() -> Arc<Slot<u32>> {
    Slot::queued(ActorId::next(), Limit::Never, None, 0)
}

// ---- a call ------------------------------------------------------------------------------------------------------------------

#[test]
fn either_the_message_runs_or_its_caller_knows_that_it_never_will() {
    check(|| {
        let slot = slot();
        let ran = Arc::new(AtomicBool::new(false));
        let actor = {
            let (slot, ran) = (Arc::clone(&slot), Arc::clone(&ran));
            thread::spawn(move || {
                if slot.begin() {
                    ran.store(true, Ordering::Release);
                    slot.answer(Ok(7));
                }
            })
        };
        let left = slot.leave();
        actor.join().unwrap();
        let ran = ran.load(Ordering::Acquire);
        match left {
            Left::NeverRan => assert!(!ran),
            Left::Running => assert!(ran),
            Left::Answered(answer) => assert!(ran && answer.unwrap() == 7),
        }
    });
}

#[test]
fn an_answer_reaches_a_caller_that_waits_and_none_is_lost() {
    check(|| {
        let slot = slot();
        let actor = {
            let slot = Arc::clone(&slot);
            thread::spawn(move || {
                if slot.begin() {
                    slot.answer(Ok(7));
                }
            })
        };
        let (woken, waker) = Woken::new();
        let first = slot.poll(&waker);
        actor.join().unwrap();
        match first {
            Poll::Ready(answer) => assert_eq!(answer.unwrap(), 7),
            Poll::Pending => {
                assert!(woken.was_woken(), "it sleeps for ever");
                assert!(matches!(slot.poll(&waker), Poll::Ready(Ok(7))));
            }
        }
    });
}

#[test]
fn a_refusal_a_start_and_a_leaving_caller_have_one_winner() {
    check(|| {
        let slot = slot();
        let begun = Arc::new(AtomicBool::new(false));
        let actor = {
            let (slot, begun) = (Arc::clone(&slot), Arc::clone(&begun));
            thread::spawn(move || begun.store(slot.begin(), Ordering::Release))
        };
        let end = {
            let slot = Arc::clone(&slot);
            thread::spawn(move || slot.caller().never_runs(CallError::NotRunning))
        };
        let left = slot.leave();
        actor.join().unwrap();
        end.join().unwrap();
        let begun = begun.load(Ordering::Acquire);
        match left {
            Left::NeverRan => assert!(!begun),
            Left::Running => assert!(begun),
            Left::Answered(answer) => assert!(!begun && answer.unwrap_err().never_ran()),
        }
    });
}

#[test]
fn whoever_watches_learns_that_the_caller_has_gone() {
    check(|| {
        let slot = Slot::<u32>::started(ActorId::next(), Limit::Never, None);
        let caller = {
            let slot = Arc::clone(&slot);
            thread::spawn(move || drop(slot.leave()))
        };
        let (woken, waker) = Woken::new();
        let gone = slot.caller().poll_gone(&waker);
        caller.join().unwrap();
        assert!(gone || woken.was_woken());
    });
}

// ---- the bell ----------------------------------------------------------------------------------------------------------------

fn envelope(n: u32) -> Envelope<Number> {
    Envelope::Own { message: Number(n), call: Queued::tell() }
}

fn mailbox(capacity: usize) -> Arc<Mailbox<Number>> {
    Arc::new(Mailbox::new(Capacity::Bounded(capacity), Overflow::Wait))
}

#[test]
fn a_message_is_seen_before_the_task_sleeps_or_wakes_it() {
    check(|| senders(&[false]));
}

#[test]
fn so_are_those_of_two_senders() {
    check_most(|| senders(&[false, false]));
}

#[test]
fn so_is_an_urgent_one_the_first_of_which_makes_their_lane() {
    check(|| senders(&[true]));
}

#[test]
fn so_are_two_urgent_ones() {
    check_most(|| senders(&[true, true]));
}

#[test]
fn so_are_an_urgent_one_and_another() {
    check_most(|| senders(&[true, false]));
}

fn senders(urgent: &[bool]) {
    let (mailbox, bell) = (mailbox(4), Arc::new(Bell::new(false)));
    let senders: Vec<_> = urgent
        .iter()
        .map(|&urgent| {
            let (mailbox, bell) = (Arc::clone(&mailbox), Arc::clone(&bell));
            thread::spawn(move || {
                assert!(mailbox.push(envelope(1), urgent).is_ok());
                bell.ring();
            })
        })
        .collect();
    let (woken, waker) = Woken::new();
    bell.answer_with(&waker);
    let mut taken = AnyTaken::default();
    let mut seen = 0;
    while receive(&mailbox, &mut taken, &bell).is_some() {
        seen += 1;
    }
    senders.into_iter().for_each(|sender| sender.join().unwrap());
    assert!(seen == urgent.len() || woken.was_woken(), "{seen} seen, and it sleeps");
}

/// A message is sent while an actor falls asleep over the one before it, since one came alone before.
fn sends_to_one_that_dozes(room: usize, urgent: bool) {
    let (mailbox, bell) = (mailbox(room), Arc::new(Bell::new(false)));
    let (woken, waker) = Woken::new();
    bell.answer_with(&waker);
    let mut taken = AnyTaken::default();
    assert!(mailbox.push(envelope(0), false).is_ok());
    assert_eq!(receive(&mailbox, &mut taken, &bell), Some(0));
    assert_eq!(receive(&mailbox, &mut taken, &bell), None);
    bell.wake_up();
    assert!(mailbox.push(envelope(1), false).is_ok());
    let sender = {
        let (mailbox, bell) = (Arc::clone(&mailbox), Arc::clone(&bell));
        thread::spawn(move || {
            match mailbox.push(envelope(2), urgent) {
                Ok(()) => {}
                Err(envelope) => assert!(mailbox.join(envelope, None, urgent).is_ok()),
            }
            bell.ring();
        })
    };
    let mut seen = 0;
    while receive(&mailbox, &mut taken, &bell).is_some() {
        seen += 1;
    }
    sender.join().unwrap();
    assert!(seen == 2 || woken.was_woken(), "{seen} seen, and it sleeps");
}

#[test]
fn one_that_falls_asleep_over_a_message_is_woken_for_the_next() {
    for urgent in [false, true] {
        check(move || sends_to_one_that_dozes(4, urgent));
    }
}

#[test]
fn one_that_falls_asleep_over_a_message_lets_in_who_waits_for_room() {
    check(|| sends_to_one_that_dozes(1, false));
}

// ---- the line ----------------------------------------------------------------------------------------------------------------

#[test]
fn a_sender_that_waits_for_room_is_let_in() {
    check(|| {
        let mailbox = mailbox(1);
        assert!(mailbox.push(envelope(0), false).is_ok());
        let sender = {
            let mailbox = Arc::clone(&mailbox);
            thread::spawn(move || match mailbox.push(envelope(1), false) {
                Ok(()) => {}
                Err(envelope) => assert!(mailbox.join(envelope, None, false).is_ok()),
            })
        };
        let (mut taken, bell) = (AnyTaken::default(), Bell::new(false));
        assert_eq!(receive(&mailbox, &mut taken, &bell), Some(0));
        let early = receive(&mailbox, &mut taken, &bell);
        sender.join().unwrap();
        let second = early.or_else(|| receive(&mailbox, &mut taken, &bell));
        assert_eq!(second, Some(1), "it stands in the line for ever");
    });
}

#[test]
fn one_that_leaves_the_line_takes_its_message_or_has_been_let_in() {
    check(|| {
        let mailbox = mailbox(1);
        assert!(mailbox.push(envelope(0), false).is_ok());
        let ticket = Ticket::new();
        let Ok(place) = mailbox.join(envelope(1), Some(Arc::clone(&ticket)), false) else {
            panic!("it is open")
        };
        let actor = {
            let mailbox = Arc::clone(&mailbox);
            thread::spawn(move || {
                let (mut taken, bell) = (AnyTaken::default(), Bell::new(false));
                assert!(receive(&mailbox, &mut taken, &bell).is_some());
                receive(&mailbox, &mut taken, &bell)
            })
        };
        let back = mailbox.leave(place).map(number);
        let received = actor.join().unwrap();
        let (_, waker) = Woken::new();
        match back {
            Some(n) => assert!(n == 1 && received.is_none()),
            None => assert!(received == Some(1) && ticket.poll(&waker).is_ready()),
        }
    });
}

#[test]
fn one_that_has_let_go_waits_for_nothing_whoever_decides_meanwhile() {
    check(|| {
        let mailbox = mailbox(1);
        assert!(mailbox.push(envelope(0), false).is_ok());
        let ticket = Ticket::new();
        let Ok(place) = mailbox.join(envelope(1), Some(Arc::clone(&ticket)), false) else {
            panic!("it is open")
        };
        ticket.wait_in(7);
        let actor = {
            let mailbox = Arc::clone(&mailbox);
            thread::spawn(move || {
                let (mut taken, bell) = (AnyTaken::default(), Bell::new(false));
                receive(&mailbox, &mut taken, &bell)
            })
        };
        drop(mailbox.leave(place));
        ticket.let_go();
        assert_eq!(ticket.stage(7), Stage::Over);
        assert_eq!(actor.join().unwrap(), Some(0));
        assert_eq!(ticket.stage(7), Stage::Over, "the actor may have it a moment longer");
    });
}

#[test]
fn one_that_waits_while_the_line_is_closed_is_sent_away() {
    check(|| {
        let mailbox = mailbox(1);
        assert!(mailbox.push(envelope(0), false).is_ok());
        let end = {
            let mailbox = Arc::clone(&mailbox);
            thread::spawn(move || mailbox.close_line())
        };
        let ticket = Ticket::new();
        let (woken, waker) = Woken::new();
        let joined = mailbox.join(envelope(1), Some(Arc::clone(&ticket)), false).is_ok();
        let sent_away = || Poll::Ready(Err(Refusal::Ended(Some(Box::new(Number(1))))));
        let mut turn = if joined { ticket.poll(&waker) } else { sent_away() };
        end.join().unwrap();
        if turn.is_pending() {
            assert!(woken.was_woken());
            turn = ticket.poll(&waker);
        }
        let Poll::Ready(Err(Refusal::Ended(Some(back)))) = turn else { panic!("it was let in") };
        assert_eq!(back.downcast().ok(), Some(Box::new(Number(1))));
    });
}

// ---- the end -----------------------------------------------------------------------------------------------------------------

#[test]
fn a_call_that_is_sent_while_the_actor_ends_is_answered() {
    check(|| {
        let (mailbox, ended) = (mailbox(4), Arc::new(AtomicBool::new(false)));
        let end = {
            let (mailbox, ended) = (Arc::clone(&mailbox), Arc::clone(&ended));
            thread::spawn(move || {
                ended.store(true, Ordering::Release);
                mailbox.close_line();
                mailbox.clear(&mut drop);
            })
        };
        let slot = slot();
        if !ended.load(Ordering::Acquire) {
            let call = Queued::call(Arc::clone(&slot));
            assert!(mailbox.push(Envelope::Own { message: Number(1), call }, false).is_ok());
            if ended.load(Ordering::Acquire) {
                mailbox.clear(&mut drop);
            }
        } else {
            slot.caller().never_runs(CallError::NotRunning);
        }
        end.join().unwrap();
        let (_, waker) = Woken::new();
        assert!(matches!(slot.poll(&waker), Poll::Ready(Err(CallError::NotRunning))));
    });
}

// ---- the spot ----------------------------------------------------------------------------------------------------------------

/// An actor that is only handed around.
struct Parcel(Arc<AtomicUsize>);

impl Parcel {
    fn run(engine: &mut dyn Engine) {
        let engine: &mut dyn Any = engine;
        let Some(Parcel(holders)) = engine.downcast_ref() else { unreachable!("there is nothing else") };
        assert_eq!(holders.fetch_add(1, Ordering::AcqRel), 0, "two at once");
        thread::yield_now();
        holders.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Engine for Parcel {
    fn context(&mut self) -> &mut Inner {
        unreachable!("nothing runs here")
    }
    fn parts(&mut self) -> (&mut Anyone, &mut Anyone) {
        unreachable!("nothing runs here")
    }
    fn row(&mut self, _: &Shared, _: &mut AnyTaken, _: &mut Stint) -> Row {
        Row::LookUp
    }
    fn start(self: Box<Self>, _: &Shared, _: &mut AnyTaken) -> Begun {
        Begun::Not(self)
    }
    fn hook(self: Box<Self>, _: Hook) -> Result<Running, Box<dyn Engine>> {
        Err(self)
    }
}

#[test]
fn the_task_gets_an_actor_that_a_caller_has() {
    check(|| {
        let (spot, bell) = (Arc::new(Spot::busy()), Arc::new(Bell::new(true)));
        spot.rest(Box::new(Parcel(Arc::new(AtomicUsize::new(0)))));
        let caller = {
            let (spot, bell) = (Arc::clone(&spot), Arc::clone(&bell));
            thread::spawn(move || {
                if let Some(mut engine) = spot.take(|| bell.is_silent()) {
                    Parcel::run(&mut *engine);
                    if spot.put_back(engine).is_ok_and(|wanted| wanted) {
                        bell.knock();
                    }
                }
            })
        };
        let (woken, waker) = Woken::new();
        bell.answer_with(&waker);
        let run = |engine: &mut dyn Engine| {
            Parcel::run(engine);
            None::<()>
        };
        let first = spot.visit(run);
        caller.join().unwrap();
        match first {
            Visited::Rests => {}
            Visited::Engine(..) | Visited::Left(_) => unreachable!("nothing was left or needed"),
            Visited::Later => {
                assert!(woken.was_woken(), "the task sleeps for ever");
                assert!(matches!(spot.visit(run), Visited::Rests));
            }
        }
    });
}

#[test]
fn a_closed_spot_has_one_who_ends_the_actor() {
    check(|| {
        let spot = Arc::new(Spot::busy());
        spot.rest(Box::new(Parcel(Arc::new(AtomicUsize::new(0)))));
        let caller = {
            let spot = Arc::clone(&spot);
            thread::spawn(move || match spot.take(|| true) {
                Some(engine) => spot.put_back(engine).is_err(),
                None => false,
            })
        };
        let task_ends_it = matches!(spot.close(), Found::Engine(_));
        let caller_ends_it = caller.join().unwrap();
        assert!(task_ends_it != caller_ends_it);
    });
}

#[test]
fn a_direct_call_overtakes_no_message_of_its_own_sender() {
    check(|| {
        let (mailbox, spot, bell) = (mailbox(4), Arc::new(Spot::busy()), Arc::new(Bell::new(false)));
        let sender = {
            let (mailbox, spot, bell) = (Arc::clone(&mailbox), Arc::clone(&spot), Arc::clone(&bell));
            thread::spawn(move || {
                assert!(mailbox.push(envelope(0), false).is_ok());
                bell.ring();
                match spot.take(|| bell.is_silent()) {
                    Some(engine) => {
                        assert!(mailbox.is_empty(), "a direct call before an earlier message");
                        drop(spot.put_back(engine));
                    }
                    None => {}
                }
            })
        };
        // The task: looks, falls asleep, looks again, and only then lays the actor down.
        let mut taken = AnyTaken::default();
        let engine = Box::new(Parcel(Arc::new(AtomicUsize::new(0))));
        while receive(&mailbox, &mut taken, &bell).is_some() {}
        spot.rest(engine);
        sender.join().unwrap();
    });
}

#[test]
fn a_direct_call_overtakes_no_message_while_the_task_runs_in_place() {
    check(|| {
        let (mailbox, spot, bell) = (mailbox(4), Arc::new(Spot::busy()), Arc::new(Bell::new(true)));
        spot.rest(Box::new(Parcel(Arc::new(AtomicUsize::new(0)))));
        let (woken, waker) = Woken::new();
        bell.answer_with(&waker);
        let sender = {
            let (mailbox, spot, bell) = (Arc::clone(&mailbox), Arc::clone(&spot), Arc::clone(&bell));
            thread::spawn(move || {
                assert!(mailbox.push(envelope(0), false).is_ok());
                bell.ring();
                if let Some(mut engine) = spot.take(|| bell.is_silent()) {
                    assert!(mailbox.is_empty(), "a direct call before an earlier message");
                    Parcel::run(&mut *engine);
                    if spot.put_back(engine).is_ok_and(|wanted| wanted) {
                        bell.knock();
                    }
                }
            })
        };
        // The task is woken by something else at the same time.
        let mut taken = AnyTaken::default();
        let mut visit = || {
            spot.visit(|engine| {
                bell.wake_up();
                while receive(&mailbox, &mut taken, &bell).is_some() {
                    Parcel::run(&mut *engine);
                }
                None::<()>
            })
        };
        let first = visit();
        sender.join().unwrap();
        if !mailbox.is_empty() || matches!(first, Visited::Later) {
            assert!(woken.was_woken(), "the task sleeps for ever");
            assert!(matches!(visit(), Visited::Rests));
        }
        assert!(mailbox.is_empty());
    });
}

// ---- the last handle ---------------------------------------------------------------------------------------------------------

static NUMBER: Policy = Policy::plain("number");

fn actor(runtime: &tokio::runtime::Handle) -> Arc<Shared> {
    let body = Body::<Number> {
        mailbox: Mailbox::new(Capacity::Bounded(4), Overflow::Wait),
        spot: Spot::busy(),
        desk: &Desk {
            verdict: |_, _, _| Ok(true),
            plain: |_, _| None,
            exclusive: |_, _| unreachable!("nothing runs here"),
        },
        policy: |_| &NUMBER,
        urgent: false,
        timeout: None,
        direct: false,
        mock: false,
        receipts: None,
        #[cfg(feature = "test")]
        also: Default::default(),
    };
    Shared::new(None, runtime.clone(), Said::default(), true, Patience::new(None), Box::new(body))
}

/// What the task of an idle actor does first: whether it sees that nobody can reach it any more.
fn first_poll(shared: &Shared, waker: &Waker) -> bool {
    shared.answer_with(waker);
    shared.is_deserted()
}

fn without_a_runtime() -> tokio::runtime::Handle {
    tokio::runtime::Builder::new_current_thread().build().unwrap().handle().clone()
}

#[test]
fn the_last_handle_is_seen_to_go_or_wakes_the_task() {
    let handle = without_a_runtime();
    check(move || {
        let shared = actor(&handle);
        let holder = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.drop_handle())
        };
        let (woken, waker) = Woken::new();
        let is_over = first_poll(&shared, &waker);
        holder.join().unwrap();
        assert!(is_over || woken.was_woken());
    });
}

#[test]
fn so_is_a_stop() {
    let handle = without_a_runtime();
    check(move || {
        let shared = actor(&handle);
        let other = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.stop())
        };
        let (woken, waker) = Woken::new();
        first_poll(&shared, &waker);
        let is_stopping = shared.is_stopping();
        other.join().unwrap();
        assert!(is_stopping || woken.was_woken());
    });
}

/// The last handle and the last caller whose reply was kept go at the same time, and the task looks whenever it is woken.
#[test]
fn so_is_the_last_of_both_that_keep_it_alive() {
    let handle = without_a_runtime();
    check_most(move || {
        let shared = actor(&handle);
        shared.keep();
        let (woken, waker) = Woken::new();
        shared.answer_with(&waker);
        let holder = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.drop_handle())
        };
        let caller = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.release())
        };
        let is_over = woken.0.swap(false, Ordering::AcqRel) && shared.is_deserted();
        holder.join().unwrap();
        caller.join().unwrap();
        assert!(is_over || woken.was_woken());
    });
}

// ---- names -------------------------------------------------------------------------------------------------------------------

/// The first handle of an actor.
fn handle(runtime: &tokio::runtime::Handle) -> DefaultHandle<Number> {
    DefaultHandle::from_raw(RawHandle::first(actor(runtime)))
}

fn find(registry: &Registry) -> Option<DefaultHandle<Number>> {
    registry.get("name")
}

#[test]
fn who_is_found_while_its_last_handle_goes_lives_on_or_is_not_found() {
    let runtime = without_a_runtime();
    check(move || {
        let (registry, last) = (Arc::new(Registry::new()), handle(&runtime));
        registry.register("name", &last).unwrap();
        let shared = Arc::clone(last.raw().shared());
        let (woken, waker) = Woken::new();
        shared.answer_with(&waker);
        let finder = {
            let registry = Arc::clone(&registry);
            thread::spawn(move || find(&registry))
        };
        drop(last);
        let is_over = woken.was_woken() && shared.is_deserted();
        let found = finder.join().unwrap();
        assert_eq!(found.is_some(), !is_over);
        drop(found);
        assert!(woken.was_woken() && shared.is_deserted());
        assert_eq!(find(&registry), None);
    });
}

#[test]
fn who_was_seen_to_end_is_not_found_and_its_name_is_free() {
    let runtime = without_a_runtime();
    check(move || {
        let (registry, [ends, next]) = (Registry::new(), [(); 2].map(|()| handle(&runtime)));
        registry.register("name", &ends).unwrap();
        let task = {
            let shared = Arc::clone(ends.raw().shared());
            thread::spawn(move || {
                shared.end();
                shared.announce(ExitReason::Stopped);
            })
        };
        let was_over = !ends.is_running();
        let found = find(&registry);
        let is_free = registry.register("name", &next).is_ok();
        let is_over = !ends.is_running();
        assert!(!was_over || found.is_none() && is_free);
        assert!(found.is_some() || is_over, "it ran, and had its name");
        assert!(!is_free || is_over, "while it ran, its name was another's");
        task.join().unwrap();
        assert_eq!(find(&registry), is_free.then_some(next));
    });
}

#[test]
fn of_two_who_want_the_name_of_one_that_ends_one_gets_it() {
    let runtime = without_a_runtime();
    check_most(move || {
        let (registry, [ends, one, two]) = (Arc::new(Registry::new()), [(); 3].map(|()| handle(&runtime)));
        registry.register("name", &ends).unwrap();
        ends.raw().shared().end();
        let other = {
            let (registry, two) = (Arc::clone(&registry), two.clone());
            thread::spawn(move || registry.register("name", &two).is_ok())
        };
        ends.raw().shared().announce(ExitReason::Stopped);
        let is_ones = registry.register("name", &one).is_ok();
        let is_twos = other.join().unwrap();
        assert!(is_ones != is_twos);
        assert_eq!(find(&registry), Some(if is_ones { one } else { two }));
    });
}

// ---- deadlocks ---------------------------------------------------------------------------------------------------------------

/// The handler `run` of an actor, whose poll ends: it waits for `slot` at `to`.
fn pend(shared: &Shared, run: u64, slot: &Arc<Slot<u32>>, to: &Arc<Shared>) {
    let edge = edge(run, slot, to);
    waits::pend(shared, |main| {
        (main.run, main.edges) = (run, vec![edge]);
        false
    });
}

fn edge(run: u64, slot: &Arc<Slot<u32>>, to: &Arc<Shared>) -> Edge {
    slot.wait_in(run);
    let awaited: Arc<dyn Awaited> = Arc::clone(slot) as _;
    let target = Target { to: Arc::clone(to), what: What::Answer, policy: None };
    Edge { number: run, run, awaited: Some(Arc::downgrade(&awaited)), target }
}

fn is_told(slot: &Slot<u32>) -> bool {
    matches!(slot.poll(Waker::noop()), Poll::Ready(Err(CallError::Deadlock(_))))
}

#[test]
fn of_two_who_close_a_cycle_one_is_told() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let handle = runtime.handle().clone();
    check_most(move || {
        let (a, b) = (actor(&handle), actor(&handle));
        let (there, back) = (slot(), slot());
        let other = {
            let (a, b, back) = (Arc::clone(&a), Arc::clone(&b), Arc::clone(&back));
            thread::spawn(move || pend(&b, 2, &back, &a))
        };
        pend(&a, 1, &there, &b);
        other.join().unwrap();
        assert!(is_told(&there) != is_told(&back));
        (waits::end(&a), waits::end(&b));
    });
}

#[test]
fn also_while_one_of_them_is_polled_for_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let handle = runtime.handle().clone();
    check_most(move || {
        let (a, b) = (actor(&handle), actor(&handle));
        let (there, back) = (slot(), slot());
        pend(&b, 1, &back, &a);
        let other = {
            let b = Arc::clone(&b);
            thread::spawn(move || {
                waits::resume(&b, false);
                waits::pend(&b, |_| false);
            })
        };
        pend(&a, 2, &there, &b);
        other.join().unwrap();
        assert!(is_told(&there) && !is_told(&back), "the newest");
        (waits::end(&a), waits::end(&b));
    });
}

/// A handler that waits for the first of two is polled for nothing when the first of them is answered: it goes on, though the other alone would
/// close a circle.
#[test]
fn one_that_was_answered_in_the_middle_of_a_poll_goes_on() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let handle = runtime.handle().clone();
    check_most(move || {
        let (a, b, c) = (actor(&handle), actor(&handle), actor(&handle));
        let (there, free, back) = (slot(), slot(), slot());
        pend(&b, 1, &back, &a);
        assert!(free.begin());
        let edges = vec![edge(2, &there, &b), edge(2, &free, &c)];
        waits::pend(&a, |main| {
            (main.run, main.edges) = (2, edges);
            false
        });
        let other = {
            let free = Arc::clone(&free);
            thread::spawn(move || assert!(free.answer(Ok(7))))
        };
        waits::resume(&a, true);
        match free.poll(Waker::noop()) {
            Poll::Ready(_) => waits::end(&a),
            Poll::Pending => waits::pend(&a, |main| main.pend(|_| ())),
        }
        other.join().unwrap();
        assert!(!is_told(&there) && !is_told(&back));
        (waits::end(&a), waits::end(&b));
    });
}

#[test]
fn waits_of_different_times_are_no_cycle() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let handle = runtime.handle().clone();
    check_most(move || {
        let (a, b, onlooker) = (actor(&handle), actor(&handle), actor(&handle));
        let (there, back, looks) = (slot(), slot(), slot());
        let other = {
            let (a, b) = (Arc::clone(&a), Arc::clone(&b));
            let (there, back) = (Arc::clone(&there), Arc::clone(&back));
            thread::spawn(move || {
                pend(&a, 1, &there, &b);
                assert!(there.begin() && there.answer(Ok(7)));
                waits::resume(&a, false);
                waits::end(&a);
                pend(&b, 2, &back, &a);
            })
        };
        pend(&onlooker, 3, &looks, &a);
        other.join().unwrap();
        assert!(!is_told(&there) && !is_told(&back) && !is_told(&looks));
        (waits::end(&onlooker), waits::end(&b));
    });
}
