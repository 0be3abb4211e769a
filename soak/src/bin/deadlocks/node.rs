//! The actors: a message for each policy.

use std::sync::Arc;

use actor_core::prelude::*;
use futures::stream::{self, Stream};

use crate::circle::{Crossing, Route, go_round};
use crate::errand::{Back, Errand, run};
use crate::graph::Place;

#[actor]
#[derive(Debug)]
pub(crate) struct Node {
    place: Arc<Place>,
    tokens: u32,
}

impl Node {
    pub(crate) fn new(place: Place) -> Self {
        Node { place: Arc::new(place), tokens: 0 }
    }
}

#[actor]
impl Node {
    pub(crate) async fn plain(&mut self, ctx: &mut Context<Self>, errand: Errand) -> u32 {
        if errand.serves() {
            let back = self.place.asks_back.then(|| Back::to_one_who_serves(ctx.handle()));
            let errand = run(Arc::clone(&self.place), errand, back);
            ctx.serving(self, errand).await;
        } else {
            run(Arc::clone(&self.place), errand, None).await;
        }
        1
    }

    pub(crate) fn quick(&mut self) -> u32 {
        1
    }

    #[message(urgent)]
    pub(crate) async fn urgent(&mut self, errand: Errand) -> u32 {
        run(Arc::clone(&self.place), errand, None).await;
        1
    }

    #[message(interleave)]
    pub(crate) async fn between(&mut self, errand: Errand) -> u32 {
        run(Arc::clone(&self.place), errand, None).await;
        1
    }

    #[message(concurrent)]
    pub(crate) async fn read(&self, ctx: &mut Context<Self>, errand: Errand) -> u32 {
        let back = self.place.asks_back.then(|| Back::to_one_who_reads(ctx.handle()));
        run(Arc::clone(&self.place), errand, back).await;
        1
    }

    #[message(when = self.tokens > 0)]
    pub(crate) fn take(&mut self) -> u32 {
        self.tokens -= 1;
        1
    }

    pub(crate) fn put(&mut self) {
        self.tokens += 1;
    }

    /// Answered by another actor, a continuation or a task.
    pub(crate) fn later(&mut self, ctx: &mut Context<Self>, errand: Errand, reply: ReplyTo<u32>) {
        let place = Arc::clone(&self.place);
        match errand.asks_below(&place) {
            Some((other, errand)) if errand.serves() => reply.forward(other.plain(errand)),
            Some(_) => ctx.then(run(place, errand, None), |_, _, ()| {
                let _ = reply.send(1);
            }),
            None => drop(tokio::spawn(async move {
                tokio::task::yield_now().await;
                let _ = reply.send(1);
            })),
        }
    }

    pub(crate) fn numbers(&self, most: u32) -> impl Stream<Item = u32> {
        stream::iter((0..most).map(|n| n + self.tokens))
    }

    pub(crate) fn numbers_beside(&self, most: u32) -> impl Stream<Item = u32> + 'static {
        stream::iter(0..most)
    }

    pub(crate) fn with<R: Send + 'static>(&mut self, f: impl FnOnce(&mut Self) -> R + Send + 'static) -> R {
        f(self)
    }

    pub(crate) async fn ask_back(&mut self, back: Back) -> u32 {
        self.place.tally.call();
        let _open = self.place.open(("asked back", &back));
        self.place.note("back", &back.ask().await);
        1
    }

    #[message(interleave)]
    pub(crate) fn ping(&mut self) -> u32 {
        1
    }

    #[message(concurrent)]
    pub(crate) async fn peek(&self) -> u32 {
        tokio::task::yield_now().await;
        1
    }

    pub(crate) async fn ring(&mut self, ctx: &mut Context<Self>, route: Route) -> Result<(), String> {
        if route.serves() { ctx.serving(self, go_round(route)).await } else { go_round(route).await }
    }

    #[message(urgent)]
    pub(crate) async fn ring_urgent(&mut self, route: Route) -> Result<(), String> {
        go_round(route).await
    }

    #[message(interleave)]
    pub(crate) async fn ring_between(&mut self, route: Route) -> Result<(), String> {
        go_round(route).await
    }

    #[message(concurrent)]
    pub(crate) async fn ring_read(&self, route: Route) -> Result<(), String> {
        go_round(route).await
    }

    #[message(when = self.tokens < u32::MAX)]
    pub(crate) async fn ring_guarded(&mut self, route: Route) -> Result<(), String> {
        go_round(route).await
    }

    pub(crate) async fn cross(&mut self, crossing: Crossing) -> bool {
        crossing.cross().await
    }
}

/// The same from behind a handle that knows not what it is.
#[actor]
pub(crate) trait Visit {
    async fn visit(&mut self, errand: Errand) -> u32;
    async fn ring_by(&mut self, route: Route) -> Result<(), String>;
}

impl Visit for Node {
    async fn visit(&mut self, errand: Errand) -> u32 {
        run(Arc::clone(&self.place), errand, None).await;
        1
    }

    async fn ring_by(&mut self, route: Route) -> Result<(), String> {
        go_round(route).await
    }
}
