//! What must hold whatever users and peers do: everybody ends with the same, and nothing is lost that nobody gave up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::subsequence;

use super::*;
use crate::chunk::ContentId;
use crate::index::{FileNode, Index, Stamp};
use crate::scan::{Found, Scan};
use crate::testing::file_node;

const PEERS: usize = 3;
const NAMES: [&str; 5] = ["a", "d", "d/x", "d/e", "d/e/y"];

#[derive(Debug, Clone)]
enum Op {
    /// A user writes a file; each write is a content of its own.
    Write {
        peer: usize,
        name: &'static str,
        mtime: i64,
    },
    /// A user writes what another may write too.
    WriteSame {
        peer: usize,
        name: &'static str,
    },
    /// A user deletes the nth path there is.
    Delete {
        peer: usize,
        nth: usize,
    },
    MakeDir {
        peer: usize,
        name: &'static str,
    },
    /// The first learns from the others.
    Sync {
        peer: usize,
        from: Vec<usize>,
    },
}

fn op() -> impl Strategy<Value = Op> {
    let peer = || 0..PEERS;
    let name = || prop::sample::select(&NAMES[..]);
    prop_oneof![
        4 => (peer(), name(), 0i64..3).prop_map(|(peer, name, mtime)| Op::Write { peer, name, mtime }),
        1 => (peer(), name()).prop_map(|(peer, name)| Op::WriteSame { peer, name }),
        2 => (peer(), any::<usize>()).prop_map(|(peer, nth)| Op::Delete { peer, nth }),
        1 => (peer(), name()).prop_map(|(peer, name)| Op::MakeDir { peer, name }),
        3 => (peer(), subsequence((0..PEERS).collect::<Vec<_>>(), 1..=PEERS))
            .prop_map(|(peer, from)| Op::Sync { peer, from }),
    ]
}

/// A folder that exists only as its index.
struct Peer {
    index: Index,
    tree: BTreeMap<RelPath, Found>,
}

#[derive(Default)]
struct World {
    peers: Vec<Peer>,
    written: BTreeSet<ContentId>,
    /// Contents that a user replaced or deleted where they were to be seen.
    given_up: BTreeSet<ContentId>,
}

impl World {
    fn new() -> Self {
        let peers =
            (0..PEERS).map(|_| Peer { index: Index::new().unwrap(), tree: BTreeMap::new() }).collect();
        Self { peers, ..Self::default() }
    }

    fn give_up(&mut self, peer: usize, path: &RelPath) {
        let gone: Vec<RelPath> = self.peers[peer]
            .tree
            .keys()
            .filter(|at| *at == path || at.ancestors().any(|d| d == *path))
            .cloned()
            .collect();
        for path in gone {
            if let Some(Found::File(file, _)) = self.peers[peer].tree.remove(&path) {
                self.given_up.insert(file.content);
            }
        }
    }

    fn put(&mut self, peer: usize, path: &RelPath, found: Found) {
        if let (Some(Found::File(now, _)), Found::File(file, _)) = (self.peers[peer].tree.get(path), &found)
            && now == file
        {
            // The same bytes with the same mtime: nobody can see that as an edit.
            return;
        }
        for dir in path.ancestors() {
            if !matches!(self.peers[peer].tree.get(&dir), Some(Found::Dir { .. })) {
                self.give_up(peer, &dir);
                self.peers[peer].tree.insert(dir, Found::Dir { mode: 0o755 });
            }
        }
        self.give_up(peer, path);
        if let Found::File(file, _) = &found {
            self.written.insert(file.content);
            self.given_up.remove(&file.content);
        }
        self.peers[peer].tree.insert(path.clone(), found);
    }

    fn run(&mut self, step: usize, op: &Op) {
        let stamp = Stamp::of(&std::fs::metadata("/").unwrap());
        let path = |name: &str| RelPath::new(name).unwrap();
        match op {
            Op::Write { peer, name, mtime } => {
                let file: FileNode = file_node(&format!("{step}"), *mtime);
                self.put(*peer, &path(name), Found::File(file, stamp));
            }
            Op::WriteSame { peer, name } => {
                self.put(*peer, &path(name), Found::File(file_node("same", 1), stamp));
            }
            Op::Delete { peer, nth } => {
                let tree = &self.peers[*peer].tree;
                if let Some(path) = tree.keys().nth(nth % tree.len().max(1)).cloned() {
                    self.give_up(*peer, &path);
                }
            }
            Op::MakeDir { peer, name } => {
                if !matches!(self.peers[*peer].tree.get(&path(name)), Some(Found::Dir { .. })) {
                    self.put(*peer, &path(name), Found::Dir { mode: 0o755 });
                }
            }
            Op::Sync { peer, from } => self.sync(*peer, from),
        }
        // A real run looks at the folder before it syncs; here after each step, which makes more versions.
        for peer in &mut self.peers {
            let found = peer.tree.clone();
            peer.index.observe(&Scan { found, ..Scan::default() });
        }
    }

    fn sync(&mut self, peer: usize, from: &[usize]) {
        let mut sides: Vec<Arc<Entries>> = vec![Arc::clone(self.peers[peer].index.entries())];
        sides.extend(from.iter().map(|from| Arc::clone(self.peers[*from].index.entries())));
        let sides: Vec<&Entries> = sides.iter().map(Arc::as_ref).collect();
        let merged = merge(&sides);
        let mut backwards = sides.clone();
        backwards.reverse();
        assert_eq!(merge(&backwards), merged, "the order of the sides matters");

        let stamp = Stamp::of(&std::fs::metadata("/").unwrap());
        let Peer { index, tree } = &mut self.peers[peer];
        for (path, entry) in &merged.entries {
            index.set(path, entry.clone(), None);
            match &entry.node {
                Node::Tombstone => tree.remove(path),
                Node::Dir { mode } => tree.insert(path.clone(), Found::Dir { mode: *mode }),
                Node::File(file) => tree.insert(path.clone(), Found::File(file.clone(), stamp)),
            };
        }
    }
}

proptest! {
    #[test]
    fn peers_converge_and_nothing_is_lost(ops in prop::collection::vec(op(), 1..25)) {
        let mut world = World::new();
        for (step, op) in ops.iter().enumerate() {
            world.run(step, op);
        }
        let everybody: Vec<usize> = (0..PEERS).collect();
        for _ in 0..3 {
            for peer in 0..PEERS {
                world.sync(peer, &everybody);
            }
        }
        let last = Arc::clone(world.peers[0].index.entries());
        for peer in &world.peers {
            prop_assert_eq!(peer.index.entries(), &last);
        }
        let live: BTreeSet<ContentId> =
            last.values().filter_map(|entry| entry.node.file()).map(|file| file.content).collect();
        let lost: Vec<_> =
            world.written.iter().filter(|c| !world.given_up.contains(c) && !live.contains(c)).collect();
        prop_assert!(lost.is_empty(), "lost {lost:?}");
        prop_assert!(misplaced(&last).is_empty());
        // What agrees stays as it is.
        prop_assert_eq!(merge(&[&last, &last]).entries, (*last).clone());
    }
}
