//! Handles whose messages the test receives.

use actor_core::prelude::*;
use actor_core::{Registry, test};
use futures::executor::block_on;
use futures::{FutureExt, join};
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);

#[actor(derive(Debug, PartialEq))]
pub trait Bidder {
    fn beaten(&mut self, best: u32);
    async fn limit(&self) -> u32;
}

#[actor]
struct Auction(Vec<BidderHandle>);

#[actor]
impl Auction {
    pub async fn offer(&mut self, best: u32) -> usize {
        let mut beaten = 0;
        for bidder in &self.0 {
            if bidder.limit().timeout(SECOND).await.is_ok_and(|limit| limit > best) {
                bidder.beaten(best).try_tell().ok();
                beaten += 1;
            }
        }
        beaten
    }
}

#[actor]
struct Lamp;

#[actor(derive(Debug, PartialEq))]
impl Lamp {
    pub fn on(&mut self) {}
    pub fn off(&mut self) {}
    pub fn dim(&mut self, to: u32) -> Result<u32, String> {
        Ok(to)
    }
    #[message(timeout = SECOND)]
    pub fn blink(&mut self) {}
    pub fn with<R: Send + 'static>(&mut self, f: impl FnOnce() -> R + Send + 'static) -> R {
        f()
    }
}

/// What a failure says.
async fn failure<T>(of: impl Future<Output = T>) -> String {
    match AssertUnwindSafe(of).catch_unwind().await {
        Ok(_) => panic!("it did not fail"),
        Err(panic) => *panic.downcast::<String>().unwrap(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_protocol_is_answered_by_the_test() {
    let (bidder, mut probe) = test::probe::<BidderHandle>();
    let auction = Auction(vec![bidder]).spawn_with(Spawn::new().name("auction"));
    let offer = auction.offer(5).start();
    let call = probe.expect().await;
    assert_eq!((call.name(), call.is_tell()), ("limit", false));
    assert_eq!(call.deadline(), Some(Instant::now() + SECOND));
    assert!(call.reply(BidderReply::Limit(7)));
    let call = probe.expect().await;
    assert!(call.is_tell());
    assert_eq!(call.message(), &BidderMessage::Beaten { best: 5 });
    assert!(!call.reply(BidderReply::Beaten(())), "nobody waits for it");
    assert_eq!(offer.await.unwrap(), 1);
    probe.expect_none();
}

#[tokio::test(start_paused = true)]
async fn a_call_can_be_dropped_failed_or_left_waiting() {
    let (lamp, mut probe) = test::probe::<LampHandle>();
    let dropped = lamp.dim(1).start();
    drop(probe.expect().await);
    assert!(matches!(dropped.await, Err(CallError::Dropped)));

    let failed = lamp.dim(1).start();
    probe.expect().await.fail(CallError::TimedOut { started: false });
    assert!(matches!(failed.await, Err(CallError::TimedOut { started: false })));

    let handled = lamp.dim(1).start();
    probe.expect().await.reply(LampReply::Dim(Err("broken".into())));
    assert!(matches!(handled.await, Err(CallError::Handler(error)) if error == "broken"));

    let late = lamp.dim(1).timeout(SECOND).start();
    let call = probe.expect().await;
    assert!(matches!(late.await, Err(CallError::TimedOut { started: true })));
    assert!(call.caller_gone());
    assert!(!call.reply(LampReply::Dim(Ok(1))));

    let parts = lamp.dim(3).start();
    let (message, reply) = probe.expect().await.into_parts();
    assert_eq!(message, LampMessage::Dim { to: 3 });
    reply.send(LampReply::Dim(Ok(3))).unwrap();
    assert_eq!(parts.await.unwrap(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_wanted_fails_or_is_skipped() {
    let (lamp, probe) = test::probe::<LampHandle>();
    let mut probe = probe.debug();
    lamp.on().try_tell().unwrap();
    let skipped = lamp.dim(1).start();
    lamp.off().try_tell().unwrap();
    let off = probe.fish_for(|message| *message == LampMessage::Off).await;
    assert_eq!(off.name(), "off");
    assert!(matches!(skipped.await, Err(CallError::Dropped)));

    lamp.dim(2).try_tell().unwrap();
    let line = line!() + 1;
    let text = failure(probe.expect_that(|message| *message == LampMessage::On)).await;
    assert!(text.contains(&format!("tests/kit/probes.rs:{line}:")), "{text}");
    assert!(text.contains("but `Dim { to: 2 }` (a tell) came"), "{text}");
    assert!(text.contains("before:\n  `On` (a tell)\n  `Dim { to: 1 }`\n  `Off` (a tell)"), "{text}");

    lamp.on().try_tell().unwrap();
    let text = failure(probe.fish_for(|message| *message == LampMessage::Off)).await;
    assert!(text.contains("but only another one came within 3s"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn some_in_any_order() {
    let (lamp, mut probe) = test::probe::<LampHandle>();
    lamp.off().try_tell().unwrap();
    lamp.dim(1).try_tell().unwrap();
    lamp.dim(2).try_tell().unwrap();
    let [first, off, second] = probe.expect_all(["dim", "off", "dim"]).await;
    assert_eq!(off.name(), "off");
    assert_eq!(first.message(), &LampMessage::Dim { to: 1 });
    assert_eq!(second.message(), &LampMessage::Dim { to: 2 });

    lamp.on().try_tell().unwrap();
    let text = failure(probe.expect_all(["dim", "on"])).await;
    assert!(text.contains("expected `dim` for") && text.contains("nothing more came within 3s"), "{text}");
    assert!(text.contains("before:\n  `off` (a tell)\n  `dim` (a tell)\n  `dim` (a tell)"), "{text}");
    // What came has not been taken.
    assert!(probe.expect_all(["off", "on"]).now_or_never().is_none());
    lamp.dim(9).try_tell().unwrap();
    let text = failure(probe.expect_all(["on", "off"])).await;
    assert!(text.contains("expected `off` for") && text.contains("but `dim` (a tell) came"), "{text}");
    assert_eq!(probe.try_expect().unwrap().name(), "on");
    probe.expect_none();
}

#[tokio::test(start_paused = true)]
async fn none_for_a_time() {
    let (lamp, mut probe) = test::probe::<LampHandle>();
    let began = Instant::now();
    probe.expect_none_within(60 * SECOND).await;
    assert_eq!(began.elapsed(), 60 * SECOND);

    let later = lamp.clone();
    tokio::spawn(async move {
        tokio::time::sleep(SECOND).await;
        later.on().try_tell().unwrap();
    });
    let text = failure(probe.expect_none_within(60 * SECOND)).await;
    assert!(text.contains("expected nothing, but `on` (a tell) came"), "{text}");
    assert_eq!(began.elapsed(), 61 * SECOND);
    probe.expect_none_within(60 * SECOND).await;
    drop(lamp);
    probe.expect_none_within(60 * SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn a_failure_shows_what_the_actors_did_last() {
    let (bidder, mut probe) = test::probe_with::<BidderHandle>(Spawn::new().name("bidder"));
    let auction = Auction(vec![bidder]).spawn_with(Spawn::new().name("auction"));
    let offer = auction.offer(5).start();
    probe.expect().await.reply(BidderReply::Limit(3));
    let text = failure(probe.expect().within(SECOND)).await;
    assert!(text.contains("expected a message for bidder, but nothing came within 1s"), "{text}");
    assert!(
        text.contains("last messages:\n  bidder\n    limit from auction: to be answered later, 1s ago"),
        "{text}"
    );
    assert!(text.contains("\n  auction\n    offer: handled, 1s ago"), "{text}");
    assert_eq!(offer.await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn it_is_an_actor() {
    let (lamp, mut probe) = test::probe_with::<LampHandle>(Spawn::new().name("lamp"));
    let registry = Registry::new();
    registry.register("lamp", &lamp).unwrap();
    assert_eq!(registry.get::<LampHandle>("lamp"), Some(lamp.clone()));
    assert_eq!(lamp.name(), Some("lamp"));
    let weak = lamp.downgrade();
    let held = lamp.dim(1).start();
    let call = probe.expect().await;
    lamp.stop();
    test::assert_stopped(&lamp).await;
    assert!(matches!(lamp.dim(2).await, Err(CallError::NotRunning)));
    // What the test has taken it can answer all the same.
    assert!(call.reply(LampReply::Dim(Ok(1))));
    assert_eq!(held.await.unwrap(), 1);
    assert!(registry.get::<LampHandle>("lamp").is_none());
    let text = failure(probe.expect()).await;
    assert!(text.contains("but nothing more can come, since its actor has ended: stopped"), "{text}");
    drop((lamp, probe));
    assert!(weak.upgrade().is_none());
}

#[tokio::test(start_paused = true)]
async fn it_ends_with_its_last_handle() {
    let (lamp, mut probe) = test::probe::<LampHandle>();
    lamp.on().try_tell().unwrap();
    let stopped = lamp.stopped();
    drop(lamp);
    assert_eq!(probe.expect().await.name(), "on");
    assert!(matches!(stopped.await, ExitReason::Finished));
}

#[tokio::test(start_paused = true)]
async fn when_it_goes_nobody_waits() {
    let (lamp, mut probe) = test::probe::<LampHandle>();
    let (taken, waiting) = (lamp.dim(1).start(), lamp.dim(2).start());
    let call = probe.expect().await;
    drop(probe);
    assert!(matches!(waiting.await, Err(CallError::Dropped)));
    assert!(matches!(lamp.dim(3).await, Err(CallError::NotRunning)));
    assert!(matches!(lamp.stopped().await, ExitReason::Stopped));
    call.reply(LampReply::Dim(Ok(1)));
    assert_eq!(taken.await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn default_deadlines_count() {
    let (lamp, mut probe) = test::probe::<LampHandle>();
    let blink = lamp.blink().start();
    let call = probe.expect().await;
    assert!(call.deadline().is_some());
    assert!(matches!(blink.await, Err(CallError::TimedOut { started: true })));
    assert!(call.caller_gone());
}

/// They are code and no data.
#[tokio::test(start_paused = true)]
async fn generic_methods_fail() {
    let (lamp, mut probe) = test::probe::<LampHandle>();
    let says = |error: CallError| matches!(&error, CallError::Mock(mock) if mock.message() == "with" && error.never_ran());
    assert!(says(lamp.with(|| 1).start().await.unwrap_err()));
    test::settle().await;
    assert!(says(lamp.with(|| 1).await.unwrap_err()));
    assert!(matches!(lamp.with(|| 1).try_tell(), Err(TellError::Mock(..))));
    test::settle().await;
    probe.expect_none();
    assert!(lamp.is_running());
}

#[tokio::test(start_paused = true)]
async fn a_direct_call_comes_too() {
    let (lamp, mut probe) = test::probe::<LampHandle>();
    test::settle().await;
    let answers = async { probe.expect().await.reply(LampReply::Dim(Ok(4))) };
    let (dim, waited) = join!(lamp.dim(4), answers);
    assert!(waited);
    assert_eq!(dim.unwrap(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_several_threads() {
    let (lamp, mut probe) = test::probe::<LampHandle>();
    for to in 0..100 {
        let call = tokio::spawn({
            let lamp = lamp.clone();
            async move { lamp.dim(to).await }
        });
        probe
            .expect_that(move |message| *message == LampMessage::Dim { to })
            .await
            .reply(LampReply::Dim(Ok(to)));
        assert_eq!(call.await.unwrap().unwrap(), to);
    }
}

#[test]
fn without_a_runtime() {
    let (lamp, mut probe) = test::probe::<LampHandle>();
    assert!(probe.try_expect().is_none());
    lamp.on().try_tell().unwrap();
    let dim = lamp.dim(1).start();
    assert_eq!(probe.try_expect().unwrap().name(), "on");
    let answered = block_on(async {
        let answers = async { probe.expect().await.reply(LampReply::Dim(Ok(1))) };
        join!(dim, answers)
    });
    assert_eq!(answered.0.unwrap(), 1);
    lamp.stop_within(SECOND);
    probe.expect_none();
    assert!(matches!(block_on(lamp.stopped()), ExitReason::Stopped));
}

#[test]
fn without_a_runtime_it_is_real_time_that_passes() {
    let (lamp, mut probe) = test::probe::<LampHandle>();
    let text = block_on(failure(probe.expect().within(Duration::from_millis(20))));
    assert!(text.contains("nothing came within 20ms"), "{text}");
    block_on(probe.expect_none_within(Duration::from_millis(20)));
    // From another thread, which wakes whoever waits.
    let sends = std::thread::spawn(move || {
        lamp.on().try_tell().unwrap();
        lamp.dim(1).blocking()
    });
    block_on(async {
        assert_eq!(probe.expect().await.name(), "on");
        probe.expect().await.reply(LampReply::Dim(Ok(2)));
    });
    assert_eq!(sends.join().unwrap().unwrap(), 2);
}

#[test]
fn it_ends_with_its_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (lamp, mut probe) = runtime.block_on(async { test::probe::<LampHandle>() });
    drop(runtime);
    assert!(matches!(block_on(lamp.stopped()), ExitReason::Killed));
    assert!(probe.try_expect().is_none());
    assert!(matches!(block_on(lamp.dim(1)), Err(CallError::NotRunning)));
}
