//! Memory does not grow with the size of a file.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::process::Stdio;

use crate::support::{Place, noise};

const MIB: u64 = 1 << 20;

/// The most memory that a run ever had, in KiB, as the system counts it.
fn peak(place: &Place) -> u64 {
    let mut child = place.command(["a", "b"]).stdout(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        // Counted by the system as a high-water mark, so the last look before the end says it all.
        let now = fs::read_to_string(&status).ok().and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
            line.split_whitespace().nth(1)?.parse().ok()
        });
        peak = peak.max(now.unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success());
            return peak;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

#[test]
fn a_large_file_takes_no_more_memory_than_a_bound() {
    let place = Place::new(["a", "b"]);
    let large = File::create(place.at("a/large")).unwrap();
    large.set_len(160 * MIB).unwrap();
    for n in 0..40 {
        large.write_all_at(&noise(n, MIB as usize), n * 4 * MIB).unwrap();
    }
    let first = peak(&place);
    // An edit is taken with the help of the old version, of which the chunks are remembered.
    large.write_all_at(&noise(99, 100_000), 80 * MIB).unwrap();
    let second = peak(&place);
    assert!(first > 0 && second > 0);
    assert!(first < 64 * 1024 && second < 64 * 1024, "{first} KiB and {second} KiB");
    assert!(fs::read(place.at("a/large")).unwrap() == fs::read(place.at("b/large")).unwrap());
}
