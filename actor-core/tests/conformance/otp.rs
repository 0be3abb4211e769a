//! What Erlang/OTP's own suites ask and no other case here does, and the table of them all: `docs/otp.md` names for each question of
//! theirs the case here that answers it.

use crate::kit::{Log, Way, ms, settle, until};
use crate::supervisor::{child, patient};
use crate::worker::{Trouble, WorkerHandle, World};
use actor_core::prelude::*;
use actor_core::{Supervise, Supervisor};
use futures::future::join_all;
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

fn worker(way: Way) -> (WorkerHandle, World) {
    let world = World::new(way);
    (world.supervised(Supervise::temporary()), world)
}

async fn a_start_that_takes_long_is_bounded_by_the_callers_time(way: Way) {
    let world = World::new(way).troubled([Trouble::StartWaits]);
    let start = Instant::now();
    let worker = world.supervised(Supervise::permanent());
    assert!(matches!(worker.add().timeout(ms(100)).await, Err(CallError::TimedOut { started: false })));
    assert!((ms(100)..ms(110)).contains(&start.elapsed()));
    world.gate.open(1);
    assert_eq!(worker.add().await.unwrap(), 1);
}

async fn a_reply_does_not_pass_the_callers_queue(way: Way) {
    let (echo, _) = worker(way);
    let caller = Caller { echo, others: 0 }.spawn_with(way.spawn().unbounded());
    let first = caller.ask_the_echo().start();
    for _ in 0..50_000 {
        caller.other().try_tell().unwrap();
    }
    assert_eq!(first.await.unwrap(), 0, "none of those that are queued came first");
    assert_eq!(caller.ask_the_echo().await.unwrap(), 50_000);
}

#[actor]
struct Caller {
    echo: WorkerHandle,
    others: u32,
}

#[actor]
impl Caller {
    pub async fn ask_the_echo(&mut self) -> u32 {
        for _ in 0..100 {
            self.echo.add().await.unwrap();
        }
        self.others
    }
    pub fn other(&mut self) {
        self.others += 1;
    }
}

async fn of_several_that_are_asked_together_the_dead_say_so(way: Way) {
    let [(one, _), (dead, _), (two, _)] = [worker(way), worker(way), worker(way)];
    dead.kill();
    let answers = join_all([one.add(), dead.add(), two.add()]).await;
    assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert!(answers[1].as_ref().unwrap_err().never_ran());
}

async fn unwatching_a_stranger_or_twice_is_nothing(way: Way) {
    let (watcher, world) = worker(way);
    let (other, _) = worker(way);
    watcher.unwatch(other.clone()).await.unwrap();
    watcher.watch(other.clone()).await.unwrap();
    watcher.unwatch(other.clone()).await.unwrap();
    watcher.unwatch(other.clone()).await.unwrap();
    other.kill();
    other.stopped().await;
    watcher.unwatch(other).await.unwrap();
    watcher.add().await.unwrap();
    assert!(!world.log.all().iter().any(|event| event.starts_with("w lost")));
}

async fn only_the_watcher_gives_its_watch_up(way: Way) {
    let (watcher, world) = worker(way);
    let (other, _) = worker(way);
    watcher.watch(other.clone()).await.unwrap();
    other.unwatch(watcher.clone()).await.unwrap();
    other.kill();
    other.stopped().await;
    watcher.add().await.unwrap();
    assert_eq!(world.log.count("w lost w: killed"), 1);
}

async fn the_watched_may_end_its_watcher(way: Way) {
    let (watcher, _) = worker(way);
    let killer = Killer { victim: watcher.clone() }.spawn_with(way.spawn());
    watcher.watch_killer(killer.clone()).await.unwrap();
    killer.kill_it_and_leave().await.unwrap();
    assert!(matches!(watcher.stopped().await, ExitReason::Killed));
    assert!(matches!(killer.stopped().await, ExitReason::Finished));
}

#[actor]
pub(crate) struct Killer {
    victim: WorkerHandle,
}

#[actor]
impl Killer {
    pub fn kill_it_and_leave(self) {
        self.victim.kill();
    }
}

async fn one_of_many_that_watch_may_go_and_the_others_are_told(way: Way) {
    let log = Log::default();
    let (watched, _) = worker(way);
    let watchers =
        ["a", "b", "c"].map(|name| World::named(way, name, &log).supervised(Supervise::temporary()));
    for watcher in &watchers {
        watcher.watch(watched.clone()).await.unwrap();
    }
    watchers[1].kill();
    watchers[1].stopped().await;
    watched.kill();
    watched.stopped().await;
    for watcher in [&watchers[0], &watchers[2]] {
        watcher.add().await.unwrap();
    }
    let mut told: Vec<_> = log.all().into_iter().filter(|event| event.contains("lost")).collect();
    told.sort();
    assert_eq!(told, ["a lost w: killed", "c lost w: killed"]);
}

async fn a_large_reason_arrives_whole(way: Way) {
    #[derive(Debug, thiserror::Error)]
    #[error("large")]
    struct Large(Vec<u8>);
    let large = Large(vec![7; 1 << 20]);
    let failing = Failing(Some(Box::new(large))).spawn_with(way.spawn());
    failing.fail().await.unwrap();
    let reasons = [failing.stopped().await, failing.stopped().await];
    for reason in reasons {
        let ExitReason::Failed(error) = reason else { panic!("it failed") };
        assert_eq!(error.downcast_ref::<Large>().unwrap().0.len(), 1 << 20);
    }
}

#[actor]
struct Failing(Option<actor_core::HookError>);

#[actor]
impl Failing {
    pub fn fail(&mut self, ctx: &mut Context<Self>) {
        if let Some(error) = self.0.take() {
            ctx.fail(error);
        }
    }
}

async fn the_first_of_two_ends_counts(way: Way) {
    let (worker, world) = worker(way);
    let held = worker.hold().start();
    world.gate.arrived(1).await;
    worker.kill();
    worker.stop();
    worker.stop_within(ms(1));
    assert!(matches!(held.await, Err(CallError::Interrupted(ExitReason::Killed))));
    assert!(matches!(worker.stopped().await, ExitReason::Killed));
}

async fn a_handler_cannot_catch_its_kill(way: Way) {
    let (worker, world) = worker(way);
    let other = Stubborn { gate: world.gate.clone() }.spawn_with(way.spawn());
    let held = other.hold_for_ever().start();
    world.gate.arrived(1).await;
    other.kill();
    assert!(matches!(held.await, Err(CallError::Interrupted(ExitReason::Killed))));
    worker.kill();
}

#[actor]
struct Stubborn {
    gate: crate::kit::Gate,
}

#[actor]
impl Stubborn {
    pub async fn hold_for_ever(&mut self) {
        loop {
            let wait = std::panic::AssertUnwindSafe(self.gate.pass());
            let _ = futures::FutureExt::catch_unwind(wait).await;
        }
    }
}

async fn a_timer_of_no_time_is_due_at_once(way: Way) {
    let (worker, world) = worker(way);
    let start = Instant::now();
    worker.tick_after(Duration::ZERO).await.unwrap();
    until(|| world.log.count("w ticked") == 1).await;
    assert_eq!(start.elapsed(), Duration::ZERO);
}

async fn timers_come_in_the_order_of_their_times(way: Way) {
    let (worker, world) = worker(way);
    for (key, time) in
        [("last", 5_000), ("a0", 0), ("a2", 200), ("a1", 100), ("a5", 500), ("a3", 300), ("a4", 400)]
    {
        worker.note_after(key, ms(time)).await.unwrap();
    }
    sleep(ms(5_001)).await;
    worker.add().await.unwrap();
    assert_eq!(world.log.take()[2..], ["w a0", "w a1", "w a2", "w a3", "w a4", "w a5", "w last"]);
}

async fn cancelling_one_timer_leaves_the_others(way: Way) {
    let (worker, world) = worker(way);
    for n in 0..100_u64 {
        worker.note_every(n, ms(10)).await.unwrap();
    }
    for _ in 0..1_000 {
        worker.note_after("one shot", ms(5)).await.unwrap();
        assert!(worker.cancel_after("one shot").await.unwrap());
        assert!(!worker.cancel_after("one shot").await.unwrap());
    }
    sleep(ms(11)).await;
    worker.add().await.unwrap();
    assert_eq!((world.log.count("w every"), world.log.count("w one shot")), (100, 0));
}

async fn a_thousand_temporary_children_come_and_go(way: Way) {
    let log = Log::default();
    let supervisor = patient(Supervisor::one_for_one());
    let state = Arc::new(());
    for _ in 0..2 {
        let mut children = Vec::new();
        for _ in 0..1_000 {
            let (world, state) = (World::named(way, "w", &log), Arc::clone(&state));
            let policy = Supervise::temporary().with(way.spawn());
            children.push(supervisor.child(policy, move || {
                let _ = &state;
                world.make()
            }));
        }
        for answer in join_all(children.iter().map(|child| child.add())).await {
            assert_eq!(answer.unwrap(), 1);
        }
        assert_eq!(Arc::strong_count(&state), 1_001);
        children.iter().for_each(WorkerHandle::kill);
        join_all(children.iter().map(WorkerHandle::stopped)).await;
        until(|| Arc::strong_count(&state) == 1).await;
    }
    let next = child(way, &supervisor, "next", &log, Supervise::permanent());
    assert_eq!(next.add().await, 1);
}

async fn a_later_start_that_fails_leaves_those_before_up(way: Way) {
    let log = Log::default();
    let supervisor = patient(Supervisor::rest_for_one());
    let first = child(way, &supervisor, "first", &log, Supervise::permanent());
    let later = child(way, &supervisor, "later", &log, Supervise::permanent());
    later.add().await;
    later.world.expect([Trouble::StartFails]);
    first.burst().await;
    until(|| later.made() == 3).await;
    assert_eq!((first.add().await, later.add().await, first.made()), (1, 1, 2));
}

async fn two_failures_before_an_end_leave_the_supervisor_free(way: Way) {
    // A child that is stopped in the middle of its restarts, and then the supervisor, as one that hangs in a loop of restarts must let.
    let log = Log::default();
    let supervisor = Supervisor::one_for_one().intensity(8, Duration::from_secs(10)).spawn();
    let looping = child(way, &supervisor, "looping", &log, Supervise::permanent());
    looping.add().await;
    looping.world.expect([Trouble::StartFails, Trouble::StartFails, Trouble::StartWaits]);
    looping.burst().await;
    looping.world.gate.arrived(1).await;
    looping.handle.stop_within(ms(10));
    assert!(matches!(looping.handle.stopped().await, ExitReason::Killed));
    let next = child(way, &supervisor, "next", &log, Supervise::permanent());
    next.add().await;
    next.world.expect([Trouble::StartFails, Trouble::StartWaits]);
    next.burst().await;
    next.world.gate.arrived(1).await;
    settle().await;
    supervisor.stop();
    next.world.gate.open(1);
    assert!(matches!(supervisor.stopped().await, ExitReason::Stopped));
}

four_ways!(
    a_reply_does_not_pass_the_callers_queue,
    of_several_that_are_asked_together_the_dead_say_so,
    unwatching_a_stranger_or_twice_is_nothing,
    only_the_watcher_gives_its_watch_up,
    the_watched_may_end_its_watcher,
    a_later_start_that_fails_leaves_those_before_up,
    one_of_many_that_watch_may_go_and_the_others_are_told,
    a_large_reason_arrives_whole,
    the_first_of_two_ends_counts,
    a_handler_cannot_catch_its_kill,
    a_thousand_temporary_children_come_and_go,
);
both_ways_paused!(
    a_start_that_takes_long_is_bounded_by_the_callers_time,
    a_timer_of_no_time_is_due_at_once,
    timers_come_in_the_order_of_their_times,
    cancelling_one_timer_leaves_the_others,
    two_failures_before_an_end_leave_the_supervisor_free,
);

/// The cells of the rows of a table in `docs`, without its head.
pub(crate) fn rows(table: &str) -> Vec<Vec<&str>> {
    let rows = table.lines().filter(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>())
        .filter(|cells| !cells[0].starts_with("---"))
        .skip(1)
        .collect()
}

/// Each row of the table names a suite's case and one here, which exists, and says whether both agree.
#[test]
fn the_table_names_cases_that_exist() {
    let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = std::fs::read_to_string(crate_root.join("../docs/otp.md")).unwrap();
    let rows = rows(&table);
    assert!(rows.len() >= 80, "{} rows", rows.len());
    let mut promises = HashSet::new();
    for row in &rows {
        let [promise, theirs, ours, verdict] = row[..] else { panic!("four cells: {row:?}") };
        assert!(promises.insert(promise), "twice: {promise}");
        let suites = [
            "supervisor",
            "gen_server",
            "monitor",
            "erl_link",
            "signal",
            "process",
            "timer",
            "timer_simple",
            "timer_bif",
        ];
        let known = |case: &str| {
            let case = case.trim_matches('`').split_once("_SUITE:");
            case.is_some_and(|(suite, case)| suites.contains(&suite) && !case.is_empty())
        };
        assert!(theirs.split(", ").all(known), "{theirs}");
        assert!(verdict == "same" || verdict.starts_with("different, because "), "{verdict}");
        for case in ours.split(", ") {
            let (module, name) = case.trim_matches('`').split_once("::").unwrap();
            let file = crate_root.join(format!("tests/conformance/{module}.rs"));
            let source = std::fs::read_to_string(&file).unwrap_or_else(|_| panic!("no module: {case}"));
            let listed =
                source.matches(&format!("{name},")).count() + source.matches(&format!("{name})")).count();
            assert!(source.contains(&format!("fn {name}(way: Way)")), "no case: {case}");
            assert!(listed >= 1, "a case that does not run: {case}");
        }
    }
}
