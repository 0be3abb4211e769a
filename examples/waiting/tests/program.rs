//! The built program: all six, one by name, and one that there is not.

use std::process::{Command, Output};

fn waiting(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_waiting")).args(arguments).output().expect("the program runs")
}

#[test]
fn all_of_them() {
    let output = waiting(&[]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let headings: Vec<_> = said.lines().filter_map(|line| line.strip_prefix("== ")).collect();
    assert_eq!(headings, ["bank", "philosophers", "buffer", "barber", "search", "crawler"]);
}

#[test]
fn one_by_name() {
    let output = waiting(&["bank"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.starts_with("== bank\n") && said.matches("== ").count() == 1,
        "{said}"
    );
}

#[test]
fn one_that_there_is_not() {
    let output = waiting(&["bnak"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("bnak"), "{said}");
}
