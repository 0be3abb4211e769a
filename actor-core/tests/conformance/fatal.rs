//! Messages whose error ends their actor if nobody waits for it.

use crate::kit::{Way, ms, settle};
use actor_core::prelude::*;
use actor_core::{ExitReason, Supervise};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("broken by {0}")]
pub struct Broken(u32);

type Outcome = Result<u32, Broken>;

#[actor]
trait Breakable: Sync {
    #[message(fatal)]
    fn crack(&mut self, n: u32) -> Result<u32, Broken>;
    #[message(fatal, concurrent)]
    async fn scratch(&self, n: u32) -> Result<u32, Broken>;
}

#[actor]
#[derive(Default)]
struct Vase {
    sum: u32,
}

fn whole(n: u32) -> Result<u32, Broken> {
    if n == 0 { Err(Broken(n)) } else { Ok(n) }
}

#[actor]
impl Vase {
    #[message(fatal)]
    pub fn add(&mut self, n: u32) -> Result<u32, Broken> {
        self.sum += whole(n)?;
        Ok(self.sum)
    }
    #[message(fatal)]
    pub async fn ready(&mut self, n: u32) -> Result<u32, Broken> {
        self.add(n)
    }
    #[message(fatal)]
    pub async fn waits(&mut self, n: u32) -> Result<u32, Broken> {
        tokio::task::yield_now().await;
        self.add(n)
    }
    #[message(fatal, result)]
    pub fn aliased(&mut self, n: u32) -> Outcome {
        self.add(n)
    }
    #[message(fatal)]
    pub fn text(&mut self) -> Result<(), &'static str> {
        Err("no more")
    }
    #[message(fatal)]
    pub fn boxed(&mut self, why: impl ToString) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Err(why.to_string().into())
    }
    /// One that looks for its caller's leaving has none by that.
    #[message(fatal)]
    pub async fn looks(&mut self, ctx: &mut Context<Self>) -> Result<(), Broken> {
        drop(ctx.cancelled());
        Err(Broken(1))
    }
    #[message(fatal)]
    pub async fn slow(&mut self) -> Result<(), Broken> {
        tokio::time::sleep(ms(50)).await;
        Err(Broken(2))
    }
    #[message(fatal)]
    pub fn stops(&mut self, ctx: &mut Context<Self>) -> Result<(), Broken> {
        ctx.stop();
        Err(Broken(3))
    }
    #[message(fatal, urgent, when = self.sum > 0)]
    pub fn guarded(&mut self) -> Result<(), Broken> {
        Err(Broken(self.sum))
    }
    #[message(fatal, interleave)]
    pub fn meanwhile(&mut self, n: u32) -> Result<u32, Broken> {
        self.add(n)
    }
    #[message(fatal, concurrent)]
    pub async fn look(&self, n: u32) -> Result<u32, Broken> {
        tokio::task::yield_now().await;
        whole(n)
    }
    pub async fn serve(&mut self, ctx: &mut Context<Self>) -> u32 {
        ctx.serving(self, tokio::time::sleep(ms(10))).await;
        self.sum
    }
    pub fn tick_in(&mut self, ctx: &mut Context<Self>, after: Duration) {
        ctx.after("tick", after, VaseMessage::Add { n: 0 });
    }
    pub fn read(&mut self, ctx: &mut Context<Self>, items: Vec<u32>) {
        ctx.attach(futures::stream::iter(items), |n| VaseMessage::Waits { n });
    }
    /// Nobody is told of this error, and it ends nothing.
    pub fn forgives(&mut self) -> Result<(), Broken> {
        Err(Broken(4))
    }
    pub fn sum(&self) -> u32 {
        self.sum
    }
}

impl Breakable for Vase {
    fn crack(&mut self, n: u32) -> Result<u32, Broken> {
        self.add(n)
    }
    async fn scratch(&self, n: u32) -> Result<u32, Broken> {
        whole(n)
    }
}

fn vase(way: Way) -> VaseHandle {
    Vase::default().spawn_with(way.spawn())
}

/// With the error itself, for whoever wants to look into it.
fn broken(reason: &ExitReason) -> Option<&Broken> {
    match reason {
        ExitReason::Failed(error) => error.downcast_ref(),
        _ => None,
    }
}

async fn an_error_that_is_asked_for_is_the_callers(way: Way) {
    let vase = vase(way);
    let bowl = BreakableHandle::from(vase.clone());
    assert_eq!(vase.add(3).await.unwrap(), 3);
    assert!(matches!(vase.add(0).await, Err(CallError::Handler(Broken(0)))));
    assert!(matches!(vase.ready(0).await, Err(CallError::Handler(_))));
    assert!(matches!(vase.waits(0).await, Err(CallError::Handler(_))));
    assert!(matches!(vase.waits(0).start().await, Err(CallError::Handler(_))));
    assert!(matches!(vase.aliased(0).await, Err(CallError::Handler(_))));
    assert!(matches!(vase.text().await, Err(CallError::Handler("no more"))));
    assert!(matches!(vase.boxed(7).await, Err(CallError::Handler(error)) if error.to_string() == "7"));
    assert!(matches!(vase.looks().await, Err(CallError::Handler(Broken(1)))));
    assert!(matches!(vase.guarded().await, Err(CallError::Handler(Broken(3)))));
    assert!(matches!(vase.look(0).await, Err(CallError::Handler(_))));
    assert!(matches!(vase.meanwhile(0).await, Err(CallError::Handler(_))));
    assert!(matches!(bowl.crack(0).await, Err(CallError::Handler(_))));
    assert!(matches!(bowl.scratch(0).await, Err(CallError::Handler(_))));
    assert_eq!(bowl.crack(1).await.unwrap(), 4);
    assert_eq!(vase.sum().await.unwrap(), 4);
}

/// Each of these tells something that goes wrong.
async fn one_that_is_told_ends_the_actor(way: Way) {
    async fn ends(way: Way, tell: impl AsyncFnOnce(&VaseHandle)) -> String {
        let vase = vase(way);
        vase.add(1).tell().await.unwrap();
        tell(&vase).await;
        let queued = vase.sum().start();
        let reason = vase.stopped().await;
        assert!(matches!(queued.await, Err(CallError::NotRunning)));
        reason.to_string()
    }
    assert_eq!(ends(way, async |vase| vase.add(0).tell().await.unwrap()).await, "failed: broken by 0");
    assert_eq!(ends(way, async |vase| vase.add(0).try_tell().unwrap()).await, "failed: broken by 0");
    assert_eq!(ends(way, async |vase| vase.ready(0).tell().await.unwrap()).await, "failed: broken by 0");
    assert_eq!(ends(way, async |vase| vase.waits(0).tell().await.unwrap()).await, "failed: broken by 0");
    assert_eq!(ends(way, async |vase| vase.aliased(0).tell().await.unwrap()).await, "failed: broken by 0");
    assert_eq!(ends(way, async |vase| vase.text().tell().await.unwrap()).await, "failed: no more");
    assert_eq!(ends(way, async |vase| vase.boxed("all").tell().await.unwrap()).await, "failed: all");
    assert_eq!(ends(way, async |vase| vase.looks().tell().await.unwrap()).await, "failed: broken by 1");
    assert_eq!(ends(way, async |vase| vase.guarded().tell().await.unwrap()).await, "failed: broken by 1");
    assert_eq!(ends(way, async |vase| vase.look(0).tell().await.unwrap()).await, "failed: broken by 0");
    assert_eq!(
        ends(way, async |vase| {
            BreakableHandle::from(vase.clone()).crack(0).tell().await.unwrap();
        })
        .await,
        "failed: broken by 0"
    );
    assert_eq!(
        ends(way, async |vase| {
            BreakableHandle::from(vase.clone()).scratch(0).tell().await.unwrap();
        })
        .await,
        "failed: broken by 0"
    );
}

async fn with_the_error_itself(way: Way) {
    let vase = vase(way);
    vase.add(0).tell().await.unwrap();
    assert_eq!(broken(&vase.stopped().await), Some(&Broken(0)));
}

async fn one_that_goes_well_ends_nothing(way: Way) {
    let vase = vase(way);
    vase.add(1).tell().await.unwrap();
    vase.waits(1).tell().await.unwrap();
    vase.look(1).tell().await.unwrap();
    vase.forgives().tell().await.unwrap();
    assert_eq!(vase.sum().await.unwrap(), 2);
}

async fn a_tick_and_an_item_have_no_caller(way: Way) {
    let one = vase(way);
    one.tick_in(ms(5)).await.unwrap();
    assert_eq!(broken(&one.stopped().await), Some(&Broken(0)));
    let other = vase(way);
    other.read(vec![1, 2, 0, 3]).await.unwrap();
    assert_eq!(broken(&other.stopped().await), Some(&Broken(0)));
}

/// It has asked for it, and knows that it did not get it.
async fn the_error_of_a_caller_that_has_gone_is_still_its_own(way: Way) {
    let vase = vase(way);
    let late = vase.slow().timeout(ms(5)).await;
    assert!(matches!(late, Err(CallError::TimedOut { started: true })));
    drop(vase.slow().start());
    tokio::time::sleep(ms(200)).await;
    assert_eq!(vase.sum().await.unwrap(), 0);
}

async fn a_served_one_ends_the_actor_when_the_handler_has(way: Way) {
    let vase = vase(way);
    let serves = vase.serve().start();
    settle().await;
    vase.meanwhile(5).await.unwrap();
    vase.meanwhile(0).tell().await.unwrap();
    assert_eq!(serves.await.unwrap(), 5);
    assert_eq!(broken(&vase.stopped().await), Some(&Broken(0)));
}

async fn what_the_handler_asked_for_before_counts(way: Way) {
    let vase = vase(way);
    vase.stops().tell().await.unwrap();
    assert!(matches!(vase.stopped().await, ExitReason::Stopped));
}

async fn a_supervised_actor_is_made_anew(way: Way) {
    let made = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&made);
    let vase = Vase::supervised(Supervise::transient().with(way.spawn()), move || {
        count.fetch_add(1, SeqCst);
        Vase::default()
    });
    vase.add(1).await.unwrap();
    vase.add(0).tell().await.unwrap();
    assert_eq!(vase.add(2).await.unwrap(), 2, "what is queued behind it is not lost");
    assert_eq!(made.load(SeqCst), 2);
}

both_ways_paused!(
    an_error_that_is_asked_for_is_the_callers,
    one_that_is_told_ends_the_actor,
    with_the_error_itself,
    one_that_goes_well_ends_nothing,
    a_tick_and_an_item_have_no_caller,
    the_error_of_a_caller_that_has_gone_is_still_its_own,
    a_served_one_ends_the_actor_when_the_handler_has,
    what_the_handler_asked_for_before_counts,
    a_supervised_actor_is_made_anew,
);
