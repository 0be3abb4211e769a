//! The spot where an idle actor lies.

use super::*;

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
    fn has_destructor(&mut self) -> bool {
        true
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
        assert!(spot.rest(Box::new(Parcel(Arc::new(AtomicUsize::new(0))))).is_ok());
        let caller = {
            let (spot, bell) = (Arc::clone(&spot), Arc::clone(&bell));
            thread::spawn(move || {
                if let Took::Engine(mut engine, place) = spot.take(&bell, || bell.is_silent()) {
                    Parcel::run(&mut *engine);
                    if place.put_back(engine).is_ok_and(|wanted| wanted) {
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
    is_ended_by_one(true);
}

#[test]
fn a_closed_spot_has_one_who_ends_the_actor_that_was_not_to_be_taken() {
    is_ended_by_one(false);
}

fn is_ended_by_one(silent: bool) {
    check(move || {
        let spot = Arc::new(Spot::busy());
        assert!(spot.rest(Box::new(Parcel(Arc::new(AtomicUsize::new(0))))).is_ok());
        let caller = {
            let spot = Arc::clone(&spot);
            thread::spawn(move || match spot.take(&Bell::new(true), || silent) {
                Took::Engine(engine, place) => place.put_back(engine).is_err(),
                Took::Not => false,
                Took::Last(_) => true,
            })
        };
        let task_ends_it = matches!(spot.close(), Found::Engine(_));
        let caller_ends_it = caller.join().unwrap();
        assert!(task_ends_it != caller_ends_it);
        assert!(matches!(spot.take(&Bell::new(true), || true), Took::Not), "it can be taken once more");
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
                if let Took::Engine(engine, place) = spot.take(&bell, || bell.is_silent()) {
                    assert!(mailbox.is_empty(), "a direct call before an earlier message");
                    drop(place.put_back(engine));
                }
            })
        };
        // The task: looks, falls asleep, looks again, and only then lays the actor down.
        let mut taken = AnyTaken::default();
        let engine = Box::new(Parcel(Arc::new(AtomicUsize::new(0))));
        while receive(&mailbox, &mut taken, &bell).is_some() {}
        assert!(spot.rest(engine).is_ok());
        sender.join().unwrap();
    });
}

#[test]
fn a_direct_call_overtakes_no_message_while_the_task_runs_in_place() {
    check(|| {
        let (mailbox, spot, bell) = (mailbox(4), Arc::new(Spot::busy()), Arc::new(Bell::new(true)));
        assert!(spot.rest(Box::new(Parcel(Arc::new(AtomicUsize::new(0))))).is_ok());
        let (woken, waker) = Woken::new();
        bell.answer_with(&waker);
        let sender = {
            let (mailbox, spot, bell) = (Arc::clone(&mailbox), Arc::clone(&spot), Arc::clone(&bell));
            thread::spawn(move || {
                assert!(mailbox.push(envelope(0), false).is_ok());
                bell.ring();
                if let Took::Engine(mut engine, place) = spot.take(&bell, || bell.is_silent()) {
                    assert!(mailbox.is_empty(), "a direct call before an earlier message");
                    Parcel::run(&mut *engine);
                    if place.put_back(engine).is_ok_and(|wanted| wanted) {
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
