//! A random graph of actors, and those who call them.

use std::sync::Arc;
use std::time::Duration;

use actor_core::prelude::*;
use choices::Random;
use futures::future::join_all;

use crate::circle::Route;
use crate::errand::call;
use crate::node::{Node, NodeHandle};
use crate::tally::{Open, Tally};

const CALLERS: usize = 48;
/// How many calls deep.
const DEPTH: usize = 6;
/// Nobody waits so long, whatever else the machine does.
const LIMIT: Duration = Duration::from_secs(60);

/// Where a node stands.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) tally: Arc<Tally>,
    below: Vec<NodeHandle>,
    /// Those below may ask one back that answers while it waits. They need room in its mailbox.
    pub(crate) asks_back: bool,
    /// There is a circle somewhere: whoever waits for somebody in it may be told instead.
    is_planted: bool,
    /// By which a graph is known.
    number: u64,
    name: String,
}

impl Place {
    pub(crate) fn alone(tally: &Arc<Tally>) -> Self {
        Place {
            tally: Arc::clone(tally),
            below: Vec::new(),
            asks_back: false,
            is_planted: true,
            number: 0,
            name: String::new(),
        }
    }

    pub(crate) fn below(&self, random: &mut Random) -> Option<&NodeHandle> {
        (!self.below.is_empty()).then(|| &self.below[random.below(self.below.len())])
    }

    /// Whether nobody waits where nobody can see it: for whoever has a reply in his hands, or for a task. A circle through such a one would be
    /// a deadlock that is not told, so there is none where a circle is planted.
    pub(crate) fn waits_in_sight(&self) -> bool {
        !self.is_planted
    }

    /// A step begins.
    pub(crate) fn open(&self, step: impl std::fmt::Debug) -> Open<'_> {
        self.tally.open(format_args!("{}: {step:?}", self.name))
    }

    pub(crate) fn note<T, E: std::fmt::Display>(&self, what: &str, answer: &Result<T, CallError<E>>) {
        match answer {
            Ok(_) => {}
            Err(CallError::TimedOut { .. }) => self.tally.late(),
            Err(CallError::Deadlock(_)) if self.is_planted => self.tally.taken_along(),
            Err(error) => self.tally.wrong(format_args!("graph {}: `{what}`: {error}", self.number)),
        }
    }

    pub(crate) fn note_told<M>(&self, what: &str, answer: &Result<(), TellError<M>>) {
        match answer {
            Ok(()) => {}
            Err(TellError::TimedOut(_)) => self.tally.late(),
            Err(TellError::Deadlock(..)) if self.is_planted => self.tally.taken_along(),
            Err(error) => self.tally.wrong(format_args!("graph {}: `{what}`: {error}", self.number)),
        }
    }
}

pub(crate) struct Graph {
    number: u64,
    direct: bool,
    is_planted: bool,
    asks_back: bool,
    random: Random,
    tally: Arc<Tally>,
}

impl Graph {
    pub(crate) fn new(seed: u64, number: u64, direct: bool, tally: &Arc<Tally>) -> Self {
        let mut random = Random::new(seed, number.wrapping_add(2));
        let (is_planted, asks_back) = (random.once_in(4), random.once_in(3));
        Graph { number, direct, is_planted, asks_back, random, tally: Arc::clone(tally) }
    }

    /// What is wrong is in the tally.
    pub(crate) async fn run(mut self) {
        let nodes = self.build();
        self.tally.spawned(nodes.len());
        let (tally, number) = (Arc::clone(&self.tally), self.number);
        let ends: Vec<_> = nodes.iter().map(ActorHandle::stopped).collect();
        let is_planted = self.is_planted;
        let all = async {
            self.ask(nodes).await;
            // Whatever was left on its way must come to its end before they do.
            for end in join_all(ends).await {
                if !matches!(end, ExitReason::Finished) {
                    self.tally.wrong(format_args!("graph {number}: an actor {end}"));
                }
            }
        };
        if tokio::time::timeout(LIMIT, all).await.is_err() {
            let planted = if is_planted { ", with a circle" } else { "" };
            tally.wrong(format_args!("graph {number}{planted} does not end"));
            tally.print_open();
        }
    }

    fn build(&mut self) -> Vec<NodeHandle> {
        let random = &mut self.random;
        let mut nodes: Vec<NodeHandle> = Vec::new();
        for n in 0..3 + random.below(14) {
            let below = match n {
                0 => Vec::new(),
                _ => (0..1 + random.below(4)).map(|_| nodes[random.below(n)].clone()).collect(),
            };
            let place = Place {
                tally: Arc::clone(&self.tally),
                below,
                asks_back: self.asks_back,
                is_planted: self.is_planted,
                number: self.number,
                name: format!("n{n}"),
            };
            let how = Spawn::new().name(place.name.as_str()).direct(self.direct);
            let how = if self.asks_back { how.unbounded() } else { how.mailbox(1 + random.below(4)) };
            nodes.push(Node::new(place).spawn_with(how));
        }
        nodes
    }

    async fn ask(&mut self, nodes: Vec<NodeHandle>) {
        let random = &mut self.random;
        let place = Place {
            tally: Arc::clone(&self.tally),
            below: Vec::new(),
            asks_back: self.asks_back,
            is_planted: self.is_planted,
            number: self.number,
            name: "caller".into(),
        };
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                let to = nodes[random.below(nodes.len())].clone();
                let (mut random, place) = (Random::new(random.draw(), 0), place.clone());
                tokio::spawn(async move {
                    let depth = random.below(DEPTH) as u8;
                    let call = call(&place, &to, &mut random, depth);
                    let _open = place.open((&to, &call));
                    match random.below(8) {
                        0 | 1 => {
                            let limit = Duration::from_micros(random.draw() % 3_000);
                            place.note("caller", &call.timeout(limit).await);
                        }
                        2 => {
                            let pending = call.start();
                            tokio::task::yield_now().await;
                            drop(pending);
                        }
                        _ => place.note("caller", &call.await),
                    }
                })
            })
            .collect();
        if self.is_planted {
            let route = Route::random(&nodes, random, &self.tally);
            if let Err(wrong) = route.walk(&self.tally.in_the_crowd).await {
                self.tally.wrong(format_args!("graph {}: {wrong}", self.number));
            }
        }
        drop(nodes);
        for caller in join_all(callers).await {
            if let Err(error) = caller {
                self.tally.wrong(format_args!("graph {}: a caller: {error}", self.number));
            }
        }
    }
}
