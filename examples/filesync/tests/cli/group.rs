//! `filesync serve` and `filesync join`: a process for each folder.

use std::fs;
use std::os::unix::fs::MetadataExt;

use crate::running::Running;
use crate::support::{Place, Said, noise, program, tree, until};

/// Serves a folder, joins the group of a ticket if there is one, and says its own.
fn serve(place: &Place, folder: &str, ticket: Option<&str>) -> (Running, String) {
    let mut command = program();
    match ticket {
        Some(ticket) => command.args(["join", ticket]),
        None => command.arg("serve"),
    };
    command.arg(place.at(folder)).args(["--name", folder, "--bind", "127.0.0.1"]);
    let running = Running::new(command);
    let line = running.says("others join with: filesync join '");
    let ticket = line.split('\'').nth(1).unwrap().to_owned();
    (running, ticket)
}

fn agree(place: &Place, folders: &[&str]) -> bool {
    // What is being changed may be gone while it is looked at.
    let trees = std::panic::catch_unwind(|| folders.iter().map(|folder| tree(&place.at(folder))).collect());
    trees.is_ok_and(|trees: Vec<_>| trees.windows(2).all(|pair| pair[0] == pair[1]))
}

#[test]
fn two_processes_keep_their_folders_in_step_until_ctrl_c() {
    let place = Place::new(["ann", "bob"]);
    place.write("ann/x", "by ann");
    place.write("bob/y", "by bob");
    let (ann, ticket) = serve(&place, "ann", None);
    let (bob, _) = serve(&place, "bob", Some(&ticket));
    until("both have both", || place.at("ann/y").exists() && place.at("bob/x").exists());
    place.write("bob/deep/down", "new");
    place.remove("ann/x");
    until("what was done in one is done in the other", || {
        place.at("ann/deep/down").exists() && !place.at("bob/x").exists()
    });
    let state = fs::metadata(place.at("ann/.filesync/net")).unwrap();
    assert_eq!(state.mode() & 0o777, 0o700);

    // A folder that is served is in use.
    assert_eq!(Said::new(program().arg("serve").arg(place.at("ann")).output().unwrap()).code, Some(5));
    for running in [ann, bob] {
        running.press_ctrl_c();
        assert_eq!(running.ended(0), "");
    }
    assert!(agree(&place, &["ann", "bob"]));
}

#[test]
fn whoever_is_killed_is_not_needed_and_catches_up_when_it_is_back() {
    let place = Place::new(["ann", "bob", "cai"]);
    place.write("ann/x", "1");
    place.write("ann/old", "to be removed while she is dead");
    let (ann, ticket) = serve(&place, "ann", None);
    let (bob, _) = serve(&place, "bob", Some(&ticket));
    let (cai, _) = serve(&place, "cai", Some(&ticket));
    // By ann's door both came in; that they know each other, she has told them.
    bob.says("cai is here");
    cai.says("bob is here");
    until("all have it", || agree(&place, &["ann", "bob", "cai"]));

    ann.kill();
    place.write("bob/without ann", "2");
    place.write("bob/x", "edited by bob");
    place.remove("bob/old");
    until("cai has it", || {
        place.at("cai/without ann").exists()
            && !place.at("cai/old").exists()
            && place.read("cai/x") == "edited by bob"
    });
    // And she is edited while nobody looks: both versions are kept.
    place.write("ann/x", "edited by ann, too");
    let (ann, again) = serve(&place, "ann", None);
    assert_eq!(again, ticket, "the ticket is still good");
    until("all have all", || agree(&place, &["ann", "bob", "cai"]) && place.at("ann/without ann").exists());
    let mut texts: Vec<_> =
        place.names("cai").iter().map(|name| place.read(&format!("cai/{name}"))).collect();
    texts.sort();
    assert_eq!(texts, ["2", "edited by ann, too", "edited by bob"]);
    for running in [ann, bob, cai] {
        running.press_ctrl_c();
        running.ended(0);
    }
}

#[test]
fn how_it_is_going_is_told_while_it_goes() {
    let place = Place::new(["ann", "bob"]);
    let status = |folder: &str| Said::new(program().arg("status").arg(place.at(folder)).output().unwrap());
    let said = status("bob");
    assert_eq!(said.code, Some(7), "{said:?}");
    assert!(said.err.contains("error: nobody serves "), "{said:?}");
    assert!(!place.at("bob/.filesync").exists());

    place.write("ann/large", noise(1, 20_000_000));
    place.write("bob/x (conflict 0123456789ab)", "an older version");
    let (ann, ticket) = serve(&place, "ann", None);
    let (bob, _) = serve(&place, "bob", Some(&ticket));
    until("its transfer is seen", || {
        let said = status("bob");
        said.out.contains("\nlarge     19.1 MiB  ") && said.out.contains("0 of 1 file taken")
    });
    until("it is over", || status("bob").out.contains("in step with 1 of 1 peer here"));
    let said = status("bob");
    let lines: Vec<_> = said.out.lines().collect();
    let head = format!("bob: {}, 2 files and 0 directories (19.1 MiB), ", place.at("bob").display());
    assert!(lines[0].starts_with(&head), "{said:?}");
    assert!(lines[2].starts_with("PEER  ADDRESS") && lines[3].starts_with("ann   127.0.0.1:"), "{said:?}");
    assert!(lines[3].ends_with("  here"), "{said:?}");
    assert_eq!(lines[5..], ["no transfers", "", "CONFLICT", "x (conflict 0123456789ab)"]);
    ann.kill();
    until("it is missed", || status("bob").out.contains("away: the connection was lost"));
    // It has no time to say that it ends.
    bob.kill();
    let said = status("bob");
    assert!(said.code == Some(7) && said.err.contains("error: nobody serves "), "{said:?}");
}

#[test]
fn who_is_not_let_in_is_told_why() {
    let place = Place::new(["ann", "bob"]);
    place.write("ann/x", "1");
    let (ann, ticket) = serve(&place, "ann", None);
    let join = |ticket: &str, folder: &str| {
        let said =
            program().args(["join", ticket]).arg(place.at(folder)).args(["--bind", "127.0.0.1"]).output();
        Said::new(said.unwrap())
    };
    // Standard input says nothing here.
    let said = join("-", "bob");
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("error: cannot read a ticket: it is no ticket"), "{said:?}");
    let (door, _) = ticket.split_once('#').unwrap();
    let said = join(&format!("{door}#guessed"), "bob");
    assert_eq!(said.code, Some(7), "{said:?}");
    assert!(said.err.contains("cannot join: the secret in the ticket is not"), "{said:?}");

    for (ticket, what) in [(door, "the `#` with its secret is missing"), ("a@127.0.0.1:1#c", "is no key")] {
        let said = join(ticket, "bob");
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.err.contains(what), "{said:?}");
    }
    ann.press_ctrl_c();
    ann.ended(0);
    let said = join(&ticket, "bob");
    assert_eq!(said.code, Some(7), "{said:?}");
    assert!(said.err.contains("cannot join: nobody answers at "), "{said:?}");
    let said = join(&ticket, "ann");
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.err.contains("the ticket is this folder's own"), "{said:?}");
    assert!(place.names("bob").is_empty());
}
