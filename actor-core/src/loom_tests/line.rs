//! The line of those for whom there is no room.

use super::*;

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
        let Ok(place) = mailbox.join(envelope(1), Some(Joint::clone(&ticket)), false) else {
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
        let Ok(place) = mailbox.join(envelope(1), Some(Joint::clone(&ticket)), false) else {
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
        let joined = mailbox.join(envelope(1), Some(Joint::clone(&ticket)), false).is_ok();
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
