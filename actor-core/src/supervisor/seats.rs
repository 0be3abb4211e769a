//! The children of a supervisor in the order in which they were added, by who they are and by what is due.
//!
//! Each report of a child makes its supervisor look what is next. A look at all of them would cost a supervisor of many the square of their
//! number when all fall; here it costs a step in a tree.

use super::seat::{Seat, State};
use crate::id::ActorId;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Where a child stands in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank(u64);

/// A step of work, which a test counts.
#[inline]
fn look() {
    #[cfg(test)]
    tests::LOOKS.with(|looks| looks.set(looks.get() + 1));
}

#[derive(Default)]
pub(super) struct Seats {
    seats: BTreeMap<Rank, Seat>,
    ranks: HashMap<ActorId, Rank>,
    added: u64,
    // Each child is in one of these, or up.
    down: BTreeSet<Rank>,
    starting: BTreeSet<Rank>,
    stopping: BTreeSet<Rank>,
    /// To go down, and up again.
    stale: BTreeSet<Rank>,
}

impl Seats {
    /// The last in order; it is down.
    pub(super) fn add(&mut self, seat: Seat) {
        look();
        self.added += 1;
        let rank = Rank(self.added);
        self.ranks.insert(seat.child.id, rank);
        self.seats.insert(rank, seat);
        self.down.insert(rank);
    }

    pub(super) fn remove(&mut self, child: ActorId) {
        let Some(rank) = self.ranks.remove(&child) else { return };
        self.leave(rank);
        self.stale.remove(&rank);
        self.seats.remove(&rank);
    }

    pub(super) fn find(&mut self, child: ActorId) -> Option<(Rank, &mut Seat)> {
        look();
        let rank = *self.ranks.get(&child)?;
        Some((rank, self.seats.get_mut(&rank)?))
    }

    pub(super) fn all(&mut self) -> impl Iterator<Item = &mut Seat> {
        self.seats.values_mut().inspect(|_| look())
    }

    pub(super) fn state(&self, rank: Rank) -> State {
        match () {
            () if self.down.contains(&rank) => State::Down,
            () if self.starting.contains(&rank) => State::Starting,
            () if self.stopping.contains(&rank) => State::Stopping,
            () => State::Up,
        }
    }

    pub(super) fn set(&mut self, rank: Rank, state: State) {
        self.leave(rank);
        match state {
            State::Down => self.down.insert(rank),
            State::Starting => self.starting.insert(rank),
            State::Stopping => self.stopping.insert(rank),
            State::Up => false,
        };
    }

    fn leave(&mut self, rank: Rank) {
        look();
        for set in [&mut self.down, &mut self.starting, &mut self.stopping] {
            set.remove(&rank);
        }
    }

    pub(super) fn is_stale(&self, rank: Rank) -> bool {
        self.stale.contains(&rank)
    }

    /// This one and those behind it are to go down.
    pub(super) fn spoil_from(&mut self, rank: Rank) {
        let all = self.seats.range(rank..).map(|(rank, _)| *rank).inspect(|_| look());
        self.stale.extend(all.filter(|rank| !self.down.contains(rank)));
    }

    pub(super) fn spoil_all(&mut self) {
        self.spoil_from(Rank(0));
    }

    /// Sends down those that are to go, the last one first, one at a time. `false`: all are.
    pub(super) fn go_down(&mut self) -> bool {
        while self.stopping.is_empty() {
            look();
            let Some(rank) = self.stale.pop_last() else { return false };
            if let Some(seat) = self.seats.get(&rank)
                && !self.down.contains(&rank)
            {
                let state = seat.down();
                self.set(rank, state);
            }
        }
        true
    }

    /// Sends up those that are down, the first one first; one at a time where they belong together.
    pub(super) fn go_up(&mut self, together: bool) {
        while let Some(&rank) = self.down.first() {
            look();
            let waits = together && self.starting.first().is_some_and(|first| *first < rank);
            let Some(seat) = self.seats.get(&rank).filter(|_| !waits) else { return };
            let state = seat.up();
            self.set(rank, state);
        }
    }

    pub(super) fn are_up(&self) -> bool {
        self.down.is_empty() && self.starting.is_empty() && self.stopping.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use crate::actor::Actor;
    use crate::exit::ExitReason;
    use crate::handle::{ActorHandle, Handle};
    use crate::supervise::Supervise;
    use crate::supervisor::node::Node;
    use crate::supervisor::{Event, Supervisor, post};
    use std::cell::Cell;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    thread_local!(pub(super) static LOOKS: Cell<usize> = const { Cell::new(0) });

    /// The work of a supervisor whose children all fall once and then all end.
    fn looks(supervisor: fn() -> Supervisor, children: usize) -> usize {
        LOOKS.set(0);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let supervisor = supervisor().intensity(u32::MAX, Duration::ZERO).spawn();
            let made = Arc::new(AtomicUsize::new(0));
            let are_made = async |many| {
                while made.load(Ordering::SeqCst) < many {
                    tokio::task::yield_now().await;
                }
            };
            let all: Vec<<Node as Actor>::Handle> = (0..children)
                .map(|_| {
                    let made = Arc::clone(&made);
                    supervisor.child(Supervise::permanent(), move || {
                        made.fetch_add(1, Ordering::SeqCst);
                        Node::new(Supervisor::one_for_one(), None)
                    })
                })
                .collect();
            are_made(children).await;
            for child in &all {
                let fails = Event::Over(ExitReason::failed("fell".into()));
                assert!(post(child.raw().shared(), fails).is_ok());
            }
            are_made(2 * children).await;
            all.iter().for_each(ActorHandle::stop);
            for child in &all {
                child.stopped().await;
            }
        });
        LOOKS.get()
    }

    #[test]
    #[cfg_attr(loom, ignore = "it is not about interleavings")]
    fn many_that_fall_cost_no_look_at_each_other() {
        for supervisor in [Supervisor::one_for_one, Supervisor::one_for_all] {
            let (few, many) = (looks(supervisor, 100), looks(supervisor, 1_000));
            assert!(many <= 11 * few && many <= 40 * 1_000, "{few} looks of 100, {many} of 1000");
        }
    }
}
