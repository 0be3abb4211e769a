//! An actor that waits in all ways.

use crate::kit::{Gate, Way, ms, poll_once};
use actor_core::Step;
use actor_core::prelude::*;
use futures::future::{Either, join, join_all, select};
use futures::{Stream, StreamExt, stream};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::time::sleep;

#[actor(mailbox = 1)]
#[derive(Default)]
pub struct Node {
    pub ran: Arc<AtomicUsize>,
    pub kept: Kept,
}

pub type Kept = Arc<std::sync::Mutex<Option<ReplyTo<u32>>>>;

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
    pub fn is_deadlock(&self) -> bool {
        matches!(self, Told::Deadlock(_))
    }
}

pub type Heard = Result<u32, Told>;

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
    #[message(urgent)]
    pub fn hurry(&mut self) {}
    pub async fn flood_urgent(&mut self, gate: Gate, to: NodeHandle, most: u32) -> Result<u32, Told> {
        gate.pass().await;
        for told in 0..most {
            if let Err(TellError::Deadlock(NodeMessage::Hurry, cycle)) = to.hurry().tell().await {
                return Err(Told::Deadlock(format!("{told}: {cycle}")));
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
    /// How often the other had answered when the own call was told.
    pub async fn busy_beside(&mut self, ctx: &mut Context<Self>, other: NodeHandle) -> usize {
        let me = ctx.handle();
        let (answered, when) = (AtomicUsize::new(0), AtomicUsize::new(0));
        tokio::join!(
            async {
                me.plain().await.unwrap_err();
                when.store(answered.load(SeqCst), SeqCst);
            },
            async {
                for _ in 0..1_000 {
                    other.plain().await.unwrap();
                    answered.fetch_add(1, SeqCst);
                }
            }
        );
        when.into_inner()
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
    /// The same in one poll, and then it waits for itself.
    pub async fn gave_up_at_once(
        &mut self,
        ctx: &mut Context<Self>,
        to: NodeHandle,
        gate: Gate,
    ) -> Result<u32, Told> {
        let me = ctx.handle();
        drop(select(to.hold(gate), std::future::ready(())).await);
        Ok(me.plain().await?)
    }
    /// Keeps a call that has been answered and does not look, and waits for itself.
    #[message(concurrent)]
    pub async fn looks_away(
        &self,
        ctx: &mut Context<Self>,
        to: NodeHandle,
        gates: (Gate, Gate),
    ) -> Result<u32, Told> {
        let (me, (held, leave)) = (ctx.handle(), gates);
        let mut call = to.hold(held).start();
        drop(select(Box::pin(leave.pass()), &mut call).await);
        me.plain().await?;
        Ok(call.await?)
    }
    /// Keeps a call that has been answered and does not look, while many others come, and waits in a circle.
    pub async fn looks_away_from_many(
        &mut self,
        ctx: &mut Context<Self>,
        held: NodeHandle,
        to: NodeHandle,
        gates: (Gate, Gate, Gate),
    ) -> Result<u32, Told> {
        let (me, (kept, gate, last)) = (ctx.handle(), gates);
        let mut call = held.hold(kept).start();
        assert!(poll_once(&mut call).await.is_none());
        let many = join_all((0..3000).map(|_| to.hold(gate.clone())));
        let (_, last) = join(many, to.call_plain_after(last, me)).await;
        drop(call);
        Ok(last?)
    }
    /// Waits for one that waits for this one, and answers meanwhile.
    pub async fn serves_in_a_circle(&mut self, ctx: &mut Context<Self>, to: NodeHandle) -> Result<u32, Told> {
        let me = ctx.handle();
        Ok(ctx.serving(self, to.call_plain(me)).await?)
    }
    #[message(interleave)]
    pub async fn leaves_one(&self, to: NodeHandle, gate: Gate) {
        drop(select(to.hold(gate), std::future::ready(())).await);
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
    pub async fn call_plain_after(&mut self, gate: Gate, to: NodeHandle) -> Result<u32, Told> {
        gate.pass().await;
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
    pub fn generic_items<T: Send + 'static>(
        &mut self,
        to: NodeHandle,
        f: impl Fn(Heard) -> T + Send + Sync + 'static,
    ) -> impl Stream<Item = T> {
        let _ = &self.ran;
        stream::once(async move { f(to.plain().await.map_err(Told::from)) })
    }
    pub fn plain_items(&mut self) -> impl Stream<Item = u32> {
        let _ = &self.ran;
        stream::iter(0..1_000)
    }
    pub fn relay(&mut self, from: NodeHandle) -> impl Stream<Item = Heard> {
        let _ = &self.ran;
        stream::once(async move {
            let mut items = from.plain_items().await?;
            Ok(items.next().await.unwrap()?)
        })
    }
    pub fn gated_items(&mut self, gate: Gate) -> impl Stream<Item = Heard> {
        let _ = &self.ran;
        stream::once(async move {
            gate.pass().await;
            Ok(7)
        })
    }
    pub async fn read_relayed(&mut self, ctx: &mut Context<Self>, from: NodeHandle) -> Vec<Heard> {
        let items = from.relay(ctx.handle()).await.unwrap();
        items.map(Result::unwrap).collect().await
    }
    pub async fn read_generic(&mut self, ctx: &mut Context<Self>, from: NodeHandle) -> Vec<Heard> {
        let items = from.generic_items(ctx.handle(), |heard| heard).await.unwrap();
        items.map(Result::unwrap).collect().await
    }
    /// Of one that waits for this actor, and of one that does not.
    pub async fn read_either(
        &mut self,
        ctx: &mut Context<Self>,
        one: NodeHandle,
        other: NodeHandle,
        gate: Gate,
    ) -> Heard {
        let mut stuck = one.relay(ctx.handle()).await?;
        let mut free = other.gated_items(gate).await?;
        let next = select(Box::pin(stuck.next()), Box::pin(free.next())).await;
        let (Either::Left((item, _)) | Either::Right((item, _))) = next;
        item.unwrap()?
    }
    /// Reads one of many, and asks whom it reads.
    pub async fn read_one_and_ask(&mut self, from: NodeHandle, time: Duration) -> Result<u32, Told> {
        let mut items = from.plain_items().await?;
        items.next().await.unwrap()?;
        Ok(from.plain().timeout(time).await?)
    }
    /// Has a thread of its own wait.
    pub async fn blocks(&mut self, to: NodeHandle, time: Duration) -> Result<u32, Told> {
        Ok(tokio::task::spawn_blocking(move || to.plain().timeout(time).blocking()).await.unwrap()?)
    }
    pub async fn locks(
        &mut self,
        gate: Gate,
        lock: Arc<tokio::sync::Mutex<()>>,
        to: NodeHandle,
    ) -> Result<u32, Told> {
        let held = lock.lock().await;
        gate.pass().await;
        let heard = to.locks(Gate::default(), Arc::clone(&lock), to.clone()).await;
        drop(held);
        heard.map_err(Told::from)
    }
    pub async fn wait_for<T: Send + 'static>(
        &mut self,
        other: impl Future<Output = T> + Send + 'static,
    ) -> T {
        other.await
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

pub(super) fn node(way: Way, name: &str) -> NodeHandle {
    Node::default().spawn_with(way.spawn().name(name))
}

pub(super) fn nodes(way: Way, n: usize) -> Vec<NodeHandle> {
    (0..n).map(|i| node(way, &format!("n{i}"))).collect()
}

pub(super) fn pair(way: Way) -> (NodeHandle, NodeHandle) {
    (node(way, "a"), node(way, "b"))
}

pub(super) fn deadlock<T: std::fmt::Debug>(answer: Result<T, CallError<Told>>) -> String {
    match answer {
        Err(CallError::Handler(Told::Deadlock(cycle))) => cycle,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn all_go_on(nodes: &[NodeHandle]) {
    for node in nodes {
        assert_eq!(node.plain().await.unwrap(), 6);
    }
}
