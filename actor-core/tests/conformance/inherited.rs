//! What a handler's calls inherit of the call that it handles, a case for each way to make one: the table in `docs/waiting.md`.

use crate::kit::{Gate, Log, Way, ms, poll_once, settle};
use actor_core::Pool;
use actor_core::prelude::*;
use futures::future::{Either, join_all, select};
use futures::{Stream, stream};
use std::fs;
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// What the call that arrives here is bounded by.
#[actor]
#[derive(Clone, Default)]
struct Below {
    gate: Gate,
    log: Log,
}

#[actor]
impl Below {
    pub fn until(&mut self, ctx: &mut Context<Self>) -> Option<Instant> {
        ctx.deadline()
    }
    pub async fn hold(&mut self) {
        self.gate.pass().await;
    }
    /// Until its caller leaves.
    pub async fn watch(&mut self, ctx: &mut Context<Self>) {
        self.log.push("watches");
        ctx.cancelled().await;
        self.log.push("left");
    }
    pub fn generic<R: Send + 'static>(
        &mut self,
        ctx: &mut Context<Self>,
        f: impl FnOnce(Option<Instant>) -> R + Send + 'static,
    ) -> R {
        f(ctx.deadline())
    }
}

#[actor]
trait Bounded: Sync {
    fn bound(&mut self, ctx: &mut Context<Self>) -> Option<Instant>;
    async fn bound_below(&mut self, below: BelowHandle) -> Option<Instant>;
    #[message(concurrent)]
    async fn bound_beside(&self, below: BelowHandle) -> Option<Instant>;
}

impl Bounded for Below {
    fn bound(&mut self, ctx: &mut Context<Self>) -> Option<Instant> {
        ctx.deadline()
    }
    async fn bound_below(&mut self, below: BelowHandle) -> Option<Instant> {
        below.until().await.unwrap()
    }
    async fn bound_beside(&self, below: BelowHandle) -> Option<Instant> {
        below.until().await.unwrap()
    }
}

type Bound = Option<Instant>;

#[actor]
struct Above {
    below: BelowHandle,
    gate: Gate,
    log: Log,
}

#[actor]
impl Above {
    pub async fn joined(&mut self) -> Vec<Bound> {
        let (one, other) = tokio::join!(self.below.until(), self.below.until());
        let more = join_all((0..3).map(|_| self.below.until())).await;
        [one, other].into_iter().chain(more).map(Result::unwrap).collect()
    }
    pub async fn selected(&mut self) -> Bound {
        let first = select(self.below.until(), std::future::pending::<()>()).await;
        let Either::Left((until, _)) = first else { panic!() };
        until.unwrap()
    }
    /// Both wait; the one that loses is cancelled with this handler's poll.
    pub async fn loses(&mut self) {
        let gate = self.gate.clone();
        drop(select(self.below.watch(), Box::pin(gate.pass())).await);
    }
    pub async fn serves(&mut self, ctx: &mut Context<Self>) -> Bound {
        let until = self.below.until().start();
        let served = ctx.serving(self, until).await.unwrap();
        let (below, gate) = (self.below.clone(), self.gate.clone());
        let later = async move {
            gate.pass().await;
            below.until().await.unwrap()
        };
        let polled = ctx.serving(self, later).await;
        assert_eq!(served, polled);
        polled
    }
    #[message(interleave)]
    pub async fn served(&mut self) -> Bound {
        self.below.until().await.unwrap()
    }
    pub fn then(&mut self, ctx: &mut Context<Self>, reply: ReplyTo<[Bound; 3]>) {
        let (started, below) = (self.below.until().start(), self.below.clone());
        let asked = async move { (started.await.unwrap(), below.until().await.unwrap()) };
        ctx.then(asked, move |_, ctx, (started, asked)| {
            reply.send([started, asked, ctx.deadline()]).unwrap();
        });
    }
    pub async fn in_a_task(&mut self) -> [Bound; 2] {
        let (started, below) = (self.below.until().start(), self.below.clone());
        let task = tokio::spawn(async move { [started.await.unwrap(), below.until().await.unwrap()] });
        task.await.unwrap()
    }
    pub async fn in_a_thread(&mut self) -> Bound {
        let below = self.below.clone();
        tokio::task::spawn_blocking(move || below.until().blocking().unwrap()).await.unwrap()
    }
    pub fn stream(&mut self) -> impl Stream<Item = Bound> {
        stream::once(async { self.below.until().await.unwrap() })
    }
    pub fn stream_beside(&mut self) -> impl Stream<Item = Bound> + use<> {
        let below = self.below.clone();
        stream::once(async move { below.until().await.unwrap() })
    }
    pub async fn reads(&mut self, from: AboveHandle) -> Bound {
        from.stream().await.unwrap().next().await.unwrap().unwrap()
    }
    pub async fn by_a_protocol(&mut self) -> [Bound; 3] {
        let below = BoundedHandle::from(self.below.clone());
        let other = Below::default().spawn();
        [
            below.bound().await.unwrap(),
            below.bound_below(other.clone()).await.unwrap(),
            below.bound_beside(other).await.unwrap(),
        ]
    }
    pub async fn by_a_generic_method(&mut self) -> Bound {
        self.below.generic(|until| until).await.unwrap()
    }
    pub async fn generic<T: Send + 'static>(&mut self, f: impl FnOnce(Bound) -> T + Send + 'static) -> T {
        f(self.below.until().await.unwrap())
    }
    pub async fn of_a_pool(&mut self, pool: BelowHandle) -> Bound {
        pool.until().await.unwrap()
    }
    pub fn arms(&mut self, ctx: &mut Context<Self>) {
        ctx.after("tick", ms(1), AboveMessage::Tick);
    }
    #[message]
    async fn tick(&mut self, ctx: &mut Context<Self>) {
        let below = self.below.until().await.unwrap();
        self.log.push(format!("{:?} {below:?}", ctx.deadline()));
    }
    #[message(when = self.log.count("open") > 0)]
    pub async fn guarded(&mut self) -> Bound {
        self.below.until().await.unwrap()
    }
    pub fn open(&mut self) {
        self.log.push("open");
    }
    /// Its own handler hears that its caller has left; the one below does not, until this one lets go of it.
    pub async fn passes_on_the_leaving(&mut self, ctx: &mut Context<Self>) {
        let cancelled = ctx.cancelled();
        drop(select(self.below.watch(), cancelled).await);
        self.log.push("let go");
    }
    pub async fn does_not_look(&mut self) {
        let gate = self.gate.clone();
        let (_, ()) = tokio::join!(self.below.hold(), gate.pass());
        self.log.push("done");
    }
}

struct Scene {
    above: AboveHandle,
    below: Below,
    gate: Gate,
    log: Log,
}

fn scene(way: Way) -> Scene {
    let (below, gate, log) = (Below::default(), Gate::default(), Log::default());
    let handle = below.clone().spawn_with(way.spawn());
    let above = Above { below: handle, gate: gate.clone(), log: log.clone() };
    Scene { above: above.spawn_with(way.spawn()), below, gate, log }
}

fn within(time: Duration) -> Bound {
    Some(Instant::now() + time)
}

async fn joined_and_selected(way: Way) {
    let Scene { above, .. } = scene(way);
    assert_eq!(above.joined().timeout(ms(50)).await.unwrap(), [within(ms(50)); 5]);
    assert_eq!(above.selected().timeout(ms(50)).await.unwrap(), within(ms(50)));
    assert_eq!(above.selected().await.unwrap(), None);
}

async fn one_that_loses_a_select_is_cancelled(way: Way) {
    let Scene { above, below, gate, .. } = scene(way);
    let loses = above.loses().start();
    gate.arrived(1).await;
    gate.open(1);
    loses.await.unwrap();
    settle().await;
    assert_eq!(below.log.all(), ["watches", "left"]);
}

async fn serving_and_what_is_served_have_each_their_own(way: Way) {
    let Scene { above, gate, .. } = scene(way);
    let bound = within(ms(50));
    let serves = above.serves().timeout(ms(50)).start();
    gate.arrived(1).await;
    assert_eq!(above.served().timeout(ms(20)).await.unwrap(), within(ms(20)));
    assert_eq!(above.served().await.unwrap(), None);
    gate.open(1);
    assert_eq!(serves.await.unwrap(), bound);
}

async fn then_goes_on_with_it(way: Way) {
    let Scene { above, .. } = scene(way);
    assert_eq!(above.then().timeout(ms(50)).await.unwrap(), [within(ms(50)); 3]);
    assert_eq!(above.then().await.unwrap(), [None; 3]);
}

async fn tasks_and_threads_have_none(way: Way) {
    let Scene { above, .. } = scene(way);
    assert_eq!(above.in_a_task().timeout(ms(50)).await.unwrap(), [within(ms(50)), None]);
    assert_eq!(above.in_a_thread().timeout(ms(50)).await.unwrap(), None);
}

async fn a_stream_has_that_of_the_call_that_opened_it(way: Way) {
    let Scene { above, .. } = scene(way);
    let bound = within(ms(50));
    let mut items = above.stream().timeout(ms(50)).await.unwrap();
    assert_eq!(items.next().await.unwrap().unwrap(), bound);
    let mut items = above.stream_beside().timeout(ms(50)).await.unwrap();
    assert_eq!(items.next().await.unwrap().unwrap(), None);
    let Scene { above: reader, .. } = scene(way);
    assert_eq!(reader.reads(above).timeout(ms(50)).await.unwrap(), bound);
}

async fn protocols_generic_methods_and_pools(way: Way) {
    let Scene { above, .. } = scene(way);
    let bound = within(ms(50));
    assert_eq!(above.by_a_protocol().timeout(ms(50)).await.unwrap(), [bound; 3]);
    assert_eq!(above.by_a_generic_method().timeout(ms(50)).await.unwrap(), bound);
    assert_eq!(above.generic(|until| until).timeout(ms(50)).await.unwrap(), bound);
    let pool = Pool::new(2, |_| Below::default()).spawn();
    assert_eq!(above.of_a_pool(pool).timeout(ms(50)).await.unwrap(), bound);
}

async fn timers_have_none(way: Way) {
    let Scene { above, log, .. } = scene(way);
    above.arms().timeout(ms(50)).await.unwrap();
    sleep(ms(2)).await;
    assert_eq!(log.all(), ["None None"]);
}

async fn one_behind_a_guard_has_its_own(way: Way) {
    let Scene { above, .. } = scene(way);
    let bound = within(ms(50));
    let guarded = above.guarded().timeout(ms(50)).start();
    sleep(ms(10)).await;
    above.open().timeout(ms(5)).await.unwrap();
    assert_eq!(guarded.await.unwrap(), bound);
}

/// A caller that leaves is heard by the handler of its call; those below hear it when that one lets go of them.
async fn a_leaving_is_passed_on_by_hand(way: Way) {
    let Scene { above, below, log, .. } = scene(way);
    let mut call = above.passes_on_the_leaving().start();
    assert!(poll_once(&mut call).await.is_none());
    settle().await;
    assert_eq!(below.log.all(), ["watches"]);
    drop(call);
    settle().await;
    assert_eq!(
        (log.all(), below.log.all()),
        (vec!["let go".to_owned()], vec!["watches".to_owned(), "left".to_owned()])
    );
}

async fn a_handler_that_does_not_look_goes_on(way: Way) {
    let Scene { above, below, gate, log } = scene(way);
    let call = above.does_not_look().start();
    below.gate.arrived(1).await;
    drop(call);
    settle().await;
    below.gate.open(1);
    gate.open(1);
    settle().await;
    assert_eq!(log.all(), ["done"]);
}

/// With a deadline nothing need be passed on: it ends all of the chain at once.
async fn a_deadline_ends_those_below_too(way: Way) {
    let Scene { above, below, log, .. } = scene(way);
    let call = above.passes_on_the_leaving().timeout(ms(30)).await;
    assert!(matches!(call, Err(CallError::TimedOut { started: true })));
    settle().await;
    assert_eq!(
        (log.all(), below.log.all()),
        (vec!["let go".to_owned()], vec!["watches".to_owned(), "left".to_owned()])
    );
}

/// A handler that is cut off lets go of its calls.
async fn a_kill_cancels_what_the_handler_waits_for(way: Way) {
    let Scene { above, below, .. } = scene(way);
    let call = above.passes_on_the_leaving().start();
    settle().await;
    above.kill();
    assert!(matches!(call.await, Err(CallError::Interrupted(ExitReason::Killed))));
    settle().await;
    assert_eq!(below.log.all(), ["watches", "left"]);
}

/// Each case that the document names exists and runs.
#[test]
fn the_table_names_cases() {
    let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let chapter = fs::read_to_string(crate_root.join("../docs/waiting.md")).unwrap();
    let (_, table) = chapter.split_once("## What a handler's calls inherit").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let cases: Vec<_> =
        table.split('`').skip(1).step_by(2).filter_map(|word| word.split_once("::")).collect();
    let cases = cases.iter().filter(|(module, _)| !["tokio", "ReplyTo"].contains(module));
    let mut named = 0;
    for (module, case) in cases {
        let source = fs::read_to_string(crate_root.join(format!("tests/conformance/{module}.rs"))).unwrap();
        assert!(source.contains(&format!("fn {case}(way: Way)")), "no case: {module}::{case}");
        let listed = [format!("    {case},\n"), format!("({case})"), format!(" {case},")];
        assert!(listed.iter().any(|listed| source.contains(listed)), "it does not run: {module}::{case}");
        named += 1;
    }
    assert!(named >= 20, "{named} cases");
}

both_ways_paused!(
    joined_and_selected,
    one_that_loses_a_select_is_cancelled,
    serving_and_what_is_served_have_each_their_own,
    then_goes_on_with_it,
    tasks_and_threads_have_none,
    a_stream_has_that_of_the_call_that_opened_it,
    protocols_generic_methods_and_pools,
    timers_have_none,
    one_behind_a_guard_has_its_own,
    a_leaving_is_passed_on_by_hand,
    a_handler_that_does_not_look_goes_on,
    a_deadline_ends_those_below_too,
    a_kill_cancels_what_the_handler_waits_for,
);
