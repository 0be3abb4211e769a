//! `filesync sync --watch`.

use std::fs;

use crate::running::Running;
use crate::support::{Place, noise, until};

/// Watches `a` and `b`.
fn watching(place: &Place, latency: &str) -> Running {
    let mut command = place.command(["a", "b"]);
    command.args(["--watch", "--latency", latency]);
    Running::new(command)
}

/// Waits for the end of a sync, and what it says of itself.
fn synced(watching: &Running) -> String {
    watching.says("in sync: ")
}

#[test]
fn what_is_done_in_one_folder_is_done_in_the_other_until_ctrl_c() {
    let place = Place::new(["a", "b"]);
    place.write("a/before", "1");
    let watching = watching(&place, "0");
    let first = synced(&watching);
    assert!(first.starts_with("in sync: 2 folders with 1 file and 0 directories: 1 file taken"), "{first}");
    place.write("a/new/file", "by a");
    until("b has it", || fs::read(place.at("b/new/file")).is_ok_and(|text| text == b"by a"));
    // Nothing is said of a sync that only looks at what the one before has written.
    let second = synced(&watching);
    assert!(second.contains("taken"), "{second}");
    place.write("b/new/file", "by b, and longer");
    until("a has the edit", || {
        fs::read(place.at("a/new/file")).is_ok_and(|text| text == b"by b, and longer")
    });
    place.remove("b/before");
    until("it is gone in a", || !place.at("a/before").exists());
    watching.press_ctrl_c();
    assert_eq!(watching.ended(0), "");
    place.sync(["a", "b"]);
}

#[test]
fn ctrl_c_in_the_middle_of_a_transfer_leaves_nothing_half_done() {
    let place = Place::new(["a", "b"]);
    let content = noise(1, 20_000_000);
    place.write("a/x", &content);
    let watching = watching(&place, "300");
    // Most often in the middle; a machine that has much else to do may have let it come to its end unseen.
    until("b fetches", || {
        place.at("b/x").exists() || fs::read_dir(place.at("b/.filesync/tmp")).is_ok_and(|dir| dir.count() > 0)
    });
    watching.press_ctrl_c();
    watching.ended(0);
    assert!(fs::read(place.at("b/x")).map_or(true, |text| text == content));
    place.sync(["a", "b"]);
}

#[test]
fn a_folder_that_goes_away_ends_it() {
    let place = Place::new(["a", "b"]);
    place.write("a/x", "1");
    let watching = watching(&place, "0");
    synced(&watching);
    fs::rename(place.at("b"), place.at("elsewhere")).unwrap();
    place.write("a/y", "1");
    let err = watching.ended(1);
    assert!(err.contains("error: cannot "), "{err}");
    assert!(place.at("elsewhere/x").exists() && place.at("a/x").exists());
}
