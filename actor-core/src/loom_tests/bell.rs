//! The bell: whoever sends to one that falls asleep is seen, or wakes it.

use super::*;

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

/// A message is sent while a handler looks for one to serve or to let read, behind one that it does not want or behind none.
fn sends_to_one_that_looks(room: usize, urgent: bool, behind: bool, look: Look) {
    let (mailbox, bell) = (mailbox(room), Arc::new(Bell::new(false)));
    let (woken, waker) = Woken::new();
    bell.answer_with(&waker);
    if behind {
        assert!(mailbox.push(envelope(1), false).is_ok());
    }
    let sender = {
        let (mailbox, bell) = (Arc::clone(&mailbox), Arc::clone(&bell));
        thread::spawn(move || {
            assert!(mailbox.push(envelope(2), urgent).is_ok());
            bell.ring();
        })
    };
    let found = look(&mailbox, &bell);
    sender.join().unwrap();
    assert!(found == Some(2) || woken.was_woken(), "{found:?} found, and it sleeps");
    assert_eq!(found.or_else(|| look(&mailbox, &bell)), Some(2), "it is lost");
}

type Look = fn(&Mailbox<Number>, &Bell) -> Option<u32>;

fn is_even(envelope: &Envelope<Number>) -> bool {
    matches!(envelope, Envelope::Own { message: Number(number), .. } if number % 2 == 0)
}

#[test]
fn a_message_is_served_or_wakes_who_looks_for_one() {
    for (room, urgent, behind) in
        [(100, false, false), (100, true, false), (100, false, true), (4, false, false), (4, false, true)]
    {
        check_most(move || {
            sends_to_one_that_looks(room, urgent, behind, |mailbox, bell| {
                mailbox.find(is_even, bell, Waker::noop()).map(number)
            });
        });
    }
}

#[test]
fn a_message_is_read_or_wakes_those_that_read() {
    for (room, urgent) in [(100, false), (100, true), (4, false)] {
        check_most(move || {
            sends_to_one_that_looks(room, urgent, false, |mailbox, bell| {
                match mailbox.next_if(is_even, bell) {
                    Next::Wanted(envelope) => Some(number(envelope)),
                    Next::Other | Next::Empty => None,
                }
            });
        });
    }
}
