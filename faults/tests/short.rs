//! Two faults in real namespaces, in a few seconds; where none can be made the program says that it was skipped.

use std::process::Command;

#[test]
fn what_is_killed_or_cut_off_is_answered_as_lost_in_time() {
    let output = Command::new(env!("CARGO_BIN_EXE_faults")).args(["table", "--short"]).output();
    let output = output.unwrap_or_else(|error| panic!("{error}"));
    let (said, why) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{said}{why}");
    assert!(output.status.success(), "{said}{why}");
}
