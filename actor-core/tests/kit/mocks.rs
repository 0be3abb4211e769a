//! Handles of actors that are not there: `from_fn` and `from_calls`.

use crate::bank::{
    Account, AdviserHandle, AdviserMessage, AdviserReply, Bank, BankHandle, BankMessage, BankReply,
    BrokerHandle, BrokerReply, PayError,
};
use actor_core::prelude::*;
use actor_core::test::record;
use actor_core::{Exit, Registry, Supervisor};
use futures::executor::block_on;
use futures::future::join_all;
use futures::stream::{self, Stream, StreamExt};
use std::future::{pending, ready};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep};

/// Notes everything and answers with what it got.
fn echo() -> BankHandle {
    BankHandle::from_fn(|message| async move {
        match message {
            BankMessage::Note { amount } => BankReply::Note(amount),
            BankMessage::Lend { amount } => BankReply::Lend(Ok(amount)),
            BankMessage::Count { time } => {
                sleep(time).await;
                BankReply::Count(0)
            }
            BankMessage::Hurry => pending().await,
            BankMessage::Rename { .. } => BankReply::Rename(()),
            BankMessage::Close => BankReply::Close(0),
        }
    })
}

#[tokio::test]
async fn a_mock_answers_what_its_function_says() {
    let bank = echo();
    assert_eq!(bank.note(5).await.unwrap(), 5);
    assert_eq!(bank.lend(7).await.unwrap(), 7);
    assert_eq!(bank.note(5).start().await.unwrap(), 5);
    bank.rename("new").await.unwrap();
    assert!(matches!(bank.ask(BankMessage::Note { amount: 1 }).await, Ok(BankReply::Note(1))));
}

#[tokio::test]
async fn an_account_with_a_mocked_bank() {
    let bank = BankHandle::from_calls(|message, _| async move {
        match message {
            BankMessage::Note { amount: 13 } => Err(CallError::NotRunning),
            BankMessage::Note { amount: 14 } => Err(CallError::Dropped),
            BankMessage::Note { amount } => Ok(BankReply::Note(amount)),
            other => panic!("an account does not ask for {}", other.name()),
        }
    });
    let mut account = Account { balance: 100, bank };
    // A handler is a method: no actor is needed for it.
    assert_eq!(account.pay(10).await.unwrap(), 90);
    let never_ran = account.pay(13).await.unwrap_err();
    assert!(matches!(never_ran, PayError::Bank(CallError::NotRunning)));
    assert_eq!(account.balance, 90);
    assert!(account.pay(14).await.is_err());
    assert_eq!(account.balance, 76);
}

#[test]
fn without_a_runtime() {
    let bank = echo();
    assert_eq!(bank.note(5).blocking().unwrap(), 5);
    assert_eq!(block_on(bank.note(6)).unwrap(), 6);
    assert_eq!(block_on(bank.count(Duration::from_millis(1))).unwrap(), 0);
    assert_eq!(block_on(Account { balance: 10, bank: bank.clone() }.pay(4)).unwrap(), 6);
    let other = echo();
    assert_ne!(bank, other);
    bank.kill();
    assert!(matches!(block_on(bank.stopped()), ExitReason::Killed));
    assert_eq!(other.note(7).blocking().unwrap(), 7);
}

#[tokio::test(start_paused = true)]
async fn late_answers_keep_no_other_waiting() {
    let bank = echo();
    let began = Instant::now();
    let slow = bank.count(Duration::from_secs(10)).start();
    assert_eq!(bank.note(5).await.unwrap(), 5);
    assert_eq!(began.elapsed(), Duration::ZERO);
    let others = join_all((0..1000).map(|_| bank.count(Duration::from_secs(10)))).await;
    assert!(others.iter().all(Result::is_ok));
    slow.await.unwrap();
    assert_eq!(began.elapsed(), Duration::from_secs(10));
}

#[tokio::test]
async fn the_function_is_called_in_order_of_arrival() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let bank = BankHandle::from_fn({
        let seen = Arc::clone(&seen);
        move |message| {
            let BankMessage::Note { amount } = message else { panic!("another one") };
            seen.lock().unwrap().push(amount);
            async move {
                tokio::task::yield_now().await;
                BankReply::Note(amount)
            }
        }
    });
    let calls: Vec<_> = (0..500)
        .map(|n| {
            if n % 2 == 0 {
                bank.note(n).try_tell().unwrap();
                None
            } else {
                Some(bank.note(n).start())
            }
        })
        .collect();
    for (n, call) in (0..).zip(calls) {
        if let Some(call) = call {
            assert_eq!(call.await.unwrap(), n);
        }
    }
    assert!(seen.lock().unwrap().iter().copied().eq(0..500));
}

#[tokio::test(start_paused = true)]
async fn stop_lets_it_answer_what_has_come() {
    let bank = echo();
    let begun = bank.count(Duration::from_secs(1)).start();
    tokio::task::yield_now().await;
    let queued = bank.note(5).start();
    bank.stop();
    assert!(matches!(bank.note(6).await, Err(CallError::NotRunning)));
    assert!(matches!(bank.note(6).try_tell(), Err(TellError::NotRunning(_))));
    assert_eq!(begun.await.unwrap(), 0);
    assert_eq!(queued.await.unwrap(), 5);
    assert!(matches!(bank.stopped().await, ExitReason::Stopped));
    assert!(!bank.is_running());
}

#[tokio::test(start_paused = true)]
async fn kill_cuts_off_what_has_begun() {
    let held = Arc::new(());
    let bank = BankHandle::from_fn({
        let held = Arc::clone(&held);
        move |_| {
            let held = Arc::clone(&held);
            async move {
                let _held = held;
                pending().await
            }
        }
    });
    let begun = bank.note(1).start();
    tokio::task::yield_now().await;
    bank.kill();
    assert!(matches!(begun.await, Err(CallError::Interrupted(ExitReason::Killed))));
    assert!(matches!(bank.stopped().await, ExitReason::Killed));
    assert_eq!(Arc::strong_count(&held), 1);
    let bank = echo();
    let begun = bank.hurry().timeout(Duration::MAX).start();
    bank.stop_within(Duration::from_secs(3));
    assert!(matches!(begun.await, Err(CallError::Interrupted(ExitReason::Killed))));
}

#[tokio::test(start_paused = true)]
async fn it_ends_with_its_last_handle_when_all_is_answered() {
    let bank = echo();
    let (stopped, begun) = (bank.stopped(), bank.count(Duration::from_secs(1)).start());
    drop(bank);
    assert_eq!(begun.await.unwrap(), 0);
    assert!(matches!(stopped.await, ExitReason::Finished));
}

#[tokio::test(start_paused = true)]
async fn what_is_never_answered_keeps_no_stop_waiting() {
    let bank = BankHandle::from_calls(|message, caller| async move {
        match message {
            BankMessage::Note { .. } => caller.never().await,
            _ => Ok(BankReply::Lend(Ok(1))),
        }
    });
    let late = bank.note(1).timeout(Duration::from_secs(5)).await;
    assert!(matches!(late, Err(CallError::TimedOut { started: true })));
    bank.note(2).tell().await.unwrap();
    let call = bank.note(3).start();
    assert_eq!(bank.lend(1).await.unwrap(), 1);
    bank.stop();
    assert!(matches!(bank.stopped().await, ExitReason::Stopped));
    assert!(matches!(call.await, Err(CallError::Interrupted(ExitReason::Stopped))));
    // Nor does it keep the mock alive once its caller has gone.
    let bank = BankHandle::from_calls(|_, caller| async move { caller.never().await });
    let (stopped, call) = (bank.stopped(), bank.note(1).start());
    tokio::task::yield_now().await;
    drop(bank);
    drop(call);
    assert!(matches!(stopped.await, ExitReason::Finished));
}

#[tokio::test]
async fn a_panic_ends_it_as_it_would_an_actor() {
    let bank = BankHandle::from_fn(|message| async move {
        match message {
            BankMessage::Note { .. } => panic!("no money"),
            _ => pending().await,
        }
    });
    let other = bank.hurry().timeout(Duration::MAX).start();
    let Err(CallError::Interrupted(ExitReason::Panicked(panicked))) = bank.note(1).await else { panic!() };
    assert_eq!((panicked.message(), panicked.text()), (Some("note"), "no money"));
    assert!(matches!(other.await, Err(CallError::Interrupted(ExitReason::Panicked(_)))));
    assert!(matches!(bank.stopped().await, ExitReason::Panicked(_)));
    // Also where the function itself panics.
    let bank = BankHandle::from_fn(|message| {
        assert!(!matches!(message, BankMessage::Note { .. }), "no money");
        ready(BankReply::Hurry(1))
    });
    assert_eq!(bank.hurry().await.unwrap(), 1);
    assert!(matches!(bank.note(1).await, Err(CallError::Interrupted(ExitReason::Panicked(_)))));
    assert!(matches!(bank.note(1).await, Err(CallError::NotRunning)));
}

#[tokio::test]
async fn the_reply_of_another_message_is_named() {
    let bank = BankHandle::from_fn(|_| ready(BankReply::Note(1)));
    assert_eq!(bank.note(1).await.unwrap(), 1);
    let error = bank.hurry().await.unwrap_err();
    assert_eq!(error.to_string(), "the mock answered `hurry` with a reply of `note`");
    assert!(matches!(&error, CallError::Mock(mock) if mock.message() == "hurry") && !error.never_ran());
    // It goes on.
    assert_eq!(bank.note(1).await.unwrap(), 1);
}

#[tokio::test]
async fn a_generic_method_is_an_error_that_names_it() {
    let bank = echo();
    let error = bank.with(|total| *total).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`with` is a generic method, which is no message that a mock of `Bank` could get"
    );
    assert!(error.never_ran());
    assert!(bank.with(|_| ()).start().await.unwrap_err().never_ran());
    let Err(TellError::Mock(message, error)) = bank.with(|_| ()).try_tell() else { panic!() };
    assert_eq!((message.name(), error.message()), ("with", "with"));
    assert!(matches!(bank.with(|_| ()).tell().await, Err(TellError::Mock(..))));
    let blocked = std::thread::spawn(move || bank.with(|_| ()).blocking()).join().unwrap();
    assert!(matches!(blocked, Err(CallError::Mock(_))));
    // A real one has it.
    assert_eq!(Bank::default().spawn().with(|total| *total).await.unwrap(), 0);
}

#[tokio::test]
async fn a_mock_of_an_actor_knows_no_protocol() {
    let adviser = AdviserHandle::from(echo());
    let error = adviser.advise(1).await.unwrap_err();
    assert!(error.never_ran());
    assert_eq!(
        error.to_string(),
        "`advise` is a message of `Adviser`, and a mock of `Bank` gets those of `Bank`; `AdviserHandle` has mocks of its own"
    );
    // What it was made of is what it is.
    assert_eq!(adviser.downcast::<BankHandle>().unwrap().note(5).await.unwrap(), 5);
}

#[tokio::test]
async fn a_mock_of_a_protocol() {
    let adviser = AdviserHandle::from_fn(|message| async move {
        match message {
            AdviserMessage::Advise { amount } => AdviserReply::Advise(amount > 3),
            AdviserMessage::Ponder => pending().await,
        }
    });
    assert!(adviser.advise(4).await.unwrap());
    assert!(!adviser.advise(3).await.unwrap());
    let weak = adviser.downgrade();
    assert!(weak.upgrade().unwrap().advise(5).await.unwrap());
    assert!(adviser.downcast::<BankHandle>().is_none());
    // One that extends another is a mock of its own messages alone.
    let broker = BrokerHandle::from_fn(|_| ready(BrokerReply::Broke(9)));
    assert_eq!(broker.broke().await.unwrap(), 9);
    let error = broker.advise(4).await.unwrap_err();
    assert!(matches!(&error, CallError::Mock(_)) && error.never_ran());
}

#[tokio::test(start_paused = true)]
async fn the_default_deadlines_are_those_of_the_actor() {
    let began = Instant::now();
    let bank = echo();
    assert!(matches!(bank.hurry().await, Err(CallError::TimedOut { started: true })));
    assert_eq!(began.elapsed(), Duration::from_millis(55));
    let adviser = AdviserHandle::from_calls(|_, caller| async move { caller.never().await });
    assert!(matches!(adviser.ponder().await, Err(CallError::TimedOut { started: true })));
    assert_eq!(began.elapsed(), Duration::from_millis(75));
    let patient = PatientHandle::from_fn(|_| pending());
    assert!(matches!(patient.wait().await, Err(CallError::TimedOut { started: true })));
    assert_eq!(began.elapsed(), Duration::from_millis(5075));
}

#[actor(timeout = Duration::from_secs(5))]
pub struct Patient;

#[actor]
impl Patient {
    pub fn wait(&self) {}
}

#[tokio::test(start_paused = true)]
async fn it_sees_who_asks() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let bank = BankHandle::from_calls({
        let seen = Arc::clone(&seen);
        move |_, caller| {
            seen.lock().unwrap().push((caller.is_tell(), caller.deadline(), caller.is_gone()));
            async { Ok(BankReply::Note(1)) }
        }
    });
    let at = Instant::now() + Duration::from_secs(3);
    bank.note(1).tell().await.unwrap();
    bank.note(1).await.unwrap();
    bank.note(1).deadline(at).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), [(true, None, false), (false, None, false), (false, Some(at), false)]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_goes_on_though_its_caller_has_gone_and_sees_it() {
    let (saw, sees) = oneshot::channel();
    let mut saw = Some(saw);
    let bank = BankHandle::from_calls(move |_, caller| {
        let saw = saw.take();
        async move {
            caller.cancelled().await;
            saw.unwrap().send((caller.is_gone(), Instant::now())).unwrap();
            Ok(BankReply::Note(1))
        }
    });
    let until = Instant::now() + Duration::from_secs(2);
    assert!(bank.note(1).deadline(until).await.is_err());
    assert_eq!(sees.await.unwrap(), (true, until));
}

#[tokio::test(start_paused = true)]
async fn any_failure() {
    let bank = BankHandle::from_calls(|message, _| async move {
        let BankMessage::Note { amount } = message else { panic!("another one") };
        Err(match amount {
            0 => CallError::NotRunning,
            1 => CallError::Full,
            2 => CallError::TimedOut { started: false },
            3 => CallError::Interrupted(ExitReason::Killed),
            _ => CallError::Dropped,
        })
    });
    assert!(matches!(bank.note(0).await, Err(CallError::NotRunning)));
    assert!(matches!(bank.note(1).await, Err(CallError::Full)));
    assert!(matches!(bank.note(2).start().await, Err(CallError::TimedOut { started: false })));
    assert!(matches!(bank.note(3).await, Err(CallError::Interrupted(ExitReason::Killed))));
    assert!(matches!(bank.note(4).await, Err(CallError::Dropped)));
    // Nobody hears of it where nobody waits.
    bank.note(5).tell().await.unwrap();
    assert!(matches!(bank.note(0).await, Err(CallError::NotRunning)));
    assert!(bank.is_running());
}

fn in_front_of(bank: &BankHandle) -> BankHandle {
    let bank = bank.clone();
    BankHandle::from_calls(move |message, caller| {
        let bank = bank.clone();
        async move { caller.pass(bank.ask(message)).await }
    })
}

#[tokio::test(start_paused = true)]
async fn what_is_passed_on_is_cancelled_with_its_caller() {
    let bank = Bank::default().spawn();
    let front = in_front_of(&bank);
    let busy = bank.count(Duration::from_secs(1)).start();
    let call = front.note(5).start();
    tokio::task::yield_now().await;
    drop(call);
    tokio::task::yield_now().await;
    busy.await.unwrap();
    assert_eq!(bank.with(|total| *total).await.unwrap(), 0);
    // And in time.
    let busy = bank.count(Duration::from_secs(1)).start();
    let late = front.note(5).timeout(Duration::from_millis(100)).await;
    assert!(matches!(late, Err(CallError::TimedOut { .. })));
    busy.await.unwrap();
    assert_eq!(bank.with(|total| *total).await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_stands_in_for_the_defaults_of_the_next() {
    let bank = Bank::default().spawn();
    let front = in_front_of(&bank);
    // `hurry` has 55 ms.
    let busy = bank.count(Duration::from_secs(1)).start();
    assert_eq!(front.hurry().timeout(Duration::from_secs(5)).await.unwrap(), 0);
    busy.await.unwrap();
    let busy = bank.count(Duration::from_secs(1)).start();
    assert!(front.hurry().await.is_err());
    // One that was told has no deadline.
    front.note(1).tell().await.unwrap();
    busy.await.unwrap();
    assert_eq!(bank.count(Duration::ZERO).await.unwrap(), 1);
}

#[tokio::test]
async fn failures_are_passed_on_as_they_are() {
    let bank = Bank::default().spawn();
    let front = in_front_of(&bank);
    assert!(matches!(front.lend(5).await, Err(CallError::Handler(_))));
    bank.stop();
    bank.stopped().await;
    let error = front.note(1).await.unwrap_err();
    assert!(matches!(error, CallError::NotRunning) && error.never_ran());
}

#[actor]
pub struct Shelf<T>(Vec<T>);

#[actor(derive(Debug))]
impl<T: Clone + std::fmt::Debug + Send + Sync + 'static> Shelf<T> {
    pub fn put(&mut self, book: T) -> usize {
        self.0.push(book);
        self.0.len()
    }
    pub fn books(&self) -> impl Stream<Item = T> {
        stream::iter(self.0.iter().cloned())
    }
}

#[tokio::test]
async fn generic_actors_and_streams() {
    let shelf = ShelfHandle::<u32>::from_calls(|message, caller| async move {
        Ok(match message {
            ShelfMessage::Put { book } => ShelfReply::Put(book as usize),
            ShelfMessage::Books => ShelfReply::Books(caller.stream(stream::iter(0..100))),
        })
    });
    assert_eq!(shelf.put(7).await.unwrap(), 7);
    let (front, recording) = record(&shelf);
    let books: Vec<_> = front.books().await.unwrap().collect().await;
    assert!(books.into_iter().map(Result::unwrap).eq(0..100));
    assert_eq!(recording.calls()[0].message, "Books");
    // One that is read half goes with its actor.
    let mut books = front.books().await.unwrap();
    assert_eq!(books.next().await.unwrap().unwrap(), 0);
    shelf.kill();
    shelf.stopped().await;
    let rest: Vec<_> = books.collect().await;
    assert!(matches!(rest.last(), Some(Err(CallError::Interrupted(ExitReason::Killed)))));
}

#[actor]
pub struct Loop {
    next: Option<BankHandle>,
    bank: BankHandle,
}

#[actor]
impl Loop {
    pub async fn go(&mut self) -> Result<u64, CallError> {
        self.bank.note(1).await
    }
    pub fn end(&self) -> u64 {
        u64::from(self.next.is_some())
    }
}

#[tokio::test]
async fn a_deadlock_through_a_mock_is_told() {
    let start: Arc<Mutex<Option<LoopHandle>>> = Arc::default();
    let bank = BankHandle::from_calls({
        let start = Arc::clone(&start);
        move |_, caller| {
            let back = start.lock().unwrap().clone().unwrap();
            async move { caller.pass(back.end()).await.map(BankReply::Note) }
        }
    });
    let actor = Loop { next: None, bank }.spawn_with(Spawn::new().name("actor"));
    *start.lock().unwrap() = Some(actor.clone());
    let Err(CallError::Handler(CallError::Deadlock(cycle))) = actor.go().await else { panic!() };
    let text = cycle.to_string();
    assert!(text.starts_with("actor.go -> Bank#") && text.ends_with(".note -> actor.end"), "{text}");
    start.lock().unwrap().take();
}

#[actor]
pub struct Watcher {
    whom: BankHandle,
    told: Arc<Notify>,
}

#[actor]
impl Watcher {
    #[on_start]
    fn start(&mut self, ctx: &mut Context<Self>) {
        ctx.watch(&self.whom);
    }
    #[on_exit]
    fn exit(&mut self, exit: Exit) {
        assert!(exit.reason.is_normal() && exit.id == self.whom.id());
        self.told.notify_one();
    }
}

#[tokio::test]
async fn it_is_an_actor_to_those_who_watch_and_look_for_it() {
    let bank = echo();
    let told = Arc::new(Notify::new());
    let _watcher = Watcher { whom: bank.clone(), told: Arc::clone(&told) }.spawn();
    let registry = Registry::new();
    registry.register("bank", &bank).unwrap();
    assert_eq!(registry.get::<BankHandle>("bank").unwrap().note(3).await.unwrap(), 3);
    bank.stop();
    told.notified().await;
    assert!(registry.get::<BankHandle>("bank").is_none());
}

#[tokio::test]
async fn messages_by_hand_have_mocks_too() {
    let calls = Arc::new(AtomicU64::new(0));
    let supervisor = actor_core::SupervisorHandle::from_fn({
        let calls = Arc::clone(&calls);
        move |_| {
            calls.fetch_add(1, Ordering::Relaxed);
            ready(())
        }
    });
    let child = supervisor.child(actor_core::Supervise::permanent(), Bank::default);
    supervisor.stop();
    assert!(matches!(supervisor.stopped().await, ExitReason::Stopped));
    // It was told of a child, and did nothing for it.
    assert!(calls.load(Ordering::Relaxed) > 0);
    assert!(matches!(child.stopped().await, ExitReason::Stopped | ExitReason::Killed));
    drop(Supervisor::one_for_one().spawn());
}
