//! Timers, in virtual time.

use crate::kit::{Gate, Log, Way, ms, settle};
use actor_core::prelude::*;
use actor_core::{ExitReason, MissedTickBehavior, Supervise, TimerKey};
use std::time::Duration;
use tokio::time::{Instant, sleep};

#[actor]
struct Clock {
    start: Instant,
    gate: Gate,
    log: Log,
}

impl Clock {
    fn spawned(way: Way) -> (ClockHandle, Gate, Log) {
        let (gate, log) = (Gate::default(), Log::default());
        let clock = Clock { start: Instant::now(), gate: gate.clone(), log: log.clone() };
        (clock.spawn_with(way.spawn()), gate, log)
    }
}

#[actor]
impl Clock {
    #[message]
    fn tick(&mut self, name: &'static str) {
        self.log.push(format!("{name}@{}", self.start.elapsed().as_millis()));
    }
    #[message]
    async fn slow_tick(&mut self) {
        self.log.push("begun");
        self.gate.pass().await;
        self.log.push("ended");
    }
    #[message]
    fn last_tick(self) -> u32 {
        7
    }
    #[message]
    fn broken_tick(&mut self) {
        panic!("torn");
    }
    pub fn after(&mut self, ctx: &mut Context<Self>, key: &'static str, time: Duration, name: &'static str) {
        ctx.after(key, time, ClockMessage::Tick { name });
    }
    pub fn send_after(&mut self, ctx: &mut Context<Self>, time: Duration, message: Vec<ClockMessage>) {
        for message in message {
            ctx.after(0, time, message);
        }
    }
    pub fn every(&mut self, ctx: &mut Context<Self>, time: Duration, missed: MissedTickBehavior) {
        ctx.every_with("every", time, missed, || ClockMessage::Tick { name: "tick" });
    }
    pub fn bursts(&mut self, ctx: &mut Context<Self>) {
        ctx.every("bursts", ms(5), || panic!("no message today"));
    }
    pub fn count(&mut self, ctx: &mut Context<Self>) {
        let mut n = 0;
        ctx.every(String::from("count"), ms(10), move || {
            n += 1;
            ClockMessage::Tick { name: if n % 2 == 0 { "even" } else { "odd" } }
        });
    }
    pub fn cancel(&mut self, ctx: &mut Context<Self>, key: &'static str) -> bool {
        ctx.cancel(key)
    }
    pub fn several(&mut self, ctx: &mut Context<Self>, keys: u64, time: Duration) {
        for key in 0..keys {
            ctx.after(key, time, ClockMessage::Tick { name: "many" });
        }
    }
    /// Each replaces the one before.
    pub fn keys(&mut self, ctx: &mut Context<Self>) {
        ctx.after("7", ms(10), ClockMessage::Tick { name: "word" });
        ctx.after("7".to_owned(), ms(10), ClockMessage::Tick { name: "text" });
        ctx.after(7, ms(10), ClockMessage::Tick { name: "number" });
    }
    pub async fn busy(&mut self, time: Duration) {
        sleep(time).await;
    }
    pub async fn arm_and_wait(&mut self, ctx: &mut Context<Self>) {
        ctx.after("k", ms(10), ClockMessage::Tick { name: "k" });
        sleep(ms(5)).await;
    }
    pub async fn rearm_late(&mut self, ctx: &mut Context<Self>) {
        sleep(ms(50)).await;
        ctx.after("k", ms(10), ClockMessage::Tick { name: "new" });
    }
    pub async fn cancel_late(&mut self, ctx: &mut Context<Self>) -> bool {
        sleep(ms(50)).await;
        ctx.cancel("k")
    }
    /// All due at the same moment. The first disarms one of the others and puts another one off.
    pub fn rivals(&mut self, ctx: &mut Context<Self>) {
        ctx.after("first", ms(10), ClockMessage::FirstTick);
        ctx.after("second", ms(10), ClockMessage::Tick { name: "second" });
        ctx.after("third", ms(10), ClockMessage::Tick { name: "third" });
        ctx.every("beat", ms(10), || ClockMessage::LastBeat);
    }
    #[message]
    fn first_tick(&mut self, ctx: &mut Context<Self>) {
        assert!(!ctx.cancel("first"), "it is this one");
        assert!(ctx.cancel("second"));
        ctx.after("third", ms(20), ClockMessage::Tick { name: "put off" });
        self.log.push("first");
    }
    #[message]
    fn last_beat(&mut self, ctx: &mut Context<Self>) {
        assert!(ctx.cancel("beat"), "the next one is armed");
        self.log.push("beat");
    }
    pub fn zero(&mut self, ctx: &mut Context<Self>) {
        ctx.every("zero", Duration::ZERO, || ClockMessage::Tick { name: "never" });
    }
    pub fn ping(&self) {}
    #[message(urgent)]
    pub fn hurry(&self) {}
    #[message]
    async fn long_tick(&mut self, time: Duration) {
        sleep(time).await;
    }
    #[message]
    async fn again(&mut self, ctx: &mut Context<Self>) {
        tokio::task::yield_now().await;
        ctx.after("again", Duration::ZERO, ClockMessage::Again);
    }
    pub fn overload(&mut self, ctx: &mut Context<Self>, how: &'static str) {
        let long = |n| move || ClockMessage::LongTick { time: ms(n) };
        match how {
            "longer than its period" => ctx.every("x", ms(10), long(12)),
            "burst" => ctx.every_with("x", ms(1), MissedTickBehavior::Burst, long(5)),
            "many" => (0..300).for_each(|key| ctx.every(key, ms(10), long(1))),
            _ => ctx.after("again", Duration::ZERO, ClockMessage::Again),
        }
    }
}

async fn ticks_that_are_too_many_leave_the_mailbox_its_turn(way: Way) {
    for how in ["longer than its period", "burst", "many"] {
        let (clock, ..) = Clock::spawned(way);
        clock.overload(how).await.unwrap();
        for _ in 0..10 {
            sleep(ms(100)).await;
            tokio::time::timeout(ms(1_000), clock.ping()).await.expect(how).unwrap();
            tokio::time::timeout(ms(1_000), clock.hurry()).await.expect(how).unwrap();
        }
        clock.stop();
        tokio::time::timeout(ms(1_000), clock.stopped()).await.expect(how);
    }
}

async fn one_that_is_armed_again_and_again_leaves_the_mailbox_its_turn(way: Way) {
    let (clock, ..) = Clock::spawned(way);
    clock.overload("again").await.unwrap();
    // The clock stands still meanwhile: nobody has nothing to do.
    for _ in 0..10 {
        clock.ping().await.unwrap();
        clock.hurry().await.unwrap();
    }
    clock.stop();
    clock.stopped().await;
}

async fn each_at_its_time(way: Way) {
    let (clock, _, log) = Clock::spawned(way);
    clock.after("b", ms(20), "b").await.unwrap();
    clock.after("a", ms(15), "a").await.unwrap();
    clock.after("now", Duration::ZERO, "now").await.unwrap();
    clock.every(ms(10), MissedTickBehavior::Skip).await.unwrap();
    sleep(ms(25)).await;
    settle().await;
    assert_eq!(log.take(), ["now@0", "tick@10", "a@15", "b@20", "tick@20"]);
    assert!(clock.cancel("every").await.unwrap());
    assert!(!clock.cancel("every").await.unwrap());
    sleep(ms(100)).await;
    assert!(log.take().is_empty());
}

async fn the_maker_is_called_for_each_tick(way: Way) {
    let (clock, _, log) = Clock::spawned(way);
    clock.count().await.unwrap();
    sleep(ms(35)).await;
    assert_eq!(log.take(), ["odd@10", "even@20", "odd@30"]);
}

async fn a_key_has_one_timer(way: Way) {
    let (clock, _, log) = Clock::spawned(way);
    clock.keys().await.unwrap();
    sleep(ms(100)).await;
    assert_eq!(log.take(), ["text@10", "number@10"]);
    assert_eq!(TimerKey::from("7"), TimerKey::from("7".to_owned()));
    assert_ne!(TimerKey::from("7"), TimerKey::from(7));
    assert_eq!(format!("{:?} {:?}", TimerKey::from("a"), TimerKey::from(1)), "\"a\" 1");
}

async fn an_old_tick_is_not_seen(way: Way) {
    let (clock, _, log) = Clock::spawned(way);
    clock.after("k", ms(10), "old").await.unwrap();
    clock.rearm_late().await.unwrap();
    sleep(ms(100)).await;
    assert_eq!(log.take(), ["new@60"]);
    clock.after("k", ms(10), "old").await.unwrap();
    let busy = clock.busy(ms(50)).start();
    let cancel = clock.cancel("k").start();
    busy.await.unwrap();
    cancel.await.unwrap();
    sleep(ms(100)).await;
    assert_eq!(log.take(), ["old@200"], "a tick that is due comes before the messages in the mailbox");
}

async fn a_tick_that_is_due_can_still_be_cancelled(way: Way) {
    let (clock, _, log) = Clock::spawned(way);
    clock.after("k", ms(10), "old").await.unwrap();
    assert!(clock.cancel_late().await.unwrap(), "by the handler for which it waits");
    sleep(ms(100)).await;
    assert!(log.take().is_empty());
    // By one that is due with it, at once and when all are late.
    for busy in [ms(0), ms(50)] {
        clock.rivals().await.unwrap();
        clock.busy(busy).await.unwrap();
        sleep(ms(10)).await;
        settle().await;
        assert_eq!(log.take(), ["first", "beat"]);
        sleep(ms(100)).await;
        let late = log.take();
        assert!(late.len() == 1 && late[0].starts_with("put off@"), "{late:?}");
    }
}

#[actor]
struct Door {
    start: Instant,
    open: bool,
    log: Log,
}

#[actor]
impl Door {
    #[message(when = self.open)]
    fn pass(&mut self, name: &'static str) {
        self.log.push(format!("{name}@{}", self.start.elapsed().as_millis()));
    }
    #[message(when = self.open || panic!("no door"))]
    fn force(&mut self) {}
    pub fn once(&mut self, ctx: &mut Context<Self>, name: &'static str) {
        ctx.after(name, ms(10), DoorMessage::Pass { name });
    }
    pub fn beat(&mut self, ctx: &mut Context<Self>, missed: MissedTickBehavior) {
        ctx.every_with("beat", ms(10), missed, || DoorMessage::Pass { name: "beat" });
    }
    pub fn force_soon(&mut self, ctx: &mut Context<Self>) {
        ctx.after("force", ms(10), DoorMessage::Force);
    }
    pub fn cancel(&mut self, ctx: &mut Context<Self>, key: &'static str) -> bool {
        ctx.cancel(key)
    }
    pub fn set(&mut self, open: bool) {
        self.open = open;
    }
    pub fn fall(&mut self) {
        panic!("fell");
    }
}

fn door(way: Way) -> (DoorHandle, Log) {
    let log = Log::default();
    let made = log.clone();
    let start = Instant::now();
    let policy = Supervise::permanent().with(way.spawn());
    (Door::supervised(policy, move || Door { start, open: false, log: made.clone() }), log)
}

async fn a_tick_that_its_guard_holds_is_still_armed(way: Way) {
    let (door, log) = door(way);
    for name in ["one", "two", "three"] {
        door.once(name).await.unwrap();
    }
    let call = door.pass("call").start();
    sleep(ms(50)).await;
    assert!(door.cancel("one").await.unwrap());
    door.once("two").await.unwrap();
    door.set(true).await.unwrap();
    sleep(ms(50)).await;
    assert_eq!(log.take(), ["call@50", "three@50", "two@60"]);
    call.await.unwrap();
    assert!(!door.cancel("three").await.unwrap(), "it has come");
    // An incarnation's ticks are its own, also those that are held.
    door.set(false).await.unwrap();
    door.once("old").await.unwrap();
    sleep(ms(50)).await;
    assert!(door.fall().await.is_err());
    door.set(true).await.unwrap();
    sleep(ms(50)).await;
    assert!(log.take().is_empty());
}

async fn a_beat_that_its_guard_holds_is_late_and_no_crowd(way: Way) {
    for (missed, expected) in [
        (MissedTickBehavior::Skip, &["beat@35", "beat@40", "beat@50"][..]),
        (MissedTickBehavior::Delay, &["beat@35", "beat@45"]),
        (MissedTickBehavior::Burst, &["beat@35", "beat@35", "beat@35", "beat@40", "beat@50"]),
    ] {
        let (door, log) = door(way);
        door.beat(missed).await.unwrap();
        sleep(ms(35)).await;
        door.set(true).await.unwrap();
        sleep(ms(17)).await;
        settle().await;
        assert_eq!(log.take(), expected, "{missed:?}");
        door.set(false).await.unwrap();
        sleep(ms(1_000)).await;
        assert!(door.cancel("beat").await.unwrap());
        door.set(true).await.unwrap();
        sleep(ms(50)).await;
        assert!(log.take().is_empty(), "{missed:?}");
    }
}

async fn a_held_tick_keeps_nothing_alive_and_the_panic_of_its_guard_is_its_own(way: Way) {
    let (door, log) = door(way);
    door.once("held").await.unwrap();
    sleep(ms(50)).await;
    let stopped = door.stopped();
    drop(door);
    assert!(matches!(stopped.await, ExitReason::Finished));
    assert!(log.take().is_empty());

    let door = Door { start: Instant::now(), open: false, log }.spawn_with(way.spawn());
    door.force_soon().await.unwrap();
    let ExitReason::Panicked(panicked) = door.stopped().await else { panic!("it was forced") };
    assert_eq!((panicked.message(), panicked.text()), (Some("force"), "no door"));
}

async fn missed_ticks(way: Way) {
    for (missed, expected) in [
        (MissedTickBehavior::Skip, &["tick@35", "tick@40", "tick@50"][..]),
        (MissedTickBehavior::Delay, &["tick@35", "tick@45"]),
        (MissedTickBehavior::Burst, &["tick@35", "tick@35", "tick@35", "tick@40", "tick@50"]),
    ] {
        let (clock, _, log) = Clock::spawned(way);
        clock.every(ms(10), missed).await.unwrap();
        clock.busy(ms(35)).await.unwrap();
        sleep(ms(17)).await;
        settle().await;
        assert_eq!(log.take(), expected, "{missed:?}");
    }
}

async fn neither_starves_the_other(way: Way) {
    let (clock, _, log) = Clock::spawned(way);
    clock.every(ms(10), MissedTickBehavior::Skip).await.unwrap();
    let floods: Vec<_> = (0..8)
        .map(|_| {
            let clock = clock.clone();
            tokio::spawn(async move { while clock.busy(ms(1)).await.is_ok() {} })
        })
        .collect();
    sleep(ms(105)).await;
    assert!(log.take().len() >= 9);
    clock.kill();
    for flood in floods {
        flood.await.unwrap();
    }
    // A beat that is faster than the actor.
    let (clock, ..) = Clock::spawned(way);
    clock.every(Duration::from_nanos(1), MissedTickBehavior::Burst).await.unwrap();
    clock.kill();
    let (clock, ..) = Clock::spawned(way);
    clock.every(Duration::from_nanos(1), MissedTickBehavior::Skip).await.unwrap();
    for _ in 0..10 {
        clock.ping().await.unwrap();
    }
}

async fn a_timer_armed_by_an_async_handler(way: Way) {
    let (clock, _, log) = Clock::spawned(way);
    clock.arm_and_wait().await.unwrap();
    sleep(ms(20)).await;
    assert_eq!(log.take(), ["k@10"]);
}

async fn ticks_of_all_kinds(way: Way) {
    let (clock, gate, log) = Clock::spawned(way);
    clock.send_after(ms(1), vec![ClockMessage::SlowTick]).await.unwrap();
    sleep(ms(5)).await;
    let ping = clock.ping().start();
    assert_eq!(log.take(), ["begun"]);
    gate.open(1);
    ping.await.unwrap();
    assert_eq!(log.take(), ["ended"]);
    clock.send_after(ms(1), vec![ClockMessage::LastTick]).await.unwrap();
    assert!(matches!(clock.stopped().await, ExitReason::Finished));

    let (clock, ..) = Clock::spawned(way);
    clock.send_after(ms(1), vec![ClockMessage::BrokenTick]).await.unwrap();
    let ExitReason::Panicked(panicked) = clock.stopped().await else { panic!("it was torn") };
    assert_eq!((panicked.message(), panicked.text()), (Some("broken_tick"), "torn"));

    let (clock, ..) = Clock::spawned(way);
    clock.bursts().await.unwrap();
    let ExitReason::Panicked(panicked) = clock.stopped().await else { panic!("it was torn") };
    assert_eq!((panicked.message(), panicked.text()), (None, "no message today"));
}

async fn they_keep_nothing_alive(way: Way) {
    let (clock, _, log) = Clock::spawned(way);
    clock.every(ms(10), MissedTickBehavior::Skip).await.unwrap();
    let stopped = clock.stopped();
    drop(clock);
    assert!(matches!(stopped.await, ExitReason::Finished));
    sleep(ms(100)).await;
    assert!(log.take().is_empty());
}

async fn beyond_the_clock_is_never(way: Way) {
    let (clock, _, log) = Clock::spawned(way);
    clock.after("never", Duration::MAX, "never").await.unwrap();
    clock.every(Duration::MAX, MissedTickBehavior::Skip).await.unwrap();
    sleep(Duration::from_secs(1_000_000)).await;
    assert!(log.take().is_empty());
    assert!(clock.cancel("never").await.unwrap() && clock.cancel("every").await.unwrap());
}

async fn a_period_of_nothing_is_refused_where_it_is_written(way: Way) {
    let (clock, ..) = Clock::spawned(way);
    let Err(CallError::Interrupted(ExitReason::Panicked(panicked))) = clock.zero().await else {
        panic!("a period of nothing")
    };
    assert!(panicked.text().contains("period"));
    assert!(panicked.location().unwrap().to_string().contains("timers.rs"));
}

async fn a_hundred_thousand_at_once(way: Way) {
    let (clock, _, log) = Clock::spawned(way);
    clock.several(100_000, ms(10)).await.unwrap();
    clock.after("between", ms(5), "between").await.unwrap();
    sleep(ms(7)).await;
    assert_eq!(log.take(), ["between@5"]);
    sleep(ms(5)).await;
    clock.ping().await.unwrap();
    while log.count("many@10") < 100_000 {
        tokio::task::yield_now().await;
    }
}

both_ways_paused!(
    each_at_its_time,
    the_maker_is_called_for_each_tick,
    a_key_has_one_timer,
    an_old_tick_is_not_seen,
    a_tick_that_is_due_can_still_be_cancelled,
    a_tick_that_its_guard_holds_is_still_armed,
    a_beat_that_its_guard_holds_is_late_and_no_crowd,
    a_held_tick_keeps_nothing_alive_and_the_panic_of_its_guard_is_its_own,
    missed_ticks,
    neither_starves_the_other,
    a_timer_armed_by_an_async_handler,
    ticks_of_all_kinds,
    they_keep_nothing_alive,
    beyond_the_clock_is_never,
    a_period_of_nothing_is_refused_where_it_is_written,
    a_hundred_thousand_at_once,
    ticks_that_are_too_many_leave_the_mailbox_its_turn,
    one_that_is_armed_again_and_again_leaves_the_mailbox_its_turn,
);
