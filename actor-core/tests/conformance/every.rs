//! Methods that are called again and again.

use crate::kit::{Gate, Log, Way, ms, settle};
use actor_core::prelude::*;
use actor_core::{ExitReason, Supervise};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);

#[actor]
struct Pulse {
    start: Instant,
    period: Duration,
    ill: bool,
    gate: Gate,
    log: Log,
}

impl Pulse {
    fn new(period: Duration, log: &Log) -> Self {
        Pulse { start: Instant::now(), period, ill: false, gate: Gate::default(), log: log.clone() }
    }
    fn spawned(way: Way, period: Duration) -> (PulseHandle, Log) {
        let log = Log::default();
        (Pulse::new(period, &log).spawn_with(way.spawn()), log)
    }
    fn say(&self, what: &str) {
        self.log.push(format!("{what}@{}", self.start.elapsed().as_millis()));
    }
}

#[actor]
impl Pulse {
    #[on_start]
    fn begin(&mut self) {
        self.say("begun");
    }
    #[every(self.period)]
    fn beat(&mut self) {
        self.say("beat");
    }
    #[every(SECOND)]
    async fn slow(&self, ctx: &mut Context<Self>) {
        assert!(!ctx.caller_gone());
        tokio::task::yield_now().await;
        self.say("slow");
    }
    #[every(Duration::from_secs(3600))]
    fn check(&mut self) -> Result<(), String> {
        if self.ill { Err("is ill".to_owned()) } else { Ok(()) }
    }
    #[every(SECOND * 7200)]
    async fn examine(&mut self) {
        assert!(!self.ill, "incurable");
    }
    #[every(SECOND)]
    #[cfg(any())]
    fn never(&mut self) {
        nobody_compiles_this();
    }
    pub fn fall_ill(&mut self) {
        self.ill = true;
    }
    pub async fn busy(&mut self, time: Duration) {
        sleep(time).await;
    }
    pub async fn hold(&mut self) {
        self.gate.pass().await;
    }
    /// A user's own key is another's.
    pub fn own(&mut self, ctx: &mut Context<Self>) -> bool {
        ctx.cancel(0)
    }
    pub fn fall(&mut self) {
        panic!("fell");
    }
}

async fn each_in_its_period(way: Way) {
    let (_pulse, log) = Pulse::spawned(way, ms(400));
    sleep(ms(1250)).await;
    settle().await;
    assert_eq!(log.take(), ["begun@0", "beat@400", "beat@800", "slow@1000", "beat@1200"]);
}

async fn missed_ticks_are_skipped(way: Way) {
    let (pulse, log) = Pulse::spawned(way, ms(100));
    pulse.busy(ms(350)).await.unwrap();
    sleep(ms(80)).await;
    settle().await;
    assert_eq!(log.take(), ["begun@0", "beat@350", "beat@400"]);
}

async fn users_keys_are_others(way: Way) {
    let (pulse, log) = Pulse::spawned(way, ms(100));
    assert!(!pulse.own().await.unwrap());
    sleep(ms(150)).await;
    assert_eq!(log.take(), ["begun@0", "beat@100"]);
}

async fn an_error_is_the_actors_failure(way: Way) {
    let (pulse, _) = Pulse::spawned(way, SECOND * 4000);
    pulse.fall_ill().await.unwrap();
    let ExitReason::Failed(error) = pulse.stopped().await else { panic!() };
    assert_eq!(error.to_string(), "is ill");
}

async fn a_panic_is_no_messages(way: Way) {
    let (pulse, _) = Pulse::spawned(way, SECOND);
    pulse.busy(SECOND * 3601).await.unwrap();
    pulse.fall_ill().await.unwrap();
    pulse.busy(SECOND * 3598).await.unwrap();
    let reason = tokio::time::timeout(SECOND * 2, pulse.stopped()).await.unwrap();
    let ExitReason::Panicked(panicked) = reason else { panic!("{reason}") };
    assert_eq!((panicked.message(), panicked.text()), (None, "incurable"));
}

async fn a_period_of_nothing_is_a_panic_where_it_stands(way: Way) {
    let (pulse, log) = Pulse::spawned(way, Duration::ZERO);
    let ExitReason::Panicked(panicked) = pulse.stopped().await else { panic!() };
    assert!(panicked.text().contains("period"), "{panicked}");
    assert!(panicked.location().unwrap().to_string().contains("every.rs"), "{panicked}");
    assert_eq!(log.take(), ["begun@0"]);
}

async fn they_keep_no_actor_alive(way: Way) {
    let (pulse, log) = Pulse::spawned(way, SECOND);
    let stopped = pulse.stopped();
    drop(pulse);
    assert!(matches!(stopped.await, ExitReason::Finished));
    sleep(SECOND * 3).await;
    assert_eq!(log.take(), ["begun@0"]);
}

async fn a_new_incarnation_has_its_own(way: Way) {
    let log = Log::default();
    let made = log.clone();
    let policy = Supervise::permanent().with(way.spawn());
    let pulse = Pulse::supervised(policy, move || Pulse::new(ms(100), &made));
    sleep(ms(150)).await;
    assert!(pulse.fall().await.is_err());
    settle().await;
    sleep(ms(120)).await;
    assert_eq!(log.take(), ["begun@0", "beat@100", "begun@0", "beat@100"]);
}

/// Without a hook of another kind.
#[actor]
#[derive(Default)]
struct Bare(u32);

#[actor]
impl Bare {
    #[every(SECOND)]
    fn tick(&mut self) {
        self.0 += 1;
    }
    pub fn ticks(&self) -> u32 {
        self.0
    }
}

async fn alone(way: Way) {
    let bare = Bare::default().spawn_with(way.spawn());
    assert_eq!(bare.ticks().await.unwrap(), 0);
    sleep(ms(2500)).await;
    assert_eq!(bare.ticks().await.unwrap(), 2);
}

macro_rules! ticking {
    ($name:ident, $period:expr) => {
        #[actor]
        struct $name<T: Send + 'static>(u32, T);

        #[actor]
        impl<T: Send + 'static> $name<T> {
            #[every($period)]
            async fn tick(&mut self) {
                self.0 += 1;
            }
            pub fn ticks(&self) -> u32 {
                self.0
            }
        }
    };
}

ticking!(Made, SECOND / 2);

async fn of_a_generic_actor_made_by_a_macro(way: Way) {
    let made = Made(0, "any").spawn_with(way.spawn());
    sleep(ms(1200)).await;
    assert_eq!(made.ticks().await.unwrap(), 2);
}

both_ways_paused!(
    each_in_its_period,
    missed_ticks_are_skipped,
    users_keys_are_others,
    an_error_is_the_actors_failure,
    a_panic_is_no_messages,
    a_period_of_nothing_is_a_panic_where_it_stands,
    they_keep_no_actor_alive,
    a_new_incarnation_has_its_own,
    alone,
    of_a_generic_actor_made_by_a_macro,
);
