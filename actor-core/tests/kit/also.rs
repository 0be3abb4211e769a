//! Mocks that are of several protocols.

use crate::bank::{
    Adviser, AdviserHandle, AdviserMessage, AdviserReply, Bank, BankHandle, BankReply, BrokerHandle,
    BrokerMessage, BrokerReply,
};
use actor_core::prelude::*;
use actor_core::{Pool, test};
use std::future::ready;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use tokio::time::Instant;

fn adviser(says: bool) -> AdviserHandle {
    AdviserHandle::from_fn(move |message| async move {
        match message {
            AdviserMessage::Advise { .. } => AdviserReply::Advise(says),
            AdviserMessage::Ponder => std::future::pending().await,
        }
    })
}

fn broker() -> BrokerHandle {
    BrokerHandle::from_fn(|_| ready(BrokerReply::Broke(9)))
}

fn bank() -> BankHandle {
    BankHandle::from_fn(|_| ready(BankReply::Note(1)))
}

fn panic_of(code: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(code)).expect_err("it panics");
    *panic.downcast::<String>().expect("a text")
}

#[tokio::test]
async fn one_of_a_protocol_that_extends_another() {
    let broker = broker();
    test::also(&broker, &adviser(true));
    let base = AdviserHandle::from(broker.clone());
    assert!(base.advise(1).await.unwrap());
    assert_eq!(broker.broke().await.unwrap(), 9);
    // It is one actor, whoever answers.
    assert_eq!((base.id(), base.downgrade().upgrade().unwrap().id()), (broker.id(), broker.id()));
    assert!(base.advise(1).start().await.unwrap());
    base.advise(1).tell().await.unwrap();
    base.advise(1).try_tell().unwrap();
    assert!(broker.advise(1).await.unwrap());
}

#[tokio::test]
async fn one_of_an_actor_that_has_protocols() {
    let bank = bank();
    test::also(&bank, &adviser(true));
    test::also(&bank, &broker());
    assert_eq!(bank.note(5).await.unwrap(), 1);
    assert!(AdviserHandle::from(bank.clone()).advise(1).await.unwrap());
    let broker = BrokerHandle::from(bank.clone());
    assert_eq!(broker.broke().await.unwrap(), 9);
    assert!(AdviserHandle::from(broker.clone()).advise(1).await.unwrap());
    assert_eq!(broker.downcast::<BankHandle>(), Some(bank.clone()));
    // What no handle can be of, it is not.
    assert!(matches!(bank.with(|_| ()).await, Err(CallError::Mock(_))));
}

#[tokio::test(start_paused = true)]
async fn probes() {
    let (broker, mut brokers) = test::probe::<BrokerHandle>();
    let (adviser, mut advisers) = test::probe::<AdviserHandle>();
    test::also(&broker, &adviser);
    let (advice, broke) = (AdviserHandle::from(broker.clone()), broker.broke().start());
    let advice = advice.advise(3).start();
    let call = advisers.expect().await;
    assert_eq!(call.message(), &AdviserMessage::Advise { amount: 3 });
    call.reply(AdviserReply::Advise(true));
    assert!(advice.await.unwrap());
    brokers.expect().await.reply(BrokerReply::Broke(2));
    assert_eq!(broke.await.unwrap(), 2);
}

#[tokio::test]
async fn recorders_before_a_real_one() {
    let real = Bank::default().spawn();
    real.note(5).await.unwrap();
    let (broker, brokers) = test::record(&BrokerHandle::from(real.clone()));
    let (adviser, advisers) = test::record(&AdviserHandle::from(real.clone()));
    test::also(&broker, &adviser);
    assert_eq!(broker.broke().await.unwrap(), 5);
    assert!(AdviserHandle::from(broker).advise(3).await.unwrap());
    assert_eq!(brokers.calls()[0].name, BrokerMessage::Broke.name());
    assert_eq!((brokers.names(), advisers.names()), (vec!["broke"], vec!["advise"]));
}

/// A real actor, or several, are as good as a mock: they are reached as they always are.
#[tokio::test]
async fn what_is_real() {
    let real = Bank::default().spawn();
    real.note(5).await.unwrap();
    let mock = broker();
    test::also(&mock, &AdviserHandle::from(real));
    let base = AdviserHandle::from(mock);
    assert_eq!((base.advise(3).await.unwrap(), base.ponder().await.unwrap()), (true, 5));

    let pool = Pool::new(2, |_| Bank::default()).spawn();
    let mock = broker();
    test::also(&mock, &AdviserHandle::from(pool));
    assert!(!AdviserHandle::from(mock).advise(3).await.unwrap());
    assert!(!Bank::default().advise(0));
}

#[tokio::test(start_paused = true)]
async fn default_deadlines_are_those_of_whoever_answers() {
    let broker = broker();
    test::also(&broker, &adviser(true));
    let began = Instant::now();
    let late = AdviserHandle::from(broker).ponder().await;
    assert!(matches!(late, Err(CallError::TimedOut { started: true })));
    assert_eq!(began.elapsed(), Duration::from_millis(20));
}

#[tokio::test(start_paused = true)]
async fn it_ends_as_one() {
    let (broker, adviser) = (broker(), adviser(true));
    test::also(&broker, &adviser);
    let (base, others) = (AdviserHandle::from(broker.clone()), adviser.stopped());
    broker.stop();
    test::assert_stopped(&broker).await;
    assert!(matches!(base.advise(1).await, Err(CallError::NotRunning)));
    assert!(matches!(base.advise(1).try_tell(), Err(TellError::NotRunning(_))));
    assert!(adviser.advise(1).await.unwrap());
    // It holds what it was given, and lets go of it when it goes.
    drop((broker, adviser));
    assert!(!base.is_running());
    drop(base);
    assert!(others.await.is_normal());
}

#[tokio::test]
async fn what_cannot_be() {
    let real = Bank::default().spawn_with(Spawn::new().name("real"));
    let text = panic_of(|| test::also(&real, &adviser(true)));
    assert_eq!(text, "real is no mock, and gets the messages of its protocols itself");
    let bank = bank();
    test::also(&bank, &adviser(true));
    for text in [panic_of(|| test::also(&bank, &adviser(false))), panic_of(|| test::also(&bank, &real))] {
        assert!(text.contains("gets a `") && text.ends_with("Message` already"), "{text}");
    }
    assert!(AdviserHandle::from(bank).advise(1).await.unwrap());
}
