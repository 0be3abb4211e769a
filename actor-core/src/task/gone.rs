//! The runtime goes, and the actor with it.

use super::{Task, Work};
use crate::ending;
use crate::exit::Panicked;
use crate::orphans::Orphans;
use crate::outlet::Outlet;
use crate::shared::Shared;
use crate::spot::{Found, Leaving};
use crate::taken::AnyTaken;
use std::mem;

impl Drop for Task {
    fn drop(&mut self) {
        let Task { shared, driver } = self;
        let Some(outlet) = shared.inlet().outlet() else { return };
        let Some(driver) = driver.as_deref_mut() else {
            if !shared.has_ended() {
                let_go(shared, outlet, &mut AnyTaken::default(), outlet.spot().close());
            }
            return;
        };
        let found = match mem::replace(&mut driver.work, Work::Over) {
            Work::Over if shared.has_ended() => return,
            Work::Over => {
                // A panic went through the task and took the actor with it; its callers are still there.
                let panicked = Panicked::new(None, "the actor was lost".to_owned(), None);
                Found::Left(Box::new(Leaving::Broken(None, panicked, Orphans::default())))
            }
            Work::Here(engine) => Found::Engine(engine),
            Work::Waiting(started) => Found::Left(Box::new(Leaving::Started(*started))),
            Work::Resting => outlet.spot().close(),
            Work::Burying(burial) if !burial.fell => return burial.over.announce_now(shared),
            Work::Burying(burial) => {
                burial.over.children.iter().rev().for_each(|child| child.shared.kill());
                Found::Left(Box::new(Leaving::Nothing))
            }
            Work::Down(_) => Found::Left(Box::new(Leaving::Nothing)),
        };
        driver.forget_keeper(shared);
        let_go(shared, outlet, &mut driver.taken, found);
    }
}

/// Ends an actor whose task goes.
fn let_go(shared: &Shared, outlet: &dyn Outlet, taken: &mut AnyTaken, found: Found) {
    match found {
        Found::Engine(engine) => ending::abandon(shared, outlet, taken, Leaving::Engine(engine)),
        Found::Left(left) => ending::abandon(shared, outlet, taken, *left),
        Found::Later => {
            // A caller has it in the middle of a handler, and ends it when it comes back, with what lies in its mailbox.
            outlet.put_aside(taken);
            shared.kill();
        }
    }
}
