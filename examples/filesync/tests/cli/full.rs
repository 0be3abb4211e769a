//! A disk that is full: a small one in memory, mounted where nobody else sees it.

use std::fs;
use std::process::Command;

use crate::running::Running;
use crate::support::{Place, Said, noise, program};

/// A shell in namespaces of its own, with a small disk at `b` of the place, which runs `script`; `$0` is the program. `None`: this
/// system does not let it.
fn beside(place: &Place, script: &str) -> Option<Command> {
    let mount = format!("mount -t tmpfs -o size=4m none '{}'", place.at("b").display());
    let may = Command::new("unshare").args(["-rm", "sh", "-c", &mount]).output();
    if !may.as_ref().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no namespaces here: {may:?}");
        return None;
    }
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", &format!("{mount} && {script}")]).arg(program().get_program());
    command.current_dir(place.at(""));
    Some(command)
}

#[test]
fn what_does_not_fit_is_named_and_no_file_is_torn() {
    let place = Place::new(["a", "b"]);
    place.write("a/large", noise(0, 8_000_000));
    // Not all of these fit either.
    for n in 1..=40 {
        place.write(format!("a/{n}"), noise(n, 200_000));
    }
    // What lies in `b` afterwards is brought to where it is seen.
    let script = r#""$0" sync a b; echo "ended with $?"; cp -a b out; ls b/.filesync/tmp | wc -l
        rm a/large a/3? a/2? b/3? b/2?; "$0" sync a b; echo "then with $?"; cp -a b then"#;
    let Some(mut command) = beside(&place, script) else { return };
    let said = Said::new(command.output().unwrap());
    assert!(said.out.contains("ended with 4\n0\n"), "{said:?}");
    assert!(said.err.contains("warning: b: large: the disk is full; make room"), "{said:?}");
    assert!(said.err.contains("error: not everything is the same yet: "), "{said:?}");
    let out = place.names("out");
    assert!(!out.is_empty() && out.len() < 40, "{out:?}");
    for name in &out {
        let whole = noise(name.parse().unwrap(), 200_000);
        assert!(fs::read(place.at(format!("out/{name}"))).unwrap() == whole, "{name} is torn");
    }
    assert!(said.out.contains("then with 0"), "{said:?}");
    assert_eq!(place.names("then"), place.names("a"));
}

#[test]
fn who_is_served_goes_on_when_there_is_room_again() {
    let place = Place::new(["a", "b"]);
    place.write("a/large", noise(0, 8_000_000));
    place.write("a/small", "1");
    let mut command = program();
    command.arg("serve").arg(place.at("a")).args(["--name", "ann", "--bind", "127.0.0.1"]);
    let ann = Running::new(command);
    let line = ann.says("others join with: ");
    let ticket = line.split('\'').nth(1).unwrap();
    let script = format!(r#"exec "$0" join '{ticket}' b --bind 127.0.0.1 2>&1"#);
    let Some(command) = beside(&place, &script) else { return };
    let bob = Running::new(command);
    bob.says("warning: b: large: the disk is full; make room");
    place.write("a/large", "it has become small");
    bob.says("in step with ann: 1 file taken (19 B");
    for running in [bob, ann] {
        running.press_ctrl_c();
        running.ended(0);
    }
}
