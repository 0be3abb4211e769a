//! The story as the library plays it.

use crate::leaf::{Leaf, LeafHandle, LeafMessage, World};
use crate::model::{LEFT, Model, life_of, told_of};
use crate::plan::{Along, GRACE, How, Kind, Limit, Plan, Policy, Trouble, What, seconds};
use actor_core::prelude::*;
use actor_core::{Backoff, Supervise, Supervisor, SupervisorHandle};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Context as Cx, Poll, Waker};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;

enum Member {
    Leaf(LeafHandle, Arc<World>),
    Group(SupervisorHandle),
}

/// A call, whose caller is a task of its own, and what it was told.
struct Call {
    leaf: usize,
    caller: Option<JoinHandle<Result<u32, CallError>>>,
    told: Option<String>,
}

pub(crate) struct Stage {
    direct: bool,
    members: Vec<Member>,
    calls: Vec<Call>,
    /// When the story began, and how long ago that is.
    began: Option<Instant>,
    now: u64,
}

fn supervise(direct: bool, Policy { kind, limit: Limit(most, within), backoff }: Policy) -> Supervise {
    let policy = match kind {
        Kind::Permanent => Supervise::permanent(),
        Kind::Transient => Supervise::transient(),
        Kind::Temporary => Supervise::temporary(),
    };
    let policy = policy.intensity(most, seconds(within)).grace(seconds(GRACE));
    let policy = policy.with(Spawn::new().direct(direct));
    match backoff {
        Some(first) => policy.backoff(Backoff::exponential(seconds(first), seconds(4 * first)).jitter(0.0)),
        None => policy,
    }
}

fn supervisor(strategy: Along, Limit(most, within): Limit) -> Supervisor {
    let supervisor = match strategy {
        Along::OneForOne => Supervisor::one_for_one(),
        Along::OneForAll => Supervisor::one_for_all(),
        Along::RestForOne => Supervisor::rest_for_one(),
    };
    supervisor.intensity(most, seconds(within))
}

impl Stage {
    pub(crate) fn new(direct: bool) -> Self {
        Stage { direct, members: Vec::new(), calls: Vec::new(), began: None, now: 0 }
    }

    pub(crate) async fn begin(&mut self) {
        // To a full tick of the clock.
        self.settle().await;
        self.began = Some(Instant::now());
    }

    pub(crate) fn plant(&mut self, group: Option<usize>, plan: &Plan) {
        let above = match group.map(|group| &self.members[group]) {
            Some(Member::Group(above)) => Some(above.clone()),
            _ => None,
        };
        match (plan, above) {
            (Plan::Leaf(policy), Some(above)) => {
                let world = World::new();
                let handle = above.child(supervise(self.direct, *policy), {
                    let world = Arc::clone(&world);
                    move || Leaf::make(&world)
                });
                self.members.push(Member::Leaf(handle, world));
            }
            (Plan::Group(policy, strategy, limit, children), above) => {
                let supervisor = supervisor(*strategy, *limit);
                let handle = match above {
                    Some(above) => above.supervisor(supervise(self.direct, *policy), supervisor),
                    None => supervisor.spawn(),
                };
                let place = self.members.len();
                self.members.push(Member::Group(handle));
                for child in children {
                    self.plant(Some(place), child);
                }
            }
            (Plan::Leaf(_), None) => unreachable!("the root is a group"),
        }
    }

    fn leaf(&self, place: usize) -> (&LeafHandle, &World) {
        match &self.members[place] {
            Member::Leaf(handle, world) => (handle, world),
            Member::Group(_) => unreachable!("a leaf is meant"),
        }
    }

    pub(crate) async fn call(&mut self, leaf: usize, what: What, how: How, limit: Option<Duration>) {
        let handle = self.leaf(leaf).0.clone();
        let limit = limit.unwrap_or(Duration::MAX);
        let mut reply: Pin<Box<dyn Future<Output = _> + Send>> = match how {
            How::Started => Box::pin(request(&handle, what).timeout(limit).start()),
            How::Awaited => Box::pin(async move { request(&handle, what).timeout(limit).await }),
        };
        let (told, caller) = match futures::poll!(&mut reply) {
            Poll::Ready(answer) => (Some(words(answer)), None),
            Poll::Pending => (None, Some(tokio::spawn(reply))),
        };
        self.calls.push(Call { leaf, caller, told });
    }

    pub(crate) fn leave(&mut self, call: usize) {
        let call = &mut self.calls[call];
        if let Some(caller) = call.caller.take() {
            caller.abort();
            call.told = Some(LEFT.to_owned());
        }
    }

    pub(crate) fn release(&self, leaf: usize) {
        self.leaf(leaf).1.gate.add_permits(1);
    }

    pub(crate) fn trouble(&self, leaf: usize, times: u32, what: Trouble) {
        for member in &self.members {
            if let Member::Leaf(_, world) = member {
                *world.trouble.lock().unwrap() = None;
            }
        }
        *self.leaf(leaf).1.trouble.lock().unwrap() = Some((times, what));
    }

    pub(crate) fn stop(&self, who: usize) {
        match &self.members[who] {
            Member::Leaf(leaf, _) => leaf.stop(),
            Member::Group(group) => group.stop(),
        }
    }

    pub(crate) fn stop_within(&self, who: usize, grace: Duration) {
        match &self.members[who] {
            Member::Leaf(leaf, _) => leaf.stop_within(grace),
            Member::Group(group) => group.stop_within(grace),
        }
    }

    pub(crate) fn kill(&self, who: usize) {
        match &self.members[who] {
            Member::Leaf(leaf, _) => leaf.kill(),
            Member::Group(group) => group.kill(),
        }
    }

    pub(crate) async fn wait(&mut self, time: u64) {
        self.now += time;
        if let Some(began) = self.began {
            tokio::time::sleep_until(began + seconds(self.now)).await;
        }
    }

    /// Lets all tasks run as far as they can: the clock leaps, by next to nothing, when nobody can go on.
    pub(crate) async fn settle(&self) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    pub(crate) fn report(&mut self, model: &Model) -> Vec<String> {
        let cx = &mut Cx::from_waker(Waker::noop());
        let mut lines = Vec::new();
        for (place, member) in self.members.iter().enumerate() {
            let (stopped, made) = match member {
                Member::Leaf(leaf, world) => (leaf.stopped(), world.made.load(SeqCst)),
                Member::Group(group) => (group.stopped(), 0),
            };
            let life = match Pin::new(&mut { stopped }).poll(cx) {
                Poll::Ready(reason) => name(&reason),
                Poll::Pending => "lives",
            };
            lines.push(life_of(place, life, (!model.is_swept(place)).then_some(made)));
        }
        for (number, call) in self.calls.iter_mut().enumerate() {
            if let Some(caller) = &mut call.caller
                && let Poll::Ready(answer) = Pin::new(caller).poll(cx)
            {
                call.told = Some(answer.map_or_else(|error| error.to_string(), words));
                call.caller = None;
            }
            lines.push(told_of(number, call.leaf, call.told.as_deref(), model.is_swept(call.leaf)));
        }
        lines
    }
}

fn request(handle: &LeafHandle, what: What) -> Request<'_, LeafMessage, u32> {
    match what {
        What::Add => handle.add(),
        What::Hold => handle.hold(),
        What::Panic => handle.burst(),
        What::Fail => handle.fail(),
        What::Leave => handle.leave(),
        What::Last => handle.last(),
    }
}

fn words(answer: Result<u32, CallError>) -> String {
    match answer {
        Ok(incarnation) => format!("answered by {incarnation}"),
        Err(CallError::Interrupted(reason)) => format!("interrupted, {}", name(&reason)),
        Err(CallError::NotRunning) => "not running".to_owned(),
        Err(CallError::TimedOut { started: true }) => "timed out, running".to_owned(),
        Err(CallError::TimedOut { started: false }) => "timed out, never ran".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

fn name(reason: &ExitReason) -> &'static str {
    match reason {
        ExitReason::Stopped => "stopped",
        ExitReason::Finished => "finished",
        ExitReason::Killed => "killed",
        ExitReason::Panicked(_) => "panicked",
        ExitReason::Failed(_) => "failed",
        _ => "ended",
    }
}
