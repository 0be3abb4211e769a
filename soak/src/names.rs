//! Names of actors that come and go: whoever has one is alone, runs, and loses it when it ends.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

use actor_core::prelude::*;
use actor_core::{ActorId, Registry};
use choices::Random;

use crate::ledger::Ledger;
use crate::target::TargetHandle;

/// Few enough that many want the same.
const COMMON: usize = 16;

/// What it is called, and whether anybody takes it away from who has it.
fn common(n: usize) -> (String, bool) {
    (format!("common {n}"), n.is_multiple_of(2))
}

fn faithful(n: usize) -> String {
    format!("faithful {n}")
}

#[derive(Debug, Default)]
pub(crate) struct Names(Registry);

impl Names {
    /// Gives any name to an actor, if it is free.
    pub(crate) fn name(&self, target: &TargetHandle, random: &mut Random, ledger: &Ledger) {
        let (name, is_taken_away) = common(random.below(COMMON));
        let is_named = self.0.register(name.as_str(), target).is_ok();
        let found = self.0.get::<TargetHandle>(&name);
        ledger.found.fetch_add(u64::from(found.is_some()), SeqCst);
        // One that runs still ran when it was looked for.
        if is_named && !is_taken_away && found.as_ref() != Some(target) && target.is_running() {
            ledger.wrong(format_args!("`{name}` is that of {target:?}, and {found:?} was found"));
        }
    }

    pub(crate) fn take_away(&self, random: &mut Random) {
        let (name, is_taken_away) = common(random.below(COMMON));
        if is_taken_away {
            self.0.unregister(&name);
        }
    }

    /// Finds one by its name and ends it: which, and what it was called.
    pub(crate) async fn end_one(&self, random: &mut Random) -> Option<(String, ActorId)> {
        let (name, _) = common(random.below(COMMON));
        let found: TargetHandle = self.0.get(&name)?;
        found.kill();
        found.stopped().await;
        Some((name, found.id()))
    }

    /// Its end was seen.
    pub(crate) fn is_not_found(&self, ended: Option<(String, ActorId)>, ledger: &Ledger) {
        let Some((name, id)) = ended else { return };
        if self.0.get::<TargetHandle>(&name).is_some_and(|found| found.id() == id) {
            ledger.wrong(format_args!("`{name}` is that of one whose end was seen"));
        }
    }

    /// A name for one that is never ended.
    pub(crate) fn keep(&self, n: usize, target: &TargetHandle, ledger: &Ledger) {
        if let Err(error) = self.0.register(faithful(n), target) {
            ledger.wrong(error);
        }
    }

    pub(crate) fn is_kept(&self, n: usize, target: &TargetHandle, is_doomed: &AtomicBool, ledger: &Ledger) {
        let found = self.0.get::<TargetHandle>(&faithful(n));
        ledger.found.fetch_add(1, SeqCst);
        if found.as_ref() != Some(target) && !is_doomed.load(SeqCst) {
            ledger.wrong(format_args!("{found:?} was found for {target:?}, which always comes back"));
        }
    }

    /// At the end, when nobody runs any more.
    pub(crate) fn are_free(&self, ledger: &Ledger) {
        let begin = Instant::now();
        while format!("{:?}", self.0) != "Registry([])" {
            if begin.elapsed() > Duration::from_secs(20) {
                return ledger.wrong(format_args!("names are left: {:?}", self.0));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
