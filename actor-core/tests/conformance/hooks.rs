//! `on_start` and `on_stop`.

use crate::kit::{Gate, Log, Way, ms, poll_once, settle};
use actor_core::prelude::*;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Mood {
    #[default]
    Good,
    FailsAtStart,
    PanicsAtStart,
    StopsAtStart,
    FailsAtStop,
    PanicsAtStop,
    WaitsAtStop,
}

#[derive(Debug, thiserror::Error)]
#[error("not today")]
struct NotToday;

#[actor]
struct Shop {
    mood: Mood,
    gate: Gate,
    log: Log,
}

#[actor]
impl Shop {
    #[on_start]
    async fn open(&mut self, ctx: &mut Context<Self>) -> Result<(), NotToday> {
        self.log.push("opens");
        self.gate.pass().await;
        self.log.push("open");
        match self.mood {
            Mood::FailsAtStart => Err(NotToday),
            Mood::PanicsAtStart => panic!("at start"),
            Mood::StopsAtStart => {
                ctx.stop();
                Ok(())
            }
            _ => Ok(()),
        }
    }
    #[on_stop]
    async fn shut(&mut self, ctx: &mut Context<Self>) -> Result<(), NotToday> {
        self.log.push("shuts");
        let refused = ctx.handle().buy(9).try_tell();
        assert!(matches!(refused, Err(TellError::NotRunning(_))), "the shop takes nothing any more");
        match self.mood {
            Mood::FailsAtStop => Err(NotToday),
            Mood::PanicsAtStop => panic!("at stop"),
            Mood::WaitsAtStop => {
                self.gate.pass().await;
                self.log.push("shut");
                Ok(())
            }
            _ => Ok(()),
        }
    }
    pub fn buy(&mut self, n: u32) -> u32 {
        self.log.push(n);
        n
    }
    pub async fn fail(&mut self, ctx: &mut Context<Self>) {
        ctx.fail("bankrupt");
    }
}

fn shop(way: Way, mood: Mood) -> (ShopHandle, Gate, Log) {
    let (gate, log) = (Gate::default(), Log::default());
    (Shop { mood, gate: gate.clone(), log: log.clone() }.spawn_with(way.spawn()), gate, log)
}

async fn on_start_ends_before_the_first_message_also_of_a_direct_call(way: Way) {
    let (shop, gate, log) = shop(way, Mood::Good);
    let mut first = shop.buy(1);
    assert!(poll_once(&mut first).await.is_none());
    gate.arrived(1).await;
    shop.buy(2).try_tell().unwrap();
    settle().await;
    assert!(poll_once(&mut first).await.is_none());
    gate.open(1);
    assert_eq!(first.await.unwrap(), 1);
    assert_eq!(shop.buy(3).await.unwrap(), 3);
    assert_eq!(log.all(), ["opens", "open", "1", "2", "3"]);
}

async fn after_a_failed_on_start_nothing_runs_and_stopped_says_why(way: Way) {
    let (shop, gate, log) = shop(way, Mood::FailsAtStart);
    let queued = shop.buy(1).start();
    shop.buy(2).try_tell().unwrap();
    gate.open(1);
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
    let reason = shop.stopped().await;
    assert!(matches!(&reason, ExitReason::Failed(error) if error.is::<NotToday>()), "{reason}");
    assert!(matches!(shop.buy(3).await, Err(CallError::NotRunning)));
    assert_eq!(log.all(), ["opens", "open"]);
}

async fn after_a_panic_in_on_start_nothing_runs(way: Way) {
    let (shop, gate, log) = shop(way, Mood::PanicsAtStart);
    let queued = shop.buy(1).start();
    gate.open(1);
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
    let ExitReason::Panicked(panic) = shop.stopped().await else { panic!("it panicked") };
    assert_eq!((panic.text(), panic.message()), ("at start", None));
    assert!(panic.location().is_some_and(|place| place.file().ends_with("hooks.rs")));
    assert_eq!(log.all(), ["opens", "open"]);
}

async fn ctx_stop_in_on_start_is_a_stop(way: Way) {
    let (shop, gate, log) = shop(way, Mood::StopsAtStart);
    let queued = shop.buy(1).start();
    gate.open(1);
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
    assert!(matches!(shop.stopped().await, ExitReason::Stopped));
    assert_eq!(log.all(), ["opens", "open", "shuts"]);
}

async fn stop_during_on_start_handles_what_is_queued(way: Way) {
    let (shop, gate, log) = shop(way, Mood::Good);
    let queued = shop.buy(1).start();
    gate.arrived(1).await;
    shop.stop();
    gate.open(1);
    assert_eq!(queued.await.unwrap(), 1);
    assert!(matches!(shop.stopped().await, ExitReason::Stopped));
    assert_eq!(log.all(), ["opens", "open", "1", "shuts"]);
}

async fn kill_during_on_start_cuts_it_off(way: Way) {
    let (shop, gate, log) = shop(way, Mood::Good);
    let queued = shop.buy(1).start();
    gate.arrived(1).await;
    shop.kill();
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
    assert!(matches!(shop.stopped().await, ExitReason::Killed));
    assert_eq!(log.all(), ["opens"]);
}

async fn the_last_handle_gone_during_on_start_ends_it_after_the_hook(way: Way) {
    let (shop, gate, log) = shop(way, Mood::Good);
    gate.arrived(1).await;
    let stopped = shop.stopped();
    drop(shop);
    gate.open(1);
    assert!(matches!(stopped.await, ExitReason::Finished));
    assert_eq!(log.all(), ["opens", "open", "shuts"]);
}

async fn on_stop_runs_once_on_every_orderly_end(way: Way) {
    let ends: [fn(&ShopHandle); 3] =
        [ShopHandle::stop, |shop| shop.stop_within(ms(10_000)), |shop| shop.fail().try_tell().unwrap()];
    for end in ends {
        let (shop, gate, log) = shop(way, Mood::Good);
        gate.open(1);
        shop.buy(1).await.unwrap();
        end(&shop);
        shop.stop();
        shop.stopped().await;
        assert_eq!(log.all(), ["opens", "open", "1", "shuts"]);
    }
}

async fn kill_during_on_stop_cuts_it_off(way: Way) {
    let (shop, gate, log) = shop(way, Mood::WaitsAtStop);
    gate.open(1);
    shop.buy(1).await.unwrap();
    shop.stop();
    gate.arrived(2).await;
    assert!(shop.is_running());
    shop.kill();
    assert!(matches!(shop.stopped().await, ExitReason::Killed));
    assert_eq!(log.all(), ["opens", "open", "1", "shuts"]);
}

async fn stop_within_bounds_on_stop_too(way: Way) {
    let (shop, gate, _) = shop(way, Mood::WaitsAtStop);
    gate.open(1);
    shop.buy(1).await.unwrap();
    shop.stop_within(ms(20));
    assert!(matches!(shop.stopped().await, ExitReason::Killed));
}

async fn an_error_of_on_stop_makes_a_good_end_a_failure(way: Way) {
    let (shop, gate, _) = shop(way, Mood::FailsAtStop);
    gate.open(1);
    shop.buy(1).await.unwrap();
    shop.stop();
    assert!(matches!(shop.stopped().await, ExitReason::Failed(error) if error.is::<NotToday>()));
    let (shop, gate, _) = self::shop(way, Mood::FailsAtStop);
    gate.open(1);
    shop.fail().await.unwrap();
    assert!(matches!(shop.stopped().await, ExitReason::Failed(error) if error.to_string() == "bankrupt"));
}

async fn a_panic_in_on_stop_is_the_end(way: Way) {
    let (shop, gate, _) = shop(way, Mood::PanicsAtStop);
    gate.open(1);
    let kept = shop.buy(1).start();
    shop.stop();
    assert_eq!(kept.await.unwrap(), 1);
    let ExitReason::Panicked(panic) = shop.stopped().await else { panic!("it panicked") };
    assert_eq!((panic.text(), panic.message()), ("at stop", None));
}

four_ways!(
    after_a_failed_on_start_nothing_runs_and_stopped_says_why,
    after_a_panic_in_on_start_nothing_runs,
    ctx_stop_in_on_start_is_a_stop,
    stop_during_on_start_handles_what_is_queued,
    kill_during_on_start_cuts_it_off,
    the_last_handle_gone_during_on_start_ends_it_after_the_hook,
    on_stop_runs_once_on_every_orderly_end,
    kill_during_on_stop_cuts_it_off,
    an_error_of_on_stop_makes_a_good_end_a_failure,
    a_panic_in_on_stop_is_the_end,
);
both_ways!(on_start_ends_before_the_first_message_also_of_a_direct_call);
both_ways_paused!(stop_within_bounds_on_stop_too);
