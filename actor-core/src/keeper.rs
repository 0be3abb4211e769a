//! What makes an actor anew when it fell, and how its supervisor reaches it.

use crate::engine::Engine;
use crate::exit::ExitReason;
use crate::id::ActorId;
use crate::shared::Shared;
use crate::supervise::{Judge, Kind};
use crate::supervisor;
use crate::sync::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

pub(crate) type Make = Box<dyn FnMut(&Arc<Shared>) -> Box<dyn Engine> + Send>;

/// Of one supervised actor; its task has it.
pub(crate) struct Keeper {
    pub(crate) make: Make,
    pub(crate) kind: Kind,
    pub(crate) rule: Rule,
}

/// Who decides.
pub(crate) enum Rule {
    /// The actor's own task.
    Own(Judge),
    /// Its supervisor.
    Above(Arc<Leash>),
}

/// Between a supervisor and one of its children: orders down, reports up.
pub(crate) struct Leash {
    child: ActorId,
    supervisor: Arc<Shared>,
    grace: Duration,
    state: Mutex<State>,
}

struct State {
    order: Option<Order>,
    /// When a child that is to go down is cut off.
    cut: Option<Instant>,
}

/// What a supervisor wants of a child that is down.
pub(crate) enum Order {
    /// To be made anew, not before this time if there is one.
    Up(Option<Instant>),
    /// To end for good.
    Over(ExitReason),
}

/// What a supervisor hears of a child.
#[derive(Debug)]
pub(crate) enum Report {
    /// It runs.
    Up,
    /// It fell, and waits for an order.
    Fell(ExitReason),
    /// As it was told to.
    Down,
}

impl Leash {
    pub(crate) fn new(child: ActorId, supervisor: Arc<Shared>, grace: Duration) -> Arc<Self> {
        Arc::new(Leash { child, supervisor, grace, state: Mutex::new(State { order: None, cut: None }) })
    }

    pub(crate) fn report(&self, report: Report) {
        supervisor::report(&self.supervisor, self.child, report);
    }

    /// To a child that is down.
    pub(crate) fn order(&self, child: &Shared, order: Order) {
        let mut state = self.state.lock();
        state.cut = None;
        let before = state.order.replace(order);
        drop(state);
        drop(before);
        child.bell.knock();
    }

    /// To a child that is up or about to be. `false`: it is still down.
    pub(crate) fn down(&self, child: &Shared) -> bool {
        let mut state = self.state.lock();
        if state.order.take().is_some() {
            return false;
        }
        state.cut = Instant::now().checked_add(self.grace);
        // With the lock held: a child that comes up takes its order under it first.
        child.go_down();
        drop(state);
        child.bell.knock();
        true
    }

    /// When a child that is to go down is cut off.
    pub(crate) fn cut(&self) -> Option<Instant> {
        self.state.lock().cut
    }

    /// The order, if its time has come; else when it does.
    pub(crate) fn take_order(&self, child: &Shared) -> Result<Order, Option<Instant>> {
        let mut state = self.state.lock();
        match state.order.take() {
            None => Err(None),
            Some(Order::Up(Some(at))) if at > Instant::now() => {
                state.order = Some(Order::Up(Some(at)));
                Err(Some(at))
            }
            Some(order) => {
                child.come_up();
                Ok(order)
            }
        }
    }
}
