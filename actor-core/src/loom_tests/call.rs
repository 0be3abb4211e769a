//! A call: who starts it, who answers it, who leaves.

use super::*;

#[test]
fn either_the_message_runs_or_its_caller_knows_that_it_never_will() {
    check(|| {
        let slot = slot();
        let ran = Arc::new(AtomicBool::new(false));
        let actor = {
            let (slot, ran) = (Joint::clone(&slot), Arc::clone(&ran));
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
            let slot = Joint::clone(&slot);
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
            let (slot, begun) = (Joint::clone(&slot), Arc::clone(&begun));
            thread::spawn(move || begun.store(slot.begin(), Ordering::Release))
        };
        let end = {
            let slot = Joint::clone(&slot);
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
            let slot = Joint::clone(&slot);
            thread::spawn(move || drop(slot.leave()))
        };
        let (woken, waker) = Woken::new();
        let gone = slot.caller().poll_gone(&waker);
        caller.join().unwrap();
        assert!(gone || woken.was_woken());
    });
}

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
            let call = Queued::call(Joint::clone(&slot));
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
