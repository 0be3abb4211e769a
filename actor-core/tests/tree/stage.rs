//! The story as the library plays it.

use crate::leaf::{Leaf, LeafHandle, LeafMessage, World};
use crate::model::{Model, life_of, told_of};
use crate::plan::{Along, GRACE, How, Kind, Limit, Plan, Policy, Trouble, What, seconds};
use actor_core::prelude::*;
use actor_core::{Backoff, Supervise, Supervisor, SupervisorHandle};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Context as Cx, Poll, Waker};
use std::time::Duration;
use tokio::time::Instant;

enum Member {
    Leaf(LeafHandle, Arc<World>),
    Group(SupervisorHandle),
}

/// A call, and what its caller was told.
struct Call {
    leaf: usize,
    reply: Pin<Box<dyn Future<Output = Result<u32, CallError>>>>,
    told: Option<String>,
}

#[derive(Default)]
pub(crate) struct Stage {
    members: Vec<Member>,
    calls: Vec<Call>,
    /// When the story began, and how long ago that is.
    began: Option<Instant>,
    now: u64,
}

fn supervise(Policy { kind, limit: Limit(most, within), backoff }: Policy) -> Supervise {
    let policy = match kind {
        Kind::Permanent => Supervise::permanent(),
        Kind::Transient => Supervise::transient(),
        Kind::Temporary => Supervise::temporary(),
    };
    let policy = policy.intensity(most, seconds(within)).grace(seconds(GRACE));
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
                let handle = above.child(supervise(*policy), {
                    let world = Arc::clone(&world);
                    move || Leaf::make(&world)
                });
                self.members.push(Member::Leaf(handle, world));
            }
            (Plan::Group(policy, strategy, limit, children), above) => {
                let supervisor = supervisor(*strategy, *limit);
                let handle = match above {
                    Some(above) => above.supervisor(supervise(*policy), supervisor),
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

    pub(crate) async fn call(&mut self, leaf: usize, what: What, how: How) {
        let handle = self.leaf(leaf).0.clone();
        let mut reply: Pin<Box<dyn Future<Output = _>>> = match how {
            How::Started => Box::pin(request(&handle, what).start()),
            How::Awaited => Box::pin(async move { request(&handle, what).await }),
        };
        let told = match futures::poll!(&mut reply) {
            Poll::Ready(answer) => Some(words(answer)),
            Poll::Pending => None,
        };
        self.calls.push(Call { leaf, reply, told });
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
            if call.told.is_none()
                && let Poll::Ready(answer) = call.reply.as_mut().poll(cx)
            {
                call.told = Some(words(answer));
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
