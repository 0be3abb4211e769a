//! This library: the programs of `examples/savina`.

use std::time::Duration;

use actor_core::prelude::*;
use savina::{ALL, Scale};

use crate::program::{Program, Threads};

pub(crate) fn run<const DIRECT: bool>(program: Program, threads: Threads) -> Option<Duration> {
    let entry = ALL.iter().find(|entry| entry.name == program.short()).expect("it is one of the suite");
    let run = entry.run(Scale::Savina, Spawn::new().direct(DIRECT));
    // A task of its own: what `block_on` polls itself is woken in a dearer way.
    let report = threads.runtime().block_on(async { tokio::spawn(run).await.expect("no panic") });
    Some(report.expect("a right result").took)
}
