//! From what a folder holds to what it must hold: which steps, in which order.

use std::collections::{BTreeMap, BTreeSet};

use crate::conflict;
use crate::index::{Entries, Entry, FileNode, Node};
use crate::merge::Merged;
use crate::path::RelPath;
use crate::scan::is_within;

/// The steps, in the order in which they are taken. No step throws away what a later one needs.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The disk is right already, only the version is not.
    pub(crate) adopt: Vec<(RelPath, Entry)>,
    /// Files to take first: copies of what lost a conflict, before anything is put in its place. One list after the other: where
    /// somebody has edited a copy its name is in conflict, too, and what loses that is kept before the name is given away.
    pub(crate) copies: Vec<Vec<Take>>,
    /// What stands in the way of something of another kind, deepest first.
    pub(crate) clear: Vec<Removal>,
    /// Directories to make, or to change the mode of, parents first.
    pub(crate) dirs: Vec<Dir>,
    /// Files to take.
    pub(crate) files: Vec<Take>,
    /// Files whose content is right and whose mode or mtime is not.
    pub(crate) touch: Vec<Take>,
    /// What is to go, deepest first; last, since a file that was moved is copied from where it was.
    pub(crate) remove: Vec<Removal>,
    /// What differs and must stay so, because something that is not synced is in the way.
    pub(crate) blocked: Vec<RelPath>,
}

/// A file to be there.
#[derive(Debug, Clone)]
pub(crate) struct Take {
    pub(crate) path: RelPath,
    pub(crate) entry: Entry,
    pub(crate) file: FileNode,
    /// A file is there now, and may be replaced.
    pub(crate) replaces: bool,
}

/// A directory to be there.
#[derive(Debug, Clone)]
pub(crate) struct Dir {
    pub(crate) path: RelPath,
    pub(crate) entry: Entry,
    pub(crate) mode: u32,
    /// It is there now.
    pub(crate) exists: bool,
}

impl Dir {
    /// The mode would keep even its owner from putting anything in, so it is set when all is done.
    pub(crate) fn is_closed(&self) -> bool {
        self.mode & 0o700 != 0o700
    }
}

/// Something to go.
#[derive(Debug, Clone)]
pub(crate) struct Removal {
    pub(crate) path: RelPath,
    /// The tombstone; `None` if something else comes in its place.
    pub(crate) entry: Option<Entry>,
    pub(crate) is_dir: bool,
}

impl Plan {
    /// The files to be taken, and how large they are together.
    pub(crate) fn amount(&self) -> (usize, u64) {
        let takes = || self.copies.iter().flatten().chain(&self.files);
        (takes().count(), takes().map(|take| take.file.size).sum())
    }
}

/// The steps from `local` to what `merged` says. What is at or below a path in `blocked` is left alone.
pub(crate) fn plan(local: &Entries, merged: &Merged, blocked: &BTreeSet<RelPath>) -> Plan {
    let holding: BTreeSet<RelPath> = blocked.iter().flat_map(RelPath::ancestors).collect();
    let (mut plan, mut copies) = (Plan::default(), Vec::new());
    for (path, entry) in &merged.entries {
        let now = local.get(path);
        if now == Some(entry) {
            continue;
        }
        let now = now.map_or(&Node::Tombstone, |now| &now.node);
        let loses_dir = matches!(now, Node::Dir { .. }) && !matches!(entry.node, Node::Dir { .. });
        if is_within(path, |at| blocked.contains(at)) || loses_dir && holding.contains(path) {
            plan.blocked.push(path.clone());
        } else {
            plan.step(path, now, entry, &mut copies);
        }
    }
    plan.copies = in_turn(copies, &merged.conflicts);
    plan.order();
    plan
}

impl Plan {
    fn step(&mut self, path: &RelPath, now: &Node, entry: &Entry, copies: &mut Vec<Take>) {
        let (path, entry) = (path.clone(), entry.clone());
        let in_the_way = |is_dir| Removal { path: path.clone(), entry: None, is_dir };
        match (now, &entry.node) {
            (now, node) if now == node => self.adopt.push((path, entry)),
            (now, Node::Dir { mode }) => {
                if let Node::File(_) = now {
                    self.clear.push(in_the_way(false));
                }
                let (mode, exists) = (*mode, matches!(now, Node::Dir { .. }));
                self.dirs.push(Dir { path, entry, mode, exists });
            }
            (now, Node::File(file)) => {
                if let Node::Dir { .. } = now {
                    self.clear.push(in_the_way(true));
                }
                let take =
                    Take { path, file: file.clone(), replaces: now.file().is_some(), entry: entry.clone() };
                let list = match now {
                    Node::File(now) if now.content == file.content => &mut self.touch,
                    _ if conflict::is_copy(&take.path) => copies,
                    _ => &mut self.files,
                };
                list.push(take);
            }
            (now, Node::Tombstone) => {
                let is_dir = matches!(now, Node::Dir { .. });
                self.remove.push(Removal { path, entry: Some(entry), is_dir });
            }
        }
    }

    fn order(&mut self) {
        let ways: BTreeSet<RelPath> = self.clear.iter().map(|removal| removal.path.clone()).collect();
        let (early, late): (Vec<_>, Vec<_>) = std::mem::take(&mut self.remove)
            .into_iter()
            .partition(|removal| is_within(&removal.path, |at| ways.contains(at)));
        self.clear.extend(early);
        self.remove = late;
        for list in [&mut self.clear, &mut self.remove] {
            list.sort_by_key(|removal| std::cmp::Reverse(removal.path.depth()));
        }
        self.dirs.sort_by_key(|dir| dir.path.depth());
    }
}

/// Lists of `copies`, in which a name that was in conflict itself comes after the copies that are made of it.
fn in_turn(mut copies: Vec<Take>, conflicts: &BTreeMap<RelPath, BTreeSet<RelPath>>) -> Vec<Vec<Take>> {
    let mut turns = Vec::new();
    while !copies.is_empty() {
        let left: BTreeSet<RelPath> = copies.iter().map(|take| take.path.clone()).collect();
        let waits = |take: &Take| conflicts.get(&take.path).is_some_and(|kept| !kept.is_disjoint(&left));
        let (later, next): (Vec<_>, Vec<_>) = copies.into_iter().partition(waits);
        // Names get longer from copy to copy. Should that ever come round, it must end all the same.
        let (later, next) = if next.is_empty() { (next, later) } else { (later, next) };
        turns.push(next);
        copies = later;
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Index;
    use crate::scan::Found;
    use crate::testing::{file, path, scan_of};

    const DIR: Found = Found::Dir { mode: 0o755 };

    /// The plan of a folder that holds `before` and must hold what another makes of it.
    fn planned<const N: usize, const M: usize>(
        before: [(&str, Found); N],
        after: [(&str, Found); M],
        blocked: &[&str],
    ) -> Plan {
        let mut index = Index::new().unwrap();
        index.observe(&scan_of(before));
        let local = index.entries().clone();
        index.observe(&scan_of(after));
        let merged = Merged { entries: (**index.entries()).clone(), conflicts: BTreeMap::new() };
        plan(&local, &merged, &blocked.iter().map(|name| path(name)).collect())
    }

    fn removals(list: &[Removal]) -> Vec<String> {
        list.iter().map(|removal| removal.path.to_string()).collect()
    }

    #[test]
    fn nothing_to_do() {
        let plan = planned([("a", file("1")), ("d", DIR)], [("a", file("1")), ("d", DIR)], &[]);
        assert_eq!((plan.amount(), plan.adopt.len()), ((0, 0), 0));
    }

    #[test]
    fn a_directory_makes_room_for_a_file_inside_out() {
        let plan = planned(
            [("d", DIR), ("d/e", DIR), ("d/e/x", file("1")), ("old", file("2"))],
            [("d", file("3"))],
            &[],
        );
        assert_eq!(removals(&plan.clear), ["d/e/x", "d/e", "d"]);
        assert_eq!(removals(&plan.remove), ["old"]);
        assert!(!plan.files[0].replaces);
    }

    #[test]
    fn a_file_makes_room_for_a_directory() {
        let plan = planned([("d", file("1"))], [("d", DIR), ("d/x", file("2"))], &[]);
        assert_eq!(removals(&plan.clear), ["d"]);
        assert!(!plan.dirs[0].exists && plan.files.len() == 1);
    }

    #[test]
    fn copies_come_first_and_touching_moves_no_content() {
        let (Found::File(mut node, stamp), name) = (file("1"), "x (conflict 0123456789ab)") else { panic!() };
        node.mode = 0o600;
        let plan = planned(
            [("a", file("1"))],
            [("a", Found::File(node, stamp)), (name, file("2")), ("b", file("3"))],
            &[],
        );
        assert_eq!((plan.copies.len(), plan.files.len(), plan.touch.len()), (1, 1, 1));
        assert_eq!(plan.amount(), (2, 2));
    }

    #[test]
    fn what_loses_the_name_of_a_copy_is_kept_before_that_name_is_given_away() {
        let (once, twice) =
            (path("x (conflict 0123456789ab)"), path("x (conflict 0123456789ab) (conflict 0123456789ab)"));
        let mut index = Index::new().unwrap();
        index.observe(&scan_of([("x", file("3")), ("x (conflict 0123456789ab)", file("2"))]));
        let mut merged = Merged { entries: (**index.entries()).clone(), conflicts: BTreeMap::new() };
        merged.entries.insert(twice.clone(), merged.entries[&path("x")].clone());
        merged.conflicts.insert(path("x"), [once.clone()].into());
        merged.conflicts.insert(once.clone(), [twice.clone()].into());
        let plan = plan(&Entries::new(), &merged, &BTreeSet::new());
        let turns: Vec<Vec<&RelPath>> =
            plan.copies.iter().map(|turn| turn.iter().map(|take| &take.path).collect()).collect();
        assert_eq!(turns, [[&twice], [&once]]);
        assert_eq!(plan.files.len(), 1);
    }

    #[test]
    fn what_is_blocked_stays_and_so_does_the_directory_that_holds_it() {
        let plan =
            planned([("d", DIR), ("d/x", file("1")), ("e", file("1"))], [("e", file("2"))], &["d/link", "e"]);
        assert_eq!(plan.blocked, [path("d"), path("e")]);
        assert_eq!(removals(&plan.remove), ["d/x"]);
    }
}
