//! `filesync sync --watch`.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{Place, noise, until};

/// Watches `a` and `b`, and is not left behind by a test that fails.
struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn new(place: &Place, latency: &str) -> Self {
        let mut command = place.command(["a", "b"]);
        command.args(["--watch", "--latency", latency]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (said, lines) = channel();
        thread::spawn(move || out.lines().try_for_each(|line| said.send(line.unwrap())));
        Self { child, lines }
    }

    /// Waits for the end of a sync, and what it says of itself.
    fn synced(&self) -> String {
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(60)).expect("it syncs");
            if line.starts_with("in sync: ") {
                return line;
            }
        }
    }

    fn press_ctrl_c(&self) {
        kill(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGINT).unwrap();
    }

    /// What it complained of, once it has ended with this code.
    fn ended(mut self, code: i32) -> String {
        let mut err = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(code), "{err}");
        err
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_is_done_in_one_folder_is_done_in_the_other_until_ctrl_c() {
    let place = Place::new(["a", "b"]);
    place.write("a/before", "1");
    let watching = Watching::new(&place, "0");
    let first = watching.synced();
    assert!(first.starts_with("in sync: 2 folders with 1 file and 0 directories: 1 file taken"), "{first}");
    place.write("a/new/file", "by a");
    until("b has it", || fs::read(place.at("b/new/file")).is_ok_and(|text| text == b"by a"));
    // Nothing is said of a sync that only looks at what the one before has written.
    let second = watching.synced();
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
    let watching = Watching::new(&place, "300");
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
    let watching = Watching::new(&place, "0");
    watching.synced();
    fs::rename(place.at("b"), place.at("elsewhere")).unwrap();
    place.write("a/y", "1");
    let err = watching.ended(1);
    assert!(err.contains("error: cannot "), "{err}");
    assert!(place.at("elsewhere/x").exists() && place.at("a/x").exists());
}
