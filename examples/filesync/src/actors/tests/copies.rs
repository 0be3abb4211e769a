//! Copies of copies that cannot be kept yet, on a real disk: nothing beside them is given away before.
//!
//! In both stories `x` is in conflict, and the name of the copy that is to be kept beside it is taken by something else, which loses that
//! name and needs a copy of its own. Were the name given away before that copy is there, its version would cover what it replaces,
//! everywhere.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use actor_core::prelude::*;

use crate::actors::disk::Disk;
use crate::actors::peer::{Met, Peer, PeerHandle, Trap};
use crate::actors::reporter::Reporter;
use crate::actors::source::SourceHandle;
use crate::chunk::content_of;
use crate::conflict::copy_name;
use crate::folder::Folder;
use crate::progress::View;
use crate::testing::path;

/// A folder with its peer, and the way to it.
struct Side {
    dir: tempfile::TempDir,
    peer: PeerHandle,
    disk: SourceHandle,
}

impl Side {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = Arc::new(Folder::open(dir.path().to_owned(), "a".into()).unwrap());
        let index = folder.load().unwrap().into_index();
        let disk = Disk::new(Arc::clone(&folder), index.snapshot()).unwrap().spawn();
        let reporter = Reporter::new(View::Lines { labels: Vec::new() }).spawn();
        let patience = Duration::from_secs(20);
        let peer = Peer::new(0, folder, Some(index), disk.clone(), reporter, patience, Trap::default());
        Self { dir, peer: peer.spawn(), disk: disk.into() }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A file that was modified so many seconds after the beginning of time.
    fn write(&self, name: &str, text: &str, secs: u64) {
        fs::write(self.at(name), text).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(secs);
        File::open(self.at(name)).unwrap().set_modified(time).unwrap();
    }

    async fn look(&self) {
        self.peer.look().await.unwrap();
    }

    async fn meet(&self, other: &Side) -> Met {
        self.peer.meet([other.disk.clone()]).await.unwrap()
    }

    /// The files in it, by name.
    fn files(&self) -> BTreeMap<String, String> {
        let entries = fs::read_dir(self.dir.path()).unwrap().map(|entry| entry.unwrap());
        let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
        files
            .map(|entry| {
                (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap())
            })
            .collect()
    }
}

/// Where `x` that holds `1` is kept, and where what is `edited` under that name is.
fn copies() -> (String, String) {
    let content = |text: &str| content_of(text.as_bytes()).unwrap().0;
    let once = copy_name(&path("x"), content("1"));
    let twice = copy_name(&once, content("edited"));
    (once.to_string(), twice.to_string())
}

/// Both come to hold all three contents, under the names that they are due.
async fn come_together(one: &Side, other: &Side) {
    for _ in 0..3 {
        for (side, from) in [(one, other), (other, one)] {
            side.look().await;
            assert_eq!(side.meet(from).await.failed, [""; 0]);
        }
    }
    let (once, twice) = copies();
    let due = [("x".to_owned(), "2".to_owned()), (once, "1".to_owned()), (twice, "edited".to_owned())];
    assert_eq!(one.files(), due.clone().into());
    assert_eq!(other.files(), due.into());
}

#[tokio::test]
async fn a_name_that_is_free_here_is_not_given_away_before_what_loses_it_elsewhere_is_kept() {
    let (here, there) = (Side::new(), Side::new());
    let (once, twice) = copies();
    here.write("x", "1", 2);
    there.write("x", "2", 3);
    there.write(&once, "edited", 1);
    here.look().await;
    there.look().await;

    // What loses the name cannot be got.
    fs::rename(there.at(&once), there.at(".filesync/away")).unwrap();
    let met = here.meet(&there).await;
    assert!(met.failed.len() == 1 && met.failed[0].contains(&twice), "{met:?}");
    assert_eq!((met.conflicts.len(), met.taken), (2, 0));
    assert_eq!(here.files(), [("x".to_owned(), "1".to_owned())].into());
    assert!(!here.peer.view().await.unwrap().entries.contains_key(&path(&once)));

    fs::rename(there.at(".filesync/away"), there.at(&once)).unwrap();
    there.look().await;
    there.meet(&here).await;
    assert!(there.files().values().any(|text| text == "edited"));
    come_together(&here, &there).await;
}

#[tokio::test]
async fn a_copy_that_was_edited_stays_as_long_as_something_else_is_where_it_is_to_be_kept() {
    let (here, there) = (Side::new(), Side::new());
    let (once, twice) = copies();
    here.write("x", "1", 2);
    here.write(&once, "edited", 1);
    symlink("x", here.at(&twice)).unwrap();
    there.write("x", "2", 3);
    here.look().await;
    there.look().await;

    let met = here.meet(&there).await;
    assert_eq!((met.blocked, met.conflicts.len(), met.taken), (vec![path(&twice)], 2, 0));
    let before = [("x".to_owned(), "1".to_owned()), (once, "edited".to_owned())];
    assert_eq!(here.files(), before.into());

    fs::remove_file(here.at(&twice)).unwrap();
    come_together(&here, &there).await;
}
