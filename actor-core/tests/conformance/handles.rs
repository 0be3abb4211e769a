//! Handles as values.

use crate::kit::Way;
use actor_core::prelude::*;
use actor_core::{Config, DefaultHandle, Policy, Stopped, Tell, WeakHandle};
use std::cell::Cell;
use std::collections::HashSet;
use std::mem::size_of;

/// Not `Sync`: its handle is all the same.
#[actor]
struct Lamp(Cell<u32>);

#[actor(derive_message(Debug, Clone))]
impl Lamp {
    pub fn on(&mut self) -> u32 {
        self.0.set(self.0.get() + 1);
        self.0.get()
    }
    pub async fn on_later(&mut self) -> u32 {
        tokio::task::yield_now().await;
        self.on()
    }
}

fn lamp(how: Spawn) -> LampHandle {
    Lamp(Cell::new(0)).spawn_with(how)
}

async fn they_compare_and_hash_by_actor(way: Way) {
    let (one, two) = (lamp(way.spawn()), lamp(way.spawn()));
    assert_eq!(one, one.clone());
    assert_ne!(one, two);
    assert_eq!(one.id(), one.clone().id());
    #[expect(clippy::mutable_key_type, reason = "a handle hashes its actor's identity alone")]
    let set: HashSet<LampHandle> = [one.clone(), one.clone(), two.clone()].into();
    assert_eq!(set.len(), 2);
    let ids: HashSet<_> = [one.id(), two.id(), one.id()].into();
    assert_eq!(ids.len(), 2);
}

async fn they_print_their_type_and_name(way: Way) {
    let named = lamp(way.spawn().name("hall"));
    let text = format!("{named:?}");
    assert!(text.contains("LampHandle") && text.contains("hall"), "{text}");
    assert!(!format!("{:?}", lamp(way.spawn())).contains("name"));
    let (request, pending) = (format!("{:?}", named.on()), format!("{:?}", named.on().start()));
    assert!(request.contains("on") && pending.contains("PendingReply"), "{request} {pending}");
}

async fn a_name_is_a_label_and_not_unique(way: Way) {
    let (one, two) = (lamp(way.spawn().name("hall")), lamp(way.spawn().name(String::from("hall"))));
    assert_eq!(one.name(), two.name());
    assert_ne!(one, two);
}

async fn an_actor_that_is_not_sync_is_called_from_many_tasks(way: Way) {
    let lamp = lamp(way.spawn());
    let tasks = (0..10).map(|n| {
        let lamp = lamp.clone();
        tokio::spawn(async move { if n % 2 == 0 { lamp.on().await } else { lamp.on_later().await } })
    });
    for task in futures::future::join_all(tasks).await {
        task.unwrap().unwrap();
    }
    assert_eq!(lamp.on().await.unwrap(), 11);
}

async fn it_runs_until_it_has_ended(way: Way) {
    let lamp = lamp(way.spawn());
    assert!(lamp.is_running());
    lamp.stop();
    lamp.stopped().await;
    assert!(!lamp.is_running());
}

async fn a_clone_keeps_it_alive(way: Way) {
    let lamp = lamp(way.spawn());
    let (clone, stopped) = (lamp.clone(), lamp.stopped());
    drop(lamp);
    assert_eq!(clone.on().await.unwrap(), 1);
    drop(clone);
    assert!(matches!(stopped.await, ExitReason::Finished));
}

/// What a program written against messages sees: any handle, by hand or by macro.
async fn ask_works_for_any_handle<H: ActorHandle>(
    handle: &H,
    message: H::Message,
) -> <H::Message as Message>::Reply {
    handle.ask(message).await.unwrap()
}

async fn code_can_be_generic_over_handles(way: Way) {
    let lamp = lamp(way.spawn());
    let message = lamp.on().into_message();
    assert!(matches!(ask_works_for_any_handle(&lamp, message.clone()).await, LampReply::On(1)));
    assert!(matches!(ask_works_for_any_handle(&lamp, message).await, LampReply::On(2)));
    let sum = Sum(0).spawn_with(way.spawn());
    assert_eq!(ask_works_for_any_handle(&sum, Add(4)).await, 4);
}

/// By hand, and with a mistake: `Lost` is declared plain and handled nowhere.
struct Sum(u64);
struct Add(u64);

impl Message for Add {
    type Reply = u64;
    fn name(&self) -> &'static str {
        "add"
    }
}

impl Actor for Sum {
    type Message = Add;
    type Handle = DefaultHandle<Add>;
    fn config() -> Config {
        Config::new().mailbox(2)
    }
    fn policy(message: &Add) -> &'static Policy {
        if message.0 == 13 { const { &Policy::exclusive("add") } } else { const { &Policy::plain("add") } }
    }
    fn handle(&mut self, _: &mut Context<Self>, Add(n): Add) -> Option<u64> {
        self.0 += n;
        Some(self.0)
    }
}

async fn one_by_hand_works_and_a_message_that_it_forgets_is_dropped(way: Way) {
    let sum = Sum(1).spawn_with(way.spawn().name("sum"));
    assert_eq!(sum.ask(Add(2)).await.unwrap(), 3);
    assert_eq!(sum.ask(Add(2)).start().await.unwrap(), 5);
    sum.ask(Add(5)).tell().await.unwrap();
    assert!(matches!(sum.ask(Add(13)).await, Err(CallError::Dropped)));
    assert!(matches!(sum.ask(Add(13)).start().await, Err(CallError::Dropped)));
    assert_eq!(sum.ask(Add(0)).await.unwrap(), 10);
    assert!(format!("{sum:?}").contains("DefaultHandle"));
    assert_eq!(sum.downgrade().upgrade(), Some(sum.clone()));
}

fn handles_and_futures_go_everywhere(_: Way) {
    fn everywhere<T: Send + Sync + Unpin + 'static>() {}
    fn goes<T: Send + Unpin>() {}
    everywhere::<LampHandle>();
    everywhere::<WeakHandle<LampHandle>>();
    goes::<Request<'static, LampMessage, u32>>();
    goes::<Tell<'static, LampMessage>>();
    goes::<PendingReply<u32>>();
    goes::<ReplyTo<u32>>();
    goes::<Stopped>();
    goes::<actor_core::Cancelled>();
    goes::<Context<Lamp>>();
    assert_eq!(size_of::<LampHandle>(), size_of::<usize>());
    assert_eq!(size_of::<Option<LampHandle>>(), size_of::<usize>());
}

four_ways!(
    they_compare_and_hash_by_actor,
    they_print_their_type_and_name,
    a_name_is_a_label_and_not_unique,
    an_actor_that_is_not_sync_is_called_from_many_tasks,
    it_runs_until_it_has_ended,
    a_clone_keeps_it_alive,
    code_can_be_generic_over_handles,
    one_by_hand_works_and_a_message_that_it_forgets_is_dropped,
);
both_ways_outside!(handles_and_futures_go_everywhere);
