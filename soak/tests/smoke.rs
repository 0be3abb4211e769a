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
