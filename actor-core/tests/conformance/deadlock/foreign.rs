//! Messages that are not the actor's own: of protocols and of generic methods.

use super::node::{NodeHandle, Told, deadlock, node, pair};
use crate::kit::{Gate, Way, settle};
use actor_core::prelude::*;
use std::future::Future;

#[actor]
trait Peer {
    fn poke(&mut self) -> u32;
    #[message(urgent)]
    fn hurry(&mut self) -> u32;
    #[message(interleave)]
    fn open(&mut self) -> u32;
    async fn pass(&mut self, route: Vec<PeerHandle>) -> Result<u32, Told>;
    async fn flood(&mut self, gate: Gate, to: PeerHandle, urgent: bool) -> Result<u32, Told>;
    async fn ask(&mut self, to: PeerHandle, open: bool) -> Result<u32, Told>;
    async fn later(&mut self, to: PeerHandle, reply: ReplyTo<Result<u32, Told>>);
}

/// How a peer does what all do.
mod peer {
    use super::*;

    pub async fn pass(route: Vec<PeerHandle>) -> Result<u32, Told> {
        match route.split_first() {
            None => Ok(0),
            Some((next, rest)) => Ok(next.pass(rest.to_vec()).await? + 1),
        }
    }

    /// How often it could tell.
    pub async fn flood(gate: Gate, to: PeerHandle, urgent: bool) -> Result<u32, Told> {
        gate.pass().await;
        for told in 0..3 {
            let tell = if urgent { to.hurry().tell() } else { to.poke().tell() };
            match tell.await {
                Ok(()) => {}
                Err(TellError::Deadlock(PeerMessage::Poke | PeerMessage::Hurry, cycle)) => {
                    return Err(Told::Deadlock(format!("{told}: {cycle}")));
                }
                Err(other) => return Err(Told::Other(other.to_string())),
            }
        }
        Ok(3)
    }

    pub async fn ask(to: PeerHandle, open: bool) -> Result<u32, Told> {
        Ok(if open { to.open().await? } else { to.poke().await? })
    }
}

#[actor(mailbox = 1)]
struct Left;

#[actor]
impl Left {
    pub async fn wait_for<T: Send + 'static>(
        &mut self,
        other: impl Future<Output = T> + Send + 'static,
    ) -> T {
        other.await
    }
    pub async fn serves(&mut self, ctx: &mut Context<Self>, to: PeerHandle, open: bool) -> Result<u32, Told> {
        let me = ctx.handle().into();
        Ok(ctx.serving(self, to.ask(me, open)).await?)
    }
    pub async fn serves_until(&mut self, ctx: &mut Context<Self>, gate: tokio::sync::oneshot::Receiver<()>) {
        ctx.serving(self, gate).await.ok();
    }
    #[message(interleave)]
    pub async fn served<R: Send + 'static>(
        &mut self,
        to: PeerHandle,
        f: impl FnOnce(u32) -> R + Send + 'static,
    ) -> R {
        f(to.poke().await.map_or(0, |n| n + 1))
    }
    pub async fn pokes(&mut self, ctx: &mut Context<Self>) -> Result<u32, Told> {
        let me = PeerHandle::from(ctx.handle());
        Ok(me.poke().await?)
    }
    pub async fn asks_later(&mut self, ctx: &mut Context<Self>, to: PeerHandle) -> Result<u32, Told> {
        let me = ctx.handle().into();
        Ok(to.later(me).await?)
    }
}

/// Another kind, with another mailbox.
#[actor(mailbox = 1)]
struct Right;

#[actor]
impl Right {}

macro_rules! peers {
    ($($actor:ident),+) => { $(impl Peer for $actor {
        fn poke(&mut self) -> u32 {
            6
        }
        fn hurry(&mut self) -> u32 {
            6
        }
        fn open(&mut self) -> u32 {
            5
        }
        async fn pass(&mut self, route: Vec<PeerHandle>) -> Result<u32, Told> {
            peer::pass(route).await
        }
        async fn flood(&mut self, gate: Gate, to: PeerHandle, urgent: bool) -> Result<u32, Told> {
            peer::flood(gate, to, urgent).await
        }
        async fn ask(&mut self, to: PeerHandle, open: bool) -> Result<u32, Told> {
            peer::ask(to, open).await
        }
        async fn later(&mut self, to: PeerHandle, reply: ReplyTo<Result<u32, Told>>) {
            let heard = peer::ask(to, false).await;
            let _ = reply.send(heard);
        }
    })+ };
}
peers!(Left, Right);

fn left(way: Way, name: &str) -> LeftHandle {
    Left.spawn_with(way.spawn().name(name))
}

fn right(way: Way, name: &str) -> PeerHandle {
    Right.spawn_with(way.spawn().name(name)).into()
}

fn peers(way: Way, n: usize) -> Vec<PeerHandle> {
    let peer = |i: usize| match i % 2 {
        0 => left(way, &format!("n{i}")).into(),
        _ => right(way, &format!("n{i}")),
    };
    (0..n).map(peer).collect()
}

async fn rings_of_several_kinds(way: Way) {
    for n in [1, 2, 3, 8] {
        let peers = peers(way, n);
        let route = peers[1..].iter().chain(&peers[..1]).cloned().collect();
        let text = deadlock(peers[0].pass(route).await);
        let steps: Vec<_> = (0..n).chain([0]).map(|i| format!("n{i}.pass")).collect();
        assert_eq!(text, steps.join(" -> "));
        for peer in &peers {
            assert_eq!(peer.poke().await.unwrap(), 6);
        }
    }
}

async fn by_a_handle_of_its_own_protocol(way: Way) {
    assert_eq!(deadlock(left(way, "a").pokes().await), "a.pokes -> a.poke");
}

async fn tells_of_a_protocol_that_wait_for_room(way: Way) {
    for urgent in [false, true] {
        let (peers, gate) = (peers(way, 2), Gate::default());
        let floods = [
            peers[0].flood(gate.clone(), peers[1].clone(), urgent).start(),
            peers[1].flood(gate.clone(), peers[0].clone(), urgent).start(),
        ];
        gate.arrived(2).await;
        gate.open(2);
        let mut told = 0;
        for flood in floods {
            match flood.await {
                Ok(3) => {}
                heard => {
                    let text = deadlock(heard);
                    assert!(text.contains("n0.flood -> n1.") || text.contains("n1.flood -> n0."), "{text}");
                    told += 1;
                }
            }
        }
        assert_eq!(told, 1);
        assert_eq!(peers[0].poke().await.unwrap(), 6);
    }
}

async fn a_call_of_a_protocol_that_waits_for_room(way: Way) {
    let (a, b) = (left(way, "a"), right(way, "b"));
    let (go, gone) = tokio::sync::oneshot::channel::<()>();
    let (me, other) = (PeerHandle::from(a.clone()), b.clone());
    let call = a
        .wait_for(async move {
            gone.await.unwrap();
            other.ask(me, false).await
        })
        .start();
    settle().await;
    PeerHandle::from(a.clone()).poke().try_tell().unwrap();
    go.send(()).unwrap();
    let Err(CallError::Handler(Told::Deadlock(text))) = call.await.unwrap() else { panic!() };
    assert_eq!(text, "a.wait_for -> b.ask -> a.poke");
    assert_eq!(PeerHandle::from(a).poke().await.unwrap(), 6);
}

async fn one_that_serves_a_protocol(way: Way) {
    let (a, b) = (left(way, "a"), right(way, "b"));
    assert_eq!(a.serves(b.clone(), true).await.unwrap(), 5, "it comes in between");
    assert_eq!(deadlock(a.serves(b, false).await), "a.serves -> b.ask -> a.poke");
}

async fn what_is_served_may_be_generic(way: Way) {
    let (a, b) = (left(way, "a"), right(way, "b"));
    let (gate, shut) = tokio::sync::oneshot::channel();
    let serves = a.serves_until(shut).start();
    settle().await;
    assert_eq!(a.served(b, |n| n).await.unwrap(), 7);
    assert_eq!(a.served(a.clone().into(), |n| n).await.unwrap(), 0, "its call is refused");
    gate.send(()).unwrap();
    serves.await.unwrap();
}

async fn a_reply_of_a_protocol_whose_handler_still_runs(way: Way) {
    let (a, b) = (left(way, "a"), right(way, "b"));
    assert_eq!(deadlock(a.asks_later(b).await), "a.asks_later -> b.later -> a.poke");
}

async fn generic_handlers_that_wait(way: Way) {
    let (a, b) = (left(way, "a"), left(way, "b"));
    let (to, back) = (b.clone(), a.clone());
    let heard = a.wait_for(async move { to.wait_for(async move { back.wait_for(async { 1 }).await }).await });
    let Err(CallError::Deadlock(cycle)) = heard.await.unwrap().unwrap() else { panic!() };
    assert_eq!(cycle.to_string(), "a.wait_for -> b.wait_for -> a.wait_for");
    assert_eq!(a.wait_for(async move { b.wait_for(async { 1 }).await }).await.unwrap().unwrap(), 1);
}

async fn a_call_of_a_generic_method(way: Way) {
    let (a, b): (NodeHandle, NodeHandle) = pair(way);
    assert_eq!(deadlock(a.call_generic(a.clone()).await), "a.call_generic -> a.generic");
    assert_eq!(a.call_generic(b).await.unwrap(), 1);
}

async fn own_and_foreign_messages_in_one_ring(way: Way) {
    let (a, b) = (left(way, "a"), node(way, "b"));
    let (to, back) = (b.clone(), a.clone());
    let call = a.wait_for(async move {
        let given = PeerHandle::from(back).poke().start();
        to.given(std::sync::Arc::new(tokio::sync::Mutex::new(Some(given)))).await
    });
    let Err(CallError::Handler(Told::Deadlock(text))) = call.await.unwrap() else { panic!() };
    assert_eq!(text, "a.wait_for -> b.given -> a.poke");
}

both_ways!(
    by_a_handle_of_its_own_protocol,
    a_call_of_a_protocol_that_waits_for_room,
    one_that_serves_a_protocol,
    what_is_served_may_be_generic,
    a_reply_of_a_protocol_whose_handler_still_runs,
    generic_handlers_that_wait,
    a_call_of_a_generic_method,
    own_and_foreign_messages_in_one_ring,
);
four_ways!(rings_of_several_kinds, tells_of_a_protocol_that_wait_for_room);
