//! What stands in front of an actor: recorders, routers, faults, and several of them one before the other.

use crate::bank::{
    Account, AdviserHandle, AdviserMessage, Bank, BankHandle, BankMessage, BankReply, PayError, TooMuch,
};
use actor_core::prelude::*;
use actor_core::test::{Fault, Faults, Outcome, Text, record, record_names, record_with, route};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

const MS: Duration = Duration::from_millis(1);

#[tokio::test]
async fn an_account_and_what_it_told_its_bank() {
    let (bank, recording) = record(&Bank::default().spawn());
    let account = Account { balance: 100, bank }.spawn();
    account.pay(30).await.unwrap();
    assert!(matches!(account.pay(300).await, Err(CallError::Handler(PayError::TooLittle))));
    account.pay(5).await.unwrap();
    assert_eq!(account.balance().await.unwrap(), 65);
    assert_eq!(recording.names(), ["note", "note"]);
    let calls = recording.calls();
    assert_eq!(calls[0].message, "Note { amount: 30 }");
    assert_eq!(calls[1].reply().unwrap(), "Note(35)");
}

#[tokio::test(start_paused = true)]
async fn a_recording_shows_what_came_of_each() {
    let bank = Bank::default().spawn_with(Spawn::new().name("bank"));
    let (front, recording) = record(&bank);
    assert_eq!(front.name(), Some("bank"));
    assert!(recording.is_empty());
    front.note(5).await.unwrap();
    sleep(3 * MS).await;
    front.note(2).tell().await.unwrap();
    assert_eq!(front.lend(9).await.unwrap_err().to_string(), "9 is too much");
    let slow = front.count(20 * MS).start();
    let left = front.count(20 * MS).start();
    recording.came(5).await.unwrap();
    assert!(matches!(recording.calls()[3].outcome, Outcome::Waits));
    drop(left);
    slow.await.unwrap();
    assert!(front.count(50 * MS).timeout(10 * MS).await.is_err());
    recording.answered(6).await.unwrap();
    assert_eq!(
        recording.to_string(),
        "  1. at 0ns Note { amount: 5 } -> Note(5)
  2. at 3ms told Note { amount: 2 } -> Note(7)
  3. at 3ms Lend { amount: 9 } -> Lend(Err(TooMuch(9)))
  4. at 3ms Count { time: 20ms } -> Count(7), after 20ms
  5. at 3ms Count { time: 20ms } -> cut off
  6. at 23ms Count { time: 50ms } -> failed: timed out; the handler had started, after 10ms
"
    );
    assert_eq!(recording.len(), 6);
}

#[tokio::test]
async fn without_debug_the_names_are_kept() {
    let (door, recording) = record_names(&Door.spawn());
    door.open().await.unwrap();
    door.shut().await.unwrap();
    assert_eq!(recording.calls()[1].message, "shut");
    assert_eq!(recording.calls()[1].reply().unwrap(), "shut");
    recording.assert_order(&["open", "shut"]);
    recording.assert_order(&["shut"]);
    recording.assert_order(&[]);
}

#[actor]
pub struct Door;

#[actor]
impl Door {
    pub fn open(&self) {}
    pub fn shut(&self) {}
}

#[tokio::test]
#[should_panic(expected = "`open` did not come in the order [\"shut\", \"open\"]; what came:\n  1. at")]
async fn an_order_that_did_not_come() {
    let (door, recording) = record_names(&Door.spawn());
    door.open().await.unwrap();
    door.shut().await.unwrap();
    recording.assert_order(&["shut", "open"]);
}

#[tokio::test]
async fn copies_can_be_kept() {
    let (bank, recording) = record_with(&Bank::default().spawn(), Clone::clone, Clone::clone);
    bank.note(5).await.unwrap();
    assert_eq!(bank.lend(6).await.unwrap_err().to_string(), "6 is too much");
    let calls = recording.calls();
    assert_eq!(calls[0].message, BankMessage::Note { amount: 5 });
    assert_eq!(calls[1].reply(), Some(&BankReply::Lend(Err(TooMuch(6)))));
}

#[tokio::test]
async fn whoever_waits_for_a_message_is_told_when_none_can_come() {
    let (bank, recording) = record(&Bank::default().spawn());
    let (first, third) = (recording.came(1), recording.came(3));
    let note = async {
        bank.note(1).await.unwrap();
        bank.note(2).await.unwrap();
        drop(bank);
    };
    let (first, third, ()) = tokio::join!(first, third, note);
    assert_eq!(first.unwrap().message, "Note { amount: 1 }");
    assert!(third.is_none());
    assert!(recording.came(0).await.is_none());
    assert_eq!(recording.answered(2).await.unwrap().reply().unwrap(), "Note(3)");
}

#[tokio::test(start_paused = true)]
async fn a_recorder_passes_on_what_it_gets() {
    // Cancellation.
    let bank = Bank::default().spawn();
    let (front, recording) = record(&bank);
    let busy = bank.count(100 * MS).start();
    let call = front.note(5).start();
    recording.came(1).await.unwrap();
    drop(call);
    assert!(matches!(recording.answered(1).await.unwrap().outcome, Outcome::Cut));
    busy.await.unwrap();
    assert_eq!(bank.count(Duration::ZERO).await.unwrap(), 0);
    // Deadlines, and what is certain about them.
    let busy = bank.count(100 * MS).start();
    let late = front.note(5).timeout(10 * MS).await.unwrap_err();
    assert!(matches!(late, CallError::TimedOut { .. }));
    busy.await.unwrap();
    assert_eq!(bank.count(Duration::ZERO).await.unwrap(), 0);
    // Generic methods it cannot.
    assert!(front.with(|total| *total).await.unwrap_err().never_ran());
}

#[tokio::test(start_paused = true)]
async fn what_stands_in_front_ends_with_the_actor() {
    for end in [ActorHandle::stop, ActorHandle::kill] as [fn(&BankHandle); 2] {
        let bank = Bank::default().spawn();
        let (front, _recording) = record(&Faults::new(1).around(&bank));
        let busy = front.count(10 * MS).start();
        yield_now().await;
        end(&bank);
        let answer = busy.await;
        let (inner, outer) = (bank.stopped().await, front.stopped().await);
        assert_eq!(inner.to_string(), outer.to_string());
        assert_eq!(answer.is_ok(), inner.is_normal());
        assert!(matches!(front.note(1).await, Err(CallError::NotRunning)));
    }
}

#[tokio::test]
async fn the_last_message_is_the_last_of_both() {
    let bank = Bank::default().spawn();
    let (front, recording) = record(&Faults::new(1).around(&bank));
    front.note(5).await.unwrap();
    let (close, behind) = (front.close().start(), front.note(1).start());
    assert_eq!(close.await.unwrap(), 5);
    assert!(matches!(behind.await, Err(CallError::NotRunning)));
    assert!(matches!(front.stopped().await, ExitReason::Finished));
    assert_eq!(recording.names(), ["note", "close", "note"]);
}

#[tokio::test(start_paused = true)]
async fn the_actor_ends_with_what_stands_in_front() {
    for end in [ActorHandle::stop, ActorHandle::kill] as [fn(&BankHandle); 2] {
        let bank = Bank::default().spawn();
        let (front, _recording) = record(&Faults::new(1).around(&bank));
        let busy = front.count(10 * MS).start();
        yield_now().await;
        end(&front);
        let answer = busy.await;
        let (outer, inner) = (front.stopped().await, bank.stopped().await);
        assert_eq!(inner.to_string(), outer.to_string());
        assert_eq!(answer.is_ok(), inner.is_normal());
    }
    // But not with its last handle: others may hold some.
    let bank = Bank::default().spawn();
    let (front, _recording) = record(&bank);
    let (stopped, other) = (front.stopped(), bank.stopped());
    drop(front);
    assert!(matches!(stopped.await, ExitReason::Finished));
    assert_eq!(bank.note(1).await.unwrap(), 1);
    drop(bank);
    assert!(matches!(other.await, ExitReason::Finished));
}

#[actor]
pub struct Mirror(Option<MirrorHandle>);

#[actor]
impl Mirror {
    pub fn stand_before(&mut self, other: MirrorHandle) {
        self.0 = Some(other);
    }
    pub async fn look(&mut self) -> Result<u64, CallError> {
        match &self.0 {
            Some(other) => other.see().await,
            None => Ok(0),
        }
    }
    pub fn see(&self) -> u64 {
        1
    }
}

#[tokio::test]
async fn a_deadlock_through_a_recorder_is_told() {
    let mirror = Mirror(None).spawn_with(Spawn::new().name("mirror"));
    let (front, _recording) = record_names(&mirror);
    front.stand_before(front.clone()).await.unwrap();
    let Err(CallError::Handler(CallError::Deadlock(cycle))) = front.look().await else { panic!() };
    assert_eq!(cycle.to_string(), "mirror.look -> mirror.see -> mirror.see");
    mirror.kill();
    front.stopped().await;
}

#[tokio::test]
async fn a_protocol_is_recorded_through_its_handle() {
    let adviser = AdviserHandle::from(Bank::default().spawn());
    let (front, recording) = record_with(&adviser, Clone::clone, |_| ());
    assert!(!front.advise(5).await.unwrap());
    assert_eq!(front.ponder().await.unwrap(), 0);
    let messages: Vec<_> = recording.calls().into_iter().map(|call| call.message).collect();
    assert_eq!(messages, [AdviserMessage::Advise { amount: 5 }, AdviserMessage::Ponder]);
}

#[tokio::test]
async fn order_is_kept_through_many() {
    let bank = Bank::default().spawn();
    let (inner, came) = record_with(&bank, Clone::clone, |_| ());
    let (front, sent) = record_with(&Faults::new(1).around(&inner), Clone::clone, |_| ());
    let calls: Vec<_> = (0..900)
        .filter_map(|n| match n % 3 {
            0 => front.note(n).try_tell().ok().and(None),
            1 => Some(front.note(n).start()),
            _ => {
                front.rename("other").start().detach();
                None
            }
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
    came.answered(900).await.unwrap();
    let messages = |calls: Vec<actor_core::test::Recorded<BankMessage, ()>>| -> Vec<BankMessage> {
        calls.into_iter().map(|call| call.message).collect()
    };
    assert_eq!(messages(sent.calls()), messages(came.calls()));
}

#[tokio::test]
async fn a_router_asks_whom_it_is_told() {
    let banks = [Bank::default().spawn(), Bank::default().spawn()];
    let choice = banks.clone();
    let one: BankHandle = route(move |message| match message {
        BankMessage::Note { amount } => choice[usize::from(*amount > 10)].clone(),
        _ => choice[0].clone(),
    });
    one.note(5).await.unwrap();
    one.note(50).await.unwrap();
    one.note(6).await.unwrap();
    assert_eq!(banks[0].with(|total| *total).await.unwrap(), 11);
    assert_eq!(banks[1].with(|total| *total).await.unwrap(), 50);
    banks[1].kill();
    banks[1].stopped().await;
    assert!(matches!(one.note(50).await, Err(CallError::NotRunning)));
    assert_eq!(one.note(1).await.unwrap(), 12);
    one.stop();
    one.stopped().await;
    assert!(banks[0].is_running());
}

fn bank_with(fault: Fault<BankMessage>) -> (BankHandle, BankHandle) {
    let bank = Bank::default().spawn();
    (Faults::new(7).with(fault).around(&bank), bank)
}

#[tokio::test(start_paused = true)]
async fn each_fault_by_each_rule() {
    let began = Instant::now();
    let (front, _) = bank_with(Fault::delay(5 * MS).nth(2));
    front.note(1).await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO);
    front.note(1).await.unwrap();
    assert_eq!(began.elapsed(), 5 * MS);
    front.note(1).await.unwrap();
    assert_eq!(began.elapsed(), 5 * MS);

    let (front, bank) = bank_with(Fault::delay_reply(5 * MS));
    let call = front.note(1).start();
    yield_now().await;
    yield_now().await;
    assert_eq!(bank.note(1).await.unwrap(), 2);
    assert_eq!(call.await.unwrap(), 1);
    assert_eq!(began.elapsed(), 10 * MS);

    let (front, bank) = bank_with(Fault::lose().named("note").every(2));
    let mut answers = Vec::new();
    for _ in 0..6 {
        answers.push(front.note(1).timeout(MS).await.is_ok());
        front.rename("x").await.unwrap();
    }
    assert_eq!(answers, [true, false, true, false, true, false]);
    assert_eq!(bank.with(|total| *total).await.unwrap(), 3);

    let (front, bank) = bank_with(Fault::lose_reply().when(|message: &BankMessage| message.name() == "note"));
    assert!(matches!(front.note(1).timeout(MS).await, Err(CallError::TimedOut { started: true })));
    assert_eq!(bank.with(|total| *total).await.unwrap(), 1);

    let (front, bank) = bank_with(Fault::fail(CallError::Full).every(3).named("note"));
    assert!(front.note(1).await.is_ok() && front.note(1).await.is_ok());
    assert!(matches!(front.note(1).await, Err(CallError::Full)));
    assert_eq!(bank.with(|total| *total).await.unwrap(), 2);

    let (front, bank) = bank_with(Fault::double().nth(2));
    assert_eq!(front.note(1).await.unwrap(), 1);
    assert_eq!(front.note(1).await.unwrap(), 2);
    assert_eq!(front.note(1).await.unwrap(), 4);
    front.note(1).tell().await.unwrap();
    assert_eq!(front.note(1).await.unwrap(), 6);
    assert_eq!(bank.with(|total| *total).await.unwrap(), 6);

    let (front, bank) = bank_with(Fault::panic("struck by lightning").nth(2));
    assert_eq!(front.note(1).await.unwrap(), 1);
    let Err(CallError::Interrupted(ExitReason::Panicked(panicked))) = front.note(1).await else { panic!() };
    assert_eq!((panicked.message(), panicked.text()), (Some("note"), "struck by lightning"));
    assert!(matches!(front.stopped().await, ExitReason::Panicked(_)));
    assert_eq!(bank.note(1).await.unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_random_delay_changes_the_order_by_the_seed_alone() {
    let mut orders = Vec::new();
    for seed in [3, 3, 4] {
        let (bank, arrived) = record(&Bank::default().spawn());
        let front = Faults::new(seed).with(Fault::delay_up_to(100 * MS)).around(&bank);
        for n in 0..20 {
            front.note(n).tell().await.unwrap();
        }
        arrived.answered(20).await.unwrap();
        assert!(arrived.calls().iter().all(|call| call.at <= 101 * MS));
        orders.push(arrived.calls().into_iter().map(|call| call.message).collect::<Vec<_>>());
    }
    assert_eq!(orders[0], orders[1]);
    assert_ne!(orders[0], orders[2]);
    let in_order: Vec<_> = (0..20).map(|n| format!("Note {{ amount: {n} }}")).collect();
    assert!(orders[0].iter().zip(&in_order).any(|(came, sent)| came != sent.as_str()));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_delayed_does_not_arrive_when_its_caller_has_left() {
    let (front, bank) = bank_with(Fault::delay(5 * MS));
    let call = front.note(1).start();
    sleep(MS).await;
    drop(call);
    assert!(front.note(1).timeout(MS).await.is_err());
    front.note(2).tell().await.unwrap();
    sleep(20 * MS).await;
    assert_eq!(bank.with(|total| *total).await.unwrap(), 2);
    // And it is answered when the actor ends meanwhile.
    let call = front.note(1).start();
    yield_now().await;
    bank.kill();
    assert!(matches!(call.await, Err(CallError::NotRunning)));
    assert!(matches!(front.stopped().await, ExitReason::Killed));
}

#[tokio::test(start_paused = true)]
async fn what_is_lost_keeps_no_end_waiting() {
    let (front, bank) = bank_with(Fault::lose());
    let call = front.note(1).start();
    yield_now().await;
    bank.stop();
    assert!(matches!(call.await, Err(CallError::Interrupted(ExitReason::Stopped))));
    assert!(matches!(front.stopped().await, ExitReason::Stopped));
}

/// Which of 200 messages fail.
async fn struck(seed: u64) -> Vec<bool> {
    let bank = Bank::default().spawn();
    let front = Faults::new(seed)
        .with(Fault::fail(CallError::NotRunning).chance(0.3))
        .with(Fault::fail(CallError::NotRunning).named("lend").chance(0.5))
        .around(&bank);
    let mut failed = Vec::new();
    for n in 0..200 {
        failed.push(match n % 4 {
            0 => matches!(front.lend(0).await, Err(CallError::NotRunning)),
            _ => front.note(1).await.is_err(),
        });
    }
    failed
}

#[tokio::test]
async fn a_seed_decides_what_is_struck() {
    let (one, other) = (struck(1).await, struck(2).await);
    assert_eq!(one, struck(1).await);
    assert_ne!(one, other);
    let share = one.iter().filter(|failed| **failed).count();
    assert!((45..115).contains(&share), "{share}");
}

#[test]
fn faults_can_be_read() {
    let faults = Faults::<BankMessage>::new(3)
        .with(Fault::delay(5 * MS).named("note").every(3))
        .with(Fault::fail(CallError::NotRunning).chance(0.5))
        .with(Fault::double().nth(4).when(|_| true));
    let text = format!("{faults:?}");
    assert!(text.contains("delay by 5ms, named note, every 3"), "{text}");
    assert!(text.contains("double, number 4, on a condition"), "{text}");
    assert!(std::panic::catch_unwind(|| Fault::<BankMessage>::lose().every(0)).is_err());
    assert!(std::panic::catch_unwind(|| Fault::<BankMessage>::lose().nth(0)).is_err());
    assert!(std::panic::catch_unwind(|| Fault::<BankMessage>::lose().chance(1.5)).is_err());
}

#[test]
fn without_a_runtime_of_their_own() {
    let bank = BankHandle::from_fn(|_| async { BankReply::Note(1) });
    let (front, recording) = record(&Faults::new(1).around(&bank));
    assert_eq!(front.note(1).blocking().unwrap(), 1);
    assert_eq!(recording.calls()[0].reply().unwrap(), "Note(1)");
}

#[tokio::test]
async fn a_recorder_of_a_recorder_of_faults_before_an_actor() {
    let bank = Bank::default().spawn();
    let (behind, arrived) = record(&bank);
    let faulty = Faults::new(5)
        .with(Fault::fail(CallError::NotRunning).every(3))
        .with(Fault::double().named("note").every(2))
        .around(&behind);
    let (front, asked) = record(&faulty);
    let mut failed = 0;
    for n in 1..=6 {
        failed += usize::from(front.note(n).await.is_err());
    }
    arrived.answered(6).await.unwrap();
    assert_eq!((asked.len(), failed), (6, 2));
    let amounts: Vec<Text> = arrived.calls().into_iter().map(|call| call.message).collect();
    let wanted = [1, 2, 2, 4, 4, 5].map(|amount| format!("Note {{ amount: {amount} }}"));
    assert!(amounts.iter().zip(&wanted).all(|(came, wanted)| came == wanted.as_str()), "{amounts:?}");
    assert_eq!(asked.calls()[2].failure().unwrap().to_string(), CallError::<String>::NotRunning.to_string());
}

/// On several threads, with faults of all kinds, and killed in the middle.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_waits_for_ever() {
    for seed in 0..20 {
        let bank = Bank::default().spawn();
        let (behind, arrived) = record(&bank);
        let front = Faults::new(seed)
            .with(Fault::delay_up_to(MS).chance(0.1))
            .with(Fault::double().chance(0.1))
            .with(Fault::fail(CallError::NotRunning).chance(0.1))
            .with(Fault::lose_reply().chance(0.05))
            .with(Fault::lose().chance(0.05))
            .around(&behind);
        let (front, sent) = record(&front);
        let callers = (0..8_u64).map(|caller| {
            let front = front.clone();
            tokio::spawn(async move {
                let mut answered = 0;
                for n in 0..40 {
                    match (n + caller) % 4 {
                        0 => drop(front.note(1).start()),
                        1 => answered += u64::from(front.note(1).timeout(20 * MS).await.is_ok()),
                        2 => front.note(1).tell().await.unwrap_or_default(),
                        _ => {
                            answered += u64::from(front.count(Duration::ZERO).timeout(20 * MS).await.is_ok())
                        }
                    }
                }
                // Without a deadline: answered, or told of the end.
                let calls: Vec<_> = (0..40).map(|_| front.note(1).start()).collect();
                for call in calls {
                    answered += u64::from(call.await.is_ok());
                }
                answered
            })
        });
        let callers: Vec<_> = callers.collect();
        // Tells, and calls without a deadline, 400 of the 640, come in any case; the others as fast as the machine lets them.
        sent.came(350).await.expect("the callers go on");
        if seed % 2 == 0 {
            front.kill()
        } else {
            bank.stop()
        }
        for caller in callers {
            assert!(caller.await.unwrap() <= 60);
        }
        front.stopped().await;
        behind.stopped().await;
        bank.stopped().await;
        assert!(
            sent.calls().iter().chain(&arrived.calls()).all(|call| !matches!(call.outcome, Outcome::Waits))
        );
    }
}

#[tokio::test]
async fn retries_are_safe_where_it_never_ran() {
    let log = Arc::new(Mutex::new(0));
    let bank = BankHandle::from_fn({
        let log = Arc::clone(&log);
        move |message| {
            if let BankMessage::Note { amount } = message {
                *log.lock().unwrap() += amount;
            }
            async { BankReply::Note(0) }
        }
    });
    let front = Faults::new(11).with(Fault::fail(CallError::NotRunning).chance(0.5)).around(&bank);
    for _ in 0..50 {
        while let Err(error) = front.note(1).await {
            assert!(error.never_ran());
        }
    }
    assert_eq!(*log.lock().unwrap(), 50);
}
