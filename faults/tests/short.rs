//! Two faults in real namespaces, and two machines that find each other, in a few seconds; where none can be made the program says that it was skipped.

use std::io::Write as _;
use std::process::Command;

fn faults(args: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_faults")).args(args).output();
    let output = output.unwrap_or_else(|error| panic!("{error}"));
    let (said, why) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    // Past what the test runner keeps to itself: that nothing was tested must be seen.
    if said.starts_with("skipped") {
        let _ = std::io::stderr().write_all(said.as_bytes());
    }
    assert!(output.status.success(), "{said}{why}");
}

#[test]
fn what_is_killed_or_cut_off_is_answered_as_lost_in_time() {
    faults(&["table", "--short"]);
}

#[test]
fn neighbours_find_each_other_by_multicast() {
    faults(&["neighbours"]);
}
