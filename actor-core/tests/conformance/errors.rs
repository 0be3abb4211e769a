//! What the errors say.

use crate::kit::{Gate, Way};
use actor_core::prelude::*;
use actor_core::{HandlerError, Overflow};
use std::error::Error;

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("no seat in row {0}")]
struct NoSeat(u32);

#[actor(mailbox = 1)]
struct Hall(Gate);

#[actor(derive_message(Debug, Clone, PartialEq))]
impl Hall {
    pub fn sit(&mut self, row: u32) -> Result<u32, NoSeat> {
        Err(NoSeat(row))
    }
    pub fn sit_badly(&mut self) -> Result<u32, String> {
        Err("in the way".to_owned())
    }
    pub async fn hold(&mut self) -> Result<u32, NoSeat> {
        self.0.pass().await;
        Ok(1)
    }
    pub fn fail(&mut self, ctx: &mut Context<Self>, _reply: ReplyTo<Result<u32, NoSeat>>) {
        ctx.fail(NoSeat(0));
    }
    pub fn burst(&mut self) -> Result<u32, NoSeat> {
        panic!("fire");
    }
    pub fn let_go(&mut self, _reply: ReplyTo<Result<u32, NoSeat>>) {}
}

fn hall(how: Spawn) -> (HallHandle, Gate) {
    let gate = Gate::default();
    (Hall(gate.clone()).spawn_with(how), gate)
}

/// One of each kind that a call can end with.
async fn one_of_each(way: Way) -> Vec<(&'static str, CallError<NoSeat>, bool)> {
    let (hall, gate) = hall(way.spawn().overflow(Overflow::Reject));
    let mut all = vec![
        ("Handler", hall.sit(3).await.unwrap_err(), false),
        ("WouldBlock", hall.sit(3).blocking().unwrap_err(), true),
        ("Dropped", hall.let_go().await.unwrap_err(), false),
        (
            "TimedOut started",
            // Long enough to have started on any machine.
            hall.hold().timeout(std::time::Duration::from_millis(500)).await.unwrap_err(),
            false,
        ),
        ("TimedOut", hall.sit(1).timeout(std::time::Duration::from_millis(5)).await.unwrap_err(), true),
        ("Full", hall.sit(1).await.unwrap_err(), true),
    ];
    gate.open(1);
    let _ = crate::kit::until(|| hall.sit(2).try_tell().is_ok()).await;
    hall.stop();
    all.push(("NotRunning", hall.sit(1).await.unwrap_err(), true));
    let (failed, _) = self::hall(way.spawn());
    all.push(("Interrupted", failed.burst().await.unwrap_err(), false));
    all
}

async fn never_ran_is_said_only_where_it_is_certain(way: Way) {
    for (name, error, never_ran) in one_of_each(way).await {
        assert_eq!(error.never_ran(), never_ran, "{name}: {error}");
        let text = error.to_string();
        assert_eq!(text.contains("never"), never_ran, "{text}");
        assert!(!text.is_empty() && !text.ends_with('.') && !text.contains('\n'), "{text}");
        assert!(format!("{error:?}").starts_with(name.split(' ').next().unwrap()), "{error:?}");
    }
}

async fn the_handlers_error_is_shown_and_is_the_source(way: Way) {
    let (hall, _) = hall(way.spawn());
    let error = hall.sit(3).await.unwrap_err();
    assert_eq!(error.to_string(), "no seat in row 3");
    let source = error.source().and_then(|source| source.downcast_ref::<NoSeat>());
    assert_eq!(source, Some(&NoSeat(3)));
    let anything: Box<dyn Error + Send + Sync> = error.into();
    assert_eq!(anything.to_string(), "no seat in row 3");
}

async fn mapping_keeps_every_kind(way: Way) {
    for (name, error, never_ran) in one_of_each(way).await {
        let before = error.to_string();
        let mapped: CallError<String> = error.map(|error| error.to_string());
        assert_eq!((mapped.to_string(), mapped.never_ran()), (before.clone(), never_ran), "{name}");
        let boxed: CallError<HandlerError> = mapped.boxed();
        assert_eq!((boxed.to_string(), boxed.never_ran()), (before, never_ran), "{name}");
        let _: &dyn Error = &boxed;
    }
}

async fn an_error_that_is_none_can_be_boxed_into_one(way: Way) {
    let (hall, _) = hall(way.spawn());
    let error: CallError<String> = hall.sit_badly().await.unwrap_err();
    let CallError::Handler(inner) = error.boxed() else { panic!("it is the handler's") };
    assert_eq!(inner.into_inner().to_string(), "in the way");
}

async fn widening_fits_a_call_into_a_method_that_can_fail(way: Way) {
    async fn sit(hall: &HallHandle) -> Result<u32, CallError<NoSeat>> {
        let narrow: CallError = CallError::NotRunning;
        let wide: CallError<NoSeat> = narrow.widen();
        assert!(matches!(wide, CallError::NotRunning));
        hall.sit(5).await
    }
    let (hall, _) = hall(way.spawn());
    assert!(matches!(sit(&hall).await, Err(CallError::Handler(NoSeat(5)))));
}

async fn a_call_within_a_call_has_one_error(way: Way) {
    for (name, error, never_ran) in one_of_each(way).await {
        let text = error.to_string();
        let flat = CallError::Handler(error).flatten();
        assert!(!flat.never_ran(), "{name}: the first handler ran");
        match name {
            "TimedOut" => assert!(matches!(flat, CallError::TimedOut { started: true })),
            _ if never_ran => assert!(matches!(flat, CallError::Dropped), "{name}"),
            _ => assert_eq!(flat.to_string(), text, "{name}"),
        }
    }
    // What became of the first call itself stays.
    for (name, error, never_ran) in one_of_each(way).await.into_iter().skip(1) {
        let text = error.to_string();
        let flat: CallError<NoSeat> = error.map(CallError::<NoSeat>::Handler).flatten();
        assert_eq!((flat.to_string(), flat.never_ran()), (text, never_ran), "{name}");
    }
}

async fn a_tell_error_can_be_that_of_a_call(way: Way) {
    async fn tell_and_ask(hall: &HallHandle) -> Result<u32, CallError<NoSeat>> {
        hall.sit(1).tell().await?;
        hall.sit(3).await
    }
    let (hall, gate) = hall(way.spawn());
    assert!(matches!(tell_and_ask(&hall).await, Err(CallError::Handler(NoSeat(3)))));
    hall.hold().try_tell().unwrap();
    gate.arrived(1).await;
    hall.sit(1).try_tell().unwrap();
    let full = hall.sit(2).try_tell().unwrap_err();
    assert!(matches!(full.into(), CallError::<NoSeat>::Full));
    let late = hall.sit(2).timeout(std::time::Duration::from_millis(5)).tell().await.unwrap_err();
    assert!(matches!(late.into(), CallError::<NoSeat>::TimedOut { started: false }));
    hall.kill();
    assert!(matches!(tell_and_ask(&hall).await, Err(CallError::NotRunning)));
}

async fn a_failure_of_the_actor_is_the_source_of_the_interruption(way: Way) {
    let (hall, _) = hall(way.spawn());
    let error = hall.fail().await.unwrap_err();
    // The reply is let go before the actor fails.
    assert!(matches!(error, CallError::Dropped));
    let reason = hall.stopped().await;
    let error: CallError = CallError::Interrupted(reason.clone());
    assert_eq!(error.source().and_then(|source| source.downcast_ref::<NoSeat>()), Some(&NoSeat(0)));
    assert_eq!(reason.to_string(), "failed: no seat in row 0");
}

async fn a_tell_error_hands_the_message_back_and_is_an_error(way: Way) {
    let (hall, gate) = hall(way.spawn());
    hall.hold().try_tell().unwrap();
    gate.arrived(1).await;
    hall.sit(1).try_tell().unwrap();
    let full = hall.sit(2).try_tell().unwrap_err();
    assert_eq!(full.to_string(), "the mailbox is full");
    assert!(format!("{full:?}").starts_with("Full"));
    assert_eq!(full.into_message(), HallMessage::Sit { row: 2 });
    let late = hall.sit(3).timeout(std::time::Duration::from_millis(5)).tell().await.unwrap_err();
    assert!(format!("{late:?}").starts_with("TimedOut"));
    assert_eq!(late.into_message(), HallMessage::Sit { row: 3 });
    hall.kill();
    let gone = hall.sit(4).tell().await.unwrap_err();
    let anything: Box<dyn Error> = Box::new(gone);
    assert_eq!(anything.to_string(), "the actor is not running");
    hall.stopped().await;
    assert_eq!(hall.sit(5).try_tell().unwrap_err().into_message(), HallMessage::Sit { row: 5 });
}

async fn reasons_are_shown_and_only_two_are_normal(way: Way) {
    type End = (fn(&HallHandle), &'static str, bool);
    let ends: [End; 3] = [
        (HallHandle::stop, "stopped", true),
        (HallHandle::kill, "killed", false),
        (|hall| hall.burst().try_tell().unwrap(), "panicked in `burst` at ", false),
    ];
    for (end, text, normal) in ends {
        let (hall, _) = hall(way.spawn());
        end(&hall);
        let reason = hall.stopped().await;
        assert!(reason.to_string().starts_with(text), "{reason}");
        assert_eq!(reason.is_normal(), normal);
    }
    let (hall, _) = hall(way.spawn());
    let stopped = hall.stopped();
    drop(hall);
    let reason = stopped.await;
    assert!(reason.is_normal() && reason.to_string() == "finished");
}

four_ways!(
    never_ran_is_said_only_where_it_is_certain,
    the_handlers_error_is_shown_and_is_the_source,
    mapping_keeps_every_kind,
    an_error_that_is_none_can_be_boxed_into_one,
    widening_fits_a_call_into_a_method_that_can_fail,
    a_call_within_a_call_has_one_error,
    a_tell_error_can_be_that_of_a_call,
    a_failure_of_the_actor_is_the_source_of_the_interruption,
    a_tell_error_hands_the_message_back_and_is_an_error,
    reasons_are_shown_and_only_two_are_normal,
);
