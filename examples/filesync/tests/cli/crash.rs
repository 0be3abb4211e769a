//! Runs that end in the middle.

use std::fs;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{Place, noise, until};

const FILES: u64 = 600;

fn content(n: u64, version: u64) -> Vec<u8> {
    let size = if n.is_multiple_of(60) { 700_000 } else { 3_000 + n as usize };
    noise(n * 10 + version, size)
}

/// Two folders that agree, and then an edit of everything in one of them.
fn edited() -> Place {
    let place = Place::new(["a", "b"]);
    for n in 0..FILES {
        place.write(format!("a/{}/{n}", n % 7), content(n, 1));
    }
    place.sync(["a", "b"]);
    for n in 0..FILES {
        place.write(format!("a/{}/{n}", n % 7), content(n, 2));
    }
    place
}

/// How many files in `b` are new; each must be old or new, and whole.
fn count_new(place: &Place) -> usize {
    (0..FILES)
        .filter(|n| {
            let now = fs::read(place.at(format!("b/{}/{n}", n % 7))).unwrap();
            let is_new = now == content(*n, 2);
            assert!(is_new || now == content(*n, 1), "{n} is torn: {} bytes", now.len());
            is_new
        })
        .count()
}

fn slow(place: &Place) -> Child {
    let mut command = place.command(["a", "b"]);
    command.args(["--latency", "15"]).stdout(Stdio::null()).spawn().unwrap()
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

fn temporaries(place: &Place) -> usize {
    fs::read_dir(place.at("b/.filesync/tmp")).unwrap().count()
}

#[test]
fn killed_while_it_fetches_and_while_it_places_then_run_again() {
    let place = edited();
    let child = slow(&place);
    until("something is being fetched", || temporaries(&place) > 20);
    kill(child);
    assert_eq!(count_new(&place), 0);
    assert!(temporaries(&place) > 0, "killed too late to show anything");

    let child = slow(&place);
    let last = FILES - 1;
    until("something was placed", || {
        (0..=last)
            .step_by(5)
            .any(|n| fs::read(place.at(format!("b/{}/{n}", n % 7))).unwrap() == content(n, 2))
    });
    kill(child);
    let placed = count_new(&place);
    assert!(placed > 0, "nothing was placed");

    place.sync(["a", "b"]);
    assert_eq!(count_new(&place), FILES as usize);
    assert_eq!(temporaries(&place), 0);
    // What had been placed without the index knowing is no conflict.
    assert!(!place.names("b").iter().any(|name| name.contains("conflict")));
    assert!(place.sync(["a", "b"]).out.contains("nothing to do"));
}

#[test]
fn no_reader_ever_sees_a_torn_file() {
    let place = edited();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut looks = 0;
            while !is_over.load(Ordering::Relaxed) {
                count_new(&place);
                looks += 1;
            }
            looks
        });
        let status = place.command(["a", "b"]).stdout(Stdio::null()).status();
        is_over.store(true, Ordering::Relaxed);
        assert!(status.unwrap().success());
        assert!(reader.join().unwrap() > 0);
    });
    assert_eq!(count_new(&place), FILES as usize);
}
