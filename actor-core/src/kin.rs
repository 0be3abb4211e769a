//! Whom an actor watches, who watches it, and its children.
//!
//! Of two actors one is locked at a time. An exit is told once for each watch: it is taken out of what is watched when it arrives, under
//! the watcher's lock, so an `unwatch` before means that it is not seen.

use crate::exit::{Exit, ExitReason};
use crate::id::ActorId;
use crate::raw_handle::RawHandle;
use crate::shared::Shared;
use std::collections::{HashMap, VecDeque};
use std::mem;
use std::sync::{Arc, Weak};
use std::time::Duration;

#[derive(Default)]
pub(crate) struct Kin {
    watching: HashMap<ActorId, Watched>,
    watchers: HashMap<ActorId, Watcher>,
    /// So many have begun to watch it.
    began: u64,
    /// Told, and not yet handled.
    exits: VecDeque<Exit>,
    /// In the order that they were made.
    children: Vec<Child>,
    /// Children that have ended are forgotten when there are so many.
    crowd: usize,
}

/// Whoever is watched.
enum Watched {
    Here(Weak<Shared>),
    /// The way to it ends with its last handle, which says nothing of the actor there: this is one.
    Elsewhere(RawHandle),
}

impl Watched {
    fn new(whom: &Arc<Shared>) -> Self {
        if whom.inlet().is_proxy() {
            Watched::Elsewhere(RawHandle::one_more(whom))
        } else {
            Watched::Here(Arc::downgrade(whom))
        }
    }

    fn shared(&self) -> Option<Arc<Shared>> {
        match self {
            Watched::Here(whom) => whom.upgrade(),
            Watched::Elsewhere(whom) => Some(Arc::clone(whom.shared())),
        }
    }
}

struct Watcher {
    shared: Weak<Shared>,
    /// How many had begun by then, it too: they are told in this order.
    rank: u64,
}

#[derive(Clone)]
pub(crate) struct Child {
    pub(crate) shared: Arc<Shared>,
    /// How long it may take to end when its parent does; by default as long as it takes.
    pub(crate) grace: Option<Duration>,
}

/// `watcher` is told when `whom` ends: at once, if it has.
pub(crate) fn watch(watcher: &Arc<Shared>, whom: &Arc<Shared>) {
    let known = watcher.with_kin(|kin| kin.watching.insert(whom.id, Watched::new(whom)));
    if known.is_some() {
        return;
    }
    whom.ask_after();
    let over = whom.with_kin(|kin| {
        // Whoever announces the end has said the reason before it takes the watchers.
        let over = whom.reason();
        if over.is_none() {
            kin.began += 1;
            kin.watchers.insert(watcher.id, Watcher { shared: Arc::downgrade(watcher), rank: kin.began });
        }
        over
    });
    if let Some(reason) = over {
        tell(watcher, whom, &reason);
    }
}

/// From here on the end of `whom` is not told.
pub(crate) fn unwatch(watcher: &Shared, whom: &Shared) {
    let watched = watcher.with_kin(|kin| {
        kin.exits.retain(|exit| exit.id != whom.id);
        kin.watching.remove(&whom.id)
    });
    whom.with_kin(|kin| kin.watchers.remove(&watcher.id));
    drop(watched);
}

/// A child has been made.
pub(crate) fn adopt(parent: &Shared, child: Child) {
    parent.with_kin(|kin| {
        if kin.children.len() >= kin.crowd {
            kin.children.retain(|child| child.shared.is_running());
            kin.crowd = (kin.children.len() * 2).max(16);
        }
        kin.children.push(child);
    });
}

/// The next exit to be handled.
pub(crate) fn next_exit(watcher: &Shared) -> Option<Exit> {
    watcher.with_kin(|kin| {
        let exit = kin.exits.pop_front();
        if kin.exits.is_empty() {
            watcher.exits_handled();
        }
        exit
    })
}

/// The children, when their parent ends.
pub(crate) fn take_children(parent: &Shared) -> Vec<Child> {
    parent.if_kin(|kin| mem::take(&mut kin.children)).unwrap_or_default()
}

/// It is made anew: it watches nobody yet.
pub(crate) fn forget(watcher: &Shared) {
    let watching = watcher.if_kin(|kin| {
        kin.exits.clear();
        watcher.exits_handled();
        mem::take(&mut kin.watching)
    });
    for whom in watching.unwrap_or_default().into_values().filter_map(|whom| whom.shared()) {
        whom.if_kin(|kin| kin.watchers.remove(&watcher.id));
    }
}

/// Tells all who watch it, the first one first, and watches nobody any more.
pub(crate) fn announce(over: &Shared, reason: &ExitReason) {
    let Some(kin) = over.if_kin(mem::take) else { return };
    let mut watchers: Vec<_> = kin.watchers.into_values().collect();
    watchers.sort_unstable_by_key(|watcher| watcher.rank);
    for watcher in watchers.iter().filter_map(|watcher| watcher.shared.upgrade()) {
        tell(&watcher, over, reason);
    }
    for whom in kin.watching.into_values().filter_map(|whom| whom.shared()) {
        whom.if_kin(|kin| kin.watchers.remove(&over.id));
    }
}

fn tell(watcher: &Shared, over: &Shared, reason: &ExitReason) {
    let watched = watcher.with_kin(|kin| {
        let watched = kin.watching.remove(&over.id);
        if watched.is_some() {
            kin.exits.push_back(Exit { id: over.id, name: over.name.clone(), reason: reason.clone() });
            watcher.exit_told();
        }
        watched
    });
    if watched.is_some() {
        watcher.bell.knock();
    }
}
