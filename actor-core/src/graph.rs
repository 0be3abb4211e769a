//! Deadlocks: a walk along the waits of actors, from one whose handler pends.
//!
//! A handler is stuck if all that it waits for waits, in the end, for handlers that are stuck. So of all that can be reached, those are
//! struck out that may go on, until nothing changes; what is left waits for ever.
//!
//! Actors are looked at one after the other while others run, so a first look only suspects. A second one, under a lock
//! that all share, decides: if every actor in it is as the first saw it, by its version, then at the moment between the two all of it
//! held at once. Nobody is missed either: each handler that pends looks after its waits were noted, so of those who close a cycle together
//! the last sees all of it.

mod sight;

use crate::bare::Joint;
use crate::cycle::Cycle;
use crate::shared::Shared;
use crate::sync::Mutex;
use crate::waits::{self, Awaited, Edge, Level, Stage, Target, Waits, What, is_at};
use std::sync::Arc;
#[cfg(not(loom))]
use std::sync::LazyLock;

use sight::{Hop, Sight};

/// Held by whoever decides, so that two do not break one knot in two places.
#[cfg(not(loom))]
static DECIDING: LazyLock<Mutex<()>> = LazyLock::new(|| Mutex::new(()));
#[cfg(loom)]
loom::lazy_static! {
    static ref DECIDING: Mutex<()> = Mutex::new(());
}

/// The poll of this actor's handler has ended, and it pends. If its waits close a cycle, the newest call of it that is still queued is
/// refused.
pub(crate) fn look(shared: &Shared, first: First) {
    if let First::One(to) = first
        && leads_out(shared, to)
    {
        return;
    }
    let Some(mut suspicion) = Suspicion::of(shared) else { return };
    let deciding = DECIDING.lock();
    let waker = loop {
        let Some(sure) = Suspicion::of(shared) else { return };
        if sure.signature == suspicion.signature {
            match &sure.way_out {
                WayOut::Pass(call, at) => {
                    if call.let_pass() {
                        waits::let_pass(at);
                        break None;
                    }
                }
                WayOut::Refuse(victim) => {
                    if let Some(waker) = victim.refuse(&sure.cycle) {
                        break waker;
                    }
                }
            }
        }
        suspicion = sure;
    };
    // Whatever runs in a waker may come here.
    drop(deciding);
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// What a handler waits for of which it is not certain that it comes, at first sight.
pub(crate) enum First {
    One(Arc<Shared>),
    Several,
}

impl First {
    /// `None`: it goes on some time. Of one that waits for several it is enough that one of them comes. Of one that waits for a single one it
    /// need not be known how that stands: if it is over, the handler waits for something that nobody knows.
    #[inline]
    pub(crate) fn of(waits: &Waits) -> Option<Self> {
        match (&waits.main.edges[..], &waits.served[..]) {
            ([edge], []) if edge.leads_out() => None,
            _ => Self::looked_for(waits),
        }
    }

    #[inline(never)]
    fn looked_for(waits: &Waits) -> Option<Self> {
        let goes_on =
            |level: &Level| level.edges.is_empty() || level.edges.iter().rev().any(|edge| comes(edge, level));
        match (&waits.main.edges[..], &waits.served[..]) {
            _ if waits.levels().all(goes_on) => None,
            ([edge], []) => Some(First::One(Arc::clone(&edge.target.to))),
            _ => Some(First::Several),
        }
    }
}

/// Whether what is waited for comes for sure, since nobody who waits himself keeps it waiting.
fn comes(edge: &Edge, level: &Level) -> bool {
    let (stage, awaited) = edge.sight();
    let target = &edge.target;
    match (stage, &awaited) {
        (Stage::Over, _) => false,
        (Stage::Queued | Stage::Started, Some(awaited)) => target.to.waits.surely(|waits| {
            let ahead = Ahead { target, awaited, queued: stage == Stage::Queued };
            let has_news = || !target.to.inlet().is_seen();
            !waits
                .levels()
                .any(|level| ahead.is(waits.serving, has_news, level.run, level.depth, level.caller))
        }),
        _ => !level.unswept,
    }
}

/// What a call waits for at its actor: this is where it stands.
struct Ahead<'a> {
    target: &'a Target,
    awaited: &'a Joint<dyn Awaited>,
    queued: bool,
}

impl Ahead<'_> {
    /// Whether it is this handler, of an actor of whose handlers so many are in `serving`.
    fn is(
        &self,
        serving: usize,
        has_news: impl FnOnce() -> bool,
        run: u64,
        depth: usize,
        caller: Option<usize>,
    ) -> bool {
        let Ahead { target, awaited, queued } = self;
        if *queued {
            // Served at once, or after what is being served. One who serves, pends and has seen all that is in its mailbox serves nothing of it:
            // what still waits for room then waits for the handler, as others do.
            let stands = if target.goes_between() && serving > 0 && has_news() { serving } else { 0 };
            return depth == stands && !awaited.passes();
        }
        // If there is none, it has been given to a `ReplyTo` whose handler has returned, or its handler waits for nobody.
        match (&target.what, caller) {
            (What::Item(number), _) => run == *number,
            (_, Some(caller)) => is_at(awaited, caller),
            (_, None) => false,
        }
    }
}

/// So far single waits are followed, one after the other, before all that can be reached is looked at.
const FAR: usize = 64;

/// Whether a way of single waits, from one of `shared` on, ends at an actor that keeps nobody waiting. Then nobody on it is stuck.
fn leads_out(shared: &Shared, mut to: Arc<Shared>) -> bool {
    for _ in 0..FAR {
        match to.waits.look(|_, waits| First::of(waits)).flatten() {
            None => return true,
            Some(First::One(next)) if next.id != shared.id => to = next,
            Some(First::One(_) | First::Several) => return false,
        }
    }
    false
}

/// One who looks like being stuck.
struct Suspicion {
    /// Of all that is stuck: the same again means that nothing of it has changed.
    signature: Vec<u64>,
    way_out: WayOut,
    cycle: Cycle,
}

/// How a cycle is broken.
enum WayOut {
    /// A call that reads need not wait for writers while the actor reads already: it can pass them.
    Pass(Joint<dyn Awaited>, Arc<Shared>),
    Refuse(Joint<dyn Awaited>),
}

impl Suspicion {
    fn of(shared: &Shared) -> Option<Self> {
        let sight = Sight::from(shared);
        let stuck = sight.stuck();
        let first = (0..sight.actors.first()?.runs).find(|&run| stuck[run])?;
        let path = sight.cycle(first, &stuck);
        let at = path.iter().enumerate().filter_map(|(at, hop)| hop.queued().map(|wait| (at, wait)));
        // Where nothing is queued any more nothing can be refused.
        let (at, victim) = at.max_by_key(|(_, wait)| wait.number)?;
        if sight.ends_before(&path, &stuck, victim.target.until()) {
            return None;
        }
        let cycle = sight.tell(&path, at);
        let passes = path.iter().filter_map(Hop::queued).find(|wait| sight.can_pass(wait));
        let way_out = match passes {
            Some(wait) => WayOut::Pass(Joint::clone(&wait.awaited), Arc::clone(&wait.target.to)),
            None => WayOut::Refuse(Joint::clone(&victim.awaited)),
        };
        Some(Suspicion { signature: sight.signature(&stuck), way_out, cycle })
    }
}
