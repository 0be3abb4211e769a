//! The tables, and what is held against them.

use std::time::Duration;

use bench_kit::table::Table;

use crate::flooded;
use crate::neighbour::Neighbour;
use crate::options::Threads;
use crate::others;
use crate::times::{Times, short};

/// Nobody is delayed for longer, and what must come through does so by then.
const PROMISE: Duration = Duration::from_millis(1);
/// Of a hundred ticks.
const TICKS: u64 = 90;

pub(crate) fn others(threads: Threads, all: &[others::Seen]) -> String {
    let mut table = Table::new(["beside", "turns", "late", "ask, direct", "ask, queued"]);
    for seen in all {
        let [direct, queued] = &seen.asks;
        let cells = [&seen.turns, &seen.woken, direct, queued].map(Times::to_string);
        table.push(std::iter::once(seen.neighbour.name()).chain(cells));
    }
    format!("\nµs beside a neighbour, {}: p50 / p99 / p99.9 / max\n\n{table}", threads.title())
}

pub(crate) fn flooded(threads: Threads, all: &[flooded::Seen]) -> String {
    let mut table =
        Table::new(["in", "urgent ask", "end of another", "own kill", "tick late", "ticks", "ordinary ask"]);
    for seen in all {
        let [urgent, exits, kills, late, ordinary] =
            [&seen.urgent, &seen.exits, &seen.kills, &seen.late, &seen.ordinary].map(Times::to_string);
        let ticks = format!("{} of {}", seen.late.count(), seen.due);
        table.push([seen.flood.name(), urgent, exits, kills, late, ticks, ordinary]);
    }
    format!("\nµs in a flooded actor, {}: p50 / p99 / p99.9 / max\n\n{table}", threads.title())
}

/// What is worst and must not be worse: on one thread the longest of all, by processor time; on two, where the system may take a thread away for
/// long, by the clock, all but one in a hundred.
fn worst(threads: Threads, times: &Times) -> Duration {
    match threads {
        Threads::One => times.max(),
        Threads::Two => times.at(0.99),
    }
}

fn check(threads: Threads, what: &str, times: &Times, limit: Duration) -> Option<String> {
    let worst = worst(threads, times);
    (worst > limit).then(|| format!("{}: {what}: {} µs", threads.title(), short(worst)))
}

pub(crate) fn broken_to_others(threads: Threads, all: &[others::Seen]) -> Vec<String> {
    // What tokio's own tasks do to each other is not held against actors, nor that a thousand of them are woken at once.
    let is_one = |neighbour| !matches!(neighbour, Neighbour::Tasks | Neighbour::TimedActors);
    let by_actors = all.iter().filter(|seen| is_one(seen.neighbour));
    let check = |seen: &others::Seen| {
        check(threads, &format!("a task beside {}", seen.neighbour.name()), &seen.turns, PROMISE)
    };
    by_actors.filter_map(check).collect()
}

pub(crate) fn broken_to_flooded(threads: Threads, all: &[flooded::Seen]) -> Vec<String> {
    let mut broken = Vec::new();
    for seen in all {
        let name = seen.flood.name();
        // Among urgent messages an urgent one is an ordinary one.
        let urgent = (!matches!(seen.flood, Neighbour::Urgent(_))).then_some(("an urgent ask", &seen.urgent));
        let others = [("the end of another", &seen.exits), ("its own kill", &seen.kills)];
        let checks = urgent.into_iter().chain(others);
        broken.extend(
            checks.filter_map(|(what, times)| check(threads, &format!("{what} in {name}"), times, PROMISE)),
        );
        // By the clock of a system that may take the thread away in between.
        let late = seen.late.at(0.95);
        if late > PROMISE {
            broken.push(format!("{}: ticks in {name} are late: {} µs", threads.title(), short(late)));
        }
        if seen.late.count() * 100 < seen.due * TICKS {
            broken.push(format!(
                "{}: ticks in {name}: {} of {}",
                threads.title(),
                seen.late.count(),
                seen.due
            ));
        }
    }
    broken
}
