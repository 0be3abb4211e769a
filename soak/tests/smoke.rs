//! Runs the built programs for a moment.

use std::process::Command;

#[test]
fn a_moment_each_way_finds_nothing() {
    let output = Command::new(env!("CARGO_BIN_EXE_soak"))
        .args(["--seconds", "2", "--actors", "100", "--seed", "7"])
        .output()
        .unwrap();
    let said = str::from_utf8(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    for way in ["direct calls on: ", "direct calls off: "] {
        assert!(said.contains(way), "{said}");
    }
    assert_eq!(said.matches("0 allocations, 0 bytes").count(), 2, "{said}");
}

#[test]
fn a_few_timers_come_once_each_and_nothing_is_left() {
    let output = Command::new(env!("CARGO_BIN_EXE_timers"))
        .args(["--timers", "20000", "--spread", "100"])
        .output()
        .unwrap();
    let said = str::from_utf8(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(
        said.contains("20000 timers of 1 actors, 1 tasks")
            && said.contains("20000 timers of 1000 actors, 1000 tasks"),
        "{said}"
    );
    assert_eq!(said.matches("each came once and not early").count(), 2, "{said}");
}

#[test]
fn a_few_calls_each_way_are_told_of_their_circles_alone() {
    let output = Command::new(env!("CARGO_BIN_EXE_deadlocks"))
        .args(["--calls", "5000", "--circles", "200", "--seed", "7"])
        .output()
        .unwrap();
    let said = str::from_utf8(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(
        said.contains("direct calls on, seed 7: ") && said.contains("direct calls off, seed 7: "),
        "{said}"
    );
    assert_eq!(said.matches("circles alone:        200 told").count(), 2, "{said}");
}
