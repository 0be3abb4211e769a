//! State that is damaged, copied, or from another time.

use std::fs;
use std::path::Path;

use crate::support::Place;

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if path.is_dir() {
            copy_all(&path, &to);
        } else {
            fs::copy(&path, to).unwrap();
        }
    }
}

#[test]
fn a_damaged_index_is_made_anew_and_nothing_is_lost() {
    for damage in [&b""[..], b"rubbish", b"filesync\x01\0\0\0"] {
        let place = Place::new(["a", "b"]);
        place.write("a/x", "1");
        place.write("a/y", "1");
        place.sync(["a", "b"]);
        place.write("a/x", "edited in a");
        place.write("b/x", "edited in b");
        place.remove("a/y");
        fs::write(place.at("b/.filesync/index.redb"), damage).unwrap();
        let said = place.sync(["a", "b"]);
        assert!(said.err.contains("warning: b: its state in .filesync is damaged"), "{said:?}");
        let mut texts: Vec<_> =
            place.names("a").iter().map(|name| place.read(&format!("a/{name}"))).collect();
        texts.sort();
        // `y` is back: without its memory, b cannot know that it had seen the one that was deleted.
        assert_eq!(texts, ["1", "edited in a", "edited in b"]);
        assert!(place.sync(["a", "b"]).out.contains("nothing to do"));
    }
}

#[test]
fn one_flipped_bit_is_damage() {
    let place = Place::new(["a", "b"]);
    place.write("a/a name to be found", "1");
    place.sync(["a", "b"]);
    let index = place.at("a/.filesync/index.redb");
    let mut bytes = fs::read(&index).unwrap();
    let name = b"a name to be found";
    let at = bytes.windows(name.len()).position(|bytes| bytes == name).unwrap();
    bytes[at] ^= 1;
    fs::write(&index, bytes).unwrap();
    let said = place.sync(["a", "b"]);
    assert!(said.err.contains("warning: a: its state in .filesync is damaged ("), "{said:?}");
    assert!(!said.err.contains("panicked"), "{said:?}");
    assert_eq!(place.names("a"), ["a name to be found"]);
}

#[test]
fn a_state_of_the_future_is_left_alone() {
    const ABOUT: redb::TableDefinition<'_, &str, &[u8]> = redb::TableDefinition::new("about");
    let place = Place::new(["a", "b"]);
    place.sync(["a", "b"]);
    let index = place.at("a/.filesync/index.redb");
    let database = redb::Database::open(&index).unwrap();
    let writing = database.begin_write().unwrap();
    writing.open_table(ABOUT).unwrap().insert("format", 200u32.to_le_bytes().as_slice()).unwrap();
    writing.commit().unwrap();
    drop(database);
    for _ in 0..2 {
        let said = place.sync_code(["a", "b"], 6);
        assert!(said.err.contains("written in format 200"), "{said:?}");
    }
}

#[test]
fn a_copied_folder_is_another_peer() {
    let place = Place::new(["a", "b"]);
    place.write("a/x", "1");
    place.sync(["a", "b"]);
    copy_all(&place.at("a"), &place.at("twin"));
    // Both count the next change under the identity that they share, if nobody notices.
    place.write("a/x", "by a");
    place.write("twin/x", "by its twin");
    place.sync(["a", "b"]);
    let said = place.sync(["twin", "b"]);
    assert!(said.err.contains("warning: twin: its state was copied"), "{said:?}");
    let mut texts: Vec<_> = place.names("b").iter().map(|name| place.read(&format!("b/{name}"))).collect();
    texts.sort();
    assert_eq!(texts, ["by a", "by its twin"]);
    place.sync(["a", "b", "twin"]);
}

#[test]
fn an_index_put_back_in_place_does_not_hide_edits() {
    let place = Place::new(["a", "b"]);
    place.write("a/x", "1");
    place.sync(["a", "b"]);
    let old = fs::read(place.at("a/.filesync/index.redb")).unwrap();
    for n in 0..3 {
        place.write("a/x", format!("edit {n}"));
        place.sync(["a", "b"]);
    }
    // A backup of the state alone: it counts from where it was, and the others know better.
    fs::write(place.at("a/.filesync/index.redb"), old).unwrap();
    place.write("a/new", "2");
    place.write("b/x", "by b");
    place.sync(["a", "b"]);
    place.sync(["a", "b"]);
    let texts: Vec<_> = place.names("a").iter().map(|name| place.read(&format!("a/{name}"))).collect();
    assert!(texts.contains(&"by b".to_owned()) && texts.contains(&"2".to_owned()), "{texts:?}");
}
