//! Telling another peer what an index says, without telling it twice: only what has changed since it last asked, a part at a time.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::index::{Entry, Snapshot};
use crate::path::RelPath;
use crate::version::PeerId;

/// So many entries are told at a time: some 100 KiB of them, and with the longest of names less than the largest message.
const PART: usize = 1000;

/// A place in the order in which the entries of an index came to be what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    /// Of which order: each process that shows a folder has one of its own.
    life: u64,
    at: u64,
}

/// Part of what has changed since a mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Changes {
    peer: PeerId,
    /// Up to where this goes. If it is of another life than what was known before, that is void.
    mark: Mark,
    entries: Vec<(RelPath, Entry)>,
    /// There is nothing behind it by now.
    is_all: bool,
}

/// An index as it is shown, with the order in which its entries changed.
///
/// An entry that changes moves to the end of the order. So a reader who goes on until there is no more has the index of one moment, however
/// often it changed while he read.
#[derive(Debug)]
pub(crate) struct Shown {
    view: Snapshot,
    life: u64,
    /// The last place that was given.
    last: u64,
    order: BTreeMap<u64, RelPath>,
    places: HashMap<RelPath, u64>,
}

impl Shown {
    pub(crate) fn new(view: Snapshot) -> io::Result<Self> {
        let mut life = [0; 8];
        getrandom::fill(&mut life).map_err(io::Error::other)?;
        let empty = Snapshot { peer: view.peer, entries: Arc::default() };
        let mut shown = Self {
            view: empty,
            life: u64::from_le_bytes(life),
            last: 0,
            order: BTreeMap::new(),
            places: HashMap::new(),
        };
        shown.show(view);
        Ok(shown)
    }

    /// Shows `view` from now on. No entry of an index ever goes: what is deleted has a tombstone.
    pub(crate) fn show(&mut self, view: Snapshot) {
        for (path, entry) in view.entries.iter() {
            if self.view.entries.get(path) == Some(entry) {
                continue;
            }
            self.last += 1;
            if let Some(before) = self.places.insert(path.clone(), self.last) {
                self.order.remove(&before);
            }
            self.order.insert(self.last, path.clone());
        }
        self.view = view;
    }

    /// From here all is known.
    pub(crate) fn mark(&self) -> Mark {
        Mark { life: self.life, at: self.last }
    }

    pub(crate) fn has_news(&self, since: Option<Mark>) -> bool {
        since != Some(self.mark())
    }

    pub(crate) fn since(&self, since: Option<Mark>) -> Changes {
        let from = since.filter(|mark| mark.life == self.life).map_or(0, |mark| mark.at);
        let mut rest = self.order.range(from.saturating_add(1)..);
        let mut at = from.min(self.last);
        let part = rest.by_ref().take(PART).filter_map(|(place, path)| {
            at = *place;
            Some((path.clone(), self.view.entries.get(path)?.clone()))
        });
        let entries = part.collect();
        let is_all = rest.next().is_none();
        let mark = if is_all { self.mark() } else { Mark { life: self.life, at } };
        Changes { peer: self.view.peer, mark, entries, is_all }
    }
}

/// What is known of another folder's index.
#[derive(Debug, Default)]
pub(crate) struct Known {
    mark: Option<Mark>,
    view: Snapshot,
}

impl Known {
    /// Up to where it is known.
    pub(crate) fn mark(&self) -> Option<Mark> {
        self.mark
    }

    /// Takes it in; `true` if that was all.
    pub(crate) fn learn(&mut self, changes: Changes) -> bool {
        if self.mark.is_none_or(|mark| mark.life != changes.mark.life) {
            self.view.entries = Arc::default();
        }
        self.mark = Some(changes.mark);
        self.view.peer = changes.peer;
        let is_empty = changes.entries.is_empty();
        if !is_empty {
            Arc::make_mut(&mut self.view.entries).extend(changes.entries);
        }
        // What does not go on cannot end.
        changes.is_all || is_empty
    }

    pub(crate) fn view(&self) -> &Snapshot {
        &self.view
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{Index, Node};
    use crate::testing::path;
    use crate::version::VersionVector;

    /// An index of so many entries, of which the `edited`th has another version.
    fn index(of: &mut Index, entries: u64, edited: u64) -> Snapshot {
        for n in 0..entries {
            let mut version = VersionVector::default();
            version.bump(of.snapshot().peer, if n == edited { 2 } else { 1 });
            of.set(&path(&n.to_string()), Entry { version, node: Node::Dir { mode: 0o755 } }, None);
        }
        of.snapshot()
    }

    /// Asks until there is no more; how many entries that took.
    fn catch_up(known: &mut Known, shown: &Shown) -> usize {
        let mut told = 0;
        loop {
            let changes = shown.since(known.mark());
            told += changes.entries.len();
            if known.learn(changes) {
                assert_eq!(known.view().entries, shown.view.entries);
                return told;
            }
        }
    }

    #[test]
    fn what_was_told_is_not_told_again() {
        let mut of = Index::new().unwrap();
        let mut shown = Shown::new(index(&mut of, 2500, 0)).unwrap();
        let mut known = Known::default();
        assert!(shown.has_news(known.mark()));
        assert_eq!(catch_up(&mut known, &shown), 2500);
        assert!(!shown.has_news(known.mark()));
        assert_eq!(catch_up(&mut known, &shown), 0);
        shown.show(index(&mut of, 2501, 7));
        // One that is new, one that is edited, and one that is so no more.
        assert_eq!(catch_up(&mut known, &shown), 3);
    }

    #[test]
    fn what_changes_while_it_is_read_comes_at_the_end() {
        let mut of = Index::new().unwrap();
        let mut shown = Shown::new(index(&mut of, 2500, 0)).unwrap();
        let mut known = Known::default();
        assert!(!known.learn(shown.since(None)));
        shown.show(index(&mut of, 2500, 1));
        catch_up(&mut known, &shown);
    }

    #[test]
    fn another_life_begins_anew() {
        let mut of = Index::new().unwrap();
        let mut known = Known::default();
        catch_up(&mut known, &Shown::new(index(&mut of, 10, 0)).unwrap());
        let mut other = Index::new().unwrap();
        let again = Shown::new(index(&mut other, 5, 0)).unwrap();
        assert!(again.has_news(known.mark()));
        assert_eq!(catch_up(&mut known, &again), 5);
        assert_eq!(known.view().peer, other.snapshot().peer);
    }

    #[test]
    fn a_mark_from_nowhere_is_no_harm() {
        let shown = Shown::new(index(&mut Index::new().unwrap(), 5, 0)).unwrap();
        let changes = shown.since(Some(Mark { at: u64::MAX, ..shown.mark() }));
        assert!(changes.entries.is_empty() && changes.is_all && changes.mark == shown.mark());
    }
}
