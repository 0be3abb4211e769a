//! Each benchmark, small, on both kinds of runtime, with direct calls and without: its result is right, and none of its actors is left.

use actor_core::Spawn;
use savina::{ALL, Entry, Scale};
use std::process::{Command, Output};
use std::time::Duration;
use tokio::runtime::{Builder, Handle};
use tokio::time::timeout;

/// More than any of them needs, so that one that hangs is told by its name.
const LIMIT: Duration = Duration::from_secs(60);

async fn run(entry: &Entry, direct: bool) -> String {
    let name = entry.name;
    let run = timeout(LIMIT, entry.run(Scale::Small, Spawn::new().direct(direct)));
    let report = run.await.unwrap_or_else(|_| panic!("{name} hangs"));
    let report = report.unwrap_or_else(|problem| panic!("{name}: {problem}"));
    let ended = async {
        while Handle::current().metrics().num_alive_tasks() > 0 {
            tokio::task::yield_now().await;
        }
    };
    let left = || panic!("{} tasks of {name} are left", Handle::current().metrics().num_alive_tasks());
    timeout(LIMIT, ended).await.unwrap_or_else(|_| left());
    report.result
}

fn run_all(builder: &mut Builder, direct: bool) {
    let runtime = builder.enable_all().build().unwrap();
    for entry in ALL {
        runtime.block_on(run(entry, direct));
    }
}

#[test]
fn on_one_thread() {
    run_all(&mut Builder::new_current_thread(), true);
}

#[test]
fn on_one_thread_without_direct_calls() {
    run_all(&mut Builder::new_current_thread(), false);
}

#[test]
fn on_several_threads() {
    run_all(Builder::new_multi_thread().worker_threads(4), true);
}

#[test]
fn on_several_threads_without_direct_calls() {
    run_all(Builder::new_multi_thread().worker_threads(4), false);
}

#[test]
fn each_has_a_name_of_its_own() {
    let names: std::collections::HashSet<_> = ALL.iter().map(|entry| entry.name).collect();
    assert_eq!((names.len(), ALL.len()), (30, 30));
}

fn program(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_savina")).args(arguments).output().unwrap()
}

#[test]
fn the_program_says_what_there_is() {
    let list = String::from_utf8(program(&["--list"]).stdout).unwrap();
    let named = |(line, entry): (&str, &Entry)| line.starts_with(entry.name) && line.ends_with(entry.title);
    assert_eq!(list.lines().count(), ALL.len());
    assert!(list.lines().zip(ALL).all(named), "{list}");
}

#[test]
fn the_program_runs_those_that_are_named() {
    let output = program(&["fib", "count", "--no-direct"]);
    assert!(output.status.success());
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = lines.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].contains("Fibonacci { n: 12 } | number 12 is 144 | "), "{lines:?}");
    assert!(lines[1].contains("5000 counted"), "{lines:?}");
}

#[test]
fn the_program_says_what_there_is_not() {
    let output = program(&["fob"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "no benchmark is called `fob`; `--list` shows them\n"
    );
}
