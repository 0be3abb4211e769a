//! A folder in memory, and what its peer does with it: as [`Peer`](crate::actors::peer::Peer) on a disk, a step at a time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, LazyLock};

use crate::chunk::{ChunkHash, ContentId};
use crate::conflict;
use crate::index::{Entry, FileNode, Index, Node, Snapshot, Stamp};
use crate::path::RelPath;
use crate::plan::{Dir, Plan, Removal, Take};
use crate::scan::{Found, Scan};

/// Any will do: in memory a file is looked at itself.
static STAMP: LazyLock<Stamp> = LazyLock::new(|| Stamp::of(&std::fs::metadata("/").unwrap()));

/// What is at a path of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Dir { mode: u32 },
    File(FileNode, Arc<str>),
}

pub(super) struct Peer {
    pub(super) index: Index,
    /// The index as it is on the disk; the others see this one.
    pub(super) saved: Index,
    pub(super) files: BTreeMap<RelPath, Item>,
    pub(super) state: State,
}

/// Where a peer is in its round.
pub(super) enum State {
    Idle,
    /// It has asked all others.
    Waits {
        until: u64,
        answers: Vec<(usize, Snapshot)>,
    },
    Works(Work),
}

/// The rest of a plan.
pub(super) struct Work {
    steps: VecDeque<Step>,
    /// Those whose indexes it follows from.
    pub(super) sources: Vec<usize>,
    conflicts: BTreeSet<RelPath>,
    /// Where a copy could not be kept, nothing is changed.
    unsafe_dirs: BTreeSet<Option<RelPath>>,
    pub(super) done: usize,
}

pub(super) enum Step {
    Copy(Take),
    /// All copies are there.
    Show,
    Adopt(RelPath, Entry),
    Make(Dir),
    Place(Take),
    Touch(Take),
    Remove(Removal),
}

impl Work {
    pub(super) fn new(plan: Plan, conflicts: BTreeSet<RelPath>, sources: Vec<usize>) -> Self {
        let Plan { adopt, copies, clear, dirs, files, touch, remove, blocked } = plan;
        assert!(blocked.is_empty());
        let show = (!copies.is_empty()).then_some(Step::Show);
        let steps = copies
            .into_iter()
            .flatten()
            .map(Step::Copy)
            .chain(show)
            .chain(adopt.into_iter().map(|(path, entry)| Step::Adopt(path, entry)))
            .chain(clear.into_iter().map(Step::Remove))
            .chain(dirs.into_iter().map(Step::Make))
            .chain(files.into_iter().map(Step::Place))
            .chain(touch.into_iter().map(Step::Touch))
            .chain(remove.into_iter().map(Step::Remove));
        Self { steps: steps.collect(), sources, conflicts, unsafe_dirs: BTreeSet::new(), done: 0 }
    }

    /// The next step that may be taken.
    pub(super) fn next(&mut self) -> Option<Step> {
        loop {
            let step = self.steps.pop_front()?;
            let path = match &step {
                Step::Show => return Some(step),
                Step::Copy(take) if !self.conflicts.contains(&take.path) => return Some(step),
                Step::Adopt(path, _) => path,
                Step::Make(dir) => &dir.path,
                Step::Copy(take) | Step::Place(take) | Step::Touch(take) => &take.path,
                Step::Remove(removal) => &removal.path,
            };
            if !self.unsafe_dirs.contains(&path.parent()) {
                return Some(step);
            }
        }
    }

    pub(super) fn ended(&mut self, step: &Step, is_taken: bool) {
        match step {
            _ if is_taken => self.done += 1,
            Step::Copy(take) => drop(self.unsafe_dirs.insert(take.path.parent())),
            _ => {}
        }
    }
}

impl Peer {
    pub(super) fn new(id: [u8; 16]) -> Self {
        let index = Index::of(id);
        Self { saved: index.clone(), index, files: BTreeMap::new(), state: State::Idle }
    }

    /// Sees what users have done, and shows it.
    pub(super) fn look(&mut self) {
        let found = self.files.iter().map(|(path, item)| {
            let found = match item {
                Item::Dir { mode } => Found::Dir { mode: *mode },
                Item::File(file, _) => Found::File(file.clone(), *STAMP),
            };
            (path.clone(), found)
        });
        let scan = Scan { found: found.collect(), ..Scan::default() };
        self.index.observe(&scan);
        self.save();
    }

    pub(super) fn save(&mut self) {
        self.saved = self.index.clone();
    }

    /// It is made anew, with the index that it saved last. What it did since is done.
    pub(super) fn crash(&mut self) {
        self.index = self.saved.clone();
        self.state = State::Idle;
    }

    /// Its state is damaged, and made anew from the files: it is somebody else now, to whom all of them are new.
    pub(super) fn forget(&mut self, id: [u8; 16]) {
        *self = Self { files: std::mem::take(&mut self.files), ..Self::new(id) };
    }

    /// The bytes of a content, for another peer, or for another path of this folder: if they are still where the index has them.
    pub(super) fn read(&self, index: &Index, content: ContentId) -> Option<Arc<str>> {
        let holds = |node: &Node| node.file().is_some_and(|file| file.content == content);
        let (path, _) = index.entries().iter().rfind(|(_, entry)| holds(&entry.node))?;
        match self.files.get(path)? {
            Item::File(_, bytes) if ChunkHash::of(bytes.as_bytes()) == content.only_chunk() => {
                Some(Arc::clone(bytes))
            }
            _ => None,
        }
    }

    /// Takes a step that needs nothing of others, or for which `bytes` are there, if it can be taken.
    pub(super) fn step(&mut self, step: &Step, bytes: Option<Arc<str>>) -> bool {
        match step {
            Step::Show => {
                self.save();
                true
            }
            Step::Adopt(path, entry) => self.note(path, entry),
            Step::Copy(take) | Step::Place(take) => {
                let expected = if take.replaces { self.file_at(&take.path) } else { None };
                let bytes = bytes.filter(|_| self.is_as_expected(&take.path, expected.as_ref()));
                bytes.is_some_and(|bytes| {
                    self.put(&take.path, &take.entry, Item::File(take.file.clone(), bytes))
                })
            }
            Step::Touch(take) => {
                let expected = self.file_at(&take.path);
                let is_same = expected.is_some() && self.is_as_expected(&take.path, expected.as_ref());
                match self.files.get(&take.path) {
                    Some(Item::File(_, bytes)) if is_same => {
                        let item = Item::File(take.file.clone(), Arc::clone(bytes));
                        self.put(&take.path, &take.entry, item)
                    }
                    _ => false,
                }
            }
            Step::Make(dir) => {
                let is_dir = matches!(self.files.get(&dir.path), Some(Item::Dir { .. }));
                let may = if dir.exists { is_dir } else { self.is_as_expected(&dir.path, None) };
                may && self.put(&dir.path, &dir.entry, Item::Dir { mode: dir.mode })
            }
            Step::Remove(removal) => self.remove(removal),
        }
    }

    fn put(&mut self, path: &RelPath, entry: &Entry, item: Item) -> bool {
        self.files.insert(path.clone(), item);
        self.note(path, entry)
    }

    fn note(&mut self, path: &RelPath, entry: &Entry) -> bool {
        self.index.set(path, entry.clone(), None);
        true
    }

    fn remove(&mut self, removal: &Removal) -> bool {
        let path = &removal.path;
        let may = match self.files.get(path) {
            Some(Item::Dir { .. }) => {
                removal.is_dir && !self.files.keys().any(|at| at.ancestors().any(|dir| dir == *path))
            }
            Some(Item::File(..)) => !removal.is_dir && self.is_as_expected(path, self.file_at(path).as_ref()),
            None => false,
        };
        if may {
            self.files.remove(path);
            if let Some(tombstone) = &removal.entry {
                self.note(path, tombstone);
            }
        }
        may
    }

    /// The file that the index says is there.
    fn file_at(&self, path: &RelPath) -> Option<FileNode> {
        self.index.entries().get(path)?.node.file().cloned()
    }

    /// Directories above, and there what was seen there: a file, or nothing.
    fn is_as_expected(&self, path: &RelPath, expected: Option<&FileNode>) -> bool {
        let is_below_dirs =
            path.ancestors().all(|dir| matches!(self.files.get(&dir), Some(Item::Dir { .. })));
        is_below_dirs
            && match (self.files.get(path), expected) {
                (None, None) => true,
                (Some(Item::File(now, _)), Some(expected)) => now == expected,
                _ => false,
            }
    }
}

/// The path that a conflict copy was made of, or the path itself.
pub(super) fn origin(path: &RelPath) -> RelPath {
    let mut name = path.clone();
    while conflict::is_copy(&name) {
        let text = name.to_string();
        let (stem, rest) = text.rsplit_once(" (conflict ").unwrap();
        let ending = rest.split_once(')').unwrap().1;
        name = RelPath::new(format!("{stem}{ending}")).unwrap();
    }
    name
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Copy(take) => write!(f, "keeps {}", take.path),
            Self::Show => f.write_str("shows what it keeps"),
            Self::Adopt(path, _) => write!(f, "adopts {path}"),
            Self::Make(dir) => write!(f, "makes {}", dir.path),
            Self::Place(take) => write!(f, "places {}", take.path),
            Self::Touch(take) => write!(f, "touches {}", take.path),
            Self::Remove(removal) => write!(f, "removes {}", removal.path),
        }
    }
}
