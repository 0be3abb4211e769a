//! Files that change while they are synced.

use std::fs;
use std::process::{Child, Stdio};

use crate::support::{Place, noise, until};

fn slow(place: &Place) -> Child {
    let mut command = place.command(["a", "b"]);
    command.args(["--latency", "100"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn is_fetching(place: &Place, folder: &str) -> bool {
    fs::read_dir(place.at(format!("{folder}/.filesync/tmp"))).is_ok_and(|dir| dir.count() > 0)
}

#[test]
fn an_edit_of_what_is_being_replaced_is_kept() {
    let place = Place::new(["a", "b"]);
    place.write("a/x", noise(1, 400_000));
    place.sync(["a", "b"]);
    let new = noise(2, 400_000);
    place.write("a/x", &new);
    let mut child = slow(&place);
    until("b fetches", || is_fetching(&place, "b"));
    place.write("b/x", "edited meanwhile");
    assert!(child.wait().unwrap().success());
    place.sync(["a", "b"]);
    let mut contents: Vec<_> =
        place.names("b").iter().map(|name| fs::read(place.at(format!("b/{name}"))).unwrap()).collect();
    contents.sort_by_key(Vec::len);
    assert!(contents == [b"edited meanwhile".to_vec(), new]);
}

#[test]
fn a_file_that_appears_where_one_is_about_to_be_put_is_kept() {
    let place = Place::new(["a", "b"]);
    place.write("a/x", noise(1, 400_000));
    let mut child = slow(&place);
    until("b fetches", || is_fetching(&place, "b"));
    place.write("b/x", "just made");
    assert!(child.wait().unwrap().success());
    place.sync(["a", "b"]);
    assert_eq!(place.names("a").len(), 2);
}

#[test]
fn a_source_that_changes_while_it_is_read_gives_the_new_content_in_the_end() {
    let place = Place::new(["a", "b"]);
    place.write("a/x", noise(1, 4_000_000));
    let mut child = slow(&place);
    until("b fetches", || is_fetching(&place, "b"));
    let new = noise(2, 3_000_000);
    place.write("a/x", &new);
    assert!(child.wait().unwrap().success());
    place.sync(["a", "b"]);
    assert_eq!(place.names("b"), ["x"]);
    assert!(fs::read(place.at("b/x")).unwrap() == new);
}
