//! What a handler does at random: it waits for those below, in every way there is.

use std::sync::Arc;
use std::time::Duration;

use actor_core::prelude::*;
use choices::Random;
use futures::future::{Either, join_all, select};

use crate::graph::Place;
use crate::node::{NodeHandle, NodeMessage, VisitHandle};

/// Choices, and how far it goes down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Errand {
    seed: u64,
    depth: u8,
}

impl Errand {
    pub(crate) fn new(random: &mut Random, depth: u8) -> Self {
        Errand { seed: random.draw(), depth }
    }

    pub(crate) fn serves(self) -> bool {
        self.seed.is_multiple_of(3)
    }

    /// Somebody below to do it, if there is.
    pub(crate) fn asks_below(self, place: &Place) -> Option<(&NodeHandle, Errand)> {
        let depth = self.depth.checked_sub(1)?;
        let mut random = Random::new(self.seed, 1);
        Some((place.below(&mut random)?, Errand::new(&mut random, depth)))
    }
}

/// Who may be asked back while it waits, as it answers meanwhile.
#[derive(Clone, Debug)]
pub(crate) struct Back {
    to: NodeHandle,
    reads: bool,
}

impl Back {
    pub(crate) fn to_one_who_serves(to: NodeHandle) -> Self {
        Back { to, reads: false }
    }

    pub(crate) fn to_one_who_reads(to: NodeHandle) -> Self {
        Back { to, reads: true }
    }

    pub(crate) async fn ask(&self) -> Result<u32, CallError> {
        if self.reads { self.to.peek().await } else { self.to.ping().await }
    }
}

pub(crate) async fn run(place: Arc<Place>, errand: Errand, back: Option<Back>) {
    let mut random = Random::new(errand.seed, 0);
    let Some(depth) = errand.depth.checked_sub(1) else { return rest(&mut random).await };
    for _ in 0..random.below(3) {
        step(&place, &mut random, depth, back.as_ref()).await;
    }
}

async fn rest(random: &mut Random) {
    if random.once_in(64) {
        return tokio::time::sleep(time(random)).await;
    }
    for _ in 0..random.below(3) {
        tokio::task::yield_now().await;
    }
}

fn time(random: &mut Random) -> Duration {
    Duration::from_micros(random.draw() % 2_000)
}

/// A call of any policy, which is counted.
pub(crate) fn call<'a>(
    place: &Place,
    to: &'a NodeHandle,
    random: &mut Random,
    depth: u8,
) -> Request<'a, NodeMessage, u32> {
    place.tally.call();
    let errand = Errand::new(random, depth);
    match random.below(7) {
        0 => to.urgent(errand),
        1 => to.read(errand),
        // Where it asks back, what is served must not wait itself.
        2 if place.asks_back => to.ping(),
        2 => to.between(errand),
        3 => to.quick(),
        4 if place.waits_in_sight() => to.later(errand),
        _ => to.plain(errand),
    }
}

async fn step(place: &Place, random: &mut Random, depth: u8, back: Option<&Back>) {
    let (Some(one), Some(other)) = (place.below(random), place.below(random)) else {
        return rest(random).await;
    };
    if let Some(back) = back
        && random.once_in(2)
    {
        // Never left: whoever is below asks one who still waits.
        place.tally.call();
        let _open = place.open(("ask back", one, back));
        return place.note("ask_back", &one.ask_back(back.clone()).await);
    }
    let what = random.below(16);
    let _open = place.open(("step", what, one, other));
    match what {
        0 => rest(random).await,
        1 => {
            let time = time(random);
            place.note("timeout", &call(place, one, random, depth).timeout(time).await);
        }
        2 => {
            let first = call(place, one, random, depth).start();
            let second = call(place, other, random, depth).start();
            place.note("started", &second.await);
            place.note("started", &first.await);
        }
        3 => drop(call(place, one, random, depth).start()),
        4 => {
            let all = [one, other, one].map(|to| call(place, to, random, depth));
            join_all(all).await.iter().for_each(|answer| place.note("joined", answer));
        }
        5 => {
            let (first, second) = (call(place, one, random, depth), call(place, other, random, depth));
            match select(first, second).await {
                Either::Left((answer, _)) | Either::Right((answer, _)) => place.note("selected", &answer),
            }
        }
        6 => {
            for _ in 0..3 {
                let call = call(place, one, random, depth);
                let _open = place.open(("tell", &call));
                place.note_told("tell", &call.tell().await);
            }
        }
        7 => {
            let time = time(random);
            place.note_told("tell in time", &call(place, one, random, depth).timeout(time).tell().await);
        }
        8 => drop(call(place, one, random, depth).try_tell()),
        9 if place.waits_in_sight() => {
            // What it takes somebody else brings, and for him nobody waits.
            let to = one.clone();
            let bring = tokio::spawn(async move { to.put().tell().await.is_ok() });
            place.tally.call();
            place.note("take", &one.take().await);
            if random.once_in(8) && !bring.await.unwrap_or(false) {
                place.tally.wrong("a task's tell was refused");
            }
        }
        10 | 11 => numbers(place, random, one).await,
        12 => {
            place.tally.call();
            place.note("with", &one.with(|_| 1).await);
        }
        13 => {
            place.tally.call();
            let visitor = VisitHandle::from(one.clone());
            place.note("visit", &visitor.visit(Errand::new(random, depth)).await);
        }
        _ => {
            let call = call(place, one, random, depth);
            let _open = place.open(&call);
            place.note("call", &call.await);
        }
    }
}

/// Reads a stream to its end, or leaves in the middle.
async fn numbers(place: &Place, random: &mut Random, from: &NodeHandle) {
    place.tally.call();
    let most = random.below(8) as u32;
    let items = if random.once_in(2) { from.numbers(most).await } else { from.numbers_beside(most).await };
    place.note("numbers", &items);
    let Ok(mut items) = items else { return };
    for _ in 0..random.below(12) {
        match items.next().await {
            Some(item) => place.note("number", &item),
            None => return,
        }
    }
}
