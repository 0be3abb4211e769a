//! A worker for the cases of supervision, whose world outlives its incarnations.

use crate::kit::{Gate, Log, Way, until};
use actor_core::prelude::*;
use actor_core::{ActorId, Exit, Supervise, SupervisorHandle};
use futures::stream::{self, Stream, StreamExt};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What goes wrong in a start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Trouble {
    MakePanics,
    StartPanics,
    StartFails,
    /// Asks for its own end.
    StartLeaves,
    /// Waits for the gate.
    StartWaits,
    /// Nothing, this time.
    None,
}

/// All ways in which a start is a fall.
pub(crate) const TROUBLES: [Trouble; 3] = [Trouble::MakePanics, Trouble::StartPanics, Trouble::StartFails];

/// A way of ending one.
pub(crate) type End = fn(&WorkerHandle);

/// What stays when a worker is made anew: also the troubles of the starts to come.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) way: Way,
    pub(crate) gate: Gate,
    pub(crate) log: Log,
    troubles: Arc<Mutex<VecDeque<Trouble>>>,
    name: &'static str,
}

impl World {
    pub(crate) fn new(way: Way) -> Self {
        Self::named(way, "w", &Log::default())
    }

    pub(crate) fn named(way: Way, name: &'static str, log: &Log) -> Self {
        World { way, gate: Gate::default(), log: log.clone(), troubles: Arc::default(), name }
    }

    pub(crate) fn troubled(self, troubles: impl IntoIterator<Item = Trouble>) -> Self {
        self.expect(troubles);
        self
    }

    pub(crate) fn expect(&self, troubles: impl IntoIterator<Item = Trouble>) {
        self.troubles.lock().unwrap().extend(troubles);
    }

    /// How often it was made, or tried to.
    pub(crate) fn made(&self) -> usize {
        self.log.count(&format!("{} made", self.name))
    }

    pub(crate) async fn is_made(&self, times: usize) {
        until(|| self.made() >= times).await;
    }

    pub(crate) fn make(&self) -> Worker {
        self.log.push(format!("{} made", self.name));
        let trouble = self.troubles.lock().unwrap().pop_front().unwrap_or(Trouble::None);
        assert!(trouble != Trouble::MakePanics, "badly made");
        Worker { n: 0, world: self.clone(), trouble, kept: Vec::new() }
    }

    fn policy(&self, policy: Supervise) -> (Supervise, impl FnMut() -> Worker + Send + 'static) {
        let world = self.clone();
        (policy.with(self.way.spawn().name(self.name)), move || world.make())
    }

    pub(crate) fn supervised(&self, policy: Supervise) -> WorkerHandle {
        let (policy, make) = self.policy(policy);
        Worker::supervised(policy, make)
    }

    pub(crate) fn below(&self, supervisor: &SupervisorHandle, policy: Supervise) -> WorkerHandle {
        let (policy, make) = self.policy(policy);
        supervisor.child(policy, make)
    }
}

#[actor(mailbox = 8)]
pub(crate) struct Worker {
    n: u32,
    pub(crate) world: World,
    trouble: Trouble,
    kept: Vec<ReplyTo<u32>>,
}

impl Worker {
    fn note(&self, event: &str) {
        self.world.log.push(format!("{} {event}", self.world.name));
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.note("dropped");
    }
}

#[actor]
impl Worker {
    #[on_start]
    async fn begin(&mut self, ctx: &mut Context<Self>) -> Result<(), String> {
        match self.trouble {
            Trouble::StartFails => return Err("bad start".to_owned()),
            Trouble::StartPanics => panic!("torn at the start"),
            Trouble::StartLeaves => ctx.stop(),
            Trouble::StartWaits => self.world.gate.pass().await,
            Trouble::MakePanics | Trouble::None => {}
        }
        self.note("starts");
        Ok(())
    }
    #[on_stop]
    fn stopping(&mut self) {
        self.note("stops");
    }
    #[on_exit]
    async fn lost(&mut self, exit: &Exit) {
        self.note(&format!("lost {}: {}", exit.name.as_deref().unwrap_or("?"), exit.reason));
    }
    pub fn add(&mut self) -> u32 {
        self.n += 1;
        self.n
    }
    pub fn note_it(&mut self, what: &str) {
        self.note(what);
    }
    pub fn id(&self, ctx: &mut Context<Self>) -> ActorId {
        ctx.id()
    }
    pub async fn hold(&mut self) -> u32 {
        self.world.gate.pass().await;
        self.n
    }
    pub fn burst(&mut self) {
        panic!("boom");
    }
    pub async fn burst_late(&mut self) {
        self.world.gate.pass().await;
        panic!("late boom");
    }
    pub fn fail(&mut self, ctx: &mut Context<Self>) {
        ctx.fail("out of paper");
    }
    pub fn leave(&mut self, ctx: &mut Context<Self>) {
        ctx.stop();
    }
    pub async fn last(self) -> u32 {
        self.world.gate.pass().await;
        self.n
    }
    pub fn keep(&mut self, reply: ReplyTo<u32>) {
        self.kept.push(reply);
    }
    pub fn pass_on(&mut self, reply: ReplyTo<u32>) {
        let gate = self.world.gate.clone();
        tokio::spawn(async move {
            gate.pass().await;
            let _ = reply.send(9);
        });
    }
    pub async fn serve(&mut self, ctx: &mut Context<Self>) {
        let gate = self.world.gate.clone();
        ctx.serving(self, async move { gate.pass().await }).await;
    }
    #[message(interleave)]
    pub fn served(&mut self) -> u32 {
        self.n
    }
    #[message(interleave)]
    pub fn served_burst(&mut self) {
        panic!("served boom");
    }
    pub fn tick_after(&mut self, ctx: &mut Context<Self>, time: Duration) {
        ctx.after("tick", time, WorkerMessage::NoteIt { what: "ticked".to_owned() });
    }
    pub fn note_after(&mut self, ctx: &mut Context<Self>, what: &'static str, time: Duration) {
        ctx.after(what, time, WorkerMessage::NoteIt { what: what.to_owned() });
    }
    pub fn note_every(&mut self, ctx: &mut Context<Self>, key: u64, time: Duration) {
        ctx.every(key, time, || WorkerMessage::NoteIt { what: "every".to_owned() });
    }
    pub fn cancel_after(&mut self, ctx: &mut Context<Self>, what: &'static str) -> bool {
        ctx.cancel(what)
    }
    pub fn watch(&mut self, ctx: &mut Context<Self>, whom: WorkerHandle) {
        ctx.watch(&whom);
    }
    pub fn unwatch(&mut self, ctx: &mut Context<Self>, whom: WorkerHandle) {
        ctx.unwatch(&whom);
    }
    pub fn watch_killer(&mut self, ctx: &mut Context<Self>, whom: crate::otp::KillerHandle) {
        ctx.watch(&whom);
    }
    pub fn watch_supervisor(&mut self, ctx: &mut Context<Self>, whom: SupervisorHandle) {
        ctx.watch(&whom);
    }
    pub fn child(&mut self, ctx: &mut Context<Self>, world: World) -> WorkerHandle {
        let how = world.way.spawn().name(world.name);
        ctx.spawn_with(world.make(), how)
    }
    pub fn supervised_child(
        &mut self,
        ctx: &mut Context<Self>,
        world: World,
        grace: Duration,
    ) -> WorkerHandle {
        let (policy, make) = world.policy(Supervise::permanent().grace(grace));
        ctx.supervised(policy, make)
    }
    /// Runs beside the actor.
    pub fn beside(&self) -> impl Stream<Item = u32> + Send + 'static {
        stream::iter([1]).chain(stream::pending())
    }
}
