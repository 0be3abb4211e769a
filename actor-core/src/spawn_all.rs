//! Actors whose states hold handles of each other: the handles are there first.

use crate::actor::Actor;
use crate::cell::Cell;
use crate::choice::{self, Purpose};
use crate::handle::Handle;
use crate::raw_handle::RawHandle;
use crate::shared::Shared;
use crate::spawn::{self, Spawn};
use crate::task::Task;
use std::sync::Arc;

/// One that has handles, and no state yet. Dropped, it ends as one that is killed: whoever has sent it something hears of it.
struct Unmade {
    shared: Arc<Shared>,
    task: Task,
}

impl Unmade {
    #[track_caller]
    fn new<A: Actor>(how: Spawn) -> (Self, A::Handle) {
        // Whoever sends finds its task awake, and so nobody looks for its state.
        let shared = spawn::shared::<A>(how, false);
        let handle = A::Handle::from_raw(RawHandle::first(Arc::clone(&shared)));
        let task = Task::unmade(Arc::clone(&shared));
        (Unmade { shared, task }, handle)
    }

    fn make<A: Actor>(&mut self, state: A) {
        self.task.make(Box::new(Cell::new(state, Arc::clone(&self.shared))));
    }

    fn run(self) {
        let Unmade { shared, task } = self;
        choice::spawn(&shared, Purpose::Actor, task);
    }
}

#[track_caller]
pub(crate) fn spawn_all<A: Actor>(
    how: &Spawn,
    count: usize,
    mut make: impl FnMut(usize, &[A::Handle]) -> A,
) -> Vec<A::Handle> {
    let (mut all, mut handles) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for _ in 0..count {
        let (unmade, handle) = Unmade::new::<A>(how.clone());
        all.push(unmade);
        handles.push(handle);
    }
    for (place, one) in all.iter_mut().enumerate() {
        one.make(make(place, &handles));
    }
    all.into_iter().for_each(Unmade::run);
    handles
}

#[track_caller]
pub(crate) fn spawn_cyclic<A: Actor>(how: Spawn, make: impl FnOnce(&A::Handle) -> A) -> A::Handle {
    let (mut one, handle) = Unmade::new::<A>(how);
    one.make(make(&handle));
    one.run();
    handle
}
