//! The watchdog: who is told, when, and of whom. Hook and default are the process's, so each case has actors of its own names.

#![allow(unreachable_pub, reason = "actors are written as their users write them")]

use actor_core::prelude::*;
use actor_core::watchdog::{self, Stuck};
use futures::future::pending;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::sleep;

/// Without it nothing is told, whatever is set.
const WATCHES: bool = cfg!(debug_assertions);

static TOLD: Mutex<Vec<Stuck>> = Mutex::new(Vec::new());

fn told() -> MutexGuard<'static, Vec<Stuck>> {
    TOLD.lock().unwrap_or_else(PoisonError::into_inner)
}

fn listen() {
    static LISTENS: Once = Once::new();
    LISTENS.call_once(|| watchdog::set_hook(|stuck| told().push(stuck.clone())));
}

/// What has been told of this actor.
fn of(actor: &str) -> Vec<String> {
    told().iter().filter(|stuck| stuck.actor() == actor).map(ToString::to_string).collect()
}

#[track_caller]
fn assert_told(actor: &str, expected: &[&str]) {
    let expected = if WATCHES { expected } else { &[] };
    assert_eq!(of(actor), expected);
}

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[actor]
struct Waits;

#[actor]
impl Waits {
    /// For nothing that comes.
    pub async fn for_ever(&mut self) {
        pending().await
    }
    pub async fn so_long(&mut self, time: Duration) {
        sleep(time).await;
    }
    /// It is polled often, and gets on.
    pub async fn in_steps(&mut self, time: Duration, steps: u32) {
        for _ in 0..steps {
            sleep(time / steps).await;
        }
    }
    pub async fn on(&mut self, other: WaitsHandle) -> Result<(), CallError> {
        other.for_ever().await
    }
    pub async fn on_two(&mut self, one: WaitsHandle, other: WaitsHandle) {
        let (_, _) = tokio::join!(one.for_ever(), other.for_ever());
    }
    pub async fn for_room(&mut self, other: WaitsHandle) {
        other.for_ever().try_tell().unwrap();
        other.for_ever().tell().await.ok();
    }
    pub async fn serves(&mut self, ctx: &mut Context<Self>, other: WaitsHandle) {
        let call = other.for_ever().start();
        let _ = ctx.serving(self, call).await;
    }
    #[message(interleave)]
    pub async fn served(&mut self, gate: oneshot::Receiver<()>) {
        gate.await.ok();
    }
    #[message(concurrent)]
    pub async fn read(&self, time: Duration) {
        sleep(time).await;
    }
    pub fn done(&self) {}
}

fn actor(name: &str, after: Duration) -> WaitsHandle {
    listen();
    Waits.spawn_with(Spawn::new().name(name).watchdog(after))
}

#[tokio::test(start_paused = true)]
async fn a_handler_is_told_once_and_again_when_its_wait_has_doubled() {
    let stuck = actor("doubles", secs(3));
    let _waits = stuck.for_ever().start();
    sleep(secs(30)).await;
    let line = |time| format!("doubles.for_ever has waited for {time}s: for something that is no request");
    let lines = [3, 6, 12, 24].map(line);
    assert_told("doubles", &lines.each_ref().map(String::as_str));
}

#[tokio::test(start_paused = true)]
async fn one_that_ends_in_time_is_not_told() {
    let quick = actor("quick", secs(3));
    for _ in 0..5 {
        quick.so_long(secs(2)).await.unwrap();
    }
    sleep(secs(10)).await;
    assert_told("quick", &[]);
}

#[tokio::test(start_paused = true)]
async fn what_counts_is_how_long_the_actor_has_been_kept() {
    let steps = actor("steps", secs(5));
    steps.in_steps(secs(8), 8).await.unwrap();
    assert_told("steps", &["steps.in_steps has waited for 5s: for something that is no request"]);
}

#[tokio::test(start_paused = true)]
async fn a_request_is_told_with_whom_it_is_for_and_how_far_it_is() {
    let (first, second, free) =
        (actor("first", secs(2)), actor("second", secs(2)), actor("busy", Duration::MAX));
    let _begun = free.for_ever().start();
    let _first = first.on(free.clone()).start();
    sleep(secs(1)).await;
    let other = actor("other", Duration::MAX);
    let _second = second.on_two(other, free).start();
    sleep(secs(3)).await;
    assert_told("first", &["first.on has waited for 2s: for busy.for_ever (queued)"]);
    assert_told(
        "second",
        &["second.on_two has waited for 2s: for other.for_ever (started) and busy.for_ever (queued)"],
    );
    assert_told("busy", &[]);
    let all = told();
    let first = all.iter().find(|stuck| stuck.actor() == "first");
    assert_eq!(first.is_some(), WATCHES);
    if let Some(stuck) = first {
        assert_eq!((stuck.message(), stuck.waited(), stuck.is_serving()), ("on", secs(2), false));
        let [wait] = stuck.waits() else { panic!("{stuck:?}") };
        assert_eq!((&*wait.actor, wait.message, wait.started), ("busy", "for_ever", false));
    }
}

#[tokio::test(start_paused = true)]
async fn a_tell_without_room_is_told() {
    listen();
    let full = Waits.spawn_with(Spawn::new().name("full").mailbox(1));
    let _running = full.for_ever().start();
    tokio::task::yield_now().await;
    let sender = actor("sender", secs(1));
    let _tells = sender.for_room(full).start();
    sleep(secs(1) + Duration::from_millis(1)).await;
    assert_told("sender", &["sender.for_room has waited for 1s: for full.for_ever (queued)"]);
}

#[tokio::test(start_paused = true)]
async fn one_that_serves_and_what_it_serves_are_told_each_for_itself() {
    let (server, other) = (actor("server", secs(2)), actor("served by", Duration::MAX));
    let _serves = server.serves(other).start();
    sleep(secs(1)).await;
    let (_gate, shut) = oneshot::channel();
    let _served = server.served(shut).start();
    sleep(Duration::from_millis(3500)).await;
    assert_told(
        "server",
        &[
            "server.serves has waited for 2s: for served by.for_ever (started)",
            "server.served has waited for 2s: for something that is no request",
            "server.serves has waited for 4s: for served by.for_ever (started)",
        ],
    );
    let serving: Vec<_> =
        told().iter().filter(|stuck| stuck.actor() == "server").map(Stuck::is_serving).collect();
    assert_eq!(serving, if WATCHES { &[true, false, true][..] } else { &[] });
}

#[tokio::test(start_paused = true)]
async fn readers_are_told_each_for_itself() {
    let library = actor("library", secs(2));
    let (long, short) = (library.read(secs(3)).start(), library.read(secs(1)).start());
    short.await.unwrap();
    long.await.unwrap();
    assert_told("library", &["library.read has waited for 2s: for something that is no request"]);
}

#[tokio::test(start_paused = true)]
async fn one_that_has_ended_is_told_no_more() {
    let killed = actor("killed", secs(2));
    let waits = killed.for_ever().start();
    sleep(secs(3)).await;
    killed.kill();
    waits.await.unwrap_err();
    sleep(secs(100)).await;
    assert_told("killed", &["killed.for_ever has waited for 2s: for something that is no request"]);
}

#[actor]
struct Hooked;

#[actor]
impl Hooked {
    #[on_start]
    async fn start(&mut self) {
        sleep(secs(4)).await;
    }
    pub fn done(&self) {}
}

#[tokio::test(start_paused = true)]
async fn a_hook_is_told_too() {
    listen();
    let hooked = Hooked.spawn_with(Spawn::new().name("hooked").watchdog(secs(3)));
    hooked.done().await.unwrap();
    assert_told("hooked", &["hooked.on_start has waited for 3s: for something that is no request"]);
}

#[actor(watchdog = secs(2))]
struct Kind;

#[actor]
impl Kind {
    pub async fn wait(&mut self, time: Duration) {
        sleep(time).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_kind_has_a_time_and_one_of_it_may_have_another() {
    listen();
    let (usual, patient) = (Spawn::new().name("usual"), Spawn::new().name("patient").watchdog(secs(5)));
    Kind.spawn_with(usual).wait(secs(3)).await.unwrap();
    Kind.spawn_with(patient).wait(secs(3)).await.unwrap();
    assert_told("usual", &["usual.wait has waited for 2s: for something that is no request"]);
    assert_told("patient", &[]);
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_panics_loses_nothing() {
    // The hook that records stays; this case has a process of its own.
    let output = in_a_process_of_its_own("alone::a_panic_in_the_hook");
    assert!(output.contains("1 passed"), "{output}");
}

#[tokio::test(start_paused = true)]
async fn without_a_hook_it_stands_on_stderr_and_the_default_counts_for_all_without_their_own() {
    let output = in_a_process_of_its_own("alone::the_default");
    assert!(output.contains("1 passed"), "{output}");
    let lines: Vec<_> = output.lines().filter(|line| line.contains(" has waited for ")).collect();
    let expected = ["before.so_long has waited for 7s: for something that is no request"];
    assert_eq!(lines, if WATCHES { &expected[..] } else { &[] });
}

/// Runs one of those that are `alone`, and gives what it says.
fn in_a_process_of_its_own(case: &str) -> String {
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program).args([case, "--exact", "--ignored", "--nocapture"]).output().unwrap();
    [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat()
}

mod alone {
    use super::*;

    #[tokio::test(start_paused = true)]
    #[ignore = "run by another case, in a process of its own"]
    async fn a_panic_in_the_hook() {
        watchdog::set_hook(|_| panic!("in the hook"));
        let actor = Waits.spawn_with(Spawn::new().watchdog(secs(1)));
        actor.so_long(secs(5)).await.unwrap();
        actor.done().await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    #[ignore = "run by another case, in a process of its own"]
    async fn the_default() {
        let before = Waits.spawn_with(Spawn::new().name("before"));
        watchdog::set_default(secs(7));
        before.so_long(secs(8)).await.unwrap();
        let never = Waits.spawn_with(Spawn::new().name("never").watchdog(Duration::MAX));
        never.so_long(secs(100)).await.unwrap();
        watchdog::set_default(Duration::MAX);
        before.so_long(secs(100)).await.unwrap();
    }
}

#[test]
#[should_panic(expected = "a watchdog needs a time that can pass")]
fn a_time_of_nothing_panics_where_it_is_written() {
    let _ = Spawn::new().watchdog(Duration::ZERO);
}

#[test]
#[should_panic(expected = "a watchdog needs a time that can pass")]
fn so_does_a_default_of_nothing() {
    watchdog::set_default(Duration::ZERO);
}
