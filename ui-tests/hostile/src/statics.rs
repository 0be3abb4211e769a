//! Statics and constants that are called as generated code might call its locals: a binding cannot shadow them.

#![allow(
    clippy::all,
    clippy::nursery,
    clippy::pedantic,
    clippy::restriction,
    non_upper_case_globals,
    dead_code,
    missing_docs,
    missing_debug_implementations,
    missing_copy_implementations,
    reason = "what is odd here is the point; `strict` is what is tidy"
)]

use actor_core::prelude::*;
use futures::stream::{self, Stream};
use std::time::Duration;

macro_rules! statics {
    ($($name:ident)*) => { $(static $name: u8 = 1;)* };
}

statics! {
    actor boxed code context ctx ended exit f future handle holds item library make message messages name never number other
    outcome period policy raw readers reply reply_to request result route second source state stream this value whole whose
}

#[actor]
pub struct All<T>(T);

#[actor]
impl<T: Send + Sync + 'static> All<T> {
    pub fn unit(&self) {}
    pub fn data(&mut self, n: u8, (_, b): (u8, u8), text: &str) -> Result<u8, String> {
        if text.is_empty() { Err(String::new()) } else { Ok(n + b) }
    }
    pub async fn waits(&mut self, n: &str, c: &mut Context<Self>) -> Result<usize, u8> {
        let _ = c.id();
        Ok(n.len())
    }
    #[message(concurrent)]
    pub async fn reads(&self, n: u8) -> u8 {
        n
    }
    #[message(when = *n > 0)]
    pub fn guarded(&self, n: u8) -> u8 {
        1
    }
    pub fn later(&self, r: ReplyTo<u8>) {
        let _ = r.send(1);
    }
    pub fn all(&self) -> impl Stream<Item = u8> {
        stream::iter([1])
    }
    pub fn beside(&self) -> impl Stream<Item = u8> + 'static {
        stream::iter([1])
    }
    pub async fn generic<R: Send + 'static>(&mut self, r: R) -> R {
        r
    }
    pub fn last(self) -> T {
        self.0
    }
    #[on_start]
    fn begins(&mut self) {}
    #[on_stop]
    async fn ends(&mut self) {}
    #[on_exit]
    async fn hears(&mut self, e: actor_core::Exit, c: &mut Context<Self>) {
        drop((e, c.id()));
    }
    #[every(Duration::from_secs(9))]
    async fn ticks(&mut self) {}
}

#[actor]
pub trait Named {
    fn title(&self) -> u8;
}

#[actor(extends = Named)]
pub trait Titled: Named {
    fn data(&mut self, n: u8, text: &str) -> Result<u8, String>;
    async fn waits(&mut self, n: &str) -> usize;
    #[message(when = *n > 0)]
    fn guarded(&self, n: u8) -> u8;
    fn later(&self, r: ReplyTo<u8>);
    fn all(&self) -> impl Stream<Item = u8> + 'static;
}

impl Named for All<u16> {
    fn title(&self) -> u8 {
        1
    }
}

impl Titled for All<u16> {
    fn data(&mut self, n: u8, text: &str) -> Result<u8, String> {
        Self::data(self, n, (0, 0), text)
    }
    async fn waits(&mut self, n: &str) -> usize {
        n.len()
    }
    fn guarded(&self, n: u8) -> u8 {
        n
    }
    fn later(&self, r: ReplyTo<u8>) {
        let _ = r.send(1);
    }
    fn all(&self) -> impl Stream<Item = u8> + 'static {
        stream::iter([1])
    }
}

/// All of them.
///
/// # Errors
/// If a call fails, which it does not.
pub async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let all = All(1_u16).spawn();
    all.unit().await?;
    assert_eq!(all.data(1, (1, 1), "a").await.map_err(|error| error.to_string())?, 2);
    assert_eq!(all.reads(1).await? + all.guarded(1).await? + all.later().await?, 3);
    assert_eq!(all.all().await?.next().await.transpose()?, Some(1));
    assert_eq!(all.beside().await?.next().await.transpose()?, Some(1));
    assert_eq!(all.generic("a").await?, "a");
    let titled = TitledHandle::from(all.clone());
    assert_eq!(titled.waits("ab").await?, 2);
    assert_eq!(NamedHandle::from(titled).title().await?, 1);
    assert_eq!(all.last().await?, 1);
    Ok(())
}
