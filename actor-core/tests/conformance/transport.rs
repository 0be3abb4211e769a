//! Handles of actors that are somewhere else: what is promised of any transport. (Direct calls are not made to such; each case runs once.)

use actor_core::prelude::*;
use actor_core::{BoxFuture, Caller, Progress, RemoteError, Started, Transport};
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};

#[actor]
struct Bank;

#[actor(derive(Debug, Clone, PartialEq))]
impl Bank {
    pub fn note(&mut self, amount: u64) -> u64 {
        amount
    }
    #[message(timeout = Duration::from_secs(3))]
    pub fn slow(&self) {}
    pub fn with<R: Send + 'static>(&mut self, f: impl FnOnce() -> R + Send + 'static) -> R {
        f()
    }
}

#[actor]
trait Named {
    fn title(&self) -> String;
}

impl Named for Bank {
    fn title(&self) -> String {
        "bank".into()
    }
}

/// Remembers what came; `note(0)` is never answered, `note(1)` fails, others come back doubled.
#[derive(Clone, Default)]
struct Line {
    came: Arc<Mutex<Vec<BankMessage>>>,
    cancelled: Arc<Notify>,
    end: Arc<Mutex<Option<oneshot::Receiver<ExitReason>>>>,
}

impl Line {
    fn came(&self) -> Vec<BankMessage> {
        self.came.lock().unwrap().clone()
    }
}

impl Transport<BankMessage> for Line {
    fn call(&self, message: BankMessage, caller: Caller) -> BoxFuture<Result<BankReply, CallError>> {
        self.came.lock().unwrap().push(message.clone());
        let cancelled = Arc::clone(&self.cancelled);
        Box::pin(async move {
            match message {
                BankMessage::Note { amount: 0 } => {
                    caller.cancelled().await;
                    cancelled.notify_one();
                    pending().await
                }
                BankMessage::Note { amount: 1 } => {
                    Err(CallError::Remote(RemoteError::ConnectionLost { started: Started::Unknown }))
                }
                BankMessage::Note { amount } => Ok(BankReply::Note(2 * amount)),
                BankMessage::Slow => pending().await,
            }
        })
    }

    fn tell(&self, message: &BankMessage) -> BoxFuture<Result<(), TellError<()>>> {
        self.came.lock().unwrap().push(message.clone());
        let answer = match message {
            BankMessage::Note { amount: 1 } => Err(TellError::Full(())),
            BankMessage::Note { .. } => Ok(()),
            BankMessage::Slow => return Box::pin(pending()),
        };
        Box::pin(async { answer })
    }

    fn ended(&self) -> BoxFuture<ExitReason> {
        match self.end.lock().unwrap().take() {
            Some(end) => Box::pin(async { end.await.unwrap() }),
            None => Box::pin(pending()),
        }
    }
}

fn bank() -> (Line, BankHandle) {
    let line = Line::default();
    (line.clone(), BankHandle::from_transport(Spawn::new().name("far"), line))
}

#[tokio::test(start_paused = true)]
async fn calls_go_and_failures_come_back_as_they_are() {
    let (_, bank) = bank();
    assert_eq!(bank.note(4).await.unwrap(), 8);
    let error = bank.note(1).await.unwrap_err();
    assert!(
        matches!(error, CallError::Remote(RemoteError::ConnectionLost { started: Started::Unknown })),
        "{error:?}"
    );
    assert!(!error.never_ran());
}

#[tokio::test(start_paused = true)]
async fn all_goes_in_order_and_nothing_waits_for_another() {
    let (line, bank) = bank();
    let stuck = bank.note(0).start();
    bank.note(2).try_tell().unwrap();
    let told = bank.note(3).tell();
    let called = bank.note(4).start();
    told.await.unwrap();
    assert_eq!(called.await.unwrap(), 8);
    let notes = |amounts: &[u64]| -> Vec<BankMessage> {
        amounts.iter().map(|amount| BankMessage::Note { amount: *amount }).collect()
    };
    // The tell was sent when it was polled.
    assert_eq!(line.came(), notes(&[0, 2, 4, 3]));
    drop(stuck);
    line.cancelled.notified().await;
}

#[tokio::test(start_paused = true)]
async fn a_tell_waits_for_its_receipt_and_is_handed_back_without() {
    let (_, bank) = bank();
    bank.note(5).tell().await.unwrap();
    let error = bank.note(1).tell().await.unwrap_err();
    assert!(matches!(error, TellError::Full(BankMessage::Note { amount: 1 })), "{error:?}");
    let error = bank.slow().timeout(Duration::from_secs(1)).tell().await.unwrap_err();
    assert!(matches!(error, TellError::Remote(BankMessage::Slow, RemoteError::NoReceipt)), "{error:?}");
    bank.stop();
    bank.stopped().await;
    let error = bank.note(5).tell().await.unwrap_err();
    assert!(matches!(error, TellError::NotRunning(BankMessage::Note { amount: 5 })), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_tell_that_is_dropped_keeps_nobody() {
    let (line, bank) = bank();
    let mut told = Box::pin(bank.slow().tell());
    assert!(futures::poll!(&mut told).is_pending());
    tokio::task::yield_now().await;
    assert_eq!(line.came(), [BankMessage::Slow]);
    drop(told);
    assert_eq!(bank.note(2).await.unwrap(), 4);
}

#[tokio::test(start_paused = true)]
async fn default_deadlines_count() {
    let (_, bank) = bank();
    let began = tokio::time::Instant::now();
    let error = bank.slow().await.unwrap_err();
    assert!(matches!(error, CallError::TimedOut { started: true }), "{error:?}");
    assert_eq!(began.elapsed(), Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_data_is_said_to_be_none() {
    let (line, bank) = bank();
    let error = bank.with(|| 1).await.unwrap_err();
    assert!(
        matches!(&error, CallError::Remote(RemoteError::NotData { message }) if **message == "with"),
        "{error:?}"
    );
    assert!(error.never_ran());
    let named = NamedHandle::from(bank);
    let error = named.title().await.unwrap_err();
    assert!(
        matches!(&error, CallError::Remote(RemoteError::NotData { message }) if **message == "title"),
        "{error:?}"
    );
    let error = named.title().try_tell().unwrap_err();
    assert!(
        matches!(error, TellError::Remote(NamedMessage::Title, RemoteError::NotData { .. })),
        "{error:?}"
    );
    assert_eq!(line.came(), []);
}

#[tokio::test(start_paused = true)]
async fn the_end_there_is_the_end_here() {
    let (end, ended) = oneshot::channel();
    let line = Line { end: Arc::new(Mutex::new(Some(ended))), ..Line::default() };
    let bank = BankHandle::from_transport(Spawn::new(), line);
    let stuck = bank.note(0).start();
    assert_eq!(bank.note(2).await.unwrap(), 4);
    end.send(ExitReason::Killed).unwrap();
    assert!(matches!(bank.stopped().await, ExitReason::Killed));
    let error = stuck.await.unwrap_err();
    assert!(matches!(error, CallError::Interrupted(ExitReason::Killed)), "{error:?}");
    assert!(matches!(bank.note(2).await, Err(CallError::NotRunning)));
}

#[tokio::test(start_paused = true)]
async fn it_goes_with_its_last_handle() {
    let (line, bank) = bank();
    let weak = bank.downgrade();
    let answer = bank.note(7).start();
    drop(bank);
    assert_eq!(answer.await.unwrap(), 14);
    while Arc::strong_count(&line.came) > 1 {
        tokio::task::yield_now().await;
    }
    assert!(weak.upgrade().is_none());
}

#[tokio::test(start_paused = true)]
async fn what_is_passed_on_to_it_never_says_that_it_never_ran() {
    let error: CallError = CallError::Remote(RemoteError::Refused);
    assert!(error.never_ran());
    let twice: CallError<CallError> = CallError::Handler(error);
    assert!(!twice.flatten().never_ran());
    let told: CallError = TellError::Remote((), RemoteError::NoReceipt).into();
    assert!(!told.never_ran());
}

#[tokio::test(start_paused = true)]
async fn progress_says_that_a_handler_runs() {
    let (_, bank) = bank();
    let (stuck, answered) = (bank.note(0).start(), bank.note(2).start());
    let seen: Vec<Progress> = vec![stuck.progress(), answered.progress()];
    assert!(!seen.iter().any(Progress::is_running));
    assert_eq!(answered.await.unwrap(), 4);
    assert_eq!(seen.iter().map(Progress::is_running).collect::<Vec<_>>(), [true, false]);
    bank.kill();
    bank.stopped().await;
    let refused = bank.note(2).start();
    assert!(!refused.progress().is_running());
    assert!(refused.await.unwrap_err().never_ran());
}
