//! What users do in their folders, and what of that they may count on.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::dice::Dice;
use super::peer::{Item, Peer, origin};
use crate::index::Node;
use crate::path::RelPath;
use crate::testing::file_node;

const NAMES: [&str; 7] = ["a", "b.txt", "d", "d/x", "d/e", "d/e/y", "d/e/z"];

/// The bytes that nobody gave up, and where they were written.
///
/// A user who replaces or deletes a file gives up its bytes there. Where it is a conflict copy that is the place of what it is a copy of. Somebody
/// else may have them elsewhere, as after a rename, and that is then not given up.
#[derive(Default)]
pub(super) struct Ledger {
    kept: BTreeSet<(RelPath, Arc<str>)>,
    /// Each write is a content of its own, unless it is meant not to be.
    writes: usize,
}

impl Ledger {
    /// Of all that is kept, what is not among `files`.
    pub(super) fn lost<'a>(&'a self, peer: &'a Peer) -> impl Iterator<Item = &'a (RelPath, Arc<str>)> {
        let there: BTreeSet<&str> = peer
            .files
            .values()
            .filter_map(|item| match item {
                Item::File(_, bytes) => Some(&**bytes),
                Item::Dir { .. } => None,
            })
            .collect();
        self.kept.iter().filter(move |(_, bytes)| !there.contains(&**bytes))
    }

    /// A user of this folder does something. Says what, if it comes to anything.
    pub(super) fn act(&mut self, dice: &mut Dice, peer: &mut Peer) -> Option<String> {
        let there: Vec<RelPath> = peer.files.keys().cloned().collect();
        let any = (!there.is_empty()).then(|| there[dice.below(there.len())].clone());
        let name = RelPath::new(NAMES[dice.below(NAMES.len())]).unwrap();
        let at = any.clone().filter(|_| dice.one_in(3)).unwrap_or_else(|| name.clone());
        match dice.below(12) {
            kind @ 0..6 => {
                self.writes += 1;
                // What others may write, too: that is no conflict.
                let text = if kind == 0 { "the same".to_owned() } else { format!("write {}", self.writes) };
                let mut file = file_node(&text, dice.below(4) as i64);
                file.mode = if dice.one_in(5) { 0o600 } else { 0o644 };
                let said = format!("writes `{text}` to {at}");
                self.put(peer, &at, Item::File(file, text.into()));
                Some(said)
            }
            6..8 => {
                let at = any?;
                self.take_away(peer, &at);
                Some(format!("deletes {at}"))
            }
            8..10 => {
                let from = any?;
                let is_within = name == from || name.ancestors().any(|dir| dir == from);
                if is_within || from.ancestors().any(|dir| dir == name) {
                    return None;
                }
                let moved = self.take_away(peer, &from);
                let said = format!("renames {from} to {name}");
                for (path, item) in moved {
                    let rest = &path.as_bytes()[from.as_bytes().len()..];
                    let to = RelPath::new([name.as_bytes(), rest].concat()).unwrap();
                    self.put(peer, &to, item);
                }
                Some(said)
            }
            10 => {
                let mode = if dice.one_in(2) { 0o755 } else { 0o700 };
                self.put(peer, &name, Item::Dir { mode });
                Some(format!("makes the directory {name}"))
            }
            _ => {
                let at = any?;
                let Some(Item::File(mut file, bytes)) = peer.files.get(&at).cloned() else { return None };
                file.mtime = file_node("", dice.below(9) as i64).mtime;
                self.put(peer, &at, Item::File(file, bytes));
                Some(format!("touches {at}"))
            }
        }
    }

    /// Puts something at `path`, in place of what is there, and makes directories above it.
    fn put(&mut self, peer: &mut Peer, path: &RelPath, item: Item) {
        let above: Vec<RelPath> = path.ancestors().collect();
        for dir in above.iter().rev() {
            if !matches!(peer.files.get(dir), Some(Item::Dir { .. })) {
                self.take_away(peer, dir);
                peer.files.insert(dir.clone(), Item::Dir { mode: 0o755 });
            }
        }
        match (&item, peer.files.get(path)) {
            (Item::Dir { .. }, Some(Item::Dir { .. })) => {}
            _ => drop(self.take_away(peer, path)),
        }
        if let Item::File(file, bytes) = &item {
            // What is as it was when it was last looked at nobody can see as a write.
            let node = Node::File(file.clone());
            let is_known = |index: &crate::index::Index| {
                index.entries().get(path).is_some_and(|entry| entry.node == node)
            };
            if !is_known(&peer.index) && !is_known(&peer.saved) {
                self.kept.insert((origin(path), Arc::clone(bytes)));
            }
        }
        peer.files.insert(path.clone(), item);
    }

    /// Takes away what is at and below `path`, which gives it up.
    fn take_away(&mut self, peer: &mut Peer, path: &RelPath) -> Vec<(RelPath, Item)> {
        let is_in = |at: &RelPath| at == path || at.ancestors().any(|dir| dir == *path);
        let gone: Vec<(RelPath, Item)> = peer
            .files
            .iter()
            .filter(|(at, _)| is_in(at))
            .map(|(at, item)| (at.clone(), item.clone()))
            .collect();
        for (at, item) in &gone {
            peer.files.remove(at);
            if let Item::File(_, bytes) = item {
                self.kept.remove(&(origin(at), Arc::clone(bytes)));
            }
        }
        gone
    }
}
