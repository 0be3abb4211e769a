//! Type parameters, constants, bounds, defaults, instances.

#![deny(warnings)]

use actor_core::prelude::*;
use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;
use std::marker::PhantomData;

/// Neither `Send` nor `'static` is asked of `T` here: a `Stack` is an actor where it can be one.
#[actor]
pub struct Stack<T> {
    items: Vec<T>,
}

#[actor(derive_message(Debug, Clone), derive_reply(PartialEq))]
impl<T> Stack<T> {
    pub fn push(&mut self, item: T) -> usize {
        self.items.push(item);
        self.items.len()
    }
    pub async fn pop(&mut self) -> Option<T> {
        self.items.pop()
    }
}

#[actor]
pub struct Table<K, V = u32, const N: usize = 4>
where
    K: Eq + Hash,
{
    rows: HashMap<K, V>,
}

#[actor]
impl<K: Eq + Hash + Clone + Send + 'static, V, const N: usize> Table<K, V, N>
where
    V: Clone + Send + 'static,
{
    const ROOM: usize = 8;

    pub fn put(&mut self, key: &K, values: [V; N]) -> Result<Option<V>, Full<K>> {
        if self.rows.len() < Self::ROOM { Ok(None) } else { Err(Full(key.clone(), values.len())) }
    }
    pub fn merge(&mut self, other: Self) -> Vec<Self> {
        vec![other]
    }
}

pub struct Full<K: Eq>(pub K, pub usize);

#[actor]
struct Unmentioned<U, T: ?Sized> {
    kind: PhantomData<fn() -> U>,
    other: PhantomData<fn() -> T>,
}

#[actor(derive(Debug, Clone, PartialEq))]
impl<U: 'static, T: Display + ?Sized + 'static> Unmentioned<U, T> {
    pub fn unit(&self) {}
    pub(crate) async fn unit_too(&self) {
        let _ = (self.kind, self.other);
    }
}

#[actor]
struct Nothing<T>(T);

#[actor]
impl<T> Nothing<T> {}

#[actor]
struct Only<T>(T);

#[actor]
impl Only<u64> {
    pub fn double(&self, other: Self) -> u64 {
        self.0 + other.0
    }
}

trait Kind {
    type Item: Clone;
}

impl Kind for () {
    type Item = String;
}

#[actor]
struct Projected<T: Kind>(T::Item)
where
    T::Item: Clone;

#[actor]
impl<T: Kind> Projected<T> {
    pub fn replace(&mut self, item: &T::Item) -> T::Item {
        std::mem::replace(&mut self.0, item.clone())
    }
    pub async fn set(&mut self, item: T::Item, _kind: T) -> Result<(), T> {
        self.0 = item;
        Ok(())
    }
    pub async fn last(self, _item: Option<T::Item>) -> Self {
        self
    }
}

#[actor]
struct Sized3([u8; 3]);

#[actor]
impl Sized3 {
    const SIZE: usize = 3;
    pub fn all(&self, other: [u8; Self::SIZE]) -> [u8; Self::SIZE] {
        if other == self.0 { self.0 } else { other }
    }
}

async fn use_all() {
    let stack = Stack { items: vec!["a".to_owned()] }.spawn();
    let _: Result<usize, CallError> = stack.push("b".into()).await;
    let _: Result<Option<String>, CallError> = stack.pop().await;
    let _ = stack.ask(StackMessage::Push { item: "c".into() }).await;
    let table: TableHandle<u8> = Table { rows: HashMap::new() }.spawn();
    match table.put(1, [1, 2, 3, 4]).await {
        Err(CallError::Handler(Full(1, _))) => {}
        Ok(_) | Err(_) => {}
    }
    let _ = table.merge(Table { rows: HashMap::new() }).await;
    let unmentioned = Unmentioned::<std::rc::Rc<u8>, str> { kind: PhantomData, other: PhantomData }.spawn();
    match unmentioned.unit().into_message() {
        UnmentionedMessage::Unit | UnmentionedMessage::UnitToo => {}
        _ => {}
    }
    let _ = unmentioned.unit_too().await;
    let _: NothingHandle<u8> = Nothing(1).spawn();
    let _ = Only(1).spawn().double(Only(2)).await;
    let projected = Projected::<()>(String::new()).spawn();
    let _: Result<String, CallError> = projected.replace(String::new()).await;
    let _: Result<(), CallError<()>> = projected.set(String::new(), ()).await;
    let _ = projected.last(None).await;
    let _ = Sized3([0; 3]).spawn().all([1; 3]).await;
}

fn main() {
    drop(use_all());
}
