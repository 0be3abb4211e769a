//! What a handler knows of its actor.

use crate::kit::{Way, poll_once, settle};
use actor_core::prelude::*;
use actor_core::{ActorId, WeakHandle};

#[actor]
#[derive(Default)]
struct Node {
    count: u32,
    weak: Option<WeakHandle<NodeHandle>>,
}

#[actor]
impl Node {
    #[on_start]
    fn remember(&mut self, ctx: &mut Context<Self>) {
        self.weak = Some(ctx.handle().downgrade());
    }
    pub fn id(&mut self, ctx: &mut Context<Self>) -> ActorId {
        ctx.id()
    }
    pub fn name(&mut self, ctx: &mut Context<Self>) -> Option<String> {
        ctx.name().map(str::to_owned)
    }
    pub fn myself(&mut self, ctx: &mut Context<Self>) -> NodeHandle {
        ctx.handle()
    }
    pub fn weak_self(&mut self) -> Option<NodeHandle> {
        self.weak.as_ref()?.upgrade()
    }
    pub fn count_down(&mut self, n: u32, ctx: &mut Context<Self>) {
        self.count += 1;
        if n > 0 {
            ctx.handle().count_down(n - 1).try_tell().unwrap();
        }
    }
    pub fn again(&mut self, ctx: &mut Context<Self>) {
        ctx.handle().count_down(3).start().detach();
    }
    pub fn counted(&mut self) -> u32 {
        self.count
    }
    pub fn stop_and_fail(&mut self, ctx: &mut Context<Self>) {
        ctx.stop();
        ctx.fail("too late");
    }
    pub fn fail_and_stop(&mut self, ctx: &mut Context<Self>) {
        ctx.fail("first");
        ctx.stop();
    }
    pub async fn stop_and_go_on(&mut self, ctx: &mut Context<Self>) -> bool {
        ctx.stop();
        tokio::task::yield_now().await;
        ctx.handle().counted().try_tell().is_ok()
    }
    pub fn described(&mut self, ctx: &mut Context<Self>) -> String {
        format!("{ctx:?}")
    }
}

async fn it_has_the_identity_and_the_name_of_the_handle(way: Way) {
    let node = Node::default().spawn_with(way.spawn().name("ann"));
    assert_eq!(node.id().await.unwrap(), ActorHandle::id(&node));
    assert_eq!(node.name().await.unwrap().as_deref(), Some("ann"));
    assert_eq!(ActorHandle::name(&node), Some("ann"));
    assert!(node.described().await.unwrap().contains("ann"));
    let nameless = Node::default().spawn_with(way.spawn());
    assert_eq!(nameless.name().await.unwrap(), None);
    assert_ne!(node.id().await.unwrap(), nameless.id().await.unwrap());
}

async fn its_handle_is_one_of_the_actors(way: Way) {
    let node = Node::default().spawn_with(way.spawn());
    let same = node.myself().await.unwrap();
    assert_eq!(node, same);
    drop(node);
    assert_eq!(same.counted().await.unwrap(), 0, "it keeps the actor alive");
    let stopped = same.stopped();
    drop(same);
    assert!(matches!(stopped.await, ExitReason::Finished));
}

async fn a_handle_made_after_the_last_one_went_keeps_it_alive(way: Way) {
    let node = Node::default().spawn_with(way.spawn());
    let call = node.myself().start();
    let mut stopped = node.stopped();
    drop(node);
    let again = call.await.unwrap();
    settle().await;
    assert!(poll_once(&mut stopped).await.is_none());
    assert_eq!(again.counted().await.unwrap(), 0);
    drop(again);
    assert!(matches!(stopped.await, ExitReason::Finished));
}

async fn messages_that_it_sends_itself_are_handled_before_it_ends(way: Way) {
    #[actor]
    struct Counter(std::sync::Arc<std::sync::atomic::AtomicU32>);
    #[actor]
    impl Counter {
        pub fn down(&mut self, n: u32, ctx: &mut Context<Self>) {
            self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            if n > 0 {
                ctx.handle().down(n - 1).try_tell().unwrap();
            }
        }
    }
    let count = std::sync::Arc::default();
    let counter = Counter(std::sync::Arc::clone(&count)).spawn_with(way.spawn());
    counter.down(9).try_tell().unwrap();
    let stopped = counter.stopped();
    drop(counter);
    assert!(matches!(stopped.await, ExitReason::Finished));
    assert_eq!(count.load(std::sync::atomic::Ordering::SeqCst), 10);
}

async fn what_it_sends_itself_comes_after_what_is_queued(way: Way) {
    let node = Node::default().spawn_with(way.spawn());
    node.again().await.unwrap();
    node.count_down(20).tell().await.unwrap();
    for _ in 0..40 {
        node.counted().await.unwrap();
    }
    assert_eq!(node.counted().await.unwrap(), 25);
}

async fn a_weak_handle_is_one_while_there_are_others(way: Way) {
    let node = Node::default().spawn_with(way.spawn());
    assert_eq!(node.weak_self().await.unwrap(), Some(node.clone()));
    let weak = node.downgrade();
    let (clone, text) = (weak.clone(), format!("{weak:?}"));
    assert!(text.contains("WeakHandle"), "{text}");
    assert_eq!(clone.upgrade(), Some(node.clone()));
    drop(node);
    assert_eq!(weak.upgrade(), None);
}

async fn a_weak_handle_upgrades_after_the_end_while_there_are_others(way: Way) {
    let node = Node::default().spawn_with(way.spawn());
    let weak = node.downgrade();
    node.stop();
    node.stopped().await;
    let late = weak.upgrade().expect("there is a handle");
    assert!(!late.is_running());
    assert!(matches!(late.counted().await, Err(CallError::NotRunning)));
}

async fn the_first_of_stop_and_fail_counts(way: Way) {
    let node = Node::default().spawn_with(way.spawn());
    node.stop_and_fail().await.unwrap();
    assert!(matches!(node.stopped().await, ExitReason::Stopped));
    let node = Node::default().spawn_with(way.spawn());
    node.fail_and_stop().await.unwrap();
    assert!(matches!(node.stopped().await, ExitReason::Failed(error) if error.to_string() == "first"));
}

async fn after_ctx_stop_the_handler_goes_on_to_its_end(way: Way) {
    let node = Node::default().spawn_with(way.spawn());
    node.stop_and_go_on().await.unwrap();
    assert!(matches!(node.stopped().await, ExitReason::Stopped));
}

four_ways!(
    it_has_the_identity_and_the_name_of_the_handle,
    its_handle_is_one_of_the_actors,
    messages_that_it_sends_itself_are_handled_before_it_ends,
    what_it_sends_itself_comes_after_what_is_queued,
    a_weak_handle_is_one_while_there_are_others,
    a_weak_handle_upgrades_after_the_end_while_there_are_others,
    the_first_of_stop_and_fail_counts,
    after_ctx_stop_the_handler_goes_on_to_its_end,
);
both_ways!(a_handle_made_after_the_last_one_went_keeps_it_alive);

#[actor]
struct Patient;

#[actor]
impl Patient {
    pub async fn wait(&mut self, ctx: &mut Context<Self>) -> bool {
        ctx.cancelled().await;
        ctx.caller_gone()
    }
    pub async fn wait_and_send(&mut self, ctx: &mut Context<Self>, reply: ReplyTo<u32>) {
        ctx.cancelled().await;
        assert!(ctx.caller_gone() && reply.caller_gone());
        assert_eq!(reply.send(7), Err(7));
    }
}

/// What a handler returns that has heard that its caller is out of time is no answer.
async fn who_is_out_of_time_gets_no_answer(way: Way) {
    let patient = Patient.spawn_with(way.spawn());
    let limit = std::time::Duration::from_millis(2);
    for _ in 0..50 {
        let calls = [patient.wait().timeout(limit).await, patient.wait().timeout(limit).start().await];
        for answer in calls {
            assert!(matches!(answer, Err(CallError::TimedOut { .. })), "{answer:?}");
        }
        let other = patient.clone();
        let answer = tokio::spawn(async move { other.wait_and_send().timeout(limit).await }).await.unwrap();
        assert!(matches!(answer, Err(CallError::TimedOut { .. })), "{answer:?}");
    }
}

four_ways!(who_is_out_of_time_gets_no_answer);
