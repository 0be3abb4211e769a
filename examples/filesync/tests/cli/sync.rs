//! What ends up where.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

use crate::support::{Item, Place, Said, noise, tree};

#[test]
fn two_folders_get_what_either_has() {
    let place = Place::new(["a", "b"]);
    place.write("a/one", "1");
    place.write("a/d/e/two", "2");
    place.write("b/d/three", noise(3, 1_000_000));
    place.write("b/empty", "");
    fs::create_dir(place.at("b/nothing in it")).unwrap();
    place.chmod("a/one", 0o604);
    place.chmod("a/d/e", 0o711);
    place.set_mtime("a/one", 1_000_000_000, 123_456_789);
    let said = place.sync(["a", "b"]);
    assert!(
        said.out.contains("in sync: 2 folders with 4 files and 3 directories: 4 files taken"),
        "{said:?}"
    );
    assert_eq!(place.names("b"), ["d", "d/e", "d/e/two", "d/three", "empty", "nothing in it", "one"]);
    let Item::File { mode, mtime, .. } = &tree(&place.at("b"))[&b"one"[..]] else { panic!() };
    assert_eq!((*mode, *mtime), (0o604, (1_000_000_000, 123_456_789)));
}

#[test]
fn three_folders_and_a_fourth_that_comes_later() {
    let place = Place::new(["a", "b", "c", "d"]);
    for name in ["a", "b", "c"] {
        place.write(format!("{name}/from {name}"), noise(1, 100_000));
    }
    place.sync(["a", "b", "c"]);
    assert_eq!(place.names("c"), ["from a", "from b", "from c"]);
    place.remove("a/from c");
    place.sync(["a", "d"]);
    place.sync(["d", "b"]);
    place.sync(["c", "d"]);
    place.sync(["a", "b", "c", "d"]);
    assert_eq!(place.names("c"), ["from a", "from b"]);
}

#[test]
fn an_edit_goes_over_and_nothing_else_is_touched() {
    let place = Place::new(["a", "b"]);
    let large = noise(1, 3_000_000);
    place.write("a/large", &large);
    place.write("a/other", "other");
    place.sync(["a", "b"]);
    let before = fs::metadata(place.at("b/other")).unwrap();
    let mut edited = large;
    edited.splice(1_000_000..1_000_000, *b"some bytes more");
    place.write("b/large", &edited);
    let said = place.sync(["a", "b"]);
    // The chunks around the insertion, and no more.
    let carried = said.out.split("2.9 MiB, ").nth(1).and_then(|rest| rest.split(" KiB over links").next());
    assert!(carried.unwrap().parse::<f64>().unwrap() < 600.0, "{said:?}");
    assert_eq!(fs::read(place.at("a/large")).unwrap(), edited);
    let after = fs::metadata(place.at("b/other")).unwrap();
    assert_eq!((before.ino(), before.ctime_nsec()), (after.ino(), after.ctime_nsec()));
}

#[test]
fn what_was_edited_in_two_folders_is_kept_in_both_versions() {
    let place = Place::new(["a", "b", "c"]);
    place.write("a/report.txt", "first");
    place.sync(["a", "b", "c"]);
    place.write("a/report.txt", "by a");
    place.write("b/report.txt", "by b");
    place.set_mtime("a/report.txt", 1_000, 0);
    place.set_mtime("b/report.txt", 2_000, 0);
    let said = place.sync(["a", "b", "c"]);
    let names = place.names("c");
    assert_eq!(names.len(), 2);
    assert!(names[0].starts_with("report (conflict ") && names[0].ends_with(").txt"), "{names:?}");
    assert_eq!(place.read("c/report.txt"), "by b");
    assert_eq!(place.read(&format!("a/{}", names[0])), "by a");
    assert!(said.out.contains("conflict: report.txt was changed in two places"), "{said:?}");
    assert!(place.sync(["a", "b", "c"]).out.contains("nothing to do"));
}

#[test]
fn the_same_edit_in_two_folders_is_no_conflict() {
    let place = Place::new(["a", "b"]);
    place.write("a/x", "the same");
    place.write("b/x", "the same");
    place.set_mtime("b/x", 1_000, 5);
    place.sync(["a", "b"]);
    assert_eq!(place.names("a"), ["x"]);
}

#[test]
fn a_deletion_goes_over_and_an_edit_beats_it() {
    let place = Place::new(["a", "b"]);
    place.write("a/gone", "1");
    place.write("a/edited", "1");
    place.write("a/dir/x", "1");
    place.write("a/dir/sub/y", "1");
    place.write("a/kept/z", "1");
    place.sync(["a", "b"]);
    for path in ["a/gone", "a/edited", "a/dir", "a/kept"] {
        place.remove(path);
    }
    place.write("b/edited", "2");
    place.write("b/kept/new", "2");
    let said = place.sync(["a", "b"]);
    assert_eq!(place.names("a"), ["edited", "kept", "kept/new"]);
    assert_eq!(place.read("a/edited"), "2");
    assert!(said.out.contains("removed"), "{said:?}");
}

#[test]
fn a_file_and_a_directory_of_one_name() {
    let place = Place::new(["a", "b"]);
    place.write("a/x", "a file");
    place.write("b/x/y", "in a directory");
    place.sync(["a", "b"]);
    assert_eq!(place.read("a/x/y"), "in a directory");
    let copy = place.names("b").into_iter().find(|name| name.starts_with("x (conflict ")).unwrap();
    assert_eq!(place.read(&format!("b/{copy}")), "a file");

    // One becomes the other, and nobody has anything against it.
    place.remove("a/x");
    place.write("a/x", "a file again");
    place.remove(&format!("a/{copy}"));
    place.write(format!("a/{copy}/deep/er"), "deep");
    place.sync(["a", "b"]);
    assert_eq!(place.read("b/x"), "a file again");
    assert_eq!(place.read(&format!("b/{copy}/deep/er")), "deep");
}

#[test]
fn a_file_that_was_moved_is_not_fetched_again() {
    let place = Place::new(["a", "b"]);
    place.write("a/before", noise(1, 2_000_000));
    place.sync(["a", "b"]);
    fs::rename(place.at("a/before"), place.at("a/after")).unwrap();
    let said = place.sync(["a", "b"]);
    assert!(said.out.contains("1 file taken (1.9 MiB, 0 B over links), 1 removed"), "{said:?}");
    assert_eq!(place.names("b"), ["after"]);
}

#[test]
fn permissions_and_mtimes_alone_go_over_without_the_content() {
    let place = Place::new(["a", "b"]);
    place.write("a/x", "1");
    place.write("a/d/y", "1");
    place.sync(["a", "b"]);
    let inode = fs::metadata(place.at("b/x")).unwrap().ino();
    place.chmod("a/x", 0o640);
    place.set_mtime("a/x", 5, 7);
    place.chmod("a/d", 0o700);
    let said = place.sync(["a", "b"]);
    assert_eq!(fs::metadata(place.at("b/x")).unwrap().ino(), inode);
    assert!(said.out.contains("no contents moved"), "{said:?}");
}

#[test]
fn directories_that_allow_no_writing_are_filled_first() {
    let place = Place::new(["a", "b"]);
    place.write("a/closed/sub/x", "1");
    place.write("a/closed/closed too/y", "1");
    place.chmod("a/closed/closed too", 0o555);
    place.chmod("a/closed", 0o555);
    let said = Said::new(place.as_nobody(place.command(["a", "b"])).output().unwrap());
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(tree(&place.at("a")) == tree(&place.at("b")));
    for path in ["a/closed", "a/closed/closed too", "b/closed", "b/closed/closed too"] {
        place.chmod(path, 0o755);
    }
}

/// Inode, mtime, ctime and content.
type Trace = (u64, i64, i64, i64, Vec<u8>);

/// All that a run could leave a trace of, the state included.
fn traces(root: &Path) -> BTreeMap<Vec<u8>, Trace> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(path) = open.pop() {
        let meta = fs::symlink_metadata(&path).unwrap();
        let mut content = Vec::new();
        if meta.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            content = fs::read(&path).unwrap();
        }
        let times = (meta.ino(), meta.mtime_nsec(), meta.ctime(), meta.ctime_nsec(), content);
        found.insert(path.as_os_str().as_bytes().to_vec(), times);
    }
    found
}

#[test]
fn a_second_run_touches_nothing() {
    let place = Place::new(["a", "b", "c"]);
    place.write("a/x", noise(1, 300_000));
    place.write("b/d/y", "1");
    place.write("c/x", "in conflict");
    place.sync(["a", "b", "c"]);
    place.remove("b/d/y");
    place.sync(["a", "b", "c"]);
    let before = traces(&place.at(""));
    let said = place.sync(["c", "a", "b"]);
    assert!(said.out.contains("nothing to do"), "{said:?}");
    assert_eq!(said.out.lines().count(), 1);
    assert!(traces(&place.at("")) == before);
}

#[test]
fn odd_names_are_kept() {
    let place = Place::new(["a", "b"]);
    let long = "x".repeat(255);
    let odd: [&[u8]; 8] = [
        b"two\nlines",
        b"\"quoted\" 'twice'",
        b"-rf",
        b"not utf-8 \xff\xfe",
        b" spaces ",
        b"back\\slash",
        b"...",
        long.as_bytes(),
    ];
    for (n, name) in odd.iter().enumerate() {
        let folder = if n % 2 == 0 { "a" } else { "b" };
        fs::write(place.at(folder).join(OsStr::from_bytes(name)), name).unwrap();
    }
    // The longest name in conflict needs a shorter one beside it.
    place.write(format!("a/{long}"), "other");
    let said = place.sync(["a", "b"]);
    assert_eq!(tree(&place.at("a")).len(), odd.len() + 1);
    assert!(said.out.lines().all(|line| !line.starts_with("lines")), "{said:?}");
}

#[test]
fn symlinks_are_neither_followed_nor_touched() {
    let place = Place::new(["a", "b", "outside"]);
    place.write("outside/secret", "secret");
    symlink(place.at("outside"), place.at("a/dir")).unwrap();
    symlink("nowhere", place.at("a/dangling")).unwrap();
    place.write("a/x", "1");
    let said = place.sync(["a", "b"]);
    assert!(said.err.contains("warning: a: dir is not synced: a symlink"), "{said:?}");
    assert_eq!(place.names("b"), ["x"]);

    // What the other has under the name of a symlink does not go through it.
    place.write("b/dir/planted", "planted");
    let said = place.sync_code(["a", "b"], 4);
    assert!(said.err.contains("a: dir is left as it is"), "{said:?}");
    assert!(fs::symlink_metadata(place.at("a/dir")).unwrap().is_symlink());
    assert_eq!(fs::read_dir(place.at("outside")).unwrap().count(), 1);

    // A file that becomes a symlink is not a deletion.
    place.remove("a/x");
    symlink("dangling", place.at("a/x")).unwrap();
    place.sync_code(["a", "b"], 4);
    assert_eq!(place.read("b/x"), "1");
}

#[test]
fn unreadable_files_are_named_and_skipped() {
    let place = Place::new(["a", "b"]);
    place.write("a/x", "1");
    place.write("a/closed", "1");
    place.write("a/dir/y", "1");
    place.sync(["a", "b"]);
    place.write("a/x", "2");
    place.chmod("a/closed", 0);
    place.chmod("a/dir", 0);
    let said = Said::new(place.as_nobody(place.command(["a", "b"])).output().unwrap());
    place.chmod("a/dir", 0o755);
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(said.err.contains("warning: a: closed: cannot be read: Permission denied"), "{said:?}");
    assert!(said.err.contains("warning: a: dir: cannot be read: Permission denied"), "{said:?}");
    assert!(said.err.contains("error: not everything is the same yet: 2 skipped"), "{said:?}");
    assert_eq!(place.read("b/x"), "2");
    assert_eq!(place.read("b/closed"), "1");
    assert_eq!(place.read("b/dir/y"), "1");
}

#[test]
fn a_later_run_goes_through_slow_links_too() {
    let place = Place::new(["a", "b"]);
    for n in 0..40 {
        place.write(format!("a/{n}"), noise(n, 20_000));
    }
    let mut command = place.command(["a", "b"]);
    command.args(["--latency", "20", "--patience", "2000"]);
    assert!(command.status().unwrap().success());
    place.sync(["a", "b"]);
}
