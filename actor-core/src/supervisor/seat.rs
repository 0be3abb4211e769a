//! A child, as its supervisor knows it.

use super::{Event, post};
use crate::exit::ExitReason;
use crate::keeper::{Leash, Order};
use crate::shared::Shared;
use crate::supervise::{Judge, Kind};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

pub(super) struct Seat {
    pub(super) child: Arc<Shared>,
    pub(super) kind: Kind,
    pub(super) judge: Judge,
    pub(super) unit: Unit,
    pub(super) not_before: Option<Instant>,
}

/// How a child gets its orders.
pub(super) enum Unit {
    Actor(Arc<Leash>, Duration),
    Tree,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Down,
    Starting,
    Up,
    /// Or ending for good.
    Stopping,
}

impl Seat {
    pub(super) fn up(&self) -> State {
        // Kept, for one that has to go down again before it is up.
        let at = self.not_before;
        match &self.unit {
            Unit::Actor(leash, _) => leash.order(&self.child, Order::Up(at)),
            // If it fails, it has ended, which is told as an exit; so below.
            Unit::Tree => drop(post(&self.child, Event::Up(at))),
        }
        State::Starting
    }

    pub(super) fn down(&self) -> State {
        match &self.unit {
            Unit::Actor(_, grace) if self.kind == Kind::Temporary => self.child.stop_within(*grace),
            Unit::Tree if self.kind == Kind::Temporary => self.child.stop(),
            Unit::Actor(leash, _) if !leash.down(&self.child) => return State::Down,
            Unit::Actor(..) => {}
            Unit::Tree => drop(post(&self.child, Event::Down)),
        }
        State::Stopping
    }

    /// It ends for good.
    pub(super) fn over(&self, reason: ExitReason) -> State {
        match &self.unit {
            Unit::Actor(leash, _) => leash.order(&self.child, Order::Over(reason)),
            Unit::Tree => drop(post(&self.child, Event::Over(reason))),
        }
        State::Stopping
    }
}
