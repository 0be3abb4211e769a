//! Handles of protocols, and what they convert from and into.

use crate::kit::Way;
use actor_core::prelude::*;
use actor_core::{DefaultHandle, Policy, WeakHandle};
use std::collections::HashSet;

/// Whose names are those of types that are generated in it.
#[actor]
pub(crate) trait Store<K, const N: usize = 1>: Actor
where
    K: Clone + Send + 'static,
{
    fn put(&mut self, key: K) -> usize;
    async fn all(&self) -> Vec<K>;
    fn width(&self) -> [K; N];
}

#[actor]
trait Named {
    fn name(&self) -> String;
    fn stop(&self) -> u8 {
        7
    }
}

#[actor(extends = Named)]
trait Titled: Named {
    fn title(&self) -> &'static str;
}

#[actor(extends = Titled)]
trait Crowned: Titled + Send {
    fn crown(&self) -> char;
}

#[actor(extends = Store<K>)]
trait Cache<K: Clone + Send + 'static>: Store<K> {
    fn evict(&mut self) -> Option<K>;
}

#[actor(extends = Named)]
trait Numbered<K: Send + 'static>: Named {
    fn number(&self, from: K) -> K;
}

impl Numbered<u8> for Dog {
    fn number(&self, from: u8) -> u8 {
        from + 1
    }
}

#[actor]
struct Shelf<T>(Vec<T>);

#[actor]
impl<T: Clone + Send + Sync + 'static> Shelf<T> {
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl<T: Clone + Send + Sync + 'static> Store<T> for Shelf<T> {
    fn put(&mut self, key: T) -> usize {
        self.0.push(key);
        self.0.len()
    }
    async fn all(&self) -> Vec<T> {
        self.0.clone()
    }
    fn width(&self) -> [T; 1] {
        [self.0[0].clone()]
    }
}

impl<T: Clone + Send + Sync + 'static> Cache<T> for Shelf<T> {
    fn evict(&mut self) -> Option<T> {
        self.0.pop()
    }
}

#[actor]
struct Queen;

#[actor]
impl Queen {}

impl Named for Queen {
    fn name(&self) -> String {
        "Ann".to_owned()
    }
}

impl Titled for Queen {
    fn title(&self) -> &'static str {
        "Queen"
    }
}

impl Crowned for Queen {
    fn crown(&self) -> char {
        'W'
    }
}

#[actor]
struct Dog;

#[actor]
impl Dog {
    pub fn fetch(&self) -> u32 {
        1
    }
}

impl Named for Dog {
    fn name(&self) -> String {
        "Rex".to_owned()
    }
    fn stop(&self) -> u8 {
        8
    }
}

async fn many_kinds_behind_one_type(way: Way) {
    let all: Vec<NamedHandle> =
        vec![Queen.spawn_with(way.spawn()).into(), Dog.spawn_with(way.spawn()).into()];
    let mut names = Vec::new();
    for named in &all {
        names.push((named.name().await.unwrap(), named.stop().await.unwrap()));
    }
    assert_eq!(names, [("Ann".to_owned(), 7), ("Rex".to_owned(), 8)]);
    assert_eq!(size_of::<NamedHandle>(), 2 * size_of::<usize>());
    assert_eq!(HashSet::from([all[0].clone(), all[1].clone(), all[0].clone()]).len(), 2);
}

async fn back_to_the_actor(way: Way) {
    let dog = Dog.spawn_with(way.spawn());
    let named = NamedHandle::from(dog.clone());
    assert_eq!(named.downcast::<DogHandle>().as_ref(), Some(&dog));
    assert!(named.downcast::<QueenHandle>().is_none());
    assert!(named.downcast::<ShelfHandle<u8>>().is_none());
    let store = StoreHandle::<u8>::from(Shelf(vec![1u8]).spawn_with(way.spawn()));
    assert!(store.downcast::<ShelfHandle<u16>>().is_none());
    assert_eq!(store.downcast::<ShelfHandle<u8>>().unwrap().len().await.unwrap(), 1);
    let fetched = named.downcast::<DogHandle>().unwrap().fetch().await.unwrap();
    assert_eq!(fetched, 1);
}

async fn weak(way: Way) {
    let dog = Dog.spawn_with(way.spawn());
    let named = NamedHandle::from(dog.clone());
    let weak: WeakHandle<NamedHandle> = named.downgrade();
    drop((dog, named));
    assert!(weak.upgrade().is_none());
    let named = NamedHandle::from(Dog.spawn_with(way.spawn()));
    let weak = named.downgrade().clone();
    let again = weak.upgrade().unwrap();
    drop(named);
    assert_eq!(again.name().await.unwrap(), "Rex");
    let stopped = again.stopped();
    drop(again);
    assert!(stopped.await.is_normal());
    assert!(weak.upgrade().is_none());
}

async fn one_that_extends_another(way: Way) {
    let queen = Queen.spawn_with(way.spawn());
    let crowned = CrownedHandle::from(queen.clone());
    let titled = TitledHandle::from(crowned.clone());
    let named = NamedHandle::from(titled.clone());
    assert_eq!(crowned.crown().await.unwrap(), 'W');
    assert_eq!(titled.title().await.unwrap(), "Queen");
    assert_eq!(named.name().await.unwrap(), "Ann");
    assert_eq!(named, NamedHandle::from(queen.clone()));
    assert_eq!(named.downcast(), Some(queen));
    let weak = TitledHandle::from(crowned).downgrade();
    drop((titled, named));
    assert!(weak.upgrade().is_none());
}

/// As a `T: Crowned` has the methods of what `Crowned` extends.
async fn with_the_messages_of_what_it_extends(way: Way) {
    fn of_any(named: &NamedHandle) -> Request<'_, NamedMessage, String> {
        named.name()
    }
    let crowned = CrownedHandle::from(Queen.spawn_with(way.spawn().name("throne")));
    assert_eq!(crowned.crown().await.unwrap(), 'W');
    assert_eq!(crowned.title().await.unwrap(), "Queen");
    assert_eq!(of_any(&crowned).await.unwrap(), "Ann");
    assert_eq!(crowned.title().start().await.unwrap(), "Queen");
    crowned.title().tell().await.unwrap();
    // What any handle can is nearer than what the other protocol calls so.
    assert_eq!(crowned.name(), Some("throne"));
    let titled: &TitledHandle = &crowned;
    let named: &NamedHandle = titled;
    assert_eq!(named.stop().await.unwrap(), 7);
    assert_eq!(size_of::<CrownedHandle>(), 2 * size_of::<usize>());
    // However it was come by.
    let weak = crowned.downgrade();
    assert_eq!(weak.upgrade().unwrap().title().await.unwrap(), "Queen");
    assert_eq!(weak.upgrade().unwrap().crown().await.unwrap(), 'W');
    assert_eq!(titled.downgrade().upgrade().unwrap().title().await.unwrap(), "Queen");
    let registry = actor_core::Registry::new();
    registry.register("queen", &crowned).unwrap();
    let found: CrownedHandle = registry.get("queen").unwrap();
    assert_eq!((found.crown().await.unwrap(), found.title().await.unwrap()), ('W', "Queen"));
    assert!(found.downcast::<QueenHandle>().is_some());
    ActorHandle::stop(&crowned);
    assert!(crowned.stopped().await.is_normal());
    assert!(matches!(crowned.title().await, Err(CallError::NotRunning)));
}

async fn type_parameters(way: Way) {
    let shelf = Shelf(Vec::new()).spawn_with(way.spawn());
    let store = StoreHandle::<String>::from(shelf.clone());
    assert_eq!(store.put("a".to_owned()).await.unwrap(), 1);
    let cache = CacheHandle::from(shelf);
    assert_eq!(StoreHandle::from(cache.clone()).all().await.unwrap(), ["a"]);
    assert_eq!(cache.all().await.unwrap(), ["a"]);
    assert_eq!(store.width().await.unwrap(), ["a"]);
    assert_eq!(cache.evict().await.unwrap().as_deref(), Some("a"));
    assert!(matches!(store.put("b".to_owned()).into_message(), StoreMessage::Put { key } if key == "b"));
}

async fn a_parameter_that_the_other_has_not(way: Way) {
    let numbered = NumberedHandle::<u8>::from(Dog.spawn_with(way.spawn()));
    assert_eq!(numbered.number(3).await.unwrap(), 4);
    assert_eq!(NamedHandle::from(numbered).name().await.unwrap(), "Rex");
}

/// Written once, for the handles of any protocol.
async fn as_any_handle(way: Way) {
    async fn end<H: ActorHandle>(handle: H, message: H::Message) -> (bool, ExitReason) {
        let answered = handle.ask(message).await.is_ok();
        ActorHandle::stop(&handle);
        (answered, handle.stopped().await)
    }
    let named = NamedHandle::from(Dog.spawn_with(way.spawn()));
    assert!(matches!(end(named, NamedMessage::Name).await, (true, ExitReason::Stopped)));
}

/// The handle of an actor whose own messages are those of the protocol is no detour.
async fn an_actor_that_speaks_nothing_else(way: Way) {
    struct Parrot;
    impl Actor for Parrot {
        type Message = NamedMessage;
        type Handle = DefaultHandle<NamedMessage>;
        fn policy(_: &NamedMessage) -> &'static Policy {
            const { &Policy::plain("any") }
        }
        fn handle(&mut self, _: &mut Context<Self>, message: NamedMessage) -> Option<NamedReply> {
            Some(match message {
                NamedMessage::Name => NamedReply::Name("Coco".to_owned()),
                NamedMessage::Stop => NamedReply::Stop(0),
            })
        }
    }
    let parrot = Parrot.spawn_with(way.spawn());
    let raw = actor_core::Handle::raw(&parrot).clone();
    let named: NamedHandle = actor_core::Handle::from_raw(raw);
    assert_eq!(named.name().await.unwrap(), "Coco");
    // One around another kind of actor is one of an actor that does not run.
    let dog = Dog.spawn_with(way.spawn());
    let stray: NamedHandle = actor_core::Handle::from_raw(actor_core::Handle::raw(&dog).clone());
    assert!(matches!(stray.name().await, Err(CallError::NotRunning)));
    assert!(matches!(stray.name().try_tell(), Err(TellError::NotRunning(NamedMessage::Name))));
}

both_ways!(
    many_kinds_behind_one_type,
    back_to_the_actor,
    weak,
    one_that_extends_another,
    with_the_messages_of_what_it_extends,
    a_parameter_that_the_other_has_not,
    type_parameters,
    as_any_handle,
    an_actor_that_speaks_nothing_else,
);
