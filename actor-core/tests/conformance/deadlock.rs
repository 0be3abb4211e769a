//! Waits that would never end are told at once, and no others.

use crate::kit::{Gate, Way, limited, ms, poll_once, settle, two_threads, until_blocking};
use actor_core::prelude::*;
use actor_core::{Backoff, Overflow, Step, Supervise};
use futures::future::{Either, join_all, select};
use futures::{Stream, StreamExt, stream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::time::{Instant, sleep};

#[actor(mailbox = 1)]
#[derive(Default)]
pub struct Node {
    ran: Arc<AtomicUsize>,
    kept: Kept,
}

type Kept = Arc<std::sync::Mutex<Option<ReplyTo<u32>>>>;

/// What a handler hears of its own calls.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Told {
    #[error("{0}")]
    Deadlock(String),
    #[error("{0}")]
    Other(String),
}

impl From<CallError> for Told {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Deadlock(cycle) => Told::Deadlock(cycle.to_string()),
            other => Told::Other(other.to_string()),
        }
    }
}

impl From<CallError<Told>> for Told {
    fn from(error: CallError<Told>) -> Self {
        match error {
            CallError::Handler(told) => told,
            CallError::Deadlock(cycle) => Told::Deadlock(cycle.to_string()),
            other => Told::Other(other.to_string()),
        }
    }
}

impl Told {
    fn is_deadlock(&self) -> bool {
        matches!(self, Told::Deadlock(_))
    }
}

type Heard = Result<u32, Told>;

#[actor]
impl Node {
    pub fn plain(&mut self) -> u32 {
        self.ran.fetch_add(1, SeqCst);
        6
    }
    pub async fn hold(&mut self, gate: Gate) -> u32 {
        gate.pass().await;
        7
    }
    /// Calls along the route.
    pub async fn walk(&mut self, route: Vec<NodeHandle>) -> Result<u32, Told> {
        match route.split_first() {
            None => Ok(0),
            Some((next, rest)) => Ok(next.walk(rest.to_vec()).await? + 1),
        }
    }
    pub async fn walk_after(&mut self, gate: Gate, route: Vec<NodeHandle>) -> Result<u32, Told> {
        gate.pass().await;
        self.walk(route).await
    }
    pub async fn call(&mut self, gate: Gate, to: NodeHandle) -> Result<u32, Told> {
        gate.pass().await;
        Ok(to.plain().await?)
    }
    pub async fn call_within(&mut self, gate: Gate, to: NodeHandle, time: Duration) -> Result<u32, Told> {
        gate.pass().await;
        Ok(to.plain().timeout(time).await?)
    }
    /// How often it can tell before it hears that it never could.
    pub async fn flood(&mut self, gate: Gate, to: NodeHandle, most: u32) -> Result<u32, Told> {
        gate.pass().await;
        for told in 0..most {
            match to.plain().tell().await {
                Ok(()) => {}
                Err(TellError::Deadlock(NodeMessage::Plain, cycle)) => {
                    return Err(Told::Deadlock(format!("{told}: {cycle}")));
                }
                Err(other) => return Err(Told::Other(other.to_string())),
            }
        }
        Ok(most)
    }
    pub async fn flood_within(&mut self, gate: Gate, to: NodeHandle, time: Duration) -> Result<u32, Told> {
        gate.pass().await;
        for told in 0..9 {
            match to.plain().timeout(time).tell().await {
                Ok(()) => {}
                Err(TellError::TimedOut(_)) => return Ok(told),
                Err(other) => return Err(Told::Other(other.to_string())),
            }
        }
        Ok(9)
    }
    pub fn generic<R: Send + 'static>(&mut self, f: impl FnOnce() -> R + Send + 'static) -> R {
        f()
    }
    pub async fn call_generic(&mut self, to: NodeHandle) -> Result<u32, Told> {
        Ok(to.generic(|| 1).await?)
    }
    pub async fn steps(&mut self, ctx: &mut Context<Self>) -> Vec<Step> {
        let Err(CallError::Deadlock(cycle)) = ctx.handle().plain().await else { return Vec::new() };
        cycle.steps().to_vec()
    }
    /// The errors of a call of its own, in two ways.
    pub async fn never_ran(&mut self, ctx: &mut Context<Self>) -> bool {
        ctx.handle().plain().await.unwrap_err().never_ran()
    }
    pub async fn started_before(&mut self, ctx: &mut Context<Self>, gate: Gate) -> Result<u32, Told> {
        let pending = ctx.handle().plain().start();
        gate.pass().await;
        Ok(pending.await?)
    }
    pub async fn given(
        &mut self,
        pending: Arc<tokio::sync::Mutex<Option<PendingReply<u32>>>>,
    ) -> Result<u32, Told> {
        let pending = pending.lock().await.take().unwrap();
        Ok(pending.await?)
    }
    pub async fn both(&mut self, one: NodeHandle, other: NodeHandle, gate: Gate) -> (Heard, Heard) {
        let (one, other) = tokio::join!(one.plain(), other.hold(gate));
        (one.map_err(Told::from), other.map_err(Told::from))
    }
    pub async fn both_walk(&mut self, one: Vec<NodeHandle>, other: Vec<NodeHandle>) -> (Heard, Heard) {
        let (first, second) = (one[0].clone(), other[0].clone());
        let (one, other) = tokio::join!(first.walk(one[1..].to_vec()), second.walk(other[1..].to_vec()));
        (one.map_err(Told::from), other.map_err(Told::from))
    }
    pub async fn either(&mut self, one: NodeHandle, other: NodeHandle, gate: Gate) -> Result<u32, Told> {
        match select(one.plain(), other.hold(gate)).await {
            Either::Left((answer, _)) | Either::Right((answer, _)) => Ok(answer?),
        }
    }
    /// Gives up a call, and then waits for something else.
    pub async fn gave_up(
        &mut self,
        to: NodeHandle,
        gates: (Gate, Gate, Gate),
        then: NodeHandle,
    ) -> Result<u32, Told> {
        let (held, leave, last) = gates;
        drop(select(to.hold(held), Box::pin(leave.pass())).await);
        Ok(then.hold(last).await?)
    }
    /// Polls a call, and lets a task wait for it.
    pub async fn passes_on(
        &mut self,
        to: NodeHandle,
        me: NodeHandle,
        gates: (Gate, Gate),
    ) -> Result<u32, Told> {
        let (inner, outer) = gates;
        let mut pending = to.call(inner, me).start();
        assert!(poll_once(&mut pending).await.is_none());
        drop(tokio::spawn(pending));
        outer.pass().await;
        Ok(1)
    }
    pub async fn spawned(&mut self, ctx: &mut Context<Self>) -> Result<u32, Told> {
        let me = ctx.handle();
        Ok(tokio::spawn(async move { me.plain().timeout(ms(30)).await }).await.unwrap()?)
    }
    pub async fn beside_a_sleep(&mut self, ctx: &mut Context<Self>) -> Result<u32, Told> {
        let me = ctx.handle();
        match select(me.plain(), Box::pin(sleep(ms(20)))).await {
            Either::Left((answer, _)) => Ok(answer?),
            Either::Right(_) => Ok(20),
        }
    }
    pub async fn patient_twice(&mut self, to: NodeHandle, gate: Gate) -> Result<u32, Told> {
        gate.pass().await;
        let first = to.plain().timeout(ms(40)).await;
        assert!(matches!(first, Err(CallError::TimedOut { started: false })), "{first:?}");
        Ok(to.plain().await?)
    }

    // ---- replies that are given by hand -------------------------------------------------------------------------------------

    pub fn keep(&mut self, reply: ReplyTo<u32>) {
        *self.kept.lock().unwrap() = Some(reply);
    }
    pub async fn call_keep(&mut self, to: NodeHandle) -> Result<u32, Told> {
        Ok(to.keep().await?)
    }
    pub async fn reply_after(&mut self, to: NodeHandle, reply: ReplyTo<Result<u32, Told>>) {
        let heard = to.plain().await;
        let _ = reply.send(heard.map_err(Told::from));
    }
    pub async fn call_reply_after(&mut self, ctx: &mut Context<Self>, to: NodeHandle) -> Result<u32, Told> {
        Ok(to.reply_after(ctx.handle()).await?)
    }
    pub fn forward_home(&mut self, ctx: &mut Context<Self>, reply: ReplyTo<u32>) {
        reply.forward(ctx.handle().plain());
    }
    pub fn forward_to(&mut self, to: NodeHandle, gate: Gate, reply: ReplyTo<u32>) {
        reply.forward(to.hold(gate));
    }
    pub async fn call_forward(&mut self, to: NodeHandle, then: NodeHandle, gate: Gate) -> Result<u32, Told> {
        Ok(to.forward_to(then, gate).await?)
    }

    // ---- serving ------------------------------------------------------------------------------------------------------------

    #[message(interleave)]
    pub fn open(&mut self) -> u32 {
        self.ran.fetch_add(1, SeqCst);
        5
    }
    pub async fn call_open(&mut self, to: NodeHandle) -> Result<u32, Told> {
        Ok(to.open().await?)
    }
    pub async fn call_open_after(&mut self, gate: Gate, to: NodeHandle) -> Result<u32, Told> {
        gate.pass().await;
        Ok(to.open().await?)
    }
    pub async fn call_plain(&mut self, to: NodeHandle) -> Result<u32, Told> {
        Ok(to.plain().await?)
    }
    pub async fn serve_open(&mut self, ctx: &mut Context<Self>, to: NodeHandle) -> Result<u32, Told> {
        let me = ctx.handle();
        Ok(ctx.serving(self, to.call_open(me)).await?)
    }
    pub async fn serve_plain(&mut self, ctx: &mut Context<Self>, to: NodeHandle) -> Result<u32, Told> {
        let me = ctx.handle();
        Ok(ctx.serving(self, to.call_plain(me)).await?)
    }
    pub async fn serve_after_stop(&mut self, ctx: &mut Context<Self>, to: NodeHandle) -> Result<u32, Told> {
        ctx.stop();
        let me = ctx.handle();
        Ok(ctx.serving(self, to.call_open(me)).await?)
    }
    pub async fn tell_both(&mut self, to: NodeHandle) -> Result<u32, Told> {
        let told = [to.open().tell().await, to.plain().tell().await];
        Ok(told.iter().filter(|told| told.is_ok()).count() as u32)
    }
    pub async fn serve_tells(&mut self, ctx: &mut Context<Self>, to: NodeHandle) -> Result<u32, Told> {
        let me = ctx.handle();
        Ok(ctx.serving(self, to.tell_both(me)).await?)
    }
    pub async fn serve_within(
        &mut self,
        ctx: &mut Context<Self>,
        to: NodeHandle,
        gate: Gate,
        time: Duration,
    ) -> bool {
        ctx.serving(self, to.hold(gate).timeout(time)).await.is_ok()
    }
    pub async fn serve_gate(&mut self, ctx: &mut Context<Self>, gate: Gate) -> u32 {
        ctx.serving(self, async move { gate.pass().await }).await;
        1
    }
    /// Serves until the gate opens, and waits for a call that was under way all the time.
    pub async fn served_enough(
        &mut self,
        ctx: &mut Context<Self>,
        to: NodeHandle,
        gates: (Gate, Gate),
    ) -> Result<u32, Told> {
        let me = ctx.handle();
        let mut pending = to.call_open_after(gates.0, me).start();
        let outer = gates.1;
        let wait = async {
            let gate = std::pin::pin!(outer.pass());
            drop(select(&mut pending, gate).await);
        };
        ctx.serving(self, wait).await;
        Ok(pending.await?)
    }
    #[message(interleave)]
    pub async fn served(&mut self, to: NodeHandle) -> Result<u32, Told> {
        Ok(to.plain().await?)
    }
    #[message(interleave)]
    pub async fn served_walk(&mut self, ctx: &mut Context<Self>, to: NodeHandle) -> Result<u32, Told> {
        Ok(to.call_open(ctx.handle()).await?)
    }
    #[message(interleave)]
    pub async fn served_serves(
        &mut self,
        ctx: &mut Context<Self>,
        to: NodeHandle,
        ordinary: bool,
    ) -> Result<u32, Told> {
        let me = ctx.handle();
        if ordinary {
            Ok(ctx.serving(self, to.call_plain(me)).await?)
        } else {
            Ok(ctx.serving(self, to.call_open(me)).await?)
        }
    }

    // ---- streams ------------------------------------------------------------------------------------------------------------

    pub fn items(&mut self, to: NodeHandle) -> impl Stream<Item = Heard> {
        let _ = &self.ran;
        stream::iter([Ok(1)]).chain(stream::once(async move { Ok(to.plain().await?) }))
    }
    pub fn items_beside(&mut self, to: NodeHandle) -> impl Stream<Item = Heard> + use<> {
        stream::once(async move { Ok(to.plain().timeout(ms(30)).await?) })
    }
    pub async fn read(&mut self, ctx: &mut Context<Self>, from: NodeHandle) -> Vec<Heard> {
        let items = from.items(ctx.handle()).await.unwrap();
        items.map(Result::unwrap).collect().await
    }
    pub async fn read_beside(&mut self, ctx: &mut Context<Self>, from: NodeHandle) -> Vec<Heard> {
        let items = from.items_beside(ctx.handle()).await.unwrap();
        items.map(Result::unwrap).collect().await
    }
}

fn node(way: Way, name: &str) -> NodeHandle {
    Node::default().spawn_with(way.spawn().name(name))
}

fn nodes(way: Way, n: usize) -> Vec<NodeHandle> {
    (0..n).map(|i| node(way, &format!("n{i}"))).collect()
}

fn pair(way: Way) -> (NodeHandle, NodeHandle) {
    (node(way, "a"), node(way, "b"))
}

fn deadlock<T: std::fmt::Debug>(answer: Result<T, CallError<Told>>) -> String {
    match answer {
        Err(CallError::Handler(Told::Deadlock(cycle))) => cycle,
        other => panic!("{other:?}"),
    }
}

async fn all_go_on(nodes: &[NodeHandle]) {
    for node in nodes {
        assert_eq!(node.plain().await.unwrap(), 6);
    }
}

// ---- cycles ---------------------------------------------------------------------------------------------------------------------

async fn rings_of_any_length(way: Way) {
    for n in [1, 2, 3, 5, 17, 40] {
        let nodes = nodes(way, n);
        let route = nodes[1..].iter().chain(&nodes[..1]).cloned().collect();
        let text = deadlock(nodes[0].walk(route).await);
        let steps: Vec<_> = (0..n).chain([0]).map(|i| format!("n{i}.walk")).collect();
        assert_eq!(text, steps.join(" -> "));
        all_go_on(&nodes).await;
    }
}

async fn a_long_chain_is_no_cycle(way: Way) {
    let nodes = nodes(way, 300);
    assert_eq!(nodes[0].walk(nodes[1..].to_vec()).await.unwrap(), 299);
}

async fn the_way_into_a_cycle_is_not_told(way: Way) {
    let n = nodes(way, 4);
    let route = [1, 2, 3, 1].map(|i| n[i].clone()).to_vec();
    assert_eq!(deadlock(n[0].walk(route).await), "n1.walk -> n2.walk -> n3.walk -> n1.walk");
    all_go_on(&n).await;
}

async fn what_is_refused_never_ran(way: Way) {
    let ran = Arc::new(AtomicUsize::new(0));
    let node = Node { ran: Arc::clone(&ran), kept: Kept::default() }.spawn_with(way.spawn());
    assert!(node.never_ran().await.unwrap());
    settle().await;
    assert_eq!(ran.load(SeqCst), 0);
    node.plain().await.unwrap();
    assert_eq!(ran.load(SeqCst), 1);
}

async fn a_cycle_has_steps(way: Way) {
    let step = |actor: &str, message| Step { actor: actor.into(), message };
    assert_eq!(node(way, "ann").steps().await.unwrap(), [step("ann", "steps"), step("ann", "plain")]);
    let nameless = Node::default().spawn_with(way.spawn());
    let name = format!("Node{}", nameless.id());
    assert_eq!(nameless.steps().await.unwrap(), [step(&name, "steps"), step(&name, "plain")]);
}

async fn crossing_calls(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let (x, y) = (a.call(gate.clone(), b.clone()).start(), b.call(gate.clone(), a.clone()).start());
    gate.arrived(2).await;
    gate.open(2);
    let heard = [x.await, y.await];
    let told: Vec<_> = heard.iter().filter(|heard| heard.is_err()).collect();
    let [Err(CallError::Handler(Told::Deadlock(text)))] = told[..] else { panic!("{heard:?}") };
    let (one, other) = ("a.call -> b.plain -> b.call -> a.plain", "b.call -> a.plain -> a.call -> b.plain");
    assert!(text == one || text == other, "{text}");
    assert!(heard.iter().any(|heard| matches!(heard, Ok(6))), "{heard:?}");
    all_go_on(&[a, b]).await;
}

async fn a_call_of_a_generic_method(way: Way) {
    let (a, b) = pair(way);
    assert_eq!(deadlock(a.call_generic(a.clone()).await), "a.call_generic -> a.generic");
    assert_eq!(a.call_generic(b).await.unwrap(), 1);
}

async fn an_onlooker_gets_its_answer(way: Way) {
    let (n, gate) = (nodes(way, 3), Gate::default());
    let cycle = n[0].walk_after(gate.clone(), vec![n[1].clone(), n[0].clone()]).start();
    gate.arrived(1).await;
    let onlooker = n[2].call_plain(n[0].clone()).start();
    settle().await;
    gate.open(1);
    deadlock(cycle.await);
    assert_eq!(onlooker.await.unwrap(), 6);
}

async fn two_cycles_in_one_actor(way: Way) {
    let n = nodes(way, 3);
    let ways = (vec![n[1].clone(), n[0].clone()], vec![n[2].clone(), n[0].clone()]);
    let (one, other) = n[0].both_walk(ways.0, ways.1).await.unwrap();
    assert!(one.unwrap_err().is_deadlock() && other.unwrap_err().is_deadlock());
    all_go_on(&n).await;
}

async fn a_caller_that_has_gone_changes_nothing(way: Way) {
    let (a, gate) = (node(way, "a"), Gate::default());
    let call = a.call(gate.clone(), a.clone()).start();
    gate.arrived(1).await;
    drop(call);
    gate.open(1);
    assert_eq!(a.plain().await.unwrap(), 6);
}

async fn again_and_again(way: Way) {
    let (a, b) = pair(way);
    for _ in 0..100 {
        deadlock(a.walk(vec![b.clone(), a.clone()]).await);
        assert_eq!(a.walk(vec![b.clone()]).await.unwrap(), 1);
    }
}

// ---- room -----------------------------------------------------------------------------------------------------------------------

async fn telling_oneself(way: Way) {
    let (a, open) = (node(way, "a"), Gate::default());
    open.open(2);
    assert_eq!(deadlock(a.flood(open.clone(), a.clone(), 2).await), "1: a.flood -> a.plain");
    assert_eq!(a.flood(open, a.clone(), 1).await.unwrap(), 1);
}

async fn tells_that_wait_for_room_in_a_circle(way: Way) {
    for n in [2, 3] {
        let (nodes, gate) = (nodes(way, n), Gate::default());
        let floods: Vec<_> =
            (0..n).map(|i| nodes[i].flood(gate.clone(), nodes[(i + 1) % n].clone(), 3).start()).collect();
        gate.arrived(n).await;
        gate.open(n);
        let heard = join_all(floods).await;
        assert_eq!(heard.iter().filter(|heard| heard.is_err()).count(), 1, "{heard:?}");
        deadlock(heard.into_iter().find(Result::is_err).unwrap());
        all_go_on(&nodes).await;
    }
}

async fn a_call_that_waits_for_room(way: Way) {
    let (a, gate) = (node(way, "a"), Gate::default());
    let call = a.call(gate.clone(), a.clone()).start();
    gate.arrived(1).await;
    a.plain().try_tell().unwrap();
    gate.open(1);
    assert_eq!(deadlock(call.await), "a.call -> a.plain");
    assert_eq!(a.plain().await.unwrap(), 6);
}

async fn what_was_refused_leaves_the_line(way: Way) {
    let (a, gate, last) = (node(way, "a"), Gate::default(), Gate::default());
    a.hold(last.clone()).tell().await.unwrap();
    last.arrived(1).await;
    let call = a.call(gate.clone(), a.clone()).start();
    settle().await;
    last.open(1);
    gate.arrived(1).await;
    a.hold(last.clone()).try_tell().unwrap();
    gate.open(1);
    deadlock(call.await);
    last.arrived(2).await;
    a.plain().try_tell().unwrap();
    assert!(matches!(a.plain().try_tell(), Err(TellError::Full(_))));
    last.open(1);
    all_go_on(&[a]).await;
}

async fn a_mailbox_that_rejects_is_full(way: Way) {
    let a = Node::default().spawn_with(way.spawn().overflow(Overflow::Reject));
    let open = Gate::default();
    open.open(1);
    let Err(CallError::Handler(Told::Other(text))) = a.flood(open, a.clone(), 2).await else { panic!() };
    assert_eq!(text, "the mailbox is full");
}

async fn a_tell_with_a_deadline(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let x = a.flood_within(gate.clone(), b.clone(), ms(40)).start();
    let y = b.flood(gate.clone(), a.clone(), 3).start();
    gate.arrived(2).await;
    let began = Instant::now();
    gate.open(2);
    assert_eq!((x.await.unwrap(), y.await.unwrap()), (1, 3), "it ends by itself");
    assert_eq!(began.elapsed(), ms(40));
}

// ---- several requests ---------------------------------------------------------------------------------------------------------------

async fn one_that_was_started_before(way: Way) {
    let (a, gate) = (node(way, "a"), Gate::default());
    let mut call = a.started_before(gate.clone()).start();
    gate.arrived(1).await;
    settle().await;
    assert!(poll_once(&mut call).await.is_none(), "nobody waits for it yet");
    gate.open(1);
    assert_eq!(deadlock(call.await), "a.started_before -> a.plain");
}

async fn one_that_another_started(way: Way) {
    let (a, gate) = (node(way, "a"), Gate::default());
    a.hold(gate.clone()).tell().await.unwrap();
    gate.arrived(1).await;
    let given = Arc::new(tokio::sync::Mutex::new(None));
    let call = a.given(Arc::clone(&given)).start();
    settle().await;
    let held = given.clone().lock_owned().await;
    gate.open(1);
    settle().await;
    let mut held = held;
    *held = Some(a.plain().start());
    drop(held);
    assert_eq!(deadlock(call.await), "a.given -> a.plain");
}

async fn both_of_a_join(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let mut both = a.both(a.clone(), b.clone(), gate.clone()).start();
    gate.arrived(1).await;
    settle().await;
    assert!(poll_once(&mut both).await.is_none(), "the other may still do something");
    gate.open(1);
    let (own, other) = both.await.unwrap();
    assert!(own.unwrap_err().is_deadlock(), "looked at again when the other completed");
    assert_eq!(other.unwrap(), 7);
}

async fn either_of_a_select(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let mut either = a.either(a.clone(), b.clone(), gate.clone()).start();
    gate.arrived(1).await;
    settle().await;
    assert!(poll_once(&mut either).await.is_none());
    gate.open(1);
    assert_eq!(either.await.unwrap(), 7);
    assert_eq!(a.plain().await.unwrap(), 6);
}

async fn a_call_that_was_given_up_does_not_count(way: Way) {
    let n = nodes(way, 3);
    let (held, leave, last) = (Gate::default(), Gate::default(), Gate::default());
    let call = n[0].gave_up(n[1].clone(), (held.clone(), leave.clone(), last.clone()), n[2].clone()).start();
    held.arrived(1).await;
    leave.open(1);
    last.arrived(1).await;
    held.open(1);
    // Behind `gave_up`, which waited for this actor once.
    let back = n[1].call_plain(n[0].clone()).start();
    settle().await;
    last.open(1);
    assert_eq!((call.await.unwrap(), back.await.unwrap()), (7, 6));
}

async fn a_call_that_a_task_waits_for_does_not_count(way: Way) {
    let (a, b) = pair(way);
    let (inner, outer) = (Gate::default(), Gate::default());
    let call = a.passes_on(b.clone(), a.clone(), (inner.clone(), outer.clone())).start();
    inner.arrived(1).await;
    outer.arrived(1).await;
    settle().await;
    inner.open(1);
    settle().await;
    outer.open(1);
    assert_eq!(call.await.unwrap(), 1);
    assert_eq!(b.plain().await.unwrap(), 6);
}

// ---- deadlines ------------------------------------------------------------------------------------------------------------------------

async fn a_wait_that_ends_earlier(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let x = a.call_within(gate.clone(), b.clone(), ms(40)).start();
    let y = b.call(gate.clone(), a.clone()).start();
    gate.arrived(2).await;
    let began = Instant::now();
    gate.open(2);
    let Err(CallError::Handler(Told::Other(_))) = x.await else { panic!() };
    assert_eq!(began.elapsed(), ms(40));
    assert_eq!(y.await.unwrap(), 6);
}

async fn an_inherited_deadline_ends_all_at_once(way: Way) {
    let (a, b) = pair(way);
    let began = Instant::now();
    deadlock(a.walk(vec![b.clone(), a.clone()]).timeout(ms(50)).await);
    assert_eq!(began.elapsed(), ms(0));
}

async fn its_own_deadline_does_not_count(way: Way) {
    let (a, open) = (node(way, "a"), Gate::default());
    open.open(1);
    let began = Instant::now();
    deadlock(a.call_within(open, a.clone(), ms(50)).await);
    assert_eq!(began.elapsed(), ms(0));
}

async fn after_the_earlier_wait_has_ended(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let x = a.patient_twice(b.clone(), gate.clone()).start();
    let y = b.walk_after(gate.clone(), vec![a.clone()]).start();
    gate.arrived(2).await;
    let began = Instant::now();
    gate.open(2);
    let heard = (x.await, y.await);
    assert_eq!(began.elapsed(), ms(40));
    assert!(heard.0.is_ok() != heard.1.is_ok(), "{heard:?}");
}

// ---- replies by hand ----------------------------------------------------------------------------------------------------------------

async fn a_kept_reply_may_be_given_by_anybody(way: Way) {
    let kept = Kept::default();
    let (a, b) =
        (node(way, "a"), Node { kept: Arc::clone(&kept), ..Node::default() }.spawn_with(way.spawn()));
    let call = a.call_keep(b.clone()).start();
    settle().await;
    let back = b.call_plain(a.clone()).start();
    settle().await;
    assert_eq!(kept.lock().unwrap().take().unwrap().send(8), Ok(()));
    assert_eq!((call.await.unwrap(), back.await.unwrap()), (8, 6));
}

async fn a_reply_whose_handler_still_runs(way: Way) {
    let (a, b) = pair(way);
    assert_eq!(deadlock(a.call_reply_after(b).await), "a.call_reply_after -> b.reply_after -> a.plain");
}

async fn a_forwarded_call_is_nobodys_wait(way: Way) {
    let (a, b) = pair(way);
    assert_eq!(a.forward_home().await.unwrap(), 6);
    let (c, gate) = (node(way, "c"), Gate::default());
    let call = a.call_forward(b.clone(), c.clone(), gate.clone()).start();
    gate.arrived(1).await;
    // Neither `b`, which passed the call on, nor `c` waits for anybody.
    assert_eq!(b.plain().await.unwrap(), 6);
    gate.open(1);
    assert_eq!(call.await.unwrap(), 7);
}

// ---- where it cannot see --------------------------------------------------------------------------------------------------------------

async fn a_task_of_its_own_is_not_seen(way: Way) {
    let Err(CallError::Handler(Told::Other(text))) = node(way, "a").spawned().await else { panic!() };
    assert_eq!(text, "timed out; the message never ran");
}

async fn what_it_cannot_see_beside_a_request_does_not_count(way: Way) {
    deadlock(node(way, "a").beside_a_sleep().await);
}

async fn a_handler_that_waits_for_something_else_keeps_nobody_for_ever(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let hold = a.hold(gate.clone()).start();
    gate.arrived(1).await;
    let call = b.call_plain(a.clone()).start();
    settle().await;
    gate.open(1);
    assert_eq!((hold.await.unwrap(), call.await.unwrap()), (7, 6));
}

// ---- serving ----------------------------------------------------------------------------------------------------------------------------

async fn what_is_served_waits_for_nobody(way: Way) {
    let (a, b) = pair(way);
    assert_eq!(a.serve_open(b).await.unwrap(), 5);
}

async fn what_is_served_makes_room(way: Way) {
    let (a, b) = pair(way);
    assert_eq!(a.serve_tells(b).await.unwrap(), 2);
}

async fn an_ordinary_message_waits_for_one_who_serves(way: Way) {
    let (a, b) = pair(way);
    assert_eq!(deadlock(a.serve_plain(b).await), "a.serve_plain -> b.call_plain -> a.plain");
}

async fn after_a_stop_nothing_is_served(way: Way) {
    let (a, b) = pair(way);
    assert_eq!(deadlock(a.serve_after_stop(b).await), "a.serve_after_stop -> b.call_open -> a.open");
}

async fn one_who_has_served_enough(way: Way) {
    let (a, b) = pair(way);
    let (inner, outer) = (Gate::default(), Gate::default());
    let call = a.served_enough(b, (inner.clone(), outer.clone())).start();
    inner.arrived(1).await;
    outer.arrived(1).await;
    assert_eq!(a.open().await.unwrap(), 5);
    outer.open(1);
    settle().await;
    inner.open(1);
    assert_eq!(deadlock(call.await), "a.served_enough -> b.call_open_after -> a.open");
}

async fn what_is_served_and_waits_for_its_own_actor(way: Way) {
    let (a, gate) = (node(way, "a"), Gate::default());
    let serve = a.serve_gate(gate.clone()).start();
    gate.arrived(1).await;
    assert_eq!(
        deadlock(a.served(a.clone()).await),
        "a.serve_gate -> a.served -> a.plain",
        "whatever the gate does"
    );
    gate.open(1);
    assert_eq!(serve.await.unwrap(), 1);
}

async fn a_deadline_of_the_one_who_serves_does_not_help(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let serve = a.serve_within(b, gate.clone(), ms(50)).start();
    gate.arrived(1).await;
    let began = Instant::now();
    assert_eq!(deadlock(a.served(a.clone()).await), "a.serve_within -> a.served -> a.plain");
    assert_eq!(began.elapsed(), ms(0));
    assert!(!serve.await.unwrap());
}

async fn what_comes_in_between_waits_for_what_is_served(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let serve = a.serve_gate(gate.clone()).start();
    gate.arrived(1).await;
    assert_eq!(deadlock(a.served_walk(b).await), "a.served_walk -> b.call_open -> a.open");
    assert_eq!(a.open().await.unwrap(), 5);
    gate.open(1);
    assert_eq!(serve.await.unwrap(), 1);
}

async fn what_is_served_serves(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let serve = a.serve_gate(gate.clone()).start();
    gate.arrived(1).await;
    assert_eq!(a.served_serves(b.clone(), false).await.unwrap(), 5);
    let text = deadlock(a.served_serves(b, true).await);
    assert_eq!(text, "a.serve_gate -> a.served_serves -> b.call_plain -> a.plain");
    gate.open(1);
    assert_eq!(serve.await.unwrap(), 1);
}

async fn without_room_it_is_not_served(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    b.hold(gate.clone()).tell().await.unwrap();
    gate.arrived(1).await;
    let serve = a.serve_open(b.clone()).start();
    settle().await;
    a.plain().try_tell().unwrap();
    settle().await;
    gate.open(1);
    assert_eq!(deadlock(serve.await), "a.serve_open -> b.call_open -> a.open");
    all_go_on(&[a, b]).await;
}

// ---- streams ----------------------------------------------------------------------------------------------------------------------------

async fn the_reader_of_a_stream(way: Way) {
    let (a, b) = pair(way);
    let heard = a.read(b).await.unwrap();
    let [Ok(1), Err(Told::Deadlock(text))] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!(text, "a.read -> b.items -> a.plain");
}

async fn a_stream_beside_its_actor_is_a_task_of_its_own(way: Way) {
    let (a, b) = pair(way);
    let heard = a.read_beside(b).await.unwrap();
    assert!(matches!(heard[..], [Err(Told::Other(_))]), "{heard:?}");
}

// ---- lives ------------------------------------------------------------------------------------------------------------------------------

#[actor]
struct Hooked {
    heard: Arc<std::sync::Mutex<Vec<String>>>,
}

#[actor]
impl Hooked {
    #[on_start]
    async fn start(&mut self, ctx: &mut Context<Self>) {
        self.hear(ctx.handle().plain().await);
    }
    #[on_exit]
    async fn exited(&mut self, ctx: &mut Context<Self>, _exit: actor_core::Exit) {
        self.hear(ctx.handle().plain().await);
    }
    #[on_stop]
    async fn leave(&mut self, ctx: &mut Context<Self>) {
        self.hear(ctx.handle().plain().await);
    }
    fn hear(&self, answer: Result<(), CallError>) {
        let heard = match answer {
            Err(CallError::Deadlock(cycle)) => cycle.to_string(),
            other => format!("{other:?}"),
        };
        self.heard.lock().unwrap().push(heard);
    }
    pub fn watch(&mut self, ctx: &mut Context<Self>, whom: NodeHandle) {
        ctx.watch(&whom);
    }
    pub fn plain(&mut self) {}
}

async fn in_hooks(way: Way) {
    let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
    let hooked = Hooked { heard: Arc::clone(&heard) }.spawn_with(way.spawn().name("h"));
    let other = node(way, "other");
    hooked.watch(other.clone()).await.unwrap();
    other.stop();
    other.stopped().await;
    settle().await;
    hooked.stop();
    hooked.stopped().await;
    assert_eq!(*heard.lock().unwrap(), ["h.on_start -> h.plain", "h.on_exit -> h.plain", "Err(NotRunning)"]);
}

async fn one_that_will_be_cut_off_earlier(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let x = a.call(gate.clone(), b.clone()).start();
    let y = b.call(gate.clone(), a.clone()).start();
    gate.arrived(2).await;
    a.plain().try_tell().unwrap();
    let began = Instant::now();
    // `b` stands in the line of `a` until that ends.
    a.stop_within(ms(30));
    gate.open(2);
    assert!(matches!(y.await, Err(CallError::Handler(Told::Other(_)))), "not running");
    let x = x.await;
    assert!(matches!(x, Ok(6)), "{x:?}");
    assert!(began.elapsed() <= ms(30));
}

async fn killed_in_the_middle(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let x = a.walk_after(gate.clone(), vec![b.clone(), a.clone()]).start();
    gate.arrived(1).await;
    a.kill();
    gate.open(1);
    assert!(matches!(x.await, Err(CallError::Interrupted(ExitReason::Killed))));
    assert_eq!(b.plain().await.unwrap(), 6);
}

#[actor]
struct Fragile;

#[actor]
impl Fragile {
    pub fn burst(&mut self) {
        panic!("torn");
    }
    pub async fn call(&mut self, to: FragileHandle) -> Result<(), Told> {
        Ok(to.quiet().await?)
    }
    pub fn quiet(&mut self) {}
}

async fn one_that_is_made_anew_waits_for_nobody(way: Way) {
    let backoff = Backoff::exponential(ms(50), ms(50)).jitter(0.0);
    let policy = Supervise::permanent().backoff(backoff).with(way.spawn());
    let a = Fragile::supervised(policy, || Fragile);
    let b = Fragile.spawn_with(way.spawn());
    a.burst().await.unwrap_err();
    assert!(b.call(a.clone()).await.is_ok());
    let Err(CallError::Handler(told)) = a.call(a.clone()).await else { panic!() };
    assert!(told.is_deadlock());
    assert!(a.call(b).await.is_ok());
}

fn a_blocking_caller(way: Way) {
    let runtime = two_threads();
    let _inside = runtime.enter();
    let (a, b) = pair(way);
    let text = deadlock(a.walk(vec![b.clone(), a.clone()]).blocking());
    assert_eq!(text, "a.walk -> b.walk -> a.walk");
    assert_eq!(a.plain().blocking().unwrap(), 6);
    drop((a, b));
}

// ---- races ------------------------------------------------------------------------------------------------------------------------------

/// One of those who close a cycle at the same instant is told, and with one refused the others get their answers.
async fn race(way: Way, n: usize, rounds: usize) {
    let nodes = nodes(way, n);
    for round in 0..rounds {
        let gate = Gate::default();
        let calls: Vec<_> =
            (0..n).map(|i| nodes[i].call(gate.clone(), nodes[(i + 1) % n].clone()).start()).collect();
        // What was refused in the round before may still take room, and then they wait for some.
        let calls = tokio::spawn(join_all(calls));
        gate.arrived(n).await;
        gate.open(n);
        let heard = tokio::time::timeout(Duration::from_secs(20), calls).await;
        let heard = heard.unwrap_or_else(|_| panic!("nobody was told in round {round}")).unwrap();
        let told = heard.iter().filter(|heard| heard.is_err()).count();
        assert_eq!(told, 1, "round {round}: {heard:?}");
    }
}

/// A few at a time, so that each has the time that a case may take.
fn races(n: usize, rounds: usize) {
    for direct in [true, false] {
        for _ in 0..rounds / 50 {
            limited(|| two_threads().block_on(race(Way { direct }, n, 50)));
        }
    }
}

#[test]
fn races_of_two() {
    races(2, 1_500);
}

#[test]
fn races_of_rings() {
    races(5, 750);
}

#[test]
fn a_blocked_thread_is_answered_in_a_race() {
    let runtime = two_threads();
    let (a, b) = runtime.block_on(async { pair(Way { direct: true }) });
    for _ in 0..100 {
        let gate = Gate::default();
        let threads = [(a.clone(), b.clone()), (b.clone(), a.clone())].map(|(from, to)| {
            let gate = gate.clone();
            std::thread::spawn(move || from.call(gate, to).blocking())
        });
        limited(|| until_blocking(|| gate.arrivals() == 2));
        gate.open(2);
        let heard = threads.map(|thread| thread.join().unwrap());
        assert_eq!(heard.iter().filter(|heard| heard.is_err()).count(), 1, "{heard:?}");
    }
}

both_ways!(
    rings_of_any_length,
    a_long_chain_is_no_cycle,
    the_way_into_a_cycle_is_not_told,
    what_is_refused_never_ran,
    a_cycle_has_steps,
    a_call_of_a_generic_method,
    an_onlooker_gets_its_answer,
    a_caller_that_has_gone_changes_nothing,
    a_call_that_waits_for_room,
    what_was_refused_leaves_the_line,
    a_mailbox_that_rejects_is_full,
    one_that_was_started_before,
    one_that_another_started,
    both_of_a_join,
    either_of_a_select,
    a_call_that_was_given_up_does_not_count,
    a_call_that_a_task_waits_for_does_not_count,
    a_kept_reply_may_be_given_by_anybody,
    a_forwarded_call_is_nobodys_wait,
    a_handler_that_waits_for_something_else_keeps_nobody_for_ever,
    after_a_stop_nothing_is_served,
    one_who_has_served_enough,
    what_comes_in_between_waits_for_what_is_served,
    without_room_it_is_not_served,
    in_hooks,
    killed_in_the_middle,
);
four_ways!(
    crossing_calls,
    two_cycles_in_one_actor,
    again_and_again,
    telling_oneself,
    tells_that_wait_for_room_in_a_circle,
    a_reply_whose_handler_still_runs,
    what_is_served_waits_for_nobody,
    what_is_served_makes_room,
    an_ordinary_message_waits_for_one_who_serves,
    what_is_served_and_waits_for_its_own_actor,
    what_is_served_serves,
    the_reader_of_a_stream,
);
both_ways_paused!(
    a_tell_with_a_deadline,
    a_wait_that_ends_earlier,
    an_inherited_deadline_ends_all_at_once,
    its_own_deadline_does_not_count,
    a_deadline_of_the_one_who_serves_does_not_help,
    after_the_earlier_wait_has_ended,
    a_task_of_its_own_is_not_seen,
    what_it_cannot_see_beside_a_request_does_not_count,
    a_stream_beside_its_actor_is_a_task_of_its_own,
    one_that_will_be_cut_off_earlier,
    one_that_is_made_anew_waits_for_nobody,
);
both_ways_outside!(a_blocking_caller);
