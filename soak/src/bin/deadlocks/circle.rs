//! Circles on purpose: calls that go round and come back to the first, who waits for them.

use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use actor_core::prelude::*;
use choices::Random;
use futures::future::join_all;
use tokio::sync::Barrier;

use crate::graph::Place;
use crate::node::{Node, NodeHandle, VisitHandle};
use crate::tally::{Spread, Tally};

/// Room of those that are told to without an answer, to be filled.
const ROOM: usize = 2;

/// Nobody waits so long, whatever else the machine does.
const LIMIT: Duration = Duration::from_secs(30);

/// Of a circle's calls the last one.
#[derive(Debug, Default)]
struct Clock {
    closed: AtomicU64,
    told: AtomicU64,
}

impl Clock {
    fn now() -> u64 {
        static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
        u64::try_from(BEGIN.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// A call is made, maybe the last.
    fn call(&self) {
        self.closed.fetch_max(Self::now(), SeqCst);
    }

    fn told(&self) {
        self.told.fetch_max(Self::now(), SeqCst);
    }

    fn took(&self) -> Duration {
        Duration::from_nanos(self.told.load(SeqCst).saturating_sub(self.closed.load(SeqCst)))
    }
}

#[derive(Clone, Copy, Debug)]
enum By {
    Plain,
    Started,
    Urgent,
    Between,
    Read,
    Guarded,
    Protocol,
    InTime,
    Tell,
}

#[derive(Clone, Debug)]
struct Hop {
    to: NodeHandle,
    by: By,
    serves: bool,
}

/// Where a call goes on to: the last hop leads back to the first.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    hops: Arc<[Hop]>,
    at: usize,
    clock: Arc<Clock>,
    tally: Arc<Tally>,
}

impl Route {
    /// Over some of the nodes, in any order.
    pub(crate) fn random(nodes: &[NodeHandle], random: &mut Random, tally: &Arc<Tally>) -> Self {
        let ways = [By::Plain, By::Started, By::Urgent, By::Between, By::Read, By::Guarded, By::Protocol];
        Self::through(nodes, random, tally, &ways, &[By::Plain, By::Started, By::Urgent, By::Protocol])
    }

    /// Where nobody else calls the last one may have a limit of time, or wait for room. Not an earlier one: a wait that ends before the last
    /// call does is a way out.
    fn alone(nodes: &[NodeHandle], random: &mut Random, tally: &Arc<Tally>) -> Self {
        let ways = [By::Plain, By::Started, By::Urgent, By::Between, By::Read, By::Guarded, By::Protocol];
        Self::through(
            nodes,
            random,
            tally,
            &ways,
            &[By::Plain, By::Urgent, By::Protocol, By::InTime, By::Tell],
        )
    }

    fn through(
        nodes: &[NodeHandle],
        random: &mut Random,
        tally: &Arc<Tally>,
        ways: &[By],
        last: &[By],
    ) -> Self {
        let mut nodes = nodes.to_vec();
        for n in (1..nodes.len()).rev() {
            nodes.swap(n, random.below(n + 1));
        }
        nodes.truncate(1 + random.below(nodes.len()));
        let mut hop =
            |to, ways: &[By]| Hop { to, by: ways[random.below(ways.len())], serves: random.once_in(3) };
        // What reads or comes in between may be let in where the first one waits: it would be no circle.
        let first = nodes[0].clone();
        let mut hops: Vec<_> = nodes.into_iter().skip(1).map(|node| hop(node, ways)).collect();
        hops.push(hop(first, last));
        Route { hops: hops.into(), at: 0, clock: Arc::default(), tally: Arc::clone(tally) }
    }

    /// Whether whoever waits for the next one serves meanwhile.
    pub(crate) fn serves(&self) -> bool {
        self.hops.get(self.at).is_some_and(|hop| hop.serves)
    }

    /// Makes the first call, whose answer says whether somebody in the circle was told.
    pub(crate) async fn walk(self, spread: &Spread) -> Result<(), String> {
        let (Some(first), clock) = (self.hops.last(), Arc::clone(&self.clock)) else { return Ok(()) };
        let (first, hops) = (first.to.clone(), Arc::clone(&self.hops));
        match tokio::time::timeout(LIMIT, first.ring(self)).await {
            Ok(Err(CallError::Handler(text))) if text == TOLD => {}
            Ok(other) => return Err(format!("a circle was not told, but {other:?}: {hops:?}")),
            Err(_) => return Err(format!("a circle was not told in {LIMIT:?}: {hops:?}")),
        }
        spread.add(clock.took());
        Ok(())
    }
}

const TOLD: &str = "told";

/// What a handler in a circle does.
pub(crate) async fn go_round(route: Route) -> Result<(), String> {
    let Some(Hop { to, by, .. }) = route.hops.get(route.at) else {
        return Err("it went all the way round".into());
    };
    let next = Route { at: route.at + 1, ..route.clone() };
    let clock = &route.clock;
    let _open = route.tally.open(format_args!("circle: {:?}", &route.hops[route.at..]));
    clock.call();
    let answer = match by {
        By::Plain => to.ring(next).await,
        By::Started => to.ring(next).start().await,
        By::Urgent => to.ring_urgent(next).await,
        By::Between => to.ring_between(next).await,
        By::Read => to.ring_read(next).await,
        By::Guarded => to.ring_guarded(next).await,
        By::Protocol => VisitHandle::from(to.clone()).ring_by(next).await,
        By::InTime => to.ring(next).timeout(Duration::from_secs(3600)).await,
        By::Tell => fill(to, clock).await,
    };
    match answer {
        Ok(()) => Err("nobody was told".into()),
        Err(CallError::Handler(text)) => Err(text),
        Err(CallError::Deadlock(_)) => {
            clock.told();
            Err(TOLD.into())
        }
        Err(other) => Err(other.to_string()),
    }
}

/// Tells as long as there is room, and once more.
async fn fill(to: &NodeHandle, clock: &Clock) -> Result<(), CallError<String>> {
    for _ in 0..8 * ROOM {
        clock.call();
        match to.quick().tell().await {
            Ok(()) => {}
            Err(TellError::Deadlock(_, cycle)) => return Err(CallError::Deadlock(cycle)),
            Err(other) => return Err(CallError::Handler(other.to_string())),
        }
    }
    Ok(())
}

/// Circles of actors that do nothing else, one at a time.
pub(crate) async fn alone(direct: bool, circles: u64, mut random: Random, tally: &Arc<Tally>) {
    let how = || Spawn::new().direct(direct).mailbox(ROOM);
    let nodes: Vec<_> = (0..8).map(|_| Node::new(Place::alone(tally)).spawn_with(how())).collect();
    for circle in 0..circles {
        let route = Route::alone(&nodes, &mut random, tally);
        if let Err(wrong) = route.walk(&tally.alone).await {
            return tally.wrong(format_args!("circle {circle} alone: {wrong}"));
        }
    }
    for circle in 0..circles / 4 {
        let (clock, size) = (Arc::new(Clock::default()), 2 + random.below(nodes.len() - 1));
        let barrier = Arc::new(Barrier::new(size));
        let callers = (0..size).map(|n| {
            let next = nodes[(n + 1) % size].clone();
            let crossing = Crossing { next, barrier: Arc::clone(&barrier), clock: Arc::clone(&clock) };
            let node = nodes[n].clone();
            tokio::spawn(async move { node.cross(crossing).await })
        });
        let answers = join_all(callers).await;
        if !answers.iter().any(|answer| matches!(answer, Ok(Ok(true)))) {
            tally.wrong(format_args!("circle {circle}, closed by all at once: nobody was told: {answers:?}"));
        }
        tally.crossing.add(clock.took());
    }
}

/// All of a circle call the next one at the same moment.
#[derive(Clone, Debug)]
pub(crate) struct Crossing {
    next: NodeHandle,
    barrier: Arc<Barrier>,
    clock: Arc<Clock>,
}

impl Crossing {
    /// Whether it was told.
    pub(crate) async fn cross(self) -> bool {
        self.barrier.wait().await;
        self.clock.call();
        let is_told = matches!(self.next.quick().await, Err(CallError::Deadlock(_)));
        if is_told {
            self.clock.told();
        }
        is_told
    }
}
